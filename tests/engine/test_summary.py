"""The summary equals what Keras prints of the built model."""

from __future__ import annotations

import re

import keras
import pytest

from tests.core.graphs import pictures, table
from workbench.core.facts import DataFacts
from workbench.core.project import Graph, TrainSpec
from workbench.core.summary import summary_table, summary_text
from workbench.core.templates import TEMPLATES, template, why_not
from workbench.engine.build import build_model
from workbench.engine.graph_check import check_graph


def cells(text: str) -> list[list[str]]:
    """The rows of the table; what goes on in a further line belongs to the row before."""
    found: list[list[str]] = []
    for line in text.splitlines():
        if "│" not in line:
            continue
        row = [cell.strip() for cell in line.strip()[1:-1].split("│")]
        if row[0]:
            found.append(row)
        else:
            found[-1] = [f"{a} {b}".strip() for a, b in zip(found[-1], row, strict=True)]
    return found


def printed(model: keras.Model) -> str:
    said: list[str] = []
    model.summary(line_length=250, print_fn=lambda text, *_, **__: said.append(text))
    return "\n".join(said)


def totals(text: str) -> list[str]:
    return re.findall(r"^ ?(?:Total|Trainable|Non-trainable) params: .*$", text, re.M)


@pytest.mark.parametrize("facts", [pictures(16, 16, 3), table(12, 2)])
def test_it_is_the_table_that_keras_prints(facts: DataFacts, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "300")  # Keras cuts what is wider than the terminal
    for entry in TEMPLATES:
        if why_not(entry.name, facts):
            continue
        graph = template(entry.name, facts)
        theirs, ours = (
            printed(build_model(graph, facts, 0)),
            summary_text(graph, check_graph(graph, facts, TrainSpec())),
        )
        # Keras leaves the last column out of a plain chain, and orders branches by its own depths.
        width = len(cells(theirs)[0])
        assert sorted(row[:width] for row in cells(ours)) == sorted(cells(theirs))
        if all("," not in row[-1] for row in cells(ours)):
            assert [row[:width] for row in cells(ours)] == cells(theirs)
        assert [t.strip() for t in totals(ours)] == [t.strip() for t in totals(theirs)]


def test_what_is_not_known_yet_is_left_open():
    graph = template("softmax", pictures())
    assert "?" in summary_text(graph, None)
    assert summary_text(Graph(), None).startswith("┏")


def test_a_spreadsheet_gets_plain_numbers():
    facts = pictures(8, 8)
    graph = template("softmax", facts)
    rows = summary_table(graph, check_graph(graph, facts, TrainSpec()))
    dense = next(row for row in rows if row[1] == "Dense")
    assert dense[2:6] == ("(None, 10)", "650", "640", "40")
