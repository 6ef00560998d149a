"""Answers for a whole file or folder: read, answered in pieces, kept as a table, written as CSV. No Qt here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.data.answer import Answer
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.targets import each_target, own_answers, unlike
from workbench.core.errors import DataError
from workbench.core.project import Project
from workbench.core.reconstruction import rebuilds
from workbench.core.storage import atomic_write
from workbench.ui.test.rebuilt import Told, judge_errors, worst_first
from workbench.ui.test.scores import Results, judge

PIECE = 4096
MOST_NUMBERS = 1 << 23
"""Of a piece: an autoencoder answers as many."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows, pictures or windows of series to be answered.

    x: {input: (n, *shape)}. names: what each row is called ("row 17", a file's name). columns, cells: the source's own
    columns to show beside the answers (empty for pictures); cells is a list a column. truth: y as prepared, None when
    the target is not there. left_out: why some are missing, one sentence each.
    """

    path: Path
    x: dict[str, np.ndarray]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Sequence[Any], ...]
    truth: np.ndarray | None
    left_out: tuple[str, ...] = ()
    series: Any = None  # (SeriesData, Cuts) of windows
    horizon: int = 0  # steps after a window that are foretold

    def __len__(self) -> int:
        return len(self.names)

    @property
    def step(self) -> int:
        """Rows of a piece: PIECE, or fewer where a row is large."""
        numbers = sum(int(np.prod(array.shape[1:])) for array in self.x.values())
        return max(1, min(PIECE, MOST_NUMBERS // max(1, numbers)))

    def piece(self, start: int) -> dict[str, np.ndarray]:
        """`step` rows from `start`."""
        return {name: np.ascontiguousarray(array[start : start + self.step]) for name, array in self.x.items()}


ANSWER, PROBABILITY, TRUTH, VOTE, OWN = "answer", "probability", "truth", "vote", "own"


@dataclass(frozen=True, eq=False)
class Answered:
    """The answers for one target. results: the scores when the truth is there."""

    answer: Answer
    results: Results | None
    truth: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Predictions:
    """The answered batch. every: the answers, one for each target. votes: of the windows of each series, see
    core.data.sequence_answers."""

    batch: Batch
    every: tuple[Answered, ...]
    votes: tuple[Any, ...] = ()

    @property
    def answer(self) -> Answer:
        """Of the first target."""
        return self.every[0].answer

    @property
    def results(self) -> Results | None:
        return self.every[0].results

    @property
    def truth(self) -> tuple[Any, ...]:
        return self.every[0].truth

    def told(self) -> tuple[tuple[str, int], ...]:
        """What each column holds, and the place of the target it is about; -1 for none."""
        found: list[tuple[str, int]] = []
        for place, one in enumerate(self.every):
            kinds = [ANSWER]
            kinds += [PROBABILITY] if one.answer.probabilities is not None else []
            kinds += [TRUTH] if one.truth else []
            found += [(kind, place) for kind in kinds]
        if self.votes and self.answer.probabilities is not None:
            found.append((VOTE, -1))
        return (*found, *((OWN, -1) for _ in self.batch.columns))

    def header(self) -> tuple[str, ...]:
        several = len(self.every) > 1
        names = []
        for kind, place in self.told():
            if kind in (VOTE, OWN):
                break
            target = self.every[place].answer.target
            probability = f"{target}: probability" if several else "probability"
            names.append({ANSWER: target, PROBABILITY: probability, TRUTH: f"true {target}"}[kind])
        if self.votes and self.answer.probabilities is not None:
            names.append("vote of its series")
        names = unlike(names, ()) if several else names
        return (*names, *(f"{c} (in the file)" if c in names else c for c in self.batch.columns))

    @cached_property
    def _series(self) -> np.ndarray:
        """Place of the vote of each window."""
        return np.unique(self.batch.series[1].series, return_inverse=True)[1]

    def row(self, i: int) -> list[Any]:
        """The cells of row i, in the order of the header."""
        found: list[Any] = []
        for one in self.every:
            if one.answer.probabilities is not None:
                found += [one.answer.labels[i], float(one.answer.probabilities[i].max())]
            else:
                assert one.answer.values is not None
                found.append(float(one.answer.values[i]))
            found += [one.truth[i]] if one.truth else []
        if self.votes and self.answer.probabilities is not None:
            found.append(self.votes[int(self._series[i])].answer)
        return found + [column[i] for column in self.batch.cells]


def read_batch(
    path: Path,
    project: Project,
    preprocessor: Preprocessor,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Batch:
    """Read a file or folder and turn it into what the model takes: cleaned by the run's own recipe.

    Raises:
        WorkbenchError: it is no data, is of the other kind, or lacks a column of the model.
    """
    from workbench.core.data.dataset import ImageData
    from workbench.core.data.external import external_arrays
    from workbench.core.data.replay import replay

    if preprocessor.sequence is not None:
        return _windows(path, project, preprocessor, progress, cancelled)
    dataset = _load(path, project, preprocessor, progress, cancelled)
    bad = tuple(f"{item.where}: {item.what}" for item in dataset.report.bad[:20])
    if isinstance(dataset, ImageData):
        part, skipped = external_arrays(preprocessor, dataset, progress, cancelled)
        bad += tuple(f"{item.where}: {item.what}" for item in skipped[:20])
        names = tuple(dataset.name(int(i)) for i in part.rows)
        known = len(part.y) > 0 and bool((np.asarray(part.y) >= 0).all()) and len(dataset.classes) > 1
        return Batch(path, dict(part.x), names, (), (), np.asarray(part.y) if known else None, bad)
    cleaned = replay(preprocessor, dataset, every_row=True)
    bad += cleaned.notes
    part, skipped = external_arrays(preprocessor, cleaned, progress, cancelled)
    bad += tuple(f"{item.where}: {item.what}" for item in skipped[:20])
    rows = [int(i) for i in part.rows]
    truth = np.asarray(part.y)
    whole = len(truth) == len(rows) and len(rows) > 0
    known = whole and not (truth < 0).any() if truth.dtype.kind == "i" else whole and not np.isnan(truth).any()
    known = known and not rebuilds(preprocessor.target)  # the row is its own truth
    source = dataset.frame.loc[rows]
    told = [t.name for t in preprocessor.targets] if known else []
    if preprocessor.more:
        complete = ~np.isnan(truth).any(axis=0) if whole else np.zeros(len(preprocessor.targets), bool)
        told = [t.name for t, there in zip(preprocessor.targets, complete, strict=True) if there]
        known = bool(told)
    source = source.drop(columns=told, errors="ignore")  # shown once, beside the answer
    cells = tuple(source[c].astype(object).where(source[c].notna(), "").to_list() for c in source.columns)
    names = tuple(f"row {i + 1:,}" for i in rows)
    return Batch(path, dict(part.x), names, tuple(map(str, source.columns)), cells, truth if known else None, bad)


def _windows(path: Path, project: Project, preprocessor: Preprocessor, progress: Any, cancelled: Any) -> Batch:
    """The windows of a file, a folder or a long table of series."""
    from workbench.core.data.external import external_arrays
    from workbench.core.data.sequence_answers import fitted_of, later_cuts, load_later, spec_for

    data = load_later(preprocessor, path, spec_for(project.data))
    cuts = later_cuts(preprocessor, data, answered=False)
    part, _ = external_arrays(preprocessor, data, progress, cancelled)
    truth = np.asarray(part.y)
    some = truth >= 0 if truth.dtype.kind == "i" else ~np.isnan(truth)
    known = len(truth) == len(cuts) and bool(some.all() if truth.dtype.kind == "i" else some.any())
    horizon = fitted_of(preprocessor).feature.horizon
    first = np.maximum(cuts.starts, 0).tolist()
    last = (cuts.starts + fitted_of(preprocessor).feature.length - 1).tolist()
    cells = ([data.name(int(i)) for i in cuts.series], first, last)
    bad = tuple(f"{item.where}: {item.what}" for item in data.report.bad[:20])
    names = tuple(f"window {i + 1:,}" for i in range(len(cuts)))
    columns = ("series", "first step", "last step")
    return Batch(path, dict(part.x), names, columns, cells, truth if known else None, bad, (data, cuts), horizon)


def _load(path: Path, project: Project, preprocessor: Preprocessor, progress: Any, cancelled: Any) -> Any:
    """The data as the headless `predict` reads it: pictures without regard to folders, unless those are its classes."""
    from workbench.core.data.dataset import ImageData
    from workbench.core.data.image_source import load_unsorted
    from workbench.core.data.pictures import EXTENSIONS
    from workbench.core.data.sources import guess_source, load

    pictures = preprocessor.kind == "images"
    if pictures and path.is_file() and path.suffix.lower() in EXTENSIONS:
        return load_unsorted(path, progress)
    if pictures and path.is_dir():
        folders = {child.name for child in path.iterdir() if child.is_dir()}
        arrays = any(child.is_file() and "idx" in child.name for child in path.iterdir())
        if not arrays and not folders & set(preprocessor.classes):
            return load_unsorted(path, progress)
    spec = guess_source(path)
    if project.data is not None and spec.source == "csv" and project.data.source in ("csv", "pasted"):
        spec = replace(spec, csv=project.data.csv)  # what the person set for the training data holds here as well
    dataset = load(spec, progress, cancelled)
    if pictures != isinstance(dataset, ImageData):
        takes, came = ("pictures", "a table") if pictures else ("rows of a table", "pictures")
        raise DataError(f"This model takes {takes}, and this is {came}.", where=str(path), remedy="Choose other data.")
    return dataset


def predictions(preprocessor: Preprocessor, batch: Batch, y: np.ndarray, train: np.ndarray | None) -> Predictions:
    """Put the model's answers (n, units) beside their rows; scores where the truth is known.

    train: y of the training part for the baseline; None when it is gone (the batch itself is taken).
    """
    if preprocessor.more:
        return Predictions(batch, _each(preprocessor, batch, y, train))
    answer = preprocessor.decode(y)
    said: tuple[Any, ...] = ()
    if batch.series is not None:
        from workbench.core.data.sequence_answers import votes

        said = votes(*batch.series, answer, batch.horizon)
    if batch.truth is None:
        return Predictions(batch, (Answered(answer, None),), said)
    known = np.arange(len(batch))
    if batch.truth.dtype.kind == "f":  # of a forecast, what comes after the end is not known yet
        known = np.flatnonzero(~np.isnan(batch.truth[:, 0]))
    told = batch.truth[known]
    results = judge(preprocessor, y[known], told, known, told if train is None else train)
    target = preprocessor.target
    assert target is not None
    if target.task == "classification":
        truth: tuple[Any, ...] = tuple(target.classes[int(i)] for i in results.truth)
    else:
        values = dict(zip(known.tolist(), results.truth.tolist(), strict=True))
        truth = tuple(values.get(i, "") for i in range(len(batch)))
    return Predictions(batch, (Answered(answer, results, truth),), said)


def rebuilt_predictions(
    preprocessor: Preprocessor, batch: Batch, told: Sequence[Told], plain: np.ndarray | None
) -> Predictions:
    """The error of every row, and of a table the column furthest off, the worst rebuilt first.

    plain: errors of the mean of the training rows; None when those are gone: no scores then.
    """
    errors = np.concatenate([one.errors for one in told])
    furthest = [text for one in told for text in one.furthest]
    results = judge_errors(preprocessor, errors, np.arange(len(batch)), plain) if plain is not None else None
    order = worst_first(errors)
    batch = replace(
        batch,
        names=tuple(batch.names[int(i)] for i in order),
        columns=(*(("furthest off",) if furthest else ()), *batch.columns),
        cells=tuple([column[int(i)] for i in order] for column in (*((furthest,) if furthest else ()), *batch.cells)),
        x={name: array[:0] for name, array in batch.x.items()},  # in another order now, and of no use any more
    )
    return Predictions(batch, (Answered(Answer("error", values=errors[order]), results),))


def _each(preprocessor: Preprocessor, batch: Batch, y: np.ndarray, train: np.ndarray | None) -> tuple[Answered, ...]:
    """The answers of each target; scores of those whose every truth is in the batch."""
    made = []
    rows = np.arange(len(batch))
    truth = np.full((len(batch), len(preprocessor.targets)), np.nan) if batch.truth is None else batch.truth
    learnt = preprocessor.truths(train) if train is not None else None
    answers = zip(each_target(preprocessor), own_answers(preprocessor, y), strict=True)
    for place, (one, own) in enumerate(answers):
        column = truth[:, place]
        if np.isnan(column).any() or not len(column):
            made.append(Answered(one.decode(own), None))
            continue
        told = column.astype(np.int32) if one.classes else column[:, None]
        results = judge(one, own, told, rows, told if learnt is None else np.asarray(learnt[place]))
        words = tuple(one.classes[int(i)] for i in results.truth) if one.classes else tuple(results.truth.tolist())
        made.append(Answered(results.answer, results, words))
    return tuple(made)


def escaped(cell: Any) -> str:
    """A cell as text a spreadsheet does not run: what begins like a formula gets an apostrophe, numbers do not."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, np.integer, np.floating)):
        text = str(cell)
        return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text
    return repr(float(cell)) if isinstance(cell, (float, np.floating)) else str(int(cell))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_csv(found: Predictions, path: Path) -> None:
    """UTF-8 with a header; every cell escaped. Atomic. Raises ProjectError when the place cannot be written."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    first = "window" if found.votes else "row" if found.batch.columns else "picture"
    writer.writerow([escaped(name) for name in (first, *found.header())])
    for i in range(len(found.batch)):
        writer.writerow([escaped(cell) for cell in (found.batch.names[i], *found.row(i))])
    atomic_write(path, out.getvalue().encode("utf-8"))
