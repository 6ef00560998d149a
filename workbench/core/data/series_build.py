"""Putting series together into one SeriesData, wherever they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .dataset import MAIN, Marks
from .folders import natural_order
from .values import text_of

Whole = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, eq=False)
class OneSeries:
    """One series as read. cls: class of the whole, None when there is none. words: cells of columns of words, a list a
    column. tells: what could say with which others it belongs, {option: value}."""

    name: str
    values: np.ndarray[Any, np.dtype[np.float64]]
    times: np.ndarray[Any, np.dtype[np.float64]] | None = None
    cls: str | None = None
    words: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    tells: Mapping[str, str] = field(default_factory=dict)
    part: int = MAIN


def numbered(names: Sequence[str | None]) -> tuple[tuple[str, ...], Whole]:
    """(the different names in natural order, int32 place of each, -1 for None)."""
    different = tuple(sorted({n for n in names if n is not None}, key=natural_order))
    place = {name: i for i, name in enumerate(different)}
    return different, np.array([-1 if n is None else place[n] for n in names], np.int32)


def joined(
    found: Sequence[OneSeries],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None, np.ndarray[Any, Any]]:
    """(values, times, starts) of all of them, one behind the other."""
    lengths = [len(one.values) for one in found]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = np.concatenate([one.values for one in found])
    clocks = [one.times for one in found]
    times = None if any(c is None for c in clocks) else np.concatenate([c for c in clocks if c is not None])
    return values, times, starts


def joined_marks(found: Sequence[OneSeries], columns: Sequence[str]) -> dict[str, Marks]:
    """Columns of words as classes step by step. One with more classes than half its steps is no column of classes."""
    made: dict[str, Marks] = {}
    for column in columns:
        cells = np.concatenate([one.words[column] for one in found])
        places, different = pd.factorize(cells)
        if len(different) > max(2, len(cells) // 2):
            continue
        classes, codes = numbered([text_of(cell) for cell in different])
        if classes:
            made[column] = Marks(classes, np.append(codes, np.int32(-1))[places])
    return made


def constant_words(one: OneSeries, column: str) -> str | None:
    """The one word that a column holds all through a series; None when it changes or is empty."""
    cells = {text_of(cell) for cell in pd.unique(one.words[column])} - {None}
    return next(iter(cells)) if len(cells) == 1 else None


def guess_group(tells: Mapping[str, Sequence[str]], classes: Sequence[str | None]) -> str:
    """Which of the options tells what belongs together (a person, a machine), "" when none does for certain.

    It must part the series into three groups or more of about three or more, and not be what tells the classes.
    """
    count = len(classes)
    ranked: list[tuple[int, int, str]] = []
    for place, (option, values) in enumerate(tells.items()):
        different = set(values)
        if not 3 <= len(different) <= count / 3 or not _like_ids(different):
            continue
        pairs = len(set(zip(values, classes, strict=True)))
        if len(set(classes)) > 1 and pairs < 1.2 * len(different):  # each in one class only: it is the class, or a day
            continue
        named = 0 if option == "folder" else 1
        ranked.append((named, -place, option))
    return min(ranked)[2] if ranked else ""


def _like_ids(values: set[str]) -> bool:
    """Letters and a figure, such as f1, m10, subject3, S07; letters alone, such as anna; but no bare figures, which are
    dates and counters as often."""
    mixed = sum(v[:1].isalpha() and v[-1:].isdigit() and len(v) <= 16 for v in values)
    letters = sum(v.isalpha() for v in values)
    return mixed + letters >= 0.9 * len(values)
