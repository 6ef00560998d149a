"""The graph as a person sees it: each folded group is one block, and its wires are those that cross its border.

The canvas shows this graph and speaks in its ids; `real_*` say what is meant in the whole graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from . import layout
from .groups import all_members, border, ends, folded_into, group, path
from .project import Graph, Node, Wire
from .wiring import can_connect

GROUP = "Group"  # the kind of a block that stands for a folded group


@dataclass(frozen=True)
class Shown:
    """graph: what is drawn; a folded group is a node of kind GROUP with the group's id, at the top of its blocks and in
    their middle. blocks: {id of each folded group shown: ids of the nodes it stands for}. frames: open groups, the
    outermost first, as (group id, ids of what is shown of it). wires: {a shown wire: the wires it stands for}."""

    graph: Graph
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    frames: tuple[tuple[str, tuple[str, ...]], ...] = ()
    wires: Mapping[tuple[str, str, int], tuple[Wire, ...]] = field(default_factory=dict)

    def real_nodes(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The nodes that shown ids stand for."""
        return tuple(i for shown in ids for i in self.blocks.get(shown, (shown,)))

    def real_places(self, whole: Graph, places: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        """Where the nodes go when what is shown is put there; the blocks of a folded group keep their distances."""
        found: dict[str, tuple[float, float]] = {}
        for shown, (x, y) in places.items():
            if shown not in self.blocks:
                found[shown] = (x, y)
                continue
            at = self.graph.node(shown)
            for ident in self.blocks[shown]:
                node = whole.node(ident)
                found[ident] = (node.x + x - at.x, node.y + y - at.y)
        return found

    def real_wires(self, wires: Iterable[Wire]) -> tuple[Wire, ...]:
        """The wires that shown wires stand for."""
        return tuple(w for one in wires for w in self.wires.get((one.source, one.target, one.port), (one,)))

    def real_source(self, whole: Graph, ident: str) -> str:
        """The node a wire from a shown block comes out of: a folded group's only result; "" when it has several."""
        if ident not in self.blocks:
            return ident
        found = border(whole, self.blocks[ident]).results or ends(whole, self.blocks[ident])
        return found[0] if len(found) == 1 else ""

    def real_targets(self, whole: Graph, ident: str, port: int) -> tuple[tuple[str, int], ...]:
        """The nodes and inputs a wire into a shown block goes to. Input number `port` of a folded group is all that its
        source of that number feeds; behind those come the blocks inside that nothing feeds. Empty: no such input."""
        if ident not in self.blocks:
            return ((ident, port),)
        entering = border(whole, self.blocks[ident]).entering
        sources = list(dict.fromkeys(w.source for w in entering))
        if port < len(sources):
            return tuple((w.target, w.port) for w in entering if w.source == sources[port])
        loose = loose_inside(whole, self.blocks[ident])
        return ((loose[port - len(sources)], 0),) if port - len(sources) < len(loose) else ()

    def refusal(self, whole: Graph, source: str, target: str, port: int, without: Wire | None = None) -> str:
        """Why there can be no wire between two shown blocks (`without` one that is there), as one sentence; "" when
        there can."""
        if source == target:
            return f"{self.graph.node(source).name} cannot feed itself."
        if not (start := self.real_source(whole, source)):
            return f"{self.graph.node(source).name} has several results: open it to take one of them."
        if not (found := self.real_targets(whole, target, port)):
            return f"{self.graph.node(target).name} has no such input: open it to wire what is inside."
        gone = self.real_wires([without]) if without is not None else ()
        left = replace(whole, wires=tuple(w for w in whole.wires if w not in gone)) if gone else whole
        return next((why for end, at in found if (why := can_connect(left, start, end, at))), "")

    def shown_ids(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What is drawn of these nodes, each once: themselves, or the folded groups that stand for them."""
        if not self.blocks:
            return tuple(dict.fromkeys(ids))
        stands = self.stands
        return tuple(dict.fromkeys(stands.get(i, i) for i in ids))

    @cached_property
    def stands(self) -> dict[str, str]:
        """{id of each hidden node: id of the folded group that stands for it}."""
        return {i: block for block, inside in self.blocks.items() for i in inside}


def loose_inside(graph: Graph, ids: Iterable[str]) -> tuple[str, ...]:
    """Nodes of a set that nothing feeds at all."""
    return tuple(i for i in ids if not graph.into(i))


def hiding(graph: Graph, ids: Iterable[str]) -> tuple[str, ...]:
    """Ids of the folded groups that keep any of these nodes out of sight, the outermost first."""
    wanted = set(ids)
    at = {n.group for n in graph.nodes if n.id in wanted and n.group}
    return tuple(dict.fromkeys(g.id for one in at for g in path(graph, one) if g.folded))


def drawn_place(graph: Graph, ids: Iterable[str]) -> tuple[float, float]:
    """Top left corner of the one block that stands for these nodes."""
    placed = [graph.node(i) for i in ids]
    lefts = [n.x for n in placed]
    middle = round((min(lefts) + max(lefts)) / 2 / layout.GRID) * layout.GRID
    return float(middle), min(n.y for n in placed)


def steady(before: Graph, after: Graph) -> Graph:
    """`after`, with the blocks of each folded group moved together where an edit that makes room moved only some."""
    hidden = folded_into(after)
    if not hidden:
        return after
    was = {n.id: n for n in before.nodes}
    shifts: dict[str, set[tuple[float, float]]] = {}
    for node in after.nodes:
        if node.id in hidden and node.id in was:
            shifts.setdefault(hidden[node.id], set()).add((node.x - was[node.id].x, node.y - was[node.id].y))
    torn = {g: max(found, key=lambda s: abs(s[0]) + abs(s[1])) for g, found in shifts.items() if len(found) > 1}
    if not torn:
        return after

    def together(node: Node) -> Node:
        dx, dy = torn.get(hidden.get(node.id, ""), (0.0, 0.0))
        return replace(node, x=was[node.id].x + dx, y=was[node.id].y + dy) if (dx or dy) and node.id in was else node

    return replace(after, nodes=tuple(together(n) for n in after.nodes))


def shown_graph(graph: Graph, before: tuple[Graph, Shown] | None = None) -> Shown:
    """What is drawn of a graph. before: another graph and what is drawn of it, of which what still holds is taken."""
    if not graph.groups:
        return Shown(graph)
    if before is not None and (same := _as_before(graph, *before)) is not None:
        return same
    hidden = folded_into(graph)
    inside: dict[str, list[str]] = {}
    for ident, stands in hidden.items():
        inside.setdefault(stands, []).append(ident)
    blocks: dict[str, tuple[str, ...]] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        stands = hidden.get(node.id, "")
        if not stands:
            nodes.append(node)
        elif stands not in blocks:
            blocks[stands] = tuple(inside[stands])
            nodes.append(_standing(graph, stands, blocks[stands]))
    wires, meant = _wires(graph, hidden)
    return Shown(Graph(tuple(nodes), wires, graph.groups, notes=graph.notes), blocks, _frames(graph, hidden), meant)


def _as_before(graph: Graph, old: Graph, drawn: Shown) -> Shown | None:
    """What is drawn of a graph that differs from `old` only within blocks or in their places; None for another."""
    if graph.wires is not old.wires or graph.groups is not old.groups or len(graph.nodes) != len(old.nodes):
        return None
    pairs = zip(graph.nodes, old.nodes, strict=True)
    if any(a is not b and (a.id, a.group) != (b.id, b.group) for a, b in pairs):
        return None
    nodes = tuple(
        _standing(graph, n.id, drawn.blocks[n.id]) if n.id in drawn.blocks else graph.node(n.id)
        for n in drawn.graph.nodes
    )
    return replace(drawn, graph=Graph(nodes, drawn.graph.wires, graph.groups, notes=graph.notes))


def _standing(graph: Graph, group_id: str, ids: tuple[str, ...]) -> Node:
    here = group(graph, group_id)
    x, y = drawn_place(graph, ids)
    return Node(group_id, GROUP, here.name, {"blocks": len(ids)}, x, y, here.parent)


def _wires(
    graph: Graph, hidden: Mapping[str, str]
) -> tuple[tuple[Wire, ...], dict[tuple[str, str, int], tuple[Wire, ...]]]:
    """Wires between what is shown; the entries of a folded group are its inputs 0, 1, 2, one for each source."""
    meant: dict[tuple[str, str, int], tuple[Wire, ...]] = {}
    ports: dict[str, dict[str, int]] = {}
    for wire in graph.wires:
        source, target = hidden.get(wire.source, wire.source), hidden.get(wire.target, wire.target)
        if source == target:
            continue
        port = wire.port
        if target != wire.target:
            entries = ports.setdefault(target, {})
            port = entries.setdefault(wire.source, len(entries))
        meant[source, target, port] = (*meant.get((source, target, port), ()), wire)
    return tuple(Wire(*key) for key in meant), meant


def _frames(graph: Graph, hidden: Mapping[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[int, str, tuple[str, ...]]] = []
    of = all_members(graph)
    for one in graph.groups:
        inside = of[one.id]
        if one.folded or not inside or any(hidden.get(i) and _holds(graph, hidden[i], one.id) for i in inside):
            continue  # folded itself, or it lies in a folded one
        found.append((len(inside), one.id, tuple(dict.fromkeys(hidden.get(i) or i for i in inside))))
    return tuple((ident, ids) for _, ident, ids in sorted(found, key=lambda f: -f[0]))


def _holds(graph: Graph, outer: str, inner: str) -> bool:
    """Whether group `outer` is `inner` or lies around it."""
    while inner:
        if inner == outer:
            return True
        inner = group(graph, inner).parent
    return False
