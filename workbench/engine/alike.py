"""Whether the machines of a cluster were given the same run. Each prepares the data itself, from its own copy of the
project and the files: one that has another version of them would train another model, or wait for ever for arrays of
another shape. So before anything is built all tell each other what they have, in numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from workbench.core.codec import encode
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts
from workbench.core.project import Project

from . import cluster
from .parts import Part
from .spread import Spread

OWN = ("device", "threads", "tensorboard", "probes", "compiler")
"""Settings that each machine may have for itself."""
LOOKED_AT = 4_000_000
"""Numbers of an array that are looked at; of a larger one, rows in equal distances."""
PROJECTIONS = 3
CLOSE = 1e-3
"""Of the mean size of the numbers: processors and libraries of other versions may differ in the last digits."""


def check(spread: Spread, project: Project, facts: DataFacts, epochs: int, parts: Sequence[Part | None]) -> None:
    """To be called by all machines at the same point; nothing happens on a single one.

    Args:
        epochs: to train, as it was asked for. parts: to train on and to validate with.

    Raises:
        TrainError: a machine has other settings, another model or other data than the first; on all of them.
    """
    if spread.workers == 1:
        return
    said = _said(project, facts, epochs)
    seen = np.concatenate([_seen(part) for part in parts])
    mine = np.concatenate([list(said.values()), seen.ravel()])
    table = np.zeros((spread.workers, len(mine)))
    table[spread.worker] = mine
    table = spread.sum(table)
    first = table[0]
    for number in range(1, spread.workers):
        other = table[number]
        names = [name for at, name in enumerate(said) if first[at] != other[at]]
        ours, theirs = (row[len(said) :].reshape(seen.shape) for row in (first, other))
        if not np.all(np.abs(ours - theirs) <= CLOSE * np.maximum(ours[:, :1], 1e-12)):
            names.append("rows of data")
        if names:
            raise TrainError(
                f"{cluster.machine(number)} was given a run that differs from that of the first machine: "
                f"{', '.join(names[:4])}{' and more' if len(names) > 4 else ''}.",
                where="--cluster",
                remedy="Give all machines the same project, the same data and the same options, and start them again.",
            )


def _said(project: Project, facts: DataFacts, epochs: int) -> dict[str, float]:
    """What must be equal, by its name for people; each a number of 48 bits."""
    settings = replace(project.train, epochs=epochs)
    told = {f.name.replace("_", " "): _number(getattr(settings, f.name)) for f in fields(settings) if f.name not in OWN}
    nodes = [replace(n, x=0.0, y=0.0, group="", note="", weights=None) for n in project.graph.nodes]
    told["model"] = _number([nodes, project.graph.wires])
    told["augmentation"] = _number(project.features.augment)
    told["columns, classes or scaling"] = _number(facts)
    return told


def _number(value: Any) -> float:
    text = json.dumps(_rounded(encode(value)), sort_keys=True, default=str)
    return float(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big"))


def _rounded(value: Any) -> Any:
    """With fewer digits than two machines could disagree on."""
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(v) for v in value]
    return f"{float(value):.6g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _seen(part: Part | None) -> np.ndarray:
    """float64 (3, 1 + PROJECTIONS): of inputs, answers and weights the mean size, then sums in random directions, which
    tell apart other values and another order of the rows."""
    found = np.zeros((3, 1 + PROJECTIONS))
    if part is None:
        return found
    groups: tuple[Sequence[np.ndarray | None], ...]
    groups = ([part.x[name] for name in sorted(part.x)], [part.y], [part.weights])
    for row, arrays in zip(found, groups, strict=True):
        for number, array in enumerate(arrays):
            if array is not None and array.size:
                row += _projected(array, number)
    return found


def _projected(array: np.ndarray, seed: int) -> np.ndarray:
    rows = max(1, min(len(array), LOOKED_AT * len(array) // array.size))
    some = np.linspace(0, len(array) - 1, rows).astype(np.int64)
    flat = np.nan_to_num(np.asarray(array[some], np.float64).reshape(rows, -1))
    draws = np.random.default_rng(seed)
    told = [np.sqrt(np.mean(flat**2))]
    for _ in range(PROJECTIONS):
        across, down = draws.standard_normal(flat.shape[1]), draws.standard_normal(rows)
        told.append(down @ (flat @ across) / np.sqrt(flat.size))
    return np.array(told)
