"""Checkpoints are read as they are written: one array after another."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from workbench.core.errors import TrainError
from workbench.engine import checkpoints, stored
from workbench.engine.checkpoints import CHECKPOINT, Place, load_checkpoint, load_weights

SIZE, COUNT = 1_000_000, 12


class Variable:
    """Takes arrays and holds only their sum."""

    shape = (SIZE,)

    def assign(self, array: np.ndarray) -> None:
        self.sum = float(array.sum())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a run with a checkpoint of 12 arrays of 4 MB each, 6 of weights and 6 of the best epoch."""
    held = {f"{letter}.{n:06d}": np.full(SIZE, n, np.float32) for letter in "vb" for n in range(COUNT // 2)}
    place = stored.plain(vars(Place()) | {"standing": vars(Place().standing)})
    assert stored.write(tmp_path / CHECKPOINT, held, {"format": stored.FORMAT, "paths": [], "place": place})
    return tmp_path


def test_a_resume_needs_room_for_an_array_and_not_for_all(folder: Path) -> None:
    variables = [Variable() for _ in range(COUNT // 2)]
    tracemalloc.start()
    try:
        saved = load_checkpoint(folder)
        checkpoints.assign(variables, saved.variables, folder)
        checkpoints.assign(variables, saved.best, folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [v.sum for v in variables] == [n * SIZE for n in range(COUNT // 2)]
    assert peak < 2.5 * 4 * SIZE  # of the 48 MB


def test_what_is_stored_is_a_sequence_that_reads_what_is_asked_for(folder: Path) -> None:
    stored = load_weights(folder, "last")
    assert len(stored) == 6
    assert stored.shapes == [(SIZE,)] * 6
    assert stored[-1][0] == 5
    assert [array[0] for array in stored[1:3]] == [1, 2]
    with pytest.raises(IndexError):
        stored[6]


def test_a_file_that_breaks_off_or_goes_after_it_was_looked_at_says_so(folder: Path) -> None:
    saved = load_checkpoint(folder)
    whole = (folder / CHECKPOINT).read_bytes()
    bad = bytearray(whole)
    bad[SIZE] ^= 1  # in the middle of the first array
    (folder / CHECKPOINT).write_bytes(bad)
    with pytest.raises(TrainError, match="damaged"):
        list(saved.variables)
    (folder / CHECKPOINT).unlink()
    with pytest.raises(TrainError, match="no checkpoint"):
        list(saved.variables)


def test_weights_of_another_shape_change_nothing(folder: Path) -> None:
    class Other(Variable):
        shape = (SIZE + 1,)

    first = Variable()
    with pytest.raises(TrainError, match="do not fit"):
        checkpoints.assign([first, Other()], load_weights(folder, "last")[:2], folder)
    assert not hasattr(first, "sum")
