"""What an Output says of the target it predicts, decided from the graph and the facts without any widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.core.catalog import Catalog
from workbench.core.facts import DataFacts, GraphFacts, TargetFacts
from workbench.core.objectives import resolve_training
from workbench.core.outputs import loss_weight, own_train
from workbench.core.project import Graph, Node, TrainSpec
from workbench.core.reconstruction import rebuilds
from workbench.core.wiring import closing_dense, output_activation, output_bindings
from workbench.ui.readable import pretty


def target_words(target: TargetFacts) -> str:
    """ "species · 3 classes", "price · a number", "rebuilds the picture, 28 × 28 × 1"."""
    if rebuilds(target):
        if len(target.shape) == 1:
            return f"rebuilds the row, {target.shape[0]:,} number{'s' * (target.shape[0] != 1)}"
        return f"rebuilds the picture, {' × '.join(map(str, target.shape))}"
    if target.task == "classification":
        return f"{target.name} · {len(target.classes):,} classes"
    return f"{target.name} · a number"


def bound_target(node: Node, graph: Graph, data: DataFacts | None) -> TargetFacts | None:
    """The target an Output predicts; None while there is none for it."""
    if data is None:
        return None
    name = output_bindings(graph, data).get(node.id, "")
    return next((t for t in data.targets if t.name == name), None)


def target_text(node: Node, graph: Graph, data: DataFacts | None) -> str:
    """What an Output is compared with, on its block."""
    if data is None:
        return "no data yet"
    if data.target is None:
        return "choose a target"
    found = bound_target(node, graph, data)
    if found is None:
        wanted = str(node.params.get("target") or "")
        return f"no target called {wanted}" if wanted else "no target left for it"
    return target_words(found)


def learns(
    node: Node, graph: Graph, data: DataFacts | None, facts: GraphFacts | None
) -> tuple[TargetFacts, int, str, tuple[str, ...]] | None:
    """What one Output of several learns: (target, units, loss, metrics), "auto" put into Keras' words; None for
    anything else, or while it has no target."""
    target = bound_target(node, graph, data) if node.kind == "Output" and data is not None and data.more else None
    if target is None:
        return None
    units = output_units(node, graph, target, facts)
    activation, own = output_activation(graph, node.id), own_train(node, TrainSpec(), several=True)
    loss, metrics, _ = resolve_training(target.task, units, activation, target.classes, own)
    return target, units, loss, metrics


@dataclass(frozen=True)
class OutputView:
    """What the form of one Output of several shows.

    target: the one it predicts, None when there is none for it. others: {target: name of the Output that has it}.
    by_itself: the target it would take unbidden. losses: those that fit, by Keras' names. loss, metrics: what is
    meant, "auto" put into Keras' words. fitting: metrics that can be measured. classes: where it has a unit for each.
    train: settings with its own loss and metrics.
    """

    node: Node
    target: TargetFacts | None
    names: tuple[str, ...]
    others: dict[str, str]
    by_itself: str
    train: TrainSpec
    loss: str = ""
    metrics: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    fitting: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def output_view(
    node: Node, graph: Graph, data: DataFacts | None, facts: GraphFacts | None, catalog: Catalog
) -> OutputView | None:
    """None for anything but one Output of several targets: a single one has its loss on the Train page."""
    if node.kind != "Output" or data is None or not data.more:
        return None
    bound = output_bindings(graph, data)
    names = {n.id: n.name for n in graph.nodes}
    others = {target: names[ident] for ident, target in bound.items() if ident != node.id and target}
    free = replace(node, params={k: v for k, v in node.params.items() if k != "target"})
    without = replace(graph, nodes=tuple(free if n.id == node.id else n for n in graph.nodes))
    by_itself = output_bindings(without, data).get(node.id, "")
    own = own_train(node, TrainSpec(), several=True)
    view = OutputView(node, None, tuple(t.name for t in data.targets), others, by_itself, own)
    known = learns(node, graph, data, facts)
    if known is None:
        return view
    target, units, loss, metrics = known
    losses = tuple(n for n in catalog.losses if not _wrong(target, units, replace(own, loss=n), "loss"))
    fitting = fitting_metrics(catalog, target.task, units, len(target.classes), own)
    classes = target.classes if units > 1 and target.task == "classification" else ()
    return replace(view, target=target, loss=loss, metrics=metrics, losses=losses, fitting=fitting, classes=classes)


def output_units(node: Node, graph: Graph, target: TargetFacts, facts: GraphFacts | None) -> int:
    """How many numbers the Output gets: as Keras says, else as its layer is set, else as the target needs."""
    known = facts.nodes.get(node.id) if facts is not None else None
    if known is not None and known.shape is not None and len(known.shape) > 1 and known.shape[-1] is not None:
        return int(known.shape[-1])
    dense = closing_dense(graph, node.id)
    wanted = max(1, len(target.classes))
    return int(dense.params.get("units", wanted)) if dense is not None else wanted


def fitting_metrics(catalog: Catalog, task: str, units: int, classes: int, train: TrainSpec) -> tuple[str, ...]:
    """The metrics that fit a task and an output, the usual one first."""
    found = []
    for name in catalog.metrics:
        trial = replace(train, metrics=(name,), metric_params={})
        _, _, wrong = resolve_training(task or "classification", units, None, max(2, classes), trial)
        if not any(p.setting == "metrics" for p in wrong):
            found.append(name)
    usual = ("accuracy",) if task == "classification" else ()
    return (*usual, *(n for n in found if n not in usual))


def _wrong(target: TargetFacts, units: int, train: TrainSpec, setting: str) -> bool:
    _, _, problems = resolve_training(target.task, units, None, target.classes, train)
    return any(p.setting == setting and p.severity == "error" for p in problems)


def loss_words(catalog: Catalog, name: str) -> str:
    """A loss as people call it."""
    entry = catalog.losses.get(name)
    return entry.title.lower() if entry is not None else name.replace("_", " ")


def outputs_told(
    graph: Graph, data: DataFacts | None, facts: GraphFacts | None, catalog: Catalog
) -> tuple[tuple[Node, str, str], ...]:
    """For each Output of several: (node, its target, "mean squared error · counts 0.5 · r2 score")."""
    told: list[tuple[Node, str, str]] = []
    for node in graph.nodes:
        if node.kind != "Output" or data is None or not data.more:
            continue
        known = learns(node, graph, data, facts)
        if known is None:
            told.append((node, "", "nothing to predict"))
            continue
        target, _, loss, metrics = known
        weight = loss_weight(node)
        parts = [loss_words(catalog, loss), *([f"counts {weight:g}"] if weight != 1.0 else [])]
        parts += [pretty(name) for name in metrics]
        told.append((node, target.name, " · ".join(parts)))
    order = {name: place for place, name in enumerate(t.name for t in data.targets)} if data else {}
    return tuple(sorted(told, key=lambda one: order.get(one[1], len(order))))


def free_targets(graph: Graph, data: DataFacts | None) -> Sequence[str]:
    """Targets that no Output predicts."""
    if data is None:
        return ()
    taken = set(output_bindings(graph, data).values())
    return [t.name for t in data.targets if t.name not in taken]
