"""Cells as numbers and as category names, the same way while fitting, predicting and auditing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.core.errors import FeatureError
from workbench.core.one_line import shortened

MISSING = "(missing)"
"""The category of cells without a value."""

Floats = np.ndarray[Any, np.dtype[np.float64]]
Whole = np.ndarray[Any, np.dtype[np.int64]]


def row_name(series: pd.Series[Any] | pd.DataFrame, position: int) -> str:
    """What a person calls the row: rows are numbered from 1, the index of a table from 0."""
    label = series.index[position]
    return f"row {int(label) + 1}" if isinstance(label, (int, np.integer)) else f"row {label}"


def shown(value: object, limit: int = 40) -> str:
    """A cell inside a sentence, shortened."""
    return shortened(str(value), limit)


def numbers(series: pd.Series[Any], name: str = "") -> Floats:
    """The cells as float64 (n,); missing, blank and infinite cells are NaN.

    Text that is a plain number ("3.5") counts as one, True and False count as 1 and 0.

    Raises:
        FeatureError: a cell is text or a date; names the column, the row and the value.
    """
    name = name or str(series.name)
    if types.is_bool_dtype(series.dtype) or types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
    elif types.is_datetime64_any_dtype(series.dtype) or types.is_timedelta64_dtype(series.dtype):
        raise FeatureError(
            f'"{name}" holds dates, and a number is needed.',
            where=f'column "{name}"',
            remedy="Ignore the column, or turn it into numbers in a cleaning step.",
        )
    else:
        cells = series.astype(object)
        parsed = pd.to_numeric(cells, errors="coerce")
        values = parsed.to_numpy(dtype=np.float64, na_value=np.nan)
        lost = np.isnan(values) & cells.notna().to_numpy()
        for position in np.flatnonzero(lost):
            cell = cells.iloc[position]
            if not (isinstance(cell, str) and cell.strip().lower() in ("", "nan")):
                raise FeatureError(
                    f'"{shown(cell)}" is not a number.',
                    where=f'column "{name}", {row_name(series, int(position))}',
                    remedy="Mend the cell, or encode the column one-hot, or ignore it.",
                )
    infinite = np.isinf(values)
    if infinite.any():
        values = np.where(infinite, np.nan, values)
    return values


def text_of(cell: object) -> str | None:
    """One cell as the name of a category, None when it is missing.

    1, 1.0 and "1" are the same category: a column of whole numbers becomes fractional as soon as one cell is missing.
    """
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return None
    if isinstance(cell, (bool, np.bool_)):
        return str(bool(cell))
    if isinstance(cell, (int, np.integer)):
        return str(int(cell))
    if isinstance(cell, (float, np.floating)):
        number = float(cell)
        if math.isnan(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    text = str(cell)
    return text if text.strip() else None


def codes(series: pd.Series[Any]) -> tuple[Whole, list[str]]:
    """Category number of each cell, int64 (n,) with -1 for missing, and their names in order of appearance."""
    raw, uniques = pd.factorize(series, use_na_sentinel=True)
    texts = [text_of(value) for value in uniques]
    names: dict[str, int] = {}
    table = np.full(len(texts) + 1, -1, np.int64)  # the last entry answers -1, the missing cells
    for i, text in enumerate(texts):
        if text is not None:
            table[i] = names.setdefault(text, len(names))
    return table[raw], list(names)


def renumber(series: pd.Series[Any], categories: Iterable[str]) -> Whole:
    """Position of each cell's category in `categories`, int64 (n,); missing cells -1, unseen ones -2."""
    known = {name: i for i, name in enumerate(categories)}
    found, names = codes(series)
    table = np.asarray([*(known.get(name, -2) for name in names), -1], np.int64)
    numbered: Whole = table[found]
    return numbered


def class_numbers(series: pd.Series[Any], classes: Sequence[str]) -> tuple[Whole, dict[str, str]]:
    """Position of each cell's class in `classes`, int64 (n,), negative where missing or unknown; and the spellings that
    were taken for another: {"<=50K.": "<=50K"}.

    A class that is not known counts as the one that differs from it in case, blanks or a full stop at its end alone,
    where there is exactly one: files of the same data, written by others, differ so.
    """
    numbered = renumber(series, classes)
    if not (numbered == -2).any():
        return numbered, {}
    alike: dict[str, list[int]] = {}
    for i, name in enumerate(classes):
        alike.setdefault(_plainly(name), []).append(i)
    found, names = codes(series)
    exact = set(classes)
    respelled = {
        name: classes[places[0]]
        for name in names
        if name not in exact and len(places := alike.get(_plainly(name), [])) == 1
    }
    if not respelled:
        return numbered, {}
    position = {name: i for i, name in enumerate(classes)}
    table = np.asarray([*(position.get(respelled.get(name, name), -2) for name in names), -1], np.int64)
    return table[found], respelled


def _plainly(name: str) -> str:
    return " ".join(name.casefold().split()).rstrip(". ")


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sorted: numbers by their value when all are numbers, else as text."""
    listed = list(names)
    try:
        keyed = [(float(n), n) for n in listed]
    except ValueError:
        return tuple(sorted(listed))
    if any(math.isnan(k) for k, _ in keyed):
        return tuple(sorted(listed))
    return tuple(n for _, n in sorted(keyed))
