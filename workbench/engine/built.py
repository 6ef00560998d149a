"""What was built and compiled for a run, kept for the next one that would build and compile the same.

A run that is trained again with another learning rate, for more epochs or from its checkpoint, and folds of equal size,
begin without the second that building, tracing and compiling take. What enters the compiled code is in the key; what
does not (weights, states of optimizer, metrics and random draws, rows of the data) is put back to what a new build has:
the numbers of a run are the same to the last bit either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Augmentation, EarlyStopping, Graph, TrainSpec
from workbench.core.units import Units

from . import assemble, modes, rates
from .checkpoints import host
from .encoding import Encoding
from .feed import Feed
from .held import Held
from .keeper import Keeper, rule
from .loop import Loops
from .parts import Part
from .spread import Spread

LARGEST = 64_000_000  # bytes of the values that change in training: what is larger gains little and is not kept


@dataclass(frozen=True, eq=False)
class Plan:
    """What a run is built from. batch_size: of the training part. block: as `modes.reading` says. parts: to train on
    and to validate with. judged: rows of a validation batch at most; 0: as many as are quick."""

    graph: Graph
    facts: DataFacts
    settings: TrainSpec
    found: GraphFacts
    augment: Augmentation
    batch_size: int
    block: int
    parts: tuple[Part, Part | None]
    judged: int = 0

    def key(self, device: str) -> str:
        """Of all that enters the compiled code. Two runs with the same key differ only in values."""
        nodes = [replace(node, x=0.0, y=0.0, group="", note="", weights=None) for node in self.graph.nodes]
        settings, found = self.settings, self.found
        schedule = isinstance(
            settings.optimizer_params.get("learning_rate"), Mapping
        )  # its steps may follow the epochs
        ours: dict[str, Any] = {"early_stopping": EarlyStopping(), "tensorboard": False, "keep_every": 0, "probes": ""}
        if not schedule:
            params = {name: value for name, value in settings.optimizer_params.items() if name != "learning_rate"}
            ours |= {"epochs": 0, "optimizer_params": params}
        stored = [
            [(name, array.shape[1:], str(array.dtype)) for name, array in part.x.items()]
            + [part.y.shape, str(part.y.dtype), part.weights is None]
            for part in self.parts
            if part is not None
        ]
        said = (
            nodes,
            self.graph.wires,
            self.facts,
            replace(settings, **ours),
            found.loss,
            found.metrics,
            found.outputs,
        )
        return repr((*said, self.augment, self.batch_size, self.judged, self.block, stored, device))

    def build(self, spread: Spread, rows: Held | None = None) -> Built:
        """Build and compile the model, with its feeds. rows: as of `modes.make_feed`."""
        train, validation = self.parts
        made = assemble.assemble(self.graph, self.facts, self.settings, self.found.loss, self.found.metrics, spread)
        coding: Encoding = replace(made.encoding, augment=self.augment, seed=self.settings.seed)
        feed = modes.make_feed(train, coding, self.batch_size, block=self.block, rows=rows)
        test: Feed | None = None
        if validation is not None:
            size = modes.judging_batch(
                made.model, self.settings.batch_size, validation.rows, spread.replicas, self.judged
            )
            test = modes.make_feed(validation, made.encoding, size, block=self.block, rows=rows)
        return Built(made, feed, test, spread)


class Built:
    """A compiled model, the feeds it is trained and validated with, its loops and its keeper of the best weights.

    coding: of the training part.
    """

    def __init__(self, made: assemble.Assembled, train: Feed, validation: Feed | None, spread: Spread) -> None:
        self.model: keras.Model = made.model
        self.train = train
        self.validation = validation
        with spread.scope():
            assemble.build_state(self.model, train.sample())
        self.plain = Loops(self.model, train, validation, xla=False, spread=spread)
        self.keeper: Keeper | None = None
        self._spread = spread
        self._compiled: Loops | None = None
        self._ways: dict[Any, modes.Way] = {}
        self._initial = host(modes.all_variables(self.model)) if self.may_be_kept else []

    @property
    def may_be_kept(self) -> bool:
        """Whether it can serve another run: small, and all in one place."""
        size = sum(int(np.prod(v.shape)) * 4 for v in modes.all_variables(self.model))
        return self._spread.one and size <= LARGEST

    def again(self, train: Part, validation: Part | None, settings: TrainSpec) -> None:
        """Be as newly built for a run with these rows and settings, which has the same key."""
        self.train.fill(train.x, train.y, train.weights)
        if self.validation is not None and validation is not None:
            self.validation.fill(validation.x, validation.y, validation.weights)
        for variable, value in zip(modes.all_variables(self.model), self._initial, strict=True):
            variable.assign(value)
        rates.as_built(self.model)
        if not rates.scheduled(self.model):
            rates.set_rate(self.model, rates.of(assemble.make_optimizer(settings)))

    def read_by(self, rows: Held) -> None:
        """Read the rows of the next run like any run, and in the order of one, where these were made up."""
        for feed in (self.train, self.validation):
            if feed is not None:
                feed.read_by(rows)

    def release(self) -> None:
        """Let go of the rows of the run that has ended."""
        for feed in (self.train, self.validation):
            if feed is not None:
                feed.release()

    def keeps(self, early: EarlyStopping, units: Units) -> str:
        """Begin to watch for the best weights, from those of this moment; what is to be said of the rule."""
        watch, note = rule(early, self.plain.names, self.validation is not None, units)
        if self.keeper is not None and watch != self.keeper.rule:
            self._ways.clear()  # or a compiled sweep for each rule there ever was would stay
        if self.keeper is None:
            self.keeper = Keeper(self.model, watch, on_host=not self._spread.one)
        else:
            self.keeper.begin(watch)
        return note

    def way(self, *, xla: bool, begins: bool) -> modes.Way:
        """The way of computing with XLA or without. begins: at the start of an epoch, where sweeps can set in."""
        assert self.keeper is not None
        if xla and self._compiled is None:
            self._compiled = self.plain.compiled()
        loops = self._compiled if xla and self._compiled is not None else self.plain
        about = (xla, begins, self.keeper.rule)  # the rule is part of a compiled sweep
        if about not in self._ways:
            self._ways[about] = modes.way(loops, self.keeper, begins=begins)
        return self._ways[about]


class Shelf:
    """Holds what the last run has left, or the forecast of another since, for the next one. On the training thread;
    `offer` on any.

    rows: of its data, which serve any run that is trained on the same.
    """

    def __init__(self) -> None:
        self.rows = Held()
        self._left: tuple[str, Built] | None = None

    def take(self, key: str) -> Built | None:
        """What was built for that key; it is no longer here then. What does not serve is let go."""
        left, self._left = self._left, None
        return left[1] if left is not None and left[0] == key else None

    def put(self, key: str, built: Built) -> None:
        """Keep it for the next run."""
        built.release()
        if built.may_be_kept:
            self._left = key, built

    def offer(self, key: str, built: Built) -> None:
        """Keep what a forecast built on made-up rows, unless the like is here."""
        if self._left is None or self._left[0] != key:
            built.read_by(self.rows)
            self.put(key, built)
