"""The run that trains: follows the engine's events, hands on what a person wants of it, and says what was lost when the
engine dies. What begins or resumes one is in beginning.py."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from workbench.core.crossval import CrossValidation, in_words, summary
from workbench.core.errors import OutOfMemory, TrainError, WorkbenchError
from workbench.core.runs import FINISHED, RunRecord, list_runs, read_run, update_run
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
)

from .attending import Attending
from .beginning import Beginning
from .bridge import EngineBridge
from .jobs import Jobs
from .live_run import LiveRun
from .notices import Notice
from .projects import Projects
from .run_ends import asked_outside, epochs_kept, how_it_ended, scores_lost, what_was_lost
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
        self.records = RunRecords(jobs, self.refresh, lambda error: self.notice.emit(Notice.of(error, key="runs")))
        self.beginning = Beginning(self, client, jobs, projects)
        self.attending = Attending(self)
        self.attending.asked.connect(self._asked)
        client.told.connect(self.heard)

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

    # ---- control ---------------------------------------------------------------------------------------------

    def adjust(self, change: Adjust) -> None:
        """Change settings of the run that trains. Nothing happens when none does."""
        run = self.run
        if run is not None and run.active and run.id:
            self._ask(run, replace(change, run=run.id))

    def _asked(self, message: Adjust | Control, heard: Callable[[Message], None]) -> None:
        """Another program asks it of a run that trains here."""
        run = self.run
        if run is None or run.id != message.run or not run.active:  # its project was left, and it ends
            self._client.ask(message, heard)
            return
        self.notice.emit(Notice(asked_outside(run, message), "info", key="asked", lasting=False))
        self._ask(run, message, heard)

    def _ask(
        self, run: LiveRun, message: Adjust | Control, heard: Callable[[Message], None] = lambda _answer: None
    ) -> None:
        if isinstance(message, Adjust):
            run.early = message.early_stopping or run.early
        elif message.action in ("stop", "abort"):
            run.state, run.text = "stopping", "Stopping" if message.action == "stop" else "Ending"
            self.run_changed.emit()
        if run.elsewhere:
            self.asked_elsewhere.emit(message)
            return

        def answered(answer: Message) -> None:
            heard(answer)
            self._controlled(run, answer)

        self._client.ask(message, answered)

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
                self.beginning.give_up()
            return
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
        self.attending.tell(run.id, message)
        run.place.hear(message)
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
        if run.state == "stopping" and message.state in ("tracing", "running", "paused"):
            return  # said before it heard of the stop: it is no way back
        if run.active:
            run.state, run.text = message.state, message.text
            self.run_changed.emit()

    def over(self, run: LiveRun, answer: Message) -> None:
        """It has ended, by RunEnded, or by Failed where the program that trained it died or could not begin."""
        if isinstance(answer, RunEnded):
            self.attending.tell(run.id, answer)
        self.attending.end(run.id)
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
        self.beginning.paces.trained(run)
        self.run_changed.emit()
        self.refresh()
        group = run.record.group
        last = bool(group) and not any(plan.group == group for plan in self.beginning.waiting)
        if last and run.state in (*FINISHED, "failed"):
            self._tell_folds(run.record)
        if self.beginning.waiting:
            self.beginning.after(run)

    def _tell_folds(self, record: RunRecord) -> None:
        """Mean and spread over the folds, when the last has ended."""
        runs = self._projects.folder.runs

        def done(found: CrossValidation) -> None:
            if not found.done:
                return
            how = "good" if found.done == found.folds else "warning"
            self.notice.emit(Notice(f"{found.name}: {in_words(found)}.", how, key="folds", page=""))

        self._jobs.run(self, "folds", lambda _p, _c: summary(record.group, list_runs(runs)), done)

    def _tell_end(self, run: LiveRun, ended: RunEnded) -> None:
        if run.error is not None:
            told = replace(Notice.of(run.error, key="train"), page="train")  # which says it itself
            if ended.cause == "worker":  # nothing is wrong with the run itself
                told = replace(told, actions=((f"Resume {run.name} here", lambda: self.beginning.resume(run.folder)),))
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
            run.error.remedy = run.error.remedy or "It had not begun to train: train it again."
            self.notice.emit(replace(Notice.of(run.error, key="train"), page="train"))
            self._jobs.run(self, "mark", lambda _p, _c: update_run(run.folder, state="failed", message=answer.what))
            return
        self._jobs.run(
            self,
            "lost",
            lambda _p, _c: (read_run(run.folder).state, epochs_kept(run.folder)),
            lambda found: self._tell_lost(run, answer, *found),
        )

    def _tell_not_resumed(self, run: LiveRun, error: WorkbenchError) -> None:
        """It did not go on, and nothing of it was changed: what was over stays so, the rest can still be resumed."""
        over = run.record.state in (*FINISHED, "aborted")
        if over:
            run.state = run.record.state
        epochs = run.record.epochs if over else 0
        again = (f"Resume {run.name}", lambda: self.beginning.resume(run.folder, epochs, run.asked_batch))
        self.notice.emit(replace(Notice.of(error, key="train"), actions=(again,), page="train"))

    @staticmethod
    def _error_of(answer: Failed) -> TrainError:
        if answer.cause in ("memory", "weights"):
            weights = answer.cause == "weights"
            return OutOfMemory(answer.what, where=answer.where, remedy=answer.remedy, of_weights=weights)
        return TrainError(answer.what, where=answer.where, remedy=answer.remedy)

    def _tell_lost(self, run: LiveRun, answer: Failed, state: str, kept: int) -> None:
        """Say what the end of the engine cost, and offer to go on. state: as the record has it. kept: epochs in the
        checkpoint, -1 without one."""
        if state in FINISHED:  # it was scored on its test part
            run.state, run.error = state, None
            self.run_changed.emit()
            self.notice.emit(Notice(scores_lost(run, answer.what), "warning", key="train", page="train"))
            return
        if kept < 0:  # nothing to go on from: it is not offered
            if run.state == "interrupted":
                run.state = "failed"
                self.run_changed.emit()
            why = f"{answer.what} No checkpoint was written yet."

            def mark(_progress: object, _cancelled: object) -> RunRecord:
                return update_run(run.folder, state="failed", message=why, seconds=0.0)  # not known any more

            self._jobs.run(self, "mark", mark, lambda _record: self.refresh())
        actions = () if kept < 0 else ((f"Resume {run.name}", lambda: self.beginning.resume(run.folder)),)
        lost = what_was_lost(run, kept)
        told = self._error_of(answer)
        told.remedy = f"{lost} {answer.remedy}".strip() + (" Resume it: it goes on from there." if actions else "")
        told.where = told.where or run.place.words()
        run.error = told
        self.run_changed.emit()
        text = f"{run.name} was interrupted{f' in {told.where}' if told.where else ''}. {answer.what}\n{lost}"
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
        self.beginning.forget()
        self._jobs.cancel(self)
        self.run = None
        self.run_changed.emit()
