"""How many multiplications a layer does for one row, from the weights and shapes Keras itself gave it.

One multiplication with its addition counts once (a MAC), as papers and Keras' own models count them: a Dense of 784
inputs and 128 units does 784 * 128. What a layer does to each value once (a scale, a gate) counts once for each value;
additions, comparisons and look-ups alone count nothing. Checked in the tests against TensorFlow's own profiler.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .plain_words import Shape

_EACH_VALUE = (
    *("BatchNormalization", "LayerNormalization", "GroupNormalization", "UnitNormalization", "RMSNormalization"),
    *("Normalization", "Rescaling", "Multiply", "PReLU", "LeakyReLU"),
)


def multiplications(layer: Any, kind: str, fed: Sequence[Shape], made: Shape) -> int | None:
    """For one row; None where a length is open, so that nothing can be said.

    Args:
        layer: a built Keras layer. kind: its class name.
        fed: the shapes of its inputs, made: of its output; the batch first in both.
    """
    if any(size is None for shape in (*fed, made) for size in shape[1:]):
        return None
    sizes = [tuple(int(size or 1) for size in shape[1:]) for shape in fed]
    out = tuple(int(size or 1) for size in made[1:])
    if kind in ("MultiHeadAttention", "GroupQueryAttention"):
        return _attention_heads(layer, sizes)
    if kind in ("Attention", "AdditiveAttention"):
        return _attention(sizes)
    if kind == "Dot":
        return _dot(layer, sizes, out)
    if kind == "EinsumDense":
        return _einsum(layer, sizes[0], out)
    if kind in _EACH_VALUE:
        return math.prod(out)
    if kind.startswith("ConvLSTM"):
        return _kernels(layer) * sizes[0][0] * _places(layer, _frame(layer, out))
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        return _kernels(layer) * sizes[0][0]
    if kind.endswith("Transpose"):
        return _kernels(layer) * _places(layer, sizes[0])
    if "Conv" in kind:
        return _kernels(layer) * _places(layer, out)
    if kind == "Dense":
        return _kernels(layer) * math.prod(out[:-1])
    return 0


def _kernels(layer: Any) -> int:
    """Numbers in the weights that are multiplied with what comes in; biases are only added."""
    return sum(math.prod(w.shape) for w in layer.weights if "kernel" in w.name)


def _places(layer: Any, shape: tuple[int, ...]) -> int:
    """Pixels or steps of a shape without the batch."""
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    return math.prod(shape[1:] if first else shape[:-1])


def _frame(layer: Any, out: tuple[int, ...]) -> tuple[int, ...]:
    return out[1:] if layer.return_sequences else out


def _attention_heads(layer: Any, sizes: list[tuple[int, ...]]) -> int:
    query, value = sizes[0], sizes[1]
    key = sizes[2] if len(sizes) > 2 else value
    asked, steps = math.prod(query[:-1]), math.prod(value[:-1])
    total = 0
    for weight in layer.weights:
        if weight.name == "kernel":
            part = weight.path.split("/")[-2]
            length = math.prod(key[:-1]) if part == "key" else steps if part == "value" else asked
            total += math.prod(weight.shape) * length
    heads = getattr(layer, "num_heads", None) or layer.num_query_heads
    width = getattr(layer, "key_dim", None) or layer.head_dim
    wide = getattr(layer, "value_dim", None) or width
    return total + int(heads) * asked * steps * (int(width) + int(wide))


def _attention(sizes: list[tuple[int, ...]]) -> int:
    query, value = sizes[0], sizes[1]
    return query[0] * value[0] * (query[-1] + value[-1])


def _dot(layer: Any, sizes: list[tuple[int, ...]], out: tuple[int, ...]) -> int:
    axes = layer.axes
    axis = axes[0] if isinstance(axes, (list, tuple)) else axes
    along = sizes[0][axis - 1 if axis > 0 else axis]
    return math.prod(out) * along


def _einsum(layer: Any, came: tuple[int, ...], out: tuple[int, ...]) -> int:
    """All indices of the equation at once: "abc,cd->abd" does a * b * c * d, the batch left out."""
    inputs, kernel = layer.equation.split("->")[0].split(",")
    lengths = dict(zip(reversed(inputs.replace("...", "")), reversed((1, *came)), strict=False))
    lengths.update(zip(kernel, (int(s) for s in layer.kernel.shape), strict=False))
    total = int(math.prod(lengths.values()))
    if "..." in inputs:  # axes without a letter: the leading ones of the output
        total *= math.prod(out[: len(came) - (len(inputs.replace("...", "")))])
    return total
