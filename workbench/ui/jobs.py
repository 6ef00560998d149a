"""Work that takes longer than a frame, on pool threads, with its callbacks on the UI thread.

A job belongs to an owner and has a name; starting another with the same owner and name makes the older one stale: it
is asked to cancel and none of its callbacks come. The end of an owner (a QObject that is destroyed) makes its jobs
stale too.
"""

from __future__ import annotations

import functools
import itertools
import logging
import queue
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from workbench.core.errors import Cancelled, WorkbenchError

log = logging.getLogger(__name__)

Report = Callable[[float, str], None]
Stop = Callable[[], bool]
Function = Callable[[Report, Stop], Any]
THREADS = 4


class InternalError(WorkbenchError):
    """Our own mistake, told to the page that waits for an answer; its traceback is in `details` and in the log."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"Something went wrong inside the workbench ({type(error).__name__}).",
            remedy="Your work is kept. The details can be copied from the message at the top of the window.",
        )
        self.details = "".join(traceback.format_exception(error))


@dataclass(eq=False)
class _Job:
    owner: object
    name: str
    number: int
    function: Function
    on_done: Callable[[Any], None] | None
    on_error: Callable[[WorkbenchError], None] | None
    on_progress: Callable[[float, str], None] | None
    stop: threading.Event = field(default_factory=threading.Event)
    told: tuple[float, str] | None = None  # newest progress not yet shown; guarded by the pool's lock

    @property
    def key(self) -> tuple[int, str]:
        return id(self.owner), self.name


class Jobs(QObject):
    """A pool of threads. Make it, use it and shut it down on the UI thread.

    Signals: failed(WorkbenchError): a job without an on_error met a person's error. crashed(InternalError): our own
    mistake; it is logged, and also told to the job's on_error. idle(): the last job has ended and was delivered.
    """

    failed = Signal(object)
    crashed = Signal(object)
    idle = Signal()
    _deliver = Signal(object)

    def __init__(self, parent: QObject | None = None, *, threads: int = THREADS) -> None:
        super().__init__(parent)
        self._limit = threads
        self._threads: list[threading.Thread] = []
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0  # threads with nothing to do; guarded by the lock
        self._numbers = itertools.count(1)
        self._current: dict[tuple[int, str], _Job] = {}
        self._open: set[_Job] = set()  # started and not yet delivered; UI thread
        self._watched: set[int] = set()
        self._closed = False
        self._deliver.connect(self._call, Qt.ConnectionType.QueuedConnection)

    # ---- the UI thread's side --------------------------------------------------------------------------------

    def run(
        self,
        owner: object,
        name: str,
        function: Function,
        on_done: Callable[[Any], None] | None = None,
        on_error: Callable[[WorkbenchError], None] | None = None,
        on_progress: Callable[[float, str], None] | None = None,
    ) -> int:
        """Run `function(progress, cancelled)` on a pool thread; its number.

        progress(share 0..1, text) may be called as often as one likes. cancelled() turns True when nobody waits any
        more; the function then raises core.errors.Cancelled or just returns. Callbacks come on the UI thread.
        """
        job = _Job(owner, name, next(self._numbers), function, on_done, on_error, on_progress)
        if self._closed:
            return job.number
        older = self._current.get(job.key)
        if older is not None:
            older.stop.set()
        self._current[job.key] = job
        self._open.add(job)
        if isinstance(owner, QObject) and id(owner) not in self._watched:
            self._watched.add(id(owner))
            owner.destroyed.connect(functools.partial(self._owner_gone, id(owner)))
        with self._lock:
            grow = self._waiting == 0 and len(self._threads) < self._limit
        self._queue.put(job)
        if grow:
            thread = threading.Thread(target=self._work, name=f"job-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return job.number

    def cancel(self, owner: object, name: str | None = None) -> None:
        """Make the owner's job of that name (all of them when None) stale."""
        for key, job in list(self._current.items()):
            if key[0] == id(owner) and name in (None, job.name):
                job.stop.set()
                del self._current[key]

    def running(self, owner: object | None = None, name: str | None = None) -> bool:
        """Whether there is such a job that is not stale."""
        return any(
            owner in (None, job.owner) and name in (None, job.name) and not job.stop.is_set()
            for job in self._current.values()
        )

    @property
    def busy(self) -> bool:
        """Whether anything still runs or waits to be delivered."""
        return bool(self._open)

    def shut_down(self, timeout: float = 5.0) -> None:
        """Cancel everything and wait for the threads, `timeout` seconds each at most. Nothing is delivered any more."""
        self._closed = True
        for job in self._open:
            job.stop.set()
        self._current.clear()
        self._open.clear()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout)
        self._threads = [t for t in self._threads if t.is_alive()]

    def _owner_gone(self, number: int, _gone: QObject | None = None) -> None:
        self._watched.discard(number)
        for key, job in list(self._current.items()):
            if key[0] == number:
                job.stop.set()
                del self._current[key]

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _fresh(self, job: _Job) -> bool:
        owner = job.owner
        alive = not isinstance(owner, QObject) or shiboken6.isValid(owner)
        return alive and not job.stop.is_set() and self._current.get(job.key) is job

    def _show_progress(self, job: _Job) -> None:
        with self._lock:
            told, job.told = job.told, None
        if told is not None and job.on_progress is not None and self._fresh(job):
            job.on_progress(*told)

    def _finish(self, job: _Job, result: Any, error: BaseException | None) -> None:
        fresh = self._fresh(job)
        if self._current.get(job.key) is job:
            del self._current[job.key]
        self._open.discard(job)
        try:
            if isinstance(error, Cancelled):
                pass
            elif isinstance(error, WorkbenchError):
                if fresh:
                    (job.on_error or self.failed.emit)(error)
            elif error is not None:
                told = InternalError(error)
                log.error('the job "%s" failed:\n%s', job.name, told.details)
                self.crashed.emit(told)
                if fresh and job.on_error is not None:
                    job.on_error(told)
            elif fresh and job.on_done is not None:
                job.on_done(result)
        finally:
            if not self._open:
                self.idle.emit()

    # ---- the pool's side -------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                self._waiting += 1
            job = self._queue.get()
            with self._lock:
                self._waiting -= 1
            if job is None:
                return
            self._run_one(job)
            del job

    def _run_one(self, job: _Job) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            if job.stop.is_set():
                raise Cancelled
            result = job.function(lambda share, text="": self._progress(job, share, text), job.stop.is_set)
        except BaseException as caught:  # delivered to the UI thread, which decides; nothing is lost here
            error = caught
        if not self._closed:
            self._deliver.emit(lambda: self._finish(job, result, error))

    def _progress(self, job: _Job, share: float, text: str) -> None:
        """Only the newest progress of a job waits to be shown, however often it is told."""
        with self._lock:
            waiting = job.told is not None
            job.told = (float(share), str(text))
        if not waiting and not job.stop.is_set() and not self._closed:
            self._deliver.emit(lambda: self._show_progress(job))
