"""Horizontal places in a layered graph: Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001).

The compaction is done on the block graph, so that wide and narrow vertices may share a layer; afterwards unbranched
chains that the averaging bent are straightened where there is room.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass
class Layered:
    """Vertices by layer. Vertex numbers below `real` are nodes or fields, the others stand for long wires passing a
    layer.

    A field is what a group takes of one layer; all fields of a group stand on one x. field_above: {vertex: the field of
    the same group in the layer above, or -1}. reach: how far a vertex goes to the left and to the right of its x.
    """

    real: int
    reach: list[tuple[float, float]]
    gap: float
    layers: list[list[int]]
    rank: list[int]
    above: list[list[int]]
    below: list[list[int]]
    field_above: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)

    def number(self) -> None:
        self.at = [0] * len(self.rank)
        for layer in self.layers:
            for place, vertex in enumerate(layer):
                self.at[vertex] = place


def coordinates(layered: Layered) -> list[float]:
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


def _straighten(layered: Layered, xs: list[float]) -> None:
    """Put every unbranched chain on one x where its neighbours leave room: averaging the alignments bends some."""
    chains: list[list[int]] = []
    fixed = _fields(layered)
    for vertex in range(len(xs)):
        up = layered.above[vertex]
        if vertex in fixed:
            continue
        if len(up) == 1 and up[0] not in fixed and len(layered.below[up[0]]) == 1:
            continue  # not the head of its chain
        chain = [vertex]
        while len(layered.below[chain[-1]]) == 1 and len(layered.above[layered.below[chain[-1]][0]]) == 1:
            if layered.below[chain[-1]][0] in fixed:
                break
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


def _apart(layered: Layered, a: int, b: int) -> float:
    """Least distance from the x of a vertex to that of its right neighbour."""
    return layered.reach[a][1] + layered.reach[b][0] + layered.gap


def _fields(layered: Layered) -> set[int]:
    """The vertices that are fields of groups of several layers."""
    lower = {v for v, upper in enumerate(layered.field_above) if upper >= 0}
    return lower | {layered.field_above[v] for v in lower}


def _conflicts(layered: Layered) -> set[tuple[int, int]]:
    """Edges that cross a step of a group's field, or an inner segment of a long wire: those stay straight, the others
    give way (type 1 conflicts; a field comes before a wire)."""
    found: set[tuple[int, int]] = set()
    at, real = layered.at, layered.real
    for layer in layered.layers[1:]:
        firm = [(at[up], at[v]) for v in layer if (up := layered.field_above[v]) >= 0]
        _mark(layered, layer, firm, found, lambda a, b: layered.field_above[b] == a)
        inner = [
            (at[layered.above[v][0]], at[v])
            for v in layer
            if v >= real and layered.above[v][0] >= real and (layered.above[v][0], v) not in found
        ]
        _mark(
            layered,
            layer,
            inner,
            found,
            lambda a, b: (a >= real and b >= real) or layered.field_above[b] == a,
        )
    return found


def _mark(
    layered: Layered,
    layer: list[int],
    straight: list[tuple[int, int]],
    found: set[tuple[int, int]],
    spared: Callable[[int, int], bool],
) -> None:
    """Add the edges into a layer that cross one of `straight` (places above and here, from left to right)."""
    if not straight:
        return
    # Long wires may cross each other: the rightmost above of those that end further left, the leftmost of the others.
    lefts: list[int] = []
    for place, _ in straight:
        lefts.append(max(place, lefts[-1]) if lefts else place)
    rights = [place for place, _ in straight]
    for i in range(len(rights) - 2, -1, -1):
        rights[i] = min(rights[i], rights[i + 1])
    ends = [here for _, here in straight]
    for vertex in layer:
        b = layered.at[vertex]
        before, behind = bisect_left(ends, b), bisect_right(ends, b)
        for source in layered.above[vertex]:
            a = layered.at[source]
            crosses = (before and lefts[before - 1] > a) or (behind < len(ends) and rights[behind] < a)
            if crosses and not spared(source, vertex):
                found.add((source, vertex))


def _align(layered: Layered, conflicts: set[tuple[int, int]], upward: bool, rightward: bool) -> list[int]:
    """The root of each vertex's block: vertices that share one x. Blocks are chains of median neighbours."""
    count = len(layered.rank)
    root = list(range(count))
    linked = list(range(count))
    layers = layered.layers[::-1] if upward else layered.layers
    neighbours, back = (layered.below, layered.above) if upward else (layered.above, layered.below)
    field, onward = layered.field_above, [-1] * count
    for vertex, upper in enumerate(field):
        if upper >= 0:
            onward[upper] = vertex
    if upward:
        field, onward = onward, field
    for layer in layers:
        limit = -1
        for vertex in reversed(layer) if rightward else layer:
            blocks = [n for n in neighbours[vertex] if n < layered.real]  # the main line stays straight, skips go round
            near = sorted(blocks or neighbours[vertex], key=lambda v: layered.at[v], reverse=rightward)
            if field[vertex] >= 0:
                near = [field[vertex]]
            elif not near:
                continue
            half = len(near) // 2
            for other in (near[half],) if len(near) % 2 else (near[half - 1], near[half]):
                if vertex >= layered.real > other and any(n < layered.real for n in back[other]):
                    continue
                if field[vertex] < 0 and onward[other] >= 0:
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


def _compact(layered: Layered, root: list[int], rightward: bool) -> list[float]:
    """x of every vertex: each block as far to one side as its neighbours let it, then pulled back where it can be."""
    gaps: dict[tuple[int, int], float] = {}
    before: dict[int, list[int]] = {r: [] for r in root}
    after: dict[int, list[int]] = {r: [] for r in root}
    for layer in layered.layers:
        row = layer[::-1] if rightward else layer
        for a, b in pairwise(row):
            ra, rb = root[a], root[b]
            gap = _apart(layered, b, a) if rightward else _apart(layered, a, b)
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
