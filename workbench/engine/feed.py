"""Batches for the compiled loop: from tensors in memory, or streamed from the files by a reader thread.

A feed hands out blocks of equal shape, each good for `capacity` steps; inside the compiled loop `batch` takes one
step's rows out of a block, scales the inputs and gives targets as the loss wants them. Both kinds give the same
batches in the same order, so the same losses.
"""

from __future__ import annotations

import contextlib
import copy
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from .encoding import Encoding
from .held import Held, as_tensor, resident
from .shuffle import Buffers, Order, Reader, Strips, epoch_order
from .spread import Share

BLOCK_INDICES = 262_144  # row numbers in one block: 1 MB
BLOCK_STEPS = 1024
STREAM_BYTES = 2**24  # of one streamed block at most; four are held at once, and twice as many while ways are tried


class Walk:
    """One pass over the rows of a part in a given order, from a given step, in pieces of at most so many steps."""

    def __init__(self, blocks: Iterator[tuple[Any, int, int]]) -> None:
        self._blocks = blocks
        self._held: tuple[Any, int, int] | None = None

    def take(self, most: int) -> tuple[Any, int, int] | None:
        """(block, first step inside it, number of steps), or None at the end."""
        if self._held is None:
            self._held = next(self._blocks, None)
        if self._held is None:
            return None
        block, start, stop = self._held
        count = min(most, stop - start)
        self._held = (block, start + count, stop) if start + count < stop else None
        return block, start, count

    def close(self) -> None:
        """End the reader thread, where there is one."""
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()


class Feed:
    """Common to both kinds. rows: of the part. batch_size: rows of a full batch; the last may be smaller.
    weights: float32 (n,), what each row counts in the loss; None: all alike. held: of what is read into memory, for the
    next run too; None: read for this feed alone."""

    def __init__(
        self,
        x: Mapping[str, np.ndarray],
        y: np.ndarray,
        encoding: Encoding,
        batch_size: int,
        weights: np.ndarray | None = None,
        held: Held | None = None,
    ) -> None:
        self._tensor = resident if held is None else held.tensor
        self.encoding = encoding
        self.rows = len(y)
        self.fill(x, y, weights)
        self.row_bytes = sum(array[:1].nbytes for array in self._arrays())
        self.strips = Strips.of(self.rows, self.row_bytes)
        self._part(batch_size)

    def fill(self, x: Mapping[str, np.ndarray], y: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Take the rows of a part: at first, and after `release` those of another run with as many."""
        self._x = {facts.name: x[facts.name] for _, facts in self.encoding.inputs}
        self._y = y
        self._weights = weights

    def read_by(self, held: Held) -> None:
        """From the next `fill` on; and go through the rows in the order of a run."""
        self._tensor = held.tensor
        self.__dict__.pop("order", None)  # of made-up rows

    def release(self) -> None:
        """Let go of the rows; what was compiled for them stays of use."""
        self._x, self._y, self._weights = {}, np.empty(0), None

    @property
    def answers(self) -> tuple[np.ndarray, np.ndarray | None]:
        """(y, weights) of all rows, as they are stored."""
        return self._y, self._weights

    def one_pass(self) -> None:
        """What two passes at once needed is not needed any more."""

    @property
    def held(self) -> tuple[Any, ...]:
        """The tensors besides its blocks that a compiled loop is to be given at each call."""
        return ()

    def _arrays(self) -> list[np.ndarray]:
        """Inputs, targets, and weights where rows have some."""
        return [*self._x.values(), self._y, *([] if self._weights is None else [self._weights])]

    def order(self, seed: int, epoch: int) -> np.ndarray | Order:
        """The order of the rows in an epoch: of seed, epoch, and the size of the part alone."""
        return epoch_order(seed, epoch, self.rows, self.strips)

    def _part(self, batch_size: int) -> None:
        self.batch_size = min(batch_size, self.rows)
        self.full = self.rows // self.batch_size
        self.tail = self.rows - self.full * self.batch_size
        self.steps = self.full + (self.tail > 0)
        self.capacity = max(1, min(BLOCK_STEPS, self.full, BLOCK_INDICES // self.batch_size))

    def with_batch(self, batch_size: int) -> Feed:
        """The same rows in batches of another size; what is held in memory is shared."""
        made = copy.copy(self)
        made._part(batch_size)
        return made

    def _spans(self, first: int) -> Iterator[tuple[int, int, int]]:
        """(first step, steps, batch size) of each block from step `first` on; the smaller last batch is its own."""
        step = first
        while step < self.full:
            begin = step // self.capacity * self.capacity
            yield begin, min(self.capacity, self.full - begin), self.batch_size
            step = begin + self.capacity
        if self.tail and first < self.steps:
            yield self.full, 1, self.tail

    def walk(self, order: np.ndarray | Order, first: int = 0) -> Walk:
        """A pass in `order` (row positions, all of the part) from step `first` on."""
        return Walk(self._blocks(order, first))

    def _blocks(self, order: np.ndarray | Order, first: int) -> Iterator[tuple[Any, int, int]]:
        raise NotImplementedError

    def batch(self, held: Any, block: Any, step: tf.Tensor, share: Share | None = None) -> tuple[Any, ...]:
        """(x, y) of one step of a block, or a replica's share of it, and the weights of its rows where they have some;
        in the graph. held: as the property says."""
        raise NotImplementedError

    def block_rows(self, block: Any) -> int:
        """Rows of one step of a block."""
        return int(tf.nest.flatten(block)[-1].shape[1])

    def shapes(self) -> Iterator[Any]:
        """A block of zeros of each shape that `walk` gives: full batches, and the smaller last one."""
        for size, capacity in ((self.batch_size, self.capacity), (self.tail, 1)):
            if size and (size == self.tail or self.full):
                yield self._empty(capacity, size)

    def _empty(self, capacity: int, size: int) -> Any:
        raise NotImplementedError

    def sample(self, chosen: np.ndarray | None = None) -> tuple[Any, tf.Tensor]:
        """(x, y) of some rows (rising positions), as tensors; of the first, for building metrics, when None."""
        rows = slice(0, min(self.rows, self.batch_size, 4)) if chosen is None else chosen
        raw = {name: tf.constant(np.asarray(array[rows])) for name, array in self._x.items()}
        return self.encoding.data(raw, tf.constant(np.asarray(self._y[rows])))

    def mean(self, batches: np.ndarray) -> float:
        """The mean over the rows of an epoch, of figures of its last batches in their order."""
        sizes = np.full(self.steps, self.batch_size)
        sizes[-1] = self.tail or self.batch_size
        told = batches[-self.steps :]
        return float(np.sum(told * sizes[-len(told) :], dtype=np.float64) / sizes[-len(told) :].sum())

    def _indices(self, order: np.ndarray | Order, begin: int, steps: int, size: int) -> np.ndarray:
        at = begin * self.batch_size
        return order[at : at + steps * size].astype(np.int32).reshape(steps, size)


class MemoryFeed(Feed):
    """The whole part as tensors, kept as stored (pixels stay bytes); a block is row numbers (capacity, batch)."""

    def fill(self, x: Mapping[str, np.ndarray], y: np.ndarray, weights: np.ndarray | None = None) -> None:
        """See Feed.fill."""
        super().fill(x, y, weights)
        told = [self._y] if weights is None else [self._y, weights]
        self._held = {name: self._tensor(array) for name, array in self._x.items()}, *map(self._tensor, told)

    def release(self) -> None:
        """See Feed.release."""
        super().release()
        self._held = ()

    @property
    def held(self) -> tuple[Any, ...]:
        """Inputs by name, targets, and the weights of the rows where they have some: all of the part."""
        return self._held

    def _blocks(self, order: np.ndarray | Order, first: int) -> Iterator[tuple[Any, int, int]]:
        for begin, steps, size in self._spans(first):
            rows = self._indices(order, begin, steps, size)
            if size == self.batch_size and steps < self.capacity:  # one shape, one trace
                rows = np.concatenate([rows, np.zeros((self.capacity - steps, size), np.int32)])
            yield tf.constant(rows), max(0, first - begin), steps

    def _empty(self, capacity: int, size: int) -> tf.Tensor:
        return tf.zeros((capacity, size), tf.int32)

    def batch(self, held: Any, block: tf.Tensor, step: tf.Tensor, share: Share | None = None) -> tuple[Any, ...]:
        """See Feed.batch."""
        # Not block[step]: XLA takes the start of a slice for a constant and compiles again for each one.
        rows = tf.gather(block, step)
        return self.gather(held, share.take(rows) if share else rows)

    def gather(self, held: Any, rows: tf.Tensor) -> tuple[Any, ...]:
        """(x, y) or (x, y, weights) of row numbers, in the graph. held: as the property says."""
        raw, targets, *counts = tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), held)
        return *self.encoding.data(raw, targets), *counts


class StreamFeed(Feed):
    """Parts larger than memory: a reader thread gathers the next block from the files while one is trained on.

    A block is ({input: (capacity, batch, ...)}, y (capacity, batch, ...)), and the weights (capacity, batch) where rows
    have some. block_bytes: of a block at most; changes no result, but how many steps a call does.
    """

    def __init__(
        self,
        x: Mapping[str, np.ndarray],
        y: np.ndarray,
        encoding: Encoding,
        batch_size: int,
        weights: np.ndarray | None = None,
        block_bytes: int = STREAM_BYTES,
    ) -> None:
        self._block_bytes = block_bytes
        super().__init__(x, y, encoding, batch_size, weights)

    def release(self) -> None:
        """See Feed.release."""
        super().release()
        self._buffers = Buffers()

    def with_batch(self, batch_size: int) -> Feed:
        """See Feed.with_batch. The buffers of this size are let go: what is read from now on has the other one."""
        made = super().with_batch(batch_size)
        self._buffers = Buffers()
        return made

    def one_pass(self) -> None:
        """See Feed.one_pass."""
        self._buffers.one_pass()

    def _part(self, batch_size: int) -> None:
        super()._part(batch_size)
        self._buffers = Buffers()
        self.capacity = max(1, min(self.capacity, self._block_bytes // max(1, self.row_bytes * self.batch_size)))

    def _blocks(self, order: np.ndarray | Order, first: int) -> Iterator[tuple[Any, int, int]]:
        ready: queue.Queue[Any] = queue.Queue(maxsize=2)
        over = threading.Event()
        reader = threading.Thread(
            target=self._read, args=(order, first, ready, over), name="engine-reader", daemon=True
        )
        reader.start()
        try:
            while (item := ready.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            over.set()
            while reader.is_alive():
                try:
                    ready.get(timeout=0.05)  # makes room, so that the reader sees that it is over
                except queue.Empty:
                    continue
            reader.join()

    def _read(self, order: np.ndarray | Order, first: int, ready: queue.Queue[Any], over: threading.Event) -> None:
        try:
            arrays, buffers = self._arrays(), self._buffers
            with contextlib.closing(Reader(arrays, order, self.strips, buffers)) as rows:
                for begin, steps, size in self._spans(first):
                    if over.is_set():
                        return
                    capacity = self.capacity if size == self.batch_size else 1
                    skipped = max(0, first - begin)
                    outs = [buffers.array((capacity, size, *array.shape[1:]), array.dtype) for array in arrays]
                    flat = [out.reshape(capacity * size, *out.shape[2:]) for out in outs]
                    at, count = (begin + skipped) * self.batch_size, (steps - skipped) * size
                    rows.take(at, count, [out[skipped * size : skipped * size + count] for out in flat])
                    for out in outs:
                        out[:skipped] = out[steps:] = 0
                    ready.put((self._as_block([as_tensor(out) for out in outs]), skipped, steps))
            ready.put(None)
        except Exception as error:  # told on the training thread, where it ends the run
            ready.put(error)

    def _empty(self, capacity: int, size: int) -> Any:
        return self._as_block([tf.zeros((capacity, size, *a.shape[1:]), a.dtype) for a in self._arrays()])

    def _as_block(self, tensors: list[tf.Tensor]) -> tuple[Any, ...]:
        return dict(zip(self._x, tensors, strict=False)), *tensors[len(self._x) :]

    def batch(self, held: Any, block: Any, step: tf.Tensor, share: Share | None = None) -> tuple[Any, ...]:
        """See Feed.batch."""
        # Not tensor[step]: XLA takes the start of a slice for a constant and compiles again for each one.
        taken = tf.nest.map_structure(lambda tensor: tf.gather(tensor, step), block)
        if share:
            taken = tf.nest.map_structure(share.take, taken)
        x, y, *weights = taken
        return *self.encoding.data(x, y), *weights
