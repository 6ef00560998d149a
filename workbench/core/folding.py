"""The graph as a person sees it: each folded group is one block, and its wires are those that cross its border.

The canvas shows this graph and speaks in its ids; `real_*` say what is meant in the whole graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .groups import border, ends, folded_into, group, members
from .project import Graph, Node, Wire

GROUP = "Group"  # the kind of a block that stands for a folded group


@dataclass(frozen=True)
class Shown:
    """graph: what is drawn; a folded group is a node of kind GROUP with the group's id, at the top left corner of its
    blocks. blocks: {id of each folded group shown: ids of the nodes it stands for}. frames: open groups, the outermost
    first, as (group id, ids of what is shown of it). wires: {a shown wire: the wires it stands for}."""

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

    def real_target(self, whole: Graph, ident: str, port: int) -> tuple[str, int] | None:
        """The node and input a wire into a shown block goes to: input number `port` of a folded group is its entry of
        that number, or, when nothing feeds it yet, the first block inside; None when there is no such input."""
        if ident not in self.blocks:
            return ident, port
        entries = list(dict.fromkeys((w.target, w.port) for w in border(whole, self.blocks[ident]).entering))
        if port < len(entries):
            return entries[port]
        fed = {w.target for w in whole.wires}
        loose = [(i, 0) for i in self.blocks[ident] if i not in fed]
        return loose[0] if loose and not entries else None


def shown_graph(graph: Graph) -> Shown:
    """What is drawn of a graph."""
    hidden = folded_into(graph)
    if not graph.groups:
        return Shown(graph)
    blocks: dict[str, tuple[str, ...]] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        stands = hidden.get(node.id, "")
        if not stands:
            nodes.append(node)
        elif stands not in blocks:
            blocks[stands] = tuple(i for i, group_id in hidden.items() if group_id == stands)
            nodes.append(_standing(graph, stands, blocks[stands]))
    wires, meant = _wires(graph, hidden)
    return Shown(Graph(tuple(nodes), wires, graph.groups), blocks, _frames(graph, hidden), meant)


def _standing(graph: Graph, group_id: str, ids: tuple[str, ...]) -> Node:
    inside = set(ids)
    placed = [n for n in graph.nodes if n.id in inside]
    here = group(graph, group_id)
    left, top = min(n.x for n in placed), min(n.y for n in placed)
    return Node(group_id, GROUP, here.name, {"blocks": len(ids)}, left, top, here.parent)


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
    for one in graph.groups:
        inside = members(graph, one.id)
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
