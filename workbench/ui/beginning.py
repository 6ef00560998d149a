"""What begins or resumes the run that trains: its arrays and folder are made, or its checkpoint's history is read, then
the engine is asked; runs that wait are begun one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from workbench.core.crossval import CrossValidation, left_over
from workbench.core.errors import ProjectError, WorkbenchError
from workbench.core.history import History
from workbench.core.project import Project
from workbench.core.runs import FINISHED, RunRecord, read_history, read_project, read_run
from workbench.core.settings import cache_folder
from workbench.core.waiting import Waiting
from workbench.core.wording import plural
from workbench.link.journal import check_free
from workbench.link.messages import Train

from .bridge import EngineBridge
from .jobs import Jobs
from .live_run import LiveRun
from .notices import Notice
from .planned import KeptQueue, Planned, prepare_run
from .projects import Projects
from .run_ends import how_many_wait, which_wait
from .time_ahead import Paces, alike

if TYPE_CHECKING:
    from .runner import Runner


class Beginning(QObject):
    """Begins runs, which `runner` shows, and is told by when they have ended. UI thread only."""

    def __init__(self, runner: Runner, client: EngineBridge, jobs: Jobs, projects: Projects) -> None:
        super().__init__(runner)
        self._runner, self._client, self._jobs, self._projects = runner, client, jobs, projects
        self.waiting: list[Planned] = []  # begun one after another
        self._taken: Planned | None = None  # of those that waited, while its folder is made
        self._kept = KeptQueue()
        self.paces = Paces()

    # ---- those that wait -------------------------------------------------------------------------------------

    def enqueue(self, plans: Sequence[Planned]) -> None:
        """Train these one after another, after those that wait already; the first at once where nothing trains."""
        self.waiting += plans
        self._next()
        self._keep()
        self._runner.run_changed.emit()

    def clear_queue(self) -> None:
        """Nothing waits any more; what trains goes on."""
        if self.waiting:
            self._tell(Notice("No run waits any more.", "info", key="queue", lasting=False))
        self.waiting = []
        self._keep()
        self._runner.run_changed.emit()

    @property
    def time_ahead(self) -> str:
        """Until what trains and all that waits is done, in words; "" where nothing is known of it."""
        return self.paces.in_words(self._runner.run, [(plan.alike, plan.project.train.epochs) for plan in self.waiting])

    def go_on(self) -> None:
        """Begin with the first that waits, when nothing trains."""
        self._next()

    def after(self, run: LiveRun) -> None:
        """This one has ended: the next, where some wait. A person who stopped it, or its failure, leaves it to them; a
        fold that failed does not keep the others of its cross-validation."""
        group = run.record.group
        others = bool(group) and bool(self.waiting) and self.waiting[0].group == group
        if run.state in ("finished", "early_stopped") or (run.state == "failed" and run.ended is not None and others):
            self._next()
        else:
            self._ask_about_waiting()

    def _next(self) -> None:
        """Begin with the first that waits, when nothing trains; it still waits when it cannot begin."""
        run = self._runner.run
        if self.waiting and not (run is not None and run.active) and self.train(self.waiting[0]):
            self._taken = self.waiting.pop(0)
            self._runner.run_changed.emit()

    def _ask_about_waiting(self) -> None:
        if self.waiting:
            them = "it" if len(self.waiting) == 1 else "them"
            actions = ((f"Go on with {them}", self._next), (f"Forget {them}", self.clear_queue))
            text = f"{how_many_wait(len(self.waiting))} {which_wait([plan.name for plan in self.waiting])}".strip()
            self._tell(Notice(text, "info", actions, key="queue"))

    # ---- kept on disk ----------------------------------------------------------------------------------------

    def adopt(self, waiting: Sequence[Waiting]) -> None:
        """Those that waited when the project was closed; a fold that has a run by now waits no more."""
        have = {(r.group, r.fold) for r in self._runner.runs if r.state in FINISHED or r.interrupted}
        self.waiting = [Planned.of(one) for one in waiting if not one.group or (one.group, one.fold) not in have]
        self._ask_about_waiting()
        self._runner.run_changed.emit()

    def _keep(self) -> None:
        """Let the disk know what waits, in the background."""
        number = self._kept.ask()
        plans, folder = self._plans(), self._projects.folder
        if not self._projects.read_only and folder.exists():
            runs = folder.runs
            self._jobs.run(
                self,
                "keep the queue",
                lambda _p, _c: self._kept.write(number, runs, plans),
                on_error=lambda error: self._tell(Notice.of(error, key="queue kept")),
            )

    def _plans(self) -> list[Planned]:
        return ([self._taken] if self._taken is not None else []) + self.waiting

    def keep_now(self) -> None:
        """Before the project is left: what waits is on disk when this returns, a few milliseconds, where it was not."""
        folder = self._projects.folder
        if self._kept.behind and not self._projects.read_only and folder.exists():
            try:
                self._kept.write(self._kept.ask(), folder.runs, self._plans())
            except ProjectError as error:
                self._tell(Notice.of(error, key="queue kept"))

    # ---- folds that are missing ------------------------------------------------------------------------------

    def finish_folds(self, group: str) -> None:
        """Train the folds of a cross-validation that have no run that is over or can be resumed."""
        runs, under_way = self._projects.folder.runs, self._under_way(group)
        self._jobs.run(
            self,
            "folds",
            lambda _p, _c: left_over(group, runs, under_way),
            self._follow_with,
            lambda error: self._tell(Notice.of(error, key="train")),
        )

    def unattended(self, found: CrossValidation) -> int:
        """How many of its folds are missing and neither train nor wait."""
        return len(set(found.missing) - self._under_way(found.group))

    def _under_way(self, group: str) -> set[int]:
        run = self._runner.run
        trains = {run.record.fold} if run is not None and run.active and run.record.group == group else set()
        return trains | {plan.fold for plan in self._plans() if plan.group == group}

    def _follow_with(self, missing: Sequence[Waiting]) -> None:
        self.waiting = [Planned.of(one) for one in missing] + self.waiting
        self.enqueue(())

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
        self._begun(plan)
        settings = plan.project.train
        run = LiveRun(made[0], made[1], early=settings.early_stopping, planned_batch=settings.batch_size)
        run.alike = plan.alike
        self._send(run)
        self._runner.refresh()

    def _begun(self, plan: Planned) -> None:
        """It waits no more: it has a folder of its own, or is given up."""
        if plan is self._taken:
            self._taken = None
            self._keep()

    def _prepare_failed(self, error: WorkbenchError) -> None:
        plan = self._taken
        if plan is not None:
            if plan.dataset is None:  # its data could not be read again, which can be mended
                self.waiting.insert(0, plan)
            self._begun(plan)
        run = self._runner.run
        if run is not None:
            run.state, run.error, run.text = "failed", error, error.what
        self._runner.run_changed.emit()
        self._tell(Notice.of(error, key="train"))
        self._ask_about_waiting()

    def give_up(self) -> None:
        """The one that is being prepared is not wanted any more."""
        self._jobs.cancel(self, "prepare")
        if self._taken is not None:
            self._begun(self._taken)
        self._runner.run = None
        self._runner.run_changed.emit()
        self._ask_about_waiting()

    # ---- one that goes on ------------------------------------------------------------------------------------

    def resume(self, folder: Path, epochs: int = 0, batch_size: int = 0) -> None:
        """Go on with an interrupted run from its checkpoint; with `epochs`, one that is over to so many in all; with
        `batch_size`, in batches of so many rows."""
        if self._refused():
            return

        runs = self._projects.folder.runs

        def read(progress: Any, cancelled: Any) -> tuple[RunRecord, History, Project, tuple[Waiting, ...]]:
            from workbench.core.data.pipeline import restore

            self._runner.attending.settle(folder.name)
            check_free(folder)
            restore(folder, cache_folder(), progress, cancelled)
            history = read_history(folder)
            history.batches.make_pyramids()
            record = read_run(folder)
            missing = left_over(record.group, runs) if record.group and not epochs else ()
            return record, history, read_project(folder), missing

        def done(result: tuple[RunRecord, History, Project, tuple[Waiting, ...]]) -> None:
            record, history, project, missing = result
            settings = project.train
            self._folds_after(record, missing)
            record = replace(record, epochs=epochs or record.epochs)
            run = LiveRun(folder, record, history, text="Reading the checkpoint", resumed=True)
            run.early, run.planned_batch, run.asked_batch = settings.early_stopping, settings.batch_size, batch_size
            run.alike = alike(project) if not batch_size else ""
            self._send(run, epochs=epochs)

        def reads(_share: float, text: str) -> None:  # its arrays are made again, as the cache was cleaned
            if text:
                self._tell(Notice(text, "info", key="train", lasting=False))

        self._jobs.run(self, "prepare", read, done, self._not_resumed, reads)

    def _folds_after(self, record: RunRecord, missing: Sequence[Waiting]) -> None:
        """A fold goes on: those that are missing of its cross-validation follow it."""
        known = self._under_way(record.group)
        plans = [Planned.of(one) for one in missing if one.fold not in known and one.fold != record.fold]
        if plans:
            self.waiting = plans + self.waiting
            self._keep()
            text = f"{plural(len(plans), 'fold')} of its cross-validation {'is' if len(plans) == 1 else 'are'} missing"
            text = f"{record.name} goes on. {text} and trained after it."
            self._tell(Notice(text, "info", key="folds", lasting=False))

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
        """Another project: what waits stays on disk with this one, and what is prepared is none of it."""
        self.keep_now()
        self.waiting, self._taken = [], None
        self._jobs.cancel(self)
