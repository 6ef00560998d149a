"""A run with several outputs on the Train page: figures by what is predicted, settings where they are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from tests.ui.two_targets import stage
from workbench.ui.train.page import TrainPage

from .conftest import shown


@pytest.fixture
def page(staged: StagedSession, qtbot: QtBot) -> TrainPage:
    stage(staged)
    return shown(staged, qtbot)


def combo_of(page: TrainPage, name: str) -> QComboBox:
    row = page.side.settings.rows[name]
    assert row is not None
    return row.editor.combo


def test_the_settings_say_where_loss_and_metrics_are_and_lead_there(page: TrainPage, staged: StagedSession) -> None:
    assert page.side.settings.outputs.isVisible()
    assert not page.side.settings.further.metrics.isVisibleTo(page)
    assert not page.side.settings.further.loss.isVisibleTo(page)
    page.side.settings.more.set_folded(False)
    assert not page.side.settings.rows["loss"].isVisible()
    assert page.side.settings.rows["seed"].isVisible()
    said = [label.text() for label in page.side.settings.outputs.findChildren(QLabel)]
    assert "heating in winter" in said
    assert "mean squared error · mean absolute error" in said
    wanted: list[str] = []
    page.output_wanted.connect(wanted.append)
    QTest.mouseClick(page.findChild(QPushButton, "changeOutput-rent"), Qt.MouseButton.LeftButton)
    assert [staged.project.graph.node(i).name for i in wanted] == ["rent"]
    assert "sum of the losses of 2 outputs" in page.empty.accessibleName()


def test_what_early_stopping_watches_is_named_by_what_is_predicted(page: TrainPage) -> None:
    combo = combo_of(page, "monitor")
    titles = {combo.itemData(i): combo.itemText(i) for i in range(combo.count())}
    assert titles["val_loss"] == "val. loss"
    assert titles["val_heating_in_winter_accuracy"] == "heating in winter: val. accuracy"
    assert titles["rent_mean_absolute_error"] == "rent: training mean absolute error"


def test_the_figure_looked_at_is_chosen_among_all_outputs(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.begin_run()
    for a in (0.9, 0.7, 0.6):
        logs = {"loss": a, "heating_in_winter_loss": a / 2, "heating_in_winter_accuracy": 1 - a, "rent_loss": a / 2}
        logs["rent_mean_absolute_error"] = 90 * a
        staged.add_epoch({**logs, **{f"val_{k}": v * 1.1 for k, v in logs.items()}})
    qtbot.waitUntil(lambda: page.files.background(staged.run.id) is not None, timeout=30_000)
    box = page.findChild(QComboBox, "metricShown")
    titles = [box.itemText(i) for i in range(box.count())]
    assert titles == [
        "heating in winter: loss",
        "heating in winter: accuracy",
        "rent: loss",
        "rent: mean absolute error",
    ]
    assert box.currentText() == "heating in winter: accuracy"
    assert page.findChild(QLabel, "figure-metric").text() == "40.0 %"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    box.activated.emit(box.currentIndex())
    assert page.findChild(QLabel, "figure-metric").text() == "54.00"
    page.middle.curves.redraw()
    assert page.middle.curves.lower.name == "rent_mean_absolute_error"
    assert "rent: mean absolute error" in page.middle.curves.plots.accessibleDescription()
    base = page.files.background(staged.run.id).baseline
    assert set(base.outputs) == {"heating_in_winter", "rent"}
    assert np.isclose(base.loss, base.outputs["heating_in_winter"].loss + base.outputs["rent"].loss)
