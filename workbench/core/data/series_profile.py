"""What is in a set of series: lengths, rates, channels, classes, groups; by looking at every step once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .dataset import SeriesData

IRREGULAR = 1.5  # a step longer than so many usual ones, in more than one of twenty, makes a series irregular
BINS = 24


@dataclass(frozen=True)
class ChannelProfile:
    """missing: steps without a value. The figures are None when there is no value. flat: series in which it never
    changes."""

    name: str
    missing: int
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    deviation: float | None = None
    flat: int = 0

    @property
    def constant(self) -> bool:
        """Whether it never changes in the whole data, or has no value at all."""
        return self.minimum is None or self.minimum == self.maximum


@dataclass(frozen=True)
class SeriesProfile:
    """A set of series.

    lengths: steps at the shares 0, 0.1, 0.5, 0.9 and 1 of the series. histogram: counts and edges of the lengths.
    rates: slowest, median and fastest steps a second over the series, zeros where times are not known. irregular:
    numbers of series whose steps are uneven. class_counts: series of each class. marks: columns of classes step by
    step, with how many classes. group_counts: series of each group. unreadable: (name, why).
    """

    count: int
    steps: int
    channels: tuple[ChannelProfile, ...]
    lengths: tuple[int, int, int, int, int]
    histogram: tuple[tuple[int, ...], tuple[float, ...]]
    rates: tuple[float, float, float]
    irregular: tuple[int, ...]
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]
    marks: tuple[tuple[str, int], ...]
    groups: tuple[str, ...]
    group_counts: tuple[int, ...]
    unreadable: tuple[tuple[str, str], ...]


def profile_series(data: SeriesData) -> SeriesProfile:
    """A profile of the series. Nothing is changed."""
    lengths = data.lengths()
    rates, irregular = _rates(data)
    spread = (float(rates.min()), float(np.median(rates)), float(rates.max())) if len(rates) else (0.0, 0.0, 0.0)
    counts, edges = np.histogram(lengths, bins=min(BINS, max(1, len(np.unique(lengths)))))
    return SeriesProfile(
        len(data),
        len(data.values),
        tuple(_channel(data, i) for i in range(len(data.channels))),
        tuple(int(q) for q in np.quantile(lengths, (0, 0.1, 0.5, 0.9, 1), method="nearest")),  # type: ignore[arg-type]
        (tuple(int(c) for c in counts), tuple(float(e) for e in edges)),
        spread if data.times is not None else (data.rate,) * 3,
        tuple(irregular),
        data.classes,
        _counted(data.labels, len(data.classes)),
        tuple((name, len(marks.classes)) for name, marks in data.marks.items()),
        data.groups,
        _counted(data.group, len(data.groups)) if data.group is not None else (),
        tuple((item.where, item.what) for item in data.report.bad),
    )


def _counted(codes: np.ndarray[Any, Any], classes: int) -> tuple[int, ...]:
    return tuple(int(n) for n in np.bincount(codes[codes >= 0], minlength=classes))


def _channel(data: SeriesData, i: int) -> ChannelProfile:
    cells = data.values[:, i]
    known = cells[~np.isnan(cells)]
    missing = len(cells) - len(known)
    if not len(known):
        return ChannelProfile(data.channels[i], missing, flat=len(data))
    some = data.lengths() > 0
    starts = data.starts[:-1][some]
    low = np.fmin.reduceat(cells, starts)
    high = np.fmax.reduceat(cells, starts)
    flat = int((~(low < high)).sum())
    with np.errstate(over="ignore", invalid="ignore"):  # of values near the largest there are
        mean, deviation = float(known.mean()), float(known.std())
    return ChannelProfile(
        data.channels[i],
        missing,
        float(known.min()),
        float(known.max()),
        mean,
        deviation,
        flat,
    )


def _rates(data: SeriesData) -> tuple[np.ndarray[Any, Any], list[int]]:
    """(steps a second of each series that has times, numbers of the series whose steps are uneven)."""
    if data.times is None:
        return np.zeros(0), []
    rates, irregular = [], []
    for i in range(len(data)):
        clock = data.clock(i)
        assert clock is not None
        gaps = np.diff(clock)
        gaps = gaps[gaps > 0]
        if not len(gaps):
            continue
        usual = float(np.median(gaps))
        rates.append(1.0 / usual)
        if float((gaps > IRREGULAR * usual).mean()) > 0.05:
            irregular.append(i)
    return np.array(rates), irregular
