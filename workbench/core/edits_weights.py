"""The person's verbs on what layers start from and whether they learn; each an edit `Project -> Project`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .catalog import load_catalog
from .document import Edit
from .facts import DataFacts
from .importing.fitted import fit_ends
from .project import Graph, Node, Project
from .sharing import changed_nodes


def bring_in(graph: Graph, name: str = "", facts: DataFacts | None = None) -> Edit:
    """A model that was opened, in place of what is on the canvas. name: for a project that has none yet.

    facts: the data at hand, which its one Input is bound to.
    """

    def edit(project: Project) -> Project:
        called = name if name and project.name == "Untitled" and project.data is None else project.name
        return replace(project, graph=fit_ends(graph, facts), name=called)

    return edit


def freeze(ids: Iterable[str], frozen: bool = True) -> Edit:
    """Layers that keep their weights in training, or learn again; what has no weights is passed over."""
    chosen = frozenset(ids)

    def change(node: Node) -> Node:
        return replace(node, trainable=not frozen) if node.id in chosen and can_freeze(node) else node

    return lambda project: _nodes(project, change)


def forget_weights(ids: Iterable[str]) -> Edit:
    """Layers that start from random weights again."""
    chosen = frozenset(ids)
    return lambda project: _nodes(project, lambda n: replace(n, weights=None) if n.id in chosen else n)


def can_freeze(node: Node) -> bool:
    """Whether a layer has weights."""
    entry = load_catalog().layer(node.kind)
    return entry is not None and entry.learns


def _nodes(project: Project, change: object) -> Project:
    assert callable(change)
    graph = changed_nodes(project.graph, change)
    return project if graph is project.graph else replace(project, graph=graph)
