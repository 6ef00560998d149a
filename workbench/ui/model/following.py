"""What the page says of the world around the graph: a run that trains, data that is missing, an empty canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core.errors import WorkbenchError
from workbench.core.project import Graph, Node, Project
from workbench.ui.model.palette import Palette
from workbench.ui.model.stage import Stage


class RunMarks(QObject):
    """Which blocks of the canvas belong to the run that trains. `changed` when that may be different."""

    changed = Signal()

    def __init__(self, session: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder: Path | None = None
        self._nodes: dict[str, Node] = {}
        session.run_changed.connect(self._run_changed)
        self._run_changed()

    def nodes(self, graph: Graph) -> set[str]:
        """Ids of blocks that are in the running model exactly as they stand here."""
        run = self._session.run
        if run is None or not run.active:
            return set()
        return {
            node.id
            for node in graph.nodes
            if (one := self._nodes.get(node.id)) is not None and (one.kind, one.params) == (node.kind, node.params)
        }

    def _run_changed(self) -> None:
        run = self._session.run
        if run is None or not run.active or not run.record.id:
            if self._nodes and (run is None or not run.active):
                self._nodes, self._folder = {}, None
                self.changed.emit()
            return
        if run.folder == self._folder:
            return
        folder = self._folder = run.folder

        def read(_progress: object, _cancelled: object) -> Project:
            from workbench.core.runs import read_project

            return read_project(folder)

        def done(project: Project) -> None:
            self._nodes = {node.id: node for node in project.graph.nodes}
            self.changed.emit()

        def failed(_error: WorkbenchError) -> None:
            # Without its folder no block can be marked; the run's own page tells what is wrong with it.
            self._nodes = {}

        self._session.jobs.run(self, "run graph", read, done, failed)


class StageWords:
    """The banner over the canvas and the empty state: both follow the session."""

    def __init__(self, session: Any, stage: Stage, palette: Palette, page: Any) -> None:
        self._session = session
        self._stage = stage
        self._palette = palette
        self._page = page
        self._said: tuple[Any, ...] = ()
        self._empty: tuple[Any, ...] = ()
        for signal in (session.run_changed, session.run_epoch, session.dataset_changed, session.facts_changed):
            signal.connect(self._refresh)

    def _refresh(self, *_: object) -> None:
        self.refresh(self._session.document.project.graph)

    def refresh(self, graph: Graph) -> None:
        """Say what is to be said now."""
        self._show_banner(graph)
        self._show_empty(graph)

    def _show_banner(self, graph: Graph) -> None:
        session = self._session
        run = session.run
        said: tuple[Any, ...]
        if run is not None and run.active:
            if run.state in ("preparing", "tracing"):
                state = f"{run.name} is starting"
            elif run.state == "paused":
                state = f"{run.name} is paused · epoch {run.epoch + 1} of {run.epochs}"
            else:
                state = f"{run.name} is running · epoch {min(run.epoch + 1, run.epochs)} of {run.epochs}"
            said = (f"{state}. Changes here are for the next run.", "good", ("Watch", "train"))
        elif not graph.nodes or session.loading is not None:
            said = ()
        elif session.document.project.data is None:
            text = "No data yet. What you open goes into this model; shapes appear with it."
            said = (text, "info", ("Open data", "data"))
        elif session.dataset_error is not None:
            said = ("The data cannot be read, so shapes are not known.", "warning", ("Go to Data", "data"))
        elif session.facts is None and session.features_error is not None:
            text = f"Shapes are not known yet. {session.features_error}"
            said = (text, "warning", ("Go to Features", "features"))
        elif session.facts is not None and session.facts.target is None:
            text = "No target is chosen, so the model has nothing to answer."
            said = (text, "warning", ("Go to Features", "features"))
        else:
            said = ()
        if said == self._said:
            return
        self._said = said
        if not said:
            self._stage.set_banner("")
            return
        text, severity, (title, page) = said
        self._stage.set_banner(text, severity, (title, lambda: session.show_page(page)))

    def _show_empty(self, graph: Graph) -> None:
        session = self._session
        data, facts = session.document.project.data, session.facts
        key = (bool(graph.nodes), data is None, session.loading is not None, facts)
        if key == self._empty:
            return
        self._empty = key
        if graph.nodes:
            self._stage.set_filled()
            return
        first = ("Add a first layer", self._palette.begin_search)
        if data is None:
            self._stage.set_empty(
                "table",
                "Open data first",
                "The model is made to fit the data: its shapes, its target. You can also begin to build without.",
                (("Open data", lambda: session.show_page("data")), first),
            )
        elif session.loading is not None or facts is None:
            self._stage.set_empty(
                "tree-structure",
                "Waiting for the data" if session.loading is not None else "The data is not ready yet",
                "A model that fits is offered as soon as the data is read and has a target.",
                (("Go to Features", lambda: session.show_page("features")), first),
            )
        else:
            self._stage.set_empty(
                "tree-structure",
                "Nothing on the canvas yet",
                "Start from a model that fits the data, or add layers one by one from the list on the left.",
                (*self._offers(facts), ("More…", self._page.starting.choose), first),
            )

    def _offers(self, facts: Any) -> list[tuple[str, Any]]:
        from workbench.ui.model.chooser import best_offer

        offer = best_offer(facts)
        if offer is None:
            return []
        return [(offer.title, lambda: self._page.starting.use(offer))]
