"""From a project's intent to data ready for training, station by station; the window runs the same stations as jobs.

Call from a job or the command line: everything here reads files or works on whole tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core.errors import ProjectError
from workbench.core.facts import DataFacts
from workbench.core.project import DataSpec, Features, Project

from .dataset import ImageData, TableData
from .features import propose
from .prepared import Prepared, plan, prepare
from .preprocess import Preprocessor
from .profile import ImageProfile, TableProfile, profile_images, profile_table
from .recipe import Cleaned, run_recipe
from .samples import SAMPLES
from .sources import guess_source, load

Report = Callable[[float, str], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Staged:
    """A project's data up to the fitted features: what every page and command starts from.

    project: with its features filled in by the proposal. cleaned: None for pictures.
    """

    project: Project
    dataset: TableData | ImageData
    cleaned: Cleaned | None
    profile: TableProfile | ImageProfile

    @property
    def features(self) -> Features:
        return self.project.features


def find_source(text: str) -> DataSpec:
    """The source a person names: a file, a folder, or the name of a sample.

    Raises:
        DataError: there is no such file or sample, or it is no data.
    """
    if not Path(text).exists():
        named = text.removeprefix("sample:")
        if any(s.name == named for s in SAMPLES):
            return DataSpec("sample", named)
    return guess_source(Path(text).expanduser())


def stage(project: Project, progress: Report | None = None, cancelled: Stop | None = None) -> Staged:
    """Load, clean, profile and propose. Raises DataError, or StepError when a step of the recipe cannot be applied."""
    if project.data is None:
        raise ProjectError("The project has no data yet.", remedy="Open a table or pictures first.")
    dataset = load(project.data, progress, cancelled)
    cleaned: Cleaned | None = None
    profile: TableProfile | ImageProfile
    if isinstance(dataset, TableData):
        cleaned = run_recipe(dataset, project.recipe)
        profile = profile_table(cleaned.frame)
        kind, target, parts = "table", dataset.target, cleaned.parts
    else:
        profile = profile_images(dataset)
        kind, target, parts = "images", "", dataset.parts
    features = propose(profile, project.features, kind, target, parts)
    return Staged(replace(project, features=features), dataset, cleaned, profile)


def facts_of(staged: Staged) -> tuple[DataFacts, Preprocessor]:
    """Shapes and fitted state without writing the arrays. Raises FeatureError."""
    return plan(staged.project, staged.dataset, staged.cleaned)


def materialise(staged: Staged, cache: Path, progress: Report | None = None, cancelled: Stop | None = None) -> Prepared:
    """The arrays on disk, from the cache when they are there already. Raises FeatureError."""
    return prepare(staged.project, staged.dataset, staged.cleaned, cache, progress, cancelled)
