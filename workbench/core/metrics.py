"""Scores of answers against the truth, and what answering without a model would score. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .facts import TargetFacts

Array = np.ndarray[Any, Any]


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
    """What answering without a model scores. metric: "accuracy", or "mae" in the person's units; rmse as well then."""

    text: str
    metric: str
    value: float
    rmse: float = float("nan")


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

    A number comes back in the person's units (y * scale + offset).
    """
    y_train, y = np.asarray(y_train), np.asarray(y)
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
