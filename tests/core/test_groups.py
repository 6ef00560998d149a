"""Groups of blocks: what is in one, folding, repeating, taking one along; and the library of ready-made pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.graphs import chain
from workbench.core import blocks, edits_graph, edits_groups
from workbench.core.codec import decode, encode
from workbench.core.document import Document
from workbench.core.errors import GraphError, ProjectError
from workbench.core.groups import border, ends, folded_into, members, path, without_empty
from workbench.core.project import Graph, Group, Project, Wire

LAYERS = (("Dense", {"units": 8}), ("ReLU", {}), ("Dense", {"units": 8}), ("ReLU", {}))


@pytest.fixture
def document() -> Document:
    """n0 Input, n1 Dense, n2 ReLU, n3 Dense, n4 ReLU, n5 Output."""
    return Document(Project(graph=chain("t", *LAYERS)))


def wires(graph: Graph) -> set[str]:
    return {f"{w.source} {w.target} {w.port}" for w in graph.wires}


def test_blocks_get_one_name_fold_and_open_again_and_each_is_undone(document: Document) -> None:
    start = document.project
    document.apply(edits_groups.make_group(["n1", "n2"], "Encoder", "g"), "Group")
    assert members(document.project.graph, "g") == ("n1", "n2")
    assert wires(document.project.graph) == wires(start.graph), "grouping changes no wire"
    document.apply(edits_groups.fold("g"), "Fold")
    assert folded_into(document.project.graph) == {"n1": "g", "n2": "g"}
    assert border(document.project.graph, ["n1", "n2"]).sources == ("n0",)
    assert border(document.project.graph, ["n1", "n2"]).results == ("n2",)
    document.apply(edits_groups.fold("g", False), "Open")
    assert not folded_into(document.project.graph)
    document.apply(edits_groups.ungroup("g"), "Ungroup")
    assert document.project == start
    for _ in range(4):
        document.undo()
    assert document.project == start


def test_groups_lie_in_groups_and_the_outermost_folded_one_stands_for_all(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "B", "b"), "")
    graph = document.project.graph
    assert [g.name for g in path(graph, "a")] == ["B", "A"]
    assert members(graph, "b") == ("n1", "n2", "n3")
    document.apply(edits_groups.fold(["a", "b"]), "")
    assert set(folded_into(document.project.graph).values()) == {"b"}
    document.apply(edits_groups.ungroup("b"), "")
    assert [g.name for g in path(document.project.graph, "a")] == ["A"]


def test_part_of_a_group_becomes_a_group_in_it(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "All", "all"), "")
    document.apply(edits_groups.make_group(["n2", "n3"], "Part", "part"), "")
    assert [g.name for g in path(document.project.graph, "part")] == ["All", "Part"]
    assert members(document.project.graph, "all") == ("n1", "n2", "n3")


def test_names_are_unique_and_not_empty(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1"], "", "a"), "")
    document.apply(edits_groups.make_group(["n2"], "", "b"), "")
    assert [g.name for g in document.project.graph.groups] == ["Block", "Block 2"]
    with pytest.raises(GraphError, match="already called Block"):
        edits_groups.rename_group("b", "Block")(document.project)
    with pytest.raises(GraphError, match="needs a name"):
        edits_groups.rename_group("b", "  ")(document.project)


def test_the_ends_of_the_model_and_nothing_at_all_cannot_be_grouped(document: Document) -> None:
    with pytest.raises(GraphError, match="Inputs and Outputs"):
        edits_groups.make_group(["n0", "n1"])(document.project)
    with pytest.raises(GraphError, match="Nothing is selected"):
        edits_groups.make_group([])(document.project)


def test_a_group_is_repeated_as_a_chain(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "Brick", "g"), "")
    document.apply(edits_groups.repeat_group("g", 3, lambda number, i: f"{i}.{number}"), "")
    graph = document.project.graph
    assert wires(graph) == {
        "n0 n1 0",
        "n1 n2 0",
        "n2 n1.1 0",
        "n1.1 n2.1 0",
        "n2.1 n1.2 0",
        "n1.2 n2.2 0",
        "n2.2 n3 0",
        "n3 n4 0",
        "n4 n5 0",
    }
    assert [g.name for g in graph.groups] == ["Brick", "Brick 2", "Brick 3"]
    assert len({n.name for n in graph.nodes}) == len(graph.nodes)
    places = [(n.x, n.y) for n in graph.nodes]
    assert len(set(places)) == len(places), "no copy lies on another block"


def test_a_group_with_two_sources_has_no_chain(document: Document) -> None:
    graph = document.project.graph
    two = Project(graph=Graph(graph.nodes, (*graph.wires, Wire("n0", "n3", 1))))
    grouped = edits_groups.make_group(["n3", "n4"], "", "g")(two)
    with pytest.raises(GraphError, match="one thing that feeds it"):
        edits_groups.repeat_group("g", 2)(grouped)
    with pytest.raises(GraphError, match="1 to 64 times"):
        edits_groups.repeat_group("g", 65)(grouped)


def test_deleting_a_group_closes_the_gap_and_an_empty_group_is_no_more(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "B", "b"), "")
    document.apply(edits_groups.delete_group("a"), "")
    graph = document.project.graph
    assert wires(graph) == {"n0 n3 0", "n3 n4 0", "n4 n5 0"}
    assert [g.id for g in graph.groups] == ["b"]
    assert not without_empty(Graph(graph.nodes[:1], (), graph.groups)).groups


def test_deleting_every_block_of_a_group_ends_the_group(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    document.apply(edits_graph.delete_nodes(["n1"]), "")
    assert document.project.graph.groups
    document.apply(edits_graph.delete_nodes(["n2"]), "")
    assert not document.project.graph.groups


def test_a_layer_put_into_a_group_belongs_to_it_and_a_copy_in_another_project_to_none(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    wire = Wire("n1", "n2")
    document.apply(edits_graph.add_layer("Dropout", on_wire=wire, node_id="inside"), "")
    assert document.project.graph.node("inside").group == "a"
    document.apply(edits_graph.add_layer("Dropout", on_wire=Wire("n2", "n3"), node_id="behind"), "")
    assert document.project.graph.node("behind").group == ""
    nodes, wires_ = edits_graph.copied(document.project.graph, ["n1", "n2"])
    elsewhere = edits_graph.paste_nodes(nodes, wires_)(Project())
    assert {n.group for n in elsewhere.graph.nodes} == {""}


def test_a_group_is_kept_for_other_projects_and_put_in_there(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "Inner", "i"), "")
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "Brick", "g"), "")
    piece = edits_groups.as_piece(document.project.graph, "g")
    assert wires(piece) == {"@in n1 0", "n1 n2 0", "n2 n3 0"}
    blocks.keep_block("My brick", piece)
    (kept,), damaged = blocks.own_blocks()
    assert (kept.name, kept.graph, damaged) == ("My brick", piece, ())

    ids = {n.id: f"new_{n.id}" for n in piece.nodes}
    document.apply(edits_groups.insert_graph(kept.graph, kept.name, "n4", ids=ids, group_id="new"), "")
    graph = document.project.graph
    assert {"n4 new_n1 0", "new_n1 new_n2 0", "new_n2 new_n3 0", "new_n3 n5 0"} <= wires(graph)
    assert members(graph, "new") == ("new_n1", "new_n2", "new_n3")
    assert [g.name for g in path(graph, graph.node("new_n1").group)] == ["My brick", "Inner 2"]
    blocks.forget_block(kept)
    assert blocks.own_blocks() == ((), ())


def test_a_damaged_file_among_the_kept_blocks_is_named_and_the_others_are_there(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    blocks.keep_block("good", edits_groups.as_piece(document.project.graph, "a"))
    for name, text in {
        "no json": "{",
        "no graph": '{"nodes": 3}',
        "empty": '{"nodes": [], "wires": []}',
        "loose": '{"nodes": [{"id": "a", "kind": "Dense", "name": "a"}], "wires": [{"source": "b", "target": "a"}]}',
    }.items():
        (blocks.own_folder() / f"{name}.json").write_text(text)
    found, damaged = blocks.own_blocks()
    assert [b.name for b in found] == ["good"]
    assert len(damaged) == 4
    assert all(".json is no block: " in text for text in damaged)


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 81])
def test_a_block_needs_a_name_that_a_file_can_have(name: str, document: Document) -> None:
    with pytest.raises(ProjectError, match="cannot be called"):
        blocks.keep_block(name, document.project.graph)


def test_groups_are_written_to_the_project_and_read_again(document: Document, tmp_path: Path) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    assert decode(Project, encode(document.project)) == document.project
    assert document.project.graph.groups == (Group("a", "A"),)


def test_every_piece_has_an_entry_and_one_end() -> None:
    shapes = {1: (12,), 2: (50, 24), 3: (28, 28, 20)}
    for block in blocks.BLOCKS:
        for rank in block.ranks:
            piece = blocks.make_block(block.name, shapes[rank])
            assert len(ends(piece, [n.id for n in piece.nodes])) == 1
            assert any(w.source == blocks.SOURCE for w in piece.wires)
        wrong = next(r for r in (1, 2, 3, 4) if r not in block.ranks)
        with pytest.raises(GraphError, match="needs"):
            blocks.make_block(block.name, (4,) * wrong)
    assert "not known yet" in blocks.why_not("residual", None)
    assert "open here" in blocks.why_not("residual", (28, 28, None))
