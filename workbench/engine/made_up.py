"""Rows of the size and kind of a run's, made up to measure with: most are never written and take no memory.

Training takes those that are: of zeros a maximum is found sooner than of real pictures.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from workbench.core.facts import DataFacts, InputFacts, TargetFacts

from . import footprint
from .held import Held, as_tensor
from .parts import Part
from .shuffle import ALIGNED

DRAWN = 8_000_000  # bytes of rows drawn at random, in which the processor's caches are not told from real ones
BLOCKS = 6  # of rows that are streamed: more than are held at once


class Untouched(Held):
    """Rows of zeros as tensors in the same memory, of which the system gives none before something is written."""

    def tensor(self, array: np.ndarray) -> tf.Tensor:
        """See Held.tensor."""
        return as_tensor(array)


def few(facts: DataFacts, rows: int, size: int, block: int) -> int:
    """How many rows are made up: all where they are held whole; of those that are streamed some blocks, and as many
    in the last batch. rows: of the part. size: of a batch. block: bytes of one that is streamed; 0: held whole."""
    if not block:
        return rows
    step = size * footprint.row_bytes(facts)
    most = max(1, BLOCKS * block // step) * size
    return rows if rows <= most else most + rows % size


def drawn(facts: DataFacts, rows: int, size: int) -> int:
    """How many of so many rows are drawn at random. size: of a batch."""
    return min(rows, max(size, DRAWN // footprint.row_bytes(facts)))


def order(rows: int, some: int, seed: int, epoch: int) -> np.ndarray:
    """An order of so many rows, in which only the first, `some`, come again and again."""
    return np.resize(np.random.default_rng([seed, epoch]).permutation(some), rows)


def part(facts: DataFacts, rows: int, few: int) -> Part:
    """So many rows, of which the first, `few`, are drawn at random; the others are zero."""
    rng = np.random.default_rng(0)
    x = {i.name: _zeros((rows, *i.shape), np.dtype(i.dtype)) for i in facts.inputs}
    for given in facts.inputs:
        x[given.name][:few] = _made_up(rng, (few, *given.shape), given)
    answers = [_answers(rng, target, few) for target in facts.targets]
    told = answers[0] if len(answers) == 1 else np.stack([a.reshape(-1) for a in answers], 1).astype(np.float32)
    y = _zeros((rows, *told.shape[1:]), told.dtype)
    y[:few] = told
    weights = _zeros((rows,), np.dtype(np.float32)) if facts.weight else None
    if weights is not None:
        weights[:few] = 1.0
    return Part(x, y, weights)


def _zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Where TensorFlow wants its tensors to begin."""
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(size + ALIGNED, np.uint8)
    begin = -raw.ctypes.data % ALIGNED
    return raw[begin : begin + size].view(dtype).reshape(shape)


def _answers(rng: np.random.Generator, target: TargetFacts, size: int) -> np.ndarray:
    if target.task == "classification":
        return rng.integers(0, max(1, len(target.classes)), size).astype(np.int32)
    if target.task == "reconstruction":  # the input itself
        return np.zeros((size, 0), np.float32)
    return rng.standard_normal((size, 1), np.float32)


def _made_up(rng: np.random.Generator, shape: tuple[int, ...], given: InputFacts) -> np.ndarray:
    kind = np.dtype(given.dtype)
    if kind.kind in "iub":  # numbers of words, of which there may be no more than two
        return rng.integers(0, 256 if kind == np.uint8 and given.kind == "image" else 2, shape, kind)
    return rng.standard_normal(shape, np.float32).astype(kind, copy=False)
