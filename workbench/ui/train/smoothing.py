"""Smoothing of curves. No Qt."""

from __future__ import annotations

import math

import numpy as np


def smoothed(y: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with the start corrected (Kingma & Ba 2015, section 3), as TensorBoard draws it.

    weight 0 changes nothing, 0.99 is very smooth. Holes (NaN, infinity) stay holes and do not spread.
    """
    if weight <= 0.0 or len(y) == 0:
        return y
    good = np.isfinite(y)
    if not good.all():
        out = np.full(len(y), np.nan)
        out[good] = smoothed(y[good], weight)
        return out
    # within a chunk the average is a cumulative sum of values scaled by weight**-i; chunks are short enough for
    # the scale not to lose digits, and only the carry between chunks is a Python loop
    count = len(y)
    size = max(1, min(count, int(math.log(1e6) / -math.log(weight))))
    rows = np.concatenate([np.asarray(y, np.float64), np.zeros(-count % size)]).reshape(-1, size)
    powers = weight ** np.arange(size)
    inner = (1.0 - weight) * powers * np.cumsum(rows / powers, axis=1)
    carries = np.empty(len(rows))
    carry, step = 0.0, weight**size
    for i, end in enumerate(inner[:, -1].tolist()):
        carries[i] = carry
        carry = end + step * carry
    average = (inner + carries[:, None] * (powers * weight)).ravel()[:count]
    return np.asarray(average / -np.expm1(np.arange(1, count + 1) * math.log(weight)))


def smoothed_on(y: np.ndarray, value: float, weight: float, last: float) -> np.ndarray:
    """`smoothed` values with one more behind them that counts with a weight of its own, as a mean of fewer rows does.

    last: weight that is left to what came before it.
    """
    if not math.isfinite(value):
        return np.append(y, np.nan)
    good = np.flatnonzero(np.isfinite(y))
    if not len(good) or weight <= 0.0:
        return np.append(y, value)
    before = 1.0 - weight ** len(good)  # what the correction of the start had divided by
    carry = last * before * float(y[good[-1]]) + (1.0 - last) * value
    return np.append(y, carry / (last * before + 1.0 - last))


def fitting_weight(weight: float, count: int, seen: int = 600) -> float:
    """The weight for a curve of `count` points that looks on the screen as `weight` does for one of `seen` points.

    It changes only when the count doubles, so that a growing curve keeps its shape.
    """
    if weight <= 0.0 or count <= seen:
        return weight
    return float(weight ** (1.0 / 2 ** math.floor(math.log2(count / seen))))
