"""The curve of the batches as it is drawn, going on as rows come: what is drawn already stays, point for point, and
only its end is made. The same as making all of it anew, for little of the work. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from workbench.core.pyramid import Buckets, bucket_size
from workbench.ui.train import curves
from workbench.ui.train.curves import Line, Points
from workbench.ui.train.smoothing import fitting_weight

MOST = 400  # new means that are smoothed one by one; more are smoothed with all the others


@dataclass(frozen=True, eq=False)
class Drawn:
    """rows: of the line by then. raw: as `Line.seen`, in buckets of `size` rows. smooth: as `Line.trend`, but from its
    first mean on, of buckets of `smooth_size` rows; `skip` points of it are out of sight. weight: of one row; 0:
    nothing is smoothed. kept: so many points of raw are those of the picture before, and of smooth.
    """

    rows: int
    raw: Points
    size: int
    smooth: Points
    smooth_size: int
    skip: int
    weight: float
    kept: tuple[int, int] = (0, 0)

    @property
    def trend(self) -> Points:
        return self.smooth[0][self.skip :], self.smooth[1][self.skip :]


def drawn(line: Line, low: float, high: float, points: int, smoothing: float) -> Drawn:
    """All of the line between two times; see `Line.seen` and `Line.trend`."""
    first, last = line.rows(low, high)
    found = line.pyramid.buckets(line.y, first, last, points // 2)
    raw = line.points(found)
    weight = fitting_weight(smoothing, last - first)
    if weight <= 0.0:
        return Drawn(len(line), raw, found.size, (np.empty(0), np.empty(0)), 1, 0, 0.0)
    means = line.pyramid.buckets(line.y, curves.lead(first, weight), last, curves.SMOOTHED_POINTS)
    smooth = line.smooth(means, weight)
    return Drawn(len(line), raw, found.size, smooth, means.size, curves.skipped(smooth[0], low), weight)


def gone_on(held: Drawn, line: Line, low: float, high: float, points: int, smoothing: float) -> Drawn | None:
    """The same line with the rows that have come since, between the same times and smoothed alike; None where its
    points are to be others."""
    first, last = line.rows(low, high)
    begun, ended = line.rows(low, high, held.rows)
    weight = fitting_weight(smoothing, last - first)
    if len(line) < held.rows or begun != first or weight != held.weight:
        return None
    if bucket_size(last - first, points // 2) != held.size or not len(held.raw[0]):
        return None
    stay = ended // held.size - first // held.size
    stay *= 1 if held.size == 1 else 2
    found = _buckets(line, ended // held.size * held.size, last, held.size)
    raw = _joined(held.raw, stay, line.points(found))
    if weight <= 0.0:
        return Drawn(len(line), raw, held.size, held.smooth, 1, 0, 0.0, (stay, 0))
    begin, size = curves.lead(first, weight), held.smooth_size
    if bucket_size(last - begin, curves.SMOOTHED_POINTS) != size or not len(held.smooth[0]):
        return None
    kept = ended // size - begin // size
    fresh = _smoothed(held, line, (begin // size + kept) * size, last, kept)
    if fresh is None:
        return None
    smooth = _joined(held.smooth, kept, fresh)
    if curves.skipped(smooth[0], low) != held.skip:
        return None
    return Drawn(len(line), raw, held.size, smooth, size, held.skip, weight, (stay, kept))


def _smoothed(held: Drawn, line: Line, first: int, last: int, kept: int) -> Points | None:
    """The smoothed means of the rows from `first` on, behind the `kept` ones of before."""
    if last - first > MOST * held.smooth_size:
        return None
    found = _buckets(line, first, last, held.smooth_size)
    before = held.smooth[1][:kept]
    good = np.flatnonzero(np.isfinite(before))
    each = held.weight**held.smooth_size
    left = each ** len(good)  # as much of the average is nothing yet; see `smoothing.smoothed`
    average = float(before[good[-1]]) * (1.0 - left) if len(good) else 0.0
    made = []
    for value, rows in zip(found.mean.tolist(), (found.ends - found.starts).tolist(), strict=True):
        if not math.isfinite(value):
            made.append(math.nan)
            continue
        fade = each if rows == held.smooth_size else held.weight**rows
        average = fade * average + (1.0 - fade) * value
        left *= fade
        made.append(average / (1.0 - left))
    return line.clock.epoch_of(found.ends), np.array(made)


def _buckets(line: Line, first: int, last: int, size: int) -> Buckets:
    """As of the line's pyramid, which need not take in the rows for that. first: a multiple of size."""
    last = min(len(line.y), -(-last // size) * size)
    y = line.y[first:last]
    if not np.isfinite(y).all():
        return line.pyramid.buckets(line.y, first, last, last - first + 1, size)
    starts = np.arange(first, max(first, last), size)
    if size == 1 or not len(y):
        return Buckets(size, starts, starts + 1, y, y, y.astype(float))
    ends, places = np.minimum(starts + size, last), starts - first
    low, high = np.minimum.reduceat(y, places), np.maximum.reduceat(y, places)
    return Buckets(size, starts, ends, low, high, np.add.reduceat(y.astype(float), places) / (ends - starts))


def _joined(held: Points, kept: int, fresh: Points) -> Points:
    return np.concatenate([held[0][:kept], fresh[0]]), np.concatenate([held[1][:kept], fresh[1]])
