"""The end of a long run, told to a person who is elsewhere: by the desktop where it can, else by the task bar."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from workbench.ui.live_run import LiveRun
from workbench.ui.readable import duration, figure
from workbench.ui.session import Session

LONG_SECONDS = 60.0  # who trained for less is still there
SHOWN_MS = 10_000
HOW = {
    "finished": "is trained",
    "early_stopped": "stopped early: it no longer got better",
    "failed": "failed",
    "interrupted": "was interrupted",
}


def words_of(run: LiveRun) -> str:
    """What is told of a run that has ended; "" of one that a person ended."""
    how = HOW.get(run.state, "")
    if not how:
        return ""
    said = f"{run.name} {how} after {duration(_seconds(run))}."
    if run.error is not None:
        return f"{said} {run.error.what}"
    loss = run.last("val_loss")
    name = "Validation loss"
    if loss != loss:
        loss, name = run.last("loss"), "Loss"
    return f"{said} {name} {figure(loss)}." if loss == loss else said


def _seconds(run: LiveRun) -> float:
    return run.ended.seconds if run.ended is not None else run.record.seconds


class Announcer(QObject):
    """Follows the session's run for a window."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._training: LiveRun | None = None
        self._tray: QSystemTrayIcon | None = None
        session.run_changed.connect(self._look)

    def _look(self) -> None:
        run = self._session.run
        before = self._training
        self._training = run if run is not None and run.active else None
        if run is None or before is not run or run.active:
            return
        text = words_of(run)
        if text and _seconds(run) >= LONG_SECONDS and not self._session.runner.waiting:
            self.tell("Training has ended", text)

    def tell(self, title: str, text: str) -> None:
        """Nothing is told to who looks at the window."""
        if self._window.isActiveWindow():
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
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        if self._tray is not None:
            self._tray.hide()
