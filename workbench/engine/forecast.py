"""What a training will take, before it starts: seconds, memory and size, measured for a moment on made-up rows.

It computes as the run would: step by step or many small epochs in a call, with XLA where that is tried and pays, with
pictures varied, batches of the validation, a copy of the best weights and a look inside. So memory is that of the
compilers too.
"""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import tensorflow as tf

from workbench.core.data.memory import available
from workbench.core.errors import OutOfMemory, TrainError
from workbench.core.facts import DataFacts, GraphFacts, TargetFacts
from workbench.core.project import Augmentation, Graph, TrainSpec
from workbench.link.messages import Forecasted

from . import assemble, devices, modes, probe
from .encoding import AS_IT_IS, Encoding
from .feed import BLOCK_INDICES, STREAM_BYTES, MemoryFeed
from .keeper import Keeper, Standing, rule
from .loop import Loops, Pace
from .short_of_memory import OUT_OF_MEMORY
from .sweep import SWEEP_STEPS, Sweeps

TRIAL_SECONDS = 0.4  # after the first call, which compiles
JUDGING_SECONDS = 0.15  # likewise, of the validation
BLOCK_STEPS = 128  # at most, of a call
BLOCKS = 4  # that are held at once where a part is streamed
SPARE = 0.9  # of the free memory may be used
CLEARLY_LESS = 0.75  # of the memory that was not there, when nobody knows how much there is
_PROCESS = Path("/proc/self")


def forecast(graph: Graph, facts: DataFacts, train: TrainSpec, augment: Augmentation = AS_IT_IS) -> Forecasted:
    """Build the model, train on one made-up batch for a moment, and reckon from that. Nothing is kept.
    augment: how training pictures are varied.

    Where the run itself would try XLA it is tried here. Many small epochs at a time may still be faster.

    Raises:
        GraphError, TrainError: it cannot be trained as it is.
    """
    place, device, _ = devices.placed(train.device)
    found = assemble.resolved(graph, facts, train)
    rows = max(1, facts.rows.get("train", 0))
    size = min(train.batch_size, rows)
    steps = -(-rows // size)
    row = sum(int(np.prod(i.shape)) * np.dtype(i.dtype).itemsize for i in facts.inputs)
    data = row * (rows + facts.rows.get("validation", 0))
    free = available()
    block = min(STREAM_BYTES, int(modes.STREAM_SHARE * free))
    held = data if data <= modes.MEMORY_SHARE * free else BLOCKS * block  # larger parts are streamed
    expected = found.training_memory + held
    weights = found.parameters * 4
    card = device.startswith("gpu")
    shown = 0 if card else free

    def unfit(step: float, epoch: float, memory: int, limit: float = SPARE * free) -> Forecasted:
        fixed = memory - min(memory, _of_rows(found.memory, size))
        smaller, layer = _remedy(graph, found, size, fixed, limit)
        whole = epoch * train.epochs
        return Forecasted(step, epoch, whole, weights, memory, shown, size, device, False, smaller, layer)

    if not card and expected > SPARE * free:  # measuring it could end this process
        return unfit(0.0, 0.0, expected)
    with tf.device(place or None):
        try:
            measured = _measure(_Plan(graph, facts, train, augment, found, size), device)
        except (*OUT_OF_MEMORY, OutOfMemory):
            return unfit(0.0, 0.0, expected, CLEARLY_LESS * expected)
    memory = max(measured.grown, 3 * weights) + held
    epoch = measured.step * steps + measured.judging
    if not card and memory > SPARE * free:
        return unfit(measured.step, epoch, memory)
    return Forecasted(measured.step, epoch, epoch * train.epochs, weights, memory, shown, size, device)


def _of_rows(one_row: int | None, rows: int) -> int:
    return 2 * (one_row or 0) * rows  # kept for the way back


def _remedy(graph: Graph, found: GraphFacts, size: int, fixed: float, free: float) -> tuple[int, str]:
    """The largest half, quarter, ... of a batch size that fits and ""; or 0 and the layer to be made smaller, where no
    batch is small enough: the one with the most weights, or that gives the most for a row; "" where that is the last,
    whose size is not to be chosen.

    fixed: bytes that do not follow from the size of the batch.
    """
    each = _of_rows(found.memory, 1)
    while size > 1:
        size //= 2
        if each and fixed + size * each <= free:
            return size, ""
    by_weights = fixed > free or fixed >= each
    sizes = {i: node.parameters if by_weights else node.memory or 0 for i, node in found.nodes.items()}
    largest = max(sizes, key=lambda i: sizes[i], default="")
    names = {node.id: node.name for node in graph.nodes}
    outputs = {node.id for node in graph.nodes if node.kind == "Output"}
    ends = {wire.source for wire in graph.wires if wire.target in outputs}
    return 0, names.get(largest, "") if sizes.get(largest) and largest not in ends else ""


@dataclass(frozen=True)
class _Plan:
    """What is to be trained. size: of a batch."""

    graph: Graph
    facts: DataFacts
    train: TrainSpec
    augment: Augmentation
    found: GraphFacts
    size: int


@dataclass(frozen=True)
class _Measured:
    """Seconds of a step, as the run will do it, and of the validation of an epoch, unless that is in the steps; bytes
    that building, compiling and training took."""

    step: float
    judging: float
    grown: int


def _measure(plan: _Plan, device: str) -> _Measured:
    facts, train, size = plan.facts, plan.train, plan.size
    if facts.target is None:
        raise TrainError("There is no target to learn.", where="target", remedy="Choose one on the Features page.")
    rows, judged = max(size, facts.rows.get("train", 0)), facts.rows.get("validation", 0)
    card = device.startswith("gpu")
    before = _mark(card)
    made = assemble.assemble(plan.graph, facts, train, plan.found.loss, plan.found.metrics)
    coding = replace(made.encoding, augment=plan.augment, seed=train.seed)
    test_size = modes.judging_batch(made.model, train.batch_size, judged, 1) if judged else 0
    small = -(-rows // size) + (-(-judged // test_size) if judged else 0) <= SWEEP_STEPS
    feed = _feed(facts, coding, rows if small else size, size)
    test = _feed(facts, made.encoding, judged if small else test_size, test_size) if judged else None
    assemble.build_state(made.model, feed.sample())
    loops = Loops(made.model, feed, test, xla=False)
    watch, _ = rule(replace(train.early_stopping, enabled=False), loops.names, judged > 0)
    keeper = Keeper(made.model, watch)
    begins = small and modes.may_sweep(train, made.model)
    way = modes.way(loops, keeper, begins=begins)
    whole = copy.copy(feed)  # what the choice depends on: the size of the run
    whole.rows, whole.steps = rows, -(-rows // size)
    seconds = _step_seconds(plan, whole, way, modes.way(loops.compiled(), keeper, begins=begins), device)
    judging = 0.0
    if test is not None and way.sweeps is None:
        judging = _judging(loops, test) * judged / test.batch_size
    if way.sweeps is None:
        _trace_others(loops, feed, test, facts)
    if train.probes != "off":
        with contextlib.suppress(ValueError, TypeError, AttributeError):  # a model that cannot be looked into
            probe.rehearse(made.model, feed, test)
    return _Measured(seconds, judging, max(0, _peak(card) - before))


def _trace_others(loops: Loops, feed: MemoryFeed, test: MemoryFeed | None, facts: DataFacts) -> None:
    """Make the loops of a run that were not tried, for what each takes in memory: over the smaller last batches, and
    over the test part."""
    if tail := facts.rows.get("train", 0) % feed.batch_size:
        loops.train_steps(tf.zeros((1, tail), tf.int32), 0, 0)
    if test is None:
        return
    if tail := facts.rows.get("validation", 0) % test.batch_size:
        loops.test_steps(tf.zeros((1, tail), tf.int32), 0, 0)
    scored = facts.rows.get("test", 0)
    scores = Loops(loops.model, test, test, xla=False)
    for size in {min(scored, test.batch_size), scored % test.batch_size} - {0}:
        scores.test_steps(tf.zeros((1, size), tf.int32), 0, 0)


def _feed(facts: DataFacts, coding: Encoding, rows: int, size: int) -> MemoryFeed:
    """Made-up rows."""
    rng = np.random.default_rng(0)
    x = {i.name: _made_up(rng, (rows, *i.shape), i.dtype) for i in facts.inputs}
    answers = [_answers(rng, target, rows) for target in facts.targets]
    y = answers[0] if len(answers) == 1 else np.stack([a.reshape(-1) for a in answers], 1).astype(np.float32)
    return MemoryFeed(x, y, coding, size)


def _step_seconds(plan: _Plan, whole: MemoryFeed, plain: modes.Way, tried: modes.Way, device: str) -> float:
    """Seconds of a step in the way of computing that the run will take. whole: a feed of the run's size."""
    train, model = plan.train, plain.loops.model
    able = plain.loops.spread.one and modes.may_compile(whole)
    pays = able and train.compiler == "auto" and modes.may_pay(model, whole, train.epochs, device)
    sure = pays and tried.sweeps is None
    sure = sure and modes.surely_pays(model, whole, train.epochs, train, plan.found.outputs, device)
    if sure or (able and train.compiler == "on"):
        return _trial(tried, plan.size)[0]
    seconds, _ = _trial(plain, plan.size)
    if pays:
        compiled, compiling = _trial(tried, plan.size)
        if modes.Timing(seconds, compiled, compiling).pays(train.epochs * whole.steps):
            return compiled
    return seconds


def _trial(way: modes.Way, size: int) -> tuple[float, float]:
    """Seconds of a step, and of the first call, which compiles."""
    if way.sweeps is not None:
        each, first = _timed(lambda count: _epochs(way.sweeps, count), Pace(4), way.sweeps.capacity, TRIAL_SECONDS)
        return each / way.loops.train.steps, first
    # The same batch again and again, as many times a call as the run itself would do it: what a call costs is shared.
    most = max(1, min(BLOCK_STEPS, BLOCK_INDICES // size))
    block = tf.constant(np.tile(np.arange(size, dtype=np.int32), (most, 1)))
    return _timed(lambda count: len(way.loops.train_steps(block, 0, count)), Pace(), most, TRIAL_SECONDS)


def _epochs(sweeps: Sweeps, count: int) -> int:
    orders = np.tile(np.arange(sweeps.train.rows, dtype=np.int32), (count, 1))
    return sweeps.run(orders, 0, Standing()).epochs


def _judging(loops: Loops, test: MemoryFeed) -> float:
    """Seconds of a batch of the validation."""
    most = max(1, min(BLOCK_STEPS, BLOCK_INDICES // test.batch_size))
    block = tf.constant(np.tile(np.arange(test.batch_size, dtype=np.int32), (most, 1)))

    def steps(count: int) -> int:
        loops.test_steps(block, 0, count)
        return count

    return _timed(steps, Pace(), most, JUDGING_SECONDS)[0]


def _timed(call: Callable[[int], int], pace: Pace, most: int, lasting: float) -> tuple[float, float]:
    """Seconds of one of what `call` does so many of, giving how many it did; and of the first call, which compiles."""
    taken: list[tuple[int, float]] = []
    until, first = 0.0, 0.0
    while len(taken) < 1 or time.perf_counter() < until:
        began = time.perf_counter()
        done = max(1, call(min(pace.steps, most)))
        seconds = time.perf_counter() - began
        if not first:
            until, first = time.perf_counter() + lasting, seconds
        else:
            pace.took(done, seconds)
            taken.append((done, seconds / done))
    longest = max(done for done, _ in taken)
    # The median of long calls: the first are slower; and where others keep the machine busy, they do so in the run too.
    return float(np.median([each for done, each in taken if 2 * done >= longest])), first


def _answers(rng: np.random.Generator, target: TargetFacts, size: int) -> np.ndarray:
    if target.task == "classification":
        return rng.integers(0, max(1, len(target.classes)), size).astype(np.int32)
    if target.task == "reconstruction":  # the input itself
        return np.zeros((size, 0), np.float32)
    return rng.standard_normal((size, 1), np.float32)


def _made_up(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind in "iub":
        return rng.integers(0, 2, shape, kind)
    return rng.standard_normal(shape, np.float32).astype(kind, copy=False)


def _mark(card: bool) -> int:
    """Begin to look for the highest memory from here on; bytes now."""
    if card:
        tf.config.experimental.reset_memory_stats("GPU:0")
        return int(tf.config.experimental.get_memory_info("GPU:0")["current"])
    with contextlib.suppress(OSError):  # not Linux: the memory after it is all that can be seen
        (_PROCESS / "clear_refs").write_text("5")  # proc(5): resets the peak resident set
    return _own()


def _peak(card: bool) -> int:
    if card:
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])
    try:
        lines = (line.split() for line in (_PROCESS / "status").read_text().splitlines())
        sizes = {words[0]: int(words[1]) * 1024 for words in lines if words[0] in ("VmHWM:", "RssFile:", "RssShmem:")}
        return max(_own(), sizes["VmHWM:"] - sizes["RssFile:"] - sizes["RssShmem:"])
    except (OSError, KeyError):
        return _own()


def _own() -> int:
    """Bytes of this process in memory, without the files mapped into it, which can go whenever memory is short."""
    info = psutil.Process().memory_info()
    return int(info.rss - getattr(info, "shared", 0))
