"""From left to right within each row, so that few wires cross: median sweeps and swaps of neighbours.

Sugiyama, Tagawa and Toda (1981); Gansner, Koutsofios, North and Vo (1993).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from random import Random

from .alignment import Layered

_SWEEPS = 24
_IDLE = 6  # sweeps without a gain after which one stops
_SWAPS = 8  # rounds of swaps after a sweep
_STARTS = 5  # other orders to begin with where wires still cross
_WORK = 240_000  # vertices and wires that all sweeps together look at: seconds, however tangled a graph is
_FIRM = 4  # how many wires a step of a group's field counts as: long wires go round it


def order(layered: Layered) -> None:
    """Put each row into an order with few crossings. The order given stays where nothing better is found."""
    layered.number()
    sides = _Sides(layered)
    fewest = sides.crossings()
    if not fewest:
        return
    given = [list(layer) for layer in layered.layers]
    rounds = _WORK // (len(layered.rank) + sides.edges)  # that there is time for
    sides.swaps = max(1, min(_SWAPS, rounds // 3))
    fewest, best = sides.sweep(max(2, min(_SWEEPS, rounds)), fewest)
    draw = Random(0)
    for attempt in range(min(_STARTS, rounds // _SWEEPS)):
        if not fewest:
            break
        start = sides.from_below(given) if not attempt else [draw.sample(layer, len(layer)) for layer in given]
        layered.layers[:] = start
        layered.number()
        sides.settle(down=True)
        count, found = sides.sweep(_SWEEPS, sides.crossings(), first_down=bool(attempt % 2))
        if count < fewest:
            fewest, best = count, found
    layered.layers[:] = best
    layered.number()


class _Sides:
    """The neighbours of each vertex, and what can be counted and sorted by them."""

    def __init__(self, layered: Layered) -> None:
        self._layered = layered
        self._above = [list(one) for one in layered.above]
        self._below = [list(one) for one in layered.below]
        for vertex, upper in enumerate(layered.field_above):
            if upper >= 0:
                self._above[vertex] += [upper] * (_FIRM - 1)
                self._below[upper] += [vertex] * (_FIRM - 1)
        self._firm = any(upper >= 0 for upper in layered.field_above)
        self._under = [-1] * len(layered.rank)
        for vertex, upper in enumerate(layered.field_above):
            if upper >= 0:
                self._under[upper] = vertex
        self.swaps = _SWAPS
        self.edges = sum(len(one) for one in self._above)
        self.settle(down=True)

    def sweep(self, rounds: int, fewest: int, *, first_down: bool = True) -> tuple[int, list[list[int]]]:
        """Sort the rows by those above and below them in turn; the fewest crossings found, and that order."""
        layers = self._layered.layers
        best, idle = [list(layer) for layer in layers], 0
        for number in range(rounds):
            if not fewest or idle == _IDLE:
                break
            down = (number % 2 == 0) == first_down
            rows = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
            for r in rows:
                self._sort(r, down=down, ties=number % 4 >= 2)
            for _ in range(self.swaps):
                if not self._swap():
                    break
            count = self.crossings()
            idle += 1
            if count < fewest:
                fewest, best, idle = count, [list(layer) for layer in layers], 0
        return fewest, best

    def from_below(self, given: list[list[int]]) -> list[list[int]]:
        """Another order to begin with: a walk upwards from what nothing follows."""
        rank = self._layered.rank
        seen = [False] * len(rank)
        found: list[list[int]] = [[] for _ in given]
        for layer in reversed(given):
            for end in layer:
                stack = [end]
                while stack:
                    vertex = stack.pop()
                    if not seen[vertex]:
                        seen[vertex] = True
                        found[rank[vertex]].append(vertex)
                        stack.extend(reversed(self._layered.above[vertex]))
        return found

    def settle(self, *, down: bool) -> None:
        """Keep the fields of groups in one order through all rows they share."""
        if self._firm:
            rows = range(1, len(self._layered.layers))
            for r in rows if down else reversed(rows):
                self._align_fields(r, down=down)

    def _align_fields(self, r: int, *, down: bool) -> None:
        layered = self._layered
        layer, beside = layered.layers[r], layered.field_above if down else self._under
        slots = [place for place, vertex in enumerate(layer) if beside[vertex] >= 0]
        if len(slots) > 1:
            wanted = sorted((layer[place] for place in slots), key=lambda v: layered.at[beside[v]])
            for place, vertex in zip(slots, wanted, strict=True):
                layer[place] = vertex
                layered.at[vertex] = place

    def _sort(self, r: int, *, down: bool, ties: bool) -> None:
        """By the median of the neighbours in the row before. ties: of those alike the last comes first."""
        layered = self._layered
        layer, neighbours, at = layered.layers[r], self._above if down else self._below, layered.at
        middle: dict[int, float] = {}
        for place, vertex in enumerate(layer):
            spots = sorted([at[n] for n in neighbours[vertex]])
            half = len(spots) // 2
            if not spots:
                middle[vertex] = float(place)
            elif len(spots) % 2:
                middle[vertex] = spots[half]
            elif len(spots) == 2:
                middle[vertex] = (spots[0] + spots[1]) / 2
            else:
                # Nearer to the side where the neighbours lie closer together.
                left, right = spots[half - 1] - spots[0], spots[-1] - spots[half]
                weight = left + right
                middle[vertex] = (
                    (spots[half - 1] * right + spots[half] * left) / weight
                    if weight
                    else (spots[half - 1] + spots[half]) / 2
                )
        if ties:
            layer.reverse()
        layer.sort(key=middle.__getitem__)
        for place, vertex in enumerate(layer):
            at[vertex] = place
        if self._firm:
            self._align_fields(r, down=down)

    def _swap(self) -> int:
        """Swap neighbours where that saves crossings; how many it saved."""
        layered, above, below = self._layered, self._above, self._below
        at, field, under = layered.at, layered.field_above, self._under
        saved = 0
        for layer in layered.layers:
            for i in range(len(layer) - 1):
                a, b = layer[i], layer[i + 1]
                if (field[a] >= 0 and field[b] >= 0) or (under[a] >= 0 and under[b] >= 0):
                    continue
                gain = _gain(at, above[a], above[b]) + _gain(at, below[a], below[b])
                if gain > 0:
                    saved += gain
                    layer[i], layer[i + 1] = b, a
                    at[a], at[b] = i + 1, i
        return saved

    def crossings(self) -> int:
        at, total = self._layered.at, 0
        for layer in self._layered.layers[:-1]:
            seen: list[int] = []
            for vertex in layer:
                targets = [at[t] for t in self._below[vertex]]
                if not seen:
                    seen = sorted(targets)
                    continue
                total += sum([len(seen) - bisect_right(seen, t) for t in targets])
                for t in targets:
                    insort(seen, t)
        return total


def _gain(at: list[int], left: list[int], right: list[int]) -> int:
    """Crossings of wires from a vertex to `left` and from its right neighbour to `right`, less those once swapped."""
    gain = 0
    for a in left:
        x = at[a]
        for b in right:
            y = at[b]
            gain += (x > y) - (x < y)
    return gain
