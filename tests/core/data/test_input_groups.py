"""Columns that a person set apart are an input of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.core.data.tables import proposed, table
from workbench.core.data.fit import fit
from workbench.core.data.prepared import prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.project import ColumnFeature, Features, Project, Split
from workbench.core.structure import structure_problems
from workbench.core.templates import suggest_template, template
from workbench.core.wiring import ancestors, incoming

RANDOM = np.random.default_rng(5)
FRAME = pd.DataFrame(
    {
        "a": RANDOM.normal(size=80),
        "b": RANDOM.choice(["x", "y", "z"], 80),
        "c": RANDOM.normal(size=80),
        "note": ["some words and more"] * 80,
        "kind": list("pq") * 40,
    }
)


def features(**inputs: str) -> Features:
    encoders = {"a": "standard", "b": "onehot", "c": "minmax"}
    columns = tuple(ColumnFeature(n, "input", e, input=inputs.get(n, "")) for n, e in encoders.items())
    return Features(
        "classification", (*columns, ColumnFeature("kind", "target", "class")), split=Split(0.5, 0.25, 0.25)
    )


def test_each_name_is_an_input_the_table_first(tmp_path: Path):
    prepared = prepare(Project(features=features(a="Wide part", b="Wide part")), table(FRAME), None, tmp_path)
    assert [(i.name, i.kind, i.shape) for i in prepared.facts.inputs] == [
        ("features", "table", (1,)),
        ("wide_part", "table", (4,)),
    ]
    part = prepared.part("train")
    whole = prepared.preprocessor.transform(FRAME.iloc[part.rows])
    assert np.array_equal(np.hstack([part.x["wide_part"], part.x["features"]]), whole)
    assert Preprocessor.from_json(prepared.preprocessor.to_json()) == prepared.preprocessor


@pytest.mark.parametrize("name", ["", "  ", "features", "FEATURES"])
def test_some_names_are_the_table(name: str):
    assert [i.name for i in fit(FRAME, features(a=name), np.arange(80)).inputs] == ["features"]


def test_without_any_left_there_is_no_table():
    assert [i.name for i in fit(FRAME, features(a="p", b="q", c="p"), np.arange(80)).inputs] == ["p", "q"]


def test_a_text_never_shares_the_name_of_a_group():
    asked = features(a="note")
    asked = replace(asked, columns=(*asked.columns, ColumnFeature("note", "input", "tokens")))
    assert [i.name for i in fit(FRAME, asked, np.arange(80)).inputs] == ["features", "note", "note_2"]


def test_the_proposal_leaves_a_column_where_it_was_put():
    asked = Features(columns=(ColumnFeature("a", "input", "auto", input="wide"),))
    assert {c.name: c.input for c in proposed(FRAME, asked).columns}["a"] == "wide"


def test_the_wide_input_goes_straight_to_the_answer():
    facts = fit(FRAME, features(b="wide"), np.arange(80)).facts({"train": 80})
    assert suggest_template(facts) == "two-branch"
    graph = template("wide-deep", facts)
    assert structure_problems(graph, data=facts) == ()
    inputs = {str(n.params["binding"]): n.id for n in graph.nodes if n.kind == "Input"}
    (joint,) = [n.id for n in graph.nodes if n.kind == "Concatenate"]
    assert inputs["wide"] in {w.source for w in incoming(graph, joint)}
    assert inputs["features"] in ancestors(graph, joint) - {w.source for w in incoming(graph, joint)}
