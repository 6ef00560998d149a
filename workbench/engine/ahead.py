"""The order of the rows in the next epoch, made while this one is trained."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from .feed import Feed
from .shuffle import Order

LARGE = 100_000  # rows; to shuffle fewer takes about a millisecond


class Orders:
    """The orders of the rows of a part, epoch by epoch. Used by one thread, which closes it."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "engine-order")
        self._next: tuple[int, Future[np.ndarray | Order]] | None = None

    def take(self, feed: Feed, seed: int, epoch: int, epochs: int) -> np.ndarray | Order:
        """The order of an epoch of so many. The feed may have other batches than it had before, not other rows."""
        made, self._next = self._next, None
        order = made[1].result() if made is not None and made[0] == epoch else feed.order(seed, epoch)
        if feed.rows >= LARGE and epoch + 1 < epochs:
            self._next = epoch + 1, self._worker.submit(feed.order, seed, epoch + 1)
        return order

    def close(self) -> None:
        """End the thread."""
        self._worker.shutdown()
