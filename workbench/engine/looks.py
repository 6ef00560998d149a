"""When a run that trains is looked into (probe.py), and that it is told what was seen."""

from __future__ import annotations

import time

from workbench.link.messages import Probed

from .control import RunControl
from .life import Life
from .probe import Prober


class Looks:
    """Of one run, on its training thread; of several machines the first one looks."""

    def __init__(self, life: Life, control: RunControl) -> None:
        self._life, self._control = life, control
        self._prober = Prober(life.job, lambda: control.wanted) if life.job.spread.chief else None

    def after(self, epoch: int) -> None:
        """Look, when what that costs is nothing beside the training so far or the run does not learn."""
        if self._prober is not None and (self._prober.due(self._life.sitting) or self._prober.owed()):
            began = time.monotonic()
            self._tell(self._prober.look(epoch))
            self._life.left.looked(time.monotonic() - began)

    def last(self, step_seconds: float) -> None:
        """When all epochs are done: look once more where it learned nothing, else which classes it answers."""
        prober, epoch = self._prober, self._life.place.epoch - 1
        if prober is None or epoch < 0 or self._control.ending:
            return
        if prober.owed(ends=True):
            self._tell(prober.look(epoch))
        else:
            row_seconds = step_seconds / self._life.job.train.batch_size
            self._tell(prober.look_at_the_end(epoch, row_seconds, self._life.sitting))

    def _tell(self, found: Probed | None) -> None:
        if found is not None:
            self._life.emit(found)
