"""The training settings with what is odd: figures that are gone, hundreds of classes, names like markup, undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from workbench.core.catalog import load_catalog
from workbench.core.document import Edit
from workbench.core.facts import GraphFacts, Problem, Repair
from workbench.core.project import EarlyStopping, Graph, Plateau, Project, TrainSpec
from workbench.ui.train.page import TrainPage
from workbench.ui.train.settings_panel import SettingsPanel

FACTS = GraphFacts(loss="sparse_categorical_crossentropy", metrics=("accuracy",))
MANY = tuple(f"class {n}" for n in range(300))


@pytest.fixture
def panel(qtbot: QtBot) -> SettingsPanel:
    made = SettingsPanel(load_catalog())
    qtbot.addWidget(made)
    made.show()
    return made


def meaning(panel: SettingsPanel, form: str) -> str:
    rows = {"early": panel.stopping, "plateau": panel.further.plateau_watch}[form].rows  # type: ignore[union-attr]
    return rows["monitor"].findChild(QLabel, "meaning").text()


def test_a_figure_that_is_no_longer_measured_is_told_with_what_is_watched_instead(panel: SettingsPanel) -> None:
    gone = TrainSpec(early_stopping=EarlyStopping(True, "val_precision"), plateau=Plateau(True, monitor="val_recall"))
    panel.show_train(gone, task="classification", graph=FACTS)
    told = "Not measured in this run: val. loss is watched instead."
    assert (meaning(panel, "early"), meaning(panel, "plateau")) == (told, told)
    panel.show_train(TrainSpec(early_stopping=EarlyStopping(True)), task="classification", graph=FACTS)
    assert (meaning(panel, "early"), meaning(panel, "plateau")) == ("", "")
    panel.show_train(TrainSpec(early_stopping=EarlyStopping(True)), graph=FACTS, held_out=False)
    assert meaning(panel, "early") == "Not measured in this run: training loss is watched instead."


def test_weights_of_more_classes_than_are_listed_are_told(panel: SettingsPanel) -> None:
    panel.show_train(TrainSpec(), task="classification", graph=FACTS, classes=MANY)
    assert not panel.further.weights.isVisible()
    panel.show_train(TrainSpec(class_weights={"class 7": 3.0}), task="classification", graph=FACTS, classes=MANY)
    assert panel.further.weights.isVisible()
    assert panel.further.weight_note.text() == "1 class of 300 given a weight: too many to list."


def test_what_is_wrong_with_the_metrics_or_a_setting_stands_there_as_it_is(panel: SettingsPanel) -> None:
    mend = Repair("Use <b>", Graph(), TrainSpec())
    problems = (
        Problem("error", "<b>bold</b>", setting="metrics", repairs=(mend,)),
        Problem("error", "x", setting="loss"),
    )
    panel.show_train(TrainSpec(), task="classification", graph=GraphFacts(problems=problems))
    note = panel.findChild(QLabel, "problem-metrics")
    assert note.isVisible()
    assert note.textFormat() == Qt.TextFormat.PlainText
    told: list[str] = []
    panel.edited.connect(lambda _edit, label, _key: told.append(label))
    QTest.mouseClick(panel.findChild(QPushButton, "repair-metrics"), Qt.MouseButton.LeftButton)
    assert told == ["Use <b>"]
    panel.show_train(TrainSpec(), task="regression", graph=GraphFacts(problems=problems[1:]))  # its row is another now
    assert not panel.rows["loss"].findChild(QLabel, "problem-loss").isHidden()
    assert not note.isVisible()


def test_a_field_that_was_left_and_taken_up_again_is_two_steps(staged: StagedSession, qtbot: QtBot) -> None:
    staged.ready()
    page = TrainPage(staged)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    before = staged.project.train.epochs
    field, other = (page.side.settings.rows[name].editor.focusProxy() for name in ("epochs", "batch_size"))
    for text in ("31", "42"):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        other.setFocus()
    assert staged.project.train.epochs == 42
    staged.document.undo()
    assert staged.project.train.epochs == 31
    staged.document.undo()
    assert staged.project.train.epochs == before


def test_another_optimizer_says_what_it_does_not_take_over(panel: SettingsPanel) -> None:
    spec = TrainSpec(optimizer="SGD", optimizer_params={"momentum": 0.9, "clipnorm": 1.0})
    panel.show_train(spec)
    told: list[Edit] = []
    panel.edited.connect(lambda edit, _label, _key: told.append(edit))
    panel.basics.edited.emit("optimizer", "Adam")
    after = told[0](Project(train=spec)).train
    assert after.optimizer_params == {"clipnorm": 1.0}
    panel.show_train(after)
    note = panel.basics.rows["optimizer"].findChild(QLabel, "meaning")
    assert note.isVisible()
    assert note.text() == "Adam has no momentum: not set any more."
    panel.show_train(spec)  # taken back
    assert not note.isVisible()


@pytest.mark.parametrize(("classes", "loss"), [(("a", "b"), "binary_crossentropy"), (MANY, "categorical_crossentropy")])
def test_smoothing_that_is_taken_back_leaves_no_loss_typed(
    panel: SettingsPanel, classes: tuple[str, ...], loss: str
) -> None:
    told: list[Edit] = []
    panel.edited.connect(lambda edit, _label, _key: told.append(edit))
    auto, facts = TrainSpec(), GraphFacts(loss=loss, metrics=("accuracy",))
    for smoothing, spec in ((0.1, auto), (0.0, TrainSpec(loss=loss, loss_params={"label_smoothing": 0.1}))):
        panel.show_train(spec, task="classification", graph=facts, classes=classes)
        form = panel.further.loss_form
        assert form is not None
        form.set_values({"label_smoothing": smoothing} if smoothing else {})
        form.edited.emit("label_smoothing", smoothing)
        spec = told.pop()(Project(train=spec)).train
        assert (spec.loss, bool(spec.loss_params)) == ((loss, True) if smoothing else ("auto", False))
