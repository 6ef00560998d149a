"""Forms made from fields: layer arguments, cleaning steps, optimizer settings.

A form shows values and signals `edited(name, value)`; it holds no truth. The first fields are shown, the others are
folded; what differs from the default is bold and can be reset; what cannot be used is named at its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.core.catalog import offered
from workbench.core.fields import Field
from workbench.ui.editors import Editor, fold_text, make_editor
from workbench.ui.field_row import FieldRow
from workbench.ui.object_editor import ObjectEditor
from workbench.ui.objects_editor import ObjectsEditor
from workbench.ui.values import same

COMMON = 6  # fields shown before the fold
FILTER_FROM = 12  # more fields than this get a filter line

__all__ = ["FieldForm", "FieldRow"]


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

    def set_defaults(self, values: Mapping[str, Any]) -> None:
        """What resetting brings back, where that is not the default of the field's own."""
        self.fields = tuple(replace(f, default=values[f.name]) if f.name in values else f for f in self.fields)
        for field in self.fields:
            self.rows[field.name].set_field(field)

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

    def _editor(self, field: Field, catalog: Any, columns: Sequence[str]) -> Editor:
        if field.kind in ("object", "objects"):

            def nested(fields: tuple[Field, ...], prefix: str) -> FieldForm:
                return FieldForm(fields, None, catalog, columns, prefix=prefix)

            entries = offered(catalog, field) if catalog is not None and field.choices else {}
            return (ObjectEditor if field.kind == "object" else ObjectsEditor)(field, entries, nested, self)
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
