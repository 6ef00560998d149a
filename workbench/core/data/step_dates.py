"""Cleaning steps about dates: reading them out of text, and taking them into parts."""

from __future__ import annotations

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import Asks, Params, StepKind, column_of, is_date, replaced, with_columns
from .step_types import words_of
from .text_dates import date_in, date_order

ORDERS = (
    *("auto", "day first", "month first", "year first"),
    *("day first, else month first", "month first, else day first"),
)
_TITLE = "Parse dates"

# ---- parse dates -----------------------------------------------------------------------------------------------


def _parse_dates(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, _TITLE)
    values = frame[name]
    if is_date(values):
        return frame
    words = words_of(values)
    texts = [str(text) for text in words.dropna().unique()]
    order = _order(params, texts, name)
    parsed = {text: date_in(text, order) for text in texts}
    if not any(parsed.values()) and not params.get("pinned"):
        example = f" such as {texts[0][:40]!r}" if texts else ""
        raise StepError(f"{name!r} holds no dates{example}.", where=_TITLE, remedy="Choose another column.")
    return replaced(frame, {name: pd.to_datetime(words.map(parsed)).astype("datetime64[us]")})


def parse_dates(values: pd.Series, order: str) -> pd.Series:
    """Text or whole numbers as dates, datetime64[us]; what is no date is missing."""
    words = words_of(values)
    parsed = {str(text): date_in(text, order) for text in words.dropna().unique()}
    return pd.to_datetime(words.map(parsed)).astype("datetime64[us]")


def _order(params: Params, texts: list[str], name: str) -> str:
    stated = str(params.get("order", "auto"))
    if stated in ORDERS[1:]:
        return stated
    found = date_order(texts)
    if found == "both":
        raise Asks(
            f"{name!r} holds dates in both orders, such as {_example(texts, True)!r} and {_example(texts, False)!r}.",
            where=_TITLE,
            remedy="Choose the order of most of them, by which 03/04/2024 is read; 'day first, else month first' also "
            "reads the others, while with one order alone they become missing.",
            choices=tuple((way, "order", way) for way in ORDERS if way not in ("auto", "year first")),
        )
    if not found:
        example = next(text for text in texts if not date_order([text]))
        day, month = (date_in(example, order) for order in ("day first", "month first"))
        readings = f"{day.day} {day:%B} or {month.day} {month:%B}" if day and month else "two dates"
        raise Asks(
            f"{example!r} in {name!r} may be {readings}, and no other cell tells which.",
            where=_TITLE,
            remedy="Choose 'day first' or 'month first'.",
            choices=(("day first", "order", "day first"), ("month first", "order", "month first")),
        )
    return found


def _example(texts: list[str], day_first: bool) -> str:
    wanted = "day first" if day_first else "month first"
    only = "month first" if day_first else "day first"
    return next(t for t in texts if date_in(t, wanted) and not date_in(t, only))


def _parse_dates_code(params: Params) -> str:
    cell, order = f"df[{str(params.get('column', ''))!r}]", str(params.get("order", "auto"))
    known = repr(order) if order in ORDERS[1:] else "date_order(list(words.dropna().unique()))"
    number = "lambda v: str(int(v)) if float(v).is_integer() else str(v)"
    return "\n".join(
        [
            f"if not pd.api.types.is_datetime64_any_dtype({cell}):",
            f"    words = {cell}",
            "    if pd.api.types.is_numeric_dtype(words):",
            f"        words = words.map({number}, na_action='ignore')",
            "    words = words.astype('str')",
            f"    order = {known}",
            "    parsed = {text: date_in(text, order) for text in words.dropna().unique()}",
            f"    {cell} = pd.to_datetime(words.map(parsed)).astype('datetime64[us]')",
        ]
    )


def _pin_order(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    name = str(params.get("column", ""))
    if is_date(frame[name]):
        return dict(params)
    return {
        **params,
        "pinned": True,
        "order": _order(params, [str(text) for text in words_of(frame[name]).dropna().unique()], name),
    }


PARSE_DATES = StepKind(
    "parse_dates",
    _TITLE,
    "Reads dates out of text: 2024-01-31, 31.1.2024 13:45, Jan 3, 2024. What is no date becomes missing.",
    (
        Field("column", "column", "Column", "", required=True),
        Field(
            "order",
            "choice",
            "Order",
            "auto",
            choices=ORDERS,
            help="For dates such as 03/04/2024. Found out where a figure above 12 tells; asked where none does.",
        ),
    ),
    lambda params: f"Read {params.get('column') or '…'} as dates",
    _parse_dates,
    _parse_dates_code,
    lambda params, names: [str(params.get("column", ""))],
    helpers=(date_in, date_order),
    pin=_pin_order,
    reads=True,
)

# ---- parts of dates --------------------------------------------------------------------------------------------

_PARTS = {
    "year": ("Year", "dt.year"),
    "month": ("Month", "dt.month"),
    "day": ("Day of the month", "dt.day"),
    "weekday": ("Weekday, 1 is Monday", "dt.day_of_week + 1"),
    "yearday": ("Day of the year", "dt.day_of_year"),
    "hour": ("Hour", "dt.hour"),
    "minute": ("Minute", "dt.minute"),
}
_USUAL = ("year", "month", "weekday")


def _parts(params: Params) -> list[str]:
    return [part for part in _PARTS if params.get(part, part in _USUAL)]


def _date_parts(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    title = DATE_PARTS.title
    name = column_of(params, frame, title)
    values = frame[name]
    if not is_date(values):
        raise StepError(f"{name!r} holds no dates.", where=title, remedy="Parse its dates in a step before.")
    parts = _parts(params)
    if not parts:
        raise StepError("No part is chosen.", where=title, remedy="Tick at least one.")
    columns = {}
    for part in parts:
        new = f"{name} {part}"
        if new in frame.columns:
            raise StepError(f"There is a column {new!r} already.", where=title, remedy="Rename or drop it before.")
        columns[new] = _part(values, part)
    return with_columns(frame, columns, name, [name] if params.get("drop", False) else [])


def _part(values: pd.Series, part: str) -> pd.Series:
    found: pd.Series = getattr(values.dt, _PARTS[part][1].removeprefix("dt.").split(" ")[0])
    return (found + 1 if part == "weekday" else found).astype("float64" if values.isna().any() else "int64")


def _date_parts_code(params: Params) -> str:
    name = str(params.get("column", ""))
    lines = [f"dates = df[{name!r}]", "kind = 'float64' if dates.isna().any() else 'int64'"]
    lines.append(f"place = df.columns.get_loc({name!r})")
    for i, part in enumerate(_parts(params), 1):
        code = f"(dates.{_PARTS[part][1]})" if "+" in _PARTS[part][1] else f"dates.{_PARTS[part][1]}"
        lines.append(f"df.insert(place + {i}, {f'{name} {part}'!r}, {code}.astype(kind))")
    if params.get("drop", False):
        lines.append(f"df = df.drop(columns=[{name!r}])")
    return "\n".join(lines)


DATE_PARTS = StepKind(
    "date_parts",
    "Take dates into parts",
    "Makes columns of the year, month, weekday and so on of a date.",
    (
        Field("column", "column", "Column", "", required=True),
        *(Field(part, "bool", title, part in _USUAL) for part, (title, _) in _PARTS.items()),
        Field("drop", "bool", "Drop the date", False, help="The date itself tells a model little."),
    ),
    lambda params: f"Take {params.get('column') or '…'} into {', '.join(_parts(params)) or '…'}",
    _date_parts,
    _date_parts_code,
)
