"""The person's verbs on the Outputs of several targets, each a pure edit for `Document.apply`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from . import layout
from .document import Edit
from .facts import DataFacts
from .names import free_name, output_name, unused_name
from .project import Graph, Json, Node, Project, Wire
from .template_parts import closing_layer
from .wiring import changed, output_bindings

_AUTOMATIC = re.compile(r"output(_\d+)?")


def bind_output(node_id: str, target: str, facts: DataFacts) -> Edit:
    """Let an Output predict `target`. Another that had it takes the one that this had, so that each keeps one. An
    Output that is called after its target is called after the new one."""

    def edit(project: Project) -> Project:
        graph = project.graph
        bound = output_bindings(graph, facts)
        former = bound.get(node_id, "")
        wanted = {node_id: target}
        for other, name in bound.items():
            if name == target and other != node_id and former:
                wanted[other] = former
        named = {i for i in wanted if _called_after(graph.node(i), bound.get(i, ""))}
        for ident, name in wanted.items():
            graph = changed(graph, ident, lambda n, name=name: replace(n, params={**n.params, "target": name}))  # type: ignore[misc]
        return replace(project, graph=_renamed(graph, {i: wanted[i] for i in named}))

    return edit


def bound_alone(graph: Graph, target: str) -> Graph:
    """The graph whose only Output says that it predicts `target`, and is called after it unless it has a name of its
    own: so that its layers stay with it when there are more targets."""
    ends = [n for n in graph.nodes if n.kind == "Output"]
    if len(ends) != 1 or ends[0].params.get("target"):
        return graph
    bound = changed(graph, ends[0].id, lambda n: replace(n, params={**n.params, "target": target}))
    return _renamed(bound, {ends[0].id: target}) if _AUTOMATIC.fullmatch(ends[0].name) else bound


def free_alone(graph: Graph, targets: Collection[str]) -> Graph:
    """The graph whose only Output, where it is bound to one of these targets, takes whatever is predicted."""
    ends = [n for n in graph.nodes if n.kind == "Output"]
    target = str(ends[0].params.get("target") or "") if len(ends) == 1 else ""
    if target not in targets or not target:
        return graph
    own = {k: v for k, v in ends[0].params.items() if k != "target"}
    name = ends[0].name
    if _called_after(ends[0], target):
        name = unused_name("output", {n.name for n in graph.nodes if n is not ends[0]})
    return changed(graph, ends[0].id, lambda n: replace(n, name=name, params=own))


def set_output(node_id: str, changes: Mapping[str, Json]) -> Edit:
    """Params of an Output; None takes one away, so that its default holds."""

    def change(node: Node) -> Node:
        kept = {k: v for k, v in node.params.items() if k not in changes}
        return replace(node, params={**kept, **{k: v for k, v in changes.items() if v is not None}})

    return lambda project: replace(project, graph=changed(project.graph, node_id, change))


def add_head(after: str, facts: DataFacts, node_id: str, head_id: str = "") -> Edit:
    """An Output for the first target that none predicts, behind `after`, beside the Outputs there are. With `head_id` a
    layer of the units that the target needs comes between. Without a target left the Output is put there all the same:
    the problem on it says so."""

    def edit(project: Project) -> Project:
        graph = project.graph
        taken = set(output_bindings(graph, facts).values())
        target = next((t for t in facts.targets if t.name not in taken), None)
        start = graph.node(after)
        ends = [n for n in graph.nodes if n.kind == "Output"]
        feeding = [w.source for end in ends for w in graph.into(end.id)]
        beside = [*ends, *(n for n in graph.nodes if n.id in feeding)]
        x = max((n.x + layout.NODE_WIDTH + layout.GAP_X for n in beside), default=start.x)
        if not head_id and not graph.out_of(after):
            x = start.x
        step = layout.NODE_HEIGHT + layout.GAP_Y
        y = start.y + step
        names = {n.name for n in graph.nodes}
        if head_id and target is not None:
            kind, params = closing_layer(target)
            head = Node(head_id, kind, free_name(graph, kind), params, x, y)
            graph = replace(graph, nodes=(*graph.nodes, head), wires=(*graph.wires, Wire(after, head_id)))
            y += step
        source = head_id if head_id and target is not None else after
        name = output_name(target.name, names) if target is not None and facts.more else free_name(graph, "Output")
        y = max([y, *(n.y for n in ends)]) if source == head_id else y
        node = Node(node_id, "Output", name, {"target": target.name} if target is not None and facts.more else {}, x, y)
        return replace(
            project, graph=replace(graph, nodes=(*graph.nodes, node), wires=(*graph.wires, Wire(source, node_id)))
        )

    return edit


def name_outputs(facts: DataFacts | None) -> Edit:
    """Outputs that nobody named are called after their targets, where there are several."""

    def edit(project: Project) -> Project:
        if facts is None or not facts.more:
            return project
        bound = output_bindings(project.graph, facts)
        fresh = {i: t for i, t in bound.items() if t and _AUTOMATIC.fullmatch(project.graph.node(i).name)}
        return replace(project, graph=_renamed(project.graph, fresh)) if fresh else project

    return edit


def _called_after(node: Node, target: str) -> bool:
    """Whether nobody gave the Output a name of its own."""
    stem = re.sub(r"_\d+$", "", node.name)
    return bool(_AUTOMATIC.fullmatch(node.name)) or output_name(target, ()) in (node.name, stem)


def _renamed(graph: Graph, targets: Mapping[str, str]) -> Graph:
    """The graph with these Outputs, by their ids, called after targets; all let go of their names first."""
    taken = {n.name for n in graph.nodes if n.id not in targets}
    names: dict[str, str] = {}
    for ident, target in targets.items():
        names[ident] = output_name(target, taken)
        taken.add(names[ident])
    return replace(graph, nodes=tuple(replace(n, name=names.get(n.id, n.name)) for n in graph.nodes))
