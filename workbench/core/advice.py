"""Thoughts about a model that is not wrong: what experience says usually learns better, each with a change to try.

Nothing here keeps anybody from training. Each piece has a code; the graph remembers what the person waved away.
Sources: Glorot and Bengio 2010 (saturating units in deep nets), Li et al. 2018 (dropout before batch normalisation
shifts its variance), LeCun et al. 1998 (inputs of unit size).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .catalog import load_catalog
from .facts import DataFacts, GraphFacts, Problem, Repair
from .layout import GAP_Y, NODE_HEIGHT
from .names import free_name
from .project import Graph, Json, Node, TrainSpec, Wire
from .sharing import owners
from .wiring import (
    before,
    bridged,
    closing_dense,
    descendants,
    incoming,
    input_bindings,
    last_layer,
    outgoing,
    unused_id,
    used_nodes,
    with_params,
)

_SCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "UnitNormalization")
_SATURATING = ("sigmoid", "tanh", "hard_sigmoid")
_REGULAR = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout",
            "GaussianNoise", "ActivityRegularization")  # fmt: skip
NOISE = ("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise")  # acts on single values, in training alone
_PASSING = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Flatten", "Identity", "Reshape")
_WEIGHED = ("Dense", "Conv1D", "Conv2D", "Conv3D")
_A_PICTURE = 20  # parameters for each picture that a net of convolutions learns from without trouble


def advice(graph: Graph, facts: GraphFacts, data: DataFacts, train: TrainSpec) -> tuple[Problem, ...]:
    """What might be better, with changes that were not tried yet. Nothing while the graph has errors."""
    if not facts.ready or data.target is None:
        return ()
    used = used_nodes(graph)
    nodes = [n for n in graph.nodes if n.id in used]
    found = [
        *_twice_softmax(graph),
        *_unscaled_inputs(graph, nodes, data),
        *_saturating_stack(graph, nodes),
        *_lines_in_a_row(graph, nodes),
        *_norm_after_dropout(graph, nodes),
        *_noise_on_answers(graph, nodes),
        *_too_many_parameters(graph, nodes, facts, data, train),
    ]
    of = owners(graph)
    once: dict[tuple[str, str], Problem] = {}  # a layer at several places is advised once
    for thought in found:
        once.setdefault((thought.code, of.get(thought.node, thought.node)), thought)
    return tuple(once.values())


def _thought(code: str, text: str, node: str, *repairs: Repair) -> Problem:
    return Problem("advice", text, node, repairs=tuple(repairs), code=code)


def _activation(node: Node) -> str:
    """Keras' name of the function a layer ends in; "" when it has none of its own."""
    if node.kind == "Softmax":
        return "softmax"
    if node.kind == "ReLU":
        return "relu"
    entry = load_catalog().layer(node.kind)
    spec = entry.field("activation") if entry else None
    return str(node.params.get("activation", spec.default) or "linear") if spec is not None else ""


def _twice_softmax(graph: Graph) -> Iterator[Problem]:
    """The loss takes probabilities here; softmax of a softmax is what a from-logits loss on top of softmax computes."""
    ends = [last_layer(graph, n.id) for n in graph.nodes if n.kind == "Output"]
    for last in {end.id: end for end in ends if end is not None and end.kind in ("Softmax", "Activation")}.values():
        ahead = before(graph, last.id) if _activation(last) == "softmax" else None
        if ahead is None or _activation(ahead) != "softmax":
            continue
        text = (
            f"softmax is applied twice, by {ahead.name} and by {last.name}: the probabilities come out nearly alike "
            "and the model learns slowly. Once is enough."
        )
        yield _thought("softmax-twice", text, last.id, Repair(f"Remove {last.name}", bridged(graph, last)))


def _unscaled_inputs(graph: Graph, nodes: list[Node], data: DataFacts) -> Iterator[Problem]:
    known = {i.name: i for i in data.inputs}
    bound = input_bindings(graph, data)
    for node in nodes:
        source = known.get(bound.get(node.name, "")) if node.kind == "Input" else None
        follow = [graph.node(w.target) for w in outgoing(graph, node.id)]
        if source is None or any(n.kind in _SCALING for n in follow):
            continue
        if source.kind == "image" and source.dtype == "uint8" and source.scale == 1.0:
            text = "The pixels come as 0 to 255. Most models learn faster and more surely from 0 to 1."
            put: tuple[str, str, dict[str, Json]] = ("Scale them to 0 to 1 here", "Rescaling", {"scale": 1 / 255})
        elif source.wide:
            named = ", ".join(source.wide[:3]) + (f" and {len(source.wide) - 3} more" if len(source.wide) > 3 else "")
            text = (
                f"{named}: these numbers come as they are and are much larger than 1. Give them the encoder "
                '"standard" on the Features page, or normalise here.'
            )
            put = ("Put a BatchNormalization behind it", "BatchNormalization", {})
        else:
            continue
        title, kind, params = put
        yield _thought("unscaled", text, node.id, Repair(title, put_behind(graph, node, kind, params)))


def _saturating_stack(graph: Graph, nodes: list[Node]) -> Iterator[Problem]:
    ends = {w.source for w in graph.wires if graph.node(w.target).kind == "Output"}
    hidden = [n for n in nodes if n.kind in (*_WEIGHED, "Activation") and n.id not in ends]
    stack = [n for n in hidden if _activation(n) in _SATURATING]
    if len(stack) < 3:
        return
    name = _activation(stack[0])
    text = (
        f"{len(stack)} hidden layers end in {name} or its like: through so many the error hardly reaches the first "
        "layers, and they learn very slowly. relu does not fade."
    )
    mended = graph
    for node in stack:
        mended = with_params(mended, node.id, activation="relu")
    yield _thought("saturating", text, stack[0].id, Repair("Use relu in the hidden layers", mended))


def _lines_in_a_row(graph: Graph, nodes: list[Node]) -> Iterator[Problem]:
    """Two linear layers without anything between them are one linear layer."""
    for node in nodes:
        if node.kind not in _WEIGHED or _activation(node) != "linear":
            continue
        follow = [graph.node(w.target) for w in outgoing(graph, node.id)]
        if len(follow) != 1 or follow[0].kind not in _WEIGHED or follow[0].kind != node.kind:
            continue
        text = (
            f"{node.name} has no activation, so together with {follow[0].name} it can do no more than "
            f"{follow[0].name} alone. An activation such as relu lets it bend."
        )
        bent = with_params(graph, node.id, activation="relu")
        yield _thought("linear", text, node.id, Repair(f"Give {node.name} relu", bent))


def _norm_after_dropout(graph: Graph, nodes: list[Node]) -> Iterator[Problem]:
    for node in nodes:
        if node.kind != "BatchNormalization":
            continue
        ahead = before(graph, node.id)
        while ahead is not None and ahead.kind in _PASSING:
            ahead = before(graph, ahead.id)
        if ahead is None or ahead.kind not in ("Dropout", "AlphaDropout", "GaussianDropout"):
            continue
        text = (
            f"{node.name} comes right after {ahead.name}. While training it measures values of which some are switched "
            "off, later of which none is: its measure is wrong then. The other order fits."
        )
        yield _thought("norm-after-dropout", text, node.id, *_swap(graph, ahead, node))


def _swap(graph: Graph, drop: Node, norm: Node) -> Iterator[Repair]:
    """The dropout taken out and put behind the normalisation, or behind the activation that follows it."""
    if len(incoming(graph, drop.id)) != 1 or len(outgoing(graph, drop.id)) != 1:
        return
    rest = bridged(graph, drop)
    behind = norm
    follow = outgoing(rest, norm.id)
    if len(follow) == 1 and rest.node(follow[0].target).kind in ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU"):
        behind = rest.node(follow[0].target)
    mended = put_behind(rest, behind, drop.kind, dict(drop.params), drop)
    yield Repair(f"Put {drop.name} behind {behind.name}", mended)


def _noise_on_answers(graph: Graph, nodes: list[Node]) -> Iterator[Problem]:
    for end in nodes:
        last = last_layer(graph, end.id) if end.kind == "Output" else None
        if last is None or last.kind not in NOISE:
            continue
        text = (
            f"{last.name} works on the answer itself: while training it spoils answers at random, and the loss counts "
            "that. It belongs before the last layer that learns."
        )
        dense = closing_dense(graph, end.id)
        ahead = before(graph, dense.id) if dense is not None else None
        repairs = [Repair(f"Remove {last.name}", bridged(graph, last))]
        if dense is not None and ahead is not None and ahead.kind not in ("Input", *NOISE):
            moved = put_behind(bridged(graph, last), ahead, last.kind, dict(last.params), last, only=dense.id)
            repairs.insert(0, Repair(f"Put {last.name} before {dense.name}", moved))
        yield _thought("noise-on-answer", text, last.id, *repairs)


def _too_many_parameters(
    graph: Graph, nodes: list[Node], facts: GraphFacts, data: DataFacts, train: TrainSpec
) -> Iterator[Problem]:
    rows = data.rows.get("train", 0)
    pictures = any(i.kind == "image" for i in data.inputs)
    if not rows or facts.trainable <= rows * (_A_PICTURE if pictures else 1) or _held_back(nodes, train):
        return
    many = max(nodes, key=lambda n: facts.nodes[n.id].trainable if n.id in facts.nodes else 0)
    text = (
        f"The model has {facts.trainable:,} parameters to learn and {rows:,} {'pictures' if pictures else 'rows'} to "
        "learn them from: it may learn these by heart. Watch the validation curve; fewer units or a Dropout help."
    )
    last = last_layer(graph)
    repairs = []
    ahead = before(graph, last.id) if last is not None else None
    if last is not None and ahead is not None and ahead.kind != "Input" and last.kind == "Dense":
        grown = put_behind(graph, ahead, "Dropout", {"rate": 0.3}, only=last.id)
        repairs.append(Repair(f"Put a Dropout before {last.name}", grown))
    yield _thought("many-parameters", text, many.id, *repairs)


def _held_back(nodes: list[Node], train: TrainSpec) -> bool:
    """Whether something already works against learning by heart."""
    penalties = ("kernel_regularizer", "activity_regularizer", "embeddings_regularizer")
    return train.early_stopping.enabled or any(
        n.kind in _REGULAR or any(n.params.get(p) for p in penalties) or n.params.get("dropout") for n in nodes
    )


# ---- changes -------------------------------------------------------------------------------------------------


def put_behind(
    graph: Graph, node: Node, kind: str, params: dict[str, Json], old: Node | None = None, only: str = ""
) -> Graph:
    """The graph with a block on the wires out of `node` (on that to `only` alone); what follows moves down.

    old: a block that is moved here; it keeps its id and name.
    """
    here = graph.node(node.id)
    step = NODE_HEIGHT + GAP_Y
    fresh = (
        replace(old, x=here.x, y=here.y + step)
        if old is not None
        else Node(unused_id(graph, kind.lower()), kind, free_name(graph, kind), params, here.x, here.y + step)
    )
    below = descendants(graph, node.id)
    nodes = tuple(replace(n, y=n.y + step) if n.id in below else n for n in graph.nodes)
    moved = [w for w in graph.wires if w.source == node.id and (not only or w.target == only)]
    wires = tuple(w for w in graph.wires if w not in moved)
    joined = (*wires, Wire(node.id, fresh.id), *(replace(w, source=fresh.id) for w in moved))
    return replace(graph, nodes=(*nodes, fresh), wires=joined)
