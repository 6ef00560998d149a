"""Where an axis ends, which round figures stand on it, and where labels go. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


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


def value_range(lines: Sequence[tuple[str, np.ndarray]]) -> tuple[float, float] | None:
    """The values to show for (grain, y) curves: all of every epoch curve, and of the batches all but the rarest spikes
    (so that one bad batch does not flatten the rest). None when nothing is finite."""
    lows, highs = [], []
    for grain, y in lines:
        finite = y[np.isfinite(y)]
        if len(finite) == 0:
            continue
        lows.append(float(finite.min()))
        high = finite.max()
        if grain == "batch" and len(finite) > 50:
            rare = 0.95 if len(finite) > 1000 else 0.98  # reduced curves hold their spikes twice as often
            place = round(rare * (len(finite) - 1))
            high = np.partition(finite, place)[place]
        highs.append(float(high))
    if not lows:
        return None
    low, high = min(lows), max(*highs, min(lows))
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin  # also below nothing: a mark on the lowest point has room there


def steady_range(held: tuple[float, float], wanted: tuple[float, float]) -> tuple[float, float]:
    """The values to show where `held` are shown: the same while all fits and fills three quarters, so that an axis does
    not twitch with every frame; else `wanted`, with room for the next frames at an end that it outgrew."""
    (low, high), (floor, top) = held, wanted
    if low <= floor and top <= high and (top - floor) >= 0.75 * (high - low):
        return held
    spare = 0.05 * (top - floor)
    if floor < low and (floor < 0 or floor - spare > 0):  # an axis that ends at nothing goes on ending there
        floor -= spare
    return floor, top + spare if top > high else top
