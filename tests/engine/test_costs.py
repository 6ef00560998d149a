"""Multiplications by Keras' own shapes: against sums done by hand and against TensorFlow's profiler."""

from __future__ import annotations

from dataclasses import replace

import keras
import pytest
import tensorflow as tf
from keras import layers

from tests.core.graphs import chain, pictures, table
from workbench.core.project import TrainSpec
from workbench.engine.costs import multiplications
from workbench.engine.graph_check import check_graph


def counted(layer, kind: str, *shapes: tuple[int | None, ...]) -> int | None:
    fed = [keras.KerasTensor((None, *shape)) for shape in shapes]
    if kind in ("MultiHeadAttention", "GroupQueryAttention"):
        made = layer(query=fed[0], value=fed[1])
    else:
        made = layer(fed if len(fed) > 1 else fed[0])
    return multiplications(layer, kind, [tuple(t.shape) for t in fed], tuple(made.shape))


@pytest.mark.parametrize(
    ("layer", "kind", "shapes", "by_hand"),
    [
        (layers.Dense(128), "Dense", [(784,)], 784 * 128),
        (layers.Dense(7), "Dense", [(3, 4, 5)], 3 * 4 * 5 * 7),
        (layers.Conv2D(8, 3), "Conv2D", [(28, 28, 3)], 26 * 26 * 9 * 3 * 8),
        (layers.Conv2D(8, 3, groups=2, strides=2, padding="same"), "Conv2D", [(28, 28, 4)], 14 * 14 * 9 * 2 * 8),
        (layers.Conv2DTranspose(8, 3, strides=2), "Conv2DTranspose", [(7, 7, 4)], 7 * 7 * 9 * 4 * 8),
        (layers.SeparableConv2D(8, 3), "SeparableConv2D", [(28, 28, 4)], 26 * 26 * (9 * 4 + 4 * 8)),
        (layers.LSTM(6), "LSTM", [(10, 4)], 10 * 4 * (4 * 6 + 6 * 6)),
        (layers.GRU(6), "GRU", [(10, 4)], 10 * 3 * (4 * 6 + 6 * 6)),
        (
            layers.MultiHeadAttention(3, 5, value_dim=4),
            "MultiHeadAttention",
            [(6, 8), (9, 7)],
            6 * 8 * 15 + 9 * 7 * 15 + 9 * 7 * 12 + 3 * 6 * 9 * (5 + 4) + 6 * 12 * 8,
        ),
        (
            layers.GroupQueryAttention(5, 4, 2),
            "GroupQueryAttention",
            [(6, 8), (9, 8)],
            6 * 8 * 20 + 2 * 9 * 8 * 10 + 4 * 6 * 9 * 10 + 6 * 20 * 8,
        ),
        (layers.Dot(2), "Dot", [(6, 8), (9, 8)], 6 * 9 * 8),
        (layers.EinsumDense("...x,xy->...y", 7), "EinsumDense", [(3, 6, 8)], 3 * 6 * 8 * 7),
        (layers.BatchNormalization(), "BatchNormalization", [(4, 4, 2)], 32),
        (layers.MaxPooling2D(), "MaxPooling2D", [(8, 8, 2)], 0),
        (layers.Embedding(100, 16), "Embedding", [(12,)], 0),
        (layers.LSTM(6), "LSTM", [(None, 4)], None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_multiplications_as_done_by_hand(layer, kind: str, shapes, by_hand: int | None):
    assert counted(layer, kind, *shapes) == by_hand


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Dense(7, use_bias=False), (3, 5)),
        (layers.Conv2D(8, 3, strides=2, use_bias=False), (28, 28, 3)),
        (layers.Conv1D(8, 3, padding="same", use_bias=False), (28, 4)),
        (layers.Conv3D(4, 2, use_bias=False), (6, 6, 6, 2)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), (14, 14, 4)),
        (layers.SeparableConv2D(8, 3, use_bias=False), (14, 14, 4)),
    ],
    ids=lambda value: value.name if isinstance(value, keras.layers.Layer) else None,
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_multiplications_as_tensorflow_counts_them(layer, shape, capfd):
    traced = tf.function(layer).get_concrete_function(tf.TensorSpec((1, *shape), tf.float32))
    counting = tf.compat.v1.profiler.ProfileOptionBuilder
    options = counting(counting.float_operation()).with_empty_output().build()
    profiled = tf.compat.v1.profiler.profile(traced.graph, options=options).total_float_ops
    assert 2 * counted(layer, type(layer).__name__, shape) == profiled


def test_the_whole_model_sums_what_the_output_needs():
    answer = ("Dense", {"units": 10, "activation": "softmax"})
    graph = chain("image", ("Conv2D", {"filters": 8, "kernel_size": 3}), ("Flatten", {}), answer)
    facts = check_graph(graph, pictures(), TrainSpec(batch_size=64))
    conv, dense = 26 * 26 * 9 * 8, 26 * 26 * 8 * 10
    assert [facts.nodes[f"n{i}"].macs for i in range(5)] == [0, conv, 0, dense, 0]
    assert facts.macs == conv + dense
    assert [facts.nodes[f"n{i}"].memory for i in range(5)] == [4 * 784, 4 * 5408, 4 * 5408, 40, 0]
    assert facts.memory == 4 * (784 + 2 * 5408 + 10)
    assert facts.training_memory == 16 * facts.parameters + 2 * 64 * facts.memory


def test_outputs_that_do_not_fit_into_memory_are_said_where_they_arise():
    graph = chain("image", ("UpSampling2D", {"size": 4096}), ("GlobalAveragePooling2D", {}), ("Dense", {"units": 1}))
    data = replace(pictures(28, 28, 1), target=table(3).target)
    found = [p for p in check_graph(graph, data, TrainSpec()).problems if "MB for each row" in p.message]
    assert [p.node for p in found] == ["n1"]
