"""Layers that are used at several places of a graph: who owns them, who else uses them, and what keeps that true.

A block whose `shares` is not "" uses the layer of that block, its owner. `Graph` keeps the layer's settings of such a
block equal to its owner's, so only what changes a graph has to think of sharing: a change of a user is written to the
owner (`changed_nodes`), and where an owner goes, its first user takes its place (`hand_over`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache

from .catalog import ENDS, load_catalog
from .project import Graph, Node, layer_of

# ---- questions -----------------------------------------------------------------------------------------------


def owner(graph: Graph, node: Node) -> Node:
    """The block whose layer this one uses: itself, or the one it shares with where that is there."""
    if not node.shares or node.kind in ENDS:
        return node
    found = next((n for n in graph.nodes if n.id == node.shares), None)
    return found if found is not None and not found.shares and found.kind not in ENDS else node


def owners(graph: Graph) -> dict[str, str]:
    """{id of each node: id of the owner of its layer}, found in one walk."""
    proper = {n.id for n in graph.nodes if not n.shares and n.kind not in ENDS}
    return {n.id: n.shares if n.shares in proper and n.kind not in ENDS else n.id for n in graph.nodes}


def shared(graph: Graph) -> dict[str, tuple[str, ...]]:
    """{id of each owner whose layer others use too: ids of all places of it, its own first}."""
    if not any(n.shares for n in graph.nodes):
        return {}
    found: dict[str, list[str]] = {}
    of = owners(graph)
    for node in graph.nodes:
        if of[node.id] != node.id:
            found.setdefault(of[node.id], [of[node.id]]).append(node.id)
    return {one: tuple(ids) for one, ids in found.items()}


def places(graph: Graph, node_id: str) -> tuple[Node, ...]:
    """All blocks that use the layer of this one, the owner first; the block alone where nobody shares with it."""
    mine = owner(graph, graph.node(node_id))
    return (mine, *(n for n in graph.nodes if n.shares == mine.id and n.id != mine.id and n.kind not in ENDS))


def siblings(graph: Graph, ids: Iterable[str]) -> frozenset[str]:
    """The other places of the layers of these blocks."""
    chosen = frozenset(ids)
    found = {i for every in shared(graph).values() if chosen.intersection(every) for i in every}
    return frozenset(found - chosen)


def why_not_again(node: Node) -> str:
    """Why the layer of a block cannot be used at a second place, as one sentence; "" when it can."""
    if node.kind in ENDS:
        return f"{node.name} is an end of the model: only layers can be used once more."
    known = _weights(node.kind)
    if known is None:
        return f"{node.name} stands for a layer that cannot be made."
    return "" if known else f"{node.name} has no weights to share: a duplicate does the same."


@cache
def _weights(kind: str) -> bool | None:
    """Whether layers of a kind have weights; None for a kind that cannot be made. Asked for every block of a graph."""
    entry = load_catalog().layer(kind)
    return entry.learns if entry is not None and entry.usable else None


# ---- small changes -------------------------------------------------------------------------------------------


def changed_nodes(graph: Graph, change: Callable[[Node], Node]) -> Graph:
    """The graph with `change` done to every node; what it changes of a shared layer changes the layer at all its
    places. The same graph where nothing changes."""
    nodes = tuple(change(n) for n in graph.nodes)
    if all(a is b or a == b for a, b in zip(nodes, graph.nodes, strict=True)):
        return graph
    of = owners(graph) if any(n.shares for n in graph.nodes) else {}
    written: dict[str, Node] = {}
    for old, new in zip(graph.nodes, nodes, strict=True):
        if of.get(old.id, old.id) != old.id and new.shares == old.shares and layer_of(old) != layer_of(new):
            written[of[old.id]] = new
    if written:
        nodes = tuple(replace(n, **layer_of(written[n.id])) if n.id in written else n for n in nodes)
    return replace(graph, nodes=nodes)


def hand_over(graph: Graph) -> Graph:
    """The graph in which no block shares with one that is gone: the first of those left owns the layer now."""
    there = {n.id for n in graph.nodes}
    heirs: dict[str, str] = {}
    for node in graph.nodes:
        if node.shares and node.shares not in there:
            heirs.setdefault(node.shares, node.id)
    return _inherited(graph, heirs) if heirs else graph


def own_layer(graph: Graph, ids: Iterable[str]) -> Graph:
    """The graph in which each of these blocks has a layer of its own, set as the shared one was. Those that are left
    go on sharing."""
    chosen = frozenset(ids)
    of = owners(graph)
    heirs: dict[str, str] = {}
    for node in graph.nodes:
        if node.id not in chosen and of[node.id] in chosen:
            heirs.setdefault(of[node.id], node.id)
    alone = replace(graph, nodes=tuple(replace(n, shares="") if n.id in chosen else n for n in graph.nodes))
    return _inherited(alone, heirs)


def one_layer(graph: Graph, ids: Iterable[str]) -> Graph:
    """The graph in which all of these blocks use the layer of the first, with those that shared with them before."""
    first, *_ = chosen = list(ids)
    of = owners(graph)
    mine = of[first]
    joined = {of[i] for i in chosen}
    nodes = tuple(
        replace(n, shares=mine) if of[n.id] in joined and n.id != mine else n for n in graph.nodes
    )  # their own settings are the owner's from here on
    return replace(graph, nodes=nodes)


def among_copies(nodes: Iterable[Node], fresh: Mapping[str, str]) -> dict[str, str]:
    """{id of each node: what its copy shares with}: blocks that shared a layer share one among their copies, apart
    from that of the originals; a copy of only one of them has its own. fresh: {id: id of its copy}."""
    copied = [n for n in nodes if n.id in fresh]
    owning = {n.id for n in copied if not n.shares}
    heirs = {one: one for one in owning}
    for node in copied:
        if node.shares:
            heirs.setdefault(node.shares, node.id)
    return {n.id: fresh[heirs[n.shares]] if n.shares and heirs[n.shares] != n.id else "" for n in copied}


def _inherited(graph: Graph, heirs: Mapping[str, str]) -> Graph:
    """heirs: {id of an owner that no longer is one: id of the block that owns the layer now}."""

    def given(node: Node) -> Node:
        heir = heirs.get(node.shares, "")
        return replace(node, shares="" if heir == node.id else heir) if heir else node

    return replace(graph, nodes=tuple(given(n) for n in graph.nodes))
