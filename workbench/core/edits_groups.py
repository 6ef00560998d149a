"""The person's verbs on groups of blocks, each a pure edit `Project -> Project` for `Document.apply`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from . import layout
from .document import Edit
from .edits import new_id
from .errors import GraphError
from .folding import steady
from .groups import (
    border,
    ends,
    folded_into,
    free_group_name,
    group,
    members,
    path,
    whole_groups,
    within,
    without_empty,
)
from .inserting import seen
from .names import identifier, unused_name
from .project import Graph, Group, Node, Project, Wire
from .wiring import descendants

COLOURS = 8  # that groups have
MOST_REPEATS = 64  # a slip of the finger must not fill the canvas with thousands of blocks


def make_group(ids: Iterable[str], name: str = "", group_id: str = "") -> Edit:
    """Put blocks under one name. Groups that lie wholly among them become groups in the new one.

    Args:
        name: "" for Block, Block 2, ... A name that is taken gets a number.
        group_id: the id to give it.

    Raises (when applied):
        GraphError: there is no block, or an Input or Output is among them: those belong to the whole model.
    """
    chosen = frozenset(ids)
    fresh = group_id or new_id()

    def edit(project: Project) -> Project:
        graph = project.graph
        picked = [n for n in graph.nodes if n.id in chosen]
        _refuse_ends(picked)
        whole = {g.id for g in whole_groups(graph, chosen)}
        outermost = {g for g in whole if group(graph, g).parent not in whole}
        parent = _common(graph, [group(graph, g).parent for g in outermost] + _parents(picked, whole))
        made = Group(fresh, free_group_name(graph, name.strip() or "Block"), parent, colour=_next_colour(graph))
        groups = tuple(replace(g, parent=fresh) if g.id in outermost else g for g in graph.groups)
        nodes = tuple(replace(n, group=fresh) if n.id in chosen and n.group not in whole else n for n in graph.nodes)
        return _with(project, replace(graph, nodes=nodes, groups=(*groups, made)))

    return edit


def ungroup(group_id: str) -> Edit:
    """Take the name away; the blocks stay where they are."""

    def edit(project: Project) -> Project:
        graph = project.graph
        gone = group(graph, group_id)
        nodes = tuple(replace(n, group=gone.parent) if n.group == gone.id else n for n in graph.nodes)
        groups = tuple(
            replace(g, parent=gone.parent) if g.parent == gone.id else g for g in graph.groups if g.id != gone.id
        )
        return _with(project, replace(graph, nodes=nodes, groups=groups))

    return edit


def rename_group(group_id: str, name: str) -> Edit:
    """Another name.

    Raises (when applied):
        GraphError: the name is empty, or another group has it.
    """

    def edit(project: Project) -> Project:
        graph, wanted = project.graph, name.strip()
        here = group(graph, group_id)
        if not wanted:
            raise GraphError("A group needs a name.", where=here.name, remedy="Try Encoder.")
        if any(g.name == wanted and g.id != group_id for g in graph.groups):
            raise GraphError(
                f"Another group is already called {wanted}.",
                where=here.name,
                remedy=f"Try {free_group_name(graph, wanted)}.",
            )
        return _groups(project, lambda g: replace(g, name=wanted) if g.id == group_id else g)

    return edit


def colour_group(group_id: str, colour: int) -> Edit:
    """Another colour, by its number in the theme."""
    return lambda project: _groups(project, lambda g: replace(g, colour=colour) if g.id == group_id else g)


def fold(group_ids: Iterable[str] | str, folded: bool = True) -> Edit:
    """Draw groups as one block each, or open them again. What stands below moves up into the room, or makes room."""
    chosen = (group_ids,) if isinstance(group_ids, str) else tuple(group_ids)

    def edit(project: Project) -> Project:
        graph = project.graph
        for one in chosen:
            here = group(graph, one)
            if here.folded == folded:
                continue
            ids = members(graph, one)
            drawn = not any(g.folded for g in path(graph, here.parent))
            room = _height(graph, ids) - layout.NODE_HEIGHT if drawn else 0.0
            graph = steady(graph, _moved(graph, _fed_below(graph, ids, folded), -room if folded else room))
            graph = replace(graph, groups=tuple(replace(g, folded=folded) if g.id == one else g for g in graph.groups))
        return project if graph is project.graph else _with(project, graph)

    return edit


def delete_group(group_id: str) -> Edit:
    """The group with its blocks; what fed it feeds what followed it, if each was one thing."""

    def edit(project: Project) -> Project:
        graph = project.graph
        doomed = set(members(graph, group_id))
        across = border(graph, doomed)
        wires = tuple(w for w in graph.wires if w.source not in doomed and w.target not in doomed)
        if len(across.sources) == 1 and len(across.results) == 1:
            present = {(w.source, w.target) for w in wires}
            joined = (Wire(across.sources[0], w.target, w.port) for w in across.leaving)
            wires = (*wires, *(w for w in joined if (w.source, w.target) not in present))
        nodes = tuple(n for n in graph.nodes if n.id not in doomed)
        return _with(project, replace(graph, nodes=nodes, wires=wires))

    return edit


def repeat_group(group_id: str, times: int, ids_of_copies: Callable[[int, str], str] | None = None) -> Edit:
    """Copies of a group behind each other, `times` in all, wired as a chain: what fed the group feeds the first, and
    what it fed is fed by the last.

    Raises (when applied):
        GraphError: it has not one thing before it and one result, so there is no chain; or too many are asked for.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        here = group(graph, group_id)
        if not 1 <= times <= MOST_REPEATS:
            raise GraphError(
                f"A group can be repeated 1 to {MOST_REPEATS} times, not {times}.",
                where=here.name,
                remedy="Try a smaller number; a group that holds copies can be repeated again.",
            )
        ids = members(graph, group_id)
        across = border(graph, ids)
        results = across.results or ends(graph, ids)
        if len(across.sources) != 1 or len(results) != 1:
            raise GraphError(
                f"{here.name} cannot be repeated: it needs one thing that feeds it and one result, "
                f"and has {len(across.sources)} and {len(results)}.",
                where=here.name,
                remedy="Wire it so that one wire's source goes in and one block comes out.",
            )
        pitch = _height(graph, ids, drawn=True) + layout.GAP_Y
        last = results[0]
        below = _lower(graph, ids, drawn=True)
        graph = steady(graph, _moved(graph, below, pitch * (times - 1)))
        for number in range(1, times):
            fresh = {i: (ids_of_copies(number, i) if ids_of_copies else new_id()) for i in ids}
            graph = _copied(graph, group_id, ids, fresh, pitch * number)
            entering = tuple(Wire(last, fresh[w.target], w.port) for w in across.entering)
            graph = replace(graph, wires=(*graph.wires, *entering))
            last = fresh[results[0]]
        wires = tuple(replace(w, source=last) if w in across.leaving else w for w in graph.wires)
        return _with(project, replace(graph, wires=wires))

    return edit


def insert_graph(
    graph: Graph,
    name: str,
    after: str = "",
    source: str = "@in",
    ids: Mapping[str, str] | None = None,
    group_id: str = "",
    on_wires: Iterable[Wire] = (),
    at: tuple[float, float] | None = None,
) -> Edit:
    """A ready-made piece behind a block, as a group; what that block fed is then fed by the piece's end.

    Args:
        graph: the piece; wires from the id `source` are its entries. It has one end.
        after: id of the block it follows; "" together with no wire: it stays unwired.
        ids: {id in the piece: id to give}.
        on_wires: wires out of one block that it is put on, instead of on all that come out of `after`.
        at: its top left corner; chosen below `after` when None.

    Raises (when applied):
        GraphError: nothing can follow that block.
    """
    lines = tuple(on_wires)
    fresh = {n.id: (ids or {}).get(n.id) or new_id() for n in graph.nodes}
    group_ids = {g.id: new_id() for g in graph.groups}
    new_group = group_id or new_id()

    def edit(project: Project) -> Project:
        here = project.graph
        before = lines[0].source if lines else _before_output(here, after)
        leaving = [w for w in here.wires if (w in lines if lines else before and w.source == before)]
        if before and before != after and not lines:  # after an Output: on the wire to it alone
            leaving = [w for w in leaving if w.target == after]
        (end,) = ends(graph, fresh)
        lefts, top = [n.x for n in graph.nodes], min(n.y for n in graph.nodes)
        home = ""
        if before:
            (x, y), home = seen(here, before)
            parents = {here.node(w.target).group for w in leaving}
            home = _common(here, [home, *parents])
            # In the middle below it, however wide the piece is.
            left = layout.snapped(x - (max(lefts) - min(lefts)) / 2)
            corner = at or (left, y + layout.NODE_HEIGHT + layout.GAP_Y)
        else:
            corner = at or (0.0, 0.0)
        taken = {n.name for n in here.nodes}
        made: list[Node] = []
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
                )
            )
        inner = tuple(
            Wire(before if w.source == source else fresh[w.source], fresh[w.target], w.port)
            for w in graph.wires
            if before or w.source != source
        )
        around = Group(new_group, free_group_name(here, name), home, colour=_next_colour(here))
        grown = replace(here, groups=(*here.groups, around))
        for old in graph.groups:
            parent = group_ids.get(old.parent, new_group)
            copy = replace(old, id=group_ids[old.id], name=free_group_name(grown, old.name), parent=parent)
            grown = replace(grown, groups=(*grown.groups, copy))
        wires = tuple(replace(w, source=fresh[end]) if w in leaving else w for w in grown.wires)
        joined = replace(grown, nodes=(*grown.nodes, *made), wires=(*wires, *inner))
        return _with(project, _with_room(joined, made, {w.target for w in leaving}))

    return edit


def feed_from(wires: Iterable[Wire], source: str) -> Edit:
    """The same wires out of another block."""
    chosen = tuple(wires)

    def edit(project: Project) -> Project:
        if not chosen:
            return project
        graph = project.graph
        lines = tuple(replace(w, source=source) if w in chosen else w for w in graph.wires)
        return _with(project, replace(graph, wires=lines))

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
    entries = (
        tuple(Wire(source, w.target, w.port) for w in across.entering)
        if across.entering
        else tuple(Wire(source, i) for i in ids if i not in fed)
    )
    return Graph(
        tuple(
            # Start weights lie in the project's folder: elsewhere the layers begin from random ones.
            replace(n, group=n.group if n.group in kept else "", weights=None)
            for n in graph.nodes
            if n.id in inside
        ),
        (*entries, *(w for w in graph.wires if w.source in inside and w.target in inside)),
        tuple(replace(g, parent=g.parent if g.parent in kept else "") for g in graph.groups if g.id in kept),
    )


# ---- pieces --------------------------------------------------------------------------------------------------


def _refuse_ends(picked: list[Node]) -> None:
    if not picked:
        raise GraphError("Nothing is selected.", where="group", remedy="Select the blocks that belong together.")
    for node in picked:
        if node.kind in ("Input", "Output"):
            raise GraphError(
                f"{node.name} cannot be in a group: Inputs and Outputs belong to the whole model.",
                where=node.name,
                remedy="Take it out of the selection.",
            )


def _parents(picked: list[Node], whole: set[str]) -> list[str]:
    return [n.group for n in picked if n.group not in whole]


def _common(graph: Graph, groups: list[str]) -> str:
    """The innermost group that holds all of these."""
    paths = [tuple(g.id for g in path(graph, name)) for name in groups]
    common = ""
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        common = level[0]
    return common


def _next_colour(graph: Graph) -> int:
    """The first colour that no group has, or the one after the last."""
    taken = {g.colour for g in graph.groups}
    free = (c for c in range(COLOURS) if c not in taken)
    return next(free, len(graph.groups) % COLOURS)


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
    return steady(graph, _moved(graph, frozenset(below), needed - nearest))


def _height(graph: Graph, ids: Iterable[str], *, drawn: bool = False) -> float:
    """Of the blocks, or of what is drawn of them."""
    inside = set(ids)
    if drawn and len({i for i in folded_into(graph) if i in inside}) == len(inside):
        return layout.NODE_HEIGHT
    tops = [n.y for n in graph.nodes if n.id in inside]
    return max(tops) - min(tops) + layout.NODE_HEIGHT


def _fed_below(graph: Graph, ids: tuple[str, ...], folded: bool) -> frozenset[str]:
    """What a group feeds and stands below it: below its lowest block, or, where it is folded now, below its top."""
    inside = set(ids)
    tops = [n.y for n in graph.nodes if n.id in inside]
    least = max(tops) if folded else min(tops)
    after = {i for w in border(graph, ids).leaving for i in (w.target, *descendants(graph, w.target))} - inside
    return frozenset(n.id for n in graph.nodes if n.id in after and n.y > least)


def _lower(graph: Graph, ids: Iterable[str], *, drawn: bool = False) -> frozenset[str]:
    """Nodes that stand below the lowest of these (of what is drawn of them): they make room."""
    inside = set(ids)
    tops = [n.y for n in graph.nodes if n.id in inside]
    lowest = min(tops) + _height(graph, inside, drawn=drawn) - layout.NODE_HEIGHT
    return frozenset(n.id for n in graph.nodes if n.id not in inside and n.y > lowest)


def _moved(graph: Graph, ids: frozenset[str], down: float) -> Graph:
    if not ids or not down:
        return graph
    return replace(graph, nodes=tuple(replace(n, y=n.y + down) if n.id in ids else n for n in graph.nodes))


def _copied(graph: Graph, group_id: str, ids: tuple[str, ...], fresh: Mapping[str, str], down: float) -> Graph:
    inner = within(graph, group_id)
    groups = {g: new_id() for g in inner}
    taken = {n.name for n in graph.nodes}
    made = []
    for node in (n for n in graph.nodes if n.id in fresh):
        name = unused_name(identifier(node.name) or "layer", taken)
        taken.add(name)
        made.append(replace(node, id=fresh[node.id], name=name, y=node.y + down, group=groups[node.group]))
    grown = graph
    for old in (g for g in graph.groups if g.id in inner):
        parent = groups.get(old.parent, old.parent)
        copy = replace(old, id=groups[old.id], name=free_group_name(grown, old.name), parent=parent)
        grown = replace(grown, groups=(*grown.groups, copy))
    inside = set(ids)
    lines = tuple(
        replace(w, source=fresh[w.source], target=fresh[w.target])
        for w in graph.wires
        if w.source in inside and w.target in inside
    )
    return replace(grown, nodes=(*grown.nodes, *made), wires=(*grown.wires, *lines))


def _groups(project: Project, change: Callable[[Group], Group]) -> Project:
    groups = tuple(change(g) for g in project.graph.groups)
    if all(a is b for a, b in zip(groups, project.graph.groups, strict=True)):
        return project
    return _with(project, replace(project.graph, groups=groups))


def _with(project: Project, graph: Graph) -> Project:
    return replace(project, graph=without_empty(graph))
