"""Computing a formula over a table. Nothing a person types is ever given to eval: only what is listed is understood."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.core.errors import StepError

from .formulas import (
    FUNCTIONS,
    HELP,
    NUMERIC,
    OPERATORS,
    SEVERAL,
    TEXT,
    TITLE,
    as_float,
    cells_of,
    counted,
    difference,
    parsed,
    places,
    whole_column,
)

_ORDERED = ("<", "<=", ">", ">=")


@dataclass(frozen=True)
class _Part:
    """A piece of a formula. kind: "number" | "text" | "truth" | "date".

    constant: a value written in the formula rather than a column's.
    """

    values: pd.Series
    kind: str
    constant: bool = False


def compute(frame: pd.DataFrame, formula: str) -> pd.Series:
    """The values of a formula for each row: float64, bool, dates or text; infinite numbers are missing.

    Raises:
        StepError: it cannot be read, names an unknown column or function, or mixes text and numbers.
    """
    tree, names = parsed(formula)
    with np.errstate(all="ignore"):
        part = _Reader(frame, names).read(tree.body)
    return whole_column(frame, part.values)


class _Reader:
    """Computes a tree over a table."""

    def __init__(self, frame: pd.DataFrame, names: Mapping[str, str]) -> None:
        self._frame = frame
        self._names = names

    def read(self, node: ast.AST) -> _Part:
        if isinstance(node, ast.Constant):
            return self._constant(node.value)
        if isinstance(node, ast.Name):
            return self._column(self._names.get(node.id, node.id))
        if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
            return self._unary(OPERATORS[type(node.op)], self.read(node.operand))
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return self._binary(OPERATORS[type(node.op)], self.read(node.left), self.read(node.right))
        if isinstance(node, ast.BoolOp):
            return self._logic(OPERATORS[type(node.op)], [self.read(value) for value in node.values])
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.IfExp):
            return self._choice(self.read(node.test), self.read(node.body), self.read(node.orelse))
        if isinstance(node, ast.Call):
            return self._call(node)
        raise _not_understood(node)

    def _all(self, value: object, dtype: str) -> pd.Series:
        return pd.Series(value, index=self._frame.index, dtype=dtype)

    def _constant(self, value: object) -> _Part:
        if isinstance(value, bool):
            return _Part(self._all(value, "bool"), "truth", True)
        if isinstance(value, (int, float)):
            return _Part(self._all(as_float(value), "float64"), "number", True)
        if isinstance(value, str):
            return _Part(self._all(value, "str"), "text", True)
        raise StepError(f"{value!r} is not understood in a formula.", where=TITLE, remedy=HELP)

    def _column(self, name: str) -> _Part:
        if name not in self._frame.columns:
            alike = next((c for c in self._frame.columns if c.lower() == name.lower()), "")
            remedy = f"Did you mean {alike}?" if alike else f"There are: {', '.join(list(self._frame.columns)[:12])}."
            raise StepError(f"There is no column {name!r} at this point.", where=TITLE, remedy=remedy)
        values = cells_of(self._frame, name)
        kinds = {"b": "truth", "M": "date", "f": "number"}
        return _Part(values, kinds.get(values.dtype.kind, "text"))

    def _unary(self, sign: str, part: _Part) -> _Part:
        if sign == "~":
            return _Part(~_truth(part), "truth")
        _want("number", sign, part)
        return _Part(-part.values if sign == "-" else part.values, "number", part.constant)

    def _binary(self, sign: str, left: _Part, right: _Part) -> _Part:
        left, right = _counted(left), _counted(right)
        if sign == "+" and left.kind == right.kind == "text":
            return _Part(left.values + right.values, "text")
        if sign == "-" and left.kind == right.kind == "date":
            return _Part(difference(left.values, right.values), "number")
        _want("number", sign, left, right)
        a, b = left.values, right.values
        done = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a / b,
            "//": lambda: a // b,
            "%": lambda: a % b,
            "**": lambda: a**b,
        }
        return _Part(done[sign](), "number")

    def _logic(self, sign: str, parts: list[_Part]) -> _Part:
        values = _truth(parts[0])
        for part in parts[1:]:
            values = values & _truth(part) if sign == "&" else values | _truth(part)
        return _Part(values, "truth")

    def _comparison(self, node: ast.Compare) -> _Part:
        values: pd.Series | None = None
        left = self.read(node.left)
        for operator, other in zip(node.ops, node.comparators, strict=True):
            if type(operator) not in OPERATORS:
                raise _not_understood(operator)
            right = self.read(other)
            one = self._compared(OPERATORS[type(operator)], left, right)
            values = one if values is None else values & one
            left = right
        assert values is not None
        return _Part(values, "truth")

    def _compared(self, sign: str, left: _Part, right: _Part) -> pd.Series:
        left, right = _as_date(left, right), _as_date(right, left)
        if left.kind != right.kind:
            left, right = _counted(left), _counted(right)
        if left.kind != right.kind:
            raise StepError(
                f"A {left.kind} and a {right.kind} cannot be compared.",
                where=TITLE,
                remedy="Write numbers without quotes and text within them, or parse the column in a step before.",
            )
        if sign in _ORDERED and left.kind == "truth":
            left, right = _counted(left), _counted(right)
        a, b = left.values, right.values
        done = {
            "==": lambda: a == b,
            "!=": lambda: a != b,
            "<": lambda: a < b,
            "<=": lambda: a <= b,
            ">": lambda: a > b,
            ">=": lambda: a >= b,
        }
        return done[sign]().fillna(False).astype("bool")

    def _choice(self, test: _Part, yes: _Part, no: _Part) -> _Part:
        if yes.kind != no.kind:
            yes, no = _counted(yes), _counted(no)
        if yes.kind != no.kind:
            raise StepError(f"One side is a {yes.kind}, the other a {no.kind}.", where=TITLE, remedy="Make them alike.")
        return _Part(yes.values.where(_truth(test), no.values), yes.kind)

    def _call(self, node: ast.Call) -> _Part:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS or node.keywords:
            shown = name or ast.unparse(node.func)[:40]
            raise StepError(f"The function {shown!r} is not known.", where=TITLE, remedy=HELP)
        parts = [_counted(self.read(argument)) for argument in node.args]
        counts = (2, 20) if name in SEVERAL else (1, 2) if name == "round" else (1, 1)
        if not counts[0] <= len(parts) <= counts[1]:
            wanted = "two or more values" if name in SEVERAL else "one value"
            raise StepError(f"{name} takes {wanted}.", where=TITLE, remedy="Put commas between them.")
        if name in TEXT:
            _want("text", name, *parts)
            words = parts[0].values.str
            if name == "len":
                return _Part(words.len().astype("float64"), "number")
            return _Part(words.lower() if name == "lower" else words.upper(), "text")
        _want("number", name, *parts)
        if name in SEVERAL:
            values = parts[0].values
            for part in parts[1:]:
                values = pd.Series(SEVERAL[name](values, part.values), index=values.index)
            return _Part(values, "number")
        if name == "round":
            return _Part(parts[0].values.round(places(node)), "number")
        return _Part(NUMERIC[name](parts[0].values), "number")


def _truth(part: _Part) -> pd.Series:
    if part.kind != "truth":
        raise StepError(
            f"A {part.kind or 'value'} stands where something true or false is needed.",
            where=TITLE,
            remedy="Compare it with something, as in Age > 18 and Fare > 50.",
        )
    return part.values


def _counted(part: _Part) -> _Part:
    """True and False as 1 and 0 where numbers are needed."""
    return _Part(counted(part.values), "number") if part.kind == "truth" else part


def _as_date(part: _Part, other: _Part) -> _Part:
    """A written date that is compared with a column of dates."""
    if other.kind != "date" or part.kind != "text" or not part.constant:
        return part
    try:
        stamp = pd.Timestamp(str(part.values.iloc[0])) if len(part.values) else pd.NaT
    except ValueError as error:
        what = f"{part.values.iloc[0]!r} is not a date."
        raise StepError(what, where=TITLE, remedy='Write one like "2024-01-31".') from error
    return _Part(pd.Series(stamp, index=part.values.index, dtype="datetime64[us]"), "date")


def _want(kind: str, what: str, *parts: _Part) -> None:
    for part in parts:
        if part.kind != kind:
            needs = "numbers" if kind == "number" else "text"
            raise StepError(
                f"{what} needs {needs}, and was given a {part.kind}.",
                where=TITLE,
                remedy="Parse the column's numbers in a step before, or use another one.",
            )


def _not_understood(node: ast.AST) -> StepError:
    try:
        shown = ast.unparse(node)[:40]
    except (AttributeError, ValueError, RecursionError):
        shown = ""
    shown = shown or type(node).__name__
    return StepError(f"{shown!r} is not understood in a formula.", where=TITLE, remedy=HELP)
