"""What is put in front of a network of series in an exported file: windows in their own units in, scaled ones out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.data.preprocess import SEQUENCE_INPUT, Preprocessor
from workbench.core.data.sequence_windows import FittedSequence, scaled

if TYPE_CHECKING:
    import keras

Arrays = dict[str, np.ndarray[Any, Any]]

_PADDING = {"repeat": "by its first step again", "mean": "with NaN", "drop": "by its first step again"}
_FILLING = {
    "linear": "missing values within a series by straight lines between the known ones",
    "forward": "missing values by the last known one",
    "mean": "missing values are left as NaN",
}


def scaling(fitted: FittedSequence) -> tuple[dict[str, Any], Any]:
    """({input name: tensor}, scaled tensor): (value - offset) / scale of each channel, NaN as the training mean."""
    import keras

    window = keras.Input(fitted.shape, name=SEQUENCE_INPUT, dtype="float32")
    # In two layers: for large offsets the difference must be taken before anything is rounded.
    moved = keras.layers.Rescaling(1.0, [-o for o in fitted.offset], name="channel_offset")(window)
    x = keras.layers.Rescaling([1.0 / s for s in fitted.scale], 0.0, name="channel_scale")(moved)
    return {SEQUENCE_INPUT: window}, keras.ops.where(keras.ops.isnan(x), keras.ops.zeros_like(x), x)


def raw_windows(preprocessor: Preprocessor, stored: Arrays) -> tuple[Arrays, Arrays]:
    """Prepared windows in their own units, one value of the first missing; and those scaled again by the workbench."""
    fitted = preprocessor.sequence
    assert fitted is not None
    raw = (stored[SEQUENCE_INPUT] * np.asarray(fitted.scale) + np.asarray(fitted.offset)).astype(np.float32)
    raw[:1, :1, :1] = np.nan
    return {SEQUENCE_INPUT: raw}, {SEQUENCE_INPUT: scaled(raw.astype(np.float64), fitted)}


def how(fitted: FittedSequence) -> str:
    """In words, for somebody who has the card and no workbench, what a window is."""
    feature = fitted.feature
    rate = f"{feature.rate:g} steps a second" if feature.rate > 0 else "steps as recorded"
    ahead = f" The answer is for {feature.horizon} steps after the last one." if feature.horizon else ""
    return (
        f"{feature.length} steps in the order of time, {rate}; channels in order: {', '.join(fitted.channels)}. "
        f"In their own units; {_FILLING[feature.missing]}. A shorter series is padded in front, "
        f"{_PADDING[feature.pad]}.{ahead} For a whole series: a window every {feature.stride} steps, the mean of the "
        "answers."
    )


def one_at_a_time(model: keras.Model) -> dict[str, Any]:
    """What `model.export` is told for LiteRT: where layers go through a window step by step, a batch of 1."""
    import keras
    import tensorflow as tf

    recurrent = any(isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional)) for layer in _layers(model))
    if not recurrent:
        return {}
    given = {t.name: tf.TensorSpec((1, *t.shape[1:]), t.dtype, name=t.name) for t in model.inputs}
    return {"input_signature": [given]}


def _layers(model: keras.Model) -> list[Any]:
    return [inner for layer in model.layers for inner in (_layers(layer) if hasattr(layer, "layers") else [layer])]
