"""A run that another program trains, followed by the journal in its folder, and asked things there (link.journal,
link.asked). A thread reads; signals come on the UI thread."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from workbench.core import runs
from workbench.core.errors import ProjectError, TrainError, WorkbenchError
from workbench.link.asked import ask
from workbench.link.journal import Reader, is_gone
from workbench.link.messages import Adjust, Control, Failed, Message, RunEnded, WishHeard

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.1
QUIET_SECONDS = 10.0
"""Without a sign of the program that trains it, which gives one every second."""
END_SECONDS = 1.0
GONE = "The program that trained it is gone."


class Following(QObject):
    """Signals: heard(Message): what the run tells, in its order, RunEnded or Failed at last and once. quiet(bool): the
    program gives no sign any more, or does again. refused(WorkbenchError): what was asked is not done, and why."""

    heard = Signal(object)
    quiet = Signal(bool)
    refused = Signal(object)
    _came = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._follower: _Follower | None = None
        self._ending: _Follower | None = None
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def folder(self) -> Path | None:
        """Of the run that is followed."""
        return self._follower.folder if self._follower is not None else None

    def start(self, folder: Path) -> None:
        """Follow this run from its first event on, and no other."""
        self.stop()
        self._follower = _Follower(folder, self._came.emit)

    def ask(self, message: Control | Adjust) -> None:
        """Ask the program that trains it; nothing happens when no run is followed."""
        if self._follower is not None:
            self._follower.ask(message)

    def stop(self) -> None:
        """Follow it no more; what it still tells is not heard."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.end()
            self._ending = follower

    def shut_down(self) -> None:
        """With the window: `stop`, and wait a moment for the thread."""
        self.stop()
        if self._ending is not None:
            self._ending.join(END_SECONDS)

    def _take(self, follower: object, what: object) -> None:
        if follower is not self._follower:
            return
        if isinstance(what, bool):
            self.quiet.emit(what)
        elif isinstance(what, WorkbenchError):
            self.refused.emit(what)
        elif isinstance(what, WishHeard):
            if what.why:
                self.refused.emit(TrainError(what.why))
        else:
            if isinstance(what, (RunEnded, Failed)):
                self.stop()
            self.heard.emit(what)


class _Follower:
    """The thread that reads one journal and writes what is asked: a shared folder may be slow."""

    def __init__(self, folder: Path, came: object) -> None:
        self.folder = folder
        self._came = came
        self._wishes: list[Control | Adjust] = []
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="run-follower", daemon=True)
        self._thread.start()

    def ask(self, message: Control | Adjust) -> None:
        with self._lock:
            self._wishes.append(message)

    def end(self) -> None:
        """Nothing is told after this; the thread ends by itself, as a folder that is far away may hold it."""
        with self._telling:
            self._over.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _tell(self, what: object) -> None:
        with self._telling:
            if not self._over.is_set():
                self._came(self, what)  # type: ignore[operator]

    def _follow(self) -> None:
        told_quiet = False
        with Reader(self.folder) as reader:
            while not self._over.wait(LOOK_SECONDS):
                self._hand_over()
                try:
                    over = reader.over  # looked at first: what was told before the end is still read
                    said = reader.read()
                except OSError as error:  # a shared folder that is away for a moment
                    log.info("%s cannot be read: %s", self.folder, error)
                    over, said = False, ()
                for message in said:
                    self._tell(message)
                    if isinstance(message, RunEnded):
                        return
                gone = reader.quiet > 2 and reader.by is not None and is_gone(reader.by)
                if over or gone:
                    self._tell(_ended(self.folder))
                    return
                quiet = reader.quiet > QUIET_SECONDS
                if quiet != told_quiet:
                    told_quiet = quiet
                    self._tell(quiet)

    def _hand_over(self) -> None:
        with self._lock:
            wishes, self._wishes = self._wishes, []
        for wish in wishes:
            try:
                ask(self.folder, wish)
            except TrainError as error:
                self._tell(error)


def _ended(folder: Path) -> Message:
    """What the record says of a run whose program has ended without a word."""
    try:
        record = runs.read_run(folder)
    except ProjectError as error:
        return Failed(error.what, error.where, error.remedy)
    if record.state in (*runs.FINISHED, "aborted"):
        return RunEnded(record.id, record.state, record.epochs_done, record.best_epoch, record.seconds)
    return Failed(record.message or GONE, remedy="It can be gone on with from its checkpoint.")
