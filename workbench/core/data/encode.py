"""Cells of one column as the model's numbers, by what was fitted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from .fitted import CATEGORIES, NUMBERS, TOKENS, UNKNOWN, WORDS, FittedColumn
from .values import MISSING, Floats, codes, numbers, renumber
from .words import bucket, several, words_in

_LARGEST = float(np.finfo(np.float32).max)

Out = np.ndarray[Any, Any]


def encode_column(column: FittedColumn, cells: pd.Series[Any], out: Out | None = None) -> Out:
    """Fill `out`, (n, column.width) of zeros (float32, or int32 for "tokens"), and return it.

    Raises:
        FeatureError: a cell of a number column is text (column, row and value named), or of a date column a number.
    """
    if out is None:
        out = np.zeros((len(cells), column.width), np.int32 if column.encoder == TOKENS else np.float32)
    if column.encoder in NUMBERS:
        values = within(column, numbers(cells, column.name))
        absent = np.isnan(values)
        scaled = (magnitude(column, np.where(absent, column.fill, values)) - column.offset) / column.scale
        out[:, 0] = np.clip(scaled, -_LARGEST, _LARGEST)
        if column.flag:
            out[:, 1] = absent
    elif column.encoder == "dates":
        from .date_parts import write_parts

        write_parts(cells, column.dates, column.day_first, out)
    elif column.encoder in CATEGORIES:
        index = renumber(cells, column.categories)
        counts_as = column.missing or MISSING
        if counts_as in column.categories:
            index = np.where(index == -1, column.categories.index(counts_as), index)
        if column.encoder == "onehot":
            rows = np.flatnonzero(index >= 0)
            out[rows, index[rows]] = 1.0
        else:
            out[:, 0] = np.asarray([*column.weights, column.fill], np.float64)[np.where(index < 0, -1, index)]
    elif column.encoder == TOKENS:
        _encode_tokens(column, cells, out)
    else:
        _encode_text(column, cells, out)
    return out


def within(column: FittedColumn, values: Floats) -> Floats:
    """The values with those beyond `column.clip` put onto the limit, or made missing."""
    if not column.clip:
        return values
    low, high = column.clip
    if column.beyond == "missing":
        return np.where((values < low) | (values > high), np.nan, values)
    return np.clip(values, low, high)


def magnitude(column: FittedColumn, values: Floats) -> Floats:
    """The values that `offset` and `scale` are of: themselves, or their logarithm with the sign kept."""
    return np.sign(values) * np.log1p(np.abs(values)) if column.encoder == "log" else values


def _encode_tokens(column: FittedColumn, cells: pd.Series[Any], out: Out) -> None:
    """A text without words is one unknown word: a mean over no words at all would be no number."""
    place = {word: number for number, word in enumerate(column.categories, UNKNOWN + 1)}
    found, names = codes(cells)
    numbered = np.zeros((len(names) + 1, column.length), out.dtype)
    numbered[:, 0] = UNKNOWN
    for number, text in enumerate(names):
        tokens = [place.get(word, UNKNOWN) for word in words_in(text)[: column.length]]
        numbered[number, : len(tokens)] = tokens
    out[:] = numbered[np.where(found < 0, len(names), found)]


def _encode_text(column: FittedColumn, cells: pd.Series[Any], out: Out) -> None:
    """Each different text is worked out once and written to all its rows."""
    place = {value: i for i, value in enumerate(column.categories)}
    weights = np.asarray(column.weights, np.float64)
    found, names = codes(cells)
    order = np.argsort(found, kind="stable")
    bounds = np.searchsorted(found[order], np.arange(len(names) + 1))
    for number, text in enumerate(names):
        rows = order[bounds[number] : bounds[number + 1]]
        if column.encoder == "hash":
            out[rows, bucket(text, column.buckets)] = 1.0
            continue
        values = words_in(text) if column.encoder in WORDS else several(text, column.separator)
        counts = Counter(place[value] for value in values if value in place)
        if not counts:
            continue
        at = np.fromiter(counts, np.int64, len(counts))
        if column.encoder == "tfidf":
            weighed = np.fromiter(counts.values(), np.float64, len(counts)) * weights[at]
            out[np.ix_(rows, at)] = weighed / np.sqrt((weighed**2).sum())
        else:
            out[np.ix_(rows, at)] = 1.0
