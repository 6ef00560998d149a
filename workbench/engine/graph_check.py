"""What real Keras says of a graph while it is being drawn: shapes, parameters, what does not fit, how to mend it.

Every node is built by Keras on a symbolic tensor inside a `keras.StatelessScope`, so that weights have shapes but no
memory: a layer of a billion units answers as fast as one of ten. What Keras said of a layer with the same arguments
and the same input is remembered, so after an edit only what changed is asked again. Call from one thread at a time
(`engine.devices.BUILDING`).
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import psutil
from keras.src.backend.common import global_state  # no public way to drop variables that shall never be made

from workbench.core.class_weights import weight_problems
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, NodeFacts, Problem, TargetFacts
from workbench.core.outputs import outputs_in_order, resolve_outputs
from workbench.core.project import Graph, Node, TrainSpec
from workbench.core.reconstruction import rebuilds
from workbench.core.sharing import owners, shared
from workbench.core.sharing_problems import own_repair
from workbench.core.structure import structure_problems
from workbench.core.wiring import (
    incoming,
    last_layer,
    topological_order,
    used_nodes,
)

from .build import bound_inputs, call_layer, make_layer, ports_of
from .costs import multiplications
from .plain_words import Shape, short, why_sharing_fails
from .start_weights import misfits, named_variables

_REMEMBERED = 4000  # layers with their inputs; a few hundred bytes each
_WEIGHT_BYTES = 4  # float32
_MOMENTS = {"Adam": 2, "AdamW": 2, "Nadam": 2, "Adamax": 2, "Lamb": 2, "Ftrl": 2, "Adadelta": 2, "SGD": 0, "Lion": 1}


def check_graph(graph: Graph, data: DataFacts | None, train: TrainSpec) -> GraphFacts:
    """Shapes, parameter counts and problems of every node, and the loss and metrics that fit.

    A node that fails leaves the others' facts standing; what depends on it has none. Problems carry repairs, each of
    which was built and found to help before it is offered.
    """
    from .repairs import with_advice, with_repairs

    facts = with_repairs(look(graph, data, train), graph, data, train)
    return with_advice(facts, graph, data, train)


def look(graph: Graph, data: DataFacts | None, train: TrainSpec) -> GraphFacts:
    """`check_graph` with only the repairs that follow from the structure."""
    problems = list(structure_problems(graph, data=data))
    if data is None:
        problems.append(Problem("error", "There is no data yet: open some, and the model is checked against it."))
        return _counted(_shapes(graph, made_for(graph), problems), problems, used_nodes(graph))
    spots = _shapes(graph, bound_inputs(graph, data), problems)
    facts = _with_size(_counted(spots, problems, used_nodes(graph)), train)
    return _with_training(facts, graph, data, train)


def _counted(spots: dict[str, NodeFacts], problems: list[Problem], used: frozenset[str]) -> GraphFacts:
    total = sum(f.parameters for i, f in spots.items() if i in used)
    trainable = sum(f.trainable for i, f in spots.items() if i in used)
    macs = _sum(f.macs for i, f in spots.items() if i in used)
    memory = _sum(f.memory for i, f in spots.items() if i in used)
    return GraphFacts(spots, tuple(problems), total, trainable, macs=macs, memory=memory)


def made_for(graph: Graph) -> dict[str, InputFacts]:
    """{id of each Input that came from a model file: what that model was made for}."""
    found: dict[str, InputFacts] = {}
    for node in graph.nodes:
        shape = node.params.get("shape")
        if node.kind == "Input" and isinstance(shape, (list, tuple)):
            found[node.id] = InputFacts(node.name, "image" if len(shape) == 3 else "table", tuple(shape))
    return found


def output_shape(facts: GraphFacts, end: str) -> Shape | None:
    """What reaches the Output of that id, batch first; None when it is not known."""
    return facts.nodes[end].shape if end in facts.nodes else None


# ---- shapes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    """What Keras said of a layer on an input: the shape and type of its output and its counts, or why not."""

    shape: Shape = ()
    dtype: str = "float32"
    parameters: int = 0
    trainable: int = 0
    macs: int | None = None
    failure: str = ""
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


_said: OrderedDict[str, _Said] = OrderedDict()


def _shapes(graph: Graph, sources: Mapping[str, InputFacts], problems: list[Problem]) -> dict[str, NodeFacts]:
    """Facts of the nodes that can be built; what fails is added to `problems`. sources: by id of the Input."""
    broken = {p.node for p in problems if p.severity == "error"}
    used = used_nodes(graph) or frozenset(n.id for n in graph.nodes)
    spots: dict[str, NodeFacts] = {}
    kinds: dict[str, str] = {}
    of = owners(graph)
    earlier: dict[tuple[str, bool], list[_Call]] = {}
    for node_id in topological_order(graph) or _known_part(graph):
        node = graph.node(node_id)
        if node.kind == "Input":
            if node_id in sources:
                shape = (None, *sources[node_id].shape)
                spots[node_id] = NodeFacts(shape, macs=0, memory=_bytes(shape, "float32"))
                kinds[node_id] = "float32"
            continue
        wires = incoming(graph, node_id)
        if node_id in broken or not wires or any(w.source not in spots for w in wires):
            continue
        fed = [(spots[w.source].shape or (), kinds[w.source]) for w in wires]
        if node.kind == "Output":
            spots[node_id] = NodeFacts(fed[0][0], macs=0, memory=0)
            continue
        said = _ask(node, fed, ports_of(graph, node_id))
        severity = "error" if node_id in used else "warning"  # what the Output does not need is left out
        calls = earlier.setdefault((of[node_id], node_id in used), [])
        if said.failure:
            problems.append(Problem(severity, said.failure, node_id))
        elif text := _why_not_shared(graph, node, _Call(node_id, fed, ports_of(graph, node_id), said), calls):
            problems.append(Problem(severity, text, node_id, repairs=own_repair(graph, node)))
        else:
            size = _bytes(said.shape, said.dtype)
            problems += misfits(graph, node, said.weights) if not calls else []
            spots[node_id] = NodeFacts(said.shape, said.parameters, said.trainable, said.macs, size)
            kinds[node_id] = said.dtype
            calls.append(_Call(node_id, fed, ports_of(graph, node_id), said))
    return _once(graph, spots, used)


@dataclass(frozen=True)
class _Call:
    """A place of a layer: what goes in there, and what Keras said of it there."""

    node: str
    fed: list[tuple[Shape, str]]
    ports: list[int]
    said: _Said


def _why_not_shared(graph: Graph, node: Node, here: _Call, calls: list[_Call]) -> str:
    """Why a layer that was made at earlier places does not fit here; "" when it does, or is made here."""
    others = {json.dumps([c.fed, c.ports]): c for c in calls}
    if not others or json.dumps([here.fed, here.ports]) in others:
        return ""
    first = calls[0]
    if here.said.weights == first.said.weights:
        before = [(c.fed, c.ports) for c in others.values()]
        if not _ask(node, here.fed, here.ports, before).failure:
            return ""
    name = graph.node(owners(graph)[node.id]).name
    place = graph.node(first.node).name
    return why_sharing_fails(name, place, [s for s, _ in first.fed], [s for s, _ in here.fed])


def _once(graph: Graph, spots: dict[str, NodeFacts], used: frozenset[str]) -> dict[str, NodeFacts]:
    """The facts with the parameters of a shared layer at one of its places: the owner's, where the Output needs it."""
    for ids in shared(graph).values():
        known = sorted((i for i in ids if i in spots), key=lambda i: i not in used)
        spots |= {i: replace(spots[i], parameters=0, trainable=0) for i in known[1:]}
    return spots


def _known_part(graph: Graph) -> list[str]:
    """An order of what lies before any circle."""
    done: list[str] = []
    waiting = [n.id for n in graph.nodes]
    while True:
        ready = [i for i in waiting if all(w.source in done for w in incoming(graph, i))]
        if not ready:
            return done
        done += ready
        waiting = [i for i in waiting if i not in ready]


_Fed = list[tuple[Shape, str]]


def _ask(node: Node, fed: _Fed, ports: list[int], before: Sequence[tuple[_Fed, list[int]]] = ()) -> _Said:
    """before: what the same layer is called with first, at other places."""
    key = json.dumps([node.kind, sorted(node.params.items()), fed, ports, node.trainable, before], default=str)
    if key in _said:
        _said.move_to_end(key)
        return _said[key]
    said = _build(node, fed, ports, before)
    _said[key] = said
    while len(_said) > _REMEMBERED:
        _said.popitem(last=False)
    return said


def _build(node: Node, fed: _Fed, ports: list[int], before: Sequence[tuple[_Fed, list[int]]]) -> _Said:
    kept = random.getstate()  # Keras draws seeds of layers here; a check must not shift those of a run
    pending = global_state.get_global_attribute("uninitialized_variables", [])
    held = list(pending)
    try:
        layer = make_layer(replace(node, name="layer"))
        with keras.StatelessScope(initialize_variables=False):
            for other, places in before:
                call_layer(layer, node, [keras.KerasTensor(shape, dtype=dtype) for shape, dtype in other], places)
            made = call_layer(layer, node, [keras.KerasTensor(shape, dtype=dtype) for shape, dtype in fed], ports)
    except GraphError as error:
        return _Said(failure=error.what)
    finally:
        global_state.set_global_attribute("uninitialized_variables", held)
        random.setstate(kept)
    shape: Shape = tuple(made.shape)
    macs = multiplications(layer, node.kind, [s for s, _ in fed], shape)
    weights = {path: tuple(v.shape) for path, v in named_variables(layer).items()}
    return _Said(shape, str(made.dtype), _count(layer.weights), _count(layer.trainable_weights), macs, weights=weights)


def _count(weights: list[Any]) -> int:
    return sum(math.prod(w.shape) for w in weights)


def _bytes(shape: Shape, dtype: str) -> int | None:
    """Of one row of that shape; None when an axis is open."""
    sizes = [s for s in shape[1:] if s is not None]
    if len(sizes) != len(shape) - 1:
        return None
    bits = re.search(r"\d+", dtype)
    return math.prod(sizes) * (int(bits.group()) // 8 if bits else 4)


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum; None when a summand is not known."""
    found = list(values)
    known = [v for v in found if v is not None]
    return sum(known) if len(known) == len(found) else None


# ---- the whole -----------------------------------------------------------------------------------------------


def _with_size(facts: GraphFacts, train: TrainSpec) -> GraphFacts:
    """What training takes; an error for a model that cannot fit into this machine's memory, a warning for one that
    hardly does."""
    memory = psutil.virtual_memory().total
    a_weight = _WEIGHT_BYTES * (2 + _MOMENTS.get(train.optimizer, 1))  # itself, its gradient, the optimizer's moments
    weights = facts.parameters * a_weight
    outputs = 2 * (facts.memory or 0) * max(1, train.batch_size)  # each kept for the way back, where it has a gradient
    needed = weights + outputs
    facts = replace(facts, training_memory=needed)
    if needed <= memory * 0.5:
        return facts
    severity = "error" if weights > memory else "warning"
    if weights >= outputs:
        where = max(facts.nodes, key=lambda i: facts.nodes[i].parameters)
        cause = f"The model has {facts.parameters:,} parameters, {facts.nodes[where].parameters:,} of them here"
    else:
        where = max(facts.nodes, key=lambda i: facts.nodes[i].memory or 0)
        share = (facts.nodes[where].memory or 0) / 2**20
        cause = f"The layers give {(facts.memory or 0) / 2**20:,.3g} MB for each row, {share:,.3g} MB of them here"
    text = f"{cause}: training takes about {needed / 2**30:.3g} GB, and this machine has {memory / 2**30:.3g} GB."
    return replace(facts, problems=(*facts.problems, Problem(severity, text, where)))


def _with_training(facts: GraphFacts, graph: Graph, data: DataFacts, train: TrainSpec) -> GraphFacts:
    """What each output learns, and whether it is what its target needs."""
    if data.target is None:
        return _and(facts, Problem("error", "There is no target to learn: choose one on the Features page."))
    pairs = outputs_in_order(graph, data)
    shapes = {node.id: shape for node, _ in pairs if (shape := output_shape(facts, node.id)) is not None}
    ends = {i: last.id if (last := last_layer(graph, i)) is not None else "" for i in shapes}
    if shapes and not facts.trainable and not any(p.severity == "error" for p in facts.problems):
        text = "Nothing here can learn: the model has no weights. Add a Dense layer."
        return _and(facts, Problem("error", text, next(iter(ends.values()))))
    units: dict[str, int] = {}
    for node, target in pairs:
        shape = shapes.get(node.id)
        if shape is None:
            continue
        if rebuilds(target):
            units[node.id] = math.prod(s or 1 for s in shape[1:])
            if tuple(shape[1:]) != target.shape:
                facts = _and(facts, Problem("error", _other_shape(shape, target), ends[node.id]))
            continue
        if len(shape) == 2 and shape[1] is not None:
            units[node.id] = shape[1]
            continue
        wants = "one number" if target.task == "regression" else "one number for each class"
        which = f'for "{target.name}" ' if data.more else ""
        text = f"The answer {which}has the shape {short(shape)}, but each row needs {wants}: flatten it first."
        facts = _and(facts, Problem("error", text, ends[node.id]))
    found, wrong = resolve_outputs(graph, data, train, units)
    wrong = (*wrong, *weight_problems(graph, data, train))
    facts = replace(facts, problems=(*facts.problems, *wrong), outputs=found)
    if not found or found[0].target != data.target.name:
        return facts
    return replace(facts, loss=found[0].loss, metrics=found[0].metrics)


def _other_shape(shape: Shape, target: TargetFacts) -> str:
    """Why an answer of that shape, batch first, rebuilds nothing."""
    if len(target.shape) == 1 and len(shape) == 2:
        return (
            f"The answer has {shape[1]:,} numbers a row, and the input to be rebuilt has {target.shape[0]:,}: "
            f"give the last layer {target.shape[0]:,} units."
        )
    return (
        f"The answer has the shape {short(shape)}, and the input to be rebuilt has {short((None, *target.shape))}: the "
        "last layer must give the same shape."
    )


def _and(facts: GraphFacts, problem: Problem) -> GraphFacts:
    return replace(facts, problems=(*facts.problems, problem))
