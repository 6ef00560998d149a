"""Reading a range test: loss against a learning rate that grows from step to step (Smith 2017, section 3.3).

While the rate is too low nothing happens, then the loss falls, and where the steps overshoot it shoots up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPREAD = 3.0  # steps, of the bell by which neighbours are averaged
AVERAGED = 2 * np.sqrt(np.pi) * SPREAD  # independent steps whose mean is as sure as one of that bell
FALL = 0.02  # of the first loss, below which it does not fall at all
CLEAR = 4.0  # standard errors of it: the lowest of ten averages of noise alone is hardly so far below the first


@dataclass(frozen=True)
class Reading:
    """smooth: the loss without its noise. suggested: a rate to train with, 0 when none can be told. highest: where the
    loss is lowest; above it, steps overshoot."""

    smooth: Floats
    suggested: float = 0.0
    highest: float = 0.0


def smoothed(losses: Floats) -> Floats:
    """An average over neighbours on both sides, so that nothing is late; what shoots up is cut before."""
    if not len(losses):
        return losses
    reach = np.arange(-9, 10)
    bell = np.exp(-0.5 * (reach / SPREAD) ** 2)
    padded = np.convolve(np.pad(_cut(losses), 9), bell, "valid")
    return np.asarray(padded / np.convolve(np.pad(np.ones(len(losses)), 9), bell, "valid"))


def _cut(losses: Floats) -> Floats:
    return np.asarray(np.minimum(losses, 2 * abs(float(np.median(losses[:10]))) + losses.min()))


def fall(losses: Floats) -> int:
    """The place of the step that parts high losses from low ones best (the greatest variance between the two, as Otsu
    1979 finds a threshold): the steepest slope of them is often that of a few hard batches while nothing is learned."""
    before = np.arange(1, len(losses))
    after = len(losses) - before
    sums = np.cumsum(losses)
    gap = sums[:-1] / before - (sums[-1] - sums[:-1]) / after
    return int((before * after * gap * np.abs(gap)).argmax())


def read(rates: Floats, losses: Floats) -> Reading:
    """rates rise by an equal factor; losses: of the steps made with them, finite."""
    losses = np.asarray(losses, np.float64)
    smooth = smoothed(losses)
    if len(smooth) < 10:
        return Reading(smooth)
    lowest = int(smooth.argmin())
    start = float(np.median(smooth[: max(3, len(smooth) // 10)]))
    noise = float(np.std((_cut(losses) - smooth)[: lowest + 1]))
    if lowest < 3 or start - smooth[lowest] < max(FALL * abs(start), CLEAR * noise / np.sqrt(AVERAGED)):
        return Reading(smooth)
    suggested = min(float(rates[fall(smooth[: lowest + 1])]), float(rates[lowest]) / 3)
    return Reading(smooth, float(f"{suggested:.1g}"), float(rates[lowest]))
