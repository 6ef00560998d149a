"""Rows that count as much as a column says: the losses of plain Keras with sample_weight, in every kind of loop."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.errors import DataError
from workbench.core.project import TrainSpec
from workbench.engine import assemble, checkpoints, devices, sweep, trainer
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.parts import open_part
from workbench.engine.shuffle import epoch_order
from workbench.link.messages import Batches, EpochEnded

from .little_runs import blobs, chain, make_run, train

ABC = ("a", "b", "c")
GRAPH = chain(
    ("Dense", {"units": 6, "activation": "relu", "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.01}}}),
    ("Dropout", {"rate": 0.2}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
PARTS = {"train": blobs(101), "validation": blobs(45, 1), "test": blobs(30, 2)}
WEIGHTS = {
    name: np.random.default_rng(len(y)).choice([0.0, 0.3, 1.0, 4.0], len(y)).astype(np.float32)
    for name, (_, y) in PARTS.items()
}


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def weighed_run(folder: Path, class_weights: tuple[float, ...] = (), **settings: Any) -> Path:
    train = TrainSpec(epochs=3, seed=3, **settings)
    made = make_run(folder, GRAPH, train, PARTS, classes=ABC, weights=WEIGHTS)
    if class_weights:
        facts = runs.read_facts(made)
        facts = replace(facts, target=replace(facts.target, class_weights=class_weights))
        (made / "facts.json").write_text(json.dumps(encode(facts)))
    return made


def test_losses_are_those_of_keras_with_sample_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beside class weights; the metrics are plain, as Keras' `metrics` are."""
    by_class = (0.5, 1.0, 2.5)
    swept = weighed_run(tmp_path / "swept", by_class)
    said = [m.logs for m in train(swept) if isinstance(m, EpochEnded)]
    project, facts = runs.read_project(swept), runs.read_facts(swept)
    model = assemble.assemble(project.graph, facts, project.train, *_loss()).model
    (x, y), w = PARTS["train"], WEIGHTS["train"]
    counts = w * np.array(by_class, np.float32)[y]
    for epoch, logs in enumerate(said):
        order = epoch_order(3, epoch, len(y))
        plain = model.fit(
            x[order],
            y[order],
            sample_weight=counts[order],
            batch_size=32,
            shuffle=False,
            verbose=0,
            validation_data=(*PARTS["validation"], WEIGHTS["validation"]),
        ).history
        for name, (value,) in plain.items():
            assert logs[name] == pytest.approx(value, rel=1e-5, abs=1e-6), name

    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    stepwise = weighed_run(tmp_path / "stepwise", by_class)
    streamed = weighed_run(tmp_path / "streamed", by_class)
    train(stepwise)
    train(streamed, streamed=True)
    for one, other, third in zip(*(load_weights(f, "last") for f in (swept, stepwise, streamed)), strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)

    scores = evaluate(swept, "test", "", RunControl()).metrics
    checkpoints.assign(model.variables, load_weights(swept), swept)
    told = model.evaluate(*PARTS["test"], sample_weight=WEIGHTS["test"], verbose=0, return_dict=True)
    assert scores == pytest.approx(told, rel=1e-5)
    assert runs.read_run(swept).scores["test.loss"] == pytest.approx(told["loss"], rel=1e-5)


def _loss() -> tuple[str, tuple[str, ...]]:
    return "sparse_categorical_crossentropy", ("accuracy",)


def test_a_weighed_run_left_in_an_epoch_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    whole, left = weighed_run(tmp_path / "whole", batch_size=8), weighed_run(tmp_path / "left", batch_size=8)
    train(whole)
    control = RunControl()
    trainer.train(left, lambda m: control.end("shutdown") if isinstance(m, Batches) else None, control)
    assert runs.read_run(left).state == "paused"
    train(left, resume=True)
    for one, other in zip(load_weights(whole, "last"), load_weights(left, "last"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_that_are_gone_or_do_not_fit_are_said(tmp_path: Path) -> None:
    folder = weighed_run(tmp_path)
    facts, prepared = runs.read_facts(folder), Path(runs.read_run(folder).prepared)
    np.save(prepared / "train.weights.npy", WEIGHTS["test"])
    with pytest.raises(DataError, match="30 weights for 101 rows"):
        open_part(prepared, "train", facts)
    (prepared / "train.weights.npy").unlink()
    with pytest.raises(DataError, match="no longer there"):
        open_part(prepared, "train", facts)
