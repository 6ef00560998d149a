"""Mended graphs and training settings as one click. Each is built by Keras first and offered only when it helps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.core.advice import advice
from workbench.core.catalog import load_catalog
from workbench.core.facts import DataFacts, GraphFacts, Problem, Repair
from workbench.core.inserting import put_before
from workbench.core.names import free_name
from workbench.core.outputs import outputs_in_order
from workbench.core.project import Graph, Json, Node, TrainSpec, Wire
from workbench.core.reconstruction import rebuilds
from workbench.core.wiring import (
    bridged,
    changed,
    incoming,
    last_layer,
    with_params,
)
from workbench.core.word_numbers import embedding_repair, text_of

from .graph_check import look
from .repairs_outputs import exchanged, output_ideas

_MOST = 3  # repairs offered with one problem
_MOST_ADVICE = 12  # more than that is read by nobody, and each takes a few milliseconds to try


def with_repairs(facts: GraphFacts, graph: Graph, data: DataFacts | None, train: TrainSpec) -> GraphFacts:
    """The facts with a few verified repairs on each problem that has none yet."""
    if data is None or not facts.problems:
        return facts
    errors = _errors(facts)

    def helps(problem: Problem, repair: Repair) -> bool:
        after = look(repair.graph, data, repair.train or train)
        gone = all((p.node, p.message) != (problem.node, problem.message) for p in after.problems)
        known = len(after.nodes) - len(repair.graph.nodes) > len(facts.nodes) - len(graph.nodes)
        better = _errors(after) < errors or (_errors(after) == errors and (known or problem.severity == "warning"))
        return gone and better

    mended: list[Problem] = []
    for problem in facts.problems:
        offered = list(problem.repairs)
        for idea in () if offered else _ideas(problem, facts, graph, data, train):
            for repair in (idea, *_also_the_loss(idea, data, train)):
                if helps(problem, repair):
                    if all((repair.graph, repair.train) != (r.graph, r.train) for r in offered):
                        offered.append(repair)
                    break
            if len(offered) == _MOST:
                break
        mended.append(replace(problem, repairs=tuple(offered)))
    return replace(facts, problems=tuple(mended))


def with_advice(facts: GraphFacts, graph: Graph, data: DataFacts | None, train: TrainSpec) -> GraphFacts:
    """The facts with what might be better; a change is offered when it builds, and the thought is gone with it."""
    if data is None:
        return facts

    def helps(thought: Problem, repair: Repair) -> bool:
        after = look(repair.graph, data, train)
        keys = [one.key for one in advice(repair.graph, after, data, train)]
        return after.ready and len(after.problems) <= len(facts.problems) and thought.key not in keys

    found = advice(graph, facts, data, train)[:_MOST_ADVICE]
    kept = tuple(replace(one, repairs=tuple(r for r in one.repairs if helps(one, r))) for one in found)
    return replace(facts, advice=kept)


def _errors(facts: GraphFacts) -> int:
    return sum(p.severity == "error" for p in facts.problems)


def _ideas(problem: Problem, facts: GraphFacts, graph: Graph, data: DataFacts, train: TrainSpec) -> Iterator[Repair]:
    """What might help, the likeliest first."""
    from .repairs_rebuilding import rebuilding_ideas

    if problem.setting == "loss":
        fitting = _fitting_loss(graph, data, train)
        scores = bool(train.loss_params.get("from_logits"))
        yield Repair("Switch from_logits off" if scores else f"Use {fitting.loss}", graph, fitting)
    elif problem.setting == "metrics":
        usual = look(graph, data, replace(train, metrics=("auto",))).metrics
        for wrong in train.metrics:
            if wrong in train.metric_params:
                others = {name: params for name, params in train.metric_params.items() if name != wrong}
                yield Repair(f"Reset the settings of {wrong}", graph, replace(train, metric_params=others))
            kept = dict.fromkeys("auto" if m == wrong else m for m in train.metrics)
            yield Repair(f"Use {', '.join(usual)} instead of {wrong}", graph, replace(train, metrics=tuple(kept)))
    if not problem.node or problem.setting:
        return
    try:
        node = graph.node(problem.node)
    except KeyError:
        return
    fed = incoming(graph, node.id)
    if fed and node.id not in facts.nodes:
        text = text_of(graph, graph.node(fed[0].source), data)
        if text is not None:
            yield embedding_repair(graph, graph.node(fed[0].source), node, text)
        yield from _input_ideas(node, fed, facts, graph)
        return
    for end, target in outputs_in_order(graph, data):
        last = last_layer(graph, end.id)
        told = not data.more or f'"{target.name}"' in problem.message
        if last is not None and last.id == node.id and rebuilds(target):
            yield from rebuilding_ideas(last, end, facts, graph, target)
        elif last is not None and last.id == node.id and told:
            yield from exchanged(end, target, graph, data)
            yield from output_ideas(last, end, facts, graph, target)


# ---- training settings that do not fit -----------------------------------------------------------------------


def _fitting_loss(graph: Graph, data: DataFacts, train: TrainSpec) -> TrainSpec:
    """The settings with the loss that "auto" would mean for that graph, and of the old one's what that has too."""
    loss = look(graph, data, replace(train, loss="auto")).loss or "auto"
    entry = load_catalog().losses.get(loss)
    kept = {k: v for k, v in train.loss_params.items() if k != "from_logits" and entry is not None and entry.field(k)}
    return replace(train, loss=loss, loss_params=kept)


def _also_the_loss(repair: Repair, data: DataFacts, train: TrainSpec) -> Iterator[Repair]:
    """The same mended graph with the loss that fits it, where another one was chosen for the graph as it was."""
    if repair.train is None and train.loss != "auto":
        fitting = _fitting_loss(repair.graph, data, train)
        yield Repair(f"{repair.title} and use {fitting.loss}", repair.graph, fitting)


# ---- a layer that cannot take its input ----------------------------------------------------------------------


def _input_ideas(node: Node, fed: list[Wire], facts: GraphFacts, graph: Graph) -> Iterator[Repair]:
    entry = load_catalog().layer(node.kind)
    shape = facts.nodes[fed[0].source].shape if fed[0].source in facts.nodes else None
    if entry is None or shape is None or any(s is None for s in shape[1:]):
        return
    sizes = tuple(s for s in shape[1:] if s is not None)
    if len(fed) == 1 and entry.rank and len(sizes) != entry.rank:
        for title, kind, params in _reshapings(sizes, entry.rank):
            yield Repair(title, put_before(graph, node, kind, params))
    if node.params.get("padding", "valid") == "valid" and _offers(node.kind, "padding", "same"):
        yield Repair('Set padding to "same"', with_params(graph, node.id, padding="same"))
    if "pool_size" in node.params or "kernel_size" in node.params:
        name = "pool_size" if "pool_size" in node.params else "kernel_size"
        yield Repair(f"Set {name} to 1", with_params(graph, node.id, **{name: 1}))
    if entry.many and len(fed) > 1 and node.kind != "Concatenate":
        yield Repair("Put the inputs side by side instead (Concatenate)", _as_kind(graph, node, "Concatenate"))
        yield from _projection(node, fed, facts, graph)
    if node.kind == "Concatenate":
        yield from _flattened_inputs(node, fed, facts, graph)
    if node.kind == "Reshape":
        yield Repair("Give it the shape of one row", with_params(graph, node.id, target_shape=[-1]))
    for name in node.params:
        spec = entry.field(name)
        if spec is not None and not spec.required:
            yield Repair(f"Reset {name}", _without_param(graph, node, name))
    if len(fed) == 1:
        units = node.params.get("units", node.params.get("filters"))
        if entry.rank and len(sizes) == 1 and isinstance(units, int):
            dense = _as_kind(
                graph, node, "Dense", {"units": units, "activation": node.params.get("activation", "relu")}
            )
            yield Repair(f"Make it a Dense with {units} units", dense)
        yield Repair(f"Remove {node.name}", bridged(graph, node))


def _reshapings(sizes: tuple[int, ...], rank: int) -> Iterator[tuple[str, str, dict[str, Json]]]:
    total = 1
    for size in sizes:
        total *= size
    target: list[int] = []
    if rank == 1:
        yield "Put a Flatten before it", "Flatten", {}
    elif len(sizes) == rank - 1:
        target = [*sizes, 1]
    elif rank == 3 and len(sizes) == 1:
        target = [*_rectangle(total), 1]
        if total % 3 == 0 and _rectangle(total // 3)[0] == _rectangle(total // 3)[1]:
            target = [*_rectangle(total // 3), 3]
    elif rank == 2 and len(sizes) > 2:
        target = [sizes[0], total // sizes[0]]
    if target:
        shown = " × ".join(str(s) for s in target)
        yield f"Put a Reshape to {shown} before it", "Reshape", {"target_shape": list(target)}


def _rectangle(total: int) -> tuple[int, int]:
    """The two factors nearest to each other, the larger first: 784 -> 28, 28; 30 -> 6, 5."""
    side = next(s for s in range(round(total**0.5), 0, -1) if total % s == 0)
    return max(side, total // side), min(side, total // side)


def _projection(node: Node, fed: list[Wire], facts: GraphFacts, graph: Graph) -> Iterator[Repair]:
    """A skip whose channels differ gets a 1 × 1 convolution (or a Dense) to the other's channels."""
    shapes = [facts.nodes[w.source].shape if w.source in facts.nodes else None for w in fed]
    if len(fed) != 2 or shapes[0] is None or shapes[1] is None or len(shapes[0]) != len(shapes[1]):
        return
    for this, other in ((1, 0), (0, 1)):
        mine, wanted = shapes[this], shapes[other]
        assert mine is not None
        assert wanted is not None
        units = wanted[-1]
        if len(mine) == 2:
            yield Repair(
                f"Bring one input to {units} with a Dense",
                put_before(graph, node, "Dense", {"units": units}, fed[this]),
            )
        elif len(mine) == 4 and None not in (*mine[1:], *wanted[1:]):
            strides = [-(-int(mine[i] or 1) // int(wanted[i] or 1)) for i in (1, 2)]
            params: dict[str, Json] = {"filters": units, "kernel_size": 1}
            if strides != [1, 1]:
                params |= {"strides": strides, "padding": "same"}
            title = f"Bring one input to {units} channels with a 1 × 1 convolution"
            yield Repair(title, put_before(graph, node, "Conv2D", params, fed[this]))


def _flattened_inputs(node: Node, fed: list[Wire], facts: GraphFacts, graph: Graph) -> Iterator[Repair]:
    mended = graph
    for wire in fed:
        shape = facts.nodes[wire.source].shape if wire.source in facts.nodes else None
        if shape is not None and len(shape) > 2:
            mended = put_before(mended, node, "Flatten", {}, wire)
    if mended is not graph:
        yield Repair("Flatten what comes in", mended)


# ---- changes -------------------------------------------------------------------------------------------------


def _without_param(graph: Graph, node: Node, name: str) -> Graph:
    kept = {k: v for k, v in node.params.items() if k != name}
    return changed(graph, node.id, lambda n: replace(n, params=kept))


def _as_kind(graph: Graph, node: Node, kind: str, params: dict[str, Json] | None = None) -> Graph:
    rest = replace(graph, nodes=tuple(n for n in graph.nodes if n.id != node.id))
    other = replace(node, kind=kind, name=free_name(rest, kind), params=params or {})
    return changed(graph, node.id, lambda _: other)


def _offers(kind: str, name: str, value: Json) -> bool:
    entry = load_catalog().layer(kind)
    spec = entry.field(name) if entry else None
    return spec is not None and value in spec.choices
