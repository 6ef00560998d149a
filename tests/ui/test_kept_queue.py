"""What waits outlives the window, and a cross-validation that was broken off is finished."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.engine import ScriptedEngine
from workbench.core.crossval import in_words, left_over, summary
from workbench.core.project import Project
from workbench.core.runs import FINISHED, Start, read_project, update_run
from workbench.core.waiting import FILE, Waiting, read_waiting, write_waiting
from workbench.link.messages import Train
from workbench.ui.notices import Notice
from workbench.ui.session import Session

Again = Callable[[Session], Session]


@pytest.fixture
def again(qtbot, engine: ScriptedEngine) -> Iterator[Again]:
    """Close the window's session and open its project in a new one, as the next start does."""
    made: list[Session] = []

    def reopen(before: Session) -> Session:
        folder = before.folder.path
        before.shut_down()
        engine.finishes = True
        engine.run_folder = None
        session = Session(engine.transport)
        made.append(session)
        session.heard = []  # type: ignore[attr-defined]
        session.notice.connect(session.heard.append)  # type: ignore[attr-defined]
        session.start_engine()
        session.open_project(folder)
        qtbot.waitUntil(lambda: session.folder.path == folder and session.resolved.can_train)
        return session

    yield reopen
    for session in made:
        session.shut_down()
        session.deleteLater()


def offered(session: Session) -> Notice:
    return next(n for n in reversed(session.heard) if n.key == "queue")  # type: ignore[attr-defined]


def finished(session: Session) -> list[str]:
    return [r.name for r in session.runs if r.state == "finished"]


def in_fold(qtbot, session: Session, engine: ScriptedEngine, folds: int, fold: int) -> None:
    """Train so many folds, of which this one trains now."""
    engine.finishes = False
    session.train(folds=folds)
    for number in range(1, fold + 1):
        qtbot.waitUntil(
            lambda n=number: session.run is not None and session.run.record.fold == n and session.run.state == "running"
        )
        if number < fold:
            engine.finish()


def test_a_queue_outlives_the_window_and_is_offered_again(
    qtbot, trainable: Session, engine: ScriptedEngine, again: Again
) -> None:
    engine.finishes = False
    trainable.train(name="first")
    qtbot.waitUntil(lambda: trainable.run.state == "running")
    start = Start(trainable.run.folder, "last")
    trainable.enqueue("second", start)
    changed = replace(trainable.project.train, epochs=7)
    trainable.apply(lambda p: replace(p, train=changed), "Epochs")
    qtbot.waitUntil(lambda: not trainable.pipeline.checking and trainable.graph_facts is not None)
    trainable.enqueue("third")
    session = again(trainable)
    assert session.waiting == ["second", "third"]
    said = offered(session)
    assert said.text == "2 runs still wait. second; third."
    assert [label for label, _ in said.actions] == ["Go on with them", "Forget them"]
    said.actions[0][1]()
    qtbot.waitUntil(lambda: finished(session) == ["second", "third"])
    assert session.runs[-1].epochs == 7
    assert session.runs[-2].parent == session.runs[0].id
    qtbot.waitUntil(lambda: not session.jobs.busy)
    assert not (session.folder.runs / FILE).exists()


def test_what_waits_stays_with_its_project_when_another_is_opened(
    qtbot, trainable: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    engine.finishes = False
    trainable.train(name="first")
    qtbot.waitUntil(lambda: trainable.run.state == "running")
    trainable.enqueue("second")
    home = trainable.folder.path
    assert trainable.new_project()
    assert trainable.waiting == []
    assert any("1 run still waits. It is kept with it." in n.text for n in notices)
    trainable.open_project(home)
    qtbot.waitUntil(lambda: trainable.waiting == ["second"])


def test_a_killed_cross_validation_goes_on_with_the_folds_that_are_missing(
    qtbot, trainable: Session, engine: ScriptedEngine, again: Again
) -> None:
    in_fold(qtbot, trainable, engine, 4, 2)
    qtbot.waitUntil(lambda: not trainable.jobs.busy)
    runs = trainable.folder.runs
    assert [w.fold for w in read_waiting(runs)] == [3, 4]
    (runs / FILE).unlink()  # as in projects of before; the records say it too
    session = again(trainable)
    (second,) = [r for r in session.runs if r.fold == 2]
    update_run(runs / second.id, state="running")
    found = summary(second.group, session.runs)
    assert (found.done, found.folds) == (1, 4)
    assert in_words(found).startswith("1 of 4 folds: ")
    session.train(resume=second.id)
    qtbot.waitUntil(lambda: len(finished(session)) == 4)
    assert sorted(r.fold for r in session.runs) == [1, 2, 3, 4]
    assert {read_project(runs / r.id).features.split.fold for r in session.runs} == {1, 2, 3, 4}
    qtbot.waitUntil(lambda: any("4 of 4 folds" in n.text for n in session.heard))


def test_a_fold_that_fails_does_not_keep_the_others_and_is_trained_again(
    qtbot, trainable: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    in_fold(qtbot, trainable, engine, 3, 2)
    engine.finish("failed")
    qtbot.waitUntil(lambda: trainable.run.record.fold == 3 and trainable.run.state == "running")
    trainable.enqueue("behind")
    engine.finish()
    qtbot.waitUntil(lambda: any("2 of 3 folds" in n.text and "1 failed" in n.text for n in notices))  # told before it
    qtbot.waitUntil(lambda: trainable.run.name == "behind" and trainable.run.state == "running")
    engine.finishes = True
    engine.finish()
    qtbot.waitUntil(lambda: not trainable.run.active and not trainable.jobs.busy)
    trainable.runner.beginning.finish_folds(trainable.runs[0].group)
    qtbot.waitUntil(lambda: any("3 of 3 folds" in n.text for n in notices))
    assert sorted(r.fold for r in trainable.runs if r.state in FINISHED) == [0, 1, 2, 3]


def test_a_run_whose_prepared_arrays_are_gone_is_resumed_in_the_window(
    qtbot, trainable: Session, engine: ScriptedEngine
) -> None:
    trainable.train()
    qtbot.waitUntil(lambda: finished(trainable) == ["run 1"])
    (record,) = trainable.runs
    update_run(trainable.folder.runs / record.id, state="running")
    shutil.rmtree(record.prepared)
    trainable.train(resume=record.id)
    qtbot.waitUntil(lambda: len(engine.of(Train)) == 2 and not trainable.run.active and not trainable.jobs.busy)
    assert Path(trainable.runs[0].prepared).is_dir()


def test_what_is_kept_is_read_again_and_damage_is_told(tmp_path: Path) -> None:
    waiting = (
        Waiting(Project(name="a"), "one", Start(tmp_path / "r1", "last")),
        Waiting(Project(name="b"), "two", None, "g", 2),
    )
    write_waiting(tmp_path, waiting)
    assert read_waiting(tmp_path) == waiting
    write_waiting(tmp_path, ())
    assert read_waiting(tmp_path) == ()
    for text in ("{", json.dumps({"format": "workbench-waiting", "version": 1, "projects": [], "runs": [{}]})):
        (tmp_path / FILE).write_text(text)
        with pytest.raises(Exception, match=r"not valid JSON|damaged"):
            read_waiting(tmp_path)
    assert left_over("none", tmp_path) == ()
