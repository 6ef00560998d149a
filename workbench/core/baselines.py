"""What a constant answer scores by the losses of a run, which the doctor holds its curves against."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Baseline:
    """The best constant answer. loss: its loss on the training rows in the model's units; NaN when not known.
    score: its value of the metric drawn (accuracy of the most common class); NaN when not known. answer: in words.
    held_out: its loss on the validation rows, of a regression. outputs: of several, that of each by its name; those
    above are of the sum then."""

    loss: float = math.nan
    score: float = math.nan
    answer: str = ""
    held_out: float = math.nan
    outputs: Mapping[str, Baseline] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Rows:
    """Of one part. y: int (n,) classes or float (n, 1) scaled. weights: (n,), what each counts in the loss; None: all
    alike."""

    y: np.ndarray
    weights: np.ndarray | None = None

    @property
    def counts(self) -> np.ndarray:
        return np.ones(len(self.y)) if self.weights is None else np.asarray(self.weights, np.float64)


def baseline_of_outputs(own: Mapping[str, tuple[Baseline, float]]) -> Baseline:
    """Of several outputs together: (what a constant answer scores, what its loss counts) by the output's name."""
    loss = sum(weight * base.loss for base, weight in own.values())
    held_out = sum(weight * base.held_out for base, weight in own.values())
    outputs = {name: base for name, (base, _) in own.items()}
    return Baseline(loss, answer="the same for every row", held_out=held_out, outputs=outputs)


def baseline_of(
    train: Rows, classes: Sequence[str], loss: str, held_out: Rows | None = None, class_weights: Sequence[float] = ()
) -> Baseline:
    """What the best constant answer scores, in the model's units; losses as Keras has them: weighed, over all rows.

    Args:
        classes: empty for regression. class_weights: what a training row of each counts besides.
        loss: the Keras loss name; only cross-entropies, squared and absolute errors have a known constant.
        held_out: the validation part, on which the most common class is scored; the training part when None.
    """
    y, counts = np.asarray(train.y).reshape(-1), train.counts
    if not len(y):
        return Baseline()
    other = held_out if held_out is not None and len(held_out.y) else None
    if classes:
        known = y >= 0
        numbers, counts = y[known].astype(np.int64), counts[known]
        common = int(np.bincount(numbers, minlength=len(classes)).argmax())
        judged = y if other is None else np.asarray(other.y).reshape(-1)
        if class_weights:
            counts = counts * np.asarray(class_weights, np.float64)[numbers]
        shares = np.bincount(numbers, weights=counts) / len(y)
        seen = shares[shares > 0]
        entropy = float(-(seen * np.log(seen / seen.sum())).sum()) if "crossentropy" in loss else math.nan
        return Baseline(entropy, float((judged == common).mean()), f"“{classes[common]}”")
    values = y.astype(np.float64)
    if not counts.any():
        return Baseline()
    if loss in ("mean_squared_error", "mse"):
        middle, power, answer = float(np.average(values, weights=counts)), 2, "the mean"
    elif loss in ("mean_absolute_error", "mae"):
        middle, power, answer = _median(values, counts), 1, "the median"
    else:
        return Baseline()

    def scored(rows: Rows) -> float:
        wrong = np.abs(np.asarray(rows.y, np.float64).reshape(-1) - middle) ** power
        return float((rows.counts * wrong).mean())

    return Baseline(scored(train), answer=answer, held_out=math.nan if other is None else scored(other))


def _median(values: np.ndarray, counts: np.ndarray) -> float:
    """The value that has half of the weight on either side."""
    order = np.argsort(values)
    below = np.cumsum(counts[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])
