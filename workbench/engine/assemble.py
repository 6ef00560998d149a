"""A model ready to train or score: built from the graph, compiled as the training settings say, its metrics built."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import keras

from workbench.core.catalog import load_catalog, value_problem
from workbench.core.errors import GraphError, TrainError
from workbench.core.facts import DataFacts, GraphFacts, InputFacts
from workbench.core.project import Graph, TrainSpec
from workbench.core.wiring import input_bindings

from .build import arguments, build_model
from .devices import BUILDING
from .feed import Encoding, encoding
from .graph_check import check_graph


@dataclass(frozen=True)
class Assembled:
    """model: compiled, weights as its seed made them. encoding: how prepared arrays become its inputs and targets."""

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


def build(graph: Graph, facts: DataFacts, seed: int) -> keras.Model:
    """The model with the weights its seed makes; the same for the same seed."""
    with BUILDING:
        return build_model(graph, facts, seed)


def bindings(model: keras.Model, graph: Graph, facts: DataFacts) -> dict[str, InputFacts]:
    """For each input of the model, by its name, the prepared input it is bound to."""
    known = {i.name: i for i in facts.inputs}
    bound = input_bindings(graph, facts)
    return {tensor.name: known[bound[tensor.name]] for tensor in model.inputs}


def assemble(graph: Graph, facts: DataFacts, train: TrainSpec, loss: str, metrics: tuple[str, ...]) -> Assembled:
    """Build and compile. `loss` and `metrics` are resolved Keras names.

    Raises:
        TrainError: the optimizer, the loss or a metric cannot be made from its settings.
    """
    if facts.target is None:
        raise TrainError("There is no target to learn.", where="target", remedy="Choose a target on the Features page.")
    model = build(graph, facts, train.seed)
    coded = encoding(model, bindings(model, graph, facts), facts.target.task, loss)
    coded = replace(coded, class_weights=facts.target.class_weights)
    model.compile(optimizer=make_optimizer(train), loss=_loss(loss), metrics=[_metric(m) for m in metrics])
    return Assembled(model, coded, loss, metrics)


def build_state(model: keras.Model, sample: tuple[Any, Any]) -> None:
    """Create the variables of metrics and optimizer outside any compiled function; no value changes."""
    with BUILDING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model._symbolic_build(data_batch=sample)
        model.optimizer.build(model.trainable_variables)


def make_optimizer(train: TrainSpec) -> keras.optimizers.Optimizer:
    """The optimizer of the settings. Raises TrainError when there is none, or its arguments do not fit."""
    entry = load_catalog().optimizers.get(train.optimizer)
    if entry is None:
        raise TrainError(
            f"There is no optimizer {train.optimizer!r}.", where="optimizer", remedy="Choose one from the list."
        )
    for name, value in train.optimizer_params.items():
        spec = entry.field(name)
        if spec is None:
            wrong = f"{entry.title} has no setting {name!r}."
        else:
            wrong = value_problem(spec, value, load_catalog())
        if wrong:
            raise TrainError(wrong, where=f"optimizer, {name}", remedy="Reset it to its default.")
    try:
        made = getattr(keras.optimizers, entry.keras)(**arguments(entry, train.optimizer_params))
    except (TypeError, ValueError, GraphError) as error:
        raise TrainError(
            f"{entry.title} cannot be made with these settings ({error}).",
            where="optimizer",
            remedy="Reset its settings to their defaults.",
        ) from error
    assert isinstance(made, keras.optimizers.Optimizer)
    return made


def _loss(name: str) -> Any:
    entry = load_catalog().losses.get(name)
    if entry is None:
        raise TrainError(f"There is no loss {name!r}.", where="loss", remedy="Choose one from the list.")
    return getattr(keras.losses, entry.keras)()


def _metric(name: str) -> Any:
    if name == "accuracy":
        return name  # Keras chooses its kind by the shapes of target and output
    entry = load_catalog().metrics.get(name)
    if entry is None:
        raise TrainError(f"There is no metric {name!r}.", where="metrics", remedy="Choose one from the list.")
    return getattr(keras.metrics, entry.keras)(name=name)
