"""A look inside the model while it trains: gradients by layer, units that are dead, classes that are never answered.

One pass of a few hundred rows, computed step by step without compiling anything, so that a first look costs about a
tenth of a second. Looks are taken only while all of them together stay below `SHARE` of the training time; a run of a
few seconds has none. Nothing of the run changes: layers are in inference mode, and what they keep is put back.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from workbench.link.messages import Probed

from .inside import outputs_of
from .job import Job

log = logging.getLogger(__name__)
SHARE = 0.015  # of the training time
FIRST = 0.1  # seconds that a look is taken for before one was measured
TRAIN_ROWS = 128
JUDGED_ROWS = 768


class Prober:
    """Looks at the model of one run, on its training thread."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._spent = 0.0
        self._cost = FIRST
        self._inside: keras.Model | None = None
        self._rectified: list[tuple[keras.layers.Layer, list[Any]]] = []
        policy = keras.mixed_precision.dtype_policy()
        half = any("float16" in str(layer.dtype_policy.name) for layer in (job.model, *job.model.layers))
        self._able = "mixed_float16" not in policy.name and not half  # their gradients need a scaled loss

    def due(self, seconds: float) -> bool:
        """Whether a look costs little beside a training of so many seconds."""
        return self._able and self._spent + self._cost <= SHARE * seconds

    def look(self, epoch: int) -> Probed | None:
        """None when this model cannot be looked into; then it is not tried again."""
        began = time.perf_counter()
        kept = [(v, v.value + 0) for v in self._job.model.non_trainable_variables]
        try:
            return self._look(epoch)
        except (tf.errors.OpError, MemoryError, ValueError, TypeError, AttributeError):
            log.info("the model of %s cannot be looked into", self._job.folder.name, exc_info=True)
            self._able = False
            return None
        finally:
            for variable, value in kept:
                variable.assign(value)
            self._cost = time.perf_counter() - began
            self._spent += self._cost

    def _look(self, epoch: int) -> Probed:
        job, model = self._job, self._job.model
        if self._inside is None:
            self._rectified = [(layer, given) for layer, given in outputs_of(model) if _rectifies(layer, given)]
            self._inside = keras.Model(model.input, [model.output, [given for _, given in self._rectified]])
        x, y = job.train.sample(_spread(job.train.rows, TRAIN_ROWS))
        with tf.GradientTape() as tape:
            answers, inside = self._inside(x, training=False)
            loss = model.compute_loss(x, y, answers, None, training=False)
        variables = model.trainable_variables
        gradients = tape.gradient(loss, [v.value for v in variables])
        by_variable = {id(v): g for v, g in zip(variables, gradients, strict=True) if g is not None}
        layers, sizes, weights = [], [], []
        for layer in model.layers:
            own = [v for v in layer.trainable_variables if id(v) in by_variable]
            if own:
                layers.append(layer.name)
                sizes.append(_norm([by_variable[id(v)] for v in own]))
                weights.append(_norm([v.value for v in own]))
        dead, units = [], []
        for every in inside:  # a unit that is used at several places is dead where it answers zero at all of them
            peaks = np.max([tf.reduce_max(tf.reshape(v, (-1, v.shape[-1])), 0).numpy() for v in every], axis=0)
            dead.append(int((peaks <= 0).sum()))
            units.append(len(peaks))
        predicted, actual = self._classes()
        return Probed(
            job.folder.name,
            epoch,
            tuple(layers),
            np.array(sizes, np.float32),
            np.array(weights, np.float32),
            tuple(layer.name for layer, _ in self._rectified),
            np.array(dead, np.int32),
            np.array(units, np.int32),
            predicted,
            actual,
        )

    def _classes(self) -> tuple[np.ndarray, np.ndarray]:
        job = self._job
        feed, count = job.validation, job.classes
        if feed is None or count < 2:
            return np.zeros(0, np.int32), np.zeros(0, np.int32)
        x, y = feed.sample(_spread(feed.rows, JUDGED_ROWS))
        said_of, several = job.model(x, training=False), feed.encoding.several
        if several:  # of the first target that has classes
            name = next(one.name for one in several if one.pair or one.classes)
            said_of, y = said_of[name], y[name]
        answers = np.asarray(tf.cast(said_of, tf.float32))
        truth = np.asarray(y)
        if answers.ndim != 2:
            return np.zeros(0, np.int32), np.zeros(0, np.int32)
        if answers.shape[1] == 1:
            logits = answers.min() < 0 or answers.max() > 1
            said, is_so = (answers[:, 0] > (0.0 if logits else 0.5)).astype(int), truth.reshape(-1).astype(int)
        else:
            said = answers.argmax(1)
            is_so = truth.argmax(1) if truth.ndim == 2 and truth.shape[1] > 1 else truth.reshape(-1).astype(int)
        return tuple(np.bincount(c, minlength=count).astype(np.int32) for c in (said, is_so))  # type: ignore[return-value]


def _spread(rows: int, most: int) -> np.ndarray:
    """At most so many positions, evenly over all rows: the same ones each time."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))


def _rectifies(layer: Any, given: list[Any]) -> bool:
    one = isinstance(layer.output, keras.KerasTensor) and len(layer.output.shape) > 1
    if not one or len({tensor.shape[-1] for tensor in given}) != 1:
        return False
    return isinstance(layer, keras.layers.ReLU) or getattr(layer, "activation", None) is keras.activations.relu


def _norm(tensors: list[Any]) -> float:
    squares = [tf.reduce_sum(tf.square(tf.cast(tf.convert_to_tensor(t), tf.float32))) for t in tensors]
    return float(tf.sqrt(tf.add_n(squares)))
