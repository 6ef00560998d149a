"""Smoothing of curves that grow. No Qt."""

from __future__ import annotations

import math

import numpy as np


def smoothed(y: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with the start corrected (Kingma & Ba 2015, section 3), as TensorBoard draws it.

    weight 0 changes nothing, 0.99 is very smooth. Holes (NaN, infinity) stay holes and do not spread.
    """
    if weight <= 0.0 or len(y) == 0:
        return y
    return RunningAverage(weight).extended(y).copy()


def fitting_weight(weight: float, count: int, seen: int = 600) -> float:
    """The weight for a curve of `count` points that looks on the screen as `weight` does for one of `seen` points.

    It changes only when the count doubles, so that a growing curve is rarely smoothed anew.
    """
    if weight <= 0.0 or count <= seen:
        return weight
    return float(weight ** (1.0 / 2 ** math.floor(math.log2(count / seen))))


class RunningAverage:
    """`smoothed` for a curve that grows: each call smooths only what came since the last."""

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self._held = np.empty(1024)
        self._length = 0
        self._carry = 0.0
        self._count = 0

    def extended(self, y: np.ndarray) -> np.ndarray:
        """The smoothed curve of all of y (a view); y must begin with what was given before."""
        if len(y) < self._length:  # a resume went back to its checkpoint: begin again
            self._length, self._carry, self._count = 0, 0.0, 0
        if len(y) > len(self._held):
            held = np.empty(2 * len(y))
            held[: self._length] = self._held[: self._length]
            self._held = held
        fresh = np.asarray(y[self._length :], dtype=np.float64)
        if len(fresh):
            self._held[self._length : len(y)] = self._average(fresh)
            self._length = len(y)
        return self._held[: self._length]

    def _average(self, fresh: np.ndarray) -> np.ndarray:
        good = np.isfinite(fresh)
        if not good.all():
            out = np.full(len(fresh), np.nan)
            if good.any():
                out[good] = self._average(fresh[good])
            return out
        # within a chunk the average is a cumulative sum of values scaled by weight**-i; chunks are short enough for
        # the scale not to lose digits, and only the carry between chunks is a Python loop
        weight, count = self.weight, len(fresh)
        size = max(1, min(count, int(math.log(1e6) / -math.log(weight))))
        rows = np.concatenate([fresh, np.zeros(-count % size)]).reshape(-1, size)
        powers = weight ** np.arange(size)
        inner = (1.0 - weight) * powers * np.cumsum(rows / powers, axis=1)
        carries = np.empty(len(rows))
        carry, step = self._carry, weight**size
        for i, end in enumerate(inner[:, -1].tolist()):
            carries[i] = carry
            carry = end + step * carry
        average = (inner + carries[:, None] * (powers * weight)).ravel()[:count]
        self._carry = float(average[-1])
        ages = np.arange(self._count + 1, self._count + count + 1)
        self._count += count
        return np.asarray(average / -np.expm1(ages * math.log(weight)))
