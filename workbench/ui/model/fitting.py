"""Which layers fit where: what the pop-up palette lists at the end of a wire. Decided from shapes alone."""

from __future__ import annotations

from collections.abc import Callable

from workbench.core.catalog import ENDS, LayerEntry
from workbench.core.facts import GraphFacts
from workbench.core.project import Graph

Fit = Callable[[LayerEntry], str]
"""Why a layer does not fit at a place, in two or three words; "" when it does."""

_NEEDS = {1: "needs a row of numbers", 2: "needs sequences", 3: "needs pictures", 4: "needs volumes"}


def fits_after(graph: Graph, facts: GraphFacts | None, source: str, targets: int = 1) -> Fit:
    """What can take the output of that node. While its shape is not known, everything that has an input.

    targets: how many there are, each of which takes an Output.
    """
    node = next((n for n in graph.nodes if n.id == source), None)
    known = facts.nodes.get(source) if facts is not None else None
    axes = len(known.shape) - 1 if known is not None and known.shape is not None else 0
    ended = sum(n.kind == "Output" for n in graph.nodes) >= max(1, targets)

    def fit(entry: LayerEntry) -> str:
        if entry.name == "Input":
            return "is a beginning"
        if entry.name == "Output":
            return "" if not ended or node is None else "are all there" if targets > 1 else "is there already"
        if axes and entry.rank and entry.rank != axes:
            return _NEEDS.get(entry.rank, f"needs {entry.rank} axes")
        return ""

    return fit


def fits_before(entry: LayerEntry) -> str:
    """What can feed an input."""
    return "is an end" if entry.name == "Output" else ""


def fits_between(graph: Graph, facts: GraphFacts | None, source: str) -> Fit:
    """What can be put on a wire out of that node."""
    after = fits_after(graph, facts, source)
    return lambda entry: "is an end" if entry.name in ENDS else after(entry)
