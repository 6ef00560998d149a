"""The person's verbs on pieces: a ready-made part of a network put in as a group, and a group taken out as a piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from . import layout
from .document import Edit
from .edits import new_id
from .edits_graph import connect
from .edits_groups import common, moved, next_colour, with_graph
from .errors import GraphError
from .folding import steady
from .groups import border, ends, free_group_name, group, members, within
from .inserting import seen
from .names import unused_name
from .project import Graph, Group, Node, Project, Wire
from .sharing import among_copies
from .wiring import descendants


def insert_graph(
    graph: Graph,
    name: str,
    after: str = "",
    source: str = "@in",
    ids: Mapping[str, str] | None = None,
    group_id: str = "",
    on_wires: Iterable[Wire] = (),
    at: tuple[float, float] | None = None,
    beside: bool = False,
    into: Iterable[tuple[str, int]] = (),
) -> Edit:
    """A ready-made piece behind a block, as a group; what that block fed is then fed by the piece's end.

    Args:
        graph: the piece; wires from the id `source` are its entries. It has one end.
        after: id of the block it follows; "" together with no wire: it stays unwired.
        ids: {id in the piece: id to give}.
        on_wires: wires out of one block that it is put on, instead of on all that come out of `after`.
        at: its top left corner; chosen below `after` when None.
        beside: what `after` feeds it goes on feeding; the piece is a further branch.
        into: inputs (id, number) that the piece's end feeds.

    Raises (when applied):
        GraphError: nothing can follow that block.
    """
    lines, fed = tuple(on_wires), tuple(into)
    fresh = {n.id: (ids or {}).get(n.id) or new_id() for n in graph.nodes}
    group_ids = {g.id: new_id() for g in graph.groups}
    new_group = group_id or new_id()

    def edit(project: Project) -> Project:
        here = project.graph
        before = lines[0].source if lines else _before_output(here, after)
        leaving = [w for w in here.wires if (w in lines if lines else before and w.source == before and not beside)]
        if before and before != after and not lines:  # after an Output: on the wire to it alone
            leaving = [w for w in leaving if w.target == after]
        (end,) = ends(graph, fresh)
        lefts, top = [n.x for n in graph.nodes], min(n.y for n in graph.nodes)
        home = ""
        if before:
            (x, y), home = seen(here, before)
            parents = {here.node(w.target).group for w in leaving}
            home = common(here, [home, *parents])
            # In the middle below it, however wide the piece is.
            left = layout.snapped(x - (max(lefts) - min(lefts)) / 2)
            corner = at or (left, y + layout.NODE_HEIGHT + layout.GAP_Y)
        else:
            corner = at or (0.0, 0.0)
        taken = {n.name for n in here.nodes}
        made: list[Node] = []
        sharing = among_copies(graph.nodes, fresh)
        for node in graph.nodes:
            called = unused_name(node.name, taken)
            taken.add(called)
            made.append(
                replace(
                    node,
                    id=fresh[node.id],
                    name=called,
                    group=group_ids.get(node.group, new_group),
                    x=node.x - min(lefts) + corner[0],
                    y=node.y - top + corner[1],
                    shares=sharing[node.id],
                )
            )
        inner = tuple(
            Wire(before if w.source == source else fresh[w.source], fresh[w.target], w.port)
            for w in graph.wires
            if before or w.source != source
        )
        around = Group(new_group, free_group_name(here, name), home, colour=next_colour(here))
        grown = replace(here, groups=(*here.groups, around))
        for old in graph.groups:
            parent = group_ids.get(old.parent, new_group)
            copy = replace(old, id=group_ids[old.id], name=free_group_name(grown, old.name), parent=parent)
            grown = replace(grown, groups=(*grown.groups, copy))
        wires = tuple(replace(w, source=fresh[end]) if w in leaving else w for w in grown.wires)
        joined = replace(grown, nodes=(*grown.nodes, *made), wires=(*wires, *inner))
        grown_project = with_graph(project, _with_room(joined, made, {w.target for w in leaving}))
        for target, port in fed:
            grown_project = connect(fresh[end], target, port)(grown_project)
        return grown_project

    return edit


def feed_from(wires: Iterable[Wire], source: str) -> Edit:
    """The same wires out of another block."""
    chosen = tuple(wires)

    def edit(project: Project) -> Project:
        if not chosen:
            return project
        graph = project.graph
        lines = tuple(replace(w, source=source) if w in chosen else w for w in graph.wires)
        return with_graph(project, replace(graph, wires=lines))

    return edit


def as_piece(graph: Graph, group_id: str, source: str = "@in") -> Graph:
    """A group on its own, with its entries wired to `source`, as `insert_graph` and the person's library take it.

    Raises:
        GraphError: it is fed by several things or has several results, so that it has no place in a chain.
    """
    here = group(graph, group_id)
    ids = members(graph, group_id)
    across = border(graph, ids)
    results = across.results or ends(graph, ids)
    if len(across.sources) > 1 or len(results) != 1:
        raise GraphError(
            f"{here.name} cannot be kept for use elsewhere: it is fed by {len(across.sources)} blocks "
            f"and has {len(results)} results.",
            where=here.name,
            remedy="Group the blocks between one block that feeds them and one result.",
        )
    inside, kept = set(ids), within(graph, group_id) - {group_id}
    fed = {w.target for w in graph.wires}
    sharing = among_copies(graph.nodes, {i: i for i in ids})
    entries = (
        tuple(Wire(source, w.target, w.port) for w in across.entering)
        if across.entering
        else tuple(Wire(source, i) for i in ids if i not in fed)
    )
    return Graph(
        tuple(
            # Start weights lie in the project's folder: elsewhere the layers begin from random ones.
            replace(n, group=n.group if n.group in kept else "", weights=None, shares=sharing[n.id])
            for n in graph.nodes
            if n.id in inside
        ),
        (*entries, *(w for w in graph.wires if w.source in inside and w.target in inside)),
        tuple(replace(g, parent=g.parent if g.parent in kept else "") for g in graph.groups if g.id in kept),
    )


def _before_output(graph: Graph, after: str) -> str:
    """What the piece follows: the block itself, or what feeds it where it is an Output."""
    if not after or graph.node(after).kind != "Output":
        return after
    feeding = graph.into(after)
    if not feeding:
        raise GraphError(
            "Nothing feeds this Output yet, so nothing can be put before it.",
            where=graph.node(after).name,
            remedy="Choose the block it is to follow.",
        )
    return feeding[0].source


def _with_room(graph: Graph, made: list[Node], followers: set[str]) -> Graph:
    """What the new blocks feed, moved down as far as it lies too high."""
    below = followers | {i for f in followers for i in descendants(graph, f)} - {n.id for n in made}
    nearest = min((n.y for n in graph.nodes if n.id in below), default=None)
    needed = max(n.y for n in made) + layout.NODE_HEIGHT + layout.GAP_Y
    if nearest is None or nearest >= needed:
        return graph
    return steady(graph, moved(graph, frozenset(below), needed - nearest))
