"""Whether what is learned is learned by heart: a validation loss that rises while the training loss falls. Without
Qt."""

from __future__ import annotations

import math

import numpy as np

from workbench.core import edits
from workbench.core.project import Project
from workbench.ui.readable import figure
from workbench.ui.train.findings import WAIT, Finding, Remedy, Watched, kept_of

LOST = 0.02  # of what the validation loss had fallen by: less than that is no loss worth a word
RISE = 0.05  # a validation loss this much above its best, while training still falls, is overfitting and not noise


def noise_of(values: np.ndarray) -> float:
    """The spread of a curve about its own trend: from second differences, by their median, which few turns move."""
    bends = np.abs(np.diff(values, 2))
    return 1.4826 * float(np.nanmedian(bends)) / math.sqrt(6) if len(bends) else 0.0


def least_rise(constant: float, rows: int) -> float:
    """The smallest rise of a validation loss that so many rows can tell from chance: 2 of its standard errors.

    A rise comes from single rows that are answered wrong with more and more certainty. As a sum over k independent rows
    of about c each (a compound Poisson sum, W. Feller, An Introduction to Probability Theory and Its Applications I,
    3rd ed., XII.2) it is k c / rows with a standard error of sqrt(k) c / rows, so k has to be above 4. c is about twice
    the loss of a constant answer: 1.0 to 2.5 nats where nets of 2 and 3 classes were trained too long and judged on
    20,000 rows; a squared error sigma^2 that gains tau^2 has 4 sigma^2 + 2 tau^2.

    constant: what a constant answer scores; NaN where that is not known: then nothing is too small.
    """
    return 4 * 2 * constant / rows if rows and math.isfinite(constant) else 0.0


def turned(train: np.ndarray, held_out: np.ndarray, least: float = 0.0) -> int | None:
    """The epoch (from 0) after which the validation loss rose for good while the training loss fell; else None.

    least: see `least_rise`.
    """
    if len(held_out) <= WAIT or len(train) < len(held_out) or not np.isfinite(held_out).any():
        return None
    best = int(np.nanargmin(held_out))
    later = held_out[best + 1 :]
    if len(later) < WAIT or not (later[-WAIT:] > held_out[best] * (1 + RISE)).all():
        return None
    risen = float(later[-WAIT:].mean() - held_out[best])
    gained = float(held_out[np.isfinite(held_out)][0] - held_out[best])
    worth = max(4 * noise_of(held_out), LOST * gained, least)
    return None if risen < worth or train[-WAIT:].mean() >= train[best] else best


def overfitting(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> Finding | None:
    """Of rows that are enough to tell."""
    best = turned(loss, held_out, least_rise(run.baseline.loss, run.rows))
    if best is None:
        return None
    remedies: tuple[Remedy, ...] = ()
    epoch = kept_of(run) + 1
    if run.state == "running":
        remedies += (Remedy(f"Stop and keep epoch {epoch}", action="stop"),)
    stopping = run.stopping
    if not stopping.enabled:
        early = type(stopping)(enabled=True, monitor="val_loss", patience=max(3, min(10, best // 2)))
        remedies += (Remedy("Stop early next time", edits.set_train(early_stopping=early)),)
    else:
        remedies += smaller_weights(run)
    return Finding(
        "overfitting",
        "fact" if run.state == "early_stopped" else "warn",  # ended in time: nothing is left to do
        f"Overfitting since epoch {best + 2}.",
        f"The training loss still falls, the validation loss went up from {figure(float(held_out[best]))} to "
        f"{figure(float(held_out[-1]))}: it learns the training rows by heart. "
        f"The weights of epoch {epoch} are kept.",
        remedies,
    )


def smaller_weights(run: Watched) -> tuple[Remedy, ...]:
    """Adam as it is, but for weights that are held small, so that it learns less by heart."""
    if run.train.optimizer != "Adam" or run.train.optimizer_params.get("weight_decay"):
        return ()

    def edit(project: Project) -> Project:
        kept = {k: v for k, v in project.train.optimizer_params.items() if k != "weight_decay"}
        return edits.set_train(optimizer="AdamW", optimizer_params=kept)(project)

    return (Remedy("Hold the weights small (AdamW)", edit),)
