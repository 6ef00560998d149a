"""The ways data comes in: asked for, pasted, dropped."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from workbench.ui.dialogs import DATA_FILTER
from workbench.ui.widgets.dropping import accepted_files


class OpeningPage(QWidget):
    """A page that takes whatever is dropped on it. being_dragged(True or False): something is over it."""

    being_dragged = Signal(bool)

    def __init__(self, session: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAcceptDrops(True)

    def ask_other(self) -> None:
        """Ask for other data of the kind that is open."""
        spec = self._session.document.project.data
        if spec is not None and spec.source in ("images", "series"):
            self.open_folder()
        else:
            self.open_table()

    def open_table(self) -> None:
        """Ask for a file and open it."""
        path, _ = QFileDialog.getOpenFileName(self, "Open data", "", DATA_FILTER)
        if path:
            self._session.open_path(path)

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        path = QFileDialog.getExistingDirectory(self, "Open a folder of pictures or of series")
        if path:
            self._session.open_path(path)

    def paste(self) -> None:
        """Open what is on the clipboard."""
        self._session.paste(QApplication.clipboard().text())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if accepted_files(event):
            self.being_dragged.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.being_dragged.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.being_dragged.emit(False)
        if paths := accepted_files(event):
            self._session.open_path(paths[0])
