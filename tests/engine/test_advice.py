"""What is not wrong but might be better: said with a change that was built first and takes the thought away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.graphs import chain, pictures, table
from workbench.core.facts import DataFacts, Problem
from workbench.core.project import EarlyStopping, Graph, TrainSpec
from workbench.engine.graph_check import check_graph

TRAIN = TrainSpec()
MANY = 1_000_000
SOFTMAX = ("Dense", {"units": 3, "activation": "softmax"})


def thoughts(graph: Graph, data: DataFacts, train: TrainSpec = TRAIN) -> dict[str, Problem]:
    facts = check_graph(graph, data, train)
    assert facts.ready, [p.message for p in facts.problems]
    return {one.code: one for one in facts.advice}


def dense(activation: str, units: int = 8) -> tuple[str, dict]:
    return "Dense", {"units": units, "activation": activation}


def test_a_sound_model_is_left_in_peace():
    assert thoughts(chain("table", dense("relu"), SOFTMAX), table(4, 3, MANY)) == {}


@pytest.mark.parametrize(
    ("layers", "data", "code", "node", "words"),
    [
        ([SOFTMAX, ("Softmax", {})], table(4, 3, MANY), "softmax-twice", "n2", "applied twice"),
        ([dense("sigmoid")] * 3 + [SOFTMAX], table(4, 3, MANY), "saturating", "n1", "relu does not fade"),
        ([dense("linear"), SOFTMAX], table(4, 3, MANY), "linear", "n1", "no activation"),
        (
            [dense("relu"), ("Dropout", {"rate": 0.5}), ("BatchNormalization", {}), SOFTMAX],
            table(4, 3, MANY),
            "norm-after-dropout",
            "n3",
            "other order",
        ),
        (
            [dense("relu"), SOFTMAX, ("Dropout", {"rate": 0.2})],
            table(4, 3, MANY),
            "noise-on-answer",
            "n3",
            "before the last layer",
        ),
        ([dense("relu", 64), SOFTMAX], table(4, 3, 150), "many-parameters", "n1", "150 rows"),
        (
            [("Flatten", {}), ("Dense", {"units": 10, "activation": "softmax"})],
            replace(pictures(), inputs=(replace(pictures().inputs[0], scale=1.0),)),
            "unscaled",
            "n0",
            "0 to 255",
        ),
        (
            [dense("relu"), SOFTMAX],
            replace(table(4, 3, MANY), inputs=(replace(table(4).inputs[0], wide=("price", "year")),)),
            "unscaled",
            "n0",
            "price, year",
        ),
    ],
)
def test_advice_is_given_where_it_concerns_and_its_change_takes_it_away(layers, data, code, node, words):
    graph = chain(data.inputs[0].name, *layers)
    found = thoughts(graph, data)
    assert list(found) == [code]
    assert (found[code].node, found[code].severity) == (node, "advice")
    assert words in found[code].message
    assert found[code].repairs
    for repair in found[code].repairs:
        assert code not in thoughts(repair.graph, data)


def test_what_holds_a_large_model_back_is_seen():
    graph = chain("table", dense("relu", 64), SOFTMAX)
    assert "many-parameters" not in thoughts(graph, table(4, 3, 150), TrainSpec(early_stopping=EarlyStopping(True)))
    penalty = ("Dense", {"units": 64, "activation": "relu", "kernel_regularizer": {"kind": "L2", "params": {}}})
    assert "many-parameters" not in thoughts(chain("table", penalty, SOFTMAX), table(4, 3, 150))


def test_a_dropout_moved_behind_the_normalisation_keeps_its_name_and_rate():
    layers = [
        dense("linear"),
        ("Dropout", {"rate": 0.4}),
        ("BatchNormalization", {}),
        ("Activation", {"activation": "relu"}),
    ]
    found = thoughts(chain("table", *layers, SOFTMAX), table(4, 3, MANY))
    mended = found["norm-after-dropout"].repairs[0].graph
    assert mended.node("n2").params == {"rate": 0.4}
    assert {(w.source, w.target) for w in mended.wires} >= {("n1", "n3"), ("n3", "n4"), ("n4", "n2"), ("n2", "n5")}


def test_while_something_is_wrong_there_is_no_advice():
    facts = check_graph(chain("table", dense("sigmoid"), dense("sigmoid"), dense("sigmoid")), table(4, 3), TRAIN)
    assert not facts.ready
    assert facts.advice == ()


def test_columns_that_come_as_they_are_and_reach_far_are_found_in_the_data():
    import pandas as pd

    from workbench.core.data.fit import fit
    from workbench.core.project import ColumnFeature, Features

    frame = pd.DataFrame({"price": [900.0, 1200.0, 400.0], "share": [0.1, 0.5, 0.9], "y": [1.0, 2.0, 3.0]})
    columns = (
        ColumnFeature("price", "input", "none"),
        ColumnFeature("share", "input", "none"),
        ColumnFeature("y", "target", "none"),
    )
    inputs = fit(frame, Features("regression", columns), [0, 1, 2]).inputs
    assert inputs[0].wide == ("price",)
    scaled = (ColumnFeature("price", "input", "standard"), *columns[1:])
    assert fit(frame, Features("regression", scaled), [0, 1, 2]).inputs[0].wide == ()
