"""What the Train page shows of runs beside their figures, read from their folders by jobs and kept. UI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.core.runs import RunRecord
from workbench.ui.live_run import LiveRun
from workbench.ui.runs.differences import told_apart
from workbench.ui.train.background import Background, read_background, read_ghosts
from workbench.ui.train.curves import RunCurves

if TYPE_CHECKING:
    from workbench.ui.session import Session

GHOSTS = 4


class RunFiles(QObject):
    """`background_read(run id)`; `ghosts_read()`."""

    background_read = Signal(str)
    ghosts_read = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._backgrounds: dict[str, Background] = {}
        self._ghosts: dict[str, RunCurves] = {}

    def background(self, run_id: str) -> Background | None:
        """What that run began with; None while it is not read."""
        return self._backgrounds.get(run_id)

    def read_background(self, run: LiveRun) -> None:
        """Read it, when it is not known."""
        if not run.id or run.id in self._backgrounds:
            return
        folder, run_id = run.folder, run.id

        def done(found: Background) -> None:
            self._backgrounds[run_id] = found
            self.background_read.emit(run_id)

        # without it the page lacks the baseline and the graph; the run itself reports what is wrong with its folder
        self._session.jobs.run(self, "background", lambda _p, _c: read_background(folder), done, lambda _error: None)

    @property
    def any_earlier(self) -> bool:
        """Whether there are runs before the one that is shown."""
        return bool(self._records())

    def _records(self) -> list[RunRecord]:
        run = self._session.run
        live = run.id if run is not None else ""
        return [r for r in self._session.runs if r.epochs_done > 0 and r.id != live][-GHOSTS:]

    def read_ghosts(self) -> None:
        """Read the curves of the last runs, as far as they are not known."""
        missing = [r for r in self._records() if r.id not in self._ghosts]
        runs = self._session.folder.runs

        def done(found: dict[str, RunCurves]) -> None:
            self._ghosts.update(found)
            self.ghosts_read.emit()

        if missing:
            self._session.jobs.run(self, "ghosts", lambda _p, _c: read_ghosts(runs, missing), done)

    def ghosts(self) -> list[tuple[RunCurves, int]]:
        """(curves, place in the list of runs) of the last runs that have been read."""
        places = {r.id: i for i, r in enumerate(self._session.runs)}
        run = self._session.run
        names = told_apart([*self._records(), *([run.record] if run is not None else [])])
        shown = []
        for record in self._records():
            if ghost := self._ghosts.get(record.id):
                if ghost.name != names[record.id]:
                    ghost = self._ghosts[record.id] = replace(ghost, name=names[record.id])
                shown.append((ghost, places[record.id]))
        return shown
