"""A run that is opened, trained to its end: epochs one by one or many in a call, paused, changed and ended in between.

On the training thread of the host. Between two calls of the compiled loop (about 50 ms) it looks whether it is to
pause, change or end, saves a checkpoint when one is due, and lends its weights to those who predict meanwhile. What is
told and written is in life.py, when the model is looked into in looks.py, what several machines agree on in
cluster.py, what went wrong in failures.py.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import keras
import numpy as np

from workbench.core.errors import Cancelled, WorkbenchError
from workbench.core.monitors import rises
from workbench.core.wording import plural
from workbench.link.messages import Adjust, Message, RunEnded

from . import adjust, cluster, diagnose, failures, rates, sweep
from .checkpoints import Place
from .control import RunControl
from .failures import Failure
from .feed import Feed
from .job import Job, rebatched, refitted
from .life import Life
from .looks import Looks
from .loop import Pace
from .modes import unchanged

log = logging.getLogger(__name__)
FEW_EPOCHS = 12  # of a run whose first tenth may go by before the first validation
PAUSE_SECONDS = 0.2  # between two looks of machines that pause together


class _Ended(Exception):
    """The person, early stopping or a loss that is no number ended the run. Internal to this module."""

    def __init__(self, reason: str, failure: Failure | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


class Training:
    """The steps of an opened run, and what is decided between them."""

    def __init__(
        self, job: Job, emit: Callable[[Message], None], control: RunControl, between: Callable[[keras.Model], None]
    ) -> None:
        self._life = Life(job, emit)
        self._control = control
        self._between = between
        self._pace = Pace()
        self._sweep_pace = Pace(4)
        self._test_pace = Pace()
        self._looks = Looks(self._life, control)

    @property
    def _job(self) -> Job:
        return self._life.job

    @property
    def _place(self) -> Place:
        return self._life.place

    @_place.setter
    def _place(self, place: Place) -> None:
        self._life.place = place

    def run(self) -> RunEnded:
        """Train to the end."""
        life = self._life
        life.begin()
        reason, failure = "", None
        try:
            reason = self._epochs()
            self._looks.last(self._pace.step_seconds)
        except _Ended as ended:
            reason, failure = ended.reason, ended.failure
        except Cancelled:
            raise
        except Exception as error:  # whatever it is, what was reached must be kept
            if failures.not_deterministic(error) and not len(self._job.history.batches):
                raise
            log.exception("the loop of %s failed", self._job.folder.name)
            job = self._job
            begun = len(job.history.epochs) > 0
            failure = failures.explained(error, self._where, job.model, job.train.batch_size, job.spread, begun=begun)
            reason = "failed"
        finally:
            self._job.orders.close()
            if life.averaged is not None:
                life.averaged.set(False)
        return life.finish(reason, failure, self._between_scores)

    def _epochs(self) -> str:
        """All that are to be trained; "finished" or "early_stopped". Raises _Ended where something else ended it."""
        try:
            self._try_judging()
            while self._place.epoch < self._job.epochs:
                self._change_batches()
                sweeps = self._job.way.sweeps
                if sweeps is not None and self._place.step == 0:
                    self._small_epochs(sweeps)
                else:
                    self._epoch()
        except _Ended as ended:
            if ended.reason != "early_stopped":
                raise
            return ended.reason
        return "finished"

    @property
    def _where(self) -> str:
        """The place in the run, for people."""
        place, job = self._place, self._job
        if place.logs:
            return f"epoch {place.epoch + 1}, validation"
        if place.epoch >= job.epochs:
            return f"after epoch {place.epoch}"
        return f"epoch {place.epoch + 1}, batch {min(place.step, job.train.steps - 1) + 1}"

    # ---- one epoch at a time -------------------------------------------------------------------------------

    def _epoch(self) -> None:
        job, epoch, began = self._job, self._place.epoch, time.monotonic()
        if self._place.step == 0:
            job.loops.reset_metrics()
        walk = job.train.walk(self._job.orders.take(job.train, job.settings.seed, epoch, job.epochs), self._place.step)
        try:
            while (piece := walk.take(self._pace.steps)) is not None:
                begin = time.perf_counter()
                values = job.loops.train_steps(*piece)
                seconds = time.perf_counter() - begin
                self._pace.took(len(values), seconds)
                self._control.step_seconds = self._pace.step_seconds
                self._stepped(values, seconds)
                self._look_up()
        finally:
            walk.close()
        job = self._job  # early stopping may have been changed meanwhile
        if not self._place.logs:
            self._place = replace(self._place, logs=self._trained_logs())
        logs = dict(self._place.logs)
        if self._life.averaged is not None:
            self._life.averaged.set(True)
        if job.validation is not None:
            logs |= self._validate(job.validation)
        job = self._job
        watched = logs[job.keeper.rule.monitor]
        best, stop = job.keeper.epoch_ended(epoch, watched)
        if self._life.averaged is not None:
            self._life.averaged.set(False)
        self._place = replace(self._place, epoch=epoch + 1, step=0, logs={})
        self._life.epoch_done(epoch, logs, time.monotonic() - began, best)
        self._life.keep()
        self._looks.after(epoch)
        if stop:
            raise _Ended("early_stopped")
        self._plateau(logs)
        self._look_up()

    def _trained_logs(self) -> dict[str, float]:
        """What the training of the epoch said."""
        job = self._job
        logs = job.loops.results()
        if job.spread.replicas > 1:  # shares of unequal size are weighed right in each batch, not in Keras' own mean
            logs["loss"] = job.train.mean(job.history.batches["loss"])
        return logs

    def _stepped(self, values: np.ndarray, seconds: float) -> None:
        epoch, step, feed = self._place.epoch, self._place.step, self._job.train
        after = step + len(values)
        rows = min(after * feed.batch_size, feed.rows) - step * feed.batch_size
        self._life.reporter.trained(self._place.batches, (epoch, after), values, rows, seconds)
        self._check_numbers(epoch, step, values[:, 0])
        self._place = replace(self._place, step=after, batches=self._place.batches + len(values))

    def _validate(self, feed: Feed) -> dict[str, float]:
        begin = time.perf_counter()
        loops = self._job.loops
        loops.reset_metrics()
        walk = feed.walk(np.arange(feed.rows))
        try:
            while (piece := walk.take(self._test_pace.steps)) is not None:
                call = time.perf_counter()
                loops.test_steps(*piece)
                self._test_pace.took(piece[2], time.perf_counter() - call)
                self._control.step_seconds = self._test_pace.step_seconds
                self._look_up()
        finally:
            walk.close()
        self._life.left.validated(time.perf_counter() - begin)
        return {f"val_{name}": value for name, value in loops.results().items()}

    def _try_judging(self) -> None:
        """Time a batch of the validation where the first whole one comes late in the run, so that the time left counts
        on it from the beginning. Nothing of the run changes: what keeps a state is put back."""
        job, feed = self._job, self._job.validation
        few = 0 < job.epochs - self._place.epoch <= FEW_EPOCHS
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

    def _small_epochs(self, sweeps: sweep.Sweeps) -> None:
        job, first = self._job, self._place.epoch
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
        self._life.keep()
        self._looks.after(first + swept.epochs - 1)
        if swept.stop:
            raise _Ended("early_stopped")
        self._look_up()

    def _swept(self, swept: sweep.Swept, names: tuple[str, ...], seconds: float) -> None:
        feed, first = self._job.train, self._place.epoch
        flat = swept.values.reshape(-1, swept.values.shape[-1])
        at = (first + swept.epochs - 1, feed.steps)
        self._life.reporter.trained(self._place.batches, at, flat, swept.epochs * feed.rows, seconds)
        for e in range(swept.epochs):
            self._check_numbers(first + e, 0, swept.values[e, :, 0])
            logs = dict(zip(names, swept.logs[e].tolist(), strict=True))
            self._place = replace(self._place, epoch=first + e + 1, batches=self._place.batches + feed.steps)
            ago = (swept.epochs - 1 - e) * feed.steps
            self._life.epoch_done(first + e, logs, seconds / swept.epochs, bool(swept.best[e]), ago)

    # ---- between calls -------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Pause, change, end, lend weights and save, when somebody wants it or it is time."""
        self._between(self._job.model)
        if self._job.spread.workers > 1:  # all machines do as many steps, and pause, change, end and save together
            wished = self._pause_together(self._agreed())
        else:
            while self._control.paused:
                self._pause()
            changes = tuple(self._control.changes())
            wished = cluster.Wishes(1, 1, self._control.ending, due=self._life.due, changes=changes)
        for change in wished.changes:
            self._adjust(change)
        if wished.ending:
            self._end_together(wished)
            raise _Ended(wished.ending)
        if wished.due and not wished.changes:  # after a change it was saved already
            self._life.try_to_save()

    def _end_together(self, wished: cluster.Wishes) -> None:
        """Say where another machine ended the run; where its program was closed, that is what ended it."""
        if wished.by in (-1, self._job.spread.worker):
            return
        name = cluster.machine(wished.by)
        if wished.ending == "shutdown":  # it saves at this moment, which takes all machines
            self._life.try_to_save()
            raise _Ended("failed", failures.machine_gone(f"The program of {name} was closed.", self._where))
        self._life.happened(f"Ended from {name}")

    def _agreed(self) -> cluster.Wishes:
        spread, control = self._job.spread, self._control
        changes = tuple(control.changes()) if spread.chief else ()
        steps = (self._pace.steps, self._test_pace.steps)
        wished = cluster.Wishes(*steps, control.ending, control.paused, self._life.due, changes)
        wished = cluster.agreed(spread, wished)
        self._pace.steps, self._test_pace.steps = wished.train_steps, wished.test_steps
        return wished

    def _pause_together(self, wished: cluster.Wishes) -> cluster.Wishes:
        """Where a machine wants it, pause on all; what is wished when they go on."""
        if not wished.paused or wished.ending:
            return wished
        changes = list(wished.changes)
        by = cluster.machine(wished.by) if wished.by not in (-1, self._job.spread.worker) else ""
        began = self._begin_pause(f"Paused from {by}." if by else "Paused.")
        while wished.paused and not wished.ending:
            if self._control.paused:  # the others wait for this one in `agreed`
                self._control.wait_while_paused(self._control.resumed, PAUSE_SECONDS)
            wished = self._agreed()
            changes += wished.changes
        self._end_pause(began, wished.ending)
        return replace(wished, changes=tuple(changes))

    def _pause(self) -> None:
        resumed = self._control.resumed
        began = self._begin_pause()
        self._control.wait_while_paused(resumed)
        self._end_pause(began, self._control.ending)

    def _begin_pause(self, text: str = "Paused.") -> float:
        began, life = time.monotonic(), self._life
        life.reporter.flush()
        life.state("paused", text)
        try:
            life.save(state="paused")
        except WorkbenchError as error:
            life.state("paused", error.what)
        return began

    def _end_pause(self, began: float, ending: str) -> None:
        self._life.paused(time.monotonic() - began, goes_on=not ending)

    def _check_numbers(self, epoch: int, step: int, losses: np.ndarray) -> None:
        """Raises _Ended at the first loss that is infinite or not a number."""
        bad = np.flatnonzero(~np.isfinite(losses))
        if not len(bad):
            return
        rate, at = rates.rate(self._job.model), step + int(bad[0])
        layer, why = "", ""
        if self._job.spread.workers == 1:
            self._life.state("stopping", "Looking for the layer where it began.")
            layer, why = diagnose.find(self._job, epoch, at, self._pace.step_seconds)
        place = f"epoch {epoch + 1}, batch {at + 1}{f', layer {layer}' if layer else ''}"
        raise _Ended("failed", failures.run_away(float(losses[bad[0]]), place, why, rate))

    # ---- changes while it runs -----------------------------------------------------------------------------

    def _adjust(self, change: Adjust) -> None:
        monitor = self._job.keeper.rule.monitor
        place = self._place
        self._life.job, wanted, texts = adjust.adjusted(self._job, change, place.epoch, place.batch_wanted)
        self._place = replace(place, batch_wanted=wanted)
        if change.early_stopping is not None:
            self._place = replace(self._place, early=self._job.early)
        if monitor != self._job.keeper.rule.monitor:  # figures of another kind: none of them is better than before
            self._place = replace(self._place, plateau=Place().plateau, resting=0)
        if change.epochs is not None:
            texts.append(self._follow())
        self._life.left.epochs = self._job.epochs
        for text in filter(None, texts):
            self._life.happened(text)
        self._life.try_to_save()  # so that it is not lost with the engine

    def _follow(self) -> str:
        """Let a schedule that is as long as the run follow it; what came of it, for people."""
        self._life.job, self._place, text = refitted(self._job, self._place)
        return text

    def _change_batches(self) -> None:
        """At the start of an epoch: take the batch size that was asked for meanwhile."""
        wanted = self._place.batch_wanted
        if not wanted or self._place.step:
            return
        self._place = replace(self._place, batch_wanted=0)
        if min(wanted, self._job.train.rows) == self._job.train.batch_size:
            return
        before = self._job.train.batch_size
        self._life.state("tracing", f"Compiling the loop for batches of {wanted}.")
        self._life.job = rebatched(self._job, wanted)
        self._life.left.steps = self._job.train.steps
        self._place = replace(self._place, batch_size=self._job.train.batch_size)
        told = self._follow()
        self._life.state("running")
        self._life.happened(f"Batch size {before} → {self._job.train.batch_size}" + (f". {told}" if told else ""))
        self._life.try_to_save()

    def _plateau(self, logs: Mapping[str, float]) -> None:
        """Lower the learning rate when what is watched has not improved for long enough."""
        rule = self._job.settings.plateau
        if not rule.enabled:
            return
        place, keeper = self._place, self._job.keeper.rule
        monitor = adjust.falls_by(self._job)
        before, value = rates.rate(self._job.model), logs[monitor] * (-1.0 if rises(monitor) else 1.0)
        least = abs(rule.min_delta) / self._job.units.factor(monitor)
        wait, after = rates.on_plateau(rule, rates.Wait(*place.plateau, place.resting), value, before, least)
        if after < before:
            rates.set_rate(self._job.model, after)
            of = "" if monitor == keeper.monitor else f" {monitor}"
            waited = plural(max(1, rule.patience), "epoch")
            self._life.happened(f"Learning rate {before:.3g} → {after:.3g}: no better{of} for {waited}")
        self._place = replace(place, plateau=(wait.best, wait.waited), resting=wait.resting)

    def _between_scores(self) -> None:
        self._between(self._job.model)
        if self._control.ending in ("abort", "shutdown"):
            raise Cancelled
