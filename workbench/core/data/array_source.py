"""Pictures and tables stored as arrays: IDX files (as MNIST is) and NPZ archives. Never unpickles."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import DataError

from . import fingerprint, text_file
from .dataset import MAIN, TEST, ImageData, LoadReport, TableData
from .folders import natural_order

Array = np.ndarray[Any, Any]

MAX_BYTES = 8 << 30
_IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_TEST_NAME = re.compile(r"(?i)t10k|test")


def looks_like_idx(path: Path) -> bool:
    """Whether a file is an IDX file, or a folder holds a pair of them."""
    if path.is_dir():
        return bool(_idx_files(path))
    try:
        head = text_file.read_bytes(path, 4)
    except DataError:
        return False
    return len(head) == 4 and head[:2] == b"\0\0" and head[2] in _IDX_TYPES and 1 <= head[3] <= 4


def load_idx(path: Path) -> ImageData:
    """A folder of IDX files (train and its own test part, or one pair), or one of the two files of a pair.

    Raises DataError when a file is missing, damaged, or images and labels do not belong together.
    """
    files = _idx_files(path if path.is_dir() else path.parent)
    pairs: list[tuple[int, Path, Path]] = []
    for part in (MAIN, TEST):
        images, labels = files.get((part, "images")), files.get((part, "labels"))
        if images is not None and labels is not None:
            pairs.append((part, images, labels))
        elif images is not None or labels is not None:
            there = images or labels
            lacking = "labels" if images is not None else "images"
            raise DataError(
                f"The {lacking} that belong to {there.name if there else ''} are missing.",
                where=str(path),
                remedy=f"Put the IDX file of the {lacking} into the same folder.",
            )
    if not pairs:
        remedy = "Choose a folder with train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or .gz."
        raise DataError("There are no IDX files here.", where=str(path), remedy=remedy)
    if not path.is_dir():
        wanted = path.name
        pairs = [pair for pair in pairs if wanted in (pair[1].name, pair[2].name)] or pairs
    pairs = [(MAIN, *pair[1:]) for pair in pairs] if len(pairs) == 1 else pairs
    pictures, labels_, parts = [], [], []
    for part, image_file, label_file in pairs:
        x, y = read_idx(image_file), read_idx(label_file)
        if y.ndim != 1 or len(x) != len(y):
            raise DataError(
                f"{image_file.name} holds {len(x):,} pictures, {label_file.name} {y.shape[0]:,} labels.",
                where=str(path),
                remedy="Choose the two files that belong together.",
            )
        pictures.append(_as_pictures(x, image_file.name))
        labels_.append(y)
        parts.append(np.full(len(x), part, np.uint8))
    print_ = fingerprint.of_files([file for _, *both in pairs for file in both])
    title = path.name if path.is_dir() else path.parent.name
    return _image_data(pictures, labels_, parts, print_, title, str(path))


def read_idx(path: Path) -> Array:
    """One IDX file as an array. The header is checked against the file's size before anything is allocated.

    Format: two zero bytes, type, number of dimensions, each dimension as big-endian uint32, then the values
    (http://yann.lecun.com/exdb/mnist). DataError when it is damaged.
    """
    where = path.name
    data = text_file.read_bytes(path)
    if len(data) < 8 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES or not 1 <= data[3] <= 4:
        raise DataError("This is not an IDX file.", where=where, remedy="Fetch the file once more.")
    kind, rank = np.dtype(_IDX_TYPES[data[2]]), data[3]
    start = 4 + 4 * rank
    if len(data) < start:
        raise DataError("The IDX file was cut short.", where=where, remedy="Fetch the file once more.")
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", rank, 4))
    wanted = kind.itemsize
    for n in shape:
        wanted *= n
    if wanted != len(data) - start:
        raise DataError(
            f"The IDX header promises {wanted:,} bytes of values {shape}, the file holds {len(data) - start:,}.",
            where=where,
            remedy="Fetch the file once more.",
        )
    values: Array = np.frombuffer(data, kind, offset=start).reshape(shape)
    return values.astype(kind.newbyteorder("="), copy=False)


def load_npz(path: Path) -> ImageData | TableData:
    """An NPZ archive: x_train, y_train, x_test, y_test, or x, y (also images, labels, data, target).

    Arrays of rank 3 or 4 become pictures, of rank 2 a table. DataError when it is something else.
    """
    arrays = _npz_arrays(path)
    pairs = _npz_pairs(arrays, path.name)
    print_ = fingerprint.of_file(path)
    first = pairs[0][1]
    if first.ndim in (3, 4):
        pictures = [_as_pictures(x, path.name) for _, x, _ in pairs]
        labels = [_label_array(y, len(x), path.name) for _, x, y in pairs]
        parts = [np.full(len(x), part, np.uint8) for part, x, _ in pairs]
        return _image_data(pictures, labels, parts, print_, path.stem, path.name)
    if first.ndim not in (1, 2):
        raise DataError(
            f"The arrays have the shape {first.shape}.", where=path.name, remedy="Pictures or rows are needed."
        )
    return _table_data(pairs, path, print_)


def _idx_files(folder: Path) -> dict[tuple[int, str], Path]:
    """{(part, "images" | "labels"): file} of a folder; what is named neither way is not taken."""
    found: dict[tuple[int, str], Path] = {}
    for file in sorted(folder.iterdir()):
        name = file.name.lower()
        if "idx" not in name or not file.is_file():
            continue
        what = "labels" if "label" in name or "idx1" in name else "images" if "image" in name or "idx3" in name else ""
        if what:
            found.setdefault((TEST if _TEST_NAME.search(name) else MAIN, what), file)
    return found


def _as_pictures(x: Array, where: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """uint8 (n, H, W, C) from (n, H, W), (n, H, W, C) or (n, C, H, W) of bytes, 0..1 floats or 0..255 numbers."""
    if x.ndim == 3:
        x = x[:, :, :, None]
    if x.ndim != 4 or 0 in x.shape:
        raise DataError(
            f"The shape {x.shape} is not one of pictures.", where=where, remedy="It should be (n, height, width)."
        )
    grey_or_colour = (1, 3)
    first = x.shape[1] in grey_or_colour or (x.shape[1] == 4 and x.shape[3] != 4)
    if x.shape[3] not in grey_or_colour and first:
        x = x.transpose(0, 2, 3, 1)
    if x.shape[3] == 4:
        alpha = x[..., 3:].astype(np.float32) / (255.0 if x.dtype == np.uint8 else 1.0)
        white = 255.0 if x.dtype == np.uint8 else 1.0
        x = (x[..., :3] * alpha + white * (1 - alpha)).astype(x.dtype)
    if x.shape[3] not in grey_or_colour:
        raise DataError(
            f"The pictures have {x.shape[3]} channels.", where=where, remedy="One (grey) or three (colour) are needed."
        )
    if x.dtype == np.uint8:
        return np.ascontiguousarray(x)
    if x.dtype.kind not in "iufb":
        raise DataError(f"The pictures hold {x.dtype}, not numbers.", where=where)
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if not np.isfinite([low, high]).all():
        raise DataError("The pictures hold infinite values.", where=where, remedy="Store them as bytes from 0 to 255.")
    x = np.nan_to_num(x)
    if low >= 0 and high <= 1:
        return (x * 255.0 + 0.5).astype(np.uint8)
    if low >= 0 and high <= 255:
        return (x + 0.5).astype(np.uint8)
    return ((x.astype(np.float64) - low) * (255.0 / (high - low)) + 0.5).astype(np.uint8)


def _image_data(
    pictures: list[np.ndarray[Any, np.dtype[np.uint8]]],
    labels: list[Array],
    parts: list[np.ndarray[Any, np.dtype[np.uint8]]],
    print_: str,
    title: str,
    where: str,
) -> ImageData:
    if len({p.shape[1:] for p in pictures}) > 1:
        shapes = " and ".join(str(p.shape[1:]) for p in pictures)
        raise DataError(f"The parts hold pictures of different sizes: {shapes}.", where=where)
    together = np.concatenate(labels)
    names = {value: str(value) for value in np.unique(together).tolist()}
    order = sorted(names, key=lambda value: natural_order(names[value]))
    index = {value: i for i, value in enumerate(order)}
    numbers = np.array([index[value] for value in together.tolist()], np.int32)
    array = pictures[0] if len(pictures) == 1 else np.concatenate(pictures)
    report = LoadReport(None, len(array), (), (), print_)
    return ImageData(tuple(names[v] for v in order), numbers, np.concatenate(parts), report, array=array, title=title)


def _npz_arrays(path: Path) -> dict[str, Array]:
    where = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
            if size > MAX_BYTES:
                raise DataError(f"The archive unpacks to {size >> 20:,} MB.", where=where, remedy="Split it.")
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise DataError("The file is not there.", where=str(path), remedy="Choose the file again.") from error
    except ValueError as error:
        what = "The archive holds Python objects, which are not opened because they may run programs."
        if "pickle" not in str(error).lower():
            what = f"The archive cannot be read ({error})."
        raise DataError(what, where=where, remedy="Store plain arrays of numbers or text.") from error
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, gzip.BadGzipFile, KeyError, MemoryError) as error:
        raise DataError(f"The archive cannot be read ({error}).", where=where, remedy="Save it once more.") from error


def _npz_pairs(arrays: dict[str, Array], where: str) -> list[tuple[int, Array, Array | None]]:
    """(part, x, y or None) by the usual names."""
    by_name = {re.sub(r"[^a-z]", "", name.lower()): array for name, array in arrays.items()}
    inputs, answers = ("x", "images", "image", "data", "features"), ("y", "labels", "label", "target", "targets")

    def find(stems: tuple[str, ...], part: str) -> Array | None:
        for stem in stems:
            for name in (f"{stem}{part}", f"{part}{stem}"):
                if name in by_name:
                    return by_name[name]
        return None

    pairs: list[tuple[int, Array, Array | None]] = []
    for number, part in ((MAIN, "train"), (TEST, "test")):
        x = find(inputs, part)
        if x is not None:
            pairs.append((number, x, find(answers, part)))
    x = find(inputs, "")
    if not pairs and x is not None:
        pairs.append((MAIN, x, find(answers, "")))
    if not pairs and len(arrays) == 1:
        pairs.append((MAIN, next(iter(arrays.values())), None))
    if not pairs or pairs[0][0] != MAIN:
        raise DataError(
            f"The archive holds the arrays {', '.join(arrays) or 'none'}.",
            where=where,
            remedy="It should hold x_train, y_train, x_test, y_test, or x and y.",
        )
    return pairs


def _label_array(y: Array | None, count: int, where: str) -> Array:
    if y is None:
        raise DataError("The pictures have no labels.", where=where, remedy="Store them as y beside x.")
    if y.ndim == 2 and y.shape[1] > 1 and len(y) == count:
        y = y.argmax(axis=1)
    y = y.reshape(-1)
    if len(y) != count:
        raise DataError(f"There are {count:,} pictures and {len(y):,} labels.", where=where)
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.round(y)).all():
        y = y.astype(np.int64)
    if y.dtype.kind == "S":
        y = np.char.decode(y, "utf-8", "replace")
    if y.dtype.kind not in "iubU":
        raise DataError(f"The labels are {y.dtype}, not whole numbers or text.", where=where)
    return y


def _table_data(pairs: list[tuple[int, Array, Array | None]], path: Path, print_: str) -> TableData:
    frames = []
    for _, x, y in pairs:
        x = x[:, None] if x.ndim == 1 else x
        if x.dtype.kind not in "iufbUS":
            raise DataError(f"The rows hold {x.dtype}.", where=path.name, remedy="Store numbers or text.")
        if x.dtype.kind == "S":
            x = np.char.decode(x, "utf-8", "replace")
        frame = pd.DataFrame(x)
        frame.columns = pd.Index([f"x{i + 1}" if x.shape[1] > 1 else "x" for i in range(x.shape[1])], dtype="str")
        if y is not None:
            if len(y) != len(x):
                raise DataError(f"There are {len(x):,} rows and {len(y):,} answers.", where=path.name)
            y = y.reshape(len(y), -1)
            for i in range(y.shape[1]):
                frame["y" if y.shape[1] == 1 else f"y{i + 1}"] = y[:, i]
        frames.append(frame)
    if any(list(f.columns) != list(frames[0].columns) for f in frames):
        raise DataError("The training and test arrays have different columns.", where=path.name)
    frame = pd.concat(frames, ignore_index=True)
    for name in frame.columns:
        if frame[name].dtype.kind in "iub":
            frame[name] = frame[name].astype(np.int64)
        elif frame[name].dtype.kind == "f":
            frame[name] = frame[name].astype(np.float64)
    parts = np.concatenate([np.full(len(x), part, np.uint8) for part, x, _ in pairs])
    target = "y" if "y" in frame.columns else ""
    return TableData(frame, LoadReport(None, len(frame), (), (), print_), parts, path.stem, target)
