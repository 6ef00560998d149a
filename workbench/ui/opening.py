"""The verbs that put another project into the window: opened, new, from the clipboard, saved elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import DataError, ProjectError, WorkbenchError
from workbench.core.project import DataSpec, Project
from workbench.core.storage import atomic_write

from .notices import Notice
from .projects import Opened, is_project, read_opened
from .run_ends import how_many_wait

if TYPE_CHECKING:
    from .session import Session


class Opening:
    """What a person leaves is saved first, its run is stopped. On the UI thread; files are read by jobs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def path(self, path: Path | str) -> None:
        """Open whatever a person dropped or named: a project, a model or data. What it is, is found out in the
        background."""
        session = self._session
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
                session.opener.open(path)
            elif isinstance(what, Opened):
                self._adopt(what)
            else:
                session.open_data(what)

        session.jobs.run(session, "open", look, found, lambda error: session.tell(error, key="open"))

    def project(self, path: Path) -> None:
        """Open a project folder."""
        session = self._session
        path = Path(path)
        if path.absolute() == session.folder.path and session.folder.exists():
            session.show_page("data")
            return
        session.jobs.run(
            session,
            "open",
            lambda _p, _c: read_opened(path),
            self._adopt,
            lambda error: session.tell(error, key="open"),
        )

    def _adopt(self, opened: Opened) -> None:
        session = self._session
        if opened.folder.path == session.folder.path and session.folder.exists():
            if opened.lock is not None:
                opened.lock.unlock()
            return
        if not session.projects.secure():
            if opened.lock is not None:
                opened.lock.unlock()
            return
        self._end_run()
        session.projects.adopt(opened)
        session.runner.set_runs(opened.runs)
        session.training.forget()
        session.document.replace(opened.project)
        session.project_opened.emit()
        if opened.lock is None:
            session.notice.emit(
                Notice(
                    f"This project is read-only here: {opened.holder}. Changes made in this window are not saved.",
                    "warning",
                    key="read-only",
                )
            )
        if opened.lock is not None:
            session.followed.offer([r for r in opened.runs if r.interrupted], opened.folder.runs)
            session.runner.beginning.adopt(opened.waiting)
            if opened.not_read is not None:
                session.notice.emit(Notice.of(opened.not_read, key="queue kept"))
        session.show_page(session.resolved.next_page if opened.project.data is None else "data")

    def new(self, *, show: bool = True) -> bool:
        """An empty project in a fresh draft; the old one is saved first, and stays open when it cannot be (False)."""
        session = self._session
        if not session.projects.secure():
            return False
        self._end_run()
        session.projects.new()
        session.runner.set_runs([])
        session.training.forget()
        session.document.replace(Project())
        session.project_opened.emit()
        if show:
            session.show_page("start")
        return True

    def _end_run(self) -> None:
        """A run that trains belongs to the project that is left: it is stopped and keeps what it learnt."""
        session = self._session
        run, waiting = session.run, len(session.waiting)
        kept = f" {how_many_wait(waiting)} {'It is' if waiting == 1 else 'They are'} kept with it." if waiting else ""
        if run is not None and run.active:
            goes_on = run.elsewhere and not session.followed.here
            if run.elsewhere:
                session.followed.leave()
            else:
                session.runner.control("stop")
            text = "is not followed any more" if goes_on else "was stopped"
            session.notice.emit(
                Notice(f"{run.name} {text}, as its project was closed.{kept}", "info", key="train", lasting=False)
            )
        elif kept and not session.read_only:
            text = f"The project was closed.{kept}"
            session.notice.emit(Notice(text, "info", key="train", lasting=False))
        session.runner.forget()

    def paste(self, text: str) -> None:
        """Begin with cells from the clipboard. They are kept inside the project folder."""
        session = self._session
        if not text.strip():
            session.tell(DataError("There is no text on the clipboard.", remedy="Copy some cells of a table first."))
            return

        def told(error: WorkbenchError) -> None:
            session.tell(error, key="open")

        def look(_progress: object, _cancelled: object) -> None:
            from workbench.core.data.sources import load_pasted

            load_pasted(text)

        def keep(_none: None) -> None:
            """It is a table: only now the open project gives way."""
            if (session.project.data is not None or session.read_only) and not self.new(show=False):
                return
            place = session.folder.data / "pasted.csv"

            def write(_progress: object, _cancelled: object) -> DataSpec:
                atomic_write(place, text.encode())
                return DataSpec("pasted", "data/pasted.csv")

            session.jobs.run(session, "open", write, session.open_data, told)

        session.jobs.run(session, "open", look, keep, told)

    def save_as(self, target: Path, on_done: Callable[[], None] | None = None) -> None:
        """Give the project a place, or a copy in another one."""
        session = self._session
        if session.run is not None and session.run.active:
            session.tell(ProjectError("The project cannot move while it trains.", remedy="Stop the run, then save."))
            return

        def done() -> None:
            if session.project.data is not None and session.project.data.source == "pasted":
                session.pipeline.reload()
            session.runner.refresh()
            session.project_opened.emit()
            if on_done is not None:
                on_done()

        session.projects.save_as(target, done)
