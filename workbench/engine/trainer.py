"""One training run to its end: where it is computed, its job opened, its life (training.py), its failure recorded."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import Cancelled, OutOfMemory, WorkbenchError
from workbench.link.messages import Message, RunEnded, RunStateChanged

from . import determinism, devices, gradients
from .built import Shelf
from .checkpoints import CHECKPOINT
from .control import RunControl, opening
from .job import NEW, Sitting, open_job
from .saving import given_up
from .short_of_memory import is_short, short_of_memory
from .spread import Spread
from .training import Training

log = logging.getLogger(__name__)


def train(
    folder: Path,
    emit: Callable[[Message], None],
    control: RunControl,
    sitting: Sitting = NEW,
    *,
    lend: Callable[[keras.Model], None] = lambda model: None,
    shelf: Shelf | None = None,
) -> RunEnded:
    """Train the run in `folder` to its end; every file of it is written when this returns.

    Args:
        folder: made by core.runs.create_run.
        emit: takes every message of the run but the last, on this thread.
        control: what the person wants meanwhile.
        lend: called between calls of the loop with the model, for predictions with the weights of the moment.
        shelf: where a run that has ended well leaves what was built for it, for one like it.

    Raises:
        WorkbenchError: the run cannot be started; its record says so.
    """

    def say(state: str, text: str) -> None:
        emit(RunStateChanged(folder.name, state, text))

    def attempt(sitting: Sitting, shelf: Shelf | None, *, ordered: bool) -> RunEnded:
        determinism.require(ordered)
        place, device, strategy = devices.placed(runs.read_project(folder).train.device)
        spread = Spread(strategy)
        with gradients.forgotten(), tf.device(place) if spread.one else tf.device(None):
            alone = spread.workers == 1  # the others of a cluster wait for this one, until it has opened its part
            try:
                with opening(control, say) if alone else contextlib.nullcontext(say) as told:
                    job = open_job(folder, device, told, sitting, spread=spread, shelf=shelf)
            except Cancelled:
                return given_up(folder, control.ending, resumed=sitting.resume)
            notes = job.notes if ordered else (*job.notes, determinism.UNLIKE)
            ended = Training(replace(job, ordered=ordered, notes=notes), emit, control, lend).run()
        if shelf is not None and ended.reason != "failed":
            job.leave(shelf)
        return ended

    try:
        devices.setup()
        if runs.read_run(folder).ordered:
            try:
                return attempt(sitting, shelf, ordered=True)
            except tf.errors.OpError as error:
                if not determinism.refused(error):
                    raise
            kept = (folder / CHECKPOINT).is_file()
            runs.update_run(folder, ordered=False, **({"state": "paused"} if kept else {}))
            sitting = replace(sitting, resume=sitting.resume or kept)
        return attempt(sitting, None, ordered=False)
    except Exception as error:
        if not is_short(error):
            _failed(folder, error, sitting)
            raise
        wanted = sitting.batch_size or runs.read_project(folder).train.batch_size
        short = short_of_memory(error, "before it goes on" if sitting.resume else "before the first batch", wanted)
        _failed(folder, short, sitting)
        raise short from error
    finally:
        determinism.require(True)
        if shelf is not None:
            shelf.rows.settle()


def _failed(folder: Path, error: Exception, sitting: Sitting) -> None:
    """Say in the record that the run could not be begun; what could be resumed before can still be, once the cause is
    mended."""
    if sitting.resume:
        return
    try:
        kept = isinstance(error, OutOfMemory) and (folder / CHECKPOINT).is_file()
        runs.update_run(folder, state="paused" if kept else "failed", message=str(error))
    except WorkbenchError:
        log.exception("the record of the failed run %s cannot be written", folder.name)
