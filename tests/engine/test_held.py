"""The rows of the last run are kept for the next one, as long as its files are the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from workbench.core.project import TrainSpec
from workbench.engine import devices, held, trainer
from workbench.engine.built import Shelf
from workbench.engine.control import RunControl
from workbench.engine.held import Held, resident
from workbench.engine.shuffle import ALIGNED, File

from .little_runs import blobs, chain, make_run


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def saved(path: Path, array: np.ndarray) -> np.ndarray:
    np.save(path, array)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(60, dtype=np.float32).reshape(20, 3),
        np.arange(256, dtype=np.uint8).reshape(4, 8, 8, 1),
        np.arange(7, dtype=np.int32),
        np.array([True, False, True]),
        np.zeros((5, 0), np.float32),
        np.zeros((0, 4), np.float32),
    ],
)
def test_all_kinds_of_rows_are_read_as_they_are(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "a.npy", array)
    try:
        rows = np.load(tmp_path / "a.npy", mmap_mode="r")
    except ValueError:  # nothing to map
        rows = array
    assert np.array_equal(resident(rows).numpy(), array)
    assert np.array_equal(resident(array).numpy(), array)


def test_what_is_mapped_is_read_from_the_file_once_and_lies_where_tensorflow_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    reading = File.read
    monkeypatch.setattr(File, "read", lambda file, at, out: (read.append(len(out)), reading(file, at, out))[1])
    array = saved(tmp_path / "a.npy", np.arange(1000, dtype=np.float32))
    kept = Held()
    first = kept.tensor(array)
    assert kept.tensor(np.load(tmp_path / "a.npy", mmap_mode="r")) is first
    assert read == [1000]
    assert np.from_dlpack(first).ctypes.data % ALIGNED == 0
    assert np.array_equal(kept.tensor(array[::-1]).numpy(), np.arange(1000)[::-1])  # of the same file and size


def test_a_file_written_anew_is_read_anew(tmp_path: Path) -> None:
    kept = Held()
    old = kept.tensor(saved(tmp_path / "a.npy", np.zeros(100, np.float32)))
    new = saved(tmp_path / "a.npy", np.ones(100, np.float32))
    os.utime(tmp_path / "a.npy", ns=(1, 1))  # the clock of the file system may not have gone on
    assert kept.tensor(new).numpy().all()
    assert not old.numpy().any()


def test_rows_of_other_data_and_rows_that_are_many_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Held()
    a, b = (saved(tmp_path / f"{name}.npy", np.zeros(100, np.float32)) for name in "ab")
    first, second = kept.tensor(a), kept.tensor(b)
    kept.only([b])
    assert kept.tensor(a) is not first
    assert kept.tensor(b) is second
    kept.settle()
    assert kept.tensor(b) is second
    monkeypatch.setattr(held, "LARGEST", 799)  # bytes; there are 800
    kept.settle()
    assert kept.tensor(b) is not second


def test_a_net_with_other_layers_reads_the_same_data_no_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[np.ndarray] = []
    reading = held.resident
    monkeypatch.setattr(held, "resident", lambda array: (read.append(array), reading(array))[1])
    parts = {"train": blobs(60, 0), "validation": blobs(20, 1)}
    train = TrainSpec(epochs=1, batch_size=16, compiler="off")
    shelf = Shelf()
    for units in (4, 5):
        layers = chain(("Dense", {"units": units}), ("Dense", {"units": 3, "activation": "softmax"}))
        folder = make_run(tmp_path, layers, train, parts, classes=("a", "b", "c"))
        trainer.train(folder, lambda message: None, RunControl(), shelf=shelf)
        if units == 4:
            first = len(read)
            assert first >= 4  # inputs and targets of both parts
    assert len(read) == first
    for array in read:  # and training has changed none of it
        assert np.array_equal(shelf.rows.tensor(array).numpy(), array)
