"""Whether a run does not learn, by its training losses alone: then a look inside says more than it costs."""

from __future__ import annotations

import math

import numpy as np

from workbench.core.baselines import Rows, baseline_of

from .job import Job

NO_BETTER = 0.95  # of a constant answer's loss
FALLEN = 0.02  # by less than that in all, where no constant answer is known
FAR_OFF = 10.0  # times a constant answer's loss is no beginning
ROWS = 200_000  # that the constant answer is reckoned from, so that it takes no time to speak of
NEWS = 0.01  # a loss that is not lower than before by that much has stopped


def constant_loss(job: Job) -> float:
    """What a constant answer scores on the training rows by the loss of the run; NaN where that is not known. Of many
    rows, on some: sorting ten million takes a second, in which nobody could stop the run."""
    feed = job.train
    coding, (y, weights) = feed.encoding, feed.answers
    if coding.several or coding.target == "input":
        return math.nan
    some = evenly(feed.rows, ROWS)
    rows = Rows(y[some], None if weights is None else weights[some])
    classes = [str(number) for number in range(job.classes[0])]
    return baseline_of(rows, classes, job.loss, class_weights=coding.class_weights).loss


def evenly(rows: int, most: int) -> np.ndarray:
    """At most so many positions, evenly over all rows: the same ones each time."""
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))


def stalled(losses: np.ndarray, constant: float) -> bool:
    """losses: of the epochs so far. constant: as above. Two epochs at least are needed to tell."""
    if len(losses) < 2 or not np.isfinite(losses).all():
        return False
    lowest, last = float(losses.min()), float(losses[-1])
    known = math.isfinite(constant) and constant > 0
    if known and last > FAR_OFF * constant:
        return True
    if lowest < NO_BETTER * constant if known else last < losses[0] - FALLEN * abs(float(losses[0])):
        return False
    before = float(losses[:-1].min())
    return last > before - NEWS * abs(before)
