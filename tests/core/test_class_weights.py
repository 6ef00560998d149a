"""Weights typed for classes: over those of the features, and of classes that are no longer there."""

from __future__ import annotations

from dataclasses import replace

from tests.core.graphs import chain, table
from workbench.core.class_weights import weight_problems, weights_of
from workbench.core.edits_offers import accept
from workbench.core.facts import TargetFacts
from workbench.core.project import Project, TrainSpec
from workbench.core.script import keras_script

SOFTMAX = ("Dense", {"units": 3, "activation": "softmax"})
GRAPH = chain("table", SOFTMAX)
KIND = TargetFacts("y", "classification", ("a", "b", "c"), class_weights=(0.5, 1.0, 4.0))
FACTS = replace(table(4, 3), target=KIND)


def typed(**weights: float) -> TrainSpec:
    return TrainSpec(class_weights=weights)


def test_a_typed_weight_replaces_that_of_its_class_alone() -> None:
    assert weights_of(KIND, typed(b=3.0)) == (0.5, 3.0, 4.0)
    assert weights_of(replace(KIND, class_weights=()), typed(b=3.0)) == (1.0, 3.0, 1.0)
    assert weights_of(KIND, typed()) == KIND.class_weights
    assert weights_of(KIND, typed(gone=3.0)) == KIND.class_weights
    assert weights_of(replace(KIND, class_weights=()), typed(gone=3.0)) == ()


def test_the_script_counts_as_the_run_does() -> None:
    told = keras_script(Project(graph=GRAPH, train=typed(b=3.0, gone=9.0)), FACTS)
    assert "class_weight={0: 0.5, 1: 3.0, 2: 4.0}" in told


def test_weights_of_classes_that_are_gone_are_dropped_with_a_button() -> None:
    train = typed(b=3.0, old=2.0)
    (problem,) = weight_problems(GRAPH, FACTS, train)
    assert problem.severity == "warning"
    assert "“old”" in problem.message
    later = replace(train, epochs=7, class_weights={**train.class_weights, "c": 5.0})  # typed while it was looked at
    mended = accept(problem.repairs[0])(Project(graph=GRAPH, train=later))
    assert mended.train == replace(later, class_weights={"b": 3.0, "c": 5.0})
    assert mended.graph == GRAPH
    assert not weight_problems(GRAPH, FACTS, mended.train)
    (several,) = weight_problems(GRAPH, FACTS, typed(old=1.0, older=2.0))
    assert "2 weights" in several.repairs[0].title


def test_weights_that_leave_nothing_to_learn_are_a_problem() -> None:
    (problem,) = weight_problems(GRAPH, FACTS, typed(a=0.0, b=0.0, c=0.0))
    assert problem.severity == "error"
    assert accept(problem.repairs[0])(Project(graph=GRAPH, train=typed(a=0.0, b=0.0, c=0.0))).train == TrainSpec()


def test_weights_without_any_classes_are_dropped_too() -> None:
    price = replace(FACTS, target=TargetFacts("y", "regression"))
    (problem,) = weight_problems(GRAPH, price, typed(a=2.0))
    assert problem.repairs
