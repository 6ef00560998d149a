"""The life of a run that is opened: trained, paused, adjusted, ended.

On the training thread of the host. Between two calls of the compiled loop (about 50 ms) it looks whether it is to
pause, change or end, reports, saves a checkpoint when one is due, and lends its weights to those who predict
meanwhile. What is written is in saving.py, what went wrong in failures.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError, WorkbenchError
from workbench.link.messages import Adjust, Message, RunEnded, RunStarted, RunStateChanged

from . import adjust, devices, diagnose, failures, rates, sweep
from .board import Board
from .checkpoints import Place
from .control import RunControl
from .failures import Failure
from .feed import Feed
from .job import Job, rebatched
from .loop import Pace, epoch_order
from .probe import Prober
from .report import Reporter
from .saving import Saver, score_test

log = logging.getLogger(__name__)
STATES = {"stop": "stopped", "abort": "aborted", "shutdown": "paused"}
ENDINGS = ("", "stop", "abort", "shutdown")


class _Ended(Exception):
    """The person, early stopping or a loss that is no number ended the run. Internal to this module."""

    def __init__(self, reason: str, failure: Failure | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


class Training:
    """The life of an opened run."""

    def __init__(
        self, job: Job, emit: Callable[[Message], None], control: RunControl, between: Callable[[keras.Model], None]
    ) -> None:
        self._job = job
        self._emit = emit
        self._control = control
        self._between = between
        self._place = job.place
        self._pace = Pace()
        self._sweep_pace = Pace(4)
        self._test_pace = Pace()
        self._began = time.monotonic()
        self._paused_seconds = 0.0
        self._saver = Saver(job.folder)
        self._averaged = rates.Averaged(job.model) if rates.averages(job.model) else None
        self._batch_wanted = 0
        self._prober = Prober(job) if job.spread.one else None
        self._board = Board(job) if job.settings.tensorboard and job.spread.chief else None
        self._reporter = Reporter(
            job.folder.name,
            job.loops.names,
            job.history,
            emit,
            epochs=job.epochs,
            steps=job.train.steps,
            units=job.units,
            validation_rows=job.validation.rows if job.validation is not None and job.way.sweeps is None else 0,
        )

    def run(self) -> RunEnded:
        """Train to the end."""
        self._start()
        reason, failure = "finished", None
        try:
            while self._place.epoch < self._job.epochs:
                self._change_batches()
                sweeps = self._job.way.sweeps
                if sweeps is not None and self._place.step == 0:
                    self._small_epochs(sweeps)
                else:
                    self._epoch()
        except _Ended as ended:
            reason, failure = ended.reason, ended.failure
        except (tf.errors.OpError, MemoryError) as error:
            if failures.not_deterministic(error) and not len(self._job.history.batches):
                raise
            log.exception("the loop of %s failed", self._job.folder.name)
            job = self._job
            place = f"epoch {self._place.epoch + 1}, batch {min(self._place.step, job.train.steps - 1) + 1}"
            failure = failures.explained(error, place, job.model, job.train.batch_size, job.spread.workers)
            reason = "failed"
        finally:
            if self._averaged is not None:
                self._averaged.set(False)
        return self._finish(reason, failure)

    def _start(self) -> None:
        job = self._job
        parameters = job.model.count_params()
        self._began = time.monotonic()
        self._saver.put_off()
        self._record(
            state="running",
            message="",
            parameters=parameters,
            device=job.device,
            mode=job.mode,
            loss=job.loss,
            metrics=job.metrics,
            versions=devices.versions(),
            remarks=job.notes,
        )
        self._emit(
            RunStarted(
                job.folder.name,
                job.epochs,
                job.train.steps,
                job.train.batch_size,
                parameters,
                job.device,
                job.mode,
                job.loss,
                job.loops.names[1:],
                self._place.epoch,
                self._place.batches,
            )
        )
        self._state("running")
        for text in job.notes:
            self._happened(text)

    # ---- one epoch at a time -------------------------------------------------------------------------------

    def _epoch(self) -> None:
        job, epoch, began = self._job, self._place.epoch, time.monotonic()
        if self._place.step == 0:
            job.loops.reset_metrics()
        walk = job.train.walk(epoch_order(job.settings.seed, epoch, job.train.rows), self._place.step)
        try:
            while (piece := walk.take(self._pace.steps)) is not None:
                begin = time.perf_counter()
                values = job.loops.train_steps(*piece)
                seconds = time.perf_counter() - begin
                self._pace.took(len(values), seconds)
                self._stepped(values, seconds)
                self._look_up()
        finally:
            walk.close()
        job = self._job  # early stopping may have been changed meanwhile
        if not self._place.logs:
            self._place = replace(self._place, logs=self._trained_logs())
        logs = dict(self._place.logs)
        if self._averaged is not None:
            self._averaged.set(True)
        if job.validation is not None:
            logs |= self._validate(job.validation)
        job = self._job
        watched = logs[job.keeper.rule.monitor]
        best, stop = job.keeper.epoch_ended(epoch, watched)
        if self._averaged is not None:
            self._averaged.set(False)
        self._place = replace(self._place, epoch=epoch + 1, step=0, logs={})
        self._epoch_done(epoch, logs, time.monotonic() - began, best)
        self._probe(epoch)
        if stop:
            raise _Ended("early_stopped")
        self._plateau(watched)
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
        self._reporter.trained(self._place.batches, (epoch, after), values, rows, seconds)
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
                self._look_up()
        finally:
            walk.close()
        self._reporter.validated(time.perf_counter() - begin)
        return {f"val_{name}": value for name, value in loops.results().items()}

    # ---- many small epochs at a time -----------------------------------------------------------------------

    def _small_epochs(self, sweeps: sweep.Sweeps) -> None:
        job, first = self._job, self._place.epoch
        count = min(self._sweep_pace.steps, sweeps.capacity, job.epochs - first)
        orders = np.stack([epoch_order(job.settings.seed, first + e, job.train.rows) for e in range(count)])
        begin = time.perf_counter()
        swept = sweeps.run(orders, first, job.keeper.standing)
        seconds = time.perf_counter() - begin
        self._sweep_pace.took(swept.epochs, seconds)
        job.keeper.swept(swept.standing, bool(swept.best.any()))
        self._swept(swept, sweeps.log_names, seconds)
        self._probe(first + swept.epochs - 1)
        if swept.stop:
            raise _Ended("early_stopped")
        self._look_up()

    def _swept(self, swept: sweep.Swept, names: tuple[str, ...], seconds: float) -> None:
        feed, first = self._job.train, self._place.epoch
        flat = swept.values.reshape(-1, swept.values.shape[-1])
        at = (first + swept.epochs - 1, feed.steps)
        self._reporter.trained(self._place.batches, at, flat, swept.epochs * feed.rows, seconds)
        for e in range(swept.epochs):
            self._check_numbers(first + e, 0, swept.values[e, :, 0])
            logs = dict(zip(names, swept.logs[e].tolist(), strict=True))
            self._place = replace(self._place, epoch=first + e + 1, batches=self._place.batches + feed.steps)
            self._epoch_done(first + e, logs, seconds / swept.epochs, bool(swept.best[e]))

    # ---- between calls -------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Pause, change, end, lend weights and save, when somebody wants it or it is time."""
        self._between(self._job.model)
        while self._control.paused:
            self._pause()
        for change in self._control.changes():
            self._adjust(change)
        ending, due = self._control.ending, self._saver.due(self._seconds)
        spread = self._job.spread
        if spread.workers > 1:  # all machines do as many steps, and end and save together
            told = [self._pace.steps, self._test_pace.steps, ENDINGS.index(ending), float(due)]
            train, test, how, save = spread.agree(told)
            self._pace.steps, self._test_pace.steps = int(train), int(test)
            ending, due = ENDINGS[int(how)], bool(save)
        if ending:
            raise _Ended(ending)
        if due:
            self._try_to_save()

    def _try_to_save(self) -> None:
        try:
            self._save()
        except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
            self._saver.put_off()
            self._state("running", f"{error.what} Training goes on.")

    def _pause(self) -> None:
        began, resumed = time.monotonic(), self._control.resumed
        self._reporter.flush()
        self._state("paused", "Paused.")
        try:
            self._save(state="paused")
        except WorkbenchError as error:
            self._state("paused", error.what)
        self._control.wait_while_paused(resumed)
        self._paused_seconds += time.monotonic() - began
        self._reporter.paused(time.monotonic() - began)
        if not self._control.ending:
            try:
                self._record(state="running")
                self._state("running")
            except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
                self._state("running", f"{error.what} Training goes on.")

    def _epoch_done(self, epoch: int, logs: dict[str, float], seconds: float, best: bool) -> None:
        self._reporter.flush()
        logs = {**logs, "learning_rate": rates.rate(self._job.model)}
        told = self._reporter.epoch_ended(epoch, logs, seconds, best)
        if self._board is not None:
            self._board.epoch(epoch, told)

    def _probe(self, epoch: int) -> None:
        """Look inside the model, when what that costs is nothing beside the training so far."""
        if self._prober is not None and self._prober.due(time.monotonic() - self._began - self._paused_seconds):
            found = self._prober.look(epoch)
            if found is not None:
                self._emit(found)

    def _check_numbers(self, epoch: int, step: int, losses: np.ndarray) -> None:
        """Raises _Ended at the first loss that is infinite or not a number."""
        bad = np.flatnonzero(~np.isfinite(losses))
        if not len(bad):
            return
        rate, at = rates.rate(self._job.model), step + int(bad[0])
        layer, why = "", ""
        if self._job.spread.one:
            self._state("stopping", "Looking for the layer where it began.")
            layer, why = diagnose.find(self._job, epoch, at, self._pace.step_seconds)
        place = f"epoch {epoch + 1}, batch {at + 1}{f', layer {layer}' if layer else ''}"
        raise _Ended("failed", failures.run_away(float(losses[bad[0]]), place, why, rate))

    def _state(self, state: str, text: str = "") -> None:
        self._emit(RunStateChanged(self._job.folder.name, state, text))

    # ---- changes while it runs -----------------------------------------------------------------------------

    def _adjust(self, change: Adjust) -> None:
        monitor = self._job.keeper.rule.monitor
        self._job, self._batch_wanted, texts = adjust.adjusted(self._job, change, self._place.epoch, self._batch_wanted)
        if change.early_stopping is not None:
            self._place = replace(self._place, early=self._job.early)
        if monitor != self._job.keeper.rule.monitor:  # figures of another kind: none of them is better than before
            self._place = replace(self._place, plateau=Place().plateau)
        self._reporter.epochs = self._job.epochs
        for text in texts:
            self._happened(text)
        self._try_to_save()  # so that it is not lost with the engine

    def _change_batches(self) -> None:
        """At the start of an epoch: take the batch size that was asked for meanwhile."""
        wanted, self._batch_wanted = self._batch_wanted, 0
        if not wanted or self._place.step or min(wanted, self._job.train.rows) == self._job.train.batch_size:
            return
        before = self._job.train.batch_size
        self._state("tracing", f"Compiling the loop for batches of {wanted}.")
        self._job = rebatched(self._job, wanted)
        self._reporter.steps = self._job.train.steps
        self._place = replace(self._place, batch_size=self._job.train.batch_size)
        self._state("running")
        self._happened(f"Batch size {before} → {self._job.train.batch_size}")
        self._try_to_save()

    def _plateau(self, watched: float) -> None:
        """Lower the learning rate when the monitor has not improved for long enough."""
        rule = self._job.settings.plateau
        if not rule.enabled:
            return
        before = rates.rate(self._job.model)
        value = watched * self._job.keeper.rule.sign
        plateau, after = rates.on_plateau(rule, self._place.plateau, value, before)
        if after < before:
            rates.set_rate(self._job.model, after)
            self._happened(f"Learning rate {before:.3g} → {after:.3g}: no better for {rule.patience} epochs")
        self._place = replace(self._place, plateau=plateau)

    def _happened(self, text: str) -> None:
        place, feed = self._place, self._job.train
        self._reporter.happened(place.batches, text, feed.batch_size, place.epoch, place.batches - place.step)

    # ---- saving --------------------------------------------------------------------------------------------

    @property
    def _seconds(self) -> float:
        return self._job.place.seconds + time.monotonic() - self._began - self._paused_seconds

    def _save(self, **record: object) -> None:
        """Raises WorkbenchError when the folder is not writable."""
        averaged = self._averaged is not None and self._averaged.on
        if averaged:  # in the middle of a validation: what is saved are the weights that are trained
            self._averaged.set(False)
        try:
            self._place = self._saver.save(self._job, replace(self._place, seconds=self._seconds), **record)
        finally:
            if averaged:
                self._averaged.set(True)

    def _record(self, **changes: object) -> None:
        self._saver.record(self._job, replace(self._place, seconds=self._seconds), **changes)

    def _finish(self, reason: str, failure: Failure | None) -> RunEnded:
        job = self._job
        self._reporter.flush()
        state, rate = STATES.get(reason, reason), rates.rate(job.model)
        try:
            if failure is None:
                self._state("stopping", "Saving.")
                self._save(state=state)
                if state in runs.FINISHED and job.spread.workers == 1:
                    score_test(job, self._between_scores)
            else:  # the weights of this moment are worthless: the checkpoint before them stays
                self._saver.save_best(job, job.keeper.arrays())
                job.history.save(job.folder / "history.npz")
                self._record(state=state, message=str(failure.error))
        except WorkbenchError as error:
            failure = failure or Failure("disk", TrainError(error.what, where=error.where, remedy=error.remedy))
            state = "failed"
            self._saver.keep_what_fits(job, replace(self._place, seconds=self._seconds), str(failure.error))
        if self._board is not None:
            self._board.close()
        error = failure.error if failure else None
        return RunEnded(
            job.folder.name,
            "stopped" if state == "paused" else state,
            self._place.epoch,
            job.keeper.standing.epoch,
            self._seconds,
            error.what if error else "",
            error.where if error else "",
            error.remedy if error else "",
            failure.cause if failure else "",
            rate,
        )

    def _between_scores(self) -> None:
        self._between(self._job.model)
        if self._control.ending in ("abort", "shutdown"):
            raise Cancelled
