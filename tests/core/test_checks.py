from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.checks import PAGES, Situation, resolve, resolve_training
from workbench.core.errors import DataError, FeatureError
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, Problem, TargetFacts
from workbench.core.objectives import metric_settings
from workbench.core.project import DataSpec, EarlyStopping, Graph, Node, Project, TrainSpec

# ---- loss and metrics ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "units", "activation", "classes", "loss", "metrics"),
    [
        ("classification", 1, "sigmoid", 2, "binary_crossentropy", ("accuracy",)),
        ("classification", 2, "softmax", 2, "sparse_categorical_crossentropy", ("accuracy",)),
        ("classification", 10, "softmax", 10, "sparse_categorical_crossentropy", ("accuracy",)),
        ("classification", 10, None, 10, "sparse_categorical_crossentropy", ("accuracy",)),
        ("regression", 1, "linear", 0, "mean_squared_error", ("mean_absolute_error",)),
        ("regression", 1, None, 0, "mean_squared_error", ("mean_absolute_error",)),
        ("regression", 1, "leaky_relu", 0, "mean_squared_error", ("mean_absolute_error",)),
    ],
)
def test_auto_fits_the_output(task: str, units: int, activation: str | None, classes: int, loss: str, metrics: tuple):
    assert resolve_training(task, units, activation, classes, TrainSpec()) == (loss, metrics, ())


def test_class_names_will_do_as_their_number():
    assert resolve_training("classification", 3, "softmax", ("a", "b", "c"), TrainSpec())[2] == ()


@pytest.mark.parametrize(
    ("task", "units", "activation", "classes", "words"),
    [
        ("classification", 3, "softmax", 10, "3 units, but the target has 10 classes"),
        ("classification", 1, "sigmoid", 10, "1 unit, but the target has 10 classes"),
        ("classification", 12, "softmax", 10, "12 units, but the target has 10 classes"),
        ("classification", 1, "softmax", 2, "always gives 1"),
        ("classification", 1, "linear", 2, "needs sigmoid"),
        ("classification", 1, "tanh", 2, "needs sigmoid"),
        ("classification", 10, "linear", 10, "need softmax"),
        ("classification", 10, "relu", 10, "need softmax"),
        ("regression", 3, "linear", 0, "3 units, but the target is one number"),
        ("regression", 1, "softmax", 0, "always gives 1"),
    ],
)
def test_an_output_that_does_not_fit_is_named_at_its_node(task, units, activation, classes, words):
    _, _, problems = resolve_training(task, units, activation, classes, TrainSpec(), "n7")
    (problem,) = problems
    assert words in problem.message
    assert (problem.severity, problem.node, problem.setting) == ("error", "n7", "")


@pytest.mark.parametrize(
    ("task", "units", "activation"),
    [
        ("classification", 10, "sigmoid"),
        ("regression", 1, "sigmoid"),
        ("regression", 1, "tanh"),
        ("regression", 1, "relu"),
    ],
)
def test_an_output_that_limits_the_answer_is_a_warning(task: str, units: int, activation: str):
    _, _, (problem,) = resolve_training(task, units, activation, units, TrainSpec())
    assert problem.severity == "warning"


@pytest.mark.parametrize(
    ("task", "units", "loss", "words"),
    [
        ("regression", 1, "binary_crossentropy", "the target is a number"),
        ("regression", 1, "sparse_categorical_crossentropy", "the target is a number"),
        ("regression", 1, "categorical_crossentropy", "the target is a number"),
        ("regression", 1, "hinge", "the target is a number"),
        ("classification", 3, "binary_crossentropy", "one output unit"),
        ("classification", 1, "sparse_categorical_crossentropy", "one output unit for each class"),
        ("classification", 1, "categorical_crossentropy", "one output unit for each class"),
        ("classification", 3, "mean_squared_error", "is for numbers"),
        ("classification", 3, "cosine_similarity", "no probabilities"),
        ("regression", 1, "poisson", "logarithm"),
        ("classification", 1, "hinge", "no probabilities"),
    ],
)
def test_a_loss_that_does_not_fit_is_named_at_its_setting(task: str, units: int, loss: str, words: str):
    activation = {"regression": "linear"}.get(task, "sigmoid" if units == 1 else "softmax")
    _, _, (problem,) = resolve_training(task, units, activation, max(units, 2), TrainSpec(loss=loss))
    assert words in problem.message
    assert ": use " in problem.message
    assert (problem.severity, problem.setting) == ("error", "loss")


def test_a_number_loss_for_two_classes_is_only_slow():
    loss, _, (problem,) = resolve_training("classification", 1, "sigmoid", 2, TrainSpec(loss="mean_squared_error"))
    assert loss == "mean_squared_error"
    assert problem.severity == "warning"


@pytest.mark.parametrize("loss", ["mean_absolute_error", "huber", "log_cosh", "mse", "mae"])
def test_losses_for_numbers(loss: str):
    assert resolve_training("regression", 1, "linear", 0, TrainSpec(loss=loss))[2] == ()


def test_names_become_those_that_work_on_class_numbers():
    train = TrainSpec(loss="categorical_crossentropy", metrics=("acc", "categorical_accuracy", "auto"))
    loss, metrics, problems = resolve_training("classification", 3, "softmax", 3, train)
    assert loss == "sparse_categorical_crossentropy"
    assert metrics == ("accuracy", "sparse_categorical_accuracy")
    assert problems == ()


@pytest.mark.parametrize(
    ("task", "units", "metric"),
    [
        ("regression", 1, "accuracy"),
        ("regression", 1, "auc"),
        ("classification", 3, "mean_absolute_error"),
        ("classification", 3, "binary_accuracy"),
        ("classification", 3, "true_positives"),
        ("classification", 3, "hinge"),
        ("classification", 1, "mean_io_u"),
        ("classification", 1, "sparse_categorical_accuracy"),
        ("classification", 1, "categorical_accuracy"),
    ],
)
def test_a_metric_that_does_not_fit_is_named_at_its_setting(task: str, units: int, metric: str):
    activation = {"regression": "linear"}.get(task, "sigmoid" if units == 1 else "softmax")
    _, _, (problem,) = resolve_training(task, units, activation, max(units, 2), TrainSpec(metrics=("auto", metric)))
    assert (problem.severity, problem.setting) == ("error", "metrics")
    assert metric.removeprefix("sparse_") in problem.message


@pytest.mark.parametrize("metric", ["auc", "precision", "recall", "binary_accuracy"])
def test_metrics_for_two_classes(metric: str):
    assert resolve_training("classification", 1, "sigmoid", 2, TrainSpec(metrics=("accuracy", metric)))[2] == ()


@pytest.mark.parametrize("metric", ["f1_score", "f_beta_score", "auc", "precision", "recall", "mean_io_u"])
def test_metrics_for_several_classes(metric: str):
    train = TrainSpec(metrics=("auto", metric))
    assert resolve_training("classification", 3, "softmax", 3, train)[1:] == (("accuracy", metric), ())
    shared = metric_settings(train, metric, 3)
    assert shared == ({"average": "macro"} if metric.startswith("f") else {})  # one number, not one a class


def test_a_setting_for_one_of_several_classes_is_told_of_one_unit():
    train = TrainSpec(metrics=("precision",), metric_params={"precision": {"class_id": 1}})
    (problem,) = resolve_training("classification", 1, "sigmoid", 2, train)[2]
    assert "the output has 1: leave class_id empty" in problem.message


# ---- pages -----------------------------------------------------------------------------------------------------

FACTS = DataFacts(
    "table",
    (InputFacts("features", "table", (3,)),),
    TargetFacts("y", "classification", ("a", "b")),
    {"train": 70, "validation": 15, "test": 15},
)
BUILT = Project(data=DataSpec("csv", "x.csv"), graph=Graph((Node("n1", "Input", "input"),)))
READY = Situation(
    data_loaded=True, rows=100, facts=FACTS, graph_facts=GraphFacts(loss="binary_crossentropy"), engine_ready=True
)


def states(project: Project, situation: Situation) -> dict[str, str]:
    return {name: page.state for name, page in resolve(project, situation).pages.items()}


def test_a_fresh_project_says_to_open_data():
    resolved = resolve(Project(), Situation())
    assert tuple(resolved.pages) == PAGES
    assert {p.state for p in resolved.pages.values()} == {"empty"}
    assert resolved.next_page == "data"
    assert not resolved.can_train
    assert resolved.why_not
    assert all(p.missing for p in resolved.pages.values())


def test_everything_ready_to_train():
    resolved = resolve(BUILT, READY)
    assert resolved.can_train
    assert resolved.why_not == ""
    assert resolved.next_page == "train"
    assert list(states(BUILT, READY).values()) == ["done", "done", "done", "ready", "empty", "empty", "empty"]


def test_after_a_run_everything_is_open():
    after = replace(READY, runs_count=1, finished_runs=1)
    assert list(states(BUILT, after).values()) == ["done", "done", "done", "done", "ready", "ready", "ready"]
    resolved = resolve(BUILT, after)
    assert resolved.can_train
    assert resolved.next_page == "test"


@pytest.mark.parametrize("paused", [False, True])
def test_while_a_run_is_under_way(paused: bool):
    resolved = resolve(BUILT, replace(READY, running=True, paused=paused, runs_count=1))
    assert resolved.pages["train"].state == "running"
    assert resolved.pages["test"].state == "ready"
    assert resolved.pages["export"].state == "empty"
    assert not resolved.can_train
    assert ("paused" in resolved.why_not) is paused
    assert resolved.next_page == "train"


@pytest.mark.parametrize(
    ("project", "change", "page", "state", "words"),
    [
        (BUILT, {"loading": True, "data_loaded": False}, "data", "running", "being read"),
        (BUILT, {"data_error": DataError("The file is empty.")}, "data", "attention", "The file is empty."),
        (BUILT, {"data_error": "It is gone.", "data_loaded": False}, "data", "attention", "It is gone."),
        (BUILT, {"data_loaded": False}, "data", "empty", "Open"),
        (BUILT, {"rows": 0}, "data", "attention", "No rows"),
        (
            BUILT,
            {"features_error": FeatureError("No target is chosen."), "facts": None},
            "features",
            "attention",
            "target",
        ),
        (BUILT, {"facts": None}, "features", "running", "worked out"),
        (BUILT, {"facts": replace(FACTS, target=None)}, "features", "attention", "target"),
        (BUILT, {"facts": replace(FACTS, rows={"train": 0})}, "features", "attention", "training"),
        (Project(data=BUILT.data), {"graph_facts": None}, "model", "empty", "template"),
        (
            BUILT,
            {"graph_facts": GraphFacts(problems=(Problem("error", "Bad wire.", "n1"),))},
            "model",
            "attention",
            "Bad wire.",
        ),
    ],
)
def test_the_first_thing_that_is_missing_comes_next(project: Project, change: dict, page: str, state: str, words: str):
    resolved = resolve(project, replace(READY, **change))
    assert resolved.pages[page].state == state
    assert resolved.next_page == page
    assert words in resolved.pages[page].missing[0]
    assert not resolved.can_train
    assert words in resolved.why_not


def test_problems_are_counted_where_they_can_be_mended():
    facts = GraphFacts(
        problems=(
            Problem("error", "Bad wire.", "n1"),
            Problem("error", "Bad shape.", "n2"),
            Problem("warning", "Unusual."),
            Problem("error", "The loss does not fit.", setting="loss"),
        )
    )
    resolved = resolve(BUILT, replace(READY, graph_facts=facts))
    assert resolved.pages["model"].count == 2
    assert resolved.pages["train"].count == 1
    assert resolved.pages["train"].missing == ("The loss does not fit.",)


def test_warnings_do_not_keep_anyone_from_training():
    facts = GraphFacts(problems=(Problem("warning", "Unusual.", "n1"), Problem("warning", "Slow.", setting="loss")))
    assert resolve(BUILT, replace(READY, graph_facts=facts)).can_train


@pytest.mark.parametrize(
    "train",
    [TrainSpec(epochs=0), TrainSpec(batch_size=0), TrainSpec(early_stopping=EarlyStopping(enabled=True, patience=0))],
)
def test_settings_that_cannot_be(train: TrainSpec):
    resolved = resolve(replace(BUILT, train=train), READY)
    assert resolved.pages["train"].state == "attention"
    assert resolved.next_page == "train"
    assert not resolved.can_train


def test_the_engine_is_waited_for():
    resolved = resolve(BUILT, replace(READY, engine_ready=False, graph_facts=None))
    assert not resolved.can_train
    assert "engine" in resolved.why_not
    assert resolved.next_page == "train"
    resolved = resolve(BUILT, replace(READY, graph_facts=None))
    assert not resolved.can_train
    assert "checked" in resolved.why_not


def test_an_engine_that_is_not_started_again_is_not_waited_for():
    resolved = resolve(BUILT, replace(READY, engine_ready=False, graph_facts=None, engine_lost="It ended three times."))
    assert resolved.pages["train"].state == "attention"
    assert resolved.why_not == "It ended three times. Menu Train, Start the engine, starts another."
    assert resolved.next_page == "train"


def test_an_earlier_run_can_be_tested_while_the_model_is_being_changed():
    broken = replace(READY, graph_facts=GraphFacts(problems=(Problem("error", "Bad."),)), runs_count=1, finished_runs=1)
    resolved = resolve(BUILT, broken)
    assert resolved.pages["test"].state == "ready"
    assert resolved.pages["export"].state == "ready"
    assert resolved.next_page == "model"
