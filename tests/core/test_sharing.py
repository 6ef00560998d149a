"""Layers that are used at several places: one truth, whoever changes it, and no block that shares with nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core import edits_graph as verbs
from workbench.core import edits_groups as groups
from workbench.core.blocks import SOURCE
from workbench.core.catalog import load_catalog
from workbench.core.codec import decode, encode
from workbench.core.edits_pieces import as_piece, insert_graph
from workbench.core.edits_sharing import give_own_layer, share_one_layer, use_again, use_all_again, why_not_one
from workbench.core.edits_weights import forget_weights, freeze
from workbench.core.errors import GraphError
from workbench.core.project import Graph, Node, Project, StartWeights, Wire
from workbench.core.sharing import owner, owners, places, shared, siblings
from workbench.core.structure import structure_problems
from workbench.core.wiring import with_params, without

from .graphs import drawn

START = load_catalog().layers["Dense"].start


def twins() -> Project:
    """Two inputs that go through one Dense, "b" being the second place of "a"; their results are joined."""
    kinds = {"x": "Input", "y": "Input", "a": "Dense", "b": "Dense", "c": "Concatenate", "out": "Output"}
    graph = drawn(kinds, "x a", "y b", "a c 0", "b c 1", "c out")
    given = {"a": {"params": {"units": 5}, "weights": StartWeights("w.npz", "a", "Dense")}, "b": {"shares": "a"}}
    return Project(graph=replace(graph, nodes=tuple(replace(n, **given.get(n.id, {})) for n in graph.nodes)))


def settings(project: Project, ident: str) -> tuple[object, ...]:
    node = project.graph.node(ident)
    return node.kind, dict(node.params), node.trainable, node.weights is not None


def test_a_place_holds_what_its_owner_holds():
    project = twins()
    assert settings(project, "b") == settings(project, "a") == ("Dense", {"units": 5}, True, True)
    graph = project.graph
    assert owner(graph, graph.node("b")).id == "a"
    assert owners(graph)["b"] == owners(graph)["a"] == "a"
    assert shared(graph) == {"a": ("a", "b")}
    assert [n.id for n in places(graph, "b")] == ["a", "b"]
    assert [n.id for n in places(graph, "c")] == ["c"]
    assert siblings(graph, ["b"]) == {"a"}
    assert siblings(graph, ["a", "b"]) == frozenset()
    assert decode(Project, encode(project)) == project


@pytest.mark.parametrize("at", ["a", "b"])
def test_a_change_at_any_place_is_a_change_of_the_layer(at: str):
    project = twins()
    for edit, expected in (
        (verbs.set_params(at, "units", 9), ("Dense", {"units": 9}, True, True)),
        (freeze([at]), ("Dense", {"units": 9}, False, True)),
        (forget_weights([at]), ("Dense", {"units": 9}, False, False)),
        (verbs.reset_param(at, "units"), ("Dense", {"units": START["units"]}, False, False)),
        (verbs.set_params(at, "activation", "relu"), ("Dense", {**START, "activation": "relu"}, False, False)),
        (verbs.change_kind(at, "Dropout"), ("Dropout", {"rate": 0.2}, False, False)),
    ):
        project = edit(project)
        assert settings(project, "a") == settings(project, "b") == expected
    mended = with_params(twins().graph, at, units=3)
    assert [mended.node(i).params["units"] for i in "ab"] == [3, 3]


def test_another_kind_names_each_place_anew_and_lets_go_wires_it_cannot_take():
    project = twins()
    project = verbs.rename_layer("a", "dense")(verbs.rename_layer("b", "dense_1")(project))
    changed = verbs.change_kind("b", "EinsumDense")(project).graph
    assert [changed.node(i).name for i in "ab"] == ["einsum_dense", "einsum_dense_1"]
    end = verbs.change_kind("a", "Output")(project).graph
    assert end.node("a").shares == end.node("b").shares == ""
    assert (end.node("a").kind, end.node("b").kind) == ("Output", "Dense")
    assert end.node("b").params == {"units": 5}


def test_one_more_place_and_a_layer_of_its_own():
    project = use_again("b", after="c", node_id="d")(twins())
    graph = project.graph
    assert (graph.node("d").shares, graph.node("d").name) == ("a", "a_1")
    assert [w.source for w in graph.into("out")] == ["d"]
    own = give_own_layer(["d"])(project).graph
    assert own.node("d").shares == ""
    assert settings(replace(project, graph=own), "d") == settings(project, "a")  # start weights too
    handed = give_own_layer(["a"])(project).graph
    assert [handed.node(i).shares for i in "abd"] == ["", "", "b"]
    with pytest.raises(GraphError, match="No other place"):
        give_own_layer(["c"])(project)
    with pytest.raises(GraphError, match="no weights"):
        use_again("c")(project)
    with pytest.raises(GraphError, match="end of the model"):
        use_again("x")(project)


def test_where_the_owner_goes_the_next_user_owns():
    project = use_again("a", at=(0, 0), node_id="d")(twins())
    for gone in (
        verbs.delete_nodes(["a"])(project).graph,
        without(project.graph, "a"),
        groups.delete_group("g")(groups.make_group(["a"], "G", "g")(project)).graph,
    ):
        assert [gone.node(i).shares for i in "bd"] == ["", "b"]
        assert gone.node("b").params == {"units": 5}
        assert not [p for p in structure_problems(gone) if "uses the layer" in p.message]
    assert verbs.delete_nodes(["a", "b", "d"])(project).graph.nodes
    moved = verbs.put_on_wire("a", Wire("c", "out"))(project).graph
    assert [moved.node(i).shares for i in "abd"] == ["", "a", "a"]


def test_copies_share_among_themselves_and_not_with_the_originals():
    project = twins()
    both = verbs.duplicate_nodes(["a", "b"], {"a": "a2", "b": "b2"})(project).graph
    assert (both.node("a2").shares, both.node("b2").shares) == ("", "a2")
    alone = verbs.duplicate_nodes(["b"], {"b": "b2"})(project).graph
    assert alone.node("b2").shares == ""
    assert alone.node("b2").params == {"units": 5}
    third = use_again("a", at=(0, 0), node_id="d")(project)
    users = verbs.paste_nodes(*verbs.copied(third.graph, ["b", "d"]), ids_of_copies={"b": "b2", "d": "d2"})
    pasted = users(Project()).graph
    assert (pasted.node("b2").shares, pasted.node("d2").shares) == ("", "b2")
    again = use_all_again(["a", "b", "c"], {"a": "a3", "b": "b3", "c": "c3"})(project).graph
    assert [again.node(i).shares for i in ("a3", "b3", "c3")] == ["a", "a", ""]
    assert {(w.source, w.target) for w in again.wires} >= {("a3", "c3"), ("b3", "c3")}
    with pytest.raises(GraphError, match="no weights"):
        use_all_again(["c"])(project)


def test_groups_and_pieces_keep_sharing_within_them():
    inside = drawn({"i": "Input", "a": "Dense", "b": "Dense", "out": "Output"}, "i a", "a b", "b out").nodes
    nodes = tuple(replace(n, shares="a", params={"units": 3}) if n.id == "b" else n for n in inside)
    project = Project(graph=Graph(nodes, (Wire("i", "a"), Wire("a", "b"), Wire("b", "out"))))
    grouped = groups.make_group(["a", "b"], "G", "g")(project)
    twice = groups.repeat_group("g", 2, lambda _, i: f"{i}2")(grouped).graph
    assert [twice.node(i).shares for i in ("a", "b", "a2", "b2")] == ["", "a", "", "a2"]
    piece = as_piece(grouped.graph, "g")
    assert [n.shares for n in piece.nodes] == ["", "a"]
    ids = {"a": "p", "b": "q"}
    put = insert_graph(piece, "Piece", after="b", source=SOURCE, ids=ids)(grouped).graph
    assert (put.node("p").shares, put.node("q").shares) == ("", "p")
    lone = as_piece(groups.make_group(["b"], "H", "h")(project).graph, "h")
    assert lone.nodes[0].shares == ""


def test_blocks_that_are_there_become_one():
    project = verbs.add_layer("Dense", at=(0, 0), params={"units": 2}, node_id="d")(twins())
    joined = share_one_layer(["d", "a"])(project).graph
    assert [joined.node(i).shares for i in "abd"] == ["d", "d", ""]
    assert {joined.node(i).params["units"] for i in "abd"} == {2}
    assert why_not_one(joined, ["a", "d"]) == "They use one layer already."
    with pytest.raises(GraphError, match="different kinds"):
        share_one_layer(["a", "c"])(project)


def test_a_file_that_shares_with_nobody_is_told_and_mended():
    graph = twins().graph

    def with_node(ident: str, **changes: str) -> Graph:
        return replace(graph, nodes=tuple(replace(n, **changes) if n.id == ident else n for n in graph.nodes))

    def told(broken: Graph) -> list[tuple[str, Graph]]:
        return [
            (p.message, p.repairs[0].graph) for p in structure_problems(broken) if p.repairs and "layer" in p.message
        ]

    chain = replace(graph, nodes=(*graph.nodes, Node("d", "Dense", "d", {"units": 5}, shares="b")))
    for broken, words in (
        (with_node("b", shares="gone"), "not there"),
        (with_node("b", shares="x"), "end of the model"),
        (with_node("b", shares="b"), "none of its own"),
        (with_node("out", shares="a"), "end of the model"),
        (chain, "none of its own"),
    ):
        ((text, mended),) = told(broken)
        assert words in text
        assert told(mended) == []
    ((_, straight),) = told(chain)
    assert straight.node("d").shares == "a"
