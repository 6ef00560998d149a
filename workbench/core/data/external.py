"""Other data than a model was trained on, as the model takes it: to be scored, or to be answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import Project

from .arrays import pictures
from .dataset import BadItem, Dataset, ImageData, SeriesData, folders_of
from .planning import Plan, Table, respelled_notes
from .prepared import Stop, absent_targets, all_but, labels_of, source_numbers, tell, unreadable_rows, write_arrays
from .prepared_key import content_of, files_of, hash_of
from .preprocess import Preprocessor
from .row_weights import weighed_rows
from .sequence_answers import fitted_of, known_answers, later_cuts
from .sequence_plan import SeriesPlan
from .sequence_windows import windows
from .store import Part, Prepared, Report, stored
from .values import class_numbers


def prepare_external(
    preprocessor: Preprocessor,
    dataset: Dataset | Table,
    cache: Path,
    progress: Report | None = None,
    cancelled: Stop | None = None,
) -> Prepared:
    """Other data with a known answer, as one "test" part, to score a trained model on. Where the input itself is
    rebuilt, every row is its own answer. Of several targets those that a table lacks (`absent_targets`) are 0
    throughout: nothing that is scored of them means anything, and the notes say so.

    Args:
        dataset: a table with the columns the model was trained on (cleaned by the same recipe), or labelled pictures.

    Raises:
        FeatureError: every target or an input is absent, or no row has a class the model knows. DataError: as
            `prepare`. Cancelled.
    """
    if isinstance(dataset, SeriesData):
        return _external_series(preprocessor, dataset, cache, progress, cancelled)
    labels = labels_of(preprocessor, dataset)
    absent = absent_targets(preprocessor, dataset)
    if labels is None:
        names = " or ".join(f'"{name}"' for name in absent)
        raise FeatureError(
            f"The table has no column {names}, so there is nothing to compare the answers with.",
            where="data",
            remedy="Use data that holds the true answers, or predict instead of evaluating.",
        )
    if absent:
        labels = np.where([t.name in absent for t in preprocessor.targets], np.float32(0), labels)
    known = _known(labels)
    if not len(known):
        classes = ", ".join(preprocessor.classes[:8])
        raise FeatureError(
            "No row has an answer that the model knows.",
            where="data",
            remedy=f"The classes are: {classes}." if classes else "Check the target column.",
        )
    empty = np.zeros(0, np.int64)
    rows = {"train": empty, "validation": empty, "test": known}
    lost = len(labels) - len(known)
    notes: tuple[str, ...] = (f"{lost:,} rows without an answer the model knows are left out.",) if lost else ()
    notes += tuple(f'"{name}" is not in the data and is not scored.' for name in absent)
    if not isinstance(dataset, ImageData):
        for target in preprocessor.targets:
            if target.classes and target.name not in absent:
                notes += tuple(respelled_notes(class_numbers(dataset.frame[target.name], target.classes)[1]))
    if not isinstance(dataset, ImageData) and preprocessor.weight in dataset.frame.columns:
        cells = dataset.frame[preprocessor.weight]
        rows, without, _ = weighed_rows(cells, rows)
        lost += without
        notes += (f'{without:,} rows without a weight in "{preprocessor.weight}" are left out.',) if without else ()
        if not len(rows["test"]):
            raise FeatureError(
                "No row has a weight.",
                where=f'column "{preprocessor.weight}"',
                remedy="Fill the column, or leave it out of the table: then all rows count alike.",
            )
    facts = preprocessor.facts({part: len(r) for part, r in rows.items()})
    made = Plan(Project().features, facts, preprocessor, rows, lost, notes)
    # A table may have been cleaned since it was read, so that its reader's fingerprint would not do.
    source = (isinstance(dataset, ImageData) and dataset.report.fingerprint) or content_of(dataset)
    key = hash_of(["external", source, preprocessor.to_json(), *files_of(preprocessor, dataset)], rows, labels)
    return stored(cache, key, lambda f: write_arrays(f, made, dataset, None, progress, cancelled, labels), progress)


def external_arrays(
    preprocessor: Preprocessor,
    dataset: Dataset | Table,
    progress: Report | None = None,
    cancelled: Stop | None = None,
) -> tuple[Part, tuple[BadItem, ...]]:
    """Other data in memory, every row, to predict; and the pictures that could not be decoded, whose rows are left out.

    y holds what is known of the answers (-1 or NaN where unknown; of several targets NaN), and is empty (0 rows) when
    all targets are absent.

    Raises:
        FeatureError: an input column is absent, or a cell does not fit. Cancelled.
    """
    if isinstance(dataset, SeriesData):
        cuts = later_cuts(preprocessor, dataset, answered=False)
        found = known_answers(preprocessor, dataset, cuts)
        every = np.arange(len(cuts))
        pieces = [x for _, x in windows(dataset, cuts, every, fitted_of(preprocessor))]
        known = np.zeros((0, 1), np.float32) if found is None else found
        return Part({preprocessor.inputs[0].name: np.concatenate(pieces)}, known, every), ()
    labels = labels_of(preprocessor, dataset)
    y = np.zeros((0, 1), np.float32) if labels is None else labels
    if not isinstance(dataset, ImageData):
        frame = dataset.frame
        arrays, without = preprocessor.readable(frame, folders_of(dataset))
        if not without:
            return Part(arrays, y, source_numbers(frame)), ()
        kept = all_but(len(frame), without)
        part = Part(
            {name: x[kept] for name, x in arrays.items()}, y[kept] if len(y) else y, source_numbers(frame)[kept]
        )
        return part, tuple(unreadable_rows(source_numbers(frame), without))
    skipped: list[BadItem] = []
    info = preprocessor.inputs[0]
    x = np.zeros((len(dataset), *info.shape), np.uint8)
    taken = np.zeros(len(dataset), np.int64)
    done = 0
    for numbers, pixels in pictures(dataset, np.arange(len(dataset)), preprocessor, skipped, cancelled):
        x[done : done + len(numbers)] = pixels
        taken[done : done + len(numbers)] = numbers
        done += len(numbers)
        tell(progress, done + len(skipped), len(dataset), "pictures")
    return Part({info.name: x[:done]}, y[taken[:done]], taken[:done]), tuple(skipped)


def _external_series(
    preprocessor: Preprocessor, data: SeriesData, cache: Path, progress: Report | None, cancelled: Stop | None
) -> Prepared:
    cuts = later_cuts(preprocessor, data, answered=True)
    labels = known_answers(preprocessor, data, cuts)
    assert preprocessor.target is not None
    name = preprocessor.target.name
    if labels is None:
        raise FeatureError(
            f'The series do not tell "{name}", so there is nothing to compare the answers with.',
            where="data",
            remedy="Use series whose answers are known, or predict instead of evaluating.",
        )
    known = _known(labels)
    if not len(known):
        raise FeatureError("No series has an answer that the model knows.", where="data")
    empty = np.zeros(0, np.int64)
    rows = {"train": empty, "validation": empty, "test": known}
    lost = len(labels) - len(known)
    notes = (f"{lost:,} windows without an answer the model knows are left out.",) if lost else ()
    series = SeriesPlan(Project().features, preprocessor, rows, labels, cuts, lost, notes)
    facts = preprocessor.facts({part: len(r) for part, r in rows.items()})
    made = Plan(series.features, facts, preprocessor, rows, lost, notes, series)
    # Not the reader's fingerprint: the same file, read with other options, has the same.
    key = hash_of(["external", content_of(data), preprocessor.to_json()], rows, labels)
    return stored(cache, key, lambda f: write_arrays(f, made, data, None, progress, cancelled), progress)


def _known(labels: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Positions of the rows whose every target is known."""
    return np.flatnonzero(labels >= 0 if labels.dtype == np.int32 else ~np.isnan(labels).any(axis=1))
