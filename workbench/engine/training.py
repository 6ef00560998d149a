"""A run that is opened, trained to its end: epochs one by one, or many small ones in a call.

On the training thread of the host. What happens between two calls of the compiled loop (about 50 ms) is in between.py,
what is changed meanwhile in adjust.py, what is told and written in life.py, when the model is looked into in looks.py,
what went wrong in failures.py.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np

from workbench.core.errors import Cancelled
from workbench.link.messages import Message, RunEnded

from . import determinism, diagnose, failures, rates, sweep
from .adjust import Changes
from .between import Between, Ended
from .control import RunControl
from .feed import Feed
from .job import Job
from .life import Life
from .looks import Looks
from .loop import Pace
from .modes import unchanged

log = logging.getLogger(__name__)
FEW_EPOCHS = 12  # of a run whose first tenth may go by before the first validation


class Training:
    """The steps of an opened run. lend: see Between."""

    def __init__(
        self, job: Job, emit: Callable[[Message], None], control: RunControl, lend: Callable[[keras.Model], None]
    ) -> None:
        self._life = Life(job, emit)
        self._control = control
        self._lend = lend
        self._pace, self._test_pace, self._sweep_pace = Pace(), Pace(), Pace(4)
        self._changes = Changes(self._life)
        self._between = Between(self._life, self._changes, control, lend, (self._pace, self._test_pace))
        self._looks = Looks(self._life, control)

    def run(self) -> RunEnded:
        """Train to the end."""
        life = self._life
        life.begin()
        reason, failure = "", None
        try:
            reason = self._epochs()
            self._looks.last(self._pace.step_seconds)
        except Ended as ended:
            reason, failure = ended.reason, ended.failure
        except Cancelled:
            raise
        except Exception as error:  # whatever it is, what was reached must be kept
            job = life.job
            if determinism.refused(error) and job.ordered:  # once more without
                raise
            log.exception("the loop of %s failed", job.folder.name)
            begun = len(job.history.epochs) > 0
            failure = failures.explained(error, life.where, job.model, job.train.batch_size, job.spread, begun=begun)
            reason = "failed"
        finally:
            life.job.orders.close()
            life.average(False)
        return life.finish(reason, failure, self._between_scores)

    def _epochs(self) -> str:
        """All that are to be trained: "finished" or "early_stopped". Raises Ended where something else ends the run."""
        life = self._life
        if life.job.keeper.waited_enough:  # it broke off when that had just been decided
            return "early_stopped"
        self._try_judging()
        while life.place.epoch < life.job.epochs:
            self._changes.take_batches()
            sweeps = life.job.way.sweeps
            if self._small_epochs(sweeps) if sweeps is not None and life.place.step == 0 else self._epoch():
                return "early_stopped"
        return "finished"

    # ---- one epoch at a time -------------------------------------------------------------------------------

    def _epoch(self) -> bool:
        """Train, validate and tell; whether early stopping ends the run."""
        life, began = self._life, time.monotonic()
        self._train()
        if not life.place.logs:
            life.place = replace(life.place, logs=self._trained_logs())
        logs, epoch = dict(life.place.logs), life.place.epoch
        life.average(True)
        if life.job.validation is not None:
            logs |= self._validate(life.job.validation)
        keeper = life.job.keeper  # its rule may have been changed meanwhile
        best, stop = keeper.epoch_ended(epoch, logs[keeper.rule.monitor])
        life.average(False)
        life.place = replace(life.place, epoch=epoch + 1, step=0, logs={})
        life.epoch_done(epoch, logs, time.monotonic() - began, best)
        if not stop:
            self._changes.on_plateau(logs)
        life.keep()  # with all that was decided
        self._looks.after(epoch)
        if not stop:
            self._between.look_up()
        return stop

    def _train(self) -> None:
        """What is left of the steps of this epoch."""
        job, place = self._life.job, self._life.place
        if place.step == 0:
            job.loops.reset_metrics()
        order = job.orders.take(job.train, job.settings.seed, place.epoch, job.epochs)
        with contextlib.closing(job.train.walk(order, place.step)) as walk:
            while (piece := walk.take(self._pace.steps)) is not None:
                begin = time.perf_counter()
                values = self._life.job.loops.train_steps(*piece)  # compiled anew where a schedule has changed
                seconds = time.perf_counter() - begin
                self._took(self._pace, len(values), seconds)
                self._stepped(values, seconds)
                self._between.look_up()

    def _took(self, pace: Pace, steps: int, seconds: float) -> None:
        pace.took(steps, seconds)
        self._control.step_seconds = pace.step_seconds

    def _stepped(self, values: np.ndarray, seconds: float) -> None:
        life, place, feed = self._life, self._life.place, self._life.job.train
        after = place.step + len(values)
        rows = min(after * feed.batch_size, feed.rows) - place.step * feed.batch_size
        life.reporter.trained(place.batches, (place.epoch, after), values, rows, seconds)
        self._check_numbers(place.epoch, place.step, values[:, 0])
        life.place = replace(place, step=after, batches=place.batches + len(values))

    def _trained_logs(self) -> dict[str, float]:
        """What the training of the epoch said."""
        job = self._life.job
        logs = job.loops.results()
        if job.spread.replicas > 1:  # shares of unequal size are weighed right in each batch, not in Keras' own mean
            # the first machine alone has what a resumed epoch told before its checkpoint
            mean = job.train.mean(job.history.batches["loss"]) if job.spread.chief else 0.0
            logs["loss"] = float(job.spread.broadcast(np.array(mean)))
        return logs

    def _validate(self, feed: Feed) -> dict[str, float]:
        begin, loops = time.perf_counter(), self._life.job.loops
        loops.reset_metrics()
        with contextlib.closing(feed.walk(np.arange(feed.rows))) as walk:
            while (piece := walk.take(self._test_pace.steps)) is not None:
                call = time.perf_counter()
                loops.test_steps(*piece)
                self._took(self._test_pace, piece[2], time.perf_counter() - call)
                self._between.look_up()
        self._life.left.validated(time.perf_counter() - begin)
        return {f"val_{name}": value for name, value in loops.results().items()}

    def _try_judging(self) -> None:
        """Time a batch of the validation where the first whole one comes late in the run, so that the time left counts
        on it from the beginning. Nothing of the run changes: what keeps a state is put back."""
        job, feed = self._life.job, self._life.job.validation
        few = 0 < job.epochs - self._life.place.epoch <= FEW_EPOCHS
        if feed is None or job.way.sweeps is not None or not few or not job.spread.one:
            return
        with unchanged(job.model), contextlib.closing(feed.walk(np.arange(feed.rows))) as walk:
            piece, seconds = walk.take(1), 0.0
            assert piece is not None
            for _ in range(2):  # the first is slower
                begin = time.perf_counter()
                job.loops.test_steps(*piece)
                seconds = time.perf_counter() - begin
            self._life.left.judged(feed.block_rows(piece[0]), seconds)

    # ---- many small epochs at a time -----------------------------------------------------------------------

    def _small_epochs(self, sweeps: sweep.Sweeps) -> bool:
        """As `_epoch`, of as many as a call does."""
        life, job, first = self._life, self._life.job, self._life.place.epoch
        count = min(self._sweep_pace.steps, sweeps.capacity, job.epochs - first)
        if job.settings.keep_every:  # a call ends where a checkpoint is to be kept
            count = min(count, job.settings.keep_every - first % job.settings.keep_every)
        orders = np.stack([job.train.order(job.settings.seed, first + e) for e in range(count)])
        begin = time.perf_counter()
        swept = sweeps.run(orders, first, job.keeper.standing)
        seconds = time.perf_counter() - begin
        self._sweep_pace.took(swept.epochs, seconds)
        job.keeper.swept(swept.standing, bool(swept.best.any()))
        self._swept(swept, sweeps.log_names, seconds)
        life.keep()
        self._looks.after(first + swept.epochs - 1)
        if not swept.stop:
            self._between.look_up()
        return swept.stop

    def _swept(self, swept: sweep.Swept, names: tuple[str, ...], seconds: float) -> None:
        life, feed, first = self._life, self._life.job.train, self._life.place.epoch
        flat = swept.values.reshape(-1, swept.values.shape[-1])
        at = (first + swept.epochs - 1, feed.steps)
        life.reporter.trained(life.place.batches, at, flat, swept.epochs * feed.rows, seconds)
        for e in range(swept.epochs):
            self._check_numbers(first + e, 0, swept.values[e, :, 0])
            logs = dict(zip(names, swept.logs[e].tolist(), strict=True))
            life.place = replace(life.place, epoch=first + e + 1, batches=life.place.batches + feed.steps)
            ago = (swept.epochs - 1 - e) * feed.steps
            life.epoch_done(first + e, logs, seconds / swept.epochs, bool(swept.best[e]), ago)

    # ---- both ----------------------------------------------------------------------------------------------

    def _check_numbers(self, epoch: int, step: int, losses: np.ndarray) -> None:
        """Raises Ended at the first loss that is infinite or not a number."""
        bad = np.flatnonzero(~np.isfinite(losses))
        if not len(bad):
            return
        job, at = self._life.job, step + int(bad[0])
        self._life.state("stopping", "Looking for the layer where it began.")
        layer, why = diagnose.find(job, epoch, at, self._pace.step_seconds)
        place = f"epoch {epoch + 1}, batch {at + 1}{f', layer {layer}' if layer else ''}"
        raise Ended("failed", failures.run_away(float(losses[bad[0]]), place, why, rates.rate(job.model)))

    def _between_scores(self) -> None:
        self._lend(self._life.job.model)
        if self._control.ending in ("abort", "shutdown"):
            raise Cancelled
