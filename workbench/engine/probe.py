"""A look inside the model while it trains: gradients by layer, units that are dead, classes that are never answered.

One pass of a few hundred rows, computed step by step without compiling anything, so that a first look costs about a
tenth of a second. Looks are taken only while all of them together stay below `SHARE` of the training time; a run of a
few seconds has none, unless it does not learn: then there is something to see, also where looks are switched off, and
looks further and further apart are taken until it does. A run that ends without any has its classes looked at.
Nothing of the run changes: layers are in inference mode, and what they keep is put back.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from workbench.link.messages import Probed

from .feed import Feed
from .inside import outputs_of
from .job import Job
from .stalled import constant_loss, stalled

log = logging.getLogger(__name__)
SHARE = 0.015  # of the training time
FIRST = 0.1  # seconds that a look is taken for before one was measured
TRAIN_ROWS = 128
JUDGED_ROWS = 768
PIECE_BYTES = 16_000_000  # of what layers give and their gradients: a look takes no more memory than a step does
APART = 1.5  # an ill run that has been looked at after so many epochs is looked at again after so many times as many
PASSES = 3  # forward, and twice as much backward
LAST = 0.02  # seconds that the classes of a run that has ended may take, however short it was


class Prober:
    """Looks at the model of one run, on its training thread."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._often = job.settings.probes != "off"
        self._looked: list[int] = []  # after how many epochs
        self._ill = False  # as it was at the last look
        self._constant: float | None = None
        self._spent = 0.0
        self._cost = FIRST
        self._inside: keras.Model | None = None
        self._rectified: list[tuple[keras.layers.Layer, list[Any]]] = []
        policy = keras.mixed_precision.dtype_policy()
        half = any("float16" in str(layer.dtype_policy.name) for layer in (job.model, *job.model.layers))
        self._able = "mixed_float16" not in policy.name and not half  # their gradients need a scaled loss

    def due(self, seconds: float) -> bool:
        """Whether a look costs little beside a training of so many seconds."""
        return self._able and self._often and self._spent + self._cost <= SHARE * seconds

    def owed(self, *, ends: bool = False) -> bool:
        """Whether the run learns nothing, so that a look is worth its time; or has begun to since the last one, which
        must not stand any more. ends: it has ended, so that this is the last time to tell."""
        losses = self._job.history.epochs["loss"] if self._able else ()
        done = len(losses)
        if done < 2 or (self._looked and self._looked[-1] == done):
            return False
        again = len(self._looked) < 2 or done >= APART * self._looked[-1] or ends
        if not again and not self._ill:
            return False
        if self._constant is None:
            self._constant = constant_loss(self._job)
        ill = stalled(np.asarray(losses, np.float64), self._constant)
        return (ill and again) or (self._ill and not ill)

    def look(self, epoch: int) -> Probed | None:
        """None when this model cannot be looked into; then it is not tried again."""
        epochs = self._job.history.epochs
        self._looked.append(len(epochs))
        self._ill = self._constant is not None and stalled(np.asarray(epochs["loss"], np.float64), self._constant)
        return self._safely(lambda: self._look(epoch))

    def look_at_the_end(self, epoch: int, row_seconds: float, seconds: float) -> Probed | None:
        """Only which classes are answered, where that takes next to nothing and no look has just told it.

        row_seconds: what a row takes in training. seconds: trained.
        """
        feed, told = self._job.validation, self._looked and self._looked[-1] == len(self._job.history.epochs)
        if feed is None or told or not self._often or not self._able or self._job.classes < 2:
            return None
        if min(JUDGED_ROWS, feed.rows) * row_seconds / PASSES > max(LAST, SHARE * seconds):
            return None
        none = np.zeros(0, np.float32)
        whole = np.zeros(0, np.int32)
        name = self._job.folder.name
        return self._safely(lambda: Probed(name, epoch, (), none, none, (), whole, whole, *self._classes()))

    def _safely(self, look: Callable[[], Probed]) -> Probed | None:
        began, model = time.perf_counter(), self._job.model
        kept = [(v, v.value + 0) for v in (*model.non_trainable_variables, *model.metrics_variables)]
        try:
            return look()
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
            self._rectified, self._inside = _opened(model)
        variables = model.trainable_variables
        gradients, peaks = _backwards(model, self._inside, job.train, _spread(job.train.rows, TRAIN_ROWS))
        by_variable = {id(v): g for v, g in zip(variables, gradients, strict=True) if g is not None}
        layers, sizes, weights = [], [], []
        for layer in model.layers:
            own = [v for v in layer.trainable_variables if id(v) in by_variable]
            if own:
                layers.append(layer.name)
                sizes.append(_norm([by_variable[id(v)] for v in own]))
                weights.append(_norm([v.value for v in own]))
        dead, units = [int((peak <= 0).sum()) for peak in peaks], [len(peak) for peak in peaks]
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
        said_of, y = _answers(job.model, feed, _spread(feed.rows, JUDGED_ROWS))
        several = feed.encoding.several
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


def rehearse(model: keras.Model, train: Feed, validation: Feed | None) -> None:
    """Compute what a look does with a piece of its rows, to see what it takes. The feeds may have fewer rows."""
    _, inside = _opened(model)
    _backwards(model, inside, train, np.arange(min(TRAIN_ROWS, _piece(model, train.batch_size))) % train.rows)
    if validation is not None:
        size = _piece(model, validation.batch_size)
        _answers(model, validation, np.arange(min(JUDGED_ROWS, size)) % validation.rows)


def _opened(model: keras.Model) -> tuple[list[tuple[Any, list[Any]]], keras.Model]:
    """Layers whose units can be dead, with what they give; and a model that gives its answers and that."""
    rectified = [(layer, given) for layer, given in outputs_of(model) if _rectifies(layer, given)]
    return rectified, keras.Model(model.input, [model.output, [given for _, given in rectified]])


def _piece(model: keras.Model, batch_size: int) -> int:
    """Rows that are looked at together: more than a batch only where they take little memory."""
    values = sum(
        math.prod(s or 1 for s in t.shape[1:]) for _, given in outputs_of(model) for t in tf.nest.flatten(given)
    )
    return max(batch_size, PIECE_BYTES // max(1, 8 * values))  # float32, and as much on the way back


def _pieces(model: keras.Model, feed: Feed, chosen: np.ndarray) -> Iterator[tuple[Any, Any, int]]:
    """(x, y) of some of the rows at these positions, and how many they are."""
    size = _piece(model, feed.batch_size)
    for at in range(0, len(chosen), size):
        some = chosen[at : at + size]
        yield *feed.sample(some), len(some)


def _backwards(
    model: keras.Model, inside: keras.Model, feed: Feed, chosen: np.ndarray
) -> tuple[list[Any], list[np.ndarray]]:
    """The gradient of each trainable variable (None where it has none) over the rows at these positions, and of each
    layer that `inside` gives the highest value of every unit."""
    variables = [v.value for v in model.trainable_variables]
    whole: list[Any] = []
    highest: list[np.ndarray] = []
    for x, y, count in _pieces(model, feed, chosen):
        with tf.GradientTape() as tape:
            answers, given = inside(x, training=False)
            loss = model.compute_loss(x, y, answers, None, training=False)
        gradients = tape.gradient(loss, variables)
        if count < len(chosen):
            gradients = [None if g is None else tf.convert_to_tensor(g) * (count / len(chosen)) for g in gradients]
            whole = [g if w is None else w + g for w, g in zip(whole, gradients, strict=True)] if whole else gradients
        else:
            whole = gradients
        # A unit that is used at several places is dead where it answers zero at all of them.
        peaks = [
            np.max([tf.reduce_max(tf.reshape(v, (-1, v.shape[-1])), 0).numpy() for v in every], axis=0)
            for every in given
        ]
        highest = [np.maximum(a, b) for a, b in zip(highest, peaks, strict=True)] if highest else peaks
    return whole, highest


def _answers(model: keras.Model, feed: Feed, chosen: np.ndarray) -> tuple[Any, Any]:
    """What the model says of the rows at these positions, and what is true."""
    found = [(model(x, training=False), y) for x, y, _ in _pieces(model, feed, chosen)]
    return found[0] if len(found) == 1 else tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), *found)


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
