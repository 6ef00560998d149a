"""The engine's command loop: always free to listen, while threads of its own do the work.

    loop thread      reads messages; answers Control, Adjust, Cancel and Shutdown at once
    quick worker     Warm, CheckGraph (only the newest), Predict, Vary: one after another
    slow worker      Evaluate, Export, InspectModel, PredictFile, Forecast, TryRates: one after another
    training thread  one run at a time
    pulse            Vitals every two seconds

Every exception becomes a Failed: what a person can mend as what/where/remedy, our own mistakes with their traceback.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import Cancelled
from workbench.link.messages import (
    Adjust,
    Cancel,
    CheckGraph,
    Control,
    Evaluate,
    Export,
    Failed,
    Forecast,
    ImportModel,
    InspectModel,
    MakeNetwork,
    Message,
    Predict,
    PredictFile,
    RunEnded,
    RunStateChanged,
    Shutdown,
    Train,
    TryRates,
    Vary,
    Warm,
)
from workbench.link.sole import sole
from workbench.link.transport import Connection
from workbench.link.wire import WireError, decode, encode

from . import determinism, devices, gradients
from .answers import Answers
from .control import RunControl
from .running import Running
from .workers import Worker, failed

if TYPE_CHECKING:
    from .built import Shelf

log = logging.getLogger(__name__)
PULSE_SECONDS = 2.0
LAST_SECONDS = 2.5  # what a run gets to save itself at the end
DOING = ("preparing", "tracing", "stopping")  # of a run, what cannot always be broken off
QUICK = (Warm, CheckGraph, Predict, Vary)
SLOW = (Evaluate, Export, InspectModel, ImportModel, MakeNetwork, PredictFile, Forecast, TryRates)


class Host:
    """Serves one connection until it is told to end or the other side is gone.

    before_training: called on the training thread before each run.
    """

    def __init__(self, connection: Connection, before_training: Callable[[], None] | None = None) -> None:
        self._connection = connection
        self._before_training = before_training or (lambda: None)
        self._sending = threading.Lock()
        self._making = threading.Lock()
        self._over = threading.Event()
        self._quick = Worker("engine-quick", self._work)
        self._slow = Worker("engine-slow", self._work)
        self._run: Running | None = None
        self._shelf: Shelf | None = None
        self._newest_check = 0
        self._answers = Answers(lambda: self._run, self._send, self._shelf_here)

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
        elif isinstance(message, Adjust):
            self._adjust(message)
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
        run = Running(Path(message.folder), message.request)
        run.thread = threading.Thread(target=self._train, args=(run, message), name="engine-train", daemon=True)
        self._run = run
        run.thread.start()

    def _trains(self, name: str, request: int) -> Running | None:
        """The run of that name, when it is training; else this is said."""
        run = self._run
        if run is None or run.finished or run.name != name:
            self._send(Failed("This run is not training.", where=name, request=request))
            return None
        return run

    def _adjust(self, message: Adjust) -> None:
        run = self._trains(message.run, message.request)
        if run is not None:
            run.control.adjust(message)
            state = "paused" if run.control.paused else "running"
            self._send(RunStateChanged(run.name, state, request=message.request))

    def _control(self, message: Control) -> None:
        run = self._trains(message.run, message.request)
        if run is None:
            return
        pausing, stopping = run.control.when("Pausing"), run.control.when("Stopping")
        said = {"pause": ("running", pausing), "resume": ("running", ""), "stop": ("stopping", stopping)}
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

    def _train(self, run: Running, message: Train) -> None:
        def emit(said: Message) -> None:
            if isinstance(said, RunEnded):
                run.finished = True
            elif isinstance(said, RunStateChanged):
                run.control.doing = said.text if said.state in DOING else ""
            self._send(replace(said, request=message.request))

        try:
            devices.setup()
            from .job import Sitting
            from .predict import LiveModel
            from .trainer import train

            self._before_training()
            run.live = live = LiveModel(run.folder)
            sitting = Sitting(message.resume, message.epochs, message.batch_size)
            with sole(run.folder, run.control.look):
                ended = train(run.folder, emit, run.control, sitting, lend=live.lend, shelf=self._shelf_here())
        except BaseException as error:
            run.finished = True
            self._send(failed(error, message.request))
        else:
            emit(ended)
        finally:
            run.live = None
            gc.collect()  # models and their compiled functions hold each other; their arrays are large

    def _shelf_here(self) -> Shelf:
        """What was built for the next run. Once TensorFlow is loaded; one for all threads."""
        from .built import Shelf

        with self._making:
            self._shelf = self._shelf or Shelf()
        return self._shelf

    # ---- the workers ---------------------------------------------------------------------------------------

    def _work(self, message: Message, control: RunControl) -> None:
        try:
            if control.ending or (isinstance(message, CheckGraph) and message.request != self._newest_check):
                raise Cancelled
            answer = self._answered(message, control)
        except BaseException as error:
            answer = failed(error, message.request)
        self._send(replace(answer, request=message.request))

    def _answered(self, message: Message, control: RunControl) -> Message:
        if isinstance(message, (Forecast, TryRates)):  # they train for a moment
            devices.setup()
            with gradients.forgotten():
                return determinism.tried(lambda: self._answers.answer(message, control))
        return self._answers.answer(message, control)

    # ---- everyone ------------------------------------------------------------------------------------------

    def _send(self, message: Message) -> None:
        try:
            data = encode(message)
        except WireError as error:
            log.exception("an answer cannot cross")
            data = encode(failed(error, message.request))
        with self._sending:
            try:
                self._connection.send_bytes(data)
            except (OSError, ValueError):
                self._over.set()  # the loop thread meets the same and ends

    def _pulse(self) -> None:
        from .vitals import Pulse

        pulse = Pulse()
        while not self._over.wait(PULSE_SECONDS):
            self._send(pulse.take())
