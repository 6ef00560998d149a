"""Whether one column alone, by a short rule, gives the target away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import FeatureError

from .fitted import NUMBERS
from .values import Floats, Whole, codes, numbers

MOST = 20_000
BINS = 64
AUC, ACCURACY, EXPLAINED = 0.99, 0.98, 0.99
"""From here on one column is too good to be true of most data."""


def class_rule(cells: pd.Series[Any], encoder: str, truth: Whole) -> str:
    """A sentence with figures when this column alone, cut into stretches whose classes one half of the rows gives,
    tells the classes of the other half; "" when not.

    truth: class numbers, negative where missing.
    """
    made = _halves(cells, encoder, truth >= 0, truth)
    if made is None:
        return ""
    (x, known), (other, unknown) = made
    size, classes = int(max(x.max(), other.max())) + 1, int(truth.max()) + 1
    counts = np.bincount(unknown, minlength=classes)
    if np.sort(counts)[:-1].sum() < 10:
        return ""
    seen = np.zeros((size, classes))
    np.add.at(seen, (x, known), 1.0)
    shares = (seen + 1e-3) / (seen + 1e-3).sum(axis=1, keepdims=True)
    usual = counts.max() / len(unknown)
    right = float((shares[other].argmax(axis=1) == unknown).mean())
    there = np.flatnonzero(counts)
    if len(there) == 2:
        area = _area(shares[other, there[1]], unknown == there[1])
        if area >= AUC and right > usual:
            return f'"{cells.name}" alone tells the classes apart (AUC {area:.3f}, {100 * right:.1f} % right).'
        return ""
    if right >= ACCURACY and usual <= 0.9:
        return f'"{cells.name}" alone is {100 * right:.1f} % right; always the commonest class is {100 * usual:.1f} %.'
    return ""


def number_rule(cells: pd.Series[Any], encoder: str, truth: Floats) -> str:
    """As `class_rule`, for a target of numbers (NaN where missing), by the share of its variance."""
    made = _halves(cells, encoder, ~np.isnan(truth), truth)
    if made is None:
        return ""
    (x, known), (other, unknown) = made
    spread = float(((unknown - unknown.mean()) ** 2).sum())
    if spread <= 0 or len(np.unique(unknown)) < 5:
        return ""
    size = int(max(x.max(), other.max())) + 1
    counts = np.bincount(x, minlength=size)
    means = np.where(counts > 0, np.bincount(x, known, size) / np.maximum(counts, 1), known.mean())
    explained = 1.0 - float(((means[other] - unknown) ** 2).sum()) / spread
    if explained < EXPLAINED:
        return ""
    return f'"{cells.name}" alone explains {100 * explained:.1f} % of the target\'s variance.'


def _area(score: Floats, positive: np.ndarray[Any, Any]) -> float:
    """Area under the ROC curve, by ranks; equal scores share theirs."""
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ones = int(positive.sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * (len(score) - ones)))


def _halves(cells: pd.Series[Any], encoder: str, usable: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> Any:
    """((stretch, y) to learn from, (stretch, y) to try it on), stretches as whole numbers from 0; None when the column
    cannot be asked about."""
    if encoder in NUMBERS:
        try:
            values = numbers(cells)
        except FeatureError:
            return None
        known = usable & ~np.isnan(values)
    elif encoder in ("onehot", "ordinal", "frequency", "hash"):
        places, names = codes(cells)
        if len(names) * 4 > len(places):
            return None  # hardly a value comes back: it would be a name for its row
        values, known = places.astype(np.float64), usable & (places >= 0)
    else:
        return None
    rows = np.flatnonzero(known)
    if len(rows) < 100:
        return None
    rows = np.random.default_rng(0).permutation(rows)[:MOST]
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    if encoder in NUMBERS:
        borders = np.unique(np.quantile(values[first], np.linspace(0, 1, BINS + 1)[1:-1]))
        found = np.searchsorted(borders, values, "right")
    else:
        found = values.astype(np.int64)
    return (found[first], truth[first]), (found[second], truth[second])
