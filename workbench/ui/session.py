"""What pages share: the document, the engine, the jobs, and everything that follows from the project.

Pages are given a Session and their parent, nothing else. All of it is for the UI thread; nothing here waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core import edits
from workbench.core.checks import Situation, resolve
from workbench.core.document import Change, Document, Edit
from workbench.core.errors import WorkbenchError
from workbench.core.project import DataSpec, Project
from workbench.core.runs import RunRecord, Start
from workbench.link.messages import Adjust
from workbench.link.transport import TransportFactory

from .asking import Asking, OnAnswer
from .bridge import EngineBridge, EngineStatus
from .choice import Choice
from .cluster_run import ClusterRun
from .elsewhere import Elsewhere
from .followed import Followed
from .jobs import InternalError, Jobs
from .known import Known, resolved_now
from .live_run import LiveRun
from .model.opening import ModelOpener
from .naming import name_of
from .notices import Notice
from .opening import Opening
from .pipeline import Pipeline
from .projects import Projects
from .runner import Runner
from .telling import Telling
from .training import Training

if TYPE_CHECKING:
    from workbench.core.catalog import Catalog


RUN_MS = 200  # between two tellings that a run has got on: the engine says it as often


class Session(Known, QObject):
    """See docs/architecture.md, "The window".

    Args:
        transport_factory: how to start the engine; passed in, as the window knows nothing of the engine.
    """

    changed = Signal(object)
    dataset_changed = Signal()
    cleaned_changed = Signal()
    look_changed = Signal()
    facts_changed = Signal()
    graph_checked = Signal()
    resolved_changed = Signal()
    engine_changed = Signal()
    run_changed = Signal()  # at most 5 times a second while it only gets on
    run_state_changed = Signal()  # another run, or it begins, pauses, ends
    run_batches = Signal(object)
    run_epoch = Signal(object)
    runs_changed = Signal()
    notice = Signal(object)
    project_opened = Signal()
    saved = Signal()
    page_wanted = Signal(str)
    settings_changed = Signal()

    def __init__(self, transport_factory: TransportFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = Document()
        self.jobs = Jobs(self)
        self.client = EngineBridge(transport_factory, self)
        self.projects = Projects(self.document, self.jobs, self)
        self.pipeline = Pipeline(self.document, self.jobs, self.client, lambda: self.projects.folder, self)
        self.runner = Runner(self.client, self.jobs, self.projects, self)
        self.cluster = ClusterRun(self)
        self.followed = Followed(self.runner, self.cluster, self.jobs, self)
        self.opener = ModelOpener(self)
        self.choice = Choice(self)
        self.training = Training(self)
        self.opening = Opening(self)
        self.elsewhere = Elsewhere(self)
        self.asking = Asking(self)
        self.resolved = resolve(self.document.project, Situation())
        self._catalog: Catalog | None = None
        self._forget = self.document.listen(self._document_changed)
        self._closed = False
        pipeline, runner = self.pipeline, self.runner
        for source, target in (
            (pipeline.dataset_changed, self.dataset_changed),
            (pipeline.cleaned_changed, self.cleaned_changed),
            (pipeline.watch.changed, self.look_changed),
            (pipeline.facts_changed, self.facts_changed),
            (pipeline.graph_checked, self.graph_checked),
            (runner.run_batches, self.run_batches),
            (runner.run_epoch, self.run_epoch),
            (runner.runs_changed, self.runs_changed),
            (runner.notice, self.notice),
            (self.followed.notice, self.notice),
            (self.projects.notice, self.notice),
            (self.projects.saved, self.saved),
            (self.projects.settings_changed, self.settings_changed),
        ):
            source.connect(target)
        for source in (pipeline.dataset_changed, pipeline.cleaned_changed, pipeline.facts_changed):
            source.connect(self._resolve)
        for source in (pipeline.graph_checked, self.run_state_changed, runner.runs_changed):
            source.connect(self._resolve)
        runner.run_changed.connect(self._run_moved)
        self._run_seen: tuple[object, ...] = ()
        self._run_timer = QTimer(self)
        self._run_timer.setSingleShot(True)
        self._run_timer.setInterval(2 * RUN_MS)  # with the next message, where one comes
        self._run_timer.timeout.connect(self._tell_moved)
        self._run_told = 0.0
        self.telling = Telling(self)
        self.client.status_changed.connect(self._engine_changed)
        self.jobs.failed.connect(self.tell)
        self.jobs.crashed.connect(self._crashed)

    # ---- changing the work -----------------------------------------------------------------------------------

    def apply(self, edit: Edit, label: str, merge_key: str | None = None) -> bool:
        """One undoable step; see Document.apply."""
        return self.document.apply(edit, label, merge_key)

    def undo(self) -> bool:
        return self.document.undo()

    def redo(self) -> bool:
        return self.document.redo()

    # ---- opening ---------------------------------------------------------------------------------------------

    def open_data(self, spec: DataSpec, page: str = "data") -> None:
        """Begin with this data: in the open project while it has none, else in a new one (the old one is kept)."""
        taken = self.project.data is not None or self.read_only or self.run is not None
        if taken and not self.new_project(show=False):
            return
        name = name_of(spec) if self.project.name == "Untitled" else self.project.name

        def edit(project: Project) -> Project:
            return replace(edits.open_data(spec)(project), name=name)

        self.apply(edit, f"Open {name}")
        self.document.end_merge()
        self.show_page(page)

    def cancel_loading(self) -> None:
        """Stop reading the source; it can be read again with `reload_data`."""
        self.pipeline.cancel_loading()

    def reload_data(self) -> None:
        """Read the source again, as it is now."""
        self.pipeline.reload()

    def open_sample(self, name: str) -> None:
        """Begin with one of the samples (core.data.samples)."""
        self.open_data(DataSpec("sample", name))

    def open_path(self, path: Path | str) -> None:
        """See Opening.path."""
        self.opening.path(path)

    def open_project(self, path: Path) -> None:
        """Open a project folder."""
        self.opening.project(path)

    def new_project(self, *, show: bool = True) -> bool:
        """See Opening.new."""
        return self.opening.new(show=show)

    def paste(self, text: str) -> None:
        """See Opening.paste."""
        self.opening.paste(text)

    def save_as(self, target: Path, on_done: Callable[[], None] | None = None) -> None:
        """See Opening.save_as."""
        self.opening.save_as(target, on_done)

    # ---- training and asking ---------------------------------------------------------------------------------

    def train(
        self,
        resume: Path | str | None = None,
        name: str = "",
        *,
        epochs: int = 0,
        start: Start | None = None,
        folds: int = 0,
        batch_size: int = 0,
    ) -> bool:
        """See Training.train."""
        return self.training.train(resume, name, epochs=epochs, start=start, folds=folds, batch_size=batch_size)

    def train_chosen(self) -> bool:
        """See Training.train_chosen."""
        return self.training.train_chosen()

    def enqueue(self, name: str = "", start: Start | None = None, folds: int = 0) -> bool:
        """See Training.enqueue."""
        return self.training.enqueue(name, start, folds)

    @property
    def waiting(self) -> list[str]:
        """Names of the runs that wait for the one that trains."""
        return self.training.waiting

    @property
    def time_ahead(self) -> str:
        """Until what trains and all that waits is done, in words; "" where nothing is known of it."""
        return self.runner.beginning.time_ahead

    def clear_queue(self) -> None:
        """Forget the runs that wait."""
        self.runner.beginning.clear_queue()

    def go_on_with_queue(self) -> None:
        """Begin with the first of the runs that wait, when nothing trains."""
        self.runner.beginning.go_on()

    def adjust(self, **changes: Any) -> None:
        """Change settings of the run that trains; see messages.Adjust."""
        self.runner.adjust(Adjust("", **changes))

    def forecast(self, on_answer: OnAnswer) -> int:
        """See Training.forecast."""
        return self.training.forecast(on_answer)

    @property
    def can_wait(self) -> bool:
        """Whether `train` would begin by itself soon: what keeps from it passes without the person."""
        return self.training.can_wait

    @property
    def train_wanted(self) -> bool:
        """Whether training was asked for and begins as soon as it can."""
        return self.training.wanted

    def pause(self) -> None:
        """Let the run that trains wait."""
        self.runner.control("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self.runner.control("resume")

    def stop(self) -> None:
        """End the run now and keep its best weights."""
        self.runner.control("stop")

    def abort(self) -> None:
        """End the run now, without scoring the test part; also one that is stopping already."""
        self.runner.control("abort")

    def start_cluster(self, machines: Sequence[str], resume: str = "") -> None:
        """See Training.start_cluster."""
        self.training.start_cluster(machines, resume)

    def run_folder(self, run: str | Path | RunRecord | LiveRun | None = None) -> Path:
        """See Asking.run_folder. Raises ProjectError."""
        return self.asking.run_folder(run)

    def predict(self, x: Mapping[str, np.ndarray], on_answer: OnAnswer, run: Any = None, newest: str = "") -> None:
        """See Asking.predict."""
        self.asking.predict(x, on_answer, run, newest)

    def evaluate(self, run: Any, on_answer: OnAnswer, part: str = "test") -> int:
        """See Asking.evaluate."""
        return self.asking.evaluate(run, on_answer, part)

    def keep_scores(self, run: Any, scores: Mapping[str, float]) -> None:
        """Note measured scores in the record of a run: {"test.accuracy": ...}."""
        self.runner.keep_scores(self.run_folder(run), scores)

    def export(self, run: Any, format: str, out: Path | str, on_progress: OnAnswer | None, on_answer: OnAnswer) -> int:
        """See Asking.export."""
        return self.asking.export(run, format, out, on_progress, on_answer)

    # ---- telling ---------------------------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """Bring a page to the front: "start" or one of core.checks.PAGES."""
        self.page_wanted.emit(name)

    def tell(self, what: WorkbenchError | Notice | str, severity: str = "info", key: str = "") -> None:
        """Show a notice above the page."""
        if isinstance(what, WorkbenchError):
            what = Notice.of(what, key=key)
        elif isinstance(what, str):
            what = Notice(what, severity, key=key, lasting=severity in ("warning", "error"))
        self.notice.emit(what)

    def _crashed(self, error: InternalError) -> None:
        self.notice.emit(Notice(f"{error.what} Your work is kept.", "error", details=error.details, key="crash"))

    # ---- following -------------------------------------------------------------------------------------------

    def _document_changed(self, change: Change) -> None:
        self.pipeline.project_changed(change)
        self.changed.emit(change)
        self._resolve()

    def _engine_changed(self, status: EngineStatus) -> None:
        if status.state == "ready" and self.graph_facts is None:
            self.pipeline.check_soon()
        if status.state == "dead" and not status.restarting:
            self.notice.emit(Notice(status.text, "error", (("Start the engine", self.client.start),), key="engine"))
        self.engine_changed.emit()
        self._resolve()

    def _run_moved(self) -> None:
        """Tell at once what a person waits for; that it gets on, as often as can be read, and then with the message
        itself: waking up once more for it would take as much of the run as what is done with it."""
        run = self.run
        seen = (None,) if run is None else (run, run.state, run.started, run.error)
        if seen != self._run_seen or run is None or not run.active:
            self._run_seen = seen
            self.run_state_changed.emit()
            self.run_changed.emit()
        elif time.monotonic() - self._run_told >= 0.8e-3 * RUN_MS:
            self._run_told = time.monotonic()
            self._tell_moved()
        elif not self._run_timer.isActive():
            self._run_timer.start()

    def _tell_moved(self) -> None:
        """Also what came soon after a message that was told: told by the timer, it does not make the next one wait."""
        self._run_timer.stop()
        self.run_changed.emit()

    def _resolve(self) -> None:
        found = resolved_now(self.project, self.pipeline, self.engine, self.run, self.runs)
        if found != self.resolved:
            self.resolved = found
            self.resolved_changed.emit()
        self.training.begin_if_wanted()

    # ---- the end ---------------------------------------------------------------------------------------------

    def start_engine(self) -> None:
        """Start the engine behind the window; returns at once."""
        self.client.start()

    def kill_engine(self) -> None:
        """End an engine that does not answer, at once; another is started, and a run can be resumed."""
        self.client.kill()

    def shut_down(self) -> None:
        """Save, end the engine in order, end the jobs. Afterwards nothing is delivered."""
        if self._closed:
            return
        self._closed = True
        self.runner.beginning.keep_now()
        self.projects.shut_down()
        self.elsewhere.stop()
        self.followed.shut_down()
        self.pipeline.stop()
        self.client.shut_down()
        self.runner.attending.shut_down()
        self.jobs.shut_down()
        self._forget()
