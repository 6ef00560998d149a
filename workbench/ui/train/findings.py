"""What the doctor is given and what it answers: plain records, without Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.core import edits
from workbench.core.baselines import Baseline
from workbench.core.catalog import load_catalog
from workbench.core.document import Edit
from workbench.core.monitors import kept_epoch
from workbench.core.project import EarlyStopping, Graph, Project, TrainSpec
from workbench.link.messages import Probed

ENDED = ("finished", "early_stopped", "stopped", "aborted", "failed")
WAIT = 3  # epochs a turn must last before it is called one
BEGUN = ("Begins with", "None of the weights")  # see engine.warmstart
NO_GRAPH = Graph()
NOT_KNOWN = Baseline()
FAR = 10.0  # times what an optimizer has by itself


@dataclass(frozen=True)
class Remedy:
    """One click. `edit` is an ordinary undoable change of the settings for the next run; with `action` "stop" the
    running run is ended and its best weights kept, with "try_rates" the window for finding a learning rate opens, with
    "show:<id>" that block is shown on the canvas, with "page:<name>" that page. done: the project is so already."""

    title: str
    edit: Edit | None = None
    action: str = ""
    done: bool = False


@dataclass(frozen=True)
class Finding:
    """severity: "fact" | "good" | "warn" | "bad". key is stable, for tests and for keeping places on the screen."""

    key: str
    severity: str
    title: str
    text: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Watched:
    """What the doctor looks at.

    state: a RunStateChanged state, or a RunEnded reason. train: the settings the run began with. epochs: columns by
    Keras names, one value an epoch. batch_loss: one value a batch so far. learning_rate: with which it trains now, None
    when it follows a schedule. probes: the last looks inside the model, the oldest first. graph: the project's model,
    where it is still that of the run; else empty. classes: of each target that has some, by its name. balance: of the
    features. outputs: of several, the target of each. early: its rule of early stopping as it is now; None: that of
    `train`. kept: its best weights are, or will be; not where its engine was lost before a checkpoint. rows: held out
    for validation; 0 where that is not known.
    """

    state: str
    train: TrainSpec
    epochs: Mapping[str, np.ndarray] = field(default_factory=dict)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    steps_per_epoch: int = 0
    learning_rate: float | None = None
    baseline: Baseline = NOT_KNOWN
    text: str = ""
    probes: tuple[Probed, ...] = ()
    graph: Graph = NO_GRAPH
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    balance: str = "none"
    outputs: Mapping[str, str] = field(default_factory=dict)
    early: EarlyStopping | None = None
    kept: bool = True
    rows: int = 0

    @property
    def stopping(self) -> EarlyStopping:
        """The rule of early stopping as it is now."""
        return self.early or self.train.early_stopping


def column_of(run: Watched, name: str) -> np.ndarray:
    """The values of an epoch's figure; empty when none of them is a number."""
    values = np.asarray(run.epochs.get(name, ()), dtype=float)
    return values if np.isfinite(values).any() else np.empty(0)


def kept_of(run: Watched) -> int:
    """The epoch (from 0) whose weights are kept; the last one before there is any."""
    return max(0, kept_epoch(run.epochs, run.stopping)[0] or 0)


def with_optimizer(**params: object) -> Edit:
    """The edit that changes some of the optimizer's settings and keeps the others as they are by then."""

    def edit(project: Project) -> Project:
        return edits.set_train(optimizer_params={**project.train.optimizer_params, **params})(project)

    return edit


def told_of(findings: Sequence[Finding], project: Project) -> tuple[Finding, ...]:
    """The findings, with remedies marked as done that the project has already: they are of the next run."""

    def marked(remedy: Remedy) -> Remedy:
        return replace(remedy, done=remedy.edit is not None and remedy.edit(project) == project)

    return tuple(replace(f, remedies=tuple(map(marked, f.remedies))) for f in findings)


def usual_rate(optimizer: str) -> float:
    """The learning rate that an optimizer has by itself; NaN where it has none."""
    entry = load_catalog().optimizers.get(optimizer)
    field = entry.field("learning_rate") if entry is not None else None
    return field.default if field is not None and isinstance(field.default, float) else math.nan


def plain_rate(train: TrainSpec) -> float | None:
    """The learning rate of the settings; None when it follows a schedule, or the optimizer has none."""
    value = train.optimizer_params.get("learning_rate")
    rate = usual_rate(train.optimizer) if value is None else value
    plain = isinstance(rate, (int, float)) and not isinstance(rate, bool) and math.isfinite(rate)
    return float(rate) if plain else None


def calmer(rate: float, factor: float, optimizer: str) -> float:
    """A smaller learning rate: `factor` times this one, or what the optimizer has by itself where that would still be
    far above it."""
    lower, usual = rate * factor, usual_rate(optimizer)
    return float(f"{usual if lower > FAR * usual else lower:.2g}")


def bolder(rate: float, factor: float, optimizer: str) -> float:
    """A larger learning rate: `factor` times this one, or what the optimizer has by itself where that would still be
    far below it."""
    higher, usual = rate * factor, usual_rate(optimizer)
    return float(f"{usual if higher * FAR < usual else higher:.2g}")


def clipping(run: Watched, way: str) -> tuple[Remedy, ...]:
    """Gradients that are limited, where none are yet. way: the optimizer's argument."""
    if any(run.train.optimizer_params.get(name) for name in ("clipnorm", "clipvalue", "global_clipnorm")):
        return ()
    return (Remedy("Clip the gradients", with_optimizer(**{way: 1.0})),)


def rate_remedy(run: Watched, factor: float) -> tuple[Remedy, ...]:
    """Another learning rate, where it is a number."""
    if run.learning_rate is None:
        return ()
    rate = (calmer if factor < 1 else bolder)(run.learning_rate, factor, run.train.optimizer)
    word = "smaller" if factor < 1 else "larger"
    return (Remedy(f"Learning rate {rate:g} ({word})", with_optimizer(learning_rate=rate)),)


def begun_with(events: Sequence[tuple[int, str]]) -> tuple[Finding, ...]:
    """Of a run that began with the weights of another: which were kept. events: as its history has them."""
    told = next((text for step, text in events if step == 0 and text.startswith(BEGUN)), "")
    title, _, kept = told.partition(". ")
    return (Finding("begun", "fact", title.rstrip(".") + ".", kept),) if told else ()
