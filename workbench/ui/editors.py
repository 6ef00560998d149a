"""Editors of what is chosen (switches, choices, columns); `make_editor` gives each kind of `Field` its own."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
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
from workbench.ui.share_editor import ShareEditor, is_share
from workbench.ui.typed_editors import (
    SEVERAL,
    Editor,
    IntegersEditor,
    NumberEditor,
    NumbersEditor,
    TextEditor,
    ValueEditor,
)
from workbench.ui.values import NOT_SET, show_value
from workbench.ui.widgets.drop_down import DropDown


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


class Combo(DropDown):
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

    def drop_foreign(self) -> None:
        """Take away what was shown only because it was the value, though nobody can choose it."""
        for index in reversed(range(self.count())):
            if self.itemText(index).endswith(" (unknown)"):
                self.removeItem(index)


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
        self.combo.drop_foreign()
        index = self._index(value)
        if index < 0 and value is not None:
            # A value from elsewhere (a newer file, a column that is gone) is kept and shown as it is.
            self.combo.addItem(f"{show_value(value)} (unknown)", value)
            index = self.combo.count() - 1
        self.combo.setCurrentIndex(index)

    def set_several(self) -> None:
        self.combo.drop_foreign()
        self.combo.setPlaceholderText(SEVERAL)
        self.combo.setCurrentIndex(-1)

    def _index(self, value: Any) -> int:
        for index in range(self.combo.count()):
            data = self.combo.itemData(index)
            if data == value and type(data) is type(value):
                return index
        return -1

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
        self._empty.setText(f"{count:,} of {self.list.count():,} ticked" if count else nothing)

    def _changed(self) -> None:
        self._count()
        names = self.ticked()
        self.edited.emit(None if not names and self.field.optional else names)


def make_editor(field: Field, columns: Sequence[str] = (), parent: QWidget | None = None) -> Editor:
    """The editor of a plain field (every kind but "object" and "objects", which nest forms)."""
    if is_share(field):
        return ShareEditor(field, parent)
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
    if field.kind == "floats":
        return NumbersEditor(field, parent)
    if field.kind == "value":
        return ValueEditor(field, parent)
    if field.kind == "text":
        return TextEditor(field, parent)
    raise ValueError(f"no editor for a field of kind {field.kind!r}")


def tooltip(text: str) -> str:
    """Help as a tooltip: wrapped, and never read as markup."""
    return f"<p style='white-space:normal'>{html.escape(text)}</p>" if text else ""


def fold_text(text: str) -> str:
    """Lower case without anything but letters and digits: what searches compare."""
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


__all__ = ["SEVERAL", "Combo", "Editor", "NumberEditor", "Switch", "fold_text", "make_editor", "tooltip"]
