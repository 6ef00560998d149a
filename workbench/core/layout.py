"""Automatic layout of a layer graph, top to bottom, on an 8 px grid; the same graph always gives the same picture.

Rows (layering.py), order within rows (ordering.py), then x by Brandes and Köpf (alignment.py). An open group is laid
out for itself and stands among the others as a field of its size, so that its frame has nothing else in it. Parts of
the graph that are not wired together are laid side by side. Circles are tolerated: the wire that closes one is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .alignment import Layered, coordinates
from .layering import acyclic, connected, ranks
from .ordering import order
from .project import Graph

GRID = 8
NODE_WIDTH = 200
NODE_HEIGHT = 64
GAP_X = 40
GAP_Y = 40
FRAME = 8
"""Pixels from the blocks of an open group to its frame."""
FRAME_TITLE = 22
"""Pixels the strip with a group's name takes above that."""
_WIRE = (8.0, 8.0)  # room a long wire takes where it passes a layer
_NODE = (NODE_WIDTH / 2, NODE_WIDTH / 2)
_BENDS = 5_000  # where long wires pass layers; beyond, the longest wires are laid over the picture instead

Edge = tuple[int, int]


def arrange(graph: Graph) -> Graph:
    """The graph with every node at its place: the topmost at y = 0, the leftmost at x = 0."""
    ids = [n.id for n in graph.nodes]
    known = set(ids)
    edges = list(dict.fromkeys((w.source, w.target) for w in graph.wires if w.source in known and w.target in known))
    homes = _homes(graph)
    places: dict[str, tuple[float, float]] = {}
    left = 0.0
    for part in _components(ids, edges, homes):
        members = set(part)
        spots = _place(part, [e for e in edges if e[0] in members], homes)
        lowest = min(x for x, _ in spots.values())
        for node, (x, y) in spots.items():
            places[node] = (snapped(x - lowest + left), snapped(y))
        left = max(places[node][0] for node in part) + NODE_WIDTH + 2 * GAP_X
    return replace(graph, nodes=tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in graph.nodes))


def snapped(value: float) -> float:
    """On the grid."""
    return float(round(value / GRID) * GRID)


def _homes(graph: Graph) -> dict[str, tuple[str, ...]]:
    """{id of a node: the groups it lies in, the outermost first}."""
    parents = {g.id: g.parent for g in graph.groups}
    paths: dict[str, tuple[str, ...]] = {"": ()}

    def path(group: str) -> tuple[str, ...]:
        if group not in paths:
            paths[group] = ()  # a circle of parents ends here
            paths[group] = (*path(parents[group]), group) if group in parents else ()
        return paths[group]

    return {n.id: path(n.group) for n in graph.nodes}


def _components(ids: list[str], edges: list[tuple[str, str]], homes: dict[str, tuple[str, ...]]) -> list[list[str]]:
    """The parts that are wired together or in one group, the largest first; otherwise in the order of `ids`."""
    first: dict[str, str] = {}
    together = [(first.setdefault(homes[i][0], i), i) for i in ids if homes[i]]
    return sorted(connected(ids, [*edges, *together]), key=len, reverse=True)


def _place(
    ids: list[str], edges: list[tuple[str, str]], homes: dict[str, tuple[str, ...]]
) -> dict[str, tuple[float, float]]:
    """Top left corners of one part."""
    number = {node: i for i, node in enumerate(ids)}
    wires = acyclic(len(ids), [(number[a], number[b]) for a, b in edges if a != b])
    rank = ranks(len(ids), wires)
    paths = [homes[i] for i in ids]
    into: list[list[int]] = [[] for _ in ids]
    out: list[list[int]] = [[] for _ in ids]
    for a, b in wires:
        out[a].append(b)
        into[b].append(a)
    whole = _Field(rank, list(range(len(ids))), wires, paths, 0, (into, out))
    tops = _tops(rank, paths)
    return {node: (whole.xs[number[node]] - NODE_WIDTH / 2, tops[rank[number[node]]]) for node in ids}


def _tops(rank: list[int], paths: list[tuple[str, ...]]) -> list[float]:
    """y of each row: there is room for the frames that end above it and for the names of those that begin at it."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    depth: dict[str, int] = {}
    for r, path in zip(rank, paths, strict=True):
        for level, group in enumerate(path):
            first[group], last[group] = min(first.get(group, r), r), max(last.get(group, r), r)
            depth[group] = level
    rows = max(rank, default=0) + 1
    titles, ends = [0] * (rows + 1), [0] * (rows + 1)
    # Frames one in the other that begin at the same row stand above each other, those that end at one below.
    for r, path in zip(rank, paths, strict=True):
        titles[r] = max(titles[r], sum(first[group] == r for group in path))
        ends[r] = max(ends[r], sum(last[group] == r for group in path))
    tops = [0.0]
    for r in range(1, rows):
        frames = ends[r - 1] * FRAME + titles[r] * (FRAME + FRAME_TITLE)
        gap = max(GAP_Y, frames + FRAME if titles[r] or ends[r - 1] else 0)
        tops.append(tops[-1] + NODE_HEIGHT + -(-gap // GRID) * GRID)
    return tops


@dataclass
class _Group:
    """A group among what lies beside it. xs: {vertex: x from its own x}. reach: of its frame to both sides."""

    xs: dict[int, float]
    reach: tuple[float, float]
    rows: range
    fields: dict[int, int] = field(default_factory=dict)  # {row: number among the vertices of what it lies in}


class _Field:
    """The blocks of one group, or all of them, laid out: xs {vertex: x}. members: vertices. depth: how many groups lie
    round it. beside: what feeds each vertex and what it feeds, in all of the graph. Groups in it are laid out first,
    and take a field of each row they reach."""

    def __init__(
        self,
        rank: list[int],
        members: list[int],
        wires: list[Edge],
        paths: list[tuple[str, ...]],
        depth: int,
        beside: tuple[list[list[int]], list[list[int]]],
    ) -> None:
        self._rank, self._beside = rank, beside
        inside: dict[str, list[int]] = {}
        free: list[int] = []
        for vertex in members:
            if len(paths[vertex]) > depth:
                inside.setdefault(paths[vertex][depth], []).append(vertex)
            else:
                free.append(vertex)
        home = {v: name for name, vertices in inside.items() for v in vertices}
        mine: dict[str, list[Edge]] = {name: [] for name in inside}
        self._edges: list[Edge] = []
        here = set(members)
        for a, b in wires:
            if a not in here or b not in here:
                continue
            if a in home and home[a] == home.get(b):
                mine[home[a]].append((a, b))
            else:
                self._edges.append((a, b))
        self._groups = {name: self._group(vertices, mine[name], paths, depth) for name, vertices in inside.items()}
        self._home = home
        self._free = free
        self.xs = self._laid(members)

    def _group(self, vertices: list[int], wires: list[Edge], paths: list[tuple[str, ...]], depth: int) -> _Group:
        inner = _Field(self._rank, vertices, wires, paths, depth + 1, self._beside)
        inside = set(vertices)
        # What it gives stands on its x, else what it takes: the main line goes straight through it.
        giving = [v for v in vertices if any(b not in inside for b in self._beside[1][v])]
        giving = giving or [v for v in vertices if any(a not in inside for a in self._beside[0][v])]
        spots = [inner.xs[v] for v in giving] or [(inner.left + inner.right) / 2]
        middle = sum(spots) / len(spots)
        rows = [self._rank[v] for v in vertices]
        return _Group(
            {v: inner.xs[v] - middle for v in vertices},
            (middle - inner.left + FRAME, inner.right - middle + FRAME),
            range(min(rows), max(rows) + 1),
        )

    def _laid(self, members: list[int]) -> dict[int, float]:
        """x of every vertex; `left` and `right` are how far the whole reaches."""
        number: dict[int, int] = {}
        rank: list[int] = []
        reach: list[tuple[float, float]] = []
        field_above: list[int] = []
        for vertex in members:  # in the order given, a group where its first block is
            if vertex not in self._home:
                number[vertex] = len(rank)
                rank.append(self._rank[vertex])
                reach.append(_NODE)
                field_above.append(-1)
                continue
            group = self._groups[self._home[vertex]]
            if not group.fields:
                for row in group.rows:
                    group.fields[row] = len(rank)
                    field_above.append(len(rank) - 1 if row > group.rows.start else -1)
                    rank.append(row)
                    reach.append(group.reach)
            number[vertex] = group.fields[self._rank[vertex]]
        edges = dict.fromkeys((number[a], number[b]) for a, b in self._edges)
        layered = _layered(rank, reach, field_above, [e for e in edges if rank[e[0]] < rank[e[1]]])
        order(layered)
        xs = coordinates(layered)
        self.left = min((x - layered.reach[v][0] for v, x in enumerate(xs)), default=0.0)
        self.right = max((x + layered.reach[v][1] for v, x in enumerate(xs)), default=0.0)
        found = {v: xs[number[v]] for v in self._free}
        for group in self._groups.values():
            x = xs[group.fields[group.rows.start]]
            found |= {v: x + away for v, away in group.xs.items()}
        return found


def _layered(rank: list[int], reach: list[tuple[float, float]], field_above: list[int], edges: list[Edge]) -> Layered:
    """Rows of vertices, in the order of a walk from above; long edges get bends where they pass a row."""
    count = len(rank)
    rank, reach = list(rank), list(reach)
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for vertex, upper in enumerate(field_above):
        if upper >= 0:
            above[vertex].append(upper)
            below[upper].append(vertex)
    longest = _longest(rank, edges)
    for a, b in edges:
        if rank[b] - rank[a] > longest:
            continue
        last = a
        for r in range(rank[a] + 1, rank[b]):
            bend = len(rank)
            rank.append(r)
            reach.append(_WIRE)
            above.append([last])
            below.append([])
            below[last].append(bend)
            last = bend
        below[last].append(b)
        above[b].append(last)
    lowest = min(rank, default=0)
    rank = [r - lowest for r in rank]
    layers: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    seen = [False] * len(rank)
    for start in sorted(range(count), key=lambda v: rank[v]):
        stack = [start]
        while stack:
            vertex = stack.pop()
            if not seen[vertex]:
                seen[vertex] = True
                layers[rank[vertex]].append(vertex)
                stack.extend(reversed(below[vertex]))
    fields = [*field_above, *[-1] * (len(rank) - count)]
    return Layered(count, reach, float(GAP_X), layers, rank, above, below, fields)


def _longest(rank: list[int], edges: list[Edge]) -> int:
    """Rows that a wire may span to be kept apart from all others: as many as there is time for."""
    room = _BENDS
    spans = sorted(rank[b] - rank[a] for a, b in edges)
    for span in spans:
        room -= span - 1
        if room < 0:
            return span - 1
    return spans[-1] if spans else 1
