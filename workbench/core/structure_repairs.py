"""Repairs of a layer graph that follow from its wires and arguments alone, each a mended graph."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .facts import DataFacts, Repair
from .project import Graph, Node, Wire
from .wiring import changed, dead_ends, descendants, incoming, outgoing, unused_id, wired, without


def cut_wire(graph: Graph, wire: Wire) -> tuple[Repair, ...]:
    title = f"Remove the wire from {graph.node(wire.source).name} to {graph.node(wire.target).name}"
    return (Repair(title, unwired(graph, wire)),)


def unwired(graph: Graph, wire: Wire) -> Graph:
    """The graph without that one wire; of two alike the other stays."""
    return replace(graph, wires=tuple(w for w in graph.wires if w is not wire))


def reset_repair(graph: Graph, node: Node, name: str, start: object) -> tuple[Repair, ...]:
    rest = {k: v for k, v in node.params.items() if k != name}
    if isinstance(start, dict) and name in start:
        rest[name] = start[name]
    return (Repair(f"Reset {name}", changed(graph, node.id, partial(replace, params=rest))),)


def input_repair(graph: Graph, data: DataFacts | None) -> tuple[Repair, ...]:
    targets = {w.target for w in graph.wires}
    first = next((n for n in graph.nodes if n.id not in targets and n.kind != "Output"), None)
    name = unused_id(graph, "input")
    params = {"binding": data.inputs[0].name} if data and data.inputs else {}
    top = first or min(graph.nodes, key=lambda n: n.y)
    node = Node(name, "Input", name, params, top.x, top.y - 104)
    grown = replace(graph, nodes=(node, *graph.nodes))
    return (Repair("Add an Input", wired(grown, name, first.id) if first else grown),)


def output_repair(graph: Graph) -> tuple[Repair, ...]:
    ends = dead_ends(graph)
    last = ends[-1] if ends else None
    name = unused_id(graph, "output")
    low = last or max(graph.nodes, key=lambda n: n.y)
    node = Node(name, "Output", name, {}, low.x, low.y + 104)
    grown = replace(graph, nodes=(*graph.nodes, node))
    return (
        (Repair(f"Add an Output after {last.name}", wired(grown, last.id, name)),)
        if last
        else (Repair("Add an Output", grown),)
    )


def feed_repair(graph: Graph, node: Node, port: int) -> tuple[Repair, ...]:
    below = descendants(graph, node.id)
    feeding = {w.source for w in incoming(graph, node.id)}
    ends = [n for n in dead_ends(graph, node.id) if n.id not in below and n.id not in feeding]
    return tuple(Repair(f"Wire {n.name} to it", wired(graph, n.id, node.id, port)) for n in ends[-2:][::-1])


def bridge_repair(graph: Graph, node: Node) -> tuple[Repair, ...]:
    feeding = incoming(graph, node.id)
    outs = outgoing(graph, node.id)
    joined = tuple(replace(w, source=feeding[0].source) for w in outs)
    rest = without(graph, node.id)
    return (Repair(f"Remove {node.name}", replace(rest, wires=(*rest.wires, *joined))),)
