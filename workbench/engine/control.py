"""What the command loop tells a run while it trains, and what others may ask of it. Safe from any thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from workbench.core.errors import Cancelled
from workbench.link.messages import Adjust

LONG = 0.2  # seconds; who waits longer for a pause or a stop is told for what
_opens: ContextVar[Callable[[], None] | None] = ContextVar("opens", default=None)


@contextlib.contextmanager
def opening(control: RunControl, say: Callable[[str, str], None]) -> Iterator[Callable[[str, str], None]]:
    """A run is opened meanwhile, on this thread: `look` heeds what is wanted of it, and so does what is given, which
    says as `say` does (state and text)."""

    def looked() -> None:
        if control.paused:
            doing = control.doing
            say("paused", "Paused before the first batch.")
            control.wait_while_paused(control.resumed)
            say("preparing", doing)
        control.look()

    def says(state: str, text: str) -> None:
        say(state, text)
        looked()

    token = _opens.set(looked)
    try:
        yield says
    finally:
        _opens.reset(token)


def look() -> None:
    """To be called between the pieces of what may take long before the first batch of a run. Waits where the run is
    paused, and raises Cancelled where it is to end; does nothing where no run is opened."""
    looked = _opens.get()
    if looked is not None:
        looked()


class RunControl:
    """Requests to one run. The training thread looks at `wanted` between calls of the compiled loop.

    ending: "" | "stop" | "abort" | "shutdown" (the engine ends; the run is left resumable).
    step_seconds: what a step takes that cannot be broken off, as the training thread last measured it; 0 before.
    doing: what it was told to be doing last, beside training; "" when it trains.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused = False
        self._ending = ""
        self._resumed = 0
        self._changes: list[Adjust] = []
        self.step_seconds = 0.0
        self.doing = ""

    def when(self, doing: str) -> str:
        """A sentence that says "Stopping" (or what it does), and after what, where that keeps the person waiting."""
        if self.doing:
            return f"{doing} when this is done: {self.doing[0].lower()}{self.doing[1:]}"
        seconds = self.step_seconds
        if seconds <= LONG:
            return f"{doing}."
        return f"{doing} after this step, which takes about {seconds:.{0 if seconds >= 9.95 else 1}f} s."

    def look(self) -> None:
        """Raises Cancelled when it is to end."""
        if self._ending:
            raise Cancelled

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
