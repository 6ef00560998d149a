"""What a run leaves on disk: history, checkpoint, best weights, record, and the scores on the test part."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError, WorkbenchError
from workbench.link.messages import RunEnded

from . import checkpoints, modes, rates
from .checkpoints import Place
from .evaluate import score
from .failures import Failure, not_saved
from .job import Job
from .parts import open_part
from .remaining import save_every
from .short_of_memory import is_short

log = logging.getLogger(__name__)
STATES = {"stop": "stopped", "abort": "aborted", "shutdown": "paused"}  # of a run that was ended so
SCORE_MADE = 0.1  # seconds that making the loop over the test part takes for a size of batch, before that was seen
SCORE_SECONDS = 20.0  # what scoring the test part may take at the end of a run


class Saver:
    """Writes the files of one run. Used on the training thread alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved_at = time.monotonic()
        self._cost = 0.0

    def due(self, seconds: float) -> bool:
        """Whether it is time for a checkpoint. seconds: trained so far."""
        return time.monotonic() - self._saved_at >= save_every(seconds, self._cost)

    def put_off(self) -> None:
        """Try again only after the usual time."""
        self._saved_at = time.monotonic()

    @property
    def _there(self) -> bool:
        return (self._folder / runs.RECORD).is_file()

    def check(self) -> None:
        """Raises TrainError where the folder is gone: half a run must not be written in its place."""
        if not self._there:
            raise TrainError(
                "The folder of the run is no longer there: it was moved, renamed or deleted.",
                where=str(self._folder),
                remedy="Put back while it trains, it is saved again. Else open the project where it is now and resume "
                "the run: its last checkpoint is there.",
            )

    def save(self, job: Job, place: Place, **record: object) -> Place:
        """Write history, checkpoint, best weights and record; the place as it was saved.

        Raises:
            WorkbenchError: the folder is not writable.
        """
        self.check()
        began = time.monotonic()
        place = replace(
            place,
            epochs=len(job.history.epochs),
            standing=job.keeper.standing,
            **rates.kept(job.model),
        )
        with checkpoints.enough_to_save(job.folder):
            job.history.save(job.folder / "history.npz")  # first: what it has too much is cut off on a resume
            checkpoints.save_checkpoint(job.folder, job.model, job.keeper.held(), place)
            self.save_best(job)
            self.record(job, place, **record)
        self._saved_at = time.monotonic()
        self._cost = self._saved_at - began
        return place

    def begin(self, epoch: int) -> None:
        """Where the run goes on from so many epochs: what was kept of later ones is computed anew, and what is there
        is what the record says. Raises ProjectError when the record cannot be written."""
        kept = []
        for path in sorted(self._folder.glob(runs.kept_name(0).replace("000000", "*"))):
            number = path.stem.rpartition("-")[2]
            if number.isdecimal() and int(number) <= epoch:
                kept.append(int(number))
                continue
            _delete(path)
        for kind in ("npz", "json"):
            for left in self._folder.glob(f".*.{kind}.????????"):  # half written when the program was killed
                _delete(left)
        if tuple(kept) != runs.read_run(self._folder).kept:
            runs.update_run(self._folder, kept=tuple(kept))

    def keep(self, job: Job, place: Place) -> None:
        """Keep a checkpoint of this epoch beside the last one. Raises WorkbenchError when it cannot be written."""
        if not job.spread.chief:  # what the other machines write is gone with them
            return
        if job.spread.workers == 1:  # a run whose record knows of no epoch would hide what is kept of it
            self.save(job, place)
        place = replace(place, standing=job.keeper.standing, **rates.kept(job.model))
        if checkpoints.save_kept(job.folder, job.model, place):
            kept = {*runs.read_run(self._folder).kept, place.epoch}
            runs.update_run(self._folder, kept=tuple(sorted(kept)))

    def save_best(self, job: Job) -> None:
        """Write the best weights where they are new."""
        if job.keeper.changed:
            checkpoints.save_best(job.folder, job.model, job.keeper.held(), job.keeper.standing.epoch)
            job.keeper.changed = False

    def record(self, job: Job, place: Place, **changes: object) -> None:
        """Write the record. Raises ProjectError."""
        known = {
            "epochs_done": place.epoch,
            "epochs": job.epochs,
            "best_epoch": job.keeper.standing.epoch,
            "seconds": place.seconds,
            "scores": scores(job),
        }
        runs.update_run(self._folder, **(known | changes))

    def failed(self, job: Job, place: Place, failure: Failure) -> None:
        """Write the record of a run that failed: left in the middle where it can go on. Raises ProjectError."""
        changes: dict[str, object] = {"state": "failed", "message": str(failure.error)}
        if failure.cause == "worker":  # the machine that is resumed may be another one
            changes["state"] = "paused"
        elif failure.resumable:
            changes |= self._to_go_on()
        self.record(job, place, **changes)

    def _to_go_on(self) -> dict[str, object]:
        """What the record says of a run that failed after its last checkpoint; nothing where there is none."""
        if not (self._folder / checkpoints.CHECKPOINT).is_file():
            return {}
        return {"state": "paused", "epochs_done": runs.read_run(self._folder).epochs_done}

    def keep_what_fits(self, job: Job, place: Place, error: WorkbenchError, failure: Failure | None) -> Failure:
        """After a save that failed by `error`: the best weights need a third of what a checkpoint does on a full disk.
        failure: why the run had failed before that, None where it had not. Returns how it failed."""
        if not self._there:
            return failure or Failure("", error)
        self._where_it_fits(lambda: self.save_best(job))
        best = (self._folder / checkpoints.BEST).is_file()
        goes_on = self._to_go_on() if failure is None or failure.cause not in ("nan", "data") else {}
        if failure is None:
            failure = not_saved(error, f"saving after epoch {place.epoch}", goes_on.get("epochs_done"), best=best)
        changes: dict[str, object] = {"state": "failed", "message": str(failure.error), **goes_on}
        if not best:
            changes |= {"best_epoch": -1, "scores": {}}
            if not goes_on:  # when it goes on, it begins anew
                changes["epochs_done"] = 0
        self._where_it_fits(lambda: self.record(job, place, **changes))
        return failure

    @staticmethod
    def _where_it_fits(keep: Callable[[], None]) -> None:
        try:
            keep()
        except Exception as error:
            if not (isinstance(error, WorkbenchError) or is_short(error)):
                raise
            log.info("this does not fit either", exc_info=True)


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.info("%s is of no use and cannot be deleted", path, exc_info=True)


def given_up(folder: Path, ending: str, *, resumed: bool) -> RunEnded:
    """A run was ended while it was opened; one that was to go on is what it was before. Raises ProjectError."""
    state = STATES[ending]
    record = runs.read_run(folder) if resumed else runs.update_run(folder, state=state, message="")
    reason = "stopped" if state == "paused" else state
    return RunEnded(folder.name, reason, record.epochs_done, record.best_epoch, record.seconds)


def scores(job: Job) -> Mapping[str, float]:
    """What the best epoch said."""
    best, epochs = job.keeper.standing.epoch, job.history.epochs
    if not 0 <= best < len(epochs):
        return {}
    return {name: float(epochs[name][best]) for name in epochs.names if name != "learning_rate"}


def scoring(job: Job, rows: int) -> tuple[float, float]:
    """Seconds that making the loop over a test part of so many rows takes, and the most that scoring it may take."""
    if not rows:
        return 0.0, SCORE_SECONDS
    size = _judging_batch(job, rows)
    sizes = (rows >= size) + (rows % size > 0)  # full batches, and the last one
    return sizes * (job.loops.judging_made or SCORE_MADE), SCORE_SECONDS


def _judging_batch(job: Job, rows: int) -> int:
    return modes.judging_batch(job.model, job.train.batch_size, rows, job.spread.replicas, job.place.judged)


def score_test(job: Job, between: Callable[[], None]) -> None:
    """Put the best weights' scores on the test part into the record, when that is quickly done.

    All is saved by now: what goes wrong here is for the log, and the Test page says it when the scores are asked.
    between: called between calls of the loop; what it raises ends the scoring.
    """
    began = time.monotonic()

    def look() -> None:
        between()
        if time.monotonic() - began > SCORE_SECONDS:
            raise Cancelled

    try:
        prepared = Path(runs.read_run(job.folder).prepared)
        part = open_part(prepared, "test", runs.read_facts(job.folder))
        if not part.rows or job.keeper.standing.epoch < 0:
            return
        checkpoints.assign(job.model.variables, job.keeper.held(), job.folder)
        block = modes.reading([part], job.spread)
        feed = modes.make_feed(part, job.train.encoding, _judging_batch(job, part.rows), block=block)
        found = job.units.of(score(job.model, feed, look, job.spread))
        measured = {f"test.{name}": value for name, value in found.items() if math.isfinite(value)}
        runs.update_run(job.folder, scores={**scores(job), **measured})
    except Cancelled:
        log.info("the test part of %s is not scored: that would take too long", job.folder.name)
    except Exception as error:
        if not (isinstance(error, (WorkbenchError, tf.errors.OpError)) or is_short(error)):
            raise
        log.exception("the test part of %s cannot be scored", job.folder.name)
