"""What a training will take, before it starts: seconds, memory and size, measured on one batch of made-up rows."""

from __future__ import annotations

import contextlib
import copy
import time
from pathlib import Path

import numpy as np
import psutil
import tensorflow as tf

from workbench.core.data.memory import available
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.project import Graph, TrainSpec
from workbench.link.messages import Forecasted

from . import assemble, devices
from .feed import BLOCK_INDICES, MemoryFeed
from .loop import Loops, Pace
from .modes import MEMORY_SHARE, Timing, may_compile, may_pay
from .remaining import FORWARD

TRIAL_SECONDS = 0.4  # after the first step, which compiles
BLOCK_STEPS = 128  # at most, of a call
SPARE = 0.9  # of the free memory may be used
_PROCESS = Path("/proc/self")


def forecast(graph: Graph, facts: DataFacts, train: TrainSpec) -> Forecasted:
    """Build the model, train on one made-up batch for a moment, and reckon from that. Nothing is kept.

    Where the run itself would try XLA it is tried here. Many small epochs at a time may still be faster.

    Raises:
        GraphError, TrainError: it cannot be trained as it is.
    """
    place, device, _ = devices.placed(train.device)
    found = assemble.resolved(graph, facts, train)
    rows = max(1, facts.rows.get("train", 0))
    size = min(train.batch_size, rows)
    steps = -(-rows // size)
    data = rows * sum(int(np.prod(i.shape)) * np.dtype(i.dtype).itemsize for i in facts.inputs)
    free = available()
    held = data if data <= MEMORY_SHARE * free else 0  # larger parts are streamed
    expected = found.training_memory + held
    weights = found.parameters * 4
    card = device.startswith("gpu")
    if not card and expected > SPARE * free:  # measuring it could end this process
        fixed = expected - _of_rows(found.memory, size)
        smaller = _fitting(size, fixed, _of_rows(found.memory, 1), SPARE * free)
        return Forecasted(0.0, 0.0, 0.0, weights, expected, free, size, device, False, smaller)
    with tf.device(place or None):
        try:
            seconds, plain, grown = _measure(graph, facts, train, found.loss, found.metrics, size, device)
        except (tf.errors.ResourceExhaustedError, MemoryError):
            return Forecasted(0.0, 0.0, 0.0, weights, expected, 0 if card else free, size, device, False, size // 2)
    memory = max(grown, 3 * weights) + held
    fits = card or memory <= SPARE * free
    judged = FORWARD * facts.rows.get("validation", 0) / size  # steps of the plain loop, which validates
    epoch = seconds * steps + plain * judged
    smaller, whole = 0 if fits else size // 2, epoch * train.epochs
    return Forecasted(seconds, epoch, whole, weights, memory, 0 if card else free, size, device, fits, smaller)


def _of_rows(one_row: int | None, rows: int) -> int:
    return 2 * (one_row or 0) * rows  # kept for the way back


def _fitting(size: int, fixed: float, each: float, free: float) -> int:
    """The largest half, quarter, ... of a batch size that fits; 0 when none does."""
    while size > 1:
        size //= 2
        if fixed + size * each <= free:
            return size
    return 0


def _measure(
    graph: Graph, facts: DataFacts, train: TrainSpec, loss: str, metrics: tuple[str, ...], size: int, device: str
) -> tuple[float, float, int]:
    """Seconds of a step as the run will do it and in the plain loop, and bytes that building and training took."""
    if facts.target is None:
        raise TrainError("There is no target to learn.", where="target", remedy="Choose one on the Features page.")
    rng = np.random.default_rng(0)
    x = {i.name: _made_up(rng, (size, *i.shape), i.dtype) for i in facts.inputs}
    answers = [_answers(rng, target, size) for target in facts.targets]
    y = answers[0] if len(answers) == 1 else np.stack([a.reshape(-1) for a in answers], 1).astype(np.float32)
    card = device.startswith("gpu")
    before = _mark(card)
    made = assemble.assemble(graph, facts, train, loss, metrics)
    feed = MemoryFeed(x, y, made.encoding, size)
    assemble.build_state(made.model, feed.sample())
    loops = Loops(made.model, feed, None, xla=False)
    plain, _ = _trial(loops, size)
    whole = copy.copy(feed)  # what the choice depends on: the size of the run
    whole.rows = max(size, facts.rows.get("train", 0))
    whole.steps = -(-whole.rows // size)
    seconds = plain
    if train.compiler == "on" and may_compile(feed):
        seconds, _ = _trial(loops.compiled(), size)
    elif train.compiler == "auto" and may_pay(made.model, whole, train.epochs, device):
        compiled, compiling = _trial(loops.compiled(), size)
        seconds = compiled if Timing(plain, compiled, compiling).pays(train.epochs * whole.steps) else plain
    return seconds, plain, max(0, _peak(card) - before)


def _trial(loops: Loops, size: int) -> tuple[float, float]:
    """Seconds of a step, and of the first call, which compiles."""
    # The same batch again and again, as many times a call as the run itself would do it: what a call costs is shared.
    most = max(1, min(BLOCK_STEPS, BLOCK_INDICES // size))
    block = tf.constant(np.tile(np.arange(size, dtype=np.int32), (most, 1)))
    taken: list[float] = []
    pace, until, first = Pace(), 0.0, 0.0
    while not taken or time.perf_counter() < until:
        began, steps = time.perf_counter(), min(pace.steps, most)
        loops.train_steps(block, 0, steps)
        seconds = time.perf_counter() - began
        taken.append(seconds / steps)
        if len(taken) == 1:
            until, first = time.perf_counter() + TRIAL_SECONDS, seconds
        else:  # the first compiles
            pace.took(steps, seconds)
    steady = taken[1:] or taken
    return float(np.median(steady[len(steady) // 2 :])), first


def _answers(rng: np.random.Generator, target: TargetFacts, size: int) -> np.ndarray:
    if target.task == "classification":
        return rng.integers(0, max(1, len(target.classes)), size).astype(np.int32)
    if target.task == "reconstruction":  # the input itself
        return np.zeros((size, 0), np.float32)
    return rng.standard_normal((size, 1), np.float32)


def _made_up(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    kind = np.dtype(dtype)
    return rng.integers(0, 2, shape).astype(kind) if kind.kind in "iub" else rng.standard_normal(shape).astype(kind)


def _mark(card: bool) -> int:
    """Begin to look for the highest memory from here on; bytes now."""
    if card:
        tf.config.experimental.reset_memory_stats("GPU:0")
        return int(tf.config.experimental.get_memory_info("GPU:0")["current"])
    with contextlib.suppress(OSError):  # not Linux: the memory after it is all that can be seen
        (_PROCESS / "clear_refs").write_text("5")  # proc(5): resets the peak resident set
    return int(psutil.Process().memory_info().rss)


def _peak(card: bool) -> int:
    if card:
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    try:
        lines = (_PROCESS / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return int(psutil.Process().memory_info().rss)
