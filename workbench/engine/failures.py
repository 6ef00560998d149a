"""Why a run failed, for people: the cause, the place and the remedy, out of what TensorFlow or the disk say."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import keras
import tensorflow as tf

from workbench.core.errors import OutOfMemory, TrainError, WorkbenchError

from . import cluster, diagnose
from .short_of_memory import is_short, layer_with, shape_in, short_of_memory
from .spread import Spread


@dataclass(frozen=True)
class Failure:
    """cause: as in RunEnded. error: what, where and the remedy."""

    cause: str
    error: TrainError

    @property
    def resumable(self) -> bool:
        """Whether the run may go on from its checkpoint once the cause is mended. It would not get past a loss that is
        no number: what is computed again gives the same."""
        return self.cause in ("worker", "memory", "weights", "crash")


# What a machine that is gone looks like to the others.
_GONE = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnknownError,
)


def explained(
    error: BaseException, place: str, model: keras.Model, batch_size: int, spread: Spread, *, begun: bool
) -> Failure:
    """The failure that an exception from the loop means. place: where in the run it was. begun: an epoch has ended, so
    that there are weights that are kept."""
    text = str(error)
    layer = layer_of(text, model)
    where = f"{place}, layer {layer}" if layer else place
    if isinstance(error, OutOfMemory):
        return Failure("weights" if error.of_weights else "memory", error)
    if is_short(error):
        weights = layer_with(shape_in(error), model)
        where = f"{place}, layer {weights}" if weights else where
        short = short_of_memory(error, where, batch_size, begun=begun, layer=weights)
        return Failure("weights" if short.of_weights else "memory", short)
    if spread.workers > 1 and isinstance(error, _GONE):
        return machine_gone(f"{cluster.lost(text, spread.worker, spread.workers)} stopped answering.".strip(), place)
    if isinstance(error, WorkbenchError):  # such as rows that can no longer be read
        return Failure("crash", TrainError(error.what, where=error.where or where, remedy=error.remedy))
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    known = re.sub(r"\s+", " ", first)[:240] or type(error).__name__
    kept = "The best weights and the last checkpoint are kept. " if begun else ""
    look = "Look at that layer, and at the data there." if layer else "Look at the data there."
    ended = f"TensorFlow ended the training: {known}"
    if not isinstance(error, tf.errors.OpError | ValueError | TypeError):  # a slip of ours
        ended, look = f"The training ended by a mistake of the workbench ({type(error).__name__}: {known}).", ""
    return Failure("crash", TrainError(ended, where=where, remedy=f"{kept}{look}".rstrip()))


def machine_gone(what: str, place: str) -> Failure:
    """The end of a run that lost one of its machines. what: which, and how; its name is left out where nobody knows."""
    what = what if what != "stopped answering." else "Another machine of the cluster stopped answering."
    remedy = "The last checkpoint is kept: the run can be resumed with the same or another number of machines."
    return Failure("worker", TrainError(what, where=place, remedy=remedy))


def not_saved(error: WorkbenchError, place: str, epochs: object, *, best: bool) -> Failure:
    """The end of a run that could not be saved. epochs: of its last checkpoint, None where there is none. best: its
    best weights could be kept."""
    kept = [f"the checkpoint of epoch {epochs}" if epochs else "a checkpoint in epoch 1"] if epochs is not None else []
    kept += ["the best weights"] if best else []
    said = f"Kept: {' and '.join(kept)}." if kept else "Nothing of it could be kept."
    full = isinstance(error.__cause__, OSError)  # what is not written stays where the run is: no other folder helps
    mended = "Free some space or make the folder writable" if full else error.remedy.partition(";")[0].rstrip(".")
    remedy = f"{mended}. {said}".removeprefix(". ")
    if isinstance(error, OutOfMemory):
        return Failure("weights", OutOfMemory(error.what, where=place, remedy=remedy, of_weights=True))
    return Failure("disk", TrainError(error.what, where=error.where, remedy=remedy))


def run_away(loss: float, place: str, why: str, rate: float) -> Failure:
    """A loss that is infinite or not a number. place: where in the run. why: what is known of it, "" when nothing."""
    kind = "infinite" if math.isinf(loss) else "not a number"
    if why in (diagnose.BAD_INPUTS, diagnose.BAD_TARGETS):  # no way of training helps
        remedy = "Fill or leave out the cells that are no numbers, and scale those that are too large."
        return Failure("data", TrainError(f"The loss became {kind}. {why}", where=place, remedy=remedy))
    error = TrainError(
        f"The loss became {kind}: training has run away.{f' {why}' if why else ''}",
        where=place,
        remedy=f"Lower the learning rate (now {rate:g}), clip the gradients, or scale the inputs and the target.",
    )
    return Failure("nan", error)


def layer_of(text: str, model: keras.Model) -> str:
    """The layer whose operation a message of TensorFlow names; "" when it names none."""
    names = {layer.name for layer in model._flatten_layers(include_self=False)}
    for path in re.findall(r"node '?([\w./\-]+)", text):
        for part in reversed(path.split("/")):
            found = re.sub(r"_\d+$", "", part)
            if part in names or found in names:
                return part if part in names else found
    return ""
