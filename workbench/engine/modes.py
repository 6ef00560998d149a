"""Which loop a run takes: plain or compiled by XLA, in memory or streamed, epoch by epoch or many epochs a call.

XLA makes dense nets and tables several times faster and small convolutional nets on a CPU ten times slower, and takes
seconds to compile: it is tried only where it can pay, measured, and every variable is put back after the measuring.
Its sums are those of plain Keras within rounding; layers that draw random numbers draw others, as random.
"""

from __future__ import annotations

import time

import keras
import numpy as np
import psutil
import tensorflow as tf

from . import sweep
from .checkpoints import host
from .feed import Encoding, Feed, MemoryFeed, StreamFeed
from .loop import Loops
from .parts import Part

COMPILED, XLA, STREAMED = "compiled loop", "compiled loop, XLA", "streamed"
TEST_BATCH = 256  # of a validation, unless the training batch is larger
MEMORY_SHARE = 0.4  # of the memory that is free; a larger part is streamed
TRIAL_SECONDS = 4.0  # a run expected to be shorter does not try XLA
STEP_SECONDS, WORK_PER_SECOND = 150e-6, 2e10  # of the plain loop on an ordinary core; only to guess a run's length
BENEFIT = 1.3  # XLA must be so many times faster

# Layers that XLA compiles well on a CPU.
_DENSE = {
    "InputLayer",
    "Dense",
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Softmax",
    "Identity",
    "Dropout",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "BatchNormalization",
    "LayerNormalization",
    "UnitNormalization",
    "Rescaling",
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "Concatenate",
    "Dot",
    "Embedding",
}


def must_stream(*parts: Part) -> bool:
    """Whether the parts are too large to be held in memory whole."""
    return sum(p.nbytes for p in parts) > MEMORY_SHARE * psutil.virtual_memory().available


def make_feed(part: Part, coding: Encoding, batch_size: int, *, streamed: bool) -> Feed:
    """The feed of a part."""
    return (StreamFeed if streamed else MemoryFeed)(part.x, part.y, coding, batch_size)


def may_pay(model: keras.Model, train: Feed, epochs: int, device: str) -> bool:
    """Whether XLA is worth a trial: layers it suits, and a run long enough. Static: the same on every run."""
    layers = {type(layer).__name__ for layer in model._flatten_layers(include_self=False)}
    layers -= {"Functional", "Sequential"}
    if device == "cpu" and not layers <= _DENSE:
        return False
    steps = epochs * train.steps
    expected = steps * STEP_SECONDS + epochs * sweep.epoch_work(model, train.rows) / WORK_PER_SECOND
    return expected > TRIAL_SECONDS


def fastest(plain: Loops, compiled: Loops, order: np.ndarray, variables: list[tf.Variable]) -> Loops:
    """Measure both on the first steps of the run, put every variable back, and give the faster one."""
    saved = host(variables)
    times = []
    for loops in (plain, compiled):
        walk = loops.train.walk(order)
        try:
            piece = walk.take(256)
        finally:
            walk.close()
        assert piece is not None
        block, start, most = piece
        loops.train_steps(block, start, 0)  # traces and compiles
        steps, seconds = 1, 0.0
        while seconds < 0.03 and steps < most:
            steps = min(most, steps * 4)
            begin = time.perf_counter()
            loops.train_steps(block, start, steps)
            seconds = time.perf_counter() - begin
        times.append(seconds / steps if seconds else 0.0)
        for variable, value in zip(variables, saved, strict=True):
            variable.assign(value)
    return compiled if times[0] > BENEFIT * times[1] else plain


def all_variables(model: keras.Model) -> list[tf.Variable]:
    """Everything a training step may change."""
    held = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return list({id(v): v for v in held}.values())
