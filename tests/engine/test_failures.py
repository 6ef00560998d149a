"""What an exception from the loop is told as."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from workbench.engine import failures
from workbench.engine.spread import Spread


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


def test_the_layer_that_broke_is_named(model: keras.Model) -> None:
    error = tf.errors.InvalidArgumentError(None, None, "Detected at node 'answer/MatMul' defined at")
    told = failures.explained(error, "epoch 2, batch 7", model, 32, Spread(), begun=True)
    assert told.error.where == "epoch 2, batch 7, layer answer"
    assert told.resumable
