"""Taking the cleaned table away: as CSV, as Parquet, or as the pandas code that makes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.errors import WorkbenchError
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data import table_file
from workbench.ui.widgets.label import plain_label

KINDS = (
    ("csv", "CSV", "For spreadsheets and everything else. UTF-8, commas, names in the first row."),
    ("parquet", "Parquet", "For programs: small, fast, and it keeps the type of every column."),
    ("code", "pandas code", "A script that reads the source and takes the same steps; run alone, it gives this table."),
)

Ask = Callable[[QWidget, str], str]


def ask_place(parent: QWidget, suggestion: str) -> str:
    """Where to save; "" when the person backs out."""
    kinds = {"parquet": "Parquet (*.parquet)", "py": "Python (*.py)"}
    kind = kinds.get(suggestion.rpartition(".")[2], "CSV (*.csv)")
    return QFileDialog.getSaveFileName(parent, "Export cleaned", suggestion, kind)[0]


class ExportDialog(QDialog):
    """Args: spec, table, steps: what the code is made of; frame: the cleaned table. ask: where to save."""

    def __init__(self, jobs: Any, spec: Any, table: Any, steps: Any, frame: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exportCleaned")
        self.setWindowTitle("Export cleaned")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._jobs, self._spec, self._frame = jobs, spec, frame
        self._code = ""
        self.ask: Ask = ask_place
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.SPACE + 4)
        size = QLabel(f"{plural(len(frame), 'row')} × {plural(frame.shape[1], 'column')}, cleaned")
        size.setProperty("role", "heading")
        column.addWidget(size)
        row = QHBoxLayout()
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for i, (name, title, _) in enumerate(KINDS):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setObjectName(f"export-{name}")
            self._group.addButton(button, i)
            row.addWidget(button)
        row.addStretch(1)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(lambda _: self._refresh())
        column.addLayout(row)
        self.blurb = QLabel()
        self.blurb.setWordWrap(True)
        self.blurb.setProperty("role", "muted")
        column.addWidget(self.blurb)
        self.escape = QCheckBox("Make formulas harmless")
        self.escape.setObjectName("exportEscape")
        self.escape.setChecked(True)
        column.addWidget(self.escape)
        self.why = QLabel()
        self.why.setObjectName("exportFormulas")
        self.why.setWordWrap(True)
        self.why.setProperty("role", "caption")
        self.why.setIndent(24)
        column.addWidget(self.why)
        self.code = QPlainTextEdit()
        self.code.setObjectName("exportCode")
        self.code.setAccessibleName("pandas code of the recipe")
        self.code.setReadOnly(True)
        self.code.setFont(theme.mono(13))
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column.addWidget(self.code, 1)
        self._room = QWidget()
        column.addWidget(self._room, 1)
        self.says = plain_label(name="exportSays")
        self.says.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.says)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.hide()
        column.addWidget(self.bar)
        column.addLayout(self._buttons())
        self.resize(640, 460)
        self._refresh()
        jobs.run(self, "formulas", lambda p, c: table_file.formulas(frame), self._on_formulas)
        jobs.run(self, "code", lambda p, c: _code(spec, steps, table), self._on_code)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.copy = QPushButton("Copy")
        self.copy.setObjectName("exportCopy")
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton("Save…")
        self.save.setObjectName("exportSave")
        self.save.setProperty("role", "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        close = QPushButton("Close")
        close.setObjectName("exportClose")
        close.clicked.connect(self.close)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(close)
        row.addWidget(self.save)
        return row

    @property
    def kind(self) -> str:
        """ "csv", "parquet" or "code"."""
        return KINDS[self._group.checkedId()][0]

    def _refresh(self) -> None:
        kind = self.kind
        self.blurb.setText(KINDS[self._group.checkedId()][2])
        for widget in (self.escape, self.why):
            widget.setVisible(kind == "csv")
        self.code.setVisible(kind == "code")
        self.copy.setVisible(kind == "code")
        self._room.setVisible(kind != "code")
        self.save.setEnabled(kind != "code" or bool(self._code))
        self.says.setText("")

    def _on_formulas(self, count: int) -> None:
        signs = "= + - @"
        many = "No cell of text begins" if not count else f"{plural(count, 'cell')} of text begin"
        end = "." if not count else ", which a spreadsheet would run as a formula: each gets an apostrophe before it."
        self.why.setText(f"{many} with {signs}{end}")

    def _on_code(self, code: str) -> None:
        self._code = code
        self.code.setPlainText(code)
        self._refresh()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._code)
        self._say("The code is on the clipboard.")

    def _save(self) -> None:
        ending = {"csv": ".csv", "parquet": ".parquet", "code": ".py"}[self.kind]
        stem = PurePath(self._spec.path).stem if self._spec.source not in ("pasted", "") else "pasted"
        folder = PurePath(self._spec.path).parent if self._spec.source not in ("pasted", "sample") else PurePath()
        chosen = self.ask(self, str(folder / f"{stem}-cleaned{ending}"))
        if not chosen:
            return
        place = Path(chosen)
        if not place.suffix:
            place = place.with_suffix(ending)
        frame, source, escape, code = self._frame, str(self._spec.path), self.escape.isChecked(), self._code
        if self.kind == "code":
            self._start(lambda p, c: table_file.write_code(code, place))
        else:
            self._start(lambda p, c: table_file.write_table(frame, place, source, escape, p, c))

    def _start(self, work: Callable[[Any, Any], Path]) -> None:
        self.save.setEnabled(False)
        self.bar.setValue(0)
        self.bar.show()
        self._say("")
        self._jobs.run(self, "write", work, self._on_saved, self._on_failed, self._on_progress)

    def _on_progress(self, share: float, text: str) -> None:
        self.bar.setValue(int(1000 * share))

    def _on_saved(self, place: Path) -> None:
        self._end()
        self._say(f"Saved as {place}")

    def _on_failed(self, error: WorkbenchError) -> None:
        self._end()
        self._say(" ".join(part for part in (error.what, error.remedy) if part), "error")

    def _end(self) -> None:
        self.bar.hide()
        self.save.setEnabled(True)

    def _say(self, text: str, role: str = "") -> None:
        theme.set_role(self.says, role)
        self.says.setText(text)

    def done(self, result: int) -> None:
        self._jobs.cancel(self)
        super().done(result)


def _code(spec: Any, steps: Any, table: Any) -> str:
    from workbench.core.data.recipe import pandas_code

    return pandas_code(spec, steps, table)
