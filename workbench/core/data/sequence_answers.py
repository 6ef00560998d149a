"""Series that come later: their windows as a trained model takes them, what is known of the answers, and the vote of
all windows of a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import DataError
from workbench.core.project import CsvOptions, DataSpec

from .answer import Answer
from .dataset import Marks, SeriesData, TableData
from .preprocess import Preprocessor
from .sequence_plan import raw_targets
from .sequence_windows import Cuts, FittedSequence, channel_places, cut
from .series_folder import load_one, load_series, looks_like_series
from .series_options import NONE
from .series_table import load_series_table


@dataclass(frozen=True)
class Vote:
    """What the windows of one series say together. share: of its windows that say so. value: the mean probability of
    the class; where numbers are answered their mean, or, of a forecast, what comes after the end of the series."""

    series: str
    answer: str
    share: float
    value: float
    windows: int


def fitted_of(preprocessor: Preprocessor) -> FittedSequence:
    """How the model's windows are made. It must be a model of series."""
    assert preprocessor.sequence is not None
    return preprocessor.sequence


def later_cuts(preprocessor: Preprocessor, data: SeriesData, answered: bool) -> Cuts:
    """The windows of series to be answered; answered: only those whose true answer lies within the series.

    Raises:
        FeatureError: a channel is absent. DataError: no series has a window.
    """
    fitted = fitted_of(preprocessor)
    channel_places(data, fitted.channels)
    feature = replace(fitted.feature, without=(), pad="repeat" if fitted.feature.pad == "drop" else fitted.feature.pad)
    cuts = cut(data, feature, None if answered else 0)
    if feature.horizon and not answered:
        cuts = _to_the_end(cuts, feature.length)
    if not len(cuts):
        raise DataError("The series have no steps.", where=data.title, remedy="Use series with at least one step.")
    return cuts


def _to_the_end(cuts: Cuts, length: int) -> Cuts:
    """With one more window where the last one of a series ends before its last step: what comes next is asked."""
    if not len(cuts):
        return cuts
    last = np.append(np.flatnonzero(np.diff(cuts.series)), len(cuts) - 1)
    final = cuts.steps[cuts.series[last]] - length
    more = last[cuts.starts[last] < final]
    at = more + 1
    return Cuts(
        np.insert(cuts.series, at, cuts.series[more]),
        np.insert(cuts.starts, at, cuts.steps[cuts.series[more]] - length),
        cuts.steps,
    )


def known_answers(preprocessor: Preprocessor, data: SeriesData, cuts: Cuts) -> np.ndarray[Any, Any] | None:
    """y of every window as the model learns it, int32 (n,), -1 unknown, or float32 (n, 1), NaN; None when the data does
    not tell. Windows whose answer would lie behind the end of their series have none."""
    fitted, target = fitted_of(preprocessor), preprocessor.target
    assert target is not None
    feature = fitted.feature
    place = {name: i for i, name in enumerate(target.classes)}
    if feature.predict == "class":
        if not data.classes:
            return None
        table = np.asarray([*(place.get(name, -1) for name in data.classes), -1], np.int32)
        return np.asarray(table[data.labels[cuts.series]], np.int32)
    if feature.target not in data.marks and feature.target not in data.channels:
        return None
    inside = cuts.starts + feature.length + feature.horizon <= cuts.steps[cuts.series]
    values = np.full(len(cuts), np.nan)
    known = Cuts(cuts.series[inside], cuts.starts[inside], cuts.steps)
    if len(known):
        values[inside] = raw_targets(data, feature, known)[1]
    if target.task != "classification":
        return ((values - target.offset) / target.scale).astype(np.float32)[:, None]
    names = data.marks[feature.target].classes if feature.target in data.marks else ()
    table = np.asarray([*(place.get(name, -1) for name in names), -1], np.int32)
    return np.asarray(table[np.where(np.isnan(values), -1, values).astype(int)], np.int32)


def load_later(preprocessor: Preprocessor, path: Path, csv: CsvOptions | None = None) -> SeriesData:
    """Series to be answered, read as those the model was trained on: a file, a folder, or a long table.

    Raises:
        DataError: it holds none.
    """
    fitted = fitted_of(preprocessor)
    options = {k: v for k, v in fitted.reading.items() if k in ("time", "rate") and v}
    given = csv or fitted.csv
    if path.is_dir():
        names = _given_names(fitted)
        reading = {k: v for k, v in fitted.reading.items() if k in ("time", "class", "group", "rate") and v}
        if looks_like_series(path):
            return _tolerant(path, given, {**reading, **names})
        return load_series(path, given, {**options, **names, "class": NONE, "group": NONE})
    if fitted.source == "series_table":
        return load_series_table(read_table(path, given), table_options(fitted, path, given), None, path.name)
    return _alike(fitted, path, given, {**options, **_given_names(fitted)})


def _alike(fitted: FittedSequence, path: Path, given: CsvOptions, options: Mapping[str, Any]) -> SeriesData:
    """One file, written like the training files or otherwise; where those have no header, with as many columns."""
    try:
        data = load_one(path, given, options)
    except DataError:
        data = load_one(path, CsvOptions(), options)
    names = fitted.reading.get("names") or ()
    if not fitted.reading.get("header", True) and len(data.columns) != len(names):
        raise DataError(
            f"The file has {len(data.columns):,} columns, and the series the model was trained on have {len(names):,}.",
            where=path.name,
            remedy="Use a file with the same columns in the same order.",
        )
    return data


def only_series(data: SeriesData, numbers: np.ndarray[Any, Any]) -> SeriesData:
    """Those series alone, in that order."""
    steps = np.concatenate([np.arange(data.starts[i], data.starts[i + 1]) for i in numbers] or [np.zeros(0, np.int64)])
    return replace(
        data,
        values=data.values[steps],
        starts=np.concatenate([[0], np.cumsum(data.lengths()[numbers])]).astype(np.int64),
        names=[data.name(int(i)) for i in numbers],
        labels=data.labels[numbers],
        parts=data.parts[numbers],
        group=None if data.group is None else data.group[numbers],
        times=None if data.times is None else data.times[steps],
        marks={name: Marks(m.classes, m.codes[steps]) for name, m in data.marks.items()},
        report=replace(data.report, rows=len(numbers), fingerprint=f"{data.report.fingerprint} {numbers.tolist()}"),
    )


def _tolerant(path: Path, given: CsvOptions, reading: Mapping[str, Any]) -> SeriesData:
    """A folder that is read as the training data was, but for what its files do not tell."""
    try:
        return load_series(path, given, reading)
    except DataError as error:
        if error.where not in ("group", "class"):
            raise
        return load_series(path, given, {**reading, error.where: "" if error.where == "class" else NONE})


def _given_names(fitted: FittedSequence) -> dict[str, Any]:
    names = fitted.reading.get("names")
    return {"names": list(names)} if names and not fitted.reading.get("header") else {}


def read_table(path: Path, csv: CsvOptions) -> TableData:
    """A long table of any kind that is one. DataError when it is none."""
    from .sources import guess_source, load

    spec = guess_source(path)
    found = load(replace(spec, csv=csv) if spec.source == "csv" else spec)
    if not isinstance(found, TableData):
        raise DataError("This is no table.", where=path.name, remedy="Use a table like the one it was trained on.")
    return found


def table_options(fitted: FittedSequence, path: Path, csv: CsvOptions) -> dict[str, Any]:
    """The training table's columns, as far as this one has them: new series need not say their class or group."""
    names = {str(c) for c in read_table(path, csv).frame.columns}
    return {k: v if v in (*names, NONE) else NONE for k, v in fitted.reading.items() if k in _COLUMNS} | {
        "rate": fitted.reading.get("rate") or 0.0
    }


_COLUMNS = ("series", "time", "class", "group")


def votes(data: SeriesData, cuts: Cuts, answer: Answer, horizon: int = 0) -> tuple[Vote, ...]:
    """For each series that has windows: the class with the largest mean probability, the mean of the numbers, or, of a
    forecast (`horizon` above 0), the answer of the last window."""
    made = []
    for i in np.unique(cuts.series).tolist():
        own = np.flatnonzero(cuts.series == i)
        if answer.probabilities is None:
            assert answer.values is not None
            value = float(answer.values[own[-1]]) if horizon else float(np.mean(answer.values[own]))
            made.append(Vote(data.name(i), f"{value:.6g}", 1.0, value, len(own)))
            continue
        mean_p = answer.probabilities[own].mean(axis=0)
        best = int(np.argmax(mean_p))
        share = float(np.mean([answer.labels[j] == answer.classes[best] for j in own]))
        made.append(Vote(data.name(i), answer.classes[best], share, float(mean_p[best]), len(own)))
    return tuple(made)


def last_value_error(preprocessor: Preprocessor, x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> float | None:
    """How far off saying the last known value again would be on average, in the target's units: what a forecast has to
    beat. None where it is none, or its target is no input.

    Args:
        x: windows as prepared, (n, length, channels). y: their targets as prepared, (n, 1).
    """
    fitted, target = preprocessor.sequence, preprocessor.target
    if fitted is None or target is None or target.classes or fitted.feature.target not in fitted.channels or not len(x):
        return None
    place = fitted.channels.index(fitted.feature.target)
    last = np.asarray(x[:, -1, place], np.float64) * fitted.scale[place] + fitted.offset[place]
    return float(np.abs(last - preprocessor.unscale(np.asarray(y)[:, 0])).mean())


def vote_words(vote: Vote, classes: bool, horizon: int = 0) -> str:
    """One sentence."""
    if horizon and not classes:
        return f"{vote.series}: {vote.answer}, {horizon:,} step{'s' * (horizon != 1)} after its end."
    if not classes:
        return f"{vote.series}: {vote.answer} on average over {_windows(vote.windows)}."
    if vote.windows == 1:
        return f"{vote.series}: {vote.answer} ({vote.value:.0%}, one window)."
    agree = round(vote.share * vote.windows)
    return f"{vote.series}: {vote.answer}, {agree} of {_windows(vote.windows)} (mean probability {vote.value:.0%})."


def _windows(count: int) -> str:
    return f"{count:,} window{'s' * (count != 1)}"


def window_names(data: SeriesData, cuts: Cuts, rows: Sequence[int] | np.ndarray[Any, Any], length: int) -> list[str]:
    """ "walk-f1.txt, steps 0 to 127" for each; steps as the model sees them, after resampling."""
    made = []
    for row in np.asarray(rows).tolist():
        first = max(0, int(cuts.starts[row]))
        last = int(cuts.starts[row]) + length - 1
        made.append(f"{data.name(int(cuts.series[row]))}, steps {first} to {last}")
    return made


def spec_for(trained_on: DataSpec | None) -> CsvOptions | None:
    """What the person set for reading the training data."""
    return trained_on.csv if trained_on is not None and trained_on.csv != CsvOptions() else None
