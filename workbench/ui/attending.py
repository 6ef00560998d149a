"""Runs that the window trains, open to those who see their folder, as those of the command line are: other programs
follow them and ask things of them (link.attendance). A thread reads and writes; signals come on the UI thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from workbench.link.attendance import Attendance
from workbench.link.messages import Adjust, Control, Message

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5
"""Between two looks for what is asked. Seldom: on two cores a run loses whatever this process takes."""
Wish = Control | Adjust
Heard = Callable[[Message], None]
END_SECONDS = 5.0
"""A folder that is far away is waited for so long."""


class Attending(QObject):
    """Signals: asked(Control | Adjust, heard): what another program asks of a run, and who is to be called with the
    engine's answer, on the UI thread."""

    asked = Signal(object, object)
    _came = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._attendants: dict[str, _Attendant] = {}
        self._came.connect(self.asked, Qt.ConnectionType.QueuedConnection)

    @property
    def runs(self) -> frozenset[str]:
        """Those that are attended now."""
        return frozenset(name for name, each in self._attendants.items() if each.at_work)

    def begin(self, folder: Path) -> None:
        """Attend this run from here on."""
        self._attendants = {name: each for name, each in self._attendants.items() if each.at_work}
        self._attendants[folder.name] = _Attendant(folder, self._came.emit, self._attendants.get(folder.name))

    def tell(self, run: str, message: Message) -> None:
        """Something the engine said of a run; nothing happens when it is not attended."""
        attendant = self._attendants.get(run)
        if attendant is not None:
            attendant.tell(message)

    def end(self, run: str) -> None:
        """It has ended."""
        attendant = self._attendants.get(run)
        if attendant is not None:
            attendant.end()

    def settle(self, run: str) -> None:
        """Wait until those who see the folder of a run that has ended know it. For a job."""
        attendant = self._attendants.get(run)
        if attendant is not None and attendant.over:
            attendant.join(END_SECONDS)

    def shut_down(self) -> None:
        """With the window, after its engine."""
        for attendant in self._attendants.values():
            attendant.end()
        for attendant in self._attendants.values():
            attendant.join(END_SECONDS)


class _Attendant:
    """The thread of one run: what it tells is written, what is asked is read. A shared folder may be slow.

    before: the one of an earlier sitting of the run, which is to be done with its folder first.
    """

    def __init__(self, folder: Path, came: Callable[[Wish, Heard], None], before: _Attendant | None) -> None:
        self._folder, self._came, self._before = folder, came, before
        self._lock = threading.Lock()
        self._to_do: list[Callable[[Attendance], None]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="run-attendant", daemon=True)
        self._thread.start()

    @property
    def at_work(self) -> bool:
        return self._thread.is_alive()

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def tell(self, message: Message) -> None:
        self._later(lambda others: others.tell(message))

    def end(self) -> None:
        """What was told is still written; the thread ends by itself."""
        self._over.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _attend(self) -> None:
        if self._before is not None:
            self._before.join(END_SECONDS)
            self._before = None
        with Attendance(self._folder) as others:
            over = False
            while not over:
                over = self._over.wait(LOOK_SECONDS)
                with self._lock:
                    to_do, self._to_do = self._to_do, []
                for do in to_do:
                    do(others)
                if not over:
                    for wish, heard in others.wishes():
                        self._came(wish, self._on_thread(heard))

    def _on_thread(self, heard: Heard) -> Heard:
        return lambda answer: self._later(lambda _others: heard(answer))

    def _later(self, do: Callable[[Attendance], None]) -> None:
        if not self.at_work:  # as of a run that another program has taken up, and that is followed here
            return
        with self._lock:
            self._to_do.append(do)
