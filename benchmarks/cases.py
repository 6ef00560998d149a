"""The trainings that are measured: nets, data of the usual sizes (random rows of classes that can be learned, as a run
that learns nothing is looked into), and run folders made of them."""

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


FEATURES = 30  # of a row, that its class depends on


@dataclass(frozen=True)
class Case:
    """shape: of one row; three numbers are a picture in bytes, one is a table row. classes: of the target; 0 for the
    number 2x - 1, learned by plain gradient descent. wanted: how many times faster than plain `fit` it has to be.
    words: a row is not numbers but so many different ones, counted from 0."""

    name: str
    shape: tuple[int, ...]
    rows: int
    classes: int
    layers: Layers
    batch_size: int
    epochs: int
    wanted: float = 1.0
    words: int = 0

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """x as it is prepared (uint8 pictures, float32 tables) and y int32 or float32 (n, 1); always the same."""
        rng = np.random.default_rng(0)
        if not self.classes:
            x = np.arange(-1.0, self.rows - 1.0, dtype=np.float32)[:, None]
            return x, 2 * x - 1
        if self.words:
            x = rng.integers(0, self.words, (self.rows, *self.shape), np.int32)
        elif len(self.shape) == 3:
            x = rng.integers(0, 256, (self.rows, *self.shape), np.uint8)
        else:
            x = rng.standard_normal((self.rows, *self.shape), np.float32)
        seen = x.reshape(self.rows, -1)[:, :FEATURES].astype(np.float32) - np.float32(x.mean())
        y = (seen @ rng.standard_normal((seen.shape[1], self.classes), np.float32)).argmax(axis=1)
        return x, y.astype(np.int32)

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return -(-self.rows // self.batch_size)


# The epochs a person would train: no case is so short that starting it is all there is to measure.
TRAININGS = (
    Case("dense 784-128-10, 54,000 pictures, batch 32", (28, 28, 1), 54_000, 10, DENSE, 32, 10, 6.0),
    Case("dense 784-128-10, 54,000 pictures, batch 128", (28, 28, 1), 54_000, 10, DENSE, 128, 10, 4.0),
    Case("table 1,000,000 x 30, batch 256", (30,), 1_000_000, 3, TABLE, 256, 5, 9.0),
    Case("table 100,000 x 30, batch 32", (30,), 100_000, 3, TABLE, 32, 20, 30.0),
    Case("small CNN, 12,000 pictures, batch 32", (28, 28, 1), 12_000, 10, CNN, 32, 5, 1.4),
    Case("small CNN, 12,000 pictures, batch 128", (28, 28, 1), 12_000, 10, CNN, 128, 5, 1.2),
    Case("six pairs, 500 epochs", (1,), 6, 0, (("Dense", {"units": 1}),), 6, 500, 10.0),
)
ANSWERED = TRAININGS[4]  # asked row by row


def make_run(home: Path, case: Case, parts: Mapping[str, int] | None = None, **train: Any) -> Path:
    """A run folder of a case under `home`; its arrays are written once.

    Args:
        parts: rows of "train", "validation" and "test", each the first of the case's; all for training when None.
        train: settings beside batch size and epochs.
    """
    image = len(case.shape) == 3
    scale = 1 / 255 if image else 1.0
    stored = "uint8" if image else "int32" if case.words else "float32"
    given = InputFacts("x", "image" if image else "table", case.shape, stored, scale)
    classes = tuple(str(i) for i in range(case.classes))
    target = TargetFacts("y", "classification" if classes else "regression", classes)
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
    optimizer = "Adam" if classes else "SGD"
    settings = TrainSpec(
        **{"batch_size": case.batch_size, "epochs": case.epochs, "optimizer": optimizer, **train},
    )
    return create_run(home / "runs", Project(graph=graph(case.layers), train=settings), facts, {}, prepared)


def graph(layers: Layers, binding: str = "x") -> Graph:
    """Input, the layers in a row, Output."""
    nodes = [Node("in", "Input", "given", {"binding": binding})]
    nodes += [Node(f"n{i}", kind, f"{kind.lower()}_{i}", params) for i, (kind, params) in enumerate(layers)]
    nodes.append(Node("out", "Output", "output"))
    return Graph(tuple(nodes), tuple(Wire(a.id, b.id) for a, b in itertools.pairwise(nodes)))
