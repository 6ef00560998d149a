"""The arrays a model is trained or scored on, made from a plan and kept under a hash of all that they depend on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import Cancelled, DataError
from workbench.core.facts import DataFacts
from workbench.core.project import Project
from workbench.core.reconstruction import rebuilds

from .arrays import NpyWriter, pictures
from .dataset import BadItem, Dataset, ImageData, SeriesData, folders_of
from .picture_recipe import CleanedPictures, renamed_classes, used_pictures
from .planning import Plan, Table, make_plan
from .prepared_key import key_of
from .preprocess import Preprocessor
from .row_weights import stored_weights
from .sequence_answers import fitted_of
from .sequence_plan import SeriesPlan
from .sequence_windows import windows
from .split import PARTS
from .step_picture import numbers as picture_numbers
from .store import Part, Prepared, Report, open_prepared, stored, write_meta

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Part",
    "Prepared",
    "absent_targets",
    "open_prepared",
    "plan",
    "prepare",
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
    return stored(cache, key, lambda f: write_arrays(f, made, dataset, cleaned, progress, cancelled), progress)


# ---- writing -------------------------------------------------------------------------------------------------


def write_arrays(
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
        labels = labels_of(made.preprocessor, dataset)
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
                tell(progress, done + out[first].count, total, _THINGS.get(made.facts.kind, "rows"))
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
        own: np.ndarray[Any, Any] = source_numbers(frame)
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
            skipped.extend(unreadable_rows(source_numbers(frame)[some], without))
            kept = all_but(len(some), without)
            some, arrays = some[kept], {name: x[kept] for name, x in arrays.items()}
        yield some, arrays


def rows_at_once(preprocessor: Preprocessor, size: int) -> int:
    """How many rows have about `size` bytes as the model takes them."""
    bytes_ = sum(math.prod(i.shape) * np.dtype(i.dtype).itemsize for i in preprocessor.inputs)
    return max(1, min(_CHUNK, size // max(1, bytes_)))


def all_but(count: int, without: Sequence[tuple[int, str]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.delete(np.arange(count), [place for place, _ in without])


def unreadable_rows(numbers: np.ndarray[Any, Any], without: Sequence[tuple[int, str]]) -> Iterator[BadItem]:
    for place, why in without:
        yield BadItem(f"row {int(numbers[place]) + 1}", why)


def labels_of(preprocessor: Preprocessor, dataset: Dataset | Table) -> np.ndarray[Any, Any] | None:
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


def source_numbers(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Source row numbers: the index, or the positions when it holds none."""
    index = frame.index.to_numpy()
    return index.astype(np.int64) if index.dtype.kind in "iu" else np.arange(len(frame), dtype=np.int64)


def tell(progress: Report | None, done: int, total: int, what: str) -> None:
    if progress is not None:
        progress(done / max(total, 1), f"Preparing {what}: {done:,} of {total:,}")
