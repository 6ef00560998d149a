"""An engine without TensorFlow: it speaks the real protocol over queues and answers from a script."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.core.errors import WorkbenchError
from workbench.core.facts import GraphFacts, NodeFacts
from workbench.core.history import History
from workbench.core.project import Graph, Node, Wire
from workbench.core.runs import read_run, write_run
from workbench.engine.import_model import import_model
from workbench.link.messages import (
    Batches,
    CheckGraph,
    Control,
    Device,
    EpochEnded,
    Evaluate,
    Evaluated,
    Failed,
    GraphChecked,
    ImportModel,
    MakeNetwork,
    Message,
    ModelImported,
    Predict,
    Predicted,
    Progress,
    Ready,
    RunEnded,
    RunStarted,
    RunStateChanged,
    Shutdown,
    Train,
    Varied,
    Vary,
    Warm,
)
from workbench.link.transport import joined
from workbench.link.wire import decode, encode


class _Life:
    """One life of the engine, on a thread. See link.transport.Transport."""

    pid = 0

    def __init__(self, engine: ScriptedEngine) -> None:
        self.connection, self._ours = joined()
        self._engine = engine
        self._how = ""
        self._thread = threading.Thread(target=self._serve, name="engine-scripted", daemon=True)
        self._thread.start()

    def ended(self, timeout: float) -> str | None:
        self._thread.join(timeout)
        return None if self._thread.is_alive() else self._how

    def kill(self, how: str = "it was killed") -> None:
        self._how = how
        self._ours.close()

    def say(self, message: Message) -> None:
        self._ours.send_bytes(encode(message))

    def _serve(self) -> None:
        try:
            while True:
                message = decode(self._ours.recv_bytes())
                self._engine.asked.append(message)
                if isinstance(message, Shutdown):
                    self._ours.close()
                    return
                for answer in self._engine.answers(message):
                    self.say(replace(answer, request=message.request))
        except (EOFError, OSError):
            return


class ScriptedEngine:
    """Give `transport` to a Session.

    problems: what it says of every graph. epochs_said: so many epochs of a run are told at once; the run then waits for
    `finish()` unless `finishes` is True. deaf: to Train.
    """

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.lives: list[_Life] = []
        self.problems: tuple = ()
        self.finishes = True
        self.epochs_said = 2
        self.deaf = False
        self.run_folder: Path | None = None
        self._run_request = 0

    def transport(self) -> _Life:
        life = _Life(self)
        self.lives.append(life)
        return life

    def die(self, how: str = "it was killed, perhaps because the memory ran out") -> None:
        """End as a crash does."""
        self.lives[-1].kill(how)

    def say(self, message: Message) -> None:
        self.lives[-1].say(message)

    def finish(self, reason: str = "finished") -> None:
        """End the run that waits."""
        assert self.run_folder is not None
        self.say(replace(self._end(self.run_folder, reason), request=self._run_request))

    def of(self, kind: type) -> list:
        """What was asked of that kind."""
        return [m for m in self.asked if isinstance(m, kind)]

    # ---- answers ---------------------------------------------------------------------------------------------

    def answers(self, message: Message) -> list[Message]:
        if isinstance(message, Warm):
            return [Ready({"keras": "3.15"}, (Device("cpu", "CPU, 2 cores"),), 0.1)]
        if isinstance(message, CheckGraph):
            nodes = {n.id: NodeFacts((None, 4), 10, 10) for n in message.graph.nodes}
            return [GraphChecked(GraphFacts(nodes, self.problems, 30, 30, "mse", ("mae",)))]
        if isinstance(message, Train):
            return [] if self.deaf else self._train(message)
        if isinstance(message, Control):
            state = {"pause": "paused", "resume": "running"}.get(message.action, "stopping")
            said: list[Message] = [RunStateChanged(message.run, state)]
            if state == "stopping" and self.run_folder is not None:
                self.say(replace(self._end(self.run_folder, "stopped"), request=self._run_request))
            return said
        if isinstance(message, Predict):
            count = len(next(iter(message.x.values())))
            return [Predicted(np.full((count, 3), 1 / 3, np.float32), 0.5)]
        if isinstance(message, Vary):
            return [Varied(255 - message.pictures, 1e-4)]
        if isinstance(message, ImportModel):  # the real one: it needs no TensorFlow
            return [Progress(1, 2, "Reading"), *self._imported(message)]
        if isinstance(message, MakeNetwork):
            graph = Graph((Node("i", "Input", "pictures"), Node("o", "Output", "output")), (Wire("i", "o"),))
            return [ModelImported(graph, "ResNet 50", message.file or "ResNet 50", "application", layers=0)]
        if isinstance(message, Evaluate):
            return [Evaluated({"loss": 0.1}, np.zeros((1, 1), np.float32), message.part)]
        return [Failed("This engine is scripted and cannot do that.")]

    def _imported(self, message: ImportModel) -> list[Message]:
        try:
            return [import_model(message.path, message.weights, lambda *_: None)]
        except WorkbenchError as error:
            return [Failed(error.what, error.where, error.remedy)]

    def _train(self, message: Train) -> list[Message]:
        folder = Path(message.folder)
        self.run_folder, self._run_request = folder, message.request
        run = folder.name
        record = read_run(folder)
        first = record.epochs_done if message.resume else 0
        write_run(folder, replace(record, state="running", parameters=30, loss="mse", metrics=("mae",)))
        said: list[Message] = [
            RunStateChanged(run, "tracing", "Compiling the model"),
            RunStarted(run, record.epochs, 2, 32, 30, "cpu", "compiled loop", "mse", ("mae",), first, 2 * first),
        ]
        for epoch in range(first, min(first + self.epochs_said, record.epochs)):
            loss = 1.0 / (epoch + 1)
            values = {"loss": np.array([loss * 1.1, loss], np.float32)}
            said.append(Batches(run, epoch, 2 * epoch, values, 5000.0, 3.0))
            logs = {"loss": loss, "mae": loss / 2, "val_loss": loss * 1.2, "val_mae": loss * 0.6}
            said.append(EpochEnded(run, epoch, logs, 0.1, True))
            self._keep(folder, epoch, logs)
        if self.finishes:
            said.append(self._end(folder, "finished"))
        return said

    def _keep(self, folder: Path, epoch: int, logs: dict[str, float]) -> None:
        history = History.load(folder / "history.npz")
        history.epochs.append(logs)
        history.save(folder / "history.npz")
        (folder / "checkpoint.npz").touch()
        scores = {k: float(v) for k, v in logs.items()}
        write_run(folder, replace(read_run(folder), epochs_done=epoch + 1, best_epoch=epoch, scores=scores))

    def _end(self, folder: Path, reason: str) -> RunEnded:
        record = replace(read_run(folder), state=reason, seconds=1.5)
        write_run(folder, record)
        self.run_folder = None
        return RunEnded(folder.name, reason, record.epochs_done, record.best_epoch, 1.5)
