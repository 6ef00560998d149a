"""One layer at several places: built once, counted once, trained as one, saved as one, opened as one."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.core.graphs import drawn
from workbench.core import edits_graph as verbs
from workbench.core import runs
from workbench.core.edits_sharing import give_own_layer, use_all_again
from workbench.core.edits_weights import freeze
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.importing import read_model
from workbench.core.importing.fitted import fit_ends
from workbench.core.layout import arrange
from workbench.core.project import Graph, Group, Project, TrainSpec, Wire
from workbench.core.script import written_script
from workbench.core.sharing import shared
from workbench.core.summary import summary_rows, summary_table, summary_text
from workbench.engine import devices, trainer
from workbench.engine.build import build_model
from workbench.engine.checkpoints import load_model
from workbench.engine.control import RunControl
from workbench.engine.diagnose import _look
from workbench.engine.graph_check import check_graph
from workbench.engine.import_model import config_of, import_model
from workbench.engine.own_graph import embed
from workbench.engine.shuffle import epoch_order
from workbench.engine.start_weights import put
from workbench.engine.warmstart import begin_with

from .little_runs import blobs, make_run
from .test_summary import cells, printed, totals


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


FACTS = DataFacts(
    "table", (InputFacts("x", "table", (4,)), InputFacts("y", "table", (4,))), TargetFacts("t", "regression")
)


def siamese(*, width: int = 8) -> Graph:
    """Two inputs through one tower of two Dense, whose results are subtracted: the second branch shares the first."""
    kinds = {"left": "Input", "right": "Input", "one": "Dense", "two": "Dense", "minus": "Subtract", "end": "Dense"}
    graph = drawn({**kinds, "out": "Output"}, "left one", "one two", "two minus 0", "minus end", "end out")
    given: dict[str, dict[str, Any]] = {
        "left": {"binding": "x"},
        "right": {"binding": "y"},
        "one": {"units": width, "activation": "relu"},
        "two": {"units": 3},
        "end": {"units": 1},
    }
    nodes = tuple(replace(n, params=given.get(n.id, {})) for n in graph.nodes)
    project = Project(graph=replace(graph, nodes=nodes))
    ids = {"one": "one_again", "two": "two_again"}
    for edit in (
        use_all_again(["one", "two"], ids),
        verbs.connect("right", "one_again"),
        verbs.connect("two_again", "minus", 1),
    ):
        project = edit(project)
    return arrange(project.graph)


def test_a_branch_used_twice_is_one_of_layers_called_twice():
    graph = siamese()
    model = build_model(graph, FACTS, 0)
    assert sorted(layer.name for layer in model.layers) == ["end", "left", "minus", "one", "right", "two"]
    said = check_graph(graph, FACTS, TrainSpec())
    assert said.ready
    assert said.parameters == model.count_params() == 4 * 8 + 8 + 8 * 3 + 3 + 3 + 1
    assert sum(f.parameters for f in said.nodes.values()) == said.parameters
    assert (said.nodes["one"].parameters, said.nodes["one_again"].parameters) == (40, 0)
    assert said.nodes["one"].macs == said.nodes["one_again"].macs == 32  # each place multiplies
    assert said.macs == 2 * (32 + 24) + 3
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    bias = model.get_layer("end").get_weights()[1]
    np.testing.assert_allclose(model({"left": x, "right": x}), np.zeros((5, 1)) + bias)
    apart = build_model(give_own_layer(["one_again", "two_again"])(Project(graph=graph)).graph, FACTS, 0)
    assert apart.count_params() == model.count_params() + 40 + 27
    half = build_model(graph, FACTS, 0, "mixed_bfloat16")
    assert {half.get_layer(n).compute_dtype for n in ("one", "two")} == {"bfloat16"}
    wires = ("left one", "one one_again", "one_again out")
    last = replace(graph, wires=tuple(Wire(*w.split()) for w in wires))
    last = verbs.set_params("one", "units", 4)(Project(graph=last)).graph
    assert build_model(last, FACTS, 0, "mixed_bfloat16").get_layer("one").compute_dtype == "float32"  # it answers too


def test_it_is_the_table_that_keras_prints(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "300")
    graph = siamese()
    facts = check_graph(graph, FACTS, TrainSpec())
    ours, theirs = summary_text(graph, facts), printed(build_model(graph, FACTS, 0))
    assert sorted(cells(ours)) == sorted(cells(theirs))
    assert [t.strip() for t in totals(ours)] == [t.strip() for t in totals(theirs)]
    row = next(r for r in summary_rows(graph, facts) if r.node == "two")
    assert (row.places, row.fed, row.calls) == (("two", "two_again"), ("one", "one"), (0, 1))
    assert row.facts is not None
    assert (row.facts.parameters, row.facts.macs) == (27, 48)
    assert ("two", "Dense", "(None, 3)", "27", "48", "24", "one, one") in summary_table(graph, facts)


def test_a_place_it_does_not_fit_is_told_with_the_way_out():
    wide = replace(FACTS, inputs=(FACTS.inputs[0], InputFacts("y", "table", (6,))))
    graph = siamese()
    said = check_graph(graph, wide, TrainSpec())
    (problem,) = [p for p in said.problems if p.severity == "error"]
    assert problem.node == "one_again"
    assert problem.message == (
        "The layer of one is made for 4 numbers; here it would get 6 numbers, so it cannot be the same layer."
    )
    (repair,) = problem.repairs
    assert repair.title == "Give one_1 its own layer"
    assert check_graph(repair.graph, wide, TrainSpec()).ready
    with pytest.raises(GraphError, match="made for 4 numbers") as refused:
        build_model(graph, wide, 0)
    assert refused.value.where == "one_1"
    kinds = {"i": "Input", "a": "PReLU", "b": "Flatten", "c": "PReLU", "m": "Dense", "out": "Output"}
    chain = drawn(kinds, "i a", "a b", "b c", "c m", "m out")
    units = {"i": {"params": {"binding": "x"}}, "c": {"shares": "a"}, "m": {"params": {"units": 1}}}
    chain = replace(chain, nodes=tuple(replace(n, **units.get(n.id, {})) for n in chain.nodes))
    pixels = DataFacts("images", (InputFacts("x", "image", (2, 2, 1)),), FACTS.target)
    (told,) = [p for p in check_graph(chain, pixels, TrainSpec()).problems if p.severity == "error"]
    assert (told.node, "made for pictures of 2 × 2 with 1 channel" in told.message) == ("c", True)


def test_a_frozen_layer_is_frozen_everywhere_and_what_the_output_does_not_need_counts_nothing():
    frozen = freeze(["one_again"])(Project(graph=siamese())).graph
    model = build_model(frozen, FACTS, 0)
    assert not model.get_layer("one").trainable
    said = check_graph(frozen, FACTS, TrainSpec())
    assert said.trainable == said.parameters - 40
    # The owner hangs loose: its user, which the Output needs, carries the parameters and the owner's name.
    loose = verbs.disconnect([w for w in frozen.wires if "two" in (w.source, w.target)])
    edit = verbs.connect("left", "minus", 0)
    graph = edit(verbs.set_params("two_again", "units", 4)(loose(Project(graph=frozen)))).graph
    said = check_graph(graph, FACTS, TrainSpec())
    built = build_model(graph, FACTS, 0)
    assert said.parameters == built.count_params()
    assert "two" in [layer.name for layer in built.layers]


def test_a_run_trains_one_layer_through_both_places(tmp_path: Path):
    """The gradient of both branches moves the one weight, as in plain Keras."""
    graph = drawn(
        {"given": "Input", "a": "Dense", "flip": "Rescaling", "b": "Dense", "join": "Concatenate", "d": "Dense",
         "out": "Output"},
        "given a", "given flip", "flip b", "a join 0", "b join 1", "join d", "d out",
    )  # fmt: skip
    given = {
        "given": {"params": {"binding": "x"}},
        "a": {"params": {"units": 6, "activation": "tanh"}},
        "b": {"shares": "a"},
        "flip": {"params": {"scale": -1.0}},
        "d": {"params": {"units": 3, "activation": "softmax"}},
    }
    graph = replace(graph, nodes=tuple(replace(n, **given.get(n.id, {})) for n in graph.nodes))
    train = TrainSpec(epochs=3, seed=1, optimizer="SGD", optimizer_params={"learning_rate": 0.1})
    parts = {"train": blobs(96), "validation": blobs(32, 1)}
    folder = make_run(tmp_path, graph, train, parts, classes=("a", "b", "c"))
    assert trainer.train(folder, lambda _: None, RunControl()).reason == "finished"
    model = load_model(folder, "last")
    assert model.count_params() == 2 * 6 + 6 + 12 * 3 + 3

    # Plain Keras, with one layer called twice, from the same start in the same order.
    given = keras.Input((2,))
    layer, last = keras.layers.Dense(6, "tanh"), keras.layers.Dense(3, "softmax")
    both = [layer(given), layer(-given)]
    plain = keras.Model(given, [last(keras.layers.Concatenate()(both)), *both])
    plain.set_weights(build_model(graph, runs.read_facts(folder), 1).get_weights())
    answers = keras.Model(given, plain.outputs[0])
    answers.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    x, y = blobs(96)
    for epoch in range(3):
        order = epoch_order(1, epoch, 96)
        answers.fit(x[order], y[order], batch_size=32, shuffle=False, verbose=0)
    for ours, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    _, left, _ = plain(x)
    _, _, right = plain(-x)
    np.testing.assert_array_equal(left, right)  # after training the places still compute the same

    # Parted afterwards, and one of them renamed: both go on from what they had learnt together.
    project, facts, record = runs.read_project(folder), runs.read_facts(folder), runs.read_run(folder)
    for edit in (give_own_layer(["b"]), verbs.rename_layer("b", "right")):
        project = edit(project)
    prepared = Path(record.prepared)
    parted = runs.create_run(tmp_path / "runs", project, facts, {}, prepared, start=runs.Start(folder, "best"))
    apart = build_model(project.graph, facts, 5)
    assert begin_with(apart, parted, "SGD").endswith("(epoch 3). Renamed since: right (was a).")
    best = {layer.name: layer.get_weights() for layer in load_model(folder, "best").layers}
    for name, was in (("a", "a"), ("right", "a"), ("d", "d")):
        for ours, theirs in zip(apart.get_layer(name).get_weights(), best[was], strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_a_layer_at_two_places_is_advised_once():
    graph = verbs.set_params("one_again", "activation", "linear")(Project(graph=siamese())).graph
    (thought,) = check_graph(graph, FACTS, TrainSpec()).advice
    assert thought.node == "one"
    assert [thought.repairs[0].graph.node(i).params["activation"] for i in ("one", "one_again")] == ["relu", "relu"]


def test_what_breaks_down_at_the_second_place_only_is_found(tmp_path: Path):
    graph = drawn({"i": "Input", "a": "Dense", "far": "Rescaling", "b": "Dense", "out": "Output"},
                  "i a", "a far", "far b", "b out")  # fmt: skip
    given = {"i": {"binding": "x"}, "a": {"units": 4}, "far": {"scale": 1e38}, "b": {}, "out": {}}
    shares = {"b": "a"}
    nodes = tuple(replace(n, params=given[n.id], shares=shares.get(n.id, "")) for n in graph.nodes)
    model = build_model(replace(graph, nodes=nodes), replace(FACTS, inputs=FACTS.inputs[:1]), 0)
    where, text = _look(model, np.full((2, 4), 9.0, np.float32), None)
    assert where in ("far", "a")
    assert "no finite numbers" in text


@pytest.mark.parametrize("drawing", [True, False])
def test_a_saved_file_comes_back_sharing(drawing: bool, tmp_path: Path):
    graph = siamese()
    if drawing:
        graph = replace(
            graph,
            nodes=tuple(replace(n, group="g") if n.id.endswith("again") else n for n in graph.nodes),
            groups=(Group("g", "Twin"),),
        )
    model = build_model(graph, FACTS, 3)
    model.save(tmp_path / "twins.keras")
    if drawing:
        embed(tmp_path / "twins.keras", graph)
    found = import_model(str(tmp_path / "twins.keras"), str(tmp_path / "weights"), lambda *_: None)
    assert not found.notes
    assert (found.parameters, found.with_weights) == (model.count_params(), 5)
    if drawing:
        assert replace(found.graph, nodes=tuple(replace(n, weights=None) for n in found.graph.nodes)) == graph
    assert {len(ids) for ids in shared(found.graph).values()} == {2}
    names = {"left": "x", "right": "y"}
    ends = tuple(replace(n, params={"binding": names[n.name]}) if n.kind == "Input" else n for n in found.graph.nodes)
    opened = fit_ends(replace(found.graph, nodes=ends), FACTS)
    again = build_model(opened, FACTS, 9)
    assert put(again, opened, [tmp_path / "weights"]) == []
    rng = np.random.default_rng(0)
    x = {name: rng.normal(size=(6, 4)).astype(np.float32) for name in names}
    np.testing.assert_array_equal(again(x), model(x))
    own = give_own_layer(["one_again" if drawing else shared(opened)["one"][1]])(Project(graph=opened)).graph
    apart = build_model(own, FACTS, 9)
    assert put(apart, own, [tmp_path / "weights"]) == []  # each starts from the weights they had together
    np.testing.assert_array_equal(apart(x), model(x))


def test_a_model_used_twice_in_another_comes_back_sharing():
    layers = [keras.Input((4,)), keras.layers.Dense(3, name="in_tower"), keras.layers.ReLU()]
    inner = keras.Sequential(layers, name="tower")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.Subtract()([inner(a), inner(b)])))
    read = read_model(config_of(model), "x")
    assert not read.notes
    graph = read.graph
    ((first, second),) = shared(graph).values()
    assert first in read.sources
    assert second not in read.sources
    assert len(graph.groups) == 2
    assert graph.node(first).group != graph.node(second).group


def test_the_script_makes_the_layer_once_and_calls_it_twice(tmp_path: Path):
    graph, facts = siamese(), FACTS
    script = written_script(Project(graph=graph, train=TrainSpec(seed=4)), facts)
    assert script.text.count("layers.Dense(") == 3
    lines = script.text.splitlines()
    for node in ("one", "one_again"):
        first, last = script.lines[node]
        assert lines[last - 1].strip().startswith(f"{graph.node(node).name} = one_layer(")
        assert {script.node_at(n) for n in range(first, last + 1)} == {node}
    assert lines[script.lines["one"][0] - 1].strip() == 'one_layer = layers.Dense(8, activation="relu", name="one")'
    (tmp_path / "net.py").write_text(script.text)
    keras.utils.set_random_seed(4)
    written = runpy.run_path(str(tmp_path / "net.py"))["build_model"]()
    built = build_model(graph, facts, 4)
    rng = np.random.default_rng(0)
    x = {name: rng.normal(size=(3, 4)).astype(np.float32) for name in ("left", "right")}
    np.testing.assert_array_equal(written(x), built(x))
