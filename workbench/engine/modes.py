"""Which loop a run takes: plain or compiled by XLA, in memory or streamed, epoch by epoch or many epochs a call.

XLA makes dense nets and tables several times faster and small convolutional nets on a CPU ten times slower, and takes
a second to compile: it is tried only where it can pay, measured, and every variable is put back after the measuring.
What was measured is kept (timings.py): the same run takes the same way each time, and the next one loses no time on it.
Where the layers leave no doubt that XLA pays, nothing is measured and the plain loop is not even traced.
Its sums are those of plain Keras within rounding; layers that draw random numbers draw others, as random.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
import psutil
import tensorflow as tf

from workbench.core.data.memory import available
from workbench.core.facts import Objective
from workbench.core.project import TrainSpec

from . import rates, sweep
from .checkpoints import host
from .control import look
from .encoding import Encoding
from .feed import STREAM_BYTES, Feed, MemoryFeed, StreamFeed
from .held import Held
from .keeper import Keeper, Standing
from .loop import Loops, Pace
from .parts import Part
from .spread import Spread

COMPILED, XLA = "compiled loop", "compiled loop, XLA"
STREAMED, STREAMED_XLA = "streamed", "streamed, XLA"
TEST_BATCH = 256  # of a validation, unless the training batch is larger
TEST_WORK = 6e9  # of a validation batch as `sweep.epoch_work` counts: about 50 ms, so that a stop need not wait for it
STREAM_SHARE = 0.025  # of the memory that is free is a streamed block at most
XLA_BYTES = 350_000_000  # that its compiler takes; where they are not free the whole process would end
MEMORY_SHARE = 0.4  # of the memory that is free; a larger part is streamed
TRIAL_SECONDS = 1.5  # a run expected to be shorter does not try XLA, which takes about 0.8 s to compile
STEP_SECONDS, WORK_PER_SECOND = 150e-6, 1e11  # of the plain loop on an ordinary machine; only to guess a run's length
TURNS, TURN_SECONDS = 4, 0.06  # of the trial, for each way
CLEAR = 2.6  # when one way is so many times faster after half of the turns, the others would not change it
BENEFIT = 1.3  # XLA must be so many times faster
# Where it is certain to be so: nets of these layers were measured, and XLA was 1.65 to 22 times as fast.
# With larger batches and layers both wait for the same products of matrices, and the trial has to tell.
CERTAIN_BATCH, CERTAIN_WORK = 256, 1e8  # rows of a batch, its operations as `sweep.epoch_work` counts
CERTAIN_LAYERS = 8  # with parameters: more take longer to compile
CERTAIN_SECONDS = 3.0  # of the plain loop, as guessed; what is shorter may lose as much to the compilation as it gains

# Layers that XLA was seen to make faster in each such net on a CPU, and those that only join or map numbers, which it
# fuses with them. None that draws random numbers: XLA's take longer (with a dropout of 256 x 128: 0.8 times as fast).
_CERTAIN = {
    "InputLayer",
    "Dense",
    "Flatten",
    "Reshape",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "ELU",
    "Softmax",
    "Identity",
    "BatchNormalization",
    "LayerNormalization",
    "Rescaling",
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "Concatenate",
}
# Others that it compiles well, where the trial has to tell.
_DENSE = _CERTAIN | {
    "Permute",
    "RepeatVector",
    "PReLU",
    "Dropout",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "UnitNormalization",
    "Dot",
    "Embedding",
}
_CERTAIN_OPTIMIZERS = {"SGD", "Adam", "AdamW", "RMSprop", "Lion"}
_CERTAIN_METRICS = {
    "accuracy",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
}


def must_stream(*parts: Part) -> bool:
    """Whether the parts are too large to be held in memory whole."""
    return sum(p.nbytes for p in parts) > MEMORY_SHARE * available()


def reading(parts: Sequence[Part], spread: Spread, streamed: bool | None = None) -> int:
    """How parts are read: 0, whole in memory, or the bytes of a streamed block. The same on all machines, which do as
    many steps in each call. streamed: None to decide by the memory that is free."""
    if streamed is None:
        streamed = must_stream(*parts)
    block = int(max(1, min(STREAM_BYTES, STREAM_SHARE * available())))
    block = 1 << block.bit_length() - 1  # little more or less free memory is no reason to measure and compile anew
    if spread.workers > 1:
        votes, block = spread.sum(np.array([streamed, block if spread.chief else 0], np.int64)).tolist()
        streamed = votes > 0
    return block if streamed else 0


def make_feed(part: Part, coding: Encoding, batch_size: int, *, block: int, rows: Held | None = None) -> Feed:
    """The feed of a part. block: as `reading` says. rows: where those in memory are held for the next run."""
    if not block:
        return MemoryFeed(part.x, part.y, coding, batch_size, part.weights, rows)
    return StreamFeed(part.x, part.y, coding, batch_size, part.weights, block)


def judging_batch(model: keras.Model, batch_size: int, rows: int, replicas: int, most: int = 0) -> int:
    """Rows of a validation batch: many, as long as a batch is quickly done. Static: the same on every run.
    most: no more than that; 0: no limit.

    The last batch has rows for every replica, so that none is counted twice.
    """
    quick = int(TEST_WORK / max(sweep.epoch_work(model, 1), 1.0))
    size = max(batch_size, min(TEST_BATCH, rows, quick))
    size = min(size, most or size)
    while 0 < rows % size < replicas and size > replicas:
        size -= 1
    return size


def may_compile(train: Feed) -> bool:
    """Whether XLA can compile steps with these batches, and has the memory for it."""
    if train.encoding.varies:  # XLA knows no projective transform
        return False
    return isinstance(train, MemoryFeed) or available() > XLA_BYTES


def named(way: Way) -> str:
    """The mode of a run, for its record and for people."""
    held = isinstance(way.loops.train, MemoryFeed)
    if way.loops.xla:
        return XLA if held else STREAMED_XLA
    return COMPILED if held else STREAMED


def may_sweep(settings: TrainSpec, model: keras.Model) -> bool:
    """Whether nothing has to be decided between epochs that a compiled loop over epochs does not know."""
    return not settings.plateau.enabled and not rates.averages(model)


def may_pay(model: keras.Model, train: Feed, epochs: int, device: str) -> bool:
    """Whether XLA is worth a trial: layers it suits, and a run long enough. Static: the same on every run."""
    if not may_compile(train):
        return False
    if device == "cpu" and not _layers(model) <= _DENSE:
        return False
    return _expected(model, train, epochs) > TRIAL_SECONDS


def surely_pays(
    model: keras.Model, train: Feed, epochs: int, settings: TrainSpec, outputs: Sequence[Objective], device: str
) -> bool:
    """Of a run for which `may_pay`: whether the trial could have but one outcome, that XLA is worth its compilation.
    Static: the same on every run. outputs: what each learns."""
    optimizer = model.optimizer
    return (
        device == "cpu"
        and isinstance(train, MemoryFeed)
        and train.batch_size <= CERTAIN_BATCH
        and sweep.epoch_work(model, train.batch_size) <= CERTAIN_WORK
        and _layers(model) <= _CERTAIN
        and sum(bool(layer.weights) for layer in _flat(model)) <= CERTAIN_LAYERS
        and settings.precision == "float32"
        and settings.optimizer in _CERTAIN_OPTIMIZERS
        and not (optimizer.use_ema or optimizer.gradient_accumulation_steps)
        and all(set(each.metrics) <= _CERTAIN_METRICS for each in outputs)
        and _expected(model, train, epochs) > CERTAIN_SECONDS
    )


def _flat(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers of a model, without the models inside it whose layers are among them."""
    return [layer for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)]


def _layers(model: keras.Model) -> set[str]:
    return {type(layer).__name__ for layer in _flat(model)}


def _expected(model: keras.Model, train: Feed, epochs: int) -> float:
    """Seconds of a run in the plain loop, guessed."""
    return epochs * (train.steps * STEP_SECONDS + sweep.epoch_work(model, train.rows) / WORK_PER_SECOND)


@dataclass(frozen=True, eq=False)
class Way:
    """One way of computing a run. sweeps: only where its epochs are small enough to be run many at a time."""

    loops: Loops
    sweeps: sweep.Sweeps | None

    def trace(self) -> None:
        """Trace and compile all that training will call, without doing a step."""
        (self.sweeps or self.loops).trace()


def way(loops: Loops, keeper: Keeper, *, begins: bool) -> Way:
    """The way of a run with these loops. begins: at the start of an epoch, where sweeps can set in."""
    swept = begins and loops.spread.one and sweep.suits(loops.model, loops.train, loops.validation)
    return Way(loops, sweep.Sweeps(loops, keeper) if swept else None)


@dataclass(frozen=True)
class Timing:
    """What a step takes in the plain loop and with XLA, and what XLA takes to compile: seconds.

    others: share of the machine that other programs had meanwhile, 0 to 1.
    """

    plain: float
    compiled: float
    compiling: float
    others: float = 0.0

    def pays(self, steps: int) -> bool:
        """Whether XLA is worth its compilation in a run of so many steps."""
        return self.plain > BENEFIT * self.compiled and steps * (self.plain - self.compiled) > self.compiling


def measured(plain: Way, compiled: Way, seed: int, variables: list[tf.Variable]) -> Timing:
    """Measure both in turns, on the calls the run itself will make, and put every variable back.

    Turns, and many calls in each: what another program takes, or what only some calls meet, is seen for both.
    """
    saved = host(variables)
    taken: dict[Way, list[tuple[int, float]]] = {plain: [], compiled: []}
    calls = {each: calls_of(each, seed) for each in taken}
    plain.trace()
    look()
    began, before = time.perf_counter(), processor()
    compiled.trace()
    look()
    compiling = time.perf_counter() - began
    for turn in range(TURNS):
        for each, call in calls.items():
            until = time.perf_counter() + TURN_SECONDS
            while time.perf_counter() < until:
                taken[each].append(next(call))
                look()
        ratio = _step_seconds(taken[plain]) / _step_seconds(taken[compiled])
        if 2 * (turn + 1) >= TURNS and not 1 / CLEAR < ratio < CLEAR:
            break
    for call in calls.values():
        call.close()
    plain.loops.train.one_pass()
    for variable, value in zip(variables, saved, strict=True):
        variable.assign(value)
    return Timing(_step_seconds(taken[plain]), _step_seconds(taken[compiled]), compiling, others_share(before))


def processor() -> tuple[float, float, float]:
    """Seconds so far that the machine's processors worked, that they worked or waited, and that this process had."""
    times, own = psutil.cpu_times(), psutil.Process().cpu_times()
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return whole - times.idle - getattr(times, "iowait", 0.0), whole, own.user + own.system


def others_share(before: tuple[float, float, float]) -> float:
    """The share of the machine that other programs had since `processor` said that."""
    busy, whole, own = (now - then for now, then in zip(processor(), before, strict=True))
    return min(1.0, max(0.0, (busy - own) / whole)) if whole > 0 else 0.0


def _step_seconds(taken: list[tuple[int, float]]) -> float:
    """Of a step, from (steps, seconds) of calls: the lower quartile of the long ones, as a busy machine only adds."""
    most = max(steps for steps, _ in taken)
    return float(np.quantile([seconds / steps for steps, seconds in taken if 2 * steps >= most], 0.25))


def calls_of(each: Way, seed: int) -> Generator[tuple[int, float]]:
    """Train as a run would, call by call, for ever; gives the steps each call did and its seconds."""
    loops, pace = each.loops, Pace()
    for epoch in itertools.count():
        order = loops.train.order(seed, epoch)
        if each.sweeps is not None:
            orders = np.stack([order] * min(pace.steps, each.sweeps.capacity))
            began = time.perf_counter()
            done = each.sweeps.run(orders, epoch, Standing()).epochs
            seconds = time.perf_counter() - began
            pace.took(done, seconds)
            yield done * loops.train.steps, seconds
            continue
        walk = loops.train.walk(order)
        try:
            while (piece := walk.take(pace.steps)) is not None:
                began = time.perf_counter()
                done = len(loops.train_steps(*piece))
                seconds = time.perf_counter() - began
                pace.took(done, seconds)
                yield done, seconds
        finally:
            walk.close()


def all_variables(model: keras.Model) -> list[tf.Variable]:
    """Everything a training step may change."""
    held = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return list({id(v): v for v in held}.values())


@contextmanager
def unchanged(model: keras.Model) -> Iterator[None]:
    """Puts back what a pass without a step changes: averages, states of random draws, metrics."""
    variables = [*model.non_trainable_variables, *model.metrics_variables]
    kept = host(variables)  # not computed, as -0.0 + 0 is 0.0: to the last bit
    try:
        yield
    finally:
        for variable, value in zip(variables, kept, strict=True):
            variable.assign(value)
