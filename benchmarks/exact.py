"""Whether a run is the same to the bit: twice, killed at random moments and resumed, and paused, closed and reopened.

The engine's own process is ended by SIGKILL, also while it starts, compiles or saves. Dropout, batch normalisation, a
penalty and Adam's moments make it hard. There is no rival: Keras' BackupAndRestore loses the place in the epoch.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core import runs
from workbench.link import messages as m
from workbench.link.client import EngineClient
from workbench.link.spawn import ChildProcess

from .cases import Case, make_run
from .common import Result

KILLS = 20
LAYERS = (
    ("Dense", {"units": 64, "activation": "relu", "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.01}}}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
CASE = Case("hard", (30,), 40_000, 3, LAYERS, 32, 100)  # on a fast machine 60 epochs are over after 16 kills


def measure(kills: int = KILLS, case: Case = CASE) -> Result:
    """figure: how many of the three ways ended with other weights than the uninterrupted run; 0 is right."""
    details: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        place = Path(home)
        parts = {"train": case.rows * 3 // 4, "validation": case.rows // 4}
        new: Callable[[], Path] = lambda: make_run(place, case, parts, compiler="off")  # noqa: E731  a name for a call
        whole, again, killed, paused = new(), new(), new(), new()
        for folder in (whole, again):
            with _Engine() as engine:
                engine.finish(folder)
        details["twice"] = same(whole, again)
        details["kills"], details["kills_before_a_checkpoint"] = _kill(killed, kills)
        details["killed_and_resumed"] = same(whole, killed)
        _pause(paused)
        details["paused_closed_reopened"] = same(whole, paused)
        details["epochs"] = runs.read_run(killed).epochs_done
    wrong = sum(not details[name] for name in ("twice", "killed_and_resumed", "paused_closed_reopened"))
    return Result("exact", float(wrong), "ways that ended otherwise", details)


def same(a: Path, b: Path) -> bool:
    """Whether two runs have the same best and last weights, optimizer, metrics and losses, bit for bit."""
    for name in ("best.npz", "checkpoint.npz"):
        with np.load(a / name) as one, np.load(b / name) as other:
            names = [n for n in one.files if n != "meta"]
            if names != [n for n in other.files if n != "meta"]:
                return False
            if not all(np.array_equal(one[n], other[n]) for n in names):
                return False
    first, second = runs.read_history(a), runs.read_history(b)
    return bool(np.array_equal(first.batches["loss"], second.batches["loss"]))


class _Engine:
    """An engine process that can be killed."""

    def __enter__(self) -> _Engine:
        self.client = EngineClient(partial(ChildProcess, give_way=False), restarts=0)
        self._trains = threading.Event()
        self.client.listen(self._heard)
        self.client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop()

    def wait_until_it_trains(self) -> None:
        """Blocks until a run has begun or is over."""
        if not self._trains.wait(120):
            raise RuntimeError("the run does not begin")

    def _heard(self, event: object) -> None:
        if isinstance(event, m.RunStarted):
            self._trains.set()

    def begin(self, folder: Path) -> None:
        """Train or go on; nobody waits."""
        resume = (folder / "checkpoint.npz").is_file()
        self.client.ask(m.Train(str(folder), resume), lambda _answer: None)

    def finish(self, folder: Path) -> None:
        """Train or go on to the end."""
        answer = self.client.call(m.Train(str(folder), (folder / "checkpoint.npz").is_file()), timeout=900)
        if not isinstance(answer, m.RunEnded) or answer.reason != "finished":
            raise RuntimeError(str(answer))


def _kill(folder: Path, kills: int) -> tuple[int, int]:
    """Kill the engine so often while it trains this run, then let it finish. (kills, those before a checkpoint)."""
    chance, early, done = random.Random(0), 0, 0
    for _ in range(kills):
        with _Engine() as engine:
            engine.begin(folder)
            if chance.random() < 0.8:  # else while it still starts, opens or compiles
                engine.wait_until_it_trains()
            time.sleep(chance.uniform(0.0, 4.0))
            if runs.read_run(folder).state == "finished":
                break
            early += not (folder / "checkpoint.npz").is_file()
            if engine.client.pid:
                os.kill(engine.client.pid, signal.SIGKILL)
                done += 1
    with _Engine() as engine:
        if runs.read_run(folder).state != "finished":
            engine.finish(folder)
    return done, early


def _pause(folder: Path) -> None:
    """Pause in the middle, close the engine in order, open another and go on."""
    with _Engine() as engine:
        engine.begin(folder)
        while runs.read_run(folder).state != "running":
            time.sleep(0.05)
        time.sleep(1.5)
        engine.client.call(m.Control(folder.name, "pause"), timeout=60)
        while runs.read_run(folder).state not in ("paused", "finished"):
            time.sleep(0.05)
    with _Engine() as engine:
        engine.finish(folder)
