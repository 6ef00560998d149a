"""The person's verbs on what is offered: whole graphs, repairs, advice; each a pure edit for `Document.apply`."""

from __future__ import annotations

from dataclasses import replace

from .document import Edit
from .errors import GraphError
from .facts import Repair
from .groups import without_empty
from .project import Graph, Node, Project


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
    """A repair that was offered: its graph, and the loss and metrics that go with it, with their settings. What was
    moved, grouped or written beside the blocks since the offer was made stays so.

    Raises (when applied):
        GraphError: the model itself is another by now.
    """

    def edit(project: Project) -> Project:
        now, base = project.graph, repair.base
        if base is not None and _model(now) != _model(base):
            raise GraphError(
                "The model has been changed since this was offered.",
                remedy="It is being looked at again: choose what is offered in a moment.",
            )
        mended = replace_graph(without_empty(_as_arranged(repair.graph, base or now, now)))(project)
        if repair.unweighed:
            kept = {k: v for k, v in mended.train.class_weights.items() if k not in repair.unweighed}
            mended = replace(mended, train=replace(mended.train, class_weights=kept))
        if repair.train is None:
            return mended
        # Only these depend on the graph: epochs typed while the check was under way stay.
        own = {name: getattr(repair.train, name) for name in ("loss", "loss_params", "metrics", "metric_params")}
        return replace(mended, train=replace(mended.train, **own))

    return edit


def _model(graph: Graph) -> tuple[tuple[Node, ...], list[tuple[str, str, int]]]:
    """What of a graph its repairs depend on."""
    ends = sorted((w.source, w.target, w.port) for w in graph.wires)
    return tuple(replace(n, x=0.0, y=0.0, group="") for n in graph.nodes), ends


def _as_arranged(mended: Graph, base: Graph, now: Graph) -> Graph:
    """A mended graph with what was arranged and written since `base`, which it mends."""
    if now is base:
        return mended
    before, at = {n.id: n for n in base.nodes}, {n.id: n for n in now.nodes}

    def place(node: Node) -> Node:
        if node.id not in at:
            return node
        was, here = before[node.id], at[node.id]
        node = node if (was.x, was.y) == (here.x, here.y) else replace(node, x=here.x, y=here.y)
        return node if was.group == here.group else replace(node, group=here.group)

    groups = mended.groups if now.groups == base.groups else now.groups
    nodes = tuple(place(node) for node in mended.nodes)
    return replace(mended, nodes=nodes, groups=groups, notes=now.notes, hushed=now.hushed)
