"""The figure of the time left: how long it still takes while it trains, how long it took when it has ended."""

from __future__ import annotations

import math

import pytest

from workbench.ui.train import figures


@pytest.mark.parametrize(
    ("state", "left", "said"),
    [
        ("running", 130.0, ("time left", "2:10")),
        ("running", math.nan, ("time left", "–")),
        ("finished", 130.0, ("took", "4.0 s")),
    ],
)
def test_the_time_is_what_is_left_until_it_has_ended(state: str, left: float, said: tuple[str, str]) -> None:
    tile = next(t for t in figures.tiles(state, 1, 5, {}, {}, 100.0, left, 4.0) if t.key == "time")
    assert (tile.name, tile.value) == said
    if tile.name == "time left":  # what it does not count is said
        assert "Early stopping may end it sooner" in tile.hint
        assert "come after it" in tile.hint


@pytest.mark.parametrize(("state", "said"), [("preparing", "0 / 30"), ("running", "1 / 30")])
def test_no_epoch_is_counted_before_one_is_under_way(state: str, said: str) -> None:
    assert figures.tiles(state, 0, 30, {}, {}, math.nan, math.nan)[0].value == said
