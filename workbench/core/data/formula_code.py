"""A formula as a line of pandas over `df`, with the helpers of `formulas`."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from workbench.core.errors import StepError

from .formulas import OPERATORS, SEVERAL, as_float, parsed, places


def code_of(formula: str) -> str:
    """The formula in pandas over `df` with HELPERS; "" when it cannot be read."""
    try:
        tree, names = parsed(formula)
        return f"whole_column(df, {_code(tree.body, names)})"
    except StepError:
        return ""


def _code(node: ast.AST, names: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = as_float(value)
            return f"float('{number}')" if abs(number) == float("inf") else repr(number)
        return repr(value)
    if isinstance(node, ast.Name):
        return f"cells_of(df, {names.get(node.id, node.id)!r})"
    if isinstance(node, ast.UnaryOp):
        sign = OPERATORS.get(type(node.op), "")
        return (
            f"~whole_column(df, {_code(node.operand, names)})"
            if sign == "~"
            else f"{sign}{_number(node.operand, names)}"
        )
    if isinstance(node, ast.BinOp):
        sign = OPERATORS.get(type(node.op), "")
        if sign == "-":
            return f"difference({_code(node.left, names)}, {_code(node.right, names)})"
        return f"({_number(node.left, names)} {sign} {_number(node.right, names)})"
    if isinstance(node, ast.BoolOp):
        sign = f" {OPERATORS[type(node.op)]} "
        return f"({sign.join(_code(value, names) for value in node.values)})"
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        pairs = [
            f"({_code(left, names)} {OPERATORS.get(type(operator), '')} {_code(right, names)})"
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return pairs[0] if len(pairs) == 1 else f"({' & '.join(pairs)})"
    if isinstance(node, ast.IfExp):
        test, yes, no = (_code(part, names) for part in (node.test, node.body, node.orelse))
        return f"whole_column(df, {yes}).where({test}, whole_column(df, {no}))"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call_code(node.func.id, node, names)
    return ""


def _call_code(name: str, node: ast.Call, names: Mapping[str, str]) -> str:
    if name in ("lower", "upper"):
        return f"whole_column(df, {_code(node.args[0], names)}).str.{name}()"
    if name == "len":
        return f"whole_column(df, {_code(node.args[0], names)}).str.len().astype('float64')"
    if name == "round":
        return f"np.round({_number(node.args[0], names)}, {places(node)})"
    if name in SEVERAL:
        code = _number(node.args[0], names)
        for argument in node.args[1:]:
            code = f"np.{SEVERAL[name].__name__}({code}, {_number(argument, names)})"
        return code
    return f"np.{name}({_number(node.args[0], names)})"


def _number(node: ast.AST, names: Mapping[str, str]) -> str:
    """Code of an operand of arithmetic; what may be true or false counts as 1 and 0."""
    code = _code(node, names)
    plain = (isinstance(node, ast.Constant) and not isinstance(node.value, bool)) or isinstance(
        node, (ast.BinOp, ast.Call)
    )
    return code if plain else f"counted({code})"
