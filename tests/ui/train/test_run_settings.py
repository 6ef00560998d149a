"""Threads, kept checkpoints and looks inside among the training settings; kept epochs to begin with."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from workbench.core.catalog import load_catalog
from workbench.core.facts import GraphFacts, Problem, Repair
from workbench.core.project import Graph, Project, TrainSpec
from workbench.core.runs import RunRecord
from workbench.ui.train.begin_with import BeginWith
from workbench.ui.train.more_settings import MoreSettings, kept_in_words


def test_threads_are_typed_and_become_an_edit(qtbot: QtBot) -> None:
    panel = MoreSettings(load_catalog())
    qtbot.addWidget(panel)
    panel.show_train(TrainSpec(), "classification", GraphFacts(), ("a", "b"))
    panel.speed.set_folded(False)
    panel.show()
    told: list[tuple[object, str, str]] = []
    panel.edited.connect(lambda *said: told.append(said))
    box = panel.speed_form.rows["threads"].editor.findChild(QLineEdit) or panel.speed_form.rows["threads"].editor
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, "2")
    QTest.keyClick(box, Qt.Key.Key_Return)
    panel.flush()
    edit, label, _ = told[-1]
    assert edit(Project()).train.threads == 2  # type: ignore[operator]
    assert label == "Change processor threads"


@pytest.mark.parametrize(
    ("train", "told"),
    [
        (TrainSpec(epochs=20), ""),
        (TrainSpec(epochs=20, keep_every=30), ""),
        (TrainSpec(epochs=20, keep_every=20), "1 checkpoint, about"),
        (TrainSpec(epochs=20, keep_every=5), "4 checkpoints, about"),
    ],
)
def test_what_kept_checkpoints_take_is_said(train: TrainSpec, told: str) -> None:
    said = kept_in_words(train, 1_000_000)
    assert said.startswith(told)
    assert bool(said) == bool(told)


def test_a_kept_epoch_can_be_begun_with(qtbot: QtBot) -> None:
    row = BeginWith()
    qtbot.addWidget(row)
    row.show_runs([RunRecord("r1", "run 1", best_epoch=3, epochs_done=6, kept=(2, 4))], (), False)
    texts = [row.weights.itemText(i) for i in range(row.weights.count())]
    assert texts[-2:] == ["run 1, kept (epoch 2)", "run 1, kept (epoch 4)"]
    row.weights.setCurrentIndex(row.weights.count() - 1)
    assert row.chosen == ("r1", "4")


def test_a_long_name_does_not_cut_what_the_button_says(qtbot: QtBot) -> None:
    row = BeginWith()
    qtbot.addWidget(row)
    row.show_runs([RunRecord("r1", "run 1", state="finished", best_epoch=3, epochs_done=30)], (), False)
    assert row.on.text() == "Train run 1 on for 30 more epochs"
    name = "cross-validation 1, fold 3"
    row.show_runs([RunRecord("r1", name, state="finished", best_epoch=3, epochs_done=30)], (), False)
    assert row.on.text() == "Train it on for 30 more epochs"
    assert name in row.on.toolTip()
    assert name in row.on.accessibleName()


def test_a_typed_class_weight_leaves_the_others_as_the_features_say(qtbot: QtBot) -> None:
    panel = MoreSettings(load_catalog())
    qtbot.addWidget(panel)
    told: list[object] = []
    panel.edited.connect(lambda edit, *_: told.append(edit))
    train = TrainSpec(class_weights={"gone": 9.0})
    wrong = Problem(
        "warning", "gone", setting="class_weights", repairs=(Repair("Drop it", Graph(), unweighed=("gone",)),)
    )
    panel.show_train(train, "classification", GraphFacts(problems=(wrong,)), ("a", "b"), by_class=(0.75, 1.5))
    panel.show()
    assert panel.weight_form is not None
    assert [row.editor.findChild(QLineEdit).text() for row in panel.weight_form.rows.values()] == ["0.75", "1.5"]
    box = panel.weight_form.rows["a"].editor.findChild(QLineEdit)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, "2")
    QTest.keyClick(box, Qt.Key.Key_Return)
    project = told[-1](Project(train=train))  # type: ignore[operator]
    assert project.train.class_weights == {"gone": 9.0, "a": 2.0}
    panel.show_train(project.train, "classification", GraphFacts(problems=(wrong,)), ("a", "b"), by_class=(0.75, 1.5))
    assert panel.weight_note.isVisible()
    QTest.mouseClick(panel.weight_trouble.button, Qt.MouseButton.LeftButton)
    project = told[-1](project)  # type: ignore[operator]
    assert project.train.class_weights == {"a": 2.0}
    panel.show_train(project.train, "classification", GraphFacts(), ("a", "b"), by_class=(0.75, 1.5))
    assert not panel.weight_trouble.isVisible()
