"""A long table of series: one step a row, a column that names the series, perhaps one of the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.core.errors import Cancelled, DataError, FeatureError

from .dataset import BadItem, LoadReport, SeriesData, TableData
from .folders import natural_order
from .series_build import OneSeries, constant_words, joined, joined_marks, numbered
from .series_options import (
    NONE,
    names_time,
    rank_class,
    rank_group,
    rank_series,
    rate_option,
    text_option,
)
from .series_text import seconds
from .values import codes

FEWEST_STEPS = 4  # on average, for a column to name series
MOST_CLASSES = 100


def series_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Which columns of a table would name the series and the time, were it a long table of series; {} when it does not
    look like one: it takes a time that grows within each series, or a name such as "series_id", and numbers."""
    names = [str(c) for c in frame.columns]
    if len(frame) < 8 or len(names) < 2:
        return {}
    time = next((n for n in names if names_time(n) and _grows(frame[n]) is not None), "")
    ranked = sorted((rank, n) for n in names if (rank := rank_series(n)) is not None and n != time)
    ranked += [(99, n) for n in names if rank_group(n) is not None]
    series = next((n for _, n in ranked if _parts(frame, n)), "")
    if not series and time and not _grows(frame[time]):
        series = next((n for n in names if n != time and _parts(frame, n) and _grows_within(frame, n, time)), "")
    if series and (time or plain_order(frame[series])):
        numeric = [n for n in names if n not in (series, time) and types.is_numeric_dtype(frame[n].dtype)]
        return {"series": series, "time": time or NONE} if numeric else {}
    if time and (growth := _grows(frame[time])) is not None and growth:
        numeric = [n for n in names if n != time and types.is_numeric_dtype(frame[n].dtype)]
        return {"series": NONE, "time": time} if numeric and len(frame) >= 50 else {}
    return {}


def plain_order(cells: pd.Series[Any]) -> bool:
    """Whether equal cells stand together, so that each run of them can be one series."""
    found, names = codes(cells)
    changes = int((np.diff(found) != 0).sum()) + 1 if len(found) else 0
    return changes == len(names) and len(found) >= FEWEST_STEPS * len(names)


def _parts(frame: pd.DataFrame, name: str) -> bool:
    return 2 <= frame[name].nunique() <= len(frame) / FEWEST_STEPS


def _grows_within(frame: pd.DataFrame, name: str, time: str) -> bool:
    """Whether, whatever the column is called, times strictly grow among the rows of each of its values."""
    if types.is_float_dtype(frame[name].dtype):
        return False
    member, keys = codes(frame[name])[0], seconds(frame[time])
    order = np.argsort(member, kind="stable")
    same = np.diff(member[order]) == 0
    return bool((np.diff(keys[order])[same] > 0).all()) and bool(same.any())


def _grows(cells: pd.Series[Any]) -> bool | None:
    """True when the times strictly grow down the table, False when they do not, None when they are no times."""
    try:
        keys = seconds(cells)
    except FeatureError:
        return None
    known = keys[~np.isnan(keys)]
    if len(known) < 0.9 * len(keys) or len(np.unique(known)) < FEWEST_STEPS:
        return None
    return bool((np.diff(known) > 0).all())


def load_series_table(
    table: TableData,
    params: Mapping[str, Any],
    cancelled: Callable[[], bool] | None = None,
    where: str = "",
) -> SeriesData:
    """The series of a long table, steps in the order of their times (or of the rows).

    A class or group is a column that is the same all through each series; other columns of words are classes step by
    step, other columns of numbers are channels. Rows without a series or a time go to `report.bad`.

    Raises:
        DataError: an option names a column that is not there, or there are no numbers. Cancelled.
    """
    frame = table.frame
    names = [str(c) for c in frame.columns]
    found = series_columns(frame)
    series = _column(params, "series", found.get("series", NONE), names)
    time = _column(params, "time", found.get("time", NONE), names)
    bad = list(table.report.bad)
    keep = np.ones(len(frame), bool)
    times = None
    if time != NONE:
        try:
            times = seconds(frame[time])
        except FeatureError as error:
            raise DataError(error.what, where="time", remedy=error.remedy) from error
        keep &= _known(~np.isnan(times), "time", time, frame, bad)
    member, series_names = np.zeros(len(frame), np.int64), [table.title or "series"]
    if series != NONE:
        member, series_names = _in_order(*codes(frame[series]))
        keep &= _known(member >= 0, "series", series, frame, bad)
    if table.parts.any():  # a series of the test file is not the one of that name in the main file
        later = np.asarray(table.parts) > 0
        member = np.where(later & (member >= 0), member + len(series_names), member)
        series_names = [*series_names, *(f"{name} (test)" for name in series_names)]
    if not keep.any():
        raise DataError("No row has a series and a time.", where=where, remedy="Choose other columns.")
    rest = [n for n in names if n not in (series, time)]
    channels = [n for n in rest if types.is_numeric_dtype(frame[n].dtype)]
    words = [n for n in rest if n not in channels and not types.is_datetime64_any_dtype(frame[n].dtype)]
    asked = {key: text_option(params, key) for key in ("class", "group")}
    for key, name in asked.items():
        if name not in ("", NONE) and name not in rest:
            raise DataError(
                f'There is no column "{name}".', where=key, remedy=f"Choose one of: {', '.join(rest[:12])}."
            )
    whole = [n for n in channels if n in asked.values() or rank_group(n) is not None or _names_class(frame, n)]
    channels = [n for n in channels if n not in whole]  # figures that name something
    if not channels:
        raise DataError("No column of numbers is left for the channels.", where=where, remedy="Choose other columns.")
    order = np.flatnonzero(keep)
    keys = (member[order],) if times is None else (times[order], member[order])
    order = order[np.lexsort(keys)]
    made = _cut(frame, order, member, series_names, times, channels, [*words, *whole], table.parts, cancelled)
    return _whole(table, made, channels, names, series, time, asked, bad, rate_option(params))


def _in_order(found: np.ndarray[Any, Any], names: list[str]) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Codes numbered anew, so that "s2" is before "s10"."""
    order = sorted(range(len(names)), key=lambda i: natural_order(names[i]))
    place = np.full(len(names) + 1, -1, np.int64)
    place[order] = np.arange(len(names))
    return place[found], [names[i] for i in order]


def _names_class(frame: pd.DataFrame, name: str) -> bool:
    return rank_class(name) is not None and types.is_integer_dtype(frame[name].dtype) and frame[name].nunique() <= 100


def _column(params: Mapping[str, Any], key: str, found: str, names: list[str]) -> str:
    name = text_option(params, key) or found
    if name != NONE and name not in names:
        listed = ", ".join(names[:12])
        raise DataError(f'There is no column "{name}".', where=key, remedy=f"Choose one of: {listed}.")
    return name


def _known(
    known: np.ndarray[Any, np.dtype[np.bool_]], what: str, column: str, frame: pd.DataFrame, bad: list[BadItem]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    lost = np.flatnonzero(~known)
    for row in lost[:20]:
        bad.append(BadItem(f"row {int(frame.index[row]) + 1}", f'It has no {what} in "{column}".'))
    if len(lost) > 20:
        bad.append(BadItem(f'column "{column}"', f"{len(lost) - 20:,} more rows have no {what}."))
    return known


def _cut(
    frame: pd.DataFrame,
    order: np.ndarray[Any, Any],
    member: np.ndarray[Any, Any],
    names: list[str],
    times: np.ndarray[Any, Any] | None,
    channels: list[str],
    words: list[str],
    parts: np.ndarray[Any, Any],
    cancelled: Callable[[], bool] | None,
) -> list[OneSeries]:
    values = frame[channels].to_numpy(np.float64, na_value=np.nan)[order]
    values[~np.isfinite(values)] = np.nan
    cells = {n: frame[n].to_numpy(object)[order] for n in words}
    own = member[order]
    edges = np.concatenate([[0], np.flatnonzero(np.diff(own)) + 1, [len(own)]])
    made = []
    for a, b in pairwise(edges.tolist()):
        if cancelled is not None and cancelled():
            raise Cancelled
        clock = None if times is None else times[order[a:b]]
        kept = {n: c[a:b] for n, c in cells.items()}
        part = int(np.bincount(parts[order[a:b]]).argmax())
        made.append(OneSeries(names[int(own[a])], values[a:b], clock, None, kept, {}, part))
    return made


def _whole(
    table: TableData,
    made: list[OneSeries],
    channels: list[str],
    names: list[str],
    series: str,
    time: str,
    asked: Mapping[str, str],
    bad: list[BadItem],
    rate: float,
) -> SeriesData:
    whole = {n: [constant_words(one, n) for one in made] for n in made[0].words}
    steady = {n: v for n, v in whole.items() if all(c is not None for c in v)}
    for key, name in asked.items():
        if name not in ("", NONE) and name not in steady:
            first = next(one.name for one, c in zip(made, whole[name], strict=True) if c is None)
            raise DataError(
                f'"{name}" changes within the series {first}, so it cannot be the {key} of whole series.',
                where=key,
                remedy="Choose none here; on the Features page it can be predicted step by step.",
            )
    usable = {n for n, v in steady.items() if len(made) > 1 and 2 <= len(set(v)) <= min(MOST_CLASSES, len(made))}
    by = asked["class"] or _best(usable, rank_class)
    group = asked["group"] or _best(usable - {by}, rank_group)
    if not by:
        free = sorted(n for n in usable - {group} if len(set(steady[n])) <= len(made) / 2 and rank_group(n) is None)
        by = free[-1] if free else NONE
    classes, labels = numbered(steady[by] if by in steady else [None] * len(made))
    groups, belongs = numbered(steady[group]) if group in steady else ((), None)
    values, times, starts = joined(made)
    taken = {by, group}
    marks = joined_marks(made, [n for n in made[0].words if n not in taken and n not in steady])
    tells = {n: v for n, v in steady.items() if len(set(v)) > 1}
    notes = [*table.report.notes]
    lost = sorted(set(made[0].words) - taken - set(marks) - set(steady))
    if lost:
        notes.append(f"Columns of words that are no classes are left out: {', '.join(lost[:5])}.")
    report = LoadReport(
        table.report.options, len(made), tuple(bad), tuple(notes), table.report.fingerprint, table.report.first_line
    )
    return SeriesData(
        tuple(channels),
        values,
        starts,
        [one.name for one in made],
        labels,
        np.array([one.part for one in made], np.uint8),
        report,
        classes,
        groups,
        belongs,
        times,
        rate,
        marks,
        tuple((n, f"{n} ({len(set(v))})") for n, v in tells.items()),
        {"series": series, "time": time, "class": by or NONE, "group": group or NONE, "rate": rate, "header": True},
        tuple(names),
        table.title,
        "class" if by in ("", NONE) else by,
    )


def _best(names: set[str], rank: Callable[[str], int | None]) -> str:
    ranked = sorted((place, n) for n in names if (place := rank(n)) is not None)
    return ranked[0][1] if ranked else ""
