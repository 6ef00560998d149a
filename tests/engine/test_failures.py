"""What an exception from the loop is told as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import TrainError
from workbench.core.project import TrainSpec
from workbench.engine import devices, failures, trainer
from workbench.engine.control import RunControl
from workbench.engine.spread import Spread

from .little_runs import chain, line, make_run


def train(folder: Path) -> Any:
    devices.setup()
    return trainer.train(folder, lambda message: None, RunControl())


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="answer")])


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[512,20000]"), "memory"),
        (tf.errors.InvalidArgumentError(None, None, "Graph execution error at node answer/MatMul"), "crash"),
    ],
)
def test_only_what_was_trained_is_said_to_be_kept(model: keras.Model, error: tf.errors.OpError, cause: str) -> None:
    told = [failures.explained(error, "epoch 1, batch 1", model, 512, Spread(), begun=b) for b in (False, True)]
    assert [t.cause for t in told] == [cause, cause]
    assert ["kept" in t.error.remedy for t in told] == [False, True]


def test_a_mistake_of_the_workbench_is_not_laid_to_tensorflow(model: keras.Model) -> None:
    slip = AttributeError("module 'lengths' has no attribute 'note'")
    told = failures.explained(slip, "epoch 22, batch 1", model, 32, Spread(), begun=True).error
    assert "mistake of the workbench" in told.what
    assert "TensorFlow" not in told.what
    assert told.remedy == "The best weights and the last checkpoint are kept."


@pytest.mark.parametrize(
    ("epochs", "best", "kept"),
    [
        (3, True, "Kept: the checkpoint of epoch 3 and the best weights."),
        (0, False, "Kept: a checkpoint in epoch 1."),
        (None, False, "Nothing of it could be kept."),
    ],
)
def test_what_is_kept_of_a_run_that_could_not_be_saved_is_said(epochs: int | None, best: bool, kept: str) -> None:
    error = TrainError("The disk is full.", where="run")
    told = failures.not_saved(error, "saving after epoch 3", epochs, best=best)
    assert told.error.remedy.endswith(kept)


@pytest.mark.parametrize("part", [0, 1])
def test_data_that_is_no_number_is_told_as_that(tmp_path: Path, part: int) -> None:
    x, y = line()
    given = [np.tile(x, (40, 1)), np.tile(y, (40, 1))]
    given[part][150] = np.nan
    settings = TrainSpec(epochs=2, batch_size=16, compiler="off")
    folder = make_run(tmp_path, chain(("Dense", {"units": 1})), settings, {"train": (given[0], given[1])})
    ended = train(folder)
    assert (ended.reason, ended.cause) == ("failed", "data")
    assert ("targets" if part else "inputs") in ended.what
    assert ended.where.startswith("epoch 1, batch ")
    assert "rate" not in ended.remedy
    assert runs.read_run(folder).state == "failed"


def test_the_layer_that_broke_is_named(model: keras.Model) -> None:
    error = tf.errors.InvalidArgumentError(None, None, "Detected at node 'answer/MatMul' defined at")
    told = failures.explained(error, "epoch 2, batch 7", model, 32, Spread(), begun=True)
    assert told.error.where == "epoch 2, batch 7, layer answer"
    assert told.resumable
