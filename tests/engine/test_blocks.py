"""Every ready-made piece fits behind a tensor of its kind and can be trained."""

from __future__ import annotations

import pytest

from tests.core.graphs import chain
from workbench.core import blocks, edits_pieces
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Project, TrainSpec
from workbench.engine.graph_check import check_graph

SHAPES = {1: (12,), 2: (50, 24), 3: (28, 28, 3)}
CASES = [(block.name, rank) for block in blocks.BLOCKS for rank in block.ranks]


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_a_piece_is_put_in_twice_and_builds(name: str, rank: int) -> None:
    facts = DataFacts(
        "table",
        (InputFacts("t", "table", SHAPES[rank]),),
        TargetFacts("y", "classification", ("a", "b", "c")),
        {"train": 9},
    )
    project = Project(graph=chain("t", ("Flatten", {}), ("Dense", {"units": 3, "activation": "softmax"})))
    for _ in range(2):
        said = check_graph(project.graph, facts, TrainSpec())
        shape = said.nodes["n0" if not project.graph.groups else _end(project)].shape
        assert shape is not None
        piece = blocks.make_block(name, shape[1:])
        after = "n0" if not project.graph.groups else _end(project)
        project = edits_pieces.insert_graph(piece, name, after)(project)
    said = check_graph(project.graph, facts, TrainSpec())
    assert said.ready, said.problems
    assert all(said.nodes[n.id].shape for n in project.graph.nodes)
    assert len(project.graph.groups) == 2


def _end(project: Project) -> str:
    return next(w.source for w in project.graph.wires if w.target == "n1")
