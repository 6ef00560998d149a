"""The curve that is drawn of a schedule is what Keras gives."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from workbench.core.catalog import load_catalog
from workbench.core.project import Plateau, TrainSpec
from workbench.core.schedules import rates
from workbench.engine import devices
from workbench.engine.assemble import make_optimizer
from workbench.engine.rates import Wait, begin_schedule, kept, on_plateau, put_back, rate, set_rate


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True}),
        ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}),
        ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "power": 2.0, "cycle": True}),
        ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.1}),
        ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 20, "warmup_target": 0.2, "warmup_steps": 7}),
        ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 7, "t_mul": 2.0, "m_mul": 0.5}),
        ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 7, "t_mul": 1.0}),
    ],
)
def test_a_schedule_is_drawn_as_keras_computes_it(kind: str, params: dict[str, Any]) -> None:
    steps = np.arange(45.0)
    made = getattr(keras.optimizers.schedules, kind)(**params)
    wanted = [float(made(int(step))) for step in steps]
    found = rates({"kind": kind, "params": params}, steps, load_catalog())
    np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-7)


def test_what_is_not_complete_is_not_drawn() -> None:
    catalog = load_catalog()
    half = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 0}}
    assert rates(half, np.arange(3.0), catalog) is None
    assert rates({"kind": "Nothing", "params": {}}, np.arange(3.0), catalog) is None
    assert rates(0.5, np.arange(2.0), catalog) == pytest.approx([0.5, 0.5])


def _scheduled(value: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    train = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": value})
    model.compile(optimizer=make_optimizer(train), loss="mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_a_rate_is_set_where_the_schedule_is_at_zero() -> None:
    value = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 10}}
    model = _scheduled(value)
    model.optimizer._iterations.assign(20)
    assert rate(model) == 0
    assert set_rate(model, 0.02)
    assert rate(model) == pytest.approx(0.02)
    model.optimizer._iterations.assign(400)
    assert rate(model) == pytest.approx(0.02)  # and stays
    other = _scheduled(value)
    other.optimizer._iterations.assign(400)
    put_back(other, **kept(model))
    assert rate(other) == pytest.approx(0.02)
    begin_schedule(other)
    put_back(other, **{**kept(other), "rate_held": -1.0})
    assert rate(other) == pytest.approx(0.1)


def test_a_rate_that_is_set_within_a_schedule_keeps_its_shape() -> None:
    model = _scheduled({"kind": "ExponentialDecay", "params": {"decay_steps": 10, "decay_rate": 0.5}})
    assert not set_rate(model, 0.5)
    model.optimizer._iterations.assign(10)
    assert rate(model) == pytest.approx(0.25)


@pytest.mark.parametrize(("delta", "rest"), [(1e-4, 0), (0.05, 3), (0.0, 1)])
def test_a_rate_falls_on_a_plateau_when_that_of_keras_does(delta: float, rest: int) -> None:
    values = np.random.default_rng(rest).normal(1, 0.03, 60).cumprod()
    model = _scheduled(0.1)
    callback = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=0.7, patience=2, min_delta=delta, cooldown=rest, min_lr=0.01
    )
    callback.set_model(model)
    callback.on_train_begin()
    rule, wait, now = Plateau(True, 0.7, 2, 0.01, delta, rest), Wait(), rate(model)
    for epoch, value in enumerate(values.tolist()):
        callback.on_epoch_end(epoch, {"val_loss": value})
        wait, now = on_plateau(rule, wait, value, now, delta)
        assert now == pytest.approx(rate(model)), epoch
    assert now < 0.1
    assert Plateau().min_delta == 1e-4  # what creeps by less is no better
