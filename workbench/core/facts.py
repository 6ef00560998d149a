"""What was found out about the data and the graph: the facts decisions are made from. Plain, small, JSON-able."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .project import Graph, Json, TrainSpec


@dataclass(frozen=True)
class InputFacts:
    """One input tensor of the model as prepared on disk.

    wide: columns of a table that come as they are although their values lie far from 0 to 1. words: of a text, how
        many different numbers stand for its words; 0 is padding, 1 any word that is not known.

    shape: without the batch dimension. dtype: "float32", "uint8" or "int32". scale, offset: what the feed and every
    export compute on it before the first layer: x * scale + offset (in float32).
    """

    name: str
    kind: str  # "table" | "image" | "sequence" (steps, channels) | "text" (words)
    shape: tuple[int, ...]
    dtype: str = "float32"
    scale: float = 1.0
    offset: float = 0.0
    wide: tuple[str, ...] = ()
    words: int = 0


@dataclass(frozen=True)
class TargetFacts:
    """What is predicted.

    task: "classification" (y is int32 class indices, shape (n,)), "regression" (y is float32, shape (n, 1)) or
        "reconstruction" (the input of this name is what is to be rebuilt; y is float32, shape (n, 0)).
    classes: class names in the order of the indices; empty for regression.
    scale, offset: a regression answer in the person's units is y * scale + offset.
    class_weights: what a row of each class counts in the loss, 1 on average over the training rows; empty: all alike.
    shape: of one row of the input that is rebuilt, and bounds: the lowest and the highest number in it, as the model
        sees the training rows; both empty for the other tasks.
    """

    name: str
    task: str
    classes: tuple[str, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    class_weights: tuple[float, ...] = ()
    shape: tuple[int, ...] = ()
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True)
class DataFacts:
    """Shapes and counts of the prepared data.

    more: further targets of a table, each of which has an Output of its own. weight: the column that says what each row
    counts in the loss, or "".
    """

    kind: str  # "table" | "images" | "sequences"
    inputs: tuple[InputFacts, ...]
    target: TargetFacts | None
    rows: dict[str, int] = field(default_factory=dict)  # {"train": n, "validation": n, "test": n}
    weight: str = ""
    more: tuple[TargetFacts, ...] = ()

    @property
    def targets(self) -> tuple[TargetFacts, ...]:
        """All that is predicted, in order: of several, a column of y each."""
        return ((self.target,) if self.target is not None else ()) + self.more


@dataclass(frozen=True)
class Repair:
    """A mended graph, offered as one ordinary undoable edit.

    train: the training settings whose loss and metrics go with it; None: they stay as they are.
    base: the graph that it mends, where that may have been edited since; None: the one at hand.
    unweighed: classes whose typed weight goes with it.
    """

    title: str
    graph: Graph
    train: TrainSpec | None = None
    base: Graph | None = None
    unweighed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something wrong (severity "error": cannot train), worth knowing ("warning"), or a thought ("advice").

    node: id of the node it is shown on; "" when it concerns the whole graph or the training settings.
    setting: the training setting it concerns ("loss", "batch_size", ...), or "".
    code: what kind of advice it is; "" for errors and warnings.
    """

    severity: str
    message: str
    node: str = ""
    setting: str = ""
    repairs: tuple[Repair, ...] = ()
    code: str = ""

    @property
    def key(self) -> str:
        """By which the graph remembers that the person waved this advice away."""
        return f"{self.code}:{self.node}"


@dataclass(frozen=True)
class NodeFacts:
    """What Keras says of one node: output shape with the batch dimension as None, and parameter counts.

    macs: multiplications for one row; None when a length is open. memory: bytes of its output for one row; None
    likewise.
    """

    shape: tuple[int | None, ...] | None = None
    parameters: int = 0
    trainable: int = 0
    macs: int | None = None
    memory: int | None = None


@dataclass(frozen=True)
class Objective:
    """What one output learns: resolved Keras names.

    node, name: id and name of the Output. target: name of what it predicts. units: numbers it gives a row.
    loss_weight: what its loss counts in the sum. metric_params: changed arguments of the metrics, by their names here.
    """

    node: str
    name: str
    target: str
    units: int
    loss: str
    metrics: tuple[str, ...] = ()
    loss_params: Mapping[str, Json] = field(default_factory=dict)
    loss_weight: float = 1.0
    metric_params: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphFacts:
    """What Keras says of the whole graph. `loss` and `metrics` are the resolved Keras names of the one output; of
    several they are those of the first target's, and `outputs` has all.

    macs, memory: multiplications and bytes of all outputs for one row, over the nodes the Output needs; None when one
    of them is open. training_memory: bytes that training takes at the batch size chosen: weights, gradients, moments
    of the optimizer, and the outputs of all layers forward and back; a lower bound of what the machine needs.
    advice: what is not wrong but might be better, as problems of severity "advice".
    """

    nodes: dict[str, NodeFacts] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    parameters: int = 0
    trainable: int = 0
    loss: str = ""
    metrics: tuple[str, ...] = ()
    macs: int | None = None
    memory: int | None = None
    training_memory: int = 0
    advice: tuple[Problem, ...] = ()
    outputs: tuple[Objective, ...] = ()

    @property
    def ready(self) -> bool:
        """True when nothing keeps the graph from being trained."""
        return not any(p.severity == "error" for p in self.problems)
