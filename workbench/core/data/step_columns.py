"""Cleaning steps that make columns out of columns: split, join, compute."""

from __future__ import annotations

import pandas as pd

from workbench.core.errors import StepError
from workbench.core.fields import Field

from .expressions import compute
from .formula_code import code_of
from .formulas import HELP, HELPERS, TITLE, columns_in
from .step_kind import (
    Params,
    StepKind,
    as_number,
    as_text,
    chosen,
    column_of,
    columns_of,
    inserted,
    is_date,
    is_number,
    listed,
    new_name,
    pinned,
    with_columns,
)
from .step_types import WORDS_CODE, words_of

# ---- split -----------------------------------------------------------------------------------------------------

_MOST_PARTS = 50


def _split_names(params: Params) -> list[str]:
    """The new columns' names: those typed, the others numbered."""
    column, count = str(params.get("column", "")), _count(params)
    typed = [" ".join(name.split()) for name in as_text(params.get("names")).split(",")]
    return [typed[i] if i < len(typed) and typed[i] else f"{column} {i + 1}" for i in range(count)]


def _count(params: Params) -> int:
    count = as_number(params.get("parts", 2))
    return count if isinstance(count, int) else 0


def _split(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    title = SPLIT_COLUMN.title
    name = column_of(params, frame, title)
    values, separator = frame[name], as_text(params.get("separator", " "))
    if is_number(values) or is_date(values):
        raise StepError(f"{name!r} holds no text.", where=title, remedy="Change its type to text before.")
    if not separator:
        raise StepError("There is nothing to split at.", where=title, remedy="Type a sign, such as a comma.")
    if not 2 <= _count(params) <= _MOST_PARTS:
        raise StepError(f"Between 2 and {_MOST_PARTS} parts can be made.", where=title, remedy="Type a number.")
    names = _split_names(params)
    drop = [] if params.get("keep", False) else [name]
    for new in names:
        new_name(new, frame, title, drop)
    if len(set(names)) < len(names):
        raise StepError("Two parts have the same name.", where=title, remedy="Type different names.")
    parts = values.astype("str").str.split(separator, n=len(names) - 1, expand=True, regex=False)
    if parts.shape[1] < 2 and not params.get("pinned"):
        raise StepError(f"No cell of {name!r} holds {separator!r}.", where=title, remedy="Type another separator.")
    columns = {new: _tidy(parts[i]) if i in parts.columns else _empty(values) for i, new in enumerate(names)}
    return with_columns(frame, columns, name, drop)


def _tidy(words: pd.Series) -> pd.Series:
    words = words.astype("str").str.strip()
    return words.mask(words == "")


def _empty(values: pd.Series) -> pd.Series:
    return pd.Series(float("nan"), index=values.index, dtype="str")


def _split_code(params: Params) -> str:
    name, names = str(params.get("column", "")), _split_names(params)
    separator = as_text(params.get("separator", " "))
    lines = [
        f"parts = df[{name!r}].astype('str').str.split({separator!r}, n={len(names) - 1}, expand=True, regex=False)",
        f"parts = parts.reindex(columns=range({len(names)})).astype('str').apply(lambda words: words.str.strip())",
        "parts = parts.mask(parts == '')",
    ]
    drop = [] if params.get("keep", False) else [name]
    return "\n".join([*lines, inserted({new: f"parts[{i}]" for i, new in enumerate(names)}, name, drop)])


SPLIT_COLUMN = StepKind(
    "split_column",
    "Split a column",
    "Makes several columns of one, cut at a separator: 'Doe, Jane' into a name and a first name.",
    (
        Field("column", "column", "Column", "", required=True),
        Field("separator", "text", "Split at", " ", help="As it stands between the parts; blanks around them go."),
        Field("parts", "int", "Parts", 2, minimum=2, maximum=_MOST_PARTS, help="The last one takes all that is left."),
        Field("names", "text", "Names", "", help="With commas between them; empty: the column's name, numbered."),
        Field("keep", "bool", "Keep the column", False),
    ),
    lambda params: f"Split {params.get('column') or '…'} at {as_text(params.get('separator', ' '))!r}",
    _split,
    _split_code,
    pin=pinned,
)

# ---- join ------------------------------------------------------------------------------------------------------


def _join(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    title = JOIN_COLUMNS.title
    names = columns_of(params, frame, title, "two columns or more")
    if len(set(names)) < 2:
        raise StepError("There is nothing to join.", where=title, remedy="Choose two columns or more.")
    drop = [] if params.get("keep", True) else names
    new = new_name(params.get("name"), frame, title, drop)
    separator = as_text(params.get("separator", " "))
    parts = [words_of(frame[name]) for name in dict.fromkeys(names)]
    joined = parts[0]
    for part in parts[1:]:
        both = joined + separator + part
        joined = both.where(both.notna(), joined.where(joined.notna(), part))
    return with_columns(frame, {new: joined}, names[-1], drop)


def _join_code(params: Params) -> str:
    names = list(dict.fromkeys(chosen(params)))
    separator = as_text(params.get("separator", " "))
    lines = ["def words(values):", f"    {WORDS_CODE.replace('{cell}', 'values')}", "    return values", ""]
    lines.append(f"joined = words(df[{names[0]!r}])" if names else "joined = pd.Series(dtype='str')")
    for name in names[1:]:
        lines.append(f"part = words(df[{name!r}])")
        lines.append(f"both = joined + {separator!r} + part")
        lines.append("joined = both.where(both.notna(), joined.where(joined.notna(), part))")
    drop = [] if params.get("keep", True) else chosen(params)
    new = " ".join(as_text(params.get("name")).split())
    return "\n".join([*lines, inserted({new: "joined"}, (chosen(params) or [""])[-1], drop)])


JOIN_COLUMNS = StepKind(
    "join_columns",
    "Join columns",
    "Makes one column of text of several, with a separator between them; missing ones are left out.",
    (
        Field("columns", "columns", "Columns", [], required=True),
        Field("separator", "text", "Put between them", " "),
        Field("name", "text", "New name", "", required=True),
        Field("keep", "bool", "Keep the columns", True),
    ),
    lambda params: f"Join {listed(chosen(params))} as {as_text(params.get('name')) or '…'}",
    _join,
    _join_code,
)

# ---- compute ---------------------------------------------------------------------------------------------------


def _compute(frame: pd.DataFrame, params: Params) -> pd.DataFrame:
    formula = as_text(params.get("formula"))
    name = " ".join(as_text(params.get("name")).split())
    if not name:
        raise StepError("The new column has no name.", where=TITLE, remedy="Type one.")
    values = compute(frame, formula)
    if name in frame.columns:
        new = frame.copy(deep=False)
        new[name] = values
        return new
    return with_columns(frame, {name: values}, "", [])


def _compute_code(params: Params) -> str:
    name = " ".join(as_text(params.get("name")).split())
    return f"with np.errstate(all='ignore'):\n    df[{name!r}] = {code_of(as_text(params.get('formula')))}"


COMPUTE_COLUMN = StepKind(
    "compute_column",
    TITLE,
    "Makes a column by a formula over others: Fare / (SibSp + Parch + 1).",
    (
        Field("name", "text", "Name", "", required=True, help="A column that is there already is replaced."),
        Field("formula", "text", "Formula", "", required=True, help=HELP),
    ),
    lambda params: f"Compute {as_text(params.get('name')) or '…'} = {as_text(params.get('formula')) or '…'}",
    _compute,
    _compute_code,
    lambda params, names: [as_text(params.get("name"))] if as_text(params.get("name")) in names else [],
    uses=lambda params: columns_in(as_text(params.get("formula"))),
    helpers=HELPERS,
)
