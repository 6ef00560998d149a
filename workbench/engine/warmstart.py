"""Beginning with the weights of another run: what still fits is kept, and it is said which.

Weights belong to each other by the name of their layer and of the weight in it; a layer that was shared and is parted
now gives its own to each. What has another shape, or is new, keeps the value its seed made.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras

from workbench.core import runs
from workbench.core.errors import ProjectError
from workbench.core.storage import read_json

from . import checkpoints, rates


def begin_with(model: keras.Model, folder: Path, optimizer: str) -> str:
    """Put the weights of `start.npz` into a compiled model whose optimizer is built. Returns what was done, for people;
    "" when the run begins with its own.

    The optimizer's state comes along when the run goes on from a checkpoint, everything fits and the optimizer is the
    same; its learning rate is that of the new settings.

    Raises:
        TrainError: the file cannot be read.
    """
    if not (folder / "start.npz").is_file():
        return ""
    told = _told(folder)
    other = _other_names(told, folder)
    meta, arrays = checkpoints.load_arrays(folder / "start.npz")
    saved = dict(zip(meta["paths"], [arrays[k] for k in sorted(arrays) if k.startswith("v.")], strict=True))
    layers: OrderedDict[str, bool] = OrderedDict()  # layer -> all of its weights were kept
    for variable in model.variables:
        layer = variable.path.partition("/")[0]
        if "seed" in variable.path and variable.dtype not in ("float32", "float16", "bfloat16", "float64"):
            continue
        array = saved.get(variable.path)
        if array is None and layer in other:
            array = saved.get(variable.path.replace(layer, other[layer], 1))
        fits = array is not None and array.shape == tuple(variable.shape)
        if fits:
            variable.assign(array)
        layers[layer] = layers.get(layer, True) and fits
    everything = all(layers.values())
    with_state = everything and told.get("which") in ("last", "kept") and told.get("optimizer") == optimizer
    with_state = with_state and _take_state(model, [arrays[k] for k in sorted(arrays) if k.startswith("o.")])
    return _words(told, layers, with_state)


def _other_names(told: dict[str, Any], folder: Path) -> dict[str, str]:
    """{name of a layer: what the layer was called that its block shared in the run before}, where that is another name:
    those that have their own layer now, or own the one they shared."""
    names = told.get("shared")
    before: dict[str, str] = names if isinstance(names, dict) else {}
    nodes = [n for n in runs.read_project(folder).graph.nodes if not n.shares and n.id in before] if before else []
    return {n.name: before[n.id] for n in nodes if before[n.id] != n.name}


def _told(folder: Path) -> dict[str, Any]:
    try:
        found = read_json(folder / "start.json")
    except (ProjectError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _take_state(model: keras.Model, arrays: list) -> bool:
    optimizer = model.optimizer
    if [tuple(v.shape) for v in optimizer.variables] != [a.shape for a in arrays]:
        return False
    plain = rates.rate(model)
    for variable, array in zip(optimizer.variables, arrays, strict=True):
        variable.assign(array)
    rates.begin_schedule(model)
    if not rates.scheduled(model):
        rates.set_rate(model, plain)
    return True


def _words(told: dict[str, object], layers: OrderedDict[str, bool], with_state: bool) -> str:
    name, epoch = told.get("name", "another run"), told.get("epoch", 0)
    words = {"best": "the best epoch", "kept": "a checkpoint that was kept"}
    which = words.get(str(told.get("which")), "its last checkpoint")
    begins = f"Begins with the weights of {name}, {which} (epoch {epoch})"
    kept = [layer for layer, fits in layers.items() if fits]
    fresh = [layer for layer, fits in layers.items() if not fits]
    if not fresh:
        return f"{begins}{', with the state of the optimizer' if with_state else ''}."
    if not kept:
        return f"None of the weights of {name} fit this model: it begins anew."
    return f"{begins}. Kept: {', '.join(kept)}. Begun anew, as they are new or have another shape: {', '.join(fresh)}."
