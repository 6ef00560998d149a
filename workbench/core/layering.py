"""In which row each vertex of a graph stands: below all that feeds it, with wires as short as may be.

Rows by longest path; then vertices move down together with what stands tight below them where that makes wires shorter
on the whole, a local form of the network simplex of Gansner, Koutsofios, North and Vo (1993).
"""

from __future__ import annotations

from collections.abc import Iterable

Edge = tuple[int, int]
_CLOSURE = 48  # vertices that move together at most: the search for them stays short in a long chain
_ROUNDS = 6


def acyclic(count: int, edges: list[Edge]) -> list[Edge]:
    """The edges without those that close a circle in a depth-first walk."""
    follows: list[list[int]] = [[] for _ in range(count)]
    indegree = [0] * count
    for a, b in edges:
        follows[a].append(b)
        indegree[b] += 1
    state = [0] * count
    kept: set[Edge] = set()
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


def ranks(count: int, edges: list[Edge]) -> list[int]:
    """The row of each vertex, from 0; edges lead to a later row. `edges` have no circle."""
    into: list[list[int]] = [[] for _ in range(count)]
    out: list[list[int]] = [[] for _ in range(count)]
    waits = [0] * count
    for a, b in edges:
        out[a].append(b)
        into[b].append(a)
        waits[b] += 1
    rank = [0] * count
    ready = [v for v in range(count) if not waits[v]]
    for vertex in ready:  # grows while it is walked
        for target in out[vertex]:
            rank[target] = max(rank[target], rank[vertex] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    for _ in range(_ROUNDS):
        if not sum(_lower(vertex, rank, into, out) for vertex in reversed(ready)):
            break
    top = min(rank, default=0)
    return [r - top for r in rank]


def _lower(vertex: int, rank: list[int], into: list[list[int]], out: list[list[int]]) -> bool:
    """Move a vertex down, with all that stands right below it and is fed by it, where wires get shorter by it."""
    if len(out[vertex]) < len(into[vertex]) or not out[vertex]:
        return False
    moving = {vertex}
    stack = [vertex]
    while stack:
        here = stack.pop()
        if not out[here]:
            return False  # an end would come along: nothing gets shorter
        for target in out[here]:
            if target not in moving and rank[target] == rank[here] + 1:
                if len(moving) == _CLOSURE:
                    return False
                moving.add(target)
                stack.append(target)
    leaving = [(v, t) for v in moving for t in out[v] if t not in moving]
    entering = sum(s not in moving for v in moving for s in into[v])
    if not leaving or len(leaving) <= entering:
        return False
    room = min(rank[t] - rank[v] - 1 for v, t in leaving)
    for v in moving:
        rank[v] += room
    return room > 0


def connected(ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The parts of `ids` that `pairs` join, in the order of `ids`."""
    root = {i: i for i in ids}

    def find(i: str) -> str:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        root[find(b)] = find(a)
    parts: dict[str, list[str]] = {}
    for i in root:
        parts.setdefault(find(i), []).append(i)
    return list(parts.values())
