"""From a project's intent to data ready for training, station by station; the window runs the same stations as jobs.

Call from a job or the command line: everything here reads files or works on whole tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core.errors import DataError, ProjectError
from workbench.core.facts import DataFacts
from workbench.core.project import DataSpec, Features, Project
from workbench.core.runs import read_preprocessor, read_project, read_run, update_run
from workbench.core.storage import ProjectFolder

from . import kept
from .dataset import Dataset, SeriesData, TableData, folders_of
from .features import propose
from .picture_recipe import CleanedPictures, clean_pictures
from .prepared import Prepared, open_prepared, plan, prepare
from .preprocess import Preprocessor
from .profile import ImageProfile, TableProfile, profile_images, profile_table
from .recipe import Cleaned, run_recipe
from .samples import SAMPLES
from .series_profile import SeriesProfile, profile_series
from .sources import guess_source, load

Report = Callable[[float, str], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Staged:
    """A project's data up to the fitted features: what every page and command starts from.

    project: with its features filled in by the proposal, and with the fingerprint of the data that was read. cleaned:
    None for series. changed: the source is not what it was when the project last read it.
    """

    project: Project
    dataset: Dataset
    cleaned: Cleaned | CleanedPictures | None
    profile: TableProfile | ImageProfile | SeriesProfile
    changed: bool = False

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
        if named == Path(named).name and not Path(named).suffix:
            names = ", ".join(s.name for s in SAMPLES)
            raise DataError(f"There is no file, folder or sample {named!r}.", remedy=f"The samples are: {names}.")
    return guess_source(Path(text).expanduser())


def stage(
    project: Project,
    progress: Report | None = None,
    cancelled: Stop | None = None,
    home: ProjectFolder | None = None,
) -> Staged:
    """Load, clean, profile and propose. A step that cannot be applied says so in its outcome.

    home: the project's folder, where pasted cells are kept.

    Raises:
        DataError: the source cannot be read. ProjectError: the project names none. Cancelled.
    """
    if project.data is None:
        raise ProjectError("The project has no data yet.", remedy="Open a table or pictures first.")
    spec = home.located(project.data) if home is not None else project.data
    dataset = _load(spec, progress, cancelled)
    cleaned: Cleaned | CleanedPictures | None = None
    profile: TableProfile | ImageProfile | SeriesProfile
    if isinstance(dataset, TableData):
        cleaned = run_recipe(dataset, project.recipe, cancelled=cancelled)
        profile = profile_table(cleaned.frame, folders_of(cleaned))
        kind, target, parts = "table", dataset.target, cleaned.parts
    elif isinstance(dataset, SeriesData):
        profile = profile_series(dataset)
        kind, target, parts = "sequences", "", dataset.parts
    else:
        cleaned = clean_pictures(dataset, project.recipe, progress, cancelled)
        profile = profile_images(cleaned.data)
        kind, target, parts = "images", "", cleaned.parts
    features = propose(profile, project.features, kind, target, parts)
    known, found = project.data.fingerprint, dataset.report.fingerprint
    project = replace(project, features=features, data=replace(project.data, fingerprint=found))
    return Staged(project, dataset, cleaned, profile, bool(known) and known != found)


def staged_again(staged: Staged, project: Project) -> Staged:
    """What was staged, with the features of `project`, whose data and recipe are the same."""
    kind = staged.dataset.kind
    target = getattr(staged.dataset, "target", "")
    parts = staged.cleaned.parts if staged.cleaned is not None else staged.dataset.parts
    features = propose(staged.profile, project.features, kind, target, parts)
    return replace(staged, project=replace(project, features=features, data=staged.project.data))


def _load(spec: DataSpec, progress: Report | None, cancelled: Stop | None) -> Dataset:
    """As `load`; what was read is kept in the cache, and where it cannot be read, the way to what was kept is told."""
    try:
        dataset = load(spec, progress, cancelled)
    except DataError as error:
        when = "" if spec.from_cache else kept.kept_at(spec)
        if not when:
            raise
        way = f"Or go on with what was read of it, kept {kept.date_text(when)}: workbench source PROJECT --from-cache."
        raise DataError(error.what, where=error.where, remedy=f"{error.remedy} {way}".strip()) from error
    kept.keep(spec, dataset, None, cancelled)
    return dataset


def facts_of(staged: Staged) -> tuple[DataFacts, Preprocessor]:
    """Shapes and fitted state without writing the arrays. Raises FeatureError."""
    return plan(staged.project, staged.dataset, staged.cleaned)


def materialise(staged: Staged, cache: Path, progress: Report | None = None, cancelled: Stop | None = None) -> Prepared:
    """The arrays on disk, from the cache when they are there already. Raises FeatureError."""
    return prepare(staged.project, staged.dataset, staged.cleaned, cache, progress, cancelled)


def restore(run: Path, cache: Path, progress: Report | None = None, cancelled: Stop | None = None) -> Prepared:
    """The arrays a run was trained on; made again from its frozen project when they are no longer in the cache.

    run: the run's folder inside its project. Its record is told the new place.

    Raises:
        DataError: they are gone, and so is the source, or it has changed since. Cancelled.
    """
    record = read_run(run)
    try:
        return open_prepared(Path(record.prepared))
    except DataError:
        project = read_project(run)
    gone = f'The prepared data of "{record.name}" is no longer there'
    if project.data is not None and kept.kept_at(project.data):  # the very data that it was trained on
        project = replace(project, data=replace(project.data, from_cache=True))
    try:
        staged = stage(project, progress, cancelled, ProjectFolder(run.parent.parent))
    except DataError as error:
        raise DataError(f"{gone}, and its source cannot be read: {error.what}", where=error.where) from error
    changed = DataError(
        f"{gone}, and its source has changed since.",
        where=project.data.path if project.data else str(run),
        remedy="Put back the data it was trained on, or train again.",
    )
    if staged.changed:
        raise changed
    prepared = materialise(staged, cache, progress, cancelled)
    if prepared.preprocessor != Preprocessor.from_json(read_preprocessor(run)):  # an older one has fewer fields
        raise changed
    if str(prepared.folder) != record.prepared:
        update_run(run, prepared=str(prepared.folder))
    return prepared
