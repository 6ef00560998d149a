"""How well an autoencoder of a table rebuilds each column, in that column's own units: numbers in theirs, dates in
days, times of day in hours, categories and words as the share that is wrong. numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .reconstruction import cells_in_units

if TYPE_CHECKING:
    from .data.fitted import FittedColumn
    from .data.preprocess import Preprocessor

Array = np.ndarray[Any, Any]

NUMBER, DAYS, HOURS, WRONG, WORDS = "number", "days", "hours", "wrong", "words"

MOST_WORDS = 8
_PLAIN_YEAR = 2001  # of dates that are all of one year, which is then no number of its own; any common year will do


@dataclass(frozen=True)
class Rebuilt:
    """One column of some rows. given, rebuilt: float64 (n,) of kind "number", texts (n,) of the others.

    off: float64 (n,), NaN where the cell is missing or what came out is no number: rebuilt minus given, in the column's
    units, in days or in hours; of "wrong" 1 for another category and 0 for the same; of "words" the share of the words
    of both that only one of them has.
    """

    name: str
    kind: str
    given: Array
    rebuilt: Array
    off: Array


@dataclass(frozen=True)
class ColumnError:
    """The mean of |off| over the rows whose cell is known, NaN without any; baseline: that of a constant answer."""

    name: str
    kind: str
    error: float
    baseline: float


def columns_rebuilt(preprocessor: Preprocessor, given: Array, back: Array) -> dict[str, Rebuilt]:
    """Columns by name. given, back: (n, width), as the model sees them. Without those that are put beside the table."""
    given, back = np.asarray(given, np.float64), np.asarray(back, np.float64)
    given, back = given.reshape(len(given), -1), back.reshape(len(back), -1)
    made: dict[str, Rebuilt] = {}
    at = 0
    for column in preprocessor.columns:
        own = slice(at, at + column.width)
        found = _column(column, given[:, own], back[:, own])
        if found is not None:
            made[column.name] = found
        at += column.width
    return made


def column_errors(preprocessor: Preprocessor, given: Array, back: Array, constant: Array) -> tuple[ColumnError, ...]:
    """Each column's error in its units, in the order of the columns.

    Args:
        given, back: (n, width), as the model sees them. constant: (width,), answered by the baseline for every row.
    """
    found = columns_rebuilt(preprocessor, given, back)
    plain = columns_rebuilt(preprocessor, given, np.broadcast_to(constant, np.shape(given)))
    return tuple(ColumnError(n, c.kind, _mean(c.off), _mean(plain[n].off)) for n, c in found.items())


def _mean(off: Array) -> float:
    known = np.abs(off[np.isfinite(off)])
    return float(known.mean()) if len(known) else float("nan")


def _column(column: FittedColumn, given: Array, back: Array) -> Rebuilt | None:
    from .data.fitted import NUMBERS
    from .data.fitted import WORDS as OF_WORDS

    name, broken = column.name, ~np.isfinite(back).all(axis=1)
    if column.encoder == "dates":
        return _dates(column, given, back)
    if column.encoder in OF_WORDS:
        return _words(column, given, back)
    if column.encoder == "hash":
        first, second = (np.array([f"place {k + 1}" for k in _largest(v)], object) for v in (given, back))
        return Rebuilt(name, WRONG, first, second, np.where(broken, np.nan, first != second))
    before, after = cells_in_units(column, given), cells_in_units(column, back)
    if before is None or after is None:
        return None
    if column.encoder in NUMBERS:
        missing = given[:, 1] > 0.5 if column.flag else np.zeros(len(given), bool)
        with np.errstate(over="ignore", invalid="ignore"):
            return Rebuilt(name, NUMBER, before, after, np.where(missing, np.nan, after - before))
    return Rebuilt(name, WRONG, before, after, np.where(broken, np.nan, (before != after).astype(np.float64)))


def _largest(values: Array) -> Array:
    found: Array = np.argmax(np.nan_to_num(values, nan=-np.inf), axis=1)
    return found


# ---- words -----------------------------------------------------------------------------------------------------------


def _words(column: FittedColumn, given: Array, back: Array) -> Rebuilt:
    """A word came out where its number is above a half; of "tfidf", whose numbers get smaller the more words a cell
    has, as many of the largest as went in."""
    has = given > 0
    if column.encoder == "tfidf":
        place = np.argsort(np.argsort(-np.nan_to_num(back, nan=-np.inf), axis=1, kind="stable"), axis=1, kind="stable")
        came = (place < has.sum(axis=1, keepdims=True)) & (back > 0)
    else:
        came = back > 0.5
    either, both = (has | came).sum(axis=1), (has & came).sum(axis=1)
    off = 1 - np.divide(both, either, out=np.ones(len(given)), where=either > 0)
    off[~np.isfinite(back).all(axis=1)] = np.nan
    names = np.array(column.categories, dtype=object)
    return Rebuilt(column.name, WORDS, _listed(names, has), _listed(names, came), off)


def _listed(names: Array, which: Array) -> Array:
    def said(row: Array) -> str:
        more = len(row) - MOST_WORDS
        return ", ".join(row[:MOST_WORDS]) + (f" and {more} more" if more > 0 else "")

    return np.array([said(names[row]) for row in which], dtype=object)


# ---- dates -----------------------------------------------------------------------------------------------------------


def _dates(column: FittedColumn, given: Array, back: Array) -> Rebuilt | None:
    first, second = _parts(column, given), _parts(column, back)
    unknown = ~np.isfinite(back).all(axis=1) | ~given.any(axis=1)  # a missing date is all zero
    if not {"year", "month", "day"} & set(first):
        if "hour" not in first:
            return None  # days of the week alone are no date
        hours = (second["hour"] - first["hour"] + 12) % 24 - 12
        off = np.where(unknown, np.nan, hours)
        return Rebuilt(column.name, HOURS, _clock(first["hour"]), _clock(second["hour"]), off)
    before, after = _moments(first), _moments(second)
    days = (after - before) / np.timedelta64(1, "D")
    with_hours = "hour" in first
    return Rebuilt(
        column.name,
        DAYS,
        _texts(before, first, with_hours),
        _texts(after, first, with_hours),
        np.where(unknown, np.nan, days),
    )


def _parts(column: FittedColumn, numbers: Array) -> dict[str, Array]:
    """Year, month (from 0), day, weekday and hour as far as the column has them; what is no number counts as 0."""
    numbers = np.nan_to_num(numbers, nan=0.0, posinf=0.0, neginf=0.0)
    made: dict[str, Array] = {}
    at = 0
    for part in column.dates:
        if part.period:
            turn = np.arctan2(numbers[:, at], numbers[:, at + 1]) / (2 * np.pi)
            made[part.name] = (turn * part.period) % part.period
        else:
            made[part.name] = numbers[:, at] * part.scale + part.offset
        at += part.width
    return made


def _moments(parts: dict[str, Array]) -> Array:
    """Parts as datetime64[m]: each rounded to the nearest there is, a day beyond the month's end to its last."""
    count = len(next(iter(parts.values())))
    year = np.clip(np.rint(parts.get("year", np.full(count, _PLAIN_YEAR))), 1, 9999).astype(np.int64)
    month = np.rint(parts.get("month", np.zeros(count))).astype(np.int64) % 12
    start = ((year - 1970) * 12 + month).astype("datetime64[M]")
    last = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)
    day = np.clip(np.rint(parts.get("day", np.ones(count))), 1, last).astype(np.int64)
    minutes = np.rint(parts.get("hour", np.zeros(count)) * 60).astype(np.int64)
    moments: Array = (start.astype("datetime64[D]") + (day - 1)).astype("datetime64[m]") + minutes
    return moments


def _texts(moments: Array, parts: dict[str, Array], with_hours: bool) -> Array:
    """Dates as far as they are known: "2021-11-29", and without the year where all are of one."""
    begin = 0 if "year" in parts else 5
    texts = np.datetime_as_string(moments, unit="m" if with_hours else "D")
    return np.array([text.replace("T", " ")[begin:] for text in texts], dtype=object)


def _clock(hours: Array) -> Array:
    minutes = np.rint(hours * 60).astype(np.int64) % (24 * 60)
    return np.array([f"{m // 60}:{m % 60:02}" for m in minutes], dtype=object)
