"""Series without a window: how they are read as the options say, what is predicted, and the answers to later ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.data.dataset import SeriesData
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.sequence_answers import (
    fitted_of,
    later_cuts,
    load_later,
    spec_for,
    vote_words,
    votes,
)
from workbench.core.data.sequence_windows import windows
from workbench.core.data.series_options import NONE
from workbench.core.data.series_table import series_columns
from workbench.core.data.sources import load
from workbench.core.errors import DataError, FeatureError
from workbench.core.project import DataSpec, Json, Project, SequenceFeature

SERIES = ("series", "time", "series_class", "group", "rate")
SHOWN_VOTES = 20

Inputs = dict[str, np.ndarray[Any, Any]]
Say = Callable[[float, str], None]


def as_series(spec: DataSpec, wishes: Mapping[str, Any]) -> DataSpec:
    """`spec` read as series over time, when that is wished or an option of series is given; else as it is.

    Raises:
        DataError: it is neither a folder of series nor a table.
    """
    given = {k: wishes.get(k) for k in SERIES if wishes.get(k) is not None}
    if wishes.get("read_as") != "series" and not given:
        return spec
    if spec.source not in ("series", "series_table", "csv", "excel", "parquet", "json", "arff"):
        raise DataError("Only tables and folders of text files hold series.", where="--as", remedy="Leave it out.")
    if spec.source not in ("series", "series_table"):
        found = series_columns(load(spec).frame) if "series" not in given else {}  # type: ignore[union-attr]
        spec = replace(
            spec, source="series_table", params={**spec.params, **found, "table": spec.source}, fingerprint=""
        )
    params: dict[str, Json] = {}
    for key, value in given.items():
        name = "class" if key == "series_class" else key
        params[name] = NONE if value in ("none", NONE) else value
    return replace(spec, params={**spec.params, **params}, fingerprint="") if params else spec


def with_wishes(project: Project, data: SeriesData, target: str, task: str, wishes: Mapping[str, Any]) -> Project:
    """The project with the windows, the split and the target as wished; the rest is proposed.

    Raises:
        DataError: there is no such column to predict, or the task does not fit.
    """
    sequence = project.features.sequence
    if wishes.get("window"):
        sequence = replace(sequence, length=int(wishes["window"]))
    if wishes.get("stride"):
        sequence = replace(sequence, stride=int(wishes["stride"]))
    sequence = _aimed(sequence, data, target, wishes.get("ahead"))
    if task == "regression" and (sequence.predict != "column" or sequence.target in data.marks) and target:
        raise DataError("What is predicted is a class here.", where=target or "--task", remedy="Leave out --task.")
    features = replace(project.features, sequence=sequence, task="auto")
    return replace(project, features=features)


def _aimed(sequence: SequenceFeature, data: SeriesData, target: str, ahead: int | None) -> SequenceFeature:
    if not target:
        return sequence if ahead is None else replace(sequence, predict="column", horizon=ahead)
    if target in (data.label, "class") and data.classes and target not in data.channels:
        return replace(sequence, predict="class", target="", horizon=0)
    if target in data.marks or target in data.channels:
        usual = 0 if target in data.marks else 1
        return replace(sequence, predict="column", target=target, horizon=usual if ahead is None else ahead)
    known = [*(["class"] if data.classes else []), *data.marks, *data.channels]
    raise DataError(f'There is no column "{target}".', where="--target", remedy=f"Choose one of: {', '.join(known)}.")


def new_series(preprocessor: Preprocessor, data: str, trained_on: DataSpec | None) -> SeriesData:
    """Series to be answered: a file, a folder or a long table. Raises DataError."""
    place = Path(data).expanduser()
    if not place.exists():
        raise DataError("It is not there.", where=data, remedy="Name a file or a folder.")
    return load_later(preprocessor, place.absolute(), spec_for(trained_on))


def series_answers(
    preprocessor: Preprocessor,
    data: SeriesData,
    ask: Callable[[Inputs], np.ndarray[Any, Any]],
    input_name: str,
    raw: bool,
    say: Say | None,
) -> tuple[tuple[str, ...], tuple[Any, ...], tuple[str, ...]]:
    """(header, columns, notes): a row a window, with the vote of its whole series beside it.

    Args:
        ask: gives the model's answer to {input: windows}. raw: the model takes windows in their own units, and answers
            in the person's (an exported file).
    """
    from workbench.core.data.answer import Answer

    cuts = later_cuts(preprocessor, data, answered=False)
    fitted = fitted_of(preprocessor)
    found = []
    done = 0
    for rows, x in windows(data, cuts, np.arange(len(cuts)), fitted, raw):
        found.append(np.asarray(ask({input_name: x})))
        done += len(rows)
        if say is not None:
            say(done / len(cuts), f"{done:,} of {len(cuts):,} windows answered")
    y = np.concatenate(found)
    target = preprocessor.target
    if target is None:
        raise FeatureError("No target is chosen.", where="features", remedy="Choose what to predict.")
    if raw and target.task == "regression":
        answer = Answer(target.name, values=np.asarray(y, np.float64).ravel())
    else:
        answer = preprocessor.decode(y)
    horizon = fitted.feature.horizon
    said = votes(data, cuts, answer, horizon)
    by_name = {vote.series: vote for vote in said}
    names = [data.name(int(i)) for i in cuts.series]
    first = np.maximum(cuts.starts, 0)
    last = cuts.starts + fitted.feature.length - 1
    notes = [vote_words(vote, answer.probabilities is not None, horizon) for vote in said[:SHOWN_VOTES]]
    if len(said) > SHOWN_VOTES:
        notes.append(f"{len(said) - SHOWN_VOTES:,} more series: see the column vote.")
    notes += [f"{item.where}: {item.what}" for item in data.report.bad[:5]]
    vote = [by_name[name].answer for name in names]
    if answer.values is not None:
        values = np.array([float(f"{value:.8g}") for value in answer.values])
        return ("series", "first", "last", answer.target), (names, first, last, values), tuple(notes)
    assert answer.probabilities is not None
    best = answer.probabilities.max(axis=1)
    header = ("series", "first", "last", answer.target, "probability", "vote", *(f"p({n})" for n in answer.classes))
    columns = (names, first, last, np.array(answer.labels, object), best, vote, *answer.probabilities.T)
    return header, columns, tuple(notes)
