"""The arrays a model is trained or scored on, made from a plan and kept under a hash of all that they depend on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import Cancelled, DataError, FeatureError
from workbench.core.facts import DataFacts
from workbench.core.project import Project
from workbench.core.reconstruction import rebuilds

from .arrays import NpyWriter, pictures
from .dataset import BadItem, Dataset, ImageData, SeriesData, folders_of
from .picture_recipe import CleanedPictures, renamed_classes, used_pictures
from .planning import Plan, Table, make_plan, respelled_notes
from .prepared_key import content_of, files_of, hash_of, key_of
from .preprocess import Preprocessor
from .row_weights import stored_weights, weighed_rows
from .sequence_answers import fitted_of, known_answers, later_cuts
from .sequence_plan import SeriesPlan
from .sequence_windows import windows
from .split import PARTS
from .step_picture import numbers as picture_numbers
from .store import Part, Prepared, Report, open_prepared, stored, write_meta
from .values import class_numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Part",
    "Prepared",
    "absent_targets",
    "external_arrays",
    "open_prepared",
    "plan",
    "prepare",
    "prepare_external",
]

Stop = Callable[[], bool]

_THINGS = {"images": "pictures", "sequences": "windows"}
_CHUNK = 65_536
_NEEDED = " The pictures themselves are needed beside the table: put them back, or find the data again."
_BLOCK = 16 << 20  # bytes of encoded rows that are in memory at once


def plan(project: Project, dataset: Dataset, cleaned: Table | CleanedPictures | None) -> tuple[DataFacts, Preprocessor]:
    """Shapes, counts and fitted state, without the arrays. Raises FeatureError."""
    made = make_plan(project, dataset, cleaned)
    return made.facts, made.preprocessor


def prepare(
    project: Project,
    dataset: Dataset,
    cleaned: Table | CleanedPictures | None,
    cache: Path,
    progress: Report | None = None,
    cancelled: Stop | None = None,
) -> Prepared:
    """The arrays of a project, from `cache` when they are there already.

    Args:
        cleaned: the recipe's result; None for a table or pictures as they were read.
        progress: told the share done (0..1) and a line for people. cancelled: asked often; True gives up.

    Raises:
        FeatureError: the features do not fit the data. DataError: the arrays cannot be written. Cancelled.
    """
    made = make_plan(project, dataset, cleaned)
    if isinstance(dataset, ImageData):
        dataset = used_pictures(dataset, cleaned)
    if isinstance(cleaned, CleanedPictures):
        cleaned = None
    key = key_of(project, dataset, cleaned, made)
    return stored(cache, key, lambda f: _write(f, made, dataset, cleaned, progress, cancelled), progress)


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
    labels = _labels(preprocessor, dataset)
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
    return stored(cache, key, lambda f: _write(f, made, dataset, None, progress, cancelled, labels), progress)


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
    labels = _labels(preprocessor, dataset)
    y = np.zeros((0, 1), np.float32) if labels is None else labels
    if not isinstance(dataset, ImageData):
        frame = dataset.frame
        arrays, without = preprocessor.readable(frame, folders_of(dataset))
        if not without:
            return Part(arrays, y, _numbers(frame)), ()
        kept = _others(len(frame), without)
        part = Part({name: x[kept] for name, x in arrays.items()}, y[kept] if len(y) else y, _numbers(frame)[kept])
        return part, tuple(_row_items(_numbers(frame), without))
    skipped: list[BadItem] = []
    info = preprocessor.inputs[0]
    x = np.zeros((len(dataset), *info.shape), np.uint8)
    taken = np.zeros(len(dataset), np.int64)
    done = 0
    for numbers, pixels in pictures(dataset, np.arange(len(dataset)), preprocessor, skipped, cancelled):
        x[done : done + len(numbers)] = pixels
        taken[done : done + len(numbers)] = numbers
        done += len(numbers)
        _tell(progress, done + len(skipped), len(dataset), "pictures")
    return Part({info.name: x[:done]}, y[taken[:done]], taken[:done]), tuple(skipped)


# ---- writing -------------------------------------------------------------------------------------------------


def _write(
    folder: Path,
    made: Plan,
    dataset: Dataset | Table,
    cleaned: Table | None,
    progress: Report | None,
    cancelled: Stop | None,
    labels: np.ndarray[Any, Any] | None = None,
) -> Prepared:
    first = made.facts.inputs[0].name  # the only one of pictures and series
    frame = None
    if made.series is not None:
        labels = made.series.labels
    elif not isinstance(dataset, (ImageData, SeriesData)):
        dataset = cleaned or dataset
        frame = dataset.frame
    if labels is None:
        labels = _labels(made.preprocessor, dataset)
    assert labels is not None  # a plan has a target
    weights = _weights(made.preprocessor, frame)
    skipped: list[BadItem] = []
    total = sum(len(r) for r in made.rows.values())
    counts: dict[str, int] = {}
    done = 0
    for part in PARTS:
        rows = made.rows[part]
        taken = [np.zeros(0, np.int64)]
        with ExitStack() as files:
            out = {
                info.name: files.enter_context(NpyWriter(folder / f"{part}.{info.name}.npy", info.shape, info.dtype))
                for info in made.facts.inputs
            }
            if isinstance(dataset, ImageData):
                pieces: Iterator[Any] = pictures(dataset, rows, made.preprocessor, skipped, cancelled)
            elif isinstance(dataset, SeriesData):
                assert made.series is not None
                pieces = _series_pieces(dataset, made.series, rows, cancelled)
            else:
                assert frame is not None
                assert not isinstance(dataset, SeriesData)
                pieces = _table_pieces(dataset, rows, made.preprocessor, skipped, cancelled)
            for some, x in pieces:
                for name, array in (x if isinstance(x, dict) else {first: x}).items():
                    out[name].append(array)
                taken.append(some)
                _tell(progress, done + out[first].count, total, _THINGS.get(made.facts.kind, "rows"))
            done += len(rows)
        positions = np.concatenate(taken)
        counts[part] = len(positions)
        np.save(folder / f"{part}.y.npy", labels[positions])
        np.save(folder / f"{part}.rows.npy", _source_rows(dataset, frame, positions))
        if weights is not None:
            np.save(folder / f"{part}.weights.npy", weights[positions])
    for part, rows in made.rows.items():
        if len(rows) and not counts[part]:
            raise DataError(
                f"None of the {len(rows):,} pictures of the {part} part can be decoded.",
                where=skipped[0].where,
                remedy=f"{skipped[0].what}{_NEEDED if made.preprocessor.pictures else ''}",
            )
    facts = replace(made.facts, rows=counts)
    notes = made.notes
    if skipped:
        what = (
            "rows have a picture that cannot be read" if made.preprocessor.pictures else "pictures could not be decoded"
        )
        notes = (*notes, f"{len(skipped):,} {what} and are left out.")
    prepared = Prepared(folder, facts, made.preprocessor, made.excluded, tuple(skipped), notes)
    write_meta(prepared)
    return prepared


def _source_rows(
    dataset: Dataset | Table, frame: pd.DataFrame | None, positions: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """What rows are called in the source: those that cleaning took away have numbers too."""
    if frame is not None:
        own: np.ndarray[Any, Any] = _numbers(frame)
    elif isinstance(dataset, ImageData):
        own = picture_numbers(dataset)
    else:
        return positions
    found: np.ndarray[Any, Any] = own[positions]
    return found


def _weights(preprocessor: Preprocessor, frame: pd.DataFrame | None) -> np.ndarray[Any, Any] | None:
    name = preprocessor.weight
    if not name or frame is None:
        return None
    return stored_weights(frame[name] if name in frame.columns else None, len(frame))


def _series_pieces(
    data: SeriesData, made: SeriesPlan, rows: np.ndarray[Any, Any], cancelled: Stop | None
) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    for piece in windows(data, made.cuts, rows, fitted_of(made.preprocessor)):
        if cancelled is not None and cancelled():
            raise Cancelled
        yield piece


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
    return stored(cache, key, lambda f: _write(f, made, data, None, progress, cancelled), progress)


def _table_pieces(
    table: Table,
    rows: np.ndarray[Any, Any],
    preprocessor: Preprocessor,
    skipped: list[BadItem],
    cancelled: Stop | None,
) -> Iterator[tuple[np.ndarray[Any, Any], dict[str, np.ndarray[Any, Any]]]]:
    """Rows without a readable picture are left out and added to `skipped`."""
    frame, step = table.frame, rows_at_once(preprocessor, _BLOCK)
    for start in range(0, len(rows), step):
        if cancelled is not None and cancelled():
            raise Cancelled
        some = rows[start : start + step]
        arrays, without = preprocessor.readable(frame.iloc[some], folders_of(table, some))
        if without:
            skipped.extend(_row_items(_numbers(frame)[some], without))
            kept = _others(len(some), without)
            some, arrays = some[kept], {name: x[kept] for name, x in arrays.items()}
        yield some, arrays


def rows_at_once(preprocessor: Preprocessor, size: int) -> int:
    """How many rows have about `size` bytes as the model takes them."""
    bytes_ = sum(math.prod(i.shape) * np.dtype(i.dtype).itemsize for i in preprocessor.inputs)
    return max(1, min(_CHUNK, size // max(1, bytes_)))


def _others(count: int, without: Sequence[tuple[int, str]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.delete(np.arange(count), [place for place, _ in without])


def _row_items(numbers: np.ndarray[Any, Any], without: Sequence[tuple[int, str]]) -> Iterator[BadItem]:
    for place, why in without:
        yield BadItem(f"row {int(numbers[place]) + 1}", why)


def _labels(preprocessor: Preprocessor, dataset: Dataset | Table) -> np.ndarray[Any, Any] | None:
    """y of every row as stored, -1 or NaN where unknown; None when a table lacks all targets. (n, 0) where the input
    itself is rebuilt."""
    assert not isinstance(dataset, SeriesData)  # a plan of series has their labels
    if rebuilds(preprocessor.target):  # the input is the answer, and is not stored twice
        count = len(dataset) if isinstance(dataset, ImageData) else len(dataset.frame)
        return np.zeros((count, 0), np.float32)
    if isinstance(dataset, ImageData):
        place = {name: i for i, name in enumerate(preprocessor.classes)}
        names = dataset.classes if dataset.origin is not None else renamed_classes(preprocessor.recipe, dataset.classes)
        table = np.asarray([*(place.get(name, -1) for name in names), -1], np.int32)
        numbered: np.ndarray[Any, Any] = table[np.maximum(np.asarray(dataset.labels), -1)]
        return numbered
    if len(absent_targets(preprocessor, dataset)) == len(preprocessor.targets):
        return None
    return preprocessor.encode_targets(dataset.frame)


def absent_targets(preprocessor: Preprocessor, dataset: Dataset | Table) -> tuple[str, ...]:
    """The targets that a table has no column for."""
    if isinstance(dataset, (ImageData, SeriesData)) or rebuilds(preprocessor.target):
        return ()
    return tuple(t.name for t in preprocessor.targets if t.name not in dataset.frame.columns)


def _known(labels: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Positions of the rows whose every target is known."""
    return np.flatnonzero(labels >= 0 if labels.dtype == np.int32 else ~np.isnan(labels).any(axis=1))


def _numbers(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Source row numbers: the index, or the positions when it holds none."""
    index = frame.index.to_numpy()
    return index.astype(np.int64) if index.dtype.kind in "iu" else np.arange(len(frame), dtype=np.int64)


def _tell(progress: Report | None, done: int, total: int, what: str) -> None:
    if progress is not None:
        progress(done / max(total, 1), f"Preparing {what}: {done:,} of {total:,}")
