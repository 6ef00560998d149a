"""Runs that wait for others, and runs whose project is left: nothing is lost, nothing reaches the wrong project."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.engine import ScriptedEngine
from workbench.core import edits
from workbench.core.errors import Cancelled, ProjectError
from workbench.core.project import Augmentation, DataSpec, Group
from workbench.link.messages import CheckGraph, Warm
from workbench.ui import picture_watch
from workbench.ui.notices import Notice
from workbench.ui.planned import Planned, prepare_run
from workbench.ui.session import Session


def training(qtbot, session: Session, engine: ScriptedEngine) -> None:
    engine.finishes = False
    session.train()
    qtbot.waitUntil(lambda: session.run is not None and session.run.state == "running", timeout=20_000)


def queue_notice(notices: list[Notice]) -> Notice | None:
    return next((n for n in reversed(notices) if n.key == "queue"), None)


def test_folds_asked_for_before_the_engine_is_ready_are_trained(qtbot, session: Session, table: Path) -> None:
    session.open_path(table)
    qtbot.waitUntil(lambda: session.facts is not None, timeout=20_000)
    session.start_engine()
    qtbot.waitUntil(lambda: session.engine.state in ("starting", "ready"))
    assert session.train(folds=3)
    qtbot.waitUntil(lambda: sum(r.state == "finished" for r in session.runs) == 3, timeout=30_000)
    assert [r.fold for r in session.runs] == [1, 2, 3]


def test_a_run_given_up_while_it_is_prepared_leaves_the_others_to_the_person(
    qtbot, trainable: Session, notices: list[Notice]
) -> None:
    trainable.train(name="first")
    assert trainable.run.state == "preparing"
    assert trainable.enqueue("second")
    trainable.stop()
    assert trainable.run is None
    assert trainable.waiting == ["second"]
    said = queue_notice(notices)
    assert said is not None
    said.actions[0][1]()
    qtbot.waitUntil(lambda: [r.name for r in trainable.runs if r.state == "finished"] == ["second"], timeout=20_000)


def test_a_run_that_fails_leaves_those_that_wait_to_the_person(
    qtbot, trainable: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    training(qtbot, trainable, engine)
    trainable.enqueue("second")
    trainable.enqueue("third")
    engine.finishes = True
    engine.finish("failed")
    qtbot.waitUntil(lambda: queue_notice(notices) is not None)
    assert trainable.waiting == ["second", "third"]
    said = queue_notice(notices)
    assert said is not None
    assert "second" in said.text
    said.actions[0][1]()
    qtbot.waitUntil(lambda: [r.state for r in trainable.runs] == ["failed", "finished", "finished"])
    assert trainable.waiting == []


def test_waiting_runs_are_not_lost_when_something_trains_already(
    qtbot, trainable: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    training(qtbot, trainable, engine)
    trainable.enqueue("second")
    trainable.stop()
    qtbot.waitUntil(lambda: queue_notice(notices) is not None)
    trainable.train(name="third")
    queue_notice(notices).actions[0][1]()
    assert trainable.waiting == ["second"]


def test_a_run_that_cannot_begin_as_nothing_can_be_saved_still_waits(
    trainable: Session, notices: list[Notice], monkeypatch
) -> None:
    def full() -> None:
        raise ProjectError("The disk is full.")

    monkeypatch.setattr(trainable.projects, "save_now", full)
    trainable.enqueue("mine")
    assert trainable.waiting == ["mine"]
    assert any("disk is full" in n.text for n in notices)


def test_what_the_run_of_a_project_that_was_left_says_at_its_end_is_not_told_in_the_next(
    qtbot, trainable: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    training(qtbot, trainable, engine)
    assert trainable.new_project()
    answered: list[object] = []
    trainable.client.ask(Warm(), answered.append)
    qtbot.waitUntil(lambda: bool(answered))
    assert trainable.run is None
    assert [n.text for n in notices if "epochs" in n.text] == []


def test_no_folder_is_made_for_a_run_that_was_given_up(qtbot, trainable: Session, tmp_path: Path) -> None:
    plan = Planned(replace(trainable.project, features=trainable.features), trainable.dataset, trainable.cleaned)
    prepare_run(plan, tmp_path / "kept", lambda *_: None, lambda: False)
    with pytest.raises(Cancelled):  # its arrays are there by now
        prepare_run(plan, tmp_path / "given up", lambda *_: None, lambda: True)
    assert not (tmp_path / "given up").exists()


def test_pictures_looked_at_while_they_are_cleaned_are_told_afterwards(
    qtbot, session: Session, tmp_path: Path, monkeypatch
) -> None:
    from workbench.core.data.picture_recipe import clean_pictures
    from workbench.core.data.profile import profile_images

    seen = threading.Event()
    session.pipeline.watch.seen.connect(lambda _: seen.set())

    def slow(dataset, steps, progress, cancelled):
        cleaned = clean_pictures(dataset, steps, progress, cancelled)
        profile = profile_images(cleaned.data)  # before anybody has looked
        seen.wait(30)
        return cleaned, profile, ()

    monkeypatch.setattr(picture_watch, "clean", slow)
    pictures(tmp_path / "pictures")
    session.open_data(DataSpec("images", str(tmp_path / "pictures")))
    qtbot.waitUntil(lambda: session.profile is not None and session.profile.look is not None, timeout=30_000)


def test_a_model_changed_together_with_the_varying_of_pictures_is_checked(
    qtbot, trainable: Session, engine: ScriptedEngine
) -> None:
    qtbot.waitUntil(lambda: not trainable.pipeline.checking and not trainable.jobs.running(trainable.pipeline))
    asked = len(engine.of(CheckGraph))
    varied = replace(trainable.project.features, augment=Augmentation(horizontal=True))
    moved = replace(trainable.project.train, epochs=trainable.project.train.epochs + 1)
    trainable.apply(lambda p: replace(p, features=varied, train=moved), "Both")
    qtbot.waitUntil(lambda: len(engine.of(CheckGraph)) > asked)


def test_a_proposed_model_whose_blocks_were_grouped_is_kept(qtbot, trainable: Session) -> None:
    graph = trainable.project.graph
    nodes = tuple(replace(n, group="g") if n.kind == "Dense" else n for n in graph.nodes)
    grouped = replace(graph, nodes=nodes, groups=(Group("g", "mine"),))
    trainable.apply(lambda p: replace(p, graph=grouped), "Group")
    trainable.apply(edits.set_target("x", trainable.features.columns), "Predict x")
    qtbot.waitUntil(lambda: trainable.facts is not None and trainable.facts.target.name == "x")
    assert trainable.project.graph == grouped


def pictures(folder: Path) -> None:
    import numpy as np
    from PIL import Image

    for name, level in (("dark", 60), ("light", 190)):
        (folder / name).mkdir(parents=True)
        for i in range(6):
            pixels = np.random.default_rng(i).integers(level - 40, level + 40, (8, 8), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
