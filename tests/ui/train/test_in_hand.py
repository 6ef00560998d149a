"""Runs changed while they train, begun from others, by folds, on a cluster; what fails offers what to press."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from workbench.core import edits
from workbench.core.catalog import load_catalog
from workbench.core.errors import OutOfMemory, TrainError
from workbench.core.facts import GraphFacts, NodeFacts
from workbench.core.history import Columns, History
from workbench.core.project import EarlyStopping, Graph, Node, Project, TrainSpec, Wire
from workbench.core.runs import RunRecord
from workbench.link.messages import Forecasted, RunAdjusted, RunEnded, RunStarted
from workbench.link.transport import KILLED
from workbench.link.wire import decode, encode
from workbench.ui.live_run import LiveRun
from workbench.ui.train import cluster_panel
from workbench.ui.train.begin_with import BeginWith
from workbench.ui.train.curves import RunCurves, lines_of
from workbench.ui.train.figures import plan_in_words
from workbench.ui.train.live_controls import LiveControls
from workbench.ui.train.page import TrainPage
from workbench.ui.train.remedies import remedies_for, resumed_smaller

FITS = Forecasted(0.001, 0.25, 5.0, 9420, 200_000_000, 4_000_000_000, 32, "cpu")


def columns(count: int) -> Columns:
    return Columns.from_arrays({"loss": np.zeros(count, np.float32)})


def choose(combo: QComboBox, value: Any) -> None:
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def type_into(page: TrainPage, within: str, name: str, text: str) -> None:
    panel = page.findChild(object, within)
    box = panel.findChild(QLineEdit, f"field-{name}")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def press(page: TrainPage, name: str) -> None:
    QTest.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_a_run_is_changed_while_it_trains(page: TrainPage, staged: StagedSession) -> None:
    assert not page.side.live.isVisible()
    staged.begin_run(epochs=10)
    staged.add_epoch({"loss": 1.0, "learning_rate": 0.001})
    assert page.side.live.isVisible()
    type_into(page, "liveControls", "learning_rate", "0.0005")
    assert staged.asked[-1] == ("adjust", {"learning_rate": 0.0005})
    type_into(page, "liveControls", "epochs", "30")
    assert staged.asked[-1] == ("adjust", {"epochs": 30})
    type_into(page, "liveControls", "patience", "4")
    assert staged.asked[-1][1]["early_stopping"] == EarlyStopping(True, patience=4)
    staged.run.early = EarlyStopping(True, patience=4)  # as the run has it, whatever the settings of the next one say
    staged.add_epoch({"loss": 0.9, "learning_rate": 0.0005})
    page._show_run()
    assert page.findChild(object, "liveControls").findChild(QLineEdit, "field-patience").text() == "4"
    press(page, "queueButton")
    assert staged.asked[-1] == ("enqueue", None, 0)
    staged.end_run()
    page._show_run()
    assert not page.side.live.isVisible()


def test_what_was_asked_for_stays_until_the_engine_has_its_word_on_it(page: TrainPage, staged: StagedSession) -> None:
    def shown(name: str) -> str:
        page._show_run()
        return page.findChild(object, "liveControls").findChild(QLineEdit, f"field-{name}").text()

    run = staged.begin_run(epochs=10)
    staged.add_epoch({"loss": 1.0, "learning_rate": 0.001})
    begun = shown("batch_size")
    type_into(page, "liveControls", "batch_size", "64")
    staged.add_epoch({"loss": 1.0, "learning_rate": 0.001})
    assert shown("batch_size") == "64"
    assert page.side.live.waits.text() == "Batch size: at the next epoch."
    type_into(page, "liveControls", "batch_size", begun)
    assert staged.asked[-1] == ("adjust", {"batch_size": int(begun)}), "it can be taken back"
    assert shown("batch_size") == begun
    assert not page.side.live.waits.isVisible()

    type_into(page, "liveControls", "learning_rate", "0.0005")
    assert shown("learning_rate") == "0.0005"
    run.state = "paused"
    assert shown("learning_rate") == "0.0005"
    assert page.side.live.waits.text() == "Learning rate: when the run goes on."
    type_into(page, "liveControls", "epochs", "7")  # nothing comes from the engine meanwhile
    assert page.side.live.waits.text() == "Learning rate, epochs: when the run goes on."
    run.state = "running"
    told = RunAdjusted(run.id, 3, "Learning rate 0.001 → 0.0004", 10, 32, 5, learning_rate=0.0004)
    run.adjust(told)
    assert shown("learning_rate") == "0.0004", "what the run has, where it is not what was asked for"


def test_a_rate_that_follows_its_schedule_is_not_marked_as_changed(qtbot: QtBot) -> None:
    live = LiveControls()
    qtbot.addWidget(live)
    row = live.form.rows["learning_rate"]
    for rate, told, changed in ((0.1, (), False), (0.09, (), False), (0.05, ("Learning rate 0.09 → 0.05",), True)):
        live.show_run("r", rate, 32, 5, EarlyStopping(), told)
        assert row.changed == changed


def test_the_bar_follows_the_epochs_where_the_batch_size_changes(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run(epochs=20, steps=1000)
    run.step = 10_000
    assert run.share == pytest.approx(0.5)
    run.adjust(RunAdjusted(run.id, 10_000, "Batch size 32 → 64", 20, 64, 500, 10.0, 10_000))
    assert run.share == pytest.approx(0.5)
    run.step += 2_500
    assert run.share == pytest.approx(0.75)


def test_what_was_changed_is_drawn_and_read_out(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run(epochs=4, steps=10)
    staged.add_batches({"loss": np.ones(20, np.float32), "accuracy": np.ones(20, np.float32)})
    run.history.events.append((10, "Learning rate 0.001 → 0.01"))
    page._show_run()
    page.middle.curves.redraw()
    assert page.middle.curves.events() == [(1.0, "Learning rate 0.001 → 0.01")]
    assert page.middle.curves.upper.ink.marks.events == (1.0,)


def test_curves_keep_their_epochs_when_the_batch_size_changes() -> None:
    run = RunCurves("r", 4, columns(18), columns(3), ((1, 10, 4),))
    (batches, _) = lines_of(run, "loss")
    assert batches.x[9] == pytest.approx(1.0)
    assert batches.x[13] == pytest.approx(2.0)
    assert batches.x[17] == pytest.approx(3.0)
    assert run.end == pytest.approx(3.0)


def test_a_run_begins_with_the_weights_of_another(page: TrainPage, staged: StagedSession) -> None:
    assert not page.side.begin.row.isVisible()
    history = History()
    history.epochs.append({"loss": 0.5})
    staged.old_run(history, "run 1", best_epoch=0, epochs_done=1, epochs=1, state="finished")
    staged.runs_changed.emit()
    page._show_run()
    assert page.side.begin.row.isVisible()
    page.side.begin.weights.setCurrentIndex(2)
    assert page.side.start().which == "last"
    assert page.side.start().folder.name == staged.runs[0].id
    press(page, "trainOnButton")
    assert staged.asked[-1] == ("train", staged.runs[0].id)


def test_metrics_loss_rate_and_precision_are_undoable_settings(page: TrainPage, staged: StagedSession) -> None:
    more = page.side.settings.further
    for section in (more.metrics, more.loss, more.plateau, more.weights, more.speed):
        section.set_folded(False)
    names = page.findChild(QListWidget, "metricsList")
    shown = [names.item(i).data(Qt.ItemDataRole.UserRole) for i in range(names.count())]
    assert shown[0] == "accuracy"
    assert "binary_accuracy" not in shown  # for one output unit
    names.setCurrentRow(shown.index("recall"))
    one_class = more.metrics_editor.form.rows["class_id"].editor.combo
    assert [one_class.itemText(i) for i in range(one_class.count())] == ["all together", "zero", "one", "two"]
    choose(one_class, 2)
    assert staged.project.train.metric_params == {"recall": {"class_id": 2}}
    item = names.item(shown.index("sparse_top_k_categorical_accuracy"))
    item.setCheckState(Qt.CheckState.Checked)
    assert staged.project.train.metrics == ("accuracy", "sparse_top_k_categorical_accuracy")
    names.setCurrentItem(item)
    more.metrics_editor.form.edited.emit("k", 2)
    more._loss_edited("categorical_crossentropy")
    more._plateau_edited("enabled", True)
    assert staged.project.train.plateau.enabled
    watch = more.plateau_watch.rows["monitor"].editor.combo
    assert (watch.isEnabled(), watch.itemText(0)) == (True, "auto")  # early stopping is off
    choose(watch, "loss")
    assert staged.project.train.plateau.monitor == "loss"
    more.speed_form.edited.emit("precision", "mixed_bfloat16")
    assert staged.project.train.precision == "mixed_bfloat16"
    while staged.document.undo() is not None and staged.project.train != TrainSpec():
        pass
    assert staged.project.train.precision == "float32"


def test_a_schedule_is_shown_as_a_curve(page: TrainPage, staged: StagedSession) -> None:
    assert not page.side.settings.curve.isVisible()
    cosine = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 100}}
    staged.apply(edits.set_train(optimizer_params={"learning_rate": cosine}), "x")
    assert page.side.settings.curve.isVisible()
    assert "From 0.1 to" in page.side.settings.curve.accessibleDescription()


def test_what_training_takes_is_said_and_what_does_not_fit_is_mended(
    page: TrainPage, staged: StagedSession, qtbot: QtBot
) -> None:
    staged.forecasted = FITS
    page.side.forecast.refresh()
    qtbot.waitUntil(lambda: page.side.forecast.isVisible(), timeout=30_000)
    assert "0.2 s an epoch, 5 s in all" in page.findChild(QLabel, "forecastText").text()
    staged.apply(edits.set_train(epochs=7), "x")
    assert page.side.forecast.isVisible(), "other settings: it stays until it is measured anew"
    staged.facts, known = replace(staged.facts, rows={}), staged.facts
    page.side.forecast.refresh()
    assert not page.side.forecast.isVisible(), "what it took with other data is not told"
    staged.facts = known
    staged.apply(edits.set_train(early_stopping=EarlyStopping(True)), "x")
    page.side.forecast._show(FITS)
    assert "at most 5 s in all" in page.findChild(QLabel, "forecastText").text()
    page.side.forecast._show(replace(FITS, fits=False, smaller=8))
    press(page, "forecastRemedy")
    assert staged.project.train.batch_size == 8
    assert "hardly fit" not in page.findChild(QLabel, "forecastText").text()  # that was of the settings before
    nodes = (
        Node("c", "Dense", "wide", {"units": 64}),
        Node("d", "Dense", "last", {"units": 3}),
        Node("o", "Output", "o"),
    )
    staged.apply(lambda of: replace(of, graph=Graph(nodes, (Wire("c", "d"), Wire("d", "o")))), "x")
    page.side.forecast._show(replace(FITS, fits=False, layer="wide"))
    assert "Smaller batches do not help, a smaller wide does." in page.findChild(QLabel, "forecastText").text()
    press(page, "forecastRemedy")
    assert staged.project.graph.nodes[0].params["units"] == 32
    page.side.forecast._show(FITS)
    assert not page.findChild(QPushButton, "forecastRemedy").isVisible()


@pytest.mark.parametrize(
    ("cause", "titles"),
    [
        ("nan", ["Learning rate 0.001", "Clip the gradients"]),
        ("data", ["Look at the data"]),
        ("memory", ["Batch size 16", "wide: 32 units"]),
        ("weights", ["wide: 32 units"]),
        ("crash", ["Train without XLA", "Show wide", "Look at the data"]),
    ],
)
def test_a_failure_offers_what_to_press(cause: str, titles: list[str]) -> None:
    nodes = (Node("1", "Dense", "wide", {"units": 64}), Node("2", "Dense", "dense", {"units": 3}))
    graph = Graph((*nodes, Node("3", "Output", "output")), (Wire("1", "2"), Wire("2", "3")))
    ended = RunEnded("r", "failed", 1, 0, 1.0, "what", "epoch 1, batch 2, layer wide", cause=cause, rate=0.5)
    project = Project("p", graph=graph, train=TrainSpec(optimizer_params={"learning_rate": 0.5}))

    def offered(end: RunEnded | None = ended, of: Project = project, **more: Any) -> list[str]:
        return [r.title for r in remedies_for(end, of, load_catalog(), **more)]

    assert offered(mode="compiled loop, XLA") == titles
    assert offered(replace(ended, reason="finished")) == []
    assert resumed_smaller(ended, None, 32) == (16 if cause == "memory" else 0)
    if cause == "memory":  # also where the system ended the engine before it could say so, or it never began
        said = TrainError(f"The engine ended unexpectedly ({KILLED}). It is started again.")
        facts = GraphFacts({"1": NodeFacts(parameters=9), "2": NodeFacts(parameters=2)})
        assert offered(None, error=said, facts=facts) == titles
        short = OutOfMemory("The memory was not enough.", where="wide")
        assert offered(None, error=short) == titles
        assert offered(None, error=OutOfMemory(short.what, where="wide", of_weights=True)) == titles[1:]
        assert (resumed_smaller(None, said, 5), resumed_smaller(None, short, 1)) == (2, 0)
        assert offered(None, error=TrainError("The engine was ended by hand.")) == []
        least = replace(project, train=replace(project.train, batch_size=1))
        assert offered(replace(ended, where="layer dense"), least) == ["Half-sized numbers in the layers"]
        assert offered(ended, least)[0] == "wide: 32 units"
    if cause == "nan":  # a tenth where that is near to what the optimizer has by itself, and never farther from it
        assert offered(replace(ended, rate=0.02))[0] == "Learning rate 0.002"
        half = replace(project, train=replace(project.train, precision="mixed_float16"))
        assert offered(ended, half)[0] == "Full-sized numbers in the layers"


def test_a_cluster_has_a_line_for_each_machine(page: TrainPage, staged: StagedSession) -> None:
    panel = page.side.settings.further.cluster
    panel.section.set_folded(False)
    panel.machines.setText("10.0.0.1")
    assert "needs a port" in page.findChild(QLabel, "clusterComplaint").text()
    panel.machines.setText("10.0.0.1:2222, 10.0.0.2:2222")
    lines = cluster_panel.lines("/a b/p", ["10.0.0.1:2222", "10.0.0.2:2222"])
    assert lines[1] == "workbench train '/a b/p' --cluster 10.0.0.1:2222,10.0.0.2:2222 --worker 1"
    copies = [b for b in panel.findChildren(QPushButton) if b.text() == "Copy"]
    copies[-1].click()
    assert QApplication.clipboard().text().endswith("--worker 1")
    panel.begin.click()
    assert staged.asked[-1] == ("cluster", ["10.0.0.1:2222", "10.0.0.2:2222"])
    staged.cluster.told.emit(True, "Waiting for the other machines.")
    assert panel.begin.text().startswith("Stop")
    assert "workbench control" in panel.about.text()


def test_a_cluster_goes_on_with_a_run_that_lost_a_machine(page: TrainPage, staged: StagedSession) -> None:
    panel = page.side.settings.further.cluster
    panel.section.set_folded(False)
    panel.machines.setText("10.0.0.1:2222, 10.0.0.2:2222, 10.0.0.3:2222")
    assert not panel.resume.isVisible()
    staged.old_run(History(), "run 1", state="paused", epochs_done=3)
    page.side.show_bar()
    assert panel.resume.isVisible()
    shown = [line.text() for line in panel.findChildren(QLineEdit) if line.isReadOnly()]
    assert shown[-1].endswith("--resume --name 'run 1' --worker 2")
    panel.begin.click()
    assert staged.asked[-1] == ("cluster", ["10.0.0.1:2222", "10.0.0.2:2222", "10.0.0.3:2222"], "run 1")
    panel.resume.click()
    panel.begin.click()
    assert len(staged.asked[-1]) == 2


def test_an_opened_model_does_not_begin_with_new_weights(qtbot: QtBot) -> None:
    begin = BeginWith()
    qtbot.addWidget(begin)
    begin.show_given(True)
    begin.show_runs((), (), False)
    begin.show_given(True)
    assert begin.weights.itemText(0) == "the file's weights"
    assert begin.chosen == ("", "")
    begin.show_given(False)
    assert begin.weights.itemText(0) == "new weights"


def test_what_train_will_do_names_what_is_trained_on() -> None:
    assert "561 training pictures in batches of 32" in plan_in_words(561, 32, 2, "Adam", 0.001, "", "images")
    assert "once over 561 training rows" in plan_in_words(561, 32, 1, "Adam", None, "")


def test_a_resumed_run_shows_the_patience_that_was_changed_while_it_ran() -> None:
    started = RunStarted("r", 9, 4, 32, 10, "cpu", "compiled loop", "mse", (), 2, 8, EarlyStopping(True, "val_loss", 7))
    run = LiveRun(Path(), RunRecord("r", "run 1"), early=EarlyStopping(True, "val_loss", 40))
    run.begin(decode(encode(started)))
    assert run.early == EarlyStopping(True, "val_loss", 7)
