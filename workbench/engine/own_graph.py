"""The graph of the canvas inside a .keras file of ours: places, groups and bindings, which Keras has no room for.

Keras passes over the entry. When the file is opened again, the graph is taken only if the model beside it has the same
layers, so that it can never hide what the model does.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from workbench.core.catalog import load_catalog
from workbench.core.codec import decode, encode
from workbench.core.errors import WorkbenchError
from workbench.core.importing import ImportedModel
from workbench.core.importing.config import mapping
from workbench.core.importing.values import essential
from workbench.core.project import Graph, Json, Node
from workbench.core.sharing import owners, shared
from workbench.core.wiring import topological_order, used_nodes

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
    layers = [n for n in graph.nodes if n.kind not in ("Input", "Output")]
    if not layers or len({n.id for n in graph.nodes}) != len(graph.nodes):
        return model
    there, of, read = _meant(model, graph), owners(graph), owners(model.graph)
    shapes = {i: model.sources[layer].shape for i, layer in read.items() if layer in model.sources}
    if not all(n.id in there and _alike(n, there[n.id], shapes) for n in layers):
        return model
    if not _same_wires(model.graph, graph, there) or not _same_sharing(model.graph, graph, there):
        return model
    nodes = tuple(replace(n, weights=None, note="") for n in graph.nodes)
    layer_of = {of[n.id]: read[there[n.id].id] for n in layers}
    sources = {mine: model.sources[layer] for mine, layer in layer_of.items() if layer in model.sources}
    return replace(model, graph=replace(graph, nodes=nodes), sources=sources, unknown=())


def _meant(model: ImportedModel, graph: Graph) -> dict[str, Node]:
    """{id of a block of the drawing: the block of the file that stands for the same call of the same layer}. A file
    knows only the names of layers; the calls of one that is used at several places are told apart by their order."""
    calls = {call: model.graph.node(i) for i, call in model.calls.items()}
    alone = {n.name: n for n in model.graph.nodes}
    of, used = owners(graph), used_nodes(graph)
    numbers: Counter[str] = Counter()
    found: dict[str, Node] = {}
    for ident in topological_order(graph) or []:
        name = graph.node(of[ident]).name
        node = calls.get((name, numbers[name]), alone.get(name) if of[ident] == ident else None)
        if ident in used and node is not None:
            numbers[name] += 1
            found[ident] = node
    return found


def _alike(drawn: Node, read: Node, shapes: Mapping[str, tuple[int | None, ...]]) -> bool:
    """Whether a block is the layer of the file. shapes: of what went into the layers, by id."""
    if drawn.kind != read.kind or read.note:
        return False
    catalog = load_catalog()
    one, other = essential(drawn.kind, drawn.params, catalog), essential(read.kind, read.params, catalog)
    if one.get("seed") is None:
        other.pop("seed", None)  # some layers keep the one that was drawn
    if drawn.kind == "GroupNormalization" and one.get("groups") == -1 and read.id in shapes:
        axis = int(one.get("axis", -1))  # a group for each channel, counted by Keras
        shape = shapes[read.id]
        one["groups"] = shape[axis] if -len(shape) <= axis < len(shape) else -1
    return one == other


def _same_wires(read: Graph, drawn: Graph, there: Mapping[str, Node]) -> bool:
    """Whether the layers of the drawing are wired among themselves as those of the file."""
    layers = {n.id for n in drawn.nodes if n.kind not in ("Input", "Output")}
    meant = {there[i].id for i in layers}
    mine = {(there[w.source].id, there[w.target].id, w.port) for w in drawn.wires if {w.source, w.target} <= layers}
    return mine == {(w.source, w.target, w.port) for w in read.wires if {w.source, w.target} <= meant}


def _same_sharing(read: Graph, drawn: Graph, there: Mapping[str, Node]) -> bool:
    """Whether blocks of the file that use one layer do so in the drawing."""
    mine = {frozenset(there[i].id for i in ids) for ids in shared(drawn).values()}
    return mine >= {frozenset(ids) for ids in shared(read).values()}
