"""Which model is put on the canvas by itself: for an empty one, and in place of a template nobody has touched."""

from __future__ import annotations

from typing import Any

from workbench.core.document import Edit
from workbench.core.edits_outputs import free_alone
from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts
from workbench.core.project import Graph


def proposed(graph: Graph, old: DataFacts | None, new: DataFacts, *, emptied: bool) -> tuple[str, Edit]:
    """(name of the template to take, the edit that takes it); ("", no edit) when the graph is to stay.

    An empty graph gets the model that suits the data, unless a person has emptied it; one that is still exactly a
    template is made anew for other data.
    """
    from workbench.core.proposal import start_from
    from workbench.core.templates import TEMPLATES, suggest_template, template

    wanted = ""
    if new.target is None:
        return "", _as_it_is
    if not graph.nodes and not emptied:
        wanted = suggest_template(new)
    elif old is not None and old != new and graph.nodes:
        # Adding a target binds the Output of the only one there was; that alone makes the model nobody's own.
        drawn = graph if old.more or old.target is None else free_alone(graph, (old.target.name,))
        found = next((t.name for t in TEMPLATES if _is_template(drawn, t.name, old)), "")
        if found:
            kept = found != suggest_template(old) and _try_template(found, new) is not None
            wanted = found if kept else suggest_template(new)
    if not wanted:
        return "", _as_it_is
    made = template(wanted, new)
    return ("", _as_it_is) if same_graph(made, graph) else (wanted, start_from(wanted, made, new, old))


def _as_it_is(project: Any) -> Any:
    return project


def same_graph(a: Graph, b: Graph) -> bool:
    """Whether two graphs are equal but for the ids of their nodes and groups."""
    return _plain(a) == _plain(b)


def _plain(graph: Graph) -> tuple[Any, ...]:
    number = {n.id: i for i, n in enumerate(graph.nodes)}
    group = {g.id: i for i, g in enumerate(graph.groups)}
    nodes = tuple(
        (n.kind, n.name, dict(n.params), n.x, n.y, n.trainable, n.weights, group.get(n.group, -1), number.get(n.shares))
        for n in graph.nodes
    )
    wires = sorted((number.get(w.source, -1), number.get(w.target, -1), w.port) for w in graph.wires)
    groups = tuple((g.name, group.get(g.parent, -1), g.folded, g.colour) for g in graph.groups)
    return nodes, tuple(wires), groups


def _is_template(graph: Graph, name: str, facts: DataFacts) -> bool:
    made = _try_template(name, facts)
    return made is not None and same_graph(made, graph)


def _try_template(name: str, facts: DataFacts) -> Graph | None:
    from workbench.core.templates import template

    try:
        return template(name, facts)
    except WorkbenchError:  # this template is for other data
        return None
