"""F1, AUC, precision, recall and IoU of several classes while it trains: the figures of Keras on one-hot targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score

from workbench.core import runs
from workbench.core.class_metrics import ON_ONE_HOT
from workbench.core.edits_offers import accept
from workbench.core.history import History
from workbench.core.project import EarlyStopping, Project, TrainSpec
from workbench.engine import assemble, devices, sweep
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.graph_check import check_graph
from workbench.engine.shuffle import epoch_order
from workbench.link.messages import Batches, EpochEnded

from .little_runs import blobs, chain, make_run, train, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
GRAPH = chain(("Dense", {"units": 6, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
PARTS = {"train": blobs(101), "validation": blobs(45, 1)}
WEIGHTS = {
    name: np.random.default_rng(len(y)).choice([0.0, 0.3, 1.0, 4.0], len(y)).astype(np.float32)
    for name, (_, y) in PARTS.items()
}
TRAIN = TrainSpec(
    epochs=3,
    seed=3,
    metrics=("auto", "f1_score", "recall", "mean_io_u"),
    metric_params={"recall": {"class_id": 1, "top_k": 1}},
    early_stopping=EarlyStopping(True, "val_f1_score", 9),
)


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def of_keras() -> list[Any]:
    return [
        "accuracy",
        keras.metrics.F1Score(average="macro", name="f1_score"),
        keras.metrics.Recall(class_id=1, top_k=1, name="recall"),
        keras.metrics.OneHotMeanIoU(3, name="mean_io_u"),
    ]


def weighed_run(folder: Path, **settings: Any) -> Path:
    return make_run(folder, GRAPH, replace(TRAIN, **settings), PARTS, classes=("a", "b", "c"), weights=WEIGHTS)


def test_every_such_metric_on_class_numbers_is_the_one_on_one_hot_targets():
    draw = np.random.default_rng(0)
    y, counts, one_hot = draw.integers(0, 3, 40), draw.random(40), np.eye(3, dtype="float32")
    answers = 0.8 * draw.dirichlet((1, 1, 1), 40).astype("float32") + 0.2 * one_hot[y]
    for name in sorted(ON_ONE_HOT):
        figures = []
        for given in (y, y[:, None], one_hot[y]):
            measure = assemble._metric(name, {"average": "macro"} if name.startswith("f") else {}, 3)
            for half in (slice(20), slice(20, 40)):
                weights = None if name == "mean_io_u" else counts[half].astype("float32")  # Keras counts these whole
                measure.update_state(given[half], answers[half], weights)
            figures.append(float(measure.result()))
            measure.reset_state()
        assert figures[0] == figures[1] == figures[2] > 0, name
        if name == "f1_score":
            of_sklearn = f1_score(y, answers.argmax(1), average="macro", sample_weight=counts)
            assert figures[0] == pytest.approx(of_sklearn, abs=1e-6)


def test_figures_of_a_run_are_those_of_fit_on_one_hot_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows have weights; swept, and streamed step by step and left in the middle of an epoch."""
    swept = weighed_run(tmp_path / "swept")
    said = [m.logs for m in train(swept) if isinstance(m, EpochEnded)]
    model = assemble.build(GRAPH, runs.read_facts(swept), TRAIN.seed)
    model.compile("adam", "categorical_crossentropy", metrics=of_keras())
    (x, y), w, one_hot = PARTS["train"], WEIGHTS["train"], np.eye(3, dtype=np.float32)
    held_x, held_y = PARTS["validation"]
    for epoch, logs in enumerate(said):
        order = epoch_order(3, epoch, len(y))
        plain = model.fit(
            x[order],
            one_hot[y[order]],
            sample_weight=w[order],
            batch_size=32,
            shuffle=False,
            verbose=0,
            validation_data=(held_x, one_hot[held_y], WEIGHTS["validation"]),
        ).history
        assert plain.keys() <= logs.keys()
        for name, (value,) in plain.items():
            assert logs[name] == pytest.approx(value, rel=1e-6, abs=1e-6), name
    answers = model.predict(held_x, verbose=0).argmax(1)
    assert said[-1]["val_f1_score"] == pytest.approx(f1_score(held_y, answers, average="macro"), abs=1e-6)
    assert runs.read_run(swept).best_epoch == int(np.argmax([logs["val_f1_score"] for logs in said]))

    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    left, control = weighed_run(tmp_path / "left"), RunControl()

    def leave(message: Any) -> None:
        if isinstance(message, Batches):
            control.end("shutdown")

    train_run(left, leave, control, streamed=True)
    assert len(History.load(left / "history.npz").batches) % 4
    train(left, resume=True, streamed=True)
    for one, other in zip(load_weights(swept), load_weights(left), strict=True):
        np.testing.assert_array_equal(one, other)
    history = History.load(left / "history.npz")
    for name in said[0]:
        np.testing.assert_allclose(history.epochs[name], [logs[name] for logs in said], rtol=1e-6, err_msg=name)


def test_what_a_metric_cannot_be_is_told_with_a_repair_that_builds(tmp_path: Path) -> None:
    facts = runs.read_facts(weighed_run(tmp_path))
    for params, words in (
        ({"f1_score": {"average": None}}, "a number for each class"),
        ({"recall": {"class_id": 3}}, "goes from 0 to 2"),
        ({"precision": {"top_k": 0}}, "goes from 1 to 3"),
    ):
        (name,) = params
        chosen = TrainSpec(metrics=("auto", name), metric_params=params)
        (problem,) = check_graph(GRAPH, facts, chosen).problems
        assert words in problem.message
        assert problem.setting == "metrics"
        assert problem.repairs[0].title == f"Reset the settings of {name}"
        mended = accept(problem.repairs[0])(Project(graph=GRAPH, train=chosen))
        assert mended.train == replace(chosen, metric_params={})
        assert check_graph(GRAPH, facts, mended.train).ready
