"""The person's verbs on what is offered: whole graphs, repairs, advice; each a pure edit for `Document.apply`."""

from __future__ import annotations

from dataclasses import replace

from .document import Edit
from .facts import Repair
from .project import Graph, Project


def replace_graph(graph: Graph) -> Edit:
    """Another whole graph: a template, an import."""
    return lambda project: project if graph == project.graph else replace(project, graph=graph)


def hush(key: str) -> Edit:
    """Wave a piece of advice away (its `Problem.key`)."""

    def edit(project: Project) -> Project:
        if key in project.graph.hushed:
            return project
        return replace(project, graph=replace(project.graph, hushed=(*project.graph.hushed, key)))

    return edit


def hear_all() -> Edit:
    """Show all advice again."""

    def edit(project: Project) -> Project:
        return replace(project, graph=replace(project.graph, hushed=())) if project.graph.hushed else project

    return edit


def accept(repair: Repair) -> Edit:
    """A repair that was offered: its graph, and the loss and metrics that go with it."""

    def edit(project: Project) -> Project:
        mended = replace_graph(repair.graph)(project)
        if repair.train is None:
            return mended
        # Only these depend on the graph: epochs typed while the check was under way stay.
        return replace(mended, train=replace(mended.train, loss=repair.train.loss, metrics=repair.train.metrics))

    return edit
