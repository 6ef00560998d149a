"""Where a step is computed: on one device, on several of this machine, or on several machines; one way for all three.

Each step runs under `tf.distribute.Strategy.run`. Without a strategy that is a plain call. With replicas each takes
its share of the rows of the batch, the losses are weighed so that gradients are those of the whole batch, and what the
step says is summed up. Several machines (MultiWorkerMirroredStrategy) do the same steps in lockstep: what only one
knows, it tells the others (`sum`, `broadcast`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class Share:
    """A replica's part of the rows of a batch: `take` cuts it out; a row's loss counts `factor` in it, None for 1.

    low, high: its rows; where all shares are equal, its number and how many there are.
    """

    low: Any
    high: Any
    rows: int  # of the whole batch
    even: bool
    factor: tf.Tensor | None

    def take(self, tensor: tf.Tensor) -> tf.Tensor:
        """The replica's rows of a tensor of the whole batch."""
        if self.even:  # its shape stays known
            return tf.reshape(tensor, [self.high, self.rows // self.high, *tensor.shape[1:]])[self.low]
        return tensor[self.low : self.high]


class Spread:
    """A strategy, and what the loop needs of it."""

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self._strategy = strategy or tf.distribute.get_strategy()
        self.replicas = int(self._strategy.num_replicas_in_sync)
        resolver = self._strategy.cluster_resolver if strategy is not None else None
        self.workers = 1
        self.worker = 0
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) and resolver is not None:
            self.workers = max(1, len(resolver.cluster_spec().as_dict().get("worker", ())))
            self.worker = int(resolver.task_id or 0)
        self.chief = self.worker == 0
        self._sum = tf.function(self._summed, autograph=False)

    @property
    def one(self) -> bool:
        """Whether one replica does it all."""
        return self.replicas == 1 and self.workers == 1

    def scope(self) -> AbstractContextManager[Any]:
        """Variables made inside belong to every replica."""
        scope: AbstractContextManager[Any] = self._strategy.scope()
        return scope

    def total(self, step: Callable[[], tf.Tensor]) -> tf.Tensor:
        """Run a step on every replica, in the graph; the sum of what they say."""
        said = self._strategy.run(step)
        return said if self.replicas == 1 else self._strategy.reduce(tf.distribute.ReduceOp.SUM, said, axis=None)

    def share(self, rows: int) -> Share | None:
        """Inside a step: the replica's part of a batch of so many rows; None when it takes all of them.

        A batch with fewer rows than there are replicas is computed whole by each, which gives the same gradients.
        """
        if self.replicas == 1 or rows < self.replicas:
            return None
        context = tf.distribute.get_replica_context()
        number = tf.cast(context.replica_id_in_sync_group, tf.int32)
        if rows % self.replicas == 0:
            return Share(number, self.replicas, rows, True, None)
        low, high = rows * number // self.replicas, rows * (number + 1) // self.replicas
        weight = tf.cast(high - low, tf.float32) * (self.replicas / rows)
        return Share(low, high, rows, False, weight)

    def _summed(self, numbers: tf.Tensor) -> tf.Tensor:
        said = self._strategy.run(tf.identity, args=(numbers,))
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, said, axis=None)

    def sum(self, array: np.ndarray) -> np.ndarray:
        """The sum of the arrays of all machines, on every one; same shape and type everywhere. All must ask at the same
        point of the run."""
        if self.workers == 1:
            return array
        wide = array.astype(np.int64) if array.dtype.kind in "iub" else array.astype(np.float64)
        each = self.replicas // self.workers  # replicas of this machine all say the same
        return np.asarray(self._sum(tf.constant(wide)).numpy() / each).astype(array.dtype)

    def broadcast(self, array: np.ndarray) -> np.ndarray:
        """The first machine's array, on every machine; as `sum`."""
        return self.sum(array if self.chief else np.zeros_like(array))
