"""One training run to its end: trained, paused, saved, ended.

Runs on the training thread of the host. Between two calls of the compiled loop (about 50 ms) it looks whether it is
to pause or end, reports, saves a checkpoint when one is due, and lends its weights to those who predict meanwhile.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError, WorkbenchError
from workbench.link.messages import Message, RunEnded, RunStarted, RunStateChanged

from . import checkpoints, devices, modes, sweep
from .control import RunControl
from .evaluate import score
from .feed import Feed
from .job import Job, open_job
from .loop import Pace, epoch_order
from .parts import open_part
from .report import Reporter

log = logging.getLogger(__name__)
SAVE_SECONDS = (2.0, 30.0)  # between checkpoints: at first, and in long runs
SAVE_LOST = 0.1  # of what was trained may be lost with the engine, in runs between the two
SCORE_SECONDS = 20.0  # what scoring the test part may take at the end of a run
SAVE_SHARE = 0.05  # of the time; costly checkpoints become rarer
STATES = {"stop": "stopped", "abort": "aborted", "shutdown": "paused"}


class _Ended(Exception):
    """The person, early stopping or a loss that is no number ended the run. Internal to this module."""

    def __init__(self, reason: str, failure: TrainError | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


def train(
    folder: Path,
    emit: Callable[[Message], None],
    control: RunControl,
    *,
    resume: bool = False,
    streamed: bool | None = None,
    between: Callable[[keras.Model], None] = lambda model: None,
) -> RunEnded:
    """Train the run in `folder` to its end; every file of it is written when this returns.

    Args:
        folder: made by core.runs.create_run.
        emit: takes every message of the run but the last, on this thread.
        control: what the person wants meanwhile.
        resume: go on from the folder's checkpoint.
        streamed: None to decide by the memory that is free.
        between: called between calls of the loop with the model, for predictions with the weights of the moment.

    Raises:
        WorkbenchError: the run cannot be started; its record says so.
    """

    def say(state: str, text: str) -> None:
        emit(RunStateChanged(folder.name, state, text))

    try:
        place, device = devices.resolve(runs.read_project(folder).train.device)
        with tf.device(place):
            job = open_job(folder, device, resume=resume, streamed=streamed, say=say)
            return _Training(job, emit, control, between).run()
    except Exception as error:
        if not resume:  # what could be resumed before can still be, once the cause is mended
            try:
                runs.update_run(folder, state="failed", message=str(error))
            except WorkbenchError:
                log.exception("the record of the failed run %s cannot be written", folder.name)
        raise


class _Training:
    """The life of an opened run."""

    def __init__(
        self,
        job: Job,
        emit: Callable[[Message], None],
        control: RunControl,
        between: Callable[[keras.Model], None],
    ) -> None:
        self._job = job
        self._emit = emit
        self._control = control
        self._between = between
        self._place = job.place
        self._pace = Pace()
        self._test_pace = Pace()
        self._began = self._saved_at = time.monotonic()
        self._paused_seconds = 0.0
        self._save_cost = 0.0
        self._reporter = Reporter(
            job.folder.name, job.loops.names, job.history, emit, epochs=job.epochs, steps=job.train.steps
        )

    def run(self) -> RunEnded:
        """Train to the end."""
        job = self._job
        sweeps = job.way.sweeps
        self._start()
        reason, failure = "finished", None
        try:
            if sweeps is not None:
                self._small_epochs(sweeps)
            while self._place.epoch < job.epochs:
                self._epoch()
        except _Ended as ended:
            reason, failure = ended.reason, ended.failure
        return self._finish(reason, failure)

    def _start(self) -> None:
        job = self._job
        parameters = job.model.count_params()
        self._began = self._saved_at = time.monotonic()
        self._record(
            state="running",
            message="",
            epochs=job.epochs,
            parameters=parameters,
            device=job.device,
            mode=job.mode,
            loss=job.loss,
            metrics=job.metrics,
            versions=devices.versions(),
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
                self._place.epoch * job.train.steps + self._place.step,
            )
        )
        self._state("running")

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
        if not self._place.logs:
            self._place = replace(self._place, logs=job.loops.results())
        logs = dict(self._place.logs)
        if job.validation is not None:
            logs |= self._validate(job.validation)
        best, stop = job.keeper.epoch_ended(epoch, logs[job.keeper.rule.monitor])
        self._place = replace(self._place, epoch=epoch + 1, step=0, logs={})
        self._epoch_done(epoch, logs, time.monotonic() - began, best)
        if stop:
            raise _Ended("early_stopped")
        self._look_up()

    def _stepped(self, values: np.ndarray, seconds: float) -> None:
        epoch, step, feed = self._place.epoch, self._place.step, self._job.train
        after = step + len(values)
        rows = min(after * feed.batch_size, feed.rows) - step * feed.batch_size
        self._reporter.trained(epoch * feed.steps + step, values, rows, seconds)
        self._check_numbers(epoch, step, values[:, 0])
        self._place = replace(self._place, step=after)

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
        job = self._job
        pace = Pace(4)
        while self._place.epoch < job.epochs:
            first = self._place.epoch
            count = min(pace.steps, sweeps.capacity, job.epochs - first)
            orders = np.stack([epoch_order(job.settings.seed, first + e, job.train.rows) for e in range(count)])
            begin = time.perf_counter()
            swept = sweeps.run(orders, first, job.keeper.standing)
            seconds = time.perf_counter() - begin
            pace.took(swept.epochs, seconds)
            job.keeper.swept(swept.standing, bool(swept.best.any()))
            self._swept(swept, sweeps.log_names, seconds)
            if swept.stop:
                raise _Ended("early_stopped")
            self._look_up()

    def _swept(self, swept: sweep.Swept, names: tuple[str, ...], seconds: float) -> None:
        feed, first = self._job.train, self._place.epoch
        flat = swept.values.reshape(-1, swept.values.shape[-1])
        self._reporter.trained(first * feed.steps, flat, swept.epochs * feed.rows, seconds)
        for e in range(swept.epochs):
            self._check_numbers(first + e, 0, swept.values[e, :, 0])
            logs = dict(zip(names, swept.logs[e].tolist(), strict=True))
            self._place = replace(self._place, epoch=first + e + 1)
            self._epoch_done(first + e, logs, seconds / swept.epochs, bool(swept.best[e]))

    # ---- between calls -------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Pause, end, lend weights and save, when somebody wants it or it is time."""
        self._between(self._job.model)
        while self._control.paused:
            self._pause()
        if self._control.ending:
            raise _Ended(self._control.ending)
        first, last = SAVE_SECONDS
        every = min(last, max(first, self._seconds * SAVE_LOST))
        if time.monotonic() - self._saved_at >= max(every, self._save_cost / SAVE_SHARE):
            try:
                self._save()
            except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
                self._saved_at = time.monotonic()
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
        if not self._control.ending:
            try:
                self._record(state="running")
                self._state("running")
            except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
                self._state("running", f"{error.what} Training goes on.")

    def _epoch_done(self, epoch: int, logs: dict[str, float], seconds: float, best: bool) -> None:
        self._reporter.flush()
        rate = float(self._job.model.optimizer.learning_rate)
        self._reporter.epoch_ended(epoch, {**logs, "learning_rate": rate}, seconds, best)

    def _check_numbers(self, epoch: int, step: int, losses: np.ndarray) -> None:
        """Raises _Ended at the first loss that is infinite or not a number."""
        bad = np.flatnonzero(~np.isfinite(losses))
        if not len(bad):
            return
        rate = float(self._job.model.optimizer.learning_rate)
        kind = "infinite" if math.isinf(losses[bad[0]]) else "not a number"
        failure = TrainError(
            f"The loss became {kind}: training has run away.",
            where=f"epoch {epoch + 1}, batch {step + int(bad[0]) + 1}",
            remedy=f"Lower the learning rate (now {rate:g}), or scale the inputs and the target.",
        )
        raise _Ended("failed", failure)

    def _state(self, state: str, text: str = "") -> None:
        self._emit(RunStateChanged(self._job.folder.name, state, text))

    # ---- saving --------------------------------------------------------------------------------------------

    @property
    def _seconds(self) -> float:
        return self._job.place.seconds + time.monotonic() - self._began - self._paused_seconds

    def _save(self, **record: object) -> None:
        """Write history, checkpoint, best weights and record. Raises WorkbenchError when the folder is not writable."""
        began, job = time.monotonic(), self._job
        self._place = replace(
            self._place,
            batches=self._place.epoch * job.train.steps + self._place.step,
            epochs=len(job.history.epochs),
            seconds=self._seconds,
            standing=job.keeper.standing,
        )
        job.history.save(job.folder / "history.npz")  # first: what it has too much is cut off on a resume
        best = job.keeper.arrays()
        checkpoints.save_checkpoint(job.folder, job.model, best, self._place)
        self._save_best(best)
        self._record(**record)
        self._saved_at = time.monotonic()
        self._save_cost = self._saved_at - began

    def _save_best(self, best: list[np.ndarray]) -> None:
        keeper = self._job.keeper
        if keeper.changed:
            checkpoints.save_best(self._job.folder, self._job.model, best, keeper.standing.epoch)
            keeper.changed = False

    def _record(self, **changes: object) -> None:
        known = {
            "epochs_done": self._place.epoch,
            "best_epoch": self._job.keeper.standing.epoch,
            "seconds": self._seconds,
            "scores": self._scores(),
        }
        runs.update_run(self._job.folder, **(known | changes))

    def _scores(self) -> Mapping[str, float]:
        """What the best epoch said."""
        best, epochs = self._job.keeper.standing.epoch, self._job.history.epochs
        if not 0 <= best < len(epochs):
            return {}
        return {name: float(epochs[name][best]) for name in epochs.names if name != "learning_rate"}

    def _score_test(self) -> None:
        """Put the best weights' scores on the test part into the record, when that is quickly done.

        All is saved by now: what goes wrong here is for the log, and the Test page says it when the scores are asked.
        """
        job, began = self._job, time.monotonic()

        def between() -> None:
            self._between(job.model)
            if self._control.ending in ("abort", "shutdown") or time.monotonic() - began > SCORE_SECONDS:
                raise Cancelled

        try:
            prepared = Path(runs.read_run(job.folder).prepared)
            part = open_part(prepared, "test", runs.read_facts(job.folder))
            if not part.rows or job.keeper.standing.epoch < 0:
                return
            checkpoints.assign(job.model.variables, job.keeper.arrays(), job.folder)
            size = modes.test_batch(job.model, job.train.batch_size, part.rows)
            feed = modes.make_feed(part, job.train.encoding, size, streamed=modes.must_stream(part))
            found = score(job.model, feed, between)
            scores = {f"test.{name}": value for name, value in found.items() if math.isfinite(value)}
            runs.update_run(job.folder, scores={**self._scores(), **scores})
        except Cancelled:
            log.info("the test part of %s is not scored: that would take too long", job.folder.name)
        except (WorkbenchError, tf.errors.OpError, MemoryError):
            log.exception("the test part of %s cannot be scored", job.folder.name)

    def _keep_what_fits(self, message: str) -> None:
        """After a save that failed: the best weights need a third of what a checkpoint does on a full disk."""
        for keep in (
            lambda: self._save_best(self._job.keeper.arrays()),
            lambda: self._record(state="failed", message=message, **self._kept()),
        ):
            try:
                keep()
            except WorkbenchError:
                log.info("this does not fit either", exc_info=True)

    def _kept(self) -> dict[str, object]:
        return {} if (self._job.folder / "best.npz").is_file() else {"best_epoch": -1, "scores": {}}

    def _finish(self, reason: str, failure: TrainError | None) -> RunEnded:
        job = self._job
        self._reporter.flush()
        state = STATES.get(reason, reason)
        try:
            if failure is None:
                self._state("stopping", "Saving.")
                self._save(state=state)
                if state in runs.FINISHED:
                    self._score_test()
            else:  # the weights of this moment are worthless: the checkpoint before them stays
                self._save_best(job.keeper.arrays())
                job.history.save(job.folder / "history.npz")
                self._record(state=state, message=str(failure))
        except WorkbenchError as error:
            failure = failure or TrainError(error.what, where=error.where, remedy=error.remedy)
            state = "failed"
            self._keep_what_fits(str(failure))
        return RunEnded(
            job.folder.name,
            "stopped" if state == "paused" else state,
            self._place.epoch,
            job.keeper.standing.epoch,
            self._seconds,
            failure.what if failure else "",
            failure.where if failure else "",
            failure.remedy if failure else "",
        )
