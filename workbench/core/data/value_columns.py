"""Columns of Python values, as workbooks and JSON give them, as typed columns. Nothing is read out of text here."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .columns import EXACT, to_str

Values = Sequence[Any]

_DATES = (dt.date, dt.datetime)


def value_column(values: Values, null_words: Sequence[str] = ("",)) -> tuple[pd.Series, list[str]]:
    """(column, notes). None, NaN, "" and the null words are missing.

    Whole numbers without a gap become int64, numbers float64, dates datetime64, truth values bool without a gap, the
    rest text. Numbers written as text stay text, as they do when numbers and words are mixed.
    """
    words = frozenset(null_words)
    cells = [None if _is_missing(value, words) else value for value in values]
    counts = Counter(str(value) for value in values if isinstance(value, str) and value in words and value)
    notes = [f"{count} cells {word!r} are read as missing." for word, count in counts.items()]
    filled = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in filled}
    if not filled:
        return pd.Series(np.full(len(cells), np.nan)), notes
    if kinds <= {bool}:
        whole = len(filled) == len(cells)
        return (pd.Series(np.array(cells, np.bool_)) if whole else _text(cells)), notes
    if kinds <= {int, float}:
        found, more = _numbers(cells, filled)
        return found, notes + more
    if kinds <= set(_DATES):
        dates = _dates(cells)
        if dates is not None:
            return dates, notes
    if kinds <= {dt.timedelta}:
        seconds = [math.nan if cell is None else cell.total_seconds() for cell in cells]
        return pd.Series(seconds, dtype="float64"), [*notes, "Spans of time are read as seconds."]
    odd = sum(isinstance(cell, str) for cell in filled)
    if kinds & {int, float} and 0 < odd <= len(filled) // 2:
        example = next(cell for cell in filled if isinstance(cell, str))
        notes.append(f"{odd:,} of {len(filled):,} cells are text, such as {example[:30]!r}, so the column is text.")
    return _text(cells), notes


def value_text(value: Any) -> str:
    """A value as a person reads it: 3 rather than 3.0, 2024-01-31 rather than an object, lists as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _is_missing(value: Any, words: frozenset[str]) -> bool:
    if value is None or value == "":
        return True
    if isinstance(value, str):
        return value in words or not value.strip()
    return isinstance(value, float) and math.isnan(value)


def _numbers(cells: Values, filled: Values) -> tuple[pd.Series, list[str]]:
    if any(isinstance(cell, int) and abs(cell) >= EXACT for cell in filled):
        return _text(cells), ["Its whole numbers are longer than a number keeps exactly, so they stay text."]
    numbers = np.array([math.nan if cell is None else cell for cell in cells], np.float64)
    endless = np.isinf(numbers)
    notes = []
    if endless.any():
        notes.append(f"{int(endless.sum())} infinite values are read as missing.")
        numbers[endless] = np.nan
    whole = len(filled) == len(cells) and not endless.any() and bool((numbers == np.floor(numbers)).all())
    if whole and bool((np.abs(numbers) < EXACT).all()):
        return pd.Series(numbers.astype(np.int64)), notes
    return pd.Series(numbers), notes


def _dates(cells: Values) -> pd.Series | None:
    """None when a date lies beyond what a column of dates can hold, or carries a time zone."""
    try:
        stamps = [None if cell is None else _without_zone(cell) for cell in cells]
        return pd.Series(np.array(stamps, "datetime64[us]"))
    except (ValueError, OverflowError, TypeError):
        return None


def _without_zone(cell: dt.date) -> dt.date:
    if isinstance(cell, dt.datetime) and cell.tzinfo is not None:
        return cell.astimezone(dt.UTC).replace(tzinfo=None)
    return cell


def _text(cells: Values) -> pd.Series:
    return to_str(_arrow(cells))


def _arrow(cells: Values) -> pa.ChunkedArray:
    texts = [None if cell is None else value_text(cell).encode("utf-8", "replace").decode() for cell in cells]
    return pa.chunked_array([pa.array(texts, pa.large_string())])
