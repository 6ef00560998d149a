"""Templates fit the data or say what they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.structure import structure_problems
from workbench.core.templates import TEMPLATES, suggest_template, template, why_not
from workbench.core.wiring import before, output_bindings

from .graphs import pictures, series, table, text


@pytest.mark.parametrize(
    "facts",
    [
        pictures(),
        pictures(8, 8),
        pictures(64, 48, 3, 2),
        table(12, 2),
        table(1),
        table(30, 5),
        series(),
        series(5, 1, 0),
        text(),
        text(3, 1),
        text(classes=5, beside=4),
    ],
)
def test_every_template_that_fits_is_sound_and_the_others_say_why(facts: DataFacts):
    made = 0
    for entry in TEMPLATES:
        if why_not(entry.name, facts):
            with pytest.raises(GraphError):
                template(entry.name, facts)
            continue
        graph = template(entry.name, facts)
        assert structure_problems(graph, data=facts) == ()
        made += 1
    assert made >= (2 if facts.inputs[0].kind == "text" else 3)
    assert not why_not(suggest_template(facts), facts)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        (pictures(), "cnn"),
        (pictures(4, 4), "dense"),
        (table(1), "line"),
        (table(12, 2), "dense"),
        (table(8), "dense"),
        (series(), "conv1d"),
        (series(4, 1, 0), "gru"),
        (text(), "text-conv"),
        (text(beside=3), "two-branch"),
    ],
)
def test_the_suggestion_suits_the_data(facts: DataFacts, name: str):
    assert suggest_template(facts) == name


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("lstm", table(4, 2), "series over time"),
        ("cnn", table(4, 2), "pictures"),
        ("line", table(4, 2), "number"),
        ("text-conv", table(4, 2), "read word by word"),
        ("two-branch", text(), "several inputs"),
        ("autoencoder", pictures(), "input itself"),
        ("transformer", pictures(), "no template"),
        ("dense", DataFacts("table", table(3).inputs, None), "target"),
    ],
)
def test_a_template_that_does_not_fit_says_what_it_needs(name: str, facts: DataFacts, words: str):
    with pytest.raises(GraphError, match=words):
        template(name, facts)


def test_several_targets_get_an_output_each_from_the_same_layer():
    price, tight = TargetFacts("Price (€)", "regression"), TargetFacts("val", "classification", ("no", "yes"))
    facts = replace(table(6, 3), more=(price, tight))
    for entry in TEMPLATES:
        if why_not(entry.name, facts):
            continue
        graph = template(entry.name, facts)
        assert structure_problems(graph, data=facts) == ()
        ends = [n for n in graph.nodes if n.kind == "Output"]
        assert [n.params["target"] for n in ends] == [t.name for t in facts.targets]
        assert [n.name for n in ends][1:] == ["Price", "answer_val"]
        heads = [before(graph, n.id) for n in ends]
        assert [h.params["units"] for h in heads] == [3, 1, 1]
        assert len({before(graph, h.id).id for h in heads}) == 1
        assert set(output_bindings(graph, facts).values()) == {t.name for t in facts.targets}
    assert suggest_template(facts) == "dense"
    assert "Price" in why_not("softmax", facts)
    two_numbers = replace(table(1), more=(price,))
    assert suggest_template(two_numbers) == "line"
    assert suggest_template(replace(two_numbers, more=(tight,))) == "dense"
