"""Writing arrays piece by piece, and turning many pictures into pixels on several threads."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from workbench.core.errors import Cancelled, DataError

from .dataset import BadItem, ImageData
from .picture_changes import CHANGES, changed, changed_channels, changed_sizes
from .picture_looks import LARGE
from .preprocess import Preprocessor
from .resize import enough

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

THREADS = max(2, min(4, os.cpu_count() or 2))


class NpyWriter:
    """A .npy file that grows: ordinary writes, so that a full disk is an OSError and not a killed process.

    Args:
        shape: of one row. Rows appended later must have it.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: Any) -> None:
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._file: IO[bytes] = path.open("wb")
        self._body = self._header(0)
        self.count = 0

    def append(self, rows: np.ndarray[Any, Any]) -> None:
        """rows: (k, *shape)."""
        if rows.shape[1:] != self._shape:
            raise ValueError(f"rows of shape {rows.shape[1:]} in an array of {self._shape}")
        self._file.write(np.ascontiguousarray(rows, self._dtype).data)
        self.count += len(rows)

    def __enter__(self) -> NpyWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        try:
            if kind is None:
                self._file.seek(0)
                if self._header(self.count) != self._body:
                    raise RuntimeError("the header of a .npy file has changed its length")
        finally:
            self._file.close()

    def _header(self, count: int) -> int:
        # numpy pads the header for a growing first axis, so that it can be written again in place.
        described = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (count, *self._shape),
        }
        np.lib.format.write_array_header_1_0(self._file, described)
        return self._file.tell()


def load_mapped(path: Path) -> np.ndarray[Any, Any]:
    """The array in the file, memory-mapped and read-only; an empty one, which cannot be mapped, as it is."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, _ = np.lib.format.read_array_header_1_0(file)
    array: np.ndarray[Any, Any] = np.load(path, mmap_mode=None if 0 in shape else "r", allow_pickle=False)
    return array


def pictures(
    dataset: ImageData,
    rows: np.ndarray[Any, Any],
    preprocessor: Preprocessor,
    skipped: list[BadItem],
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[tuple[np.ndarray[Any, Any], Pixels]]:
    """Pictures in the model's shape, in the order of `rows`, some at a time: (their rows, uint8 (k, h, w, c)).

    Unreadable ones are left out and added to `skipped`. Raises Cancelled when `cancelled()` says so.
    """
    shape = dataset.in_memory
    if shape is not None and _ready_made(shape, preprocessor):
        step = max(1, (8 << 20) // max(1, shape[0] * shape[1] * shape[2]))
        for start in range(0, len(rows), step):
            _check(cancelled)
            some = rows[start : start + step]
            block = dataset.stack(some)
            assert block is not None
            yield some, changed(block, preprocessor.recipe)
        return
    waiting: deque[tuple[int, Future[Pixels]]] = deque()
    todo = iter(rows.tolist())
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="pictures")
    try:
        while True:
            while len(waiting) < 4 * THREADS and (i := next(todo, None)) is not None:
                waiting.append((i, pool.submit(one_picture, dataset, i, preprocessor)))
            if not waiting:
                return
            _check(cancelled)
            i, future = waiting.popleft()
            try:
                pixels = future.result()
            except DataError as error:
                skipped.append(BadItem(dataset.name(i), error.what))
                continue
            yield np.asarray([i], np.int64), pixels[None]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ready_made(shape: tuple[int, int, int], preprocessor: Preprocessor) -> bool:
    """Whether pictures of that shape have the model's after the recipe's steps, so that many are made at once."""
    image = preprocessor.image_feature
    assert image is not None
    (size,) = changed_sizes(np.asarray([shape[:2]], np.int32), preprocessor.recipe).tolist()
    (channels,) = changed_channels(np.asarray([shape[2]]), preprocessor.recipe).tolist()
    return (*size, channels) == (image.height, image.width, image.channels)


_one_large = threading.Lock()


def one_picture(dataset: ImageData, i: int, preprocessor: Preprocessor) -> Pixels:
    """Picture number i in the model's shape, uint8 (h, w, c). DataError when it cannot be decoded.

    The recipe's steps are done by the preprocessor, to the picture as it is in the source, as to any new one.
    """
    image = preprocessor.image_feature
    assert image is not None
    if dataset.in_memory is not None:
        return preprocessor.image(dataset.raw(i))
    source, number = (dataset, i) if dataset.origin is None else (dataset.origin, dataset.number(i))
    height, width = (int(n) for n in source.sizes()[number])
    # What cropping and resizing make of a picture that was shrunk first differs by a pixel: those are decoded in full.
    whole = any(step.kind in CHANGES for step in preprocessor.recipe)
    longest = 0 if whole else enough(height, width, image)
    with _one_large if height * width > LARGE else nullcontext():
        return preprocessor.image(source.thumbnail(number, longest) if longest else source.raw(number))


def _check(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled
