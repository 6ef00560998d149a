"""What is wrong with layers that are used at several places, where no Keras is needed to see it. The verbs never leave
such a graph behind; a file written by hand, or merged from two, may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .catalog import ENDS, Catalog
from .facts import Problem, Repair
from .project import Graph, Node
from .sharing import own_layer


def sharing_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    """Blocks that cannot share a layer as they are meant to."""
    if not any(n.shares for n in graph.nodes):
        return
    nodes = {n.id: n for n in graph.nodes}
    for node in graph.nodes:
        if not node.shares:
            continue
        meant = nodes.get(node.shares)
        if node.kind in ENDS:
            text = f"{node.name} is an end of the model and cannot use a layer."
            yield Problem("error", text, node.id, repairs=own_repair(graph, node, "Let it be an end"))
        elif meant is None:
            text = f"{node.name} uses the layer of a block that is not there."
            yield Problem("error", text, node.id, repairs=own_repair(graph, node))
        elif meant.kind in ENDS:
            text = f"{node.name} cannot use the layer of {meant.name}: that is an end of the model."
            yield Problem("error", text, node.id, repairs=own_repair(graph, node))
        elif meant.shares:
            text = f"{node.name} uses the layer of {meant.name}, which has none of its own."
            yield Problem("error", text, node.id, repairs=(*_straight(graph, node, nodes), *own_repair(graph, node)))


def own_repair(graph: Graph, node: Node, title: str = "") -> tuple[Repair, ...]:
    """The block with a layer of its own."""
    return (Repair(title or f"Give {node.name} its own layer", own_layer(graph, [node.id])),)


def _straight(graph: Graph, node: Node, nodes: dict[str, Node]) -> tuple[Repair, ...]:
    """Where a block points at one that shares itself: at the end of that chain."""
    passed, at = {node.id}, node
    while at.shares and at.shares in nodes and at.shares not in passed:
        at = nodes[at.shares]
        passed.add(at.id)
    if at.shares or at.kind in ENDS or at is node:
        return ()
    straight = tuple(replace(n, shares=at.id) if n.id == node.id else n for n in graph.nodes)
    return (Repair(f"Use the layer of {at.name}", replace(graph, nodes=straight)),)
