"""Runs that other programs begin or end in the project that is open here: they are listed, and offered to be followed.

A folder on another machine tells nothing of what changes in it, so it is looked at now and then, by a job, while
nothing trains here. UI thread only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workbench.core.errors import Cancelled, ProjectError
from workbench.core.runs import RECORD, RunRecord, read_run
from workbench.link.journal import NAME, trained_by

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)
LOOK_MS = 3000
JOB = "elsewhere"

Marks = Mapping[str, tuple[int, int]]
"""{id of a run: when its record and its journal were last written, in ns; 0 for what is not there}."""


@dataclass(frozen=True)
class Seen:
    """What one look found. trained: runs that some program trains at this moment, of those whose journal moved."""

    marks: Marks
    trained: tuple[RunRecord, ...] = field(default=())


class Elsewhere(QObject):
    """Looks every LOOK_MS; the first look at a project that was opened offers nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._folder: Path | None = None
        self._marks: Marks | None = None
        self._offered: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look once, unless a run is on here: then it is the one that matters, and its files change by it. A look that
        takes long, as in a folder that is far away or away, is waited for: others would fill the pool behind it."""
        session = self._session
        if session.jobs.running(self, JOB):
            return
        folder = session.folder.runs
        if session.run is not None and session.run.active:
            self._marks = None
            return
        opened = folder != self._folder  # what trains at that moment was offered by the opening
        if opened:
            self._folder, self._marks, self._offered = folder, None, set()
        before, offered = self._marks, frozenset(self._offered) | session.runner.attending.runs

        def done(found: Seen) -> None:
            if folder == self._folder and (session.run is None or not session.run.active):
                self._take(before, found, opened)

        session.jobs.run(self, JOB, lambda _p, stop: seen(folder, before, offered, stop), done)

    def stop(self) -> None:
        """With the window."""
        self._timer.stop()

    def _take(self, before: Marks | None, found: Seen, opened: bool) -> None:
        session = self._session
        self._marks = found.marks
        listed = {r.id for r in session.runs}
        if before is None:
            moved = set(found.marks) != listed
        else:
            moved = {k: v[0] for k, v in before.items()} != {k: v[0] for k, v in found.marks.items()}
        if moved:
            session.runner.refresh()
        self._offered.update(r.id for r in found.trained)
        if found.trained and not opened and not session.read_only:
            session.followed.offer(found.trained, session.folder.runs)


def seen(
    runs: Path, before: Marks | None, offered: frozenset[str], cancelled: Callable[[], bool] = lambda: False
) -> Seen:
    """What is there now. before: the last look, None at the first. offered: runs that need not be asked about.

    Raises Cancelled when `cancelled` says so: of many runs that programs elsewhere train, each takes seconds.
    """
    marks = {}
    trained = []
    try:
        folders = sorted(p for p in runs.iterdir() if p.is_dir()) if runs.is_dir() else []
    except OSError as error:  # a shared folder that is away for a moment
        log.info("%s cannot be read: %s", runs, error)
        return Seen(before or {})
    for folder in folders:
        if cancelled():
            raise Cancelled
        mark = _written(folder / RECORD), _written(folder / NAME)
        if not mark[0]:
            continue
        marks[folder.name] = mark
        same = before is not None and before.get(folder.name) == mark
        if mark[1] and not same and folder.name not in offered:
            record = _in_training(folder)
            if record is not None:
                trained.append(record)
    return Seen(marks, tuple(trained))


def _written(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _in_training(folder: Path) -> RunRecord | None:
    """The record of a run that some program trains; None of another."""
    try:
        record = read_run(folder)
        return record if record.interrupted and trained_by(folder) is not None else None
    except (ProjectError, OSError) as error:  # half written, or away: the next look tells
        log.info("%s cannot be read: %s", folder, error)
        return None
