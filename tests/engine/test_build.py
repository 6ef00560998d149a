"""Graphs become Keras models: every template, the same weights for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.graphs import chain, drawn, pictures, table, text
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts
from workbench.core.project import Graph, Node, TrainSpec, Wire
from workbench.core.templates import TEMPLATES, template, why_not
from workbench.engine.build import build_model, make_object
from workbench.engine.graph_check import check_graph


@pytest.mark.parametrize(
    "facts",
    [
        pictures(),
        pictures(8, 8, 3, 2),
        pictures(64, 48, 3, 12),
        table(12, 2),
        table(1),
        table(30, 5, rows=9000),
        text(),
        text(classes=5, beside=3),
    ],
)
def test_every_template_builds_and_is_ready_to_train(facts: DataFacts):
    for entry in TEMPLATES:
        if not why_not(entry.name, facts):
            graph = template(entry.name, facts)
            said = check_graph(graph, facts, TrainSpec())
            assert said.ready, (entry.name, said.problems)
            assert not said.problems, (entry.name, said.problems)
            model = build_model(graph, facts, 0)
            assert model.count_params() == said.parameters
            assert said.loss
            assert said.metrics


def test_layers_carry_the_names_of_their_blocks_and_inputs_those_of_their_nodes():
    model = build_model(chain("image", ("Flatten", {}), ("Dense", {"units": 3})), pictures(), 0)
    assert [layer.name for layer in model.layers] == ["n0", "n1", "n2"]
    assert [tensor.name for tensor in model.inputs] == ["n0"]


def test_the_same_seed_gives_the_same_weights_and_another_others():
    graph, facts = template("cnn", pictures(8, 8)), pictures(8, 8)
    first, again, other = (build_model(graph, facts, seed).get_weights() for seed in (7, 7, 8))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_a_check_between_does_not_shift_the_weights():
    graph, facts = template("resnet", pictures(8, 8)), pictures(8, 8)
    first = build_model(graph, facts, 7).get_weights()
    import keras

    keras.utils.set_random_seed(7)
    check_graph(template("cnn", pictures(16, 16)), pictures(16, 16), TrainSpec())
    drawn_after = keras.random.uniform((1,), seed=None)
    keras.utils.set_random_seed(7)
    assert np.array_equal(drawn_after, keras.random.uniform((1,), seed=None))
    assert all(np.array_equal(a, b) for a, b in zip(first, build_model(graph, facts, 7).get_weights(), strict=True))


def test_initializers_regularizers_and_constraints_come_from_their_settings():
    params = {
        "units": 3,
        "kernel_initializer": {"kind": "Constant", "params": {"value": 0.5}},
        "bias_initializer": "ones",
        "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.25}},
        "kernel_constraint": {"kind": "MaxNorm", "params": {"max_value": 2.0, "axis": [0]}},
    }
    model = build_model(chain("table", ("Dense", params)), table(4, 3), 0)
    layer = model.get_layer("n1")
    assert np.all(np.asarray(layer.kernel) == 0.5)
    assert np.all(np.asarray(layer.bias) == 1)
    assert float(layer.kernel_regularizer.l2) == 0.25
    assert layer.kernel_constraint.max_value == 2.0
    schedule = make_object(
        "schedules", {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 10}}
    )
    assert float(schedule(10)) == pytest.approx(0.0)


def test_what_the_output_does_not_need_is_left_out():
    graph = drawn({"i": "Input", "a": "ReLU", "b": "ELU", "o": "Output"}, "i a", "a o", "i b")
    assert len(build_model(graph, table(4), 0).layers) == 2


def test_attention_takes_its_inputs_by_port():
    nodes = (
        Node("i", "Input", "i", {}),
        Node("r", "Reshape", "r", {"target_shape": [4, 3]}),
        Node("m", "MultiHeadAttention", "m", {"num_heads": 2, "key_dim": 4}),
        Node("o", "Output", "o"),
    )
    wires = (Wire("i", "r"), Wire("r", "m", 1), Wire("r", "m", 0), Wire("m", "o"))
    assert build_model(Graph(nodes, wires), table(12), 0).output_shape == (None, 4, 3)


@pytest.mark.parametrize(
    ("layers", "where", "words"),
    [
        ([("Conv2D", {"filters": 4, "kernel_size": 3})], "n1", "needs pictures .* gets 30 numbers"),
        ([("LSTM", {"units": 4})], "n1", "needs sequences"),
        ([("Reshape", {"target_shape": [7, 7]})], "n1", "30 numbers cannot be put into the shape 7 × 7"),
        ([("Dense", {"units": -2})], "n1", "at least 1"),
        ([("Dense", {"units": 3}), ("GRUCell", {"units": 3})], "n2", "inside of a recurrent"),
    ],
)
def test_a_failing_layer_is_named_in_plain_words(layers: list, where: str, words: str):
    with pytest.raises(GraphError, match=words) as caught:
        build_model(chain("table", *layers), table(30, 3), 0)
    assert caught.value.where == where
    assert "Traceback" not in str(caught.value)
