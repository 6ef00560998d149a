"""What a session knows of the project, its data, the engine and the runs, as pages read it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.core.checks import PageState, Resolved, Situation, resolve
from workbench.core.document import Document
from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts, GraphFacts
from workbench.core.project import Features, Project
from workbench.core.runs import RunRecord
from workbench.core.settings import Settings
from workbench.core.storage import ProjectFolder

from .bridge import EngineBridge, EngineStatus
from .live_run import LiveRun
from .pipeline import Pipeline
from .projects import Projects
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


class Known:
    """The half of a Session that only reads: each is None or empty until it is known."""

    document: Document
    projects: Projects
    pipeline: Pipeline
    runner: Runner
    client: EngineBridge
    _catalog: Catalog | None

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


def resolved_now(
    project: Project, pipeline: Pipeline, engine: EngineStatus, run: LiveRun | None, runs: list[RunRecord]
) -> Resolved:
    """What is ready and what is missing, by all that is known now."""
    p = pipeline
    running = run is not None and run.active
    resolved = resolve(
        project,
        Situation(
            data_loaded=p.dataset is not None and (p.cleaned is not None or p.dataset.kind != "table"),
            loading=p.loading is not None or (p.dataset is not None and p.profile is None and not p.recipe_error),
            data_error=p.dataset_error or p.recipe_error,
            rows=len(p.cleaned.parts) if p.cleaned is not None else len(p.dataset) if p.dataset else 0,
            features_error=p.features_error,
            facts=p.facts,
            graph_facts=p.graph_facts,
            engine_ready=engine.state == "ready",
            engine_lost=engine.text if engine.state == "dead" and not engine.restarting else "",
            running=running,
            paused=running and run is not None and run.state == "paused",
            runs_count=len(runs),
            finished_runs=sum(1 for r in runs if r.usable),
        ),
    )
    broken = sum(1 for o in p.cleaned.outcomes if o.error) if p.cleaned is not None else 0
    if broken and resolved.pages["data"].state == "done":
        text = "A cleaning step cannot be applied." if broken == 1 else f"{broken} cleaning steps cannot be applied."
        resolved = replace(resolved, pages={**resolved.pages, "data": PageState("attention", broken, (text,))})
    return resolved
