"""What is offered to mend a graph, chosen after the graph was edited on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core import edits_graph as verbs
from workbench.core.edits_groups import make_group
from workbench.core.edits_notes import add_note
from workbench.core.errors import GraphError
from workbench.core.facts import Repair
from workbench.core.project import Project
from workbench.core.templates import template

from .graphs import table


def offered() -> tuple[Project, Repair, str]:
    project = Project(graph=template("dense", table(4, 3)))
    mended = verbs.add_layer("Dropout", after="dense", node_id="fresh")(project).graph
    return project, Repair("Insert Dropout", mended, base=project.graph), "dense"


def test_notes_groups_and_places_made_since_the_offer_stay() -> None:
    project, repair, one = offered()
    for edit in (
        add_note("mine", (0, 0), "note"),
        verbs.move_nodes({one: (640.0, 640.0)}),
        make_group([one], "g", "g"),
    ):
        project = edit(project)
    graph = verbs.accept(repair)(project).graph
    assert "fresh" in {n.id for n in graph.nodes}
    assert [note.text for note in graph.notes] == ["mine"]
    assert (graph.node(one).x, graph.node(one).y, graph.node(one).group) == (640.0, 640.0, "g")
    assert [g.id for g in graph.groups] == ["g"]


def test_a_repair_of_another_model_is_refused_and_loses_nothing() -> None:
    project, repair, one = offered()
    for edit in (verbs.set_params([one], "units", 9), verbs.delete_nodes([one]), verbs.add_layer("Dense", after=one)):
        with pytest.raises(GraphError, match="has been changed since"):
            verbs.accept(repair)(edit(project))
    assert verbs.accept(repair)(project).graph == repair.graph


def test_a_repair_leaves_no_group_that_holds_nothing() -> None:
    project, _, one = offered()
    project = make_group([one], "g", "g")(project)
    rest = replace(verbs.delete_nodes([one])(project).graph, groups=project.graph.groups)
    assert verbs.accept(Repair("Remove it", rest))(project).graph.groups == ()
