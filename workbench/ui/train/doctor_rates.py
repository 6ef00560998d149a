"""Whether the steps of a run are too large or too small, by its training loss. Without Qt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from workbench.core.edits_optimizer import use_optimizer
from workbench.ui.readable import figure
from workbench.ui.train.findings import (
    ENDED,
    FAR,
    WAIT,
    Finding,
    Remedy,
    Watched,
    clipping,
    column_of,
    plain_rate,
    rate_remedy,
    usual_rate,
)

JUMP = 0.15  # of the loss, on average from epoch to epoch, is no noise
LEAST = 8  # epochs before a pace is judged
STEPS, MANY_STEPS = 30, 500  # before it is said that nothing, or little, is learned: an epoch may be one step
FALLS = 0.02  # of the loss, over the last WAIT epochs: it is on its way
FAR_OFF, SHOT_UP = 10.0, 3.0  # times the loss of a constant answer
TRY = Remedy("Try learning rates…", action="try_rates")


def rising(run: Watched, loss: np.ndarray) -> Finding | None:
    """Training loss that climbs: over epochs, or within the first one when the steps are far too large."""
    text = "Each step overshoots. A smaller learning rate takes smaller steps."
    if len(loss) > WAIT and (loss[-WAIT:] > loss[:-WAIT].min() * 1.2).all() and loss[-1] > loss[0]:
        return Finding("rising", "bad", "The training loss is rising.", text, rate_remedy(run, 0.1))
    batches = run.batch_loss
    if len(loss) <= 1 and len(batches) >= 40:
        part = len(batches) // 5
        some = 1 + part // 5000  # of very many batches a part tells the middle as well
        start, now = float(np.median(batches[:part:some])), float(np.median(batches[-part::some]))
        if now > 2.0 * start and now > start + 1e-6:
            title = f"The loss went up from {figure(start)} to {figure(now)}."
            return Finding("rising", "bad", title, text, rate_remedy(run, 0.1))
    return None


def thrown(run: Watched, loss: np.ndarray) -> Finding | None:
    """A loss many times that of a constant answer: it still is, or it was and steps far larger than usual did it."""
    limit = run.baseline.loss
    if len(loss) < 2 or not math.isfinite(limit) or limit <= 0 or not np.isfinite(loss).all():
        return None
    usual, peak = usual_rate(run.train.optimizer), float(loss.max())
    rate = max((r for r in (run.learning_rate, plain_rate(run.train)) if r is not None), default=None)
    run = replace(run, learning_rate=rate)  # it may have been lowered by hand since then
    large = rate is not None and rate >= FAR * usual
    if len(loss) >= WAIT and loss[-1] > FAR_OFF * limit:
        text = "Inputs or a target that are not scaled do this, very large first weights, or steps that are too large."
        if large:
            text = f"The learning rate of {rate:g} is far above the {usual:g} that {run.train.optimizer} has by itself."
        return Finding(
            "thrown",
            "bad",
            f"The loss is {times(float(loss[-1]) / limit)} that of a constant answer.",
            f"It is {figure(float(loss[-1]))}; a constant answer has {figure(limit)}. {text}",
            (*rate_remedy(run, 0.1), *(() if large else clipping(run, "global_clipnorm"))),
        )
    if not large or peak < SHOT_UP * limit:
        return None
    return Finding(
        "thrown",
        "warn",
        f"The learning rate looks too high: the loss shot up to {figure(peak)}.",
        f"That is {times(peak / limit)} what a constant answer has ({figure(limit)}), and what was learned until then "
        f"was lost. {run.train.optimizer} by itself has a rate of {usual:g}, not {rate:g}.",
        (*rate_remedy(run, 0.1), TRY),
    )


def times(ratio: float) -> str:
    """ "12 times", and in words what nobody counts."""
    return f"{ratio:,.0f} times" if ratio < 1e6 else "more than a million times"


def not_learning(run: Watched, loss: np.ndarray) -> Finding | None:
    """Training loss that has come no lower than a constant answer's, and does not fall."""
    limit = run.baseline.loss
    if len(loss) < WAIT or not math.isfinite(limit) or limit <= 0 or loss.min() < 0.98 * limit:
        return None
    if begins(run, loss, STEPS) or falls(loss) or _gets_there(run, loss, 0.98 * limit):
        return None
    held_out = column_of(run, "val_loss")
    if len(held_out) and np.nanmin(held_out) < 0.98 * limit:  # only what acts in training alone, as Dropout, hides it
        return None
    always = f"than always answering {run.baseline.answer}" if run.baseline.answer else "than a constant answer"
    remedies: tuple[Remedy, ...] = ()
    usual, rate = usual_rate(run.train.optimizer), run.learning_rate or 0.0
    low = 0 < rate * FAR <= usual
    if run.train.optimizer == "SGD" and not low:
        remedies = (Remedy("Use Adam", use_optimizer("Adam", own_rate=True)),)
    remedies += rate_remedy(run, 0.1 if rate > 0.003 else 10.0)
    why = "The learning rate may not fit, the net may be too small, or the inputs do not tell the answer."
    if low:
        why = f"The learning rate of {rate:g} is far below the {usual:g} that {run.train.optimizer} has by itself."
    return Finding(
        "not_learning",
        "warn",
        f"{'It has learned nothing' if run.state in ENDED else 'Not learning so far'}: no better {always}.",
        f"After {len(loss)} epochs the loss is {figure(float(loss[-1]))}; a constant answer has {figure(limit)}. {why}",
        remedies,
    )


def _gets_there(run: Watched, loss: np.ndarray, limit: float) -> bool:
    """Whether a loss that falls in each epoch will be below that before the run ends, at the pace of the last ones."""
    falls = -np.diff(loss[-1 - WAIT :])
    left = 0 if run.state in ENDED else run.train.epochs - len(loss)
    return bool((falls > 0).all()) and float(falls.mean()) * left > loss[-1] - limit


def begins(run: Watched, loss: np.ndarray, steps: int = STEPS) -> bool:
    """Whether it has done fewer steps than that."""
    return 0 < len(loss) * run.steps_per_epoch < steps


def falls(loss: np.ndarray, share: float = FALLS) -> bool:
    """Whether it got better at a pace worth waiting for: by that share over the last epochs."""
    before = float(loss[max(0, len(loss) - 1 - WAIT)]) if len(loss) > 2 else 0.0
    return len(loss) > 2 and before - float(loss[-1]) > share * abs(before)


def jumping(run: Watched, loss: np.ndarray) -> Finding | None:
    """Training loss that goes up and down by much and has stopped falling, well above nothing."""
    if len(loss) < LEAST or run.learning_rate is None or not np.isfinite(loss).all():
        return None
    half = len(loss) // 2
    late = loss[half:]
    changes = np.diff(late)
    middle = float(np.median(late))
    if middle <= 0.05 * loss[0] or late.min() < 0.95 * loss[:half].min():
        return None
    turns = int((np.sign(changes[1:]) != np.sign(changes[:-1])).sum())
    jump = float(np.abs(changes).mean()) / middle
    if jump < JUMP or turns < max(2, len(changes) // 3):
        return None
    return Finding(
        "jumping",
        "warn",
        "The training loss jumps up and down: the learning rate looks too high.",
        f"From one epoch to the next it changes by {100 * jump:.0f} % on average, and it has not fallen since "
        f"epoch {int(loss[:half].argmin()) + 1}.",
        (*rate_remedy(run, 0.2), TRY),
    )


def creeping(run: Watched, loss: np.ndarray) -> Finding | None:
    """Training loss that falls by the same small amount each epoch: far from the end, with steps that are too small."""
    if len(loss) < LEAST or run.learning_rate is None or not np.isfinite(loss).all():
        return None
    low = run.learning_rate * FAR <= usual_rate(run.train.optimizer)
    if begins(run, loss, MANY_STEPS) and not low:
        return None
    falls = -np.diff(loss)
    fallen = float(loss[0] - loss[-1]) / abs(float(loss[0])) if loss[0] else 0.0
    each = float(falls.mean())
    if (falls <= 0).any() or not 0.002 < fallen < 0.3 or falls[-3:].mean() < 0.7 * falls[:3].mean():
        return None
    if falls.std() > 0.5 * each:
        return None
    return Finding(
        "creeping",
        "warn",
        "The loss falls evenly but slowly: the learning rate looks too low.",
        f"After {len(loss)} epochs it has fallen by {100 * fallen:.1f} %, by about {figure(each)} each epoch, and does "
        "not slow down.",
        (*rate_remedy(run, 10.0), TRY),
    )
