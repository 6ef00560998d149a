"""What the command loop tells a run while it trains, and what others may ask of it. Safe from any thread."""

from __future__ import annotations

import threading

from workbench.link.messages import Adjust

LONG = 0.2  # seconds; who waits longer for a pause or a stop is told for what


class RunControl:
    """Requests to one run. The training thread looks at `wanted` between calls of the compiled loop.

    ending: "" | "stop" | "abort" | "shutdown" (the engine ends; the run is left resumable).
    step_seconds: what a step takes that cannot be broken off, as the training thread last measured it; 0 before.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._ending = ""
        self._resumed = 0
        self._changes: list[Adjust] = []
        self.step_seconds = 0.0

    def when(self, doing: str) -> str:
        """A sentence that says "Stopping" (or what it does), and after what, where that keeps the person waiting."""
        seconds = self.step_seconds
        if seconds <= LONG:
            return f"{doing}."
        return f"{doing} after this step, which takes about {seconds:.{0 if seconds >= 9.95 else 1}f} s."

    def adjust(self, change: Adjust) -> None:
        """Change settings of the run that trains, between two calls of the loop."""
        with self._changed:
            self._changes.append(change)

    def changes(self) -> list[Adjust]:
        """What was asked for since the last time, in its order."""
        with self._changed:
            asked, self._changes = self._changes, []
        return asked

    @property
    def ending(self) -> str:
        return self._ending

    @property
    def paused(self) -> bool:
        return self._paused and not self._ending

    @property
    def wanted(self) -> bool:
        """Whether the training thread should look up from its work."""
        return self._paused or bool(self._ending)

    def pause(self) -> None:
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        with self._changed:
            self._paused = False
            self._resumed += 1
            self._changed.notify_all()

    def end(self, how: str) -> None:
        """A later, stronger wish replaces an earlier one; a shutdown stays."""
        with self._changed:
            if self._ending != "shutdown":
                self._ending = how
            self._changed.notify_all()

    @property
    def resumed(self) -> int:
        """How often it was told to go on; to be read before a pause is told, for `wait_while_paused`."""
        return self._resumed

    def wait_while_paused(self, resumed: int, timeout: float | None = None) -> None:
        """Blocks the training thread until it shall go on or end, or so many seconds have passed.

        Also when it was resumed and paused again meanwhile: then it goes on first, so that whoever asked for the
        second pause is told of it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._resumed != resumed or not self._paused or bool(self._ending), timeout)
