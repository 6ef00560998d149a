"""Whether one column alone, by a short rule, gives the target away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import FeatureError

from .fitted import NUMBERS
from .values import Floats, Whole, codes, numbers

MOST = 4_000
DEPTH = 4
AUC, ACCURACY, EXPLAINED = 0.99, 0.98, 0.99
"""From here on a rule on one column is too good to be true of most data."""


def class_rule(cells: pd.Series[Any], encoder: str, truth: Whole) -> str:
    """A sentence with figures when a rule of at most four questions about this column, made on one half of the rows,
    tells the classes of the other half; "" when not.

    truth: class numbers, negative where missing.
    """
    made = _halves(cells, encoder, truth >= 0, truth)
    if made is None:
        return ""
    (x, known), (other, unknown) = made
    counts = np.bincount(unknown)
    if (counts > 0).sum() < 2 or np.sort(counts)[:-1].sum() < 10:
        return ""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=5, random_state=0).fit(x, known)
    usual = counts.max() / len(unknown)
    right = float((tree.predict(other) == unknown).mean())
    if len(counts[counts > 0]) == 2 and len(tree.classes_) == 2:
        from sklearn.metrics import roc_auc_score

        area = float(roc_auc_score(unknown == tree.classes_[1], tree.predict_proba(other)[:, 1]))
        if area >= AUC and right > usual:
            return f'A short rule on "{cells.name}" alone tells the classes apart (AUC {area:.3f}, {right:.1%} right).'
        return ""
    if right >= ACCURACY and usual <= 0.9:
        return f'A short rule on "{cells.name}" alone is {right:.1%} right; the commonest class is {usual:.1%}.'
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
    from sklearn.tree import DecisionTreeRegressor

    tree = DecisionTreeRegressor(max_depth=8, min_samples_leaf=3, random_state=0).fit(x, known)
    explained = 1.0 - float(((tree.predict(other) - unknown) ** 2).sum()) / spread
    if explained < EXPLAINED:
        return ""
    return f'"{cells.name}" alone explains {explained:.1%} of the target\'s variance.'


def _halves(cells: pd.Series[Any], encoder: str, usable: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> Any:
    """((x, y) to make the rule on, (x, y) to try it on); None when the column cannot be asked about."""
    if encoder in NUMBERS:
        try:
            values = numbers(cells)
        except FeatureError:
            return None
        known = usable & ~np.isnan(values)
    elif encoder in ("onehot", "ordinal", "frequency", "hash"):
        found, names = codes(cells)
        if len(names) * 4 > len(found):
            return None  # hardly a value comes back: it would be a name for its row
        values, known = found.astype(np.float64), usable & (found >= 0)
    else:
        return None
    rows = np.flatnonzero(known)
    if len(rows) < 100:
        return None
    rows = np.random.default_rng(0).permutation(rows)[:MOST]
    first, second = rows[: len(rows) // 2], rows[len(rows) // 2 :]
    if encoder not in NUMBERS:
        # The values in the order of their mean target, so that a short rule can tell them apart.
        size = int(values[rows].max()) + 1
        place = values.astype(np.int64)
        sums = np.bincount(place[first], truth[first].astype(np.float64), size)
        counts = np.bincount(place[first], minlength=size)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), -1.0)
        values = means[np.clip(place, 0, size - 1)]
    return (values[first, None], truth[first]), (values[second, None], truth[second])
