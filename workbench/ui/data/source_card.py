"""The source card: what was opened, what was found in it, what was set aside."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import CsvOptions, DataSpec
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.source_watch import CHANGED, GONE
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.notice import InlineNotice

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar |", " ": "blank", ":": "colon"}
SHOWN_BAD = 500


def describe_options(options: CsvOptions) -> str:
    """One line of what was found: "utf-8 · semicolon · decimal comma · no header"."""
    parts = [
        options.encoding or "utf-8",
        DELIMITERS.get(options.delimiter, f"“{options.delimiter}”") + " between cells",
    ]
    if options.decimal == ",":
        parts.append("decimal comma")
    if options.header is False:
        parts.append("no header")
    return " · ".join(parts)


class SourceCard(QFrame):
    """Shows the source; signals what the person wants to do with it."""

    options_asked = Signal()
    other_asked = Signal()
    find_asked = Signal()
    again_asked = Signal()
    sheet_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setObjectName("sourceCard")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 8)
        column.setSpacing(3)
        self.title = ElidedLabel()
        self.title.setProperty("role", "strong")
        self.title.setObjectName("sourceName")
        self.path = ElidedLabel()
        self.path.setProperty("role", "caption")
        self.size = QLabel()
        self.size.setObjectName("sourceSize")
        self.found = self._wrapped("caption", "sourceFound")
        self.notes = self._wrapped("caption", "sourceNotes")
        self.bad = QPushButton()
        self.bad.setObjectName("sourceBad")
        self.bad.setProperty("role", "link")
        self.bad.setCheckable(True)
        self.bad.setIcon(theme.icon("warning", "warn"))
        self.list = QListWidget()
        self.list.setObjectName("sourceBadList")
        self.list.setAccessibleName("What was set aside while reading")
        self.list.setWordWrap(True)
        self.list.setFixedHeight(180)
        self.list.hide()
        self.bad.toggled.connect(self.list.setVisible)
        self.state = InlineNotice()
        self.state.setObjectName("sourceState")
        self.offer = InlineNotice()
        self.offer.setObjectName("sourceOffer")
        self.sheet = Combo()
        self.sheet.setObjectName("sourceSheet")
        self.sheet.setAccessibleName("Sheet of the workbook")
        self.sheet.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sheet.activated.connect(lambda _: self.sheet_asked.emit(self.sheet.currentText()))
        self._sheets = QWidget()
        sheets = QHBoxLayout(self._sheets)
        sheets.setContentsMargins(0, 2, 0, 2)
        label = QLabel("Sheet")
        label.setBuddy(self.sheet)
        sheets.addWidget(label)
        sheets.addWidget(self.sheet, 1)
        self._sheets.hide()
        for widget in (self.title, self.path, self.state, self.offer, self._sheets, self.size, self.found, self.notes):
            column.addWidget(widget)
        column.addWidget(self.bad)
        column.addWidget(self.list)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.options = QPushButton("Reading options")
        self.options.setObjectName("readingOptions")
        self.options.setProperty("role", "link")
        self.options.clicked.connect(self.options_asked)
        self.other = QPushButton("Other data…")
        self.other.setObjectName("otherData")
        self.other.setProperty("role", "link")
        self.other.clicked.connect(self.other_asked)
        row.addWidget(self.options)
        row.addWidget(self.other)
        row.addStretch(1)
        column.addLayout(row)

    def _wrapped(self, role: str, name: str) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("role", role)
        label.setObjectName(name)
        return label

    def show_source(self, spec: DataSpec, dataset: Any) -> None:
        """Args: dataset: what was read (None: not read yet, or it cannot be)."""
        title = getattr(dataset, "title", "") or PurePath(spec.path).name or spec.path
        self.title.setText("Pasted cells" if spec.source == "pasted" else title)
        self.path.setText("a bundled sample" if spec.source == "sample" else str(spec.path))
        self.path.setVisible(spec.source != "pasted")
        self.options.setVisible(spec.source in ("csv", "pasted"))
        report = getattr(dataset, "report", None)
        self._show_sheets(report, spec.source == "excel")
        for widget in (self.size, self.found, self.notes, self.bad):
            widget.setVisible(False)
        if report is None:
            self.bad.setChecked(False)
            return
        if dataset.kind == "table":
            rows = figures.plural(len(dataset.frame), "row")
            self.size.setText(f"{rows} × {figures.plural(dataset.frame.shape[1], 'column')}")
        else:
            classes = figures.plural(len(dataset.classes), "class", "classes")
            self.size.setText(f"{figures.plural(len(dataset), 'picture')} in {classes}")
        self.size.setVisible(True)
        if report.options is not None:
            self.found.setText(describe_options(report.options))
            self.found.setVisible(True)
        given = int((dataset.parts == 1).sum())
        notes = list(report.notes)
        if given:
            notes.append(f"{figures.count(given)} of them come from a test part of their own.")
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._show_bad(report.bad, "line" if dataset.kind == "table" else "file")

    def show_state(self, state: str, changed_before: bool = False) -> None:
        """Whether the file is still what was read. changed_before: it was another when the project was saved."""
        again, find = ("Read it again", self.again_asked.emit), ("Find it…", self.find_asked.emit)
        if state == GONE:
            self.state.set_notice(
                "The file is no longer there. It was moved, renamed or deleted.", "warning", (find, again)
            )
        elif state == CHANGED:
            self.state.set_notice("The file has changed since it was read.", "warning", (again, find))
        elif changed_before:
            text = "The file is not the one this project was made with: its content has changed since."
            self.state.set_notice(text, "info", (find,))
        else:
            self.state.set_notice("")

    def _show_sheets(self, report: Any, workbook: bool) -> None:
        if report is None:  # another sheet can still be chosen when this one cannot be read
            self._sheets.setVisible(workbook and self.sheet.count() > 1)
            return
        sheets = tuple(getattr(report, "sheets", ()))
        self._sheets.setVisible(len(sheets) > 1)
        if sheets != tuple(self.sheet.itemText(i) for i in range(self.sheet.count())):
            self.sheet.clear()
            self.sheet.addItems(list(sheets))
        self.sheet.setCurrentText(getattr(report, "sheet", ""))

    def _show_bad(self, bad: tuple[Any, ...], thing: str) -> None:
        self.list.clear()
        self.bad.setVisible(bool(bad))
        if not bad:
            self.bad.setChecked(False)
            return
        self.bad.setText(f"{figures.plural(len(bad), thing)} set aside")
        self.bad.setToolTip("Show which, and why")
        for item in bad[:SHOWN_BAD]:
            text = f"{item.where}: {item.what}"
            shown = QListWidgetItem(f"{text}\n{figures.cell(item.text)[:120]}" if item.text else text)
            shown.setToolTip(figures.cell(item.text) or text)
            self.list.addItem(shown)
        if len(bad) > SHOWN_BAD:
            self.list.addItem(f"and {figures.count(len(bad) - SHOWN_BAD)} more")
