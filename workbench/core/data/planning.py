"""Deciding the prepared data: columns, split, fitted state and shapes, without making the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from workbench.core.augmentation import check as check_augmentation
from workbench.core.errors import FeatureError
from workbench.core.facts import DataFacts
from workbench.core.project import Features, ImageFeature, Project, Step

from .balance import balance
from .dataset import Dataset, ImageData, SeriesData, TableData, folders_of
from .features import REBUILT, TASKS, propose
from .fit import fit, one_value, quoted, target_numbers, target_task
from .picture_recipe import CleanedPictures, replayed_steps, used_pictures
from .preprocess import Preprocessor, image_preprocessor, picture_rebuilder
from .recipe import Cleaned
from .replay import pinned, text_columns
from .row_weights import weighed_rows, weight_column
from .sequence_plan import SeriesPlan, plan_series
from .split import Rows, split_rows
from .split_table import Parted, split_fold, split_table
from .values import class_numbers, codes

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 1000
CRUSHED = 0.01  # of a target's scale for 80 % of its values: they are next to equal


class Table(Protocol):
    """A cleaned table, or one as it was read."""

    @property
    def frame(self) -> pd.DataFrame: ...

    @property
    def parts(self) -> np.ndarray[Any, Any]: ...

    @property
    def folder(self) -> str: ...

    @property
    def test_folder(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Plan:
    """rows: positions in the cleaned table or the pictures, for each part. excluded: rows in no part, for want of a
    usable target. notes: what a person should know, one sentence each. features: complete, nothing left "auto"."""

    features: Features
    facts: DataFacts
    preprocessor: Preprocessor
    rows: Mapping[str, Rows]
    excluded: int
    notes: tuple[str, ...]
    series: SeriesPlan | None = None  # of series: the windows that `rows` are numbers of


def make_plan(project: Project, dataset: Dataset, cleaned: Table | CleanedPictures | None) -> Plan:
    """Raises FeatureError when roles, encoders, target or split do not fit the data."""
    if isinstance(dataset, ImageData):
        recipe = replayed_steps(project.recipe, cleaned) if isinstance(cleaned, CleanedPictures) else ()
        return _plan_images(project, used_pictures(dataset, cleaned), recipe)
    if isinstance(dataset, SeriesData):
        if project.features.task == REBUILT:
            raise FeatureError(
                "Series cannot be rebuilt yet; tables and pictures can.",
                where="features",
                remedy="Choose what is to be predicted of the series, or open them as a table, a row each.",
            )
        return _plan_series(project, dataset)
    table = None if isinstance(cleaned, CleanedPictures) else cleaned
    return _plan_table(project, dataset, table or dataset)


# ---- tables --------------------------------------------------------------------------------------------------


def _plan_table(project: Project, dataset: TableData, table: Table) -> Plan:
    frame = table.frame
    if frame.shape[1] < (1 if project.features.task == REBUILT else 2):
        raise FeatureError(
            f"The table has {'only one column' if frame.shape[1] else 'no columns'}.",
            where="data",
            remedy="A model needs at least one input and a target; check the delimiter the file was read with.",
        )
    if not len(frame):
        raise FeatureError("No rows are left.", where="data", remedy="Check the cleaning steps that drop rows.")
    check_augmentation(project.features.augment)
    weight = weight_column(project.features.columns, frame)
    features = _complete(project.features, table, dataset.target)
    names = [c.name for c in features.columns if c.role == "target"]
    parted, excluded = _split_table(frame, table.parts, features)
    rows: Mapping[str, Rows] = parted.rows
    weighed: tuple[str, ...] = ()
    unweighed = 0
    if weight:
        rows, unweighed, weighed = weighed_rows(frame[weight], rows)
    preprocessor = replace(fit(frame, features, rows["train"], table.folder), weight=weight)
    if isinstance(table, Cleaned):
        preprocessor = _with_recipe(preprocessor, project, dataset, table)
    notes = []
    if excluded:
        notes.append(
            f"{excluded:,} {_rows(excluded)} without {quoted(names)} {'is' if excluded == 1 else 'are'} left out."
        )
    if parted.without:
        assert features.split is not None
        excluded += parted.without
        notes.append(f'{parted.without:,} {_rows(parted.without)} without "{features.split.column}" are in no part.')
    for target in preprocessor.targets:
        if target.task == "regression":
            notes += far_notes(frame[target.name].iloc[rows["train"]], target.scale)
        if target.task != "classification":
            continue
        rows, unseen, examples, respelled = _known_classes(frame[target.name], rows, target.classes)
        notes += respelled_notes(respelled)
        if unseen:
            excluded += unseen
            notes.append(f"{unseen:,} {_rows(unseen)} of classes that no training row has are left out: {examples}.")
    excluded += unweighed
    notes += weighed
    rows, facts = _balanced(features, preprocessor, rows, frame)
    return Plan(features, facts, preprocessor, rows, excluded, tuple(notes))


def _balanced(
    features: Features, preprocessor: Preprocessor, rows: Mapping[str, Rows], frame: pd.DataFrame
) -> tuple[Mapping[str, Rows], DataFacts]:
    labels = [np.zeros(0, np.int64)] * len(preprocessor.targets)
    if features.balance != "none":
        labels = [class_numbers(frame[t.name], t.classes)[0] if t.classes else labels[0] for t in preprocessor.targets]
    return balance(features, preprocessor, rows, *labels)


def _with_recipe(preprocessor: Preprocessor, project: Project, dataset: TableData, cleaned: Cleaned) -> Preprocessor:
    steps = pinned(project.recipe, cleaned)
    return replace(preprocessor, recipe=steps, text_columns=text_columns(dataset.frame) if steps else ())


def _complete(features: Features, table: Table, suggested: str) -> Features:
    names = list(table.frame.columns)
    listed = [c.name for c in features.columns]
    if (
        listed == names
        and features.split is not None
        and features.task in (*TASKS, REBUILT)
        and all(c.encoder != "auto" for c in features.columns)
    ):
        return features
    from .profile import profile_table

    return propose(profile_table(table.frame, folders_of(table)), features, "table", suggested, table.parts)


def _split_table(frame: pd.DataFrame, parts: np.ndarray[Any, Any], features: Features) -> tuple[Parted, int]:
    """The rows that have every target, parted by the classes of the first that has some, and how many lack a target."""
    if features.task == REBUILT:  # every row is its own answer
        assert features.split is not None
        return split_table(frame, parts, features.split), 0
    targets = [c for c in features.columns if c.role == "target"]
    if not targets:
        raise FeatureError("No target is chosen.", where="features", remedy="Choose the column to predict.")
    assert features.split is not None
    usable = np.ones(len(frame), bool)
    strata = None
    for column in targets:
        cells = frame[column.name]
        if target_task(features, column) == "classification":
            numbered, names = codes(cells)
            known = numbered >= 0
            _check_classes(column.name, names, int(known.sum()))
            strata = numbered if strata is None else strata
        else:
            values = target_numbers(cells, column.name)
            known = ~np.isnan(values)
            if known.any() and values[known].min() == values[known].max():
                raise one_value(column.name, f"{values[known][0]:g}")
        usable &= known
    if len(targets) > 1 and not usable.any():
        raise FeatureError(
            f"No row has all of {quoted(c.name for c in targets)}.".replace(" or ", " and "),
            where="features",
            remedy="Several targets are learnt from rows that have them all: predict one of them, or fill the gaps.",
        )
    return split_table(frame, parts, features.split, strata, usable), int((~usable).sum())


def _check_classes(target: str, names: list[str], known: int) -> None:
    where = f'column "{target}"'
    if len(names) == 1:
        raise one_value(target, names[0])
    if len(names) == known and known > 2:
        raise FeatureError(
            f"All {known:,} rows have another value, so there are no classes to learn.",
            where=where,
            remedy="Choose another target, or regression as the task when it is a number.",
        )
    if len(names) > MOST_CLASSES:
        raise FeatureError(
            f"The target has {len(names):,} classes; at most {MOST_CLASSES:,} can be learned.",
            where=where,
            remedy="Choose another target, or merge rare classes in a cleaning step.",
        )


def _known_classes(
    cells: pd.Series[Any], rows: Mapping[str, Rows], classes: tuple[str, ...]
) -> tuple[dict[str, Rows], int, str, dict[str, str]]:
    """Rows whose class is known from training; how many are not, some of their classes, and other spellings."""
    found, respelled = class_numbers(cells, classes)
    kept = {part: r[found[r] >= 0] for part, r in rows.items()}
    lost = np.concatenate([r[found[r] < 0] for r in rows.values()])
    _, names = codes(cells.iloc[lost])
    return kept, len(lost), ", ".join(names[:5]) + (" …" if len(names) > 5 else ""), respelled


def far_notes(cells: pd.Series[Any], scale: float) -> list[str]:
    """Where a few values of a target are so far off that, divided by its scale, all others are next to equal."""
    name = str(cells.name)
    values = target_numbers(cells, name)
    values = values[~np.isnan(values)]
    low, high = np.percentile(values, (10.0, 90.0)) if len(values) else (0.0, 0.0)
    if scale == 1.0 or not 0 < high - low < CRUSHED * scale:  # 1: it is not scaled, or has one value
        return []
    far = values[np.abs(values - low).argmax()]
    return [
        f'80 % of the values of "{name}" lie between {low:g} and {high:g}, and a few as far off as {far:g}: scaled, '
        "the others are all but equal, so nothing is learned of them. Mend or leave out those few in a cleaning step."
    ]


def respelled_notes(respelled: Mapping[str, str]) -> list[str]:
    """What is said of classes that were taken for another."""
    pairs = [f'"{other}" is taken for "{name}"' for other, name in list(respelled.items())[:5]]
    return [f"{', '.join(pairs)}{' and so on' if len(respelled) > 5 else ''}."] if pairs else []


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


# ---- pictures ------------------------------------------------------------------------------------------------


def _plan_images(project: Project, dataset: ImageData, recipe: tuple[Step, ...]) -> Plan:
    features = project.features
    image = features.image
    if features.split is None or not (image.height and image.width and image.channels in (1, 3)):
        from .profile import profile_images

        features = propose(profile_images(dataset), features, "images", parts=dataset.parts)
        image = features.image
    rebuilt = features.task == REBUILT
    features = replace(features, task=REBUILT if rebuilt else "classification")
    check_augmentation(features.augment)
    if min(image.height, image.width) < 1 or max(image.height, image.width) > 2048:
        raise FeatureError(
            f"Pictures of {image.height} x {image.width} pixels cannot be made.",
            where="features",
            remedy="Use a height and a width from 1 to 2048.",
        )
    labels = np.asarray(dataset.labels)
    if rebuilt:
        return _plan_rebuilt(features, image, dataset, recipe)
    used = np.unique(labels[labels >= 0])
    if len(used) < 2:
        named = f' ("{dataset.classes[int(used[0])]}")' if len(used) else ""
        raise FeatureError(
            f"All pictures belong to one class{named}.",
            where="data",
            remedy="Open the folder that holds one folder of pictures for each class, or let the model rebuild its "
            "input: that needs no classes.",
        )
    rows = _parted_pictures(features, labels, dataset.parts)
    preprocessor = replace(image_preprocessor(image, dataset.classes), recipe=recipe)
    excluded = len(labels) - sum(len(r) for r in rows.values())
    notes = []
    seen = np.isin(np.arange(len(dataset.classes)), labels[rows["train"]])
    if not seen.all():
        absent = [c for c, there in zip(dataset.classes, seen, strict=True) if not there]
        notes.append(f"No training picture shows {', '.join(absent[:5])}{' …' if len(absent) > 5 else ''}.")
    balanced, facts = balance(features, preprocessor, rows, labels)
    return Plan(features, facts, preprocessor, balanced, excluded, tuple(notes))


def _parted_pictures(
    features: Features, labels: np.ndarray[Any, Any], parts: np.ndarray[Any, Any], *, strata: bool = True
) -> dict[str, Rows]:
    assert features.split is not None
    if features.split.method != "random":
        raise FeatureError(
            "Pictures have no columns to split by.", where="split", remedy="Split at random, or make a test folder."
        )
    part = split_fold if features.split.fold else split_rows
    return part(labels, parts, features.split, labels if strata else None)


def _plan_rebuilt(features: Features, image: ImageFeature, dataset: ImageData, recipe: tuple[Step, ...]) -> Plan:
    """Pictures that are rebuilt: all of them, whatever class they have."""
    labels = np.asarray(dataset.labels)
    rows = _parted_pictures(features, labels, dataset.parts, strata=False)
    preprocessor = replace(picture_rebuilder(image), recipe=recipe)
    _, facts = balance(features, preprocessor, rows, labels)
    return Plan(features, facts, preprocessor, rows, 0, ())


# ---- series --------------------------------------------------------------------------------------------------


def _plan_series(project: Project, dataset: SeriesData) -> Plan:
    made = plan_series(project, dataset)
    rows, facts = balance(made.features, made.preprocessor, made.rows, made.labels)
    return Plan(made.features, facts, made.preprocessor, rows, made.excluded, made.notes, made)
