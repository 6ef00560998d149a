"""What is worth a look although only a person can tell what is right: each with a step that is switched off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from workbench.core.project import Json

from .profile import ColumnProfile, TableProfile
from .text_dates import date_in, date_order
from .text_numbers import decimal_mark, number_in, unit_of

FAR = 5.0
"""Times the middle half of the values beyond it: what lies further out is far from the rest."""

_FEW = 0.002
_MOST_SHOWN = 4
_LOOKED_AT = 2000
_SHARE = 0.9

Points = Iterator[tuple[str, dict[str, Json], str]]


def points(frame: pd.DataFrame, profile: TableProfile, settled: set[str]) -> Points:
    """(kind, parameters, reason) of steps that a person may switch on. settled: columns that are dealt with."""
    far: dict[str, str] = {}
    for column in profile.columns:
        if column.name in settled:
            continue
        if column.type in ("number", "integer"):
            found = _far(frame[column.name], column, profile.rows)
            if found:
                far[column.name] = found
        elif column.type in ("text", "category", "date") and frame[column.name].dtype == "str":
            words = [str(word) for word in frame[column.name].dropna().unique()[:_LOOKED_AT]]
            yield from _open_dates(words, column.name)
            yield from _mixed_units(words, column.name)
    if far:
        shown = "; ".join(f"{name}: {text}" for name, text in list(far.items())[:_MOST_SHOWN])
        more = f"; and {len(far) - _MOST_SHOWN} more columns" if len(far) > _MOST_SHOWN else ""
        reason = f"A few values lie far from the rest. {shown}{more}. If they are mistakes, switch the step on."
        limits: dict[str, Json] = {"limits": "quartiles", "factor": FAR, "action": "make missing"}
        yield "limit_outliers", {"columns": list(far), **limits}, reason


def _far(values: pd.Series, column: ColumnProfile, rows: int) -> str:
    """The values far from the rest; "" when there are none. A long tail is no outlier, nor are few different values."""
    if column.distinct < 20 or rows < 50 or column.distinct == rows:
        return ""
    cells = values.to_numpy(dtype=np.float64, na_value=np.nan)
    cells = cells[np.isfinite(cells)]
    low, high = (float(q) for q in np.quantile(cells, (0.25, 0.75)))
    span = high - low
    far = cells[(cells < low - FAR * span) | (cells > high + FAR * span)]
    if not span > 0 or not 0 < len(far) <= max(1, _FEW * len(cells)):
        return ""
    furthest = np.unique(far)[np.argsort(-np.abs(np.unique(far) - (low + high) / 2))]
    shown = ", ".join(map(_figure, furthest[:_MOST_SHOWN].tolist()))
    more = " …" if len(furthest) > _MOST_SHOWN else ""
    return f"{shown}{more}, where half of all lie from {_figure(low)} to {_figure(high)}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:,.6g}"


def _open_dates(words: list[str], name: str) -> Points:
    """Dates whose order of day and month nothing tells, or of both orders."""
    order = date_order(words)
    if order not in ("", "both") or len(words) < 2:
        return
    dates = sum(date_in(word, "day first") is not None or date_in(word, "month first") is not None for word in words)
    if dates < _SHARE * len(words):
        return
    example = next((word for word in words if not date_order([word])), words[0])
    why = "in both orders of day and month" if order == "both" else f"such as {example!r}, that can be read in two ways"
    yield "parse_dates", {"column": name}, f"{name} holds dates {why}. Choose the order in the step, then switch it on."


def _mixed_units(words: list[str], name: str) -> Points:
    """Numbers in units that cannot be turned into each other."""
    mark = decimal_mark(words)
    units: dict[str, int] = {}
    for word in words:
        if np.isfinite(number_in(word, mark)) and (unit := unit_of(word)):
            units[unit] = units.get(unit, 0) + 1
    if len(units) < 2 or len(units) > _MOST_SHOWN or sum(units.values()) < _SHARE * len(words):
        return
    shown = ", ".join(f"{unit} ({count:,})" for unit, count in sorted(units.items(), key=lambda item: -item[1]))
    reason = f"{name} holds numbers in units that do not go together: {shown}. "
    yield "parse_numbers", {"column": name, "mixed": True}, reason + "Switch the step on to read them all alike."
