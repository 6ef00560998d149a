"""Schedules that follow the run: how long it is by now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from workbench.core.catalog import find_object, load_catalog, object_parts
from workbench.core.project import TrainSpec
from workbench.core.schedule_length import RATE, fitted_train, follows
from workbench.core.schedules import ended_at

from . import rates
from .checkpoints import Place

_BEFORE = {"decay_steps": 1000, "first_decay_steps": 1000, "boundaries": [1000], "warmup_steps": 0}


def length(place: Place, epochs: int, steps: int) -> int:
    """Steps in all of a run that stands there: those it has done, and what is left of so many epochs of so many."""
    return max(1, place.batches + (epochs - place.epoch) * steps - min(place.step, steps))


def fitted(asked: TrainSpec, length: int) -> TrainSpec:
    """The settings with a schedule of that length, where it follows the run. length: 0 for the numbers that stood for
    one nobody had typed before schedules followed their run."""
    catalog = load_catalog()
    if length or not follows(asked, catalog):
        return fitted_train(asked, length, catalog)
    parts = object_parts(asked.optimizer_params[RATE])
    entry = find_object(catalog, "schedules", parts[0]) if parts is not None else None
    assert parts is not None
    assert entry is not None
    typed = {name: value for name, value in parts[1].items() if value is not None}
    usual: dict[str, Any] = {f.name: _BEFORE[f.name] for f in entry.fields if f.unset}
    value = {"kind": parts[0], "params": {**usual, **typed}}
    return replace(asked, optimizer_params={**asked.optimizer_params, RATE: value})


def note(model: keras.Model, asked: TrainSpec, place: Place, length: int) -> str:
    """What a schedule makes of a run whose length has changed to so many steps, for people; "" for nothing new."""
    if place.rate_steps and place.rate_steps != length:
        was = f"{length:,} steps now instead of {place.rate_steps:,}"
        return f"The schedule of the learning rate follows the run: {was}"
    if not length or place.rate_steps:
        return ""
    end = ended_at(asked.optimizer_params.get(RATE), load_catalog(), length)
    if end is None or end > place.batches or place.batches >= length or place.rate_held >= 0:
        return ""
    return f"The schedule of the learning rate has ended: it is {rates.rate(model):.3g} from here on"
