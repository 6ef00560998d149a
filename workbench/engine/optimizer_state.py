"""What an optimizer keeps for each weight: whose it is, and what of it is a copy of the weight itself.

Keras names the variables of some optimizers after their weight and of others (Adafactor) not, but each optimizer holds
them in lists as long as that of its weights.
"""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np

from .rates import inner

_NO_SLOTS = ("_variables", "_trainable_variables")
_SAMPLE = 0.7182818  # no optimizer begins anything with that of its own accord


def _slots(optimizer: keras.optimizers.Optimizer) -> dict[str, list[Any]]:
    """{what it is: the variable of each weight, None where that has none} of a built optimizer."""
    own, count = {id(v) for v in optimizer.variables}, len(optimizer._trainable_variables)
    return {
        name: held
        for name, held in vars(optimizer).items()
        if name not in _NO_SLOTS
        and isinstance(held, list)
        and len(held) == count
        and all(slot is None or id(slot) in own for slot in held)
    }


def names(model: keras.Model) -> list[str]:
    """Of each variable of a built optimizer, in their order: "layer/kernel:_momentums" where it belongs to a weight,
    else ":" and a number."""
    optimizer = inner(model.optimizer)
    found = {
        id(slot): f"{weight.path}:{name}"
        for name, held in _slots(optimizer).items()
        for weight, slot in zip(optimizer._trainable_variables, held, strict=True)
    }
    others = itertools.count()
    return [found.get(id(variable)) or f":{next(others)}" for variable in model.optimizer.variables]


def follow_weights(model: keras.Model) -> None:
    """After weights were put into a model: what its optimizer copied of them when it was built is copied anew. Else
    ScheduleFreeAdamW would be back at the old ones with its first step."""
    optimizer = inner(getattr(model, "optimizer", None))  # there is none before it is compiled
    if optimizer is None or not optimizer.built:
        return
    trial = type(optimizer).from_config({**optimizer.get_config(), "learning_rate": 0.1})
    trial.build([keras.Variable(np.full((2,) * axes, _SAMPLE, np.float32)) for axes in (1, 2)])
    copies = {
        name
        for name, held in _slots(trial).items()
        if any(slot is not None and np.all(slot.numpy() == np.float32(_SAMPLE)) for slot in held)
    }
    for name in copies:
        for weight, slot in zip(optimizer._trainable_variables, _slots(optimizer)[name], strict=True):
            if slot is not None:
                slot.assign(weight)
