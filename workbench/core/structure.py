"""What is wrong with a layer graph that can be seen without Keras: circles, missing and surplus wires, arguments."""

from __future__ import annotations

import keyword
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from .allowed import value_problem
from .catalog import Catalog, load_catalog
from .facts import DataFacts, Problem, Repair
from .project import Graph, Node, Wire
from .sharing_problems import sharing_problems
from .structure_outputs import output_problems
from .structure_repairs import (
    bridge_repair,
    cut_wire,
    feed_repair,
    input_repair,
    reset_repair,
    unwired,
)
from .wiring import (
    ancestors,
    can_connect,
    changed,
    count,
    creates_cycle,
    descendants,
    incoming,
    input_bindings,
    outgoing,
    partial_order,
    topological_order,
    unused_id,
    used_nodes,
    wired,
    with_params,
    without,
)
from .word_numbers import word_problems

__all__ = [
    "ancestors",
    "can_connect",
    "creates_cycle",
    "descendants",
    "incoming",
    "input_bindings",
    "outgoing",
    "structure_problems",
    "topological_order",
    "unused_id",
    "used_nodes",
    "wired",
    "with_params",
    "without",
]

# ---- problems ------------------------------------------------------------------------------------------------


def structure_problems(
    graph: Graph, catalog: Catalog | None = None, data: DataFacts | None = None
) -> tuple[Problem, ...]:
    """Everything wrong with nodes, wires and arguments that needs no Keras to see, each on its node.

    data: when known, Inputs are checked against it and a missing one is offered bound to it.
    """
    if not graph.nodes:
        return (Problem("error", "The model is empty: choose a template or add an Input, layers and an Output."),)
    known = catalog or load_catalog()
    checks: tuple[Callable[[Graph, Catalog], Iterator[Problem]], ...] = (
        _wire_problems,
        _name_problems,
        _kind_problems,
        sharing_problems,
        _cycle_problems,
        _port_problems,
        _loose_problems,
    )
    found = [*_end_problems(graph, data)]
    for check in checks:
        found += check(graph, known)
    if data is not None:
        found += word_problems(graph, data)
    return tuple(found)


def _end_problems(graph: Graph, data: DataFacts | None) -> Iterator[Problem]:
    inputs = [n for n in graph.nodes if n.kind == "Input"]
    if not inputs:
        yield Problem("error", "The model has no Input: nothing gives it the data.", repairs=input_repair(graph, data))
    yield from output_problems(graph, data)
    if data is None:
        return
    names = [i.name for i in data.inputs]
    for node in inputs:
        binding = input_bindings(graph, data)[node.name]
        if binding in names:
            continue
        text = f"there is no data called {binding}" if binding else "choose which data it gives"
        yield Problem(
            "error",
            f"{node.name}: {text}; there is {', '.join(names)}.",
            node.id,
            repairs=tuple(Repair(f"Give {n}", with_params(graph, node.id, binding=n)) for n in names),
        )


def _wire_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    nodes = {n.id: n for n in graph.nodes}
    seen: set[tuple[str, str, int]] = set()
    ports: Counter[tuple[str, int]] = Counter()
    for wire in graph.wires:
        start, end = nodes.get(wire.source), nodes.get(wire.target)
        if start is None or end is None:
            lost = end or start
            yield Problem(
                "error",
                "A wire hangs on a block that is no longer there.",
                lost.id if lost else "",
                repairs=(Repair("Remove the wire", unwired(graph, wire)),),
            )
            continue
        key = (wire.source, wire.target, wire.port)
        if key in seen:
            yield Problem(
                "error",
                f"{start.name} is wired to the same input of {end.name} twice.",
                end.id,
                repairs=cut_wire(graph, wire),
            )
            continue
        seen.add(key)
        ports[wire.target, wire.port] += 1
        if start.kind == "Output":
            yield Problem(
                "error",
                f"Nothing comes out of {start.name}: it is an end.",
                start.id,
                repairs=cut_wire(graph, wire),
            )
        if end.kind == "Input":
            yield Problem(
                "error",
                f"Nothing goes into {end.name}: it gives the data.",
                end.id,
                repairs=cut_wire(graph, wire),
            )
            continue
        entry = catalog.layer(end.kind)
        most = entry.most_inputs if entry else 0
        if most and wire.port >= most:
            yield Problem(
                "error",
                f"{end.name} takes {count(most, 'input')} only.",
                end.id,
                repairs=cut_wire(graph, wire),
            )
        elif ports[wire.target, wire.port] == 2:
            what = f"its {entry.port_name(wire.port)} input" if entry and entry.ports else "its input"
            yield Problem(
                "error",
                f"{end.name} gets two wires at {what}.",
                end.id,
                repairs=cut_wire(graph, wire),
            )


def _name_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    taken: set[str] = set()
    names = {n.name for n in graph.nodes}
    for node in graph.nodes:
        proper = node.name.isidentifier() and node.name.isascii() and not keyword.iskeyword(node.name)
        if proper and node.name not in taken:
            taken.add(node.name)
            continue
        number = 1
        while (better := f"{node.kind.lower()}_{number}") in names:
            number += 1
        names.add(better)
        named = replace(graph, nodes=tuple(replace(n, name=better) if n is node else n for n in graph.nodes))
        text = (
            f"Two layers are called {node.name}."
            if proper
            else f"A layer cannot be called {node.name!r}: letters, digits and _ only, and no word of Python."
        )
        yield Problem("error", text, node.id, repairs=(Repair(f"Call it {better}", named),))


def _kind_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    for node in graph.nodes:
        entry = catalog.layer(node.kind)
        if entry is None or not entry.usable:
            text = f"{node.kind} cannot be used yet: {entry.reason}" if entry else ""
            text = node.note or text or f"There is no layer called {node.kind} in this version."
            yield Problem("error", text, node.id, repairs=_instead_repair(graph, node))
            continue
        if node.kind == "Input":
            continue
        for spec in entry.fields:
            if spec.name not in node.params:
                if spec.required:
                    repairs: tuple[Repair, ...] = ()
                    if spec.name in entry.start:
                        value = entry.start[spec.name]
                        mended = with_params(graph, node.id, **{spec.name: value})
                        repairs = (Repair(f"Set {spec.name} to {value}", mended),)
                    yield Problem("error", f"{node.name} needs a value for {spec.name}.", node.id, repairs=repairs)
            elif text := value_problem(spec, node.params[spec.name], catalog):
                yield Problem(
                    "error", f"{node.name}: {text}", node.id, repairs=reset_repair(graph, node, spec.name, entry.start)
                )
        for name in node.params:
            if entry.field(name) is None and name not in entry.kept:
                rest = {k: v for k, v in node.params.items() if k != name}
                mended = changed(graph, node.id, partial(replace, params=rest))
                yield Problem(
                    "error",
                    f"{node.kind} has no argument called {name}.",
                    node.id,
                    repairs=(Repair(f"Remove {name}", mended),),
                )


def _instead_repair(graph: Graph, node: Node) -> tuple[Repair, ...]:
    """For a block that cannot be made: one that hands on what comes in, or none."""
    feeding = incoming(graph, node.id)
    if len(feeding) != 1:
        return (Repair(f"Remove {node.name}", without(graph, node.id)),)
    passing = replace(node, kind="Identity", params={}, note="", weights=None)
    return (
        Repair(f"Let {node.name} hand on what comes in (Identity)", changed(graph, node.id, lambda _: passing)),
        *bridge_repair(graph, node),
    )


def _cycle_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    ordered = set(partial_order(graph))
    left = [n.id for n in graph.nodes if n.id not in ordered]
    names = {n.id: n.name for n in graph.nodes}
    done: set[str] = set()
    for node in left:
        below = descendants(graph, node)
        if node in done or node not in below:
            continue
        circle = _circle(graph, node)
        done |= {i for i in below if node in descendants(graph, i)}
        last = circle[-1]
        wires = tuple(w for w in graph.wires if (w.source, w.target) != (last, node))
        path = " → ".join(names[i] for i in (*circle, node))
        yield Problem(
            "error",
            f"These layers feed each other in a circle: {path}.",
            node,
            repairs=(Repair(f"Remove the wire from {names[last]} to {names[node]}", replace(graph, wires=wires)),),
        )


def _circle(graph: Graph, start: str) -> list[str]:
    """The shortest way from start back to itself, without the return."""
    cause: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for wire in outgoing(graph, node):
            if wire.target == start:
                way = [node]
                while way[-1] != start:
                    way.append(cause[way[-1]])
                return way[::-1]
            if wire.target not in cause:
                cause[wire.target] = node
                waiting.append(wire.target)
    return [start]


def _port_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    touched = {i for w in graph.wires for i in (w.source, w.target)}
    for node in graph.nodes:
        entry = catalog.layer(node.kind)
        if entry is None or node.kind == "Input" or (node.id not in touched and node.kind != "Output"):
            continue
        ports = {w.port for w in incoming(graph, node.id)}
        if not ports:
            yield Problem(
                "error",
                f"Nothing is wired to {node.name}: it needs {count(entry.inputs, 'input')}.",
                node.id,
                repairs=feed_repair(graph, node, 0),
            )
        elif entry.many and len(ports) < entry.inputs:
            yield Problem(
                "error",
                f"{node.name} brings several inputs together but gets only one.",
                node.id,
                repairs=(*feed_repair(graph, node, max(ports) + 1), *bridge_repair(graph, node)),
            )
        else:
            for port in range(entry.inputs):
                if port not in ports and not entry.many:
                    yield Problem(
                        "error",
                        f"{node.name} has nothing at its {entry.port_name(port)}.",
                        node.id,
                        repairs=feed_repair(graph, node, port),
                    )


def _loose_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    """Blocks that do not reach the Output are left out of the model: worth knowing, no hindrance."""
    outputs = [n for n in graph.nodes if n.kind == "Output"]
    if not outputs or len(graph.nodes) == 1:
        return
    used = used_nodes(graph)
    sources, targets = {w.source for w in graph.wires}, {w.target for w in graph.wires}
    for node in graph.nodes:
        if node.id in used or node.kind == "Output":
            continue
        remove = Repair(f"Remove {node.name}", without(graph, node.id))
        if node.id not in sources and node.id not in targets:
            repairs: tuple[Repair, ...] = (remove,)
            feeding = incoming(graph, outputs[0].id)
            if node.kind != "Input" and len(feeding) == 1:
                put = (*(w for w in graph.wires if w is not feeding[0]), Wire(feeding[0].source, node.id))
                wires = (*put, replace(feeding[0], source=node.id))
                repairs = (Repair(f"Put it before {outputs[0].name}", replace(graph, wires=wires)), remove)
            elif node.kind != "Input" and not feeding:
                repairs = (Repair(f"Wire it to {outputs[0].name}", wired(graph, node.id, outputs[0].id)), remove)
            yield Problem("warning", f"{node.name} is not wired to anything and is left out.", node.id, repairs=repairs)
        elif node.id not in sources:
            repairs = (remove,)
            if not incoming(graph, outputs[0].id):
                repairs = (Repair(f"Wire it to {outputs[0].name}", wired(graph, node.id, outputs[0].id)), remove)
            yield Problem("warning", f"{node.name} leads nowhere: its result is not used.", node.id, repairs=repairs)
