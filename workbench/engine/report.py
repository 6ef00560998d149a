"""What a run tells the face and its history: batches at most 5 times a second (2.5 where the run needs every
processor), epochs, speed and time left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

import numpy as np

from workbench.core.history import History
from workbench.core.project import EarlyStopping
from workbench.core.units import Units
from workbench.link.messages import Batches, EpochEnded, Message, RunAdjusted

from .remaining import Remaining

FLUSH_SECONDS = 0.2 if (os.cpu_count() or 1) > 2 else 0.4  # who listens takes of the processors too, each time
PROMPT_SECONDS = 5.0  # from the start each epoch is told as it comes: a short run is followed one by one
SPEED_HALF_LIFE = 2.0  # seconds
OWN = Units()


class Reporter:
    """Collects what the loops gave back and says it in measured portions. Used on the training thread alone.

    left: reckons how long the run still takes; it holds the epochs of the run and the steps of one, as they are now.
    units: of the person, into which the errors of a regression are brought on their way out.
    """

    def __init__(
        self,
        run: str,
        names: tuple[str, ...],
        history: History,
        emit: Callable[[Message], None],
        left: Remaining,
        *,
        units: Units = OWN,
    ) -> None:
        self._run = run
        self._names = names
        factors = [units.factor(name) for name in names]
        self._factors = None if all(f == 1.0 for f in factors) else np.array(factors, np.float32)
        self._units = units
        self._history = history
        self._emit = emit
        self.left = left
        self.told_steps = left.steps  # as the face knows them
        self.told_early: EarlyStopping | None = None
        self._pending: list[np.ndarray] = []
        self._first = 0
        self._at = (0, 0)  # epoch and steps done in it
        self._flushed = self._ended_at = 0.0
        self._prompt_until = time.monotonic() + PROMPT_SECONDS
        self._ended: list[EpochEnded] = []  # not told yet
        self._calls = 0
        self._lately = (0.0, 0.0)  # rows and seconds: sums that fade with time

    def trained(self, step: int, at: tuple[int, int], values: np.ndarray, rows: int, seconds: float) -> None:
        """Some steps were trained.

        Args:
            step: global number of the first (from 0). at: the epoch of the last, and the steps done in that epoch.
            values: (k, names). rows: in them all. seconds: they took.
        """
        if self._factors is not None:
            values = values * self._factors
        self._history.batches.append({n: values[:, i] for i, n in enumerate(self._names)})
        if not self._pending:
            self._first = step
        self._pending.append(values)
        self._at = at
        self.left.trained(at, len(values), rows, seconds)
        fade = 0.5 ** (seconds / SPEED_HALF_LIFE)
        self._calls += 1
        if self._calls == 2:  # the first call of a sitting takes many times what the others do
            fade = 0.0
        self._lately = fade * self._lately[0] + rows, fade * self._lately[1] + max(seconds, 1e-6)
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Say what was collected, the batches first. The epoch is that of the last batch."""
        self._flushed = time.monotonic()
        if self._pending:
            self._flush_batches()
        ended, self._ended = self._ended, []
        for message in ended:
            self._emit(message)

    def _flush_batches(self) -> None:
        values = np.concatenate(self._pending)
        self._pending = []
        columns = {n: np.ascontiguousarray(values[:, i], np.float32) for i, n in enumerate(self._names)}
        rows, seconds = self._lately
        speed = rows / seconds if self._calls > 1 or seconds > FLUSH_SECONDS else 0.0  # not known by that one call
        self._emit(Batches(self._run, self._at[0], self._first, columns, speed, self.left.seconds))

    def epoch_ended(self, epoch: int, logs: Mapping[str, float], seconds: float, best: bool) -> dict[str, float]:
        """An epoch with its validation is complete; its figures as they are told. Epochs that follow each other faster
        than batches are told come with them: each message wakes those who listen."""
        told = self._units.of(logs)
        self._history.epochs.append(told)
        self._ended.append(EpochEnded(self._run, epoch, told, seconds, best))
        before, self._ended_at = self._ended_at, time.monotonic()
        if self._ended_at < self._prompt_until or self._ended_at - min(before, self._flushed) >= FLUSH_SECONDS:
            self.flush()
        return told

    def happened(
        self, step: int, text: str, batch_size: int, epoch: float, epoch_step: int, rate: float, early: EarlyStopping
    ) -> None:
        """Something of note, kept in the history. epoch, epoch_step: where what is said of batches sets in,
        2.5 in the middle of the third epoch. rate, early: from here on."""
        self.flush()
        self._history.events.append((step, text))
        steps = self.left.steps
        if self.told_steps != steps:
            self.told_steps = steps
            self._history.paces.append((epoch, epoch_step, steps))
        where = (batch_size, steps, epoch, epoch_step)
        told = None if early == self.told_early else early
        self.told_early = early
        self._emit(RunAdjusted(self._run, step, text, self.left.epochs, *where, rate, told))
