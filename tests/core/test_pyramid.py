"""A column at several resolutions: as if made at once, whatever came when."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from workbench.core.history import Columns
from workbench.core.pyramid import Buckets


def check(found: Buckets, y: np.ndarray, first: int, last: int) -> None:
    assert found.starts[0] <= first
    assert min(last, len(y)) <= found.ends[-1] < last + found.size
    for start, end, low, high, mean in zip(found.starts, found.ends, found.low, found.high, found.mean, strict=True):
        rows = y[start:end]
        rows = rows[np.isfinite(rows)]
        if not len(rows):
            assert np.isnan([low, high, mean]).all()
        else:
            assert (low, high) == (rows.min(), rows.max())
            assert mean == pytest.approx(rows.mean(dtype=float))


def noisy(count: int, seed: int = 0) -> np.ndarray:
    y = np.random.default_rng(seed).normal(size=count).astype(np.float32)
    y[::97] = np.nan
    y[5::211] = np.inf
    y[3000:3200] = np.nan
    return y


@pytest.mark.parametrize("most", [7, 50, 333, 5000])
@pytest.mark.parametrize("window", [(0, 10_007), (4321, 9000), (2990, 3210), (9990, 99_999)])
def test_every_bucket_holds_its_rows(most: int, window: tuple[int, int]) -> None:
    columns = Columns.from_arrays({"loss": noisy(10_007)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = columns.pyramid("loss").buckets(columns["loss"], *window, most)
    assert len(found.starts) <= most + 2
    check(found, columns["loss"], *window)


def test_growing_by_pieces_is_the_same_as_at_once() -> None:
    y, grown = noisy(40_000), Columns()
    begun = 0
    for size in (1, 15, 1, 700, 16, 9000, 3, 12_345, 17_919):
        grown.append({"loss": y[begun : begun + size]})
        begun += size
        pyramid = grown.pyramid("loss")
    whole = Columns.from_arrays({"loss": y})
    for most in (10, 100, 1000):
        one = pyramid.buckets(grown["loss"], 0, len(y), most)
        other = whole.pyramid("loss").buckets(whole["loss"], 0, len(y), most)
        np.testing.assert_array_equal(one.low, other.low)
        np.testing.assert_allclose(one.mean, other.mean)


def test_what_a_resume_trains_again_replaces_what_was_there() -> None:
    columns = Columns.from_arrays({"loss": noisy(20_000)})
    columns.pyramid("loss")
    columns.truncate(7_777)
    columns.append({"loss": noisy(20_000, seed=1)})
    check(columns.pyramid("loss").buckets(columns["loss"], 0, len(columns), 60), columns["loss"], 0, len(columns))


def test_a_column_that_came_late_and_an_empty_one() -> None:
    columns = Columns.from_arrays({"loss": noisy(100)})
    columns.append({"loss": noisy(100), "accuracy": noisy(100)})
    check(columns.pyramid("accuracy").buckets(columns["accuracy"], 0, 200, 9), columns["accuracy"], 0, 200)
    empty = Columns.from_arrays({"loss": np.empty(0, np.float32)})
    assert len(empty.pyramid("loss").buckets(empty["loss"], 0, 10, 9).starts) == 0
