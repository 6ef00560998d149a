"""Plain facts about a run and what to try, decided without Qt from its history and settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.core import edits
from workbench.core.document import Edit
from workbench.core.project import TrainSpec
from workbench.ui.train.curves import figure, is_share, metric_shown, pretty

ENDED = ("finished", "early_stopped", "stopped", "aborted", "failed")
RISE = 0.05  # a validation loss this much above its best, while training still falls, is overfitting and not noise
WAIT = 3  # epochs a turn must last before it is called one


@dataclass(frozen=True)
class Remedy:
    """One click. `edit` is an ordinary undoable change of the settings for the next run; with `action` "stop" the
    running run is ended and its best weights kept."""

    title: str
    edit: Edit | None = None
    action: str = ""


@dataclass(frozen=True)
class Finding:
    """severity: "fact" | "good" | "warn" | "bad". key is stable, for tests and for keeping places on the screen."""

    key: str
    severity: str
    title: str
    text: str = ""
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Baseline:
    """The best constant answer. loss: its loss on the training rows in the model's units; NaN when not known.
    score: its value of the metric drawn (accuracy of the most common class); NaN when not known. answer: in words."""

    loss: float = math.nan
    score: float = math.nan
    answer: str = ""


@dataclass(frozen=True)
class Watched:
    """What the doctor looks at.

    state: a RunStateChanged state, or a RunEnded reason. epochs: columns by Keras names, one value an epoch.
    batch_loss: one value a batch so far. learning_rate: of the settings, None when it follows a schedule.
    """

    state: str
    train: TrainSpec
    epochs: Mapping[str, np.ndarray] = field(default_factory=dict)
    batch_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    steps_per_epoch: int = 0
    learning_rate: float | None = None
    baseline: Baseline = Baseline()
    text: str = ""


def examine(run: Watched) -> tuple[Finding, ...]:
    """Findings, the most pressing first; what is happening is always among them."""
    loss = _column(run, "loss")
    held_out = _column(run, "val_loss")
    broken = _not_a_number(run)
    if broken is not None:
        return (broken, *_happening(run, loss))
    trouble = _rising(run, loss) or _not_learning(run, loss)
    found = [trouble] if trouble is not None else []
    overfitting = _overfitting(run, loss, held_out)
    if overfitting is not None:
        found.append(overfitting)
    elif trouble is None:
        found += [f for f in (_unfinished(run, loss, held_out), _wide_gap(run)) if f is not None]
    return (*found, *_happening(run, loss), *_best(run, loss, held_out), *_against_baseline(run))


def _column(run: Watched, name: str) -> np.ndarray:
    values = np.asarray(run.epochs.get(name, ()), dtype=float)
    return values if np.isfinite(values).any() else np.empty(0)


def with_learning_rate(train: TrainSpec, rate: float) -> Edit:
    """The edit that sets the optimizer's learning rate and keeps its other settings."""
    return edits.set_train(optimizer_params={**train.optimizer_params, "learning_rate": rate})


def _rate_remedy(run: Watched, factor: float) -> tuple[Remedy, ...]:
    if run.learning_rate is None:
        return ()
    rate = float(f"{run.learning_rate * factor:.2g}")
    word = "smaller" if factor < 1 else "larger"
    return (Remedy(f"Learning rate {rate:g} ({word})", with_learning_rate(run.train, rate)),)


def _not_a_number(run: Watched) -> Finding | None:
    bad = np.flatnonzero(~np.isfinite(run.batch_loss))
    epochs = np.asarray(run.epochs.get("loss", ()), dtype=float)
    if len(bad):
        steps = max(run.steps_per_epoch, 1)
        place = f"since epoch {bad[0] // steps + 1}, batch {bad[0] % steps + 1}"
    elif len(epochs) and not np.isfinite(epochs).all():
        place = f"since epoch {int(np.flatnonzero(~np.isfinite(epochs))[0]) + 1}"
    else:
        return None
    remedies = _rate_remedy(run, 0.1)
    if "clipnorm" not in run.train.optimizer_params:
        clipped = {**run.train.optimizer_params, "clipnorm": 1.0}
        remedies += (Remedy("Limit the gradients (clipnorm 1)", edits.set_train(optimizer_params=clipped)),)
    return Finding(
        "nan",
        "bad",
        f"The loss is not a number {place}.",
        "The steps were too large, or the data holds values that are no numbers. This run cannot learn any more.",
        remedies,
    )


def _rising(run: Watched, loss: np.ndarray) -> Finding | None:
    """Training loss that climbs: over epochs, or within the first one when the steps are far too large."""
    text = "Each step overshoots. A smaller learning rate takes smaller steps."
    if len(loss) > WAIT and (loss[-WAIT:] > loss[:-WAIT].min() * 1.2).all() and loss[-1] > loss[0]:
        return Finding("rising", "bad", "The training loss is rising.", text, _rate_remedy(run, 0.1))
    batches = run.batch_loss
    if len(loss) <= 1 and len(batches) >= 40:
        part = len(batches) // 5
        start, now = float(np.median(batches[:part])), float(np.median(batches[-part:]))
        if now > 2.0 * start and now > start + 1e-6:
            title = f"The loss went up from {figure(start)} to {figure(now)}."
            return Finding("rising", "bad", title, text, _rate_remedy(run, 0.1))
    return None


def _not_learning(run: Watched, loss: np.ndarray) -> Finding | None:
    limit = run.baseline.loss
    if len(loss) < WAIT or not math.isfinite(limit) or limit <= 0 or loss.min() < 0.98 * limit:
        return None
    always = f"than always answering {run.baseline.answer}" if run.baseline.answer else "than a constant answer"
    remedies: tuple[Remedy, ...] = ()
    if run.train.optimizer == "SGD":
        remedies = (Remedy("Use Adam", edits.set_train(optimizer="Adam", optimizer_params={})),)
    remedies += _rate_remedy(run, 0.1 if (run.learning_rate or 0) > 0.003 else 10.0)
    return Finding(
        "not_learning",
        "warn",
        f"Not learning so far: no better {always}.",
        f"After {len(loss)} epochs the loss is {figure(float(loss[-1]))}; a constant answer has {figure(limit)}. "
        "The learning rate may not fit, the net may be too small, or the inputs do not tell the answer.",
        remedies,
    )


def _overfitting(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> Finding | None:
    if len(held_out) <= WAIT or len(loss) < len(held_out):
        return None
    best = int(np.nanargmin(held_out))
    later = held_out[best + 1 :]
    if len(later) < WAIT or not (later[-WAIT:] > held_out[best] * (1 + RISE)).all() or loss[-1] >= loss[best]:
        return None
    remedies: tuple[Remedy, ...] = ()
    if run.state == "running":
        remedies += (Remedy(f"Stop and keep epoch {best + 1}", action="stop"),)
    stopping = run.train.early_stopping
    if not stopping.enabled:
        early = type(stopping)(enabled=True, monitor="val_loss", patience=max(3, min(10, best // 2)))
        remedies += (Remedy("Stop early next time", edits.set_train(early_stopping=early)),)
    return Finding(
        "overfitting",
        "warn",
        f"Overfitting since epoch {best + 2}.",
        f"The training loss still falls, the validation loss went up from {figure(float(held_out[best]))} to "
        f"{figure(float(held_out[-1]))}: it learns the training rows by heart. "
        f"The weights of epoch {best + 1} are kept.",
        remedies,
    )


def _unfinished(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> Finding | None:
    """It ended while still getting better."""
    values = held_out if len(held_out) else loss
    if run.state != "finished" or len(values) < 4:
        return None
    tail = max(2, len(values) // 10)
    before, after = values[:-tail].min(), values[-tail:].min()
    if int(np.nanargmin(values)) < len(values) - tail or after > before - 0.01 * abs(before):
        return None
    more = run.train.epochs * 2
    return Finding(
        "unfinished",
        "fact",
        "It was still getting better when it ended.",
        f"The last {tail} epochs brought the loss from {figure(float(before))} to {figure(float(after))}.",
        (Remedy(f"Train {more:,} epochs", edits.set_train(epochs=more)),),
    )


def _wide_gap(run: Watched) -> Finding | None:
    name = metric_shown(tuple(run.epochs))
    train, held_out = _column(run, name), _column(run, f"val_{name}")
    if not name or not is_share(name) or len(train) < 5 or len(held_out) < 5:
        return None
    gap = float(np.mean(train[-3:]) - np.mean(held_out[-3:]))
    if gap < 0.1:
        return None
    return Finding(
        "gap",
        "warn",
        f"Much better on training rows: {figure(float(train[-1]), name)} against {figure(float(held_out[-1]), name)}.",
        "More data, dropout or a smaller net would help it to carry over to new rows.",
    )


def _happening(run: Watched, loss: np.ndarray) -> tuple[Finding, ...]:
    said = {
        "preparing": ("Preparing the data.", "The training rows are brought into memory."),
        "tracing": ("Tracing the model.", "TensorFlow compiles the training step once; the first batch follows."),
        "paused": ("Paused.", "Nothing is lost. Resume goes on with the very next batch."),
        "stopping": ("Stopping.", "The batch under way is finished and the best weights are kept."),
    }
    if run.state in said:
        title, text = said[run.state]
        return (Finding("now", "fact", run.text or title, text),)
    if run.state in ENDED:
        return _end(run, len(loss))
    if len(loss) < 2:
        return (Finding("now", "fact", "Training: the first epochs show where it goes."),)
    back = min(len(loss) - 1, WAIT)
    was, now = float(loss[-1 - back]), float(loss[-1])
    change = (now - was) / abs(was) if was else 0.0
    span = f"over the last {back} epochs" if back > 1 else "in the last epoch"
    if abs(change) < 0.005:
        return (
            Finding(
                "now",
                "fact",
                f"The training loss has levelled off at {figure(now)}.",
                f"Change {span}: {100 * change:+.1f} %.",
            ),
        )
    word = "fell" if change < 0 else "rose"
    return (
        Finding(
            "now",
            "fact",
            f"The training loss {word} {100 * abs(change):.0f} % {span}.",
            f"From {figure(was)} to {figure(now)}.",
        ),
    )


def _end(run: Watched, epochs: int) -> tuple[Finding, ...]:
    count = f"{epochs} epoch" + ("" if epochs == 1 else "s")
    titles = {
        "finished": f"Finished after {count}.",
        "early_stopped": f"Stopped early after {count}.",
        "stopped": f"Stopped by hand after {count}.",
        "aborted": f"Ended by hand after {count}.",
        "failed": f"Failed after {count}.",
    }
    monitor = run.train.early_stopping.monitor.removeprefix("val_")
    part = "validation" if run.train.early_stopping.monitor.startswith("val_") else "training"
    patience = run.train.early_stopping.patience
    texts = {
        "early_stopped": f"The {part} {pretty(monitor)} had not improved for {patience} epochs.",
        "stopped": "The best weights so far are kept.",
    }
    severity = "good" if run.state in ("finished", "early_stopped") else "fact"
    return (Finding("now", severity, titles[run.state], texts.get(run.state, "")),)


def _best(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> tuple[Finding, ...]:
    values, part = (held_out, "validation loss") if len(held_out) else (loss, "loss")
    if len(values) == 0:
        return ()
    best = int(np.nanargmin(values))
    text = f"{part.capitalize()} {figure(float(values[best]))}"
    name = metric_shown(tuple(run.epochs))
    column = _column(run, f"val_{name}" if len(held_out) else name)
    if name and len(column) > best:
        text += f", {pretty(name)} {figure(float(column[best]), name)}"
    note = "" if len(held_out) else " No rows are held out for validation, so overfitting cannot be seen."
    when = "Best epoch" if run.state in ENDED else "Best epoch so far"
    return (Finding("best", "fact", f"{when}: {best + 1}.", f"{text}. Its weights are the ones kept.{note}"),)


def _against_baseline(run: Watched) -> tuple[Finding, ...]:
    name = metric_shown(tuple(run.epochs))
    column = _column(run, f"val_{name}")
    score = run.baseline.score
    if not name or pretty(name) != "accuracy" or not len(column) or not math.isfinite(score):
        return ()
    judged = _column(run, "val_loss")
    kept = int(np.nanargmin(judged)) if len(judged) == len(column) and np.isfinite(judged).any() else len(column) - 1
    now = float(column[kept])  # of the weights that are kept, not of the luckiest epoch
    if not math.isfinite(now):
        return ()
    better = "good" if now > score + 0.02 else "fact"
    text = f"Always answering {run.baseline.answer} would be right {figure(score, name)} of the time."
    return (Finding("baseline", better, f"{figure(now, name)} right on rows it has not learned from.", text),)


def baseline_of(train: np.ndarray, classes: tuple[str, ...], loss: str, held_out: np.ndarray | None = None) -> Baseline:
    """What a constant answer scores, in the model's units.

    Args:
        train: y of the training part, int (n,) classes or float (n, 1) scaled. classes: empty for regression.
        loss: the Keras loss name; only cross-entropies, squared and absolute errors have a known constant.
        held_out: y of the validation part, on which the most common class is scored; the training part when None.
    """
    y = np.asarray(train).reshape(-1)
    if not len(y):
        return Baseline()
    if classes:
        shares = np.bincount(y[y >= 0].astype(np.int64), minlength=len(classes)) / max(len(y), 1)
        seen = shares[shares > 0]
        entropy = float(-(seen * np.log(seen)).sum()) if "crossentropy" in loss else math.nan
        common = int(shares.argmax())
        judged = y if held_out is None or not len(held_out) else np.asarray(held_out).reshape(-1)
        return Baseline(entropy, float((judged == common).mean()), f"“{classes[common]}”")
    values = y.astype(np.float64)
    if loss in ("mean_squared_error", "mse"):
        return Baseline(float(values.var()), answer="the mean")
    if loss in ("mean_absolute_error", "mae"):
        return Baseline(float(np.abs(values - np.median(values)).mean()), answer="the median")
    return Baseline()
