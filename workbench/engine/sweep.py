"""Many small epochs in one call: training, validation, best weights and early stopping without leaving the graph.

For y = 2x - 1 an epoch is one step of a few microseconds; what Python does around it would take a hundred times as
long. The steps, their order and their results are those of the ordinary loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from .feed import BLOCK_INDICES, Feed, MemoryFeed
from .keeper import Keeper, Standing
from .loop import Loops

SWEEP_STEPS = 64  # an epoch of more steps is not small
SWEEP_WORK = 50e6  # floating-point operations of a small epoch, about 10 ms
SWEEP_EPOCHS = 256


def epoch_work(model: Any, rows: int) -> float:
    """A rough count of floating-point operations of one epoch: parameters x positions x 6 x rows.

    6 = multiply and add, forward and twice backward. Static, so that the choice of the loop is the same on every run.
    """
    work = 0.0
    for layer in model._flatten_layers(include_self=False):
        parameters = sum(int(np.prod(w.shape)) for w in layer.weights)
        if not parameters or any(True for _ in layer._flatten_layers(include_self=False)):
            continue
        shapes = []
        for node in layer._inbound_nodes:
            shapes += [t.shape for t in (*node.input_tensors, *node.outputs)]
        positions = max((int(np.prod([d or 1 for d in s[1:-1]])) for s in shapes), default=1)
        work += 6.0 * parameters * max(1, positions)
    return work * rows


def suits(model: Any, train: Feed, validation: Feed | None) -> bool:
    """Whether the epochs of a run are small enough to be run many at a time."""
    feeds = [f for f in (train, validation) if f is not None]
    return (
        all(isinstance(f, MemoryFeed) and f.strips is None for f in feeds)
        and sum(f.steps for f in feeds) <= SWEEP_STEPS
        and epoch_work(model, sum(f.rows for f in feeds)) <= SWEEP_WORK
    )


@dataclass(frozen=True)
class Swept:
    """What one call did. values: (epochs, steps, names) per batch; logs: (epochs, names) then the same for validation;
    best: (epochs,) whether each was the best so far."""

    epochs: int
    values: np.ndarray
    logs: np.ndarray
    best: np.ndarray
    standing: Standing
    stop: bool


class Sweeps:
    """The compiled loop over epochs of one model."""

    def __init__(self, loops: Loops, keeper: Keeper) -> None:
        assert isinstance(loops.train, MemoryFeed)
        self._loops = loops
        self._keeper = keeper
        self._rule = keeper.rule
        self.train = loops.train
        self.capacity = max(1, min(SWEEP_EPOCHS, BLOCK_INDICES // self.train.rows))
        names = loops.names
        self.log_names = (*names, *(f"val_{n}" for n in names)) if loops.validation else names
        self._watched = self.log_names.index(self._rule.monitor)
        self._call = tf.function(self._sweep, autograph=False, jit_compile=loops.xla or None)

    def trace(self) -> None:
        """Trace and compile, without doing a step."""
        self.run(np.zeros((0, self.train.rows), np.int32), 0, self._keeper.standing)

    def run(self, orders: np.ndarray, first: int, standing: Standing) -> Swept:
        """Run len(orders) epochs; fewer when early stopping or a loss that is not finite ends them.

        Args:
            orders: (epochs, rows) of the training part, at most `capacity` epochs.
            first: number of the first epoch.
        """
        count = len(orders)
        padded = np.zeros((self.capacity, self.train.rows), np.int32)
        padded[:count] = orders
        test = self._loops.validation
        done, values, logs, best, numbers, wait, stop = self._call(
            (self.train.held, test.held if test is not None else ()),
            tf.constant(padded),
            tf.constant(count),
            tf.constant([standing.best, standing.reference], tf.float32),
            tf.constant(standing.wait),
        )
        n = int(done)
        best = best.numpy()[:n]
        epoch = standing.epoch if not best.any() else first + int(np.flatnonzero(best)[-1])
        after = Standing(float(numbers[0]), epoch, float(numbers[1]), int(wait))
        return Swept(n, values.numpy()[:n], logs.numpy()[:n], best, after, bool(stop))

    def _pass(self, feed: MemoryFeed, held: Any, rows: tf.Tensor, step: Callable[[Any], Any], initial: Any) -> Any:
        """Run `step(data, i, carried)` over the full batches, then the smaller last one."""
        size = feed.batch_size

        def body(i: tf.Tensor, carried: Any) -> tuple[tf.Tensor, Any]:
            data = feed.gather(held, tf.gather(rows, i * size + tf.range(size)))
            return i + 1, step(data, i, carried)

        _, carried = tf.while_loop(lambda i, _: i < feed.full, body, (tf.constant(0), initial), parallel_iterations=1)
        if feed.tail:
            carried = step(feed.gather(held, rows[feed.full * size :]), tf.constant(feed.full), carried)
        return carried

    def _results(self) -> tf.Tensor:
        logs = self._loops.model.get_metrics_result()
        return tf.stack([tf.cast(logs[name], tf.float32) for name in self._loops.names])

    def _epoch(self, held: tuple[Any, Any], order: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        model, names = self._loops.model, self._loops.names
        values = tf.TensorArray(tf.float32, size=self.train.steps, element_shape=[len(names)])

        def step(data: Any, i: tf.Tensor, values: tf.TensorArray) -> tf.TensorArray:
            return values.write(i, self._loops.step(lambda _share: data, 1))

        model.reset_metrics()
        values = self._pass(self.train, held[0], order, step, values)
        logs = self._results()
        if isinstance(self._loops.validation, MemoryFeed):
            model.reset_metrics()
            rows = tf.range(self._loops.validation.rows)

            def test(data: Any, i: tf.Tensor, carried: tf.Tensor) -> tf.Tensor:
                model.test_step(data)
                return carried

            self._pass(self._loops.validation, held[1], rows, test, tf.constant(0))
            logs = tf.concat([logs, self._results()], 0)
        return values.stack(), logs

    def _sweep(
        self, held: tuple[Any, Any], orders: tf.Tensor, count: tf.Tensor, numbers: tf.Tensor, wait: tf.Tensor
    ) -> Any:
        steps, names = self.train.steps, len(self._loops.names)
        all_values = tf.TensorArray(tf.float32, size=self.capacity, element_shape=[steps, names])
        all_logs = tf.TensorArray(tf.float32, size=self.capacity, element_shape=[len(self.log_names)])
        bests = tf.TensorArray(tf.bool, size=self.capacity, element_shape=[])
        rule = self._rule

        def go_on(e: tf.Tensor, values: Any, logs: Any, bests: Any, n: tf.Tensor, w: tf.Tensor, stop: tf.Tensor) -> Any:
            return tf.logical_and(e < count, tf.logical_not(stop))

        def body(e: tf.Tensor, values: Any, logs: Any, bests: Any, n: tf.Tensor, w: tf.Tensor, stop: tf.Tensor) -> Any:
            batch_values, epoch_logs = self._epoch(held, tf.gather(orders, e))
            finite = tf.reduce_all(tf.math.is_finite(batch_values[:, 0]))
            signed = epoch_logs[self._watched] * rule.sign
            best = tf.logical_and(signed < n[0], finite)
            tf.cond(best, self._kept, lambda: tf.constant(0))
            better = signed < n[1] - tf.constant(rule.min_delta, tf.float32)
            w = tf.where(better, 0, w + 1)
            n = tf.stack([tf.where(best, signed, n[0]), tf.where(better, signed, n[1])])
            if rule.patience >= 0:
                stop = tf.logical_and(w >= rule.patience, w > 0)
            stop = tf.logical_or(stop, tf.logical_not(finite))
            return e + 1, values.write(e, batch_values), logs.write(e, epoch_logs), bests.write(e, best), n, w, stop

        done, all_values, all_logs, bests, numbers, wait, stop = tf.while_loop(
            go_on,
            body,
            (tf.constant(0), all_values, all_logs, bests, numbers, wait, tf.constant(False)),
            parallel_iterations=1,
        )
        return done, all_values.stack(), all_logs.stack(), bests.stack(), numbers, wait, stop

    def _kept(self) -> tf.Tensor:
        self._keeper.copy()
        return tf.constant(1)
