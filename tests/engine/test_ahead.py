"""Orders that are made ahead are those that would have been made in time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from workbench.core.facts import InputFacts
from workbench.engine import ahead
from workbench.engine.ahead import Orders
from workbench.engine.encoding import Encoding
from workbench.engine.feed import Feed, MemoryFeed


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    monkeypatch.setattr(ahead, "LARGE", 10)
    coding = Encoding((("x", InputFacts("x", "table", (2,))),), "column")
    return MemoryFeed({"x": np.zeros((40, 2), np.float32)}, np.zeros((40, 1), np.float32), coding, 8)


@pytest.fixture
def orders() -> Iterator[Orders]:
    made = Orders()
    yield made
    made.close()


def test_each_epoch_has_its_own_order(feed: Feed, orders: Orders) -> None:
    for epoch in (0, 1, 2, 5, 3):  # also where the next is another than was expected
        assert np.array_equal(orders.take(feed, 7, epoch, 9), feed.order(7, epoch))


def test_batches_may_change_meanwhile(feed: Feed, orders: Orders) -> None:
    orders.take(feed, 7, 0, 9)
    assert np.array_equal(orders.take(feed.with_batch(5), 7, 1, 9), feed.order(7, 1))


def test_nothing_is_made_behind_the_last_epoch(feed: Feed, orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    order = feed.order
    monkeypatch.setattr(feed, "order", lambda seed, epoch: (made.append(epoch), order(seed, epoch))[1])
    for epoch in range(3):
        orders.take(feed, 7, epoch, 3)
    assert made == [0, 1, 2]


def test_the_first_is_made_once_while_its_loop_is_compiled(
    feed: Feed, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    order = feed.order
    monkeypatch.setattr(feed, "order", lambda seed, epoch: (made.append(epoch), order(seed, epoch))[1])
    orders.begin(feed, 7, 4)
    assert np.array_equal(orders.take(feed, 7, 4, 5), order(7, 4))
    assert made == [4]
