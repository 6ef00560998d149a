"""The engine for scripts: asked, waited for, and heard while it trains. It is a process of its own here too."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeVar

from workbench.core.errors import OutOfMemory, TrainError, WorkbenchError
from workbench.core.runs import FINISHED, read_project, read_run
from workbench.link import messages as m
from workbench.link.attendance import Asked
from workbench.link.client import EngineClient, EngineState
from workbench.link.spawn import ChildProcess, log_file
from workbench.link.transport import KILLED
from workbench.link.whereabouts import Whereabouts

Say = Callable[[float, str], None]
T = TypeVar("T", bound=m.Message)

LOOK_SECONDS = 0.1
"""How often a waiting loop looks whether the person wants to stop."""


class Engine:
    """Use as a context manager: it starts on entering and ends on leaving. Any number of requests and runs, in turn."""

    def __init__(self) -> None:
        self.client = EngineClient(partial(ChildProcess, give_way=False))

    def __enter__(self) -> Engine:
        self.client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def use_threads(self, threads: int) -> None:
        """Compute with so many processor threads, 0 for all; not while a run trains."""
        self.client.use_threads(threads)

    def ask(self, message: m.Message, answer: type[T], on_progress: Say | None = None) -> T:
        """The engine's answer. Raises WorkbenchError with what the engine says when it cannot."""

        def progress(p: m.Message) -> None:
            if isinstance(p, m.Progress) and on_progress is not None:
                on_progress(p.done / p.total if p.total else 0.0, p.text)

        given = self.client.call(message, on_progress=progress)
        if isinstance(given, m.Failed):
            raise error_of(given)
        assert isinstance(given, answer), given
        return given

    def train(
        self,
        folder: Path,
        resume: bool = False,
        stop: Callable[[], bool] = lambda: False,
        epochs: int = 0,
        wishes: Callable[[], Iterable[Asked]] = tuple,
        batch_size: int = 0,
    ) -> Iterator[m.Message]:
        """The events of a run as they come; the last is RunEnded.

        stop: looked at ten times a second; once it says True the run is stopped and keeps its best weights. Leaving
        the loop early does the same at the next step, and a checkpoint stays. epochs, batch_size: see messages.Train.
        wishes: looked at as often: what else is asked of the run, each with who hears the engine's answer, on another
        thread.

        Raises:
            WorkbenchError: the run cannot be started, or the engine died; what to do about it is said.
        """
        events: queue.SimpleQueue[m.Message | EngineState] = queue.SimpleQueue()
        run = folder.name

        def heard(event: m.Message | EngineState) -> None:
            if isinstance(event, EngineState):
                if event.state == "dead":
                    events.put(event)
            elif getattr(event, "run", None) == run and not isinstance(event, m.RunEnded):
                events.put(event)

        forget = self.client.listen(heard)
        asked = False
        size = batch_size or read_project(folder).train.batch_size
        place = Whereabouts()
        try:
            self.client.ask(m.Train(str(folder), resume, epochs, batch_size), events.put)
            while True:
                if not asked and stop():
                    asked = True
                    self.client.ask(m.Control(run, "stop"), lambda _: None)
                for message, answered in wishes():
                    self.client.ask(message, answered)
                try:
                    event = events.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    continue
                if isinstance(event, EngineState):
                    raise _died(event, folder, size, place.words())
                if isinstance(event, m.Failed):
                    raise error_of(event)
                if isinstance(event, (m.RunStarted, m.RunAdjusted)):
                    size = event.batch_size
                place.hear(event)
                yield event
                if isinstance(event, m.RunEnded):
                    return
        finally:
            forget()


started: Callable[[], AbstractContextManager[Engine]] = Engine
"""What `open_engine` calls. The one place to put another in, as the tests do with one engine for all journeys."""


def open_engine() -> AbstractContextManager[Engine]:
    """The engine of one command, gone with the `with` block. Every command gets its engine here."""
    return started()


def error_of(failed: m.Failed) -> WorkbenchError:
    """What the engine could not do, for people; where its log is when it was the engine's own mistake."""
    remedy = failed.remedy
    if failed.detail and "log" in remedy:
        remedy = f"{remedy} The log: {log_file()}"
    if failed.cause:
        return OutOfMemory(failed.what, where=failed.where, remedy=remedy, of_weights=failed.cause == "weights")
    return WorkbenchError(failed.what, where=failed.where, remedy=remedy)


def _died(state: EngineState, folder: Path, batch_size: int, place: str) -> TrainError:
    """place: where the run was."""
    project, record = quoted(folder.parent.parent), read_run(folder)
    what = state.text or "The engine ended unexpectedly."
    if record.state in FINISHED:
        what = f"{what} {record.name} had ended by then: only its scores on the test part are missing."
        return TrainError(what, where=record.name, remedy=f"For these: workbench evaluate {project}")
    saved = (folder / "checkpoint.npz").is_file()
    kept = "Nothing before the last checkpoint is lost" if saved else "It had not reached its first checkpoint"
    return TrainError(
        what,
        where=f"{record.name}, {place or 'before the first batch'}",
        remedy=f"{kept}; go on with: workbench train {project} --resume"
        + (f" --batch-size {batch_size // 2}, or without it" if KILLED in state.text and batch_size > 1 else ""),
    )


def quoted(path: object) -> str:
    """As it can be typed in a shell."""
    import shlex

    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
