"""Where a loss that is no number came from.

A run is the same to the bit when it is computed again. So its last checkpoint is loaded, the steps to the bad one are
done once more, and the layers are looked at one by one with the very weights and the very batch that broke it.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from workbench.core import runs
from workbench.core.errors import WorkbenchError

from . import assemble, checkpoints, rates, start_weights
from .checkpoints import Place
from .inside import alone, outputs_of
from .job import Job
from .warmstart import begin_with

log = logging.getLogger(__name__)
MOST_SECONDS = 10.0  # of computing again
BAD_INPUTS = "There are inputs in this batch that are no finite numbers."
BAD_TARGETS = "There are targets in this batch that are no finite numbers."


def find(job: Job, epoch: int, step: int, step_seconds: float) -> tuple[str, str]:
    """(layer, sentence) of where numbers first stopped being finite in that step; ("", "") when it cannot be told.

    The model has the weights from before that step afterwards. step_seconds: what a step took, to be quick about it.
    Of several machines all go back together, and the first one looks and can tell.
    """
    try:
        first = _go_back(job, lambda place: _quick(job, place, epoch, step, step_seconds))
        batch = None if first is None else _again(job, first, epoch, step)
        return _look(alone(job), *batch) if batch is not None and job.spread.chief else ("", "")
    except (WorkbenchError, tf.errors.OpError, OSError):
        log.exception("the place of the loss that is no number cannot be found")
        return "", ""


def _quick(job: Job, place: Place, epoch: int, step: int, step_seconds: float) -> bool:
    """Whether the steps from that place to the bad one take next to no time."""
    steps = (epoch - place.epoch) * job.train.steps + step - place.step
    return steps >= 0 and steps * max(step_seconds, 0.0) <= MOST_SECONDS


def _go_back(job: Job, quick: Callable[[Place], bool]) -> tuple[int, int] | None:
    """Load the last checkpoint, or what the run began with, on all machines from the first one. Returns its epoch and
    step; None where it is not there, or too far back."""
    spread, found = job.spread, None
    if spread.chief:
        try:
            found = _before(job)
        except (WorkbenchError, OSError):  # which the others are waiting to hear of
            log.exception("there is no state to go back to")
    place, arrays = found or (Place(), iter(()))
    rate = [place.rate_factor, place.rate_held, float(place.rate_origin)]
    told = [float(found is not None and quick(place)), place.epoch, place.step, *rate]
    able, epoch, step, factor, held, origin = spread.broadcast(np.array(told, np.float64)).tolist()
    if not able:
        return None
    for variable in [*job.model.variables, *job.model.optimizer.variables]:
        none = np.zeros(tuple(variable.shape), variable.dtype)
        variable.assign(spread.broadcast(next(arrays) if spread.chief else none))
    rates.put_back(job.model, rate_factor=factor, rate_held=held, rate_origin=int(origin))
    return int(epoch), int(step)


def _before(job: Job) -> tuple[Place, Iterator[np.ndarray]]:
    """The place of the last checkpoint with the variables of model and optimizer, or those that the run began with."""
    if (job.folder / checkpoints.CHECKPOINT).is_file():
        saved = checkpoints.load_checkpoint(job.folder)
        return saved.place, itertools.chain(saved.variables, saved.optimizer)
    project, facts = runs.read_project(job.folder), runs.read_facts(job.folder)
    fresh = assemble.assemble(project.graph, facts, project.train, job.loss, job.metrics).model
    assemble.build_state(fresh, job.train.sample())
    start_weights.put(fresh, project.graph, start_weights.places(job.folder))
    begin_with(fresh, job.folder, project.train.optimizer)
    variables = itertools.chain(fresh.variables, fresh.optimizer.variables)
    return Place(**rates.kept(job.model)), (variable.numpy() for variable in variables)


def _again(job: Job, first: tuple[int, int], epoch: int, step: int) -> tuple[Any, Any] | None:
    """Train up to that step; its (x, y)."""
    at = first[1]
    for e in range(first[0], epoch + 1):
        walk = job.train.walk(job.train.order(job.settings.seed, e), at)
        last = step if e == epoch else job.train.steps
        try:
            while at < last and (piece := walk.take(last - at)) is not None:
                at += len(job.loops.train_steps(*piece))
            if e == epoch and (piece := walk.take(1)) is not None:
                block, start, _ = piece
                batch = job.train.batch(job.train.held, block, tf.constant(start))
                x, y, *_ = job.train.encoding.varied(batch, rates.steps_done(job.model))
                return x, y
        finally:
            walk.close()
        at = 0
    return None


def _look(model: keras.Model, x: Any, y: Any) -> tuple[str, str]:
    for given, why in ((x, BAD_INPUTS), (y, BAD_TARGETS)):
        if not all(_finite(np.asarray(t)) for t in tf.nest.flatten(given) if t is not None):
            return "", why
    for variable in model.variables:
        if not _finite(variable.numpy()):
            layer = variable.path.partition("/")[0]
            return layer, f"The weights of {layer} had stopped being finite before."
    places = [(layer, tensor) for layer, given in outputs_of(model) for tensor in given]
    layers = [layer for layer, _ in places]
    answers = keras.Model(model.input, [tensor for _, tensor in places])(x, training=True)
    largest, widest = 0.0, ""
    for layer, answer in zip(layers, answers if isinstance(answers, list) else [answers], strict=True):
        values = np.asarray(tf.cast(answer, tf.float32))
        if not np.isfinite(values).all():
            return layer.name, f"{layer.name} is the first layer whose answers are no finite numbers."
        if (peak := float(np.abs(values).max(initial=0.0))) > largest:
            largest, widest = peak, layer.name
    last = layers[-1].name if layers else ""
    if largest > 1e6:
        return widest, f"The answers of {widest} had grown to {largest:.2g}, too large for the loss."
    return last, f"All layers gave finite numbers; the loss of the answers of {last} did not."


def _finite(array: np.ndarray) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
