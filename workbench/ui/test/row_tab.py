"""Asking with a row filled in by hand: a form that is answered while one types. UI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.data.preprocess import RowField
from workbench.core.errors import WorkbenchError
from workbench.ui import theme
from workbench.ui.jobs import Jobs
from workbench.ui.test.asks import PICTURES, Ask
from workbench.ui.test.context import Context
from workbench.ui.test.pixels import PixelView
from workbench.ui.widgets.drop_down import DropDown
from workbench.ui.widgets.dropping import accepted_files
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.widgets.number import NumberEdit, format_number
from workbench.ui.widgets.scrolled import scrolled

PICTURE_SIDE = 96
TOP = Qt.AlignmentFlag.AlignTop
FIELDS = 200  # more columns than this keep their usual value: a form of thousands helps nobody


class PictureEdit(QLineEdit):
    """The file of a picture: typed, chosen or dropped. textEdited tells of each."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAcceptDrops(True)
        self.choose = self.addAction(theme.icon("folder-open"), QLineEdit.ActionPosition.TrailingPosition)
        self.choose.setToolTip("Choose a picture")
        self.choose.triggered.connect(self._choose)

    def take(self, path: str) -> None:
        """As if it had been typed."""
        self.setText(path)
        self.textEdited.emit(path)

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a picture", "", PICTURES)
        if name:
            self.take(name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not accepted_files(event):
            super().dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if paths := accepted_files(event):
            self.take(str(paths[0]))
        else:
            super().dropEvent(event)


class RowTab(Ask):
    """A field a column, filled with the usual values; the answer follows while one types."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(jobs, parent)
        self.setObjectName("rowTab")
        self.fields: tuple[RowField, ...] = ()
        self.editors: dict[str, QLineEdit | QComboBox] = {}
        self._held: dict[str, Any] = {}
        self.folder = ""  # of the table that is open, from which the names of pictures count; the page keeps it current
        self.views: dict[str, PixelView] = {}
        self.problem = InlineNotice()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "caption")
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, theme.SPACE, 0)
        self._grid.setHorizontalSpacing(theme.SPACE + 4)
        self._grid.setVerticalSpacing(theme.SPACE // 2)
        self._grid.setColumnStretch(1, 1)
        self.area = scrolled(self._inside)
        self.reset = QPushButton("Usual values")
        self.reset.setObjectName("usualValues")
        self.reset.setToolTip("The median of each number column, the commonest of each category.")
        self.column.addWidget(self.note)
        self.column.addWidget(self.problem)
        self.column.addWidget(self.area, 1)
        self.column.addWidget(self.reset)
        self.reset.clicked.connect(self._usual)

    def set_context(self, context: Context | None) -> None:
        before = self.fields
        super().set_context(context)
        if context is None or context.images or context.series:
            return
        fields = context.preprocessor.row_fields
        if fields != before:
            kept = self.values()
            self.fields = fields
            self._build()
            self.set_values({k: v for k, v in kept.items() if k in self.editors})
        more = len(fields) - FIELDS
        text = "A row of your own. Empty means missing."
        self.note.setText(text + (f" {more:,} more columns keep their usual value." if more > 0 else ""))

    def _build(self) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.editors = {}
        self.views = {}
        self._held = {f.name: f.default for f in self.fields[FIELDS:]}
        for line, field in enumerate(self.fields[:FIELDS]):
            label = ElidedLabel(field.name)
            label.setMinimumWidth(60)
            label.setMaximumWidth(132)
            made = {"number": self._number, "choice": self._choice, "picture": self._picture}.get(
                field.kind, self._text
            )
            editor = made(field)
            editor.setObjectName(f"row-{field.name}")
            editor.setAccessibleName(field.name)
            label.setBuddy(editor)
            self.editors[field.name] = editor
            self._grid.addWidget(label, line, 0, TOP if field.kind == "picture" else Qt.AlignmentFlag(0))
            if field.kind != "picture":
                self._grid.addWidget(editor, line, 1)
                continue
            view = self.views[field.name] = PixelView(name=f"What the net receives of {field.name}", side=PICTURE_SIDE)
            view.setMaximumHeight(PICTURE_SIDE)
            both = QWidget()
            below = QVBoxLayout(both)
            below.setContentsMargins(0, 0, 0, 0)
            below.setSpacing(theme.SPACE // 2)
            below.addWidget(editor)
            below.addWidget(view)
            label.setContentsMargins(0, theme.SPACE // 2 + 2, 0, 0)  # at the height of the line beside it
            self._grid.addWidget(both, line, 1)
        self._grid.setRowStretch(len(self.fields) + 1, 1)

    def _number(self, field: RowField) -> NumberEdit:
        # training showed whole numbers, but a person may ask for 2.5 of something: no integer=True
        editor = NumberEdit(_usual(field), optional=True)
        span = f"{format_number(field.minimum)} to {format_number(field.maximum)}"
        editor.setPlaceholderText("missing")
        half = format_number(_usual(field))
        editor.setToolTip(f"{field.name}: {span} in the training rows, half of them below {half}.")
        editor.textEdited.connect(lambda _text: self.again())
        editor.edited.connect(lambda _value: self.again())
        return editor

    def _picture(self, field: RowField) -> PictureEdit:
        editor = PictureEdit(str(field.default))
        editor.setCursorPosition(0)
        editor.setPlaceholderText("Choose or drop a picture")
        editor.setToolTip(f"{field.name}: a picture file, as the table names it or wherever it lies.")
        editor.textEdited.connect(lambda _text: self.again())
        return editor

    def _text(self, field: RowField) -> QLineEdit:
        editor = QLineEdit(str(field.default))
        editor.setCursorPosition(0)
        editor.setPlaceholderText("missing")
        editor.setToolTip(f"{field.name}: text as in the training rows, such as {str(field.default)[:80]}")
        editor.textEdited.connect(lambda _text: self.again())
        return editor

    def _choice(self, field: RowField) -> QComboBox:
        editor = DropDown()
        editor.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        editor.setMinimumContentsLength(6)
        editor.addItems(field.choices)
        editor.setCurrentText(str(field.default))
        editor.setToolTip(f"{field.name}: {len(field.choices):,} categories, most often {field.default}.")
        editor.currentIndexChanged.connect(lambda _index: self.again())
        return editor

    def values(self) -> dict[str, Any]:
        """What stands in the form; None for a missing number. What cannot be read counts as its last good value."""
        found = dict(self._held)
        for name, editor in self.editors.items():
            if isinstance(editor, QComboBox):
                found[name] = editor.currentText()
                continue
            if not isinstance(editor, NumberEdit):
                found[name] = editor.text() or None
                continue
            try:
                found[name] = editor.read()
            except ValueError:
                found[name] = editor.value()
        return found

    def set_values(self, cells: Mapping[str, Any]) -> None:
        """Fill the form with the cells of a row; unknown categories and columns are left as they are."""
        for name, value in cells.items():
            editor = self.editors.get(name)
            if editor is None:
                if name in self._held:
                    self._held[name] = value
                continue
            editor.blockSignals(True)
            if isinstance(editor, QComboBox):
                place = editor.findText(str(value)) if value != "" else editor.findText("(missing)")
                if place >= 0:
                    editor.setCurrentIndex(place)
            elif not isinstance(editor, NumberEdit):
                editor.setText("" if value is None else str(value))
                editor.setCursorPosition(0)
            else:
                try:
                    editor.set_value(None if value in ("", None) else float(value))
                except (TypeError, ValueError):
                    editor.set_value(None)
            editor.blockSignals(False)

    def _usual(self) -> None:
        self.set_values({f.name: _usual(f) if f.kind == "number" else f.default for f in self.fields})
        self.again()

    def again(self) -> None:
        context = self.context
        if context is None or not self.fields:
            self.nothing.emit("This model takes no rows.")
            return
        values = self.values()
        outside = [
            f.name
            for f in self.fields[:FIELDS]
            if f.kind == "number" and values[f.name] is not None and not f.minimum <= values[f.name] <= f.maximum
        ]
        if outside:
            listed = ", ".join(outside[:3]) + (" and others" if len(outside) > 3 else "")
            self.problem.set_notice(f"Outside what training showed: {listed}. The answer is a guess there.", "warning")
        else:
            self.problem.clear()

        inputs = {c.name: c.input for c in context.preprocessor.pictures}

        def done(x: dict[str, np.ndarray]) -> None:
            for name, view in self.views.items():
                view.set_pixels(x[inputs[name]][0] if name in inputs else None)
            self.asked.emit(x, None, "")

        def failed(error: WorkbenchError) -> None:
            for view in self.views.values():
                view.set_pixels(None)
            self.problem.show_error(error)

        folder = self.folder or context.folder_of_table
        self.jobs.run(self, "row", lambda _p, _c: context.preprocessor.row_arrays(values, folder), done, failed)


def _usual(field: RowField) -> float:
    """A median as a person would write it."""
    return float(f"{float(field.default):.6g}")
