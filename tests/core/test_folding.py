"""The graph as it is drawn: folded groups are one block, and what is done to it is meant for the whole graph."""

from __future__ import annotations

import pytest

from tests.core.graphs import chain, drawn
from workbench.core import edits_graph, edits_groups
from workbench.core.document import Document
from workbench.core.folding import GROUP, shown_graph
from workbench.core.project import Graph, Project, Wire

LAYERS = (("Dense", {"units": 8}), ("ReLU", {}), ("Dense", {"units": 8}), ("ReLU", {}))


@pytest.fixture
def document() -> Document:
    """n0 Input, n1 Dense, n2 ReLU in group g, n3 Dense, n4 ReLU, n5 Output."""
    document = Document(Project(graph=chain("t", *LAYERS)))
    document.apply(edits_groups.make_group(["n1", "n2"], "Encoder", "g"), "")
    return document


def wires(graph: Graph) -> set[str]:
    return {f"{w.source} {w.target} {w.port}" for w in graph.wires}


def test_an_open_group_is_drawn_with_a_frame_and_a_folded_one_as_one_block(document: Document) -> None:
    shown = shown_graph(document.project.graph)
    assert shown.graph.nodes == document.project.graph.nodes
    assert shown.frames == (("g", ("n1", "n2")),)

    document.apply(edits_groups.fold("g"), "")
    shown = shown_graph(document.project.graph)
    assert [n.id for n in shown.graph.nodes] == ["n0", "g", "n3", "n4", "n5"]
    block = shown.graph.node("g")
    assert (block.kind, block.name, block.params["blocks"]) == (GROUP, "Encoder", 2)
    assert wires(shown.graph) == {"n0 g 0", "g n3 0", "n3 n4 0", "n4 n5 0"}
    assert shown.real_nodes(["g", "n3"]) == ("n1", "n2", "n3")
    assert shown.real_wires([Wire("g", "n3")]) == (Wire("n2", "n3"),)
    assert not shown.frames


def test_what_follows_moves_up_when_a_group_is_folded_and_back_when_it_is_opened(document: Document) -> None:
    before = {n.id: (n.x, n.y) for n in document.project.graph.nodes}
    document.apply(edits_groups.fold("g"), "")
    shown = shown_graph(document.project.graph).graph
    ys = sorted(n.y for n in shown.nodes)
    assert ys == [0, 104, 208, 312, 416], "one step of the column is left for the two blocks"
    document.apply(edits_groups.fold("g", False), "")
    assert {n.id: (n.x, n.y) for n in document.project.graph.nodes} == before


def test_moving_a_folded_group_moves_its_blocks_together(document: Document) -> None:
    document.apply(edits_groups.fold("g"), "")
    whole = document.project.graph
    places = shown_graph(whole).real_places(whole, {"g": (100.0, 204.0), "n3": (8.0, 8.0)})
    document.apply(edits_graph.move_nodes(places), "")
    moved = document.project.graph
    assert (moved.node("n1").x, moved.node("n1").y) == (100.0, 204.0)
    assert moved.node("n2").y - moved.node("n1").y == whole.node("n2").y - whole.node("n1").y
    assert (moved.node("n3").x, moved.node("n3").y) == (8.0, 8.0)


def test_wires_to_and_from_a_folded_group_are_meant_for_the_block_inside(document: Document) -> None:
    document.apply(edits_groups.fold("g"), "")
    whole = document.project.graph
    shown = shown_graph(whole)
    assert shown.real_source(whole, "g") == "n2"
    assert shown.real_targets(whole, "g", 0) == (("n1", 0),)
    assert shown.real_targets(whole, "g", 1) == ()
    assert shown.real_targets(whole, "n3", 0) == (("n3", 0),)

    document.apply(edits_graph.disconnect(shown.real_wires([Wire("n0", "g")])), "")
    loose = document.project.graph
    assert shown_graph(loose).real_targets(loose, "g", 0) == (("n1", 0),), "a block nothing feeds can be fed again"


def test_entries_of_a_folded_group_are_its_inputs_one_for_each_source() -> None:
    graph = drawn(
        {"a": "Input", "b": "Input", "c": "Dense", "d": "Dense", "m": "Add", "o": "Output"},
        "a c", "b d", "a d 1", "c m", "d m 1", "m o",
    )  # fmt: skip
    project = edits_groups.fold("g")(edits_groups.make_group(["c", "d", "m"], "", "g")(Project(graph=graph)))
    shown = shown_graph(project.graph)
    assert wires(shown.graph) == {"a g 0", "b g 1", "g o 0"}
    assert shown.real_wires([Wire("a", "g", 0)]) == (Wire("a", "c"), Wire("a", "d", 1))
    assert shown.real_source(project.graph, "g") == "m"


def test_a_group_in_a_folded_group_is_not_drawn(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "Outer", "outer"), "")
    assert [f[0] for f in shown_graph(document.project.graph).frames] == ["outer", "g"], "the outer frame lies behind"
    document.apply(edits_groups.fold("g"), "")
    shown = shown_graph(document.project.graph)
    assert shown.frames == (("outer", ("g", "n3")),)
    document.apply(edits_groups.fold("outer"), "")
    shown = shown_graph(document.project.graph)
    assert [n.id for n in shown.graph.nodes] == ["n0", "outer", "n4", "n5"]
    assert not shown.frames
    assert shown.blocks == {"outer": ("n1", "n2", "n3")}


def test_a_graph_without_groups_is_drawn_as_it_is() -> None:
    graph = chain("t", *LAYERS)
    assert shown_graph(graph).graph is graph
