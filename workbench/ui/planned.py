"""A run to be: what is to be trained, and making its arrays and its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.errors import Cancelled
from workbench.core.project import Project
from workbench.core.runs import RunRecord, Start, create_run, read_run
from workbench.core.settings import cache_folder


@dataclass(frozen=True, eq=False)
class Planned:
    """A run to be: a project with its proposed features filled in, and the data as it was when it was planned.

    start: weights to begin with. group, fold: of a cross-validation.
    """

    project: Project
    dataset: Any
    cleaned: Any
    name: str = ""
    start: Start | None = None
    group: str = ""
    fold: int = 0


def prepare_run(plan: Planned, runs: Path, progress: Any, cancelled: Any) -> tuple[Path, RunRecord]:
    """The arrays, from the cache where they are, and the run's folder with its record. For a job. Raises Cancelled."""
    from workbench.core.data.prepared import prepare

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
        plan.start,
        plan.group,
        plan.fold,
    )
    return folder, read_run(folder)
