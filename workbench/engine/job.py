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
from workbench.core.facts import DataFacts
from workbench.core.history import History
from workbench.core.outputs import in_words
from workbench.core.project import EarlyStopping, Node, TrainSpec
from workbench.core.schedule_length import follows
from workbench.core.units import Units, units_of

from . import alike, assemble, checkpoints, cluster, devices, lengths, modes, optimizer_state, rates, start_weights
from .ahead import Orders
from .built import Built, Plan, Shelf
from .checkpoints import Checkpoint, Place
from .feed import Feed
from .keeper import Keeper, rule
from .loop import Loops
from .moved import resumed_note
from .parts import Part, open_part
from .spread import Spread
from .warmstart import begin_with
from .ways import Ways

Say = Callable[[str, str], None]  # state, text


@dataclass(frozen=True)
class Sitting:
    """What is asked of a run when it is begun, or taken up again.

    resume: go on from its checkpoint. epochs: train on to so many in all; 0 for what its record says. batch_size: go on
    in batches of so many rows, or begin anew with them where there is no checkpoint; 0: as before. streamed: whether
    its rows are read while it trains; None to decide by the memory that is free.
    """

    resume: bool = False
    epochs: int = 0
    batch_size: int = 0
    streamed: bool | None = None


NEW = Sitting()


@dataclass(frozen=True, eq=False)
class Job:
    """What of a run may change while it trains is replaced here, and not in the plan and what was built by it.

    settings: with a schedule that is as long as the run; asked: before it was fitted. epochs: to train in all. device:
    "cpu", "gpu:N" or what it is spread over. place: the next step to do. early: the rule of early stopping. units: of
    the errors it tells. before: the batch size until now, where it is resumed with another one; 0 where not. orders: of
    the rows, epoch by epoch. notes: for the person, of how it begins. ordered: as in its record.
    """

    folder: Path
    plan: Plan
    built: Built
    device: str
    settings: TrainSpec
    asked: TrainSpec
    epochs: int
    train: Feed
    way: modes.Way
    place: Place
    history: History
    early: EarlyStopping
    units: Units
    before: int
    orders: Orders = field(default_factory=Orders)
    notes: tuple[str, ...] = ()
    ordered: bool = True

    @property
    def model(self) -> keras.Model:
        return self.built.model

    @property
    def validation(self) -> Feed | None:
        return self.built.validation

    @property
    def keeper(self) -> Keeper:
        assert self.built.keeper is not None
        return self.built.keeper

    @property
    def spread(self) -> Spread:
        return self.built.plain.spread

    @property
    def loops(self) -> Loops:
        return self.way.loops

    @property
    def mode(self) -> str:
        """See modes."""
        return modes.named(self.way)

    @property
    def loss(self) -> str:
        """By Keras' name; of several outputs told for each."""
        return in_words(self.plan.found)[0]

    @property
    def metrics(self) -> tuple[str, ...]:
        """As loss."""
        return in_words(self.plan.found)[1]

    @property
    def classes(self) -> tuple[int, ...]:
        """How many there are to tell apart, of each target; 0 for regressions."""
        return tuple(len(target.classes) for target in self.plan.facts.targets)

    def leave(self, shelf: Shelf) -> None:
        """When it has ended well: leave what was built for the next run."""
        shelf.put(self.plan.key(self.device), self.built)


def open_job(
    folder: Path,
    device: str,
    say: Say,
    sitting: Sitting = NEW,
    *,
    spread: Spread | None = None,
    shelf: Shelf | None = None,
) -> Job:
    """Open the run of a folder and make everything ready to train, from its start or from its checkpoint.

    Args:
        device: as resolved by `devices.placed`; the caller has entered its scope.
        say: told what is going on.
        spread: over which devices or machines; None for one.
        shelf: what the last run has left, where that may serve; None to build anew.

    Raises:
        WorkbenchError: the run, its data, its model or its checkpoint cannot be used.
    """
    say("preparing", "Opening the data and building the model.")
    spread = spread or Spread()
    project, record, facts = runs.read_project(folder), runs.read_run(folder), runs.read_facts(folder)
    asked = project.train
    epochs = sitting.epochs or record.epochs or asked.epochs
    _check_counts(epochs, sitting.batch_size or asked.batch_size)
    prepared = Path(record.prepared)
    fingerprint = checkpoints.fingerprint(folder, prepared)
    saved = _saved(folder, fingerprint) if sitting.resume and spread.chief else None
    anew = sitting.resume and spread.chief and saved is None
    parts = _parts(prepared, facts)
    alike.check(spread, project, facts, epochs, parts)
    place, before = saved.place if saved is not None else Place(fingerprint=fingerprint), 0
    if sitting.batch_size:
        place, before = _rebatched(place, asked.batch_size, sitting.batch_size, parts[0].rows)
    size, judged, length = _shared(spread, asked, place, epochs, parts[0].rows, fresh=saved is None)
    plan = Plan(
        project.graph,
        facts,
        lengths.fitted(asked, length),
        assemble.resolved(project.graph, facts, asked),
        project.features.augment,
        size,
        modes.reading([part for part in parts if part is not None], spread, sitting.streamed),
        parts,
        judged,
    )
    built = _built(plan, device, spread, shelf)
    model, early, units = built.model, place.early or asked.early_stopping, units_of(record, facts)
    if saved is None:
        unlike = start_weights.put(model, project.graph, start_weights.places(folder))
        if any(node.weights for node in project.graph.nodes):
            optimizer_state.follow_weights(model)
        history, begun = History(), begin_with(model, folder, asked.optimizer) or _anew(unlike)
    else:
        history, begun = _go_on(saved, place, built, folder), ""
    notes = [built.keeps(early, units), begun, "It had not reached a checkpoint: it begins anew." if anew else ""]
    keeper = built.keeper
    assert keeper is not None
    if saved is not None:
        if record.state == "early_stopped" and epochs > place.epoch:  # trained on: the wait begins again
            place = replace(place, standing=replace(place.standing, wait=0, reference=float("inf")))
        keeper.restore(saved.best, place.standing)
    if spread.workers > 1:
        place = cluster.same_state(spread, model, keeper, place, saved, resume=sitting.resume)
        if place.early is not None:
            early = place.early
            keeper.rule, _ = rule(early, built.plain.names, built.validation is not None, units)
    say("tracing", "Compiling the training loop.")
    if saved is not None:
        notes += [lengths.note(model, asked, place, length), resumed_note(record, device)]
    place = replace(place, rate_steps=length if follows(asked, load_catalog()) else 0)
    ways = Ways(built, plan, device, say)
    way = ways.choose(place, epochs, record.mode if saved is not None else "")
    notes += [ways.refused(way), gone_in_words(facts.targets, asked), devices.threads_note(asked.threads)]
    return Job(
        folder=folder,
        plan=plan,
        built=built,
        device=device,
        settings=plan.settings,
        asked=asked,
        epochs=epochs,
        train=built.train,
        way=way,
        place=place,
        history=history,
        early=early,
        units=units,
        before=before,
        orders=_made_ready(way, built.train, asked.seed, place.epoch) if place.epoch < epochs else Orders(),
        notes=tuple(filter(None, notes)),
    )


def _built(plan: Plan, device: str, spread: Spread, shelf: Shelf | None) -> Built:
    """Model, feeds and loops: those the last run has left, where they serve, or new ones."""
    rows = shelf.rows if shelf is not None and spread.one else None
    if rows is not None:
        rows.only([] if plan.block else [a for part in plan.parts if part is not None for a in part.arrays])
    built = shelf.take(plan.key(device)) if shelf is not None else None
    devices.let_go()
    if built is None:
        return plan.build(spread, rows)
    built.again(*plan.parts, plan.settings)
    return built


def _anew(unlike: Sequence[Node]) -> str:
    """Of blocks whose start weights do not fit them."""
    names = ", ".join(node.name for node in unlike)
    return f"Begun anew, as the weights they were to start from do not fit: {names}." if unlike else ""


def _go_on(saved: Checkpoint, place: Place, built: Built, folder: Path) -> History:
    """Put a checkpoint into what was built; the history until there."""
    history = runs.read_history(folder)
    history.truncate(place.batches, place.epochs)
    checkpoints.restore(built.model, saved, folder, metrics=built.plain.spread.workers == 1)
    rates.put_back(built.model, **place.rate)
    return history


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


def _rebatched(place: Place, asked: int, wanted: int, rows: int) -> tuple[Place, int]:
    """The place with batches of another size from here, and their size until now; 0 where that stays."""
    before = min(place.batch_size or asked, rows)
    place = in_batches(place, before, min(wanted, rows), rows)
    return place, before if before != place.batch_size else 0


def in_batches(place: Place, before: int, size: int, rows: int) -> Place:
    """The place of a run that went on in batches of `before` rows until now and does in batches of `size` from here:
    at the same row of the epoch, or at most a batch before it. It judges in no larger batches either."""
    steps = -(-rows // size)
    done = min(place.step * before, rows)
    step = steps if place.logs or done == rows else done // size
    return replace(place, step=step, batch_size=size, judged=size, batch_wanted=0)


def _check_counts(epochs: int, batch_size: int) -> None:
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if value < 1:
            raise TrainError(f"{name} is {value}; it must be at least 1.", where=name, remedy="Choose a larger number.")


def _saved(folder: Path, fingerprint: str) -> Checkpoint | None:
    """None where the run was left before its first one."""
    if not (folder / checkpoints.CHECKPOINT).exists():
        return None
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
