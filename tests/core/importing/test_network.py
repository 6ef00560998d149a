"""Configurations of Keras 1, 2 and 3 as graphs: names, arguments, wires, nested models, what is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.core.importing import network, read_model
from workbench.core.importing.config import ModelFileError, read_json
from workbench.core.layout import arrange
from workbench.core.project import Graph
from workbench.core.structure import structure_problems

Config = dict[str, Any]


def layer(class_name: str, name: str, module: str = "keras.layers", /, **config: Any) -> Config:
    return {"module": module, "class_name": class_name, "config": {"name": name, **config}, "name": name}


def sequential(*layers: Config, name: str = "model") -> Config:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def tensor(name: str, call: int = 0, number: int = 0) -> Config:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": [name, call, number]}}


def called(one: Config, *args: Any, **kwargs: Any) -> Config:
    return {**one, "inbound_nodes": [*one.get("inbound_nodes", ()), {"args": list(args), "kwargs": kwargs}]}


def functional(*layers: Config, inputs: Any = None, outputs: Any = None, name: str = "model") -> Config:
    first, last = layers[0]["name"], layers[-1]["name"]
    config = {
        "name": name,
        "layers": list(layers),
        "input_layers": inputs or [[first, 0, 0]],
        "output_layers": outputs or [[last, 0, 0]],
    }
    return {"class_name": "Functional", "config": config, "name": name}


GIVEN = {**layer("InputLayer", "given", batch_shape=[None, 4]), "inbound_nodes": []}


def kinds(graph: Graph) -> list[str]:
    return [n.kind for n in graph.nodes]


def wires(graph: Graph) -> set[tuple[str, str, int]]:
    return {(w.source, w.target, w.port) for w in graph.wires}


def test_a_sequential_model_becomes_a_chain_with_what_was_changed_only():
    dense = layer("Dense", "hidden", units=8, activation="relu", use_bias=True, kernel_initializer="glorot_uniform")
    found = read_model(sequential({**GIVEN}, dense, layer("Dense", "answer", units=3, activation="softmax")), "x")
    assert kinds(found.graph) == ["Input", "Dense", "Dense", "Output"]
    assert found.graph.nodes[0].params == {"shape": [4]}
    assert found.graph.nodes[1].params == {"units": 8, "activation": "relu"}
    assert wires(found.graph) == {("given", "hidden", 0), ("hidden", "answer", 0), ("answer", "output", 0)}
    assert not structure_problems(found.graph)
    assert not found.notes


@pytest.mark.parametrize(
    ("class_name", "config", "kind", "params"),
    [
        (
            "Convolution2D",  # Keras 1
            {"nb_filter": 6, "nb_row": 5, "nb_col": 5, "border_mode": "same", "subsample": [2, 2], "init": "normal"},
            "Conv2D",
            {"filters": 6, "kernel_size": 5, "padding": "same", "strides": 2, "kernel_initializer": "RandomNormal"},
        ),
        ("Dropout", {"p": 0.25}, "Dropout", {"rate": 0.25}),
        ("LeakyReLU", {"alpha": 0.1}, "LeakyReLU", {"negative_slope": 0.1}),
        ("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}, "MaxPooling2D", {}),
        ("ZeroPadding2D", {"padding": [[3, 3], [3, 3]]}, "ZeroPadding2D", {"padding": 3}),
        ("ZeroPadding2D", {"padding": [[0, 1], [0, 1]]}, "ZeroPadding2D", {"padding": [[0, 1], [0, 1]]}),
        ("BatchNormalization", {"axis": [3], "momentum": 0.9}, "BatchNormalization", {"axis": 3, "momentum": 0.9}),
        ("CuDNNLSTM", {"units": 5}, "LSTM", {"units": 5}),
        (
            "Dense",
            {"units": 2, "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}}},
            "Dense",
            {"units": 2, "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.5}}},
        ),
        (
            "Bidirectional",
            {"layer": {"class_name": "LSTM", "config": {"units": 3, "return_sequences": True}}},
            "Bidirectional",
            {"layer": {"kind": "LSTM", "params": {"units": 3, "return_sequences": True}}},
        ),
        (
            "Dropout",
            {"rate": 0.1, "noise_shape": [None, 1, 1, 1]},
            "Dropout",
            {"rate": 0.1, "noise_shape": [None] + [1] * 3},
        ),
    ],
)
def test_arguments_of_every_age_are_understood(class_name: str, config: Config, kind: str, params: Config):
    found = read_model(sequential(GIVEN, layer(class_name, "one", **config)), "x").graph.nodes[1]
    assert (found.kind, found.params) == (kind, params)
    problems = structure_problems(read_model(sequential(GIVEN, layer(class_name, "one", **config)), "x").graph)
    assert not problems


def test_branches_merges_and_ports_are_kept_in_any_order_of_the_file():
    a = called(layer("Dense", "a", units=4), tensor("given"))
    b = called(layer("Dense", "b", units=4), tensor("given"))
    both = called(layer("Subtract", "both"), [tensor("b"), tensor("a")])
    attend = called(layer("Attention", "attend"), [tensor("a"), tensor("b")])
    found = read_model(functional(GIVEN, both, attend, b, a, outputs=[["both", 0, 0], ["attend", 0, 0]]), "x").graph
    assert {("b", "both", 0), ("a", "both", 1), ("a", "attend", 0), ("b", "attend", 1)} <= wires(found)
    assert [n.name for n in found.nodes if n.kind == "Output"] == ["output_1", "output_2"]


def test_a_keras_2_network_and_its_arguments_by_name():
    older = {
        "class_name": "Model",
        "config": {
            "layers": [
                {
                    "class_name": "InputLayer",
                    "name": "in",
                    "config": {"batch_input_shape": [None, 3]},
                    "inbound_nodes": [],
                },
                {"class_name": "Dense", "name": "d", "config": {"units": 2}, "inbound_nodes": [[["in", 0, 0, {}]]]},
                {"class_name": "Add", "name": "s", "config": {}, "inbound_nodes": [[["d", 0, 0, {}], ["d", 0, 0, {}]]]},
                {
                    "class_name": "TFOpLambda",
                    "name": "m",
                    "config": {"function": "math.multiply"},
                    "inbound_nodes": [["s", 0, 0, {"y": 0.5, "name": None}]],
                },
            ],
            "input_layers": [["in", 0, 0]],
            "output_layers": [["m", 0, 0]],
        },
    }
    found = read_model(older, "x").graph
    assert kinds(found) == ["Input", "Dense", "Add", "Rescaling", "Output"]
    assert found.node("m").params == {"scale": 0.5}


def test_nested_models_are_flattened_into_groups_with_names_of_their_own():
    inner = called(
        functional(GIVEN, called(layer("Dense", "hidden", units=4), tensor("given")), name="inner"), tensor("x")
    )
    again = called({**inner, "name": "twin", "inbound_nodes": []}, tensor("inner"))
    x = {**layer("InputLayer", "x", batch_shape=[None, 4]), "inbound_nodes": []}
    found = read_model(functional(x, inner, again, inputs=[["x", 0, 0]], outputs=[["twin", 0, 0]]), "x")
    assert [n.name for n in found.graph.nodes] == ["x", "hidden", "hidden_1", "output"]
    assert [(g.name, g.parent) for g in found.graph.groups] == [("inner", ""), ("twin", "")]
    assert found.sources["hidden"].path == "layers/functional/layers/dense"
    assert found.sources["hidden_1"].path == "layers/functional_1/layers/dense"
    assert found.sources["hidden_1"].names == ("twin", "hidden")


def test_a_shared_layer_is_one_at_both_places():
    twice = called(called(layer("Dense", "d", units=4), tensor("given")), tensor("d"))
    found = read_model(functional(GIVEN, twice, outputs=[["d", 1, 0]]), "x")
    assert [n.name for n in found.graph.nodes] == ["given", "d", "d_1", "output"]
    assert [n.shares for n in found.graph.nodes] == ["", "", "d", ""]
    assert list(found.sources) == ["d"]
    assert [found.calls[i] for i in ("d", "d_1")] == [("d", 0), ("d", 1)]
    assert not found.notes


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (layer("AttentionPool", "pool", "my.own.module", size=3), "my.own.module"),
        (layer("Lambda", "l", function={"class_name": "__lambda__", "config": {"code": "4wEA"}}), "code"),
        (layer("Activation", "act", activation={"class_name": "function", "config": "my_swish"}), "my_swish"),
        (layer("LSTM", "l", units=3, return_state=True), "state"),
        (layer("GetItem", "g", "keras.src.ops.numpy"), "computation"),
        (layer("LayerScale", "s", "evil.module", init_values=1.0, projection_dim=4), "evil.module"),
        (layer("Dense", "d", units=2, kernel_initializer={"class_name": "__lambda__", "config": {}}), "code"),
    ],
)
def test_what_is_unknown_stands_there_says_what_it_is_and_can_be_taken_out(made: Config, says: str):
    found = read_model(sequential(GIVEN, made, layer("Dense", "end", units=2)), "x")
    (unknown,) = found.unknown
    node = found.graph.node(unknown)
    assert says in node.note
    (problem,) = [p for p in structure_problems(found.graph) if p.node == unknown]
    assert problem.severity == "error"
    assert says in problem.message
    for repair in problem.repairs:
        assert not [p for p in structure_problems(repair.graph) if p.severity == "error"]
    assert len(problem.repairs) == 2


def test_operations_between_layers_are_what_they_compute():
    plus = called(layer("Add", "plus", "keras.src.ops.numpy"), tensor("given"), 3.0)
    clipped = called(layer("ReLU", "clip", max_value=6.0), tensor("plus"))
    part = called(layer("Multiply", "part", "keras.src.ops.numpy"), tensor("clip"), 0.25)
    minus = called(layer("Subtract", "minus", "keras.src.ops.numpy"), 1.0, tensor("part"))
    found = read_model(functional(GIVEN, plus, clipped, part, minus), "x").graph
    assert [(n.kind, n.params) for n in found.nodes[1:5]] == [
        ("Rescaling", {"scale": 1.0, "offset": 3.0}),
        ("ReLU", {"max_value": 6.0}),
        ("Rescaling", {"scale": 0.25}),
        ("Rescaling", {"scale": -1.0, "offset": 1.0}),
    ]


def test_frozen_layers_stay_frozen_where_that_means_something():
    frozen = layer("Dense", "d", units=4, trainable=False)
    found = read_model(sequential(GIVEN, frozen, layer("Dropout", "o", rate=0.1, trainable=False)), "x").graph
    assert [n.trainable for n in found.nodes] == [True, False, True, True]


@pytest.mark.parametrize(
    "raw",
    [
        {},
        [],
        None,
        3,
        {"class_name": "Tokenizer", "config": {"word_index": "{}"}},
        {"class_name": "MyModel", "config": {"width": 3}},
        {"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}},
        {
            "class_name": "Functional",
            "config": {"layers": [GIVEN], "input_layers": [["no", 0, 0]], "output_layers": [["no", 9, 9]]},
        },
        {"class_name": "Sequential", "config": {"layers": []}},
    ],
)
def test_what_is_no_model_is_refused_in_words(raw: Any):
    with pytest.raises(ModelFileError) as refused:
        read_model(raw, "file.keras")
    assert refused.value.what.endswith(".")
    assert refused.value.where == "file.keras"


def test_a_model_that_calls_itself_over_and_over_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(network, "MOST_NODES", 500)
    one = functional(GIVEN, called(layer("Dense", "d", units=4), tensor("given")), name="m0")
    for depth in range(1, 16):
        both = called(called(one, tensor("given")), tensor(one["name"]))
        one = functional(GIVEN, both, outputs=[[one["name"], 1, 0]], name=f"m{depth}")
    with pytest.raises(ModelFileError, match="more than"):
        read_model(one, "x")


def test_json_is_bounded():
    with pytest.raises(ModelFileError, match="nested"):
        read_json(b'{"a":' * 200 + b"1" + b"}" * 200, "x")
    with pytest.raises(ModelFileError, match="bytes"):
        read_json(b'"' + b"x" * (9 << 20) + b'"', "x")
    with pytest.raises(ModelFileError, match="JSON"):
        read_json(b'{"a": ', "x")
    assert read_json(json.dumps({"text": "[[[[{{{{" * 50}).encode(), "x")


def test_a_chain_of_a_thousand_layers_is_read_and_laid_out():
    chain = [called(layer("Dense", f"d{i}", units=4), tensor(f"d{i - 1}" if i else "given")) for i in range(1000)]
    found = read_model(functional(GIVEN, *reversed(chain), outputs=[["d999", 0, 0]]), "x").graph
    placed = arrange(found)
    assert len(placed.nodes) == 1002
    assert len({n.y for n in placed.nodes}) == 1002
