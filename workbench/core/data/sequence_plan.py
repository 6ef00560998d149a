"""Deciding the prepared windows: which part each is in, its target, and what is fitted on the training part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.facts import TargetFacts
from workbench.core.project import DataSpec, Features, Project, SequenceFeature

from .dataset import SeriesData
from .preprocess import Preprocessor
from .sequence_propose import propose_sequences
from .sequence_split import split_series
from .sequence_windows import Cuts, FittedSequence, channel_places, cut, even, filled
from .series_profile import profile_series
from .split import Rows

_SCALES = ("standard", "minmax", "robust", "none")


@dataclass(frozen=True, eq=False)
class SeriesPlan:
    """rows: window numbers of each part. labels: y of every window, int32 (n,), -1 unknown, or float32 (n, 1), NaN.
    cuts: the windows. complete features. excluded: windows in no part. notes: one sentence each."""

    features: Features
    preprocessor: Preprocessor
    rows: Mapping[str, Rows]
    labels: np.ndarray[Any, Any]
    cuts: Cuts
    excluded: int
    notes: tuple[str, ...]


def plan_series(project: Project, data: SeriesData) -> SeriesPlan:
    """Raises FeatureError when windows, target or split do not fit the data."""
    features = project.features
    if not is_complete(features):
        features = propose_sequences(profile_series(data), features, data.parts)
    sequence = features.sequence
    check(sequence)
    places = channel_places(data, sequence.channels)
    if sequence.predict == "column" and sequence.horizon == 0 and sequence.target in sequence.channels:
        raise FeatureError(
            f'"{sequence.target}" is an input and the target at the same moment, so the answer is known beforehand.',
            where="features",
            remedy="Predict it some steps ahead, or leave it out of the channels.",
        )
    cuts = cut(data, sequence)
    if not len(cuts):
        longest = int(cuts.steps.max(initial=0))
        if {data.name(i) for i in range(len(data))} <= set(sequence.without):
            raise FeatureError("All series are left out.", where="features", remedy="Take some of them back in.")
        ahead = f" and its target {sequence.horizon:,} steps later" if sequence.horizon else ""
        raise FeatureError(
            f"No series is long enough for a window of {sequence.length:,} steps{ahead}; the longest has {longest:,}.",
            where="features",
            remedy="Use shorter windows, or let short series be padded.",
        )
    target, values = raw_targets(data, sequence, cuts)
    classes = data.classes if sequence.predict == "class" else _marks_classes(data, sequence)
    usable = values >= 0 if classes or sequence.predict == "class" else ~np.isnan(values)
    _check_target(values, usable, classes, target)
    assert features.split is not None
    parted, straddling = split_series(data, features.split, sequence, cuts, values, usable, bool(classes))
    rows = dict(parted.rows)
    notes = _notes(data, sequence, cuts, usable, straddling)
    if not len(rows["train"]):
        raise FeatureError("No window is left for training.", where="split", remedy="Give train a larger share.")
    facts, labels = _encoded(values, classes, target, rows["train"])
    if classes:
        notes += _absent(classes, labels[rows["train"]])
    offset, scale = fit_scale(data, places, sequence, rows["train"], cuts)
    spec = project.data or DataSpec("series", "")
    fitted = FittedSequence(
        sequence,
        sequence.channels,
        offset,
        scale,
        spec.source,
        dict(data.options),
        data.report.options or spec.csv,
    )
    preprocessor = Preprocessor("sequences", target=facts, sequence=fitted)
    excluded = len(cuts) - sum(len(r) for r in rows.values())
    return SeriesPlan(features, preprocessor, rows, labels, cuts, excluded, tuple(notes))


def is_complete(features: Features) -> bool:
    """Whether nothing is left to be proposed."""
    sequence = features.sequence
    decided = sequence.length > 0 and sequence.stride > 0 and sequence.predict != "auto" and sequence.rate != 0.0
    known = bool(sequence.channels) and sequence.missing != "auto"
    return decided and known and features.split is not None and features.task in ("classification", "regression")


def check(sequence: SequenceFeature) -> None:
    """Raises FeatureError when a setting is none."""
    for what, value, known in (
        ("scale", sequence.scale, _SCALES),
        ("way of padding", sequence.pad, ("repeat", "mean", "drop")),
        ("way to fill missing values", sequence.missing, ("linear", "forward", "mean")),
    ):
        if value not in known:
            remedy = f"Use one of: {', '.join(known)}."
            raise FeatureError(f'There is no {what} called "{value}".', where="features", remedy=remedy)
    if not 1 <= sequence.length <= 100_000 or sequence.stride < 1 or not 0 <= sequence.horizon <= 100_000:
        raise FeatureError(
            f"Windows of {sequence.length:,} steps, one every {sequence.stride:,}, cannot be made.",
            where="features",
            remedy="Use a length from 1 to 100,000 and a stride of 1 or more.",
        )


# ---- targets -----------------------------------------------------------------------------------------------------


def _marks_classes(data: SeriesData, sequence: SequenceFeature) -> tuple[str, ...]:
    return data.marks[sequence.target].classes if sequence.target in data.marks else ()


def raw_targets(
    data: SeriesData, sequence: SequenceFeature, cuts: Cuts
) -> tuple[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """(what the target is called, float64 (windows,)): class numbers, -1 unknown, or values, NaN where missing."""
    if sequence.predict == "class":
        return data.label, data.labels[cuts.series].astype(np.float64)
    name = sequence.target
    marks = data.marks.get(name)
    if marks is None and name not in data.channels:
        raise FeatureError(
            f'There is no column "{name}" to predict.', where="features", remedy="Choose what is to be predicted."
        )
    out = np.full(len(cuts), np.nan)
    edges = np.flatnonzero(np.diff(cuts.series, prepend=-1, append=-1))
    for a, b in pairwise(edges.tolist()):
        i = int(cuts.series[a])
        ends = cuts.starts[a:b] + sequence.length - 1 + sequence.horizon
        values, last = even(data, i, sequence)
        if marks is not None:
            out[a:b] = marks.codes[data.starts[i] : data.starts[i + 1]][last[ends]]
        else:
            out[a:b] = values[ends, data.channels.index(name)]
    return name, out


def _check_target(values: np.ndarray[Any, Any], usable: np.ndarray[Any, Any], classes: Any, target: str) -> None:
    known = np.unique(values[usable])
    if len(known) >= 2:
        return
    where = "data" if classes else f'"{target}"'
    if not len(known):
        what = "No series has a class." if classes or target == "class" else "No window has a value to learn from."
        raise FeatureError(what, where=where, remedy="Choose something else to predict.")
    shown = classes[int(known[0])] if classes else f"{known[0]:g}"
    raise FeatureError(
        f'All windows have the same answer ("{shown}"), so there is nothing to learn.',
        where=where,
        remedy="Choose something else to predict, or open the folder that holds one folder for each class.",
    )


def _encoded(
    values: np.ndarray[Any, Any], classes: tuple[str, ...], target: str, train: Rows
) -> tuple[TargetFacts, np.ndarray[Any, Any]]:
    if classes:
        return TargetFacts(target, "classification", classes), np.where(values >= 0, values, -1).astype(np.int32)
    own = values[train]
    offset, scale = float(own.mean()), float(own.std())
    scale = scale if scale > 0 and np.isfinite(scale) else 1.0
    return TargetFacts(target, "regression", (), scale, offset), ((values - offset) / scale).astype(np.float32)[:, None]


def _absent(classes: tuple[str, ...], train: np.ndarray[Any, Any]) -> list[str]:
    seen = set(np.unique(train).tolist())
    absent = [c for i, c in enumerate(classes) if i not in seen]
    return [f"No training series shows {', '.join(absent[:5])}{' …' if len(absent) > 5 else ''}."] if absent else []


# ---- fitting -----------------------------------------------------------------------------------------------------


def fit_scale(
    data: SeriesData, places: list[int], sequence: SequenceFeature, train: Rows, cuts: Cuts
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(offset, scale) of each channel over the steps that training windows cover, each step counted once.

    standard: mean and deviation; minmax: least value and range; robust: median and the range of the middle half.
    """
    if sequence.scale == "none":
        return (0.0,) * len(places), (1.0,) * len(places)
    pieces = []
    for i in np.unique(cuts.series[train]).tolist():
        mine = train[cuts.series[train] == i]
        values = filled(even(data, int(i), sequence)[0][:, places], sequence.missing)
        covered = np.zeros(len(values) + 1, np.int64)
        np.add.at(covered, np.maximum(cuts.starts[mine], 0), 1)
        np.add.at(covered, np.minimum(cuts.starts[mine] + sequence.length, len(values)), -1)
        pieces.append(values[np.cumsum(covered)[:-1] > 0])
    steps = np.concatenate(pieces)
    offset, scale = [], []
    for column in steps.T:
        low, width = _centre(column[~np.isnan(column)], sequence.scale)
        offset.append(low if np.isfinite(low) else 0.0)
        scale.append(width if width > 0 and np.isfinite(width) else 1.0)
    return tuple(offset), tuple(scale)


def _notes(
    data: SeriesData, sequence: SequenceFeature, cuts: Cuts, usable: np.ndarray[Any, Any], straddling: int
) -> list[str]:
    notes = []
    without = set(sequence.without)
    used = np.zeros(len(data), bool)
    used[cuts.series] = True
    short = int(((cuts.steps < sequence.length + sequence.horizon) & used).sum())
    lost = int(sum(not u and data.name(i) not in without for i, u in enumerate(used.tolist())))
    if short:
        notes.append(f"{short:,} series shorter than a window {'is' if short == 1 else 'are'} padded in front.")
    if lost:
        notes.append(f"{lost:,} series too short for a window {'is' if lost == 1 else 'are'} left out.")
    unknown = int((~usable).sum())
    if unknown:
        notes.append(f"{unknown:,} windows without an answer to learn from are left out.")
    if straddling:
        notes.append(f"{straddling:,} windows that would lie in two parts are left out.")
    return notes


def _centre(known: np.ndarray[Any, Any], scale: str) -> tuple[float, float]:
    """(offset, width) of the values of a channel; not finite where they are too large for it."""
    if not len(known) or scale == "none":
        return 0.0, 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        if scale == "standard":
            return float(known.mean()), float(known.std())
        if scale == "minmax":
            return float(known.min()), float(known.max() - known.min())
        quarter, middle, three = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
        return middle, three - quarter
