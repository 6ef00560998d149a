"""The Keras script runs as it is, builds the same network, and nothing a person typed can run in it."""

from __future__ import annotations

import ast
import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.core.graphs import chain, pictures, table, text
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.project import Augmentation, EarlyStopping, Features, Graph, Project, TrainSpec
from workbench.core.script import keras_script, written_script
from workbench.core.templates import TEMPLATES, template, why_not
from workbench.engine.build import build_model

from .little_runs import blobs


def run(text: str, folder: Path, name: str = "not_main") -> dict:
    path = folder / "network.py"
    path.write_text(text, "utf-8")
    return runpy.run_path(str(path), run_name=name)


@pytest.mark.parametrize("facts", [pictures(16, 16, 3), table(12, 2), text(), text(beside=3)])
def test_it_builds_the_network_of_the_canvas(facts: DataFacts, tmp_path: Path):
    for entry in TEMPLATES:
        if why_not(entry.name, facts):
            continue
        graph = template(entry.name, facts)
        text = keras_script(Project(graph=graph), facts)
        assert max(len(line) for line in text.splitlines()) <= 100
        written, built = run(text, tmp_path)["build_model"](), build_model(graph, facts, 0)
        assert written.count_params() == built.count_params()
        assert [layer.name for layer in written.layers] == [layer.name for layer in built.layers]
        assert [t.name for t in written.inputs] == [t.name for t in built.inputs]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # TensorFlow 2.21 on NumPy 2
@pytest.mark.parametrize("varied", [False, True])
def test_it_trains_and_scores_from_the_arrays_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], varied: bool
):
    facts = pictures(8, 8, 1, 3, rows=60)
    if varied:  # and rows that count as much as a column and their class say
        facts = replace(facts, weight="w", target=replace(facts.target, class_weights=(0.5, 1.0, 2.0)))
    decay = {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9}
    settings = {"learning_rate": {"kind": "ExponentialDecay", "params": decay}, "momentum": 0.9}
    stopping = EarlyStopping(True, patience=3, min_delta=0.001)
    train = TrainSpec(optimizer="SGD", optimizer_params=settings, epochs=2, early_stopping=stopping)
    if varied:  # what Keras reckons from a number for each class
        train = replace(train, metrics=("auto", "f1_score", "mean_io_u"))
    every = Augmentation(varied, True, True, 10, 0.1, 0.1, 0.1, 0.1, 0.01, "black")
    features = Features(augment=every)
    project = Project(name="Ziffern", features=features, graph=template("softmax", facts), train=train)
    draw = np.random.default_rng(0)
    arrays = {}
    for part, rows in facts.rows.items():
        arrays[f"{part}_image"] = draw.integers(0, 256, (rows, 8, 8, 1)).astype(np.uint8)
        arrays[f"{part}_y"] = draw.integers(0, 3, rows).astype(np.int32)
        arrays[f"{part}_weights"] = draw.random(rows).astype(np.float32)
    np.savez(tmp_path / "network.npz", **arrays)
    text = keras_script(project, facts)
    assert text.count("layers.Random") == (6 if varied else 0)
    assert text.count("sample_weight") == (2 if varied else 0)
    assert text.count("to_categorical") == (1 if varied else 0)
    run(text, tmp_path, "__main__")
    said = capsys.readouterr().out
    assert "'accuracy'" in said
    assert ("'f1_score'" in said) == varied
    assert (tmp_path / "network.keras").is_file()


def test_nothing_a_person_typed_runs(tmp_path: Path):
    evil = '"""\nraise SystemExit("ran")\n"""\'); raise SystemExit("ran") #{raise_}\\'
    facts = table(3, 2)
    target = TargetFacts(evil, "classification", (evil, "b\u2028c"))
    source = replace(facts.inputs[0], name=evil)
    facts = replace(facts, inputs=(source,), target=target)
    graph = chain(evil, ("Dense", {"units": 1, "activation": "sigmoid"}))
    text = keras_script(Project(name=evil, graph=graph), facts)
    ast.parse(text)
    module = run(text, tmp_path)
    assert module["CLASSES"] == target.classes
    assert module["build_model"]().count_params() == 4


def test_names_of_python_and_of_the_script_itself_are_no_trouble(tmp_path: Path):
    graph = chain(
        "table", ("Dense", {"units": 4}), ("Dense", {"units": 4}), ("Dense", {"units": 3, "activation": "softmax"})
    )
    names = dict(zip(("n0", "n1", "n2", "n3"), ("input", "keras", "input_", "print"), strict=True))
    graph = Graph(tuple(replace(n, name=names.get(n.id, n.name)) for n in graph.nodes), graph.wires)
    model = run(keras_script(Project(graph=graph), table(5, 3)), tmp_path)["build_model"]()
    assert [layer.name for layer in model.layers] == ["input", "keras", "input_", "print"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # TensorFlow 2.21 on NumPy 2
def test_an_optimizer_that_copies_the_weights_learns_in_the_script_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    facts = table(2, 3, rows=96)
    train = TrainSpec(optimizer="ScheduleFreeAdamW", epochs=6, batch_size=8)
    project = Project(graph=template("softmax", facts), train=train)
    x, y = blobs(96)
    np.savez(tmp_path / "network.npz", train_table=x, train_y=y)
    run(keras_script(project, facts), tmp_path, "__main__")
    losses = [float(said) for said in re.findall(r" loss: ([\d.]+)", capsys.readouterr().out)]
    assert losses[-1] < losses[0]


def test_what_cannot_be_built_is_refused_in_words():
    with pytest.raises(GraphError, match="no data"):
        keras_script(Project(), None)
    with pytest.raises(GraphError, match="empty"):
        keras_script(Project(), table(3, 2))
    with pytest.raises(GraphError, match="no layer called"):
        keras_script(Project(graph=chain("table", ("Dance", {}))), table(3, 2))


@pytest.mark.parametrize("facts", [pictures(16, 16, 3), table(12, 2), text(), text(beside=3)])
def test_each_line_of_the_network_belongs_to_its_block(facts: DataFacts):
    for entry in TEMPLATES:
        if why_not(entry.name, facts):
            continue
        graph = template(entry.name, facts)
        script = written_script(Project(graph=graph), facts)
        lines = script.text.splitlines()
        assert set(script.lines) == {n.id for n in graph.nodes}
        for node in graph.nodes:
            first, last = script.lines[node.id]
            said = "\n".join(lines[first - 1 : last])
            assert ast.parse("if 1:\n" + said)
            if node.kind == "Output":
                assert "return keras.Model(" in said
            else:
                assert f'name="{node.name}"' in said
            assert {script.node_at(line) for line in range(first, last + 1)} == {node.id}
        assert script.node_at(1) == ""


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # TensorFlow 2.21 on NumPy 2
def test_several_outputs_train_by_their_own_losses(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    heat = TargetFacts("heating in winter", "classification", ("gas", "oil", "wood"))
    facts = replace(table(4, 0, rows=40), more=(heat,), rows={"train": 40, "validation": 20, "test": 20})
    # Rows and classes count by themselves.
    facts = replace(facts, weight="w", more=(replace(heat, class_weights=(0.5, 1.0, 2.0)),))
    graph = template("dense", facts)
    first, second = (n for n in graph.nodes if n.kind == "Output")
    own = {"loss": "huber", "loss_params": {"delta": 2.0}, "loss_weight": 0.25, "metrics": ["r2_score"]}
    smooth = {"loss": "categorical_crossentropy", "loss_params": {"label_smoothing": 0.1}}
    changed = {first.id: own, second.id: smooth}
    nodes = tuple(replace(n, params={**n.params, **changed.get(n.id, {})}) for n in graph.nodes)
    stopping = EarlyStopping(True, monitor=f"val_{second.name}_loss", patience=3)
    train = TrainSpec(epochs=2, early_stopping=stopping)
    project = Project(graph=replace(graph, nodes=nodes), train=train)
    draw = np.random.default_rng(0)
    arrays = {}
    for part, rows in facts.rows.items():
        arrays[f"{part}_table"] = draw.random((rows, 4)).astype(np.float32)
        y = np.stack([draw.random(rows), draw.integers(0, 3, rows)], axis=1)
        arrays[f"{part}_y"] = y.astype(np.float32)
        arrays[f"{part}_weights"] = draw.random(rows).astype(np.float32)
    np.savez(tmp_path / "network.npz", **arrays)
    text = keras_script(project, facts)
    assert f'monitor="val_{second.name}_loss"' in text
    made = run(text, tmp_path, "__main__")
    assert made["OUTPUTS"]["heating_in_winter"]["column"] == heat.name
    assert made["OUTPUTS"]["heating_in_winter"]["classes"] == ["gas", "oil", "wood"]
    said = capsys.readouterr().out
    assert "'y_r2_score'" in said
    assert "'heating_in_winter_accuracy'" in said
    written, built = made["build_model"](), build_model(project.graph, facts, 0)
    assert [w.shape for w in written.weights] == [w.shape for w in built.weights]
    assert list(written.output) == ["y", "heating_in_winter"]
