"""The source card: what was opened, what was found in it, what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import CsvOptions, DataSpec
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import figures
from workbench.ui.data.source_watch import CHANGED, GONE
from workbench.ui.editors import Combo
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.flow import Flow
from workbench.ui.widgets.label import plain_label
from workbench.ui.widgets.notice import Action, InlineNotice

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar |", " ": "blank", ":": "colon"}
WITH_TEST = ("csv", "excel", "parquet", "json", "arff", "images", "series", "series_table")
"""Sources to which a separate test file or folder can be added."""


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


def describe_series(data: Any) -> str:
    """ "839 series in 14 classes of 16 groups"."""
    text = plural(len(data), "series", "series")
    if data.classes:
        text += f" in {plural(len(data.classes), 'class', 'classes')}"
    if data.groups:
        text += f", {plural(len(data.groups), 'group')}"
    return text


class SourceCard(QFrame):
    """Shows the source; signals what the person wants to do with it."""

    options_asked = Signal()
    other_asked = Signal()
    find_asked = Signal()
    again_asked = Signal()
    cache_asked = Signal()
    file_asked = Signal()
    test_asked = Signal()
    test_removed = Signal()
    aside_asked = Signal()
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
        self.found = plain_label(role="caption", name="sourceFound")
        self.notes = plain_label(role="caption", name="sourceNotes")
        self.bad = QPushButton()
        self.bad.setObjectName("sourceBad")
        self.bad.setProperty("role", "link")
        self.bad.setIcon(theme.icon("warning", "warn"))
        self.bad.clicked.connect(self.aside_asked)
        self.state = InlineNotice()
        self.state.setObjectName("sourceState")
        self._offers = QVBoxLayout()
        self._offers.setSpacing(4)
        self.sheet = Combo()
        self.sheet.setObjectName("sourceSheet")
        self.sheet.setAccessibleName("Sheet of the workbook, or table of the archive")
        self.sheet.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sheet.activated.connect(lambda _: self.sheet_asked.emit(self.sheet.currentText()))
        self._sheets = QWidget()
        sheets = QHBoxLayout(self._sheets)
        sheets.setContentsMargins(0, 2, 0, 2)
        self._sheet_label = QLabel("Sheet")
        self._sheet_label.setBuddy(self.sheet)
        sheets.addWidget(self._sheet_label)
        sheets.addWidget(self.sheet, 1)
        self._sheets.hide()
        self._test = QWidget()
        tests = QHBoxLayout(self._test)
        tests.setContentsMargins(0, 2, 0, 2)
        self.test = ElidedLabel()
        self.test.setObjectName("sourceTest")
        remove = QPushButton("Remove")
        remove.setObjectName("removeTest")
        remove.setAccessibleName("Go without the separate test data")
        remove.setProperty("role", "link")
        remove.clicked.connect(self.test_removed)
        tests.addWidget(self.test, 1)
        tests.addWidget(remove)
        self._test.hide()
        for widget in (self.title, self.path, self.state):
            column.addWidget(widget)
        column.addLayout(self._offers)
        for widget in (self._sheets, self.size, self._test, self.found, self.notes, self.bad):
            column.addWidget(widget)
        links = QWidget()
        row = Flow(links, theme.SPACE)
        self.options = QPushButton("Reading options")
        self.options.setObjectName("readingOptions")
        self.options.setProperty("role", "link")
        self.options.clicked.connect(self.options_asked)
        self.other = QPushButton("Other data…")
        self.other.setObjectName("otherData")
        self.other.setProperty("role", "link")
        self.other.clicked.connect(self.other_asked)
        self.add_test = QPushButton("Add test file…")
        self.add_test.setObjectName("addTest")
        self.add_test.setProperty("role", "link")
        self.add_test.setToolTip("Rows kept apart, on which the trained model is scored; with the same columns")
        self.add_test.clicked.connect(self.test_asked)
        row.addWidget(self.options)
        row.addWidget(self.add_test)
        row.addWidget(self.other)
        column.addWidget(links)

    def show_source(self, spec: DataSpec, dataset: Any) -> None:
        """Args: dataset: what was read (None: not read yet, or it cannot be)."""
        title = getattr(dataset, "title", "") or PurePath(spec.path).name or spec.path
        self.title.setText("Pasted cells" if spec.source == "pasted" else title)
        self.path.setText("a bundled sample" if spec.source == "sample" else str(spec.path))
        self.path.setVisible(spec.source != "pasted")
        self.options.setVisible(spec.source in ("csv", "pasted", "series", "series_table"))
        self._show_test(spec)
        report = getattr(dataset, "report", None)
        self._sheet_label.setText("Sheet" if spec.source == "excel" else "Table")
        self._show_sheets(report, spec.source == "excel" or bool(spec.params.get("member")))
        for widget in (self.size, self.found, self.notes, self.bad):
            widget.setVisible(False)
        if report is None:
            return
        if dataset.kind == "table":
            rows = plural(len(dataset.frame), "row")
            self.size.setText(f"{rows} × {plural(dataset.frame.shape[1], 'column')}")
        elif dataset.kind == "sequences":
            self.size.setText(describe_series(dataset))
        else:
            classes = plural(len(dataset.classes), "class", "classes")
            self.size.setText(f"{plural(len(dataset), 'picture')} in {classes}")
        self.size.setVisible(True)
        if report.options is not None:
            self.found.setText(describe_options(report.options))
            self.found.setVisible(True)
        given = int((dataset.parts == 1).sum())
        notes = list(report.notes)[1:] if report.kept_at else list(report.notes)  # the first is said by a notice
        if given:
            notes.append(f"{figures.count(given)} of them come from a test part of their own.")
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._show_bad(report.bad, "line" if dataset.kind == "table" else "file")

    def show_offers(self, offers: Sequence[tuple[str, Action]]) -> None:
        """Other ways in which the data may be meant: (what speaks for it, (title, what a click does))."""
        while (item := self._offers.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        for text, action in offers:
            notice = InlineNotice(text, "info", (action,))
            notice.setObjectName("sourceOffer")
            self._offers.addWidget(notice)

    def show_state(self, state: str, changed_before: bool = False, kept: str = "", from_cache: bool = False) -> None:
        """Whether the file is still what was read.

        Args:
            changed_before: it was another when the project was saved. kept: when what was read of it was kept in the
                cache, in words; "" when it was not. from_cache: the project goes on from there.
        """
        again, find = ("Read it again", self.again_asked.emit), ("Find it…", self.find_asked.emit)
        cache = (("Go on from the cache", self.cache_asked.emit),) if kept else ()
        held = f" What was read of it is in the cache, of {kept}." if kept else ""
        if from_cache:
            text = f"From the cache of {kept}. The file itself is not read."
            self.state.set_notice(text, "warning", (("Read the file", self.file_asked.emit), find))
        elif state == GONE:
            text = f"The file is no longer there. It was moved, renamed or deleted.{held}"
            self.state.set_notice(text, "warning", (find, *(cache or (again,))))
        elif state == CHANGED:
            text = f"The file has changed since it was read.{held}"
            self.state.set_notice(text, "warning", (again, *(cache or (find,))))
        elif changed_before:
            text = f"The file is not the one this project was made with: its content has changed since.{held}"
            self.state.set_notice(
                text, "info", (find, *((("Take the earlier one", self.cache_asked.emit),) if kept else ()))
            )
        else:
            self.state.set_notice("")

    def _show_test(self, spec: DataSpec) -> None:
        folder = spec.source in ("images", "series")
        self._test.setVisible(bool(spec.test_path))
        self.test.setText(f"Test data: {PurePath(spec.test_path).name}" if spec.test_path else "")
        self.test.setToolTip(spec.test_path)
        self.add_test.setText("Add test folder…" if folder else "Add test file…")
        self.add_test.setVisible(spec.source in WITH_TEST and not spec.test_path)

    def _show_sheets(self, report: Any, several: bool) -> None:
        if report is None:  # another one can still be chosen when this one cannot be read
            self._sheets.setVisible(several and self.sheet.count() > 1)
            return
        sheets = tuple(getattr(report, "sheets", ()))
        self._sheets.setVisible(len(sheets) > 1)
        if sheets != tuple(self.sheet.itemText(i) for i in range(self.sheet.count())):
            self.sheet.clear()
            self.sheet.addItems(list(sheets))
        self.sheet.setCurrentText(getattr(report, "sheet", ""))

    def _show_bad(self, bad: tuple[Any, ...], thing: str) -> None:
        self.bad.setVisible(bool(bad))
        self.bad.setText(f"{plural(len(bad), thing)} set aside")
        self.bad.setToolTip("Show which, and why")
