"""A look inside the model while it trains: gradients by layer, units that are dead, classes that are never answered.

One pass of a few hundred rows, computed step by step without compiling anything, so that a first look costs about a
tenth of a second. Looks are taken only while all of them together stay below `SHARE` of the training time; a run of a
few seconds has none, unless it does not learn: then there is something to see, and looks further and further apart are
taken until it does. A run that ends without any has its classes looked at. Switched off, none is taken at all.
Nothing of the run changes: layers are in inference mode, and what they keep is put back. A look goes in pieces of about
a step, and is broken off between them when the run is to pause or end. Where a run is spread over several devices or
machines, its first one looks into a copy of its own.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from workbench.link.messages import Probed

from .feed import Feed
from .inside import alone, outputs_of
from .job import Job
from .modes import unchanged
from .remaining import LOOK_SHARE
from .stalled import constant_loss, evenly, stalled

log = logging.getLogger(__name__)
Piece = tuple[Any, Any, int]
SHARE = LOOK_SHARE  # of the training time
FIRST = 0.1  # seconds that a look is taken for before one was measured
TRAIN_ROWS = 128
JUDGED_ROWS = 768
PIECE_BYTES = 16_000_000  # of what layers give and their gradients: a look takes no more memory than a step does
APART = 1.5  # an ill run that has been looked at after so many epochs is looked at again after so many times as many
PASSES = 3  # forward, and twice as much backward
HEADROOM = 16.0  # that loss scaling, which goes up to where gradients of float16 burst, is given in a look
LAST = 0.02  # seconds that the classes of a run that has ended may take, however short it was


class _BrokenOff(Exception):
    """The run is to pause or end. Internal to this module."""


class Prober:
    """Looks at the model of one run, on its training thread. wanted: whether the run is to pause or end."""

    def __init__(self, job: Job, wanted: Callable[[], bool]) -> None:
        self._job = job
        self._wanted = wanted
        self._looked: list[int] = []  # after how many epochs
        self._ill = False  # as it was at the last look
        self._constant: float | None = None
        self._spent = 0.0
        self._cost = FIRST
        self._model: keras.Model | None = None  # that is looked into, from the first look on
        self._inside: keras.Model | None = None
        self._rectified: list[tuple[keras.layers.Layer, list[Any]]] = []
        self._able = job.settings.probes != "off"

    def due(self, seconds: float) -> bool:
        """Whether a look costs little beside a training of so many seconds."""
        return self._able and self._spent + self._cost <= SHARE * seconds

    def owed(self, *, ends: bool = False) -> bool:
        """Whether the run learns nothing, so that a look is worth its time; or has begun to since the last one, which
        must not stand any more. ends: it has ended, so that this is the last time to tell."""
        done = len(self._job.history.epochs)
        if not self._able or done < 2 or self._told:
            return False
        again = len(self._looked) < 2 or done >= APART * self._looked[-1] or ends
        if not again and not self._ill:
            return False
        ill = self._stalled()
        return (ill and again) or (self._ill and not ill)

    def look(self, epoch: int) -> Probed | None:
        """None when it is broken off; and when this model cannot be looked into: then it is not tried again."""
        found = self._safely(lambda model: self._look(model, epoch))
        if found is not None:
            self._looked.append(len(self._job.history.epochs))
            self._ill = self._stalled()
        return found

    @property
    def _told(self) -> bool:
        """Whether it has been looked at since the last epoch."""
        return bool(self._looked) and self._looked[-1] == len(self._job.history.epochs)

    def _stalled(self) -> bool:
        losses = self._job.history.epochs.get("loss")
        if losses is None:
            return False
        if self._constant is None:
            self._constant = constant_loss(self._job)
        return stalled(np.asarray(losses, np.float64), self._constant)

    def look_at_the_end(self, epoch: int, row_seconds: float, seconds: float) -> Probed | None:
        """Only which classes are answered, where that takes next to nothing and no look has just told it.

        row_seconds: what a row takes in training. seconds: trained.
        """
        feed = self._job.validation
        if feed is None or self._told or not self._able or not any(self._job.classes):
            return None
        if min(JUDGED_ROWS, feed.rows) * row_seconds / PASSES > max(LAST, SHARE * seconds):
            return None
        none = np.zeros(0, np.float32)
        whole = np.zeros(0, np.int32)
        name = self._job.folder.name
        return self._safely(lambda model: Probed(name, epoch, (), none, none, (), whole, whole, *self._classes(model)))

    def _safely(self, look: Callable[[keras.Model], Probed]) -> Probed | None:
        began, least = time.perf_counter(), 0.0
        try:
            self._model = model = alone(self._job, self._model)
            with unchanged(model):
                return look(model)
        except _BrokenOff:  # the next one takes no less than the last
            least = self._cost
            return None
        except Exception:  # whatever it is, the run itself is well: it goes on without looks
            log.info("the model of %s cannot be looked into", self._job.folder.name, exc_info=True)
            self._able = False
            return None
        finally:
            taken = time.perf_counter() - began
            self._cost = max(taken, least)
            self._spent += taken

    def _look(self, model: keras.Model, epoch: int) -> Probed:
        job = self._job
        if self._inside is None:
            self._rectified, self._inside = _opened(model)
        variables = model.trainable_variables
        pieces = self._pieces(model, job.train, TRAIN_ROWS)
        rows, scale = min(TRAIN_ROWS, job.train.rows), _loss_scale(job.model.optimizer)
        gradients, peaks = _backwards(model, self._inside, pieces, rows, scale)
        by_variable = {id(v): g for v, g in zip(variables, gradients, strict=True) if g is not None}
        layers, sizes, weights = [], [], []
        for layer in model.layers:
            own = [v for v in layer.trainable_variables if id(v) in by_variable]
            if own:
                layers.append(layer.name)
                sizes.append(_norm([by_variable[id(v)] for v in own]))
                weights.append(_norm([v.value for v in own]))
        dead, units = [int((peak <= 0).sum()) for peak in peaks], [len(peak) for peak in peaks]
        predicted, actual = self._classes(model)
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

    def _pieces(self, model: keras.Model, feed: Feed, most: int) -> Iterator[Piece]:
        """At most so many rows of a part, evenly over all of it. Raises _BrokenOff."""
        for piece in _pieces(model, feed, evenly(feed.rows, most)):
            if self._wanted():
                raise _BrokenOff
            yield piece

    def _classes(self, model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
        """Rows of each class as the model says and as it is; of several targets with classes side by side."""
        feed, counts = self._job.validation, self._job.classes
        none = np.zeros(0, np.int32)
        if feed is None or not any(counts):
            return none, none
        said, y = _answers(model, self._pieces(model, feed, JUDGED_ROWS))
        several = feed.encoding.several
        each = [(said[one.name], y[one.name]) for one in several] if several else [(said, y)]
        found = [_counted(*pair, count) for pair, count in zip(each, counts, strict=True) if count]
        return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _counted(said: Any, y: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each of so many classes by the answers and by the truth of one target; all 0 where an answer is no class
    for each row."""
    answers, truth = np.asarray(tf.cast(said, tf.float32)), np.asarray(y)
    if answers.ndim != 2:
        none = np.zeros(count, np.int32)
        return none, none
    if answers.shape[1] == 1:
        logits = answers.min() < 0 or answers.max() > 1
        found, is_so = answers[:, 0] > (0.0 if logits else 0.5), truth.reshape(-1)
    else:
        found = answers.argmax(1)
        is_so = truth.argmax(1) if truth.ndim == 2 and truth.shape[1] > 1 else truth.reshape(-1)
    one, other = (np.bincount(c.astype(int), minlength=count)[:count].astype(np.int32) for c in (found, is_so))
    return one, other


def rehearse(model: keras.Model, train: Feed, validation: Feed | None) -> None:
    """Compute what a look does with a piece of its rows, to see what it takes. The feeds may have fewer rows."""
    _, inside = _opened(model)
    rows = np.arange(min(TRAIN_ROWS, _piece(model, train.batch_size))) % train.rows
    _backwards(model, inside, _pieces(model, train, rows), len(rows))
    if validation is not None:
        rows = np.arange(min(JUDGED_ROWS, _piece(model, validation.batch_size))) % validation.rows
        _answers(model, _pieces(model, validation, rows))


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


def _pieces(model: keras.Model, feed: Feed, chosen: np.ndarray) -> Iterator[Piece]:
    """(x, y) of some of the rows at these positions, and how many they are."""
    size = _piece(model, feed.batch_size)
    for at in range(0, len(chosen), size):
        some = chosen[at : at + size]
        yield *feed.sample(some), len(some)


def _loss_scale(optimizer: Any) -> float:
    """What the loss is to be multiplied by, so that small gradients are not 0 in the numbers the layers compute in."""
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return 1.0
    return max(1.0, float(optimizer.dynamic_scale.numpy()) / HEADROOM)


def _backwards(
    model: keras.Model, inside: keras.Model, pieces: Iterable[Piece], rows: int, scale: float = 1.0
) -> tuple[list[Any], list[np.ndarray]]:
    """The gradient of each trainable variable (None where it has none) over so many rows in pieces, and of each layer
    that `inside` gives the highest value of every unit. scale: see `_loss_scale`."""
    variables = [v.value for v in model.trainable_variables]
    whole: list[Any] = []
    highest: list[np.ndarray] = []
    for x, y, count in pieces:
        with tf.GradientTape() as tape:
            answers, given = inside(x, training=False)
            loss = model.compute_loss(x, y, answers, None, training=False) * scale
        gradients = tape.gradient(loss, variables)
        part = count / rows / scale
        if part != 1:
            gradients = [None if g is None else tf.convert_to_tensor(g) * part for g in gradients]
        whole = [g if w is None else w + g for w, g in zip(whole, gradients, strict=True)] if whole else gradients
        # A unit that is used at several places is dead where it answers zero at all of them.
        peaks = [np.max([_highest(v) for v in every], axis=0) for every in given]
        highest = [np.maximum(a, b) for a, b in zip(highest, peaks, strict=True)] if highest else peaks
    return whole, highest


def _answers(model: keras.Model, pieces: Iterable[Piece]) -> tuple[Any, Any]:
    """What the model says of some rows, and what is true."""
    found = [(model(x, training=False), y) for x, y, _ in pieces]
    return found[0] if len(found) == 1 else tf.nest.map_structure(lambda *parts: tf.concat(parts, 0), *found)


def _rectifies(layer: Any, given: list[Any]) -> bool:
    one = isinstance(layer.output, keras.KerasTensor) and len(layer.output.shape) > 1
    if not one or len({tensor.shape[-1] for tensor in given}) != 1:
        return False
    return isinstance(layer, keras.layers.ReLU) or getattr(layer, "activation", None) is keras.activations.relu


def _highest(given: Any) -> np.ndarray:
    """Of each unit, over all rows and places; float32, whatever it is computed in."""
    return np.asarray(tf.cast(tf.reduce_max(tf.reshape(given, (-1, given.shape[-1])), 0), tf.float32))


def _norm(tensors: list[Any]) -> float:
    squares = [tf.reduce_sum(tf.square(tf.cast(tf.convert_to_tensor(t), tf.float32))) for t in tensors]
    return float(tf.sqrt(tf.add_n(squares)))
