"""One editor for each kind of `Field`: typed numbers, switches, choices, lists of whole numbers, columns.

Every editor is a widget with the same face: `set_value`, `set_several`, `edited(value)` when the person settled on a
value, `complained(text)` when what is typed cannot be used ("" when it can again). Typing commits by itself after a
short rest, so that nothing typed is lost when a shortcut is pressed without leaving the editor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.values import NOT_SET, Refused, parse_integers, parse_number, parse_value, show_number, show_value

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
            unit = QLabel(self.field.unit)
            unit.setTextFormat(Qt.TextFormat.PlainText)
            unit.setProperty("role", "muted")
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
            self.line.setPlaceholderText(NOT_SET)
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
        return super().eventFilter(watched, event)

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


class Switch(QCheckBox):
    """A check box drawn as a switch with its state in a word beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(44 + self.fontMetrics().horizontalAdvance(SEVERAL), 28)

    def hitButton(self, position: Any) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: Any) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, (self.height() - 18) / 2, 32, 18)
        mixed = self.checkState() == Qt.CheckState.PartiallyChecked
        on = self.checkState() == Qt.CheckState.Checked
        colour = theme.color("accent" if on else "muted")
        if not self.isEnabled():
            colour.setAlphaF(0.4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(track, 9, 9)
        painter.setBrush(theme.color("on_accent" if on else "surface"))
        left = track.left() + (9 if mixed else 16 if on else 2)
        painter.drawEllipse(QRectF(left, track.top() + 2, 14, 14))
        if self.hasFocus():
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(theme.color("accent"))
            pen.setWidthF(1.5)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(track.adjusted(-2, -2, 2, 2), 11, 11)
        painter.setPen(theme.color("text" if on else "muted"))
        word = SEVERAL if mixed else "on" if on else "off"
        painter.drawText(self.rect().adjusted(42, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, word)


class BoolEditor(Editor):
    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.switch = Switch()
        self._adopt(self.switch)
        self._row.addStretch(1)
        self.switch.clicked.connect(self._clicked)

    def set_value(self, value: Any) -> None:
        self.switch.setTristate(False)
        self.switch.setChecked(bool(value))

    def set_several(self) -> None:
        self.switch.setCheckState(Qt.CheckState.PartiallyChecked)

    def _clicked(self) -> None:
        # A click on "(several)" decides for "on": the third state is shown, never chosen.
        checked = self.switch.checkState() != Qt.CheckState.Unchecked
        self.switch.setTristate(False)
        self.switch.setChecked(checked)
        self.edited.emit(checked)


class Combo(QComboBox):
    """A combobox that scrolls the form, not its value, unless it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(18)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceEditor(Editor):
    """One of some values; None is offered as "not set" where the field is optional."""

    def __init__(self, field: Field, choices: Sequence[Any], parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.combo = Combo()
        self._adopt(self.combo)
        if field.optional and None not in choices:
            self.combo.addItem(NOT_SET, None)
        for choice in choices:
            self.combo.addItem(NOT_SET if choice is None else show_value(choice), choice)
        self.combo.activated.connect(self._activated)

    def set_value(self, value: Any) -> None:
        self._drop_foreign()
        index = self._index(value)
        if index < 0 and value is not None:
            # A value from elsewhere (a newer file, a column that is gone) is kept and shown as it is.
            self.combo.addItem(f"{show_value(value)} (unknown)", value)
            index = self.combo.count() - 1
        self.combo.setCurrentIndex(index)

    def set_several(self) -> None:
        self._drop_foreign()
        self.combo.setPlaceholderText(SEVERAL)
        self.combo.setCurrentIndex(-1)

    def _index(self, value: Any) -> int:
        for index in range(self.combo.count()):
            data = self.combo.itemData(index)
            if data == value and type(data) is type(value):
                return index
        return -1

    def _drop_foreign(self) -> None:
        for index in reversed(range(self.combo.count())):
            if self.combo.itemText(index).endswith(" (unknown)"):
                self.combo.removeItem(index)

    def _activated(self, index: int) -> None:
        self.edited.emit(self.combo.itemData(index))


class ColumnsEditor(Editor):
    """Several columns by tick boxes, with a filter when there are many."""

    def __init__(self, field: Field, columns: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.filter = QLineEdit()
        self.filter.setObjectName(f"field-{field.name}-filter")
        self.filter.setAccessibleName(f"Filter {field.label}")
        self.filter.setPlaceholderText("Filter columns")
        self.filter.setClearButtonEnabled(True)
        self.filter.setVisible(len(columns) > 12)
        self.filter.textChanged.connect(self._filter)
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setFixedHeight(28 + 24 * max(1, min(6, len(columns))))
        for name in columns:
            self._add(name)
        column.addWidget(self.filter)
        column.addWidget(self.list)
        self._row.addWidget(box, 1)
        self.list.setObjectName(f"field-{field.name}")
        self.list.setAccessibleName(field.label)
        self.setFocusProxy(self.list)
        self._empty = QLabel("none ticked: every column" if field.optional else "none ticked")
        self._empty.setProperty("role", "muted")
        column.addWidget(self._empty)
        self.list.itemChanged.connect(self._changed)

    def _add(self, name: str) -> QListWidgetItem:
        item = QListWidgetItem(name, self.list)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)
        item.setToolTip(name if len(name) > 28 else "")
        return item

    def ticked(self) -> list[str]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]

    def set_value(self, value: Any) -> None:
        wanted = {str(name) for name in value or ()}
        self.list.blockSignals(True)
        present = {self.list.item(row).text() for row in range(self.list.count())}
        for name in sorted(wanted - present):
            self._add(name)
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setCheckState(Qt.CheckState.Checked if item.text() in wanted else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._count()

    def set_several(self) -> None:
        self.set_value(())
        self._empty.setText(SEVERAL)

    def _filter(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.casefold() not in item.text().casefold())

    def _count(self) -> None:
        count = len(self.ticked())
        nothing = "none ticked: every column" if self.field.optional else "none ticked"
        self._empty.setText(f"{count} of {self.list.count()} ticked" if count else nothing)

    def _changed(self) -> None:
        self._count()
        names = self.ticked()
        self.edited.emit(None if not names and self.field.optional else names)


def make_editor(field: Field, columns: Sequence[str] = (), parent: QWidget | None = None) -> Editor:
    """The editor of a plain field (every kind but "object", which nests a form)."""
    if field.kind in ("int", "float"):
        return NumberEditor(field, parent)
    if field.kind == "bool":
        return ChoiceEditor(field, (True, False), parent) if field.optional else BoolEditor(field, parent)
    if field.kind == "choice":
        return ChoiceEditor(field, field.choices, parent)
    if field.kind == "column":
        return ChoiceEditor(field, tuple(columns), parent)
    if field.kind == "columns":
        return ColumnsEditor(field, columns, parent)
    if field.kind == "ints":
        return IntegersEditor(field, parent)
    if field.kind == "value":
        return ValueEditor(field, parent)
    if field.kind == "text":
        return TextEditor(field, parent)
    raise ValueError(f"no editor for a field of kind {field.kind!r}")


def fold_text(text: str) -> str:
    """Lower case without anything but letters and digits: what searches compare."""
    return re.sub(r"[^a-z0-9]+", "", text.casefold())
