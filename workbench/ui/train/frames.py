"""When the curves are drawn, all of them or only their ends, and how much of the processors that may take. UI thread
only."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

FRAME_MS = 34
SHARE = 0.02  # of all processors may go into pictures of a run that gets on: they are its own to compute with
HAND_S = 1.0  # after a hand was on the curves, they follow it at once
MOST_S = 0.25  # between two pictures, whatever they cost
FEW = 2  # processors, of which a run needs all: its threads wait for each other, and lose whatever is taken of one
LITTLE = 0.003  # of one of so few for whole pictures, and as much for the ends of lines
MOST_OF_FEW_S = 2.0
END_OF_FEW_S = 0.25  # with each message of an engine on so few, which says so much three times a second


def rest(spent: float, cores: int) -> float:
    """Seconds until all of the picture of a run that only gets on may be drawn anew, where it took `spent` seconds."""
    return min(spent / (SHARE * cores), MOST_S) if cores > FEW else min(spent / LITTLE, MOST_OF_FEW_S)


def rest_of_end(spent: float, cores: int) -> float:
    """Seconds until the lines may go on again at their ends, where that took `spent` seconds."""
    return min(spent / (SHARE * cores), MOST_S) if cores > FEW else min(spent / LITTLE, END_OF_FEW_S)


class Frames:
    """Calls `draw` when something of `view` is due: many wishes make one frame, and none while nobody looks."""

    def __init__(self, view: QWidget, draw: Callable[[], None]) -> None:
        self._view, self._draw = view, draw
        self._cores = os.cpu_count() or 1
        self._hand_until = 0.0
        self.due = 0.0  # when all may be drawn anew
        self.end_due = 0.0  # when the ends of the lines may be
        self.timer = QTimer(view)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(draw)

    def soon(self) -> None:
        """Something has changed."""
        wait = max(FRAME_MS, math.ceil(1000 * (min(self.end_due, self.due) - time.monotonic())))
        if self._view.isVisible() and (not self.timer.isActive() or self.timer.remainingTime() > wait):
            self.timer.start(wait)

    def touched(self) -> None:
        """A hand is on the view: as quickly as can be, for a while."""
        now = time.monotonic()
        self._hand_until = now + HAND_S
        self.due = min(self.due, now + 1e-3 * FRAME_MS)
        self.end_due = min(self.end_due, now)
        self.soon()

    def at_once(self) -> None:
        """What is seen is to be whole now, whatever the last picture took."""
        self.due = 0.0
        self.soon()

    def follow(self) -> None:
        """Rows have come: now, where it is time for it."""
        if self._view.isVisible() and time.monotonic() >= min(self.end_due, self.due):
            self.timer.stop()
            self._draw()
        else:
            self.soon()

    def later(self) -> None:
        """What waits for all to be drawn: then."""
        self.timer.start(max(1, math.ceil(1000 * (self.due - time.monotonic()))))

    def drawn(self, spent: float) -> None:
        """All was, in so many seconds. What takes long is put off the next time: the window stays quick."""
        now = time.monotonic()
        wait = min(4 * spent, MOST_S) if now < self._hand_until else rest(spent, self._cores)
        self.due = now + max(1e-3 * FRAME_MS, wait)

    def gone_on(self, spent: float) -> None:
        """The ends were."""
        self.end_due = time.monotonic() + rest_of_end(spent, self._cores)
