"""What is drawn of a run, decided without Qt: its lines, as much of each as can be seen, smoothed, and read out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from workbench.core.history import Columns
from workbench.core.project import EarlyStopping
from workbench.core.pyramid import Buckets, Pyramid
from workbench.ui.train.smoothing import fitting_weight, smoothed, smoothed_on

POINTS = 1800  # about two per pixel column of a wide plot: more cannot be seen and costs paint time
SMOOTHED_POINTS = POINTS  # means that are smoothed for one picture
NO_RULE = EarlyStopping()
Points = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Clock:
    """When the rows of a curve were, in epochs.

    pieces: (epoch, rows done then, rows an epoch from there on), rising.
    """

    pieces: tuple[tuple[float, float, float], ...] = ((0.0, 0.0, 1.0),)

    def epoch_of(self, done: np.ndarray) -> np.ndarray:
        """Numbers of rows done, in epochs."""
        if len(self.pieces) == 1:
            ((epoch, first, each),) = self.pieces
            return np.asarray(epoch + (done - first) / each)
        table = np.asarray(self.pieces, float)
        table = table[np.maximum(np.searchsorted(table[:, 1], done, side="left") - 1, 0)]
        return np.asarray(table[..., 0] + (done - table[..., 1]) / table[..., 2])

    def rows_at(self, epoch: float) -> float:
        """How many rows were done then."""
        at = next((p for p in reversed(self.pieces) if p[0] <= epoch), self.pieces[0])
        return at[1] + (epoch - at[0]) * at[2]


EPOCHS = Clock()


@dataclass(frozen=True, eq=False)
class Line:
    """One curve. y: float32, may hold what is no number; pyramid: the same at several resolutions.

    name: Keras' name without "val_". part: "train" | "validation". grain: "batch" | "epoch".
    """

    name: str
    part: str
    grain: str
    y: np.ndarray
    pyramid: Pyramid
    clock: Clock = EPOCHS

    def __len__(self) -> int:
        return len(self.y)

    @property
    def x(self) -> np.ndarray:
        """The end of each row in epochs, all of them."""
        return self.clock.epoch_of(np.arange(1, len(self.y) + 1))

    def rows(self, low: float, high: float, count: int | None = None) -> tuple[int, int]:
        """The first row to be drawn between two times, and the one behind the last: one further at either end, so that
        the line reaches the border. count: as if it had so many rows."""
        count = len(self.y) if count is None else count
        first = self.clock.rows_at(low) - 1 if math.isfinite(low) else 0
        last = self.clock.rows_at(high) if math.isfinite(high) else count
        return min(max(0, math.floor(first)), count), min(max(0, math.ceil(last)), count)

    def seen(self, low: float = -math.inf, high: float = math.inf, points: int = POINTS) -> Points:
        """(x, y) of about `points` points at the most, which look as all of them between low and high do.

        Each bucket gives its smallest and its largest value, so no spike is lost. x rises.
        """
        first, last = self.rows(low, high)
        if last - first <= points // 2:
            return self.clock.epoch_of(np.arange(first + 1, last + 1)), self.y[first:last]
        return self.points(self.pyramid.buckets(self.y, first, last, points // 2))

    def points(self, found: Buckets) -> Points:
        """Two of each bucket, its smallest and its largest; its rows themselves where each is one."""
        if found.size == 1:
            begin = int(found.starts[0]) if len(found.starts) else 0
            return self.clock.epoch_of(found.starts + 1), self.y[begin : begin + len(found.starts)]
        falls = self.y[found.starts] > self.y[found.ends - 1]
        x = np.stack([found.starts + 1, np.maximum(found.ends, found.starts + 1.5)], axis=1)
        y = np.stack([np.where(falls, found.high, found.low), np.where(falls, found.low, found.high)], axis=1)
        return self.clock.epoch_of(x.ravel()), y.ravel()

    def trend(self, weight: float, low: float = -math.inf, high: float = math.inf) -> Points:
        """(x, y) of the line smoothed as `weight` smooths about 600 points, whatever the number between low and high.

        Taken over means of rows where there are more than a few thousand. It begins so far before `low` that the
        start of the average cannot be seen.
        """
        first, last = self.rows(low, high)
        weight = fitting_weight(weight, last - first)
        if weight <= 0.0:
            return self.seen(low, high)
        x, y = self.smooth(self.pyramid.buckets(self.y, lead(first, weight), last, SMOOTHED_POINTS), weight)
        keep = skipped(x, low)
        return x[keep:], y[keep:]

    def smooth(self, found: Buckets, weight: float) -> Points:
        """The means of buckets, smoothed. The last one may be shorter than the others, and counts less then."""
        if not len(found.mean):
            return np.empty(0), np.empty(0)
        rows = float(found.ends[-1] - found.starts[-1])
        y = smoothed(found.mean[:-1], weight**found.size)
        y = smoothed_on(y, float(found.mean[-1]), weight**found.size, weight**rows)
        return self.clock.epoch_of(found.ends), y

    def value_at(self, where: float) -> tuple[float, float] | None:
        """The point (x, y) of the line nearest to a time; None when that is more than a row beyond its ends."""
        if not len(self.y) or not math.isfinite(where):
            return None
        row = self.clock.rows_at(where) - 1
        if row < -1 or row > len(self.y):
            return None
        near = min(max(0, round(row)), len(self.y) - 1)
        return float(self.clock.epoch_of(np.array(near + 1))), float(self.y[near])

    def end_before(self, high: float) -> float | None:
        """The last finite value not beyond that time: where the line leaves the view."""
        last = min(len(self.y), math.floor(self.clock.rows_at(high) + 1e-6)) if math.isfinite(high) else len(self.y)
        seen = self.y[max(0, last - 2000) : max(0, last)]
        good = np.flatnonzero(np.isfinite(seen))
        return float(seen[good[-1]]) if len(good) else None


def lead(first: int, weight: float) -> int:
    """The row from which an average must begin so that at `first` nobody sees where it began."""
    return max(0, first - math.ceil(math.log(1e-3) / math.log(weight)))


def skipped(x: np.ndarray, low: float) -> int:
    """How many points at the beginning are needed for nothing that is seen from `low` on."""
    return max(0, int(np.searchsorted(x, low)) - 1) if math.isfinite(low) else 0


def between(points: Points, where: float) -> tuple[float, float] | None:
    """The value of a drawn line at a time, between its points; None beyond its ends."""
    x, y = points
    if not len(x) or not math.isfinite(where) or where < x[0] or where > x[-1] + (x[-1] - x[0]) / max(1, len(x) - 1):
        return None
    return where, float(np.interp(where, x, y))


@dataclass(frozen=True)
class RunCurves:
    """All that is drawn of one run. batches, epochs: columns by Keras names, one row a batch and one an epoch.

    steps_per_epoch: batches in an epoch; 0 when not known (then found from the columns). paces: (epoch, its first step,
    steps an epoch from there) where the batch size was changed on the way. events: (step, what happened there). early:
    the rule that says which epoch is the best. least_rise: of its validation loss that is no chance.
    """

    name: str = ""
    steps_per_epoch: int = 0
    batches: Columns = field(default_factory=Columns)
    epochs: Columns = field(default_factory=Columns)
    paces: tuple[tuple[float, int, int], ...] = ()
    events: tuple[tuple[int, str], ...] = ()
    early: EarlyStopping = NO_RULE
    least_rise: float = 0.0

    @property
    def clock(self) -> Clock:
        """Of the batches."""
        if not self.paces:
            return Clock(((0.0, 0.0, float(self.steps)),))
        epoch, first, each = self.paces[0]
        before = first / epoch if epoch else each
        return Clock(((0.0, 0.0, float(before)), *((float(a), float(b), float(c)) for a, b, c in self.paces)))

    def epoch_of(self, steps: np.ndarray) -> np.ndarray:
        """Numbers of steps done, in epochs."""
        return self.clock.epoch_of(steps)

    @property
    def steps(self) -> int:
        """Batches in an epoch, at least 1."""
        done, seen = len(self.epochs), len(self.batches)
        return self.steps_per_epoch or (max(1, seen // done) if done else max(1, seen))

    @property
    def end(self) -> float:
        """How far it has come, in epochs."""
        return max(float(self.epoch_of(np.array(len(self.batches)))), float(len(self.epochs)))


def lines_of(run: RunCurves, name: str, only: str = "") -> tuple[Line, ...]:
    """The curves of one quantity: each batch, each epoch, each epoch on validation rows; empty ones left out.

    only: of this grain."""
    found = []
    for part, grain, columns, key in (
        ("train", "batch", run.batches, name),
        ("train", "epoch", run.epochs, name),
        ("validation", "epoch", run.epochs, f"val_{name}"),
    ):
        values = columns.get(key) if only in ("", grain) else None
        if values is not None and len(values) and (grain == "batch" or np.isfinite(values).any()):
            clock = run.clock if grain == "batch" else EPOCHS
            found.append(Line(name, part, grain, values, columns.pyramid(key), clock))
    return tuple(found)
