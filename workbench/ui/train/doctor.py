"""Plain facts about a run and what to try, decided without Qt from its history and settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.core import edits
from workbench.core.figure_names import of_output
from workbench.core.monitors import kept_epoch
from workbench.core.wording import plural
from workbench.ui.readable import figure, is_share, metric_shown, output_of, pretty
from workbench.ui.train.doctor_inside import inside, one_answer, suspected
from workbench.ui.train.doctor_overfitting import least_rise, overfitting, smaller_weights
from workbench.ui.train.doctor_rates import begins, creeping, falls, jumping, not_learning, rising, thrown
from workbench.ui.train.doctor_schedule import ended
from workbench.ui.train.findings import (
    ENDED,
    WAIT,
    Finding,
    Remedy,
    Watched,
    column_of,
    kept_of,
    rate_remedy,
    with_optimizer,
)

BY_HEART = "What it learned of the training rows does not carry over: the inputs may not tell the answer."
LOOK = Remedy("Look at the features", action="page:features")
WIDER = 1.25  # times the training loss
FAST = 0.1  # of the loss, over the last WAIT epochs: it is in the middle of learning
CATCHES_UP = 0.25  # of the gap, within WAIT epochs


def examine(run: Watched) -> tuple[Finding, ...]:
    """Findings, the most pressing first; what is happening is always among them."""
    loss = column_of(run, "loss")
    held_out = column_of(run, "val_loss")
    broken = _not_a_number(run)
    if broken is not None:
        return (broken, *_happening(run, loss))
    trouble = next((f for rule in RULES if (f := rule(run, loss)) is not None), None)
    stuck = trouble is not None and trouble.key == "not_learning"
    within = inside(run, stuck=stuck)
    if run.state not in ENDED and (falls(loss, FAST) or (falls(loss) and loss[-1] > 0.9 * run.baseline.loss)):
        within = without_never(within)  # it may still learn it: of many classes some come last
    found = _explained(run, trouble, within)
    by_heart = overfitting(run, loss, held_out)
    if by_heart is not None:
        found.append(by_heart)
    elif trouble is None:
        found += [f for f in (_unfinished(run, loss, held_out), _wide_gap(run)) if f is not None]
    judged = _against_baseline(run, held_out)
    told = begins(run, loss) or (trouble is not None and trouble.key in ("not_learning", "thrown", "creeping"))
    told = told or (run.state not in ENDED and falls(held_out))  # it is on its way
    worse = [f for f in judged if f.severity == "warn" and not told]
    if by_heart is not None:  # smaller steps would not help, and what does is offered there
        left = [tuple(r for r in f.remedies if not r.title.startswith("Learning rate")) for f in worse]
        worse = [replace(f, text=f"{f.text} {BY_HEART}", remedies=(*r, LOOK)) for f, r in zip(worse, left, strict=True)]
    better = [f for f in judged if f.severity != "warn"]
    return (*_once([*found, *worse]), *_happening(run, loss), *_best(run, loss, held_out), *better)


def _once(found: Sequence[Finding]) -> list[Finding]:
    """Without remedies that a finding before offers, as far as others are left."""
    offered: set[str] = set()
    told = []
    for finding in found:
        fresh = tuple(r for r in finding.remedies if r.title not in offered) or finding.remedies[:1]
        offered |= {r.title for r in fresh}
        told.append(replace(finding, remedies=fresh))
    return told


RULES = (ended, thrown, rising, not_learning, jumping, creeping)
CAUSES = ("exploding", "vanishing", "dead")


def without_never(found: Sequence[Finding]) -> list[Finding]:
    """All but that a class is never answered."""
    return [f for f in found if not f.key.startswith("never")]


def _explained(run: Watched, trouble: Finding | None, within: Sequence[Finding]) -> list[Finding]:
    """What the curves say with what was seen within: where that says why nothing is learned, it is told as the cause
    of it, and that all rows get the one answer is told once."""
    found = list(within)
    if trouble is None:
        return found
    found = without_never(found)  # of little that was learned
    if trouble.key != "not_learning":
        return [trouble, *found]
    if one := one_answer(run):
        trouble = replace(trouble, text=f"{trouble.text} It answers “{one}” to every row.")
    cause = next((f for f in found if f.key in CAUSES), None)
    if cause is None:
        return [suspected(run, trouble), *found]
    told = replace(cause, severity="bad", text=f"{cause.text} {trouble.title}")
    return [told, *(f for f in found if f is not cause)]


def _not_a_number(run: Watched) -> Finding | None:
    told = run.batch_loss
    # a sum shows whether there is any: looking for it among millions of batches is ten times as slow
    bad = np.empty(0, int) if np.isfinite(np.sum(told)) else np.flatnonzero(~np.isfinite(told))
    epochs = np.asarray(run.epochs.get("loss", ()), dtype=float)
    if len(bad):
        steps = max(run.steps_per_epoch, 1)
        place = f"since epoch {bad[0] // steps + 1}, batch {bad[0] % steps + 1}"
    elif len(epochs) and not np.isfinite(epochs).all():
        place = f"since epoch {int(np.flatnonzero(~np.isfinite(epochs))[0]) + 1}"
    else:
        return None
    remedies = rate_remedy(run, 0.1)
    if "clipnorm" not in run.train.optimizer_params:
        remedies += (Remedy("Limit the gradients (clipnorm 1)", with_optimizer(clipnorm=1.0)),)
    return Finding(
        "nan",
        "bad",
        f"The loss is not a number {place}.",
        "The steps were too large, or the data holds values that are no numbers. This run cannot learn any more.",
        remedies,
    )


def _unfinished(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> Finding | None:
    """It ended while still getting better."""
    values = held_out if len(held_out) else loss
    if run.state != "finished" or len(values) < 3:
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
    train, held_out = column_of(run, name), column_of(run, f"val_{name}")
    if not name or not is_share(name) or len(train) < 5 or len(held_out) < 5:
        return None
    gap = float(np.mean(train[-3:]) - np.mean(held_out[-3:]))
    share = float(np.clip(np.mean(held_out[-3:]), 0, 1))
    chance = 3 * math.sqrt(share * (1 - share) / run.rows) if run.rows else 0.0  # standard errors: each epoch is a try
    if gap < max(0.1, chance) or not _loses_too(run):
        return None
    if held_out[-1] - held_out[-1 - WAIT] > CATCHES_UP * gap:  # only behind, as averages of batch normalisation begin
        return None
    return Finding(
        "gap",
        "warn",
        f"Much better on training rows: {figure(float(train[-1]), name)} against {figure(float(held_out[-1]), name)}.",
        "More data, dropout or a smaller net would help it to carry over to new rows.",
        smaller_weights(run),
    )


def _loses_too(run: Watched) -> bool:
    """Whether the loss says as the share does that the training rows are done better: a few rows more or less are not
    many of a small validation part."""
    train, held_out = column_of(run, "loss")[-3:], column_of(run, "val_loss")[-3:]
    return not len(train) or not len(held_out) or float(held_out.mean()) > WIDER * float(train.mean())


def _happening(run: Watched, loss: np.ndarray) -> tuple[Finding, ...]:
    said = {
        "preparing": ("Preparing the data.", "The training rows are brought into memory."),
        "tracing": ("Tracing the model.", "TensorFlow compiles the training step once; the first batch follows."),
        "paused": ("Paused.", "Nothing is lost. Resume goes on with the very next batch."),
        "stopping": ("Stopping.", "The best weights are kept."),
    }
    if run.state in said:
        title, text = said[run.state]
        if run.text.startswith("Waiting"):
            text = "Each begins with its line, under “Train on a cluster…”."
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
    count = plural(epochs, "epoch")
    titles = {
        "finished": f"Finished after {count}.",
        "early_stopped": f"Stopped early after {count}.",
        "stopped": f"Stopped by hand after {count}.",
        "aborted": f"Ended by hand after {count}.",
        "failed": f"Failed after {count}.",
    }
    monitor = kept_epoch(run.epochs, run.stopping)[1]
    patience = plural(run.stopping.patience, "epoch")
    texts = {
        "early_stopped": f"The {_in_part(monitor, run)} had not improved for {patience}.",
        "stopped": "The best weights so far are kept."
        if run.kept
        else "There are no weights to use before the first epoch; trained on, it goes on from here.",
    }
    severity = "good" if run.state in ("finished", "early_stopped") else "fact"
    return (Finding("now", severity, titles[run.state], texts.get(run.state, "")),)


def _best(run: Watched, loss: np.ndarray, held_out: np.ndarray) -> tuple[Finding, ...]:
    values, part = (held_out, "validation loss") if len(held_out) else (loss, "loss")
    best, monitor = kept_epoch(run.epochs, run.stopping)
    if best is None or len(values) <= best:
        return ()
    text = f"{part.capitalize()} {figure(float(values[best]))}"
    name = metric_shown(tuple(run.epochs))
    column = column_of(run, f"val_{name}" if len(held_out) else name)
    if name and len(column) > best:
        text += f", {pretty(name, run.outputs)} {figure(float(column[best]), name)}"
    note = "" if len(held_out) else " No rows are held out for validation, so overfitting cannot be seen."
    by = "" if monitor.endswith("loss") else f", as the {_in_part(monitor, run)} was best there"
    when = "Best epoch" if run.state in ENDED else "Best epoch so far"
    kept = f"Its weights are the ones kept{by}." if run.kept else "Nothing was kept of this run."
    return (Finding("best", "fact", f"{when}: {best + 1}.", f"{text}. {kept}{note}"),)


def _in_part(monitor: str, run: Watched) -> str:
    """ "validation accuracy" of "val_accuracy"."""
    part = "validation" if monitor.startswith("val_") else "training"
    return f"{part} {pretty(monitor.removeprefix('val_'), run.outputs)}"


def _against_baseline(run: Watched, held_out: np.ndarray) -> tuple[Finding, ...]:
    name = metric_shown(tuple(run.epochs))
    column = column_of(run, f"val_{name}")
    of, metric = output_of(name, run.outputs)
    own = run.baseline.outputs.get(of_output(name, run.baseline.outputs)[0], run.baseline)
    score = own.score
    if not name or pretty(metric) != "accuracy" or not len(column) or not math.isfinite(score):
        return _constant_is_better(run, held_out)
    now = float(column[min(kept_of(run), len(column) - 1)])  # of the weights that are kept, not of the luckiest epoch
    if not math.isfinite(now):
        return ()
    where = f"{of}: " if of else ""
    text = f"Always answering {own.answer} would be right {figure(score, name)} of the time."
    chance = 2 * math.sqrt(score * (1 - score) / run.rows) if run.rows else 0.0  # two standard errors of a share
    if now < score - max(0.01, chance) and len(column) > WAIT:
        title = f"{where}Worse than a constant answer: {figure(now, name)} right on rows it has not learned from."
        remedies: tuple[Remedy, ...] = ()
        if run.balance != "none":
            remedies = (Remedy("Let all rows count alike", edits.set_balance("none")),)
        return (Finding("worse", "warn", title, text, (*remedies, *rate_remedy(run, 0.1))),)
    better = "good" if now > score + 0.02 else "fact"
    return (Finding("baseline", better, f"{where}{figure(now, name)} right on rows it has not learned from.", text),)


def _constant_is_better(run: Watched, held_out: np.ndarray) -> tuple[Finding, ...]:
    """A regression whose best epoch is further off on validation rows than the mean, or the median, would be."""
    limit = run.baseline.held_out
    least = limit + max(0.02 * limit, least_rise(limit, run.rows))
    if not math.isfinite(limit) or len(held_out) <= WAIT or not np.nanmin(held_out) > least:
        return ()
    best = float(np.nanmin(held_out))
    title = f"Worse than always answering {run.baseline.answer}."
    text = f"On rows it has not learned from the loss is {figure(best)}; {run.baseline.answer} has {figure(limit)}."
    return (Finding("worse", "warn", title, text, rate_remedy(run, 0.1)),)
