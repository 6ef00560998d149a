"""Questions about the groups of a layer graph, and the small changes the verbs in edits_groups are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from .project import Graph, Group, Wire


def group(graph: Graph, group_id: str) -> Group:
    """The group of that id. KeyError when there is none."""
    return graph.group(group_id)


def within(graph: Graph, group_id: str) -> frozenset[str]:
    """Ids of the group and of all groups in it."""
    found = {group_id}
    grown = True
    while grown:
        more = {g.id for g in graph.groups if g.parent in found} - found
        found |= more
        grown = bool(more)
    return frozenset(found)


def members(graph: Graph, group_id: str) -> tuple[str, ...]:
    """Ids of all nodes in the group and in the groups in it, in the graph's order."""
    inside = within(graph, group_id)
    return tuple(n.id for n in graph.nodes if n.group in inside)


def all_members(graph: Graph) -> dict[str, tuple[str, ...]]:
    """`members` of every group, found in one walk."""
    around = {g.id: tuple(p.id for p in path(graph, g.id)) for g in graph.groups}
    found: dict[str, list[str]] = {g.id: [] for g in graph.groups}
    for node in graph.nodes:
        for one in around.get(node.group, ()):
            found[one].append(node.id)
    return {one: tuple(ids) for one, ids in found.items()}


def whole_groups(graph: Graph, ids: Iterable[str]) -> tuple[Group, ...]:
    """The groups of which all blocks are among these."""
    if not graph.groups:
        return ()
    chosen = frozenset(ids)
    inside = all_members(graph)
    return tuple(g for g in graph.groups if inside[g.id] and chosen.issuperset(inside[g.id]))


def path(graph: Graph, group_id: str) -> tuple[Group, ...]:
    """The group and those it lies in, the outermost first; empty for ""."""
    found: dict[str, Group] = {}
    while group_id and group_id not in found:  # a circle is a damaged file's; the innermost are kept
        try:
            here = found[group_id] = graph.group(group_id)
        except KeyError:  # as is one that is not there
            break
        group_id = here.parent
    return tuple(reversed(found.values()))


def folded_into(graph: Graph) -> dict[str, str]:
    """{id of each hidden node: id of the outermost folded group that stands for it}."""
    stands: dict[str, str] = {"": ""}
    for found in graph.groups:
        stands[found.id] = next((g.id for g in path(graph, found.id) if g.folded), "")
    return {n.id: stands[n.group] for n in graph.nodes if stands.get(n.group)}


def free_group_name(graph: Graph, base: str) -> str:
    """The name, or with the first free number behind it."""
    taken = {g.name for g in graph.groups}
    if base not in taken:
        return base
    number = 2
    while f"{base} {number}" in taken:
        number += 1
    return f"{base} {number}"


@dataclass(frozen=True)
class Border:
    """Wires across the border of a set of nodes.

    entering, leaving: the wires themselves, in the graph's order. sources: ids of what feeds it, each once.
    results: ids of its nodes that feed something outside, each once.
    """

    entering: tuple[Wire, ...]
    leaving: tuple[Wire, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w.source for w in self.entering))

    @property
    def results(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w.source for w in self.leaving))


def border(graph: Graph, ids: Collection[str]) -> Border:
    """What goes into a set of nodes and what comes out of it."""
    inside = set(ids)
    return Border(
        tuple(w for w in graph.wires if w.target in inside and w.source not in inside),
        tuple(w for w in graph.wires if w.source in inside and w.target not in inside),
    )


def ends(graph: Graph, ids: Iterable[str]) -> tuple[str, ...]:
    """Nodes of the set that feed none of the set: where its result comes out."""
    inside = set(ids)
    feeding = {w.source for w in graph.wires if w.target in inside}
    return tuple(n.id for n in graph.nodes if n.id in inside and n.id not in feeding)


def without_empty(graph: Graph) -> Graph:
    """The graph without groups that hold nothing; names of groups that are not there are forgotten."""
    known = {g.id for g in graph.groups}
    if any(n.group and n.group not in known for n in graph.nodes):
        graph = replace(
            graph, nodes=tuple(n if not n.group or n.group in known else replace(n, group="") for n in graph.nodes)
        )
    holding: set[str] = set()
    parents = {g.id: g.parent for g in graph.groups}
    for node in graph.nodes:
        at = node.group
        while at and at not in holding:
            holding.add(at)
            at = parents.get(at, "")
    if len(holding) == len(graph.groups):
        return graph
    return replace(graph, groups=tuple(g for g in graph.groups if g.id in holding))
