"""The person's verbs on layers that are used at several places; each a pure edit `Project -> Project`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from .catalog import ENDS
from .document import Edit
from .edits import new_id
from .edits_graph import duplicate_nodes
from .errors import GraphError
from .inserting import insert
from .names import unused_name
from .project import Graph, Project, Wire
from .sharing import one_layer, own_layer, owner, owners, places, why_not_again


def use_again(
    shared: str,
    after: str | None = None,
    at: tuple[float, float] | None = None,
    on_wire: Wire | None = None,
    node_id: str = "",
) -> Edit:
    """A new block that uses the layer of a block once more, wired in as `edits_graph.add_layer` wires one.

    Raises (when applied):
        GraphError: that block is an end, or has no weights to share.
    """
    fresh = node_id or new_id()

    def edit(project: Project) -> Project:
        graph = project.graph
        here = owner(graph, graph.node(shared))
        if why := why_not_again(here):
            raise GraphError(why, where=here.name, remedy="Choose a layer with weights, such as a Dense.")
        name = unused_name(here.name, {n.name for n in graph.nodes})
        node = replace(here, id=fresh, name=name, group="", note="", shares=here.id)
        return replace(project, graph=insert(graph, node, after, at, on_wire))

    return edit


def use_all_again(ids: Collection[str], ids_of_copies: Mapping[str, str] | None = None) -> Edit:
    """Copies of blocks beside them, as `edits_graph.duplicate_nodes` makes them, whose layers with weights are those of
    the originals: a second branch that computes the same.

    Raises (when applied):
        GraphError: none of the blocks has weights.
    """
    chosen = list(dict.fromkeys(ids))
    fresh = {i: (ids_of_copies or {}).get(i) or new_id() for i in chosen}

    def edit(project: Project) -> Project:
        graph = project.graph
        of = owners(graph)
        again = {fresh[i]: of[i] for i in chosen if not why_not_again(graph.node(i))}
        if not again:
            first = graph.node(chosen[0])
            why = why_not_again(first) if len(chosen) == 1 else "None of these layers has weights to share."
            raise GraphError(why, where=first.name, remedy="Duplicate them instead (Ctrl+D).")
        grown = duplicate_nodes([i for i in chosen if graph.node(i).kind not in ENDS], fresh)(project).graph
        nodes = tuple(replace(n, shares=again.get(n.id, n.shares)) for n in grown.nodes)
        return replace(project, graph=replace(grown, nodes=nodes))

    return edit


def give_own_layer(ids: Collection[str]) -> Edit:
    """Each of these blocks gets a layer of its own, set as the shared one is and starting from the same weights.

    Raises (when applied):
        GraphError: none of them shares a layer.
    """
    chosen = frozenset(ids)

    def edit(project: Project) -> Project:
        graph = project.graph
        some = [n for n in graph.nodes if n.id in chosen]
        if all(len(places(graph, n.id)) == 1 and not n.shares for n in some):
            raise GraphError("No other place uses this layer.", where=some[0].name if some else "model")
        return replace(project, graph=own_layer(graph, chosen))

    return edit


def share_one_layer(ids: Collection[str]) -> Edit:
    """All of these blocks use the layer of the first; what the others were set to is let go.

    Raises (when applied):
        GraphError: they are fewer than two, of different kinds, or have no weights to share.
    """
    chosen = list(dict.fromkeys(ids))

    def edit(project: Project) -> Project:
        graph = project.graph
        if why := why_not_one(graph, chosen):
            raise GraphError(why, where=graph.node(chosen[0]).name if chosen else "model")
        return replace(project, graph=one_layer(graph, chosen))

    return edit


def why_not_one(graph: Graph, ids: Collection[str]) -> str:
    """Why blocks cannot use one layer together, as one sentence; "" when they can."""
    nodes = [n for n in graph.nodes if n.id in set(ids)]
    if len(nodes) < 2:
        return "Select two layers of one kind or more."
    if len({n.kind for n in nodes}) > 1:
        return "Layers of different kinds cannot be one."
    of = owners(graph)
    if len({of[n.id] for n in nodes}) == 1:
        return "They use one layer already."
    return next((why for n in nodes if (why := why_not_again(n))), "")
