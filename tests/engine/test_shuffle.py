"""The order of large parts, and reading them in it: every row once, the same rows however they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core.errors import DataError
from workbench.engine import shuffle
from workbench.engine.shuffle import Buffers, Order, Reader, Strips, epoch_order

ROWS = 5_003  # the last strip is cut short
STRIPS = Strips(20, 400)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few kilobytes count as large."""
    monkeypatch.setattr(shuffle, "WHOLE_BYTES", 30_000)


def mapped(folder: Path, name: str, array: np.ndarray) -> np.ndarray:
    np.save(folder / name, array)
    return np.load(folder / name, mmap_mode="r")


def numbers(folder: Path) -> list[np.ndarray]:
    """Rows that tell their place: a large table, and a small column beside it."""
    x = np.arange(ROWS * 3, dtype=np.float32).reshape(-1, 3)
    return [mapped(folder, "x.npy", x), mapped(folder, "y.npy", np.arange(ROWS, dtype=np.int32))]


def taken(reader: Reader, arrays: list[np.ndarray], first: int, count: int) -> list[np.ndarray]:
    outs = [np.empty((count, *a.shape[1:]), a.dtype) for a in arrays]
    reader.take(first, count, outs)
    return outs


@pytest.mark.parametrize("rows", [1, 19, 20, 399, 400, 401, 800, ROWS])
def test_every_row_comes_once_in_an_epoch(rows: int) -> None:
    order = Order(3, 1, rows, STRIPS)
    whole = order[0:rows]
    np.testing.assert_array_equal(np.sort(whole), np.arange(rows))
    again = Order(3, 1, rows, STRIPS)
    pieces = [again[at : at + 77] for at in range(0, rows, 77)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert len(again[rows : rows + 5]) == 0


def test_seed_and_epoch_make_the_order() -> None:
    first = Order(3, 1, ROWS, STRIPS)[0:ROWS]
    assert (first != Order(3, 2, ROWS, STRIPS)[0:ROWS]).any()
    assert (first != Order(4, 1, ROWS, STRIPS)[0:ROWS]).any()


def test_neighbours_of_the_file_are_spread_over_a_pool() -> None:
    pool = Order(0, 0, ROWS, STRIPS)[0 : STRIPS.pool]
    assert len(np.unique(pool // STRIPS.rows)) == STRIPS.pool // STRIPS.rows
    assert np.mean(np.diff(pool) == 1) < 0.05


def test_only_large_parts_are_shuffled_in_strips() -> None:
    assert Strips.of(1_000_000, 120) is None
    found = Strips.of(4_000_000, 804)
    assert found == Strips(81, 81 * 257)
    assert Strips.of(1_000, 3_000_000) == Strips(1, 5)  # rows larger than a strip
    assert Strips.of(100, 50_000_000) == Strips(1, 1)  # and than a pool
    assert isinstance(epoch_order(0, 0, 500), np.ndarray)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("kind", ["strips", "file", "rows"])
def test_rows_come_in_the_order_asked_for(tmp_path: Path, kind: str) -> None:
    arrays = numbers(tmp_path)
    order = {
        "strips": Order(1, 2, ROWS, STRIPS),
        "file": np.arange(ROWS),
        "rows": np.random.default_rng(0).permutation(ROWS),
    }[kind]
    reader = Reader(arrays, order, STRIPS)
    for first, count in ((0, 33), (33, 1000), (1033, 1), (4000, 1003), (70, 900)):
        rows = order[first : first + count]
        for out, array in zip(taken(reader, arrays, first, count), arrays, strict=True):
            np.testing.assert_array_equal(out, array[rows])
    reader.close()


@pytest.mark.usefixtures("large")
def test_what_is_slow_is_asked_for_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shuffle, "CACHED_RATE", 1e30)
    asked: list[int] = []
    monkeypatch.setattr(shuffle.File, "ask", lambda self, first, last: asked.append(last - first))
    arrays = numbers(tmp_path)
    order = Order(1, 2, ROWS, STRIPS)
    reader = Reader(arrays, order, STRIPS)
    taken(reader, arrays, 0, 10)
    assert sum(asked) == STRIPS.pool
    reader.close()


@pytest.mark.usefixtures("large")
def test_a_file_that_was_removed_is_read_by_its_mapping_and_one_cut_short_is_said(tmp_path: Path) -> None:
    arrays = numbers(tmp_path)
    order = Order(1, 2, ROWS, STRIPS)
    reader = Reader(arrays, order, STRIPS)
    with (tmp_path / "x.npy").open("r+b") as file:
        file.truncate(300)
    with pytest.raises(DataError, match="can no longer be read") as said:
        taken(reader, arrays, 0, 400)
    assert said.value.remedy
    reader.close()
    arrays = numbers(tmp_path)
    (tmp_path / "x.npy").unlink()
    reader = Reader(arrays, order, STRIPS)
    np.testing.assert_array_equal(taken(reader, arrays, 0, 50)[0], arrays[0][order[0:50]])
    reader.close()


def test_memory_is_used_again_once_nothing_lies_in_it() -> None:
    buffers = Buffers()
    first, second = (buffers.array((3, 5), np.dtype(np.float32)) for _ in range(2))
    places = {a.ctypes.data for a in (first, second)}
    assert len(places) == 2
    assert all(place % 64 == 0 for place in places)
    view = first[1:].reshape(-1)
    del first, second
    third = buffers.array((3, 5), np.dtype(np.float32))
    assert third.ctypes.data in places - {view.ctypes.data - 20}
    assert buffers.array((3, 5), np.dtype(np.float32)).ctypes.data not in places


def test_memory_of_a_second_pass_is_let_go_when_that_is_over() -> None:
    buffers, kind = Buffers(), np.dtype(np.float32)
    held = [buffers.array(shape, kind) for shape in [(8,)] * 6 + [(2,)]]
    places = {a.ctypes.data for a in held}
    held.clear()
    buffers.one_pass()
    held = [buffers.array((8,), kind) for _ in range(3)] + [buffers.array((2,), kind)]
    assert {a.ctypes.data for a in held} <= places
    assert len(buffers._raw) == 4
