"""The person's verbs on where blocks lie, each a pure edit `Project -> Project` for `Document.apply`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from statistics import median

from . import layout
from .document import Edit
from .folding import shown_graph
from .layering import connected
from .project import Graph, Node, Note, Project

Place = tuple[float, float]
_REPEATS = 8
_NEAR = 120.0  # pixels from a block within which a note belongs to it
_LARGE = 600  # blocks and wires; a layout of more takes too long to be repeated
_HUGE = 2000  # blocks and wires; only one layout is tried
_PAIRS = 200_000  # of wires that are held against each other at most


def move_nodes(places: Mapping[str, Place]) -> Edit:
    """Top left corners of some blocks."""
    return lambda project: _moved(project, places)


def arrange(ids: Collection[str] = ()) -> Edit:
    """Automatic layout of all blocks, or of some among the others.

    What lay left of something stays left of it where that costs no crossing, and each part that is wired together stays
    about where it was: the picture is tidied, not exchanged. A folded group is one block, here and in the verbs below.
    """
    wanted = tuple(ids)

    def edit(project: Project) -> Project:
        shown = shown_graph(project.graph)
        chosen = frozenset(shown.shown_ids(wanted))
        inner = shown.graph if len(chosen) < 2 else _among(shown.graph, chosen)
        return along(project, _moved(project, shown.real_places(project.graph, tidy_places(inner))))

    return edit


def along(before: Project, after: Project) -> Project:
    """Notes go with the block they lie at."""
    graph, now = before.graph, after.graph
    if now is graph or not graph.notes:
        return after

    def away(note: Note, node: Node) -> float:
        across = max(note.x - node.x - layout.NODE_WIDTH, node.x - note.x - note.width, 0.0)
        down = max(note.y - node.y - layout.NODE_HEIGHT, node.y - note.y - note.height, 0.0)
        return across + down

    def moved(note: Note) -> Note:
        nearest = min(graph.nodes, key=lambda node: away(note, node))
        if away(note, nearest) > _NEAR:
            return note
        there = now.node(nearest.id)
        return replace(note, x=note.x + there.x - nearest.x, y=note.y + there.y - nearest.y)

    return replace(after, graph=replace(now, notes=tuple(moved(note) for note in graph.notes)))


def align(ids: Iterable[str], edge: str) -> Edit:
    """Blocks on one line. edge: left, centre, right, top, middle or bottom; "centre" and "middle" are the mean of where
    they are."""
    wanted = tuple(ids)

    def edit(project: Project) -> Project:
        shown = shown_graph(project.graph)
        chosen = frozenset(shown.shown_ids(wanted))
        nodes = [n for n in shown.graph.nodes if n.id in chosen]
        if len(nodes) < 2:
            return project
        across = edge in ("left", "centre", "right")
        spots = [n.x if across else n.y for n in nodes]
        if edge in ("left", "top"):
            line = min(spots)
        elif edge in ("right", "bottom"):
            line = max(spots)
        else:
            line = _snap(sum(spots) / len(spots))
        places = {n.id: (line, n.y) if across else (n.x, line) for n in nodes}
        return _moved(project, shown.real_places(project.graph, places))

    return edit


def distribute(ids: Iterable[str], axis: str) -> Edit:
    """The same distance from block to block. axis: "across" or "down"; the outermost stay where they are."""
    wanted = tuple(ids)

    def edit(project: Project) -> Project:
        across = axis == "across"
        shown = shown_graph(project.graph)
        chosen = frozenset(shown.shown_ids(wanted))
        nodes = [n for n in shown.graph.nodes if n.id in chosen]
        nodes.sort(key=lambda n: (n.x, n.y) if across else (n.y, n.x))
        if len(nodes) < 3:
            return project
        first, last = (nodes[0].x, nodes[-1].x) if across else (nodes[0].y, nodes[-1].y)
        step = (last - first) / (len(nodes) - 1)
        places = {}
        for number, node in enumerate(nodes[1:-1], 1):
            spot = _snap(first + number * step)
            places[node.id] = (spot, node.y) if across else (node.x, spot)
        return _moved(project, shown.real_places(project.graph, places))

    return edit


def tidy_places(graph: Graph) -> dict[str, Place]:
    """{id: top left corner} of an automatic layout that keeps to what is there; see `arrange`.

    Repeated until nothing moves any more (twice as a rule), so that arranging once more changes nothing.
    """
    found = [_tidier(graph)]
    for _ in range(_REPEATS if len(graph.nodes) + len(graph.wires) <= _LARGE else 0):
        moved = tuple(replace(n, x=found[-1][n.id][0], y=found[-1][n.id][1]) for n in graph.nodes)
        places = _tidier(replace(graph, nodes=moved))
        if places in found:
            # One layout, or a few that lead to each other: always the same of them.
            circle = found[found.index(places) :]
            return min(circle, key=lambda one: (crossings(graph, one), sorted(one.items())))
        found.append(places)
    return found[-1]


def _tidier(graph: Graph) -> dict[str, Place]:
    """Of the layout by itself and the one that begins with the order from left to right as it is, that with fewer
    crossings; of two alike that from which less has to move."""
    at = {n.id: (n.x, n.y) for n in graph.nodes}
    if len(set(at.values())) < 2:  # nothing was placed yet
        return {n.id: (n.x, n.y) for n in layout.arrange(graph).nodes}
    # The layout takes the order it is given for the order of a row, and leaves it unless another saves crossings.
    nodes = tuple(sorted(graph.nodes, key=lambda n: n.x))
    wires = tuple(sorted(graph.wires, key=lambda w: (at.get(w.target, (0.0, 0.0))[0], w.port)))
    ordered = layout.arrange(replace(graph, nodes=nodes, wires=wires))
    if len(graph.nodes) + len(graph.wires) > _HUGE:
        return _near(ordered, at)
    tried = [_near(ordered, at), _near(layout.arrange(graph), at)]
    few = all(pairs(graph, places) <= _PAIRS for places in tried)
    return min(tried, key=lambda places: (crossings(graph, places) if few else 0, _moves(places, at)))


def _near(laid: Graph, at: Mapping[str, Place]) -> dict[str, Place]:
    """A layout with each part that is wired together about where it was, unless parts would then touch."""
    parts = _parts(laid)
    moved = {i: place for part in parts for i, place in _kept(part, at).items()}
    return _kept(laid.nodes, at) if _overlap(parts, moved) else moved


def _moves(places: Mapping[str, Place], at: Mapping[str, Place]) -> float:
    return sum(abs(x - at[i][0]) + abs(y - at[i][1]) for i, (x, y) in places.items())


def crossings(graph: Graph, places: Mapping[str, Place]) -> int:
    """How many pairs of wires cross, drawn as straight lines."""
    lines = [(places[w.source], places[w.target]) for w in graph.wires if w.source in places and w.target in places]
    lines = sorted(((a, b) if a[1] <= b[1] else (b, a) for a, b in lines), key=lambda line: line[0][1])
    open_: list[tuple[Place, Place]] = []
    count = 0
    for line in lines:
        open_ = [one for one in open_ if one[1][1] > line[0][1]]
        count += sum(_cross(one, line) for one in open_)
        open_.append(line)
    return count


def pairs(graph: Graph, places: Mapping[str, Place]) -> int:
    """How many pairs of wires pass the same height."""
    ends = [
        (places[w.source][1], places[w.target][1]) for w in graph.wires if w.source in places and w.target in places
    ]
    tops, bottoms = sorted(min(e) for e in ends), sorted(max(e) for e in ends)
    return sum(place - bisect_right(bottoms, top) for place, top in enumerate(tops))


def _cross(one: tuple[Place, Place], other: tuple[Place, Place]) -> bool:
    (a, b), (c, d) = one, other

    def side(p: Place, q: Place, r: Place) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _kept(nodes: Iterable[Node], at: Mapping[str, Place]) -> dict[str, Place]:
    """The laid blocks, moved together to about where they were."""
    part = list(nodes)
    dx = _snap(median(at[n.id][0] - n.x for n in part))
    dy = _snap(median(at[n.id][1] - n.y for n in part))
    return {n.id: (n.x + dx, n.y + dy) for n in part}


def _parts(graph: Graph) -> list[list[Node]]:
    """The blocks that are wired together, each lot for itself."""
    nodes = {n.id: n for n in graph.nodes}
    wires = ((w.target, w.source) for w in graph.wires if w.source in nodes and w.target in nodes)
    return [[nodes[i] for i in part] for part in connected(nodes, wires)]


def _overlap(parts: list[list[Node]], places: Mapping[str, Place]) -> bool:
    """Whether the rectangles round two parts touch."""
    boxes = []
    for part in parts:
        xs, ys = [places[n.id][0] for n in part], [places[n.id][1] for n in part]
        boxes.append((min(xs), min(ys), max(xs) + layout.NODE_WIDTH, max(ys) + layout.NODE_HEIGHT))
    boxes.sort()
    return any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for place, a in enumerate(boxes)
        for b in boxes[place + 1 :]
    )


def _among(graph: Graph, chosen: frozenset[str]) -> Graph:
    nodes = tuple(n for n in graph.nodes if n.id in chosen)
    wires = tuple(w for w in graph.wires if w.source in chosen and w.target in chosen)
    return Graph(nodes, wires, graph.groups)


def _moved(project: Project, places: Mapping[str, Place]) -> Project:
    def change(node: Node) -> Node:
        x, y = places.get(node.id, (node.x, node.y))
        return node if (node.x, node.y) == (x, y) else replace(node, x=float(x), y=float(y))

    nodes = tuple(change(n) for n in project.graph.nodes)
    if all(a is b for a, b in zip(nodes, project.graph.nodes, strict=True)):
        return project
    return replace(project, graph=replace(project.graph, nodes=nodes))


def _snap(value: float) -> float:
    return float(round(value / layout.GRID) * layout.GRID)
