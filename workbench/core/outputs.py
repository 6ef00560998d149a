"""Several targets: what each Output says of its own, and answers of several outputs as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .facts import DataFacts, TargetFacts
from .project import Graph, Node, TrainSpec
from .wiring import output_bindings

if TYPE_CHECKING:
    import numpy as np


def outputs_in_order(graph: Graph, data: DataFacts) -> tuple[tuple[Node, TargetFacts], ...]:
    """Each target with the Output that predicts it, in the order of the targets; those without one are left out."""
    bound = output_bindings(graph, data)
    of = {name: graph.node(i) for i, name in reversed(bound.items())}
    return tuple((of[t.name], t) for t in data.targets if t.name in of)


def own_train(node: Node, train: TrainSpec, several: bool) -> TrainSpec:
    """The training settings with the loss and metrics of one output: of several, each has its own at its Output."""
    if not several:
        return train
    metrics = node.params.get("metrics") or ("auto",)
    named = (metrics,) if isinstance(metrics, str) else tuple(str(m) for m in metrics)
    params = node.params.get("loss_params") or {}
    return replace(train, loss=str(node.params.get("loss") or "auto"), loss_params=params, metrics=named)


def loss_weight(node: Node) -> float:
    """What the loss of that Output counts in the sum."""
    value = node.params.get("loss_weight", 1.0)
    return float(value) if isinstance(value, (int, float)) else 1.0


def side_by_side(targets: Sequence[TargetFacts], outputs: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """What the outputs say, in the order of the targets, as one float32 array (n, numbers of all).

    outputs: (n, units) each. Of several, one unit for two classes becomes the probability of either, so that every
    target has a known number of columns; a single output stays as it is.
    """
    import numpy as np

    flat = [np.asarray(y, np.float32).reshape(len(y), -1) for y in outputs]
    if len(flat) == 1:
        return flat[0]
    pieces = [
        np.concatenate([1.0 - y, y], axis=1) if y.shape[1] == 1 and t.task == "classification" else y
        for t, y in zip(targets, flat, strict=True)
    ]
    return np.concatenate(pieces, axis=1).astype(np.float32)
