"""What is wrong with a graph, said on its node in plain words, with a repair that mends it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.facts import DataFacts, InputFacts, Problem, TargetFacts
from workbench.core.project import Graph, Node, Wire
from workbench.core.structure import structure_problems
from workbench.core.wiring import (
    before,
    closing_dense,
    creates_cycle,
    output_activation,
    output_bindings,
    topological_order,
    used_nodes,
)

from .graphs import chain, drawn, table

DENSE = ("Dense", {"units": 4})
GOOD = chain("table", DENSE)


def only(graph: Graph, words: str) -> Problem:
    found = [p for p in structure_problems(graph) if words in p.message]
    assert len(found) == 1, [p.message for p in structure_problems(graph)]
    return found[0]


def with_units(graph: Graph) -> Graph:
    return replace(graph, nodes=tuple(replace(n, params={"units": 3}) if n.kind == "Dense" else n for n in graph.nodes))


def test_a_good_graph_has_no_problems():
    assert structure_problems(GOOD, data=table(4, 3)) == ()


def test_an_empty_graph_says_what_to_do():
    assert "template" in structure_problems(Graph())[0].message


def test_missing_ends_are_put_in_by_their_repairs():
    bare = Graph((Node("d", "Dense", "d", {"units": 3}),))
    problem = only(bare, "no Input")
    mended = only(problem.repairs[0].graph, "no Output").repairs[0].graph
    assert structure_problems(mended) == ()


def test_a_circle_names_its_layers_and_its_repair_opens_it():
    graph = with_units(drawn({"i": "Input", "a": "Add", "b": "Dense", "o": "Output"}, "i a 0", "b a 1", "a b", "b o"))
    problem = only(graph, "circle")
    assert problem.severity == "error"
    assert "a → b → a" in problem.message or "b → a → b" in problem.message
    assert topological_order(graph) is None
    assert topological_order(problem.repairs[0].graph) is not None


def test_two_circles_are_two_problems():
    graph = with_units(drawn(dict.fromkeys("abcd", "Dense"), "a b", "b a", "c d", "d c"))
    assert sum("circle" in p.message for p in structure_problems(graph)) == 2


def test_a_missing_wire_offers_the_loose_end():
    graph = with_units(drawn({"i": "Input", "a": "Dense", "b": "Dense", "o": "Output"}, "i a", "b o"))
    problem = only(graph, "Nothing is wired to b")
    assert problem.node == "b"
    assert structure_problems(problem.repairs[0].graph) == ()


def test_a_merge_with_one_input_says_so():
    graph = with_units(drawn({"i": "Input", "a": "Dense", "s": "Add", "o": "Output"}, "i a", "a s", "s o"))
    problem = only(graph, "only one")
    assert problem.node == "s"
    assert any(structure_problems(r.graph) == () for r in problem.repairs)


def test_a_query_without_value_is_named():
    graph = drawn({"i": "Input", "m": "Attention", "o": "Output"}, "i m 0", "m o")
    assert only(graph, "nothing at its value").node == "m"


def test_what_leads_nowhere_is_left_out_and_no_hindrance():
    graph = with_units(
        drawn({"i": "Input", "a": "Dense", "b": "Dense", "o": "Output", "c": "Dense"}, "i a", "a o", "i b")
    )
    nowhere, alone = only(graph, "leads nowhere"), only(graph, "not wired to anything")
    assert (nowhere.severity, nowhere.node) == ("warning", "b")
    assert (alone.severity, alone.node) == ("warning", "c")
    assert used_nodes(graph) == {"i", "a", "o"}
    assert not any(p.node == "c" for p in structure_problems(alone.repairs[0].graph))


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (Wire("n0", "n1"), "twice"),
        (Wire("n2", "n1", 0), "Nothing comes out"),
        (Wire("n1", "n0"), "Nothing goes into"),
        (Wire("gone", "n1"), "no longer there"),
        (Wire("n0", "n1", 5), "one input only"),
    ],
)
def test_wires_that_should_not_be_are_found_and_removed(wire: Wire, words: str):
    graph = replace(GOOD, wires=(*GOOD.wires, wire))
    found = [p for p in structure_problems(graph) if words in p.message]
    assert found
    assert structure_problems(found[0].repairs[0].graph) == ()


def two_outputs(**params: object) -> Graph:
    nodes = (*GOOD.nodes, Node("o2", "Output", "o2", params))  # type: ignore[arg-type]
    return replace(GOOD, nodes=nodes, wires=(*GOOD.wires, Wire("n1", "o2")))


SPECIES = TargetFacts("species", "classification", ("setosa", "versicolor", "virginica"))
PRICE, AREA = TargetFacts("price", "regression"), TargetFacts("area", "regression")


def facts_of(*targets: TargetFacts) -> DataFacts:
    return DataFacts("table", (InputFacts("table", "table", (4,)),), targets[0], more=targets[1:])


def test_a_second_output_needs_a_second_target():
    found = [p for p in structure_problems(two_outputs(), data=facts_of(SPECIES)) if p.node == "o2"]
    assert 'n2 has "species"' in found[0].message
    assert structure_problems(found[0].repairs[0].graph, data=facts_of(SPECIES)) == ()
    assert structure_problems(two_outputs(), data=facts_of(SPECIES, PRICE)) == ()
    assert output_bindings(two_outputs(), facts_of(SPECIES, PRICE)) == {"n2": "species", "o2": "price"}
    assert output_bindings(two_outputs(target="species"), facts_of(SPECIES, PRICE)) == {"n2": "price", "o2": "species"}


def test_a_target_without_an_output_gets_a_head_from_where_the_other_comes():
    data = facts_of(PRICE, SPECIES, AREA)
    graph = GOOD
    for name in ("species", "area"):
        found = [p for p in structure_problems(graph, data=data) if f'Nothing predicts "{name}"' in p.message]
        graph = found[0].repairs[0].graph
    assert structure_problems(graph, data=data) == ()
    bound = output_bindings(graph, data)
    ends = {bound[n.id]: n for n in graph.nodes if n.kind == "Output"}
    heads = {name: before(graph, end.id) for name, end in ends.items()}
    assert heads["species"].params == {"units": 3, "activation": "softmax"}
    assert heads["area"].params == {"units": 1}
    assert ends["species"].name == "species"
    source = before(graph, closing_dense(GOOD).id)
    assert all(before(graph, heads[name].id).id == source.id for name in ("species", "area"))


def test_an_output_whose_target_is_gone_goes_with_the_layers_that_are_its_own():
    data = facts_of(PRICE, SPECIES)
    missing = [p for p in structure_problems(GOOD, data=data) if "Nothing predicts" in p.message]
    grown = missing[0].repairs[0].graph
    found = structure_problems(grown, data=facts_of(PRICE))
    assert "no target called" in found[0].message
    assert "Remove species and dense" in found[0].repairs[0].title
    assert found[0].repairs[0].graph == GOOD


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"target": "size"}, 'no target called "size"'),
        ({"target": "species"}, "one Output for each target"),
        ({"loss_weight": -1.0}, "at least 0"),
        ({"metrics": 3}, "metrics cannot be 3"),
        ({"colour": 3}, "no argument called colour"),
    ],
)
def test_outputs_that_do_not_fit_are_mended(params: dict[str, object], words: str):
    data = facts_of(SPECIES, PRICE)
    graph = two_outputs(**params)
    graph = replace(
        graph, nodes=tuple(replace(n, params={"target": "species"}) if n.id == "n2" else n for n in graph.nodes)
    )
    found = [p for p in structure_problems(graph, data=data) if words in p.message]
    assert [p.node for p in found] == ["o2"]
    assert structure_problems(found[0].repairs[0].graph, data=data) == ()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "needs a value for units"),
        ({"units": 0}, "at least 1"),
        ({"units": "many"}, "whole number"),
        ({"units": 3.5}, "whole number"),
        ({"units": 3, "activation": "rellu"}, "cannot be 'rellu'"),
        ({"units": 3, "colour": "red"}, "no argument called colour"),
        ({"units": 3, "kernel_regularizer": "l9"}, "no 'l9'"),
        ({"units": 3, "kernel_regularizer": {"kind": "L2", "params": {"l2": -1}}}, "at least 0"),
    ],
)
def test_arguments_are_judged_at_the_field_and_can_be_reset(params: dict[str, object], words: str):
    graph = chain("table", ("Dense", params))
    problem = only(graph, words)
    assert problem.node == "n1"
    assert not any(words in p.message for p in structure_problems(problem.repairs[0].graph))


def test_unknown_and_unusable_layers_say_why():
    assert "no layer called Dance" in structure_problems(chain("table", ("Dance", {})))[0].message
    assert "code written by hand" in only(chain("table", ("Lambda", {}), DENSE), "Lambda").message


def test_names_must_be_identifiers_and_differ():
    twice = replace(GOOD, nodes=tuple(replace(n, name="same") for n in GOOD.nodes[:2]) + GOOD.nodes[2:])
    assert structure_problems(only(twice, "called same").repairs[0].graph) == ()
    odd = replace(GOOD, nodes=(GOOD.nodes[0], replace(GOOD.nodes[1], name="x = 1\nimport os"), GOOD.nodes[2]))
    assert structure_problems(only(odd, "letters, digits").repairs[0].graph) == ()


def test_an_input_bound_to_data_that_is_gone_offers_what_is_there():
    problem = next(p for p in structure_problems(chain("old", DENSE), data=table(4, 3)) if p.node == "n0")
    assert "old" in problem.message
    assert structure_problems(problem.repairs[0].graph, data=table(4, 3)) == ()


def test_creates_cycle_asks_before_a_wire_is_drawn():
    assert creates_cycle(GOOD, "n1", "n0")
    assert creates_cycle(GOOD, "n1", "n1")
    assert not creates_cycle(GOOD, "n0", "n2")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([("Dense", {"units": 3, "activation": "softmax"})], "softmax"),
        ([("Dense", {"units": 3})], "linear"),
        ([("Dense", {"units": 3}), ("Softmax", {})], "softmax"),
        ([("Dense", {"units": 3, "activation": "relu"}), ("Dropout", {"rate": 0.1})], "relu"),
        ([("Dense", {"units": 3}), ("BatchNormalization", {})], None),
    ],
)
def test_the_function_the_answer_went_through(layers: list[tuple[str, dict[str, object]]], expected: str | None):
    assert output_activation(chain("table", *layers)) == expected


def test_three_hundred_layers_are_judged():
    graph = chain("table", *[DENSE] * 300)
    assert structure_problems(graph, data=table(4, 3)) == ()
