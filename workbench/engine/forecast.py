"""What a training will take, before it starts: seconds, memory and size, measured for a moment on made-up rows.

It computes as the run would: step by step or many small epochs in a call, with XLA where that is tried and pays, with
pictures varied, batches of the validation, a copy of the best weights and a look inside. So memory is that of the
compilers too. Parts of the data have the sizes of the run's, as compiled code holds these, but no memory: rows that are
zero and never written take none. What follows from sizes alone is in footprint.py.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import tensorflow as tf

from workbench.core.data.memory import available
from workbench.core.errors import OutOfMemory, TrainError
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Augmentation, Graph, TrainSpec
from workbench.core.units import Units
from workbench.link.messages import Forecasted

from . import assemble, built, cards, devices, footprint, lengths, made_up, modes, probe, timings
from .built import Built, Shelf
from .encoding import AS_IT_IS
from .feed import Feed, MemoryFeed
from .footprint import Footprint
from .held import Held
from .loop import Loops, Pace
from .parts import Part
from .short_of_memory import OUT_OF_MEMORY
from .shuffle import Strips
from .spread import Spread

SECONDS = 0.09  # of each of the moments in which steps are timed
MOMENTS = 5  # at different times, as what else the machine does comes and goes
JUDGING_SECONDS = 0.15  # of the validation, in all of these moments
SPARE = 0.9  # of the free memory may be used
CLEARLY_LESS = 0.75  # of the memory that was not there, when nobody knows how much there is
OWN = Units()
_PROCESS = Path("/proc/self")


def forecast(
    graph: Graph,
    facts: DataFacts,
    train: TrainSpec,
    augment: Augmentation = AS_IT_IS,
    *,
    streamed: bool | None = None,
    shelf: Shelf | None = None,
) -> Forecasted:
    """Build the model, train on made-up batches for a moment, and reckon from that. augment: how training pictures are
    varied. streamed: None to decide by the memory that is free, as a run does. shelf: where what was built and compiled
    for it is left, so that the run itself, which is the next thing most people do, begins at once.

    Where the run itself would try XLA it is tried here. Many small epochs at a time may still be faster.

    Raises:
        GraphError, TrainError: it cannot be trained as it is.
    """
    place, device, strategy = devices.placed(train.device)
    found = assemble.resolved(graph, facts, train)
    if strategy is not None and train.device.strip().lower() == "all":  # each card has a share of every batch
        several = strategy.num_replicas_in_sync
        facts = replace(facts, rows={part: -(-n // several) for part, n in facts.rows.items()})
        train = replace(train, batch_size=-(-train.batch_size // several))
        found = assemble.resolved(graph, facts, train)
        place, alone = "/GPU:0", "gpu:0"
    else:
        several, alone = 1, device
    rows = max(1, facts.rows.get("train", 0))
    size = min(train.batch_size, rows)
    train = lengths.fitted(train, train.epochs * -(-rows // size))
    free = available()
    if streamed is None:
        streamed = footprint.rows_held(facts, 0) > modes.MEMORY_SHARE * free
    block = modes.reading([], Spread(), streamed)
    expected = found.training_memory + footprint.least(facts, block)
    weights = found.parameters * 4
    card = alone.startswith("gpu")
    number = int(alone.partition(":")[2] or "0") if card else 0
    shown = cards.free(devices.setup(), number) if card else free

    def unfit(step: float, epoch: float, memory: int, limit: float = SPARE * free) -> Forecasted:
        fixed = memory - min(memory, _of_rows(found.memory, size))
        smaller, layer = _remedy(graph, found, size, fixed, limit)
        whole, asked = epoch * train.epochs, size * several
        return Forecasted(step, epoch, whole, weights, memory, shown, asked, device, False, smaller * several, layer)

    if not card and expected > SPARE * free:  # measuring it could end this process
        return unfit(0.0, 0.0, expected)
    with tf.device(place or None):
        try:
            measured = _measure(_Plan(graph, facts, train, augment, found, size, block, free), alone, shelf)
        except (*OUT_OF_MEMORY, OutOfMemory):
            return unfit(0.0, 0.0, expected, min(SPARE * shown or expected, CLEARLY_LESS * expected))
    beside = Footprint(beside=0) if card else measured.beside
    memory = max(measured.tried + beside.early, max(measured.grown, 3 * weights) + beside.total)
    if not card and memory > SPARE * free:
        return unfit(measured.step, measured.epoch, memory)
    whole = measured.epoch * train.epochs
    return Forecasted(measured.step, measured.epoch, whole, weights, memory, shown, size * several, device)


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
    """What is to be trained. size: of a batch. block: bytes of a streamed one, 0 where the parts are held whole. free:
    bytes of memory."""

    graph: Graph
    facts: DataFacts
    train: TrainSpec
    augment: Augmentation
    found: GraphFacts
    size: int
    block: int
    free: int


@dataclass(frozen=True)
class _Measured:
    """Seconds of a step, as the run will do it, and of an epoch with its validation; bytes that building and trying the
    ways of computing took, those of training, and what a run holds besides."""

    step: float
    epoch: float
    tried: int
    grown: int
    beside: Footprint


def _measure(plan: _Plan, device: str, shelf: Shelf | None) -> _Measured:
    facts, train = plan.facts, plan.train
    if facts.target is None:
        raise TrainError("There is no target to learn.", where="target", remedy="Choose one on the Features page.")
    judged = facts.rows.get("validation", 0)
    card = device.upper() if device.startswith("gpu") else ""
    before = _mark(card)
    held = Held() if card else made_up.Untouched()  # rows on a card are measured there, so they are to be there
    rows = facts.rows.get("train", 0) or 1
    parts, drawn = _parts(plan, rows, judged)
    like = built.Plan(plan.graph, facts, train, plan.found, plan.augment, train.batch_size, plan.block, parts)
    made = like.build(Spread(), held)
    for trained, some in zip((made.train, made.validation), drawn, strict=True):
        if trained is not None:
            object.__setattr__(trained, "order", partial(made_up.order, trained.rows, some))
    made.keeps(replace(train.early_stopping, enabled=False), OWN)
    model, feed, test, loops, keeper = made.model, made.train, made.validation, made.plain, made.keeper
    assert keeper is not None
    whole = copy.copy(feed)  # what the choice depends on: the size of the run
    whole.rows, whole.steps, whole.strips = rows, -(-rows // plan.size), Strips.of(rows, feed.row_bytes)
    way = _chosen(plan, whole, made, device)
    tried = _peak(card)
    _peak_anew(card)
    way.trace()
    watches = (
        _Stopwatch(modes.calls_of(way, train.seed)),
        (_Stopwatch(_batches(loops)) if test is not None and way.sweeps is None else None),
    )
    for moment in range(MOMENTS):
        watches[0].time(SECONDS)
        if watches[1] is not None:
            watches[1].time(JUDGING_SECONDS / MOMENTS)
        if moment == 0:
            keeper.keep()
            _trace_scoring(loops, facts)
        elif moment == 2 and train.probes != "off":
            with contextlib.suppress(ValueError, TypeError, AttributeError):  # a model that cannot be looked into
                probe.rehearse(model, feed, test)
    step = watches[0].seconds
    epoch = step * whole.steps
    if watches[1] is not None and test is not None:
        epoch += watches[1].seconds * judged / test.batch_size
    for each in watches:
        if each is not None:
            each.close()
    written = 0 if card else sum(drawn) * footprint.row_bytes(facts)  # these are counted with all rows
    tried, grown = (max(0, most - before - written) for most in (tried, _peak(card)))
    figures = len(loops.names), 1 + len(loops.names) * (2 if judged else 1)
    beside = footprint.beside(model, facts, train, whole, keeper.shadows, figures, block=plan.block, free=plan.free)
    if shelf is not None and not card and not plan.block:
        shelf.offer(like.key(device), made)
    return _Measured(step, epoch, tried, grown, beside)


def _parts(plan: _Plan, rows: int, judged: int) -> tuple[tuple[Part, Part | None], tuple[int, int]]:
    """Made-up parts to train on and to validate with; and the rows of each that were written."""

    def made(rows: int, size: int) -> tuple[Part, int]:
        count = made_up.few(plan.facts, rows, size, plan.block)
        some = made_up.drawn(plan.facts, count, size)
        return made_up.part(plan.facts, count, some), some

    train, written = made(rows, plan.size)
    if not judged:
        return (train, None), (written, 0)
    validation, more = made(judged, max(plan.size, min(modes.TEST_BATCH, judged)))
    return (train, validation), (written, more)


def _chosen(plan: _Plan, whole: Feed, made: Built, device: str) -> modes.Way:
    """The way of computing that the run will take. whole: a feed of the run's size."""
    train, outputs, model = plan.train, plan.found.outputs, made.model
    begins = modes.may_sweep(train, model)
    plain = made.way(xla=False, begins=begins)
    if not modes.may_compile(whole) or train.compiler == "off":
        return plain
    tried = made.way(xla=True, begins=begins)
    if train.compiler == "on":
        return tried
    if not modes.may_pay(model, whole, train.epochs, device):
        return plain
    if tried.sweeps is None and modes.surely_pays(model, whole, train.epochs, train, outputs, device):
        return tried
    timing = timings.recall(timings.key(tried, train, outputs, device))
    if timing is None:
        assert made.keeper is not None
        timing = modes.measured(plain, tried, train.seed, [*modes.all_variables(model), *made.keeper.shadows])
    return tried if timing.pays(train.epochs * whole.steps) else plain


def _trace_scoring(loops: Loops, facts: DataFacts) -> None:
    """Make the loop of a run over its test part, for what it takes in memory."""
    test, scored = loops.validation, facts.rows.get("test", 0)
    if test is None or not isinstance(test, MemoryFeed):
        return
    scores = Loops(loops.model, test, test, xla=False)
    for size in {min(scored, test.batch_size), scored % test.batch_size} - {0}:
        scores.test_steps(tf.zeros((1, size), tf.int32), 0, 0)


# ---- timing -------------------------------------------------------------------------------------------------


def _batches(loops: Loops) -> Generator[tuple[int, float]]:
    """Validate over and over; gives the batches of each call and its seconds."""
    pace, test = Pace(), loops.validation
    assert test is not None
    while True:
        walk = test.walk(test.order(0, 0))
        try:
            while (piece := walk.take(pace.steps)) is not None:
                began = time.perf_counter()
                loops.test_steps(*piece)
                seconds = time.perf_counter() - began
                pace.took(piece[2], seconds)
                yield piece[2], seconds
        finally:
            walk.close()


class _Stopwatch:
    """Times calls of a kind in several moments apart from each other."""

    def __init__(self, calls: Generator[tuple[int, float]]) -> None:
        self._calls = calls
        self._taken: list[list[tuple[int, float]]] = []
        self._longest = next(calls)[1]  # the first is slower

    def time(self, lasting: float) -> None:
        """A moment of so many seconds, one call at least. Where a call is longer than all moments, one is enough."""
        if self._taken and self._longest > MOMENTS * lasting:
            return
        until = time.perf_counter() + lasting
        taken: list[tuple[int, float]] = []
        while not taken or time.perf_counter() < until:
            taken.append(next(self._calls))
        self._taken.append(taken)

    @property
    def seconds(self) -> float:
        """Of a step: the median of what the moments say, each by the mean of its long calls, as a run's epoch is a sum
        of such; short calls are slower."""
        longest = max(steps for taken in self._taken for steps, _ in taken)
        moments = [[call for call in taken if 2 * call[0] >= longest] for taken in self._taken]
        return float(np.median([sum(s for _, s in each) / sum(n for n, _ in each) for each in moments if each]))

    def close(self) -> None:
        """End its pass."""
        self._calls.close()


def _mark(card: str) -> int:
    """Begin to look for the highest memory from here on; bytes now. card: "GPU:0", "" for this process."""
    if not card:
        devices.let_go()
        with contextlib.suppress(OSError, AttributeError):  # not glibc. What was let go counts as free
            ctypes.CDLL(None).malloc_trim(0)
    _peak_anew(card)
    return int(tf.config.experimental.get_memory_info(card)["current"]) if card else _own()


def _peak_anew(card: str) -> None:
    """What was there at most before does not count any more."""
    if card:
        tf.config.experimental.reset_memory_stats(card)
        return
    with contextlib.suppress(OSError):  # not Linux: the memory after it is all that can be seen
        (_PROCESS / "clear_refs").write_text("5")  # proc(5): resets the peak resident set


def _peak(card: str) -> int:
    if card:
        return int(tf.config.experimental.get_memory_info(card)["peak"])
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
