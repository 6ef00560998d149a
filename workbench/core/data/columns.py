"""From columns of text to typed columns: blanks, missing words, numbers. Text that a number would lose stays text."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .cell_bytes import any_blank_at_an_end, begins_with_zero, lengths, like_words

EXACT = 2.0**53
"""Whole numbers beyond this lose digits as a float64."""


_MANY = 200_000
"""Cells from which on several columns are looked at at once."""
_LONG = 5_000
"""Rows from which on that is worth what it costs for each column."""
_WIDE = 1_000

_RELEASED = 2
"""After so many columns of a large table what is free is given back."""

_THREADS = min(4, os.cpu_count() or 1)

_LIKE_A_NUMBER = r"(?i)^[+-]?(inf|infinity|nan|[0-9.e+-]+)$"
"""A quick look at the first cells before a whole column of words is cast in vain."""


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """(column names, notes): blanks squeezed, empty ones numbered from 1, repeated ones told apart."""
    found: dict[str, None] = {}  # looked up for each of tens of thousands of names
    written = set(names)
    notes: list[str] = []
    for number, raw in enumerate(names, 1):
        name = " ".join(raw.replace("\ufeff", "").split()) or f"column {number}"
        if name in found:
            copy = 2
            while f"{name} ({copy})" in found or f"{name} ({copy})" in written:
                copy += 1
            notes.append(f"The name {name!r} occurs more than once; the {number}. column is called '{name} ({copy})'.")
            name = f"{name} ({copy})"
        found[name] = None
    return list(found), notes


def typed_frame(
    columns: list[pa.ChunkedArray],
    names: Sequence[str],
    null_words: Sequence[str],
    decimal: str = ".",
    thousands: str = "",
    step: Callable[[int], None] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """(frame, notes) from string columns of equal length, which `columns` loses one by one.

    `step(i)` is called when the first i columns are done; it may raise.
    """
    typed: dict[str, Any] = {}
    notes: list[str] = []
    columns.reverse()
    rows = len(columns[0]) if columns else 0
    many = len(columns) * rows > _MANY and rows >= _LONG
    if not many:
        for i, name in enumerate(names):
            if step is not None:
                step(i)
            typed[name], note = typed_column(columns.pop(), null_words, decimal, thousands)
            notes += [f"{name}: {text}" for text in note]
            if rows and (i + 1) % max(1, _MANY // rows) == 0:
                pa.default_memory_pool().release_unused()
        frame = pd.DataFrame(typed, columns=pd.Index(list(names), dtype="str"), copy=False)
        return frame.copy() if len(names) > _WIDE else frame, notes  # a copy lies in one piece: rows are taken at once

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="types") as pool:
        jobs: deque[Future[tuple[pd.Series, list[str]]]] = deque()
        for i, name in enumerate(names):
            while columns and len(jobs) <= _THREADS:
                column = columns.pop()
                jobs.append(pool.submit(typed_column, column, null_words, decimal, thousands))
                del column
            if step is not None:
                step(i)
            typed[name], note = jobs.popleft().result()
            if i % _RELEASED == _RELEASED - 1:
                pa.default_memory_pool().release_unused()  # else the text of the columns done stays with the process
            notes += [f"{name}: {text}" for text in note]
    return pd.DataFrame(typed, columns=pd.Index(list(names), dtype="str"), copy=False), notes


def typed_column(
    column: pa.ChunkedArray, null_words: Sequence[str], decimal: str = ".", thousands: str = ""
) -> tuple[pd.Series, list[str]]:
    """One column of strings as int64, float64 (missing is NaN) or pandas' `str`, with what is worth noting.

    A column of float64 stays one.
    """
    if pa.types.is_floating(column.type):
        return _without_infinite(_own(column))
    if not thousands and decimal == "." and "" in null_words:
        quick = _plain_numbers(column)
        if quick is not None:
            return quick, []
    values = trimmed = column
    if any_blank_at_an_end(column):
        values = _without_common_blanks(column)
        trimmed = pc.utf8_trim_whitespace(values)
    notes: list[str] = []
    missing = _missing(trimmed, [word.strip() for word in null_words])
    if missing is not None:
        notes = _missing_words(trimmed, missing)
        same = values is trimmed
        values = pc.if_else(missing, pa.scalar(None, values.type), values)
        trimmed = values if same else pc.if_else(missing, pa.scalar(None, trimmed.type), trimmed)
        if trimmed.null_count == len(trimmed):
            return pd.Series(np.full(len(values), np.nan)), notes
    numbers = _numbers(trimmed, decimal, thousands)
    if numbers is None:
        return to_str(values), notes
    finite, endless = _without_infinite(numbers)
    return pd.Series(_whole(finite.to_numpy(), trimmed)), notes + endless


def _own(numbers: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """An array that may be written to; missing is NaN."""
    array: np.ndarray[Any, Any] = numbers.to_numpy()
    return array if array.flags.writeable else array.copy()


def _without_infinite(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[pd.Series, list[str]]:
    endless = np.isinf(numbers)
    if not endless.any():
        return pd.Series(numbers, copy=False), []
    numbers[endless] = np.nan
    return pd.Series(numbers, copy=False), [f"{int(endless.sum())} infinite values are read as missing."]


def to_str(values: pa.ChunkedArray) -> pd.Series:
    """A pandas column of text; null is missing."""
    dtype = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.Series(dtype.__from_arrow__(values.cast(pa.large_string())))  # type: ignore[attr-defined]


def _without_common_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Blanks on a side where every filled cell has them belong to the way the file is written, not to the values."""
    filled = column.filter(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    if len(filled) == 0:
        return column
    for starts, trim in ((pc.starts_with, pc.utf8_ltrim_whitespace), (pc.ends_with, pc.utf8_rtrim_whitespace)):
        if pc.all(starts(filled.slice(0, 1), " ")).as_py() and pc.all(starts(filled, " ")).as_py():
            column = trim(column)
    return column


def _missing(trimmed: pa.ChunkedArray, words: Sequence[str]) -> pa.ChunkedArray | None:
    """Which cells are one of `words`; None when none is. Only cells that are as short and begin alike are looked at."""
    short = like_words(trimmed, words)
    if not short.any():
        return None
    if short.mean() > 0.5:
        missing = pc.is_in(trimmed, value_set=pa.array(words, trimmed.type))
        return missing if pc.any(missing).as_py() else None
    found = pc.is_in(trimmed.filter(pa.array(short)), value_set=pa.array(words, trimmed.type))
    flags = np.zeros(len(trimmed), np.bool_)
    flags[short] = found.to_numpy()
    return pa.chunked_array([pa.array(flags)]) if flags.any() else None


def _missing_words(trimmed: pa.ChunkedArray, missing: pa.ChunkedArray) -> list[str]:
    words = pc.value_counts(trimmed.filter(missing)).to_pylist()
    return [f"{w['counts']} cells {w['values']!r} are read as missing." for w in words if w["values"]]


def _plain_numbers(column: pa.ChunkedArray) -> pd.Series | None:
    """The common case without a detour: every cell a plain number or empty. None when anything is special."""
    head = column.slice(0, 1000)
    if not pc.all(pc.match_substring_regex(head, r"^[+-]?[0-9.]*(e[+-]?[0-9]+)?$")).as_py():
        return None
    empty = lengths(column) == 0
    gaps = int(empty.sum())
    if gaps == len(column):
        return None
    values = pc.if_else(pa.array(~empty), column, pa.scalar(None, column.type)) if gaps else column
    if not pc.any(pc.match_substring_regex(head, r"[.e]")).as_py():
        array = _plain_whole(column, values)
        if array is not None:
            return pd.Series(array)
    array = _numbers(values, ".", "")
    if array is None or np.isinf(array).any() or int(np.isnan(array).sum()) != gaps:
        return None
    return pd.Series(_whole(array, values))


def _plain_whole(column: pa.ChunkedArray, values: pa.ChunkedArray) -> np.ndarray[Any, Any] | None:
    """Cells that all are plain whole numbers: int64, or float64 when some are missing (null in `values`)."""
    if begins_with_zero(column):
        return None
    try:
        numbers = pc.cast(values, pa.int64())
    except pa.ArrowInvalid:
        return None
    extent = pc.min_max(numbers).as_py()
    if extent["min"] <= -EXACT or extent["max"] >= EXACT:
        return None
    return _own(numbers).astype(np.float64 if values.null_count else np.int64, copy=False)


def _whole(array: np.ndarray[Any, np.dtype[np.float64]], cells: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """int64 when every cell is there and written as a whole number."""
    if cells.null_count or not bool((array == np.floor(array)).all()):
        return array
    return array if pc.any(pc.match_substring_regex(cells, r"[^0-9+-]")).as_py() else array.astype(np.int64)


def _numbers(trimmed: pa.ChunkedArray, decimal: str, thousands: str) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """float64 with NaN for missing, or None when any filled cell is no number or would lose something as one."""
    if thousands:
        trimmed = pc.replace_substring(trimmed, thousands, "")
    if decimal == ",":
        if pc.any(pc.match_substring(trimmed, ".")).as_py():
            return None
        trimmed = pc.replace_substring(trimmed, ",", ".")
    if not pc.all(pc.match_substring_regex(trimmed.slice(0, 1000).drop_null(), _LIKE_A_NUMBER)).as_py():
        return None
    if pc.any(pc.starts_with(trimmed, "+")).as_py():
        trimmed = pc.replace_substring_regex(trimmed, r"^\+([0-9.])", r"\1")
    try:
        numbers = pc.cast(trimmed, pa.float64())
    except pa.ArrowInvalid:
        return None
    array: np.ndarray[Any, np.dtype[np.float64]] = _own(numbers).astype(np.float64, copy=False)
    return None if _are_codes(array, trimmed) else array


def _are_codes(array: np.ndarray[Any, np.dtype[np.float64]], cells: pa.ChunkedArray) -> bool:
    """Whether figures are names rather than amounts: 00123, or more digits than a float64 keeps."""
    finite = array[np.isfinite(array)]
    if not bool((finite == np.floor(finite)).all()):
        return False
    zeros = pc.or_(pc.starts_with(cells, "0"), pc.starts_with(cells, "-0"))
    if pc.any(zeros).as_py() and pc.any(pc.match_substring_regex(cells.filter(zeros), r"^-?0[0-9]")).as_py():
        return True
    large = np.abs(array) >= EXACT
    return bool(large.any()) and bool(
        pc.any(pc.match_substring_regex(cells.filter(pa.array(large)), r"^[+-]?[0-9]+$")).as_py()
    )
