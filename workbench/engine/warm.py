"""The first step of any model is slow: TensorFlow sets up threads, memory and kernels, Keras imports its parts late.
Done once on a tiny model while the person still looks at the start page."""

from __future__ import annotations

import functools

import numpy as np

from workbench.core.facts import InputFacts

from .devices import BUILDING


@functools.cache
def warm_up() -> None:
    """Trace and run one step of a tiny net, once in a process; nothing is kept."""
    import keras

    from . import assemble, trainer  # noqa: F401  their imports are part of the waiting
    from .encoding import Encoding
    from .feed import MemoryFeed
    from .loop import Loops

    with BUILDING:
        inputs = keras.Input((2,), name="x")
        model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
        model.compile(optimizer="adam", loss="mean_squared_error", metrics=["mean_absolute_error"])
    coding = Encoding((("x", InputFacts("x", "table", (2,))),), "column")
    feed = MemoryFeed({"x": np.zeros((4, 2), np.float32)}, np.zeros((4, 1), np.float32), coding, 4)
    assemble.build_state(model, feed.sample())
    loops = Loops(model, feed, None, xla=False)
    walk = feed.walk(np.arange(4))
    piece = walk.take(1)
    assert piece is not None
    loops.train_steps(*piece)
