"""How a text file is read: every option, with the first rows as they would be read, before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import CsvOptions, DataSpec
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.source_card import DELIMITERS
from workbench.ui.editors import Combo
from workbench.ui.widgets.label import plain_label

if TYPE_CHECKING:
    from workbench.core.data.first_rows import FirstRows

ENCODINGS = (
    ("", "find out"),
    ("utf-8", "UTF-8"),
    ("windows-1252", "Windows, Western (1252)"),
    ("windows-1250", "Windows, Central European (1250)"),
    ("windows-1251", "Windows, Cyrillic (1251)"),
    ("iso-8859-1", "Latin 1 (ISO 8859-1)"),
    ("iso-8859-2", "Latin 2 (ISO 8859-2)"),
    ("iso-8859-15", "Latin 9 (ISO 8859-15)"),
    ("utf-16", "UTF-16"),
    ("koi8-r", "Cyrillic (KOI8-R)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("euc-jp", "Japanese (EUC)"),
    ("gb18030", "Chinese (GB 18030)"),
    ("big5", "Chinese (Big5)"),
    ("euc-kr", "Korean (EUC)"),
    ("cp437", "DOS (437)"),
    ("cp850", "DOS, Western (850)"),
)
PREVIEW_ROWS = 40
QUOTES = (('"', 'double "'), ("'", "single '"), ("", "none"))
DECIMALS = ((".", "point 1.5"), (",", "comma 1,5"))
THOUSANDS = (("", "none"), (",", "comma 1,000"), (".", "point 1.000"), ("'", "apostrophe 1'000"), (" ", "blank 1 000"))
COMMENTS = (("", "none"), ("#", "#"), ("%", "%"), ("!", "!"), (";", ";"))
HEADERS = ((None, "find out"), (True, "has names"), (False, "has data"))


def read_preview(path: str, options: CsvOptions, member: str = "") -> FirstRows:
    """The head of the file read with these options. DataError when it cannot be. Called on a job's thread."""
    from workbench.core.data.first_rows import read_first_rows

    return read_first_rows(Path(path), options, PREVIEW_ROWS, member)


class ReadingPanel(QFrame):
    """accepted(CsvOptions) when the person wants the whole file read this way; cancelled when not."""

    accepted = Signal(object)
    cancelled = Signal()

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setObjectName("readingPanel")
        self._jobs = jobs
        self._spec: DataSpec | None = None
        self._base = CsvOptions()
        self._filling = False
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self._preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(theme.SPACE)
        column.addLayout(self._build_top())
        column.addLayout(self._build_form())
        self.says = plain_label(role="caption", name="readSays")
        column.addWidget(self.says)
        self.table = FrameView()
        self.table.setObjectName("readPreview")
        self.table.setAccessibleName("First rows as they would be read")
        self.table.header.renaming = self.table.header.arranging = False
        self.table.header.setFixedHeight(28)
        column.addWidget(self.table, 1)
        self.setFixedHeight(372)

    def _build_top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        title = QLabel("How the file is read")
        title.setProperty("role", "strong")
        again = QPushButton("Find out again")
        again.setObjectName("readFindOut")
        again.setProperty("role", "link")
        again.setToolTip("Forget what is set here; everything is found out from the file")
        again.clicked.connect(self.find_out)
        close = QPushButton("Cancel")
        close.setObjectName("readCancel")
        close.clicked.connect(self.cancelled)
        self.apply = QPushButton("Read again")
        self.apply.setObjectName("readApply")
        self.apply.setProperty("role", "primary")
        self.apply.clicked.connect(lambda: self.accepted.emit(self.options()))
        row.addWidget(title)
        row.addWidget(again)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.apply)
        return row

    def _build_form(self) -> QGridLayout:
        self.encoding = self._combo("readEncoding", "Encoding", ENCODINGS, typed=True)
        delimiters = (("", "find out"), *DELIMITERS.items())
        self.delimiter = self._combo("readDelimiter", "Between cells", delimiters, typed=True)
        self.quote = self._combo("readQuote", "Around cells", QUOTES)
        self.header = self._combo("readHeader", "First row", HEADERS)
        self.decimal = self._combo("readDecimal", "Decimal mark", DECIMALS)
        self.thousands = self._combo("readThousands", "Thousands", THOUSANDS)
        self.comment = self._combo("readComment", "Comments begin with", COMMENTS, typed=True)
        self.missing = QLineEdit()
        self.missing.setObjectName("readMissing")
        self.missing.setAccessibleName("Words for a missing cell")
        self.missing.setToolTip("Words that mean a missing cell, parted by commas. An empty cell always does.")
        self.missing.setMinimumWidth(104)
        self.missing.textEdited.connect(lambda _: self._changed())
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE)
        grid.setVerticalSpacing(2)
        for place, (text, box) in enumerate(
            (
                ("Encoding", self.encoding),
                ("Between cells", self.delimiter),
                ("Quotes around cells", self.quote),
                ("First row", self.header),
                ("Decimal mark", self.decimal),
                ("Thousands", self.thousands),
                ("Comment lines", self.comment),
                ("Missing is written", self.missing),
            )
        ):
            row, at = divmod(place, 4)
            label = QLabel(text)
            label.setProperty("role", "caption")
            label.setBuddy(box)
            grid.addWidget(label, 2 * row, at)
            grid.addWidget(box, 2 * row + 1, at)
            grid.setColumnStretch(at, 1)
        return grid

    def _combo(self, name: str, title: str, items: Any, typed: bool = False) -> QComboBox:
        box = Combo()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setMinimumWidth(104)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, text in items:
            box.addItem(text, value)
        if typed:
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            box.editTextChanged.connect(lambda _: self._changed())
        box.currentIndexChanged.connect(lambda _: self._changed())
        return box

    def _changed(self) -> None:
        # What belongs to a delimiter is found out with it.
        known = _value(self.delimiter) != ""
        for box in (self.quote, self.decimal, self.comment):
            box.setEnabled(known)
        if not self._filling:
            self._wait.start()

    def open_for(self, spec: DataSpec, found: CsvOptions | None) -> None:
        """Show the options of this source. found: what was found out when it was read, None when it was not."""
        self._spec = spec
        self._base = spec.csv
        self._fill(found or spec.csv)
        self.show()
        self._preview()

    def find_out(self) -> None:
        """Everything is found out from the file again."""
        self._fill(CsvOptions())
        self._preview()

    def _fill(self, shown: CsvOptions) -> None:
        self._filling = True
        for box, value in (
            (self.encoding, shown.encoding),
            (self.delimiter, shown.delimiter),
            (self.quote, shown.quote),
            (self.decimal, shown.decimal),
            (self.thousands, shown.thousands),
            (self.comment, shown.comment),
            (self.header, shown.header),
        ):
            at = next((i for i in range(box.count()) if box.itemData(i) == value), -1)
            if at < 0:
                box.addItem(str(value), value)
                at = box.count() - 1
            box.setCurrentIndex(at)
            if box.isEditable():
                box.setEditText(box.itemText(at))
        self.missing.setText(", ".join(word for word in shown.null_words if word))
        self.missing.setCursorPosition(0)
        self._changed()
        self._filling = False

    def options(self) -> CsvOptions:
        """What is set at the moment."""
        words = [word.strip() for word in self.missing.text().split(",")]
        return replace(
            self._base,
            encoding=_value(self.encoding),
            delimiter=_value(self.delimiter),
            quote=_value(self.quote),
            decimal=_value(self.decimal),
            thousands=_value(self.thousands),
            comment=_value(self.comment),
            header=self.header.currentData(),
            null_words=("", *dict.fromkeys(word for word in words if word)),
        )

    def _wrong(self) -> str:
        """What is wrong with the options themselves; "" when nothing is."""
        chosen = self.options()
        marks = {"Between cells": chosen.delimiter, "Quotes": chosen.quote, "Comment lines": chosen.comment}
        long = next((name for name, mark in marks.items() if len(mark) > 1), "")
        if long:
            return f"{long}: one character is expected, found “{marks[long]}”."
        if chosen.thousands and chosen.thousands == chosen.decimal:
            return "The decimal mark and the mark between thousands are the same."
        if chosen.delimiter and chosen.delimiter in (chosen.quote, chosen.comment):
            return "The mark between cells is also the one for quotes or comments."
        return ""

    def _preview(self) -> None:
        if self._spec is None or not self.isVisibleTo(self.parentWidget()):
            return
        wrong = self._wrong()
        if wrong:
            self._jobs.cancel(self, "preview")
            self._refuse(wrong)
            return
        path, options = self._spec.path, self.options()
        member = str(self._spec.params.get("member") or "")
        self._jobs.run(
            self,
            "preview",
            lambda progress, cancelled: read_preview(path, options, member),
            on_done=self._on_preview,
            on_error=lambda error: self._refuse(str(error)),
        )

    def _on_preview(self, preview: FirstRows) -> None:
        self.table.show_frame(preview.frame)
        rows, columns = preview.frame.shape
        text = f"The first {plural(rows, 'row')}, {plural(columns, 'column')}; nothing is changed yet."
        if preview.bad:
            first = preview.bad[0]
            more = f" and {plural(len(preview.bad) - 1, 'more line')}" if len(preview.bad) > 1 else ""
            text += f" Set aside near the beginning: {first.where}{more} ({first.what.rstrip('.')})."
        theme.set_role(self.says, "caption")
        self.says.setText(text)
        self.apply.setEnabled(True)

    def _refuse(self, why: str) -> None:
        theme.set_role(self.says, "error")
        self.says.setText(why)
        self.table.show_frame(None)
        self.apply.setEnabled(False)


def _value(box: QComboBox) -> str:
    """What is chosen, or typed; a blank or a tab may be typed as itself."""
    text = box.currentText()
    at = box.findText(text)
    if at >= 0:
        return str(box.itemData(at))
    return text.strip() or text
