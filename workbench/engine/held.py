"""The rows of parts that are whole in memory, as tensors in the form they are stored; those of the last run are kept.

Who trains again nearly always trains on the same data. Reading it, and the fresh memory for it, were a sixth of a short
training of a large table. Rows are the same only as long as their files are: told by name, time and size.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from workbench.core.data.memory import available

from .control import look
from .shuffle import File, aligned

LARGEST = 256_000_000  # bytes kept for the next run at most
SHARE = 1 / 8  # of the memory that is free
PIECE = 2**25  # bytes read at once: a slow disk has them in the fifth of a second in which a stop is heard


def resident(array: np.ndarray) -> tf.Tensor:
    """A tensor of all of the array. Of a file that is mapped each row is read once, and copied nowhere else.

    Raises:
        DataError: the file can no longer be read.
    """
    file = File.of(array)
    if file is None:
        return tf.constant(np.asarray(array))
    rows = aligned(array.shape, array.dtype)
    some = max(1, PIECE // max(1, array[:1].nbytes))
    try:
        for at in range(0, len(rows), some):
            file.read(at, rows[at : at + some])
            look()
    finally:
        file.close()
    return as_tensor(rows)


def as_tensor(array: np.ndarray) -> tf.Tensor:
    """The aligned array as a tensor in the same memory, which tf.constant would copy; it must not change any more."""
    if not array.size or tf.config.list_logical_devices("GPU"):  # there it is copied to the graphics card
        return tf.constant(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


class Held:
    """Used on the training thread alone."""

    def __init__(self) -> None:
        self._tensors: dict[tuple[Any, ...], tf.Tensor] = {}

    def tensor(self, array: np.ndarray) -> tf.Tensor:
        """As `resident`, read once as long as it is held."""
        key = _key(array)
        if key is None:
            return resident(array)
        if key not in self._tensors:
            self._tensors[key] = resident(array)
        return self._tensors[key]

    def only(self, arrays: Iterable[np.ndarray]) -> None:
        """Let go of the rows of others, before these are read."""
        wanted = {_key(array) for array in arrays}
        self._tensors = {key: tensor for key, tensor in self._tensors.items() if key in wanted}

    def settle(self) -> None:
        """The run is over: keep what it has left, unless that is much or lies on a graphics card."""
        size = sum(tensor.dtype.size * tensor.shape.num_elements() for tensor in self._tensors.values())
        most = min(LARGEST, SHARE * available())
        if size > most or tf.config.list_logical_devices("GPU"):
            self._tensors = {}


def _key(array: np.ndarray) -> tuple[Any, ...] | None:
    """Of a whole array as np.load maps it: its file as it is now. None for any other array, as for its rows in
    another order."""
    if not isinstance(array, np.memmap) or array.filename is None or not array.flags.c_contiguous:
        return None
    try:
        told = os.stat(array.filename)
    except OSError:  # removed meanwhile
        return None
    if told.st_size != array.offset + array.nbytes:
        return None
    return str(array.filename), told.st_ino, told.st_mtime_ns, array.offset, array.shape, str(array.dtype)
