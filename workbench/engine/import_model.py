"""A model file as a graph for the canvas, its weights written beside the project. Nothing of the file is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.importing import ImportedModel, LayerSource, read_model
from workbench.core.importing.config import mapping
from workbench.core.layout import arrange
from workbench.core.names import identifier
from workbench.core.project import Graph, Node, StartWeights
from workbench.link.messages import ModelImported

from .import_file import Arrays, ModelFile, open_model
from .import_legacy import modern_arrays
from .own_graph import restored
from .start_weights import write_arrays

Say = Callable[[float, float, str], None]
MOST_VALUES = 4096  # of a Normalization's mean, which becomes one of its settings


def import_model(path: str, weights_folder: str, say: Say) -> ModelImported:
    """Read a model file or folder; its weights go into a file of `weights_folder` ("" leaves them).

    say: told (done, total, text) before each part; what it raises ends the work, and nothing is left behind.

    Raises:
        ModelFileError: the file is damaged, or refused for a reason that is said. ProjectError: no place for weights.
    """
    place = Path(path).expanduser()
    say(0, 1, f"Reading {place.name}")
    with open_model(place) as opened:
        model = read_model(opened.config, place.name)
        if opened.own is not None:
            model = restored(model, opened.own)
        graph, parameters = model.graph, 0
        notes = [*opened.notes, *model.notes]
        if opened.read is not None and not model.channels_first:
            store = _Store(opened, model, place, say)
            if weights_folder:
                graph, parameters = store.write(Path(weights_folder))
        unknown = [n for n in graph.nodes if n.id in set(model.unknown)]
        return ModelImported(
            graph=graph if opened.own is not None and _placed(graph) else arrange(graph),
            name=model.name,
            source=place.name,
            format=opened.format,
            version=opened.version,
            layers=sum(n.kind not in ("Input", "Output") for n in graph.nodes),
            with_weights=sum(n.weights is not None for n in graph.nodes),
            parameters=parameters,
            unknown=tuple(n.id for n in unknown),
            notes=tuple(notes),
        )


def _placed(graph: Graph) -> bool:
    """Whether its nodes have places already."""
    return len({(n.x, n.y) for n in graph.nodes}) > 1


class _Store:
    """The arrays of an opened file on their way into the project."""

    def __init__(self, opened: ModelFile, model: ImportedModel, place: Path, say: Say) -> None:
        self._opened, self._model, self._place, self._say = opened, model, place, say
        self._said: dict[str, StartWeights] = {}
        self._params: dict[str, dict[str, Any]] = {}
        self._count = 0

    def write(self, folder: Path) -> tuple[Graph, int]:
        """The graph with its weights bound to its nodes, and how many numbers they are."""
        graph = self._model.graph
        file = f"{identifier(self._place.stem)[:40] or 'model'}-{_mark(self._place)}.npz"
        write_arrays(folder / file, self._layers(file))
        if not self._said:
            (folder / file).unlink(missing_ok=True)
        nodes = tuple(
            replace(n, weights=self._said.get(n.id), params={**n.params, **self._params.get(n.id, {})})
            for n in graph.nodes
        )
        return replace(graph, nodes=nodes), self._count

    def _layers(self, file: str) -> Iterator[tuple[str, Arrays]]:
        read = self._opened.read
        assert read is not None
        nodes = {n.id: n for n in self._model.graph.nodes}
        total = len(self._model.sources)
        for number, (node_id, source) in enumerate(self._model.sources.items()):
            self._say(number, total, f"Reading the weights of {nodes[node_id].name}")
            arrays = self._modern(nodes[node_id], source, read(source))
            if not arrays:
                continue
            self._count += sum(a.size for a in arrays.values())
            shapes = {path: tuple(int(s) for s in a.shape) for path, a in arrays.items()}
            node = nodes[node_id]
            self._said[node_id] = StartWeights(file, node.name, node.kind, self._place.name, shapes)
            yield node.name, arrays

    def _modern(self, node: Node, source: LayerSource, arrays: Arrays) -> Arrays:
        inner = str(mapping(source.params.get("layer")).get("kind", ""))
        found = modern_arrays(node.kind, inner, arrays, self._opened.version, source.class_name)
        if node.kind == "Normalization":  # what it learnt of the data is a setting here
            if {"0", "1"} <= found.keys() and found["0"].size <= MOST_VALUES:
                values = [np.asarray(found[i], np.float64).reshape(-1).tolist() for i in ("0", "1")]
                mean, variance = (v[0] if len(v) == 1 else v for v in values)
                self._params[node.id] = {"mean": mean, "variance": variance}
            return {}
        return {p: a.astype(np.float32, copy=False) if a.dtype.kind == "f" else a for p, a in found.items()}


def _mark(place: Path) -> str:
    """Twelve hexadecimal digits that tell the file from any other, and from itself after a change."""
    digest = hashlib.sha256(str(place.absolute()).encode("utf-8", "surrogateescape"))
    file = place / "saved_model.pb" if place.is_dir() else place
    facts = file.stat()
    digest.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
    with file.open("rb") as stream:
        digest.update(stream.read(1 << 16))
        stream.seek(max(0, facts.st_size - (1 << 16)))
        digest.update(stream.read())  # of an archive: the checksums of all that is in it
    return digest.hexdigest()[:12]


def config_of(model: Any) -> Mapping[str, Any]:
    """The configuration of a live Keras model, as a file of it would hold it."""
    found: Mapping[str, Any] = json.loads(model.to_json())
    return found
