"""The end of a long run is told to who is elsewhere, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from workbench.core.runs import RunRecord
from workbench.link.messages import RunEnded
from workbench.ui.announce import Announcer, words_of
from workbench.ui.live_run import LiveRun
from workbench.ui.window import MainWindow


def ended(seconds: float, state: str = "finished") -> LiveRun:
    run = LiveRun(Path("/none"), RunRecord("r", "run 7"), state="running")
    run.history.epochs.append({"loss": 0.4, "val_loss": 0.5})
    run.ended = RunEnded("r", state, 1, 0, seconds)
    return run


@pytest.mark.parametrize(
    ("seconds", "state", "told"), [(300.0, "finished", 1), (5.0, "finished", 0), (300.0, "stopped", 0)]
)
def test_only_a_long_run_that_ended_by_itself_is_told(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, seconds: float, state: str, told: int
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Announcer, "tell", lambda _self, _title, text: said.append(text))
    runner = window.session.runner
    runner.run = run = ended(seconds, state)
    runner.run_changed.emit()
    run.state = state
    runner.run_changed.emit()
    runner.run_changed.emit()
    assert len(said) == told
    if told:
        assert said == ["run 7 is trained after 5:00. Validation loss 0.5000."]


def test_a_run_of_another_time_is_not_announced(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Announcer, "tell", lambda _self, _title, text: said.append(text))
    run = ended(300.0)
    run.state = "finished"
    window.session.runner.run = run
    window.session.runner.run_changed.emit()
    assert said == []
    assert words_of(run, 300.0, 290.0).startswith("run 7 is trained after 5:00. ")
    assert words_of(run, 300.0, 20.0).startswith("run 7 is trained after 5:00 (20 s in training). ")  # or was paused


def test_a_queue_is_told_at_its_end_and_where_it_stops(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Announcer, "tell", lambda _self, _title, text: said.append(text))
    runner = window.session.runner

    def trained(state: str, waiting: int, seconds: float = 50.0) -> None:
        run = ended(seconds, state)
        run.state = "running"
        runner.run, runner.beginning.waiting = run, [None] * waiting  # type: ignore[list-item]
        runner.run_changed.emit()
        run.state = state
        runner.run_changed.emit()

    trained("finished", 2)
    trained("early_stopped", 1)
    assert said == []
    trained("finished", 0, 20.0)
    assert said == ["3 runs have ended after 2:00. run 7 is trained after 20 s. Validation loss 0.5000."]
    trained("finished", 2)
    trained("failed", 1)
    assert said[1].endswith("run 7 failed after 50 s. Validation loss 0.5000. 1 run still waits.")
    trained("stopped", 1, 300.0)
    assert len(said) == 2
    runner.beginning.waiting = []


def test_who_does_not_want_to_be_told_is_not(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    alerts: list[object] = []
    monkeypatch.setattr(QApplication, "activeWindow", lambda: None)
    monkeypatch.setattr(QApplication, "alert", alerts.append)
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    action = window.action_set.actions["announce"]
    assert action.isChecked()
    window.announcer.tell("t", "x")
    action.trigger()
    assert not action.isChecked()
    window.announcer.tell("t", "x")
    assert len(alerts) == 1


def test_an_engine_that_died_after_long_is_told(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Announcer, "tell", lambda _self, _title, text: said.append(text))
    runner = window.session.runner
    runner.run = run = ended(0.0)
    run.ended = None
    runner.run_changed.emit()
    window.announcer._began -= 3600
    run.state = "interrupted"
    runner.run_changed.emit()
    assert said[0].startswith("run 7 was interrupted after 1:00:00.")
