"""A model that rebuilds its input: plain Keras' fit(x, x), in every kind of loop, and odd rows stand out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from workbench.core import runs
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.project import Augmentation, Features, Graph, TrainSpec
from workbench.core.reconstruction import row_errors
from workbench.core.templates import template
from workbench.engine import assemble, devices, forecast, job, probe, range_test, sweep, training
from workbench.engine.build import build_model
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.graph_check import check_graph
from workbench.engine.predict import Predictors
from workbench.engine.shuffle import epoch_order
from workbench.link.messages import EpochEnded, TryRates

from ..core.graphs import rebuilt
from .little_runs import chain, make_run, pictures, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
NET = chain(
    ("Dense", {"units": 8, "activation": "relu"}),
    ("Dropout", {"rate": 0.2}),
    ("Dense", {"units": 2}),
    ("Dense", {"units": 6}),
)
PLAIN = chain(*((n.kind, dict(n.params)) for n in NET.nodes[1:-1] if n.kind != "Dropout"))
CONV = chain(
    ("Conv2D", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}),
    ("Conv2DTranspose", {"filters": 1, "kernel_size": 3, "strides": 2, "padding": "same", "activation": "sigmoid"}),
)
TABLE = TargetFacts("x", "reconstruction", shape=(6,), bounds=(-5.0, 5.0))
PICTURE = TargetFacts("x", "reconstruction", shape=(8, 8, 1), bounds=(0.0, 1.0))


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def plane(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Six columns that two numbers make: float32 (rows, 6), and nothing as y."""
    two = np.random.default_rng(seed).normal(size=(rows, 2))
    ways = np.random.default_rng(7).normal(size=(2, 6))
    return (two @ ways).astype(np.float32), np.zeros((rows, 0), np.float32)


def table_run(folder: Path, graph: Graph = NET, epochs: int = 3, **more: Any) -> Path:
    parts = {"train": plane(101), "validation": plane(45, 1), "test": plane(30, 2)}
    weights = more.pop("weights", None)
    settings = TrainSpec(epochs=epochs, seed=3, **more)
    return make_run(folder, graph, settings, parts, targets=(TABLE,), weights=weights)


def picture_run(folder: Path, **more: Any) -> Path:
    parts = {n: (pictures(r, r)[0], np.zeros((r, 0), np.float32)) for n, r in (("train", 70), ("test", 20))}
    features = more.pop("features", Features())
    settings = TrainSpec(epochs=2, seed=3, **more)
    return make_run(folder, CONV, settings, parts, scale=1 / 255, targets=(PICTURE,), features=features)


def train(folder: Path, **options: Any) -> list[dict[str, float]]:
    told: list[Any] = []
    train_run(folder, told.append, **options)
    return [m.logs for m in told if isinstance(m, EpochEnded)]


def model_of(folder: Path) -> keras.Model:
    project, facts = runs.read_project(folder), runs.read_facts(folder)
    found = assemble.resolved(project.graph, facts, project.train)
    assert (found.loss, found.metrics) == ("mean_squared_error", ("mean_absolute_error",))
    return assemble.assemble(project.graph, facts, project.train, found.loss, found.metrics).model


def plain_fit(model: keras.Model, x: np.ndarray, epochs: int, **more: Any) -> list[dict[str, float]]:
    said = []
    for epoch in range(epochs):
        order = epoch_order(3, epoch, len(x))
        counts = {"sample_weight": more["weights"][order]} if "weights" in more else {}
        held = {"validation_data": more["held"]} if "held" in more else {}
        history = model.fit(x[order], x[order], batch_size=32, shuffle=False, verbose=0, **counts, **held).history
        said.append({name: values[0] for name, values in history.items()})
    return said


def close(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> None:
    assert len(ours) == len(theirs)
    for mine, plain in zip(ours, theirs, strict=True):
        assert set(plain) <= set(mine)
        for name, value in plain.items():
            assert mine[name] == pytest.approx(value, rel=2e-5, abs=1e-6), name


def test_losses_of_a_table_are_those_of_fit_x_x(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Swept, step by step, and streamed; then its answers, scores and the error of each row."""
    folder = table_run(tmp_path / "swept", PLAIN, 2)
    swept = train(folder)
    model, held = model_of(folder), plane(45, 1)[0]
    close(swept, plain_fit(model, plane(101)[0], 2, held=(held, held)))
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    close(train(table_run(tmp_path / "steps", PLAIN, 2)), swept)
    close(train(table_run(tmp_path / "streamed", PLAIN, 2), streamed=True), swept)
    close(train(table_run(tmp_path / "xla", PLAIN, 2, compiler="on")), swept)

    x = plane(30, 2)[0]
    said = Predictors().of_run(folder, "last").predict({"x": x})
    assert said.shape == (30, 6)
    np.testing.assert_allclose(said, model.predict(x, verbose=0), rtol=1e-4, atol=1e-5)
    scored = evaluate(folder, "test", "", RunControl(), "last")
    loss, error = model.evaluate(x, x, verbose=0)
    assert scored.metrics == pytest.approx({"loss": loss, "mean_absolute_error": error}, rel=1e-4)
    np.testing.assert_allclose(scored.y, row_errors(x, said)[:, None], rtol=1e-5)
    assert scored.y.mean() == pytest.approx(loss, rel=1e-4)


def test_rows_count_as_much_as_their_weight(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    own = {n: rng.choice([0.0, 1.0, 4.0], r).astype(np.float32) for n, r in (("train", 101), ("validation", 45))}
    own["test"] = np.ones(30, np.float32)
    folder = table_run(tmp_path, PLAIN, 1, weights=own)
    said = train(folder)
    held = plane(45, 1)[0]
    theirs = plain_fit(model_of(folder), plane(101)[0], 1, weights=own["train"], held=(held, held, own["validation"]))
    close(
        [{"loss": s["loss"], "val_loss": s["val_loss"]} for s in said],
        [{"loss": s["loss"], "val_loss": s["val_loss"]} for s in theirs],
    )


def test_losses_of_pictures_are_those_of_fit_x_x(tmp_path: Path) -> None:
    folder = picture_run(tmp_path)
    said = train(folder)
    model = model_of(folder)
    x = pictures(70, 70)[0].astype(np.float32) * np.float32(1 / 255)
    close(said, plain_fit(model, x, 2))
    raw = pictures(20, 20)[0]
    answers = Predictors().of_run(folder, "last").predict({"x": raw})
    assert answers.shape == (20, 64)
    scored = evaluate(folder, "test", "", RunControl(), "last")
    assert scored.y.shape == (20, 1)
    np.testing.assert_allclose(scored.y[:, 0], row_errors(raw.astype(np.float32) / 255, answers), rtol=1e-4)


def test_a_varied_picture_is_what_is_to_be_rebuilt(tmp_path: Path) -> None:
    vary = Augmentation(enabled=True, horizontal=True, brightness=0.2)
    opened = job.open_job(picture_run(tmp_path, features=Features(augment=vary)), "cpu", lambda *_: None)
    x, y = opened.train.sample()
    np.testing.assert_array_equal(x, y)
    made = opened.train.encoding.varied((x, y), opened.model.optimizer.iterations.value)
    assert not np.array_equal(made[0], x)
    np.testing.assert_array_equal(made[0], made[1])
    weighed = opened.train.encoding.weighed(made, np.float32(0.5))
    assert weighed[2].shape == (len(x), 1, 1)
    looked = probe.Prober(opened, lambda: False).look(0)
    assert looked is not None
    assert len(looked.predicted) == 0


def test_a_run_left_goes_on_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    whole, left = table_run(tmp_path / "whole", epochs=3), table_run(tmp_path / "left", epochs=3)
    train(whole)
    control, seen = RunControl(), 0
    took = training.Training._stepped

    def stepped(self: Any, values: np.ndarray, seconds: float) -> None:
        nonlocal seen
        took(self, values, seconds)
        self._pace.steps = 1
        seen += len(values)
        if seen >= 6:  # in the middle of an epoch of four steps
            control.end("shutdown")

    with monkeypatch.context() as patched:
        patched.setattr(training.Training, "_stepped", stepped)
        train(left, control=control)
    assert runs.read_run(left).interrupted
    train(left, resume=True)
    assert runs.read_run(left).state == "finished"
    for which in ("best", "last"):
        for ours, theirs in zip(load_weights(left, which), load_weights(whole, which), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_odd_rows_are_rebuilt_worse(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    odd = rng.normal(size=(30, 6)).astype(np.float32) * 2  # as large as the others, but off their plane
    usual = plane(300)
    empty = np.zeros((30, 0), np.float32)
    graph = template(
        "autoencoder", DataFacts("table", (replace(rebuilt(6).inputs[0], name="x"),), TABLE, {"train": 300})
    )
    parts = {"train": usual, "test": (odd, empty), "validation": plane(60, 3)}
    folder = make_run(tmp_path, graph, TrainSpec(epochs=60, seed=1), parts, targets=(TABLE,))
    train(folder)
    strange = evaluate(folder, "test", "", RunControl()).y[:, 0]
    known = evaluate(folder, "validation", "", RunControl()).y[:, 0]
    assert np.median(strange) > 5 * np.median(known)


def test_a_forecast_and_a_range_test_need_no_target_column(tmp_path: Path) -> None:
    folder = table_run(tmp_path)
    project, facts, record = runs.read_project(folder), runs.read_facts(folder), runs.read_run(folder)
    assert forecast.forecast(project.graph, facts, project.train).step_seconds > 0
    tried = range_test.try_rates(TryRates(project.graph, facts, project.train, record.prepared), RunControl())
    assert len(tried.losses) > 10


# ---- what is told of a model that does not rebuild its input -------------------------------------------------------


def bound(graph: Graph, facts: DataFacts) -> Graph:
    nodes = tuple(replace(n, params={"binding": facts.inputs[0].name}) if n.kind == "Input" else n for n in graph.nodes)
    return replace(graph, nodes=nodes)


FLAT = ("Flatten", {})
WRONG = [
    (chain(("Dense", {"units": 3})), rebuilt(6, bounds=(-3, 3)), "3 numbers a row", "Make dense_0 a Dense with 6"),
    (chain(("Dense", {"units": 4}), ("Reshape", {"target_shape": [2, 2]})), rebuilt(6), "same shape", "Flatten and"),
    (
        chain(("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same"})),
        rebuilt(8, 8, 1),
        "same shape",
        "Give conv2d_0 1 filter and sigmoid",
    ),
    (
        chain(("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"})),
        rebuilt(8, 8, 1),
        "same shape",
        "UpSampling2D by 2 x 2",
    ),
    (
        chain(("UpSampling2D", {"size": 3}), ("Conv2D", {"filters": 1, "kernel_size": 3})),
        rebuilt(8, 8, 3),
        "same shape",
        "Cropping2D to 8 x 8",
    ),
    (chain(FLAT, ("Dense", {"units": 4})), rebuilt(8, 8, 1, bounds=(-1, 1)), "same shape", "64 units and tanh and a"),
    (chain(("MaxPooling2D", {})), rebuilt(8, 8, 1), "weights", "UpSampling2D"),
]


@pytest.mark.parametrize(("graph", "facts", "said", "title"), WRONG)
def test_another_shape_is_told_with_repairs_that_build(graph: Graph, facts: DataFacts, said: str, title: str) -> None:
    graph = bound(graph, facts)
    (problem,) = [p for p in check_graph(graph, facts, TrainSpec()).problems if p.severity == "error"]
    assert said in problem.message
    if "weights" not in said:
        assert any(title in r.title for r in problem.repairs), [r.title for r in problem.repairs]
    assert problem.repairs
    for repair in problem.repairs:
        assert check_graph(repair.graph, facts, repair.train or TrainSpec()).ready
        assert build_model(repair.graph, facts, 0).outputs[0].shape[1:] == facts.target.shape


@pytest.mark.parametrize(
    ("last", "facts", "said", "mended"),
    [
        ("relu", rebuilt(6, bounds=(-3, 3)), "no number below 0", "linear"),
        ("sigmoid", rebuilt(6, bounds=(-3, 3)), "between 0 and 1", "linear"),
        ("softmax", rebuilt(6), "add up to 1", "sigmoid"),
    ],
)
def test_an_end_that_cannot_reach_the_input_is_warned_of(last: str, facts: DataFacts, said: str, mended: str) -> None:
    graph = bound(chain(("Dense", {"units": 6, "activation": last})), facts)
    found = check_graph(graph, facts, TrainSpec())
    (problem,) = found.problems
    assert found.ready
    assert said in problem.message
    assert problem.repairs[0].title == f"Use {mended} in dense_0"


@pytest.mark.parametrize(
    "facts",
    [
        rebuilt(1),
        rebuilt(6, bounds=(-3, 3)),
        rebuilt(30, rows=5000),
        rebuilt(8, 8, 1),
        rebuilt(28, 28, 1),
        rebuilt(7, 9, 3),
        rebuilt(32, 64, 3, bounds=(-1.0, 1.0)),
    ],
)
def test_the_template_builds_what_it_is_given(facts: DataFacts) -> None:
    graph = template("autoencoder", facts)
    found = check_graph(graph, facts, TrainSpec())
    assert found.ready
    assert not found.problems
    assert "linear" not in [a.code for a in found.advice]
    (code,) = [n for n in graph.nodes if n.name == "code"]
    assert found.nodes[code.id].shape[1] <= max(1, np.prod(facts.target.shape) - 1)
    assert found.outputs[0].units == np.prod(facts.target.shape)


@pytest.mark.parametrize(
    ("settings", "facts", "ready", "said"),
    [
        (TrainSpec(loss="binary_crossentropy"), rebuilt(6), True, ""),
        (TrainSpec(loss="binary_crossentropy"), rebuilt(6, bounds=(-3, 3)), False, "from 0 to 1"),
        (TrainSpec(loss="huber", metrics=("mse", "r2_score")), rebuilt(6), True, ""),
        (TrainSpec(loss="sparse_categorical_crossentropy"), rebuilt(6), False, "compares classes"),
        (TrainSpec(loss="poisson"), rebuilt(6, bounds=(-3, 3)), False, "logarithms"),
        (TrainSpec(metrics=("accuracy",)), rebuilt(6), False, "counts classes"),
        (TrainSpec(metrics=("r2_score",)), rebuilt(8, 8, 1), False, "columns of a table"),
    ],
)
def test_losses_and_metrics_that_compare_numbers_fit(
    settings: TrainSpec, facts: DataFacts, ready: bool, said: str
) -> None:
    found = check_graph(template("autoencoder", facts), facts, settings)
    assert found.ready is ready
    assert not said or said in found.problems[0].message
    for problem in found.problems:
        assert problem.repairs
