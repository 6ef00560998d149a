"""What a run tells the face and its history: batches at most 10 times a second, epochs, speed and time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

from workbench.core.history import History
from workbench.core.units import Units
from workbench.link.messages import Batches, EpochEnded, Message, RunAdjusted

FLUSH_SECONDS = 0.1
SPEED_HALF_LIFE = 2.0  # seconds
PACE_SHARE = 0.3  # of the time so far is the half-life of the pace by which the rest is reckoned
ONCE_SECONDS = 0.2  # a wait between two steps that is longer comes from compiling
FORWARD = 0.4  # of a training step is a step of a validation of as many rows, before one was measured
OWN = Units()


class Reporter:
    """Collects what the loops gave back and says it in measured portions. Used on the training thread alone.

    epochs, steps: of the run, and of an epoch, as they are now; to be set when they change. units: of the person, into
    which the errors of a regression are brought on their way out. validation_rows: of a validation that follows
    each epoch on its own.
    """

    def __init__(
        self,
        run: str,
        names: tuple[str, ...],
        history: History,
        emit: Callable[[Message], None],
        *,
        epochs: int,
        steps: int,
        units: Units = OWN,
        validation_rows: int = 0,
    ) -> None:
        self._run = run
        self._names = names
        factors = [units.factor(name) for name in names]
        self._factors = None if all(f == 1.0 for f in factors) else np.array(factors, np.float32)
        self._units = units
        self._history = history
        self._emit = emit
        self.epochs = epochs
        self._steps = steps
        self._told_steps = steps
        self._pending: list[np.ndarray] = []
        self._first = 0
        self._at = (0, 0)  # epoch and steps done in it
        self._flushed = 0.0
        self._lately = {"rows": 0.0, "steps": 0.0, "seconds": 0.0}  # sums that fade with time
        self._pace = {"steps": 0.0, "seconds": 0.0}
        self._computed = 0.0  # seconds in steps and validations
        self._began = -1.0  # when the first of them did
        self._away = 0.0  # seconds paused
        self._settled = 0.0  # of `_computed`: what had gone by when the batch size was last changed
        self._ended = -1.0  # when the last steps did
        self._once = 0.0  # the longest wait between two steps of an epoch: compiling for the last, smaller batch
        self._validation_rows = validation_rows
        self._validation_seconds = -1.0  # of the last one

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return self._steps

    @steps.setter
    def steps(self, steps: int) -> None:
        """With other batches a step takes another time: as many rows a second, until some were measured."""
        if steps == self._steps:
            return
        each = self._pace["seconds"] / max(self._pace["steps"], 1e-6) * self._steps / steps
        self._pace = {"steps": 1e-3, "seconds": 1e-3 * each}
        self._settled = self._computed
        self._steps = steps

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
        now = time.monotonic()
        if self._began < 0:
            self._began = now - seconds
        elif self._ended >= 0 and at[0] == self._at[0]:
            self._once = max(self._once, now - seconds - self._ended)
        self._at, self._ended = at, now
        self._computed += seconds
        slow = 0.5 ** (seconds / max(SPEED_HALF_LIFE, PACE_SHARE * (self._computed - self._settled)))
        self._pace["steps"] = slow * self._pace["steps"] + len(values)
        self._pace["seconds"] = slow * self._pace["seconds"] + max(seconds, 1e-6)
        fade = 0.5 ** (seconds / SPEED_HALF_LIFE)
        for total, fresh in (("rows", rows), ("steps", len(values)), ("seconds", max(seconds, 1e-6))):
            self._lately[total] = fade * self._lately[total] + fresh
        if time.monotonic() - self._flushed >= FLUSH_SECONDS:
            self.flush()

    def validated(self, seconds: float) -> None:
        """A whole validation took so long."""
        self._validation_seconds = seconds
        self._computed += seconds

    def paused(self, seconds: float) -> None:
        """Nothing was trained for so long."""
        self._away += seconds
        self._ended = -1.0

    @property
    def seconds_left(self) -> float:
        """Estimate for the rest of the run: its steps and validations, and what goes by between them (saving, telling)
        in the share it took so far. What comes once is left out of that."""
        epoch, done = self._at
        steps = max(0, (self.epochs - epoch) * self.steps - done)
        each = self._pace["seconds"] / max(self._pace["steps"], 1e-6)
        judging = self._validation_seconds
        if judging < 0:
            speed = self._lately["rows"] / max(self._lately["seconds"], 1e-6)
            judging = FORWARD * self._validation_rows / speed if speed else 0.0
        computing = steps * each + -(-steps // self.steps) * judging
        elapsed = time.monotonic() - self._began - self._away if self._began >= 0 else 0.0
        if self._once > ONCE_SECONDS:
            elapsed -= self._once
        return computing * max(1.0, elapsed / self._computed) if self._computed else computing

    def flush(self) -> None:
        """Say what was collected. The epoch is that of the last batch."""
        if not self._pending:
            return
        values = np.concatenate(self._pending)
        self._pending = []
        self._flushed = time.monotonic()
        columns = {n: np.ascontiguousarray(values[:, i], np.float32) for i, n in enumerate(self._names)}
        speed = self._lately["rows"] / self._lately["seconds"]
        self._emit(Batches(self._run, self._at[0], self._first, columns, speed, self.seconds_left))

    def epoch_ended(self, epoch: int, logs: Mapping[str, float], seconds: float, best: bool) -> dict[str, float]:
        """An epoch with its validation is complete; its figures as they are told."""
        told = self._units.of(logs)
        self._history.epochs.append(told)
        self._emit(EpochEnded(self._run, epoch, told, seconds, best))
        return told

    def happened(self, step: int, text: str, batch_size: int, epoch: int, epoch_step: int) -> None:
        """Something of note, kept in the history. epoch, epoch_step: where what is said of batches sets in."""
        self.flush()
        self._history.events.append((step, text))
        if self._told_steps != self.steps:
            self._told_steps = self.steps
            self._history.paces.append((epoch, epoch_step, self.steps))
        said = RunAdjusted(self._run, step, text, self.epochs, batch_size, self.steps, epoch, epoch_step)
        self._emit(said)
