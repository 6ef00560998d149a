"""Forms made from fields: layer arguments, cleaning steps, optimizer settings.

A form shows values and signals `edited(name, value)`; it holds no truth. The first fields are shown, the others are
folded; what differs from the default is bold and can be reset; what cannot be used is named at its field.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.editors import SEVERAL, Combo, Editor, NumberEditor, fold_text, make_editor
from workbench.ui.values import NOT_SET, object_key, same

COMMON = 6  # fields shown before the fold
FILTER_FROM = 12  # more fields than this get a filter line
LABEL_WIDTH = 116


def tooltip(text: str) -> str:
    """Help as a tooltip: wrapped, and never read as markup."""
    return f"<p style='white-space:normal'>{html.escape(text)}</p>" if text else ""


class ObjectEditor(Editor):
    """An initializer, regularizer, constraint or schedule: its name, and its own settings folded under it.

    Where the default is a number (a learning rate), "constant" is offered beside the schedules.
    """

    def __init__(self, field: Field, entries: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._entries = dict(entries)
        self._numeric = isinstance(field.default, (int, float)) and not isinstance(field.default, bool)
        self._value: Any = None
        self.combo = Combo()
        self._adopt(self.combo)
        if self._numeric:
            self.combo.addItem("constant", "")
        elif field.optional or field.default is None:
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
        self.unfold.toggled.connect(self._unfold)
        self._row.addWidget(self.unfold)
        self.nested = QWidget()  # put below the row by the form
        self._inside = QVBoxLayout(self.nested)
        self._inside.setContentsMargins(theme.SPACE * 2, 0, 0, 0)
        self._form: FieldForm | None = None
        self._number: NumberEditor | None = None
        self.nested.hide()
        self.unfold.hide()
        self.combo.activated.connect(self._activated)

    def set_value(self, value: Any) -> None:
        self._value = value
        self._drop_foreign()
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
        self._drop_foreign()
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
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return "", {}
        return value, {}

    def _drop_foreign(self) -> None:
        for index in reversed(range(self.combo.count())):
            if self.combo.itemText(index).endswith(" (unknown)"):
                self.combo.removeItem(index)

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
            self._form = FieldForm(fields, self.nested, prefix=f"{self.field.name}-")
            self._form.set_values(params)
            self._form.edited.connect(self._nested_edited)
            self._inside.addWidget(self._form)
        has = self._form is not None or self._number is not None
        self.unfold.setVisible(self._form is not None)
        self.nested.setVisible(self._number is not None or (has and self.unfold.isChecked()))

    def _unfold(self, open_: bool) -> None:
        self.unfold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.nested.setVisible(open_ and self._form is not None)

    def _activated(self, index: int) -> None:
        name = self.combo.itemData(index)
        if name == "":
            value: Any = self.field.default
        elif name is None:
            value = None
        else:
            value = {"kind": name, "params": {}}
        self.set_value(value)
        self.edited.emit(value)

    def _nested_edited(self, _name: str, _value: Any) -> None:
        if self._form is None:
            return
        value = {"kind": self.combo.currentData(), "params": self._form.values()}
        self._value = value
        self.edited.emit(value)


class FieldRow(QWidget):
    """Label, editor, reset; below them the complaint, the help and what is nested."""

    edited = Signal(str, object)

    def __init__(self, field: Field, editor: Editor, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.editor = editor
        self.changed = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(4)
        self.label = QLabel(field.label)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setFixedWidth(LABEL_WIDTH - (22 if field.help else 0))
        self.label.setBuddy(editor)
        self.label.setToolTip(tooltip(field.help))
        editor.setToolTip(tooltip(field.help))
        line.addWidget(self.label)
        if field.help:
            self.info = self._button("info", f"{prefix}{field.name}-help", f"What is {field.label}?")
            self.info.setCheckable(True)
            self.info.toggled.connect(self._explain)
            line.addWidget(self.info)
        line.addWidget(editor, 1)
        self.reset = self._button("arrow-counter-clockwise", f"{prefix}{field.name}-reset", f"Reset {field.label}")
        self.reset.clicked.connect(self._reset)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.hide()
        line.addWidget(self.reset)
        column.addLayout(line)
        self.complaint = self._note("error")
        self.complaint.setObjectName(f"{prefix}{field.name}-error")
        self.explanation = self._note("muted")
        self.explanation.setText(field.help)
        column.addWidget(self.complaint)
        column.addWidget(self.explanation)
        if isinstance(editor, ObjectEditor):
            column.addWidget(editor.nested)
        editor.edited.connect(self._edited)
        editor.complained.connect(self._complain)

    def _button(self, icon: str, name: str, title: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(title)
        button.setToolTip(tooltip(title))
        button.setIcon(theme.icon(icon, "muted"))
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(20, 24)
        button.setStyleSheet("padding: 0")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _note(self, role: str) -> QLabel:
        note = QLabel(self)
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setWordWrap(True)
        note.setProperty("role", role)
        note.setContentsMargins(0, 0, 0, 4)
        note.hide()
        return note

    def show_value(self, value: Any) -> None:
        self.editor.set_value(value)
        self.mark(not same(value, self.field.default, self.field))

    def show_several(self) -> None:
        self.editor.set_several()
        self.mark(True)

    def mark(self, changed: bool) -> None:
        """Bold and resettable when it differs from the default."""
        self.changed = changed
        font = self.label.font()
        font.setBold(changed)
        self.label.setFont(font)
        self.reset.setVisible(changed and not (self.field.required and self.field.default is None))

    def _edited(self, value: Any) -> None:
        changed = not same(value, self.field.default, self.field)
        self.mark(changed)
        self.edited.emit(self.field.name, value if changed else self.field.default)

    def _complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))
        line = self.editor.focusProxy()
        if line is not None:
            theme.set_style_property(line, "invalid", "true" if text else "false")

    def _explain(self, shown: bool) -> None:
        self.explanation.setVisible(shown)

    def _reset(self) -> None:
        self.editor.setFocus()
        self.show_value(self.field.default)
        self.edited.emit(self.field.name, self.field.default)


class FieldForm(QWidget):
    """Editors for `fields`.

    Args:
        fields: what can be edited, the common ones first.
        catalog: gives the groups of "object" fields (`catalog.initializers`: name -> entry with title, help, fields).
        columns: names offered by "column" and "columns" fields.
        prefix: put before the object names of the form's own buttons.
        common: how many fields are shown before the fold; required and changed ones always are.

    `edited(name, value)` tells each change once the person settled on it; resetting tells the default.
    """

    edited = Signal(str, object)

    def __init__(
        self,
        fields: Sequence[Field],
        parent: QWidget | None = None,
        catalog: Any = None,
        columns: Sequence[str] = (),
        *,
        prefix: str = "",
        common: int = COMMON,
    ) -> None:
        super().__init__(parent)
        self.fields = tuple(fields)
        self._values: dict[str, Any] = {}
        self._several: set[str] = set()
        self.rows: dict[str, FieldRow] = {}
        # Folding one or two fields away costs more than it saves.
        folded = len(self.fields) > common + 2
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.filter = QLineEdit()
        self.filter.setObjectName(f"{prefix}form-filter")
        self.filter.setAccessibleName("Filter settings")
        self.filter.setPlaceholderText("Filter settings")
        self.filter.setClearButtonEnabled(True)
        self.filter.setVisible(len(self.fields) > FILTER_FROM)
        self.filter.textChanged.connect(self._refold)
        column.addWidget(self.filter)
        self.more = QToolButton()
        self.more.setObjectName(f"{prefix}form-more")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.more.toggled.connect(self._refold)
        self._advanced: set[str] = set()
        for position, field in enumerate(self.fields):
            row = FieldRow(field, self._editor(field, catalog, columns), prefix, self)
            row.edited.connect(self._row_edited)
            self.rows[field.name] = row
            if folded and position >= common and not field.required:
                self._advanced.add(field.name)
        for name, row in self.rows.items():
            if name not in self._advanced:
                column.addWidget(row)
        column.addWidget(self.more)
        for name in self._advanced_in_order():
            column.addWidget(self.rows[name])
        self._nothing = QLabel("No setting of that name.")
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        column.addWidget(self._nothing)
        column.addStretch(1)
        self.set_values({})

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values; what is absent shows its default. Nothing is signalled."""
        self.set_several([values])

    def set_several(self, values: Sequence[Mapping[str, Any]]) -> None:
        """Show the values of several things at once: where they differ it says so, and an edit is for all."""
        self._several.clear()
        self._values = dict(values[0]) if values else {}
        for field in self.fields:
            found = [one.get(field.name, field.default) for one in values] or [field.default]
            if all(same(one, found[0], field) for one in found[1:]):
                self.rows[field.name].show_value(found[0])
            else:
                self._several.add(field.name)
                self.rows[field.name].show_several()
        self._refold()

    def values(self) -> dict[str, Any]:
        """The values that differ from their defaults; a required one always. Names the form does not know are kept."""
        known = {field.name: field for field in self.fields}
        kept = {}
        for name, value in self._values.items():
            field = known.get(name)
            if name in self._several:
                continue
            if field is None or field.required or not same(value, field.default, field):
                kept[name] = value
        return kept

    def flush(self) -> None:
        """Take what is typed and has not been taken yet."""
        for row in self.rows.values():
            row.editor.flush()

    def focus_first(self) -> bool:
        """Put the focus into the first editor. False when there is none."""
        for row in self.rows.values():
            if not row.isHidden():
                row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
                line = row.editor.focusProxy()
                if isinstance(line, QLineEdit):
                    line.selectAll()
                return True
        return False

    def focus_field(self, name: str) -> bool:
        """Show and focus one editor, unfolding it when needed."""
        row = self.rows.get(name)
        if row is None:
            return False
        if name in self._advanced:
            self.more.setChecked(True)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _editor(self, field: Field, catalog: Any, columns: Sequence[str]) -> Editor:
        if field.kind == "object":
            group = str(field.choices[0]) if field.choices else ""
            return ObjectEditor(field, getattr(catalog, group, None) or {}, self)
        return make_editor(field, columns, self)

    def _advanced_in_order(self) -> list[str]:
        return [name for name in self.rows if name in self._advanced]

    def _row_edited(self, name: str, value: Any) -> None:
        self._values[name] = value
        self._several.discard(name)
        self._label_fold()
        self.edited.emit(name, value)

    def _label_fold(self) -> None:
        changed = sum(self.rows[name].changed for name in self._advanced)
        tail = f" · {changed} changed" if changed else ""
        self.more.setText(f"More settings ({len(self._advanced)}){tail}")
        self.more.setAccessibleName(self.more.text())

    def _refold(self) -> None:
        wanted = fold_text(self.filter.text())
        open_ = self.more.isChecked()
        self.more.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.more.setVisible(bool(self._advanced) and not wanted)
        self._label_fold()
        shown = 0
        for name, row in self.rows.items():
            if wanted:
                text = fold_text(f"{name} {row.field.label}")
                visible = wanted in text
            else:
                visible = name not in self._advanced or open_
            row.setVisible(visible)
            shown += visible
        self._nothing.setVisible(bool(wanted) and not shown)
