"""The lines and files that were set aside while reading: a table of its own, in the place of the data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.errors import WorkbenchError
from workbench.core.wording import plural
from workbench.ui import theme
from workbench.ui.data.frame_view import FrameView
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.label import plain_label


def ask_place(parent: QWidget, suggestion: str) -> str:
    """Where to save; "" when the person backs out."""
    return QFileDialog.getSaveFileName(parent, "Export what was set aside", suggestion, "CSV (*.csv)")[0]


class AsidePanel(QWidget):
    """closed(). ask: where to save, (parent, suggestion) -> place or ""."""

    closed = Signal()

    def __init__(self, jobs: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("asidePanel")
        self._jobs = jobs
        self._bad: tuple[Any, ...] = ()
        self._stem = ""
        self.ask: Callable[[QWidget, str], str] = ask_place
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(theme.SPACE)
        top = QHBoxLayout()
        self.title = ElidedLabel()
        self.title.setProperty("role", "heading")
        self.title.setObjectName("asideTitle")
        top.addWidget(self.title, 1)
        self.export = QPushButton("Export…")
        self.export.setObjectName("asideExport")
        self.export.clicked.connect(self._export)
        close = QPushButton("Back to the data")
        close.setObjectName("asideClose")
        close.clicked.connect(self.closed)
        top.addWidget(self.export)
        top.addWidget(close)
        column.addLayout(top)
        self.says = plain_label(
            "They are in the file as they were; none of them is among the rows.", "caption", "asideSays"
        )
        column.addWidget(self.says)
        self.table = FrameView()
        self.table.setObjectName("asideTable")
        self.table.setAccessibleName("What was set aside while reading")
        self.table.header.renaming = self.table.header.arranging = False
        self.table.header.setFixedHeight(28)
        self.table.verticalHeader().hide()
        self.table.header.setStretchLastSection(True)
        column.addWidget(self.table, 1)

    def open_for(self, bad: tuple[Any, ...], thing: str, path: str) -> None:
        """Show these items (core.data.dataset.BadItem). thing: "line" or "file". path: of the source."""
        from workbench.core.data.aside import aside_frame

        self._bad = bad
        self._stem = str(Path(path).with_name(f"{Path(path).stem}-set-aside.csv")) if path else "set-aside.csv"
        self.title.setText(f"{plural(len(bad), thing)} set aside while reading")
        self._say("They are in the file as they were; none of them is among the rows.")
        self._jobs.run(self, "frame", lambda p, c: aside_frame(bad), self.table.show_frame)

    def _export(self) -> None:
        place = self.ask(self, self._stem)
        if not place:
            return
        from workbench.core.data.aside import write_aside

        bad = self._bad
        self._jobs.run(self, "write", lambda p, c: write_aside(bad, Path(place)), self._written, self._failed)

    def _written(self, place: Path) -> None:
        self._say(f"Saved as {place}")

    def _failed(self, error: WorkbenchError) -> None:
        self._say(str(error), "error")

    def _say(self, text: str, role: str = "caption") -> None:
        theme.set_role(self.says, role)
        self.says.setText(text)
