"""The run that is shown while it trains, and after its end until another begins."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from workbench.core.errors import WorkbenchError
from workbench.core.history import History
from workbench.core.project import EarlyStopping
from workbench.core.runs import RunRecord
from workbench.link.messages import Batches, EpochEnded, Probed, RunAdjusted, RunEnded, RunStarted
from workbench.link.whereabouts import Whereabouts

RECENT = 25  # batches, whose mean is told as the loss of this moment: that of one jumps too much to be read


def recent(column: np.ndarray) -> float:
    """The mean of the newest rows of a column that is not empty."""
    return float(np.mean(np.asarray(column[-RECENT:], dtype=float)))


@dataclass(eq=False)
class LiveRun:
    """The run shown in the strip and on the Train page; kept after its end until another begins.

    state: "preparing" | "tracing" | "running" | "paused" | "stopping" | "interrupted", or how it ended: "finished" |
    "early_stopped" | "stopped" | "aborted" | "failed". text: what is going on. epoch: the current one from 0.
    history: one row a batch (row number = global step) and one row an epoch, as the engine says them.
    share: how much of the run is done, 0 to 1. probes: the last looks inside the model. resumed: it goes on from a
    checkpoint. early: the rule of early stopping as it was set last, None while it is not known. elsewhere: another
    program trains it, and it is followed by its journal (ui.followed). planned_batch: rows of a batch as the settings
    have it, 0 while not known; asked_batch: with which it was resumed, 0: as before. place: where it is. learning_rate:
    as it was told last, NaN before. alike: what its epochs' seconds depend on (ui.time_ahead), "" while not known.
    """

    folder: Path
    record: RunRecord
    history: History = field(default_factory=History)
    state: str = "preparing"
    text: str = "Preparing the data"
    started: RunStarted | None = None
    epoch: int = 0
    step: int = 0
    samples_per_second: float = 0.0
    seconds_left: float = float("nan")
    ended: RunEnded | None = None
    error: WorkbenchError | None = None
    preparing: float = 0.0
    probes: tuple[Probed, ...] = ()
    resumed: bool = False
    early: EarlyStopping | None = None
    elsewhere: bool = False
    planned_batch: int = 0
    asked_batch: int = 0
    place: Whereabouts = field(default_factory=Whereabouts)
    learning_rate: float = float("nan")
    alike: str = ""

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def active(self) -> bool:
        """Whether it is being prepared, trains, or is paused."""
        return self.state in ("preparing", "tracing", "running", "paused", "stopping")

    @property
    def epochs(self) -> int:
        return self.started.epochs if self.started else self.record.epochs

    @property
    def batch_size(self) -> int:
        """Rows of a batch, as far as is known; 0 where it is not."""
        return self.started.batch_size if self.started else self.asked_batch or self.planned_batch

    @property
    def share(self) -> float:
        if self.state == "preparing":
            return 0.0
        each = self.started.steps_per_epoch if self.started else 0
        if not each or not self.epochs:
            return 0.0
        epoch, first, _ = self.history.paces[-1] if self.history.paces else (0.0, 0, each)
        return min(1.0, (epoch + (self.step - first) / each) / self.epochs)

    def last(self, name: str) -> float:
        """The newest value of a metric: of the batches while it trains, else of the epochs. NaN when there is none."""
        for columns in (self.history.batches, self.history.epochs) if self.active else (self.history.epochs,):
            if name in columns and len(columns):
                return float(columns[name][-1])
        return float("nan")

    @property
    def shown_epoch(self) -> int:
        """The one it is in, from 1; how many are done when it has ended."""
        return min(self.epoch + 1 if self.active else len(self.history.epochs), self.epochs)

    def loss(self) -> float:
        """As it is told: of the newest batches while it trains, else of the last epoch. NaN when there is none."""
        rows = self.history.batches
        return recent(rows["loss"]) if self.active and "loss" in rows and len(rows) else self.last("loss")

    # ---- what the engine says --------------------------------------------------------------------------------

    def begin(self, message: RunStarted) -> None:
        """It trains from here on; what the history holds beyond its first step is trained again."""
        self.started = message
        self.early = message.early or self.early
        self.step, self.epoch = message.first_step, message.first_epoch
        self.history.truncate(message.first_step, message.first_epoch)
        if "learning_rate" in self.history.epochs and len(self.history.epochs):
            self.learning_rate = float(self.history.epochs["learning_rate"][-1])
        self.record = replace(
            self.record,
            parameters=message.parameters,
            device=message.device,
            mode=message.mode,
            loss=message.loss,
            metrics=message.metrics,
        )
        if self.state != "stopping":  # it was asked to end while it opened or compiled, and does so at its first step
            self.state, self.text = "running", ""

    def add_batches(self, message: Batches) -> None:
        """Some more batches; rows that are absent are NaN, those told again are replaced."""
        count = max((len(np.atleast_1d(v)) for v in message.values.values()), default=0)
        rows = self.history.batches
        missing = message.step - len(rows)
        if missing < 0:
            rows.truncate(message.step)
        elif missing and message.values:
            rows.append({k: np.full(missing, np.nan, np.float32) for k in message.values})
        rows.append(message.values)
        self.epoch, self.step = message.epoch, message.step + count
        self.samples_per_second, self.seconds_left = message.samples_per_second, message.seconds_left
        if self.state in ("preparing", "tracing"):
            self.state, self.text = "running", ""

    def add_epoch(self, message: EpochEnded) -> None:
        """One epoch more."""
        self.history.epochs.append(message.logs)
        self.epoch = message.epoch + 1
        self.learning_rate = message.logs.get("learning_rate", self.learning_rate)

    def adjust(self, message: RunAdjusted) -> None:
        """A setting was changed while it trains."""
        self.history.events.append((message.step, message.text))
        if message.learning_rate == message.learning_rate:
            self.learning_rate = message.learning_rate
        self.early = message.early or self.early
        if self.started is None:
            return
        if message.steps_per_epoch != self.started.steps_per_epoch:
            self.history.paces.append((message.epoch, message.epoch_step, message.steps_per_epoch))
        self.started = replace(
            self.started,
            epochs=message.epochs,
            steps_per_epoch=message.steps_per_epoch,
            batch_size=message.batch_size,
        )
