"""Settings changed while a run trains: what is done at once, what waits for the next epoch, and how it is told."""

from __future__ import annotations

from dataclasses import replace

from workbench.core.monitors import watched
from workbench.core.project import EarlyStopping
from workbench.core.wording import plural
from workbench.link.messages import Adjust

from . import rates
from .job import Job, restopped


def adjusted(job: Job, change: Adjust, epoch: int, batch_wanted: int) -> tuple[Job, int, list[str]]:
    """The job as changed, the batch size to take at the next epoch (0: none), and what happened, for people: a text for
    each setting that was asked for, also where it stays, as whoever asked waits to hear of it; "" for a batch size that
    is told when it is taken.

    Args:
        epoch: in which the run is, from 0. batch_wanted: asked for before and not taken yet.
    """
    texts = []
    if change.learning_rate is not None and change.learning_rate > 0:
        before = rates.rate(job.model)
        held = rates.set_rate(job.model, change.learning_rate)
        text = f"Learning rate {before:.3g} → {rates.rate(job.model):.3g}"
        text += ", where it stays: its schedule has next to nothing left to give" if held else ""
        keeper = job.keeper
        if keeper.rule.patience >= 0 and keeper.standing.wait:  # the new rate gets the whole of the patience
            keeper.standing = replace(keeper.standing, wait=0)
            text += "; the wait of early stopping begins again"
        texts.append(text)
    if change.epochs is not None:
        epochs = max(change.epochs, epoch + 1, 1)  # the epoch that has begun is always ended
        why = f", as epoch {epochs} has begun" if epochs > change.epochs else ""
        texts.append(f"Epochs {job.epochs} → {epochs}{why}" if epochs != job.epochs else f"Epochs stay {epochs}{why}")
        job = replace(job, epochs=epochs)
    if change.batch_size is not None and change.batch_size > 0:
        batch_wanted, text = _batches(job, change.batch_size, epoch)
        texts.append(text)
    if change.early_stopping is not None and change.early_stopping == job.early:
        texts.append("Early stopping stays as it is")
    elif change.early_stopping is not None:
        early = change.early_stopping
        job, note = restopped(job, early)
        told = (
            f"after {plural(early.patience, 'epoch')} without a better {job.keeper.rule.monitor}"
            if early.enabled
            else "off"
        )
        texts.append(f"Early stopping {told}" + (f" ({note})" if note else ""))
    return job, batch_wanted, texts


def _batches(job: Job, wanted: int, epoch: int) -> tuple[int, str]:
    """The batch size to take at the next epoch, 0 for none, and what is to be said of it by now."""
    rows, now = job.train.rows, job.train.batch_size
    if min(wanted, rows) == now:
        return 0, f"Batch size stays {now}" + (", as there are no more rows" if wanted > rows else "")
    if epoch + 1 < job.epochs:
        return wanted, ""
    return wanted, f"Batch size {wanted} begins with an epoch, and the last one has begun"


def falls_by(job: Job) -> str:
    """The figure by which the learning rate falls on a plateau: the one that was chosen, or its like; else the one that
    decides which epoch is the best."""
    rule = job.settings.plateau
    if not rule.monitor:
        return job.keeper.rule.monitor
    return watched(EarlyStopping(True, rule.monitor), job.loops.names, job.validation is not None)[0]
