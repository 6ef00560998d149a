"""Where the open project lives: its folder, its lock, autosave, drafts, and the list of recent projects.

Every document has a folder from its first change on: among the drafts until the person chooses a place. So a crash
loses at most the last two seconds, and recovery is nothing but opening the draft again.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from workbench.core import settings as settings_module
from workbench.core.document import Change, Document
from workbench.core.errors import ProjectError, WorkbenchError
from workbench.core.project import Project
from workbench.core.runs import RunRecord, list_runs, read_history
from workbench.core.settings import Settings, drafts_folder, load_settings, save_settings
from workbench.core.storage import PROJECT_FILE, ProjectFolder
from workbench.core.waiting import Waiting, read_waiting

from .jobs import Jobs
from .notices import Notice

log = logging.getLogger(__name__)
AUTOSAVE_MS = 2000
LOCK_FILE = ".lock"


@dataclass(frozen=True)
class Recent:
    """A project of the start page. draft: it has no place of its own yet. changed: seconds since 1970.
    curve: losses of its newest run, float32, at most 60 points; empty when there is none."""

    folder: Path
    name: str
    changed: float
    draft: bool
    source: str = ""
    runs: int = 0
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A project read from disk. holder: who else has it open; "" when it is ours. waiting: the runs that waited when it
    was closed; not_read: why they cannot be read."""

    folder: ProjectFolder
    project: Project
    runs: list[RunRecord]
    lock: QLockFile | None
    holder: str
    waiting: tuple[Waiting, ...] = ()
    not_read: ProjectError | None = None


def is_project(path: Path) -> bool:
    """Whether this is a project folder or the project.json in one."""
    return (path / PROJECT_FILE).is_file() or (path.name == PROJECT_FILE and path.is_file())


def take_lock(folder: Path) -> tuple[QLockFile | None, str]:
    """The lock of a project folder, or None and who holds it. A lock left by a dead program is taken over."""
    lock = QLockFile(str(folder / LOCK_FILE))
    lock.setStaleLockTime(0)  # only the death of its holder makes it stale, not its age
    if lock.tryLock(0):
        return lock, ""
    if lock.error() == QLockFile.LockError.PermissionError:
        return None, "this folder cannot be written"
    pid, host, _program = lock.getLockInfo()[-3:]
    where = "" if host in ("", socket.gethostname()) else f" on {host}"
    return None, f"it is open in another window (process {pid}{where})"


def read_opened(path: Path) -> Opened:
    """Read a project and take its lock; for a job. Raises ProjectError."""
    path = path.parent if path.name == PROJECT_FILE else path
    path = path.absolute()
    folder = ProjectFolder(path, draft=path.parent == drafts_folder().absolute())
    project = folder.load()
    lock, holder = take_lock(folder.path)
    runs = list_runs(folder.runs)
    if lock is None:  # what waits is the other's
        return Opened(folder, project, runs, lock, holder)
    try:
        return Opened(folder, project, runs, lock, holder, read_waiting(folder.runs))
    except ProjectError as error:
        return Opened(folder, project, runs, lock, holder, not_read=error)


def read_recent(recent: tuple[str, ...]) -> list[Recent]:
    """Recent projects and all drafts, the newest first; what is gone or damaged is left out. For a job."""
    drafts = drafts_folder()
    folders = [Path(p) for p in recent]
    if drafts.is_dir():
        folders += [p for p in drafts.iterdir() if p not in folders]
    found = []
    for path in folders:
        file = path / PROJECT_FILE
        try:
            project = ProjectFolder(path).load()
            changed = file.stat().st_mtime
        except (ProjectError, OSError) as error:
            log.info("not offered among the recent projects: %s", error)
            continue
        if project.data is None and not project.graph.nodes:
            continue
        runs = list_runs(path / "runs")
        found.append(
            Recent(
                path,
                project.name,
                changed,
                path.parent == drafts,
                source=project.data.source if project.data else "",
                runs=len(runs),
                curve=_curve(path, runs),
            )
        )
    return sorted(found, key=lambda r: -r.changed)


def _curve(path: Path, runs: list[RunRecord]) -> tuple[float, ...]:
    for record in reversed(runs):
        try:
            epochs = read_history(path / "runs" / record.id).epochs
        except WorkbenchError:
            continue
        for name in ("val_loss", "loss"):
            if name in epochs and len(epochs) > 1:
                values = epochs[name]
                values = values[np.isfinite(values)]
                if len(values) > 1:
                    places = np.linspace(0, len(values) - 1, min(60, len(values))).astype(int)
                    return tuple(float(v) for v in values[places])
    return ()


def take_what_is_typed() -> None:
    """Words and numbers belong to the project they were typed in: an editor takes them when it loses the focus, which
    would be too late once another project is in the window."""
    typed_in = QApplication.focusWidget()
    if typed_in is not None:
        typed_in.clearFocus()


class Projects(QObject):
    """The folder of the document and everything that writes to it.

    Signals: saved(): the project on disk is the one in the window (or the folder changed). notice(Notice).
    """

    saved = Signal()
    notice = Signal(object)
    settings_changed = Signal()

    def __init__(self, document: Document, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.jobs = jobs
        self.settings: Settings = load_settings()
        self.folder = ProjectFolder.new_draft(drafts_folder())
        self.read_only = False
        self._lock: QLockFile | None = None
        self._failed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AUTOSAVE_MS)
        self._timer.timeout.connect(self.save_soon)
        self._forget = document.listen(self._changed)

    # ---- settings --------------------------------------------------------------------------------------------

    def change_settings(self, **changes: object) -> None:
        """Change some of the person's preferences and keep them."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self.settings_changed.emit()
        self._keep_settings()

    def _keep_settings(self) -> None:
        settings = self.settings

        def told(error: WorkbenchError) -> None:
            self.notice.emit(Notice.of(error, key="settings"))

        self.jobs.run(self, "settings", lambda _p, _c: save_settings(settings), on_error=told)

    def remember(self) -> None:
        """Put the open project first among the recent ones."""
        if not self.folder.draft:
            self.settings = self.settings.with_recent(self.folder.path)
            self._keep_settings()

    # ---- saving ----------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if change.label != "Open" and not self.read_only:
            self._timer.start()

    def save_soon(self) -> None:
        """Save in the background."""
        self._timer.stop()
        project, folder = self.document.project, self.folder
        if self.read_only or not self.document.dirty:
            return

        def done(lock: QLockFile | None) -> None:
            if lock is not None:
                self._lock = lock
            self._failed = False
            self.document.mark_saved(project)
            self.saved.emit()

        self.jobs.run(self, "save", lambda _p, _c: self._write(folder, project), done, self._save_failed)

    def save_now(self) -> None:
        """Save before something that needs the folder (a run, the end of the program).

        Raises:
            ProjectError: the folder cannot be written.
        """
        self._timer.stop()
        self.jobs.cancel(self, "save")
        if self.read_only or (not self.document.dirty and self.folder.exists()):
            return
        lock = self._write(self.folder, self.document.project)
        self._lock = lock or self._lock
        self.document.mark_saved()
        self.saved.emit()

    def _write(self, folder: ProjectFolder, project: Project) -> QLockFile | None:
        folder.save(project)
        return take_lock(folder.path)[0] if self._lock is None else None

    def _save_failed(self, error: WorkbenchError) -> None:
        if not self._failed:  # once, until a save succeeds again
            actions = (("Try again", self.save_soon),)
            self.notice.emit(Notice.of(error, key="save", actions=actions))
        self._failed = True
        self._timer.start(10_000)

    # ---- another place ---------------------------------------------------------------------------------------

    def save_as(self, target: Path, on_done: Callable[[], None] | None = None) -> None:
        """Move a draft to `target`, or copy a project there, and go on in the new place."""
        self._timer.stop()
        project, folder = self.document.project, self.folder
        name = target.name
        named = replace(project, name=name) if folder.draft and project.name in ("Untitled", "") else project
        self._release()

        def work(_progress: object, _cancelled: object) -> tuple[ProjectFolder, QLockFile | None]:
            if not self.read_only:
                folder.save(project)
            made = folder.move_to(target) if folder.draft else folder.copy_to(target)
            (made.path / LOCK_FILE).unlink(missing_ok=True)
            made.save(named)
            return made, take_lock(made.path)[0]

        def done(result: tuple[ProjectFolder, QLockFile | None]) -> None:
            self.folder, self._lock = result
            self.read_only = False
            if named is not project and self.document.project is project:
                self.document.amend(lambda p: replace(p, name=name), "Save")
            self.document.mark_saved()
            self.remember()
            self.saved.emit()
            if on_done is not None:
                on_done()

        def failed(error: WorkbenchError) -> None:
            if folder.exists() and not self.read_only:
                self._lock = take_lock(folder.path)[0]
            self.notice.emit(Notice.of(error, key="save"))

        self.jobs.run(self, "save", work, done, failed)

    def adopt(self, opened: Opened) -> None:
        """Go on in a folder that was read; the document is replaced by the caller afterwards."""
        self.leave()
        self.folder, self._lock = opened.folder, opened.lock
        self.read_only = opened.lock is None
        self.remember()

    def new(self) -> None:
        """Go on in a fresh draft."""
        self.leave()
        self.folder = ProjectFolder.new_draft(drafts_folder())
        self.read_only = False

    def secure(self) -> bool:
        """Save what is open before another project takes its place, also what is being typed. False when it cannot be
        written, which is told: then it must stay open, as it is nowhere else. A few milliseconds for the file of a
        project."""
        take_what_is_typed()
        if self.document.dirty and not self.read_only and self._worth_keeping():
            try:
                self.save_now()
            except ProjectError as error:
                self.notice.emit(Notice.of(error, key="save"))
                return False
        return True

    def leave(self) -> None:
        """Save what is open, where that is possible, and let go of its folder."""
        self.secure()
        self._timer.stop()
        self._release()

    def _worth_keeping(self) -> bool:
        project = self.document.project
        return self.folder.exists() or project.data is not None or bool(project.graph.nodes)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def shut_down(self) -> None:
        """At the end of the program: save, keep the settings, let go."""
        self.leave()
        self._forget()


def logs() -> Path:
    """Where the log files are."""
    return settings_module.logs_folder()
