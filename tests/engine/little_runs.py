"""Small prepared data and run folders for the engine's tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Features, Graph, Node, Project, TrainSpec, Wire

if TYPE_CHECKING:
    from workbench.engine.control import RunControl
    from workbench.link.messages import RunEnded

AS_PROPOSED = Features()
Arrays = tuple[np.ndarray, np.ndarray]


def chain(*layers: tuple[str, dict[str, Any]]) -> Graph:
    """Input, the layers in a row, Output."""
    nodes = [Node("in", "Input", "given", {"binding": "x"})]
    nodes += [Node(f"n{i}", kind, f"{kind.lower()}_{i}", params) for i, (kind, params) in enumerate(layers)]
    nodes.append(Node("out", "Output", "output"))
    wires = tuple(Wire(a.id, b.id) for a, b in itertools.pairwise(nodes))
    return Graph(tuple(nodes), wires)


def prepare(folder: Path, parts: dict[str, Arrays]) -> Path:
    """Files as core.data.prepared writes them."""
    folder.mkdir(parents=True)
    for name, (x, y) in parts.items():
        np.save(folder / f"{name}.x.npy", x)
        np.save(folder / f"{name}.y.npy", y)
        np.save(folder / f"{name}.rows.npy", np.arange(len(y)))
    (folder / "meta.json").write_text("{}")
    return folder


def make_run(
    folder: Path,
    graph: Graph,
    train: TrainSpec,
    parts: dict[str, Arrays],
    *,
    classes: tuple[str, ...] = (),
    scale: float = 1.0,
    features: Features = AS_PROPOSED,
    weights: dict[str, np.ndarray] | None = None,
    targets: tuple[TargetFacts, ...] = (),
) -> Path:
    """A run of that graph on those parts; absent parts are empty. Classification where there are classes. weights: of
    the rows of each part; absent ones have none to weigh. targets: of several, a column of y each."""
    x, y = parts["train"]
    parts = {name: parts.get(name, (x[:0], y[:0])) for name in ("train", "validation", "test")}
    facts = DataFacts(
        "images" if x.ndim > 2 else "table",
        (InputFacts("x", "image" if x.ndim > 2 else "table", x.shape[1:], str(x.dtype), scale),),
        targets[0] if targets else TargetFacts("y", "classification" if classes else "regression", classes),
        {name: len(part[1]) for name, part in parts.items()},
        "w" if weights else "",
        targets[1:],
    )
    prepared = folder / "prepared"
    if not prepared.exists():
        prepare(prepared, parts)
        for name in parts if weights else ():
            np.save(prepared / f"{name}.weights.npy", (weights or {}).get(name, np.zeros(0, np.float32)))
    return runs.create_run(folder / "runs", Project(graph=graph, train=train, features=features), facts, {}, prepared)


def line() -> Arrays:
    """Six points of y = 2x - 1."""
    x = np.array([[-1], [0], [1], [2], [3], [4]], np.float32)
    return x, 2 * x - 1


def blobs(rows: int, seed: int = 0, classes: int = 3) -> Arrays:
    """Points of three overlapping clouds in the plane, float32 (rows, 2) and int32 (rows,)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, rows).astype(np.int32)
    centres = np.array([[0, 2], [2, -1], [-2, -1]], np.float32)
    return (centres[y % 3] + rng.normal(size=(rows, 2))).astype(np.float32), y


def pictures(rows: int, seed: int = 0) -> Arrays:
    """Grey 8 x 8 pictures, brighter on the left or on the right; uint8 and int32 0 or 1."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows).astype(np.int32)
    x = rng.integers(0, 128, (rows, 8, 8, 1))
    x[y == 0, :, :4] += 90
    x[y == 1, :, 4:] += 90
    return x.astype(np.uint8), y


def train_run(folder: Path, emit: Callable[[Any], None], control: RunControl | None = None, **options: Any) -> RunEnded:
    """Train a run to its end. options: what is asked of it (job.Sitting), and what else `trainer.train` takes."""
    from workbench.engine import trainer
    from workbench.engine.control import RunControl
    from workbench.engine.job import Sitting

    asked = {name: options.pop(name) for name in [f.name for f in fields(Sitting)] if name in options}
    return trainer.train(folder, emit, control or RunControl(), Sitting(**asked), **options)


def train(folder: Path, **options: Any) -> list[Any]:
    """What the trainer told of a run that it trained to its end."""
    told: list[Any] = []
    train_run(folder, told.append, **options)
    return told
