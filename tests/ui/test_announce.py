"""The end of a long run is told to who is elsewhere, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    assert words_of(run).startswith("run 7 is trained")
