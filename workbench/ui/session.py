"""What pages share: the document, the engine, the jobs, and everything that follows from the project.

Pages are given a Session and their parent, nothing else. All of it is for the UI thread; nothing here waits.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.core import edits
from workbench.core.checks import PageState, Situation, resolve
from workbench.core.crossval import fold_projects
from workbench.core.document import Change, Document, Edit
from workbench.core.errors import DataError, ProjectError, WorkbenchError
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import DataSpec, Features, Project
from workbench.core.runs import RunRecord, Start
from workbench.core.settings import Settings
from workbench.core.storage import ProjectFolder, atomic_write
from workbench.link.messages import Adjust, Evaluate, Export, Failed, Forecast, Message, Predict
from workbench.link.transport import TransportFactory

from .bridge import EngineBridge, EngineStatus
from .cluster_run import ClusterRun
from .jobs import InternalError, Jobs
from .live_run import LiveRun
from .model.opening import ModelOpener
from .notices import Notice
from .pipeline import Pipeline
from .planned import Planned
from .projects import Opened, Projects, is_project, read_opened
from .runner import Runner

if TYPE_CHECKING:
    from workbench.core.catalog import Catalog
    from workbench.core.data.dataset import Dataset
    from workbench.core.data.first_rows import FirstRows
    from workbench.core.data.picture_recipe import CleanedPictures
    from workbench.core.data.preprocess import Preprocessor
    from workbench.core.data.profile import ImageProfile, TableProfile
    from workbench.core.data.recipe import Cleaned
    from workbench.core.data.suggest import Suggestion

OnAnswer = Callable[[Message], None]


class Session(QObject):
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
    run_changed = Signal()
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
        self.cluster.epoch.connect(self.runner.followed)
        self.cluster.ended.connect(self.runner.follow_ends)
        self.opener = ModelOpener(self)
        self.resolved = resolve(self.document.project, Situation())
        self._train_when_ready: dict[str, Any] | None = None  # how, once it can be
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
            (runner.run_changed, self.run_changed),
            (runner.run_batches, self.run_batches),
            (runner.run_epoch, self.run_epoch),
            (runner.runs_changed, self.runs_changed),
            (runner.notice, self.notice),
            (self.projects.notice, self.notice),
            (self.projects.saved, self.saved),
            (self.projects.settings_changed, self.settings_changed),
        ):
            source.connect(target)
        for source in (pipeline.dataset_changed, pipeline.cleaned_changed, pipeline.facts_changed):
            source.connect(self._resolve)
        for source in (pipeline.graph_checked, runner.run_changed, runner.runs_changed):
            source.connect(self._resolve)
        self.client.status_changed.connect(self._engine_changed)
        self.jobs.failed.connect(self.tell)
        self.jobs.crashed.connect(self._crashed)

    # ---- what is known ---------------------------------------------------------------------------------------

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def settings(self) -> Settings:
        return self.projects.settings

    @property
    def folder(self) -> ProjectFolder:
        return self.projects.folder

    @property
    def read_only(self) -> bool:
        """True when another window has the project open: nothing is saved here."""
        return self.projects.read_only

    @property
    def catalog(self) -> Catalog:
        """What Keras offers; read from the shipped file on first use."""
        if self._catalog is None:
            from workbench.core.catalog import load_catalog

            self._catalog = load_catalog()
        return self._catalog

    @property
    def dataset(self) -> Dataset | None:
        return self.pipeline.dataset

    @property
    def dataset_error(self) -> WorkbenchError | None:
        return self.pipeline.dataset_error

    @property
    def loading(self) -> tuple[float, str] | None:
        """(share 0..1, text) while the source is being read."""
        return self.pipeline.loading

    @property
    def first_rows(self) -> FirstRows | None:
        """The first rows of a large table while the rest of it is being read."""
        return self.pipeline.first_rows

    @property
    def cleaned(self) -> Cleaned | CleanedPictures | None:
        """The table or the pictures after the recipe; None while it is not known."""
        return self.pipeline.cleaned

    @property
    def looking(self) -> tuple[float, str] | None:
        """(share 0..1, text) while the pictures are looked at in the background; `look_changed` tells."""
        return self.pipeline.watch.looking

    @property
    def recipe_error(self) -> WorkbenchError | None:
        return self.pipeline.recipe_error

    @property
    def profile(self) -> TableProfile | ImageProfile | None:
        return self.pipeline.profile

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        return self.pipeline.suggestions

    @property
    def features(self) -> Features:
        """The person's features with the proposal filled in."""
        return self.pipeline.features

    @property
    def facts(self) -> DataFacts | None:
        return self.pipeline.facts

    @property
    def preprocessor(self) -> Preprocessor | None:
        return self.pipeline.preprocessor

    @property
    def features_error(self) -> WorkbenchError | None:
        return self.pipeline.features_error

    @property
    def graph_facts(self) -> GraphFacts | None:
        return self.pipeline.graph_facts

    @property
    def engine(self) -> EngineStatus:
        return self.client.status

    @property
    def run(self) -> LiveRun | None:
        """The run that trains, or the last one of this session."""
        return self.runner.run

    @property
    def runs(self) -> list[RunRecord]:
        """All runs of the project, the oldest first."""
        return self.runner.runs

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
        name = _name_of(spec) if self.project.name == "Untitled" else self.project.name

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

    def open_sample(self, name: str, page: str = "data") -> None:
        """Begin with one of the samples (core.data.samples)."""
        self.open_data(DataSpec("sample", name), page)

    def open_path(self, path: Path | str) -> None:
        """Open whatever a person dropped or named: a project, a model or data. What it is, is found out in the
        background."""
        path = Path(path)

        def look(_progress: object, _cancelled: object) -> DataSpec | Opened | None:
            if is_project(path):
                return read_opened(path)
            if not path.exists():
                raise DataError("There is no such file or folder.", where=str(path))
            from workbench.core.importing.kinds import is_model

            if is_model(path):
                return None
            from workbench.core.data.sources import guess_source

            return guess_source(path)

        def found(what: DataSpec | Opened | None) -> None:
            if what is None:
                self.opener.open(path)
            elif isinstance(what, Opened):
                self._adopt(what)
            else:
                self.open_data(what)

        self.jobs.run(self, "open", look, found, lambda error: self.tell(error, key="open"))

    def open_project(self, path: Path) -> None:
        """Open a project folder."""
        path = Path(path)
        if path.absolute() == self.folder.path and self.folder.exists():
            self.show_page("data")
            return
        self.jobs.run(
            self, "open", lambda _p, _c: read_opened(path), self._adopt, lambda error: self.tell(error, key="open")
        )

    def _adopt(self, opened: Opened) -> None:
        if opened.folder.path == self.folder.path and self.folder.exists():
            if opened.lock is not None:
                opened.lock.unlock()
            return
        if not self.projects.secure():
            if opened.lock is not None:
                opened.lock.unlock()
            return
        self._end_run()
        self.projects.adopt(opened)
        self.runner.set_runs(opened.runs)
        self._train_when_ready = None
        self.document.replace(opened.project)
        self.project_opened.emit()
        if opened.lock is None:
            self.notice.emit(
                Notice(
                    f"This project is read-only here: {opened.holder}. Changes made in this window are not saved.",
                    "warning",
                    key="read-only",
                )
            )
        for record in opened.runs:
            if record.interrupted and opened.lock is not None:
                folder = opened.folder.runs / record.id
                self.notice.emit(
                    Notice(
                        f"{record.name} was interrupted after {record.epochs_done} epochs.",
                        "warning",
                        ((f"Resume {record.name}", lambda folder=folder: self.train(resume=folder)),),
                        key="train",
                        page="runs",
                    )
                )
        self.show_page(self.resolved.next_page if opened.project.data is None else "data")

    def new_project(self, *, show: bool = True) -> bool:
        """An empty project in a fresh draft; the old one is saved first, and stays open when it cannot be (False)."""
        if not self.projects.secure():
            return False
        self._end_run()
        self.projects.new()
        self.runner.set_runs([])
        self._train_when_ready = None
        self.document.replace(Project())
        self.project_opened.emit()
        if show:
            self.show_page("start")
        return True

    def _end_run(self) -> None:
        """A run that trains belongs to the project that is left: it is stopped and keeps what it learnt."""
        if self.run is not None and self.run.active:
            name = self.run.name
            if self.cluster.running:
                self.cluster.leave()
            else:
                self.runner.control("stop")
            self.notice.emit(
                Notice(f"{name} was stopped, as its project was closed.", "info", key="train", lasting=False)
            )
        self.runner.forget()

    def paste(self, text: str) -> None:
        """Begin with cells from the clipboard. They are kept inside the project folder."""
        if not text.strip():
            self.tell(DataError("There is no text on the clipboard.", remedy="Copy some cells of a table first."))
            return

        def told(error: WorkbenchError) -> None:
            self.tell(error, key="open")

        def look(_progress: object, _cancelled: object) -> None:
            from workbench.core.data.sources import load_pasted

            load_pasted(text)

        def keep(_none: None) -> None:
            """It is a table: only now the open project gives way."""
            if (self.project.data is not None or self.read_only) and not self.new_project(show=False):
                return
            place = self.folder.data / "pasted.csv"

            def write(_progress: object, _cancelled: object) -> DataSpec:
                atomic_write(place, text.encode())
                return DataSpec("pasted", "data/pasted.csv")

            self.jobs.run(self, "open", write, self.open_data, told)

        self.jobs.run(self, "open", look, keep, told)

    def save_as(self, target: Path, on_done: Callable[[], None] | None = None) -> None:
        """Give the project a place, or a copy in another one."""
        if self.run is not None and self.run.active:
            self.tell(ProjectError("The project cannot move while it trains.", remedy="Stop the run, then save."))
            return

        def done() -> None:
            if self.project.data is not None and self.project.data.source == "pasted":
                self.pipeline.reload()
            self.runner.refresh()
            self.project_opened.emit()
            if on_done is not None:
                on_done()

        self.projects.save_as(target, done)

    # ---- training and asking ---------------------------------------------------------------------------------

    def train(
        self,
        resume: Path | str | None = None,
        name: str = "",
        *,
        epochs: int = 0,
        start: Start | None = None,
        folds: int = 0,
    ) -> bool:
        """Train the project as it stands, or go on with an interrupted run (its folder or id).

        epochs: with `resume`, train a run that is over on to so many in all. start: weights to begin with. folds: a run
        for each fold of a cross-validation. While a run trains, further ones wait for it (`enqueue`).

        What keeps it from training is told as a notice with the page where it can be mended. Whether it began.
        """
        if resume is not None:
            folder = resume if isinstance(resume, Path) else self.folder.runs / resume
            self.runner.resume_run(folder, epochs)
            return True
        if self.run is not None and self.run.active:
            self.tell(f"{self.run.name} is still training.", key="train")
            return False
        if not self.resolved.can_train or self.dataset is None:
            if self._waiting():
                self._train_when_ready = {"name": name, "start": start, "folds": folds}
                if self.engine.state == "starting":
                    text = "The engine is still starting; training begins as soon as it is ready."
                    self.notice.emit(Notice(text, "info", key="train", page="train", lasting=False))
                return True
            self._refuse()
            return False
        if folds:
            return self.enqueue(start=start, folds=folds)
        project = replace(self.project, features=self.features)
        self.runner.train(Planned(project, self.dataset, self.cleaned, name, start))
        return True

    def enqueue(self, name: str = "", start: Start | None = None, folds: int = 0) -> bool:
        """Let the project as it stands be the next run after those that wait, or its folds the next runs."""
        if not self._can_be_planned():
            self._refuse()
            return False
        project = replace(self.project, features=self.features)
        plans = [Planned(project, self.dataset, self.cleaned, name, start)]
        if folds:
            group = uuid.uuid4().hex[:12]
            groups = [r.group for r in self.runs] + [plan.group for plan in self.runner.waiting]
            number = 1 + len({name for name in groups if name})
            plans = [
                Planned(part, self.dataset, self.cleaned, f"cross-validation {number}, fold {i}", start, group, i)
                for i, part in enumerate(fold_projects(project, folds), 1)
            ]
        self.runner.enqueue(plans)
        return True

    def _can_be_planned(self) -> bool:
        """Whether nothing but a run that trains keeps the project from being trained."""
        wrong = any(page.state == "attention" for page in self.resolved.pages.values())
        return not wrong and self.facts is not None and self.graph_facts is not None and self.dataset is not None

    @property
    def waiting(self) -> list[str]:
        """Names of the runs that wait for the one that trains."""
        return [plan.name or "the next run" for plan in self.runner.waiting]

    def clear_queue(self) -> None:
        """Forget the runs that wait."""
        self.runner.clear_queue()

    def adjust(self, **changes: Any) -> None:
        """Change settings of the run that trains; see messages.Adjust."""
        self.runner.adjust(Adjust("", **changes))

    def forecast(self, on_answer: OnAnswer) -> int:
        """What training the project would take, measured on one batch. Answer: Forecasted or Failed. 0 when it cannot
        be asked yet."""
        if self.facts is None or not self.resolved.can_train or (self.run is not None and self.run.active):
            return 0
        return self.client.ask(Forecast(self.project.graph, self.facts, self.project.train), on_answer)

    @property
    def can_wait(self) -> bool:
        """Whether `train` would begin by itself soon: what keeps from it passes without the person."""
        return not self.resolved.can_train and self._waiting()

    @property
    def train_wanted(self) -> bool:
        """Whether training was asked for and begins as soon as it can."""
        return self._train_when_ready is not None

    def _waiting(self) -> bool:
        """Whether what keeps from training may pass by itself: the engine starts, the data or the graph is read."""
        if self.project.data is None or self.resolved.pages["train"].state == "attention":
            return False
        wrong = any(page.state == "attention" for page in self.resolved.pages.values())
        busy = self.engine.state == "starting" or self.pipeline.checking or self.jobs.running(self.pipeline)
        return busy and not wrong

    def _refuse(self) -> None:
        """Say why the project cannot be trained, with the way to the page where that is mended."""
        wrong = [n for n, page in self.resolved.pages.items() if page.state == "attention"]
        page = wrong[0] if wrong else self.resolved.next_page
        action = (f"Go to {page.capitalize()}", lambda: self.show_page(page))
        text = f"This cannot be trained yet. {self.resolved.why_not}"
        self.notice.emit(Notice(text, "warning", (action,), key="train", lasting=False))

    def pause(self) -> None:
        if self.cluster.running:
            self.tell("A run on several machines can be stopped, which keeps the best, and gone on with; not paused.")
        else:
            self.runner.control("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self.runner.control("resume")

    def stop(self) -> None:
        """End the run now and keep its best weights."""
        if self.cluster.running:
            self.cluster.stop()
        else:
            self.runner.control("stop")

    def start_cluster(self, machines: Sequence[str]) -> None:
        """Train on several machines: start the first one's part as a program of its own, and follow it."""
        if self.run is not None and self.run.active:
            self.tell(f"{self.run.name} is still training.", key="train")
            return
        if not self.resolved.can_train:
            self._refuse()
            return
        try:
            self.projects.save_now()
        except ProjectError as error:
            self.tell(error)
            return
        self.runner.follow_begins(f"on {len(machines)} machines", self.project.train.epochs)
        self.cluster.start(str(self.folder.path), machines)

    def run_folder(self, run: str | Path | RunRecord | LiveRun | None = None) -> Path:
        """The folder of a run; without one, of the live run, else of the newest that can be asked.

        Raises:
            ProjectError: nothing is trained yet.
        """
        if isinstance(run, Path):
            return run
        if isinstance(run, LiveRun):
            return run.folder
        if isinstance(run, (RunRecord, str)):
            return self.folder.runs / (run if isinstance(run, str) else run.id)
        if self.run is not None and self.run.id and (self.run.active or self.run.record.usable):
            return self.run.folder
        usable = [r for r in self.runs if r.usable]
        if not usable:
            raise ProjectError("Nothing is trained yet.", remedy="Train the model first.")
        return self.folder.runs / usable[-1].id

    def predict(self, x: Mapping[str, np.ndarray], on_answer: OnAnswer, run: Any = None, newest: str = "") -> None:
        """Ask a model. x: {input name: array (n, *shape)} as the Preprocessor gives it. Answer: Predicted or Failed.

        newest: a name for a stream of questions; those overtaken by a newer one are not answered.
        """
        try:
            message = Predict(str(self.run_folder(run)), x)
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return
        if newest:
            self.client.ask_newest(newest, message, on_answer)
        else:
            self.client.ask(message, on_answer)

    def evaluate(self, run: Any, on_answer: OnAnswer, part: str = "test") -> int:
        """Score a run on a part of its data. Answer: Evaluated or Failed. 0 when there is no such run."""
        try:
            message = Evaluate(str(self.run_folder(run)), part)
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return 0
        return self.client.ask(message, on_answer)

    def keep_scores(self, run: Any, scores: Mapping[str, float]) -> None:
        """Note measured scores in the record of a run: {"test.accuracy": ...}."""
        self.runner.keep_scores(self.run_folder(run), scores)

    def export(self, run: Any, format: str, out: Path | str, on_progress: OnAnswer | None, on_answer: OnAnswer) -> int:
        """Write a run's model and check it in its runtime. Answer: Exported or Failed. 0 when there is no such run."""
        try:
            message = Export(str(self.run_folder(run)), format, str(out))
        except ProjectError as error:
            on_answer(Failed(error.what, error.where, error.remedy))
            return 0
        return self.client.ask(message, on_answer, on_progress)

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

    def _resolve(self) -> None:
        p, run = self.pipeline, self.run
        running = run is not None and run.active
        resolved = resolve(
            self.project,
            Situation(
                data_loaded=p.dataset is not None and (p.cleaned is not None or p.dataset.kind != "table"),
                loading=p.loading is not None or (p.dataset is not None and p.profile is None and not p.recipe_error),
                data_error=p.dataset_error or p.recipe_error,
                rows=len(p.cleaned.parts) if p.cleaned is not None else len(p.dataset) if p.dataset else 0,
                features_error=p.features_error,
                facts=p.facts,
                graph_facts=p.graph_facts,
                engine_ready=self.engine.state == "ready",
                running=running,
                paused=running and run is not None and run.state == "paused",
                runs_count=len(self.runs),
                finished_runs=sum(1 for r in self.runs if r.usable),
            ),
        )
        broken = sum(1 for o in p.cleaned.outcomes if o.error) if p.cleaned is not None else 0
        if broken and resolved.pages["data"].state == "done":
            text = (
                "A cleaning step cannot be applied." if broken == 1 else f"{broken} cleaning steps cannot be applied."
            )
            resolved = replace(resolved, pages={**resolved.pages, "data": PageState("attention", broken, (text,))})
        if resolved != self.resolved:
            self.resolved = resolved
            self.resolved_changed.emit()
        wanted = self._train_when_ready
        if wanted is not None and not self._waiting():
            self._train_when_ready = None
            self.train(**wanted)

    # ---- the end ---------------------------------------------------------------------------------------------

    def start_engine(self) -> None:
        """Start the engine behind the window; returns at once."""
        self.client.start()

    def shut_down(self) -> None:
        """Save, end the engine in order, end the jobs. Afterwards nothing is delivered."""
        if self._closed:
            return
        self._closed = True
        self.projects.shut_down()
        self.cluster.shut_down()
        self.pipeline.stop()
        self.client.shut_down()
        self.jobs.shut_down()
        self._forget()


def _name_of(spec: DataSpec) -> str:
    """A name for a project on this data."""
    if spec.source == "pasted":
        return "Pasted table"
    if spec.source == "sample":
        return spec.path.replace("_", " ").replace("-", " ")
    path = Path(spec.path)
    known = (".csv", ".tsv", ".txt", ".npz", ".gz", ".zip")
    return (path.stem if path.suffix.lower() in known else path.name) or "Untitled"
