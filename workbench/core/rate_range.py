"""Reading a range test: loss against a learning rate that grows from step to step (Smith 2017, section 3.3).

While the rate is too low nothing happens, then the loss falls, and where the steps overshoot it shoots up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEIGHT = 0.9  # of what was before, in the running mean
FALL = 0.02  # of the first loss, below which it does not fall at all


@dataclass(frozen=True)
class Reading:
    """smooth: the loss without its noise. suggested: a rate to train with, 0 when none can be told. highest: where the
    loss is lowest; above it, steps overshoot."""

    smooth: Floats
    suggested: float = 0.0
    highest: float = 0.0


def smoothed(losses: Floats) -> Floats:
    """A running mean with its start corrected (Kingma & Ba 2015, section 3)."""
    out = np.empty(len(losses))
    mean = 0.0
    for i, loss in enumerate(losses.tolist()):
        mean = WEIGHT * mean + (1 - WEIGHT) * loss
        out[i] = mean / (1 - WEIGHT ** (i + 1))
    return out


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
