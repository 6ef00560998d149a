"""Putting blocks into a layer graph: which port a wire takes, what makes room, where a copy goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from . import layout
from .catalog import load_catalog
from .folding import drawn_place, steady
from .groups import folded_into, free_group_name, group
from .names import free_name, identifier, unused_name
from .project import Graph, Group, Json, Node, Wire
from .sharing import among_copies
from .wiring import descendants, incoming, outgoing, unused_id


def free_port(graph: Graph, target: str) -> int:
    """The input a further wire to that node goes to: the first free one, or the first when all are taken."""
    node = graph.node(target)
    entry = load_catalog().layer(node.kind)
    most = entry.most_inputs if entry else 1
    taken = {w.port for w in incoming(graph, target)}
    port = next(p for p in range(len(taken) + 1) if p not in taken)
    return port if most == 0 or port < most else 0


def close_ports(graph: Graph, targets: Iterable[str]) -> Graph:
    """The graph with the ports of merging blocks among `targets` numbered 0, 1, 2 without gaps."""
    catalog = load_catalog()
    kinds = {n.id: n.kind for n in graph.nodes}
    numbers: dict[tuple[str, str, int], int] = {}
    for target in set(targets) & kinds.keys():
        entry = catalog.layer(kinds[target])
        if entry is not None and entry.many:
            ordered = sorted(incoming(graph, target), key=lambda w: w.port)
            numbers.update({ends(w): i for i, w in enumerate(ordered)})
    if not numbers:
        return graph
    return replace(graph, wires=tuple(replace(w, port=numbers.get(ends(w), w.port)) for w in graph.wires))


def end_of_chain(graph: Graph) -> str | None:
    """Where a layer goes when nothing is selected: after what feeds the Output, else after the last loose end."""
    for node in graph.nodes:
        if node.kind == "Output":
            feeding = incoming(graph, node.id)
            return feeding[0].source if feeding else None
    sources = {w.source for w in graph.wires}
    loose = [n.id for n in graph.nodes if n.id not in sources]
    return loose[-1] if loose else None


def ends(wire: Wire) -> tuple[str, str, int]:
    return (wire.source, wire.target, wire.port)


def insert(graph: Graph, node: Node, after: str | None, at: tuple[float, float] | None, on_wire: Wire | None) -> Graph:
    takes_input, gives_output = node.kind != "Input", node.kind != "Output"
    if on_wire is not None and on_wire in graph.wires and takes_input and gives_output:
        before, moved = on_wire.source, [on_wire]
    else:
        previous = _feeding(graph, after)
        if previous is None or not takes_input:
            return _placed(graph, node, (), at or _free_place(graph, previous), push=False)
        before = previous
        moved = outgoing(graph, previous) if gives_output else []
        if after != previous:  # after an Output: on the wire to it alone
            moved = [w for w in moved if w.target == after]
    kept = [w for w in graph.wires if w not in moved]
    joined = [*kept, Wire(before, node.id, 0), *(replace(w, source=node.id) for w in moved)]
    source = graph.node(before)
    (x, y), home = seen(graph, before)
    place = at or (x, y + layout.NODE_HEIGHT + layout.GAP_Y)
    if takes_input and gives_output and (on_wire is None or graph.node(on_wire.target).group == source.group):
        node = replace(node, group=home)  # what is put in the middle of a group belongs to it
    return _placed(graph, node, tuple(joined), place, push=bool(moved))


def seen(graph: Graph, ident: str) -> tuple[tuple[float, float], str]:
    """Where a block is drawn, and the group what follows it belongs to: for a hidden one, those of the folded group
    that stands for it."""
    hidden = folded_into(graph)
    node = graph.node(ident)
    if ident not in hidden:
        return (node.x, node.y), node.group
    stands = hidden[ident]
    return drawn_place(graph, [i for i, one in hidden.items() if one == stands]), group(graph, stands).parent


def _feeding(graph: Graph, after: str | None) -> str | None:
    if after is None or graph.node(after).kind != "Output":
        return after
    feeding = incoming(graph, after)
    return feeding[0].source if feeding else None


def _free_place(graph: Graph, beside: str | None) -> tuple[float, float]:
    if not graph.nodes:
        return (0.0, 0.0)
    anchor = graph.node(beside) if beside else min(graph.nodes, key=lambda n: (n.y, n.x))
    return (max(n.x for n in graph.nodes) + layout.NODE_WIDTH + layout.GAP_X, anchor.y)


def _placed(graph: Graph, node: Node, wires: tuple[Wire, ...], place: tuple[float, float], *, push: bool) -> Graph:
    placed = replace(node, x=float(place[0]), y=float(place[1]))
    joined = replace(graph, nodes=(*graph.nodes, placed), wires=wires or graph.wires)
    if not push:
        return joined
    below = descendants(joined, node.id)
    nearest = min((n.y for n in joined.nodes if n.id in below), default=None)
    needed = placed.y + layout.NODE_HEIGHT + layout.GAP_Y
    if nearest is None or nearest >= needed:
        return joined
    down = needed - nearest
    pushed = replace(joined, nodes=tuple(replace(n, y=n.y + down) if n.id in below else n for n in joined.nodes))
    return steady(joined, pushed)


def pasted(
    graph: Graph,
    nodes: Iterable[Node],
    wires: Iterable[Wire],
    fresh: Mapping[str, str],
    offset: tuple[float, float],
    groups: Iterable[Group] = (),
) -> Graph:
    """The graph with copies of blocks.

    fresh: {id: id of its copy}, of blocks and of `groups`. Those come along as copies; blocks of other groups stay in
    them where the graph has them.
    """
    known = {g.id: g.id for g in graph.groups}
    grown = graph
    along = tuple(groups)
    known |= {g.id: fresh[g.id] for g in along}
    for old in along:
        copy = replace(old, id=known[old.id], name=free_group_name(grown, old.name), parent=known.get(old.parent, ""))
        grown = replace(grown, groups=(*grown.groups, copy))
    taken = {n.name for n in graph.nodes}
    copies: list[Node] = []
    originals = tuple(nodes)
    sharing = among_copies(originals, fresh)
    for node in originals:
        name = unused_name(identifier(node.name) or "layer", taken)
        taken.add(name)
        home = known.get(node.group, "")  # from another project: its groups may not be here
        placed = replace(node, x=node.x + offset[0], y=node.y + offset[1], group=home)
        copies.append(replace(placed, id=fresh[node.id], name=name, shares=sharing[node.id]))
    lines = tuple(
        replace(w, source=fresh[w.source], target=fresh[w.target])
        for w in wires
        if w.source in fresh and w.target in fresh
    )
    return replace(grown, nodes=(*grown.nodes, *copies), wires=(*grown.wires, *lines))


def put_before(graph: Graph, node: Node, kind: str, params: dict[str, Json], wire: Wire | None = None) -> Graph:
    """The graph with a new block on the wire into `node` (its only one, or the one given); what follows moves down."""
    into = wire or incoming(graph, node.id)[0]
    into = next(w for w in graph.wires if (w.target, w.port) == (into.target, into.port))
    here = graph.node(node.id)
    step = layout.NODE_HEIGHT + layout.GAP_Y
    fresh = Node(unused_id(graph, kind.lower()), kind, free_name(graph, kind), params, here.x, here.y)
    below = {node.id, *descendants(graph, node.id)}
    if here.y - graph.node(into.source).y >= 2 * step:
        fresh, below = replace(fresh, y=here.y - step), set()
    nodes = tuple(replace(n, y=n.y + step) if n.id in below else n for n in graph.nodes)
    wires = tuple(w for w in graph.wires if w is not into)
    return replace(
        graph,
        nodes=(*nodes, fresh),
        wires=(*wires, Wire(into.source, fresh.id), Wire(fresh.id, node.id, into.port)),
    )
