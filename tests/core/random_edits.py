"""Edits of the graph at random, some of them refused. `pick(n)` gives a number below n: from hypothesis or a seed."""

from __future__ import annotations

from collections.abc import Callable

from workbench.core import edits_graph as verbs
from workbench.core.document import Edit
from workbench.core.project import Graph, Project, Wire
from workbench.core.templates import template

from .graphs import pictures, table

Pick = Callable[[int], int]
KINDS = ("Dense", "Conv2D", "Flatten", "Dropout", "Add", "Concatenate", "BatchNormalization", "LSTM", "Input", "Output")
VALUES = (("units", 7), ("units", 64), ("filters", 3), ("activation", "relu"), ("rate", 0.5), ("name", "x"))
NAMES = ("dense", "block 1", "class", "", "ünit", "a" * 300, "x; import os", "dense_1")
EDGES = ("left", "centre", "right", "top", "middle", "bottom")
TEMPLATES = (("softmax", pictures(8, 8)), ("cnn", pictures(16, 16)), ("dense", table(4, 3)))


def random_edit(project: Project, pick: Pick, fresh: str) -> Edit:
    """One of the person's verbs with whatever arguments. fresh: an id for what it makes."""
    graph = project.graph
    if not graph.nodes:
        name, facts = TEMPLATES[pick(len(TEMPLATES))]
        return verbs.replace_graph(template(name, facts))
    ids = [n.id for n in graph.nodes]
    one, other = ids[pick(len(ids))], ids[pick(len(ids))]
    several = [i for i in ids if pick(3) == 0] or [one]
    place = (float(pick(2000) - 1000), float(pick(2000) - 1000))
    kind = KINDS[pick(len(KINDS))]
    name, value = VALUES[pick(len(VALUES))]
    wire = graph.wires[pick(len(graph.wires))] if graph.wires else Wire(one, other)
    fresh_ids = {i: f"{fresh}_{at}" for at, i in enumerate(several)}
    nodes, wires = verbs.copied(graph, several)
    choices: tuple[Callable[[], Edit], ...] = (
        lambda: verbs.add_layer(kind, after=one, node_id=fresh),
        lambda: verbs.add_layer(kind, at=place, node_id=fresh),
        lambda: verbs.add_layer(kind, on_wire=wire, node_id=fresh),
        lambda: verbs.connect(one, other),
        lambda: verbs.connect(one, other, pick(3)),
        lambda: verbs.disconnect(wire),
        lambda: verbs.delete_nodes(several[:3], rejoin=bool(pick(2))),
        lambda: verbs.rename_layer(one, NAMES[pick(len(NAMES))]),
        lambda: verbs.set_params(several, name, value),
        lambda: verbs.reset_param(several, name),
        lambda: verbs.change_kind(one, kind),
        lambda: verbs.move_nodes({one: place}),
        lambda: verbs.duplicate_nodes(several[:3], fresh_ids),
        lambda: verbs.paste_nodes(nodes[:3], wires, place, fresh_ids),
        lambda: verbs.arrange(several if pick(2) else ()),
        lambda: verbs.align(several, EDGES[pick(len(EDGES))]),
        lambda: verbs.distribute(several, ("across", "down")[pick(2)]),
        lambda: verbs.hush(f"linear:{one}"),
        verbs.hear_all,
        lambda: verbs.delete_nodes(several) if len(ids) > 30 else verbs.move_nodes({}),
    )
    return choices[pick(len(choices))]()


def sound(graph: Graph) -> list[str]:
    """What an edit must never leave behind."""
    ids = [n.id for n in graph.nodes]
    ends = [(w.source, w.target, w.port) for w in graph.wires]
    wrong = []
    if len(set(ids)) != len(ids):
        wrong.append("two blocks with one id")
    if len({n.name for n in graph.nodes}) != len(ids):
        wrong.append("two blocks with one name")
    if any(not n.name.isidentifier() for n in graph.nodes):
        wrong.append("a name that is no identifier")
    if any(a not in ids or b not in ids for a, b, _ in ends):
        wrong.append("a wire that hangs in the air")
    if len({(b, p) for _, b, p in ends}) != len(ends):
        wrong.append("two wires at one input")
    return wrong
