"""What begins or resumes the run that trains: its arrays and folder are made, or its checkpoint's history is read, then
the engine is asked; runs that wait are begun one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workbench.core.errors import ProjectError, WorkbenchError
from workbench.core.history import History
from workbench.core.project import TrainSpec
from workbench.core.runs import RunRecord, read_history, read_project, read_run
from workbench.link.journal import check_free
from workbench.link.messages import Train

from .bridge import EngineBridge
from .jobs import Jobs
from .live_run import LiveRun
from .notices import Notice
from .planned import Planned, prepare_run
from .projects import Projects
from .run_ends import how_many_wait

if TYPE_CHECKING:
    from .runner import Runner


class Beginning(QObject):
    """Begins runs, which `runner` shows, and is told by when they have ended. UI thread only."""

    def __init__(self, runner: Runner, client: EngineBridge, jobs: Jobs, projects: Projects) -> None:
        super().__init__(runner)
        self._runner, self._client, self._jobs, self._projects = runner, client, jobs, projects
        self.waiting: list[Planned] = []  # begun one after another

    # ---- those that wait -------------------------------------------------------------------------------------

    def enqueue(self, plans: Sequence[Planned]) -> None:
        """Train these one after another, after those that wait already; the first at once where nothing trains."""
        self.waiting += plans
        self._next()
        self._runner.run_changed.emit()

    def clear_queue(self) -> None:
        """Nothing waits any more; what trains goes on."""
        self.waiting = []
        self._runner.run_changed.emit()

    def after(self, run: LiveRun) -> None:
        """This one has ended: the next, where some wait. A person who stopped it, or its failure, leaves it to them."""
        if run.state in ("finished", "early_stopped"):
            self._next()
        else:
            self._ask_about_waiting()

    def _next(self) -> None:
        """Begin with the first that waits, when nothing trains; it still waits when it cannot begin."""
        run = self._runner.run
        if self.waiting and not (run is not None and run.active) and self.train(self.waiting[0]):
            del self.waiting[0]
            self._runner.run_changed.emit()

    def _ask_about_waiting(self) -> None:
        if self.waiting:
            them = "it" if len(self.waiting) == 1 else "them"
            actions = ((f"Go on with {them}", self._next), (f"Forget {them}", self.clear_queue))
            self._tell(Notice(how_many_wait(len(self.waiting)), "info", actions, key="queue"))

    # ---- a new one -------------------------------------------------------------------------------------------

    def train(self, plan: Planned) -> bool:
        """Prepare the arrays, make the run's folder and start. Whether it began; why not is told."""
        if self._refused():
            return False
        project, name = plan.project, plan.name
        try:
            self._projects.save_now()
        except ProjectError as error:
            self._tell(Notice.of(error, key="train"))
            return False
        runs = self._projects.folder.runs
        known = len(self._runner.runs) + 1
        self._runner.show(LiveRun(runs, RunRecord("", name or f"run {known}", epochs=project.train.epochs)))
        self._jobs.run(
            self,
            "prepare",
            lambda progress, cancelled: prepare_run(plan, runs, progress, cancelled),
            lambda made: self._prepared(made, plan),
            self._prepare_failed,
            self._preparing,
        )
        return True

    def _preparing(self, share: float, text: str) -> None:
        run = self._runner.run
        if run is not None and run.state == "preparing":
            run.preparing = share
            run.text = text or "Preparing the data"
            self._runner.run_changed.emit()

    def _prepared(self, made: tuple[Path, RunRecord], plan: Planned) -> None:
        settings = plan.project.train
        self._send(LiveRun(made[0], made[1], early=settings.early_stopping, planned_batch=settings.batch_size))
        self._runner.refresh()

    def _prepare_failed(self, error: WorkbenchError) -> None:
        run = self._runner.run
        if run is not None:
            run.state, run.error, run.text = "failed", error, error.what
        self._runner.run_changed.emit()
        self._tell(Notice.of(error, key="train"))
        self._ask_about_waiting()

    def give_up(self) -> None:
        """The one that is being prepared is not wanted any more."""
        self._jobs.cancel(self, "prepare")
        self._runner.run = None
        self._runner.run_changed.emit()
        self._ask_about_waiting()

    # ---- one that goes on ------------------------------------------------------------------------------------

    def resume(self, folder: Path, epochs: int = 0, batch_size: int = 0) -> None:
        """Go on with an interrupted run from its checkpoint; with `epochs`, one that is over to so many in all; with
        `batch_size`, in batches of so many rows."""
        if self._refused():
            return

        def read(_progress: object, _cancelled: object) -> tuple[RunRecord, History, TrainSpec]:
            self._runner.attending.settle(folder.name)
            check_free(folder)
            history = read_history(folder)
            history.batches.make_pyramids()
            return read_run(folder), history, read_project(folder).train

        def done(result: tuple[RunRecord, History, TrainSpec]) -> None:
            record, history, settings = result
            record = replace(record, epochs=epochs or record.epochs)
            run = LiveRun(folder, record, history, text="Reading the checkpoint", resumed=True)
            run.early, run.planned_batch, run.asked_batch = settings.early_stopping, settings.batch_size, batch_size
            self._send(run, epochs=epochs)

        self._jobs.run(self, "prepare", read, done, self._not_resumed)

    def _not_resumed(self, error: WorkbenchError) -> None:
        """The run that was to go on cannot be read: it stays what it is, as does the one that is shown."""
        self._tell(Notice.of(error, key="train"))
        self._ask_about_waiting()

    # ---- both ------------------------------------------------------------------------------------------------

    def _refused(self) -> bool:
        run = self._runner.run
        if run is not None and run.active:
            self._tell(Notice(f"{run.name} is still training.", "info", key="train", lasting=False))
            return True
        if self._projects.read_only:
            text = "This project is read-only here, so no run can be kept.\nSave a copy first."
            self._tell(Notice(text, "warning", key="train"))
            return True
        return False

    def _send(self, run: LiveRun, *, epochs: int = 0) -> None:
        self._runner.run = run
        self._client.use_threads(run.record.threads)  # starts another engine where it computes with others
        run.text = "Waiting for the engine" if self._client.status.state != "ready" else "Starting"
        self._runner.run_changed.emit()
        self._runner.attending.begin(run.folder)
        wanted = Train(str(run.folder), run.resumed, epochs, run.asked_batch)
        self._client.ask(wanted, lambda answer: self._runner.over(run, answer))

    def _tell(self, notice: Notice) -> None:
        self._runner.notice.emit(notice)

    def forget(self) -> None:
        """Another project: nothing waits, and what is prepared is none of it."""
        self.waiting = []
        self._jobs.cancel(self)
