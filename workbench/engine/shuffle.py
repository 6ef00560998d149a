"""The order in which the rows of a part are trained on, and how those of a large part are read in that order.

Rows of a part up to WHOLE_BYTES are shuffled one by one. A larger part may not be in memory, and a row here and a row
there cost a read of the disk each (1.6 ms: an epoch of 4 million rows would take two hours). It is shuffled in strips:
neighbouring rows that are read at once. The strips come in random order, some hundred of them make a pool, and the
rows of a pool are shuffled one by one. Which of the two it is depends on the size of the part alone, not on the memory
that is free, so that a run gives the same bits wherever its rows lie.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.core.errors import DataError

WHOLE_BYTES = 256_000_000  # of a part that is shuffled row by row
STRIP_BYTES = 64 * 1024  # with the strips of a pool asked for at once a disk reads them nearly as fast as one piece
POOL_BYTES = 256 * STRIP_BYTES
ALIGNED = 64  # bytes; where TensorFlow wants its tensors to begin
CACHED_RATE = 2e9  # bytes a second; what is read faster was not on the disk

SPARE = 2  # strips that rows of a pool may lie in besides those it is made of: in the order of the file


@dataclass(frozen=True)
class Strips:
    """How a large part is shuffled: `rows` neighbours are a strip, `pool` rows (of whole strips) a pool."""

    rows: int
    pool: int

    @classmethod
    def of(cls, rows: int, row_bytes: int) -> Strips | None:
        """For a part of so many rows of so many bytes; None where it is shuffled row by row."""
        if rows * row_bytes <= WHOLE_BYTES:
            return None
        strip = max(1, STRIP_BYTES // row_bytes)
        return cls(strip, strip * max(1, POOL_BYTES // (strip * row_bytes)))


class Order:
    """The order of the rows of a large part in an epoch; made pool by pool, as a slice of it is asked for.

    The rows behind the last whole strip belong to the last pool.
    """

    def __init__(self, seed: int, epoch: int, rows: int, strips: Strips) -> None:
        self._seed = (seed, epoch)
        self._rows = rows
        self._strips = strips
        self._whole = np.random.default_rng([seed, epoch, 0]).permutation(rows // strips.rows)
        self._last: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, wanted: slice) -> np.ndarray:
        """Row positions, int64."""
        first, last, _ = wanted.indices(self._rows)
        size = self._strips.pool
        pools = range(first // size, -(-last // size))
        pieces = [self._pool(k)[max(0, first - k * size) : last - k * size] for k in pools]
        return np.concatenate(pieces) if pieces else np.empty(0, np.int64)

    def _pool(self, number: int) -> np.ndarray:
        if self._last[0] != number:
            strip, size = self._strips.rows, self._strips.pool
            chosen = self._whole[number * size // strip : (number + 1) * size // strip]
            rows = (chosen[:, None] * strip + np.arange(strip)).reshape(-1)
            if len(rows) < size:
                rows = np.concatenate([rows, np.arange(len(self._whole) * strip, self._rows)])
            np.random.default_rng([*self._seed, number + 1]).shuffle(rows)
            self._last = number, rows
        return self._last[1]


def epoch_order(seed: int, epoch: int, rows: int, strips: Strips | None = None) -> np.ndarray | Order:
    """The order of the rows in an epoch; the same for the same seed and epoch, whatever happened before."""
    if strips is not None:
        return Order(seed, epoch, rows, strips)
    return np.random.default_rng([seed, epoch]).permutation(rows)


def aligned(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array, not filled, that begins where TensorFlow wants its tensors to."""
    return _begun(np.empty(math.prod(shape) * dtype.itemsize + ALIGNED, np.uint8), shape, dtype)


def _begun(raw: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    begin = -raw.ctypes.data % ALIGNED
    return raw[begin : begin + math.prod(shape) * dtype.itemsize].view(dtype).reshape(shape)


class Buffers:
    """Memory for what is read, used again as soon as nothing lies in it any more.

    Given back each time it would be scattered over what each thread keeps for itself: a run grew with its epochs.
    """

    def __init__(self) -> None:
        self._raw: list[np.ndarray] = []
        self._lock = threading.Lock()  # two passes may be read at once

    def array(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An array, not filled, aligned. Its memory is free again once neither it nor a view of it is there."""
        size = math.prod(shape) * dtype.itemsize
        with self._lock:
            return _begun(self._free(size + ALIGNED), shape, dtype)

    def one_pass(self) -> None:
        """Two passes were read at once, and from here on it is one: keep half of what there is of each size."""
        with self._lock:
            sizes = Counter(raw.size for raw in self._raw)
            kept: list[np.ndarray] = []
            for raw in self._raw:
                if 2 * sum(one.size == raw.size for one in kept) < sizes[raw.size]:
                    kept.append(raw)
            self._raw = kept

    def _free(self, size: int) -> np.ndarray:
        for i in range(len(self._raw)):
            if self._raw[i].size == size and sys.getrefcount(self._raw[i]) == 2:  # the list's, and the one asking
                return self._raw[i]
        self._raw.append(np.empty(size, np.uint8))
        return self._raw[-1]


class Reader:
    """Rows of mapped arrays in a given order, a pool in memory at a time; close it.

    What is read by the file and not by the mapping costs no page faults, which were half the time of a first epoch.
    strips: None to take each row where it lies.
    """

    def __init__(
        self,
        arrays: Sequence[np.ndarray],
        order: np.ndarray | Order,
        strips: Strips | None,
        buffers: Buffers | None = None,
    ) -> None:
        self._buffers = buffers or Buffers()
        self._arrays = [np.asarray(array) for array in arrays]
        self._order = order
        self._strips = strips
        self._number = -1
        self._found: np.ndarray | None = None  # strips of the pool that is held, rising
        self._slots = np.zeros(-(-len(order) // strips.rows) if strips is not None else 0, np.int64)
        large = strips is not None
        self._files = [File.of(a) if large and a.nbytes > WHOLE_BYTES else None for a in arrays]
        self._held: list[np.ndarray | None] = [None] * len(arrays)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            if file is not None:
                file.close()

    def take(self, first: int, count: int, outs: Sequence[np.ndarray]) -> None:
        """Put the rows at `first` of the order and those after it into `outs`, an array (count, ...) of each.

        Raises:
            DataError: a file cannot be read.
        """
        size = self._strips.pool if self._strips is not None else len(self._order)
        at = first
        while at < first + count:
            end = min(first + count, (at // size + 1) * size)
            rows = self._order[at:end]
            places = self._places(at // size, rows)
            for array, held, out in zip(self._arrays, self._held, outs, strict=True):
                into = out[at - first : end - first]
                # another mode of np.take makes a second copy
                if held is None or places is None:
                    np.take(array, rows, axis=0, out=into, mode="clip")
                else:
                    np.take(held, places, axis=0, out=into, mode="clip")
            at = end

    def _places(self, number: int, rows: np.ndarray) -> np.ndarray | None:
        """Where in the pool that is held rows are; reads it where it is another than the last one. None: not there."""
        if self._strips is None or not any(self._files):
            return None
        if number != self._number:
            self._number, self._found = number, self._wanted(number)
            if self._found is not None:
                self._slots[self._found] = np.arange(len(self._found))
                slow = [self._read(i, self._found) for i, file in enumerate(self._files) if file is not None]
                if any(slow) and (number + 1) * self._strips.pool < len(self._order):
                    self._ask(number + 1)
        if self._found is None:
            return None
        strip = self._strips.rows
        strips, inside = np.divmod(rows, strip)
        return np.take(self._slots, strips) * strip + inside

    def _ask(self, number: int) -> None:
        """Let the system begin to read a pool, while the one before it is used."""
        assert self._strips is not None
        found, strip = self._wanted(number), self._strips.rows
        for start, stop in _runs(found) if found is not None else ():
            for file in self._files:
                if file is not None:
                    file.ask(start * strip, stop * strip)

    def _wanted(self, number: int) -> np.ndarray | None:
        """The strips that the rows of a pool are in; None for an order that is not made of strips."""
        assert self._strips is not None
        size = self._strips.pool
        rows = self._order[number * size : (number + 1) * size]
        found = np.unique(rows // self._strips.rows)
        return found if len(found) <= size // self._strips.rows + SPARE else None

    def _read(self, i: int, found: np.ndarray) -> bool:
        """Bring the strips of an array into memory; whether that was slow."""
        assert self._strips is not None
        file, array, strip = self._files[i], self._arrays[i], self._strips.rows
        assert file is not None
        held = self._held[i]
        if held is None:
            most = self._strips.pool + SPARE * strip
            held = self._held[i] = self._buffers.array((most, *array.shape[1:]), array.dtype)
        began, at = time.perf_counter(), 0
        for start, stop in _runs(found):
            first, last = start * strip, min(stop * strip, len(array))
            file.read(first, held[at : at + last - first])
            at += (stop - start) * strip
        return time.perf_counter() - began > held.nbytes / CACHED_RATE


def _runs(found: np.ndarray) -> Iterator[tuple[int, int]]:
    """Neighbours among rising numbers, as (first, behind the last)."""
    gaps = np.flatnonzero(np.diff(found) > 1)
    firsts, lasts = np.append(found[:1], found[gaps + 1]), np.append(found[gaps], found[-1:])
    yield from zip(firsts.tolist(), (lasts + 1).tolist(), strict=True)


class File:
    """The rows of a mapped array, read from its file. Where that is not to be had, from the mapping."""

    def __init__(self, array: np.ndarray, handle: int, offset: int) -> None:
        self._array = np.asarray(array)
        self._handle = handle
        self._offset = offset
        self._row = array[:1].nbytes

    @classmethod
    def of(cls, array: np.ndarray) -> File | None:
        """Of an array as np.load maps it; None for another, which is in memory."""
        if not isinstance(array, np.memmap) or not array.flags.c_contiguous:
            return None
        handle = -1
        if hasattr(os, "preadv") and array.filename is not None:
            with contextlib.suppress(OSError):  # removed meanwhile: what is mapped stays
                handle = os.open(array.filename, os.O_RDONLY)
        if handle >= 0 and os.fstat(handle).st_size != array.offset + array.nbytes:
            os.close(handle)
            handle = -1
        return cls(array, handle, array.offset)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def ask(self, first: int, last: int) -> None:
        """Let the system begin to read these rows."""
        if self._handle >= 0 and hasattr(os, "posix_fadvise"):
            at, size = self._offset + first * self._row, (last - first) * self._row
            os.posix_fadvise(self._handle, at, size, os.POSIX_FADV_WILLNEED)

    def read(self, first: int, out: np.ndarray) -> None:
        """Rows from `first` on into `out`."""
        if self._handle < 0:
            out[:] = self._array[first : first + len(out)]
            return
        view = out.view(np.uint8).reshape(-1).data
        at = self._offset + first * self._row
        while len(view):
            try:
                done = os.preadv(self._handle, [view], at)
            except OSError as error:
                raise _unreadable(str(error)) from error
            if not done:
                raise _unreadable("it is cut short")
            view, at = view[done:], at + done


def _unreadable(why: str) -> DataError:
    return DataError(
        f"The prepared data of this run can no longer be read ({why}).",
        where="training data",
        remedy="Look whether its disk is whole, then open the project and train again: it is made anew.",
    )
