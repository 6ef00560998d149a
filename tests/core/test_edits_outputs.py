"""The verbs on Outputs of several targets, and what becomes of the model when targets come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core import edits
from workbench.core.edits_graph import set_params
from workbench.core.edits_outputs import add_head, bind_output, set_output
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.project import ColumnFeature, Graph, Node, Project
from workbench.core.structure import structure_problems
from workbench.core.templates import template
from workbench.core.wiring import output_bindings
from workbench.ui.proposing import proposed

from .graphs import table

HEAT = TargetFacts("heat", "classification", ("gas", "oil"))
RENT = TargetFacts("rent", "regression")
ONE = replace(table(3), target=RENT)
TWO = replace(ONE, target=HEAT, more=(RENT,))  # the new one stands first in the table
COLUMNS = (ColumnFeature("heat"), ColumnFeature("rent", "target", "standard"))


def ends(graph: Graph) -> list[Node]:
    return [n for n in graph.nodes if n.kind == "Output"]


def project(facts: DataFacts = ONE, name: str = "dense") -> Project:
    return Project(graph=template(name, facts))


def test_the_layers_of_the_only_target_stay_with_it_when_another_comes_before_it() -> None:
    mine = set_params("dense", "units", 40)(project())
    after = edits.add_targets(("heat",), COLUMNS)(mine)
    (end,) = ends(after.graph)
    assert (end.name, end.params) == ("rent", {"target": "rent"})
    assert [c.name for c in after.features.columns if c.role == "target"] == ["rent", "heat"]
    problems = structure_problems(after.graph, data=TWO)
    assert ['"heat"' in p.message for p in problems] == [True]
    mended = problems[0].repairs[0].graph
    assert structure_problems(mended, data=TWO) == ()
    assert output_bindings(mended, TWO)[end.id] == "rent"
    name, _ = proposed(after.graph, ONE, TWO, emptied=False)
    assert name == ""  # a person's own model is left alone


def test_a_template_nobody_touched_is_made_anew_with_both() -> None:
    after = edits.add_targets(("heat",), COLUMNS)(project())
    name, edit = proposed(after.graph, ONE, TWO, emptied=False)
    assert name == "dense"
    assert [n.name for n in ends(edit(after).graph)] == ["heat", "rent"]


def test_another_target_in_place_of_the_only_one_keeps_its_output() -> None:
    both = edits.add_targets(("heat",), COLUMNS)(set_params("dense", "units", 40)(project()))
    columns = (ColumnFeature("heat", "target", "class"), ColumnFeature("rent", "target", "standard"))
    alone = edits.set_target("heat", columns)(both)
    (end,) = ends(alone.graph)
    assert (end.name, end.params) == ("output", {})
    named = replace(both, graph=replace(both.graph, nodes=tuple(
        replace(n, name="mine") if n.kind == "Output" else n for n in both.graph.nodes
    )))  # fmt: skip
    assert ends(edits.set_target("heat", columns)(named).graph)[0].name == "mine"


def test_binding_swaps_and_params_go_back_to_their_defaults() -> None:
    both = project(TWO)
    heat, rent = ends(both.graph)
    swapped = bind_output(heat.id, "rent", TWO)(both)
    assert {n.id: (n.name, n.params["target"]) for n in ends(swapped.graph)} == {
        heat.id: ("rent", "rent"),
        rent.id: ("heat", "heat"),
    }
    changed = set_output(rent.id, {"loss": "huber", "metrics": ["r2_score"]})(both)
    assert changed.graph.node(rent.id).params == {"target": "rent", "loss": "huber", "metrics": ["r2_score"]}
    assert set_output(rent.id, {"loss": None, "metrics": None})(changed) == both


@pytest.mark.parametrize("with_layer", [True, False])
def test_a_head_is_put_beside_the_others(with_layer: bool) -> None:
    mine = edits.add_targets(("heat",), COLUMNS)(project())
    shared = mine.graph.into(mine.graph.into(ends(mine.graph)[0].id)[0].source)[0].source
    made = add_head(shared, TWO, "new", "head" if with_layer else "")(mine).graph
    assert made.node("new").params == {"target": "heat"}
    assert made.node("new").name == "heat"
    feeding = made.into("new")[0].source
    assert feeding == ("head" if with_layer else shared)
    if with_layer:
        assert (made.node("head").params, structure_problems(made, data=TWO)) == (
            {"units": 1, "activation": "sigmoid"},
            (),
        )
    spots = [(n.x, n.y) for n in made.nodes]
    assert len(set(spots)) == len(spots)
