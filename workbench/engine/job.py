"""A run opened and made ready: its settings, data, model, compiled loops, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import keras
import numpy as np

from workbench.core import runs
from workbench.core.catalog import load_catalog
from workbench.core.class_weights import gone_in_words
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts, Objective
from workbench.core.history import History
from workbench.core.outputs import in_words
from workbench.core.project import EarlyStopping, TrainSpec
from workbench.core.schedule_length import RATE, follows
from workbench.core.schedules import ended_at
from workbench.core.units import Units, units_of

from . import alike, assemble, checkpoints, cluster, devices, lengths, modes, rates, start_weights, timings
from .ahead import Orders
from .build import make_object
from .built import Built, Plan, Shelf
from .checkpoints import Checkpoint, Place
from .feed import Feed
from .keeper import Keeper, rule
from .loop import Loops
from .moved import resumed_note
from .parts import Part, open_part
from .spread import Spread
from .warmstart import begin_with

OWN = Units()
Say = Callable[[str, str], None]  # state, text


@dataclass(frozen=True, eq=False)
class Job:
    """epochs: to train in all. device: "cpu", "gpu:N" or what it is spread over. mode: see modes. loss, metrics: by
    Keras' names; of several outputs told for each. place: the next step to do. early: the rule as it is now. notes: for
    the person, of how it begins. units: of the errors it tells. classes: how many there are to tell apart, of the first
    target that has some; 0 for regressions. built, key: what the next run may use (built.py). before: the
    batch size until now, where it is resumed with another one; 0 where not. orders: of the rows, epoch by epoch. asked:
    the settings before a schedule was fitted to the run."""

    folder: Path
    settings: TrainSpec
    epochs: int
    device: str
    mode: str
    loss: str
    metrics: tuple[str, ...]
    model: keras.Model
    train: Feed
    validation: Feed | None
    way: modes.Way
    keeper: Keeper
    history: History
    place: Place
    spread: Spread
    early: EarlyStopping
    notes: tuple[str, ...] = ()
    units: Units = OWN
    classes: int = 0
    built: Built | None = None
    key: str = ""
    before: int = 0
    orders: Orders = field(default_factory=Orders)
    asked: TrainSpec = field(default_factory=TrainSpec)

    def leave(self, shelf: Shelf) -> None:
        """When it has ended well: leave what was built for the next run."""
        if self.built is not None:
            shelf.put(self.key, self.built)

    @property
    def loops(self) -> Loops:
        return self.way.loops


def open_job(
    folder: Path,
    device: str,
    *,
    resume: bool,
    streamed: bool | None,
    say: Say,
    spread: Spread | None = None,
    epochs: int = 0,
    shelf: Shelf | None = None,
    batch_size: int = 0,
) -> Job:
    """Open the run of a folder and make everything ready to train, from its start or from its checkpoint.

    Args:
        device: as resolved by `devices.resolve`; the caller has entered its scope.
        streamed: None to decide by the memory that is free.
        say: told what is going on.
        spread: over which devices or machines; None for one.
        epochs: train on to so many in all; 0 for what the record says.
        batch_size: go on in batches of so many rows, or begin anew with them where there is no checkpoint; 0: as
            before.
        shelf: what the last run has left, where that may serve; None to build anew.

    Raises:
        WorkbenchError: the run, its data, its model or its checkpoint cannot be used.
    """
    say("preparing", "Opening the data and building the model.")
    spread = spread or Spread()
    project, record, facts = runs.read_project(folder), runs.read_run(folder), runs.read_facts(folder)
    asked = settings = project.train
    epochs = epochs or record.epochs or settings.epochs
    _check_counts(epochs, settings.batch_size)
    prepared = Path(record.prepared)
    fingerprint = checkpoints.fingerprint(folder, prepared)
    saved = _saved(folder, fingerprint) if resume and spread.chief else None
    train, validation = _parts(prepared, facts)
    alike.check(spread, project, facts, epochs, (train, validation))
    found = assemble.resolved(project.graph, facts, settings)
    block = modes.reading([p for p in (train, validation) if p is not None], spread, streamed)
    place, before = saved.place if saved is not None else Place(fingerprint=fingerprint), 0
    if batch_size:
        before = min(place.batch_size or settings.batch_size, train.rows)
        place = in_batches(place, before, min(batch_size, train.rows), train.rows)
        before = before if before != place.batch_size else 0
    size, judged, length = _shared(spread, settings, place, epochs, train.rows, fresh=saved is None)
    settings, augment = lengths.fitted(asked, length), project.features.augment
    plan = Plan(project.graph, facts, settings, found, augment, size, block, (train, validation), judged)
    key = plan.key(device)
    held = shelf.rows if shelf is not None and spread.one else None
    if held is not None:
        held.only([] if block else [array for part in (train, validation) if part is not None for array in part.arrays])
    made = shelf.take(key) if shelf is not None else None
    devices.let_go()
    if made is None:
        made = plan.build(spread, held)
    else:
        made.again(train, validation, settings)
    model, feed, test = made.model, made.train, made.validation
    if saved is None:
        start_weights.put(model, project.graph, start_weights.places(folder))
    early = (saved.place.early if saved is not None else None) or settings.early_stopping
    units = units_of(record, facts)
    note = made.keeps(early, units)
    keeper = made.keeper
    assert keeper is not None
    history, notes = History(), (note,)
    if saved is not None:
        history = runs.read_history(folder)
        history.truncate(place.batches, place.epochs)
        checkpoints.restore(model, saved, folder, metrics=spread.workers == 1)
        rates.put_back(model, **place.rate)
        keeper.restore(saved.best, place.standing)
        if record.state == "early_stopped" and epochs > place.epoch:  # trained on: the wait begins again
            keeper.standing = replace(place.standing, wait=0, reference=float("inf"))
            place = replace(place, standing=keeper.standing)
    else:
        notes += (begin_with(model, folder, settings.optimizer),)
    if spread.workers > 1:
        place = cluster.same_state(spread, model, keeper, place, saved, resume=resume)
        if place.early is not None:
            early = place.early
            keeper.rule, _ = rule(early, made.plain.names, test is not None, units)
    say("tracing", "Compiling the training loop.")
    if saved is not None:
        notes += (_rate_note(model, asked, place, length), resumed_note(record, device))
    place = replace(place, rate_steps=length if follows(asked, load_catalog()) else 0)
    way, mode = _way(
        made, record.mode if saved is not None else "", settings, found.outputs, epochs, place, device, say
    )
    orders = _made_ready(way, feed, settings.seed, place.epoch) if place.epoch < epochs else Orders()
    threads = devices.threads_note(settings.threads)
    said = tuple(text for text in (*notes, gone_in_words(facts.targets, settings), threads) if text)
    return Job(
        folder,
        settings,
        epochs,
        device,
        mode,
        *in_words(found),
        model,
        feed,
        test,
        way,
        keeper,
        history,
        place,
        spread,
        early,
        said,
        units,
        next((len(t.classes) for t in facts.targets if t.classes), 0),
        made,
        key,
        before,
        orders,
        asked,
    )


def _shared(
    spread: Spread, settings: TrainSpec, place: Place, epochs: int, rows: int, *, fresh: bool
) -> tuple[int, int, int]:
    """The batch size, the rows of a validation batch at most, and the length of a schedule that follows the run: as
    they were changed while it ran, which of several machines only the first knows."""
    length = lengths.length(place, epochs, -(-rows // min(place.batch_size or settings.batch_size, rows)))
    if not fresh and not place.rate_steps and follows(settings, load_catalog()):
        length = 0  # it was begun when no schedule followed its run
    told = spread.broadcast(np.array([place.batch_size, place.judged, length], np.int64)).tolist()
    return told[0] or settings.batch_size, told[1], told[2]


def _made_ready(way: modes.Way, feed: Feed, seed: int, epoch: int) -> Orders:
    """Compile all that training will call, before the first step: a stop in the middle of an epoch never waits for a
    compilation. The orders of the rows, of which the first is made meanwhile."""
    orders = Orders()
    try:
        if way.sweeps is None:
            orders.begin(feed, seed, epoch)
        way.trace()
    except BaseException:
        orders.close()
        raise
    return orders


def _way(
    made: Built,
    before: str,
    settings: TrainSpec,
    outputs: Sequence[Objective],
    epochs: int,
    place: Place,
    device: str,
    say: Say,
) -> tuple[modes.Way, str]:
    """The way of computing, and its name. before: of the run that is resumed, as it is part of the result. outputs:
    what each learns."""
    model, feed, one = made.model, made.train, made.plain.spread.one
    small = place.step == 0 and modes.may_sweep(settings, model)
    compiled = settings.compiler == "on" and one and modes.may_compile(feed)
    if before:
        compiled = one and before in (modes.XLA, modes.STREAMED_XLA)
    way = made.way(xla=compiled, begins=small)
    may_try = not before and settings.compiler == "auto" and one
    if may_try and modes.may_pay(model, feed, epochs, device):
        tried = made.way(xla=True, begins=small)
        sure = tried.sweeps is None and modes.surely_pays(model, feed, epochs, settings, outputs, device)
        if sure or _timing(made, way, tried, settings, outputs, device, say).pays((epochs - place.epoch) * feed.steps):
            way = tried
    return way, modes.named(way)


def _timing(
    made: Built,
    plain: modes.Way,
    tried: modes.Way,
    settings: TrainSpec,
    outputs: Sequence[Objective],
    device: str,
    say: Say,
) -> modes.Timing:
    """What was measured of two ways of computing: before, or now."""
    key = timings.key(tried, settings, outputs, device)
    timing = timings.recall(key)
    if timing is None:
        say("tracing", "Measuring which way of computing is fastest.")
        assert made.keeper is not None
        variables = [*modes.all_variables(made.model), *made.keeper.shadows]
        timing = modes.measured(plain, tried, settings.seed, variables)
        timings.keep(key, timing)
    return timing


def in_batches(place: Place, before: int, size: int, rows: int) -> Place:
    """The place of a run that went on in batches of `before` rows until now and does in batches of `size` from here:
    at the same row of the epoch, or at most a batch before it. It judges in no larger batches either."""
    steps = -(-rows // size)
    done = min(place.step * before, rows)
    step = steps if place.logs or done == rows else done // size
    return replace(place, step=step, batch_size=size, judged=size, batch_wanted=0)


def rebatched(job: Job, batch_size: int) -> Job:
    """The job with batches of another size, its loop compiled anew; at the start of an epoch.

    Raises:
        TrainError: it is less than 1.
    """
    _check_counts(job.epochs, batch_size)
    feed = job.train.with_batch(batch_size)
    return replace(job, train=feed, way=_again(job, feed, job.keeper))


def refitted(job: Job, place: Place) -> tuple[Job, Place, str]:
    """The job with a schedule that is as long as the run, where it is to follow it; its place; and what came of it,
    for people."""
    length = lengths.length(place, job.epochs, job.train.steps)
    note = _rate_note(job.model, job.asked, place, length)
    if not place.rate_steps or place.rate_steps == length:
        return job, place, note
    settings, before = lengths.fitted(job.asked, length), f"{rates.rate(job.model):.3g}"
    rates.refit(job.model, make_object("schedules", settings.optimizer_params[RATE]))
    job = replace(job, settings=settings)
    job = replace(job, way=_again(job, job.train, job.keeper))
    now = f"{rates.rate(job.model):.3g}"
    if now != before:
        note = f"Learning rate {before} → {now}: its schedule follows the run, {length:,} steps now"
    return job, replace(place, rate_steps=length), note


def _rate_note(model: keras.Model, asked: TrainSpec, place: Place, length: int) -> str:
    """What a schedule makes of a run whose length has changed to so many steps, for people; "" for nothing new."""
    if place.rate_steps and place.rate_steps != length:
        was = f"{length:,} steps now instead of {place.rate_steps:,}"
        return f"The schedule of the learning rate follows the run: {was}"
    if not length or place.rate_steps:
        return ""
    end = ended_at(asked.optimizer_params.get(RATE), load_catalog(), length)
    if end is None or end > place.batches or place.batches >= length or place.rate_held >= 0:
        return ""
    return f"The schedule of the learning rate has ended: it is {rates.rate(model):.3g} from here on"


def restopped(job: Job, early: EarlyStopping) -> tuple[Job, str]:
    """The job with another rule of early stopping, and a note. Another monitor finds its best epoch anew."""
    keeper = job.keeper
    watch, note = rule(early, job.loops.names, job.validation is not None, job.units)
    standing = keeper.standing
    if (watch.monitor, watch.sign) != (keeper.rule.monitor, keeper.rule.sign):
        standing = replace(standing, best=float("inf"), reference=float("inf"), wait=0)
    keeper.rule, keeper.standing = watch, replace(standing, wait=0)
    return replace(job, early=early, way=_again(job, job.train, keeper)), note


def _again(job: Job, feed: Feed, keeper: Keeper) -> modes.Way:
    loops = Loops(job.model, feed, job.validation, xla=job.way.loops.xla, spread=job.spread)
    made = modes.way(loops, keeper, begins=job.way.sweeps is not None and modes.may_sweep(job.settings, job.model))
    made.trace()
    return made


def _check_counts(epochs: int, batch_size: int) -> None:
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise TrainError(f"{name} is {value}; it must be at least 1.", where=name, remedy="Choose a larger number.")


def _saved(folder: Path, fingerprint: str) -> Checkpoint:
    saved = checkpoints.load_checkpoint(folder)
    if saved.place.fingerprint != fingerprint:
        raise TrainError(
            "The data or the settings of this run are not those of its checkpoint.",
            where=folder.name,
            remedy="Start a new run.",
        )
    return saved


def _parts(prepared: Path, facts: DataFacts) -> tuple[Part, Part | None]:
    train, validation = open_part(prepared, "train", facts), open_part(prepared, "validation", facts)
    if not train.rows:
        raise TrainError(
            "The training part is empty.", where="split", remedy="Give it a larger share on the Features page."
        )
    return train, validation if validation.rows else None
