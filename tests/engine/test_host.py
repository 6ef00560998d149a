"""The engine as the face meets it: in this process, and as the real child process that can be killed."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import Graph, TrainSpec
from workbench.engine.checkpoints import CHECKPOINT, load_weights
from workbench.engine.main import in_process_transport
from workbench.engine.priority import NICE
from workbench.link.client import EngineClient, EngineState
from workbench.link.messages import (
    Adjust,
    Batches,
    CheckGraph,
    Control,
    EpochEnded,
    Evaluate,
    Evaluated,
    Export,
    Failed,
    Forecast,
    Forecasted,
    GraphChecked,
    InspectModel,
    Predict,
    Predicted,
    Ready,
    RunAdjusted,
    RunEnded,
    RunStarted,
    RunStateChanged,
    Train,
    Vitals,
)
from workbench.link.spawn import ChildProcess, log_file

from .little_runs import blobs, chain, line, make_run

WAIT = 60.0
ABC = ("a", "b", "c")
GRAPH = chain(
    ("Dense", {"units": 16, "activation": "relu"}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)


class Ear:
    """Hears everything and hands it out in order."""

    def __init__(self) -> None:
        self._heard: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __call__(self, message: object) -> None:
        self._heard.put(message)

    def next(self, kind: type, check: Callable[[Any], bool] = lambda m: True) -> Any:
        while True:
            message = self._heard.get(timeout=WAIT)
            if isinstance(message, kind) and check(message):
                return message

    def state(self, name: str, kind: type = EngineState) -> Any:
        return self.next(kind, lambda m: m.state == name)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def hosted(ear: Ear) -> Iterator[EngineClient]:
    client = EngineClient(in_process_transport)
    client.listen(ear)
    client.start()
    ear.state("ready")
    yield client
    client.stop()
    assert not [t for t in threading.enumerate() if t.name.startswith("engine-")]


@pytest.fixture
def child(ear: Ear) -> Iterator[EngineClient]:
    client = EngineClient(ChildProcess)
    client.listen(ear)
    client.start()
    ear.state("ready")
    yield client
    client.stop()


def small_run(folder: Path, epochs: int, rows: int = 6000) -> Path:
    parts = {"train": blobs(rows), "validation": blobs(300, 1), "test": blobs(100, 2)}
    return make_run(folder, GRAPH, TrainSpec(epochs=epochs, seed=5, compiler="off"), parts, classes=ABC)


def test_a_whole_journey_in_this_process(hosted: EngineClient, ear: Ear, tmp_path: Path) -> None:
    folder = small_run(tmp_path, 2)
    facts = runs.read_facts(folder)
    checked = hosted.call(CheckGraph(GRAPH, facts, TrainSpec()), WAIT)
    assert isinstance(checked, GraphChecked)
    assert checked.facts.ready
    assert checked.facts.loss == "sparse_categorical_crossentropy"
    ended = hosted.call(Train(str(folder)), WAIT)
    assert isinstance(ended, RunEnded)
    assert (ended.reason, ended.epochs) == ("finished", 2)
    started = ear.next(RunStarted)
    assert (started.run, started.steps_per_epoch, started.device) == (folder.name, 188, "cpu")
    assert ear.next(Batches, lambda m: m.samples_per_second > 0)  # not told by the first call
    assert ear.next(EpochEnded).logs.keys() == {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    scored = hosted.call(Evaluate(str(folder)), WAIT)
    assert isinstance(scored, Evaluated)
    assert scored.metrics["accuracy"] > 0.6
    answer = hosted.call(Predict(str(folder), {"x": np.zeros((1, 2), np.float32)}), WAIT)
    assert isinstance(answer, Predicted)
    assert answer.y.sum() == pytest.approx(1, abs=1e-5)


def test_a_run_is_paused_asked_stopped_and_alone(hosted: EngineClient, ear: Ear, tmp_path: Path) -> None:
    folder = small_run(tmp_path, 100_000)
    answered = Ear()
    hosted.ask(Train(str(folder)), answered)
    ear.next(Batches)
    busy = hosted.call(Train(str(small_run(tmp_path / "other", 1))), WAIT)
    assert isinstance(busy, Failed)
    assert "Another run" in busy.what
    live = hosted.call(Predict(str(folder), {"x": np.zeros((1, 2), np.float32)}), WAIT)
    assert isinstance(live, Predicted)
    assert not (folder / CHECKPOINT).exists()  # so these were the weights of the moment
    assert isinstance(hosted.call(Control(folder.name, "pause"), WAIT), RunStateChanged)
    ear.state("paused", RunStateChanged)
    assert isinstance(hosted.call(Control(folder.name, "resume"), WAIT), RunStateChanged)
    ear.state("running", RunStateChanged)
    measured = hosted.call(Forecast(GRAPH, runs.read_facts(folder), TrainSpec()), WAIT)
    assert isinstance(measured, Failed)  # not beside a run
    assert isinstance(hosted.call(Adjust(folder.name, learning_rate=0.01, epochs=200_000), WAIT), RunStateChanged)
    assert "→ 0.01" in ear.next(RunAdjusted).text
    assert ear.next(RunAdjusted).epochs == 200_000
    unknown = hosted.call(Control(folder.name, "dance"), WAIT)
    assert isinstance(unknown, Failed)
    stopping = hosted.call(Control(folder.name, "stop"), WAIT)
    assert isinstance(stopping, RunStateChanged)
    assert stopping.state == "stopping"
    assert answered.next(RunEnded).reason == "stopped"
    for message in (Control(folder.name, "stop"), Adjust(folder.name, epochs=3)):
        gone = hosted.call(message, WAIT)
        assert isinstance(gone, Failed)
        assert "not training" in gone.what
    assert isinstance(hosted.call(Forecast(GRAPH, runs.read_facts(folder), TrainSpec()), WAIT), Forecasted)


def test_what_cannot_be_done_fails_in_plain_words(hosted: EngineClient, tmp_path: Path) -> None:
    for message in (
        Train(str(tmp_path / "nowhere")),
        Predict(str(tmp_path / "nowhere"), {}),
        Evaluate(str(tmp_path / "nowhere")),
        Export(str(tmp_path / "nowhere"), "keras", str(tmp_path / "out.keras")),
        InspectModel(str(tmp_path / "nowhere.keras")),
    ):
        answer = hosted.call(message, WAIT)
        assert isinstance(answer, Failed), message
        assert answer.what
        assert not answer.detail, answer.detail


def test_only_the_newest_check_is_answered(hosted: EngineClient, tmp_path: Path) -> None:
    facts = runs.read_facts(small_run(tmp_path, 1))
    old, new = Ear(), Ear()
    for _ in range(20):
        hosted.ask(CheckGraph(GRAPH, facts, TrainSpec()), old)
    hosted.ask(CheckGraph(Graph(), facts, TrainSpec()), new)
    assert not new.next(GraphChecked).facts.ready
    assert old._heard.qsize() <= 1


@pytest.mark.slow
def test_the_child_trains_is_killed_goes_on_and_ends_in_order(child: EngineClient, ear: Ear, tmp_path: Path) -> None:
    learns_the_line(child, ear, tmp_path / "line")
    whole, killed = small_run(tmp_path, 6), small_run(tmp_path, 6)
    assert isinstance(child.call(Train(str(whole)), WAIT), RunEnded)

    answered = Ear()
    child.ask(Train(str(killed)), answered)
    ear.next(RunStarted, lambda m: m.run == killed.name)
    ear.next(Batches, lambda b: b.step > 0)
    child.call(Control(killed.name, "pause"), WAIT)  # writes a checkpoint in the middle of an epoch
    ear.state("paused", RunStateChanged)
    child.call(Control(killed.name, "resume"), WAIT)
    ear.next(Batches)
    os.kill(child.pid, signal.SIGKILL)
    failed = answered.next(Failed)
    assert "ended unexpectedly" in failed.what
    assert "killed" in failed.what
    assert runs.read_run(killed).interrupted
    ear.state("dead")
    ready = ear.next(Ready)
    assert {"tensorflow", "keras", "python"} <= ready.versions.keys()
    assert ready.devices[0].name == "cpu"
    ear.state("ready")
    ended = child.call(Train(str(killed), resume=True), WAIT)
    assert isinstance(ended, RunEnded)
    assert (ended.reason, ended.epochs) == ("finished", 6)
    for a, b in zip(load_weights(whole, "last"), load_weights(killed, "last"), strict=True):
        np.testing.assert_array_equal(a, b)

    running = small_run(tmp_path / "running", 100_000)
    child.ask(Train(str(running)), Ear())
    ear.next(EpochEnded, lambda e: e.run == running.name)
    child.stop()
    ear.state("stopped")
    assert runs.read_run(running).interrupted  # it was saved and can be resumed
    assert (running / CHECKPOINT).exists()
    assert "ERROR" not in log_file().read_text()


def learns_the_line(child: EngineClient, ear: Ear, folder: Path) -> None:
    """It learns the six points, answers, tells how it is, and gives way to what a person looks at."""
    folder = make_run(folder, chain(("Dense", {"units": 1})), TrainSpec(optimizer="SGD", epochs=500), {"train": line()})
    ended = child.call(Train(str(folder)), WAIT)
    assert isinstance(ended, RunEnded)
    assert ended.reason == "finished"
    answer = child.call(Predict(str(folder), {"x": np.array([[10]], np.float32)}), WAIT)
    assert isinstance(answer, Predicted)
    assert answer.y[0, 0] == pytest.approx(19, abs=0.1)
    assert ear.next(Vitals).memory > 100_000_000
    if hasattr(os, "getpriority"):
        assert os.getpriority(os.PRIO_PROCESS, child.pid) >= NICE


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="asks the process table")
def test_the_child_dies_with_its_parent() -> None:
    script = (
        "import os, time\n"
        "from workbench.link.client import EngineClient, EngineState\n"
        "from workbench.link.spawn import ChildProcess\n"
        "import queue\n"
        "heard = queue.SimpleQueue()\n"
        "client = EngineClient(ChildProcess)\n"
        "client.listen(heard.put)\n"
        "client.start()\n"
        "heard.get()\n"
        "print(client.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=WAIT)
    pid = int(done.stdout)
    over = threading.Event()
    for _ in range(200):
        if not _alive(pid):
            return
        over.wait(0.1)
    raise AssertionError("the engine outlived its parent")


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
