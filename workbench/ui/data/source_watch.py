"""Whether the file that was read is still there and still the same; looked at when a page or the window comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

SAME, CHANGED, GONE = "same", "changed", "gone"


def _mark(path: str) -> str:
    """What tells one content of a source from another; "" when it is not there."""
    from workbench.core.data.fingerprint import of_file

    place = Path(path)
    try:
        if place.is_dir():
            return f"folder {place.stat().st_mtime_ns}"
        return of_file(place)
    except OSError:
        return ""


class SourceWatch(QObject):
    """state is SAME, CHANGED or GONE; changed() when it becomes another. All looking is done by jobs.

    What is compared with is the content at the time of `read`. A file that changes while nobody looks at the page is
    noticed as soon as the window comes to the front again.
    """

    changed = Signal()

    def __init__(self, jobs: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._path = ""
        self._mark: str | None = None
        self.state = SAME
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.applicationStateChanged.connect(self._on_state)

    def read(self, path: str) -> None:
        """The source at this path has just been read, or could not be; "" when there is no file to watch."""
        self._path = path
        self._mark = None
        self._jobs.cancel(self)
        self._set(SAME)
        self.look()

    def look(self) -> None:
        """Look whether it is still what it was."""
        path = self._path
        if path:
            self._jobs.run(self, "look", lambda progress, cancelled: _mark(path), self._on_mark)

    def _on_mark(self, mark: str) -> None:
        if not mark:
            self._set(GONE)
        elif self._mark is None or self._mark == mark:
            self._mark = mark
            self._set(SAME)
        else:
            self._set(CHANGED)

    def _set(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.look()
