"""That the memory was not enough, for people: of what TensorFlow says of it."""

from __future__ import annotations

import re

import keras
import tensorflow as tf

from workbench.core.data.memory import is_shortage, says_shortage
from workbench.core.errors import OutOfMemory

_ONEDNN = "Operation received an exception:Status: 1,"  # of dnnl_status_t: dnnl_out_of_memory
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)


def is_short(error: BaseException) -> bool:
    """Whether that is what an error means: one of OUT_OF_MEMORY, or what other parts say where they get none."""
    if isinstance(error, OUT_OF_MEMORY) or is_shortage(error):
        return True
    return isinstance(error, tf.errors.OpError) and (says_shortage(str(error)) or _ONEDNN in str(error))


def short_of_memory(
    error: BaseException, where: str, batch_size: int = 0, *, begun: bool = False, layer: str = ""
) -> OutOfMemory:
    """What an error means for which `is_short` is true.

    Args:
        batch_size: 0 where it is of no matter, as for the weights of a layer.
        begun: there may be weights already, which are kept.
        layer: whose weights did not fit, where it is known.
    """
    shape = shape_in(error)
    size = f" for an array of {' × '.join(map(str, shape))}" if shape else ""
    of_weights = batch_size == 0 or bool(layer)
    ways = (
        [f"a smaller {layer}" if layer else "a smaller layer"] if of_weights else ["smaller inputs", "a smaller model"]
    )
    if batch_size > 1 and not of_weights:
        ways.insert(0, f"a batch size of {batch_size // 2} instead of {batch_size}")
    kept = "; the best weights so far are kept" if begun else ""
    known = f"{', '.join(ways[:-1])} or {ways[-1]}" if len(ways) > 1 else ways[0]
    return OutOfMemory(
        f"The memory was not enough{size}.",
        where=where,
        remedy=f"Choose {known}, or close other programs{kept}.",
        of_weights=of_weights,
    )


def shape_in(error: BaseException) -> tuple[int, ...]:
    """The shape of the array that TensorFlow had no room for; () where it does not say."""
    found = re.search(r"shape\[([\d,]+)\]", str(error))
    return tuple(int(size) for size in found.group(1).split(",")) if found else ()


def layer_with(shape: tuple[int, ...], model: keras.Model) -> str:
    """The layer that has weights of that shape, which no batch has; "" when none does."""
    if len(shape) < 2:
        return ""
    return next((v.path.partition("/")[0] for v in model.trainable_variables if tuple(v.shape) == shape), "")
