"""The person's verbs on the graph: where a new layer goes, what a deletion leaves, what is refused."""

from __future__ import annotations

import itertools
import random

import pytest

from workbench.core import edits_graph as verbs
from workbench.core.catalog import load_catalog
from workbench.core.document import Document
from workbench.core.edits_places import crossings
from workbench.core.errors import GraphError
from workbench.core.layout import GAP_Y, NODE_HEIGHT, arrange
from workbench.core.project import Graph, Node, Project, Wire

from .graphs import chain, drawn

DENSE = ("Dense", {"units": 4})


def project(graph: Graph) -> Project:
    return Project(graph=graph)


def wires(graph: Graph) -> set[str]:
    return {f"{w.source} {w.target} {w.port}" for w in graph.wires}


def test_a_layer_added_after_the_last_before_the_output_goes_between_and_what_follows_makes_room():
    before = chain("t", DENSE)
    after = verbs.add_layer("Dropout", after="n1", node_id="new")(project(before)).graph
    assert wires(after) == {"n0 n1 0", "n1 new 0", "new n2 0"}
    assert after.node("new").params == {"rate": 0.2}
    ys = [after.node(i).y for i in ("n0", "n1", "new", "n2")]
    assert all(b - a >= NODE_HEIGHT for a, b in itertools.pairwise(ys))


def test_a_layer_added_after_the_output_goes_before_it():
    after = verbs.add_layer("Dense", after="n2", node_id="new")(project(chain("t", DENSE))).graph
    assert wires(after) == {"n0 n1 0", "n1 new 0", "new n2 0"}


def test_a_layer_dropped_on_one_of_two_wires_takes_only_that_one():
    graph = drawn({"i": "Input", "a": "Dense", "b": "Dense", "s": "Add"}, "i a", "i b", "a s 0", "b s 1")
    after = verbs.add_layer("ReLU", on_wire=Wire("b", "s", 1), node_id="new")(project(graph)).graph
    assert wires(after) == {"i a 0", "i b 0", "a s 0", "b new 0", "new s 1"}


def test_layers_get_free_names_that_python_accepts():
    one = verbs.add_layer("Conv2D")(Project())
    two = verbs.add_layer("Conv2D")(one)
    three = verbs.add_layer("MultiHeadAttention")(two)
    assert [n.name for n in three.graph.nodes] == ["conv2d", "conv2d_1", "multi_head_attention"]
    assert len({n.id for n in three.graph.nodes}) == 3


def test_a_second_wire_to_a_plain_layer_replaces_the_first_and_to_a_merge_takes_the_next_port():
    graph = drawn({"i": "Input", "a": "Dense", "b": "Dense", "s": "Add"}, "i a", "a b")
    again = verbs.connect("i", "b")(project(graph)).graph
    assert wires(again) == {"i a 0", "i b 0"}
    merged = verbs.connect("b", "s")(verbs.connect("a", "s")(project(graph))).graph
    assert {"a s 0", "b s 1"} <= wires(merged)


@pytest.mark.parametrize(
    ("source", "target", "words"), [("b", "a", "circle"), ("o", "a", "end"), ("a", "i", "beginning")]
)
def test_wires_that_cannot_be_are_refused_in_words_and_change_nothing(source: str, target: str, words: str):
    document = Document(project(drawn({"i": "Input", "a": "Dense", "b": "Dense", "o": "Output"}, "i a", "a b", "b o")))
    before = document.project
    with pytest.raises(GraphError, match=words):
        document.apply(verbs.connect(source, target), "Connect")
    assert document.project is before


def test_deleting_a_chain_joins_its_ends_and_undo_brings_it_back():
    document = Document(project(chain("t", DENSE, DENSE, DENSE)))
    before = document.project
    document.apply(verbs.delete_nodes(["n1", "n2"]), "Delete")
    assert wires(document.project.graph) == {"n0 n3 0", "n3 n4 0"}
    document.undo()
    assert document.project == before


def test_deleting_the_body_of_a_skip_leaves_no_double_wire():
    graph = drawn({"i": "Input", "a": "Dense", "s": "Add", "o": "Output"}, "i a", "a s 0", "i s 1", "s o")
    after = verbs.delete_nodes(["a"])(project(graph)).graph
    assert wires(after) == {"i s 0", "s o 0"}


def test_taking_a_wire_from_a_merge_moves_the_others_up():
    graph = drawn({"a": "Dense", "b": "Dense", "c": "Dense", "s": "Add"}, "a s 0", "b s 1", "c s 2")
    after = verbs.disconnect(Wire("a", "s", 0))(project(graph)).graph
    assert wires(after) == {"b s 0", "c s 1"}


@pytest.mark.parametrize(
    ("asked", "got"), [("first hidden", "first_hidden"), ("3rd", "layer_3rd"), ("class", "class_"), ("é!x", "x")]
)
def test_a_name_is_made_an_identifier(asked: str, got: str):
    after = verbs.rename_layer("n1", asked)(project(chain("t", DENSE)))
    assert after.graph.node("n1").name == got


@pytest.mark.parametrize("asked", ["", "  !! ", "n2"])
def test_names_that_are_empty_or_taken_are_refused(asked: str):
    with pytest.raises(GraphError):
        verbs.rename_layer("n1", asked)(project(chain("t", DENSE)))


def test_a_parameter_set_to_its_default_is_stored_as_absent_and_reset_restores():
    start = project(chain("t", DENSE))
    set_once = verbs.set_params("n1", "use_bias", False)(start)
    assert set_once.graph.node("n1").params == {"units": 4, "use_bias": False}
    assert verbs.set_params("n1", "use_bias", True)(set_once).graph == start.graph
    assert verbs.reset_param("n1", "use_bias")(set_once).graph == start.graph
    assert verbs.reset_param("n1", "units")(start).graph.node("n1").params == {"units": 64}


def test_setting_what_is_already_so_leaves_no_undo_step():
    document = Document(project(chain("t", DENSE)))
    assert not document.apply(verbs.set_params("n1", "units", 4), "Set units")
    assert not document.apply(verbs.move_nodes({"n1": (0.0, 104.0)}), "Move")


def test_duplicates_keep_the_wires_among_them_under_new_names_and_ids():
    start = project(chain("t", DENSE, DENSE))
    after = verbs.duplicate_nodes(["n1", "n2"], {"n1": "x", "n2": "y"})(start).graph
    assert "x y 0" in wires(after)
    assert len({n.name for n in after.nodes}) == len(after.nodes)
    assert not any(w.source == "n0" and w.target == "x" for w in after.wires)


def test_pasting_into_another_project_brings_blocks_and_wires():
    nodes, lines = verbs.copied(chain("t", DENSE, DENSE), ["n1", "n2"])
    after = verbs.paste_nodes(nodes, lines, at=(80.0, 16.0))(Project()).graph
    assert [(n.x, n.y) for n in after.nodes] == [(80.0, 16.0), (80.0, 120.0)]
    assert len(after.wires) == 1


def test_another_kind_keeps_the_place_and_the_arguments_both_have():
    start = project(chain("t", ("Dense", {"units": 4, "activation": "relu"})))
    after = verbs.change_kind("n1", "LSTM")(start).graph
    assert (after.node("n1").kind, after.node("n1").params) == ("LSTM", {"units": 4, "activation": "relu"})
    assert wires(after) == wires(start.graph)


def test_where_a_layer_goes_when_nothing_is_selected():
    assert verbs.end_of_chain(chain("t", DENSE)) == "n1"
    assert verbs.end_of_chain(chain("t", DENSE, output=False)) == "n1"
    assert verbs.end_of_chain(Graph()) is None


# ---- places ----------------------------------------------------------------------------------------------------


def _spread() -> Document:
    places = {"a": (0.0, 0.0), "b": (104.0, 48.0), "c": (248.0, 400.0)}
    return Document(Project(graph=Graph(tuple(Node(i, "Dense", i, {}, x, y) for i, (x, y) in places.items()))))


@pytest.mark.parametrize(
    ("edge", "xs", "ys"),
    [
        ("left", [0, 0, 0], [0, 48, 400]),
        ("centre", [120, 120, 120], [0, 48, 400]),
        ("right", [248, 248, 248], [0, 48, 400]),
        ("top", [0, 104, 248], [0, 0, 0]),
        ("middle", [0, 104, 248], [152, 152, 152]),
        ("bottom", [0, 104, 248], [400, 400, 400]),
    ],
)
def test_blocks_are_put_on_one_line(edge: str, xs: list[int], ys: list[int]):
    document = _spread()
    document.apply(verbs.align(["a", "b", "c"], edge), "Align")
    assert [(n.x, n.y) for n in document.project.graph.nodes] == list(zip(xs, ys, strict=True))


def test_blocks_are_put_at_the_same_distance_and_the_outermost_stay():
    document = _spread()
    document.apply(verbs.distribute(["c", "a", "b"], "across"), "Distribute")
    document.apply(verbs.distribute(["c", "a", "b"], "down"), "Distribute")
    assert [(n.x, n.y) for n in document.project.graph.nodes] == [(0, 0), (128, 200), (248, 400)]
    assert not document.apply(verbs.distribute(["a", "b"], "down"), "Distribute")


def test_arranging_twice_changes_nothing_and_keeps_left_and_right():
    nodes = {"i": "Input", "l": "Dense", "r": "Dense", "s": "Add"}
    graph = drawn(nodes, "i l", "i r", "l s 0", "r s 1")
    places = {"i": (500.0, 300.0), "l": (900.0, 460.0), "r": (300.0, 410.0), "s": (520.0, 600.0)}
    document = Document(Project(graph=graph))
    document.apply(verbs.move_nodes(places), "Move")
    document.apply(verbs.arrange(), "Arrange")
    tidy = document.project.graph
    assert tidy.node("r").x < tidy.node("i").x < tidy.node("l").x
    assert tidy.node("l").y == tidy.node("r").y
    for ident, (x, y) in places.items():
        assert abs(tidy.node(ident).x - x) < 500
        assert abs(tidy.node(ident).y - y) < 120
    assert not document.apply(verbs.arrange(), "Arrange")


def test_some_blocks_are_arranged_among_the_others():
    graph = drawn({"i": "Input", "a": "Dense", "b": "Dense", "o": "Output"}, "i a", "a b", "b o")
    document = Document(Project(graph=graph))
    places = {"i": (0.0, 0.0), "a": (40.0, 100.0), "b": (333.0, 111.0), "o": (800.0, 900.0)}
    document.apply(verbs.move_nodes(places), "Move")
    document.apply(verbs.arrange(["a", "b"]), "Arrange")
    after = document.project.graph
    assert [(after.node(i).x, after.node(i).y) for i in "io"] == [places["i"], places["o"]]
    assert after.node("a").x == after.node("b").x
    assert after.node("b").y - after.node("a").y == NODE_HEIGHT + GAP_Y


# ---- another kind ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "params", "other", "expected"),
    [
        ("Dense", {"units": 32, "activation": "relu"}, "Conv2D", {"filters": 32, "activation": "relu"}),
        ("Conv2D", {"filters": 12, "kernel_size": [5, 5]}, "Dense", {"units": 12}),
        ("Conv2D", {"filters": 12, "kernel_size": [5, 5]}, "Conv1D", {"filters": 12, "kernel_size": 5}),
        ("Conv2D", {"filters": 12, "kernel_size": [5, 3]}, "Conv1D", {"filters": 12, "kernel_size": 3}),
        ("MaxPooling2D", {"pool_size": 3, "padding": "same"}, "AveragePooling2D", {"pool_size": 3, "padding": "same"}),
        ("LSTM", {"units": 9, "return_sequences": True}, "GRU", {"units": 9, "return_sequences": True}),
        ("Dropout", {"rate": 0.25}, "SpatialDropout2D", {"rate": 0.25}),
        ("Dropout", {"rate": 0.25}, "Flatten", {}),
    ],
)
def test_another_kind_keeps_what_it_has_too(kind: str, params: dict, other: str, expected: dict):
    graph = Graph((Node("a", kind, "mine", params),))
    document = Document(Project(graph=graph))
    document.apply(verbs.change_kind("a", other), "Replace")
    node = document.project.graph.node("a")
    assert (node.kind, node.name) == (other, "mine")
    assert expected.items() <= node.params.items()
    assert set(node.params) <= {f.name for f in load_catalog().layers[other].fields}


def test_a_kind_with_fewer_inputs_lets_the_further_wires_go():
    graph = drawn({"i": "Input", "a": "Dense", "s": "Add", "o": "Output"}, "i a", "i s 0", "a s 1", "s o")
    document = Document(Project(graph=graph))
    document.apply(verbs.change_kind("s", "Dense"), "Replace")
    assert {(w.source, w.target) for w in document.project.graph.wires} == {("i", "a"), ("i", "s"), ("s", "o")}


@pytest.mark.parametrize("seed", range(12))
def test_arranging_any_graph_costs_no_crossing_and_a_second_time_moves_nothing(seed: int):
    draw = random.Random(seed)
    count = 25
    feeding = [(i, draw.randrange(max(0, i - 6), i)) for i in range(1, count) for _ in range(draw.choice([1, 1, 2]))]
    ends = {(f"n{a}", f"n{b}") for b, a in feeding}
    graph = Graph(
        tuple(Node(f"n{i}", "Add", f"n{i}") for i in range(count)),
        tuple(Wire(a, b, port) for port, (a, b) in enumerate(sorted(ends))),
    )
    plain = {n.id: (n.x, n.y) for n in arrange(graph).nodes}
    document = Document(Project(graph=graph))
    document.apply(verbs.move_nodes({i: (x + 320.0, y - 80.0) for i, (x, y) in plain.items()}), "Move")
    document.apply(verbs.arrange(), "Arrange")
    tidy = {n.id: (n.x, n.y) for n in document.project.graph.nodes}
    assert crossings(graph, tidy) <= crossings(graph, plain)
    assert not document.apply(verbs.arrange(), "Arrange")
