"""Several targets: what each Output says of its own, and answers of several outputs as one array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .catalog import load_catalog
from .facts import DataFacts, GraphFacts, Objective, Problem, Repair, TargetFacts
from .objectives import known_loss, metric_settings, resolve_training
from .project import Graph, Json, Node, TrainSpec
from .wiring import changed, last_layer, output_activation, output_bindings


def outputs_in_order(graph: Graph, data: DataFacts) -> tuple[tuple[Node, TargetFacts], ...]:
    """Each target with the Output that predicts it, in the order of the targets; those without one are left out."""
    bound = output_bindings(graph, data)
    of = {name: graph.node(i) for i, name in reversed(bound.items())}
    return tuple((of[t.name], t) for t in data.targets if t.name in of)


def own_train(node: Node, train: TrainSpec, several: bool) -> TrainSpec:
    """The training settings with the loss and metrics of one output: of several, each has its own at its Output."""
    if not several:
        return train
    metrics = node.params.get("metrics")
    named = tuple(str(m) for m in metrics) if isinstance(metrics, (list, tuple)) and metrics else ("auto",)
    loss = str(node.params.get("loss") or "auto")
    of_loss, of_metrics = (_settings(node.params.get(name)) for name in ("loss_params", "metric_params"))
    return replace(train, loss=loss, loss_params=of_loss, metrics=named, metric_params=of_metrics)


def _settings(params: Json) -> Mapping[str, Json]:
    """What is no mapping is told as a problem of the Output."""
    return params if isinstance(params, Mapping) else {}


def loss_weight(node: Node) -> float:
    """What the loss of that Output counts in the sum."""
    value = node.params.get("loss_weight", 1.0)
    return float(value) if isinstance(value, (int, float)) else 1.0


def resolve_outputs(
    graph: Graph, data: DataFacts, train: TrainSpec, units: Mapping[str, int]
) -> tuple[tuple[Objective, ...], tuple[Problem, ...]]:
    """What each output learns, in the order of the targets, and what does not fit.

    units: numbers a row that reach each Output, by its id; outputs that are not in it are left out.

    Problems of the only output's loss and metrics concern the training settings; those of several are on their Output,
    with repairs.
    """
    several = len(data.targets) > 1
    found: list[Objective] = []
    problems: list[Problem] = []
    for node, target in outputs_in_order(graph, data):
        if node.id not in units:
            continue
        last = last_layer(graph, node.id)
        own = own_train(node, train, several)
        activation = output_activation(graph, node.id)
        place = last.id if last is not None else ""
        loss, metrics, wrong = resolve_training(
            target.task, units[node.id], activation, target.classes, own, place, target
        )
        weight = loss_weight(node) if several else 1.0
        settings = {m: given for m in metrics if (given := metric_settings(own, m, units[node.id]))}
        made = Objective(
            node.id, node.name, target.name, units[node.id], loss, metrics, own.loss_params, weight, settings
        )
        found.append(made)
        problems += (_own_problem(p, graph, node, target) for p in wrong) if several else wrong
        if several:
            problems += _unknown_names(graph, node, target, own)
            if weight == 0:
                text = f'"{target.name}": with a loss weight of 0 nothing is learnt for it.'
                repair = _with(graph, node, "Give it a loss weight of 1", loss_weight=None)
                problems.append(Problem("warning", text, node.id, repairs=(repair,)))
    return tuple(found), tuple(problems)


def in_words(found: GraphFacts) -> tuple[str, tuple[str, ...]]:
    """Loss and metrics by Keras' names; of several outputs what each has: "kind: huber × 2", "kind_accuracy"."""
    if len(found.outputs) < 2:
        return found.loss, found.metrics
    losses = [f"{o.name}: {o.loss}" + (f" × {o.loss_weight:g}" if o.loss_weight != 1 else "") for o in found.outputs]
    return ", ".join(losses), tuple(f"{o.name}_{m}" for o in found.outputs for m in o.metrics)


def _own_problem(problem: Problem, graph: Graph, node: Node, target: TargetFacts) -> Problem:
    """A problem of one of several outputs: of which, and at the block where its loss and metrics are chosen."""
    told = replace(problem, message=f'"{target.name}": {problem.message}')
    if problem.setting == "loss":
        repair = _with(graph, node, "Use the loss that fits", loss=None, loss_params=None)
    elif problem.setting == "metrics":
        repair = _with(graph, node, "Measure what fits", metrics=None)
    else:
        return told
    return replace(told, node=node.id, setting="", repairs=(repair,))


def _unknown_names(graph: Graph, node: Node, target: TargetFacts, own: TrainSpec) -> Iterator[Problem]:
    catalog = load_catalog()
    if own.loss != "auto" and known_loss(own.loss) not in catalog.losses:
        repair = _with(graph, node, "Use the loss that fits", loss=None, loss_params=None)
        yield Problem("error", f'"{target.name}": there is no loss called {own.loss!r}.', node.id, repairs=(repair,))
    for name in own.metrics:
        if name not in ("auto", "accuracy") and known_loss(name) not in {*catalog.metrics, "accuracy"}:
            repair = _with(graph, node, "Measure what fits", metrics=None)
            yield Problem("error", f'"{target.name}": there is no metric called {name!r}.', node.id, repairs=(repair,))


def _with(graph: Graph, node: Node, title: str, **params: object) -> Repair:
    """None: as it is by itself."""
    mended = {k: v for k, v in {**node.params, **params}.items() if v is not None}
    return Repair(title, changed(graph, node.id, lambda n: replace(n, params=mended)))
