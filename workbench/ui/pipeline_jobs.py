"""What the pipeline's jobs do, on pool threads. The modules of core.data are imported inside: pandas never loads on the
UI thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.core.errors import WorkbenchError
from workbench.core.facts import DataFacts
from workbench.core.project import DataSpec, Features, Project

from . import picture_watch

if TYPE_CHECKING:
    from workbench.core.data.dataset import Dataset
    from workbench.core.data.first_rows import FirstRows
    from workbench.core.data.picture_recipe import CleanedPictures
    from workbench.core.data.recipe import Cleaned

LARGE = 2_000_000
"""Cells from which on a table's suggestions come after its profile."""


@dataclass(frozen=True, eq=False)
class CleanedUp:
    """What one clean job finds out. suggestions: None for a large table, whose profile does not wait for them."""

    cleaned: Cleaned | CleanedPictures | None
    profile: Any
    suggestions: tuple[Any, ...] | None


class KeptSteps:
    """The recipe's cache, made by the first job that needs it. The lock: an overtaken job may still be ending."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.cache: Any = None


def load(spec: DataSpec, progress: Any, cancelled: Any) -> Dataset:
    from workbench.core.data.sources import load

    return load(spec, progress, cancelled)


def head(spec: DataSpec) -> FirstRows | None:
    from workbench.core.data.first_rows import head_of

    return head_of(spec)


def keep(spec: DataSpec, dataset: Dataset, cancelled: Any) -> None:
    from workbench.core.data.kept import keep

    keep(spec, dataset, None, cancelled)


def clean(dataset: Dataset, steps: tuple[Any, ...], kept: KeptSteps, progress: Any, cancelled: Any) -> CleanedUp:
    from workbench.core.data.dataset import folders_of
    from workbench.core.data.profile import profile_table

    if dataset.kind == "images":
        return CleanedUp(*picture_watch.clean(dataset, steps, progress, cancelled))
    if dataset.kind == "sequences":
        from workbench.core.data.series_profile import profile_series

        return CleanedUp(None, profile_series(dataset), ())
    from workbench.core.data.recipe import StepCache, run_recipe

    with kept.lock:
        if kept.cache is None:
            kept.cache = StepCache()
        cleaned = run_recipe(dataset, steps, kept.cache, cancelled)
    made = CleanedUp(cleaned, profile_table(cleaned.frame, folders_of(cleaned)), None)
    return made if cleaned.frame.size > LARGE else replace(made, suggestions=suggest(made))


def suggest(made: CleanedUp) -> tuple[Any, ...]:
    from workbench.core.data.suggest import suggest

    assert made.cleaned is not None
    return tuple(suggest(made.cleaned.frame, made.profile))


def plan(
    project: Project, dataset: Dataset, cleaned: Any, profile: Any
) -> tuple[Features, DataFacts | None, Any, WorkbenchError | None]:
    from workbench.core.data.features import propose
    from workbench.core.data.prepared import plan

    if dataset.kind == "images":
        parts = dataset.parts if cleaned is None else cleaned.parts
        features = propose(profile, project.features, "images", parts=parts)
    elif dataset.kind == "sequences":
        features = propose(profile, project.features, "sequences", parts=dataset.parts)
    else:
        features = propose(profile, project.features, "table", getattr(dataset, "target", ""), parts=cleaned.parts)
    try:
        facts, preprocessor = plan(replace(project, features=features), dataset, cleaned)
    except WorkbenchError as error:
        return features, None, None, error
    return features, facts, preprocessor, None
