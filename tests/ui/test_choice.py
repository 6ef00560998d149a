"""Every key and button of training starts what the Train page says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui.engine import ScriptedEngine
from workbench.core.runs import RunRecord
from workbench.link.messages import Forecasted, RunStarted, RunStateChanged
from workbench.ui.live_run import LiveRun
from workbench.ui.notices import Notice
from workbench.ui.session import Session
from workbench.ui.train.cluster_panel import lines, program
from workbench.ui.train.forecast_note import ForecastNote
from workbench.ui.window import MainWindow

FORECAST = Forecasted(
    step_seconds=0.1,
    epoch_seconds=1.0,
    run_seconds=30.0,
    model=1,
    memory=1,
    free=0,
    batch_size=32,
    fits=True,
    device="CPU",
)


@pytest.mark.parametrize("pressed", ["F5", "model"])
def test_folds_and_weights_chosen_on_the_train_page_hold_for_every_way_to_train(
    qtbot, window: MainWindow, trainable: Session, pressed: str
) -> None:
    trainable.train()
    qtbot.waitUntil(lambda: [r.state for r in trainable.runs] == ["finished"])
    window.show_page("train")
    side = window.page("train").side
    side.begin.weights.setCurrentIndex(side.begin.weights.findText("run 1, last (epoch 2)"))
    typed = side.begin.form.rows["folds"].editor.findChild(QLineEdit)
    typed.setFocus()
    typed.selectAll()
    QTest.keyClicks(typed, "2")  # and not left
    if pressed == "F5":
        qtbot.waitUntil(window.action_set.actions["train"].isEnabled)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        QTest.keyClick(typed, Qt.Key.Key_F5)
    else:
        QTest.keyClick(typed, Qt.Key.Key_Return)
        page = window.page("model")
        assert page.side.train.text() == "Train 2 folds ▸"
        page.side.train.click()
    qtbot.waitUntil(lambda: sum(r.state == "finished" for r in trainable.runs) == 3)
    assert [(r.fold, r.parent) for r in trainable.runs[1:]] == [(n, trainable.runs[0].id) for n in (1, 2)]
    assert trainable.new_project()
    assert (side.begin.folds, side.begin.chosen) == (0, ("", ""))
    assert trainable.choice.folds(trainable.project) == 0
    assert trainable.choice.start(trainable.folder.runs) is None


def test_a_cluster_begins_with_the_chosen_weights_and_refuses_folds(
    qtbot, trainable: Session, notices: list[Notice], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple] = []
    monkeypatch.setattr(trainable.cluster, "start", lambda *given: started.append(given))
    machines = ["a:1", "b:1"]
    trainable.choice.choose(("id", "last"), 0, 3)
    trainable.start_cluster(machines)
    assert not started
    assert "one machine" in notices[-1].text
    trainable.choice.choose(("id", "last"), 0, 0)
    trainable.start_cluster(machines)
    assert started == [(str(trainable.folder.path), machines, "", "id:last")]
    assert "--from id:last --worker 1" in lines("p", machines, "", "id:last")[1]
    assert program("p", machines, "", "id:last")[1][-3:] == ["--from", "id:last", "--json"]


def test_a_forecast_counts_the_folds(qtbot, session: Session) -> None:
    note = ForecastNote(session)
    qtbot.addWidget(note)
    note._known = note._key()
    note._show(FORECAST)
    assert "30 s in all" in note.text.text()
    session.choice.choose(("", ""), 0, 10)
    assert "30 s a fold, 5 min in all for 10 folds" in note.text.text()


def test_a_stop_while_the_model_compiles_stays_a_stop(tmp_path: Path) -> None:
    run = LiveRun(tmp_path, RunRecord("r", "run 1"), state="stopping", text="Stopping")
    run.begin(RunStarted("r", 5, 2, 32, 30, "cpu", "compiled loop", "mse", (), 0, 0))
    assert (run.state, run.text) == ("stopping", "Stopping")


def test_what_is_said_before_the_stop_was_heard_is_no_way_back(
    qtbot, trainable: Session, engine: ScriptedEngine
) -> None:
    engine.finishes = False
    trainable.train()
    qtbot.waitUntil(lambda: trainable.run is not None and trainable.run.state == "running")
    run = trainable.run
    run.state, run.text = "stopping", "Stopping"
    for state in ("tracing", "running"):
        trainable.runner.heard(RunStateChanged(run.id, state, "Compiling"))
        assert (run.state, run.text) == ("stopping", "Stopping")
    trainable.runner.heard(RunStateChanged(run.id, "stopping", "Saving."))
    assert run.text == "Saving."
