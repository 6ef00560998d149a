"""A network of keras.applications as a graph with a new answer, sized to the data; with weights where a file has some.

Weights come from a file a person names or from what Keras has downloaded before; nothing is downloaded here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from workbench.core.applications import Network, cached, network, pictures_of, pixel_scaling, why_not
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.importing import read_model
from workbench.core.importing.config import ModelFileError
from workbench.core.layout import arrange
from workbench.core.names import unused_name
from workbench.core.project import Graph, Group, Json, Node, Wire
from workbench.link.messages import ModelImported

from .devices import BUILDING
from .import_h5 import H5
from .import_model import config_of, import_model

Say = Callable[[float, float, str], None]
COMFORTABLE = 96  # pixels a side below which these networks see next to nothing of a picture


def make_network(name: str, data: DataFacts, folder: str, file: str, frozen: bool, say: Say) -> ModelImported:
    """The network, from the pictures of the data to its target.

    Args:
        folder: where its weights are written to.
        file: of weights for it; "": those Keras has downloaded before, else none.
        frozen: keep given weights as they are, so that only the new answer learns.

    Raises:
        GraphError: there is no such network, or the data has no pictures. ModelFileError: the file does not fit.
    """
    one = network(name)
    if reason := why_not(data):
        raise GraphError(reason, where=one.title)
    source = pictures_of(data)
    assert source is not None
    assert data.target is not None
    place = Path(file).expanduser() if file else cached(one)
    notes: list[str] = []
    side = min(source.shape[:2])
    shape = tuple(source.shape)
    if side < max(one.smallest, COMFORTABLE):
        large = max(one.smallest, COMFORTABLE)
        shape = (large, large, shape[2])
        notes.append(
            f"The pictures have {source.shape[0]} × {source.shape[1]} pixels and are enlarged to {large} × {large}, as "
            "the network sees next to nothing of smaller ones. Larger pictures (Features page) serve it better."
        )
    if place is not None:
        shape = (*shape[:2], 3)
    say(0, 3, f"Building {one.title}")
    with BUILDING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = _build(one, shape, with_weights=place is not None)
        if place is None:
            body = read_model(config_of(model), one.title)
            count = model.count_params()
            graph, parameters, taken = body.graph, 0, 0
            notes.append(f"There is no file with weights of {one.title} on this machine: it starts from random ones.")
        else:
            say(1, 3, f"Reading {place.name}")
            _load(one, model, place)
            say(2, 3, "Keeping the weights in the project")
            found = _imported(model, place, folder)
            graph, parameters, taken, count = found.graph, found.parameters, found.with_weights, found.parameters
    assert count
    graph = _with_ends(_frozen(graph) if frozen and place is not None else graph, one, source, shape, data.target)
    return ModelImported(
        graph=arrange(graph),
        name=one.title,
        source=place.name if place else one.title,
        format="application",
        version=keras.__version__,
        layers=sum(n.kind not in ("Input", "Output") for n in graph.nodes),
        with_weights=taken,
        parameters=parameters,
        notes=tuple(notes),
    )


def _build(one: Network, shape: tuple[int, ...], *, with_weights: bool) -> keras.Model:
    """Only the shapes where no weights will be put into it: the largest have hundreds of millions."""
    make = getattr(keras.applications, one.keras)
    if with_weights:
        return make(include_top=False, weights=None, input_shape=shape)
    with keras.StatelessScope(initialize_variables=False):
        return make(include_top=False, weights=None, input_shape=shape)


def _load(one: Network, model: keras.Model, place: Path) -> None:
    """Raises ModelFileError when the file has not the weights of this network."""
    if not place.is_file():
        raise ModelFileError("There is no such file.", where=str(place))
    with place.open("rb") as stream:
        head = stream.read(8)
    if head != b"\x89HDF\r\n\x1a\n":
        raise ModelFileError(
            "This is no file of weights.", where=place.name, remedy=f"Weights of {one.title} come as {one.file}."
        )
    with H5(str(place), place.name) as checked:
        checked.check_all()
        older = bool(checked.flat())
    try:
        with tempfile.TemporaryDirectory(prefix="network-") as made:  # Keras tells the two ways by the name alone
            named = Path(made) / ("old.h5" if older else "new.weights.h5")
            try:
                os.link(place.resolve(), named)
            except OSError:
                shutil.copyfile(place, named)
            model.load_weights(str(named))
    except Exception as error:  # Keras raises many kinds for a file that does not fit
        raise ModelFileError(
            f"These are not the weights of {one.title} without its own answer.",
            where=place.name,
            remedy=f"They come as {one.file}.",
        ) from error
    if one.pixels == "caffe":  # made for blue first; the canvas has red first
        first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
        kernel, *rest = first.get_weights()
        first.set_weights([kernel[:, :, ::-1, :], *rest])


def _imported(model: keras.Model, place: Path, folder: str) -> ModelImported:
    """The model by the way every file takes, from a file that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="network-") as made:
        draft = Path(made) / f"{place.stem}.keras"
        model.save(draft)
        found = import_model(str(draft), folder, lambda *_: None)
    nodes = tuple(
        replace(n, weights=replace(n.weights, source=place.name)) if n.weights else n for n in found.graph.nodes
    )
    return replace(found, graph=replace(found.graph, nodes=nodes))


def _frozen(graph: Graph) -> Graph:
    return replace(graph, nodes=tuple(replace(n, trainable=n.weights is None) for n in graph.nodes))


def _with_ends(graph: Graph, one: Network, source: InputFacts, shape: tuple[int, ...], target: TargetFacts) -> Graph:
    """What turns the prepared pictures into what the network expects in front of it, the answer behind it."""
    group = Group("network", one.title)
    inputs = [n for n in graph.nodes if n.kind == "Input"]
    outputs = [n for n in graph.nodes if n.kind == "Output"]
    entering = [w for w in graph.wires if w.source == inputs[0].id]
    leaving = next(w.source for w in graph.wires if w.target == outputs[0].id)
    body = [n for n in graph.nodes if n not in inputs and n not in outputs]
    wires = [w for w in graph.wires if w not in entering and w.target != outputs[0].id]
    taken = {n.name for n in body}
    nodes: list[Node] = []

    def add(kind: str, wanted: str, params: dict[str, Json], *after: str) -> str:
        name = unused_name(wanted, taken)
        taken.add(name)
        nodes.append(Node(name, kind, name, params))
        wires.extend(Wire(source, name, port) for port, source in enumerate(after))
        return name

    last = add("Input", "pictures", {"binding": source.name})
    if tuple(source.shape[:2]) != tuple(shape[:2]):
        last = add("Resizing", "enlarge", {"height": shape[0], "width": shape[1]}, last)
    if source.shape[2] == 1 and shape[2] == 3:
        last = add("Concatenate", "three_channels", {}, last, last, last)
    scale, offset = pixel_scaling(one, source)
    if shape[2] != 3:  # trained anew on grey pictures: any even scaling does
        scale, offset = (v[0] if isinstance(v, list) else v for v in (scale, offset))
    if _differs(scale, 1.0) or _differs(offset, 0.0):
        last = add("Rescaling", "as_it_expects", {"scale": scale, "offset": offset}, last)
    wires += [replace(w, source=last) for w in entering]
    end = add("GlobalAveragePooling2D", "pool", {}, leaving)
    end = add("Dropout", "drop", {"rate": 0.2}, end)
    units = len(target.classes) if target.task == "classification" and len(target.classes) != 2 else 1
    answer: dict[str, Json] = {"units": units}
    if target.task == "classification":
        answer["activation"] = "softmax" if units > 1 else "sigmoid"
    end = add("Dense", "answer", answer, end)
    add("Output", "output", {}, end)
    front = [n for n in nodes if n.kind in ("Input", "Resizing", "Concatenate", "Rescaling")]
    back = [n for n in nodes if n not in front]
    inside = [replace(n, group=n.group or group.id) for n in body]
    groups = (group, *(replace(g, parent=g.parent or group.id) for g in graph.groups))
    return Graph((*front, *inside, *back), tuple(wires), groups)


def _differs(value: Any, usual: float) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(abs(v - usual) > 1e-9 for v in values)
