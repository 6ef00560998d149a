"""Automatic layout of a layer graph, top to bottom, on an 8 px grid; the same graph always gives the same picture.

Layers by longest path, sources pulled down to what they feed; crossings reduced by median sweeps (Sugiyama, Tagawa
and Toda 1981; Gansner et al. 1993); x by Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001),
with the compaction done on the block graph so that wide and narrow vertices may share a layer. Parts of the graph
that are not wired together are laid side by side. Circles are tolerated: the wire that closes one is ignored.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .project import Graph

GRID = 8
NODE_WIDTH = 200
NODE_HEIGHT = 64
GAP_X = 40
GAP_Y = 40
_WIRE_WIDTH = 16.0  # room a long wire takes where it passes a layer
_SWEEPS = 12


def arrange(graph: Graph) -> Graph:
    """The graph with every node at its place: the topmost at y = 0, the leftmost at x = 0."""
    ids = [n.id for n in graph.nodes]
    known = set(ids)
    edges = list(dict.fromkeys((w.source, w.target) for w in graph.wires if w.source in known and w.target in known))
    places: dict[str, tuple[float, float]] = {}
    left = 0.0
    for part in _components(ids, edges):
        members = set(part)
        spots = _place(part, [e for e in edges if e[0] in members])
        lowest = min(x for x, _ in spots.values())
        for node, (x, y) in spots.items():
            places[node] = (_snap(x - lowest + left), _snap(y))
        left = max(places[node][0] for node in part) + NODE_WIDTH + 2 * GAP_X
    return replace(graph, nodes=tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in graph.nodes))


def _snap(value: float) -> float:
    return float(round(value / GRID) * GRID)


def _components(ids: list[str], edges: list[tuple[str, str]]) -> list[list[str]]:
    """The parts that are wired together, the largest first; otherwise in the order of `ids`."""
    root = {i: i for i in ids}

    def find(i: str) -> str:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in edges:
        root[find(b)] = find(a)
    parts: dict[str, list[str]] = {}
    for i in ids:
        parts.setdefault(find(i), []).append(i)
    return sorted(parts.values(), key=len, reverse=True)


@dataclass
class _Layered:
    """Vertices by layer. Vertex numbers below `real` are nodes, the others stand for long wires passing a layer."""

    real: int
    layers: list[list[int]]
    rank: list[int]
    above: list[list[int]]
    below: list[list[int]]
    at: list[int] = field(default_factory=list)

    def number(self) -> None:
        self.at = [0] * len(self.rank)
        for layer in self.layers:
            for place, vertex in enumerate(layer):
                self.at[vertex] = place

    def width(self, vertex: int) -> float:
        return float(NODE_WIDTH) if vertex < self.real else _WIRE_WIDTH


def _place(ids: list[str], edges: list[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Top left corners of one connected part."""
    number = {node: i for i, node in enumerate(ids)}
    layered = _layer(len(ids), _acyclic(len(ids), [(number[a], number[b]) for a, b in edges if a != b]))
    _order(layered)
    centres = _coordinates(layered)
    pitch = NODE_HEIGHT + GAP_Y
    return {node: (centres[number[node]] - NODE_WIDTH / 2, float(layered.rank[number[node]] * pitch)) for node in ids}


def _acyclic(count: int, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges without those that close a circle in a depth-first walk."""
    follows: list[list[int]] = [[] for _ in range(count)]
    indegree = [0] * count
    for a, b in edges:
        follows[a].append(b)
        indegree[b] += 1
    state = [0] * count
    kept: set[tuple[int, int]] = set()
    for start in sorted(range(count), key=lambda v: indegree[v] > 0):
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(follows[start]))]
        while stack:
            vertex, rest = stack[-1]
            for target in rest:
                if state[target] == 1:
                    continue
                kept.add((vertex, target))
                if not state[target]:
                    state[target] = 1
                    stack.append((target, iter(follows[target])))
                    break
            else:
                state[vertex] = 2
                stack.pop()
    return [e for e in edges if e in kept]


def _layer(count: int, edges: list[tuple[int, int]]) -> _Layered:
    """Longest-path layers; a vertex nothing feeds moves down next to what it feeds; long edges get bends."""
    follows: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for a, b in edges:
        follows[a].append(b)
        waits[b] += 1
    fed = [bool(w) for w in waits]
    rank = [0] * count
    ready = [v for v in range(count) if not waits[v]]
    for vertex in ready:  # grows while it is walked
        for target in follows[vertex]:
            rank[target] = max(rank[target], rank[vertex] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    for vertex in range(count):
        if not fed[vertex] and follows[vertex]:
            rank[vertex] = min(rank[t] for t in follows[vertex]) - 1
    top = min(rank, default=0)
    rank = [r - top for r in rank]
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for a, b in edges:
        last = a
        for r in range(rank[a] + 1, rank[b]):
            bend = len(rank)
            rank.append(r)
            above.append([last])
            below.append([])
            below[last].append(bend)
            last = bend
        below[last].append(b)
        above[b].append(last)
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
    layered = _Layered(count, layers, rank, above, below)
    layered.number()
    return layered


# ---- crossings -----------------------------------------------------------------------------------------------


def _order(layered: _Layered) -> None:
    """Median sweeps down and up with swaps of neighbours; the order with the fewest crossings is kept."""
    best = [list(layer) for layer in layered.layers]
    fewest = _crossings(layered)
    idle = 0
    for sweep in range(_SWEEPS):
        if not fewest or idle == 4:
            break
        down = sweep % 2 == 0
        numbers = range(1, len(layered.layers)) if down else range(len(layered.layers) - 2, -1, -1)
        for r in numbers:
            _sort_layer(layered, r, layered.above if down else layered.below)
        _swap_neighbours(layered)
        count = _crossings(layered)
        idle += 1
        if count < fewest:
            fewest, best, idle = count, [list(layer) for layer in layered.layers], 0
    layered.layers[:] = best
    layered.number()


def _sort_layer(layered: _Layered, r: int, neighbours: list[list[int]]) -> None:
    layer = layered.layers[r]
    middle: dict[int, float] = {}
    for place, vertex in enumerate(layer):
        spots = sorted(layered.at[n] for n in neighbours[vertex])
        if not spots:
            middle[vertex] = float(place)
        else:
            half = len(spots) // 2
            middle[vertex] = spots[half] if len(spots) % 2 else (spots[half - 1] + spots[half]) / 2
    layer.sort(key=lambda v: middle[v])
    for place, vertex in enumerate(layer):
        layered.at[vertex] = place


def _swap_neighbours(layered: _Layered) -> None:
    for layer in layered.layers:
        for i in range(len(layer) - 1):
            a, b = layer[i], layer[i + 1]
            gain = sum(
                _pair_crossings(layered, side[a], side[b]) - _pair_crossings(layered, side[b], side[a])
                for side in (layered.above, layered.below)
            )
            if gain > 0:
                layer[i], layer[i + 1] = b, a
                layered.at[a], layered.at[b] = i + 1, i


def _pair_crossings(layered: _Layered, left: list[int], right: list[int]) -> int:
    at = layered.at
    return sum(at[a] > at[b] for a in left for b in right)


def _crossings(layered: _Layered) -> int:
    total = 0
    for layer in layered.layers[:-1]:
        seen: list[int] = []
        for vertex in layer:
            targets = sorted(layered.at[t] for t in layered.below[vertex])
            total += sum(len(seen) - bisect_right(seen, t) for t in targets)
            for t in targets:
                insort(seen, t)
    return total


# ---- coordinates (Brandes and Köpf) --------------------------------------------------------------------------


def _coordinates(layered: _Layered) -> list[float]:
    """Centre x of every vertex: the mean of the two middle ones of four extreme alignments."""
    conflicts = _conflicts(layered)
    runs: list[list[float]] = []
    for upward in (False, True):
        for rightward in (False, True):
            xs = _compact(layered, _align(layered, conflicts, upward, rightward), rightward)
            runs.append(xs)
    spans = [(min(xs), max(xs)) for xs in runs]
    narrow = min(range(4), key=lambda i: spans[i][1] - spans[i][0])
    for i, xs in enumerate(runs):
        shift = spans[narrow][i % 2] - spans[i][i % 2]  # even runs lean left, odd ones right
        runs[i] = [x + shift for x in xs]
    middles = []
    for four in zip(*runs, strict=True):
        ordered = sorted(four)
        middles.append((ordered[1] + ordered[2]) / 2)
    _straighten(layered, middles)
    return middles


def _straighten(layered: _Layered, xs: list[float]) -> None:
    """Put every unbranched chain on one x where its neighbours leave room: averaging the alignments bends some."""
    chains: list[list[int]] = []
    for vertex in range(len(xs)):
        up = layered.above[vertex]
        if len(up) == 1 and len(layered.below[up[0]]) == 1:
            continue  # not the head of its chain
        chain = [vertex]
        while len(layered.below[chain[-1]]) == 1 and len(layered.above[layered.below[chain[-1]][0]]) == 1:
            chain.append(layered.below[chain[-1]][0])
        if len(chain) > 1:
            chains.append(chain)
    for chain in sorted(chains, key=len, reverse=True):
        low, high = float("-inf"), float("inf")
        for vertex in chain:
            layer, place = layered.layers[layered.rank[vertex]], layered.at[vertex]
            if place:
                low = max(low, xs[layer[place - 1]] + _apart(layered, layer[place - 1], vertex))
            if place + 1 < len(layer):
                high = min(high, xs[layer[place + 1]] - _apart(layered, vertex, layer[place + 1]))
        if low <= high:
            common = min(max(sorted(xs[v] for v in chain)[len(chain) // 2], low), high)
            for vertex in chain:
                xs[vertex] = common


def _apart(layered: _Layered, a: int, b: int) -> float:
    """Least distance between the centres of two neighbours."""
    return (layered.width(a) + layered.width(b)) / 2 + GAP_X


def _conflicts(layered: _Layered) -> set[tuple[int, int]]:
    """Edges that cross an inner segment of a long wire: the long wire stays straight, they give way (type 1)."""
    found: set[tuple[int, int]] = set()
    for layer in layered.layers[1:]:
        inner = [
            (layered.at[layered.above[v][0]], layered.at[v])
            for v in layer
            if v >= layered.real and layered.above[v] and layered.above[v][0] >= layered.real
        ]
        if not inner:
            continue
        for vertex in layer:
            for source in layered.above[vertex]:
                if vertex >= layered.real and source >= layered.real:
                    continue
                a, b = layered.at[source], layered.at[vertex]
                if any((a - p) * (b - q) < 0 for p, q in inner):
                    found.add((source, vertex))
    return found


def _align(layered: _Layered, conflicts: set[tuple[int, int]], upward: bool, rightward: bool) -> list[int]:
    """The root of each vertex's block: vertices that share one x. Blocks are chains of median neighbours."""
    count = len(layered.rank)
    root = list(range(count))
    linked = list(range(count))
    layers = layered.layers[::-1] if upward else layered.layers
    neighbours, back = (layered.below, layered.above) if upward else (layered.above, layered.below)
    for layer in layers:
        limit = -1
        for vertex in reversed(layer) if rightward else layer:
            blocks = [n for n in neighbours[vertex] if n < layered.real]  # the main line stays straight, skips go round
            near = sorted(blocks or neighbours[vertex], key=lambda v: layered.at[v], reverse=rightward)
            if not near:
                continue
            half = len(near) // 2
            for other in (near[half],) if len(near) % 2 else (near[half - 1], near[half]):
                if vertex >= layered.real > other and any(n < layered.real for n in back[other]):
                    continue
                pair = (vertex, other) if upward else (other, vertex)
                place = layered.at[other]
                if rightward:
                    place = len(layered.layers[layered.rank[other]]) - 1 - place
                if linked[vertex] == vertex and pair not in conflicts and limit < place:
                    linked[other] = vertex
                    root[vertex] = root[other]
                    linked[vertex] = root[other]
                    limit = place
    return root


def _compact(layered: _Layered, root: list[int], rightward: bool) -> list[float]:
    """x of every vertex: each block as far to one side as its neighbours let it, then pulled back where it can be."""
    gaps: dict[tuple[int, int], float] = {}
    before: dict[int, list[int]] = {r: [] for r in root}
    after: dict[int, list[int]] = {r: [] for r in root}
    for layer in layered.layers:
        row = layer[::-1] if rightward else layer
        for a, b in pairwise(row):
            ra, rb = root[a], root[b]
            gap = _apart(layered, a, b)
            if (ra, rb) not in gaps:
                before[rb].append(ra)
                after[ra].append(rb)
            gaps[ra, rb] = max(gaps.get((ra, rb), 0.0), gap)
    waits = {r: len(b) for r, b in before.items()}
    order = [r for r in before if not waits[r]]
    for r in order:  # grows while it is walked
        for s in after[r]:
            waits[s] -= 1
            if not waits[s]:
                order.append(s)
    xs: dict[int, float] = {}
    for r in order:
        xs[r] = max((xs[b] + gaps[b, r] for b in before[r]), default=0.0)
    for r in reversed(order):
        if after[r]:
            xs[r] = max(xs[r], min(xs[s] - gaps[r, s] for s in after[r]))
    sign = -1.0 if rightward else 1.0
    return [sign * xs[r] for r in root]
