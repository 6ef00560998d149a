"""Python's garbage collector, on the UI thread only.

The collector runs on whichever thread happens to allocate. When that is a pool thread and what it finds are Qt objects
in a circle (a closed page, its plots), it deletes them there, while the UI thread delivers their events: the process
dies at random. So the automatic collector is switched off and a timer does its work on the UI thread, at the same
thresholds.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500
PATIENCE = 20  # times as many objects may be made before all are looked through, while that would be seen


class UiGarbage(QObject):
    """Make it on the UI thread, once in the life of the program.

    `busy` tells whether something moves in the window: looking through everything, a tenth of a second, then waits.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.busy: Callable[[], bool] = lambda: False
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.check)
        self._timer.start(INTERVAL_MS)

    def check(self) -> int:
        """Collect the generations that are due; the oldest collected, -1 when none was."""
        young, middle, old = gc.get_count()
        due = -1
        if young > self._thresholds[0]:
            due = 0
            if middle >= self._thresholds[1]:
                due = 1
                if old >= self._thresholds[2] * (PATIENCE if self.busy() else 1):
                    due = 2
            gc.collect(due)
        return due

    @staticmethod
    def settle() -> None:
        """After the imports: what is there now stays, so that it is not looked at again and again."""
        gc.collect()
        gc.freeze()
