"""What is drawn of a run, decided without Qt: reduction, smoothing, read-outs, label places, figures in words."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

POINTS = 1800  # about two per pixel column of a wide plot: more cannot be seen and costs paint time


@dataclass(frozen=True)
class Line:
    """One curve. x in epochs (1.0 = the end of the first epoch), float64 and rising; y float, may hold NaN.

    name: Keras' name without "val_". part: "train" | "validation". grain: "batch" | "epoch".
    """

    name: str
    part: str
    grain: str
    x: np.ndarray
    y: np.ndarray


def reduced(
    x: np.ndarray, y: np.ndarray, low: float = -math.inf, high: float = math.inf, points: int = POINTS
) -> tuple[np.ndarray, np.ndarray]:
    """The part of a curve between low and high as at most about `points` points that look the same.

    Each bucket gives its smallest and its largest value in the order they came, so no spike is lost.
    One point outside either end is kept, so that the line reaches the border. x must rise. O(n), numpy only.
    """
    if len(x) == 0:
        return x, y
    first = max(0, int(np.searchsorted(x, low)) - 1)
    last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
    x, y = x[first:last], y[first:last]
    if len(x) <= points:
        return x, y
    size = math.ceil(len(x) / (points // 2))
    whole = len(x) // size * size
    block = y[:whole].reshape(-1, size)
    starts = np.arange(0, whole, size)
    # a bucket with a hole in it still shows its finite values; argmin would answer with the hole
    lowest = starts + np.where(np.isnan(block), np.inf, block).argmin(axis=1)
    highest = starts + np.where(np.isnan(block), -np.inf, block).argmax(axis=1)
    kept = np.stack([np.minimum(lowest, highest), np.maximum(lowest, highest)], axis=1).ravel()
    kept = np.concatenate([[0], kept, np.arange(whole, len(x)), [len(x) - 1]])
    kept = kept[np.concatenate([[True], np.diff(kept) > 0])]  # they rise already; np.unique would sort
    return x[kept], y[kept]


def value_at(x: np.ndarray, y: np.ndarray, where: float) -> tuple[float, float] | None:
    """The point (x, y) of a curve nearest to `where`; None when that is more than a point beyond its ends."""
    if len(x) == 0 or not math.isfinite(where):
        return None
    spacing = float(x[-1] - x[0]) / max(1, len(x) - 1) or 1.0
    if where < x[0] - spacing or where > x[-1] + spacing:
        return None
    after = min(int(np.searchsorted(x, where)), len(x) - 1)
    before = max(0, after - 1)
    near = before if abs(x[before] - where) <= abs(x[after] - where) else after
    return float(x[near]), float(y[near])


def best_epoch(logs: Mapping[str, Sequence[float]]) -> int | None:
    """The epoch (from 0) with the smallest val_loss (loss when nothing was held out); None before the first."""
    values = np.asarray(logs.get("val_loss") or logs.get("loss") or (), dtype=float)
    if len(values) == 0 or not np.isfinite(values).any():
        return None
    return int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))


@dataclass(frozen=True)
class RunCurves:
    """All that is drawn of one run. batches, epochs: columns by Keras names, one value a batch and one an epoch.

    steps_per_epoch: batches in an epoch; 0 when not known (then found from the columns). paces: (epoch, its first step,
    steps an epoch from there) where the batch size was changed on the way. events: (step, what happened there).
    """

    name: str = ""
    steps_per_epoch: int = 0
    batches: Mapping[str, np.ndarray] = field(default_factory=dict)
    epochs: Mapping[str, np.ndarray] = field(default_factory=dict)
    paces: tuple[tuple[int, int, int], ...] = ()
    events: tuple[tuple[int, str], ...] = ()

    def epoch_of(self, steps: np.ndarray) -> np.ndarray:
        """Numbers of steps done, in epochs."""
        if not self.paces:
            return steps / self.steps
        epoch, first, each = self.paces[0]
        known = [(0, 0, first / epoch if epoch else each), *self.paces]
        at = np.maximum(np.searchsorted([p[1] for p in known], steps, side="left") - 1, 0)
        table = np.asarray(known, float)[at]
        return table[:, 0] + (steps - table[:, 1]) / table[:, 2]

    @property
    def steps(self) -> int:
        """Batches in an epoch, at least 1."""
        done = len(next(iter(self.epochs.values()), ()))
        seen = len(next(iter(self.batches.values()), ()))
        return self.steps_per_epoch or (max(1, seen // done) if done else max(1, seen))

    @property
    def end(self) -> float:
        """How far it has come, in epochs."""
        seen = len(next(iter(self.batches.values()), ()))
        return max(float(self.epoch_of(np.array([seen]))[0]), float(len(next(iter(self.epochs.values()), ()))))


@functools.lru_cache(maxsize=4)
def _time_axis(steps: int, count: int) -> np.ndarray:
    """The ends of so many batches in epochs: kept, as a run of millions of them draws it thirty times a second."""
    made = np.arange(1, count + 1) / steps
    made.flags.writeable = False
    return made


def lines_of(run: RunCurves, name: str) -> tuple[Line, ...]:
    """The curves of one quantity: each batch, each epoch, each epoch on validation rows; empty ones left out."""
    found = []
    for part, grain, values in (
        ("train", "batch", run.batches.get(name)),
        ("train", "epoch", run.epochs.get(name)),
        ("validation", "epoch", run.epochs.get(f"val_{name}")),
    ):
        if values is not None and len(values) and (grain == "batch" or np.isfinite(values).any()):
            if grain == "batch" and not run.paces:
                x = _time_axis(run.steps, 1 << (len(values) - 1).bit_length())[: len(values)]
            else:
                x = np.arange(1, len(values) + 1)
                x = run.epoch_of(x) if grain == "batch" else x * 1.0
            found.append(Line(name, part, grain, x, np.asarray(values)))
    return tuple(found)
