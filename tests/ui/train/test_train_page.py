"""The Train page as a person uses it: settings, the one button, figures, curves, the doctor's remedies."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from tests.ui.train.conftest import FACTS
from workbench.core.errors import TrainError
from workbench.core.facts import GraphFacts, Problem, Repair
from workbench.core.history import History
from workbench.ui import theme
from workbench.ui.train import side
from workbench.ui.train.page import TrainPage
from workbench.ui.train.plot import AXIS_WIDTH
from workbench.ui.train.run_bar import buttons_for


def button(page: TrainPage, name: str) -> QPushButton:
    return page.findChild(QPushButton, name)


def press(page: TrainPage, name: str) -> None:
    QTest.mouseClick(button(page, name), Qt.MouseButton.LeftButton)


def epochs(staged: StagedSession, losses: list[float], held_out: list[float]) -> None:
    for a, b in zip(losses, held_out, strict=True):
        staged.add_epoch({"loss": a, "val_loss": b, "accuracy": 1 - a, "val_accuracy": 1 - b})


def test_before_a_run_it_says_what_training_will_do(page: TrainPage) -> None:
    said = page.empty.accessibleName()
    assert "Ready to train" in said
    assert "20 times" in said
    assert "sparse categorical" in said
    assert button(page, "trainButton").isEnabled()


def test_what_keeps_from_training_is_said_with_a_way_there(page: TrainPage, staged: StagedSession) -> None:
    staged.ready(can_train=False, why_not="Open data to begin.")
    assert not button(page, "trainButton").isEnabled()
    assert page.findChild(QLabel, "trainNote").text() == "Open data to begin."
    press(page, "empty_action_0")
    assert staged.asked[-1] == ("page", staged.resolved.next_page)


def test_settings_are_undoable_edits_and_typing_is_taken_by_train(page: TrainPage, staged: StagedSession) -> None:
    box = page.findChild(QLineEdit, "field-epochs")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "7")
    press(page, "trainButton")
    assert staged.project.train.epochs == 7
    assert staged.asked[-1][0] == "train"
    staged.document.undo()
    assert staged.project.train.epochs == 20
    assert box.text() == "20"


def test_another_optimizer_brings_its_own_settings(page: TrainPage, staged: StagedSession) -> None:
    combo = page.side.settings._combo(page.side.settings.basics, "optimizer")
    combo.setCurrentIndex(combo.findData("SGD"))
    combo.activated.emit(combo.currentIndex())
    assert staged.project.train.optimizer == "SGD"
    assert page.side.settings.own.header.text() == "SGD settings"
    assert page.side.settings.optimizer is not None
    assert "momentum" in page.side.settings.optimizer.rows


def test_a_learning_rate_can_follow_a_schedule(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    def choose(name: str) -> None:
        combo = page.findChild(QComboBox, "field-learning_rate")
        combo.setFocus()
        combo.setCurrentIndex(combo.findData(name))
        combo.activated.emit(combo.currentIndex())

    box = page.findChild(QLineEdit, "field-learning_rate-constant")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0.02")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert staged.project.train.optimizer_params == {"learning_rate": 0.02}
    choose("CosineDecay")
    chosen = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.02}}
    assert staged.project.train.optimizer_params == {"learning_rate": chosen}
    steps = page.findChild(QLineEdit, "field-decay_steps")
    qtbot.waitUntil(steps.isVisible)  # a layout shows what is added to it in the next round of events
    assert (steps.text(), steps.placeholderText()) == ("", "auto")
    told = page.findChild(QLabel, "scheduleLength").text()
    assert told.startswith("As long as the run: ")
    choose("")
    assert staged.project.train.optimizer_params == {"learning_rate": 0.02}


def test_problems_stand_beside_their_setting(page: TrainPage, staged: StagedSession) -> None:
    fitting = replace(staged.project.train, loss="huber")
    repair = Repair("Use huber", staged.project.graph, fitting)
    problem = Problem("error", "This loss needs one answer a class.", setting="loss", repairs=(repair,))
    staged.graph_facts = GraphFacts({}, (problem,), loss="mean_squared_error")
    staged.graph_checked.emit()
    note = page.side.settings.findChild(QLabel, "problem-loss")
    assert note.isVisible()
    assert not page.side.settings.more.folded
    press(page, "repair-loss")
    assert staged.project.train == fitting
    staged.graph_facts = FACTS
    staged.graph_checked.emit()
    assert not note.isVisible()
    assert not button(page, "repair-loss").isVisible()


@pytest.mark.parametrize(
    ("state", "main", "side"),
    [
        ("", "train", None),
        ("preparing", "stop", None),
        ("running", "pause", "stop"),
        ("paused", "resume", "stop"),
    ],
)
def test_the_button_follows_the_state(state: str, main: str, side: str | None) -> None:
    buttons = buttons_for(state, True, "")
    assert buttons.main[0] == main
    assert (buttons.side[0] if buttons.side else None) == side


def test_the_button_says_what_the_end_of_a_run_waits_for_and_how_many_folds_it_begins() -> None:
    assert buttons_for("stopping", True, "", text="Stopping").main[1] == "Stopping…"
    assert buttons_for("stopping", True, "", text="Trained. Saving.").main[1] == "Saving…"
    assert buttons_for("stopping", True, "", text="Scoring the test part.").main[1] == "Scoring…"
    assert buttons_for("", True, "", again=True, folds=4).main[1] == "Train 4 folds"


def test_pause_resume_and_stop_are_pressed(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    press(page, "trainButton")
    run.state = "paused"
    staged.run_changed.emit()
    qt_wait_run(page)
    press(page, "trainButton")
    press(page, "trainSideButton")
    assert [a[0] for a in staged.asked[-3:]] == ["pause", "resume", "stop"]
    run.state, run.text = "stopping", "Stopped. Scoring the test part."  # which a person need not wait for
    staged.run_changed.emit()
    qt_wait_run(page)
    assert "Scoring the test part" in page.middle.state.text()
    press(page, "abortButton")
    assert staged.asked[-1] == ("abort",)
    staged.end_run("aborted")
    qt_wait_run(page)
    assert not button(page, "abortButton").isVisible()
    assert button(page, "trainOnButton").isVisible()


def test_an_engine_that_does_not_answer_can_be_ended(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    kill = page.findChild(QPushButton, "resumeRunButton")
    assert not kill.isVisible()
    run.state = "stopping"
    qt_wait_run(page)
    assert not kill.isVisible()  # a moment is given to save
    page.side._stopping_since -= side.STUCK_MS / 1000
    page.side.show_bar()
    assert kill.isVisible()
    assert "still compiles or saves" in page.findChild(QLabel, "trainNote").text()
    run.state = "running"
    qt_wait_run(page)
    assert not kill.isVisible()
    staged.engine = replace(staged.engine, silent=True)
    staged.engine_changed.emit()
    assert "does not answer" in page.findChild(QLabel, "trainNote").text()
    press(page, "resumeRunButton")
    press(page, "trainSideButton")
    assert staged.asked[-2:] == [("kill_engine",), ("stop",)]


def qt_wait_run(page: TrainPage) -> None:
    """Figures follow within a tenth of a second; the test does not wait for the timer."""
    page._show_run()


def test_an_interrupted_run_can_be_taken_up(page: TrainPage, staged: StagedSession) -> None:
    history = History()
    history.epochs.append({"loss": 1.0})
    staged.old_run(history, "run 1", state="running")
    resume = button(page, "resumeRunButton")
    assert resume.isVisible()
    assert "run 1" in resume.text()
    press(page, "resumeRunButton")
    assert staged.asked[-1] == ("train", staged.runs[-1].id)


def test_figures_and_curves_follow_the_run(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.linspace(1, 0.5, 100, dtype=np.float32)})
    epochs(staged, [0.9, 0.6], [0.95, 0.7])
    qt_wait_run(page)
    strip = page.middle.strip
    assert strip.findChild(QLabel, "figure-epoch").text() == "3 / 20"
    assert strip.findChild(QLabel, "figure-val_metric").text() == "30.0 %"
    assert strip.findChild(QLabel, "figure-time").text() == "2:10"
    qtbot.waitUntil(lambda: "validation" in page.middle.curves.plots.accessibleDescription())
    assert "0.7" in page.middle.curves.plots.accessibleDescription()


def test_the_pointer_reads_every_curve_and_the_whole_run_comes_back(
    page: TrainPage, staged: StagedSession, qtbot: QtBot
) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.linspace(1, 0.5, 100, dtype=np.float32)})
    epochs(staged, [0.9, 0.6], [0.95, 0.7])
    qt_wait_run(page)
    curves = page.middle.curves
    curves.redraw()
    middle = curves.upper.box.sceneBoundingRect().center()
    curves.pointer.hover(QPointF(middle))
    texts = [r.text for r in curves.pointer.read_out.rows]
    assert curves.pointer.read_out.isVisible()
    assert {"train", "validation", "each batch"} <= set(texts)
    staged.begin_run(steps=40)  # another run below the pointer that rests
    staged.add_batches({"loss": np.full(100, 7.0, np.float32)})
    qt_wait_run(page)
    curves.redraw()
    assert [r.value for r in curves.pointer.read_out.rows if r.text == "each batch"] == ["7.000"]
    QTest.keyClick(curves.plots, Qt.Key.Key_Plus)
    reset = page.findChild(QToolButton, "resetZoom")
    assert reset.isEnabled()
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert not reset.isEnabled()


def test_the_tools_change_the_curves(page: TrainPage, staged: StagedSession) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.linspace(1, 0.5, 100, dtype=np.float32)})
    qt_wait_run(page)
    tools, curves = page.middle.tools, page.middle.curves
    tools.smoothing.setValue(0)
    QTest.mouseClick(tools.log, Qt.MouseButton.LeftButton)
    QTest.mouseClick(tools.steps, Qt.MouseButton.LeftButton)
    assert (curves.smoothing, curves.log, curves.unit) == (0.0, True, "steps")
    curves.redraw()
    assert curves.upper.left.log
    assert curves.lower.bottom.factor == 40


def test_earlier_runs_are_ghosts_that_can_be_hidden(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    history = History()
    for value in (1.0, 0.8):
        history.epochs.append({"loss": value, "val_loss": value})
    staged.old_run(history, "run 1")
    staged.begin_run()
    curves = page.middle.curves
    qtbot.waitUntil(lambda: [g.name for g in curves.ghosts] == ["run 1"])
    assert page.middle.tools.ghosts.isVisible()
    QTest.mouseClick(page.middle.tools.ghosts, Qt.MouseButton.LeftButton)
    assert curves.ghosts == ()


def test_the_doctors_remedy_is_one_undoable_click(page: TrainPage, staged: StagedSession) -> None:
    staged.begin_run(steps=4)
    staged.add_batches({"loss": np.array([1.0, np.nan], np.float32)})
    qt_wait_run(page)
    assert "not a number since epoch 1, batch 2" in page.doctor.findings[0].title
    press(page, "remedy-nan-0")
    assert staged.project.train.optimizer_params["learning_rate"] == 0.0001
    staged.document.undo()
    assert "learning_rate" not in staged.project.train.optimizer_params


def test_overfitting_can_be_stopped_from_the_doctor(page: TrainPage, staged: StagedSession) -> None:
    staged.begin_run()
    epochs(staged, [1.0, 0.8, 0.6, 0.5, 0.4, 0.3], [1.0, 0.7, 0.8, 0.9, 1.0, 1.1])
    qt_wait_run(page)
    press(page, "remedy-overfitting-0")
    assert staged.asked[-1] == ("stop",)


def test_a_failed_run_says_what_where_and_what_to_try(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    run.error = TrainError("Out of memory.", where="epoch 1", remedy="Use a smaller batch.")
    staged.end_run("failed", -1)
    assert page.failure.isVisible()
    for part in ("Out of memory.", "epoch 1", "Use a smaller batch."):
        assert part in page.failure.text
    press(page, "notice_action_0")
    assert staged.asked[-1] == ("train", None)
    # a full disk leaves a checkpoint: with room again it goes on from there
    staged.runs = [replace(staged.runs[-1], state="paused")]
    run.record = staged.runs[-1]
    page._show_run()
    (resume,) = (b for b in page.failure.findChildren(QPushButton) if b.text() == f"Resume {run.name}")
    QTest.mouseClick(resume, Qt.MouseButton.LeftButton)
    assert staged.asked[-1] == ("train", run.id)


def test_a_run_that_has_ended_is_drawn_whole_at_once(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.begin_run()
    staged.add_epoch({"loss": 0.9, "val_loss": 0.8})
    curves = page.middle.curves
    qtbot.waitUntil(lambda: curves._epochs[0] == 1)
    curves.frames.due = time.monotonic() + 3600  # the last picture took long
    staged.add_epoch({"loss": 0.7, "val_loss": 0.6})
    staged.end_run()
    qtbot.waitUntil(lambda: curves._epochs[0] == 2)
    assert page.side.title.text() == "Training"


def test_what_stands_above_is_of_the_next_run_while_one_trains(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    page._show_run()
    assert page.side.title.text() == "The next run"
    run.state = "finished"
    run.history.events.append(
        (0, "Begins with the weights of run 1, the best epoch (epoch 6). Kept: a. Begun anew: b.")
    )
    staged.run_changed.emit()
    page._show_run()
    said = [label.text() for label in page.doctor.findChildren(QLabel)]
    assert {"Begins with the weights of run 1, the best epoch (epoch 6).", "Kept: a. Begun anew: b."} <= set(said)


def test_of_a_run_that_was_lost_the_doctor_says_so(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    run.state = "interrupted"
    page._show_run()
    assert "Interrupted after 0 epochs." in [label.text() for label in page.doctor.findChildren(QLabel)]


def test_a_run_lost_before_its_first_checkpoint_is_not_said_to_be_kept(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run()
    epochs(staged, [0.9, 0.6], [0.95, 0.7])
    page._show_run()
    run.state, run.text = "failed", "The engine ended unexpectedly."
    run.error = TrainError(run.text, remedy="No checkpoint of it was written yet: train it again.")
    run.record = replace(run.record, state="failed", seconds=0.018)  # as it was when training began
    staged.run_changed.emit()
    said = "\n".join(label.text() for label in page.doctor.findChildren(QLabel))
    assert "Best epoch: 2." in said
    assert "Nothing was kept of this run." in said
    assert "ones kept" not in said
    assert page.middle.strip.findChild(QLabel, "figure-time").text() == "–"
    assert "engine" not in page.middle.state.text()  # which the failure above tells


def test_the_graph_of_the_run_is_shown_and_cannot_be_changed(
    page: TrainPage, staged: StagedSession, qtbot: QtBot
) -> None:
    staged.begin_run()
    page.middle.tabs.setCurrentIndex(1)
    view = page.middle.graph.view
    qtbot.waitUntil(lambda: len(view.scene().nodes) == 4)
    node = view.scene().nodes["c"]
    where = view.mapFromScene(node.sceneBoundingRect().center())
    before = node.pos()
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseMove(view.viewport(), where + QPoint(60, 40))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=where + QPoint(60, 40))
    assert node.pos() == before
    assert node.look.running


def test_the_theme_can_change_while_it_runs(page: TrainPage, staged: StagedSession, qapp: object) -> None:
    staged.begin_run()
    epochs(staged, [1.0], [1.0])
    theme.apply(qapp, "dark")  # type: ignore[arg-type]
    page.middle.curves.redraw()
    assert page.doctor.findings
    assert not page.grab().isNull()


def test_no_figure_is_cut_and_none_is_shown_that_cannot_come(qtbot: QtBot) -> None:
    from workbench.ui.train import figures
    from workbench.ui.train.middle import FigureStrip

    logs = {"loss": np.array([3.94e-5]), "mean_absolute_error": np.array([0.005094])}
    strip = FigureStrip()
    qtbot.addWidget(strip)
    strip.show_tiles(figures.tiles("finished", 500, 500, {}, logs, 30_200.0, float("nan"), 0.3))
    strip.resize(strip.minimumSizeHint())
    strip.show()
    shown = {v.accessibleName(): v for v in strip.findChildren(QLabel) if v.isVisible() and v.accessibleName()}
    assert not any(name.startswith("val.") for name in shown), "no rows are held out"
    for name, value in shown.items():
        assert value.width() >= value.fontMetrics().horizontalAdvance(value.text()), name
    before = figures.tiles("running", 0, 500, {}, {}, 0.0, float("nan"))
    assert any(tile.key == "val_loss" for tile in before), "its place is kept until the first epoch tells"


def test_train_can_be_pressed_while_only_the_engine_is_waited_for(
    page: TrainPage, staged: StagedSession, qtbot: QtBot
) -> None:
    staged.can_wait = True
    staged.ready(can_train=False, why_not="The engine is starting.")
    assert page.side.bar.main.isEnabled()
    QTest.mouseClick(page.side.bar.main, Qt.MouseButton.LeftButton)
    assert ("train", None) in staged.asked
    staged.train_wanted = True
    staged.resolved_changed.emit()
    assert not page.side.bar.main.isEnabled()
    assert "moment" in page.side.bar.main.text()
    assert page.side.bar.note.text() == "The engine is starting."


def test_a_finding_that_only_changes_its_figures_keeps_its_card(qtbot: QtBot) -> None:
    from workbench.ui.train.doctor_panel import DoctorPanel, FindingCard
    from workbench.ui.train.findings import Finding, Remedy

    taken: list[object] = []
    panel = DoctorPanel()
    qtbot.addWidget(panel)
    panel.chosen.connect(taken.append)
    panel.show()
    remedies = (Remedy("Stop", action="stop"), Remedy("Stop", action="stop"))
    panel.show_findings([Finding("now", "fact", "The loss fell 20 %.", "From 5.", remedies[:1])])
    card = panel.findChild(FindingCard)
    assert card is not None
    panel.show_findings([Finding("now", "fact", "The loss fell 21 %.", "", remedies[1:])])
    assert panel.findChild(FindingCard) is card
    qtbot.waitUntil(card.isVisible)
    assert card.title.text() == "The loss fell 21 %."
    assert not card.text.isVisible()
    QTest.mouseClick(panel.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert taken[0] is remedies[1]


def test_a_long_remedy_breaks_instead_of_being_cut_off(qtbot: QtBot) -> None:
    from workbench.ui.train.doctor_panel import DoctorPanel
    from workbench.ui.train.findings import Finding, Remedy
    from workbench.ui.widgets.scrolled import scrolled

    panel = DoctorPanel()
    area = scrolled(panel)
    qtbot.addWidget(area)
    area.resize(200, 400)
    area.show()
    panel.show_findings([Finding("rising", "bad", "It rises.", "", (Remedy("Learning rate 0.0001 (smaller still)"),))])
    button = panel.findChild(QPushButton)
    qtbot.waitUntil(lambda: "\n" in button.text())
    qtbot.waitUntil(lambda: panel.width() <= area.viewport().width())
    assert button.accessibleName() == "Learning rate 0.0001 (smaller still)"


def test_the_names_of_the_axes_can_be_read_in_either_look(
    page: TrainPage, staged: StagedSession, qapp: QApplication, qtbot: QtBot
) -> None:
    staged.begin_run()
    epochs(staged, [1.0, 0.5], [1.1, 0.6])
    axis = page.middle.curves.upper.item.getAxis("left")
    qtbot.waitUntil(lambda: bool(axis.labelText))
    for look in ("dark", "light", "dark"):
        theme.apply(qapp, look)
        page.middle.curves.grab()
        assert axis.labelStyle["color"] == theme.hex_of("muted")
        assert axis.zValue() < page.middle.curves.upper.box.zValue()  # its grid lies under the curves
    theme.apply(qapp, "light")


def test_where_it_overfits_and_what_the_rate_did_are_drawn_and_another_metric_is_chosen(
    page: TrainPage, staged: StagedSession
) -> None:
    staged.begin_run(steps=4)
    held_out = [1.0, 0.6, 0.5, 0.6, 0.7, 0.8, 0.9]
    for i, b in enumerate(held_out):
        staged.add_epoch(
            {"loss": 1 / (i + 1), "val_loss": b, "accuracy": 0.5, "precision": 0.7, "learning_rate": 0.001}
        )
    page._show_run()
    curves = page.middle.curves
    curves.redraw()
    assert curves.upper.ink.marks.turn == 3
    assert curves.upper.ink.marks.turn_word == "overfitting from epoch 4"
    assert not curves.strip.shown  # the rate has not changed, and nothing has happened
    assert curves.lower.name == "accuracy"
    box = page.middle.tools.metric_box
    assert [box.itemText(i) for i in range(box.count())] == ["accuracy", "precision"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    staged.add_epoch({"loss": 0.1, "val_loss": 0.95, "accuracy": 0.5, "precision": 0.7, "learning_rate": 0.0005})
    page._show_run()
    curves.redraw()
    assert curves.lower.name == "precision"
    assert curves.strip.shown
    assert curves.strip.rate_at(99.0) == pytest.approx(0.0005)
    curves.upper.box.setXRange(0, 1, padding=0)
    curves._moved_by_hand()
    curves.redraw()
    assert curves.strip.labels.labels[0].value == "0.001"  # what it is where the view ends
    assert curves.strip.item.getAxis("left").minimumWidth() == AXIS_WIDTH  # in line with the plots above


def test_a_drag_looks_closer_and_nothing_is_shown_before_the_run_or_behind_it(
    page: TrainPage, staged: StagedSession
) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.linspace(1, 0.5, 400, dtype=np.float32)})
    epochs(staged, [0.9] * 10, [0.95] * 10)
    qt_wait_run(page)
    curves = page.middle.curves
    curves.redraw()
    QApplication.processEvents()
    box, view = curves.upper.box, curves.plots.viewport()

    def at(epoch: float) -> QPoint:
        return curves.plots.mapFromScene(box.mapViewToScene(QPointF(epoch, sum(box.viewRange()[1]) / 2)))

    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at(2.0))
    for epoch in (2.5, 3.0, 4.0):
        QTest.mouseMove(view, at(epoch))
        QApplication.processEvents()
    assert curves.lower.ink.stretch is not None  # how far, the library tells at most a hundred times a second
    assert curves.lower.ink.stretch[0] == pytest.approx(2.0, abs=0.1)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(4.0))
    assert curves.lower.ink.stretch is None
    assert box.viewRange()[0] == pytest.approx([2.0, 4.0], abs=0.1)
    for _ in range(15):
        QTest.keyClick(curves.plots, Qt.Key.Key_Left)
    assert box.viewRange()[0] == pytest.approx([0.0, 2.0], abs=0.1)
    for _ in range(99):
        QTest.keyClick(curves.plots, Qt.Key.Key_Right)
    assert box.viewRange()[0][1] == pytest.approx(curves._border())
    for _ in range(12):
        QTest.keyClick(curves.plots, Qt.Key.Key_Minus)
    assert not page.findChild(QToolButton, "resetZoom").isEnabled()  # all of it is seen again


def test_an_axis_ends_with_the_run(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run(epochs=400)
    run.history.epochs.append({"loss": np.linspace(1, 0.1, 323)})
    run.epoch = 323
    staged.run_changed.emit()
    qt_wait_run(page)
    assert page.middle.curves._end() == 400
    staged.end_run("early_stopped")
    assert page.middle.curves._end() == 323


def test_the_read_out_stands_beside_the_lines(page: TrainPage, staged: StagedSession) -> None:
    staged.begin_run(steps=40)
    rows = [0.1] * 10
    epochs(staged, rows, rows)
    qt_wait_run(page)
    curves = page.middle.curves
    curves.redraw()
    QApplication.processEvents()
    for share in (0.2, 0.5, 0.9):
        box = curves.upper.box.sceneBoundingRect()
        curves.pointer.hover(QPointF(box.left() + share * box.width(), box.center().y()))
        place = curves.pointer.read_out.geometry()
        for plot in (curves.upper, curves.lower):
            for stroke in plot.ink.strokes:
                for x, y in zip(stroke.x.tolist(), stroke.y.tolist(), strict=True):
                    scene = plot.box.mapViewToScene(QPointF(x, y))
                    assert not place.contains(curves.plots.mapFromScene(scene))


def test_page_and_strip_tell_the_same_moment(page: TrainPage, staged: StagedSession) -> None:
    from workbench.ui.strip import Strip

    staged.kill_engine = staged.start_engine = staged.stop  # type: ignore[attr-defined]
    staged.project_opened = staged.dataset_changed  # type: ignore[attr-defined]
    strip = Strip(staged, page)  # type: ignore[arg-type]
    run = staged.begin_run(steps=40)
    for at in (0.0, np.inf, 0.0):  # told at once; both wait; told
        staged.telling.at = at
        staged.add_batches({"loss": np.linspace(3, 1, 70, dtype=np.float32)})
        said = strip.figures.text().replace("/", " / ")
        for name in ("epoch", "loss"):
            assert page.middle.strip.findChild(QLabel, f"figure-{name}").text() in said
    assert "epoch 6 / 20   loss 1.348" in said
    assert run.shown_epoch == 6
    staged.telling.rest.stop()
