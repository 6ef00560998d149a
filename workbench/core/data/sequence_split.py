"""Which windows of series train, validate and test: whole series, whole groups, or stretches of time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import SequenceFeature, Split

from .dataset import MAIN, TEST, VALIDATION, SeriesData
from .sequence_windows import Cuts
from .split import PARTS, shares, split_rows
from .split_table import Parted, split_fold, split_table

METHODS = ("random", "group", "time")


def split_series(
    data: SeriesData,
    split: Split,
    sequence: SequenceFeature,
    cuts: Cuts,
    values: np.ndarray[Any, Any],
    usable: np.ndarray[Any, Any],
    classes: bool,
) -> tuple[Parted, int]:
    """(window numbers of each part, windows that would lie in two parts and are in none).

    random: whole series, stratified by their class. group: whole groups. time: the earliest steps of each series are
    for training, the latest for testing; a window belongs to a part when it lies in it whole, or, where a later value
    is predicted, when that value does: what was known before may be looked at.
    """
    if split.method not in METHODS:
        raise FeatureError(
            f'Series cannot be split by "{split.method}".', where="split", remedy="Split at random, by group or time."
        )
    own_parts = np.asarray(data.parts)
    if split.method == "group":
        return _by_group(data, split, cuts, values, usable, classes), 0
    if split.method == "random":
        there = np.zeros(len(data), bool)
        there[cuts.series[usable]] = True
        if int(there.sum()) < 2:
            raise FeatureError(
                "There is only one series, and whole series are to stay together.",
                where="split",
                remedy="Split by time.",
            )
        labels = data.labels.astype(np.int64) if classes and sequence.predict == "class" else None
        divide = split_fold if split.fold else split_rows
        chosen = divide(data.labels, own_parts, split, labels, there)
        place = np.full(len(data), -1)
        for number, name in enumerate(PARTS):
            place[chosen[name]] = number
        found = place[cuts.series]
        return Parted({name: np.flatnonzero(usable & (found == i)) for i, name in enumerate(PARTS)}), 0
    brought = {int(part) for part in np.unique(own_parts)}
    wanted = shares(split, given_validation=VALIDATION in brought, given_test=TEST in brought)
    return _by_time(own_parts, wanted, sequence, cuts, usable, split)


def _by_group(
    data: SeriesData,
    split: Split,
    cuts: Cuts,
    values: np.ndarray[Any, Any],
    usable: np.ndarray[Any, Any],
    classes: bool,
) -> Parted:
    import pandas as pd

    if data.group is None or not data.groups:
        raise FeatureError(
            "It is not known which series belong together.",
            where="split",
            remedy="Say what tells the group on the Data page, or split at random.",
        )
    own = data.group[cuts.series].astype(np.int64)
    alone = own < 0  # a series of no group is one of its own
    own[alone] = len(data.groups) + cuts.series[alone]
    frame = pd.DataFrame({"group": own})
    labels = np.where(usable, values, -1).astype(np.int64) if classes else None
    parts = np.asarray(data.parts)[cuts.series]
    return split_table(frame, parts, replace(split, column="group"), labels, usable)


def _by_time(
    own_parts: np.ndarray[Any, Any],
    wanted: tuple[float, float, float],
    sequence: SequenceFeature,
    cuts: Cuts,
    usable: np.ndarray[Any, Any],
    split: Split,
) -> tuple[Parted, int]:
    steps = cuts.steps[cuts.series]
    ends = [wanted[0], wanted[0] + wanted[1], wanted[0] + wanted[1]]
    if split.fold:  # learned from the first stretches, validated on the next one
        ends[:2] = [ends[2] * (split.fold + i) / (split.folds + 1) for i in range(2)]
    first, second, third = (np.rint(end * steps).astype(np.int64) for end in ends)
    end = cuts.starts + sequence.length - 1 + sequence.horizon
    begin = end if sequence.horizon > 0 else np.maximum(cuts.starts, 0)

    def portion(step: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """0 train, 1 validation, 2 test, 3 what a fold does not know yet."""
        known = np.asarray((step >= first).astype(int) + (step >= second))
        return np.where((step >= second) & (step < third), 3, known)

    place = np.where(portion(begin) == portion(end), portion(end), -1)
    given = own_parts[cuts.series]
    place = np.select([given == MAIN, given == TEST], [place, np.full(len(place), 2)], 1)
    rows = {name: np.flatnonzero(usable & (place == i)) for i, name in enumerate(PARTS)}
    for name, share in zip(PARTS, wanted, strict=True):
        if share > 0 and not len(rows[name]):
            raise FeatureError(
                f"The {name} part gets no windows by time.",
                where="split",
                remedy="Use shorter windows, other shares, or split at random.",
            )
    return Parted(rows), int((usable & (place < 0)).sum())
