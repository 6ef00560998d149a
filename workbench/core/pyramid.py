"""A growing column of figures kept at several resolutions, so that millions of them are drawn as quickly as a few.

Each level holds the smallest, the largest and the mean of blocks twice as long as those of the level below. Rows that
come are added to what is there; nothing is summed up twice. Not thread-safe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Sums = NDArray[np.float64]
Counts = NDArray[np.int32]

BASE = 16  # rows of the shortest block that is kept; shorter ones are made when asked for
HALVINGS = 4  # BASE = 2**HALVINGS
AT_ONCE = 1 << 15  # rows that stay in the cache of a processor


@dataclass(frozen=True, eq=False)
class Buckets:
    """Rows in buckets of `size`, in order. starts: the first row of each, int64; ends: the row behind its last.

    low, high, mean: of its finite values, NaN where there are none.
    """

    size: int
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    low: Floats
    high: Floats
    mean: Sums


@dataclass(eq=False)
class _Blocks:
    """Of as many blocks: smallest, largest, sum and number of the finite values; sums are 0 where there are none."""

    low: Floats
    high: Floats
    total: Sums
    count: Counts

    @classmethod
    def of(cls, y: Floats) -> _Blocks:
        """Every row a block."""
        good = np.isfinite(y)
        if good.all():
            return cls(y, y, y.astype(np.float64), np.ones(len(y), np.int32))
        seen = np.where(good, y, np.float32(np.nan))
        return cls(seen, seen, np.where(good, y, 0.0).astype(np.float64), good.astype(np.int32))

    @classmethod
    def room(cls, size: int) -> _Blocks:
        nothing = np.empty(size, np.float32)
        return cls(nothing, nothing.copy(), np.empty(size), np.empty(size, np.int32))

    def halved(self) -> _Blocks:
        """Two and two together; the number of blocks must be even."""
        return _Blocks(
            np.fmin(self.low[::2], self.low[1::2]),
            np.fmax(self.high[::2], self.high[1::2]),
            self.total[::2] + self.total[1::2],
            self.count[::2] + self.count[1::2],
        )

    def __getitem__(self, part: slice) -> _Blocks:
        return _Blocks(self.low[part], self.high[part], self.total[part], self.count[part])

    def put(self, at: int, blocks: _Blocks) -> None:
        part = slice(at, at + len(blocks.low))
        self.low[part], self.high[part] = blocks.low, blocks.high
        self.total[part], self.count[part] = blocks.total, blocks.count


def bucket_size(rows: int, most: int) -> int:
    """The shortest length, a power of two, of which `most` buckets hold so many rows."""
    size = 1
    while rows / size > most:
        size *= 2
    return size


class Pyramid:
    """The levels above a column. The column itself stays with its owner and is passed in."""

    def __init__(self) -> None:
        self._levels: list[_Blocks] = []
        self._filled: list[int] = []  # whole blocks of each level

    def extend(self, y: Floats) -> None:
        """Take in what came since the last time. y: the whole column, float32; its beginning must be as it was."""
        known = self._filled[0] * BASE if self._filled else 0
        for begin in range(known, len(y) // BASE * BASE, AT_ONCE):
            found = _Blocks.of(y[begin : min(begin + AT_ONCE, len(y) // BASE * BASE)])
            for _ in range(HALVINGS):
                found = found.halved()
            self._put(found)

    def _put(self, below: _Blocks) -> None:
        """Add blocks of the lowest level, and those that become whole above them."""
        level = 0
        while len(below.low):
            if level == len(self._levels):
                self._levels.append(_Blocks.room(64))
                self._filled.append(0)
            end = self._filled[level] + len(below.low)
            held = self._levels[level]
            if len(held.low) < end:
                grown = _Blocks.room(2 * end)
                grown.put(0, held[: self._filled[level]])
                held = self._levels[level] = grown
            held.put(self._filled[level], below)
            self._filled[level] = end
            begun = 2 * self._filled[level + 1] if level + 1 < len(self._filled) else 0
            below = held[begun : end // 2 * 2].halved()
            level += 1

    def truncate(self, length: int) -> None:
        """Forget the blocks that reach beyond so many rows."""
        self._filled = [min(filled, length // (BASE << level)) for level, filled in enumerate(self._filled)]

    def buckets(self, y: Floats, first: int, last: int, most: int, least: int = 1) -> Buckets:
        """The rows from `first` up to but without `last`, in about `most` buckets at the most, but for the last none
        shorter than `least` rows, a power of two.

        Their size is a power of two and they begin at its multiples, whatever is asked for: while a view moves or a
        column grows, they stay. So the first may begin before `first` and the last end behind `last`.
        y: the column; it is taken in as far as it is new.
        """
        self.extend(y)
        first, last = max(0, first), min(len(y), last)
        size = max(least, bucket_size(last - first, most))
        last = min(len(y), -(-last // size) * size)
        begin = first // size
        starts = np.arange(begin * size, max(last, begin * size), size, dtype=np.int64)
        whole = last // size  # buckets that are full
        if size < BASE:
            found = _Blocks.of(y[begin * size : max(begin, whole) * size])
            for _ in range(size.bit_length() - 1):
                found = found.halved()
        else:
            level = (size // BASE).bit_length() - 1
            held = self._levels[level] if level < len(self._levels) else _Blocks.room(0)
            found = held[begin : max(begin, whole)]
        low, high, total, count = found.low, found.high, found.total, found.count
        if len(low) < len(starts):  # the last one is not full yet
            rest = y[int(starts[-1]) : last]
            good = rest[np.isfinite(rest)]
            some = len(good) > 0
            low = np.append(low, good.min() if some else np.float32(np.nan))
            high = np.append(high, good.max() if some else np.float32(np.nan))
            total = np.append(total, good.sum(dtype=np.float64))
            count = np.append(count, np.int32(len(good)))
        mean = np.full(len(total), np.nan)
        np.divide(total, count, out=mean, where=count > 0)
        return Buckets(size, starts, np.minimum(starts + size, last), low, high, mean)
