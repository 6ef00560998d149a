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
_FEWEST = 10
_MOST_COLUMNS = 50
_FEW_VALUES = 30
_MOST_SHOWN = 4
_LOOKED_AT = 2000
_SHARE = 0.9

Others = tuple[tuple[str, tuple[tuple[str, dict[str, Json]], ...]], ...]
"""(in a few words, the steps as kind and parameters) for each thing that may be done."""

MISSING_WORDS = frozenset(
    (
        *("?", "-", "--", "---", ".", "*", "n/a", "na", "n.a.", "#n/a", "nan", "nil", "null"),
        *("missing", "unknown", "not available"),
    )
)

_ONE = {"Read them day first": "day first", "Read them month first": "month first"}
_BOTH = {"Mostly day first": "day first, else month first", "Mostly month first": "month first, else day first"}

Points = Iterator[tuple[str, dict[str, Json], str, Others]]


def points(frame: pd.DataFrame, profile: TableProfile, settled: set[str]) -> Points:
    """(kind, parameters, reason, choices) of steps that a person may switch on. settled: columns dealt with."""
    far: dict[str, str] = {}
    for column in profile.columns:
        if column.name in settled:
            continue
        if column.type in ("number", "integer"):
            marks = tuple(_marks(frame[column.name], column, profile.rows))
            yield from marks
            found = "" if marks else _far(frame[column.name], column, profile.rows)
            if found:
                far[column.name] = found
        elif column.type in ("text", "category", "date") and frame[column.name].dtype == "str":
            words = [str(word) for word in frame[column.name].dropna().unique()[:_LOOKED_AT]]
            yield from _open_dates(words, column.name)
            yield from _mixed_units(frame[column.name].value_counts().head(_LOOKED_AT), column.name)
            yield from _rare_values(frame[column.name], column)
    if far:
        shown = "; ".join(f"{name}: {text}" for name, text in list(far.items())[:_MOST_SHOWN])
        more = f"; and {len(far) - _MOST_SHOWN} more columns" if len(far) > _MOST_SHOWN else ""
        reason = f"A few values lie far from the rest. {shown}{more}. They may be right, or mistakes."
        limits: dict[str, Json] = {"columns": list(far), "limits": "quartiles", "factor": FAR}
        others = tuple(
            (label, (("limit_outliers", {**limits, "action": action}),))
            for label, action in (
                ("Make them missing", "make missing"),
                ("Put them onto the limit", "put onto the limit"),
                ("Drop their rows", "drop the row"),
            )
        )
        yield "limit_outliers", {**limits, "action": "make missing"}, reason, others


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
    orders = _BOTH if order == "both" else _ONE
    others = tuple((label, (("parse_dates", {"column": name, "order": way}),)) for label, way in orders.items())
    yield "parse_dates", {"column": name}, f"{name} holds dates {why}. Which order is meant?", others


def _mixed_units(rows: pd.Series, name: str) -> Points:
    """Numbers in units that cannot be turned into each other. rows: {cell: how many there are}."""
    words = {str(word): int(count) for word, count in rows.items() if str(word).strip().lower() not in MISSING_WORDS}
    mark = decimal_mark(list(words))
    units: dict[str, int] = {}
    numbers = 0
    for word, count in words.items():
        if np.isfinite(number_in(word, mark)):
            numbers += count
            if unit := unit_of(word):
                units[unit] = units.get(unit, 0) + count
    if not 2 <= len(units) <= _MOST_SHOWN or numbers < _SHARE * sum(words.values()):
        return
    shown = ", ".join(f"{unit} ({count:,})" for unit, count in sorted(units.items(), key=lambda item: -item[1]))
    reason = f"{name} holds numbers in units that do not go together: {shown}. "
    params: dict[str, Json] = {"column": name, "mixed": True}
    others: Others = (("Read them, units ignored", (("parse_numbers", params),)),)
    yield "parse_numbers", params, reason + "Read alike, 5 of one counts as 5 of the other.", others


def _rare_values(cells: pd.Series, column: ColumnProfile) -> Points:
    """Many values, most of them in a few rows each, beside some that are in many."""
    filled = len(cells) - column.missing
    if column.distinct <= _MOST_COLUMNS or column.distinct * _FEWEST <= filled or filled < 200:
        return
    counts = cells.value_counts()
    common = counts[counts >= _FEWEST]
    if not 2 <= len(common) <= _MOST_COLUMNS or common.sum() < 0.5 * filled:
        return
    rare = column.distinct - len(common)
    reason = f"{rare:,} of the {column.distinct:,} values of {column.name} are in fewer than {_FEWEST} rows each, "
    reason += "too few to learn from."
    params: dict[str, Json] = {"column": column.name, "fewest": _FEWEST, "name": "other"}
    yield "merge_rare", params, reason, (("Merge them into “other”", (("merge_rare", params),)),)


def _edges(values: pd.Series, column: ColumnProfile, rows: int) -> tuple[float, int, str] | None:
    """(value, rows, why) of an extreme value that looks like a mark for "not known" or like a limit of what was
    measured; None when there is none.

    A mark stands apart: nothing comes within one deviation of the others. A limit is in many rows: eight times as many
    as is usual, of at least a hundred different values. Many zeros are neither.
    """
    if column.distinct < _FEW_VALUES or rows < 100:
        return None
    cells = values.to_numpy(dtype=np.float64, na_value=np.nan)
    cells = cells[np.isfinite(cells)]
    found, counts = np.unique(cells, return_counts=True)
    usual = float(np.median(counts))
    for edge, beside in ((0, 1), (-1, -2)):
        value, many = float(found[edge]), int(counts[edge])
        if many < max(5, 0.003 * rows) or many > 0.5 * rows:
            continue
        rest = cells[cells != value]
        if abs(value - found[beside]) > rest.std():
            return value, many, "far from all others: perhaps it stands for “not known”"
        counted = column.type == "integer" and value in (0, 1)
        if value != 0 and not counted and len(found) >= 100 and many >= max(0.01 * rows, 8 * usual):
            side = "lowest" if edge == 0 else "highest"
            return value, many, f"the {side} of all: perhaps a limit of what was measured"
    return None


def _marks(values: pd.Series, column: ColumnProfile, rows: int) -> Points:
    found = _edges(values, column, rows)
    if found is None:
        return
    value, many, why = found
    number: Json = int(value) if value.is_integer() else value
    reason = f"{column.name} is {_figure(value)} in {many:,} rows, {why}."
    missing: dict[str, Json] = {"column": column.name, "find": number, "by": None}
    leave: dict[str, Json] = {"column": column.name, "operator": "≠", "value": number, "action": "keep"}
    others = (
        ("Make it missing", (("replace", missing),)),
        ("Leave out these rows", (("filter_rows", leave),)),
    )
    yield "replace", missing, reason, others
