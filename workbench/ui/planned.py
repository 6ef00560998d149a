"""A run to be: what is to be trained, and making its arrays and its folder; those that wait on disk."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.core.errors import Cancelled, TrainError
from workbench.core.project import Project
from workbench.core.runs import RunRecord, Start, create_run, read_run
from workbench.core.settings import cache_folder
from workbench.core.storage import ProjectFolder
from workbench.core.waiting import Waiting, write_waiting

from .time_ahead import alike


@dataclass(frozen=True, eq=False)
class Planned:
    """A run to be: a project with its proposed features filled in, and the data as it was when it was planned;
    None where the plan was read from disk: then it is read again.

    start: weights to begin with. group, fold: of a cross-validation.
    """

    project: Project
    dataset: Any = None
    cleaned: Any = None
    name: str = ""
    start: Start | None = None
    group: str = ""
    fold: int = 0

    @classmethod
    def of(cls, waiting: Waiting) -> Planned:
        return cls(waiting.project, None, None, waiting.name, waiting.start, waiting.group, waiting.fold)

    @cached_property
    def alike(self) -> str:
        """See ui.time_ahead."""
        return alike(self.project)

    @property
    def kept(self) -> Waiting:
        """What of it is kept on disk."""
        return Waiting(self.project, self.name, self.start, self.group, self.fold)


def prepare_run(plan: Planned, runs: Path, progress: Any, cancelled: Any) -> tuple[Path, RunRecord]:
    """The arrays, from the cache where they are, and the run's folder with its record. For a job. Raises Cancelled."""
    from workbench.core.data.prepared import prepare

    if plan.dataset is None:
        plan = _read_again(plan, runs, progress, cancelled)
    project = plan.project
    prepared = prepare(project, plan.dataset, plan.cleaned, cache_folder(), progress, cancelled)
    if cancelled():  # nobody would begin it
        raise Cancelled
    folder = create_run(
        runs,
        project,
        prepared.facts,
        prepared.preprocessor.to_json(),
        prepared.folder,
        plan.name,
        replace(plan.start, folder=runs / plan.start.folder.name) if plan.start else None,  # the project may have moved
        plan.group,
        plan.fold,
    )
    return folder, read_run(folder)


def _read_again(plan: Planned, runs: Path, progress: Any, cancelled: Any) -> Planned:
    """With the data that it was planned on.

    Raises:
        TrainError: it has changed since. DataError: it cannot be read. Cancelled.
    """
    from workbench.core.data import kept
    from workbench.core.data.pipeline import stage

    project = plan.project
    spec = project.data
    if spec is not None and kept.kept_at(spec):  # the very data
        project = replace(project, data=replace(spec, from_cache=True))
    staged = stage(project, progress, cancelled, ProjectFolder(runs.parent))
    if staged.changed:
        raise TrainError(
            f"{plan.name or 'The run that waited'} was planned on other data: it has changed since.",
            where=spec.path if spec is not None else "",
            remedy="Put back the data, or forget what waits and train again.",
        )
    return replace(plan, project=plan.project, dataset=staged.dataset, cleaned=staged.cleaned)


class KeptQueue:
    """The runs that wait, on disk: written one after another, the newest word last, whichever thread writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = self._written = 0

    def ask(self) -> int:
        """What waits is another now; the number to write it by."""
        self._asked += 1
        return self._asked

    @property
    def behind(self) -> bool:
        """Whether the disk does not say yet what waits."""
        return self._written < self._asked

    def write(self, number: int, runs: Path, plans: Sequence[Planned]) -> None:
        """Raises ProjectError. Nothing happens where something newer was asked for since."""
        with self._lock:
            if number == self._asked and number > self._written:
                write_waiting(runs, [plan.kept for plan in plans])
                self._written = number
