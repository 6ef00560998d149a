"""What the curves show of earlier runs beside the one that is looked at."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from workbench.core.history import Columns, History
from workbench.ui.train.curves import RunCurves
from workbench.ui.train.page import TrainPage
from workbench.ui.train.picture import Pictures, Wanted
from workbench.ui.train.plot_parts import RoundAxis


def earlier(staged: StagedSession, name: str, epochs: int, group: str = "") -> None:
    history = History()
    for value in np.linspace(1.0, 0.5, epochs):
        history.epochs.append({"loss": value, "val_loss": value})
    staged.old_run(history, name, group=group)


def test_a_longer_run_of_before_does_not_press_this_one_together(
    page: TrainPage, staged: StagedSession, qtbot: QtBot
) -> None:
    earlier(staged, "run 1", 200)
    curves = page.middle.curves
    staged.begin_run(epochs=20)
    qtbot.waitUntil(lambda: bool(curves.ghosts))
    assert curves._end() == 20, "as far as it is to go"
    for _ in range(8):
        staged.add_epoch({"loss": 0.8, "val_loss": 0.8})
    assert curves._end() == 20
    staged.end_run("stopped")
    page._show_run()
    assert curves._end() == 8


def test_two_runs_of_one_name_are_two_curves() -> None:
    """As those of two projects opened one after the other."""
    wanted, own, made = Wanted(0, 21, 300), RunCurves("run 2"), Pictures()
    drawn = []
    for level in (1.0, 9.0):
        epochs = Columns()
        epochs.append({"loss": np.full(20, level)})
        before = RunCurves("run 1", 5, Columns(), epochs)
        drawn.append(made.make("loss", own, [(before, QColor("red"))], wanted).strokes[0].y[0])
    assert drawn == [1.0, 9.0]


def test_folds_behind_a_fold_are_told_in_few_words(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    earlier(staged, "cross-validation 1, fold 1", 3, group="g")
    earlier(staged, "cross-validation 1, fold 2", 3, group="g")
    earlier(staged, "wide", 3)
    staged.begin_run("cross-validation 1, fold 3")
    qtbot.waitUntil(lambda: [g.name for g in page.middle.curves.ghosts] == ["fold 1", "fold 2", "wide"])


def test_a_mark_at_the_beginning_is_whole(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    run = staged.begin_run(epochs=20)
    run.history.events.append((0, "Begins with the weights of run 1."))
    for _ in range(3):
        staged.add_epoch({"loss": 0.8, "learning_rate": 0.001})
    page._show_run()
    curves = page.middle.curves
    curves.redraw()
    strip = curves.strip
    qtbot.waitUntil(lambda: strip.box.viewRange()[0][0] == 0)  # laid out
    curves.redraw()
    (x,), _ = strip._marks.getData()
    pixel = strip.box.viewPixelSize()[0]
    assert 4 * pixel < x < 6 * pixel


def test_a_name_of_an_axis_that_has_no_room_is_shortened_and_never_markup() -> None:
    axis = RoundAxis("left")
    name = "mean absolute error (a target of a very long name <b>)"
    axis.setLabel(name)
    axis.resize(60, 800)
    assert axis.label.toPlainText().strip() == name
    assert axis.label.toolTip() == ""
    axis.resize(60, 150)
    assert "…" in axis.label.toPlainText()
    assert axis.label.boundingRect().width() <= 150
    assert "&lt;b&gt;" in axis.label.toolTip()
    assert axis.labelText == name
