"""The run that trains: prepares the arrays, freezes the run's folder, follows the engine's events, and says what was
lost when the engine dies."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.core.crossval import CrossValidation, in_words, summary
from workbench.core.errors import OutOfMemory, ProjectError, TrainError, WorkbenchError
from workbench.core.history import History
from workbench.core.project import EarlyStopping
from workbench.core.runs import FINISHED, RunRecord, list_runs, read_history, read_project, read_run, update_run
from workbench.link.journal import check_free
from workbench.link.messages import (
    Adjust,
    Batches,
    Control,
    EpochEnded,
    Failed,
    Message,
    Probed,
    RunAdjusted,
    RunEnded,
    RunStarted,
    RunStateChanged,
    Train,
)

from .bridge import EngineBridge
from .jobs import Jobs
from .live_run import LiveRun
from .notices import Notice
from .planned import Planned, prepare_run
from .projects import Projects
from .run_ends import epochs_kept, how_it_ended, how_many_wait, what_was_lost
from .run_records import RunRecords

log = logging.getLogger(__name__)


class Runner(QObject):
    """Signals: run_changed(), run_batches(Batches), run_epoch(EpochEnded), runs_changed(), notice(Notice)."""

    run_changed = Signal()
    run_batches = Signal(object)
    run_epoch = Signal(object)
    runs_changed = Signal()
    notice = Signal(object)
    began = Signal()  # the engine has begun or resumed a run
    asked_elsewhere = Signal(object)  # Control or Adjust, for the program that trains the run

    def __init__(self, client: EngineBridge, jobs: Jobs, projects: Projects, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._jobs, self._projects = client, jobs, projects
        self.run: LiveRun | None = None
        self.runs: list[RunRecord] = []
        self.waiting: list[Planned] = []  # begun one after another
        self.records = RunRecords(jobs, self.refresh, lambda error: self.notice.emit(Notice.of(error, key="runs")))
        client.told.connect(self.heard)

    # ---- starting --------------------------------------------------------------------------------------------

    def enqueue(self, plans: Sequence[Planned]) -> None:
        """Train these one after another, after those that wait already; the first at once where nothing trains."""
        self.waiting += plans
        self._next()
        self.run_changed.emit()

    def clear_queue(self) -> None:
        """Nothing waits any more; what trains goes on."""
        self.waiting = []
        self.run_changed.emit()

    def _next(self) -> None:
        """Begin with the first that waits, when nothing trains; it still waits when it cannot begin."""
        if self.waiting and not self._training and self.train(self.waiting[0]):
            del self.waiting[0]
            self.run_changed.emit()

    @property
    def _training(self) -> bool:
        return self.run is not None and self.run.active

    def _ask_about_waiting(self) -> None:
        """A person who stops a run, or a failure, decides about those that wait, too."""
        if self.waiting:
            them = "it" if len(self.waiting) == 1 else "them"
            actions = ((f"Go on with {them}", self._next), (f"Forget {them}", self.clear_queue))
            self.notice.emit(Notice(how_many_wait(len(self.waiting)), "info", actions, key="queue"))

    def train(self, plan: Planned) -> bool:
        """Prepare the arrays, make the run's folder and start. Whether it began; why not is told."""
        if self._refused():
            return False
        project, name = plan.project, plan.name
        try:
            self._projects.save_now()
        except ProjectError as error:
            self.notice.emit(Notice.of(error, key="train"))
            return False
        runs = self._projects.folder.runs
        known = len(self.runs) + 1
        self.run = LiveRun(runs, RunRecord("", name or f"run {known}", epochs=project.train.epochs))
        self.run_changed.emit()
        self._jobs.run(
            self,
            "prepare",
            lambda progress, cancelled: prepare_run(plan, runs, progress, cancelled),
            lambda made: self._prepared(made, plan),
            self._prepare_failed,
            self._preparing,
        )
        return True

    def resume_run(self, folder: Path, epochs: int = 0, batch_size: int = 0) -> None:
        """Go on with an interrupted run from its checkpoint; with `epochs`, one that is over to so many in all; with
        `batch_size`, in batches of so many rows."""
        if self._refused():
            return

        def read(_progress: object, _cancelled: object) -> tuple[RunRecord, History, EarlyStopping]:
            check_free(folder)
            history = read_history(folder)
            history.batches.make_pyramids()
            return read_run(folder), history, read_project(folder).train.early_stopping

        def done(result: tuple[RunRecord, History, EarlyStopping]) -> None:
            record, history, early = result
            record = replace(record, epochs=epochs or record.epochs)
            self.run = LiveRun(folder, record, history, text="Reading the checkpoint", resumed=True, early=early)
            self._send(resume=True, epochs=epochs, batch_size=batch_size)

        self._jobs.run(self, "prepare", read, done, self._not_resumed)

    def _refused(self) -> bool:
        if self.run is not None and self.run.active:
            self.notice.emit(Notice(f"{self.run.name} is still training.", "info", key="train", lasting=False))
            return True
        if self._projects.read_only:
            self.notice.emit(
                Notice(
                    "This project is read-only here, so no run can be kept.\nSave a copy first.", "warning", key="train"
                )
            )
            return True
        return False

    def _preparing(self, share: float, text: str) -> None:
        if self.run is not None and self.run.state == "preparing":
            self.run.preparing = share
            self.run.text = text or "Preparing the data"
            self.run_changed.emit()

    def _prepared(self, made: tuple[Path, RunRecord], plan: Planned) -> None:
        self.run = LiveRun(made[0], made[1], early=plan.project.train.early_stopping)
        self._send(resume=False)
        self.refresh()

    def _prepare_failed(self, error: WorkbenchError) -> None:
        if self.run is not None:
            self.run.state, self.run.error, self.run.text = "failed", error, error.what
        self.run_changed.emit()
        self.notice.emit(Notice.of(error, key="train"))
        self._ask_about_waiting()

    def _not_resumed(self, error: WorkbenchError) -> None:
        """The run that was to go on cannot be read: it stays what it is, as does the one that is shown."""
        self.notice.emit(Notice.of(error, key="train"))
        self._ask_about_waiting()

    def _send(self, *, resume: bool, epochs: int = 0, batch_size: int = 0) -> None:
        run = self.run
        assert run is not None
        self._client.use_threads(run.record.threads)  # starts another engine where it computes with others
        run.text = "Waiting for the engine" if self._client.status.state != "ready" else "Starting"
        self.run_changed.emit()
        wanted = Train(str(run.folder), resume, epochs, batch_size)
        self._client.ask(wanted, lambda answer: self._answered(run, answer))

    # ---- a run of another program (ui.followed) ------------------------------------------------------------------

    def show(self, run: LiveRun) -> None:
        """Let this be the run that is shown."""
        self.run = run
        self.run_changed.emit()

    def leave(self) -> None:
        """It goes on without being shown here."""
        self.run = None
        self.run_changed.emit()
        self.refresh()

    def over(self, run: LiveRun, answer: RunEnded | Failed) -> None:
        """It has ended."""
        self._answered(run, answer)

    # ---- control ---------------------------------------------------------------------------------------------

    def adjust(self, change: Adjust) -> None:
        """Change settings of the run that trains. Nothing happens when none does."""
        run = self.run
        if run is not None and run.active and run.id:
            run.early = change.early_stopping or run.early
            self._ask(run, replace(change, run=run.id))

    def _ask(self, run: LiveRun, message: Adjust | Control) -> None:
        if run.elsewhere:
            self.asked_elsewhere.emit(message)
        else:
            self._client.ask(message, lambda answer: self._controlled(run, answer))

    def control(self, action: str) -> None:
        """ "pause", "resume", "stop" or "abort" the run that trains. Nothing happens when none does."""
        run = self.run
        if run is None or not run.active:
            return
        if not run.id and run.elsewhere:
            self.asked_elsewhere.emit(Control("", action))
            return
        if not run.id:  # still preparing: there is nothing to tell the engine
            if action in ("stop", "abort"):
                self._jobs.cancel(self, "prepare")
                self.run = None
                self.run_changed.emit()
                self._ask_about_waiting()
            return
        if action in ("stop", "abort"):
            run.state, run.text = "stopping", "Stopping" if action == "stop" else "Ending"
            self.run_changed.emit()
        self._ask(run, Control(run.id, action))

    def _controlled(self, run: LiveRun, answer: Message) -> None:
        if isinstance(answer, Failed) and run.active and not answer.cancelled:
            self.notice.emit(Notice.of(TrainError(answer.what, where=answer.where, remedy=answer.remedy), key="train"))
        elif isinstance(answer, RunStateChanged):
            self._state(run, answer)

    # ---- what the engine says --------------------------------------------------------------------------------

    def heard(self, message: Message) -> None:
        """Something that the run tells; what other runs tell is none of ours."""
        run = self.run
        if run is None or getattr(message, "run", None) != run.id:
            return
        if isinstance(message, RunStarted):
            run.begin(message)
            self.began.emit()
        elif isinstance(message, Batches):
            run.add_batches(message)
            self.run_batches.emit(message)
        elif isinstance(message, EpochEnded):
            run.add_epoch(message)
            self.run_epoch.emit(message)
        elif isinstance(message, Probed):
            run.probes = (*run.probes[-2:], message)
        elif isinstance(message, RunAdjusted):
            run.adjust(message)
        elif isinstance(message, RunStateChanged):
            self._state(run, message)
            return
        self.run_changed.emit()

    def _state(self, run: LiveRun, message: RunStateChanged) -> None:
        if run.active:
            run.state, run.text = message.state, message.text
            self.run_changed.emit()

    def _answered(self, run: LiveRun, answer: Message) -> None:
        """Train is answered by RunEnded, or by Failed when the engine died or could not begin."""
        if run is not self.run:  # its project was left: it is none of this one's, and its folder says what became of it
            return
        if isinstance(answer, RunEnded):
            run.ended = answer
            run.state, run.text = answer.reason, ""
            if answer.reason == "failed":
                run.error = TrainError(answer.what, where=answer.where, remedy=answer.remedy)
            self._tell_end(run, answer)
        elif isinstance(answer, Failed):
            self._interrupted(run, answer)
        run.seconds_left = float("nan")
        self.run_changed.emit()
        self.refresh()
        if self.waiting and run.state in ("finished", "early_stopped"):
            self._next()
        elif self.waiting:
            self._ask_about_waiting()
        elif run.record.group and run.state in FINISHED:
            self._tell_folds(run.record)

    def _tell_folds(self, record: RunRecord) -> None:
        """Mean and spread over the folds, when the last has ended."""
        runs = self._projects.folder.runs

        def done(found: CrossValidation) -> None:
            self.notice.emit(Notice(f"{found.name}: {in_words(found)}.", "good", key="folds", page=""))

        self._jobs.run(self, "folds", lambda _p, _c: summary(record.group, list_runs(runs)), done)

    def _tell_end(self, run: LiveRun, ended: RunEnded) -> None:
        if run.error is not None:
            told = replace(Notice.of(run.error, key="train"), page="train")  # which says it itself
            if ended.cause == "worker":  # nothing is wrong with the run itself
                told = replace(told, actions=((f"Resume {run.name} here", lambda: self.resume_run(run.folder)),))
            self.notice.emit(told)
            return
        self.notice.emit(Notice(how_it_ended(run, ended), "good", key="train", page="train", lasting=False))

    def _interrupted(self, run: LiveRun, answer: Failed) -> None:
        if answer.cancelled:
            run.state, run.text = "aborted", ""
            return
        # what was to go on can still do so once the cause is mended: its checkpoint is what it was
        run.state = "interrupted" if run.started is not None or run.resumed else "failed"
        run.text = answer.what
        run.error = self._error_of(answer)
        if run.resumed and run.started is None:
            self._tell_not_resumed(run, run.error)
            return
        if run.state == "failed":
            self.notice.emit(replace(Notice.of(run.error, key="train"), page="train"))
            self._jobs.run(self, "mark", lambda _p, _c: update_run(run.folder, state="failed", message=answer.what))
            return
        self._jobs.run(
            self, "lost", lambda _p, _c: epochs_kept(run.folder), lambda kept: self._tell_lost(run, answer, kept)
        )

    def _tell_not_resumed(self, run: LiveRun, error: WorkbenchError) -> None:
        """It did not go on, and nothing of it was changed: what was over stays so, the rest can still be resumed."""
        over = run.record.state in (*FINISHED, "aborted")
        if over:
            run.state = run.record.state
        epochs = run.record.epochs if over else 0
        again = (f"Resume {run.name}", lambda: self.resume_run(run.folder, epochs))
        self.notice.emit(replace(Notice.of(error, key="train"), actions=(again,), page="train"))

    @staticmethod
    def _error_of(answer: Failed) -> TrainError:
        if answer.cause in ("memory", "weights"):
            weights = answer.cause == "weights"
            return OutOfMemory(answer.what, where=answer.where, remedy=answer.remedy, of_weights=weights)
        return TrainError(answer.what, where=answer.where, remedy=answer.remedy)

    def _tell_lost(self, run: LiveRun, answer: Failed, kept: int) -> None:
        """Say what the end of the engine cost, and offer to go on. kept: epochs in the checkpoint, -1 without one."""
        if kept < 0:  # nothing to go on from: it is not offered
            if run.state == "interrupted":
                run.state = "failed"
                self.run_changed.emit()
            why = f"{answer.what} No checkpoint was written yet."

            def mark(_progress: object, _cancelled: object) -> RunRecord:
                return update_run(run.folder, state="failed", message=why)

            self._jobs.run(self, "mark", mark, lambda _record: self.refresh())
        actions = () if kept < 0 else ((f"Resume {run.name}", lambda: self.resume_run(run.folder)),)
        lost = what_was_lost(run, kept)
        told = self._error_of(answer)
        told.remedy = f"{lost} {answer.remedy}".strip()
        run.error = told
        self.run_changed.emit()
        text = f"{run.name} was interrupted. {answer.what}\n{lost}"
        self.notice.emit(Notice(text, "error", actions, key="train", page="train"))

    # ---- the list of runs ------------------------------------------------------------------------------------

    def set_runs(self, runs: list[RunRecord]) -> None:
        self.runs = runs
        self.runs_changed.emit()

    def refresh(self) -> None:
        """Read the list of runs again, in the background."""
        runs = self._projects.folder.runs

        def done(found: list[RunRecord]) -> None:
            if runs == self._projects.folder.runs:
                if self.run is not None and not self.run.active:
                    self.run.record = next((r for r in found if r.id == self.run.id), self.run.record)
                self.set_runs(found)
                self.run_changed.emit()

        self._jobs.run(self, "runs", lambda _p, _c: list_runs(runs), done)

    def keep_scores(self, folder: Path, scores: Mapping[str, float]) -> None:
        """Note scores ("test.accuracy": ...) in the record of a run that does not train, where they are new."""
        if scores and not self._projects.read_only:
            self.records.keep_scores(folder, scores)

    def forget(self) -> None:
        """Another project: its run is none of ours."""
        self.waiting = []
        self._jobs.cancel(self)
        self.run = None
        self.run_changed.emit()
