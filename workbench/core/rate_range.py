"""Reading a range test: loss against a learning rate that grows from step to step (Smith 2017, section 3.3).

While the rate is too low nothing happens, then the loss falls, and where the steps overshoot it shoots up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPREAD = 3.0  # steps, of the bell by which neighbours are averaged
FALL = 0.02  # of the first loss, below which it does not fall at all


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
    cut = np.minimum(losses, 2 * abs(float(np.median(losses[:10]))) + losses.min())
    reach = np.arange(-9, 10)
    bell = np.exp(-0.5 * (reach / SPREAD) ** 2)
    padded = np.convolve(np.pad(cut, 9), bell, "valid")
    return np.asarray(padded / np.convolve(np.pad(np.ones(len(cut)), 9), bell, "valid"))


def read(rates: Floats, losses: Floats) -> Reading:
    """rates rise by an equal factor; losses: of the steps made with them, finite."""
    smooth = smoothed(np.asarray(losses, np.float64))
    if len(smooth) < 10:
        return Reading(smooth)
    lowest = int(smooth.argmin())
    start = float(np.median(smooth[: max(3, len(smooth) // 10)]))
    if lowest < 3 or start - smooth[lowest] < FALL * abs(start):
        return Reading(smooth)
    slope = np.gradient(smooth[: lowest + 1], np.log(np.asarray(rates[: lowest + 1], np.float64)))
    steepest = int(slope.argmin())
    suggested = min(float(rates[steepest]), float(rates[lowest]) / 3)
    return Reading(smooth, float(f"{suggested:.1g}"), float(rates[lowest]))
