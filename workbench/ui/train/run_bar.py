"""The one big button that trains, and what it becomes: pause and stop, resume, go on with an interrupted run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.ui import theme


@dataclass(frozen=True)
class Buttons:
    """What is offered. main, side: (action, title, icon); side may be None. note: why main is off, or "". kill: the
    engine can be ended, as it does not answer. abort: the run can be ended without what follows a stop."""

    main: tuple[str, str, str]
    enabled: bool = True
    side: tuple[str, str, str] | None = None
    note: str = ""
    kill: bool = False
    abort: bool = False


STOP = ("stop", "Stop", "stop-fill")
ENDING = (("Saving", "Saving…"), ("Scoring", "Scoring…"))
ABORTING = "End it at once. What it has reached is kept; the test part is not scored."
KILL = ("kill", "End the engine", "x-circle")
SILENT = "The engine does not answer. Ended, it is started again; the run can be resumed from its last checkpoint."
SLOW = "It still compiles or saves. If that takes too long, the engine can be ended; it is started again."


def buttons_for(
    state: str,
    can_train: bool,
    why_not: str,
    interrupted: str = "",
    again: bool = False,
    waits: bool = False,
    stuck: str = "",
    text: str = "",
    folds: int = 0,
) -> Buttons:
    """state: of the live run, "" when none is active. interrupted: name of a run that can be resumed. waits: training
    was asked for and begins as soon as it can. stuck: why the engine may be ended,
    as it does not answer, or not to a stop. text: what the run says it does. folds: of a cross-validation to begin."""
    if stuck and state not in ("", "preparing"):
        return replace(buttons_for(state, can_train, why_not), note=stuck, kill=True)
    if waits and not state:
        return Buttons(("train", "Begins in a moment", "play-fill"), False, None, why_not)
    if state in ("preparing", "tracing"):
        return Buttons(("stop", "Cancel" if state == "preparing" else "Stop", "stop-fill"))
    if state == "running":
        return Buttons(("pause", "Pause", "pause-fill"), side=STOP, abort=True)
    if state == "paused":
        return Buttons(("resume", "Resume", "play-fill"), side=STOP, abort=True)
    if state == "stopping":
        # at its own end, while it is saved and scored, nobody has stopped it
        title = next((words for part, words in ENDING if part in text), "Stopping…")
        return Buttons(("stop", title, "stop-fill"), enabled=False, abort=True)
    title = f"Train {folds} folds" if folds > 1 else "Train again" if again else "Train"
    side = ("resume_run", f"Resume interrupted {interrupted}", "arrow-clockwise") if interrupted else None
    return Buttons(("train", title, "play-fill"), can_train, side, "" if can_train else why_not)


class RunBar(QWidget):
    """`wanted(action)`: "train", "pause", "resume", "stop", "abort", "resume_run" or "kill"."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runBar")
        self._shown: Buttons | None = None
        self.note = QLabel()
        self.note.setObjectName("trainNote")
        self.note.setWordWrap(True)
        self.note.setProperty("role", "warning")
        self.main = QPushButton()
        self.main.setObjectName("trainButton")
        self.main.setProperty("role", "primary")
        self.main.setStyleSheet("min-height: 32px;")  # the stylesheet sets a height, so a minimum size would not hold
        self.main.setIconSize(QSize(18, 18))
        self.side = QPushButton()
        self.side.setObjectName("trainSideButton")
        self.side.setStyleSheet("min-height: 32px;")
        self.side.setIconSize(QSize(18, 18))
        self.abort = QPushButton("Abort")
        self.abort.setObjectName("abortButton")
        self.abort.setToolTip(ABORTING)
        self.abort.setStyleSheet("min-height: 32px;")
        self.abort.setProperty("action", "abort")
        self.below = QPushButton()
        self.below.setObjectName("resumeRunButton")
        self.below.setIconSize(QSize(16, 16))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.main, 3)
        row.addWidget(self.side, 2)
        row.addWidget(self.abort, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.note)
        column.addLayout(row)
        column.addWidget(self.below)
        self.main.clicked.connect(lambda: self._press(self.main))
        self.side.clicked.connect(lambda: self._press(self.side))
        self.abort.clicked.connect(lambda: self._press(self.abort))
        self.below.clicked.connect(lambda: self._press(self.below))

    def show_buttons(self, buttons: Buttons) -> None:
        if buttons == self._shown:
            return
        self._shown = buttons
        self._fill(self.main, buttons.main, "on_accent")
        self.main.setEnabled(buttons.enabled)
        self.main.setToolTip(buttons.note)
        long = buttons.side is not None and buttons.side[0] == "resume_run"
        self.side.setVisible(buttons.side is not None and not long)
        self.abort.setVisible(buttons.abort)
        self.below.setVisible(long or buttons.kill)
        if buttons.side is not None:
            self._fill(self.below if long else self.side, buttons.side, "text")
        if buttons.kill:
            self._fill(self.below, KILL, "bad")
        self.note.setText(buttons.note)
        self.note.setVisible(bool(buttons.note))

    def _fill(self, button: QPushButton, told: tuple[str, str, str], tint: str) -> None:
        action, title, icon = told
        button.setText(f" {title}")
        button.setIcon(theme.icon(icon, tint))
        button.setAccessibleName(title)
        button.setProperty("action", action)

    def _press(self, button: QPushButton) -> None:
        self.wanted.emit(str(button.property("action")))
