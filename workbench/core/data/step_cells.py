"""Cleaning steps that change cells: numbers in text, replacing, blanks and case."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import (
    Asks,
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
    replaced,
)
from .text_numbers import decimal_mark, number_as, number_in, unit_of, unit_size

# ---- parse numbers ---------------------------------------------------------------------------------------------


def _parse_numbers(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, PARSE_NUMBERS.title)
    values = frame[name]
    if is_number(values):
        return frame
    if is_date(values):
        raise StepError(f"{name!r} holds dates.", where=PARSE_NUMBERS.title, remedy="Change its type instead.")
    texts = [str(text) for text in values.dropna().unique()]
    mark = str(params.get("decimal", "auto"))
    mark = decimal_mark(texts) if mark not in (".", ",") else mark
    to = as_text(params.get("to")).strip()
    if to and unit_size(to) is None:
        raise StepError(
            f"The unit {to!r} is not known.",
            where=PARSE_NUMBERS.title,
            remedy="Use one of mass, length, volume, time or data, such as kg, cm, l, h or MB.",
        )
    parsed = {text: number_as(text, mark, to) if to else number_in(text, mark) for text in texts}
    good = [text for text, number in parsed.items() if np.isfinite(number)]
    if not good:
        example = f" such as {texts[0]!r}" if texts else ""
        raise StepError(
            f"{name!r} holds no numbers{example}.", where=PARSE_NUMBERS.title, remedy="Choose another column."
        )
    units = Counter(unit_of(text) for text in good if unit_of(text))
    if len(units) > 1 and not params.get("mixed") and not to:
        shown = ", ".join(f"{unit} ({count})" for unit, count in units.most_common(4))
        into = [unit for unit in units if _all_go_into(unit, list(units))]
        raise Asks(
            f"{name!r} holds numbers in several units: {shown}.",
            where=PARSE_NUMBERS.title,
            remedy="Say which unit to bring them to, replace the odd ones before, or tick that units are ignored.",
            choices=(*((f"all in {unit}", "to", unit) for unit in into), ("ignore the units", "mixed", True)),
        )
    return replaced(frame, {name: values.astype("str").map(parsed).astype("float64")})


def _all_go_into(unit: str, units: list[str]) -> bool:
    wanted = unit_size(unit)
    sizes = [unit_size(other) for other in units]
    return wanted is not None and all(size is not None and size[0] == wanted[0] for size in sizes)


def _parse_numbers_code(params: Params) -> str:
    cell, mark = f"df[{str(params.get('column', ''))!r}]", params.get("decimal", "auto")
    to = as_text(params.get("to")).strip()
    read = f"number_as(text, mark, {to!r})" if to else "number_in(text, mark)"
    known = repr(mark) if mark in (".", ",") else "decimal_mark([str(text) for text in texts])"
    return "\n".join(
        [
            f"if not pd.api.types.is_numeric_dtype({cell}):",
            f"    texts = {cell}.dropna().unique()",
            f"    mark = {known}",
            f"    parsed = {{str(text): {read} for text in texts}}",
            f"    {cell} = {cell}.astype('str').map(parsed).astype('float64')",
        ]
    )


def _pin_decimal(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    values = frame[str(params.get("column", ""))]
    if params.get("decimal", "auto") != "auto" or is_number(values):
        return dict(params)
    return {**params, "decimal": decimal_mark([str(text) for text in values.dropna().unique()])}


PARSE_NUMBERS = StepKind(
    "parse_numbers",
    "Parse numbers",
    "Reads numbers out of text: $1,234.50, 12 %, 3,5 kg, (7). What is no number becomes missing.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("decimal", "choice", "Decimal mark", "auto", choices=("auto", ".", ",")),
        Field(
            "to", "text", "Bring to the unit", "", help="kg makes 0.2 of 200 g; also g lb, cm m km in ft, ml l, h min."
        ),
        Field("mixed", "bool", "Ignore units", False, help="Read 5 kg and 200 g as 5 and 200."),
    ),
    lambda params: f"Read {params.get('column') or '…'} as numbers",
    _parse_numbers,
    _parse_numbers_code,
    lambda params, names: [str(params.get("column", ""))],
    helpers=(number_in, decimal_mark, unit_of, unit_size, number_as),
    pin=_pin_decimal,
    reads=True,
)

# ---- replace ---------------------------------------------------------------------------------------------------


def _replace(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    name = column_of(params, frame, REPLACE.title)
    values, find, by = frame[name], params.get("find"), params.get("by")
    if find is None or find == "":
        raise StepError("There is nothing to find.", where=REPLACE.title, remedy="Type what is to be replaced.")
    if is_date(values):
        remedy = "Change its type to text before."
        raise StepError(f"{name!r} holds dates.", where=REPLACE.title, remedy=remedy)
    if params.get("match") == "part":
        if is_number(values):
            remedy = "Replace whole cells, or change the type to text before."
            raise StepError(f"{name!r} holds numbers, which have no parts.", where=REPLACE.title, remedy=remedy)
        return replaced(frame, {name: values.astype("str").str.replace(as_text(find), as_text(by), regex=False)})
    if not is_number(values):
        words = values.astype("str")
        same = (words == as_text(find)).fillna(False).astype(bool)
        return replaced(frame, {name: words.mask(same) if _is_nothing(by) else words.mask(same, as_text(by))})
    wanted, new = as_number(find), as_number(by)
    if wanted is None or (new is None and not _is_nothing(by)):
        raise StepError(
            f"{name!r} holds numbers, and {(find if wanted is None else by)!r} is none.",
            where=REPLACE.title,
            remedy="Type a number, or change the column's type to text before.",
        )
    same = values == wanted
    return replaced(frame, {name: values.mask(same) if new is None else values.mask(same, new)})


def _is_nothing(value: object) -> bool:
    return value is None or value == ""


def _replace_code(params: Params) -> str:
    name, find, by = str(params.get("column", "")), params.get("find"), params.get("by")
    cell = f"df[{name!r}]"
    if params.get("match") == "part":
        return f"{cell} = {cell}.astype('str').str.replace({as_text(find)!r}, {as_text(by)!r}, regex=False)"
    number = f"pd.api.types.is_numeric_dtype({cell}) and not pd.api.types.is_bool_dtype({cell})"
    words = f"if not ({number}):\n    {cell} = {cell}.astype('str')\n"
    new = "" if _is_nothing(by) else f", {literal(by, name)}"
    return f"{words}{cell} = {cell}.mask({cell} == {literal(find, name)}{new})"


def _replace_summary(params: Params) -> str:
    find, by = as_text(params.get("find")) or "…", as_text(params.get("by"))
    part = params.get("match") == "part"
    new = f"'{by}'" if by else "nothing" if part else "missing"
    return f"Replace '{find}' {'within' if part else 'in'} {params.get('column') or '…'} by {new}"


REPLACE = StepKind(
    "replace",
    "Replace values",
    "Puts one value in the place of another.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("find", "value", "Find", None, required=True),
        Field("by", "value", "Replace by", None, optional=True, help="Empty: the cell becomes missing."),
        Field("match", "choice", "Match", "whole cell", choices=("whole cell", "part")),
    ),
    _replace_summary,
    _replace,
    _replace_code,
    lambda params, names: [str(params.get("column", ""))],
)

# ---- trim text -------------------------------------------------------------------------------------------------

_TRIMS = {
    "strip": (".str.strip()", "Strip blanks around"),
    "collapse blanks": (".str.replace(r'\\s+', ' ', regex=True).str.strip()", "Collapse blanks in"),
    "lower case": (".str.strip().str.lower()", "Lower the case of"),
    "upper case": (".str.strip().str.upper()", "Raise the case of"),
    "title case": (".str.strip().str.title()", "Capitalise the words of"),
}


def _trim_text(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names, mode = columns_of(params, frame, TRIM_TEXT.title), str(params.get("mode", "strip"))
    if mode not in _TRIMS:
        raise StepError(f"The way to tidy {mode!r} is not known.", where=TRIM_TEXT.title)
    odd = [name for name in names if is_number(frame[name]) or is_date(frame[name])]
    if odd:
        raise StepError(f"{listed(odd)} holds no text.", where=TRIM_TEXT.title, remedy="Choose columns of text.")
    return replaced(frame, {name: _trimmed(frame[name].astype("str"), mode) for name in names})


def _trimmed(words: pd.Series, mode: str) -> pd.Series:
    if mode == "collapse blanks":
        words = words.str.replace(r"\s+", " ", regex=True)
    words = words.str.strip()
    if mode == "lower case":
        return words.str.lower()
    if mode == "upper case":
        return words.str.upper()
    return words.str.title() if mode == "title case" else words


def _trim_text_code(params: Params) -> str:
    trim = _TRIMS[str(params.get("mode", "strip"))][0]
    return "\n".join(f"df[{name!r}] = df[{name!r}].astype('str'){trim}" for name in chosen(params))


TRIM_TEXT = StepKind(
    "trim_text",
    "Tidy text",
    "Strips and collapses blanks, changes the case of letters.",
    (
        Field("columns", "columns", "Columns", [], required=True),
        Field("mode", "choice", "How", "strip", choices=tuple(_TRIMS)),
    ),
    lambda params: f"{_TRIMS.get(str(params.get('mode', 'strip')), _TRIMS['strip'])[1]} {listed(chosen(params))}",
    _trim_text,
    _trim_text_code,
    lambda params, names: chosen(params),
)
