"""The graph of the canvas inside a .keras file of ours: places, groups and bindings, which Keras has no room for.

Keras passes over the entry. When the file is opened again, the graph is taken only if the model beside it has the same
layers, so that it can never hide what the model does.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

from workbench.core.catalog import load_catalog
from workbench.core.codec import decode, encode
from workbench.core.errors import WorkbenchError
from workbench.core.importing import ImportedModel
from workbench.core.importing.config import mapping
from workbench.core.importing.values import essential
from workbench.core.project import Graph, Json, Node

NAME = "workbench.json"


def embed(file: Path, graph: Graph) -> None:
    """Add the graph to a .keras archive."""
    plain = replace(graph, nodes=tuple(replace(n, weights=None) for n in graph.nodes))
    text = json.dumps({"format": "workbench-graph", "version": 1, "graph": encode(plain)})
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, text)


def restored(model: ImportedModel, own: Json) -> ImportedModel:
    """The model with the graph it was drawn as, when that is what it is; else as it came."""
    raw = mapping(own)
    if raw.get("format") != "workbench-graph" or raw.get("version") != 1:
        return model
    try:
        graph = decode(Graph, raw.get("graph"), NAME)
    except WorkbenchError:
        return model
    there = {n.name: n for n in model.graph.nodes}
    layers = [n for n in graph.nodes if n.kind not in ("Input", "Output")]
    if not layers or len({n.id for n in graph.nodes}) != len(graph.nodes):
        return model
    if not all(n.name in there and _alike(n, there[n.name]) for n in layers) or not _same_wires(model.graph, graph):
        return model
    nodes = tuple(replace(n, weights=None, note="") for n in graph.nodes)
    sources = {n.id: model.sources[there[n.name].id] for n in layers if there[n.name].id in model.sources}
    return replace(model, graph=replace(graph, nodes=nodes), sources=sources, unknown=())


def _alike(drawn: Node, read: Node) -> bool:
    """Whether a block is the layer of the file."""
    return (
        drawn.kind == read.kind
        and not read.note
        and (essential(drawn.kind, drawn.params, load_catalog()) == essential(read.kind, read.params, load_catalog()))
    )


def _same_wires(read: Graph, drawn: Graph) -> bool:
    """Whether the layers of the drawing are wired among themselves as those of the file."""

    def between(graph: Graph, names: set[str]) -> set[tuple[str, str, int]]:
        called = {n.id: n.name for n in graph.nodes}
        wires = ((called.get(w.source, ""), called.get(w.target, ""), w.port) for w in graph.wires)
        return {w for w in wires if w[0] in names and w[1] in names}

    layers = {n.name for n in drawn.nodes if n.kind not in ("Input", "Output")}
    return between(read, layers) == between(drawn, layers)
