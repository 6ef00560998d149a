"""Which state of an optimizer belongs to which weight, when a run begins with the weights of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import Graph, TrainSpec
from workbench.core.runs import Start
from workbench.engine import devices, optimizer_state, sweep
from workbench.engine.checkpoints import load_checkpoint, load_weights
from workbench.link.messages import EpochEnded

from .little_runs import blobs, chain, make_run, train

pytestmark = pytest.mark.usefixtures("kept_built")
ABC = ("a", "b", "c")
PARTS = {"train": blobs(96), "validation": blobs(60, 1)}
EIGHT = ("Dense", {"units": 8, "activation": "relu"})
GRAPH = chain(EIGHT, EIGHT, EIGHT, ("Dense", {"units": 3, "activation": "softmax"}))


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.fixture(autouse=True)
def _stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)


def frozen(graph: Graph, name: str) -> Graph:
    return replace(graph, nodes=tuple(replace(n, trainable=n.id != name) for n in graph.nodes))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned, with its second block frozen."""
    spec = TrainSpec(epochs=3, seed=3, compiler="off", optimizer_params={"learning_rate": 0.02})
    folder = make_run(tmp_path_factory.mktemp("first"), frozen(GRAPH, "n2"), spec, PARTS, classes=ABC)
    train(folder)
    return folder


def begun(first: Path, which: str = "last", **changes: Any) -> tuple[Path, list[Any]]:
    """A run of one epoch, of other settings, that begins with the weights of the first."""
    project = runs.read_project(first)
    spec = replace(project.train, epochs=1, **changes.pop("train", {}))
    project = replace(project, train=spec, **changes)
    prepared = Path(runs.read_run(first).prepared)
    folder = runs.create_run(first.parent, project, runs.read_facts(first), {}, prepared, "", Start(first, which))
    return folder, train(folder)


def with_state(folder: Path) -> bool:
    (said,) = [text for text in runs.read_run(folder).remarks if "Begins" in text]
    return "with the state of the optimizer" in said


def test_an_optimizer_that_copies_the_weights_copies_those_it_begins_with(first: Path) -> None:
    before = float(runs.read_history(first).epochs["val_loss"][-1])
    params: Mapping[str, Any] = {"learning_rate": 1e-6}
    folder, told = begun(first, train={"optimizer": "ScheduleFreeAdamW", "optimizer_params": params})
    (epoch,) = [m for m in told if isinstance(m, EpochEnded)]
    assert epoch.logs["val_loss"] == pytest.approx(before, rel=1e-3)
    for now, then in zip(load_weights(folder, "last"), load_weights(first, "last"), strict=True):
        if now.dtype.kind == "f":
            np.testing.assert_allclose(now, then, atol=1e-4)


def test_no_weight_gets_the_state_of_another_one(first: Path) -> None:
    assert not with_state(begun(first, graph=frozen(GRAPH, "n1"))[0])  # as many, of the same shapes
    folder, _ = begun(first, train={"optimizer_params": {"learning_rate": 1e-9}})
    assert with_state(folder)
    then, now = load_checkpoint(first).optimizer, load_checkpoint(folder).optimizer
    assert int(now[0]) == int(then[0]) + 3  # steps


def test_what_is_frozen_since_needs_no_state(first: Path) -> None:
    graph = frozen(frozen(GRAPH, "n1"), "n2")
    both = replace(graph, nodes=tuple(replace(n, trainable=n.id not in ("n1", "n2")) for n in graph.nodes))
    assert with_state(begun(first, graph=both)[0])


@pytest.mark.parametrize(
    "name", ["SGD", "Adafactor", "Adam", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "ScheduleFreeAdamW"]
)
def test_the_state_of_each_weight_is_named_after_it(name: str) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(4)])
    optimizer = getattr(keras.optimizers, name)(use_ema=True)
    model.compile(optimizer=keras.optimizers.LossScaleOptimizer(optimizer) if name == "Adam" else optimizer, loss="mse")
    model.optimizer.build(model.trainable_variables)
    names = optimizer_state.names(model)
    assert len(set(names)) == len(names) == len(model.optimizer.variables)
    for weight in model.trainable_variables:
        assert f"{weight.path}:_model_variables_moving_average" in names
    for variable, said in zip(model.optimizer.variables, names, strict=True):
        if said.startswith(":"):
            assert variable.shape == ()
    weight = model.trainable_variables[0]
    weight.assign(np.ones(weight.shape))
    before = [v.numpy() for v in model.optimizer.variables]
    optimizer_state.follow_weights(model)
    changed = [
        said
        for variable, value, said in zip(model.optimizer.variables, before, names, strict=True)
        if not np.array_equal(variable.numpy(), value)
    ]
    assert changed == ([f"{weight.path}:_momentums"] if name == "ScheduleFreeAdamW" else [])
