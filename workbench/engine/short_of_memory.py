"""That the memory was not enough, for people: of what TensorFlow says of it."""

from __future__ import annotations

import re

import tensorflow as tf

from workbench.core.errors import OutOfMemory

OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


def short_of_memory(error: BaseException, where: str, batch_size: int = 0, *, begun: bool = False) -> OutOfMemory:
    """What one of OUT_OF_MEMORY means. batch_size: 0 where it is of no matter, as for the weights of a layer.
    begun: there may be weights already, which are kept."""
    shape = re.search(r"shape\[([\d,]+)\]", str(error))
    size = f" for an array of {shape.group(1).replace(',', ' × ')}" if shape else ""
    ways = ["smaller inputs", "a smaller model"]
    if batch_size > 1:
        ways.insert(0, f"a batch size of {batch_size // 2} instead of {batch_size}")
    kept = "; the best weights so far are kept" if begun else ""
    remedy = f"Choose {', '.join(ways[:-1])} or {ways[-1]}, or close other programs{kept}."
    return OutOfMemory(f"The memory was not enough{size}.", where=where, remedy=remedy)
