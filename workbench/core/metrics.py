"""Scores of answers against the truth, and what answering without a model would score. numpy only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .facts import InputFacts, TargetFacts

Array = np.ndarray[Any, Any]

_PIECE = 1 << 21  # numbers that are compared at once


@dataclass(frozen=True)
class ClassScores:
    """Of one class. precision: of those called so, how many are. recall: of those that are, how many were called so.
    f1: their harmonic mean. support: rows that are of the class. A ratio with nothing below the line is 0."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class RegressionErrors:
    """mae, rmse: in the units of what was compared. r2: 1 is perfect, 0 as good as the mean; NaN for constant truth."""

    mae: float
    rmse: float
    r2: float
    count: int


@dataclass(frozen=True)
class Baseline:
    """What answering without a model scores. metric: "accuracy", or "mae" in the person's units; rmse as well then.
    Of an input that is rebuilt "mean_squared_error", and mae the mean absolute error, both in scaled numbers."""

    text: str
    metric: str
    value: float
    rmse: float = float("nan")
    mae: float = float("nan")


def confusion(truth: Array, answers: Array, classes: int) -> Array:
    """int64 (classes, classes): rows are the true class, columns the answered one.

    Args:
        truth, answers: int (n,) class numbers. Rows where either is negative (unknown) are left out.
    """
    truth, answers = np.asarray(truth).ravel(), np.asarray(answers).ravel()
    known = (truth >= 0) & (answers >= 0)
    cells = truth[known].astype(np.int64) * classes + answers[known].astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: Array) -> float:
    """Share of right answers of a confusion matrix; NaN when it is empty."""
    total = int(matrix.sum())
    return float(np.trace(matrix)) / total if total else float("nan")


def per_class(matrix: Array, names: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall, F1 and support of each class of a confusion matrix."""
    hits = np.diag(matrix).astype(np.float64)
    called = matrix.sum(axis=0)
    are = matrix.sum(axis=1)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    recall = np.divide(hits, are, out=np.zeros_like(hits), where=are > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(hits), where=both > 0)
    return tuple(
        ClassScores(name, float(precision[i]), float(recall[i]), float(f1[i]), int(are[i]))
        for i, name in enumerate(names)
    )


def predicted_classes(y: Array) -> Array:
    """Class numbers int64 (n,) of a model's answers (n, units): one unit is the probability of the second class.

    Rows with a value that is not finite are -1.
    """
    y = np.asarray(y)
    y = y[:, None] if y.ndim == 1 else y.reshape(len(y), -1)
    known = np.isfinite(y).all(axis=1)
    safe = np.where(known[:, None], y, 0.0)
    index = (safe[:, 0] > 0.5).astype(np.int64) if y.shape[1] == 1 else safe.argmax(axis=1).astype(np.int64)
    return np.where(known, index, -1)


def regression_errors(truth: Array, answers: Array) -> RegressionErrors:
    """Errors over the rows where both are finite, in their common units; NaN when there are none."""
    truth, answers = np.asarray(truth, np.float64).ravel(), np.asarray(answers, np.float64).ravel()
    finite = np.isfinite(truth) & np.isfinite(answers)
    truth, answers = truth[finite], answers[finite]
    count = len(truth)
    if not count:
        return RegressionErrors(float("nan"), float("nan"), float("nan"), 0)
    wrong = answers - truth
    squares = float(np.mean(wrong**2))
    variance = float(np.mean((truth - truth.mean()) ** 2))
    r2 = 1.0 - squares / variance if variance > 0 else float("nan")
    return RegressionErrors(float(np.mean(np.abs(wrong))), float(np.sqrt(squares)), r2, count)


def baseline(target: TargetFacts, y_train: Array, y: Array) -> Baseline:
    """The score on `y` of always giving the training rows' commonest class, or their mean.

    Args:
        y_train, y: as prepared: int (n,) class numbers, or float (n, 1) scaled.

    A number comes back in the person's units (y * scale + offset). Where the input is rebuilt, both are the input,
    scaled, float (n, ...); of prepared arrays see `rebuilding_baseline`.
    """
    y_train, y = np.asarray(y_train), np.asarray(y)
    if target.task == "reconstruction":
        return _always_the_mean_row(y_train, y, 1.0, 0.0)
    if target.task == "classification":
        known = y_train[y_train >= 0].astype(np.int64)
        if not len(known):
            return Baseline("There are no training rows to compare with.", "accuracy", float("nan"))
        common = int(np.bincount(known, minlength=len(target.classes)).argmax())
        value = float(np.mean(y == common)) if len(y) else float("nan")
        return Baseline(f'Always "{target.classes[common]}"', "accuracy", value)
    if not len(y_train):
        return Baseline("There are no training rows to compare with.", "mae", float("nan"))
    truth = y.astype(np.float64).ravel() * target.scale + target.offset
    mean = float(np.mean(y_train.astype(np.float64))) * target.scale + target.offset
    errors = regression_errors(truth, np.full(len(truth), mean))
    said = f"{mean:,.0f}" if 1000 <= abs(mean) < 1e9 else f"{mean:.4g}"
    return Baseline(f"Always the mean, {said}", "mae", errors.mae, errors.rmse)


def rebuilding_baseline(info: InputFacts, x_train: Array, x: Array) -> Baseline:
    """The errors on `x` of rebuilding every row as the mean of the training rows, in the numbers the model sees.

    Args:
        x_train, x: (n, *shape) as prepared, unscaled; they may be memory-mapped and are read in pieces.
    """
    return _always_the_mean_row(x_train, x, info.scale, info.offset)


def _always_the_mean_row(x_train: Array, x: Array, scale: float, offset: float) -> Baseline:
    text, width = "Always the mean row", int(np.prod(x.shape[1:], dtype=np.int64))
    if not len(x_train) or not len(x) or not width:
        return Baseline("There are no rows to compare with.", "mean_squared_error", float("nan"))
    step = max(1, _PIECE // width)

    def pieces(array: Array) -> Iterator[Array]:
        for at in range(0, len(array), step):
            yield np.asarray(array[at : at + step], np.float64) * scale + offset

    mean = sum(piece.sum(axis=0) for piece in pieces(x_train)) / len(x_train)
    squares = absolute = 0.0
    for piece in pieces(x):
        squares += float(np.square(piece - mean).sum())
        absolute += float(np.abs(piece - mean).sum())
    count = len(x) * width
    return Baseline(text, "mean_squared_error", squares / count, mae=absolute / count)
