"""What follows from the project, recomputed by jobs after each change, from the first station that is touched:

data spec -> load -> recipe, profile, suggestions -> proposed features, shapes -> graph checked by the engine.

The modules of core.data are imported inside the jobs: pandas never loads on the UI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from workbench.core.document import Change, Document
from workbench.core.errors import DataError, WorkbenchError
from workbench.core.facts import DataFacts, GraphFacts, Problem
from workbench.core.project import DataSpec, Features, Graph, Project
from workbench.core.storage import ProjectFolder
from workbench.link.messages import CheckGraph, Failed, GraphChecked, Message

from . import picture_watch, proposing
from . import pipeline_jobs as work
from .bridge import EngineBridge
from .jobs import Jobs

if TYPE_CHECKING:
    from workbench.core.data.dataset import Dataset
    from workbench.core.data.first_rows import FirstRows
    from workbench.core.data.picture_recipe import CleanedPictures
    from workbench.core.data.preprocess import Preprocessor
    from workbench.core.data.profile import ImageProfile, TableProfile
    from workbench.core.data.recipe import Cleaned
    from workbench.core.data.suggest import Suggestion

log = logging.getLogger(__name__)
CHECK_MS = 80
"""So long after the last edit the engine is asked; a dragged slider asks once."""


def _of(graph: Graph, facts: GraphFacts) -> GraphFacts:
    """Facts whose repairs say which graph they mend: by the time one is chosen, it may be another."""

    def bound(problem: Problem) -> Problem:
        return replace(problem, repairs=tuple(replace(repair, base=graph) for repair in problem.repairs))

    return replace(facts, problems=tuple(map(bound, facts.problems)), advice=tuple(map(bound, facts.advice)))


class ReadingCancelled(DataError):
    """The person did not want to wait for the data."""


def same_source(a: DataSpec | None, b: DataSpec | None) -> bool:
    """Whether reading both gives the same data: the fingerprint alone makes no difference."""
    if a is None or b is None:
        return a is b
    return replace(a, fingerprint="") == replace(b, fingerprint="")


class Pipeline(QObject):
    """Holds the derived state and keeps it current. UI thread; see Session for the meaning of the fields."""

    dataset_changed = Signal()
    cleaned_changed = Signal()
    facts_changed = Signal()
    graph_checked = Signal()
    settled = Signal()  # nothing is under way any more

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        client: EngineBridge,
        folder: Callable[[], ProjectFolder],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._jobs, self._client, self._folder = document, jobs, client, folder
        self.dataset: Dataset | None = None
        self.dataset_error: WorkbenchError | None = None
        self.loading: tuple[float, str] | None = None
        self.first_rows: FirstRows | None = None
        self.watch = picture_watch.PictureWatch(jobs, self)
        self.watch.seen.connect(self._pictures_seen)
        self._keeper = QObject(self)  # owns the job that keeps what was read, which nothing waits for
        self.cleaned: Cleaned | CleanedPictures | None = None
        self.recipe_error: WorkbenchError | None = None
        self.profile: TableProfile | ImageProfile | None = None
        self.suggestions: tuple[Suggestion, ...] = ()
        self.features = document.project.features
        self.facts: DataFacts | None = None
        self.preprocessor: Preprocessor | None = None
        self.features_error: WorkbenchError | None = None
        self.graph_facts: GraphFacts | None = None
        self.checking = False
        self._recipe_cache = work.KeptSteps()
        self._proposed = False
        self._checked: tuple[Any, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self._check_now)

    # ---- from which station on -------------------------------------------------------------------------------

    def project_changed(self, change: Change) -> None:
        """Recompute what the change touches."""
        before, after = change.before, change.after
        if change.label == "Open" or not same_source(before.data, after.data):
            self.reload()
        elif before.recipe is not after.recipe and before.recipe != after.recipe:
            self._clean()
        elif before.features is not after.features and before.features != after.features:
            if self._only_varied_otherwise(before.features, after.features):
                self.features = replace(self.features, augment=after.features.augment)
                self.facts_changed.emit()
                if before.graph is not after.graph or before.train is not after.train:
                    self.check_soon()
            else:
                self._plan()
        elif before.graph is not after.graph or before.train is not after.train:
            self.check_soon()

    def _only_varied_otherwise(self, before: Features, after: Features) -> bool:
        """Whether nothing but the varying of training pictures changed, which nothing that is prepared depends on, and
        what is known is up to date."""
        same = replace(before, augment=after.augment) == after
        return same and self.facts is not None and not self._jobs.running(self)

    def reload(self) -> None:
        """Read the source again and everything that follows."""
        for name in ("head", "load", "clean", "suggest", "plan"):
            self._jobs.cancel(self, name)
        self._jobs.cancel(self._keeper)
        self.watch.stop()
        self.first_rows = None
        self.dataset = self.cleaned = self.profile = self.preprocessor = self.facts = self.graph_facts = None
        self.dataset_error = self.recipe_error = self.features_error = None
        self.suggestions = ()
        self.features = self._document.project.features
        self._recipe_cache = work.KeptSteps()
        self._proposed = False
        self._checked = ()
        spec = self._document.project.data
        self.loading = (0.0, "Opening the data") if spec is not None else None
        self.dataset_changed.emit()
        self.cleaned_changed.emit()
        self.facts_changed.emit()
        self.graph_checked.emit()
        if spec is not None:
            wanted = self._folder().located(spec)
            self._jobs.run(
                self,
                "head",
                lambda p, c: work.head(wanted),
                lambda head: self._load(wanted, head),
                lambda error: self._load(wanted, None),
            )
        else:
            self.check_soon()

    def cancel_loading(self) -> None:
        """The person does not want to wait any longer: the source stays chosen and can be read again."""
        if self.loading is not None:
            self._jobs.cancel(self, "head")
            self._jobs.cancel(self, "load")
            self._load_failed(ReadingCancelled("Reading was cancelled.", remedy="Read it again, or choose other data."))

    # ---- load ------------------------------------------------------------------------------------------------

    def _load(self, spec: DataSpec, head: FirstRows | None) -> None:
        """Read the whole, once the first rows of a large table are on the screen."""
        self.first_rows = head
        if head is not None:
            self.loading = (0.0, "Reading the rest")
            self.dataset_changed.emit()
        self._jobs.run(
            self,
            "load",
            lambda p, c: work.load(spec, p, c),
            self._loaded,
            self._load_failed,
            self._load_progress,
        )

    def _load_progress(self, share: float, text: str) -> None:
        self.loading = (share, text or "Opening the data")
        self.dataset_changed.emit()

    def _load_failed(self, error: WorkbenchError) -> None:
        self.loading = self.first_rows = None
        self.dataset_error = error
        self.dataset_changed.emit()
        self.check_soon()

    def _loaded(self, dataset: Dataset) -> None:
        self.loading = self.first_rows = None
        self.dataset = dataset
        fingerprint = dataset.report.fingerprint

        def note(project: Project) -> Project:
            if project.data is None or project.data.fingerprint == fingerprint:
                return project
            return replace(project, data=replace(project.data, fingerprint=fingerprint))

        self._document.amend(note, "Read the data")
        self.dataset_changed.emit()
        self._clean()
        spec = self._document.project.data
        if spec is not None:
            self._jobs.run(self._keeper, "keep", lambda p, c: work.keep(spec, dataset, c))
        if dataset.kind == "images":
            self.watch.start(dataset)

    # ---- clean -----------------------------------------------------------------------------------------------

    def _clean(self) -> None:
        if self.dataset is None:
            self._check_without_data()
            return
        dataset, steps = self.dataset, self._document.project.recipe
        kept = self._recipe_cache
        self._jobs.run(
            self,
            "clean",
            lambda p, c: work.clean(dataset, steps, kept, p, c),
            self._cleaned_up,
            self._clean_failed,
        )

    def _clean_failed(self, error: WorkbenchError) -> None:
        self.recipe_error = error
        self.cleaned_changed.emit()
        self.settled.emit()

    def _cleaned_up(self, made: work.CleanedUp) -> None:
        self.recipe_error = None
        self.cleaned, self.profile, self.suggestions = made.cleaned, made.profile, made.suggestions or ()
        self.cleaned_changed.emit()
        self._plan()
        dataset = self.dataset
        if dataset is not None and self.watch.has_seen(dataset) and made.profile.look is None:
            self._pictures_seen(dataset)  # they were looked at while this was worked out without it
        if made.suggestions is None:
            self._jobs.run(self, "suggest", lambda p, c: work.suggest(made), lambda found: self._suggested(made, found))

    def _suggested(self, made: work.CleanedUp, found: tuple[Any, ...]) -> None:
        if self.cleaned is made.cleaned and found:
            self.suggestions = found
            self.cleaned_changed.emit()

    def _pictures_seen(self, dataset: Dataset) -> None:
        """What was found out by looking at them; the recipe and the model stay as they are."""
        cleaned, profile = self.cleaned, self.profile
        if dataset is not self.dataset or cleaned is None:  # a clean job that is under way will know it too
            return

        def told(profile: Any, suggestions: tuple[Any, ...]) -> None:
            if self.cleaned is cleaned:
                self.profile, self.suggestions = profile, suggestions
                self.cleaned_changed.emit()

        self.watch.tell(cleaned, profile, told)

    # ---- features and shapes ---------------------------------------------------------------------------------

    def _plan(self) -> None:
        if self.dataset is None or self.profile is None:
            self._check_without_data()
            return
        project, dataset, cleaned, profile = self._document.project, self.dataset, self.cleaned, self.profile
        self._jobs.run(
            self,
            "plan",
            lambda p, c: work.plan(project, dataset, cleaned, profile),
            self._planned,
            self._plan_failed,
        )

    def _plan_failed(self, error: WorkbenchError) -> None:
        self.features_error = error
        self.facts = self.preprocessor = None
        self.facts_changed.emit()
        self.check_soon()

    def _planned(self, made: tuple[Features, Any, Any, WorkbenchError | None]) -> None:
        old = self.facts
        self.features, self.facts, self.preprocessor, self.features_error = made
        if self.facts is not None:
            self._propose_graph(old, self.facts)
        self.facts_changed.emit()
        self.check_soon()

    def _propose_graph(self, old: DataFacts | None, new: DataFacts) -> None:
        """What `proposing.proposed` says, as part of the step that caused it."""
        graph = self._document.project.graph
        wanted, edit = proposing.proposed(graph, old, new, emptied=self._proposed)
        self._proposed = self._proposed or new.target is not None  # a canvas that a person has emptied stays empty
        if wanted:
            self._document.amend(edit, "Propose a model")

    # ---- the engine's word -----------------------------------------------------------------------------------

    def check_soon(self) -> None:
        """Ask the engine about the graph once the edits pause."""
        self.checking = True
        self._timer.start()

    def _check_without_data(self) -> None:
        """Nothing follows from other features yet, but the graph may be another too: a model was opened."""
        if self.dataset is None and self.loading is None:
            self.check_soon()

    def _check_now(self) -> None:
        project = self._document.project
        asked = (project.graph, self.facts, project.train)
        if not project.graph.nodes:
            self._checked = asked
            self._set_graph_facts(None)
            return
        if self._checked and all(a is b for a, b in zip(self._checked, asked, strict=True)) and self.graph_facts:
            self._set_graph_facts(self.graph_facts)
            return
        self._checked = asked
        self._client.ask(CheckGraph(*asked), lambda answer: self._answered(asked, answer))

    def _answered(self, asked: tuple[Any, ...], answer: Message) -> None:
        if asked is not self._checked:
            return
        if isinstance(answer, GraphChecked):
            self._set_graph_facts(_of(asked[0], answer.facts))
        elif isinstance(answer, Failed):
            # The engine is away; it is asked again as soon as it is back (Session does when it turns ready).
            self._checked = ()
            if not answer.cancelled:
                log.info("the graph could not be checked: %s %s", answer.what, answer.detail)
            self._set_graph_facts(self.graph_facts)

    def _set_graph_facts(self, facts: GraphFacts | None) -> None:
        self.graph_facts = facts
        self.checking = False
        self.graph_checked.emit()
        if not self._jobs.running(self):
            self.settled.emit()

    def stop(self) -> None:
        """No more timers and jobs."""
        self._timer.stop()
        self._jobs.cancel(self)
        self._jobs.cancel(self._keeper)
        self._jobs.cancel(self.watch)
