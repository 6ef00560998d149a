"""The editor of a value that has a name and settings of its own: an initializer, a schedule, an inner layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from workbench.core.catalog import is_number
from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.editors import SEVERAL, Combo, Editor, NumberEditor, tooltip
from workbench.ui.values import NOT_SET, object_key

RESET_WIDTH = 24  # what the button to reset takes at the end of a row


class ObjectEditor(Editor):
    """An initializer, regularizer, constraint or schedule: its name, and its own settings folded under it.

    make_form(fields, prefix) makes the form of those settings.
    Where the default is a number (a learning rate), "constant" is offered beside the schedules.
    """

    def __init__(
        self,
        field: Field,
        entries: Mapping[str, Any],
        make_form: Callable[[tuple[Field, ...], str], Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(field, parent)
        self._make_form = make_form
        self._entries = dict(entries)
        self._numeric = is_number(field.default)
        self._value: Any = None
        self.combo = Combo()
        self._adopt(self.combo)
        if self._numeric:
            self.combo.addItem("constant", "")
        elif field.optional or (field.default is None and not field.required):
            self.combo.addItem(NOT_SET, None)
        for name, entry in self._entries.items():
            self.combo.addItem(getattr(entry, "title", "") or name, name)
            self.combo.setItemData(
                self.combo.count() - 1, tooltip(getattr(entry, "help", "")), Qt.ItemDataRole.ToolTipRole
            )
        self.unfold = QToolButton()
        self.unfold.setObjectName(f"field-{field.name}-unfold")
        self.unfold.setAccessibleName(f"Settings of {field.label}")
        self.unfold.setToolTip("Settings")
        self.unfold.setCheckable(True)
        self.unfold.setAutoRaise(True)
        self.unfold.setArrowType(Qt.ArrowType.RightArrow)
        self.unfold.setFixedSize(20, 24)
        self.unfold.setStyleSheet("padding: 0")
        self.unfold.setChecked(field.required)  # what must be there is seen at once
        self.unfold.setArrowType(Qt.ArrowType.DownArrow if field.required else Qt.ArrowType.RightArrow)
        self.unfold.toggled.connect(self._unfold)
        self._row.addWidget(self.unfold)
        self.nested = QWidget()  # put below the row by the form
        self.indent = theme.SPACE * 2  # of a number below the choice; the form sets it to where its editors begin
        self._inside = QVBoxLayout(self.nested)
        self._inside.setContentsMargins(theme.SPACE * 2, 0, 0, 0)
        self._form: Any = None
        self._number: NumberEditor | None = None
        self.nested.hide()
        self.unfold.hide()
        self.combo.activated.connect(self._activated)

    def set_value(self, value: Any) -> None:
        self._value = value
        self.combo.drop_foreign()
        kind, params = self._parts(value)
        index = -1
        for row in range(self.combo.count()):
            data = self.combo.itemData(row)
            if (kind is None and data is None) or (
                kind is not None and data is not None and object_key(data) == object_key(kind)
            ):
                index = row
                break
        if index < 0 and kind is not None:
            self.combo.addItem(f"{kind} (unknown)", kind)
            index = self.combo.count() - 1
        self.combo.setCurrentIndex(index)
        self._nest(params, value)

    def set_several(self) -> None:
        self.combo.drop_foreign()
        self.combo.setPlaceholderText(SEVERAL)
        self.combo.setCurrentIndex(-1)
        self._nest({}, None)

    def flush(self) -> None:
        if self._form is not None:
            self._form.flush()
        if self._number is not None:
            self._number.flush()

    def _parts(self, value: Any) -> tuple[Any, dict[str, Any]]:
        if isinstance(value, Mapping):
            return value.get("kind"), dict(value.get("params") or {})
        if is_number(value):
            return "", {}
        return value, {}

    def _nest(self, params: dict[str, Any], value: Any) -> None:
        name = self.combo.currentData()
        fields = tuple(getattr(self._entries.get(name), "fields", ())) if name else ()
        if self._form is not None and tuple(self._form.fields) == fields:
            self._form.set_values(params)
            return
        if self._number is not None and name == "":
            self._number.set_value(value)
            return
        for old in (self._form, self._number):
            if old is not None:
                self._inside.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._form = self._number = None
        if name == "" and self._numeric:
            plain = Field(
                f"{self.field.name}-constant",
                "float",
                title=self.field.label,
                default=self.field.default,
                minimum=self.field.minimum,
                maximum=self.field.maximum,
            )
            self._number = NumberEditor(plain)
            self._number.set_value(value)
            self._number.edited.connect(self.edited)
            self._number.complained.connect(self.complained)
            self._inside.addWidget(self._number)
        elif fields:
            self._form = self._make_form(fields, f"{self.field.name}-")
            self._form.set_values(params)
            self._form.edited.connect(self._nested_edited)
            self._inside.addWidget(self._form)
        # A number stands below its choice; a schedule says little without its numbers.
        left, right = (self.indent, RESET_WIDTH) if self._number is not None else (theme.SPACE * 2, 0)
        self._inside.setContentsMargins(left, 0, right, 0)
        self.unfold.setVisible(self._form is not None and not self._numeric)
        open_ = self._numeric or self.unfold.isChecked()
        self.nested.setVisible(self._number is not None or (self._form is not None and open_))

    def _unfold(self, open_: bool) -> None:
        self.unfold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.nested.setVisible(open_ and self._form is not None)

    def _activated(self, index: int) -> None:
        name = self.combo.itemData(index)
        if name == "":
            value: Any = self._first_number(self._value, self.field.default)
        elif name is None:
            value = None
        else:
            value = {"kind": name, "params": self._begin_at(name)}
        self.set_value(value)
        self.edited.emit(value)

    def _begin_at(self, name: str) -> dict[str, Any]:
        """A schedule begins where the number stood: its first setting is the rate it begins with. A layer begins with
        what a fresh block of it has."""
        if start := getattr(self._entries.get(name), "start", None):
            return dict(start)
        rate = self._rate_of(name)
        number = self._first_number(self._value, None)
        return {rate: number} if rate and number is not None else {}

    def _rate_of(self, name: Any) -> str:
        """The setting of a schedule that is the rate it begins with; "" when it has none."""
        fields = tuple(getattr(self._entries.get(name), "fields", ())) if self._numeric and name else ()
        return next((f.name for f in fields[:1] if f.kind == "float"), "")

    def _first_number(self, value: Any, otherwise: Any) -> Any:
        """The number a value is, or the one its schedule begins with."""
        if is_number(value):
            return value
        kind, params = self._parts(value)
        found = params.get(self._rate_of(kind))
        return found if is_number(found) else otherwise

    def _nested_edited(self, _name: str, _value: Any) -> None:
        if self._form is None:
            return
        value = {"kind": self.combo.currentData(), "params": self._form.values()}
        self._value = value
        self.edited.emit(value)
