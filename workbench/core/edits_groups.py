"""The person's verbs on groups of blocks, each a pure edit `Project -> Project` for `Document.apply`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from . import layout
from .catalog import ENDS
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
from .names import identifier, unused_name
from .project import Graph, Group, Node, Project, Wire
from .sharing import among_copies, hand_over
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
        parent = common(graph, [group(graph, g).parent for g in outermost] + _parents(picked, whole))
        made = Group(fresh, free_group_name(graph, name.strip() or "Block"), parent, colour=next_colour(graph))
        groups = tuple(replace(g, parent=fresh) if g.id in outermost else g for g in graph.groups)
        nodes = tuple(replace(n, group=fresh) if n.id in chosen and n.group not in whole else n for n in graph.nodes)
        return with_graph(project, replace(graph, nodes=nodes, groups=(*groups, made)))

    return edit


# "conv2_block1_1_conv", "block_3_expand", "stage_0_block_1_layer_scale": what Keras' own networks call their parts.
_PART = re.compile(r"(.*(?:block|stage|mixed|stack|unit|cell|fire|encoder|decoder)_?\d+[a-z]?)(?:_|$)")


def parts_by_name(graph: Graph) -> dict[str, tuple[str, ...]]:
    """{name of a part: ids of its layers}, where layers that are in no group yet have names that begin alike, as in
    block_1_conv and block_1_bn. A part has at least two layers."""
    found: dict[str, list[str]] = {}
    for node in graph.nodes:
        said = _PART.match(node.name) if not node.group and node.kind not in ENDS else None
        if said is not None:
            found.setdefault(said.group(1), []).append(node.id)
    return {name: tuple(ids) for name, ids in found.items() if len(ids) > 1}


def group_by_names() -> Edit:
    """Each part that the names of the layers tell of becomes a group.

    Raises (when applied):
        GraphError: the names tell of none.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        parts = parts_by_name(graph)
        if not parts:
            raise GraphError(
                "The names of the layers tell of no parts.",
                where="model",
                remedy="Parts are seen where names begin alike, as in block_1_conv and block_1_bn. "
                "Select layers and press Ctrl+G instead.",
            )
        home: dict[str, str] = {}
        for number, (name, ids) in enumerate(parts.items()):
            made = Group(new_id(), free_group_name(graph, name), colour=number % COLOURS)
            graph = replace(graph, groups=(*graph.groups, made))
            home |= dict.fromkeys(ids, made.id)
        nodes = tuple(replace(n, group=home[n.id]) if n.id in home else n for n in graph.nodes)
        return with_graph(project, replace(graph, nodes=nodes))

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
        return with_graph(project, replace(graph, nodes=nodes, groups=groups))

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
            graph = steady(graph, moved(graph, _fed_below(graph, ids, folded), -room if folded else room))
            graph = replace(graph, groups=tuple(replace(g, folded=folded) if g.id == one else g for g in graph.groups))
        return project if graph is project.graph else with_graph(project, graph)

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
        return with_graph(project, hand_over(replace(graph, nodes=nodes, wires=wires)))

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
        graph = steady(graph, moved(graph, below, pitch * (times - 1)))
        for number in range(1, times):
            fresh = {i: (ids_of_copies(number, i) if ids_of_copies else new_id()) for i in ids}
            graph = _copied(graph, group_id, ids, fresh, pitch * number)
            entering = tuple(Wire(last, fresh[w.target], w.port) for w in across.entering)
            graph = replace(graph, wires=(*graph.wires, *entering))
            last = fresh[results[0]]
        wires = tuple(replace(w, source=last) if w in across.leaving else w for w in graph.wires)
        return with_graph(project, replace(graph, wires=wires))

    return edit


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


def common(graph: Graph, groups: list[str]) -> str:
    """The innermost group that holds all of these."""
    paths = [tuple(g.id for g in path(graph, name)) for name in groups]
    common = ""
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        common = level[0]
    return common


def next_colour(graph: Graph) -> int:
    """The first colour that no group has, or the one after the last."""
    taken = {g.colour for g in graph.groups}
    free = (c for c in range(COLOURS) if c not in taken)
    return next(free, len(graph.groups) % COLOURS)


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


def moved(graph: Graph, ids: frozenset[str], down: float) -> Graph:
    if not ids or not down:
        return graph
    return replace(graph, nodes=tuple(replace(n, y=n.y + down) if n.id in ids else n for n in graph.nodes))


def _copied(graph: Graph, group_id: str, ids: tuple[str, ...], fresh: Mapping[str, str], down: float) -> Graph:
    inner = within(graph, group_id)
    groups = {g: new_id() for g in inner}
    taken = {n.name for n in graph.nodes}
    made = []
    sharing = among_copies(graph.nodes, fresh)
    for node in (n for n in graph.nodes if n.id in fresh):
        name = unused_name(identifier(node.name) or "layer", taken)
        taken.add(name)
        again = replace(node, id=fresh[node.id], name=name, shares=sharing[node.id])
        made.append(replace(again, y=node.y + down, group=groups[node.group]))
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
    return with_graph(project, replace(project.graph, groups=groups))


def with_graph(project: Project, graph: Graph) -> Project:
    return replace(project, graph=without_empty(graph))
