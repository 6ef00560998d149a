"""One training run from its folder to its best weights: prepared, measured, trained, paused, saved, ended.

Runs on the training thread of the host. Between two calls of the compiled loop (about 50 ms) it looks whether it is
to pause or end, reports, saves a checkpoint when one is due, and lends its weights to those who predict meanwhile.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import TrainError, WorkbenchError
from workbench.link.messages import Message, RunEnded, RunStarted, RunStateChanged

from . import assemble, checkpoints, devices, modes, sweep
from .checkpoints import Checkpoint, Place
from .control import RunControl
from .feed import Feed
from .keeper import Keeper, rule
from .loop import Loops, Pace, epoch_order
from .parts import Part, open_part
from .report import Reporter

SAVE_SECONDS = 30.0
SAVE_SHARE = 0.05  # of the time; costly checkpoints become rarer
END_STATES = {"stop": "stopped", "abort": "aborted", "shutdown": "paused"}


class _Ended(Exception):
    """The person, early stopping or a loss that is no number ended the run. Internal to this module."""

    def __init__(self, reason: str, failure: TrainError | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


class Trainer:
    """Trains the run in `folder`.

    Args:
        folder: made by core.runs.create_run.
        emit: takes every message of the run, on this thread.
        control: what the person wants meanwhile.
        resume: go on from the folder's checkpoint.
        streamed: None to decide by the memory that is free.
        between: called between calls of the loop with the model; for predictions with the weights of the moment.
    """

    def __init__(
        self,
        folder: Path,
        emit: Callable[[Message], None],
        control: RunControl,
        *,
        resume: bool = False,
        streamed: bool | None = None,
        between: Callable[[keras.Model], None] = lambda model: None,
    ) -> None:
        self.folder = folder
        self.run_name = folder.name
        self.model: keras.Model | None = None
        self._emit = emit
        self._control = control
        self._resume = resume
        self._streamed = streamed
        self._between = between

    # ---- the whole run -------------------------------------------------------------------------------------

    def train(self) -> RunEnded:
        """Train to the end; what became of it. Every file of the run is written when this returns.

        Raises:
            WorkbenchError: the run cannot even be started; its record says so.
        """
        self._state("preparing", "Opening the data and building the model.")
        try:
            with tf.device(self._choose_device()):
                self._prepare()
                return self._train()
        except Exception as error:
            self._record(state="failed", message=str(error))
            raise

    def _choose_device(self) -> str:
        self._project = runs.read_project(self.folder)
        place, self._device = devices.resolve(self._project.train.device)
        return place

    def _prepare(self) -> None:
        settings = self._settings = self._project.train
        record = self._old_record = runs.read_run(self.folder)
        facts = runs.read_facts(self.folder)
        self._epochs = record.epochs or settings.epochs
        if self._epochs < 1 or settings.batch_size < 1:
            raise TrainError(
                "Epochs and batch size must be at least 1.",
                where="batch_size" if settings.batch_size < 1 else "epochs",
                remedy="Choose a positive number.",
            )
        prepared = Path(record.prepared)
        saved = self._saved(prepared)
        train = open_part(prepared, "train", facts)
        if not train.rows:
            raise TrainError(
                "The training part is empty.", where="split", remedy="Give it a larger share on the Features page."
            )
        validation: Part | None = open_part(prepared, "validation", facts)
        if validation is not None and not validation.rows:
            validation = None
        found = assemble.resolved(self._project.graph, facts, settings)
        made = assemble.assemble(self._project.graph, facts, settings, found.loss, found.metrics)
        self.model = model = made.model
        held = [p for p in (train, validation) if p is not None]
        if self._streamed is None:
            self._streamed = modes.must_stream(*held)
        self._train_feed = modes.make_feed(train, made.encoding, settings.batch_size, streamed=self._streamed)
        self._test_feed: Feed | None = None
        if validation is not None:
            size = max(settings.batch_size, min(256, validation.rows))
            self._test_feed = modes.make_feed(validation, made.encoding, size, streamed=self._streamed)
        assemble.build_state(model, self._train_feed.sample())
        self._loss, self._metrics = found.loss, found.metrics
        self._loops = Loops(model, self._train_feed, self._test_feed, xla=False)
        self._keeper = Keeper(model, rule(settings.early_stopping, self._loops.names, self._test_feed is not None))
        self._place = Place(fingerprint=self._fingerprint)
        self._history = runs.read_history(self.folder) if saved else runs.History()
        if saved is not None:
            self._go_on_from(saved)
        if self._epochs > self._place.epoch:
            self._choose_mode(record.mode if saved else "")
        else:
            self._mode = record.mode

    def _saved(self, prepared: Path) -> Checkpoint | None:
        self._fingerprint = checkpoints.fingerprint(self.folder, prepared)
        if not self._resume:
            return None
        saved = checkpoints.load_checkpoint(self.folder)
        if saved.place.fingerprint != self._fingerprint:
            raise TrainError(
                "The data or the settings of this run are not those of its checkpoint.",
                where=self.run_name,
                remedy="Start a new run.",
            )
        return saved

    def _go_on_from(self, saved: Checkpoint) -> None:
        assert self.model is not None
        checkpoints.restore(self.model, saved, self.folder)
        self._keeper.restore(saved.best, saved.place.standing)
        self._history.batches.truncate(saved.place.batches)
        self._history.epochs.truncate(saved.place.epochs)
        self._place = saved.place

    def _choose_mode(self, before: str) -> None:
        assert self.model is not None
        self._state("tracing", "Compiling the training loop.")
        xla = before == modes.XLA
        fresh = not before and not self._streamed
        if fresh and modes.may_pay(self.model, self._train_feed, self._epochs, self._device):
            self._state("tracing", "Measuring which way of computing is fastest.")
            order = epoch_order(self._settings.seed, 0, self._train_feed.rows)
            compiled = Loops(self.model, self._train_feed, self._test_feed, xla=True)
            self._loops = modes.fastest(self._loops, compiled, order, modes.all_variables(self.model))
            xla = self._loops.xla
        elif xla:
            self._loops = Loops(self.model, self._train_feed, self._test_feed, xla=True)
        self._mode = modes.XLA if xla else modes.STREAMED if self._streamed else modes.COMPILED

    def _train(self) -> RunEnded:
        assert self.model is not None
        self._began = self._saved_at = time.monotonic()
        self._seconds_before = self._place.seconds
        self._paused_seconds = 0.0
        self._save_cost = 0.0
        self._record(
            state="running",
            message="",
            epochs=self._epochs,
            parameters=self.model.count_params(),
            device=self._device,
            mode=self._mode,
            loss=self._loss,
            metrics=self._metrics,
            versions=devices.versions(),
        )
        feed = self._train_feed
        names = self._loops.names
        self._reporter = Reporter(
            self.run_name, names, self._history, self._emit, epochs=self._epochs, steps=feed.steps
        )
        self._emit(
            RunStarted(
                self.run_name,
                self._epochs,
                feed.steps,
                feed.batch_size,
                self.model.count_params(),
                self._device,
                self._mode,
                self._loss,
                names[1:],
                self._place.epoch,
                self._place.step,
            )
        )
        self._state("running")
        reason, failure = "finished", None
        try:
            self._all_epochs()
        except _Ended as ended:
            reason, failure = ended.reason, ended.failure
        return self._finish(reason, failure)

    def _all_epochs(self) -> None:
        assert self.model is not None
        small = sweep.suits(self.model, self._train_feed, self._test_feed)
        if small and self._place.step == 0:
            self._small_epochs()
        while self._place.epoch < self._epochs:
            self._epoch()

    # ---- one epoch at a time -------------------------------------------------------------------------------

    def _epoch(self) -> None:
        epoch, feed, began = self._place.epoch, self._train_feed, time.monotonic()
        if self._place.step == 0:
            self._loops.reset_metrics()
        walk = feed.walk(epoch_order(self._settings.seed, epoch, feed.rows), self._place.step)
        pace = self._pace = getattr(self, "_pace", Pace())
        try:
            while (piece := walk.take(pace.steps)) is not None:
                block, start, count = piece
                self._trace_once("train", block)
                begin = time.perf_counter()
                values = self._loops.train_steps(block, start, count)
                seconds = time.perf_counter() - begin
                pace.took(count, seconds)
                self._stepped(values, seconds)
                self._look_up()
        finally:
            walk.close()
        if not self._place.logs:
            self._place = replace(self._place, logs=self._loops.results())
        logs = dict(self._place.logs)
        if self._test_feed is not None:
            logs |= self._validate(self._test_feed)
        best, stop = self._keeper.epoch_ended(epoch, logs[self._keeper.rule.monitor])
        self._place = replace(self._place, epoch=epoch + 1, step=0, logs={})
        self._epoch_done(epoch, logs, time.monotonic() - began, best)
        if stop:
            raise _Ended("early_stopped")
        self._look_up()

    def _stepped(self, values: np.ndarray, seconds: float) -> None:
        epoch, step, feed = self._place.epoch, self._place.step, self._train_feed
        bad = np.flatnonzero(~np.isfinite(values[:, 0]))
        after = step + len(values)
        rows = min(after * feed.batch_size, feed.rows) - step * feed.batch_size
        self._reporter.trained(epoch * feed.steps + step, values, rows, seconds)
        if len(bad):
            raise _Ended("failed", self._not_a_number(epoch, step + int(bad[0]), float(values[bad[0], 0])))
        self._place = replace(self._place, step=after)

    def _validate(self, feed: Feed) -> dict[str, float]:
        begin = time.perf_counter()
        pace = self._test_pace = getattr(self, "_test_pace", Pace(8))
        self._loops.reset_metrics()
        walk = feed.walk(np.arange(feed.rows))
        try:
            while (piece := walk.take(pace.steps)) is not None:
                block, start, count = piece
                self._trace_once("test", block)
                call = time.perf_counter()
                self._loops.test_steps(block, start, count)
                pace.took(count, time.perf_counter() - call)
                self._look_up()
        finally:
            walk.close()
        self._reporter.validated(time.perf_counter() - begin)
        return {f"val_{name}": value for name, value in self._loops.results().items()}

    def _trace_once(self, kind: str, block: object) -> None:
        """Trace before the first timed call of each shape, so that tracing is not taken for slow steps."""
        traced: set[tuple[str, tuple[int, ...]]] = self.__dict__.setdefault("_traced", set())
        shape = tuple(tf.nest.flatten(block)[0].shape)
        if (kind, shape) not in traced:
            traced.add((kind, shape))
            (self._loops.train_steps if kind == "train" else self._loops.test_steps)(block, 0, 0)

    # ---- many small epochs at a time -----------------------------------------------------------------------

    def _small_epochs(self) -> None:
        feed, seed = self._train_feed, self._settings.seed
        sweeps = sweep.Sweeps(self._loops, self._keeper)
        sweeps.run(np.zeros((0, feed.rows), np.int32), 0, self._keeper.standing)  # trace
        pace = Pace(4)
        while self._place.epoch < self._epochs:
            first = self._place.epoch
            count = min(pace.steps, sweeps.capacity, self._epochs - first)
            orders = np.stack([epoch_order(seed, first + e, feed.rows) for e in range(count)])
            begin = time.perf_counter()
            swept = sweeps.run(orders, first, self._keeper.standing)
            seconds = time.perf_counter() - begin
            pace.took(swept.epochs, seconds)
            self._keeper.swept(swept.standing, bool(swept.best.any()))
            self._swept(swept, sweeps.log_names, seconds)
            if swept.stop:
                raise _Ended("early_stopped")
            self._look_up()

    def _swept(self, swept: sweep.Swept, names: tuple[str, ...], seconds: float) -> None:
        feed, first = self._train_feed, self._place.epoch
        flat = swept.values.reshape(-1, swept.values.shape[-1])
        self._reporter.trained(first * feed.steps, flat, swept.epochs * feed.rows, seconds)
        for e in range(swept.epochs):
            bad = np.flatnonzero(~np.isfinite(swept.values[e, :, 0]))
            if len(bad):
                step = int(bad[0])
                raise _Ended("failed", self._not_a_number(first + e, step, float(swept.values[e, step, 0])))
            logs = dict(zip(names, swept.logs[e].tolist(), strict=True))
            self._place = replace(self._place, epoch=first + e + 1)
            self._epoch_done(first + e, logs, seconds / swept.epochs, bool(swept.best[e]))

    # ---- between calls -------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Pause, end, lend weights and save, when somebody wants it or it is time."""
        assert self.model is not None
        self._between(self.model)
        if self._control.paused:
            self._pause()
        if self._control.ending:
            raise _Ended(self._control.ending)
        interval = max(SAVE_SECONDS, self._save_cost / SAVE_SHARE)
        if time.monotonic() - self._saved_at >= interval:
            try:
                self._save()
            except WorkbenchError as error:  # a full disk must not end a run that may still find room at its end
                self._saved_at = time.monotonic()
                self._state("running", f"{error.what} Training goes on.")

    def _pause(self) -> None:
        began = time.monotonic()
        self._reporter.flush()
        self._state("paused", "Paused.")
        try:
            self._save(state="paused")
        except WorkbenchError as error:
            self._state("paused", error.what)
        self._control.wait_while_paused()
        self._paused_seconds += time.monotonic() - began
        if not self._control.ending:
            self._record(state="running")
            self._state("running")

    def _epoch_done(self, epoch: int, logs: dict[str, float], seconds: float, best: bool) -> None:
        assert self.model is not None
        logs = {**logs, "learning_rate": float(self.model.optimizer.learning_rate)}
        self._reporter.flush()
        self._reporter.epoch_ended(epoch, logs, seconds, best)

    def _not_a_number(self, epoch: int, step: int, value: float) -> TrainError:
        assert self.model is not None
        rate = float(self.model.optimizer.learning_rate)
        return TrainError(
            f"The loss became {'infinite' if math.isinf(value) else 'not a number'}: training has run away.",
            where=f"epoch {epoch + 1}, batch {step + 1}",
            remedy=f"Lower the learning rate (now {rate:g}), or scale the inputs and the target.",
        )

    # ---- saving --------------------------------------------------------------------------------------------

    @property
    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began - self._paused_seconds

    def _save(self, **record: object) -> None:
        assert self.model is not None
        began = time.monotonic()
        history = self._history
        self._place = replace(
            self._place,
            batches=self._place.epoch * self._train_feed.steps + self._place.step,
            epochs=len(history.epochs),
            seconds=self._seconds,
            standing=self._keeper.standing,
        )
        history.save(self.folder / "history.npz")
        best = self._keeper.arrays()
        if checkpoints.save_checkpoint(self.folder, self.model, best, self._place) and self._keeper.changed:
            checkpoints.save_best(self.folder, self.model, best, self._keeper.standing.epoch)
            self._keeper.changed = False
        self._record(**record)
        self._saved_at = time.monotonic()
        self._save_cost = self._saved_at - began

    def _record(self, **changes: object) -> None:
        if hasattr(self, "_keeper") and hasattr(self, "_began"):
            changes = {
                "epochs_done": self._place.epoch,
                "best_epoch": self._keeper.standing.epoch,
                "seconds": self._seconds,
                "scores": self._scores(),
                **changes,
            }
        runs.update_run(self.folder, **changes)

    def _scores(self) -> Mapping[str, float]:
        best, epochs = self._keeper.standing.epoch, self._history.epochs
        if not 0 <= best < len(epochs):
            return {}
        return {name: float(epochs[name][best]) for name in epochs.names if name != "learning_rate"}

    def _finish(self, reason: str, failure: TrainError | None) -> RunEnded:
        self._reporter.flush()
        state = END_STATES.get(reason, reason)
        if reason != "failed":
            self._state("stopping", "Saving.")
        try:
            if failure is None:
                self._save(state=state)
            else:
                self._keep_last_good(failure)
        except WorkbenchError as error:
            failure = failure or TrainError(error.what, where=error.where, remedy=error.remedy)
            state = "failed"
        return RunEnded(
            self.run_name,
            {"paused": "stopped"}.get(state, state),
            self._place.epoch,
            self._keeper.standing.epoch,
            self._seconds,
            failure.what if failure else "",
            failure.where if failure else "",
            failure.remedy if failure else "",
        )

    def _keep_last_good(self, failure: TrainError) -> None:
        """The weights of this moment are worthless: the checkpoint before stays, and the best epoch is kept."""
        assert self.model is not None
        if self._keeper.changed and self._keeper.standing.epoch >= 0:
            checkpoints.save_best(self.folder, self.model, self._keeper.arrays(), self._keeper.standing.epoch)
        self._history.save(self.folder / "history.npz")
        self._record(state="failed", message=str(failure))

    def _state(self, state: str, text: str = "") -> None:
        self._emit(RunStateChanged(self.run_name, state, text))
