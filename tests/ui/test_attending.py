"""Runs of the window, asked from outside: what `workbench control` asks is done as if its button had been pressed."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.engine import ScriptedEngine
from workbench.core.errors import TrainError
from workbench.core.project import EarlyStopping
from workbench.link.asked import ask
from workbench.link.journal import NAME, Reader, attended, check_free
from workbench.link.messages import Adjust, Batches, Control, Message, RunAdjusted, RunStarted, WishHeard
from workbench.ui.attending import Attending
from workbench.ui.notices import Notice
from workbench.ui.session import Session


@pytest.fixture
def training(qtbot, trainable: Session, engine: ScriptedEngine) -> Session:
    engine.finishes = False
    trainable.train()
    qtbot.waitUntil(lambda: trainable.run is not None and trainable.run.state == "running", timeout=20_000)
    qtbot.waitUntil(lambda: attended(trainable.run.folder), timeout=20_000)
    return trainable


def heard(qtbot, reader: Reader, kind: type[Message]) -> Message:
    """The newest message of a kind, when there is one."""
    found: list[Message] = []

    def read() -> bool:
        found.extend(m for m in reader.read() if isinstance(m, kind))
        return bool(found)

    qtbot.waitUntil(read, timeout=20_000)
    return found[-1]


def test_what_is_asked_from_a_shell_is_done_told_and_answered(
    qtbot, training: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    run = training.run
    early = EarlyStopping(True, "val_loss", 3)
    with Reader(run.folder) as reader:
        assert heard(qtbot, reader, RunStarted).run == run.id  # it can be followed, too
        wish = ask(run.folder, Control(run.id, "pause"))
        assert heard(qtbot, reader, WishHeard) == WishHeard(run.id, wish)
        assert run.state == "paused"
        assert [n.text for n in notices if n.key == "asked"] == [
            f"{run.name} was asked to pause from outside this window (workbench control)."
        ]
        ask(run.folder, Control(run.id, "resume"))
        assert heard(qtbot, reader, WishHeard).why == ""
        assert run.state == "running"
        wish = ask(run.folder, Adjust(run.id, learning_rate=0.01, early_stopping=early))
        refused = heard(qtbot, reader, WishHeard)  # this engine cannot: why is told here and there
        assert refused.wish == wish
        assert "scripted" in refused.why
        assert engine.of(Adjust)[-1].learning_rate == 0.01
        assert run.early == early
        engine.say(RunAdjusted(run.id, 1, "Learning rate 0.001 → 0.01", 5, 10, 8))
        assert heard(qtbot, reader, RunAdjusted).text.startswith("Learning rate")
        assert run.history.events[-1][1].startswith("Learning rate")
        ask(run.folder, Control(run.id, "stop"))
        qtbot.waitUntil(lambda: run.state == "stopped", timeout=20_000)
        qtbot.waitUntil(lambda: not attended(run.folder), timeout=20_000)


def test_another_program_does_not_train_a_run_of_the_window(
    qtbot, training: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    run = training.run
    with pytest.raises(TrainError, match="is trained now"):
        check_free(run.folder)
    engine.die()  # it is free for whoever goes on with it, this window first
    qtbot.waitUntil(lambda: run.state == "interrupted", timeout=20_000)
    training.runner.attending.settle(run.id)
    assert not (run.folder / NAME).exists()
    before = len(notices)
    training.runner.beginning.resume(run.folder)
    qtbot.waitUntil(lambda: training.run is not run and training.run.state == "running", timeout=20_000)
    assert [n.text for n in notices[before:] if n.severity == "error"] == []
    qtbot.waitUntil(lambda: attended(run.folder), timeout=20_000)


def test_the_run_of_a_project_that_was_left_is_still_asked_and_not_offered(
    qtbot, training: Session, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    run = training.run
    training.runner.forget()
    said = len(notices)
    training.followed.offer([replace(run.record, state="running")], run.folder.parent)
    assert training.runner.attending.runs == {run.id}
    assert not training.jobs.running(training.followed, "offer")  # it is not another program's
    assert len(notices) == said
    ask(run.folder, Control(run.id, "pause"))
    qtbot.waitUntil(lambda: bool(engine.of(Control)), timeout=20_000)
    engine.finish("stopped")
    qtbot.waitUntil(lambda: not attended(run.folder), timeout=20_000)


def test_what_is_told_of_a_run_that_is_attended_no_more_is_not_kept(qtbot, tmp_path: Path) -> None:
    attending = Attending()
    attending.begin(tmp_path)
    attending.end(tmp_path.name)
    attending.settle(tmp_path.name)
    assert not attending.runs
    told: list[weakref.ref[Message]] = []
    for step in range(3):  # by another program that has taken it up, and is followed here
        message = Batches(tmp_path.name, 0, step, {}, 1.0, 1.0)
        told.append(weakref.ref(message))
        attending.tell(tmp_path.name, message)
    del message
    gc.collect()
    assert [one() for one in told] == [None, None, None]
