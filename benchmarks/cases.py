"""The trainings that are measured: nets, data of the usual sizes (random: speed does not depend on what is in it), and
run folders made of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Graph, Node, Project, TrainSpec, Wire
from workbench.core.runs import create_run

Layers = tuple[tuple[str, Mapping[str, Any]], ...]

DENSE: Layers = (
    ("Flatten", {}),
    ("Dense", {"units": 128, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
TABLE: Layers = (
    ("Dense", {"units": 64, "activation": "relu"}),
    ("Dense", {"units": 32, "activation": "relu"}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
CNN: Layers = (
    ("Conv2D", {"filters": 16, "kernel_size": [3, 3], "activation": "relu"}),
    ("MaxPooling2D", {}),
    ("Conv2D", {"filters": 32, "kernel_size": [3, 3], "activation": "relu"}),
    ("MaxPooling2D", {}),
    ("Flatten", {}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
SLOW: Layers = (
    ("Conv2D", {"filters": 48, "kernel_size": [3, 3], "activation": "relu"}),
    ("Conv2D", {"filters": 48, "kernel_size": [3, 3], "activation": "relu"}),
    ("MaxPooling2D", {}),
    ("Conv2D", {"filters": 64, "kernel_size": [3, 3], "activation": "relu"}),
    ("Flatten", {}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)


@dataclass(frozen=True)
class Case:
    """shape: of one row; three numbers are a picture in bytes, one is a table row. classes: of the target."""

    name: str
    shape: tuple[int, ...]
    rows: int
    classes: int
    layers: Layers
    batch_size: int
    epochs: int

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """x as it is prepared (uint8 pictures, float32 tables) and y int32, the same on every call."""
        rng = np.random.default_rng(0)
        y = rng.integers(0, self.classes, self.rows).astype(np.int32)
        if len(self.shape) == 3:
            return rng.integers(0, 256, (self.rows, *self.shape), np.uint8), y
        return rng.standard_normal((self.rows, *self.shape), np.float32), y

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return -(-self.rows // self.batch_size)


TRAININGS = (
    Case("dense 784-128-10, 54,000 pictures, batch 32", (28, 28, 1), 54_000, 10, DENSE, 32, 5),
    Case("dense 784-128-10, 54,000 pictures, batch 128", (28, 28, 1), 54_000, 10, DENSE, 128, 5),
    Case("table 100,000 x 30, batch 32", (30,), 100_000, 3, TABLE, 32, 5),
    Case("table 100,000 x 30, batch 256", (30,), 100_000, 3, TABLE, 256, 5),
    Case("small CNN, 12,000 pictures, batch 32", (28, 28, 1), 12_000, 10, CNN, 32, 3),
)


def make_run(home: Path, case: Case, parts: Mapping[str, int] | None = None, **train: Any) -> Path:
    """A run folder of a case under `home`; its arrays are written once.

    Args:
        parts: rows of "train", "validation" and "test", each the first of the case's; all for training when None.
        train: settings beside batch size and epochs.
    """
    image = len(case.shape) == 3
    scale = 1 / 255 if image else 1.0
    given = InputFacts("x", "image" if image else "table", case.shape, "uint8" if image else "float32", scale)
    target = TargetFacts("y", "classification", tuple(str(i) for i in range(case.classes)))
    rows = {"train": case.rows, "validation": 0, "test": 0} | dict(parts or {})
    facts = DataFacts("images" if image else "table", (given,), target, rows)
    prepared = home / "prepared"
    if not prepared.exists():
        prepared.mkdir(parents=True)
        x, y = case.arrays()
        for part, count in rows.items():
            np.save(prepared / f"{part}.x.npy", x[:count])
            np.save(prepared / f"{part}.y.npy", y[:count])
            np.save(prepared / f"{part}.rows.npy", np.arange(count))
        (prepared / "meta.json").write_text("{}")
    settings = TrainSpec(**{"batch_size": case.batch_size, "epochs": case.epochs, **train})
    return create_run(home / "runs", Project(graph=graph(case.layers), train=settings), facts, {}, prepared)


def graph(layers: Layers) -> Graph:
    """Input, the layers in a row, Output."""
    nodes = [Node("in", "Input", "given", {"binding": "x"})]
    nodes += [Node(f"n{i}", kind, f"{kind.lower()}_{i}", params) for i, (kind, params) in enumerate(layers)]
    nodes.append(Node("out", "Output", "output"))
    return Graph(tuple(nodes), tuple(Wire(a.id, b.id) for a, b in itertools.pairwise(nodes)))
