"""An opened model beside the data at hand: what its Inputs are bound to, and which pictures it was made for."""

from __future__ import annotations

from dataclasses import replace

from ..facts import DataFacts
from ..names import output_name
from ..project import Graph, ImageFeature, Node


def fit_ends(graph: Graph, facts: DataFacts | None) -> Graph:
    """The graph with each Input bound to the prepared input of its name, or of its shape where only one has it, and,
    where there are several targets, each Output to the one it is called after."""
    if facts is None:
        return graph
    free = {i.name: tuple(i.shape) for i in facts.inputs}
    bound: dict[str, str] = {}
    inputs = [n for n in graph.nodes if n.kind == "Input"]
    for node in inputs:
        if node.name in free and len(inputs) > 1:
            bound[node.id] = node.name
            del free[node.name]
    for node in inputs:
        alike = [name for name, shape in free.items() if node.id not in bound and shape == shape_of(node)]
        if len(alike) == 1:
            bound[node.id] = alike[0]
            del free[alike[0]]
    nodes = [replace(n, params={**n.params, "binding": bound[n.id]}) if n.id in bound else n for n in graph.nodes]
    named = {output_name(t.name, ()): t.name for t in facts.targets} if facts.more else {}
    nodes = [
        replace(n, params={**n.params, "target": named[n.name]})
        if n.kind == "Output" and n.name in named and "target" not in n.params
        else n
        for n in nodes
    ]
    return replace(graph, nodes=tuple(nodes))


def shape_of(node: Node) -> tuple[int | None, ...] | None:
    """What an Input of a model file was made for, without the batch; None when that is not known."""
    shape = node.params.get("shape")
    return tuple(shape) if isinstance(shape, (list, tuple)) else None


def wanted_picture(graph: Graph, now: ImageFeature | None = None) -> ImageFeature | None:
    """How pictures have to be prepared for the model, all else as it is now; None when it takes no pictures of a fixed
    size."""
    shapes = [shape_of(n) for n in graph.nodes if n.kind == "Input"]
    if len(shapes) != 1 or shapes[0] is None or len(shapes[0]) != 3:
        return None
    height, width, channels = shapes[0]
    if height is None or width is None or channels not in (1, 3):
        return None
    return replace(now or ImageFeature(), height=height, width=width, channels=channels)
