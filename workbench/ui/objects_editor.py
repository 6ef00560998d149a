"""The editor of several things in order, each with a name and settings of its own: the cells of a recurrent layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.editors import SEVERAL, Editor, tooltip
from workbench.ui.object_editor import ObjectEditor


class ObjectsEditor(Editor):
    """One `ObjectEditor` below another; each can be taken away but the last, and one like the last be added.

    make_form(fields, prefix) makes the form of an entry's settings.
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
        self._value: list[Any] = []
        self.editors: list[ObjectEditor] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(theme.SPACE, 0, 0, 0)
        self._column.setSpacing(4)
        self._row.addLayout(self._column, 1)
        self._places: list[QWidget] = []
        self._differ = QLabel(SEVERAL)
        self._differ.setProperty("role", "muted")
        self._differ.hide()
        self._column.addWidget(self._differ)
        self.add = QToolButton()
        self.add.setObjectName(f"field-{field.name}-add")
        self.add.setText("Add one")
        self.add.setAccessibleName(f"Add one to {field.label}")
        self.add.setToolTip(tooltip("One more after the last, like it."))
        self.add.setIcon(theme.icon("plus", "muted"))
        self.add.setIconSize(QSize(14, 14))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setAutoRaise(True)
        self.add.clicked.connect(self._add)
        self._column.addWidget(self.add)
        self.setFocusProxy(self.add)

    def set_value(self, value: Any) -> None:
        self._value = list(value) if isinstance(value, (list, tuple)) else []
        self._differ.hide()
        self.add.show()
        if len(self.editors) != len(self._value):
            self._lay_out(len(self._value))
        for editor, one in zip(self.editors, self._value, strict=True):
            editor.set_value(one)

    def set_several(self) -> None:
        self._value = []
        self._lay_out(0)
        self._differ.show()
        self.add.hide()  # what would be added to is not known

    def flush(self) -> None:
        for editor in list(self.editors):
            editor.flush()

    def _lay_out(self, count: int) -> None:
        for place in self._places:
            self._column.removeWidget(place)
            place.hide()
            place.deleteLater()
        self._places, self.editors = [], []
        for number in range(count):
            self._column.insertWidget(1 + number, self._place(number, alone=count == 1))

    def _place(self, number: int, *, alone: bool) -> QWidget:
        place = QWidget(self)
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(4)
        title = f"{self.field.label} {number + 1}"
        one = replace(self.field, name=f"{self.field.name}-{number + 1}", kind="object", title=title, required=True)
        editor = ObjectEditor(one, self._entries, self._make_form, place)
        editor.edited.connect(lambda value, n=number: self._changed(n, value))
        editor.complained.connect(self.complained)
        remove = QToolButton(place)
        remove.setObjectName(f"field-{one.name}-remove")
        remove.setAccessibleName(f"Take {title} away")
        remove.setToolTip(tooltip("There has to be one." if alone else f"Take {title} away"))
        remove.setIcon(theme.icon("x", "muted"))
        remove.setIconSize(QSize(14, 14))
        remove.setFixedSize(20, 24)
        remove.setStyleSheet("padding: 0")
        remove.setAutoRaise(True)
        remove.setEnabled(not alone)
        remove.clicked.connect(lambda _checked=False, n=number: self._remove(n))
        line.addWidget(QLabel(f"{number + 1}."))
        line.addWidget(editor, 1)
        line.addWidget(remove)
        column.addLayout(line)
        column.addWidget(editor.nested)
        self.editors.append(editor)
        self._places.append(place)
        return place

    def _changed(self, number: int, value: Any) -> None:
        self._tell([value if n == number else one for n, one in enumerate(self._value)], draw=False)

    def _remove(self, number: int) -> None:
        self._tell([one for n, one in enumerate(self._value) if n != number])

    def _add(self) -> None:
        first = next(iter(self._entries), None)
        like = self._value[-1] if self._value else first
        if not self._value and first is not None:
            start = getattr(self._entries[first], "start", None)
            like = {"kind": first, "params": dict(start)} if start else first
        if like is not None:
            self._tell([*self._value, like])

    def _tell(self, value: list[Any], *, draw: bool = True) -> None:
        if draw:
            self.set_value(value)
        self._value = value
        self.edited.emit(value)
