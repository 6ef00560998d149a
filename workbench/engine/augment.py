"""Training pictures varied inside the compiled step: mirrored, turned, moved, zoomed, lighter, noisier.

What is drawn for a step follows from the seed and the number of the step alone (stateless draws), so a run that goes
on from a checkpoint sees the same pictures as one that was never stopped. All moves are one projective transform with
bilinear sampling, so that a picture is sampled once.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from workbench.core import augmentation
from workbench.core.facts import InputFacts
from workbench.core.project import Augmentation

if TYPE_CHECKING:
    from .spread import Share

_FILL = {"repeat": "NEAREST", "mirror": "REFLECT", "black": "CONSTANT"}
_DRAWS = 8  # numbers drawn for each picture
_MEASURED = 800_000  # numbers, about 10 ms: enough that the calls themselves do not count
_NOISE = 0x5EED_A17  # keeps the noise's stream apart from that of the draws


def vary(
    pictures: tf.Tensor,
    augment: Augmentation,
    seed: int,
    step: tf.Tensor,
    low: float,
    high: float,
    share: Share | None = None,
) -> tf.Tensor:
    """Varied pictures, in the graph.

    Args:
        pictures: float32 (n, height, width, channels), black is `low` and white is `high`.
        seed: of the run. step: scalar integer tensor, the number of the training step.
        share: of a replica that has only these rows of the batch; they are varied as they would be in the whole one.
    """
    key = tf.stack([tf.constant(seed % 2**31, tf.int32), tf.cast(step, tf.int32)])
    count = tf.shape(pictures)[0] if share is None else share.rows
    drawn = tf.random.stateless_uniform([count, _DRAWS], key, -1.0, 1.0, alg="philox")
    drawn = drawn if share is None else share.take(drawn)
    made = _recoloured(_moved(pictures, augment, drawn, low), augment, drawn, low, high)
    if augment.noise:
        stream = tf.bitwise.bitwise_xor(key, tf.constant([_NOISE, 0], tf.int32))
        noise = tf.random.stateless_normal([count, *pictures.shape[1:]], stream, alg="philox")
        made = made + (high - low) * augment.noise * (noise if share is None else share.take(noise))
    coloured = augment.contrast or augment.brightness or augment.noise
    return tf.clip_by_value(made, low, high) if coloured else made


def _moved(pictures: tf.Tensor, augment: Augmentation, drawn: tf.Tensor, low: float) -> tf.Tensor:
    """Where the input is a picture's row and column seen from its middle:
    input = turn(angle) * zoom * mirror * output + shift."""
    flips = ((augment.horizontal, 0, 2), (augment.vertical, 1, 1))
    if not (augment.rotate or augment.shift or augment.zoom):
        for asked, place, axis in flips:
            if asked:
                half = drawn[:, place, None, None, None] < 0.0
                pictures = tf.where(half, tf.reverse(pictures, [axis]), pictures)
        return pictures
    height, width = int(pictures.shape[1]), int(pictures.shape[2])
    signs = [tf.where(drawn[:, place] < 0.0, -1.0, 1.0) if asked else 1.0 for asked, place, _ in flips]
    angle = drawn[:, 2] * (augment.rotate * math.pi / 180.0)
    size = 1.0 + augment.zoom * drawn[:, 3]
    cos, sin = tf.cos(angle) * size, tf.sin(angle) * size
    a0, a1 = cos * signs[0], -sin * signs[1]
    b0, b1 = sin * signs[0], cos * signs[1]
    x, y = (width - 1) / 2.0, (height - 1) / 2.0
    a2 = x + augment.shift * width * drawn[:, 4] - a0 * x - a1 * y
    b2 = y + augment.shift * height * drawn[:, 5] - b0 * x - b1 * y
    zero = tf.zeros_like(a0)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pictures,
        transforms=tf.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1),
        output_shape=tf.constant([height, width], tf.int32),
        fill_value=tf.constant(low, tf.float32),
        interpolation="BILINEAR",
        fill_mode=_FILL[augment.border],
    )


def _recoloured(pictures: tf.Tensor, augment: Augmentation, drawn: tf.Tensor, low: float, high: float) -> tf.Tensor:
    added = (high - low) * augment.brightness * drawn[:, 7, None, None, None]
    if augment.contrast:  # mean + (picture - mean) * factor, in one pass over the picture
        mean = tf.reduce_mean(pictures, axis=[1, 2], keepdims=True)
        factor = 1.0 + augment.contrast * drawn[:, 6, None, None, None]
        return pictures * factor + (mean * (1.0 - factor) + added)
    return pictures + added if augment.brightness else pictures


def varied_input(
    tensor: tf.Tensor, facts: InputFacts, augment: Augmentation, seed: int, step: tf.Tensor, share: Share | None
) -> tf.Tensor:
    """One model input of a training batch: varied when it is pictures, else as it is; in the graph."""
    if facts.kind != "image" or len(facts.shape) != 3 or not augmentation.active(augment):
        return tensor
    return vary(tensor, augment, seed, step, facts.offset, 255.0 * facts.scale + facts.offset, share)


def examples(pictures: np.ndarray, augment: Augmentation, seed: int) -> np.ndarray:
    """What a step of that number makes of uint8 pictures (n, height, width, channels), as uint8 again, to be looked at.

    Raises:
        FeatureError: a setting is out of its range.
    """
    augmentation.check(augment)
    tensor = tf.constant(np.asarray(pictures, np.float32))
    made = vary(tensor, augment, 0, tf.constant(seed, tf.int32), 0.0, 255.0)
    return np.asarray(tf.round(made)).astype(np.uint8)


def cost(picture: np.ndarray, augment: Augmentation) -> float:
    """Seconds that varying one such picture (height, width, channels) takes in a batch, measured."""
    count = max(1, _MEASURED // max(1, picture.size))
    batch = tf.constant(np.broadcast_to(picture[None], (count, *picture.shape)).astype(np.float32))
    began = time.perf_counter()
    vary(batch, augment, 0, tf.constant(0), 0.0, 255.0).numpy()
    return (time.perf_counter() - began) / count
