"""The engine is killed while it trains: the window lives, says so, starts it again, and the run goes on."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit

from tests.flows.window_driver import Person, person_with_process, watch
from workbench.core import edits

__all__ = ["person_with_process", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]


def test_a_killed_engine_costs_nothing_but_the_steps_since_the_last_checkpoint(
    person_with_process: Person,
) -> None:
    person = person_with_process
    session = person.session
    person.click(person.find(QAbstractButton, "sample_digits"))
    person.opened()
    session.apply(edits.set_train(compiler="off"), "No XLA")  # compiling takes longer than all the rest, twice
    page = person.go("train")
    person.write(person.find(QLineEdit, "field-epochs", page.side.settings), "400")
    person.click(person.find(QAbstractButton, "trainButton"))
    person.until("some epochs", lambda: session.run is not None and len(session.run.history.epochs) >= 5)
    person.until("a checkpoint", (session.run.folder / "checkpoint.npz").exists)
    pid = session.client.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    person.until("the interruption", lambda: session.run.state == "interrupted")
    person.shot("f1-killed")
    said = person.says()
    assert "killed" in said
    assert "whole epochs are kept" in said or "Resume" in said
    kept = len(session.run.history.epochs)
    person.until("the engine again", lambda: session.engine.state == "ready")
    person.settle()
    person.shot("f2-again")
    offer = person.button("Resume run 1", page.failure)
    person.click(offer)
    person.until("going on", lambda: session.run.state == "running" and len(session.run.history.epochs) > 0)
    assert session.run.started is not None
    assert session.run.started.first_epoch <= kept
    assert np.isfinite(session.run.history.batches["loss"]).all()  # nothing of the curve is missing
    assert "not a number" not in person.says(page)
    person.until("more epochs", lambda: len(session.run.history.epochs) >= kept + 3)
    person.shot("f3-resumed")
    person.click(person.find(QAbstractButton, "trainSideButton"))
    person.until("the end", lambda: not session.run.active)
    assert session.run.state == "stopped"
    assert [r.name for r in session.runs] == ["run 1"]
    assert "run 1" in person.find(QLabel, "runState").text()
