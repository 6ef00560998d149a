"""The engine's command loop: always free to listen, while threads of its own do the work.

    loop thread      reads messages; answers Control, Cancel and Shutdown at once
    quick worker     Warm, CheckGraph (only the newest), Predict, Vary: one after another
    slow worker      Evaluate, Export, InspectModel, PredictFile: one after another
    training thread  one run at a time
    pulse            Vitals every two seconds

Every exception becomes a Failed: what a person can mend as what/where/remedy, our own mistakes with their traceback.
"""

from __future__ import annotations

import gc
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import Cancelled, WorkbenchError
from workbench.link.messages import (
    PROTOCOL,
    Cancel,
    CheckGraph,
    Control,
    Evaluate,
    Export,
    Failed,
    GraphChecked,
    ImportModel,
    InspectModel,
    Message,
    Predict,
    Predicted,
    PredictFile,
    Progress,
    Ready,
    RunEnded,
    RunStateChanged,
    Shutdown,
    Train,
    Varied,
    Vary,
    Vitals,
    Warm,
)
from workbench.link.transport import Connection
from workbench.link.wire import WireError, decode, encode

from . import devices
from .control import RunControl

if TYPE_CHECKING:  # these load TensorFlow, which the worker threads do
    from .predict import LiveModel, Predictors

log = logging.getLogger(__name__)
PULSE_SECONDS = 2.0
LAST_SECONDS = 2.5  # what a run gets to save itself at the end
QUICK = (Warm, CheckGraph, Predict, Vary)
SLOW = (Evaluate, Export, InspectModel, ImportModel, PredictFile)


class Host:
    """Serves one connection until it is told to end or the other side is gone.

    before_training: called on the training thread before each run.
    """

    def __init__(self, connection: Connection, before_training: Callable[[], None] | None = None) -> None:
        self._connection = connection
        self._before_training = before_training or (lambda: None)
        self._sending = threading.Lock()
        self._over = threading.Event()
        self._quick = _Worker("engine-quick", self._work)
        self._slow = _Worker("engine-slow", self._work)
        self._run: _Run | None = None
        self._newest_check = 0
        self._predictors: Predictors | None = None
        self._started = time.monotonic()

    def serve(self) -> None:
        """Blocks the calling thread; when it returns, every thread of this host has ended or is past waiting for."""
        pulse = threading.Thread(target=self._pulse, name="engine-pulse", daemon=True)
        pulse.start()
        try:
            while True:
                message = decode(self._connection.recv_bytes())
                if isinstance(message, Shutdown):
                    break
                self._accept(message)
        except (EOFError, OSError):
            log.info("the other side is gone")
        except WireError:
            log.exception("something that is no message came in")
        finally:
            self._end()
            pulse.join()
            self._connection.close()

    # ---- the loop thread -----------------------------------------------------------------------------------

    def _accept(self, message: Message) -> None:
        if isinstance(message, Control):
            self._control(message)
        elif isinstance(message, Cancel):
            for worker in (self._quick, self._slow):
                worker.cancel(message.target)
        elif isinstance(message, Train):
            self._start_run(message)
        elif isinstance(message, QUICK):
            if isinstance(message, CheckGraph):
                self._newest_check = message.request
            self._quick.put(message)
        elif isinstance(message, SLOW):
            self._slow.put(message)
        else:
            self._send(Failed(f"The engine cannot answer {type(message).__name__}.", request=message.request))

    def _start_run(self, message: Train) -> None:
        running = self._run
        if running is not None and running.thread.is_alive() and not running.finished:
            busy = Failed(
                "Another run is training.",
                where=running.name,
                remedy="Stop it, or wait until it has ended.",
                request=message.request,
            )
            self._send(busy)
            return
        if running is not None:
            running.thread.join()
        run = _Run(Path(message.folder), message.request)
        run.thread = threading.Thread(target=self._train, args=(run, message), name="engine-train", daemon=True)
        self._run = run
        run.thread.start()

    def _control(self, message: Control) -> None:
        run = self._run
        if run is None or run.finished or run.name != message.run:
            self._send(Failed("This run is not training.", where=message.run, request=message.request))
            return
        said = {"pause": ("running", "Pausing."), "resume": ("running", ""), "stop": ("stopping", "Stopping.")}
        said["abort"] = said["stop"]
        if message.action not in said:
            self._send(Failed(f"There is no {message.action!r} for a run.", request=message.request))
            return
        state, text = said[message.action]
        self._send(RunStateChanged(run.name, state, text, request=message.request))
        if message.action == "pause":
            run.control.pause()
        elif message.action == "resume":
            run.control.resume()
        else:
            run.control.end(message.action)

    def _end(self) -> None:
        self._over.set()
        run = self._run
        if run is not None:
            run.control.end("shutdown")
        for worker in (self._quick, self._slow):
            worker.close()
        if run is not None:
            run.thread.join(LAST_SECONDS)
        for worker in (self._quick, self._slow):
            worker.thread.join(0.2)

    # ---- the training thread -------------------------------------------------------------------------------

    def _train(self, run: _Run, message: Train) -> None:
        def emit(said: Message) -> None:
            if isinstance(said, RunEnded):
                run.finished = True
            self._send(replace(said, request=message.request))

        try:
            devices.setup()
            from .predict import LiveModel
            from .trainer import train

            self._before_training()
            run.live = live = LiveModel(run.folder)
            ended = train(run.folder, emit, run.control, resume=message.resume, between=live.between)
        except BaseException as error:
            run.finished = True
            self._send(_failed(error, message.request))
        else:
            emit(ended)
        finally:
            run.live = None
            gc.collect()  # models and their compiled functions hold each other; their arrays are large

    # ---- the workers ---------------------------------------------------------------------------------------

    def _work(self, message: Message, control: RunControl) -> None:
        try:
            if control.ending or (isinstance(message, CheckGraph) and message.request != self._newest_check):
                raise Cancelled
            answer = self._answer(message, control)
        except BaseException as error:
            answer = _failed(error, message.request)
        self._send(replace(answer, request=message.request))

    def _answer(self, message: Message, control: RunControl) -> Message:
        if isinstance(message, ImportModel):  # before TensorFlow, which it does not wait for
            from .import_model import import_model

            def say(done: float, total: float, text: str) -> None:
                if control.ending:
                    raise Cancelled
                self._send(Progress(done, total, text, request=message.request))

            return import_model(message.path, message.weights, say)
        devices.setup()
        if isinstance(message, Warm):
            return self._warm()
        if isinstance(message, CheckGraph):
            from .graph_check import check_graph

            begin = time.perf_counter()
            with devices.BUILDING:
                facts = check_graph(message.graph, message.data, message.train)
            return GraphChecked(facts, 1000 * (time.perf_counter() - begin))
        if isinstance(message, Predict):
            return self._predict(message)
        if isinstance(message, Vary):
            from .augment import examples

            return Varied(examples(message.pictures, message.augment, message.seed))
        if isinstance(message, Evaluate):
            from .evaluate import evaluate

            return evaluate(Path(message.folder), message.part, message.prepared, control)
        if isinstance(message, Export):
            from .export import run_export

            def progress(done: float, total: float, text: str) -> None:
                if control.ending:
                    raise Cancelled
                self._send(Progress(done, total, text, request=message.request))

            return run_export(message.folder, message.format, message.out, progress)
        if isinstance(message, InspectModel):
            from .inspect_model import describe

            return describe(message.path)
        if isinstance(message, PredictFile):
            from .export.answer import answer_file

            begin = time.perf_counter()
            y = answer_file(message.path, message.x)
            return Predicted(y, 1000 * (time.perf_counter() - begin))
        raise TypeError(f"no work for {type(message).__name__}")

    def _warm(self) -> Ready:
        from .warm import warm_up

        warm_up()
        return Ready(PROTOCOL, devices.versions(), devices.list_devices(), time.monotonic() - self._started)

    def _predict(self, message: Predict) -> Predicted:
        from .predict import Predictors

        begin = time.perf_counter()
        folder, run = Path(message.folder), self._run
        live = run.live if message.live and run is not None and run.folder == folder else None
        y = live.predict(message.x) if live is not None else None
        if y is None:
            if self._predictors is None:
                self._predictors = Predictors()
            y = self._predictors.of_run(folder).predict(message.x)
        return Predicted(y, 1000 * (time.perf_counter() - begin))

    # ---- everyone ------------------------------------------------------------------------------------------

    def _send(self, message: Message) -> None:
        try:
            data = encode(message)
        except WireError as error:
            log.exception("an answer cannot cross")
            data = encode(_failed(error, message.request))
        with self._sending:
            try:
                self._connection.send_bytes(data)
            except (OSError, ValueError):
                self._over.set()  # the loop thread meets the same and ends

    def _pulse(self) -> None:
        import psutil

        process = psutil.Process()
        while not self._over.wait(PULSE_SECONDS):
            self._send(Vitals(process.memory_info().rss))


class _Run:
    """One run: its folder, what is wanted of it, and its thread."""

    def __init__(self, folder: Path, request: int) -> None:
        self.folder = folder
        self.name = folder.name
        self.request = request
        self.control = RunControl()
        self.live: LiveModel | None = None
        self.finished = False
        self.thread = threading.Thread()


class _Worker:
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


def _failed(error: BaseException, request: int) -> Failed:
    """What a person can mend in plain words; our own mistakes with their traceback, for the log."""
    if isinstance(error, Cancelled):
        return Failed("Cancelled.", cancelled=True, request=request)
    if isinstance(error, WorkbenchError):
        return Failed(error.what, error.where, error.remedy, request=request)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return Failed(
            "The memory is not enough for this.",
            remedy="Choose a smaller batch size, smaller pictures or a smaller model, or close other programs.",
            detail=traceback.format_exc(),
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
