"""The cleaning step that changes what a column is: number, text, category or date."""

from __future__ import annotations

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import Params, StepKind, column_of, is_date, is_number, replaced

TYPES = ("number", "text", "category", "date")
ORDERS = ("auto", "year first", "day first", "month first")
_TITLE = "Change type"


def _change_type(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, _TITLE)
    values, wanted = frame[name], str(params.get("type", "text"))
    if wanted == "number":
        return replaced(frame, {name: _to_number(values, name)})
    if wanted == "date":
        return replaced(frame, {name: _to_date(values, str(params.get("order", "auto")), name)})
    if wanted not in TYPES:
        raise StepError(f"The type {wanted!r} is not known.", where=_TITLE)
    words = words_of(values)
    return replaced(frame, {name: words.astype("category") if wanted == "category" else words})


def words_of(values: pd.Series) -> pd.Series:
    """The cells as text; whole numbers without a point, missing stays missing."""
    if is_number(values):
        return values.map(_number_text, na_action="ignore").astype("str")
    return values.astype("str")


def _number_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _to_number(values: pd.Series, name: str) -> pd.Series:
    if is_number(values):
        return values
    if is_date(values):
        raise StepError(f"{name!r} holds dates.", where=_TITLE, remedy="Leave it a date, or make it text.")
    words = values.astype("str")
    numbers = pd.to_numeric(words, errors="coerce")
    lost = words[numbers.isna() & words.notna()]
    if len(lost):
        row = int(lost.index[0]) + 1
        raise StepError(
            f"{len(lost):,} cells of {name!r} are no numbers, such as {str(lost.iloc[0])[:40]!r} in row {row}.",
            where=_TITLE,
            remedy="Use the step 'Parse numbers', which makes what is no number missing.",
        )
    return numbers


def _to_date(values: pd.Series, order: str, name: str) -> pd.Series:
    if is_date(values):
        return values
    words = words_of(values)
    first = order == "day first" or (order == "auto" and day_first(words))
    try:
        dates = pd.to_datetime(words, errors="coerce", dayfirst=first, format="mixed")
    except ValueError as error:
        raise StepError(f"{name!r} mixes time zones.", where=_TITLE, remedy="Leave it as text.") from error
    if not dates.notna().any():
        filled = words.dropna()
        example = f", such as {str(filled.iloc[0])[:40]!r}" if len(filled) else ""
        raise StepError(f"No cell of {name!r} is a date{example}.", where=_TITLE, remedy="Choose another type.")
    return dates


def day_first(words: pd.Series) -> bool:
    """Whether a first figure is above 12, so that it can only be a day."""
    first = words.str.extract(r"^\s*(\d{1,2})[-/.]", expand=False).astype("float64")
    return bool(first.gt(12).any())


WORDS_CODE = (
    "{cell} = {cell}.map(lambda v: str(int(v)) if float(v).is_integer() else str(v), na_action='ignore').astype('str') "
    "if pd.api.types.is_numeric_dtype({cell}) and not pd.api.types.is_bool_dtype({cell}) else {cell}.astype('str')"
)


def _change_type_code(params: Params) -> str:
    cell, wanted = f"df[{str(params.get('column', ''))!r}]", str(params.get("type", "text"))
    if wanted == "number":
        return f"if not pd.api.types.is_numeric_dtype({cell}):\n    {cell} = pd.to_numeric({cell}.astype('str'))"
    words = WORDS_CODE.replace("{cell}", cell)
    if wanted == "category":
        return f"{words}\n{cell} = {cell}.astype('category')"
    if wanted != "date":
        return words
    order = str(params.get("order", "auto"))
    first = repr(order == "day first")
    if order == "auto":
        first = f"bool({cell}.str.extract(r'^\\s*(\\d{{1,2}})[-/.]', expand=False).astype('float64').gt(12).any())"
    lines = [
        words,
        f"day_first = {first}",
        f"{cell} = pd.to_datetime({cell}, errors='coerce', dayfirst=day_first, format='mixed')",
    ]
    body = "\n".join(f"    {line}" for line in lines)
    return f"if not pd.api.types.is_datetime64_any_dtype({cell}):\n{body}"


def _pin_order(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    values = frame[str(params.get("column", ""))]
    automatic = params.get("type") == "date" and params.get("order", "auto") == "auto"
    if not automatic or is_date(values):
        return dict(params)
    return {**params, "order": "day first" if day_first(words_of(values)) else "month first"}


CHANGE_TYPE = StepKind(
    "change_type",
    _TITLE,
    "Makes a column numbers, text, a category or dates.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("type", "choice", "Type", "text", choices=TYPES),
        Field("order", "choice", "Order of dates", "auto", choices=ORDERS, help="Only for dates such as 03/04/2024."),
    ),
    lambda params: f"Make {params.get('column') or '…'} a {params.get('type', 'text')}".replace(" a text", " text"),
    _change_type,
    _change_type_code,
    lambda params, names: [str(params.get("column", ""))],
    pin=_pin_order,
    reads=True,
)
