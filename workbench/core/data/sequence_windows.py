"""From recorded series to windows: resampling, filling, scaling, cutting. The same for training and for new series.

A window is `length` steps of one series; it never reaches into another. Its first step may lie before the series
begins: then it is padded in front, so that a window always ends with what is known last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import CsvOptions, Json, SequenceFeature
from workbench.core.wording import plural

from .dataset import SeriesData

Floats = np.ndarray[Any, np.dtype[np.float64]]
Window = np.ndarray[Any, np.dtype[np.float32]]

_BLOCK = 16 << 20
MOST_STEPS = 20_000_000  # of all series at a common rate; below four times as many as were recorded any number is right
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class FittedSequence:
    """What windows are made with. feature: complete, nothing left to be proposed. channels: the inputs, in order.

    A scaled value is (value - offset) / scale of its channel; a value that is missing after filling becomes 0.
    source, reading, csv: how the training series were read, so that later ones are read alike.
    """

    feature: SequenceFeature
    channels: tuple[str, ...]
    offset: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    source: str = "series"
    reading: Mapping[str, Json] = field(default_factory=dict)
    csv: CsvOptions = field(default_factory=CsvOptions)

    @property
    def shape(self) -> tuple[int, int]:
        """(length, channels)."""
        return self.feature.length, len(self.channels)


@dataclass(frozen=True, eq=False)
class Cuts:
    """Windows of a set of series, in the order of the series and of time. series: int64 (n,). starts: int64 (n,), the
    first step within the series, below 0 where the window is padded. steps: int64 (series,), after resampling."""

    series: np.ndarray[Any, np.dtype[np.int64]]
    starts: np.ndarray[Any, np.dtype[np.int64]]
    steps: np.ndarray[Any, np.dtype[np.int64]]

    def __len__(self) -> int:
        return len(self.series)


# ---- resampling and filling --------------------------------------------------------------------------------------


def steps_of(data: SeriesData, rate: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Steps of each series once it is brought to `rate` steps a second (0 or below: as recorded), int64 (n,)."""
    lengths = data.lengths()
    if rate <= 0 or (data.times is None and not data.rate):
        return lengths
    if data.times is None:
        spans = np.maximum(lengths - 1, 0) / data.rate
    else:
        last = np.maximum(data.starts[1:] - 1, data.starts[:-1])
        spans = np.where(lengths > 0, data.times[last] - data.times[np.minimum(data.starts[:-1], last)], 0.0)
    made = np.where(lengths > 0, np.floor(spans * rate + 1e-6) + 1, 0.0)
    if made.sum() > max(MOST_STEPS, 4 * lengths.sum()):
        longest = int(made.argmax())
        raise FeatureError(
            f"At {rate:g} steps a second the series would have {made.sum():,.0f} steps, {made[longest]:,.0f} of them "
            f"in {data.name(longest)}, whose times span {spans[longest]:,.0f} seconds.",
            where="features",
            remedy="Use a lower rate, the rate as recorded, or leave that series out.",
        )
    return made.astype(np.int64)


def resampled(values: Floats, times: Floats, rate: float, causal: bool) -> tuple[Floats, np.ndarray[Any, Any]]:
    """Values at even steps of `rate` a second, from the first time on, float64 (k, channels); and for each the last
    recorded step up to it, int64 (k,).

    Down to a lower rate by the mean of what was recorded since the step before, so that nothing is folded into lower
    frequencies; up to a higher one by straight lines, or, when nothing may look ahead (`causal`), by the last value.
    """
    clock = times - times[0]
    count = int(np.floor(clock[-1] * rate + 1e-6)) + 1
    grid = np.arange(count) / rate
    near = 1e-6 / rate
    last = np.maximum(np.searchsorted(clock, grid + near, side="right") - 1, 0)
    gaps = np.diff(clock)
    usual = float(np.median(gaps[gaps > 0])) if (gaps > 0).any() else 1.0 / rate
    if usual * rate * 1.5 < 1.0:
        first = np.searchsorted(clock, grid - 1.0 / rate + near, side="right")
        known = ~np.isnan(values)
        sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(np.where(known, values, 0.0), axis=0)])
        counts = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(known, axis=0)])
        n = counts[last + 1] - counts[first]
        mean = (sums[last + 1] - sums[first]) / np.maximum(n, 1)
        return np.where(n > 0, mean, np.where(n < 0, np.nan, values[last])), last
    if causal:
        return values[last], last
    out = np.full((count, values.shape[1]), np.nan)
    for i in range(values.shape[1]):
        known = ~np.isnan(values[:, i])
        if known.any():
            out[:, i] = np.interp(grid, clock[known], values[known, i])
    return out, last


def filled(values: Floats, method: str) -> Floats:
    """Missing values by straight lines ("linear", the ends by the nearest value), by the last known one ("forward"), or
    left to become the training mean ("mean")."""
    if method == "mean" or not np.isnan(values).any():
        return values
    out = values.copy()
    places = np.arange(len(values))
    for i in range(values.shape[1]):
        known = ~np.isnan(values[:, i])
        if not known.any() or known.all():
            continue
        if method == "linear":
            out[:, i] = np.interp(places, places[known], values[known, i])
        else:
            last = np.maximum.accumulate(np.where(known, places, -1))
            out[:, i] = np.where(last >= 0, values[np.maximum(last, 0), i], np.nan)
    return out


def even(data: SeriesData, i: int, feature: SequenceFeature) -> tuple[Floats, np.ndarray[Any, Any]]:
    """All channels of series i at the rate of `feature`, not filled; and the recorded step behind each."""
    values = data.series(i)
    rate = feature.rate
    if rate <= 0 or not len(values) or (data.times is None and not data.rate):
        return values, np.arange(len(values))
    clock = data.clock(i)
    times = np.arange(len(values)) / data.rate if clock is None else clock
    return resampled(values, times, rate, feature.predict == "column")


def raw_series(data: SeriesData, i: int, fitted: FittedSequence) -> Floats:
    """The input channels of series i, resampled and filled, in their own units, float64 (k, channels)."""
    values, _ = even(data, i, fitted.feature)
    return filled(values[:, channel_places(data, fitted.channels)], fitted.feature.missing)


def scaled(values: Floats, fitted: FittedSequence) -> Window:
    """(value - offset) / scale, float32; what is still missing becomes 0."""
    made = (values - np.asarray(fitted.offset)) / np.asarray(fitted.scale)
    return np.asarray(np.clip(np.nan_to_num(made, nan=0.0), -_LARGEST, _LARGEST), np.float32)


def channel_places(data: SeriesData, channels: tuple[str, ...]) -> list[int]:
    """Where the channels of the model are in this data. FeatureError naming those that are not."""
    absent = [c for c in channels if c not in data.channels]
    if not absent:
        return [data.channels.index(c) for c in channels]
    listed = ", ".join(f'"{c}"' for c in absent[:5]) + (" and others" if len(absent) > 5 else "")
    raise FeatureError(
        f"The series lack {plural(len(absent), 'channel')} of the model: {listed}.",
        where=f"channels here: {', '.join(data.channels[:12])}",
        remedy="Use series with the same channels as the training data, named the same way.",
    )


# ---- cutting -----------------------------------------------------------------------------------------------------


def cut(data: SeriesData, feature: SequenceFeature, ahead: int | None = None) -> Cuts:
    """Every window of every series that is not left out.

    Args:
        ahead: steps behind the window that must exist too; None: the feature's horizon. 0 for series to be answered.
    """
    steps = steps_of(data, feature.rate)
    ahead = feature.horizon if ahead is None else ahead
    without = set(feature.without)
    series, starts = [], []
    for i, count in enumerate(steps.tolist()):
        own = _starts(count - ahead, feature) if data.name(i) not in without else ()
        if len(own):
            series.append(np.full(len(own), i))
            starts.append(own)
    if not series:
        return Cuts(np.zeros(0, np.int64), np.zeros(0, np.int64), steps)
    return Cuts(np.concatenate(series).astype(np.int64), np.concatenate(starts).astype(np.int64), steps)


def _starts(usable: int, feature: SequenceFeature) -> np.ndarray[Any, Any]:
    """First steps of the windows of a series that has so many steps for them; below 0 when it is padded."""
    if usable >= feature.length:
        return np.arange(0, usable - feature.length + 1, max(1, feature.stride))
    return np.array([usable - feature.length] if usable >= 1 and feature.pad != "drop" else [], np.int64)


def starts_of(data: SeriesData, i: int, feature: SequenceFeature) -> tuple[np.ndarray[Any, Any], int]:
    """(first steps of the windows of series i, its steps after resampling)."""
    clock, count = data.clock(i), len(data.series(i))
    if feature.rate > 0 and count and (clock is not None or data.rate):
        span = (count - 1) / data.rate if clock is None else float(clock[-1] - clock[0])
        count = int(np.floor(span * feature.rate + 1e-6)) + 1
    left_out = data.name(i) in feature.without
    return (np.zeros(0, np.int64) if left_out else _starts(count - feature.horizon, feature)), count


def windows(
    data: SeriesData, cuts: Cuts, rows: np.ndarray[Any, Any], fitted: FittedSequence, raw: bool = False
) -> Iterator[tuple[np.ndarray[Any, Any], Window]]:
    """(their numbers, float32 (k, length, channels)) of the windows `rows`, in that order, some megabytes at a time.

    raw: in their own units, NaN where missing, as an exported model takes them.
    """
    length, channels = fitted.shape
    most = max(1, _BLOCK // (4 * length * channels))
    held = -1
    values: Any = None
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        out = np.zeros((len(some), length, channels), np.float32)
        for i, row in enumerate(some.tolist()):
            if cuts.series[row] != held:
                held = int(cuts.series[row])
                values = raw_series(data, held, fitted)
                values = values.astype(np.float32) if raw else scaled(values, fitted)
            begin = int(cuts.starts[row])
            if begin >= 0:
                out[i] = values[begin : begin + length]
                continue
            out[i, -begin:] = values[: length + begin]
            if fitted.feature.pad == "repeat":
                out[i, :-begin] = values[0]
            elif raw:
                out[i, :-begin] = np.nan
        yield some, out
