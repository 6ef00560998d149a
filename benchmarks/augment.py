"""What varying pictures adds to a training step: ours, one transform in the compiled step, beside Keras' own layers one
after another, and the step of a small convolutional net it is added to. In a process of its own, in turn."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .cases import CNN
from .common import Result, child, interleaved

CASES = {"28 x 28 grey, as for digits": (28, 1), "64 x 64 colour, as for photographs": (64, 3)}
ROUNDS, STEPS, BATCH = 5, 20, 32


def measure(rounds: int = ROUNDS) -> Result:
    """figure: the largest share that varying adds to a step of the small net."""
    details: dict[str, Any] = {}
    for name, (side, channels) in CASES.items():
        found = child("benchmarks.augment", str(side), str(channels), str(rounds), str(STEPS))
        ours, keras, net = (1e6 * found[key] / BATCH for key in ("ours", "keras", "net"))
        details[name] = {
            "ours_us_a_picture": round(ours, 1),
            "keras_us_a_picture": round(keras, 1),
            "step_us_a_picture": round(net, 1),
            "added": round(ours / net, 3),
            "times_faster_than_keras": round(keras / ours, 2),
        }
    return Result("augment", max(d["added"] for d in details.values()), "of a training step", details)


def _child(side: int, channels: int, rounds: int, steps: int) -> dict[str, float]:
    """Seconds of a batch, each way."""
    from workbench.engine import devices

    devices.setup()
    import keras
    import tensorflow as tf

    from workbench.core.augmentation import propose
    from workbench.core.project import ImageFeature
    from workbench.engine.augment import vary

    classes = tuple("0123456789") if channels == 1 else ("daisy", "iris")
    augment, _ = propose(classes, ImageFeature(channels=channels))
    rng = np.random.default_rng(0)
    x = tf.constant(rng.random((BATCH, side, side, channels), np.float32))
    y = tf.constant(rng.integers(0, 10, BATCH).astype(np.int32))
    fill = {"fill_mode": "reflect" if augment.border == "mirror" else "nearest", "seed": 1}
    chain = [keras.layers.RandomFlip("horizontal", seed=1)] if augment.horizontal else []
    chain += [
        keras.layers.RandomRotation(augment.rotate / 360, **fill),
        keras.layers.RandomTranslation(augment.shift, augment.shift, **fill),
        keras.layers.RandomZoom(augment.zoom, **fill),
    ]
    if augment.contrast:
        chain.append(keras.layers.RandomContrast(augment.contrast, value_range=(0.0, 1.0), seed=1))
        chain.append(keras.layers.RandomBrightness(augment.brightness, value_range=(0.0, 1.0), seed=1))

    def theirs(step: tf.Tensor) -> tf.Tensor:
        made = x
        for layer in chain:
            made = layer(made, training=True)
        return made

    layers = [getattr(keras.layers, kind)(**params) for kind, params in CNN]
    model = keras.Sequential([keras.Input((side, side, channels)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.train_step((x, y))

    def trained(step: tf.Tensor) -> tf.Tensor:
        return model.train_step((x, y))["loss"]

    ways = [
        _timed(lambda step: vary(x, augment, 0, step, 0.0, 1.0), steps),
        _timed(theirs, steps),
        _timed(trained, steps),
    ]
    return dict(zip(("ours", "keras", "net"), interleaved(rounds, *ways), strict=True))


def _timed(work: Callable[[Any], Any], steps: int) -> Callable[[], float]:
    """A call that gives the seconds of one step of `work`, of many in a compiled loop."""
    import tensorflow as tf

    @tf.function(autograph=False)
    def loop(count: tf.Tensor) -> tf.Tensor:
        def body(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            return i + 1, total + tf.reduce_sum(work(i))

        return tf.while_loop(lambda i, _: i < count, body, (tf.constant(0), tf.constant(0.0)), parallel_iterations=1)[1]

    loop(tf.constant(1))

    def timed() -> float:
        begin = time.perf_counter()
        loop(tf.constant(steps)).numpy()
        return (time.perf_counter() - begin) / steps

    return timed


if __name__ == "__main__":
    print(json.dumps(_child(*(int(argument) for argument in sys.argv[1:]))))
