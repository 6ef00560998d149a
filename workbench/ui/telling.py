"""When the figures of a run are shown anew: at the same moment wherever they stand. UI thread only."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from .live_run import LiveRun

if TYPE_CHECKING:
    from .session import Session

FIGURES_S = 0.5 if (os.cpu_count() or 1) > 2 else 0.7  # between two tellings: what they take, the run loses
REST_MS = 1200  # without a message for so long they are told by themselves, which wakes the window once more


class Telling(QObject):
    """`told()` when the run's figures are to be shown anew: at once where it turns, else once or twice a second, with a
    message of the engine."""

    told = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._seen: tuple[object, ...] = ()
        self.at = 0.0  # when they were told last
        self.rest = QTimer(self)
        self.rest.setSingleShot(True)
        self.rest.setInterval(REST_MS)
        self.rest.timeout.connect(self.now)
        session.run_changed.connect(self._moved)

    def now(self) -> None:
        """Tell them."""
        run = self._session.run
        self.rest.stop()
        self.at = time.monotonic()
        self._seen = turns(run) if run is not None else ()
        self.told.emit()

    def _moved(self) -> None:
        run = self._session.run
        turned = run is None or not run.active or self._seen != turns(run)
        if turned or time.monotonic() - self.at >= FIGURES_S:
            self.now()
        elif not self.rest.isActive():
            self.rest.start()


def turns(run: LiveRun) -> tuple[object, ...]:
    """What of a run is more than that it gets on. The curves count their epochs by it."""
    return run.id, run.state, run.started, len(run.history.events), len(run.history.epochs) > 0
