"""Every loss, metric, optimizer and schedule of the catalog, with each of its settings, trains a step on a fitting
model, or is refused in words before it begins: driven by the catalog itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.core.graphs import chain, table
from workbench.core import class_metrics
from workbench.core.catalog import Entry, load_catalog
from workbench.core.objectives import resolve_training
from workbench.core.project import Json, TrainSpec
from workbench.core.schedules import rates
from workbench.engine.assemble import _loss, _metric, assemble, make_optimizer
from workbench.engine.build import make_object
from workbench.engine.graph_check import check_graph

CATALOG = load_catalog()
CASES = {
    "a number": (chain("table", ("Dense", {"units": 1})), table(4), "linear", np.linspace(-1, 1, 6)),
    "two classes": (
        chain("table", ("Dense", {"units": 1, "activation": "sigmoid"})),
        table(4, 2),
        "sigmoid",
        [0, 1] * 3,
    ),
    "classes": (
        chain("table", ("Dense", {"units": 3, "activation": "softmax"})),
        table(4, 3),
        "softmax",
        [0, 1, 2] * 2,
    ),
}
FOLLOW = ("from_logits", "axis")  # from the model: the forms do not offer them
ANSWERS = {
    "a number": np.array([[-0.5], [0.1], [0.2], [0.3], [0.6], [1.2]], "float32"),
    "two classes": np.array([[0.1], [0.8], [0.3], [0.4], [0.6], [0.9]], "float32"),
    "classes": np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]] * 3, "float32"),
}


def settings(entry: Entry) -> Iterator[dict[str, Json]]:
    """None, and each changed alone."""
    yield {}
    for field in entry.fields:
        if field.name in FOLLOW:
            continue
        if field.kind == "bool":
            yield {field.name: not field.default}
        elif field.kind == "choice":
            yield from ({field.name: c} for c in field.choices if c != field.default)
        elif field.kind == "float":
            low, high = field.minimum, field.maximum
            yield {field.name: max(0.3, low or 0.3) if high is None or high >= 0.3 else high - 0.3}
        elif field.kind == "int":
            yield {field.name: max(2, int(field.minimum or 0))}


def offered(case: str, **train: Json) -> tuple[str, tuple[str, ...], list[str]]:
    graph, facts, activation, _ = CASES[case]
    assert facts.target is not None
    units = graph.node("n1").params["units"]
    loss, metrics, wrong = resolve_training(
        facts.target.task, units, activation, facts.target.classes, TrainSpec(**train)
    )
    return loss, metrics, [p.message for p in wrong if p.severity == "error"]


def targets(case: str, name: str) -> np.ndarray:
    """As the loss or the metric takes them, the loss of its own of a one-hot one included."""
    y = np.asarray(CASES[case][3])
    if case == "classes":
        return y if name.startswith("sparse") else np.eye(3, dtype="float32")[y]
    return y.reshape(-1, 1).astype("float32")


@pytest.mark.parametrize("case", CASES)
def test_every_loss_is_computed_or_refused_in_words(case: str):
    used = []
    for name, entry in CATALOG.losses.items():
        for params in settings(entry):
            loss, _, wrong = offered(case, loss=name, loss_params=params)
            if wrong:
                assert all(len(text) > 20 and ": use " in text for text in wrong)
                continue
            answer = tf.Variable(ANSWERS[case])
            with tf.GradientTape() as tape:
                value = _loss(loss, params)(targets(case, loss), answer)
            assert np.isfinite(value), (name, params)
            assert np.isfinite(tape.gradient(value, answer)).all(), (name, params)
            used.append(name)
    assert len(set(used)) > 3


@pytest.mark.parametrize("case", CASES)
def test_every_metric_is_computed_or_refused_in_words(case: str):
    used: list[str] = []
    for name, entry in CATALOG.metrics.items():
        _, names, wrong = offered(case, metrics=(name,))
        if wrong:
            assert all(len(text) > 20 and ": use " in text for text in wrong)
            continue
        for params in settings(entry):
            if unfit := offered(case, metrics=(name,), metric_params={name: params})[2]:
                assert case == "two classes"  # it has no one of several units
                assert "leave" in unfit[0]
                continue
            if name == "categorical_crossentropy" and params:
                continue  # it has become the one on class numbers, and a setting that lacks is told
            units = ANSWERS[case].shape[1]
            if (measure := _metric(names[0], class_metrics.filled(name, params, units), units)) == "accuracy":
                continue
            measure.update_state(targets(case, names[0]), ANSWERS[case])
            assert np.ndim(measure.result()) == 0, (name, params)
            assert np.isfinite(measure.result()), (name, params)
        used.append(name)
    graph, facts, _, y = CASES[case]
    made = assemble(graph, facts, TrainSpec(), offered(case)[0], offered(case, metrics=tuple(used))[1])
    x = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
    made.model.run_eagerly = True
    told = made.model.train_on_batch(made.encoding.x({"table": x}), made.encoding.y(tf.constant(y)), return_dict=True)
    assert len(told) == 1 + len(offered(case, metrics=tuple(used))[1])
    assert all(np.ndim(v) == 0 and np.isfinite(v) for v in told.values())


def test_every_optimizer_with_every_setting_takes_a_step():
    for name, entry in CATALOG.optimizers.items():
        for params in settings(entry):
            optimizer = make_optimizer(TrainSpec(optimizer=name, optimizer_params={"learning_rate": 0.01, **params}))
            weights = keras.Variable(np.full((3, 2), 0.5, "float32"), name="w")
            for _ in range(2):
                optimizer.apply([tf.constant(np.full((3, 2), 0.25, "float32"))], [weights])
            assert np.isfinite(weights).all(), (name, params)
            assert not np.allclose(weights, 0.5, atol=0) or name in ("Adadelta", "Ftrl"), (name, params)


@pytest.mark.parametrize("name", CATALOG.schedules)
def test_every_schedule_trains_and_is_drawn_as_keras_has_it(name: str):
    steps = np.array([0.0, 1.0, 10.0, 999.0, 1000.0, 1001.0, 2500.0])
    for params in settings(CATALOG.schedules[name]):
        value = {"kind": name, "params": params}
        made = make_object("schedules", value)
        drawn = rates(value, steps, CATALOG)
        assert drawn is not None, params
        np.testing.assert_allclose(drawn, [float(made(step)) for step in steps], rtol=2e-4, atol=1e-7)
    spec = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": name})
    optimizer = make_optimizer(spec)
    weights = keras.Variable(np.ones(2, "float32"))
    optimizer.apply([tf.ones(2)], [weights])
    assert float(weights[0]) < 1 or float(rates(name, np.zeros(1), CATALOG)[0]) == 0


def test_raw_scores_and_logarithms_of_what_may_be_negative_are_told():
    _, _, wrong = offered("classes", loss_params={"from_logits": True})
    assert "switch it off" in wrong[0]
    graph, facts, _, _ = CASES["classes"]
    (problem,) = check_graph(graph, facts, TrainSpec(loss_params={"from_logits": True})).problems
    repaired = problem.repairs[0].train
    assert repaired is not None
    assert not repaired.loss_params
    _, _, wrong = offered("a number", loss="poisson")
    assert "logarithm" in wrong[0]
    train = replace(TrainSpec(loss="poisson"), metrics=("poisson",))
    assert not [p for p in resolve_training("regression", 1, "exponential", (), train)[2] if p.severity == "error"]


def test_settings_of_a_metric_are_those_of_what_it_becomes():
    chosen = "top_k_categorical_accuracy"
    train = TrainSpec(metrics=(chosen,), metric_params={chosen: {"k": 1}})
    graph, facts, _, _ = CASES["classes"]
    loss, metrics, _ = offered("classes", metrics=train.metrics)
    made = assemble(graph, facts, train, loss, metrics)
    x, y = np.random.default_rng(0).normal(size=(30, 4)).astype("float32"), np.arange(30) % 3
    told = made.model.evaluate(x, y, verbose=0, return_dict=True)
    right = np.mean(np.argmax(made.model(x), axis=1) == y)
    assert told[f"sparse_{chosen}"] == pytest.approx(right)  # of three classes the usual five are always right
