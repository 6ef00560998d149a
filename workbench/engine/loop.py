"""Keras' own train_step and test_step inside compiled loops over many steps.

One call runs k steps (k a tensor: one trace for all k) and gives back what each step said. Between calls the trainer
stops, pauses, reports and saves. `Pace` chooses k so that a call takes about 50 ms.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context  # the device of a thread has no public name

from . import rates
from .control import look
from .feed import Feed
from .spread import Share, Spread

CALL_SECONDS = 0.05
COMPILERS = 2  # at once


class Pace:
    """How many steps make a call of about 50 ms. Never changes what is computed, only how often Python looks."""

    def __init__(self, first: int = 1) -> None:
        self.steps = first
        self.step_seconds = 0.0  # smoothed; 0 before anything was measured

    def took(self, steps: int, seconds: float) -> None:
        """Tell what a call of so many steps took."""
        each = max(seconds, 1e-6) / steps
        self.step_seconds = each if not self.step_seconds else 0.7 * self.step_seconds + 0.3 * each
        wanted = CALL_SECONDS / max(each, self.step_seconds)
        self.steps = max(1, int(min(wanted, 8 * self.steps)))


@contextmanager
def _batch_losses(model: keras.Model) -> Iterator[dict[int, tf.Tensor]]:
    """While a step is traced: the loss tensor of that batch, which train_step itself keeps only as a running mean.

    By thread, as a strategy traces each of its replicas on one of its own.
    """
    seen: dict[int, tf.Tensor] = {}
    original = model.compute_loss

    def compute_loss(*args: Any, **kwargs: Any) -> tf.Tensor:
        loss = original(*args, **kwargs)
        seen[threading.get_ident()] = loss
        return loss

    object.__setattr__(model, "compute_loss", compute_loss)
    try:
        yield seen
    finally:
        object.__delattr__(model, "compute_loss")


@contextmanager
def _output_losses(model: keras.Model, rows: float | None) -> Iterator[None]:
    """While a step is traced whose replicas have unequal shares: the mean losses of single outputs take each share as
    so many rows, as `Share.factor` weighs them already. None: as Keras counts them."""
    trackers = [] if rows is None else list(model._compile_loss.metrics)

    def taking(update: Callable[..., Any]) -> Callable[..., Any]:
        return lambda value, sample_weight=None: update(value, sample_weight=rows)

    for tracker in trackers:
        object.__setattr__(tracker, "update_state", taking(tracker.update_state))
    try:
        yield
    finally:
        for tracker in trackers:
            object.__delattr__(tracker, "update_state")


class Loops:
    """The compiled loops of one compiled model.

    names: of the values of a step: "loss" (that batch's own), then each metric's running mean within the epoch.
    xla: full training batches are compiled by XLA. The smaller last one and the validation are not: they are a
        thousandth and a few percent of the work, and each would take as long to compile again.
    spread: where the steps are computed; None for one place.
    """

    def __init__(
        self, model: keras.Model, train: Feed, validation: Feed | None, *, xla: bool, spread: Spread | None = None
    ) -> None:
        self.model = model
        self.spread = spread or Spread()
        self.train = train
        self.validation = validation
        self.xla = xla
        self.names = metric_names(model)
        self._train = tf.function(self._train_steps, autograph=False)
        self._full = tf.function(self._train_steps, autograph=False, jit_compile=True) if xla else self._train
        self._test = tf.function(self._test_steps, autograph=False)
        self._reset = tf.function(model.reset_metrics, autograph=False)
        self._judging_made = [0.0]  # a list, as what was traced is shared with `compiled` too

    def compiled(self) -> Loops:
        """The same with XLA; what it does not compile is traced once for both."""
        made = copy.copy(self)
        made.xla, made._full = True, tf.function(self._train_steps, autograph=False, jit_compile=True)
        return made

    def step(self, given: Callable[[Share | None], tuple[Any, tf.Tensor]], rows: int) -> tf.Tensor:
        """One train_step, in the graph; its values in the order of `names`.

        given: (x, y) of a replica's share of the batch. rows: of the whole batch.
        """
        coding, replicas = self.train.encoding, self.spread.replicas
        uneven = rows >= replicas and rows % replicas > 0
        with _batch_losses(self.model) as losses, _output_losses(self.model, rows / replicas if uneven else None):

            def replica() -> tf.Tensor:
                share = self.spread.share(rows)
                data = coding.varied(given(share), rates.steps_done(self.model), share)
                logs = self.model.train_step(coding.weighed(data, share.factor if share else None))
                shown = [tf.cast(logs[name], tf.float32) / replicas for name in self.names[1:]]
                # Keras divides a replica's loss by their number already.
                return tf.stack([tf.cast(losses[threading.get_ident()], tf.float32), *shown])

            return self.spread.total(replica)

    def _train_steps(self, held: Any, block: Any, start: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        capacity = tf.nest.flatten(block)[0].shape[0]
        values = tf.TensorArray(tf.float32, size=capacity, element_shape=[len(self.names)])
        feed, rows = self.train, self.train.block_rows(block)

        def body(i: tf.Tensor, values: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            said = self.step(lambda share: feed.batch(held, block, start + i, share), rows)
            return i + 1, values.write(i, said)

        _, values = tf.while_loop(lambda i, _: i < count, body, (tf.constant(0), values), parallel_iterations=1)
        return values.stack()

    def _test_steps(self, held: Any, block: Any, start: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
        assert self.validation is not None
        feed, rows = self.validation, self.validation.block_rows(block)

        def body(i: tf.Tensor) -> tuple[tf.Tensor]:
            def replica() -> tf.Tensor:
                self.model.test_step(feed.batch(held, block, start + i, self.spread.share(rows)))
                return tf.constant(1)

            with tf.control_dependencies([self.spread.total(replica)]):
                return (i + 1,)

        (done,) = tf.while_loop(lambda i: i < count, body, (tf.constant(0),), parallel_iterations=1)
        return done

    def trace(self) -> None:
        """Trace and compile for every shape of block there is, without doing a step.

        While TensorFlow compiles one on a thread of its own, Python traces the next: each takes a fifth of a second,
        XLA half a second. As no call does a step, it does not matter that they come at the same time.
        """
        none = tf.constant(0), tf.constant(0)
        calls = [(self._train_call(b), (self.train.held, b, *none)) for b in self.train.shapes()]
        if self.validation is not None:
            calls += [(self._test, (self.validation.held, b, *none)) for b in self.validation.shapes()]
        if not self.spread.one:
            for call, given in calls:
                call(*given)
            return
        device = context.context().device_name  # each thread has its own
        with ThreadPoolExecutor(COMPILERS, "engine-compile") as pool:
            compiling = []
            for call, given in calls:
                began = time.perf_counter()
                look()
                _traced(call, *given)
                compiling.append((call, time.perf_counter() - began, pool.submit(_on, device, call, given)))
            _traced(self._reset)
            taken = [(call, tracing + done.result()) for call, tracing, done in compiling]
        judging = [seconds for call, seconds in taken if call is self._test]
        if judging and not self._judging_made[0]:  # later there is nothing left to make
            self._judging_made[0] = sum(judging) / len(judging)

    @property
    def judging_made(self) -> float:
        """Seconds that making the loop over the validation took for one size of batch; 0 where `trace` made none."""
        return self._judging_made[0]

    def _train_call(self, block: Any) -> Any:
        return self._full if self.train.block_rows(block) == self.train.batch_size else self._train

    def train_steps(self, block: Any, start: int, count: int) -> np.ndarray:
        """Train `count` steps of a block; values (count, len(names)). count 0 only traces and compiles."""
        call = self._train_call(block)
        return call(self.train.held, block, tf.constant(start), tf.constant(count)).numpy()[:count]

    def test_steps(self, block: Any, start: int, count: int) -> None:
        """Add `count` steps of the validation part to the metrics. count 0 only traces and compiles."""
        assert self.validation is not None
        self._test(self.validation.held, block, tf.constant(start), tf.constant(count)).numpy()

    def reset_metrics(self) -> None:
        """Begin new running means, as Keras does before each epoch and each validation."""
        self._reset()

    def results(self) -> dict[str, float]:
        """The metrics as they stand, named as Keras names them, "loss" first."""
        logs = self.model.get_metrics_result()
        return {name: float(logs[name]) for name in self.names}


def _traced(call: Any, *given: Any) -> None:
    """Trace it, as its first call would. The public way of asking for that keeps the graph from being freed later."""
    call._get_concrete_function_garbage_collected(*given)


def _on(device: str | None, call: Callable[..., Any], given: tuple[Any, ...]) -> float:
    """Call it there; the seconds that took."""
    began = time.perf_counter()
    with tf.device(device):
        call(*given)
    return time.perf_counter() - began


def metric_names(model: keras.Model) -> tuple[str, ...]:
    """ "loss" and the metrics of a compiled model whose metrics are built."""
    return ("loss", *(name for name in model.get_metrics_result() if name != "loss"))
