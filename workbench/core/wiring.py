"""Questions about the wires of a layer graph, and small changes of it; no Keras, no judgement."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from .catalog import load_catalog
from .facts import DataFacts
from .project import Graph, Node, Wire
from .sharing import changed_nodes, hand_over

# ---- questions -----------------------------------------------------------------------------------------------


def incoming(graph: Graph, node_id: str) -> list[Wire]:
    """The wires into a node, by port."""
    return list(graph.into(node_id))


def outgoing(graph: Graph, node_id: str) -> list[Wire]:
    """The wires out of a node."""
    return list(graph.out_of(node_id))


def descendants(graph: Graph, node_id: str) -> frozenset[str]:
    """Everything that can be reached from a node, without the node itself unless it lies on a circle."""
    return _reached(node_id, lambda i: [w.target for w in graph.out_of(i)])


def ancestors(graph: Graph, node_id: str) -> frozenset[str]:
    """Everything a node's value depends on, without the node itself unless it lies on a circle."""
    return _reached(node_id, lambda i: [w.source for w in graph.into(i)])


def creates_cycle(graph: Graph, source: str, target: str) -> bool:
    """Whether a wire from source to target would close a circle."""
    return source == target or source in descendants(graph, target)


def topological_order(graph: Graph) -> list[str] | None:
    """Node ids, each after all that feed it, otherwise in the graph's own order; None when there is a circle."""
    order = partial_order(graph)
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
        return f"{end.name} takes {count(most, 'input')} only."
    return ""


def input_bindings(graph: Graph, data: DataFacts) -> dict[str, str]:
    """{name of each Input node: name of the data input it gives}. An unbound one takes the only input there is."""
    names = [i.name for i in data.inputs]
    only = names[0] if len(names) == 1 else ""
    return {n.name: str(n.params.get("binding") or only) for n in graph.nodes if n.kind == "Input"}


def output_bindings(graph: Graph, data: DataFacts) -> dict[str, str]:
    """{id of each Output node: name of the target it predicts}. An unbound one takes the first target that no other
    has, "" when there is none left."""
    outputs = [n for n in graph.nodes if n.kind == "Output"]
    bound = {n.id: str(n.params.get("target") or "") for n in outputs}
    free = iter([t.name for t in data.targets if t.name not in bound.values()])
    return {i: name or next(free, "") for i, name in bound.items()}


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


def _reached(start: str, neighbours: Callable[[str], list[str]]) -> frozenset[str]:
    seen: set[str] = set()
    waiting = deque(neighbours(start))
    while waiting:
        node = waiting.popleft()
        if node not in seen:
            seen.add(node)
            waiting.extend(neighbours(node))
    return frozenset(seen)


def partial_order(graph: Graph) -> list[str]:
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


# ---- the end of the graph ------------------------------------------------------------------------------------


def last_layer(graph: Graph, end: str = "") -> Node | None:
    """The node wired to the Output of that id, "" the first; None when there is none or several."""
    for node in graph.nodes:
        if node.kind == "Output" and end in ("", node.id):
            return before(graph, node.id)
    return None


def before(graph: Graph, node_id: str) -> Node | None:
    """The only node that feeds this one; None when there are none or several."""
    feeding = incoming(graph, node_id)
    return graph.node(feeding[0].source) if len(feeding) == 1 else None


_PASSING = {"Identity", "Dropout", "Flatten", "Reshape", "ActivityRegularization", "GaussianNoise", "Permute"}
_ACTIVATING = {"Softmax": "softmax", "ReLU": "relu", "LeakyReLU": "leaky_relu", "ELU": "elu", "PReLU": "leaky_relu"}


def output_activation(graph: Graph, end: str = "") -> str | None:
    """Keras' name of the function the output has gone through; None when it cannot be told. end: as `last_layer`."""
    node = last_layer(graph, end)
    while node is not None and node.kind in _PASSING:
        node = before(graph, node.id)
    if node is None:
        return None
    if node.kind in _ACTIVATING:
        return _ACTIVATING[node.kind]
    if node.kind == "Input":
        return "linear"
    entry = load_catalog().layer(node.kind)
    spec = entry.field("activation") if entry else None
    if spec is None:
        return None
    return str(node.params.get("activation", spec.default) or "linear")


def closing_dense(graph: Graph, end: str = "") -> Node | None:
    """The Dense the answer comes from, seen through what only passes its values on. end: as `last_layer`."""
    node = last_layer(graph, end)
    while node is not None and (node.kind in _ACTIVATING or node.kind in ("Activation", "Dropout", "Identity")):
        node = before(graph, node.id)
    return node if node is not None and node.kind == "Dense" else None


# ---- small changes -------------------------------------------------------------------------------------------


def with_params(graph: Graph, node_id: str, **params: object) -> Graph:
    """The graph with some params of a node set."""
    return changed(graph, node_id, lambda n: replace(n, params={**n.params, **params}))


def without(graph: Graph, node_id: str) -> Graph:
    """The graph without a node and its wires."""
    left = replace(
        graph,
        nodes=tuple(n for n in graph.nodes if n.id != node_id),
        wires=tuple(w for w in graph.wires if node_id not in (w.source, w.target)),
    )
    return hand_over(left)


def bridged(graph: Graph, node: Node) -> Graph:
    """The graph without a node of one input; what fed it feeds what followed."""
    source = incoming(graph, node.id)[0].source
    wires = tuple(replace(w, source=source) if w.source == node.id else w for w in graph.wires if w.target != node.id)
    return hand_over(replace(graph, nodes=tuple(n for n in graph.nodes if n.id != node.id), wires=wires))


def wired(graph: Graph, source: str, target: str, port: int = 0) -> Graph:
    """The graph with one more wire."""
    return replace(graph, wires=(*graph.wires, Wire(source, target, port)))


def changed(graph: Graph, node_id: str, change: Callable[[Node], Node]) -> Graph:
    """The graph with one node changed; what that changes of a shared layer changes it at all its places."""
    return changed_nodes(graph, lambda n: change(n) if n.id == node_id else n)


def unused_id(graph: Graph, stem: str) -> str:
    """An id no node has; the same graph always gives the same one."""
    taken = {n.id for n in graph.nodes} | {n.name for n in graph.nodes}
    if stem not in taken:
        return stem
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def dead_ends(graph: Graph, but: str = "") -> list[Node]:
    """Nodes whose result nobody uses, in topological order, those on a wire after those on none."""
    order = {i: at for at, i in enumerate(partial_order(graph))}
    sources, targets = {w.source for w in graph.wires}, {w.target for w in graph.wires}
    loose = [n for n in graph.nodes if n.id not in sources and n.kind != "Output" and n.id in order and n.id != but]
    return sorted(loose, key=lambda n: (n.id in targets or n.kind == "Input", order[n.id]))


def count(number: int, word: str) -> str:
    told = ("no", "one", "two", "three")[number] if number < 4 else f"{number:,}"
    return f"{told} {word}{'' if number == 1 else 's'}"
