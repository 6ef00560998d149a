"""A box for a number that also takes arithmetic, 1e-3 and a decimal comma."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from .. import theme

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMMA = re.compile(r"(?<=\d),(?=\d)")


def parse_number(text: str) -> float:
    """The value of a typed number or sum: "0,001", "1e-3", "28*28", "2^10", "50 %".

    A comma between digits is a decimal comma; digits are never grouped ("1,000" is refused, as it could mean both).

    Raises:
        ValueError: with a sentence for people that says what was expected and what came.
    """
    shown = text.strip()
    body = shown.replace("−", "-").replace("×", "*").replace("·", "*").replace("^", "**")
    percent = body.endswith("%")
    body = body[:-1].rstrip() if percent else body
    if not body:
        raise ValueError("A number is expected here, such as 0.001 or 28*28.")
    if re.search(r"\d,\d{3}(?!\d)", body) and not re.search(r"(?<!\d)0,\d{3}", body):
        raise ValueError(f'"{shown}" could mean two numbers: write it without the comma, or with a point.')
    try:
        value = _value(ast.parse(_COMMA.sub(".", body), mode="eval").body)
    except ZeroDivisionError:
        raise ValueError(f'"{shown}" divides by zero.') from None
    except (SyntaxError, TypeError, OverflowError, RecursionError, MemoryError):
        raise ValueError(f'A number is expected here, such as 0.001 or 28*28; "{shown}" is none.') from None
    if not math.isfinite(value):
        raise ValueError(f'"{shown}" is not a finite number.')
    return value / 100 if percent else value


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        inner = _value(node.operand)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            result = math.pow(left, right)  # bounded time and memory, unlike ** of whole numbers
            return int(result) if result.is_integer() and abs(result) < 2**53 else result
        if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](left, right)
    raise TypeError("not arithmetic")


def format_number(value: float) -> str:
    """The shortest text that reads back as the same number: "0.001", "1e-07", "784"."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return str(int(value))
    return repr(float(value))


class NumberEdit(QLineEdit):
    """Emits `edited(value)` when a person enters another valid number (Enter, Tab, arrow keys).

    Bad text is kept, marked, and explained in the tooltip and by `problem(text)`; Esc brings the last good value back.
    `value()` is the last good one; None only with optional=True and an empty box.
    """

    edited = Signal(object)
    problem = Signal(str)  # "" when it is mended

    def __init__(
        self,
        value: float | None = None,
        parent: QWidget | None = None,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        integer: bool = False,
        optional: bool = False,
    ) -> None:
        super().__init__(parent)
        self.minimum, self.maximum, self.integer, self.optional = minimum, maximum, integer, optional
        self._value: float | None = None
        self._help = ""
        self.set_value(value)
        self.editingFinished.connect(self.commit)
        self.textEdited.connect(lambda _text: self._mark(""))

    def value(self) -> float | None:
        """int when `integer`, else float."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Show a value without telling anybody."""
        self._value = value if value is None else (int(value) if self.integer else float(value))
        self.setText("" if self._value is None else format_number(self._value))
        self.setCursorPosition(0)
        self._mark("")

    def setToolTip(self, text: str) -> None:
        self._help = text
        super().setToolTip(text)

    def read(self) -> float | None:
        """The value of the text as it stands.

        Raises:
            ValueError: with a sentence for people.
        """
        text = self.text().strip()
        if not text and self.optional:
            return None
        value = parse_number(text)
        if self.integer:
            if not float(value).is_integer():
                raise ValueError(f"A whole number is expected here, not {format_number(value)}.")
            value = int(value)
        else:
            value = float(value)
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            if low is not None and high is not None:
                bounds = f"from {format_number(low)} to {format_number(high)}"
            elif low is not None:
                bounds = f"of at least {format_number(low)}"
            else:
                bounds = f"of at most {format_number(high or 0)}"
            raise ValueError(f"A number {bounds} is expected here, not {format_number(value)}.")
        return value

    def commit(self) -> bool:
        """Take the text over. False when it is not a number that fits; the text stays and is marked."""
        try:
            value = self.read()
        except ValueError as error:
            self._mark(str(error))
            return False
        changed = value != self._value
        self.set_value(value)
        if changed:
            self.edited.emit(value)
        return True

    def _mark(self, why: str) -> None:
        bad = bool(why)
        if bool(self.property("invalid")) != bad:
            theme.set_style_property(self, "invalid", bad)
            self.problem.emit(why)
        elif bad:
            self.problem.emit(why)
        super().setToolTip(why or self._help)
        self.setAccessibleDescription(why)

    def _nudge(self, direction: int) -> None:
        if not self.commit() or self._value is None:
            return
        if self.integer:
            value = self._value + direction
        else:  # a tenth of the leading digit: 0.001 -> 0.0011, 32 -> 33
            size = 10.0 ** (math.floor(math.log10(abs(self._value))) - 1) if self._value else 0.1
            value = round(self._value + direction * size, 12 - math.floor(math.log10(size)))
        low = value if self.minimum is None else max(value, self.minimum)
        value = low if self.maximum is None else min(low, self.maximum)
        self.setText(format_number(value))
        self.commit()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._nudge(1 if event.key() == Qt.Key.Key_Up else -1)
            event.accept()
        elif event.key() == Qt.Key.Key_Escape and (self.property("invalid") or self.isModified()):
            self.set_value(self._value)
            self.setModified(False)
            event.accept()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()
