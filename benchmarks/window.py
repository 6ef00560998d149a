"""The real window in a process of its own, and how late its event loop is."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from workbench.__main__ import transport
from workbench.core.project import DataSpec
from workbench.ui.app import make_application, make_window, warm
from workbench.ui.notices import Notice
from workbench.ui.session import Session
from workbench.ui.window import MainWindow

TICK_MS = 5
PATIENCE = 180.0


class Stage:
    """A window of 1280 x 800 on a fresh session with the engine in its own process; a context manager."""

    def __init__(self, home: Path, *, engine: bool = True) -> None:
        os.environ["WORKBENCH_HOME"] = str(home)
        self._engine = engine

    def __enter__(self) -> Stage:
        app = make_application([])
        self.window: MainWindow = make_window(app, transport())
        self.window.resize(1280, 800)
        self.window.show()
        self.session: Session = self.window.session
        self._notices: list[Notice] = []
        self.session.notice.connect(self._notices.append)
        warm()
        if self._engine:
            self.session.start_engine()
        return self

    def __exit__(self, *_: object) -> None:
        self.session.stop()
        run = self.session.run
        self.until("stopping", lambda: run is None or not run.active)
        self.window.close()

    def until(self, what: str, ready: Callable[[], bool]) -> None:
        """Let the window work until `ready`. Raises RuntimeError when that does not come."""
        limit = time.monotonic() + PATIENCE
        while not ready():
            for notice in self._notices:
                if notice.severity == "error":
                    raise RuntimeError(f"{what}: {notice.text} {notice.details}")
            if time.monotonic() > limit:
                raise RuntimeError(f"{what} took longer than {PATIENCE:.0f} s")
            spin(0.02)

    def open(self, source: str, path: Path) -> None:
        """Open data and wait until all about it is known. source: as of a DataSpec, "csv" or "npz"."""
        self.session.open_data(DataSpec(source, str(path)))
        self.until("reading", lambda: self.session.facts is not None and not self.session.jobs.busy)


def spin(seconds: float) -> None:
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


class Lateness(QObject):
    """A timer of 5 ms that notes how much later than that it was called, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._before = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def during(self, seconds: float) -> list[float]:
        """Lateness of every tick while the event loop runs for so long."""
        gc.collect()
        self.late = []
        self._before = time.perf_counter()
        self._timer.start()
        spin(seconds)
        self._timer.stop()
        return self.late

    def _tick(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, 1000 * (now - self._before) - TICK_MS))
        self._before = now
