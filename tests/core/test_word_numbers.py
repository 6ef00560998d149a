"""A text's numbers stand for words: they are looked up, in a table that is large enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.facts import DataFacts
from workbench.core.project import Graph
from workbench.core.structure import structure_problems
from workbench.core.templates import template
from workbench.core.wiring import with_params

from .graphs import chain, table, text

ANSWER = ("Dense", {"units": 1, "activation": "sigmoid"})
POOL = ("GlobalAveragePooling1D", {})


def embedding(rows: int) -> tuple[str, dict[str, object]]:
    return ("Embedding", {"input_dim": rows, "output_dim": 4})


def mended(graph: Graph, data: DataFacts) -> Graph:
    (problem,) = structure_problems(graph, data=data)
    return problem.repairs[0].graph


def test_an_embedding_with_too_few_rows_is_an_error_that_a_click_mends():
    graph = chain("message", embedding(499), POOL, ANSWER)
    (problem,) = structure_problems(graph, data=text(500))
    assert (problem.severity, problem.node) == ("error", "n1")
    assert "499" in problem.message
    assert structure_problems(mended(graph, text(500)), data=text(500)) == ()


@pytest.mark.parametrize("rows", [500, 10_000])
def test_one_that_is_large_enough_is_no_matter(rows: int):
    assert structure_problems(chain("message", embedding(rows), POOL, ANSWER), data=text(500)) == ()


@pytest.mark.parametrize(
    ("layers", "kinds"),
    [
        ((ANSWER,), ["Input", "Embedding", "GlobalAveragePooling1D", "Dense", "Output"]),
        ((("LSTM", {"units": 4}), ANSWER), ["Input", "Embedding", "LSTM", "Dense", "Output"]),
    ],
)
def test_a_text_that_is_taken_for_amounts_gets_an_embedding(layers: tuple, kinds: list[str]):
    graph = chain("message", *layers)
    (problem,) = structure_problems(graph, data=text())
    assert problem.severity == "warning"
    after = mended(graph, text())
    assert structure_problems(after, data=text()) == ()
    below = {w.source: w.target for w in after.wires}
    found, at = [], "n0"
    while at:
        found.append(after.node(at).kind)
        at = below.get(at, "")
    assert found == kinds


def test_the_vocabulary_of_a_template_that_has_grown_is_told():
    graph = template("two-branch", text(500, beside=3))
    assert structure_problems(graph, data=text(500, beside=3)) == ()
    (problem,) = structure_problems(graph, data=text(600, beside=3))
    assert problem.repairs[0].graph == with_params(graph, problem.node, input_dim=600)


def test_tables_and_unused_inputs_do_not_matter():
    assert structure_problems(chain("table", ANSWER), data=table(3, 2)) == ()
    loose = chain("message", embedding(500), POOL, ANSWER)
    loose = replace(loose, nodes=(*loose.nodes, replace(loose.nodes[0], id="x", name="x")))
    assert [p.severity for p in structure_problems(loose, data=text(500))] == ["warning"]
