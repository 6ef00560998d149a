"""Settings changed while a run trains: by a person, or by its own rule for a plateau; what is done at once, what waits
for the next epoch, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from workbench.core.monitors import rises, watched
from workbench.core.project import EarlyStopping
from workbench.core.schedule_length import RATE
from workbench.core.wording import plural
from workbench.link.messages import Adjust

from . import lengths, modes, rates
from .build import make_object
from .checkpoints import Place
from .job import Job
from .keeper import rule
from .life import Life
from .loop import Loops


class Changes:
    """Of one run, on its training thread. Each is told, also where something stays as it is, since whoever asked waits
    to hear of it; a batch size is told when it is taken."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def make(self, change: Adjust) -> None:
        """Make what was asked for, and save, so that it is not lost with the engine."""
        life, texts = self._life, []
        if change.learning_rate is not None:
            texts.append(self._rate(change.learning_rate))
        if change.epochs is not None:
            texts.append(self._epochs(change.epochs))
        if change.batch_size is not None:
            texts.append(self._batches(change.batch_size))
        if change.early_stopping is not None:
            texts.append(self._early(change.early_stopping))
        if change.epochs is not None:
            texts.append(self._refit())
        life.left.epochs = life.job.epochs
        for text in filter(None, texts):
            life.happened(text)
        life.try_to_save()

    def _rate(self, wanted: float) -> str:
        job = self._life.job
        before = rates.rate(job.model)
        if not (math.isfinite(wanted) and wanted > 0):
            return f"Learning rate stays {before:.3g}: {wanted:g} is none to learn with"
        held = rates.set_rate(job.model, wanted)
        text = f"Learning rate {before:.3g} → {rates.rate(job.model):.3g}"
        text += ", where it stays: its schedule gives next to nothing at this step" if held else ""
        keeper = job.keeper
        if keeper.rule.patience >= 0 and keeper.standing.wait:  # the new rate gets the whole of the patience
            keeper.standing = replace(keeper.standing, wait=0)
            text += "; the wait of early stopping begins again"
        return text

    @property
    def _begun(self) -> int:
        """Epochs that are done, with the one that has begun: it is always ended."""
        place = self._life.place
        return place.epoch + bool(place.step or place.logs)

    def _epochs(self, wanted: int) -> str:
        life = self._life
        before, epochs = life.job.epochs, max(wanted, self._begun)
        done = "is done" if epochs == life.place.epoch else "has begun"
        why = f", as epoch {epochs} {done}" if epochs > wanted else ""
        life.job = replace(life.job, epochs=epochs)
        return f"Epochs {before} → {epochs}{why}" if epochs != before else f"Epochs stay {epochs}{why}"

    def _batches(self, wanted: int) -> str:
        """Empty for a size that is told when it is taken, with the next epoch (`take_batches`)."""
        life = self._life
        rows, now = life.job.train.rows, life.job.train.batch_size
        if wanted < 1 or min(wanted, rows) == now:
            life.place = replace(life.place, batch_wanted=0)
            why = f": {wanted} is none to train with" if wanted < 1 else ", as there are no more rows"
            return f"Batch size stays {now}" + (why if wanted < 1 or wanted > rows else "")
        life.place = replace(life.place, batch_wanted=wanted)
        last = self._begun >= life.job.epochs
        return f"Batch size {wanted} begins with an epoch, and the last one has begun" if last else ""

    def _early(self, early: EarlyStopping) -> str:
        """Another rule of early stopping. Another monitor finds its best epoch anew."""
        life, job, keeper = self._life, self._life.job, self._life.job.keeper
        if early == job.early:
            return "Early stopping stays as it is"
        watch, note = rule(early, job.loops.names, job.validation is not None, job.units)
        standing, falls = replace(keeper.standing, wait=0), falls_by(job)
        if (watch.monitor, watch.sign) != (keeper.rule.monitor, keeper.rule.sign):
            standing = replace(standing, best=float("inf"), reference=float("inf"))
        keeper.rule, keeper.standing = watch, standing
        life.job, life.place = replace(job, early=early), replace(life.place, early=early)
        if job.way.sweeps is not None:  # the rule is part of a compiled sweep
            self._compile()
        if falls_by(life.job) != falls:  # figures of another kind: none of them is better than before
            life.place = replace(life.place, plateau=Place().plateau, resting=0)
        after = f"after {plural(early.patience, 'epoch')} without a better {watch.monitor}"
        return f"Early stopping {after if early.enabled else 'off'}" + (f" ({note})" if note else "")

    def take_batches(self) -> None:
        """At the start of an epoch: take the batch size that was asked for meanwhile."""
        life = self._life
        wanted, before = life.place.batch_wanted, life.job.train.batch_size
        if not wanted or life.place.step:
            return
        life.place = replace(life.place, batch_wanted=0)
        if min(wanted, life.job.train.rows) == before:
            return
        life.state("tracing", f"Compiling the loop for batches of {wanted}.")
        life.job = replace(life.job, train=life.job.train.with_batch(wanted))
        self._compile()
        now = life.job.train.batch_size
        life.left.steps = life.job.train.steps
        life.place = replace(life.place, batch_size=now)
        told = self._refit()
        life.state("running")
        life.happened(f"Batch size {before} → {now}" + (f". {told}" if told else ""))
        life.try_to_save()

    def on_plateau(self, logs: Mapping[str, float]) -> None:
        """After an epoch: lower the learning rate when what is watched has not improved for long enough."""
        life, job, place = self._life, self._life.job, self._life.place
        wanted = job.settings.plateau
        if not wanted.enabled:
            return
        monitor = falls_by(job)
        before, value = rates.rate(job.model), logs[monitor] * (-1.0 if rises(monitor) else 1.0)
        least = abs(wanted.min_delta) / job.units.factor(monitor)
        wait, after = rates.on_plateau(wanted, rates.Wait(*place.plateau, place.resting), value, before, least)
        if after < before:
            rates.set_rate(job.model, after)
            of = "" if monitor == job.keeper.rule.monitor else f" {monitor}"
            waited = plural(max(1, wanted.patience), "epoch")
            life.happened(f"Learning rate {before:.3g} → {after:.3g}: no better{of} for {waited}")
        life.place = replace(place, plateau=(wait.best, wait.waited), resting=wait.resting)

    # ---- what follows from a change ------------------------------------------------------------------------------

    def _refit(self) -> str:
        """Let a schedule be as long as the run, where it is to follow it; what came of it, for people."""
        life, job, place = self._life, self._life.job, self._life.place
        length = lengths.length(place, job.epochs, job.train.steps)
        note = lengths.note(job.model, job.asked, place, length)
        if not place.rate_steps or place.rate_steps == length:
            return note
        settings, before = lengths.fitted(job.asked, length), f"{rates.rate(job.model):.3g}"
        rates.refit(job.model, make_object("schedules", settings.optimizer_params[RATE]))
        life.job, life.place = replace(job, settings=settings), replace(place, rate_steps=length)
        self._compile()
        now = f"{rates.rate(job.model):.3g}"
        if now == before:
            return note
        return f"Learning rate {before} → {now}: its schedule follows the run, {length:,} steps now"

    def _compile(self) -> None:
        """Compile the loop of the job as it is now."""
        job = self._life.job
        loops = Loops(job.model, job.train, job.validation, xla=job.loops.xla, spread=job.spread)
        begins = job.way.sweeps is not None and modes.may_sweep(job.settings, job.model)
        way = modes.way(loops, job.keeper, begins=begins)
        way.trace()
        self._life.job = replace(job, way=way)


def falls_by(job: Job) -> str:
    """The figure by which the learning rate falls on a plateau: the one that was chosen, or its like; else the one that
    decides which epoch is the best."""
    monitor = job.settings.plateau.monitor
    if not monitor:
        return job.keeper.rule.monitor
    return watched(EarlyStopping(True, monitor), job.loops.names, job.validation is not None)[0]
