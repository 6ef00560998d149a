"""Which rows of a table are shown, in which order, and where a text stands in it. For the eye alone; no Qt.

`arrange` and `find` are called on a job's thread. A filter is made of the conditions of the step "filter_rows", so
what is shown is what that step would keep.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.core.errors import Cancelled
from workbench.ui.data import figures

MOST_FOUND = 10_000
_CHUNK = 50_000


@dataclass(frozen=True)
class Filter:
    """Rows of one column that are shown. conditions: (operator, value) of the step "filter_rows", all to be met."""

    column: str
    text: str
    conditions: tuple[tuple[str, Any], ...]

    @property
    def steps(self) -> tuple[dict[str, Any], ...]:
        """Parameters of the steps that keep the same rows."""
        return tuple({"column": self.column, "operator": op, "value": value} for op, value in self.conditions)


@dataclass(frozen=True)
class Sort:
    """words: the cells are no numbers."""

    column: str
    descending: bool = False
    words: bool = False

    @property
    def text(self) -> str:
        ways = ("A to Z", "Z to A") if self.words else ("smallest first", "largest first")
        return f"Sorted by {self.column}, {ways[self.descending]}"


@dataclass(frozen=True, eq=False)
class Found:
    """Where a text stands: rows as places in the view and columns by number, from above to below; row -1 is the name
    of the column. more: there are."""

    text: str
    rows: np.ndarray
    columns: np.ndarray
    more: bool = False


def missing(column: str) -> Filter:
    return Filter(column, f"{column} is missing", (("is missing", None),))


def of_value(column: str, value: Any) -> Filter:
    """The rows that hold exactly this value."""
    return Filter(column, f"{column} is {figures.cell(value)}", (("=", value),))


def of_bar(column: str, edges: Sequence[float], bar: int) -> Filter:
    """The rows that a bar of the histogram counts; edges half way between whole numbers belong to whole numbers."""
    low, high = float(edges[bar]), float(edges[bar + 1])
    if all(edge % 1 == 0.5 for edge in edges):
        first, last = math.ceil(low), math.floor(high)
        if first == last:
            return of_value(column, first)
        text = f"{column} from {figures.figure(first)} to {figures.figure(last)}"
        return Filter(column, text, (("≥", first), ("≤", last)))
    end = "≤" if bar == len(edges) - 2 else "<"
    text = f"{column} from {figures.figure(low)} to {figures.figure(high)}"
    return Filter(column, text, (("≥", low), (end, high)))


def arrange(frame: Any, filters: Sequence[Filter], sort: Sort | None) -> np.ndarray:
    """Places of the rows to show, int64, in their order; missing cells are last both ways. StepError as the step's."""
    from workbench.core.data.step_kind import NoRows
    from workbench.core.data.steps import STEPS

    places = np.arange(len(frame))
    for one in filters:
        column = frame[[one.column]].reset_index(drop=True)
        try:
            for params in one.steps:
                column = STEPS["filter_rows"].apply(column, params)
        except NoRows:
            return np.empty(0, np.int64)
        keep = np.zeros(len(frame), bool)
        keep[column.index.to_numpy()] = True
        places = places[keep[places]]
    if sort is not None:
        cells = frame[sort.column].iloc[places].reset_index(drop=True)
        order = cells.sort_values(ascending=not sort.descending, kind="stable", na_position="last").index.to_numpy()
        places = places[order]
    return places


def find(frame: Any, order: np.ndarray | None, text: str, cancelled: Callable[[], bool]) -> Found:
    """Cells that hold `text`, in any case of letters, as rows of the view. Stops at MOST_FOUND."""
    total = len(frame) if order is None else len(order)
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    count = 0
    for start in range(0, total, _CHUNK):
        part = slice(start, min(total, start + _CHUNK))
        hits_row, hits_column = [], []
        for number in range(frame.shape[1]):
            if cancelled():
                raise Cancelled
            cells = frame.iloc[:, number].array
            cells = cells[part] if order is None else cells.take(order[part])
            hit = np.flatnonzero(_holds(cells, text))
            hits_row.append(hit + start)
            hits_column.append(np.full(len(hit), number))
        row, column = np.concatenate(hits_row), np.concatenate(hits_column)
        by_row = np.lexsort((column, row))
        rows.append(row[by_row])
        columns.append(column[by_row])
        count += len(row)
        if count > MOST_FOUND:
            break
    if not rows:
        return Found(text, np.empty(0, np.int64), np.empty(0, np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    return Found(text, row[:MOST_FOUND], column[:MOST_FOUND], len(row) > MOST_FOUND)


def find_anywhere(frame: Any, order: np.ndarray | None, text: str, cancelled: Callable[[], bool]) -> Found:
    """As `find`, names of columns first."""
    cells = find(frame, order, text, cancelled)
    wanted = text.casefold()
    named = np.array([i for i, name in enumerate(frame.columns) if wanted in str(name).casefold()], np.int64)
    rows = np.concatenate([np.full(len(named), -1, np.int64), cells.rows])
    return Found(text, rows, np.concatenate([named, cells.columns]), cells.more)


def _holds(cells: Any, text: str) -> np.ndarray:
    """Which cells hold the text, bool (n,). Numbers are compared as they are written."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells.dtype, pd.CategoricalDtype):
        known = _holds(cells.categories.astype("str").array, text)
        codes = np.asarray(cells.codes)
        return np.where(codes >= 0, known[codes], False) if len(known) else np.zeros(len(cells), bool)
    if cells.dtype.kind in "iuf" and not any(c.isdigit() for c in text) and text.lower() not in "infinite":
        return np.zeros(len(cells), bool)
    if cells.dtype.kind in "iufMb":
        words = pc.cast(pa.array(cells, from_pandas=True), pa.string())
    else:
        words = pa.array(cells if cells.dtype == "str" else pd.Series(cells).astype("str").array, from_pandas=True)
        words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    hit = pc.fill_null(pc.match_substring(words, text, ignore_case=True), False)
    return np.asarray(hit.to_numpy(zero_copy_only=False), bool)
