"""Beginning with the weights of another run: what still fits is kept, and it is said which.

Weights belong to each other by the block they are of, whatever it is called by now, else by the name of their layer,
and by that of the weight in it; a layer that was shared and is parted now gives its own to each. What has another
shape, or is new, keeps the value its seed made.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from workbench.core import runs
from workbench.core.errors import ProjectError
from workbench.core.project import Graph
from workbench.core.sharing import owner
from workbench.core.storage import read_json

from . import checkpoints, optimizer_state, rates
from .control import look
from .stored import Stored, load_stored


def begin_with(model: keras.Model, folder: Path, optimizer: str) -> str:
    """Put the weights of `start.npz` into a compiled model whose optimizer is built. Returns what was done, for people;
    "" when the run begins with its own.

    The optimizer's state comes along when the run goes on from a checkpoint, everything fits, the optimizer is the same
    and has learned each weight that is learned now; its learning rate is that of the new settings.

    Raises:
        TrainError: the file cannot be read.
    """
    if not (folder / "start.npz").is_file():
        return ""
    told = _told(folder)
    other = _other_names(told, folder)
    meta, found = load_stored(folder / "start.npz")
    layers = _put(model, meta["paths"], found["v"], other)
    everything = all(layers.values())
    with_state = everything and told.get("which") in ("last", "kept") and told.get("optimizer") == optimizer
    with_state = with_state and _take_state(model, meta.get("state", ()), found["o"], _then(other))
    if not with_state:
        optimizer_state.follow_weights(model)
    return _words(told, layers, with_state, other)


def weights_of(model: keras.Model, graph: Graph, run: Path, which: str) -> None:
    """Put the weights of a run into a model that is not to be a run: those that still fit, as `begin_with` does.

    which: as of core.runs.Start. Raises TrainError: there are none, or they cannot be read.
    """
    path = run / "start.npz" if which == "start" else checkpoints.weights_file(run, which)
    before = runs.read_project(run).graph
    names = {node.id: owner(before, node).name for node in before.nodes}
    meta, found = load_stored(path)
    _put(model, meta["paths"], found["v"], _renamed(graph, names))


def _put(model: keras.Model, paths: Sequence[str], arrays: Stored, other: Mapping[str, str]) -> OrderedDict[str, bool]:
    """Put weights, saved of variables of these paths, where they belong; {layer: all of its weights were kept}."""
    wanted: dict[str, list[keras.Variable]] = {}
    layers: OrderedDict[str, bool] = OrderedDict()
    then = _then(other)
    shapes = dict(zip(paths, arrays.shapes, strict=True))
    for variable in model.variables:
        layer = variable.path.partition("/")[0]
        if "seed" in variable.path and variable.dtype not in ("float32", "float16", "bfloat16", "float64"):
            continue
        path = then(variable.path)
        fits = shapes.get(path) == tuple(variable.shape)
        if fits:
            wanted.setdefault(path, []).append(variable)
        layers[layer] = layers.get(layer, True) and fits
    for path, array in zip(paths, arrays, strict=True):
        for variable in wanted.get(path, ()):
            variable.assign(array)
        look()
    return layers


def _then(other: Mapping[str, str]) -> Callable[[str], str]:
    """What a path that begins with the name of a layer was in the run before; "" where that has none such."""
    claimed = {before for now, before in other.items() if before != now}  # by a layer with another name now

    def path_then(path: str) -> str:
        layer = path.partition("/")[0]
        before = other.get(layer, layer if layer not in claimed else "")
        return path.replace(layer, before, 1) if before else ""

    return path_then


def _other_names(told: dict[str, Any], folder: Path) -> dict[str, str]:
    """{name of a layer: what the layer of its block was called in the run before}, be it that it was renamed, or was
    shared and has its own now. A run made before names were told knows of the shared ones."""
    names = told.get("layers") or told.get("shared")
    return _renamed(runs.read_project(folder).graph, names) if isinstance(names, dict) else {}


def _renamed(graph: Graph, before: Mapping[str, str]) -> dict[str, str]:
    nodes = [node for node in graph.nodes if not node.shares and node.id in before]
    return {node.name: before[node.id] for node in nodes}


def _told(folder: Path) -> dict[str, Any]:
    try:
        found = read_json(folder / "start.json")
    except (ProjectError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _take_state(model: keras.Model, names: Sequence[str], arrays: Stored, then: Callable[[str], str]) -> bool:
    """Whether the state fits, each of it to its own weight; then it was put in. names: of the arrays."""
    optimizer, at = model.optimizer, {name: number for number, name in enumerate(names)}
    mine = [at.get(then(name)) for name in optimizer_state.names(model)]
    numbers = [number for number in mine if number is not None]
    own = arrays.those(numbers)
    if len(numbers) < len(mine) or own.shapes != [tuple(v.shape) for v in optimizer.variables]:
        return False
    plain = rates.rate(model)
    for variable, array in zip(optimizer.variables, own, strict=True):
        variable.assign(array)
    rates.begin_schedule(model)
    if not rates.scheduled(model):
        rates.set_rate(model, plain)
    return True


def _words(told: dict[str, object], layers: OrderedDict[str, bool], with_state: bool, other: Mapping[str, str]) -> str:
    name, epoch = told.get("name", "another run"), told.get("epoch", 0)
    words = {"best": "the best epoch", "kept": "a checkpoint that was kept"}
    which = words.get(str(told.get("which")), "its last checkpoint")
    begins = f"Begins with the weights of {name}, {which} (epoch {epoch})"
    were = {layer: other[layer] for layer in layers if other.get(layer, layer) != layer}
    kept = [f"{one} (was {were[one]})" if one in were else one for one, fits in layers.items() if fits]
    fresh = [layer for layer, fits in layers.items() if not fits]
    if not fresh:
        renamed = f" Renamed since: {', '.join(f'{one} (was {was})' for one, was in were.items())}." if were else ""
        return f"{begins}{', with the state of the optimizer' if with_state else ''}.{renamed}"
    if not kept:
        return f"None of the weights of {name} fit this model: it begins anew."
    return f"{begins}. Kept: {', '.join(kept)}. Begun anew, as they are new or have another shape: {', '.join(fresh)}."
