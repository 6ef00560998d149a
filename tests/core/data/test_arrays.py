"""IDX and NPZ files: headers are checked first, nothing is unpickled, parts and labels are found."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.sources import guess_source, load
from workbench.core.errors import DataError


def write_idx(path: Path, array: np.ndarray, packed: bool = False) -> None:
    data = (
        bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()
    )
    path.write_bytes(gzip.compress(data) if packed else data)


@pytest.fixture
def idx(tmp_path):
    random = np.random.default_rng(0)
    for name, count in (("train", 6), ("t10k", 4)):
        write_idx(tmp_path / f"{name}-images-idx3-ubyte.gz", random.integers(0, 256, (count, 5, 4)), packed=True)
        write_idx(tmp_path / f"{name}-labels-idx1-ubyte", np.arange(count) % 3 + 1)
    return tmp_path


def test_four_idx_files_are_train_and_test(idx):
    spec = guess_source(idx)
    assert spec.source == "idx"
    data = load(spec)
    assert data.array.shape == (10, 5, 4, 1)
    assert data.parts.tolist() == [0] * 6 + [1] * 4
    assert data.classes == ("1", "2", "3")
    assert data.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    assert (data.name(0), data.name(7)) == ("#0", "test #1")


def test_one_idx_file_brings_its_partner(idx):
    spec = guess_source(idx / "t10k-images-idx3-ubyte.gz")
    data = load(spec)
    assert len(data) == 4
    assert not data.parts.any()


def test_a_damaged_or_lonely_idx_file_is_named(idx):
    (idx / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="labels that belong to t10k-images"):
        load(guess_source(idx))
    path = idx / "train-labels-idx1-ubyte"
    path.write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 4_000_000_000) + bytes(3))
    (idx / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(DataError, match="promises"):
        load(guess_source(idx))
    write_idx(path, np.zeros(5))
    with pytest.raises(DataError, match="holds 6 pictures"):
        load(guess_source(idx))
    path.write_bytes(b"")
    with pytest.raises(DataError, match="not an IDX file"):
        load(guess_source(idx))


def test_pictures_of_an_npz(tmp_path):
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (6, 4, 4), dtype=np.uint8)
    path = tmp_path / "set.npz"
    np.savez_compressed(path, x_train=x, y_train=np.arange(6) % 2, x_test=x[:2], y_test=np.array([1, 0]))
    data = load(guess_source(path))
    assert data.array.shape == (8, 4, 4, 1)
    assert data.parts.tolist() == [0] * 6 + [1] * 2
    assert data.classes == ("0", "1")
    np.savez(path, images=x[:, None] / 255.0, labels=np.array(["b", "a", "b", "a", "c", "c"]))
    data = load(guess_source(path))
    assert data.classes == ("a", "b", "c")
    assert np.array_equal(data.array[:, :, :, 0], x)


def test_a_table_of_an_npz(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, x=np.arange(6, dtype=np.float32).reshape(3, 2), y=np.array([1, 0, 1], np.int8))
    table = load(guess_source(path))
    assert list(table.frame.columns) == ["x1", "x2", "y"]
    assert table.target == "y"
    assert table.frame["x2"].tolist() == [1.0, 3.0, 5.0]
    assert table.frame.dtypes.astype(str).tolist() == ["float64", "float64", "int64"]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.array([{"a": 1}], dtype=object), "y": np.zeros(1)}, "Python objects"),
        ({"weights": np.zeros(3), "bias": np.zeros(2)}, "weights, bias"),
        ({"x": np.zeros((3, 4, 4)), "y": np.zeros(2)}, "3 pictures and 2 labels"),
        ({"x": np.zeros((3, 4, 4))}, "no labels"),
        ({"x": np.zeros((3, 5, 5, 7)), "y": np.zeros(3)}, "7 channels"),
        ({"x": np.full((3, 4, 4), np.inf), "y": np.zeros(3)}, "infinite"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(4)}, "3 rows and 4 answers"),
    ],
)
def test_other_npz_files_are_refused(tmp_path, arrays, says):
    path = tmp_path / "set.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=says):
        load(guess_source(path))


def test_a_broken_npz_is_refused(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, x=np.zeros((30, 4)))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match="cannot be read"):
        load(guess_source(path))


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_ones(real_data: Path, name):
    data = load(guess_source(real_data / name))
    assert data.array.shape == (70_000, 28, 28, 1)
    assert data.classes == tuple("0123456789")
    assert (data.parts == 1).sum() == 10_000
    assert data.labels[:5].tolist() == ([5, 0, 4, 1, 9] if name == "mnist" else [9, 0, 0, 3, 0])
