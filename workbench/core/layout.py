"""Automatic layout of a layer graph, top to bottom, on an 8 px grid; the same graph always gives the same picture.

Layers by longest path, sources pulled down to what they feed; crossings reduced by median sweeps (Sugiyama, Tagawa
and Toda 1981; Gansner et al. 1993); x by Brandes and Köpf (alignment.py). Parts of the graph that are not wired
together are laid side by side. Circles are tolerated: the wire that closes one is ignored.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import replace

from .alignment import Layered, coordinates
from .project import Graph

GRID = 8
NODE_WIDTH = 200
NODE_HEIGHT = 64
GAP_X = 40
GAP_Y = 40
_WIRE_WIDTH = 16.0  # room a long wire takes where it passes a layer
_SWEEPS = 12
_WORK = 240_000  # vertices and bends that all sweeps together look at: seconds, however tangled a graph is


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
            places[node] = (snapped(x - lowest + left), snapped(y))
        left = max(places[node][0] for node in part) + NODE_WIDTH + 2 * GAP_X
    return replace(graph, nodes=tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in graph.nodes))


def snapped(value: float) -> float:
    """On the grid."""
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


def _place(ids: list[str], edges: list[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Top left corners of one connected part."""
    number = {node: i for i, node in enumerate(ids)}
    layered = _layer(len(ids), _acyclic(len(ids), [(number[a], number[b]) for a, b in edges if a != b]))
    _order(layered)
    centres = coordinates(layered)
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


def _layer(count: int, edges: list[tuple[int, int]]) -> Layered:
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
    layered = Layered(count, float(NODE_WIDTH), _WIRE_WIDTH, float(GAP_X), layers, rank, above, below)
    layered.number()
    return layered


# ---- crossings -----------------------------------------------------------------------------------------------


def _order(layered: Layered) -> None:
    """Median sweeps down and up with swaps of neighbours; the order with the fewest crossings is kept."""
    best = [list(layer) for layer in layered.layers]
    fewest = _crossings(layered)
    idle = 0
    for sweep in range(max(2, min(_SWEEPS, _WORK // max(1, len(layered.rank))))):
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


def _sort_layer(layered: Layered, r: int, neighbours: list[list[int]]) -> None:
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


def _swap_neighbours(layered: Layered) -> None:
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


def _pair_crossings(layered: Layered, left: list[int], right: list[int]) -> int:
    at = layered.at
    return sum(at[a] > at[b] for a in left for b in right)


def _crossings(layered: Layered) -> int:
    total = 0
    for layer in layered.layers[:-1]:
        seen: list[int] = []
        for vertex in layer:
            targets = sorted(layered.at[t] for t in layered.below[vertex])
            total += sum(len(seen) - bisect_right(seen, t) for t in targets)
            for t in targets:
                insort(seen, t)
    return total
