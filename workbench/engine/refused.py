"""What Keras takes and then cannot compute, cannot save or computes otherwise than it says: told before, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.core.catalog import find_object, is_number, load_catalog, object_parts
from workbench.core.project import Json

from .plain_words import WANTS, Shape, describe


def why_not_settings(kind: str, params: Mapping[str, Json]) -> str:
    """Why a layer cannot have these settings; "" when nothing is known against them."""
    if kind == "RandomShear":
        for name in ("x_factor", "y_factor"):
            if is_number(params.get(name)) and params[name]:
                return f"{name} needs two numbers, such as 0, {params[name]:g}: Keras cannot open a file with only one."
    if kind == "MelSpectrogram" and int(params.get("fft_length") or 0) % 2:
        return "fft_length has to be an even number."
    for name, value in params.items():
        several = value if name == "cells" and isinstance(value, (list, tuple)) else [value]
        for inner in map(object_parts, several) if name in ("layer", "cell", "cells") else ():
            if inner is not None and (text := why_not_settings(*inner)):
                return f"{inner[0]}: {text}"
        if text := _why_not_of_axes(kind, name, value, params):
            return text
    return ""


_TABLES = (
    "kernel",
    "recurrent",
    "embeddings",
    "depthwise",
    "pointwise",
)  # weights of two axes or more; others have one
_OF_TWO = {
    *("Dense", "Embedding", "ReversibleEmbedding", "SimpleRNN", "LSTM", "GRU"),
    *("SimpleRNNCell", "LSTMCell", "GRUCell"),
}
_PICKY = {"Identity": True, "Orthogonal": False, "OrthogonalRegularizer": True}  # two axes, or two or more


def _why_not_of_axes(kind: str, name: str, value: Json, params: Mapping[str, Json]) -> str:
    """Some initializers and regularizers are for weights of two axes; Keras tells it when these are made or trained."""
    weights, _, group = name.rpartition("_")
    parts = object_parts(value) if group in ("initializer", "regularizer") else None
    chosen = find_object(load_catalog(), f"{group}s", parts[0]) if parts else None
    if chosen is None or chosen.name not in _PICKY:
        return ""
    if weights not in _TABLES:
        return f"{chosen.title} is for tables of weights, which {weights.replace('_', ' ')} is not: take another one."
    axes = str(params.get("equation", "")).partition(",")[2].partition("->")[0].strip() if kind == "EinsumDense" else ""
    if not _PICKY[chosen.name] or kind in _OF_TWO or (len(axes) == 2 and "." not in axes):
        return ""
    return (
        f"{chosen.title} is for weights of two axes, as of a Dense layer; those of {kind} have more: take another one."
    )


def why_not_input(kind: str, params: Mapping[str, Json], shapes: Sequence[Shape]) -> str:
    """Why a layer cannot work on inputs of these shapes, batch first; "" when nothing is known against them."""
    shape = shapes[0] if shapes else ()
    axes = len(shape) - 1
    if kind == "EinsumDense":
        letters = str(params.get("equation", "")).partition(",")[0].strip()
        if letters.isalpha() and len(letters) != axes + 1:
            return (
                f"The equation begins with {letters}, the batch and {len(letters) - 1} more, but it gets "
                f"{describe(shape)}: give it a letter for each axis."
            )
    if kind == "CategoryEncoding" and axes > 1 and params.get("output_mode") != "one_hot":
        return (
            f"CategoryEncoding needs {WANTS[1]} to count categories in, but gets {describe(shape)}: flatten it first."
        )
    if kind == "CategoryEncoding" and axes > 1 and shape[-1] != 1:
        return f"CategoryEncoding gives one_hot of single categories, but gets {describe(shape)}: flatten it first."
    if kind in ("MultiHeadAttention", "GroupQueryAttention", "RNN"):
        wrong = [s for s in shapes if len(s) < 3 or (len(s) > 3 and kind != "MultiHeadAttention")]
        if wrong:
            return f"{kind} needs {WANTS[2]}, but gets {describe(wrong[0])}."
    return _why_not_inside(kind, params, shapes)


def _why_not_inside(kind: str, params: Mapping[str, Json], shapes: Sequence[Shape]) -> str:
    """Why the layer inside another one cannot work on what it gets there; "" when it can, or there is none."""
    parts = object_parts(params.get("layer")) if kind in ("TimeDistributed", "SpectralNormalization") else None
    entry = load_catalog().layers.get(parts[0]) if parts else None
    if entry is None or not entry.rank or not shapes:
        return ""
    shape = shapes[0]
    if kind == "TimeDistributed":
        if len(shape) < 3:
            return f"TimeDistributed needs steps, each with something in it, but gets {describe(shape)}."
        each = (shape[0], *shape[2:])
        if len(each) - 1 == entry.rank:
            return ""
        return f"{entry.name} inside needs {WANTS[entry.rank]} at each step, but each step holds {describe(each)}."
    if len(shape) - 1 == entry.rank:
        return ""
    return f"{entry.name} inside needs {WANTS[entry.rank]}, but gets {describe(shape)}."
