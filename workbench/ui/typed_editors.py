"""Editors of what is typed: numbers, lists of whole numbers, text, cells; and the face all editors share.

Every editor is a widget with `set_value`, `set_several`, `edited(value)` when the person settled on a value, and
`complained(text)` when what is typed cannot be used ("" when it can again). Typing commits by itself after a short
rest, so that nothing typed is lost when a shortcut is pressed without leaving the editor.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from workbench.core.fields import Field
from workbench.ui.values import (
    NOT_SET,
    Refused,
    parse_integers,
    parse_number,
    parse_numbers,
    parse_value,
    show_number,
    show_value,
)
from workbench.ui.widgets.label import plain_label

SEVERAL = "(several)"
REST_MS = 450  # typing that rests this long is taken


class Editor(QWidget):
    """Base of all editors. `field` names what is edited."""

    edited = Signal(object)
    complained = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _adopt(self, widget: QWidget) -> None:
        """Make `widget` the part that takes focus and carries the field's name."""
        widget.setObjectName(f"field-{self.field.name}")
        widget.setAccessibleName(self.field.label)
        if self.field.help:
            widget.setAccessibleDescription(self.field.help)
        self.setFocusProxy(widget)
        self._row.addWidget(widget, 1)
        if self.field.unit:
            unit = plain_label(self.field.unit, "muted", wrap=False)
            self._row.addWidget(unit)

    def set_value(self, value: Any) -> None:
        """Show `value` without telling anybody."""
        raise NotImplementedError

    def set_several(self) -> None:
        """Show that the selected things differ here."""
        raise NotImplementedError

    def flush(self) -> None:
        """Take what is typed now."""


class TypedEditor(Editor):
    """A line of text that is read by `read`: numbers, lists, text, cells."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit()
        self._adopt(self.line)
        self._shown = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._take)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finished)
        self.line.installEventFilter(self)
        self._hint()

    def _hint(self) -> None:
        if self.field.optional:
            self.line.setPlaceholderText(self.field.unset or NOT_SET)
        elif self.field.required and self.field.default is None:
            self.line.setPlaceholderText("needed")
        else:
            self.line.setPlaceholderText("")

    def read(self, text: str) -> Any:
        """The value of `text`. Refused with a sentence when it has none."""
        raise NotImplementedError

    def show_text(self, value: Any) -> str:
        return show_value(value)

    def set_value(self, value: Any) -> None:
        self._rest.stop()
        self._hint()
        text = "" if value is None else self.show_text(value)
        if text != self._shown or not self.line.hasFocus():
            self._shown = text
            if self.line.text() != text:
                self.line.setText(text)
                self.line.setCursorPosition(0)
        self.complained.emit("")

    def set_several(self) -> None:
        self._rest.stop()
        self._shown = ""
        self.line.clear()
        self.line.setPlaceholderText(SEVERAL)
        self.complained.emit("")

    def flush(self) -> None:
        if self.line.text() != self._shown:
            self._take()

    def _value(self) -> Any:
        text = self.line.text().strip()
        if not text:
            if self.field.optional:
                return None
            if self.field.default is not None or not self.field.required:
                return self.field.default
            raise Refused(f"{self.field.label} is needed.")
        return self.read(text)

    def _typed(self) -> None:
        try:
            self._value()
        except Refused as refused:
            self._rest.stop()
            self.complained.emit(str(refused))
        else:
            self.complained.emit("")
            self._rest.start()

    def _take(self) -> None:
        self._rest.stop()
        if self.line.text() == self._shown:
            return
        try:
            value = self._value()
        except Refused as refused:
            self.complained.emit(str(refused))
            return
        self._shown = self.line.text()
        self.complained.emit("")
        self.edited.emit(value)

    def _finished(self) -> None:
        self._take()
        try:
            value = self._value()
        except Refused:
            return
        if self.line.placeholderText() == SEVERAL and not self.line.text():
            return
        self._shown = "" if value is None else self.show_text(value)
        self.line.setText(self._shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and self.line.text() != self._shown:
                self._rest.stop()
                self.line.setText(self._shown)
                self.complained.emit("")
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                big = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                return self.step((1 if event.key() == Qt.Key.Key_Up else -1) * (10 if big else 1))
        return False

    def step(self, steps: int) -> bool:
        """Up and down keys; True when they meant something."""
        return False


class NumberEditor(TypedEditor):
    """Whole or real numbers; takes arithmetic, 1e-3 and a decimal comma. Up and down step (with Shift tenfold)."""

    def read(self, text: str) -> Any:
        return parse_number(text, self.field)

    def show_text(self, value: Any) -> str:
        return show_number(value)

    def step(self, steps: int) -> bool:
        try:
            value = self._value()
        except Refused:
            return False
        if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if self.field.kind == "int":
            wanted: float = int(value) + steps
        else:
            wanted = value + steps * _nudge(value)
        if self.field.minimum is not None:
            wanted = max(wanted, self.field.minimum)
        if self.field.maximum is not None:
            wanted = min(wanted, self.field.maximum)
        wanted = int(wanted) if self.field.kind == "int" else float(f"{wanted:.12g}")
        self.line.setText(show_number(wanted))
        self._take()
        return True


def _nudge(value: float) -> float:
    """A tenth of the value's decimal order: 0.5 steps by 0.05, 0.001 by 0.0001; 0 steps by 0.1."""
    if value == 0:
        return 0.1
    exponent = int(f"{abs(value):e}".split("e")[1])
    return float(f"1e{exponent - 1}") * (5 if f"{abs(value):e}".startswith("5") else 1)


class IntegersEditor(TypedEditor):
    """A list of whole numbers ("3, 3"); one number stands for all where the length is fixed."""

    def read(self, text: str) -> Any:
        return parse_integers(text, self.field)

    def step(self, steps: int) -> bool:
        try:
            value = self._value()
        except Refused:
            return False
        if not isinstance(value, (int, list, tuple)):
            return False
        entries = [value] if isinstance(value, int) else list(value)
        low = self.field.minimum if self.field.minimum is not None else float("-inf")
        moved = [int(max(entry + steps, low)) for entry in entries]
        self.line.setText(", ".join(str(entry) for entry in moved))
        self._take()
        return True


class NumbersEditor(TypedEditor):
    """A list of numbers ("0.1, 0.3"); where the length is fixed one number is enough."""

    def read(self, text: str) -> Any:
        return parse_numbers(text, self.field)


class TextEditor(TypedEditor):
    def read(self, text: str) -> Any:
        return text


class ValueEditor(TypedEditor):
    """A cell: what reads as a number is one, anything else is text; quotes keep a number text."""

    def read(self, text: str) -> Any:
        return parse_value(text)

    def show_text(self, value: Any) -> str:
        if isinstance(value, str) and not isinstance(parse_value(value), str):
            return f'"{value}"'
        return show_value(value)
