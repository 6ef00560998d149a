"""What is drawn of a run, decided without Qt: reduction, smoothing, read-outs, label places, figures in words."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.core.units import Units

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


def spread(places: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Centres of labels of equal height, as near to `places` as they go without overlapping, inside low..high.

    Order by place is kept; the answer is in the order given. When they cannot all fit they are stacked evenly.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    if not order:
        return []
    room = max(high - low - height, 0.0)
    gap = min(height, room / (len(order) - 1)) if len(order) > 1 else height
    floor, ceiling = low + height / 2, max(low + height / 2, high - height / 2)
    centres = [min(max(places[i], floor), ceiling) for i in order]
    for k in range(1, len(centres)):
        centres[k] = max(centres[k], centres[k - 1] + gap)
    overshoot = ceiling
    for k in reversed(range(len(centres))):
        centres[k] = min(centres[k], overshoot)
        overshoot = centres[k] - gap
    answer = [0.0] * len(order)
    for k, i in enumerate(order):
        answer[i] = centres[k]
    return answer


def best_epoch(logs: Mapping[str, Sequence[float]]) -> int | None:
    """The epoch (from 0) with the smallest val_loss (loss when nothing was held out); None before the first."""
    values = np.asarray(logs.get("val_loss") or logs.get("loss") or (), dtype=float)
    if len(values) == 0 or not np.isfinite(values).any():
        return None
    return int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))


def metric_shown(names: Sequence[str]) -> str:
    """The metric drawn below the loss: the first that is neither loss, validation nor learning rate; "" if none."""
    for name in names:
        if name not in ("loss", "learning_rate") and not name.startswith("val_"):
            return name
    return ""


def pretty(name: str) -> str:
    """A Keras metric name in words: "sparse_categorical_accuracy" -> "accuracy"."""
    known = {
        "sparse_categorical_accuracy": "accuracy",
        "categorical_accuracy": "accuracy",
        "binary_accuracy": "accuracy",
        "acc": "accuracy",
        "mae": "mean absolute error",
        "mean_absolute_error": "mean absolute error",
        "mse": "mean squared error",
        "mean_squared_error": "mean squared error",
        "rmse": "root mean squared error",
        "root_mean_squared_error": "root mean squared error",
        "auc": "AUC",
        "r2_score": "R²",
    }
    name = name.removeprefix("val_")
    return known.get(name, name.replace("_", " "))


def with_unit(name: str, units: Units) -> str:
    """`pretty`, with what it is counted in: "mean absolute error (price)"."""
    word = units.word(name)
    return f"{pretty(name)} ({word})" if word else pretty(name)


SHORT = {"mean absolute error": "abs. error", "mean squared error": "sq. error", "root mean squared error": "rms error"}


def short(name: str) -> str:
    """Like `pretty`, for narrow places."""
    words = pretty(name)
    return SHORT.get(words, words)


def is_share(name: str) -> bool:
    """True for metrics between 0 and 1 that are read as per cent."""
    return pretty(name) in ("accuracy", "precision", "recall", "AUC")


def figure(value: float | None, name: str = "") -> str:
    """A metric's value with the digits it means: accuracy in per cent, others with four significant digits."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    if name and pretty(name) == "accuracy":
        return f"{value * 100:.1f} %"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    digits = max(0, 3 - math.floor(math.log10(size)))
    return f"{value:,.{min(digits, 6)}f}"


def duration(seconds: float | None) -> str:
    """Seconds in words short enough for a cell: "0.4 s", "2:10", "1:02:03"; "–" when unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def rate(per_second: float | None) -> str:
    """Samples a second, rounded to what it means: "812", "12.3 k", "1.4 M"."""
    if per_second is None or not math.isfinite(per_second) or per_second <= 0:
        return "–"
    for limit, unit in ((1e6, " M"), (1e4, " k")):
        if per_second >= limit:
            scaled = per_second / (1e6 if unit == " M" else 1e3)
            return f"{scaled:.1f}{unit}" if scaled < 100 else f"{scaled:.0f}{unit}"
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def ticks(low: float, high: float, count: int = 6, whole: bool = False) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten apart) from low to high, about `count` of them."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return []
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * 0.75)
    if whole:
        step = max(1.0, step)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round values of which the logarithms to base 10 lie in low..high; the answers are the logarithms."""
    if not math.isfinite(high - low) or high <= low:
        return []
    decades = range(math.floor(low), math.ceil(high) + 1)
    for marks in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,)):
        found = [k + math.log10(m) for k in decades for m in marks if low <= k + math.log10(m) <= high]
        if len(found) <= count + 2:
            break
    else:
        found = found[:: math.ceil(len(found) / count)]
    return found if len(found) >= 2 else [math.log10(v) for v in ticks(10**low, 10**high, count) if v > 0]


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


def axis_end(done: float, total: float) -> float:
    """Where the time axis ends for a run that has come to `done` of `total` epochs: grows in round steps, so that the
    curves do not shrink with every batch."""
    if done >= total:
        return max(done, 1.0)
    size = 10.0 ** math.floor(math.log10(max(done, 1.0)))
    for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10):
        if factor * size >= done * 1.02:
            return min(total, factor * size)
    return min(total, 15 * size)


def value_range(lines: Sequence[tuple[str, np.ndarray]], log: bool) -> tuple[float, float] | None:
    """The values to show for (grain, y) curves: all of every epoch curve, and of the batches all but the rarest spikes
    (so that one bad batch does not flatten the rest). None when nothing is finite. log: y are logarithms already."""
    lows, highs = [], []
    for grain, y in lines:
        finite = y[np.isfinite(y)]
        if len(finite) == 0:
            continue
        lows.append(float(finite.min()))
        rare = 0.95 if len(finite) > 1000 else 0.98  # reduced curves hold their spikes twice as often
        high = np.quantile(finite, rare) if grain == "batch" and len(finite) > 50 else finite.max()
        highs.append(float(high))
    if not lows:
        return None
    low, high = min(lows), max(*highs, min(lows))
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    floor = low - margin
    return (floor if log or low < 0 else max(floor, 0.0), high + margin)
