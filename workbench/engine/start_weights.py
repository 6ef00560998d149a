"""The weights a model starts from: written beside a project when a model is opened, put into its layers at the start.

A file in the project's "weights" folder is an .npz without pickles; its arrays are "<key>/<path>", where the path leads
from a layer to one of its variables: "0" is its first own one, "cell/1" the second of its cell.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import ProjectError, TrainError
from workbench.core.facts import Problem, Repair
from workbench.core.importing.stored import Names
from workbench.core.project import Graph, Node, StartWeights
from workbench.core.storage import replacing
from workbench.core.wiring import changed

log = logging.getLogger(__name__)
FOLDER = "weights"


def places(run: Path) -> list[Path]:
    """Where the start weights of a run may be: with the run itself, or in its project."""
    return [run / FOLDER, run.parent.parent / FOLDER]


def write_arrays(path: Path, layers: Iterable[tuple[str, Mapping[str, np.ndarray]]]) -> int:
    """Write {key: {path: array}} as they come, whole or not at all. Returns the bytes of all arrays.

    Raises:
        ProjectError: the folder cannot be written.
    """
    size = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            replacing(path, sync=False) as temporary,
            zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as archive,
        ):
            for key, arrays in layers:
                for name, array in arrays.items():
                    whole = np.ascontiguousarray(array).reshape(array.shape)
                    with archive.open(f"{key}/{name}.npy", "w", force_zip64=True) as entry:
                        header = np.lib.format.header_data_from_array_1_0(whole)
                        np.lib.format.write_array_header_1_0(entry, header)
                        entry.write(whole.reshape(-1).view(np.uint8).data)  # in one piece, uncopied
                    size += array.nbytes
        # The disk takes a while for a hundred megabytes; a copy that is lost with the power is told as missing.
        threading.Thread(target=_to_disk, args=(path,), name="engine-sync", daemon=True).start()
    except OSError as error:
        raise ProjectError(
            f"The weights could not be written ({error.strerror or error}).",
            where=str(path),
            remedy="Free some space, or save the project elsewhere; nothing that was there has been changed.",
        ) from error
    return size


def _to_disk(path: Path) -> None:
    try:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        log.info("the weights %s may not be on the disk yet: %s", path, error)


def named_variables(layer: Any) -> dict[str, Any]:
    """The weights of a built layer by their paths within it, as a Keras 3 file has them; random states are none."""
    import keras

    found: dict[str, Any] = {}
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", layer)]
    while waiting:
        prefix, here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        own = [*here._trainable_variables, *here._non_trainable_variables]
        found |= {f"{prefix}{i}": variable for i, variable in enumerate(own)}
        inner = [(n.lstrip("_"), v) for n, v in vars(here).items() if isinstance(v, keras.layers.Layer)]
        if isinstance(here, keras.layers.StackedRNNCells):
            numbered = Names()
            inner += [(f"cells/{numbered.of(type(cell).__name__)}", cell) for cell in here.cells]
        waiting += [(f"{prefix}{name}/", part) for name, part in sorted(inner, reverse=True, key=lambda pair: pair[0])]
    return found


def fits(weights: StartWeights, kind: str, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether weights are those of a layer of that kind with variables of these shapes."""
    return weights.kind == kind and {k: tuple(v) for k, v in weights.shapes.items()} == dict(shapes)


def misfits(graph: Graph, node: Node, shapes: Mapping[str, tuple[int, ...]]) -> list[Problem]:
    """That a node's start weights cannot be its own any more, and what it does instead; nothing when they can."""
    weights = node.weights
    if weights is None or fits(weights, node.kind, shapes):
        return []
    text = f"Starts from random weights: those from {weights.source} do not fit"
    for path, shape in shapes.items():
        given = weights.shapes.get(path)
        if given is not None and tuple(given) != shape:
            text += f" ({_times(given)}, and {_times(shape)} are needed)"
            break
    anew = changed(graph, node.id, lambda n: replace(n, weights=None))
    return [Problem("warning", f"{text}.", node.id, repairs=(Repair("Forget them", anew),))]


def _times(shape: Iterable[int]) -> str:
    return " × ".join(f"{size:,}" for size in shape) or "one number"


def put(model: Any, graph: Graph, folders: Sequence[Path]) -> list[Node]:
    """Put the start weights of a graph into the model built from it. Returns the nodes whose weights do not fit.

    folders: where the files may be, the first that has one wins.

    Raises:
        TrainError: a file is missing or damaged.
    """
    left: list[Node] = []
    layers = {layer.name: layer for layer in model.layers}
    with contextlib.ExitStack() as files:
        opened: dict[str, Any] = {}
        for node in graph.nodes:
            weights = node.weights
            if weights is None or node.shares or node.name not in layers:  # a shared layer has its owner's name
                continue
            variables = named_variables(layers[node.name])
            if not fits(weights, node.kind, {path: tuple(v.shape) for path, v in variables.items()}):
                left.append(node)
                continue
            if weights.file not in opened:
                opened[weights.file] = files.enter_context(_open(weights, folders))
            for path, variable in variables.items():
                variable.assign(_array(opened[weights.file], weights, path, node))
    return left


def _open(weights: StartWeights, folders: Sequence[Path]) -> Any:
    name = Path(weights.file).name  # a project file must not name a place of its own
    for folder in folders:
        if (folder / name).is_file():
            try:
                return np.load(folder / name, allow_pickle=False)
            except (OSError, ValueError, zipfile.BadZipFile) as error:
                raise TrainError(
                    f"The weights from {weights.source} cannot be read ({error}).",
                    where=name,
                    remedy="Open the model again, or let its layers start anew.",
                ) from error
    raise TrainError(
        f"The weights from {weights.source or name} are not in this project's folder.",
        where=name,
        remedy="Open the model again, or let its layers start from random weights (Model, Forget the start weights).",
    )


def _array(file: Any, weights: StartWeights, path: str, node: Node) -> np.ndarray:
    try:
        array = np.asarray(file[f"{weights.key}/{path}"])
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise TrainError(
            f"The weights from {weights.source} are damaged ({error}).",
            where=node.name,
            remedy="Open the model again.",
        ) from error
    if array.shape != tuple(weights.shapes[path]):
        raise TrainError(f"The weights from {weights.source} are damaged.", where=node.name, remedy="Open it again.")
    return array
