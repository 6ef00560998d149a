"""How long what trains and what waits will take together: from forecasts and from runs like them, or it is said that it
is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.core.crossval import fold_projects
from workbench.core.project import Graph, Node, Project, TrainSpec
from workbench.core.runs import RunRecord
from workbench.link.messages import RunEnded, RunStarted
from workbench.ui.live_run import LiveRun
from workbench.ui.time_ahead import Paces, alike

PROJECT = Project(graph=Graph((Node("d", "Dense", "dense", {"units": 3}),)), train=TrainSpec(epochs=10))
FOLDS = fold_projects(PROJECT, 3)


def waiting(*projects: Project) -> list[tuple[str, int]]:
    return [(alike(project), project.train.epochs) for project in projects]


def running(project: Project = PROJECT, left: float = 60.0) -> LiveRun:
    """In the middle of its ten epochs."""
    run = LiveRun(Path("r"), RunRecord("r", "run 1", epochs=10), state="running", seconds_left=left, step=50)
    run.started = RunStarted("r", 10, 10, 32, 10, "cpu", "", "", (), 0, 0)
    run.alike = alike(project)
    return run


def test_folds_take_as_long_as_was_forecast_of_the_project() -> None:
    paces = Paces()
    assert paces.in_words(None, waiting(*FOLDS)) == ""
    paces.foretold(PROJECT, 60.0)
    assert paces.in_words(None, waiting(*FOLDS)) == "about 30 min in all"


def test_what_trains_tells_of_those_like_it_and_counts_itself() -> None:
    paces = Paces()
    paces.foretold(PROJECT, 1.0)
    assert paces.in_words(running(), waiting(FOLDS[0])) == "about 3 min in all"  # 60 s left of half; 12 s an epoch
    run = running()
    run.state, run.ended = "finished", RunEnded("r", "finished", 10, 9, 300.0)
    paces.trained(run)
    paces.foretold(PROJECT, 1.0)
    assert paces.in_words(run, waiting(PROJECT, FOLDS[1])) == "about 10 min in all"


def test_another_model_is_not_known_and_more_epochs_or_another_rate_are() -> None:
    other = replace(PROJECT, graph=Graph((Node("d", "Dense", "dense", {"units": 300}),)))
    moved = replace(PROJECT, graph=Graph((replace(PROJECT.graph.nodes[0], x=40.0),)))
    longer = replace(moved, train=replace(PROJECT.train, epochs=20, optimizer_params={"learning_rate": 0.1}))
    assert Paces().in_words(running(left=float("nan")), waiting(other)) == ""
    assert Paces().in_words(running(), waiting(other)) == "over 1 min in all"
    assert Paces().in_words(running(), waiting(longer)) == "about 5 min in all"
