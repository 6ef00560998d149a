"""What a run holds in memory beside its model and its steps: reckoned part by part, in bytes, each with its reason.

What the model, its compilers and a step take is measured (forecast.py). What is here follows from sizes alone, and is
not there while that is measured: rows, orders, the validation's streamed blocks, copies for a checkpoint, figures. Of a
run that computes on a graphics card only its host holds these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from workbench.core.facts import DataFacts
from workbench.core.project import TrainSpec

from . import modes
from .ahead import LARGE
from .feed import STREAM_BYTES, Feed
from .shuffle import POOL_BYTES, WHOLE_BYTES

ORDER = 8  # bytes of a row number in the order of an epoch
BLOCKS = 4  # of a streamed part at once: one is filled, two wait, one is trained on
FIGURE = 4  # bytes of a figure in the history
GROWN = 3  # times its figures: a column has room for as many again, and for a moment the one before it is there too
WRITTEN = 16 * 2**20  # of an array at a time are made ready for a file
BESIDE = 12_000_000  # stacks and memory of the run's own threads, its files, what Python loads for them


@dataclass(frozen=True)
class Footprint:
    """rows: of the parts that are trained on and validated with, where they are whole in memory. orders: of the rows in
    an epoch. blocks: of parts that are streamed, beyond those of one pass. figures: of
    each batch and epoch. beside: of any run. For a moment each: saved: copies of a variable, while it is written into a
    checkpoint; scored: the test part at the end."""

    rows: int = 0
    orders: int = 0
    blocks: int = 0
    figures: int = 0
    beside: int = BESIDE
    saved: int = 0
    scored: int = 0

    @property
    def early(self) -> int:
        """Bytes while ways of computing are tried, before it trains."""
        return self.rows + self.orders

    @property
    def total(self) -> int:
        """Bytes at the most."""
        lasting = (self.rows, self.orders, self.blocks, self.figures, self.beside)
        return sum(lasting) + max(self.saved, self.scored)


def row_bytes(facts: DataFacts) -> int:
    """Of a row with its targets and its weight, as it is stored."""
    inputs = sum(int(np.prod(i.shape)) * np.dtype(i.dtype).itemsize for i in facts.inputs)
    targets = sum(0 if target.task == "reconstruction" else 4 for target in facts.targets)
    return inputs + targets + (4 if facts.weight else 0)


def rows_held(facts: DataFacts, block: int) -> int:
    """Of the parts for training and validation. block: of a streamed part; 0: they are whole in memory."""
    return 0 if block else row_bytes(facts) * (facts.rows.get("train", 0) + facts.rows.get("validation", 0))


def least(facts: DataFacts, block: int) -> int:
    """Bytes that a run holds whatever its model is: its rows, or the blocks they are streamed in."""
    return rows_held(facts, block) + BLOCKS * block


def _scored(facts: DataFacts, free: int) -> int:
    """The test part is scored while the others are still held; where it is too large for that, in blocks."""
    size = row_bytes(facts) * facts.rows.get("test", 0)
    return size if size <= modes.MEMORY_SHARE * free else BLOCKS * STREAM_BYTES


def beside(
    model: keras.Model,
    facts: DataFacts,
    train: TrainSpec,
    feed: Feed,
    shadows: Sequence[Any],
    figures: tuple[int, int],
    *,
    block: int,
    free: int,
) -> Footprint:
    """Of a run.

    feed: of the training part, in its whole size. shadows: the copy of the best weights. figures: of a batch, and of an
    epoch. block: of a streamed part; 0: whole in memory. free: bytes of memory.
    """
    largest = max(map(_size, [*modes.all_variables(model), *shadows]), default=0)
    return Footprint(
        rows=rows_held(facts, block),
        orders=_orders(feed),
        blocks=_blocks(facts, block) if block else 0,
        figures=GROWN * FIGURE * train.epochs * (feed.steps * figures[0] + figures[1]),
        saved=largest + min(largest, WRITTEN),
        scored=_scored(facts, free),
    )


def _size(variable: Any) -> int:
    return int(np.prod(variable.shape)) * int(np.dtype(getattr(variable.dtype, "name", variable.dtype)).itemsize)


def _orders(feed: Feed) -> int:
    """Of this epoch, and of the next one, which is made meanwhile; of a large part only that of its strips."""
    numbers = feed.rows if feed.strips is None else feed.rows // feed.strips.rows
    return ORDER * numbers * (2 if feed.rows >= LARGE else 1)


def _blocks(facts: DataFacts, block: int) -> int:
    """Of the validation, whose memory stays while it is trained; and the pool of strips a large part is shuffled in."""
    each = row_bytes(facts)
    judged = min(BLOCKS * block, facts.rows.get("validation", 0) * each)
    return judged + (POOL_BYTES if facts.rows.get("train", 0) * each > WHOLE_BYTES else 0)
