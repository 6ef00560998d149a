"""The same losses on one device, on two of one machine, and on two machines. Each in a process of its own: TensorFlow
parts its devices and joins a cluster only before it computes anything."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.facts import TargetFacts
from workbench.core.project import Node, TrainSpec, Wire
from workbench.engine import devices, sweep, trainer
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl

from .little_runs import blobs, chain, line, make_run

ABC = ("a", "b", "c")
GRAPH = chain(
    ("Dense", {"units": 8, "activation": "relu", "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.01}}}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
WORKER = """
import sys
from dataclasses import replace
from pathlib import Path
from workbench.core import runs
from workbench.engine import devices, probe, report, trainer
from workbench.engine.control import RunControl
from workbench.engine.job import Sitting
from workbench.link.messages import Adjust, Batches, EpochEnded, Probed, RunStarted, RunStateChanged
folder, how = Path(sys.argv[1]), sys.argv[2]
devices.quiet()
if how == "mirrored":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    devices.setup()
    strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
    devices.placed = lambda name: ("", "2 CPUs", strategy)
    probe.SHARE = 1e9  # looks inside, which change nothing
    looks = []
    def heard(m):
        if isinstance(m, Probed):
            looks.append(m)
    half = trainer.train(folder, heard, RunControl(), Sitting(epochs=1))
    assert looks and looks[0].layers == ("dense_0", "dense_1") and (looks[0].gradients > 0).all(), looks
    assert looks[0].units.tolist() == [8] and looks[0].predicted.sum() == looks[0].actual.sum() == 61, looks
    del looks[:]
    runs.update_run(folder, mode="compiled loop, XLA")  # as if on one device until here: not on two
    ended = trainer.train(folder, heard, RunControl(), Sitting(resume=True, epochs=3))
    assert looks[-1].epoch == 2, looks
    wild = trainer.train(Path(sys.argv[3]), lambda m: None, RunControl())
    assert wild.cause == "nan" and ", layer dense" in wild.where, wild
    for more in sys.argv[4:]:  # in memory, then read from the files
        trainer.train(Path(more), lambda m: None, RunControl(), Sitting(epochs=1))
        trainer.train(Path(more), lambda m: None, RunControl(), Sitting(True, 2, streamed=True))
else:
    control, paused, looks = RunControl(), [], []
    probe.SHARE = 1e9
    def heard(m):
        if how == "first" and isinstance(m, RunStarted):
            control.adjust(Adjust(folder.name, epochs=3))  # of two
        if how == "second" and isinstance(m, EpochEnded) and not paused:
            control.pause()
        if isinstance(m, RunStateChanged) and m.state == "paused":
            paused.append(m)
            control.resume()
        if isinstance(m, Probed):
            looks.append(m.layers)
    ended = trainer.train(folder, heard, control, Sitting(epochs=2))
    assert len(paused) == 1, paused
    assert looks[-1:] == ([("dense_0", "dense_1")] if how == "first" else []), looks  # it is the first that looks
    wild = trainer.train(Path(sys.argv[3]), lambda m: None, RunControl())
    assert wild.cause == "nan" and (", layer dense" in wild.where) == (how == "first"), wild
    report.FLUSH_SECONDS = 0.0
    for more in sys.argv[4:]:
        control = RunControl()
        def told(m):
            if how == "second" and isinstance(m, Batches) and m.epoch:
                control.end("stop")
        stopped = trainer.train(Path(more), told, control, Sitting(epochs=100_000))
        losses = []
        def went_on(m):
            if isinstance(m, EpochEnded):
                losses.append(m.logs["loss"])
        again = trainer.train(Path(more), went_on, RunControl(), Sitting(resume=True, epochs=stopped.epochs + 2))
        assert (stopped.reason, again.reason) == ("stopped", "finished"), (stopped, again)
        ended = replace(ended, what=f"{ended.what} {losses}")
print(ended.reason, ended.what)
"""


def spread_run(folder: Path) -> Path:
    """201 rows in batches of 31: six whole ones, which two replicas cannot halve, and one of 15; each with a weight."""
    parts = {"train": blobs(201), "validation": blobs(61, 1), "test": blobs(41, 2)}
    rng = np.random.default_rng(0)
    weights = {name: rng.choice([0.0, 0.5, 1.0, 3.0], len(y)).astype(np.float32) for name, (_, y) in parts.items()}
    settings = TrainSpec(epochs=3, seed=3, batch_size=31, optimizer_params={"learning_rate": 0.02})
    return make_run(folder, GRAPH, settings, parts, classes=ABC, weights=weights)


def free_ports(count: int) -> list[int]:
    """Below those that the system gives to whoever asks: nobody takes them before the machines do."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(15_000, 30_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found += [port] if port not in found else []
    return found


def several_run(folder: Path) -> Path:
    """The same batches, with a class and a number to predict."""
    parts = {}
    for name, (x, kind) in {"train": blobs(201), "validation": blobs(61, 1)}.items():
        parts[name] = (x, np.stack([kind, x[:, 0] + x[:, 1]], 1).astype(np.float32))
    hidden, head = GRAPH.nodes[1], Node("n", "Dense", "number", {"units": 1})
    nodes = (*GRAPH.nodes, head, Node("size", "Output", "size", {"target": "size"}))
    graph = replace(GRAPH, nodes=nodes, wires=(*GRAPH.wires, Wire(hidden.id, "n"), Wire("n", "size")))
    targets = (
        TargetFacts("y", "classification", ABC, class_weights=(0.5, 1.0, 2.0)),
        TargetFacts("size", "regression"),
    )
    settings = TrainSpec(epochs=2, seed=3, batch_size=31)
    return make_run(folder, graph, settings, parts, targets=targets)


def wild_run(folder: Path) -> Path:
    """One whose loss is soon no number."""
    graph = chain(("Dense", {"units": 4}), ("Dense", {"units": 4}), ("Dense", {"units": 1}))
    settings = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": 3.0}, epochs=100, batch_size=4)
    return make_run(folder, graph, settings, {"train": line()})


def begun(folder: Path, how: str, cluster: str = "", more: Sequence[Path] = ()) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **({"TF_CONFIG": cluster} if cluster else {})}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), how, *map(str, more)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run on one device, an epoch at a time."""
    devices.setup()
    folder = spread_run(tmp_path_factory.mktemp("alone"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "suits", lambda *_: False)
        trainer.train(folder, lambda message: None, RunControl())
    return folder


def check_equal(folder: Path, alone: Path) -> None:
    one, other = runs.read_history(alone), runs.read_history(folder)
    np.testing.assert_allclose(other.batches["loss"], one.batches["loss"], atol=1e-4)
    for name in one.epochs.names:
        np.testing.assert_allclose(other.epochs[name], one.epochs[name], atol=1e-4)
    for a, b in zip(load_weights(alone), load_weights(folder), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.slow
def test_two_devices_give_the_losses_of_one_and_go_on_after_an_end(
    tmp_path: Path, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with several outputs, each of whose figures is weighed by the rows of unequal shares, held and streamed; and
    of a loss that runs away the layer is named."""
    folder, several = spread_run(tmp_path), several_run(tmp_path / "several")
    said, _ = begun(folder, "mirrored", more=(wild_run(tmp_path / "wild"), several)).communicate(timeout=200)
    assert said.strip() == "finished"
    check_equal(folder, alone)
    one = several_run(tmp_path / "several")
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    trainer.train(one, lambda message: None, RunControl())
    assert "val_size_loss" in runs.read_history(one).epochs.names
    check_equal(several, one)
    assert "streamed" in runs.read_run(several).mode


@pytest.mark.slow
def test_two_machines_give_the_losses_of_one(tmp_path: Path, alone: Path) -> None:
    """The second pauses both, the first changes the epochs of both, and the test part is scored by both. One loses its
    numbers, and the first names the layer. Another run is ended from the second between the steps of an epoch and its
    validation, and goes on: both tell the same loss of that epoch."""
    folders = [spread_run(tmp_path) for _ in range(2)]
    machines = [f"127.0.0.1:{port}" for port in free_ports(2)]
    told = [
        json.dumps({"cluster": {"worker": machines}, "task": {"type": "worker", "index": index}}) for index in (0, 1)
    ]
    hows, ended = ("first", "second"), [spread_run(tmp_path) for _ in range(2)]
    wild = [wild_run(tmp_path / how) for how in hows]
    processes = [
        begun(f, how, said, more) for f, how, said, *more in zip(folders, hows, told, wild, ended, strict=True)
    ]
    first, second = [process.communicate(timeout=200)[0].strip() for process in processes]
    assert first == second
    assert first.startswith("finished  [")
    check_equal(folders[0], alone)
    one, record = runs.read_run(alone), runs.read_run(folders[0])
    assert record.device == "2 machines"
    assert record.scores == pytest.approx(one.scores, abs=1e-4)
    assert "test.accuracy" in record.scores
    assert f"Ended from {machines[1]} (worker 1)" in [text for _, text in runs.read_history(ended[0]).events]
    assert runs.read_run(ended[0]).usable
