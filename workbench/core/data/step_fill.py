"""Cleaning steps for missing values: filled over the whole column or within groups, or flagged."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

from .step_kind import (
    Params,
    StepKind,
    as_number,
    as_text,
    chosen,
    columns_of,
    is_date,
    is_number,
    listed,
    replaced,
    require,
    with_columns,
)
from .step_types import words_of

# ---- fill missing ----------------------------------------------------------------------------------------------

METHODS = ("mean", "median", "mode", "constant", "forward", "backward", "linear", "own category")
OWN = "missing"
"""What "own category" writes into the gaps of text."""

_OF_A_GROUP = ("mean", "median", "mode", "forward", "backward")
_METHOD_WORDS = {
    "mean": "the mean",
    "median": "the median",
    "mode": "the most common value",
    "forward": "the value above",
    "backward": "the value below",
    "linear": "a line between the values around",
    "own category": f"a category of its own, “{OWN}”",
}


def _fill_missing(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = columns_of(params, frame, FILL_MISSING.title)
    method = str(params.get("method", "median"))
    if method not in METHODS:
        raise StepError(f"The way to fill {method!r} is not known.", where=FILL_MISSING.title)
    groups = _groups(params)
    require(groups, frame, FILL_MISSING.title)
    known = params.get("known")
    if isinstance(known, dict):
        return replaced(frame, {name: _as_known(frame, name, groups, known[name]) for name in names if name in known})
    if not groups:
        return replaced(frame, {name: _filled(frame[name], method, params, name) for name in names})
    if method not in _OF_A_GROUP:
        remedy = "Choose mean, median, mode, forward or backward, or no groups."
        raise StepError(f"The way {method!r} does not go by groups.", where=FILL_MISSING.title, remedy=remedy)
    return replaced(frame, {name: _filled_in_groups(frame, name, groups, method) for name in names})


def _groups(params: Params) -> list[str]:
    return chosen({"columns": params.get("groups")})


def _filled(values: pd.Series, method: str, params: Params, name: str) -> pd.Series:
    if method == "forward":
        return values.ffill()
    if method == "backward":
        return values.bfill()
    if values.dtype == bool and method in ("mode", "constant", "own category"):
        return values  # there are no gaps in it
    if method == "own category":
        return _as_own(values, name)
    if not values.notna().any():
        raise StepError(f"{name!r} has no values at all.", where=FILL_MISSING.title, remedy="Drop the column instead.")
    if method == "mode":
        return values.fillna(values.mode().iloc[0])
    if method == "constant":
        return _filled_with(values, params, name)
    if method == "linear" and is_date(values):
        whole = values.astype("datetime64[us]")
        numbers = whole.astype("int64").where(whole.notna()).astype("float64")
        return numbers.interpolate(limit_direction="both").round().astype("int64").astype("datetime64[us]")
    _require_numbers(values, method, name)
    if method == "linear":
        return values.astype("float64").interpolate(limit_direction="both")
    return values.fillna(values.mean() if method == "mean" else values.median())


def _as_own(values: pd.Series, name: str) -> pd.Series:
    if is_number(values) or is_date(values):
        kind = "numbers" if is_number(values) else "dates"
        raise StepError(
            f"{name!r} holds {kind}, among which {OWN!r} cannot stand.",
            where=FILL_MISSING.title,
            remedy="Use the step 'Flag missing values', or change the type to text before.",
        )
    return values.astype("str").fillna(OWN)


def _require_numbers(values: pd.Series, method: str, name: str) -> None:
    if not is_number(values):
        raise StepError(
            f"{name!r} does not hold numbers, so it has no {method if method != 'linear' else 'line between them'}.",
            where=FILL_MISSING.title,
            remedy="Fill it with the most common value or a constant, or parse its numbers before.",
        )


def _filled_in_groups(frame: pd.DataFrame, name: str, groups: Sequence[str], method: str) -> pd.Series:
    """A group without any value takes that of the whole column; rows of no group count as one."""
    values = frame[name]
    if name in groups:
        raise StepError(f"{name!r} cannot be its own group.", where=FILL_MISSING.title, remedy="Choose another column.")
    if not values.notna().any():
        raise StepError(f"{name!r} has no values at all.", where=FILL_MISSING.title, remedy="Drop the column instead.")
    parts = values.groupby([frame[group] for group in groups], dropna=False, observed=True, sort=False)
    if method in ("forward", "backward"):
        return parts.ffill() if method == "forward" else parts.bfill()
    if method == "mode":
        filling = parts.transform(lambda part: part.mode().iloc[0] if part.notna().any() else part)
        return values.fillna(filling.astype(values.dtype)).fillna(values.mode().iloc[0])
    _require_numbers(values, method, name)
    filling = parts.transform("mean") if method == "mean" else parts.transform("median")
    return values.fillna(filling).fillna(values.mean() if method == "mean" else values.median())


def _as_known(frame: pd.DataFrame, name: str, groups: Sequence[str], known: Json) -> pd.Series:
    """As it was in another table. known: {"all": value, "groups": [[[words of the group], value], ...]}."""
    values = frame[name]
    filling = pd.Series([known["all"]] * len(frame), index=frame.index)
    if groups and len(frame):
        table = {tuple(key): value for key, value in known["groups"]}
        keys = zip(*(_keys(frame[group]) for group in groups), strict=True)
        filling = pd.Series([table.get(key, known["all"]) for key in keys], index=frame.index)
    if not values.notna().any():
        return filling if is_number(filling) else filling.astype("str")
    if is_number(values):
        return values.fillna(filling.astype("float64"))
    if is_date(values):
        return values.fillna(pd.to_datetime(filling))
    return values.astype("str").fillna(filling.astype("str"))


def _keys(values: pd.Series) -> list[str]:
    return words_of(values).fillna("").astype(object).tolist()


def _pin_fill(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    """The value of each group, and of the whole column."""
    method = str(params.get("method", "median"))
    groups = _groups(params)
    if method not in ("mean", "median", "mode"):
        return dict(params)
    known: dict[str, Json] = {}
    for name in chosen(params):
        values = frame[name]
        found: list[Json] = []
        if groups:
            keys = pd.Series(list(zip(*(_keys(frame[group]) for group in groups), strict=True)), index=frame.index)
            for key, part in values.groupby(keys, sort=False):
                if part.notna().any():
                    found.append([list(key), value_filled_in(part, method)])
        known[name] = {"all": value_filled_in(values, method), "groups": found}
    return {**params, "known": known}


def value_filled_in(values: pd.Series, method: str) -> Json:
    """The value that is put in, as JSON."""
    found = values.mode().iloc[0] if method == "mode" else getattr(values, method)()
    return float(found) if is_number(values) else str(found)


def _filled_with(values: pd.Series, params: Params, name: str) -> pd.Series:
    value = params.get("value")
    if value is None or value == "":
        raise StepError("There is no value to fill in.", where=FILL_MISSING.title, remedy="Type one.")
    if is_date(values):
        try:
            return values.fillna(pd.Timestamp(as_text(value)))
        except ValueError as error:
            remedy = "Type one like 2024-01-31."
            raise StepError(f"{value!r} is not a date.", where=FILL_MISSING.title, remedy=remedy) from error
    if not is_number(values):
        return values.astype("str").fillna(as_text(value))
    number = as_number(value)
    if number is None:
        raise StepError(
            f"{name!r} holds numbers, and {value!r} is none.",
            where=FILL_MISSING.title,
            remedy="Type a number, or change the column's type to text before.",
        )
    return values.fillna(number)


def _fill_missing_code(params: Params) -> str:
    method, groups = str(params.get("method", "median")), _groups(params)
    if groups:
        return "\n".join(_group_code(name, method, groups) for name in chosen(params))
    return "\n".join(_fill_code(name, method, params) for name in chosen(params))


def _group_code(name: str, method: str, groups: Sequence[str]) -> str:
    cell = f"df[{name!r}]"
    parts = (
        f"parts = {cell}.groupby([df[group] for group in {list(groups)!r}], dropna=False, observed=True, sort=False)"
    )
    if method in ("forward", "backward"):
        return f"{parts}\n{cell} = parts.{'ffill' if method == 'forward' else 'bfill'}()"
    if method == "mode":
        one = "lambda part: part.mode().iloc[0] if part.notna().any() else part"
        filling = f"filling = parts.transform({one}).astype({cell}.dtype)"
        return f"{parts}\n{filling}\n{cell} = {cell}.fillna(filling).fillna({cell}.mode().iloc[0])"
    return f"{parts}\n{cell} = {cell}.fillna(parts.transform({method!r})).fillna({cell}.{method}())"


def _fill_code(name: str, method: str, params: Params) -> str:
    cell = f"df[{name!r}]"
    if method in ("forward", "backward"):
        return f"{cell} = {cell}.{'ffill' if method == 'forward' else 'bfill'}()"
    if method == "mode":
        return f"{cell} = {cell}.fillna({cell}.mode().iloc[0])"
    if method == "own category":
        return f"{_UNLESS_BOOL.format(cell=cell)}    {cell} = {cell}.astype('str').fillna({OWN!r})"
    if method == "linear":
        numbers = f"{cell} = {cell}.astype('float64').interpolate(limit_direction='both')"
        dates = (
            f"    dates = {cell}.astype('datetime64[us]')\n"
            "    numbers = dates.astype('int64').where(dates.notna()).astype('float64')\n"
            "    numbers = numbers.interpolate(limit_direction='both').round().astype('int64')\n"
            f"    {cell} = numbers.astype('datetime64[us]')"
        )
        return f"if pd.api.types.is_datetime64_any_dtype({cell}):\n{dates}\nelse:\n    {numbers}"
    if method != "constant":
        return f"{cell} = {cell}.fillna({cell}.{method}())"
    value, number = params.get("value"), as_number(params.get("value"))
    as_words = f"{cell}.astype('str').fillna({as_text(value)!r})"
    filled = f"{cell}.fillna(pd.Timestamp({as_text(value)!r}))" if _is_date_text(value) else as_words
    date = f"{filled} if pd.api.types.is_datetime64_any_dtype({cell}) else {as_words}"
    if number is None:
        return f"{_UNLESS_BOOL.format(cell=cell)}    {cell} = {date}"
    as_number_or = f"{cell}.fillna({number!r}) if pd.api.types.is_numeric_dtype({cell}) else {date}"
    return f"{_UNLESS_BOOL.format(cell=cell)}    {cell} = {as_number_or}"


_UNLESS_BOOL = "if not pd.api.types.is_bool_dtype({cell}):\n"


def _is_date_text(value: object) -> bool:
    try:
        pd.Timestamp(as_text(value))
    except ValueError:
        return False
    return True


def _fill_missing_summary(params: Params) -> str:
    method = str(params.get("method", "median"))
    what = as_text(params.get("value")) or "…" if method == "constant" else _METHOD_WORDS.get(method, method)
    within = f" within {listed(_groups(params))}" if _groups(params) else ""
    return f"Fill missing {listed(chosen(params))} with {what}{within}"


FILL_MISSING = StepKind(
    "fill_missing",
    "Fill missing values",
    "Puts a value where one is missing.",
    (
        Field("columns", "columns", "Columns", [], required=True),
        Field(
            "method",
            "choice",
            "With",
            "median",
            choices=METHODS,
            help="Mean, median and mode look at the whole column, test rows included; leave numbers to the features "
            "page, which uses the training rows alone.",
        ),
        Field("value", "value", "Constant", None, optional=True, help="Only for the way 'constant'."),
        Field(
            "groups",
            "columns",
            "Within groups of",
            [],
            help="The value of the rows that are alike in these columns, as the median age of each class and sex.",
        ),
    ),
    _fill_missing_summary,
    _fill_missing,
    _fill_missing_code,
    lambda params, names: chosen(params),
    uses=_groups,
    pin=_pin_fill,
)

# ---- flag missing ----------------------------------------------------------------------------------------------


def _flag_missing(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = columns_of(params, frame, FLAG_MISSING.title)
    for name in dict.fromkeys(names):
        new = f"{name} missing"
        if new in frame.columns:
            remedy = "Rename or drop it before."
            raise StepError(f"There is a column {new!r} already.", where=FLAG_MISSING.title, remedy=remedy)
        frame = with_columns(frame, {new: frame[name].isna().astype("int64")}, name, [])
    return frame


def _flag_missing_code(params: Params) -> str:
    return "\n".join(
        f"df.insert(df.columns.get_loc({name!r}) + 1, {f'{name} missing'!r}, df[{name!r}].isna().astype('int64'))"
        for name in dict.fromkeys(chosen(params))
    )


FLAG_MISSING = StepKind(
    "flag_missing",
    "Flag missing values",
    "Makes a column of 1 where a value is missing and 0 where it is there: that it is missing may tell something.",
    (Field("columns", "columns", "Columns", [], required=True),),
    lambda params: f"Flag missing {listed(chosen(params))}",
    _flag_missing,
    _flag_missing_code,
)
