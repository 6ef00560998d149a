"""Rows that are made up to measure with have the sizes of the real ones, and take no memory."""

from __future__ import annotations

import numpy as np

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.engine import devices, forecast, made_up

FACTS = DataFacts(
    "table", (InputFacts("x", "table", (1_000,)),), TargetFacts("y", "classification", ("a", "b", "c")), weight="w"
)


def test_rows_of_a_large_part_take_no_memory() -> None:
    devices.setup()
    before = forecast._own()
    part = made_up.part(FACTS, 500_000, 32)
    tensor = made_up.Untouched().tensor(part.x["x"])
    assert tensor.shape == (500_000, 1_000)  # 2 GB
    assert float(tensor[31, 0]) != 0.0
    assert set(np.unique(part.y[:32])) == {0, 1, 2}
    assert part.weights is not None
    assert part.weights.sum() == 32
    assert forecast._own() - before < 20_000_000


def test_of_rows_that_are_streamed_there_are_some_blocks_and_a_last_batch_as_large() -> None:
    row = 4 * 1_000 + 4 + 4
    assert made_up.few(FACTS, 10**7 + 7, 50, 0) == 10**7 + 7
    rows = made_up.few(FACTS, 10**7 + 7, 50, 1_000_000)
    assert rows % 50 == 7
    assert 4 * 1_000_000 < rows * row < 7 * 1_000_000
    assert made_up.few(FACTS, 120, 50, 1_000_000) == 120


def test_only_rows_that_were_drawn_are_trained_on() -> None:
    some = made_up.drawn(FACTS, 500_000, 32)
    assert made_up.DRAWN / 2 < some * 4_008 <= made_up.DRAWN
    order = made_up.order(5_000, some, 3, 1)
    assert (len(order), order.max()) == (5_000, some - 1)
    assert set(np.bincount(order)) == {2, 3}  # evenly
    assert made_up.drawn(FACTS, 20, 32) == 20
