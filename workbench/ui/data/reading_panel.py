"""How a text file is read: encoding, delimiter, decimal mark, header, with the first rows as they would be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.core.project import CsvOptions, DataSpec
from workbench.ui import theme
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.source_card import DELIMITERS
from workbench.ui.editors import Combo

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
HEAD_BYTES = 200_000
PREVIEW_ROWS = 40


@dataclass(frozen=True)
class Preview:
    """The first rows as they would be read; `options` with what was found filled in."""

    frame: Any
    options: CsvOptions


def read_preview(path: str, options: CsvOptions) -> Preview:
    """The head of the file read with these options, by the reader that reads the whole. DataError when it cannot be.

    Called on a job's thread.
    """
    from workbench.core.data import text_file
    from workbench.core.data.csv_source import load_text

    name = Path(path).name
    data = text_file.read_bytes(Path(path), HEAD_BYTES)[:HEAD_BYTES]
    text_file.refuse_binary(data, name)
    encoding = options.encoding or text_file.find_encoding(data)[0]
    if len(data) >= HEAD_BYTES:
        ends = data.rfind(b"\n")
        data = data[: ends + 1] if ends > 0 else data
    try:
        text = text_file.decode(data, encoding, name)
    except WorkbenchError:
        # Cutting in the middle of a character of a wide encoding is ours, not the file's.
        text = text_file.decode(data[: len(data) // 4 * 4 - 4], encoding, name) if len(data) > 8 else ""
        text = text[: text.rfind("\n") + 1] or text
    table = load_text(text, replace(options, encoding="utf-8"), name)
    found = table.report.options or options
    return Preview(table.frame.head(PREVIEW_ROWS), replace(found, encoding=encoding))


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
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self._preview)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(16)
        left = QVBoxLayout()
        title = QLabel("How the file is read")
        title.setProperty("role", "strong")
        left.addWidget(title)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        self.encoding = self._combo("readEncoding", "Encoding")
        self.encoding.setEditable(True)
        self.encoding.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for value, text in ENCODINGS:
            self.encoding.addItem(text, value)
        self.delimiter = self._combo("readDelimiter", "Between cells")
        for value, text in (("", "find out"), *DELIMITERS.items()):
            self.delimiter.addItem(text, value)
        self.decimal = self._combo("readDecimal", "Decimal mark")
        for value, text in ((".", "point 1.5"), (",", "comma 1,5")):
            self.decimal.addItem(text, value)
        self.header = self._combo("readHeader", "First row")
        for flag, text in ((None, "find out"), (True, "names the columns"), (False, "is data already")):
            self.header.addItem(text, flag)
        for label, box in (
            ("Encoding", self.encoding),
            ("Between cells", self.delimiter),
            ("Decimal mark", self.decimal),
            ("First row", self.header),
        ):
            form.addRow(label, box)
        left.addLayout(form)
        buttons = QHBoxLayout()
        self.apply = QPushButton("Read again")
        self.apply.setObjectName("readApply")
        self.apply.setProperty("role", "primary")
        self.apply.clicked.connect(lambda: self.accepted.emit(self.options()))
        close = QPushButton("Cancel")
        close.setObjectName("readCancel")
        close.clicked.connect(self.cancelled)
        buttons.addWidget(self.apply)
        buttons.addWidget(close)
        buttons.addStretch(1)
        left.addStretch(1)
        left.addLayout(buttons)
        row.addLayout(left)
        right = QVBoxLayout()
        self.says = QLabel()
        self.says.setObjectName("readSays")
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setWordWrap(True)
        self.says.setProperty("role", "caption")
        self.table = FrameView()
        self.table.setObjectName("readPreview")
        self.table.setAccessibleName("First rows as they would be read")
        self.table.header.renaming = self.table.header.arranging = False
        self.table.header.setFixedHeight(28)
        right.addWidget(self.says)
        right.addWidget(self.table, 1)
        row.addLayout(right, 1)
        self.setFixedHeight(256)

    def _combo(self, name: str, title: str) -> QComboBox:
        box = Combo()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setMinimumWidth(170)
        box.setMaximumWidth(210)
        box.currentIndexChanged.connect(lambda _: self._wait.start())
        return box

    def open_for(self, spec: DataSpec, found: CsvOptions | None) -> None:
        """Show the options of this source. found: what was found out when it was read, None when it was not."""
        self._spec = spec
        self._base = spec.csv
        shown = found or spec.csv
        for box, value in (
            (self.encoding, shown.encoding),
            (self.delimiter, shown.delimiter),
            (self.decimal, shown.decimal),
            (self.header, shown.header),
        ):
            at = next((i for i in range(box.count()) if box.itemData(i) == value), -1)
            if at < 0:
                box.addItem(str(value), value)
                at = box.count() - 1
            box.setCurrentIndex(at)
        self.show()
        self._preview()

    def options(self) -> CsvOptions:
        """What is set at the moment."""
        at = self.encoding.findText(self.encoding.currentText())
        encoding = self.encoding.itemData(at) if at >= 0 else self.encoding.currentText().strip()
        return replace(
            self._base,
            encoding=encoding,
            delimiter=self.delimiter.currentData(),
            decimal=self.decimal.currentData(),
            header=self.header.currentData(),
        )

    def _preview(self) -> None:
        if self._spec is None or not self.isVisibleTo(self.parentWidget()):
            return
        path, options = self._spec.path, self.options()
        self._jobs.run(
            self,
            "preview",
            lambda progress, cancelled: read_preview(path, options),
            on_done=self._on_preview,
            on_error=self._on_error,
        )

    def _on_preview(self, preview: Preview) -> None:
        self.table.show_frame(preview.frame)
        rows, columns = preview.frame.shape
        theme.set_role(self.says, "caption")
        self.says.setText(
            f"The first {rows} rows, {columns} column{'s' if columns != 1 else ''}; nothing is changed yet."
        )
        self.apply.setEnabled(True)

    def _on_error(self, error: Any) -> None:
        theme.set_role(self.says, "error")
        self.says.setText(str(error))
        self.table.show_frame(None)
        self.apply.setEnabled(False)
