"""A window that only follows a run takes little of the processors: nothing is drawn again that has not changed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from workbench.ui import theme
from workbench.ui.train import frames
from workbench.ui.train.figures import Tile
from workbench.ui.train.middle import FigureStrip
from workbench.ui.train.page import TrainPage


def figure(page: TrainPage, name: str) -> str:
    return page.middle.strip.findChild(QLabel, f"figure-{name}").text()


def test_pictures_take_little_of_few_processors_and_still_come_twice_a_second() -> None:
    assert frames.rest(0.003, 2) == pytest.approx(1.0)
    assert frames.rest(0.040, 2) == 2.0
    assert frames.rest_of_end(0.0006, 2) == pytest.approx(0.2)
    assert frames.rest_of_end(0.040, 2) < 0.4
    assert frames.rest_of_end(0.004, 8) == pytest.approx(0.025)
    assert frames.rest(0.004, 8) == pytest.approx(0.025)
    assert frames.rest(0.400, 8) == 0.25


def test_curves_grow_between_two_tellings_of_the_figures(page: TrainPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.full(10, 2.0, np.float32)})
    page._show_run()
    page.middle.curves.redraw()
    staged.telling.at = math.inf  # the figures wait
    staged.telling.rest.setInterval(3_600_000)
    staged.add_batches({"loss": np.full(90, 1.0, np.float32)})
    assert staged.telling.rest.isActive()
    qtbot.waitUntil(lambda: page.middle.curves.upper.ink.strokes[0].x[-1] == 2.5)


def test_a_turn_of_the_run_is_told_at_once(page: TrainPage, staged: StagedSession) -> None:
    run = staged.begin_run(steps=40)
    page._show_run()
    staged.telling.at = math.inf
    staged.add_batches({"loss": np.full(10, 2.0, np.float32)})
    assert figure(page, "loss") == "–"
    staged.add_epoch({"loss": 1.5})  # the first: curves that show epochs do not stand beside figures without one
    assert figure(page, "loss") != "–"
    staged.telling.at = math.inf
    run.history.events.append((10, "Learning rate 0.001 → 0.01"))
    staged.run_changed.emit()
    assert figure(page, "loss") == "2.000"
    assert page.middle.curves.run.events == ((10, "Learning rate 0.001 → 0.01"),)
    run.state = "paused"
    staged.run_changed.emit()
    assert "Paused" in page.middle.state.text()


def test_the_load_of_the_engine_does_not_make_the_settings_anew(
    page: TrainPage, staged: StagedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged.engine_changed.emit()
    made: list[int] = []
    monkeypatch.setattr(page.side, "show_settings", lambda: made.append(1))
    staged.engine = replace(staged.engine, memory=640_000_000, load=0.9)
    staged.engine_changed.emit()
    assert not made
    staged.engine = replace(staged.engine, silent=True)
    staged.engine_changed.emit()
    assert made


def test_a_figure_is_painted_alone_on_the_ground_it_stands_on(page: TrainPage, staged: StagedSession) -> None:
    staged.begin_run(steps=40)
    staged.add_batches({"loss": np.full(10, 2.0, np.float32)})
    page._show_run()
    QApplication.processEvents()
    label = page.middle.strip.findChild(QLabel, "figure-loss")
    for look in ("dark", "light"):
        theme.apply(QApplication.instance(), look)
        QApplication.processEvents()
        assert label.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        assert label.grab().toImage().pixelColor(0, 0) == theme.color("surface")


def test_a_figure_that_stays_is_left_alone_and_its_name_is_told_where_it_is_cut(qtbot: QtBot) -> None:
    strip = FigureStrip()
    qtbot.addWidget(strip)
    strip.resize(900, 60)
    strip.show()
    tile = Tile("loss", "a name of some length", "0.5000", "What training makes small.")
    strip.show_tiles((tile,))
    QApplication.processEvents()  # what was added is laid out
    strip.show_tiles((tile,))
    (name, value) = strip._cells[0]
    value.setText("changed by the test")
    strip.show_tiles((tile,))
    assert value.text() == "changed by the test"
    name.setFixedWidth(20)
    strip.show_tiles((tile,))
    assert name.toolTip().startswith("a name of some length")
    strip.show_tiles((replace(tile, value="0.4000"),))
    assert value.text() == "0.4000"
