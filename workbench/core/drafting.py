"""Graphs written down block by block, as templates and ready-made pieces are."""

from __future__ import annotations

from dataclasses import replace

from .names import free_name
from .project import Graph, Json, Node, Wire


class Draft:
    """A graph being written down: `add` puts a block behind others and gives its id."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._wires: list[Wire] = []

    def add(self, kind: str, *after: str, **params: Json) -> str:
        name = free_name(Graph(tuple(self._nodes)), kind)
        self._nodes.append(Node(name, kind, name, params))
        self._wires += [Wire(source, name, port) for port, source in enumerate(after)]
        return name

    def call(self, name: str, block: str) -> str:
        """Give the block last added, which has no wires out yet, a name of its own; the new id."""
        self._nodes = [replace(n, id=name, name=name) if n.id == block else n for n in self._nodes]
        self._wires = [replace(w, target=name) if w.target == block else w for w in self._wires]
        return name

    def graph(self) -> Graph:
        return Graph(tuple(self._nodes), tuple(self._wires))
