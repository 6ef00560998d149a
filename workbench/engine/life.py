"""What a run is by now: its job and place, what it tells of itself, and what it leaves on disk.

On the training thread. `Training` does the steps; whatever happens to the run beside them goes through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from workbench.core import runs
from workbench.core.errors import WorkbenchError
from workbench.link.messages import Message, RunEnded, RunStarted, RunStateChanged

from . import checkpoints, devices, rates
from .board import Board
from .failures import Failure
from .job import Job
from .remaining import Remaining
from .report import Reporter
from .saving import STATES, Saver, score_test, scoring

DONE = {"stop": "Stopped. ", "abort": "Ended. ", "early_stopped": "Stopped early. ", "finished": "Trained. "}


class Life:
    """job, place: the settings as they are by now, and the next step to do; replaced, never changed."""

    def __init__(self, job: Job, emit: Callable[[Message], None]) -> None:
        self.job = job
        self.place = job.place
        self.emit = emit
        self._averaged = rates.Averaged(job.model) if rates.averages(job.model) else None
        self._saver = Saver(job.folder)
        self._began = time.monotonic()
        self._paused_seconds = 0.0
        self._board = Board(job) if job.settings.tensorboard and job.spread.chief else None
        test_rows = runs.read_facts(job.folder).rows.get("test", 0)
        self.left = Remaining(
            job.epochs,
            job.train.steps,
            validation_rows=job.validation.rows if job.validation is not None and job.way.sweeps is None else 0,
            test_rows=test_rows,
            keep_every=job.settings.keep_every,
            scoring=scoring(job, test_rows),
        )
        self.reporter = Reporter(job.folder.name, job.loops.names, job.history, emit, self.left, units=job.units)

    @property
    def seconds(self) -> float:
        """Trained so far, in all sittings."""
        return self.job.place.seconds + self.sitting

    @property
    def sitting(self) -> float:
        """Seconds trained since it was begun or resumed."""
        return time.monotonic() - self._began - self._paused_seconds

    @property
    def where(self) -> str:
        """The place in the run, for people."""
        place, job = self.place, self.job
        if place.logs:
            return f"epoch {place.epoch + 1}, validation"
        if place.epoch >= job.epochs:
            return f"after epoch {place.epoch}"
        return f"epoch {place.epoch + 1}, batch {min(place.step, job.train.steps - 1) + 1}"

    def average(self, on: bool) -> None:
        """Let the model have the moving averages of its weights, where its optimizer keeps some, or its own again."""
        if self._averaged is not None:
            self._averaged.set(on)

    # ---- telling -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Record and tell that the run trains."""
        job, place = self.job, self.place
        parameters = job.model.count_params()
        if job.before:
            self.reporter.told_steps = -(-job.train.rows // job.before)
        self._began = time.monotonic()
        self.reporter.told_early = job.early
        self._saver.put_off()
        if job.spread.chief:
            self._saver.begin(place.epoch)
        self.record(
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
        self.emit(
            RunStarted(
                job.folder.name,
                job.epochs,
                self.reporter.told_steps,
                job.before or job.train.batch_size,
                parameters,
                job.device,
                job.mode,
                job.loss,
                job.loops.names[1:],
                place.epoch,
                place.batches,
                job.early,
            )
        )
        self.state("running")
        if not (place.step or place.logs or (job.folder / runs.kept_name(place.epoch)).is_file()):
            self.keep()  # it broke off before that was written
        for text in job.notes:
            self.happened(text)
        if job.before:
            self.happened(f"Batch size {job.before} → {job.train.batch_size}, as it was resumed")
            self.try_to_save()

    def state(self, state: str, text: str = "") -> None:
        """Tell what the run does now."""
        self.emit(RunStateChanged(self.job.folder.name, state, text))

    def happened(self, text: str) -> None:
        """Something of note, for the history and the person."""
        place, feed = self.place, self.job.train
        at = place.epoch + place.step / feed.steps
        self.reporter.happened(
            place.batches, text, feed.batch_size, at, place.batches, rates.rate(self.job.model), self.job.early
        )

    def epoch_done(self, epoch: int, logs: dict[str, float], seconds: float, best: bool, ago: int = 0) -> None:
        """An epoch with its validation is complete, and `place` is after it. ago: steps trained since then."""
        logs = {**logs, "learning_rate": rates.rate(self.job.model, ago)}
        told = self.reporter.epoch_ended(epoch, logs, seconds, best)
        if self._board is not None:
            self._board.epoch(epoch, told)

    def paused(self, seconds: float, *, goes_on: bool) -> None:
        """Nothing was trained for so long; goes_on: it is not ended now."""
        self._paused_seconds += seconds
        if not goes_on:
            return
        try:
            self.record(state="running")
            self.state("running")
        except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
            self.state("running", f"{error.what} Training goes on.")
        self.left.paused()  # what was written of it is no step's time

    # ---- saving --------------------------------------------------------------------------------------------

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self._saver.due(self.seconds)

    def save(self, **record: object) -> None:
        """Write a checkpoint and all beside it. Raises WorkbenchError when the folder is not writable."""
        averaged = self._averaged is not None and self._averaged.on
        self.average(False)  # in a validation: what is saved are the weights that are trained
        began = time.monotonic()
        try:
            self.place = self._saver.save(self.job, replace(self.place, seconds=self.seconds), **record)
            self.left.saved(time.monotonic() - began)
        finally:
            self.average(averaged)

    def try_to_save(self) -> None:
        """Save; say so where it does not work, and go on."""
        self._try(self.save)

    def keep(self) -> None:
        """At the start of an epoch: keep a checkpoint of its own, where one of these epochs is to have one."""
        every, epoch = self.job.settings.keep_every, self.place.epoch
        if every and epoch and epoch % every == 0:
            began = time.monotonic()
            self._try(lambda: self._saver.keep(self.job, replace(self.place, seconds=self.seconds)))
            self.left.kept(time.monotonic() - began)

    def _try(self, save: Callable[[], None]) -> None:
        try:
            save()
        except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
            self._saver.put_off()
            self.state("running", f"{error.what} Training goes on.")

    def record(self, **changes: object) -> None:
        """Write the record. Raises ProjectError."""
        self._saver.record(self.job, replace(self.place, seconds=self.seconds), **changes)

    # ---- the end -------------------------------------------------------------------------------------------

    def finish(self, reason: str, failure: Failure | None, between: Callable[[], None]) -> RunEnded:
        """Save all, score the test part, and say how it ended. between: see score_test."""
        job = self.job
        self.reporter.flush()
        state, rate, seconds = STATES.get(reason, reason), rates.rate(job.model), self.seconds
        try:
            if failure is None:
                done = DONE.get(reason, "")  # no step is done any more, which what follows must not hide
                self.state("stopping", f"{done}Saving.")
                self.save(state=state)
                seconds = self.place.seconds  # as the record has them
                if state in runs.FINISHED:
                    if runs.read_facts(job.folder).rows.get("test", 0):
                        self.state("stopping", f"{done}Scoring the test part.")
                    score_test(job, between)
            else:  # the weights of this moment are worthless: the checkpoint before them stays
                self._saver.check()
                with checkpoints.enough_to_save(job.folder):
                    self._saver.save_best(job)
                    job.history.save(job.folder / "history.npz")
                    self._saver.failed(job, replace(self.place, seconds=self.seconds), failure)
        except WorkbenchError as error:
            state = "failed"
            failure = self._saver.keep_what_fits(job, replace(self.place, seconds=self.seconds), error, failure)
        if self._board is not None:
            self._board.close()
        error = failure.error if failure else None
        return RunEnded(
            job.folder.name,
            "stopped" if state == "paused" else state,
            self.place.epoch,
            job.keeper.standing.epoch,
            seconds,
            error.what if error else "",
            error.where if error else "",
            error.remedy if error else "",
            failure.cause if failure else "",
            rate,
        )
