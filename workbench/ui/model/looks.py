"""What a node says on the canvas, decided from the graph and the facts without any widget."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.core import sharing
from workbench.core.catalog import Catalog
from workbench.core.facts import DataFacts, GraphFacts, NodeFacts, Problem
from workbench.core.outputs import loss_weight
from workbench.core.project import Graph, Node
from workbench.core.wiring import output_bindings
from workbench.ui.model.block_words import (
    batch_text,
    bound_text,
    brief,
    count_text,
    macs_text,
    name_text,
    shape_text,
    shared_text,
    start_text,
    told_text,
)
from workbench.ui.model.output_looks import learns, target_text
from workbench.ui.words import size_text

PARAMETERS, MULTIPLICATIONS, MEMORY = MEASURES = ("parameters", "multiplications", "memory")
TINT = "group "  # before the number of a group's colour, where others have the name of their category
_ALONE: tuple[tuple[str, ...], int] = ((), 0)


@dataclass(frozen=True)
class NodeLook:
    """Everything a node item paints.

    severity: "" | "error" | "warning". ports: how many input ports there are, of which `needed` must be wired.
    stale: shape and count are of the graph before the last edit. unused: not part of the model.
    flow: what leaves it with the batch dimension, for its wires. share: of `count` in that of the whole model.
    told: all that is known of it in one line, for the form. layers: how many a folded group stands for; 0: a layer.
    places: at how many places its layer is used, where these are more than one.
    """

    title: str
    brief: str
    second: str
    shape: str
    count: str
    group: str
    severity: str = ""
    problem: str = ""
    ports: int = 1
    needed: int = 1
    output: bool = True
    stale: bool = False
    unused: bool = False
    running: bool = False
    tooltip: str = ""
    flow: str = ""
    share: float = 0.0
    told: str = ""
    layers: int = 0
    places: int = 0


def look_of(
    node: Node,
    graph: Graph,
    catalog: Catalog,
    data: DataFacts | None,
    facts: GraphFacts | None,
    problems: Mapping[str, tuple[Problem, ...]],
    *,
    wires_in: int,
    stale: bool,
    unused: Collection[str],
    running: Collection[str],
    measure: str = PARAMETERS,
    places: Sequence[str] = (),
    learnt: int = 0,
) -> NodeLook:
    """How one node looks now. `facts` may be those of the graph before the last edit (`stale`).

    measure: which number stands at its right: PARAMETERS, MULTIPLICATIONS or MEMORY. places: names of all blocks of its
    layer, the owner's first, where these are several; learnt: how many parameters they have together.
    """
    entry = catalog.layer(node.kind)
    found: NodeFacts | None = facts.nodes.get(node.id) if facts else None
    shape = shape_text(found.shape) if found else ""
    count, share = _measured(found, facts, measure)
    second = node.name
    if node.kind == "Input":
        second = bound_text(node, data)
    elif node.kind == "Output":
        second = target_text(node, graph, data)
        count, share = "", 0.0
        loss = facts.loss.replace("_", " ").replace("categorical", "cat.") if facts and facts.loss else ""
        if known := learns(node, graph, data, facts):
            loss = known[2].replace("_", " ").replace("categorical", "cat.")
            counts = loss_weight(node)
            loss += f" × {counts:g}" if counts != 1.0 else ""
        shape = f"loss: {loss}" if loss else shape
    else:
        second = name_text(node, places)
    mine = problems.get(node.id, ())
    worst = "error" if any(one.severity == "error" for one in mine) else "warning" if mine else ""
    if entry is None:
        ports = max(1, wires_in)
    elif entry.many:
        ports = max(entry.inputs, wires_in + 1)
    else:
        ports = max(entry.inputs, len(entry.ports), wires_in)
    lines = [f"{entry.title if entry else node.kind} “{node.name}”"]
    if entry is not None and entry.help:
        lines.append(entry.help)
    if found is not None and found.shape is not None and node.kind != "Output":
        has = f"uses the {learnt:,} parameters of {places[0]}" if node.shares and places else ""
        has = has or f"has {found.parameters:,} parameters"
        lines.append(f"Gives {batch_text(found.shape)}, {has}.")
        if found.macs is not None and found.memory is not None:
            lines.append(f"{found.macs:,} multiplications and {size_text(found.memory)} for one row.")
    lines += [shared_text(node, places)] if places else []
    lines += [start_text([node])] if node.weights is not None else []
    lines += [] if node.trainable else ["It is frozen: it keeps its weights in training."]
    lines += [one.message for one in mine]
    return NodeLook(
        title=entry.title if entry else node.kind,
        brief=brief(node, entry),
        second=second,
        shape=shape,
        count=count,
        group="data" if node.kind in ("Input", "Output") else entry.group if entry else "Core",
        severity=worst,
        problem="\n".join(one.message for one in mine),
        ports=ports,
        needed=entry.inputs if entry else ports,
        output=node.kind != "Output",
        stale=stale or found is None,
        unused=node.id in unused,
        running=node.id in running,
        tooltip="\n".join(lines),
        flow=batch_text(found.shape) if found and node.kind != "Output" else "",
        share=share,
        told=told_text(found, f"{learnt:,} parameters shared" if len(places) > 1 else "")
        if node.kind != "Output"
        else "",
        places=len(places),
    )


def _measured(found: NodeFacts | None, facts: GraphFacts | None, measure: str) -> tuple[str, float]:
    """The number of a node as text, and its share in the whole; "" for none."""
    if found is None or facts is None:
        return "", 0.0
    if measure == MULTIPLICATIONS:
        mine, whole, text = found.macs, facts.macs, f"{macs_text(found.macs)} mult"
    elif measure == MEMORY:
        mine, whole, text = found.memory, facts.memory, size_text(found.memory or 0)
    else:
        mine, whole, text = found.parameters, facts.parameters, count_text(found.parameters)
    return (text if mine else "", mine / whole if mine and whole else 0.0)


def looks_of(
    graph: Graph,
    catalog: Catalog,
    data: DataFacts | None,
    facts: GraphFacts | None,
    *,
    stale: bool = False,
    unused: Collection[str] = (),
    running: Collection[str] = (),
    measure: str = PARAMETERS,
    known: dict[str, tuple[tuple[Any, ...], NodeLook, NodeLook]] | None = None,
) -> dict[str, NodeLook]:
    """How every node looks, by id.

    known: what the same call made before, kept by the caller; nodes of which nothing changed are not worked out again.
    """
    problems: dict[str, tuple[Problem, ...]] = {}
    for problem in facts.problems if facts else ():
        if problem.node:
            problems[problem.node] = (*problems.get(problem.node, ()), problem)
    wires_in: dict[str, int] = {}
    for wire in graph.wires:
        wires_in[wire.target] = wires_in.get(wire.target, 0) + 1
    shared = (data, facts.loss if facts else "", measure, facts and (facts.parameters, facts.macs, facts.memory))
    ends = output_bindings(graph, data) if data is not None else {}
    every: dict[str, tuple[tuple[str, ...], int]] = {}
    for ids in sharing.shared(graph).values():
        learnt = sum(facts.nodes[i].parameters for i in ids if i in facts.nodes) if facts else 0
        every |= dict.fromkeys(ids, (tuple(graph.node(i).name for i in ids), learnt))
    made: dict[str, NodeLook] = {}
    memory = known if known is not None else {}
    for node in graph.nodes:
        bound = ends.get(node.id, "") if node.kind == "Output" else ""
        key = (
            node,
            bound,
            node.kind == "Output" and len(ends) > 1 and graph,
            facts.nodes.get(node.id) if facts else None,
            problems.get(node.id, ()),
            wires_in.get(node.id, 0),
            node.id in unused,
            node.id in running,
            every.get(node.id),
            shared,
        )
        found = memory.get(node.id)
        if found is None or found[0] != key:
            look = look_of(
                node,
                graph,
                catalog,
                data,
                facts,
                problems,
                wires_in=wires_in.get(node.id, 0),
                stale=stale,
                unused=unused,
                running=running,
                measure=measure,
                places=every.get(node.id, _ALONE)[0],
                learnt=every.get(node.id, _ALONE)[1],
            )
            found = memory[node.id] = (key, look, replace(look, stale=not look.stale))
        # After each edit the facts are old for a moment: all the rest stays as it is.
        old = stale or key[_FACTS] is None
        made[node.id] = found[1] if found[1].stale == old else found[2]
    for gone in memory.keys() - made.keys():
        del memory[gone]
    return made


_FACTS = 3
"""Where in a look's key stands what Keras said of the node."""


def ordered_problems(graph: Graph, problems: Collection[Problem]) -> list[Problem]:
    """Errors before warnings; within them what concerns the whole first, then from the top of the canvas down."""
    places = {node.id: (node.y, node.x) for node in graph.nodes}
    return sorted(
        problems,
        key=lambda one: (one.severity != "error", bool(one.node), places.get(one.node, (float("-inf"), 0.0))),
    )
