"""What a run holds in memory besides its model, part by part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import TrainSpec
from workbench.engine import assemble, devices, footprint
from workbench.engine.feed import Feed, MemoryFeed
from workbench.engine.footprint import BESIDE, Footprint

from .little_runs import chain

FACTS = DataFacts(
    "table",
    (InputFacts("x", "table", (30,)), InputFacts("word", "table", (), "int32")),
    TargetFacts("y", "classification", ("a", "b", "c")),
    {"train": 1_000_000, "validation": 50_000, "test": 100_000},
)
SETTINGS = TrainSpec(epochs=10, batch_size=250)


@pytest.fixture(scope="module")
def feed() -> Feed:
    """Of a training part of its whole size, as far as that is looked at."""
    devices.setup()
    given = replace(FACTS, inputs=FACTS.inputs[:1])
    graph = chain(("Dense", {"units": 500}), ("Dense", {"units": 3, "activation": "softmax"}))
    made = assemble.assemble(graph, given, SETTINGS, "sparse_categorical_crossentropy", ("accuracy",))
    feed = MemoryFeed({"x": np.zeros((250, 30), np.float32)}, np.zeros(250, np.int32), made.encoding, 250)
    assemble.build_state(made.model, feed.sample())
    feed.model = made.model  # type: ignore[attr-defined]
    feed.rows, feed.steps = 1_000_000, 4_000
    return feed


def held(feed: Feed, facts: DataFacts = FACTS, *, block: int = 0) -> Footprint:
    return footprint.beside(feed.model, facts, SETTINGS, feed, [], (2, 5), block=block, free=10**10)  # type: ignore[attr-defined]


def test_what_is_held_whole(feed: Feed) -> None:
    found = held(feed)
    row = 30 * 4 + 4 + 4
    assert footprint.row_bytes(FACTS) == row
    assert found.rows == 1_050_000 * row
    assert found.scored == 100_000 * row
    assert found.orders == 2 * 8 * 1_000_000  # of this epoch and the next
    assert found.figures == 3 * 4 * 10 * (4_000 * 2 + 5)
    assert found.saved == 2 * 4 * 30 * 500
    assert found.total == found.rows + found.scored + found.orders + found.figures + BESIDE


def test_what_is_streamed(feed: Feed) -> None:
    found = held(feed, block=1_000_000)
    assert found.rows == 0
    assert found.blocks == 4 * 1_000_000  # of the validation; those of the training are measured
    large = replace(FACTS, rows={"train": 10_000_000, "validation": 1_000})
    assert held(feed, large, block=1_000_000).blocks == 1_000 * 128 + footprint.POOL_BYTES
    assert footprint.least(FACTS, 1_000_000) == 4 * 1_000_000


def test_weights_and_several_targets_are_part_of_a_row() -> None:
    more = TargetFacts("z", "regression", ())
    assert footprint.row_bytes(replace(FACTS, weight="w", more=(more,))) == 128 + 4 + 4
    rebuilt = replace(FACTS, target=TargetFacts("x", "reconstruction", ()))
    assert footprint.row_bytes(rebuilt) == 124
