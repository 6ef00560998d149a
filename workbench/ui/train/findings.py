"""What the doctor is given and what it answers: plain records, without Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.core import edits
from workbench.core.catalog import load_catalog
from workbench.core.document import Edit
from workbench.core.project import Graph, TrainSpec
from workbench.link.messages import Probed

ENDED = ("finished", "early_stopped", "stopped", "aborted", "failed")
WAIT = 3  # epochs a turn must last before it is called one
NO_GRAPH = Graph()
FAR = 10.0  # times what an optimizer has by itself


@dataclass(frozen=True)
class Remedy:
    """One click. `edit` is an ordinary undoable change of the settings for the next run; with `action` "stop" the
    running run is ended and its best weights kept, with "try_rates" the window for finding a learning rate opens, with
    "show:<id>" that block is shown on the canvas, with "page:<name>" that page."""

    title: str
    edit: Edit | None = None
    action: str = ""


@dataclass(frozen=True)
class Finding:
    """severity: "fact" | "good" | "warn" | "bad". key is stable, for tests and for keeping places on the screen."""

    key: str
    severity: str
    title: str
    text: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """The best constant answer. loss: its loss on the training rows in the model's units; NaN when not known.
    score: its value of the metric drawn (accuracy of the most common class); NaN when not known. answer: in words.
    held_out: its loss on the validation rows, of a regression. outputs: of several, that of each by its name; those
    above are of the sum then."""

    loss: float = math.nan
    score: float = math.nan
    answer: str = ""
    held_out: float = math.nan
    outputs: Mapping[str, Baseline] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    """What the doctor looks at.

    state: a RunStateChanged state, or a RunEnded reason. epochs: columns by Keras names, one value an epoch.
    batch_loss: one value a batch so far. learning_rate: of the settings, None when it follows a schedule.
    probes: the last looks inside the model, the oldest first. graph: the project's model, where it is still that of
    the run; else empty. classes: of the target. balance: of the features. outputs: of several, the target of each.
    """

    state: str
    train: TrainSpec
    epochs: Mapping[str, np.ndarray] = field(default_factory=dict)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    steps_per_epoch: int = 0
    learning_rate: float | None = None
    baseline: Baseline = Baseline()
    text: str = ""
    probes: tuple[Probed, ...] = ()
    graph: Graph = NO_GRAPH
    classes: tuple[str, ...] = ()
    balance: str = "none"
    outputs: Mapping[str, str] = field(default_factory=dict)


def column_of(run: Watched, name: str) -> np.ndarray:
    """The values of an epoch's figure; empty when none of them is a number."""
    values = np.asarray(run.epochs.get(name, ()), dtype=float)
    return values if np.isfinite(values).any() else np.empty(0)


def with_learning_rate(train: TrainSpec, rate: float) -> Edit:
    """The edit that sets the optimizer's learning rate and keeps its other settings."""
    return edits.set_train(optimizer_params={**train.optimizer_params, "learning_rate": rate})


def calmer(rate: float, factor: float, optimizer: str) -> float:
    """A smaller learning rate: `factor` times this one, or what the optimizer has by itself where that would still be
    far above it."""
    entry = load_catalog().optimizers.get(optimizer)
    field = entry.field("learning_rate") if entry is not None else None
    usual = field.default if field is not None else None
    lower = rate * factor
    if isinstance(usual, float) and lower > FAR * usual:
        lower = usual
    return float(f"{lower:.2g}")


def rate_remedy(run: Watched, factor: float) -> tuple[Remedy, ...]:
    """Another learning rate, where it is a number."""
    if run.learning_rate is None:
        return ()
    larger = float(f"{run.learning_rate * factor:.2g}")
    rate = calmer(run.learning_rate, factor, run.train.optimizer) if factor < 1 else larger
    word = "smaller" if factor < 1 else "larger"
    return (Remedy(f"Learning rate {rate:g} ({word})", with_learning_rate(run.train, rate)),)
