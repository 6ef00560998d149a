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

    def begin(self, feed: Feed, seed: int, epoch: int) -> None:
        """Make the order of the epoch that is trained first, while its loop is compiled."""
        self._make(feed, seed, epoch)

    def take(self, feed: Feed, seed: int, epoch: int, epochs: int) -> np.ndarray | Order:
        """The order of an epoch of so many. The feed may have other batches than it had before, not other rows."""
        made, self._next = self._next, None
        order = made[1].result() if made is not None and made[0] == epoch else feed.order(seed, epoch)
        if epoch + 1 < epochs:
            self._make(feed, seed, epoch + 1)
        return order

    def _make(self, feed: Feed, seed: int, epoch: int) -> None:
        if feed.rows >= LARGE:
            self._next = epoch, self._worker.submit(feed.order, seed, epoch)

    def close(self) -> None:
        """End the thread."""
        self._worker.shutdown()
