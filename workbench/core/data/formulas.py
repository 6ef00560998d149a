"""Formulas over columns, `Fare / (SibSp + 1)`, `Age < 16 and Sex == "male"`: how they are read, and what they may hold.

The helpers that a script needs are written into it, so they use pandas and numpy alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import StepError

TITLE = "Compute a column"
HELP = (
    "Columns by name, `in backticks` when the name is not one word; + - * / // % **, comparisons, and, or, not, "
    "x if condition else y; abs round floor ceil sqrt log exp min max lower upper len."
)
_LONGEST = 2_000
_DEEPEST = 40
OPERATORS: dict[type[ast.AST], str] = {
    kind: sign
    for kinds, signs in (
        ((ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow), "+ - * / // % **"),
        ((ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE), "== != < <= > >="),
        ((ast.And, ast.Or, ast.UAdd, ast.USub, ast.Not), "& | + - ~"),
    )
    for kind, sign in zip(kinds, signs.split(), strict=True)
}
NUMERIC: dict[str, Callable[[pd.Series], pd.Series]] = {
    name: getattr(np, name) for name in ("abs", "floor", "ceil", "sqrt", "log", "exp")
}
TEXT = ("lower", "upper", "len")
SEVERAL = {"min": np.minimum, "max": np.maximum}


def cells_of(df: pd.DataFrame, name: str) -> pd.Series:
    """A column as a formula sees it: float64, bool, dates or text."""
    values = df[name]
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    return values.astype("float64") if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("str")


def counted(values: Any) -> Any:
    """True and False as 1 and 0 where numbers are needed; anything else as it is."""
    truth = isinstance(values, pd.Series) and pd.api.types.is_bool_dtype(values.dtype)
    return values.astype("float64") if truth else values


def difference(left: Any, right: Any) -> Any:
    """left - right; of dates in days."""
    values = counted(left) - counted(right)
    spans = isinstance(values, pd.Series) and pd.api.types.is_timedelta64_dtype(values.dtype)
    return values / pd.Timedelta(days=1) if spans else values


def whole_column(df: pd.DataFrame, values: Any) -> pd.Series:
    """A result as a column: one value for all rows where it is one, infinite numbers missing."""
    column = values if isinstance(values, pd.Series) else pd.Series(values, index=df.index)
    numbers = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    return column.astype("float64").replace([np.inf, -np.inf], np.nan) if numbers else column


HELPERS = (cells_of, counted, difference, whole_column)


def columns_in(formula: str) -> tuple[str, ...]:
    """The names of the columns that a formula reads; () when it cannot be read."""
    try:
        tree, names = parsed(formula)
    except StepError:
        return ()
    found = (names.get(node.id, node.id) for node in ast.walk(tree) if isinstance(node, ast.Name))
    return tuple(dict.fromkeys(name for name in found if name not in FUNCTIONS))


FUNCTIONS = frozenset({*NUMERIC, *TEXT, *SEVERAL, "round"})


def parsed(formula: str) -> tuple[ast.Expression, dict[str, str]]:
    """(tree, {stand-in: column name} for names in backticks)."""
    names: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        key = f"column_{len(names)}_"
        names[key] = match[1]
        return key

    if not formula.strip():
        raise StepError("There is no formula.", where=TITLE, remedy="Type one, such as Fare / (SibSp + 1).")
    if len(formula) > _LONGEST:
        raise StepError("The formula is too long.", where=TITLE, remedy="Compute it in several steps.")
    text = re.sub(r"`([^`]*)`", stand_in, " ".join(formula.split()))
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = str(getattr(error, "msg", "")) or "it cannot be read"
        remedy = "Put names that are not one word in `backticks`; compare with ==."
        raise StepError(f"This is no formula: {what}.", where=TITLE, remedy=remedy) from error
    if _depth(tree) > _DEEPEST:
        raise StepError("The formula is nested too deeply.", where=TITLE, remedy="Compute it in several steps.")
    return tree, names


def _depth(tree: ast.AST) -> int:
    level: list[ast.AST] = [tree]
    depth = 0
    while level and depth <= _DEEPEST:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def places(node: ast.Call) -> int:
    if len(node.args) < 2:
        return 0
    places = node.args[1]
    if isinstance(places, ast.Constant) and isinstance(places.value, int) and 0 <= places.value <= 15:
        return int(places.value)
    raise StepError("round takes a whole number of places.", where=TITLE, remedy="Write round(x, 2).")


def as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
