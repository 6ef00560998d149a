"""Machines of a cluster that were given different runs are told so before anything is built."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Project, TrainSpec
from workbench.engine import alike
from workbench.engine.parts import Part

from .little_runs import blobs, chain

MODEL = chain(("Dense", {"units": 3, "activation": "softmax"}))
PROJECT = Project(graph=MODEL, train=TrainSpec(epochs=3))
X, Y = blobs(300)
TARGET = TargetFacts("y", "classification", ("a", "b", "c"), 0.1, 3.0)
FACTS = DataFacts("table", (InputFacts("x", "table", (2,)),), TARGET, {"train": 300})
GIVEN: dict[str, Any] = {"project": PROJECT, "facts": FACTS, "epochs": 3, "parts": (Part({"x": X}, Y), None)}
MOVED = replace(MODEL, nodes=tuple(replace(n, x=n.x + 40) for n in MODEL.nodes))


class Together:
    """Adds what all machines say, as a collective does."""

    def __init__(self, workers: int) -> None:
        self._met = threading.Barrier(workers, timeout=30)
        self.said: dict[int, np.ndarray] = {}

    def sum(self, worker: int, array: np.ndarray) -> np.ndarray:
        self.said[worker] = array
        self._met.wait()
        return np.sum(list(self.said.values()), axis=0)


@dataclass
class Machine:
    """As `spread.Spread`."""

    worker: int
    workers: int
    together: Together

    def sum(self, array: np.ndarray) -> np.ndarray:
        return self.together.sum(self.worker, array)


def refusals(*others: dict[str, Any]) -> list[str]:
    """What each machine is told, "" where nothing is wrong. others: what differs on the machines after the first."""
    given = [GIVEN, *({**GIVEN, **other} for other in others)]
    together = Together(len(given))

    def one(worker: int) -> str:
        try:
            alike.check(Machine(worker, len(given), together), **given[worker])  # type: ignore[arg-type]
        except TrainError as error:
            return error.what
        return ""

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(one, range(len(given))))


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"parts": (Part({"x": X * np.float32(1 + 1e-6)}, Y), None)},  # another processor's last digits
        {"facts": replace(FACTS, target=replace(TARGET, offset=TARGET.offset * (1 + 1e-15)))},
        {"project": replace(PROJECT, graph=MOVED, train=replace(PROJECT.train, threads=2, device="cpu"))},
    ],
)
def test_machines_with_the_same_run_begin(other: dict[str, Any]) -> None:
    assert refusals(other, {}) == ["", "", ""]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"epochs": 4}, "epochs"),
        ({"project": replace(PROJECT, train=replace(PROJECT.train, batch_size=16))}, "batch size"),
        ({"project": replace(PROJECT, graph=chain(("Dense", {"units": 4})))}, "model"),
        ({"facts": replace(FACTS, inputs=(InputFacts("x", "table", (3,)),))}, "columns"),
        ({"parts": (Part({"x": X[::-1]}, Y), None)}, "rows of data"),
        ({"parts": (Part({"x": X}, np.roll(Y, 1)), None)}, "rows of data"),
        ({"parts": (Part({"x": X}, Y, np.ones(300, np.float32)), None)}, "rows of data"),
        ({"parts": (Part({"x": X}, Y), Part({"x": X[:9]}, Y[:9]))}, "rows of data"),
    ],
)
def test_the_machine_that_differs_is_named_on_all(other: dict[str, Any], named: str) -> None:
    said = refusals({}, other)
    assert len(set(said)) == 1
    assert "worker 2" in said[0]
    assert named in said[0]
