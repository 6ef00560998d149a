"""The menu of recent projects: read from disk by a job each time it is opened, as projects move and are renamed."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from .projects import Recent, read_recent
from .session import Session

MOST = 12  # more are on the start page


class RecentMenu(QMenu):
    """Opens one of the newest projects and drafts."""

    def __init__(self, session: Session, parent: QMenu) -> None:
        super().__init__("Open recent", parent)
        self._session = session
        self.setObjectName("menu_recent")
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._read)

    def _read(self) -> None:
        self._say("Reading…")
        recent = self._session.settings.recent
        self._session.jobs.run(self, "recent", lambda _p, _c: read_recent(recent), self._fill)

    def _say(self, text: str) -> None:
        self.clear()
        self.addAction(text).setEnabled(False)

    def _fill(self, recents: list[Recent]) -> None:
        here = self._session.folder.path.absolute()
        others = [r for r in recents if r.folder.absolute() != here][:MOST]
        if not others:
            self._say("No other project yet")
            return
        self.clear()
        for recent in others:
            # An ampersand of a project's name is not the mark of a shortcut.
            self.addAction(self._entry(recent.name.replace("&", "&&"), recent))

    def _entry(self, text: str, recent: Recent) -> QAction:
        made = QAction(f"{text} (draft)" if recent.draft else text, self)
        made.setToolTip(str(recent.folder))
        made.triggered.connect(lambda: self._session.open_project(recent.folder))
        return made
