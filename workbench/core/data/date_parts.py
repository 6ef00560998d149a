"""Dates as numbers a network can use: year and day scaled, month, weekday and hour as points on a circle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.core.errors import FeatureError

from .fitted import DatePart
from .step_types import day_first
from .values import Floats, shown

PERIODS = {"year": 0.0, "month": 12.0, "day": 0.0, "weekday": 7.0, "hour": 24.0}
"""The parts of a date in order, and after how many they begin anew; 0: never, or not evenly."""


def is_day_first(cells: pd.Series[Any]) -> bool:
    """Whether texts such as 31/12/2024 name the day first; dates have no such question."""
    return not types.is_datetime64_any_dtype(cells.dtype) and day_first(cells.astype("str"))


def stamps(cells: pd.Series[Any], first: bool) -> pd.Series[Any]:
    """The cells as dates; what is none counts as missing.

    Raises:
        FeatureError: the column holds numbers, or dates of several time zones.
    """
    if types.is_datetime64_any_dtype(cells.dtype):
        return cells
    where = f'column "{cells.name}"'
    if types.is_numeric_dtype(cells.dtype) and not types.is_bool_dtype(cells.dtype) and cells.notna().any():
        raise FeatureError(
            f'"{cells.name}" holds numbers, not dates.', where=where, remedy="Choose an encoding for numbers."
        )
    words = cells.where(cells.notna(), None).astype("str")
    try:
        return pd.to_datetime(words, errors="coerce", dayfirst=first, format="mixed")
    except ValueError as error:
        raise FeatureError(
            f'"{cells.name}" mixes time zones.', where=where, remedy="Bring the dates into one time zone first."
        ) from error


def parts_of(dates: pd.Series[Any]) -> dict[str, Floats]:
    """Year, month (from 0), day, weekday (Monday 0) and hour (with its minutes) of each date, NaN where missing."""
    clock = dates.dt
    return {
        "year": clock.year.to_numpy(np.float64, na_value=np.nan),
        "month": clock.month.to_numpy(np.float64, na_value=np.nan) - 1,
        "day": clock.day.to_numpy(np.float64, na_value=np.nan),
        "weekday": clock.day_of_week.to_numpy(np.float64, na_value=np.nan),
        "hour": clock.hour.to_numpy(np.float64, na_value=np.nan)
        + clock.minute.to_numpy(np.float64, na_value=np.nan) / 60,
    }


def fit_parts(cells: pd.Series[Any], first: bool) -> tuple[tuple[DatePart, ...], str]:
    """The parts that vary, with mean and deviation of those that are no circle, and the middle date as text.

    Raises:
        FeatureError: no cell is a date.
    """
    from .fit import spread

    dates = stamps(cells, first)
    known = dates.dropna()
    if not len(known):
        filled = cells.dropna()
        example = f', such as "{shown(filled.iloc[0])}"' if len(filled) else ""
        raise FeatureError(
            f'No training cell of "{cells.name}" is a date{example}.',
            where=f'column "{cells.name}"',
            remedy="Choose another encoding, or ignore the column.",
        )
    made = []
    for name, values in parts_of(known).items():
        if values.min() == values.max():
            continue
        offset, scale = (0.0, 1.0) if PERIODS[name] else spread(values)
        made.append(DatePart(name, offset, scale, PERIODS[name]))
    middle = known.sort_values().iloc[len(known) // 2]
    if not made:  # one and the same moment: the column stays, as a constant
        made.append(DatePart("year", float(middle.year)))
    return tuple(made), middle.isoformat(sep=" ").removesuffix(" 00:00:00")


def write_parts(cells: pd.Series[Any], parts: tuple[DatePart, ...], first: bool, out: np.ndarray[Any, Any]) -> None:
    """Fill `out`, float32 (n, width); the rows of missing dates stay zero."""
    dates = stamps(cells, first)
    known = dates.notna().to_numpy()
    if not known.any():
        return
    values = parts_of(dates)
    at = 0
    for part in parts:
        found = values[part.name][known]
        if part.period:
            angle = found * (2 * np.pi / part.period)
            out[known, at], out[known, at + 1] = np.sin(angle), np.cos(angle)
        else:
            out[known, at] = (found - part.offset) / part.scale
        at += part.width
