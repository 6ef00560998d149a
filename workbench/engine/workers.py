"""Threads that do requests one after another, and what a request that went wrong is answered with."""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable

from workbench.core.data.memory import is_shortage
from workbench.core.errors import Cancelled, OutOfMemory, WorkbenchError
from workbench.link.messages import Failed, Message

from .control import RunControl

log = logging.getLogger(__name__)


class Worker:
    """A thread that does requests one after another."""

    def __init__(self, name: str, work: Callable[[Message, RunControl], None]) -> None:
        self._work = work
        self._waiting: queue.SimpleQueue[tuple[Message, RunControl] | None] = queue.SimpleQueue()
        self._controls: dict[int, RunControl] = {}
        self._lock = threading.Lock()
        self.thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self.thread.start()

    def put(self, message: Message) -> None:
        """Queue a request."""
        control = RunControl()
        with self._lock:
            self._controls[message.request] = control
        self._waiting.put((message, control))

    def cancel(self, request: int) -> None:
        """Give up a queued or running request of that number, if there is one."""
        with self._lock:
            control = self._controls.get(request)
        if control is not None:
            control.end("abort")

    def close(self) -> None:
        """Give up everything and end the thread after what it does now."""
        with self._lock:
            for control in self._controls.values():
                control.end("shutdown")
        self._waiting.put(None)

    def _loop(self) -> None:
        while (item := self._waiting.get()) is not None:
            message, control = item
            self._work(message, control)
            with self._lock:
                self._controls.pop(message.request, None)


def failed(error: BaseException, request: int) -> Failed:
    """What a person can mend in plain words; our own mistakes with their traceback, for the log."""
    if isinstance(error, Cancelled):
        return Failed("Cancelled.", cancelled=True, request=request)
    if isinstance(error, WorkbenchError):
        cause = ("weights" if error.of_weights else "memory") if isinstance(error, OutOfMemory) else ""
        return Failed(error.what, error.where, error.remedy, cause=cause, request=request)
    if is_shortage(error) or type(error).__name__ == "ResourceExhaustedError":
        return Failed(
            "The memory is not enough for this.",
            remedy="Choose a smaller batch size, smaller pictures or a smaller model, or close other programs.",
            detail=traceback.format_exc(),
            cause="memory",
            request=request,
        )
    log.error("a mistake of the engine", exc_info=error)
    text = str(error).strip().splitlines()
    return Failed(
        f"The engine met an error of its own: {type(error).__name__}{f' ({text[0][:200]})' if text else ''}.",
        remedy="The details are in the engine's log. Changing the model or the settings may avoid it.",
        detail="".join(traceback.format_exception(error)),
        request=request,
    )
