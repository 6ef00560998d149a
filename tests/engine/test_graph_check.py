"""What the canvas says while one draws: facts, problems in plain words, repairs that were tried first, at once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tests.core.graphs import chain, drawn, pictures, table
from workbench.core.catalog import load_catalog
from workbench.core.edits_graph import accept, set_params
from workbench.core.facts import DataFacts, Problem
from workbench.core.project import Graph, Json, Node, Project, TrainSpec, Wire
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph

TRAIN = TrainSpec()
CONV = {"filters": 8, "kernel_size": 3}
CLASH = {"strides": 2, "dilation_rate": 2}
SOFTMAX = ("Dense", {"units": 10, "activation": "softmax"})
Layers = list[tuple[str, dict[str, Json]]]


def problem_of(graph: Graph, facts: DataFacts) -> Problem:
    found = [p for p in check_graph(graph, facts, TRAIN).problems if p.severity == "error"]
    assert len(found) == 1, [p.message for p in found]
    return found[0]


def test_facts_of_a_sound_graph():
    graph = chain("image", ("Flatten", {}), ("Dense", {"units": 128, "activation": "relu"}), SOFTMAX)
    facts = check_graph(graph, pictures(), TRAIN)
    assert facts.ready
    assert [facts.nodes[f"n{i}"].shape for i in range(5)] == [
        (None, 28, 28, 1),
        (None, 784),
        (None, 128),
        (None, 10),
        (None, 10),
    ]
    assert facts.nodes["n2"].parameters == 784 * 128 + 128
    assert (facts.parameters, facts.loss, facts.metrics) == (101_770, "sparse_categorical_crossentropy", ("accuracy",))


@pytest.mark.parametrize(
    ("layers", "facts", "node", "words", "first"),
    [
        ([("Dense", {"units": 32}), SOFTMAX], pictures(), "n2", "shape 28 × 28 × 10", "Put a Flatten before n1"),
        ([("Conv2D", CONV)], pictures(), "n1", "26 × 26 × 8", "Add Flatten and a Dense"),
        ([("Conv2D", CONV), ("Flatten", {}), SOFTMAX], table(64, 10), "n1", "gets 64", "Put a Reshape to 8 × 8"),
        ([("Dense", {"units": 5, "activation": "softmax"})], table(4, 3), "n1", "3 classes", "Make n1 a Dense"),
        (
            [("Dense", {"units": 64}), ("Dropout", {"rate": 0.2})],
            table(4, 2),
            "n2",
            "1 unit and sigmoid, or 2",
            "Add a Dense with 1",
        ),
        ([("Dense", {"units": 3})], table(4, 3), "n1", "softmax", "Make n1 a Dense with 3 units and softmax"),
        ([("Dense", {"units": 2, "activation": "softmax"})], table(4), "n1", "one number", "Make n1 a Dense"),
        ([("Dense", {"units": 1, "activation": "softmax"})], table(4, 2), "n1", "always gives 1", "Make n1 a"),
        ([("Flatten", {})], pictures(), "n1", "no weights", "Add a Dense with 10 units"),
        ([*[("MaxPooling2D", {})] * 5, ("Flatten", {}), SOFTMAX], pictures(), "n5", "only 1 × 1 pixels", "Set padding"),
        ([("Conv2D", CONV | {"groups": 5}), ("Flatten", {}), SOFTMAX], pictures(), "n1", "groups", "Reset groups"),
        (
            [("Conv2D", CONV | {"strides": 2, "dilation_rate": 2}), ("Flatten", {}), SOFTMAX],
            pictures(),
            "n1",
            "dilation",
            "Reset str",
        ),
        ([("LSTM", {"units": 8}), ("Dense", {"units": 1})], table(6), "n1", "sequences", "Put a Reshape to 6 × 1"),
    ],
)
def test_a_misfit_is_said_at_its_node_and_its_first_repair_mends_it(
    layers: Layers, facts: DataFacts, node: str, words: str, first: str
):
    problem = problem_of(chain(facts.inputs[0].name, *layers), facts)
    assert problem.node == node
    assert words in problem.message
    assert problem.repairs[0].title.startswith(first)
    for repair in problem.repairs:
        after = check_graph(repair.graph, facts, TRAIN)
        assert problem.message not in [p.message for p in after.problems]
    assert check_graph(problem.repairs[0].graph, facts, TRAIN).ready


def test_a_skip_with_other_channels_gets_a_projection():
    graph = drawn(
        {"i": "Input", "a": "Conv2D", "s": "Add", "f": "Flatten", "d": "Dense", "o": "Output"},
        "i a",
        "a s 0",
        "i s 1",
        "s f",
        "f d",
        "d o",
    )
    params = {"a": {"filters": 8, "kernel_size": 3, "padding": "same", "strides": 2}, "d": SOFTMAX[1]}
    graph = replace(graph, nodes=tuple(replace(n, params=params.get(n.id, {})) for n in graph.nodes))
    facts = pictures(28, 28, 3)
    problem = problem_of(graph, facts)
    assert (problem.node, "14 × 14 × 8 and 28 × 28 × 3" in problem.message) == ("s", True)
    assert "1 × 1 convolution" in problem.repairs[0].title
    assert check_graph(problem.repairs[0].graph, facts, TRAIN).ready


def test_a_failing_layer_leaves_the_facts_of_the_others():
    layers = [("Dense", {"units": 16}), ("Conv2D", {"filters": 4, "kernel_size": 3}), ("Dense", {"units": 3})]
    facts = check_graph(chain("table", *layers), table(4, 3), TRAIN)
    assert facts.nodes["n1"].shape == (None, 16)
    assert "n2" not in facts.nodes
    assert "n3" not in facts.nodes


def test_a_circle_leaves_the_facts_before_it():
    graph = drawn(
        {"i": "Input", "r": "ReLU", "a": "Add", "b": "ReLU", "o": "Output"}, "i r", "r a 0", "b a 1", "a b", "b o"
    )
    facts = check_graph(graph, table(4), TRAIN)
    assert facts.nodes["r"].shape == (None, 4)
    assert any("circle" in p.message for p in facts.problems)
    assert not facts.ready


def test_without_data_or_target_it_says_so():
    graph = chain("table", ("Dense", {"units": 1}))
    assert "no data" in check_graph(graph, None, TRAIN).problems[0].message
    assert "no target" in check_graph(graph, replace(table(4), target=None), TRAIN).problems[0].message
    assert "empty" in check_graph(Graph(), table(4), TRAIN).problems[0].message


def test_sigmoid_for_many_classes_is_a_warning_with_a_repair():
    facts = check_graph(chain("table", ("Dense", {"units": 3, "activation": "sigmoid"})), table(4, 3), TRAIN)
    assert facts.ready
    assert facts.problems[0].severity == "warning"
    assert not check_graph(facts.problems[0].repairs[0].graph, table(4, 3), TRAIN).problems


def test_a_loss_that_does_not_fit_is_named_at_the_setting():
    graph = chain("table", ("Dense", {"units": 1}))
    facts = check_graph(graph, table(4), replace(TRAIN, loss="sparse_categorical_crossentropy"))
    assert [(p.setting, p.severity) for p in facts.problems] == [("loss", "error")]
    (repair,) = facts.problems[0].repairs
    assert repair.title == "Use mean_squared_error"
    assert repair.train is not None
    assert (repair.train.loss, repair.graph) == ("mean_squared_error", graph)


def test_an_output_is_mended_together_with_the_loss_that_was_chosen_for_it():
    graph = chain("table", ("Dense", {"units": 1, "activation": "sigmoid"}))
    train = replace(TRAIN, loss="binary_crossentropy", epochs=77)
    facts = check_graph(graph, table(4, 3), train)
    repair = next(p for p in facts.problems if p.node).repairs[0]
    assert repair.title.endswith("and use sparse_categorical_crossentropy")
    mended = accept(repair)(Project(graph=graph, train=replace(train, epochs=78)))
    assert mended.train.epochs == 78
    assert check_graph(mended.graph, table(4, 3), mended.train).ready


def test_a_metric_that_does_not_fit_gives_way():
    graph = chain("table", SOFTMAX)
    train = replace(TRAIN, metrics=("hinge", "sparse_top_k_categorical_accuracy"))
    facts = check_graph(graph, table(4, 10), train)
    (repair,) = facts.problems[0].repairs
    assert repair.title == "Use accuracy instead of hinge"
    mended = accept(repair)(Project(graph=graph, train=train))
    assert check_graph(graph, table(4, 10), mended.train).metrics == ("accuracy", "sparse_top_k_categorical_accuracy")


def test_a_model_of_a_billion_units_is_refused_without_taking_its_memory():
    graph = chain("table", ("Dense", {"units": 1_500_000_000}), ("Dense", {"units": 1}))
    facts = check_graph(graph, table(100), TRAIN)
    assert facts.nodes["n1"].parameters == 151_500_000_000
    problem = next(p for p in facts.problems if p.node == "n1")
    assert problem.severity == "error"
    assert "151,500,000,000" in problem.message


def test_an_edit_among_fifty_layers_changes_only_what_follows_from_it():
    kinds: Layers = [
        ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"}),
        ("BatchNormalization", {}),
        ("Activation", {"activation": "relu"}),
        ("Dropout", {"rate": 0.1}),
    ]
    graph = chain("image", *[kinds[i % 4] for i in range(48)], ("GlobalAveragePooling2D", {}), SOFTMAX)
    before = check_graph(graph, pictures(), TRAIN)
    edited = set_params("n1", "filters", 12)(Project(graph=graph)).graph
    facts = check_graph(edited, pictures(), TRAIN)
    assert facts.ready
    changed = {n for n in facts.nodes if facts.nodes[n] != before.nodes[n]}
    assert "n1" in changed
    assert "n8" not in changed


def test_names_from_a_file_cannot_disturb_the_check():
    graph = chain("table", ("Dense", {"units": 1}))
    odd = replace(graph, nodes=tuple(replace(n, name="a/b\n") if n.id == "n1" else n for n in graph.nodes))
    assert not check_graph(odd, table(4), TRAIN).ready
    twice = Graph((*graph.nodes, Node("x", "Dense", "n1", {"units": 1})), (*graph.wires, Wire("n0", "x")))
    assert not check_graph(twice, table(4), TRAIN).ready


def test_a_failing_branch_that_leads_nowhere_is_no_hindrance():
    graph = chain("table", ("Dense", {"units": 1}))
    node = Node("x", "Conv2D", "x", {"filters": 2, "kernel_size": 3})
    facts = check_graph(Graph((*graph.nodes, node), (*graph.wires, Wire("n0", "x"))), table(4), TRAIN)
    assert facts.ready
    assert {p.node for p in facts.problems} == {"x"}


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_drawn_is_answered_in_words_and_what_is_ready_builds(seed: int):
    draw = random.Random(seed)
    data = draw.choice([pictures(8, 8, 3, 3), table(12, 3), table(5), pictures(16, 16)])
    catalog = load_catalog()
    usual = ["Dense", "Conv2D", "MaxPooling2D", "Flatten", "Add"] * 20
    kinds = [k for k, e in catalog.layers.items() if e.usable] + usual
    nodes = [Node("i", "Input", "i", {"binding": data.inputs[0].name})]
    wires = []
    for number in range(draw.randint(1, 8)):
        entry = catalog.layers[draw.choice(kinds)]
        name = f"n{number}"
        wires += [Wire(draw.choice([nodes[-1], nodes[-1], *nodes]).id, name, p) for p in range(entry.inputs)]
        nodes.append(
            Node(name, entry.name, name, {**entry.start, **draw.choice([{}, {"padding": "same"}, {"units": 3}])})
        )
    wires.append(Wire(nodes[-1].id, "o"))
    graph = Graph((*nodes, Node("o", "Output", "o")), tuple(wires))
    facts = check_graph(graph, data, TRAIN)
    if facts.ready:
        assert build_model(graph, data, 0).count_params() == facts.parameters
    for problem in facts.problems:
        assert problem.message.endswith((".", "…"))


def test_a_weight_of_a_class_that_is_gone_is_told_and_keeps_nothing_from_training():
    graph = chain("image", ("Flatten", {}), SOFTMAX)
    found = check_graph(graph, pictures(), TrainSpec(class_weights={"renamed": 3.0}))
    assert found.ready
    (told,) = found.problems
    assert (told.severity, told.setting) == ("warning", "class_weights")
    mended = accept(told.repairs[0])(Project(graph=graph, train=TrainSpec(class_weights={"renamed": 3.0})))
    assert not check_graph(mended.graph, pictures(), mended.train).problems
