"""Every layer of the catalog that can be used is used: added by edits, trained, saved, opened again, undone.

Driven by the catalog itself: a layer that Keras adds, or one that becomes usable, is tried without a line here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.core.graphs import chain
from workbench.core.catalog import LayerEntry, load_catalog, offered
from workbench.core.document import Document
from workbench.core.edits_graph import add_layer, connect, set_params
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Graph, Project, TrainSpec
from workbench.core.script import keras_script
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph
from workbench.engine.import_model import import_model
from workbench.engine.own_graph import embed
from workbench.engine.start_weights import put

# The smallest inputs that suit, by how many axes they have without the batch; 0: any number, here one.
SHAPES = {0: (6,), 1: (6,), 2: (6, 4), 3: (8, 8, 3), 4: (4, 8, 8, 3), 5: (2, 4, 4, 4, 2)}
OWN_SHAPES = {"STFTSpectrogram": (256, 1), "MelSpectrogram": (4096,), "Permute": (6, 4)}
LAYERS = [e for e in load_catalog().layers.values() if e.usable]
TRAIN = TrainSpec(optimizer="SGD")


def fitting(entry: LayerEntry) -> DataFacts:
    """Data that the layer can work on."""
    shape = OWN_SHAPES.get(entry.name, SHAPES[entry.rank])
    return DataFacts("table", (InputFacts("x", "table", shape),), TargetFacts("y", "regression"), {"train": 100})


def put_in(document: Document, entry: LayerEntry, wires: int) -> None:
    """Input - the layer - Flatten - Dense of one unit - Output, as a person adds them one after another."""
    document.apply(add_layer(entry.name, after="n0", node_id="tried"), "Add")
    for port in range(1, wires):
        document.apply(connect("n0", "tried", port), "Connect")
    kind = "GlobalAveragePooling1D" if entry.name == "Masking" else "Flatten"  # Flatten knows no skipped steps
    document.apply(add_layer(kind, after="tried", node_id="flat"), "Add")
    document.apply(add_layer("Dense", after="flat", params={"units": 1}, node_id="answer"), "Add")


@pytest.mark.parametrize("entry", LAYERS, ids=lambda e: e.name)
def test_every_layer_is_added_built_trained_saved_opened_and_undone(entry: LayerEntry, tmp_path: Path):
    facts = fitting(entry)
    for wires in sorted({entry.inputs, len(entry.ports) or entry.inputs}):
        document = Document(Project(graph=chain("x"), train=TRAIN))
        before = document.project
        put_in(document, entry, wires)
        graph = document.project.graph
        said = check_graph(graph, facts, TRAIN)
        assert said.ready, [p.message for p in said.problems]

        model = build_model(graph, facts, 0)
        tried = model.get_layer(graph.node("tried").name)
        assert said.nodes["tried"].shape == tuple(tried.output.shape)
        assert (said.parameters, said.nodes["tried"].parameters) == (model.count_params(), tried.count_params())

        x = rows(entry, facts)
        learnt(model, tried, x)
        came_back(model, graph, facts, x, tmp_path)
        script_is_the_same(document.project, facts)
        while document.undo():
            pass
        assert document.project == before
    keras.utils.clear_session(free_memory=False)


INSIDE = [
    (owner, field.name, inner)
    for owner in ("RNN", "Bidirectional")
    for field in load_catalog().layers[owner].fields
    for inner in (offered(load_catalog(), field) if field.choices[:1] == ("layers",) else ())
]


@pytest.mark.parametrize(("owner", "field", "inner"), INSIDE)
def test_every_layer_inside_another_keeps_its_weights(owner: str, field: str, inner: str, tmp_path: Path):
    entry = load_catalog().layers[owner]
    facts, document = fitting(entry), Document(Project(graph=chain("x"), train=TRAIN))
    put_in(document, entry, 1)
    value = {"kind": inner, "params": dict(load_catalog().layers[inner].start)}
    document.apply(set_params("tried", field, value), "Change")
    graph = document.project.graph
    assert check_graph(graph, facts, TRAIN).ready
    model = build_model(graph, facts, 0)
    x = rows(entry, facts)
    learnt(model, model.get_layer(graph.node("tried").name), x)
    came_back(model, graph, facts, x, tmp_path)
    script_is_the_same(document.project, facts)


def rows(entry: LayerEntry, facts: DataFacts) -> np.ndarray:
    """Three rows; whole numbers for a layer that looks them up."""
    draw, shape = np.random.default_rng(0), (3, *facts.inputs[0].shape)
    looks_up = {"input_dim", "num_tokens"} & {f.name for f in entry.fields}
    return (draw.integers(0, 2, shape) if looks_up else draw.normal(0.5, 1, shape)).astype("float32")


def learnt(model: keras.Model, tried: keras.layers.Layer, x: np.ndarray) -> None:
    """One step of training, in which whatever can learn does."""
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error", run_eagerly=True)
    start = [np.array(w) for w in model.trainable_weights]
    loss = float(model.train_on_batch(x, np.arange(len(x), dtype="float32") + 7))
    assert np.isfinite(loss)
    moved = {id(w) for w, old in zip(model.trainable_weights, start, strict=True) if not np.array_equal(w, old)}
    assert moved, "nothing learnt"
    assert not tried.trainable_weights or moved & {id(w) for w in tried.trainable_weights}


def came_back(model: keras.Model, graph: Graph, facts: DataFacts, x: np.ndarray, folder: Path) -> None:
    """Saved as the exporter does and opened again, by Keras and by us, it is the same drawing and answers the same."""
    model.save(folder / "model.keras")
    embed(folder / "model.keras", graph)
    found = import_model(str(folder / "model.keras"), str(folder / "weights"), lambda *_: None)
    assert not found.notes
    assert not found.unknown
    assert replace(found.graph, nodes=tuple(replace(n, weights=None) for n in found.graph.nodes)) == graph
    again = build_model(found.graph, facts, 9)
    assert put(again, found.graph, [folder / "weights"]) == []
    expected = np.asarray(model(x, training=False))
    np.testing.assert_array_equal(expected, again(x, training=False))
    loaded = keras.models.load_model(folder / "model.keras", compile=False)
    np.testing.assert_array_equal(expected, loaded(x, training=False))


def script_is_the_same(project: Project, facts: DataFacts) -> None:
    """The script beside the canvas builds that model."""
    there: dict[str, object] = {"__name__": "script", "__file__": "script.py"}
    exec(compile(keras_script(project, facts), "script.py", "exec"), there)
    built = there["build_model"]()  # type: ignore[operator]
    assert [layer.name for layer in built.layers] == [n.name for n in project.graph.nodes if n.kind != "Output"]
