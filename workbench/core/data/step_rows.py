"""Cleaning steps that take rows or columns away, or rename them."""

from __future__ import annotations

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .step_kind import (
    Params,
    StepKind,
    as_number,
    as_text,
    chosen,
    column_of,
    columns_of,
    is_date,
    is_number,
    listed,
    literal,
    require,
    some_rows,
)

# ---- drop rows with missing cells ------------------------------------------------------------------------------


def _drop_missing(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = chosen(params)
    require(names, frame, DROP_MISSING.title)
    kept = frame.dropna(subset=names or None, how="all" if params.get("how") == "all" else "any")
    return some_rows(kept, DROP_MISSING.title)


def _drop_missing_code(params: Params) -> str:
    subset = f"subset={chosen(params)!r}, " if chosen(params) else ""
    return f"df = df.dropna({subset}how={('all' if params.get('how') == 'all' else 'any')!r})"


def _drop_missing_summary(params: Params) -> str:
    names, every = chosen(params), params.get("how") == "all"
    if not names:
        return "Drop rows without any value" if every else "Drop rows with a missing value in any column"
    if len(names) == 1:
        return f"Drop rows where {names[0]} is missing"
    return f"Drop rows where {'all' if every else 'any'} of {listed(names)} is missing"


DROP_MISSING = StepKind(
    "drop_missing",
    "Drop rows with missing values",
    "Takes rows away in which a value is missing.",
    (
        Field("columns", "columns", "Columns", [], help="Where to look; none chosen means every column."),
        Field("how", "choice", "Missing in", "any", choices=("any", "all"), help="Any of the columns, or all of them."),
    ),
    _drop_missing_summary,
    _drop_missing,
    _drop_missing_code,
    rows=lambda params: "drops",
)

# ---- drop duplicates -------------------------------------------------------------------------------------------


def _drop_duplicates(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = chosen(params)
    require(names, frame, DROP_DUPLICATES.title)
    return frame.drop_duplicates(subset=names or None)


def _drop_duplicates_code(params: Params) -> str:
    return f"df = df.drop_duplicates({f'subset={chosen(params)!r}' if chosen(params) else ''})"


def _drop_duplicates_summary(params: Params) -> str:
    names = chosen(params)
    return f"Drop rows with the same {listed(names)}" if names else "Drop duplicate rows"


DROP_DUPLICATES = StepKind(
    "drop_duplicates",
    "Drop duplicate rows",
    "Keeps the first of rows that are equal.",
    (Field("columns", "columns", "Columns", [], help="What has to be equal; none chosen means the whole row."),),
    _drop_duplicates_summary,
    _drop_duplicates,
    _drop_duplicates_code,
    rows=lambda params: "drops",
)

# ---- filter rows -----------------------------------------------------------------------------------------------

OPERATORS = ("=", "≠", "<", "≤", ">", "≥", "contains", "is missing", "is not missing")
_ORDER = {"<": "lt", "≤": "le", ">": "gt", "≥": "ge"}
_PYTHON = {"<": "<", "≤": "<=", ">": ">", "≥": ">="}
_UNARY = ("is missing", "is not missing")


def _filter_rows(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, FILTER_ROWS.title)
    values, operator, value = frame[name], str(params.get("operator", "=")), params.get("value")
    if operator not in OPERATORS:
        raise StepError(f"The comparison {operator!r} is not known.", where=FILTER_ROWS.title)
    if operator not in _UNARY and (value is None or value == ""):
        raise StepError("There is no value to compare with.", where=FILTER_ROWS.title, remedy="Type one.")
    if operator == "is missing":
        mask = values.isna()
    elif operator == "is not missing":
        mask = values.notna()
    elif operator == "contains":
        mask = values.astype("str").str.contains(as_text(value), case=False, regex=False, na=False)
    elif operator in _ORDER:
        mask = getattr(values, _ORDER[operator])(_comparable(values, value, name))
    else:
        same = (values == _equal_to(values, value, name)).fillna(False)
        mask = same if operator == "=" else ~same
    mask = mask.fillna(False).astype(bool)
    return some_rows(frame[~mask if params.get("action") == "drop" else mask], FILTER_ROWS.title)


def _equal_to(values: pd.Series, value: object, name: str) -> object:
    return _comparable(values, value, name) if is_number(values) or is_date(values) else as_text(value)


def _comparable(values: pd.Series, value: object, name: str) -> object:
    if is_number(values):
        number = as_number(value)
        if number is None:
            raise StepError(
                f"{name!r} holds numbers, and {value!r} is none.", where=FILTER_ROWS.title, remedy="Type a number."
            )
        return number
    if is_date(values):
        try:
            return pd.Timestamp(as_text(value))
        except ValueError as error:
            remedy = "Type one like 2024-01-31."
            raise StepError(f"{value!r} is not a date.", where=FILTER_ROWS.title, remedy=remedy) from error
    raise StepError(
        f"{name!r} holds text, which has no order.",
        where=FILTER_ROWS.title,
        remedy="Parse its numbers or change its type in a step before, or compare with = or contains.",
    )


def _filter_rows_code(params: Params) -> str:
    name, operator, value = str(params.get("column", "")), str(params.get("operator", "=")), params.get("value")
    cell = f"df[{name!r}]"
    if operator == "is missing":
        mask = f"{cell}.isna()"
    elif operator == "is not missing":
        mask = f"{cell}.notna()"
    elif operator == "contains":
        mask = f"{cell}.astype('str').str.contains({as_text(value)!r}, case=False, regex=False, na=False)"
    elif operator in _PYTHON:
        number = as_number(value)
        mask = f"({cell} {_PYTHON[operator]} {literal(value, name) if number is not None else repr(as_text(value))})"
    else:
        mask = f"{'~' if operator == '≠' else ''}({cell} == {literal(value, name)})"
    return f"df = df[{'~(' + mask + ')' if params.get('action') == 'drop' else mask}]"


def _filter_rows_summary(params: Params) -> str:
    operator = str(params.get("operator", "="))
    value = "" if operator in _UNARY else f" {as_text(params.get('value')) or '…'}"
    verb = "Drop" if params.get("action") == "drop" else "Keep"
    return f"{verb} rows where {params.get('column') or '…'} {operator}{value}"


FILTER_ROWS = StepKind(
    "filter_rows",
    "Filter rows",
    "Keeps or drops the rows that meet a condition.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("operator", "choice", "Is", "=", choices=OPERATORS, help="A missing cell is only ≠ or missing."),
        Field("value", "value", "Value", None, optional=True, help="Letters' case matters except in contains."),
        Field("action", "choice", "Rows that match", "keep", choices=("keep", "drop")),
    ),
    _filter_rows_summary,
    _filter_rows,
    _filter_rows_code,
    rows=lambda params: "drops",
)

# ---- columns ---------------------------------------------------------------------------------------------------


def _drop_column(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = columns_of(params, frame, DROP_COLUMN.title)
    if len(set(names)) == len(frame.columns):
        raise StepError("No column would be left.", where=DROP_COLUMN.title, remedy="Keep at least one.")
    return frame.drop(columns=names)


DROP_COLUMN = StepKind(
    "drop_column",
    "Drop columns",
    "Takes columns away.",
    (Field("columns", "columns", "Columns", [], required=True),),
    lambda params: f"Drop {'columns' if len(chosen(params)) > 1 else 'column'} {listed(chosen(params))}",
    _drop_column,
    lambda params: f"df = df.drop(columns={chosen(params)!r})",
)


def _rename_column(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, RENAME_COLUMN.title)
    new = " ".join(as_text(params.get("name")).split())
    if not new:
        raise StepError("The new name is empty.", where=RENAME_COLUMN.title, remedy="Type a name.")
    if new != name and new in frame.columns:
        raise StepError(f"There is a column {new!r} already.", where=RENAME_COLUMN.title, remedy="Type another name.")
    return frame.rename(columns={name: new})


def _rename_column_code(params: Params) -> str:
    new = " ".join(as_text(params.get("name")).split())
    return f"df = df.rename(columns={{{str(params.get('column', ''))!r}: {new!r}}})"


RENAME_COLUMN = StepKind(
    "rename_column",
    "Rename a column",
    "Gives a column another name.",
    (Field("column", "column", "Column", "", required=True), Field("name", "text", "New name", "", required=True)),
    lambda params: f"Rename {params.get('column') or '…'} to {as_text(params.get('name')) or '…'}",
    _rename_column,
    _rename_column_code,
)
