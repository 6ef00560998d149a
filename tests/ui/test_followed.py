"""A run that another program trains is shown and in hand as one of the window: a program of the test stands for the
first machine of a cluster, with the real files between."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from tests.ui.engine import ScriptedEngine
from workbench.core import runs
from workbench.core.runs import create_run, read_run, update_run
from workbench.link.asked import Inbox
from workbench.link.journal import Journal, attended
from workbench.link.messages import RunEnded, RunStarted, RunStateChanged, Train, WishHeard
from workbench.ui import cluster_run, following
from workbench.ui.notices import Notice
from workbench.ui.session import Session

PROGRAM = """
import json, os, sys, time
from dataclasses import replace
from pathlib import Path
from workbench.core.runs import update_run
from workbench.link.asked import Inbox
from workbench.link.journal import Journal
from workbench.link.messages import *
folder, ended = Path(sys.argv[1]), Path(sys.argv[2])
run = folder.name
print(json.dumps({"event": "begun", "run": "run 1", "folder": str(folder)}), flush=True)
try:
    with Journal(folder) as journal:
        inbox = Inbox(folder)
        started = RunStarted(run, 20, 10, 32, 99, "2 machines", "compiled loop", "mse", ("accuracy",), 0, 0)
        journal.tell(started)
        journal.tell(EpochEnded(run, 0, {"loss": 0.5, "learning_rate": 0.001}, 1.0, True))
        while True:
            journal.beat()
            for wish in inbox.take():
                why = "" if wish.message is not None else wish.why
                journal.tell(WishHeard(run, wish.name, why))
                if why:
                    continue
                if isinstance(wish.message, Adjust):
                    journal.tell(RunAdjusted(run, 10, "Epochs 20 → 30", wish.message.epochs or 20, 32, 10, 1, 10))
                    continue
                action = wish.message.action
                if action == "stop":
                    update_run(folder, state="stopped", best_epoch=0, epochs_done=1)
                    journal.tell(RunEnded(run, "stopped", 1, 0, 2.0))
                    sys.exit(0)
                journal.tell(RunStateChanged(run, {"pause": "paused", "resume": "running"}[action]))
            time.sleep(0.02)
except KeyboardInterrupt:
    ended.touch()
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a program is interrupted by a signal")
MACHINES = ["a:1", "b:2"]


def made_run(session: Session, name: str = "") -> Path:
    """A run of the project, as its program would make it."""
    return create_run(
        session.folder.runs, session.project, session.facts, session.preprocessor.to_json(), Path("x"), name
    )


@pytest.fixture
def program(trainable: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run's folder; `start_cluster` starts the program of this test."""
    folder = made_run(trainable)
    arguments = ["-c", PROGRAM, str(folder), str(tmp_path / "ended")]
    monkeypatch.setattr(cluster_run, "program", lambda *_: (sys.executable, arguments))
    return folder


@pytest.fixture
def trains(qtbot: QtBot, trainable: Session, program: Path) -> Session:
    """A run that was started on two machines by the window and trains."""
    trainable.start_cluster(MACHINES)
    run = trainable.run
    assert run is not None
    assert (run.state, run.name) == ("tracing", "on 2 machines")
    qtbot.waitUntil(lambda: trainable.run is not None and len(trainable.run.history.epochs) == 1, timeout=30_000)
    return trainable


def state(session: Session) -> str:
    return session.run.state if session.run is not None else ""


def test_it_is_paused_changed_and_stopped_as_any_other(
    qtbot: QtBot, trains: Session, program: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    run = trains.run
    assert run is not None
    assert (run.state, run.id, run.elsewhere) == ("running", program.name, True)
    assert run.started is not None
    assert run.started.device == "2 machines"
    trains.pause()
    assert run.text == "Asked to pause"
    qtbot.waitUntil(lambda: state(trains) == "paused", timeout=30_000)
    trains.resume()
    qtbot.waitUntil(lambda: state(trains) == "running", timeout=30_000)
    trains.adjust(epochs=30)
    qtbot.waitUntil(lambda: run.epochs == 30, timeout=30_000)
    assert run.history.events[-1][1] == "Epochs 20 → 30"
    trains.stop()
    assert run.state == "stopping"
    qtbot.waitUntil(lambda: state(trains) == "stopped", timeout=30_000)
    assert run.ended is not None
    assert run.ended.best_epoch == 0
    qtbot.waitUntil(lambda: not trains.cluster.running, timeout=30_000)
    assert not attended(program)
    assert engine.of(Train) == []
    assert [n for n in notices if n.severity in ("error", "warning")] == []


def test_what_is_refused_is_told(qtbot: QtBot, trains: Session, notices: list[Notice]) -> None:
    trains.adjust(learning_rate=-3.0)
    qtbot.waitUntil(lambda: any("above 0" in n.text for n in notices), timeout=30_000)
    assert state(trains) == "running"


def test_one_whose_program_was_killed_is_resumed_here(
    qtbot: QtBot, trains: Session, program: Path, engine: ScriptedEngine, notices: list[Notice]
) -> None:
    update_run(program, state="running", epochs_done=1)
    (program / "checkpoint.npz").touch()
    trains.cluster.kill()
    qtbot.waitUntil(lambda: state(trains) == "interrupted", timeout=30_000)
    qtbot.waitUntil(lambda: any("was interrupted" in n.text for n in notices), timeout=30_000)
    said = next(n for n in notices if "was interrupted" in n.text)
    assert "ended unexpectedly" in said.text
    assert said.actions[0][0] == "Resume run 1"
    engine.finishes = False
    said.actions[0][1]()
    qtbot.waitUntil(lambda: len(engine.of(Train)) == 1, timeout=30_000)


def test_a_program_that_gives_no_sign_is_said_to_and_can_be_ended(
    qtbot: QtBot, trains: Session, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "QUIET_SECONDS", 1.5)
    process = trains.cluster._process
    assert process is not None
    os.kill(process.processId(), signal.SIGSTOP)
    qtbot.waitUntil(lambda: any("does not answer" in n.text for n in notices), timeout=30_000)
    assert trains.run is not None
    assert "does not answer" in trains.run.text
    assert state(trains) == "running"
    os.kill(process.processId(), signal.SIGCONT)
    qtbot.waitUntil(lambda: any("answers again" in n.text for n in notices), timeout=30_000)
    said = next(n for n in notices if "does not answer" in n.text)
    assert said.actions[0][0] == "End its program"
    said.actions[0][1]()
    qtbot.waitUntil(lambda: state(trains) in ("interrupted", "failed"), timeout=30_000)


def test_one_that_has_not_begun_is_stopped_by_its_program(
    qtbot: QtBot, trainable: Session, tmp_path: Path, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = "import time\ntry:\n time.sleep(60)\nexcept KeyboardInterrupt:\n raise SystemExit(130)"
    monkeypatch.setattr(cluster_run, "program", lambda *_: (sys.executable, ["-c", waits]))
    trainable.start_cluster(MACHINES)
    process = trainable.cluster._process
    assert process is not None
    qtbot.waitUntil(lambda: process.state() == QProcess.ProcessState.Running, timeout=30_000)
    trainable.pause()
    assert "has not begun" in notices[-1].text
    trainable.stop()
    qtbot.waitUntil(lambda: not trainable.cluster.running, timeout=30_000)
    assert trainable.run is None or not trainable.run.active


def test_its_program_is_ended_with_the_project_and_says_nothing_in_the_next(
    qtbot: QtBot, trains: Session, engine: ScriptedEngine, tmp_path: Path
) -> None:
    data = trains.project.data
    assert trains.new_project()
    assert not trains.cluster.running
    trains.open_data(data)
    qtbot.waitUntil(lambda: trains.resolved.can_train, timeout=20_000)
    trains.train()
    qtbot.waitUntil((tmp_path / "ended").exists, timeout=20_000)
    qtbot.waitUntil(lambda: state(trains) == "finished", timeout=20_000)
    assert trains.run is not None
    assert len(trains.run.history.epochs) == 2
    assert len(engine.of(Train)) == 1


# ---- a run that somebody else trains ---------------------------------------------------------------------------


@pytest.fixture
def attended_run(trainable: Session) -> Iterator[tuple[Path, Journal, Inbox]]:
    folder = made_run(trainable, "theirs")
    update_run(folder, state="running")
    with Journal(folder) as journal:
        yield folder, journal, Inbox(folder)


def test_one_that_somebody_else_trains_is_followed_and_left_alone(
    qtbot: QtBot, trainable: Session, attended_run: tuple[Path, Journal, Inbox], notices: list[Notice]
) -> None:
    folder, journal, inbox = attended_run
    trainable.followed.offer(runs.list_runs(trainable.folder.runs), trainable.folder.runs)
    qtbot.waitUntil(lambda: any("is trained by another program" in n.text for n in notices), timeout=30_000)
    trainable.train(resume=folder)  # two must not write over each other
    qtbot.waitUntil(lambda: any("trained now" in n.text for n in notices), timeout=30_000)
    said = next(n for n in notices if "is trained by another program" in n.text)
    said.actions[0][1]()
    journal.tell(RunStarted(folder.name, 5, 10, 32, 99, "CPU", "compiled loop", "mse", (), 0, 0))
    qtbot.waitUntil(lambda: state(trainable) == "running", timeout=30_000)
    trainable.pause()
    found = []
    qtbot.waitUntil(lambda: bool(found.extend(inbox.take()) or found), timeout=30_000)
    assert found[0].message.action == "pause"
    journal.tell(WishHeard(folder.name, found[0].name))
    journal.tell(RunStateChanged(folder.name, "paused", "Paused."))
    qtbot.waitUntil(lambda: state(trainable) == "paused", timeout=30_000)
    assert trainable.new_project()
    assert inbox.take() == ()  # it is not stopped: it is none of this window's
    assert any("is not followed any more" in n.text for n in notices)


def test_an_end_that_was_not_heard_is_read_from_the_record(
    qtbot: QtBot, trainable: Session, attended_run: tuple[Path, Journal, Inbox]
) -> None:
    folder, journal, _ = attended_run
    trainable.followed.follow(folder)
    journal.tell(RunStarted(folder.name, 5, 10, 32, 99, "CPU", "compiled loop", "mse", (), 0, 0))
    qtbot.waitUntil(lambda: state(trainable) == "running", timeout=30_000)
    update_run(folder, state="finished", epochs_done=5, best_epoch=3, seconds=7.0)
    journal.__exit__()
    qtbot.waitUntil(lambda: state(trainable) == "finished", timeout=30_000)
    assert trainable.run is not None
    assert trainable.run.ended == RunEnded(folder.name, "finished", 5, 3, 7.0)
    assert read_run(folder).best_epoch == 3
