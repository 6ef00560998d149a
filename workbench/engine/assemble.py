"""A model ready to train or score: built from the graph, compiled as the training settings say, its metrics built."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import keras

from workbench.core.allowed import value_problem
from workbench.core.catalog import Entry, load_catalog
from workbench.core.class_metrics import by_model, takes_one_hot
from workbench.core.class_weights import weighed_target, weights_of
from workbench.core.errors import GraphError, TrainError
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, Objective, TargetFacts
from workbench.core.objectives import metric_settings
from workbench.core.outputs import outputs_in_order, resolve_outputs
from workbench.core.project import Graph, Json, TrainSpec
from workbench.core.schedule_length import fitted_train, length_of
from workbench.core.wiring import input_bindings

from .build import arguments, build_model
from .class_metrics import on_class_numbers
from .devices import BUILDING
from .encoding import Encoding, encoding
from .graph_check import check_graph
from .rates import Adjustable
from .spread import Spread


@dataclass(frozen=True)
class Assembled:
    """model: compiled, weights as its seed made them. encoding: how prepared arrays become its inputs and targets.
    loss, metrics: of the first output."""

    model: keras.Model
    encoding: Encoding
    loss: str
    metrics: tuple[str, ...]


def resolved(graph: Graph, facts: DataFacts, train: TrainSpec) -> GraphFacts:
    """What Keras says of the graph, when nothing keeps it from being trained.

    Raises:
        GraphError: something does; the first problem, at its node.
    """
    with BUILDING:
        found = check_graph(graph, facts, train)
    for problem in found.problems:
        if problem.severity == "error":
            names = {node.id: node.name for node in graph.nodes}
            remedy = problem.repairs[0].title + "." if problem.repairs else "Mend it on the canvas."
            raise GraphError(problem.message, where=names.get(problem.node, problem.setting), remedy=remedy)
    return found


def build(graph: Graph, facts: DataFacts, seed: int, precision: str = "float32") -> keras.Model:
    """The model with the weights its seed makes; the same for the same seed, in every precision."""
    with BUILDING:
        return build_model(graph, facts, seed, precision)


def bindings(model: keras.Model, graph: Graph, facts: DataFacts) -> dict[str, InputFacts]:
    """For each input of the model, by its name, the prepared input it is bound to."""
    known = {i.name: i for i in facts.inputs}
    bound = input_bindings(graph, facts)
    return {tensor.name: known[bound[tensor.name]] for tensor in model.inputs}


PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def assemble(
    graph: Graph,
    facts: DataFacts,
    train: TrainSpec,
    loss: str,
    metrics: tuple[str, ...],
    spread: Spread | None = None,
) -> Assembled:
    """Build and compile. `loss` and `metrics` are resolved Keras names of the only output; of several each has its own
    at its Output, and these are not looked at. spread: whose variables they are to be.

    Raises:
        TrainError: the optimizer, the loss or a metric cannot be made from its settings.
    """
    if facts.target is None:
        raise TrainError("There is no target to learn.", where="target", remedy="Choose a target on the Features page.")
    if train.precision not in PRECISIONS:
        raise TrainError(
            f"There is no precision {train.precision!r}.",
            where="precision",
            remedy=f"Choose {' or '.join(PRECISIONS)}.",
        )
    # a run has done so for its own steps by now (job.open_job)
    train = fitted_train(train, length_of(train, facts.rows.get("train", 0)), load_catalog())
    with BUILDING, spread.scope() if spread is not None else nullcontext():
        model = build(graph, facts, train.seed, train.precision)
        outputs = _objectives(model, graph, facts, train, loss, metrics)
        coded = encoding(model, bindings(model, graph, facts), [(o.name, t.task, o.loss) for o, t in outputs])
        weights = _class_weights(facts, train)
        if coded.several:
            own = zip(coded.several, outputs, strict=True)
            coded = replace(coded, several=tuple(replace(one, class_weights=weights[t.name]) for one, (_, t) in own))
            model.compile(optimizer=_scaled(train), **_each([o for o, _ in outputs]))
        else:
            coded = replace(coded, class_weights=weights[facts.target.name])
            units = outputs[0][0].units
            measured = [_metric(m, metric_settings(train, m, units), units) for m in metrics]
            model.compile(optimizer=_scaled(train), loss=_loss(loss, train.loss_params), metrics=measured)
    return Assembled(model, coded, outputs[0][0].loss, outputs[0][0].metrics)


def _objectives(
    model: keras.Model, graph: Graph, facts: DataFacts, train: TrainSpec, loss: str, metrics: tuple[str, ...]
) -> list[tuple[Objective, TargetFacts]]:
    """What each output of a built model learns, and its target, in the order of the targets."""
    pairs = outputs_in_order(graph, facts)
    if len(pairs) == 1:
        (node, target), units = pairs[0], math.prod(s or 1 for s in model.outputs[0].shape[1:])
        return [(Objective(node.id, node.name, target.name, units, loss, metrics, train.loss_params), target)]
    units_of = {node.id: int(model.output[node.name].shape[-1] or 1) for node, _ in pairs}
    found, _ = resolve_outputs(graph, facts, train, units_of)
    return list(zip(found, (target for _, target in pairs), strict=True))


def _each(outputs: list[Objective]) -> dict[str, Any]:
    """Keras' losses, their weights and metrics by the name of each output."""
    return {
        "loss": {o.name: _loss(o.loss, o.loss_params) for o in outputs},
        "loss_weights": {o.name: o.loss_weight for o in outputs},
        "metrics": {o.name: [_metric(m, o.metric_params.get(m, {}), o.units) for m in o.metrics] for o in outputs},
    }


def _class_weights(facts: DataFacts, train: TrainSpec) -> dict[str, tuple[float, ...]]:
    """What a row of each class counts, for each target: as the features say; of the first target with classes, with
    those the settings name."""
    found = {t.name: t.class_weights for t in facts.targets}
    target = weighed_target(facts.targets)
    return found if target is None else {**found, target.name: weights_of(target, train)}


def build_state(model: keras.Model, sample: tuple[Any, Any]) -> None:
    """Create the variables of metrics and optimizer outside any compiled function; no value changes."""
    with BUILDING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model._symbolic_build(data_batch=sample)
        model.optimizer.build(model.trainable_variables)


def _scaled(train: TrainSpec) -> keras.optimizers.Optimizer:
    """The optimizer, which scales the loss where layers compute in float16: its small gradients would be 0. Keras does
    so by the policy of the model, which is that of its layers alone here."""
    made = make_optimizer(train)
    return keras.optimizers.LossScaleOptimizer(made) if train.precision == "mixed_float16" else made


def make_optimizer(train: TrainSpec) -> keras.optimizers.Optimizer:
    """The optimizer of the settings. Raises TrainError when there is none, or its arguments do not fit."""
    entry = load_catalog().optimizers.get(train.optimizer)
    if entry is None:
        raise TrainError(
            f"There is no optimizer {train.optimizer!r}.", where="optimizer", remedy="Choose one from the list."
        )
    _check(entry, train.optimizer_params, "optimizer")
    try:
        given = arguments(entry, train.optimizer_params)
        schedule = given.get("learning_rate")
        if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            given["learning_rate"] = Adjustable(schedule)
        made = getattr(keras.optimizers, entry.keras)(**given)
    except (TypeError, ValueError, GraphError) as error:
        raise TrainError(
            f"{entry.title} cannot be made with these settings ({error}).",
            where="optimizer",
            remedy="Reset its settings to their defaults.",
        ) from error
    assert isinstance(made, keras.optimizers.Optimizer)
    return made


def _check(entry: Entry, params: Mapping[str, Json], where: str) -> None:
    """Raises TrainError for the first setting that there is not, or whose value does not fit."""
    for name, value in params.items():
        spec = entry.field(name)
        if spec is None:
            wrong = f"{entry.title} has no setting {name!r}."
        else:
            wrong = value_problem(spec, value, load_catalog())
        if wrong:
            raise TrainError(wrong, where=f"{where}, {name}", remedy="Reset it to its default.")


def _made(kind: Any, entry: Entry, params: Mapping[str, Json], where: str, **more: Any) -> Any:
    _check(entry, params, where)
    try:
        return kind(**arguments(entry, params), **more)
    except (TypeError, ValueError, GraphError) as error:
        raise TrainError(
            f"{entry.title} cannot be made with these settings ({error}).",
            where=where,
            remedy="Reset its settings to their defaults.",
        ) from error


def _loss(name: str, params: Mapping[str, Json]) -> Any:
    entry = load_catalog().losses.get(name)
    if entry is None:
        raise TrainError(f"There is no loss {name!r}.", where="loss", remedy="Choose one from the list.")
    return _made(getattr(keras.losses, entry.keras), entry, params, "loss")


def _metric(name: str, params: Mapping[str, Json], units: int = 1) -> Any:
    """units: of the output it is of."""
    if name == "accuracy":
        return name  # Keras chooses its kind by the shapes of target and output
    entry = load_catalog().metrics.get(name)
    if entry is None:
        raise TrainError(f"There is no metric {name!r}.", where="metrics", remedy="Choose one from the list.")
    kind = getattr(keras.metrics, entry.keras)
    if takes_one_hot(name, units):
        kind = on_class_numbers(kind, units)
    return _made(kind, entry, params, "metrics", name=name, **by_model(name, units))
