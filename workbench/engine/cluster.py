"""What the machines of a cluster must share before they train in step: the first one's weights and place."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import keras
import numpy as np

from . import checkpoints, rates
from .checkpoints import Checkpoint, Place
from .keeper import Keeper
from .spread import Spread

PLACE_BYTES = 16_384


def same_state(
    spread: Spread, model: keras.Model, keeper: Keeper, place: Place, saved: Checkpoint | None, *, resume: bool
) -> Place:
    """Give every machine the first one's variables, best weights and place; all call it at the same point.

    saved: the checkpoint, where this is the first machine and the run is resumed.
    """
    held = [*model.variables, *model.optimizer.variables]
    for variable in held:
        variable.assign(spread.broadcast(np.array(variable.numpy())))
    for number, variable in enumerate(model.metrics_variables):
        array = saved.metrics[number] if saved is not None else np.zeros(tuple(variable.shape), variable.dtype)
        variable.assign(spread.broadcast(array))  # parted among the machines, which all do it at once
    best = [spread.broadcast(array) for array in keeper.arrays()]
    text = json.dumps(checkpoints.plain(asdict(place))).encode()
    if len(text) > PLACE_BYTES:
        raise ValueError("the place does not fit")
    padded = np.frombuffer(text.ljust(PLACE_BYTES), np.uint8).astype(np.int64)
    found = json.loads(spread.broadcast(padded).astype(np.uint8).tobytes().decode())
    there = replace(checkpoints.place_of(found), fingerprint=place.fingerprint)
    if resume:
        keeper.restore(best, there.standing)
        rates.set_factor(model, there.rate_factor)
    return there
