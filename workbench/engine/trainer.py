"""One training run to its end: where it is computed, its job opened, its life (training.py), its failure recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import OutOfMemory, WorkbenchError
from workbench.link.messages import Message, RunEnded, RunStateChanged

from . import devices, failures, gradients
from .built import Shelf
from .checkpoints import CHECKPOINT
from .control import RunControl
from .job import open_job
from .short_of_memory import is_short, short_of_memory
from .spread import Spread
from .training import Training

log = logging.getLogger(__name__)


def train(
    folder: Path,
    emit: Callable[[Message], None],
    control: RunControl,
    *,
    resume: bool = False,
    streamed: bool | None = None,
    between: Callable[[keras.Model], None] = lambda model: None,
    epochs: int = 0,
    strategy: tf.distribute.Strategy | None = None,
    shelf: Shelf | None = None,
    batch_size: int = 0,
) -> RunEnded:
    """Train the run in `folder` to its end; every file of it is written when this returns.

    Args:
        folder: made by core.runs.create_run.
        emit: takes every message of the run but the last, on this thread.
        control: what the person wants meanwhile.
        resume: go on from the folder's checkpoint.
        streamed: None to decide by the memory that is free.
        between: called between calls of the loop with the model, for predictions with the weights of the moment.
        epochs: with `resume`, train on to so many in all; 0 for what the record says.
        strategy: over which devices; None for what the settings and the cluster say.
        batch_size: with `resume`, go on in batches of so many rows; 0: as before.
        shelf: where a run that has ended well leaves what was built for it, for one like it.

    Raises:
        WorkbenchError: the run cannot be started; its record says so.
    """

    def say(state: str, text: str) -> None:
        emit(RunStateChanged(folder.name, state, text))

    def attempt(note: str, shelf: Shelf | None) -> RunEnded:
        place, device, found = devices.placed(runs.read_project(folder).train.device)
        spread = Spread(strategy or found)
        with gradients.forgotten(), tf.device(place) if spread.one else tf.device(None):
            job = open_job(
                folder,
                device,
                resume=resume,
                streamed=streamed,
                say=say,
                spread=spread,
                epochs=epochs,
                shelf=shelf,
                batch_size=batch_size,
            )
            if note:
                job = replace(job, notes=(*job.notes, note))
            ended = Training(job, emit, control, between).run()
        if shelf is not None and ended.reason != "failed":
            job.leave(shelf)
        return ended

    def fail(error: Exception) -> None:
        if not resume:  # what could be resumed before can still be, once the cause is mended
            try:
                kept = isinstance(error, OutOfMemory) and (folder / CHECKPOINT).is_file()
                runs.update_run(folder, state="paused" if kept else "failed", message=str(error))
            except WorkbenchError:
                log.exception("the record of the failed run %s cannot be written", folder.name)

    try:
        devices.determined(True)
        try:
            return attempt("", shelf)
        except tf.errors.OpError as error:
            if not failures.not_deterministic(error):
                raise
            devices.determined(False)
            return attempt(
                "An operation of this model has no form on this device that gives the same sum in the same order each "
                "time: twice the same run may differ in the last digits.",
                None,
            )
    except Exception as error:
        if not is_short(error):
            fail(error)
            raise
        wanted = batch_size or runs.read_project(folder).train.batch_size
        short = short_of_memory(error, "before it goes on" if resume else "before the first batch", wanted)
        fail(short)
        raise short from error
    finally:
        if shelf is not None:
            shelf.rows.settle()
