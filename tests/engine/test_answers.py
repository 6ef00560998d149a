"""Predictions and scores are those of Keras itself on the same weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError
from workbench.core.project import TrainSpec
from workbench.engine import checkpoints, devices, trainer
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.predict import LiveModel, Predictors

from .little_runs import chain, make_run, pictures

SCALE = 1 / 255


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    devices.setup()
    graph = chain(
        ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "activation": "relu"}),
        ("Flatten", {}),
        ("Dropout", {"rate": 0.2}),
        ("Dense", {"units": 2, "activation": "softmax"}),
    )
    parts = {"train": pictures(200), "validation": pictures(40, 1), "test": pictures(301, 2)}
    folder = make_run(
        tmp_path_factory.mktemp("trained"), graph, TrainSpec(epochs=2), parts, classes=("l", "r"), scale=SCALE
    )
    trainer.train(folder, lambda message: None, RunControl())
    return folder


@pytest.mark.parametrize("rows", [0, 1, 2, 16, 17, 256, 257, 600])
def test_any_number_of_rows_is_answered_as_keras_does(trained: Path, rows: int) -> None:
    x = np.resize(pictures(301, 2)[0], (rows, 8, 8, 1))
    y = Predictors().of_run(trained).predict({"x": x})
    assert y.shape == (rows, 2)
    assert y.dtype == np.float32
    if rows:
        expected = checkpoints.load_model(trained).predict(x.astype(np.float32) * SCALE, verbose=0)
        np.testing.assert_allclose(y, expected, atol=1e-6)


def test_inputs_that_do_not_fit_are_named(trained: Path) -> None:
    answering = Predictors().of_run(trained)
    with pytest.raises(TrainError, match="missing"):
        answering.predict({})
    with pytest.raises(TrainError, match="shape"):
        answering.predict({"x": np.zeros((1, 9, 9, 1), np.uint8)})


def test_new_weights_on_disk_are_used(trained: Path, tmp_path: Path) -> None:
    holder = Predictors()
    first = holder.of_run(trained)
    assert holder.of_run(trained) is first
    best = trained / checkpoints.BEST
    best.write_bytes(best.read_bytes())
    assert holder.of_run(trained) is not first


def test_live_answers_follow_the_weights(trained: Path) -> None:
    model = checkpoints.load_model(trained)
    live, x = LiveModel(trained), {"x": pictures(1)[0]}
    assert live.predict(x) is None  # nothing has been trained yet
    live.lend(model)
    before = live.predict(x)
    assert before is not None
    for variable in model.trainable_variables:
        variable.assign(variable * 0)
    live.lend(model)
    after = live.predict(x)
    assert after is not None
    np.testing.assert_allclose(after, [[0.5, 0.5]], atol=1e-6)
    assert not np.allclose(before, after)


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_scores_are_those_of_keras(trained: Path, part: str) -> None:
    x, y = {"train": pictures(200), "validation": pictures(40, 1), "test": pictures(301, 2)}[part]
    model = checkpoints.load_model(trained)
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    expected = model.evaluate(x.astype(np.float32) * SCALE, y, verbose=0, return_dict=True)
    found = evaluate(trained, part, "", RunControl())
    assert found.metrics == pytest.approx(expected, rel=1e-5)
    assert found.part == part
    assert found.y.shape == (len(y), 2)
    assert np.mean(found.y.argmax(1) == y) == pytest.approx(found.metrics["accuracy"])
    if part == "validation":
        assert found.metrics["loss"] == pytest.approx(runs.read_run(trained).scores["val_loss"], rel=1e-5)


def test_scoring_can_be_given_up_and_names_an_empty_part(trained: Path, tmp_path: Path) -> None:
    control = RunControl()
    control.end("abort")
    with pytest.raises(Cancelled):
        evaluate(trained, "test", "", control)
    parts = {"train": pictures(20)}
    graph = chain(("Flatten", {}), ("Dense", {"units": 2, "activation": "softmax"}))
    folder = make_run(tmp_path, graph, TrainSpec(), parts, classes=("l", "r"))
    with pytest.raises(TrainError, match="test part is empty"):
        evaluate(folder, "test", "", RunControl())
    with pytest.raises(TrainError, match="no trained weights"):
        evaluate(folder, "train", "", RunControl())
