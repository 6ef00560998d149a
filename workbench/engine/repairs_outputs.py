"""Ideas for an Output that does not fit its target, see `repairs`: another end, or another closing layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from workbench.core.advice import NOISE
from workbench.core.facts import DataFacts, GraphFacts, Repair, TargetFacts
from workbench.core.inserting import put_before
from workbench.core.outputs import outputs_in_order
from workbench.core.project import Graph, Json, Node
from workbench.core.template_parts import closing_layer
from workbench.core.wiring import (
    ancestors,
    bridged,
    changed,
    closing_dense,
    descendants,
    incoming,
    with_params,
)
from workbench.core.wording import plural

from .graph_check import output_shape

_LARGE = 16384  # numbers a Dense had better not see all of: pool them instead of flattening


def exchanged(end: Node, target: TargetFacts, graph: Graph, data: DataFacts) -> Iterator[Repair]:
    """Two Outputs that predict each other's target."""
    for other, its in outputs_in_order(graph, data):
        if other.id != end.id:
            title = f'Let {end.name} predict "{its.name}" and {other.name} predict "{target.name}"'
            mended = with_params(graph, end.id, target=its.name)
            yield Repair(title, with_params(mended, other.id, target=target.name))


def output_ideas(last: Node, end: Node, facts: GraphFacts, graph: Graph, target: TargetFacts) -> Iterator[Repair]:
    shape = output_shape(facts, end.id)
    if shape is None:
        return
    if last.kind == "Input" or not facts.trainable:
        flatten = "" if len(shape) == 2 else "Flatten and "
        yield Repair(f"Add {flatten}{_named(target)}", with_answer(graph, end, target, flat=len(shape) == 2))
        return
    dense = closing_dense(graph, end.id)
    others = (n for n in graph.nodes if n.kind == "Output" and n.id != end.id)
    if dense is not None and any(dense.id in ancestors(graph, other.id) for other in others):
        dense = None  # it serves another answer too
    fitted = graph
    if dense is not None:
        fitted = _fitted(graph, dense, target)
        if len(shape) == 2:
            if last.kind not in NOISE:  # it would act on the answer itself
                yield Repair(f"Make {dense.name} {_named(target)}", fitted)
            if dense.id == last.id or last.kind in NOISE:
                yield Repair(f"Add {_named(target)}", with_answer(graph, end, target, flat=True))
            return
        first = _first_unflat(graph, dense, facts)
        fed = facts.nodes[incoming(graph, first.id)[0].source].shape or ()
        order = ["Flatten", "GlobalAveragePooling2D"] if len(fed) == 4 else ["Flatten", "GlobalAveragePooling1D"]
        if math.prod(s or 1 for s in fed[1:]) > _LARGE:
            order.reverse()
        for start in (graph, fitted):
            also = f" and make {dense.name} {_named(target)}" if start is fitted else ""
            for kind in order:
                yield Repair(f"Put a {kind} before {first.name}{also}", put_before(start, first, kind, {}))
        return
    flatten = "" if len(shape) == 2 else "Flatten and "
    yield Repair(f"Add {flatten}{_named(target)}", with_answer(graph, end, target, flat=len(shape) == 2))
    if len(shape) == 4:
        title = f"Add GlobalAveragePooling2D and {_named(target)}"
        yield Repair(title, with_answer(graph, end, target, flat=False, by="GlobalAveragePooling2D"))


def answer_params(target: TargetFacts) -> dict[str, Json]:
    """Params of a Dense that answers that target: units and activation."""
    return closing_layer(target)[1]


def with_answer(graph: Graph, end: Node, target: TargetFacts, *, flat: bool, by: str = "Flatten") -> Graph:
    """The graph with a Dense that fits the target put before that Output, flattened first unless it is flat."""
    mended = graph if flat else put_before(graph, end, by, {})
    return put_before(mended, end, "Dense", answer_params(target))


def _named(target: TargetFacts) -> str:
    params = answer_params(target)
    return f"a Dense with {plural(params['units'], 'unit')}" + (
        f" and {params['activation']}" if "activation" in params else ""
    )


def _first_unflat(graph: Graph, dense: Node, facts: GraphFacts) -> Node:
    """The first of a chain of dense layers that works on pictures or sequences: the one to flatten before."""
    first = node = dense
    while node.kind in ("Dense", "Dropout", "Activation", "BatchNormalization", "ReLU", "LeakyReLU"):
        fed = incoming(graph, node.id)
        shape = facts.nodes[fed[0].source].shape if len(fed) == 1 and fed[0].source in facts.nodes else None
        if shape is None or len(shape) == 2:
            break
        if node.kind == "Dense":
            first = node
        node = graph.node(fed[0].source)
    return first


def _fitted(graph: Graph, dense: Node, target: TargetFacts) -> Graph:
    """The closing Dense with units and activation of the target; an activation layer behind it gives way."""
    mended = graph
    for follower in [n for n in graph.nodes if n.id in descendants(graph, dense.id)]:
        if follower.kind in ("Activation", "Softmax", "ReLU", "LeakyReLU"):
            mended = bridged(mended, follower)
    wanted = answer_params(target)
    kept = {k: v for k, v in dense.params.items() if k not in ("units", "activation")}
    return changed(mended, dense.id, lambda n: replace(n, params={**wanted, **kept}))
