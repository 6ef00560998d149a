"""One line of a form: label, editor, reset; under it the complaint, the help and what is nested."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from workbench.core.fields import Field
from workbench.ui import theme
from workbench.ui.editors import Editor, tooltip
from workbench.ui.object_editor import ObjectEditor
from workbench.ui.values import same
from workbench.ui.widgets.label import plain_label

LABEL_WIDTH = 116
CLOSER = 0.9  # pixels that the letters of a bold name may stand closer together


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
        self.label = plain_label(field.label)
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
        if field.kind in ("columns", "objects"):  # a list needs the whole width
            self.label.setWordWrap(False)
            self.label.setMaximumWidth(2 * LABEL_WIDTH)
            self.label.setMinimumWidth(0)
            line.addStretch(1)
        else:
            line.addWidget(editor, 1)
        self.reset = self._button("arrow-counter-clockwise", f"{prefix}{field.name}-reset", f"Reset {field.label}")
        self.reset.clicked.connect(self._reset)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.hide()
        line.addWidget(self.reset)
        column.addLayout(line)
        if field.kind in ("columns", "objects"):
            column.addWidget(editor)
        self.complaint = self._note("error")
        self.complaint.setObjectName(f"{prefix}{field.name}-error")
        self.explanation = self._note("muted")
        self.explanation.setText(field.help)
        column.addWidget(self.complaint)
        column.addWidget(self.explanation)
        if isinstance(editor, ObjectEditor):
            editor.indent = LABEL_WIDTH + 4 + (2 if field.help else 0)
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

    def set_field(self, field: Field) -> None:
        """The same field with another default."""
        self.field = self.editor.field = field

    def show_value(self, value: Any) -> None:
        self.editor.set_value(value)
        self.mark(not same(value, self.field.default, self.field))

    def show_several(self) -> None:
        self.editor.set_several()
        self.mark(True)

    def mark(self, changed: bool) -> None:
        """Bold and resettable when it differs from the default."""
        self.changed = changed
        font = theme.font(13, 600 if changed else 400)  # said whole: bold alone is lost with a new theme
        over = QFontMetricsF(font).horizontalAdvance(self.field.label) - self.label.minimumWidth()
        if changed and 0 < over < CLOSER * len(self.field.label):  # a second line would make all below it jump
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, -over / len(self.field.label) - 0.05)
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
