"""Groups of blocks: what is in one, folding, repeating, taking one along; and the library of ready-made pieces."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.core.graphs import chain
from workbench.core import blocks, edits_graph, edits_groups, edits_pieces
from workbench.core.codec import decode, encode
from workbench.core.document import Document
from workbench.core.errors import GraphError, ProjectError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.folding import shown_graph
from workbench.core.groups import border, ends, folded_into, members, path, whole_groups, without_empty
from workbench.core.project import Graph, Group, Project, StartWeights, Wire
from workbench.core.script import written_script

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
    piece = edits_pieces.as_piece(document.project.graph, "g")
    assert wires(piece) == {"@in n1 0", "n1 n2 0", "n2 n3 0"}
    blocks.keep_block("My brick", piece)
    (kept,), damaged = blocks.own_blocks()
    assert (kept.name, kept.graph, damaged) == ("My brick", piece, ())

    ids = {n.id: f"new_{n.id}" for n in piece.nodes}
    document.apply(edits_pieces.insert_graph(kept.graph, kept.name, "n4", ids=ids, group_id="new"), "")
    graph = document.project.graph
    assert {"n4 new_n1 0", "new_n1 new_n2 0", "new_n2 new_n3 0", "new_n3 n5 0"} <= wires(graph)
    assert members(graph, "new") == ("new_n1", "new_n2", "new_n3")
    assert [g.name for g in path(graph, graph.node("new_n1").group)] == ["My brick", "Inner 2"]
    blocks.forget_block(kept)
    assert blocks.own_blocks() == ((), ())


def test_a_damaged_file_among_the_kept_blocks_is_named_and_the_others_are_there(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    blocks.keep_block("good", edits_pieces.as_piece(document.project.graph, "a"))
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


# ---- folded groups among the others ----------------------------------------------------------------------------


def folded(document: Document, ids: list[str], ident: str = "g") -> None:
    document.apply(edits_groups.make_group(ids, "Encoder", ident), "")
    document.apply(edits_groups.fold(ident), "")


def gaps(graph: Graph, ids: list[str]) -> list[float]:
    ys = [graph.node(i).y for i in ids]
    return [b - a for a, b in pairwise(ys)]


def test_what_is_put_behind_a_folded_group_stands_below_its_block_and_outside(document: Document) -> None:
    folded(document, ["n1", "n2"])
    document.apply(edits_graph.add_layer("Dropout", after="n2", node_id="new"), "")
    graph = document.project.graph
    assert (graph.node("new").group, graph.node("new").y) == ("", graph.node("n1").y + 104)
    assert graph.node("n3").y == graph.node("new").y + 104, "what follows made room"


def test_making_room_tears_no_folded_group(document: Document) -> None:
    folded(document, ["n3", "n4"])
    before = gaps(document.project.graph, ["n3", "n4"])
    for place in ("n0", "n1", "n2"):
        document.apply(edits_graph.add_layer("Dropout", after=place), "")
    assert gaps(document.project.graph, ["n3", "n4"]) == before
    piece = blocks.make_block("dense-dropout", (8,))
    document.apply(edits_pieces.insert_graph(piece, "Piece", "n1"), "")
    document.apply(edits_groups.make_group(["n1"], "One", "one"), "")
    document.apply(edits_groups.repeat_group("one", 3), "")
    document.apply(edits_groups.fold("one"), "")
    assert gaps(document.project.graph, ["n3", "n4"]) == before
    document.apply(edits_graph.arrange(), "")
    document.apply(edits_graph.distribute(["n0", "n1", "n3", "n5"], "down"), "")
    document.apply(edits_graph.align(["n0", "n4"], "left"), "")
    graph = document.project.graph
    assert gaps(graph, ["n3", "n4"]) == before, "layout and alignment move it as one block"
    assert graph.node("n3").x == graph.node("n0").x


def test_a_folded_group_is_repeated_close_together_and_its_copies_are_folded(document: Document) -> None:
    folded(document, ["n1", "n2"])
    document.apply(edits_groups.repeat_group("g", 3), "")
    graph = document.project.graph
    assert [g.folded for g in graph.groups] == [True] * 3
    ys = sorted(n.y for n in shown_graph(graph).graph.nodes)
    assert {b - a for a, b in pairwise(ys)} == {104.0}


def test_copies_keep_the_groups_that_lie_wholly_among_them(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "Inner", "i"), "")
    document.apply(edits_groups.make_group(["n1", "n2", "n3"], "Outer", "o"), "")
    document.apply(edits_graph.duplicate_nodes(["n1", "n2", "n3"]), "")
    graph = document.project.graph
    assert [g.name for g in graph.groups] == ["Inner", "Outer", "Inner 2", "Outer 2"]
    inner, outer = graph.groups[2:]
    assert (inner.parent, outer.parent) == (outer.id, "")
    assert len(members(graph, outer.id)) == 3
    document.apply(edits_graph.duplicate_nodes(["n1"]), "")
    assert document.project.graph.nodes[-1].group == "i", "a copy of a part stays in the group"

    nodes, lines = edits_graph.copied(graph, ["n1", "n2"])
    groups = whole_groups(graph, ["n1", "n2"])
    elsewhere = edits_graph.paste_nodes(nodes, lines, groups=groups)(Project()).graph
    assert [(g.name, g.parent) for g in elsewhere.groups] == [("Inner", "")]
    assert {n.group for n in elsewhere.nodes} == {elsewhere.groups[0].id}


def test_a_piece_goes_onto_wires_before_an_output_or_stands_alone(document: Document) -> None:
    piece = blocks.make_block("dense-dropout", (8,))
    document.apply(edits_pieces.insert_graph(piece, "Piece", on_wires=[Wire("n1", "n2")], group_id="a"), "")
    graph = document.project.graph
    first, last = members(graph, "a")
    assert {f"n1 {first} 0", f"{last} n2 0"} <= wires(graph)
    document.apply(edits_pieces.insert_graph(piece, "Piece", "n5", group_id="b"), "")
    graph = document.project.graph
    first, last = members(graph, "b")
    assert {f"n4 {first} 0", f"{last} n5 0"} <= wires(graph), "an Output stays the end"
    document.apply(edits_pieces.insert_graph(piece, "Piece", at=(400.0, 80.0), group_id="c"), "")
    graph = document.project.graph
    first, _ = members(graph, "c")
    assert (graph.node(first).x, graph.node(first).y) == (400.0, 80.0)
    assert not graph.into(first)
    bare = edits_graph.disconnect([w for w in graph.wires if w.target == "n5"])(document.project)
    with pytest.raises(GraphError, match="Nothing feeds this Output"):
        edits_pieces.insert_graph(piece, "Piece", "n5")(bare)


def test_a_kept_piece_leaves_the_start_weights_of_its_project_behind(document: Document) -> None:
    document.apply(edits_groups.make_group(["n1", "n2"], "A", "a"), "")
    graph = document.project.graph
    given = StartWeights("file.npz", "dense", "Dense", "other.keras", {"kernel": (4, 8)})
    nodes = tuple(replace(n, weights=given) if n.id == "n1" else n for n in graph.nodes)
    assert all(n.weights is None for n in edits_pieces.as_piece(replace(graph, nodes=nodes), "a").nodes)


def test_groups_have_colours_of_their_own_that_can_be_changed(document: Document) -> None:
    for number, ident in enumerate(("n1", "n2", "n3")):
        document.apply(edits_groups.make_group([ident], "", f"g{number}"), "")
    assert [g.colour for g in document.project.graph.groups] == [0, 1, 2]
    document.apply(edits_groups.colour_group("g1", 5), "")
    assert [g.colour for g in document.project.graph.groups] == [0, 5, 2]


FACTS = DataFacts(
    "t", (InputFacts("t", "table", (4,)),), TargetFacts("y", "classification", ("a", "b", "c")), {"train": 9}
)


def test_the_script_names_the_groups_over_their_lines_and_a_name_is_never_code() -> None:
    layers = (("Dense", {"units": 8}), ("ReLU", {}), ("Dense", {"units": 3, "activation": "softmax"}))
    document = Document(Project(graph=chain("t", *layers)))
    document.apply(edits_groups.make_group(["n1"], "In\nimport os\r\u2028 x", "i"), "")
    document.apply(edits_groups.make_group(["n1", "n2"], "Enc", "e"), "")
    script = written_script(document.project, FACTS)
    lines = script.text.split("\n")
    assert "    # Enc / In import os   x" in lines
    assert "    # Enc" in lines
    tree = ast.parse(script.text)
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import)]
    assert {a.name for i in imports for a in i.names} == {"keras", "numpy"}
    for node in document.project.graph.nodes:
        if node.kind not in ("Input", "Output"):
            first, last = script.lines[node.id]
            assert f"layers.{node.kind}" in "".join(lines[first - 1 : last])
    document.apply(edits_groups.rename_group("e", "long " * 40), "")
    assert all(len(line) <= 88 for line in written_script(document.project, FACTS).text.split("\n"))


def test_layers_are_grouped_by_what_their_names_begin_with() -> None:
    names = ("stem", "conv2_block1_1_conv", "conv2_block1_1_bn", "conv2_block1_out", "block_3_expand", "block_3_relu")
    document = Document(Project(graph=chain("t", *[("Dense", {"units": 8})] * 7)))
    for number, name in enumerate((*names, "stage_0_block_1_x"), 1):
        document.apply(edits_graph.rename_layer(f"n{number}", name), "")
    document.apply(edits_groups.group_by_names(), "")
    graph = document.project.graph
    assert {g.name: members(graph, g.id) for g in graph.groups} == {
        "conv2_block1": ("n2", "n3", "n4"),
        "block_3": ("n5", "n6"),
    }
    with pytest.raises(GraphError, match="tell of no parts"):
        edits_groups.group_by_names()(document.project)


def test_groups_in_one_that_is_not_there_stand_for_themselves() -> None:
    graph = chain("t", *LAYERS)
    nodes = tuple(replace(n, group={"n1": "g", "n2": "gone"}.get(n.id, "")) for n in graph.nodes)
    damaged = replace(graph, nodes=nodes, groups=(Group("g", "Encoder", parent="gone", folded=True),))
    assert [g.id for g in path(damaged, "g")] == ["g"]
    assert path(damaged, "gone") == ()
    assert folded_into(damaged) == {"n1": "g"}
    assert "g" in {n.id for n in shown_graph(damaged).graph.nodes}
    assert edits_groups.fold("g", False)(Project(graph=damaged)).graph.groups[0].folded is False
