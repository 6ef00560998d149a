"""What happens between two calls of the compiled loop, about every 50 ms: the run is paused, changed, saved or ended
where somebody wants it or it is time, and lends its weights to those who predict meanwhile.

Several machines do as many steps, and pause, change, end and save, together: what each wishes is agreed on first
(cluster.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import keras

from workbench.core.errors import WorkbenchError

from . import cluster, failures
from .adjust import Changes
from .cluster import Wishes
from .control import RunControl
from .failures import Failure
from .life import Life
from .loop import Pace

PAUSE_SECONDS = 0.2  # between two looks of machines that pause together


class Ended(Exception):
    """The person, early stopping or a loss that is no number ended the run."""

    def __init__(self, reason: str, failure: Failure | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


class Between:
    """Of one run, on its training thread.

    lend: called with the model, for predictions with the weights of the moment. paces: of training and of validation,
    which are the first machine's on all.
    """

    def __init__(
        self,
        life: Life,
        changes: Changes,
        control: RunControl,
        lend: Callable[[keras.Model], None],
        paces: tuple[Pace, Pace],
    ) -> None:
        self._life, self._changes, self._control, self._lend = life, changes, control, lend
        self._paces = paces

    def look_up(self) -> None:
        """Do all that is wished or due by now. Raises Ended."""
        self._lend(self._life.job.model)
        wished = self._wished() if self._life.job.spread.workers == 1 else self._wished_together()
        for change in wished.changes:
            self._changes.make(change)
        if wished.ending:
            self._end_together(wished)
            raise Ended(wished.ending)
        if wished.due and not wished.changes:  # after a change it was saved already
            self._life.try_to_save()

    def _wished(self) -> Wishes:
        """What is wished of the one machine there is, once nothing pauses it."""
        control = self._control
        while control.paused:
            resumed = control.resumed
            began = self._pause("Paused.")
            control.wait_while_paused(resumed)
            self._go_on(began, control.ending)
        changes = tuple(control.changes())
        return Wishes(1, 1, control.ending, due=self._life.due, changes=changes)

    # ---- several machines ----------------------------------------------------------------------------------------

    def _wished_together(self) -> Wishes:
        """The same of all machines; where one of them wants it, all have paused meanwhile."""
        wished = self._agreed()
        if not wished.paused or wished.ending:
            return wished
        changes = list(wished.changes)
        by = cluster.machine(wished.by) if wished.by not in (-1, self._life.job.spread.worker) else ""
        began = self._pause(f"Paused from {by}." if by else "Paused.")
        while wished.paused and not wished.ending:
            if self._control.paused:  # the others wait for this one in `agreed`
                self._control.wait_while_paused(self._control.resumed, PAUSE_SECONDS)
            wished = self._agreed()
            changes += wished.changes
        self._go_on(began, wished.ending)
        return replace(wished, changes=tuple(changes))

    def _agreed(self) -> Wishes:
        spread, control, (train, test) = self._life.job.spread, self._control, self._paces
        changes = tuple(control.changes()) if spread.chief else ()
        mine = Wishes(train.steps, test.steps, control.ending, control.paused, self._life.due, changes)
        wished = cluster.agreed(spread, mine)
        train.steps, test.steps = wished.train_steps, wished.test_steps
        return wished

    def _end_together(self, wished: Wishes) -> None:
        """Say where another machine ended the run; where its program was closed, that is what ended it."""
        if wished.by in (-1, self._life.job.spread.worker):
            return
        name = cluster.machine(wished.by)
        if wished.ending == "shutdown":  # it saves at this moment, which takes all machines
            self._life.try_to_save()
            raise Ended("failed", failures.machine_gone(f"The program of {name} was closed.", self._life.where))
        self._life.happened(f"Ended from {name}")

    # ---- a pause -------------------------------------------------------------------------------------------------

    def _pause(self, text: str) -> float:
        """Say so and save; when it began."""
        began, life = time.monotonic(), self._life
        life.reporter.flush()
        life.state("paused", text)
        try:
            life.save(state="paused")
        except WorkbenchError as error:
            life.state("paused", error.what)
        return began

    def _go_on(self, began: float, ending: str) -> None:
        self._life.paused(time.monotonic() - began, goes_on=not ending)
