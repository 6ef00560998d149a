"""Edits of the graph at random, some of them refused. `pick(n)` gives a number below n: from hypothesis or a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workbench.core import edits_graph as verbs
from workbench.core import edits_groups as groups
from workbench.core import edits_notes as notes
from workbench.core import edits_outputs as outputs
from workbench.core import edits_pieces as pieces
from workbench.core import edits_sharing as sharing
from workbench.core import edits_weights as weights
from workbench.core.blocks import make_block
from workbench.core.document import Edit
from workbench.core.facts import TargetFacts
from workbench.core.groups import members
from workbench.core.project import Graph, Project, Wire, layer_of
from workbench.core.structure import structure_problems
from workbench.core.templates import template

from .graphs import pictures, table

Pick = Callable[[int], int]
KINDS = ("Dense", "Conv2D", "Flatten", "Dropout", "Add", "Concatenate", "BatchNormalization", "LSTM", "Input", "Output")
VALUES = (("units", 7), ("units", 64), ("filters", 3), ("activation", "relu"), ("rate", 0.5), ("name", "x"))
NAMES = ("dense", "block 1", "class", "", "ünit", "a" * 300, "x; import os", "dense_1")
EDGES = ("left", "centre", "right", "top", "middle", "bottom")
TEMPLATES = (("softmax", pictures(8, 8)), ("cnn", pictures(16, 16)), ("dense", table(4, 3)))

TEXTS = ("a", "", "<b>x</b>\n\n", "z" * 4001, "日\x00本", " \n ")
MORE = (TargetFacts("b", "regression"), TargetFacts("val", "classification", ("no", "yes")))
SEVERAL = replace(table(4, 3), more=MORE)


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
    again: tuple[Callable[[], Edit], ...] = (
        lambda: sharing.use_again(one, after=other, node_id=fresh),
        lambda: sharing.use_again(one, on_wire=wire, node_id=fresh),
        lambda: sharing.use_again(one, at=place, node_id=fresh),
        lambda: sharing.use_all_again(several[:4], fresh_ids),
        lambda: sharing.give_own_layer(several[:2]),
        lambda: sharing.share_one_layer([n.id for n in graph.nodes if n.kind == graph.node(one).kind][:3]),
        lambda: verbs.put_on_wire(one, wire),
        lambda: verbs.change_kind(one, ("Dense", "Conv2D")[pick(2)]),
        lambda: weights.freeze(several, bool(pick(2))),
        lambda: verbs.set_params(one, name, value),
        lambda: verbs.delete_nodes([one]),
    )
    if pick(4) == 0:
        return again[pick(len(again))]()
    if pick(6) == 0:
        return _written_edit(graph, one, pick, fresh)
    if pick(4) == 0:
        return _group_edit(graph, several, wire, pick, fresh)
    return choices[pick(len(choices))]()


def _written_edit(graph: Graph, one: str, pick: Pick, fresh: str) -> Edit:
    """One of the verbs on notes, on Outputs of several targets, or a repair of what is wrong."""
    note = graph.notes[pick(len(graph.notes))].id if graph.notes else "gone"
    end = next((n.id for n in graph.nodes if n.kind == "Output"), one)
    text, name = TEXTS[pick(len(TEXTS))], ("a", "b", "val", "gone")[pick(4)]
    repairs = [r for p in structure_problems(graph, data=SEVERAL) for r in p.repairs]
    choices: tuple[Callable[[], Edit], ...] = (
        lambda: notes.add_note(text, (float(pick(4000) - 2000), 3.5), fresh, colour=pick(9)),
        lambda: notes.write_note(note, text),
        lambda: notes.resize_note(note, pick(900) - 100, pick(900) - 100),
        lambda: notes.move_notes({note: (float(pick(9)), 3.0)}),
        lambda: notes.delete_notes([note]),
        lambda: notes.paste_notes([n for n in graph.notes if n.id == note], {note: fresh}, (8.0, 8.0)),
        lambda: outputs.bind_output(end, name, SEVERAL),
        lambda: outputs.set_output(end, {"loss_weight": pick(3), "loss": None}),
        lambda: outputs.add_head(one, SEVERAL, fresh, f"{fresh}_head" if pick(2) else ""),
        lambda: outputs.name_outputs(SEVERAL),
        lambda: verbs.accept(repairs[pick(len(repairs))]) if repairs else verbs.hear_all(),
    )
    return choices[pick(len(choices))]()


def _group_edit(graph: Graph, several: list[str], wire: Wire, pick: Pick, fresh: str) -> Edit:
    """One of the verbs on groups; without a group there is only the making of one."""
    piece = make_block("dense-dropout", (8,))
    ids = {n.id: f"{fresh}_{n.id}" for n in piece.nodes}
    makes: tuple[Callable[[], Edit], ...] = (
        lambda: groups.make_group(several[:4], NAMES[pick(len(NAMES))], fresh),
        lambda: pieces.insert_graph(piece, "Piece", several[0], ids=ids, group_id=fresh),
        lambda: pieces.insert_graph(piece, "Piece", on_wires=[wire], ids=ids, group_id=fresh),
        lambda: pieces.insert_graph(piece, "Piece", at=(8.0, 8.0), ids=ids, group_id=fresh),
    )
    if not graph.groups:
        return makes[pick(len(makes)) if graph.wires else 0]()
    one = graph.groups[pick(len(graph.groups))].id
    inside = members(graph, one)
    choices: tuple[Callable[[], Edit], ...] = (
        lambda: groups.fold(one, bool(pick(2))),
        lambda: groups.fold([g.id for g in graph.groups], bool(pick(2))),
        lambda: groups.ungroup(one),
        lambda: groups.rename_group(one, NAMES[pick(len(NAMES))]),
        lambda: groups.delete_group(one),
        lambda: groups.repeat_group(one, 2 if len(graph.nodes) < 40 else 1, lambda number, i: f"{fresh}_{number}_{i}"),
        lambda: verbs.duplicate_nodes(inside[:9], {i: f"{fresh}_{i}" for i in inside}),
        lambda: groups.make_group([*inside, *several[:2]], "", fresh),
    )
    return (*choices, *makes)[pick(len(choices) + (len(makes) if graph.wires else 1))]()


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
    owners = {n.id: n for n in graph.nodes if not n.shares and n.kind not in ("Input", "Output")}
    for user in (n for n in graph.nodes if n.shares):
        if user.kind in ("Input", "Output") or user.shares not in owners:
            wrong.append("a block that shares a layer with none that has one")
        elif layer_of(user) != layer_of(owners[user.shares]):
            wrong.append("a shared layer that is not the same at all places")
    written = [n.id for n in graph.notes]
    if len(set(written)) != len(written) or any(not 0 < len(n.text.strip()) <= notes.LONGEST for n in graph.notes):
        wrong.append("two notes with one id, or one without words or with too many")
    known = {g.id for g in graph.groups}
    if len(known) != len(graph.groups) or len({g.name for g in graph.groups}) != len(graph.groups):
        wrong.append("two groups with one id or one name")
    if any(n.group and n.group not in known for n in graph.nodes) or any(
        g.parent and g.parent not in known for g in graph.groups
    ):
        wrong.append("a group that is not there")
    if any(not members(graph, g.id) for g in graph.groups):
        wrong.append("a group that holds nothing")
    if any(n.kind in ("Input", "Output") and n.group for n in graph.nodes):
        wrong.append("an end of the model in a group")
    return wrong
