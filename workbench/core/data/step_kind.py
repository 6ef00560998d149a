"""What every cleaning step is made of, and how its parameters are read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.core.errors import StepError
from workbench.core.fields import Field
from workbench.core.project import Json

Params = Mapping[str, Json]


@dataclass(frozen=True)
class StepKind:
    """One kind of cleaning step.

    title, blurb: for menus. fields: its parameters. summary(params): one plain line. apply(frame, params): a new frame
    with the same index for the rows that stay; raises StepError. code(params): pandas lines that do the same to `df`.
    touches(params, names): the columns whose cells it may change. uses(params): columns beyond "column" and "columns"
    that it reads. helpers: functions that a script needs for `code`. rows(params): "drops" when it takes rows away,
    "orders" when it only orders, numbers or picks them, which new rows are not asked to go through.
    pin(frame, params): `params` with what it reads off the whole table written down, so that it does the same to other
    rows; None when there is nothing to write down. reads: it reads cells as something else, and what cannot be read
    becomes missing.
    """

    kind: str
    title: str
    blurb: str
    fields: tuple[Field, ...]
    summary: Callable[[Params], str]
    apply: Callable[[pd.DataFrame, Params], pd.DataFrame]
    code: Callable[[Params], str]
    touches: Callable[[Params, Sequence[str]], Sequence[str]] = lambda params, names: ()
    uses: Callable[[Params], Sequence[str]] = lambda params: ()
    helpers: tuple[Callable[..., object], ...] = ()
    rows: Callable[[Params], str] = lambda params: ""
    pin: Callable[[pd.DataFrame, Params], dict[str, Json]] | None = None
    reads: bool = False


def column_of(params: Params, frame: pd.DataFrame, title: str) -> str:
    """The one column named by "column". StepError when none is chosen or it is not there."""
    return columns_of({"columns": [params["column"]] if params.get("column") else []}, frame, title, "a column")[0]


def pinned(frame: pd.DataFrame, params: Params) -> dict[str, Json]:
    """Pins nothing but that the step was fit once: rows that come later need not hold what it looks for."""
    return {**params, "pinned": True}


def columns_of(params: Params, frame: pd.DataFrame, title: str, wanted: str = "at least one column") -> list[str]:
    """The columns named by "columns". StepError when none is chosen or one is not there."""
    names = chosen(params)
    if not names:
        raise StepError("No column is chosen.", where=title, remedy=f"Choose {wanted}.")
    require(names, frame, title)
    return names


def chosen(params: Params) -> list[str]:
    """The names in "columns"; a single name stands for itself."""
    names = params.get("columns") or []
    return [names] if isinstance(names, str) else [str(name) for name in names]


def require(names: Sequence[str], frame: pd.DataFrame, title: str) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        listed = ", ".join(repr(name) for name in missing)
        raise StepError(
            f"There is no column {listed} at this point.",
            where=title,
            remedy="Choose another column, or look at the steps before.",
        )


def is_number(values: pd.Series) -> bool:
    return bool(types.is_numeric_dtype(values.dtype)) and not types.is_bool_dtype(values.dtype)


def is_date(values: pd.Series) -> bool:
    return bool(types.is_datetime64_any_dtype(values.dtype))


def as_number(value: Json) -> float | int | None:
    """A typed value as a finite number, a whole one as int; None when it is no number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not np.isfinite(number) or (isinstance(value, str) and "_" in value):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def as_text(value: Json) -> str:
    """A typed value as text; a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def literal(value: Json, column: str) -> str:
    """Code for a typed value that is compared with the cells of `column`: a number where those are numbers."""
    number, text = as_number(value), as_text(value)
    if number is None:
        return repr(text)
    return f"({number!r} if pd.api.types.is_numeric_dtype(df[{column!r}]) else {text!r})"


def listed(names: Sequence[str], limit: int = 3) -> str:
    """Names in a sentence: "Age", "Age and Fare", "Age, Fare, Sex and 4 more"."""
    if not names:
        return "…"
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def replaced(frame: pd.DataFrame, columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    """`frame` with these columns put in the place of the old ones; the given frame stays as it is."""
    new = frame.copy(deep=False)
    for name, values in columns.items():
        new[name] = values
    return new


def new_name(value: Json, frame: pd.DataFrame, title: str, instead_of: Sequence[str] = ()) -> str:
    """A typed name of a new column, blanks squeezed. StepError when it is empty or there is one called so already.

    instead_of: columns that go away, whose names are free.
    """
    name = " ".join(as_text(value).split())
    if not name:
        raise StepError("The new column has no name.", where=title, remedy="Type one.")
    if name in frame.columns and name not in instead_of:
        raise StepError(f"There is a column {name!r} already.", where=title, remedy="Type another name.")
    return name


def with_columns(
    frame: pd.DataFrame, columns: Mapping[str, pd.Series], behind: str, drop: Sequence[str]
) -> pd.DataFrame:
    """`frame` with new columns put behind the column `behind` ("": at the end), and those in `drop` left out."""
    kept = list(frame.columns)
    place = kept.index(behind) + 1 if behind else len(kept)
    order = [*(n for n in kept[:place] if n not in drop), *columns, *(n for n in kept[place:] if n not in drop)]
    made = {name: columns[name] if name in columns else frame[name] for name in order}
    return pd.DataFrame(made, index=frame.index, columns=pd.Index(order, dtype="str"), copy=False)


def inserted(columns: Mapping[str, str], behind: str, drop: Sequence[str]) -> str:
    """Code that does what `with_columns` does. columns: {name: code of its values}."""
    lines = [f"new = pd.DataFrame({{{', '.join(f'{name!r}: {code}' for name, code in columns.items())}}})"]
    place = f"df.columns.get_loc({behind!r}) + 1" if behind else "len(df.columns)"
    lines.append(f"place = {place}")
    lines.append(f"left, right = df.iloc[:, :place].drop(columns={list(drop)!r}, errors='ignore'), df.iloc[:, place:]")
    lines.append(f"df = pd.concat([left, new, right.drop(columns={list(drop)!r}, errors='ignore')], axis=1)")
    return "\n".join(lines)


Choice = tuple[str, str, Json]
"""(in words, parameter, value)"""


class Asks(StepError):
    """A step cannot go on before a person has said what is meant.

    choices: what they may say, each a parameter of the step with its value.
    """

    def __init__(self, what: str, *, where: str, remedy: str, choices: tuple[Choice, ...]) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.choices = choices


class NoRows(StepError):
    """A step would take every row away."""


def some_rows(frame: pd.DataFrame, title: str) -> pd.DataFrame:
    """`frame` unless it has no rows. NoRows then."""
    if not len(frame):
        raise NoRows("No row would be left.", where=title, remedy="Change the condition, or switch the step off.")
    return frame
