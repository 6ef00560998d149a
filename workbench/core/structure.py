"""What can be said of a layer graph without Keras: its order, its circles, its missing and surplus wires."""

from __future__ import annotations

import keyword
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from .catalog import Catalog, load_catalog, value_problem
from .facts import DataFacts, Problem, Repair
from .project import Graph, Node, Wire

# ---- questions -----------------------------------------------------------------------------------------------


def incoming(graph: Graph, node_id: str) -> list[Wire]:
    """The wires into a node, by port."""
    return sorted((w for w in graph.wires if w.target == node_id), key=lambda w: w.port)


def outgoing(graph: Graph, node_id: str) -> list[Wire]:
    """The wires out of a node."""
    return [w for w in graph.wires if w.source == node_id]


def descendants(graph: Graph, node_id: str) -> frozenset[str]:
    """Everything that can be reached from a node, without the node itself unless it lies on a circle."""
    return _reached(node_id, _neighbours((w.source, w.target) for w in graph.wires))


def ancestors(graph: Graph, node_id: str) -> frozenset[str]:
    """Everything a node's value depends on, without the node itself unless it lies on a circle."""
    return _reached(node_id, _neighbours((w.target, w.source) for w in graph.wires))


def creates_cycle(graph: Graph, source: str, target: str) -> bool:
    """Whether a wire from source to target would close a circle."""
    return source == target or source in descendants(graph, target)


def topological_order(graph: Graph) -> list[str] | None:
    """Node ids, each after all that feed it, otherwise in the graph's own order; None when there is a circle."""
    order = _order(graph)
    return order if len(order) == len(graph.nodes) else None


def can_connect(graph: Graph, source: str, target: str, port: int = 0) -> str:
    """Why there can be no wire from source to that input of target, as one sentence; "" when there can."""
    start, end = graph.node(source), graph.node(target)
    if start.kind == "Output":
        return "An Output is the end: nothing comes out of it."
    if end.kind == "Input":
        return "An Input is the beginning: nothing goes into it."
    if source == target:
        return f"{start.name} cannot feed itself."
    if creates_cycle(graph, source, target):
        return f"{end.name} already feeds {start.name}: the wire would close a circle."
    entry = load_catalog().layer(end.kind)
    most = entry.most_inputs if entry else 1
    if most and port >= most:
        return f"{end.name} takes {_count(most, 'input')} only."
    return ""


def input_bindings(graph: Graph, data: DataFacts) -> dict[str, str]:
    """{name of each Input node: name of the data input it gives}. An unbound one takes the only input there is."""
    names = [i.name for i in data.inputs]
    only = names[0] if len(names) == 1 else ""
    return {n.name: str(n.params.get("binding") or only) for n in graph.nodes if n.kind == "Input"}


def used_nodes(graph: Graph) -> frozenset[str]:
    """Ids of the nodes the Outputs depend on, Outputs included; the others are left out of the model."""
    found: set[str] = set()
    for node in graph.nodes:
        if node.kind == "Output":
            found |= {node.id, *ancestors(graph, node.id)}
    return frozenset(found)


def _neighbours(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for a, b in pairs:
        found.setdefault(a, []).append(b)
    return found


def _reached(start: str, neighbours: dict[str, list[str]]) -> frozenset[str]:
    seen: set[str] = set()
    waiting = deque(neighbours.get(start, ()))
    while waiting:
        node = waiting.popleft()
        if node not in seen:
            seen.add(node)
            waiting.extend(neighbours.get(node, ()))
    return frozenset(seen)


def _order(graph: Graph) -> list[str]:
    """As much of a topological order as there is: nodes on or behind a circle are missing."""
    ids = [n.id for n in graph.nodes]
    known = set(ids)
    waits = Counter(w.target for w in graph.wires if w.source in known)
    follows = _neighbours((w.source, w.target) for w in graph.wires)
    ready = deque(i for i in ids if not waits[i])
    order: list[str] = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for target in follows.get(node, ()):
            waits[target] -= 1
            if not waits[target] and target in known:
                ready.append(target)
    return order


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
        _cycle_problems,
        _port_problems,
        _loose_problems,
    )
    found = [*_end_problems(graph, data)]
    for check in checks:
        found += check(graph, known)
    return tuple(found)


def _end_problems(graph: Graph, data: DataFacts | None) -> Iterator[Problem]:
    inputs = [n for n in graph.nodes if n.kind == "Input"]
    outputs = [n for n in graph.nodes if n.kind == "Output"]
    if not inputs:
        yield Problem("error", "The model has no Input: nothing gives it the data.", repairs=_input_repair(graph, data))
    if not outputs:
        yield Problem(
            "error", "The model has no Output: nothing says what its answer is.", repairs=_output_repair(graph)
        )
    for extra in outputs[1:]:
        yield Problem(
            "error",
            f"Only one Output can be trained so far, and {outputs[0].name} is there already.",
            extra.id,
            repairs=(Repair(f"Remove {extra.name}", without(graph, extra.id)),),
        )
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
        rest = replace(graph, wires=tuple(w for w in graph.wires if w is not wire))
        if start is None or end is None:
            lost = end or start
            yield Problem(
                "error",
                "A wire hangs on a block that is no longer there.",
                lost.id if lost else "",
                repairs=(Repair("Remove the wire", rest),),
            )
            continue
        remove = (Repair(f"Remove the wire from {start.name} to {end.name}", rest),)
        key = (wire.source, wire.target, wire.port)
        if key in seen:
            yield Problem(
                "error", f"{start.name} is wired to the same input of {end.name} twice.", end.id, repairs=remove
            )
            continue
        seen.add(key)
        ports[wire.target, wire.port] += 1
        if start.kind == "Output":
            yield Problem("error", f"Nothing comes out of {start.name}: it is an end.", start.id, repairs=remove)
        if end.kind == "Input":
            yield Problem("error", f"Nothing goes into {end.name}: it gives the data.", end.id, repairs=remove)
            continue
        entry = catalog.layer(end.kind)
        most = entry.most_inputs if entry else 0
        if most and wire.port >= most:
            yield Problem("error", f"{end.name} takes {_count(most, 'input')} only.", end.id, repairs=remove)
        elif ports[wire.target, wire.port] == 2:
            what = f"its {entry.port_name(wire.port)} input" if entry and entry.ports else "its input"
            yield Problem("error", f"{end.name} gets two wires at {what}.", end.id, repairs=remove)


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
        if entry is None:
            yield Problem("error", f"There is no layer called {node.kind} in this version.", node.id)
            continue
        if not entry.usable:
            yield Problem("error", f"{node.kind} cannot be used yet: {entry.reason}", node.id)
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
                    "error", f"{node.name}: {text}", node.id, repairs=_reset_repair(graph, node, spec.name, entry.start)
                )
        for name in node.params:
            if entry.field(name) is None:
                rest = {k: v for k, v in node.params.items() if k != name}
                mended = _changed(graph, node.id, partial(replace, params=rest))
                yield Problem(
                    "error",
                    f"{node.kind} has no argument called {name}.",
                    node.id,
                    repairs=(Repair(f"Remove {name}", mended),),
                )


def _reset_repair(graph: Graph, node: Node, name: str, start: object) -> tuple[Repair, ...]:
    rest = {k: v for k, v in node.params.items() if k != name}
    if isinstance(start, dict) and name in start:
        rest[name] = start[name]
    return (Repair(f"Reset {name}", _changed(graph, node.id, partial(replace, params=rest))),)


def _cycle_problems(graph: Graph, catalog: Catalog) -> Iterator[Problem]:
    ordered = set(_order(graph))
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
                f"Nothing is wired to {node.name}: it needs {_count(entry.inputs, 'input')}.",
                node.id,
                repairs=_feed_repair(graph, node, 0),
            )
        elif entry.many and len(ports) < entry.inputs:
            yield Problem(
                "error",
                f"{node.name} brings several inputs together but gets only one.",
                node.id,
                repairs=(*_feed_repair(graph, node, max(ports) + 1), *_bridge_repair(graph, node)),
            )
        else:
            for port in range(entry.inputs):
                if port not in ports and not entry.many:
                    yield Problem(
                        "error",
                        f"{node.name} has nothing at its {entry.port_name(port)}.",
                        node.id,
                        repairs=_feed_repair(graph, node, port),
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


# ---- mended graphs -------------------------------------------------------------------------------------------


def with_params(graph: Graph, node_id: str, **params: object) -> Graph:
    """The graph with some params of a node set."""
    return _changed(graph, node_id, lambda n: replace(n, params={**n.params, **params}))


def without(graph: Graph, node_id: str) -> Graph:
    """The graph without a node and its wires."""
    return replace(
        graph,
        nodes=tuple(n for n in graph.nodes if n.id != node_id),
        wires=tuple(w for w in graph.wires if node_id not in (w.source, w.target)),
    )


def wired(graph: Graph, source: str, target: str, port: int = 0) -> Graph:
    """The graph with one more wire."""
    return replace(graph, wires=(*graph.wires, Wire(source, target, port)))


def _changed(graph: Graph, node_id: str, change: Callable[[Node], Node]) -> Graph:
    return replace(graph, nodes=tuple(change(n) if n.id == node_id else n for n in graph.nodes))


def unused_id(graph: Graph, stem: str) -> str:
    """An id no node has; the same graph always gives the same one."""
    taken = {n.id for n in graph.nodes} | {n.name for n in graph.nodes}
    if stem not in taken:
        return stem
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _input_repair(graph: Graph, data: DataFacts | None) -> tuple[Repair, ...]:
    targets = {w.target for w in graph.wires}
    first = next((n for n in graph.nodes if n.id not in targets and n.kind != "Output"), None)
    name = unused_id(graph, "input")
    params = {"binding": data.inputs[0].name} if data and data.inputs else {}
    top = first or min(graph.nodes, key=lambda n: n.y)
    node = Node(name, "Input", name, params, top.x, top.y - 104)
    grown = replace(graph, nodes=(node, *graph.nodes))
    return (Repair("Add an Input", wired(grown, name, first.id) if first else grown),)


def _output_repair(graph: Graph) -> tuple[Repair, ...]:
    ends = _dead_ends(graph)
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


def _dead_ends(graph: Graph, but: str = "") -> list[Node]:
    """Nodes whose result nobody uses, in topological order, those on a wire after those on none."""
    order = {i: at for at, i in enumerate(_order(graph))}
    sources, targets = {w.source for w in graph.wires}, {w.target for w in graph.wires}
    loose = [n for n in graph.nodes if n.id not in sources and n.kind != "Output" and n.id in order and n.id != but]
    return sorted(loose, key=lambda n: (n.id in targets or n.kind == "Input", order[n.id]))


def _feed_repair(graph: Graph, node: Node, port: int) -> tuple[Repair, ...]:
    below = descendants(graph, node.id)
    feeding = {w.source for w in incoming(graph, node.id)}
    ends = [n for n in _dead_ends(graph, node.id) if n.id not in below and n.id not in feeding]
    return tuple(Repair(f"Wire {n.name} to it", wired(graph, n.id, node.id, port)) for n in ends[-2:][::-1])


def _bridge_repair(graph: Graph, node: Node) -> tuple[Repair, ...]:
    feeding = incoming(graph, node.id)
    outs = outgoing(graph, node.id)
    joined = tuple(replace(w, source=feeding[0].source) for w in outs)
    rest = without(graph, node.id)
    return (Repair(f"Remove {node.name}", replace(rest, wires=(*rest.wires, *joined))),)


def _count(number: int, word: str) -> str:
    return f"{('no', 'one', 'two', 'three')[number] if number < 4 else number} {word}{'' if number == 1 else 's'}"
