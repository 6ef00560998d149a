"""Rows of the size and kind of a run's, made up to measure with: most are never written and take no memory."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from workbench.core.facts import DataFacts, TargetFacts

from . import footprint
from .held import Held, as_tensor
from .parts import Part
from .shuffle import ALIGNED

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


def part(facts: DataFacts, rows: int, first: int) -> Part:
    """So many rows, of which the first are drawn at random; the others are zero."""
    rng = np.random.default_rng(0)
    few = min(rows, first)
    x = {i.name: _zeros((rows, *i.shape), np.dtype(i.dtype)) for i in facts.inputs}
    for given in facts.inputs:
        x[given.name][:few] = _made_up(rng, (few, *given.shape), given.dtype)
    answers = [_answers(rng, target, few) for target in facts.targets]
    drawn = answers[0] if len(answers) == 1 else np.stack([a.reshape(-1) for a in answers], 1).astype(np.float32)
    y = _zeros((rows, *drawn.shape[1:]), drawn.dtype)
    y[:few] = drawn
    weights = _zeros((rows,), np.dtype(np.float32)) if facts.weight else None
    if weights is not None:
        weights[:] = 1.0
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


def _made_up(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind in "iub":
        return rng.integers(0, 2, shape, kind)
    return rng.standard_normal(shape, np.float32).astype(kind, copy=False)
