"""The ten commonest beginner's errors: each told in plain words, with a repair that makes a model that trains.

A repair is taken as a person takes it, one after the other, until nothing is wrong; the result is built by Keras.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from tests.core.graphs import chain, drawn, pictures, table, text
from workbench.core.edits_graph import accept
from workbench.core.facts import DataFacts, Problem
from workbench.core.project import Graph, Json, Project, TrainSpec
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph

USUAL = TrainSpec()
CONV = ("Conv2D", {"filters": 8, "kernel_size": 3})
POOL = ("MaxPooling2D", {})
FLAT = ("Flatten", {})
HIDDEN = ("Dense", {"units": 16, "activation": "relu"})
YES = ("Dense", {"units": 1, "activation": "sigmoid"})
CONV1D, MEAN = ("Conv1D", {"filters": 8, "kernel_size": 3}), ("GlobalAveragePooling1D", {})
FEW = ("Embedding", {"input_dim": 100, "output_dim": 8})
TEN = ("Dense", {"units": 10, "activation": "softmax"})


@dataclass(frozen=True)
class Slip:
    """One error. words: what the message has to tell. repairs: at most so many clicks until it trains."""

    name: str
    graph: Graph
    data: DataFacts
    words: tuple[str, ...]
    node: str = ""
    train: TrainSpec = USUAL
    repairs: int = 1


def _with(graph: Graph, params: dict[str, dict[str, Json]]) -> Graph:
    return replace(graph, nodes=tuple(replace(n, params=params.get(n.id, n.params)) for n in graph.nodes))


def _on_table(*layers: tuple[str, dict[str, Json]]) -> Graph:
    return chain("table", *layers)


def _pooled() -> Graph:
    return chain("image", *[CONV, POOL] * 5, FLAT, TEN)


def _cycle() -> Graph:
    graph = drawn(
        {"i": "Input", "a": "Dense", "s": "Add", "b": "Dense", "o": "Output"}, "i a", "a s 0", "b s 1", "s b", "b o"
    )
    softmax = {"units": 3, "activation": "softmax"}
    return _with(graph, {"a": {"units": 3}, "b": softmax})


def _two_outputs() -> Graph:
    graph = drawn({"i": "Input", "d": "Dense", "o": "Output", "p": "Output"}, "i d", "d o", "d p")
    return _with(graph, {"d": {"units": 3, "activation": "softmax"}})


def _no_input() -> Graph:
    return _with(drawn({"d": "Dense", "o": "Output"}, "d o"), {"d": {"units": 3, "activation": "softmax"}})


def _unwired() -> Graph:
    graph = drawn({"i": "Input", "a": "Dense", "d": "Dense", "o": "Output"}, "i a", "d o")
    return _with(graph, {"a": HIDDEN[1], "d": {"units": 3, "activation": "softmax"}})


def _merge(kind: str) -> Graph:
    graph = drawn(
        {"i": "Input", "a": "Dense", "b": "Dense", "s": kind, "d": "Dense", "o": "Output"},
        "i a", "i b", "a s 0", "b s 1", "s d", "d o",
    )  # fmt: skip
    return _with(graph, {"a": {"units": 8}, "b": {"units": 16}, "d": {"units": 3, "activation": "softmax"}})


def _merge_pictures() -> Graph:
    graph = drawn(
        {"i": "Input", "a": "Conv2D", "b": "Conv2D", "s": "Concatenate", "f": "Flatten", "d": "Dense", "o": "Output"},
        "i a", "i b", "a s 0", "b s 1", "s f", "f d", "d o",
    )  # fmt: skip
    return _with(graph, {"a": CONV[1], "b": {"filters": 8, "kernel_size": 5}, "d": TEN[1]})


SLIPS = (
    Slip("missing flatten", chain("image", CONV, POOL, TEN), pictures(), ("flatten",), "n3"),
    Slip("missing flatten, hidden layer", chain("image", HIDDEN, TEN), pictures(), ("flatten",), "n2"),
    Slip("words without vectors", chain("message", CONV1D, MEAN, YES), text(), ("sequences",), "n1"),
    Slip("too few words", chain("message", FEW, MEAN, YES), text(500), ("100", "499"), "n1"),
    Slip("wrong units", chain("table", HIDDEN, TEN), table(4, 3), ("10 units", "3 classes"), "n2"),
    Slip("wrong units for a number", chain("table", HIDDEN, ("Dense", {"units": 4})), table(4), ("1 unit",), "n2"),
    Slip(
        "wrong activation",
        chain("table", HIDDEN, ("Dense", {"units": 3, "activation": "relu"})),
        table(4, 3),
        ("softmax",),
        "n2",
    ),
    Slip(
        "softmax on a number",
        chain("table", HIDDEN, ("Dense", {"units": 1, "activation": "softmax"})),
        table(4),
        ("always gives 1",),
        "n2",
    ),
    Slip(
        "wrong loss",
        chain("table", HIDDEN, ("Dense", {"units": 3, "activation": "softmax"})),
        table(4, 3),
        ("mean_squared_error", "3 classes"),
        train=TrainSpec(loss="mean_squared_error"),
    ),
    Slip(
        "loss for one unit",
        chain("table", HIDDEN, ("Dense", {"units": 3, "activation": "softmax"})),
        table(4, 3),
        ("one output unit",),
        train=TrainSpec(loss="binary_crossentropy"),
    ),
    Slip(
        "wrong shape: a picture layer on a table", chain("table", CONV, FLAT, TEN), table(64, 10), ("pictures",), "n1"
    ),
    Slip(
        "wrong shape: a sequence layer on pictures",
        chain("image", ("LSTM", {"units": 8}), TEN),
        pictures(),
        ("sequences",),
        "n1",
    ),
    Slip(
        "too much pooling", chain("image", *[CONV, POOL] * 5, FLAT, TEN), pictures(), ("window", "fit"), "n7", repairs=4
    ),
    Slip("unconnected node", _unwired(), table(4, 3), ("Nothing is wired to d",), "d"),
    Slip("cycle", _cycle(), table(4, 3), ("circle",), repairs=2),
    Slip("two outputs", _two_outputs(), table(4, 3), ("Output",), "p"),
    Slip("no input", _no_input(), table(4, 3), ("no Input",)),
    Slip("mismatched merge", _merge("Add"), table(4, 3), ("same shape", "8", "16"), "s"),
    Slip("mismatched merge of pictures", _merge_pictures(), pictures(), ("one axis",), "s"),
)

# What only a person who knows Keras understands.
JARGON = re.compile(r"ndim|KerasTensor|None,|Exception|shape=\(|\bValueError|<|Traceback|incompatible")


def errors(graph: Graph, data: DataFacts, train: TrainSpec) -> list[Problem]:
    return [p for p in check_graph(graph, data, train).problems if p.severity == "error"]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_it_is_told_in_plain_words_and_its_repairs_lead_to_a_model_that_trains(slip: Slip):
    found = errors(slip.graph, slip.data, slip.train)
    told = next((p for p in found if all(w.lower() in p.message.lower() for w in slip.words)), None)
    assert told is not None, [p.message for p in found]
    assert told.node == slip.node or not slip.node
    assert not JARGON.search(told.message), told.message
    assert told.message.endswith(".")
    assert told.repairs, told.message
    project = Project(graph=slip.graph, train=slip.train)
    clicks = 0
    while wrong := errors(project.graph, slip.data, project.train):
        mendable = next((p for p in (told, *wrong) if p in wrong and p.repairs), None)
        assert mendable is not None, [p.message for p in wrong]
        project = accept(mendable.repairs[0])(project)
        clicks += 1
        assert clicks <= slip.repairs, [p.message for p in wrong]
    assert build_model(project.graph, slip.data, 0).count_params() > 0
