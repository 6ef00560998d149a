"""The figure that decides which epoch is the best: what a run watches, and whether more of it is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .figure_names import parted
from .project import EarlyStopping

# Metrics of which more is better, by the part of their name that says so.
_RISING = (
    "accuracy",
    "auc",
    "precision",
    "recall",
    "sensitivity",
    "specificity",
    "f1",
    "f_beta",
    "fbeta",
    "r2",
    "iou",
    "io_u",
    "true_",
    "cosine_similarity",
    "concordance",
    "pearson",
)


def rises(monitor: str) -> bool:
    """Whether more of it is better. Of a figure of one output, the metric decides and not the output's name."""
    metric = parted(monitor)[1]
    return "loss" not in metric and any(part in metric for part in _RISING)


def watched(early: EarlyStopping, names: Sequence[str], validated: bool) -> tuple[str, str]:
    """The monitor of a run, and a word for the person where it is not the one they chose ("" otherwise).

    Early stopping's own monitor when it is on, else the validation loss, else the loss. A monitor that the run does
    not have (no validation part, another metric) gives way to its like on the training part, or to the loss.

    Args:
        names: "loss" and the metrics of the run, as Keras names them. validated: there are validation rows.
    """
    there = (*names, *(f"val_{n}" for n in names)) if validated else tuple(names)
    wanted = early.monitor if early.enabled else "val_loss"
    if wanted in there:
        return wanted, ""
    bare = wanted.removeprefix("val_")
    taken = bare if bare in there else ("val_loss" if validated else "loss")
    if not early.enabled:
        return taken, ""
    why = "there are no validation rows" if not validated and bare in there else "this run does not measure it"
    return taken, f"{wanted} cannot be watched, as {why}; {taken} is watched instead."


def kept_epoch(figures: Mapping[str, Sequence[float] | np.ndarray], early: EarlyStopping) -> tuple[int | None, str]:
    """The epoch (from 0) whose weights a run keeps, None before the first with a number; and the figure that says so.

    Args:
        figures: one value an epoch, by Keras names; those of validation rows begin with "val_".
    """
    there = [name for name, column in figures.items() if len(column)]
    names = [name for name in there if not name.startswith("val_")]
    monitor, _ = watched(early, names, any(name.startswith("val_") for name in there))
    values = np.asarray(figures.get(monitor, ()), np.float32)
    finite = np.isfinite(values)
    if not finite.any():
        return None, monitor
    return int(np.where(finite, -values if rises(monitor) else values, np.inf).argmin()), monitor
