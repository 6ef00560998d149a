"""The end of a long run, told to a person who is elsewhere: by the desktop where it can, else by the task bar."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from workbench.core.runs import FINISHED
from workbench.ui.live_run import LiveRun
from workbench.ui.readable import duration, figure
from workbench.ui.run_ends import how_many_wait
from workbench.ui.session import Session

LONG_SECONDS = 60.0  # who trained for less is still there
SHOWN_MS = 10_000
HOW = {
    "finished": "is trained",
    "early_stopped": "stopped early: it no longer got better",
    "failed": "failed",
    "interrupted": "was interrupted",
}


MUCH = 0.8  # of the time since it began: was less of it training, both are told


def words_of(run: LiveRun, seconds: float, trained: float = math.inf) -> str:
    """What is told of a run that has ended after so long, of which it trained for a part; "" of one that a person
    ended."""
    how = HOW.get(run.state, "")
    if not how:
        return ""
    if run.error is not None and run.state in FINISHED:
        how = "did not go on"
    part = f" ({duration(trained)} in training)" if trained < MUCH * seconds else ""
    said = f"{run.name} {how} after {duration(seconds)}{part}."
    if run.error is not None:
        return f"{said} {run.error.what}"
    loss = run.last("val_loss")
    name = "Validation loss"
    if loss != loss:
        loss, name = run.last("loss"), "Loss"
    return f"{said} {name} {figure(loss)}." if loss == loss else said


class Announcer(QObject):
    """Follows the session's run for a window. Runs that begin one after another by themselves are told as one, when the
    last of them has ended or one did not go well."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._training: LiveRun | None = None
        self._began = 0.0  # when this run did, by the monotonic clock
        self._before = 0.0  # seconds that it was trained in other sittings
        self._row: list[float] = []  # seconds of the runs of the queue that have ended
        self._tray: QSystemTrayIcon | None = None
        session.run_changed.connect(self._look)

    def _look(self) -> None:
        run = self._session.run
        before = self._training
        if run is not None and run.active:
            if run is not before:
                self._training = run
                self._began, self._before = time.monotonic(), run.record.seconds if run.resumed else 0.0
            return
        self._training = None
        if run is not None and before is run:
            self._ended(run)
        elif before is not None:
            self._row.clear()

    def _ended(self, run: LiveRun) -> None:
        seconds = time.monotonic() - self._began  # also of one whose engine died without a word
        trained = math.inf
        if run.ended is not None:
            trained = run.ended.seconds - self._before
            seconds = max(seconds, trained)
        text = words_of(run, seconds, trained)
        waiting = len(self._session.runner.beginning.waiting)
        self._row.append(seconds)
        if waiting and run.state in FINISHED and text:
            return  # the next begins now
        row, total = len(self._row), sum(self._row)
        self._row.clear()
        if not text or total < LONG_SECONDS:
            return
        if row > 1:
            text = f"{row} runs have ended after {duration(total)}. {text}"
        if waiting:
            text = f"{text} {how_many_wait(waiting)}"
        self.tell("Training has ended", text)

    def switch(self) -> None:
        """Tell of them no more, or again."""
        self._session.projects.change_settings(announce=not self._session.settings.announce)

    def tell(self, title: str, text: str) -> None:
        """Nothing is told to who looks at a window of the program, or does not want to be told."""
        if not self._session.settings.announce or QApplication.activeWindow() is not None:
            return
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.windowIcon(), self)
            self._tray.setToolTip("Workbench")
            self._tray.messageClicked.connect(self._come)
            self._tray.activated.connect(lambda _reason: self._come())
        self._tray.show()
        self._tray.showMessage(title, text, self._window.windowIcon(), SHOWN_MS)

    def _come(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)  # maximised stays so
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if self._tray is not None:
            self._tray.hide()
