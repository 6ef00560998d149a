"""The blocks and wires of the canvas, as frozen plain data: part of `Project`, and imported from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .record import Json, Record

FAR = 1e7
"""Pixels: nothing lies farther from the middle of the canvas. A place that is no number, or out of all reach, is one of
a damaged file; what stands there is brought back to the middle, where it can be seen and moved."""


@dataclass(frozen=True)
class StartWeights(Record):
    """Weights a layer starts from instead of random ones.

    file: name of the .npz in the project's "weights" folder. key: the layer's name in it; its arrays are
    "<key>/<path>". kind: class of the layer they were made for. source: name of the file a person opened, to be shown.
    shapes: {path: shape} of the arrays, so that it can be told without the file whether they fit.
    """

    file: str
    key: str
    kind: str
    source: str = ""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Node(Record):
    """One block on the canvas.

    kind: a layer's class name of the catalog ("Dense"), or "Input" / "Output", the two ends bound to the data.
    name: unique in the graph, a Python identifier. params: the changed arguments only, as JSON; what is absent
    keeps Keras' default. x, y: canvas position of the top left corner, in pixels at zoom 1.
    An "Input" has params {"binding": name of a DataFacts input}. An "Output" has one incoming wire and, where there are
    several targets, params {"target": name of the one it predicts, "loss": "auto" or a Keras name, "loss_params": {},
    "loss_weight": 1.0, "metrics": ["auto"], "metric_params": {}}, all optional; of a single one TrainSpec says them.
    group: id of the Group it belongs to; "" none.
    trainable: False keeps its weights as they are in training (frozen). weights: what it starts from; None: as its
    initializers draw them. note: what an import has to say of it, such as why it stands for an unknown layer.
    An "Input" from a model file also has params {"shape": [...]}, without the batch: what the model was made for.
    shares: id of the node whose layer is used here once more; "" for a layer of its own. Never a chain: it points at an
    owner. What belongs to the layer (kind, params, trainable, weights) is then the owner's, see `Graph`.
    """

    id: str
    kind: str
    name: str
    params: Mapping[str, Json] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    group: str = ""
    trainable: bool = True
    weights: StartWeights | None = None
    note: str = ""
    shares: str = ""

    def __post_init__(self) -> None:
        _onto_the_canvas(self)


@dataclass(frozen=True)
class Wire(Record):
    """From the output of node `source` to input number `port` of node `target` (ids)."""

    source: str
    target: str
    port: int = 0


@dataclass(frozen=True)
class Group(Record):
    """Blocks of the canvas under one name. parent: id of the group it lies in; "" none. folded: drawn as one block.
    colour: number of one of the theme's colours."""

    id: str
    name: str
    parent: str = ""
    folded: bool = False
    colour: int = 0


@dataclass(frozen=True)
class Note(Record):
    """What a person wrote beside the blocks of the canvas; it means nothing to the model. text: plain, with its line
    ends. x, y, width, height: as a Node's place, in pixels at zoom 1. colour: number of one of the theme's colours."""

    id: str
    text: str
    x: float = 0.0
    y: float = 0.0
    width: float = 200.0
    height: float = 96.0
    colour: int = 0

    def __post_init__(self) -> None:
        _onto_the_canvas(self)
        if not (0 < self.width <= FAR and 0 < self.height <= FAR):
            object.__setattr__(self, "width", 200.0)
            object.__setattr__(self, "height", 96.0)


@dataclass(frozen=True)
class Graph(Record):
    """Blocks and wires.

    A block that shares a layer always holds what its owner holds of it: whoever reads a node need not know of sharing,
    and what is written into such a block alone is lost (core.sharing writes it to the owner).
    hushed: keys of advice (core.facts.Problem.key) that the person does not want to see.
    """

    nodes: tuple[Node, ...] = ()
    wires: tuple[Wire, ...] = ()
    groups: tuple[Group, ...] = ()
    hushed: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if any(node.shares for node in self.nodes):
            object.__setattr__(self, "nodes", _following(self.nodes))

    def node(self, node_id: str) -> Node:
        """The node of that id. KeyError when there is none."""
        return self._by_id[node_id]

    def group(self, group_id: str) -> Group:
        """The group of that id. KeyError when there is none."""
        return self._group_by_id[group_id]

    def into(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that end at a node, by port."""
        return self._into.get(node_id, ())

    def out_of(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that begin at a node."""
        return self._out_of.get(node_id, ())

    # Looked up for each node of a graph of thousands; a frozen record never has to forget them.

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in reversed(self.nodes)}

    @cached_property
    def _group_by_id(self) -> dict[str, Group]:
        return {group.id: group for group in reversed(self.groups)}

    @cached_property
    def _into(self) -> dict[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {}
        for wire in self.wires:
            found.setdefault(wire.target, []).append(wire)
        return {node: tuple(sorted(wires, key=lambda w: w.port)) for node, wires in found.items()}

    @cached_property
    def _out_of(self) -> dict[str, tuple[Wire, ...]]:
        found: dict[str, list[Wire]] = {}
        for wire in self.wires:
            found.setdefault(wire.source, []).append(wire)
        return {node: tuple(wires) for node, wires in found.items()}


def _onto_the_canvas(item: Node | Note) -> None:
    if not (-FAR <= item.x <= FAR and -FAR <= item.y <= FAR):
        object.__setattr__(item, "x", 0.0)
        object.__setattr__(item, "y", 0.0)


def _following(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Blocks that share a layer, with what their owners hold of it; those without a proper owner as they are."""
    owners = {n.id: n for n in nodes if not n.shares and n.kind not in ("Input", "Output")}
    found: list[Node] = []
    for node in nodes:
        owner = owners.get(node.shares) if node.kind not in ("Input", "Output") else None
        if owner is not None and layer_of(node) != layer_of(owner):
            node = replace(node, **layer_of(owner))
        found.append(node)
    return tuple(found)


def layer_of(node: Node) -> dict[str, Any]:
    """What of a node belongs to its layer, and is the same at all places that share it."""
    return {"kind": node.kind, "params": node.params, "trainable": node.trainable, "weights": node.weights}
