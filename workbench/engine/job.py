"""A run opened and made ready: its settings, data, model, compiled loops, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from workbench.core import runs
from workbench.core.errors import TrainError
from workbench.core.facts import DataFacts
from workbench.core.history import History
from workbench.core.project import TrainSpec

from . import assemble, checkpoints, modes
from .checkpoints import Checkpoint, Place
from .feed import Feed
from .keeper import Keeper, rule
from .loop import Loops
from .parts import Part, open_part

Say = Callable[[str, str], None]  # state, text


@dataclass(frozen=True, eq=False)
class Job:
    """epochs: to train in all. device: "cpu" or "gpu:N". mode: see modes. place: the next step to do."""

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

    @property
    def loops(self) -> Loops:
        return self.way.loops


def open_job(folder: Path, device: str, *, resume: bool, streamed: bool | None, say: Say) -> Job:
    """Open the run of a folder and make everything ready to train, from its start or from its checkpoint.

    Args:
        device: as resolved by `devices.resolve`; the caller has entered its scope.
        streamed: None to decide by the memory that is free.
        say: told what is going on.

    Raises:
        WorkbenchError: the run, its data, its model or its checkpoint cannot be used.
    """
    say("preparing", "Opening the data and building the model.")
    project, record, facts = runs.read_project(folder), runs.read_run(folder), runs.read_facts(folder)
    settings = project.train
    epochs = record.epochs or settings.epochs
    _check_counts(epochs, settings.batch_size)
    prepared = Path(record.prepared)
    fingerprint = checkpoints.fingerprint(folder, prepared)
    saved = _saved(folder, fingerprint) if resume else None
    train, validation = _parts(prepared, facts)
    found = assemble.resolved(project.graph, facts, settings)
    made = assemble.assemble(project.graph, facts, settings, found.loss, found.metrics)
    model = made.model
    if streamed is None:
        streamed = modes.must_stream(*(p for p in (train, validation) if p is not None))
    coding = replace(made.encoding, augment=project.features.augment, seed=settings.seed)
    feed = modes.make_feed(train, coding, settings.batch_size, streamed=streamed)
    test: Feed | None = None
    if validation is not None:
        size = modes.test_batch(model, settings.batch_size, validation.rows)
        test = modes.make_feed(validation, made.encoding, size, streamed=streamed)
    assemble.build_state(model, feed.sample())
    plain = Loops(model, feed, test, xla=False)
    keeper = Keeper(model, rule(settings.early_stopping, plain.names, test is not None))
    history, place = History(), Place(fingerprint=fingerprint)
    if saved is not None:
        history, place = runs.read_history(folder), saved.place
        history.batches.truncate(place.batches)
        history.epochs.truncate(place.epochs)
        checkpoints.restore(model, saved, folder)
        keeper.restore(saved.best, place.standing)
    say("tracing", "Compiling the training loop.")
    begins = place.step == 0
    if saved is not None:  # the way of computing is part of the result
        chosen = Loops(model, feed, test, xla=True) if record.mode == modes.XLA else plain
        way = modes.way(chosen, keeper, begins=begins)
    else:
        way = modes.way(plain, keeper, begins=begins)
        if not streamed and modes.may_pay(model, feed, epochs, device):
            say("tracing", "Measuring which way of computing is fastest.")
            compiled = modes.way(Loops(model, feed, test, xla=True), keeper, begins=begins)
            variables = [*modes.all_variables(model), *keeper.shadows]
            way = modes.fastest(way, compiled, settings.seed, variables)
    if place.epoch < epochs:
        # Before the first step, so that a stop in the middle of an epoch never waits for a compilation.
        way.trace()
    mode = modes.XLA if way.loops.xla else modes.STREAMED if streamed else modes.COMPILED
    return Job(
        folder,
        settings,
        epochs,
        device,
        mode,
        found.loss,
        found.metrics,
        model,
        feed,
        test,
        way,
        keeper,
        history,
        place,
    )


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
