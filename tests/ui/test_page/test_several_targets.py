"""A model that answers two questions on the Test page: both answers, the mistakes of one, the columns of both."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession
from tests.ui.test_page.test_testing import finish, opened
from tests.ui.two_targets import flats, stage
from workbench.ui.test.page import TestPage


@pytest.fixture
def page(staged: StagedSession, qtbot: QtBot) -> TestPage:
    stage(staged)
    finish(staged)
    made = opened(staged, qtbot)
    qtbot.waitUntil(lambda: made.context is not None and made.results.shown, timeout=30_000)
    return made


def choose(box: QComboBox, key: Qt.Key) -> None:
    box.setFocus()
    QTest.keyClick(box, key)
    box.activated.emit(box.currentIndex())


def test_a_typed_row_gets_one_answer_for_each_target(page: TestPage, qtbot: QtBot) -> None:
    page.tabs.setCurrentWidget(page.row)
    line = page.row.editors["age"]
    assert isinstance(line, QLineEdit)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "85")
    qtbot.waitUntil(lambda: page.answer.accessibleName().startswith("heating in winter: wood"))
    second = page.answer_stack.views[1]
    assert second.isVisible()
    assert second.accessibleName().startswith("rent: ")
    assert 300 < float(second.big.text().replace(",", "")) < 1200


def test_a_sample_is_judged_for_each_target(page: TestPage, qtbot: QtBot) -> None:
    page.tabs.setCurrentWidget(page.sample)
    qtbot.waitUntil(lambda: "True value" in page.answer_stack.views[-1].accessibleName())
    assert "it is" in page.answer.accessibleName()
    assert page.answer_stack.views[1].verdict.text().startswith("True value")


def test_scores_and_mistakes_are_those_of_the_target_chosen(page: TestPage) -> None:
    box = page.findChild(QComboBox, "resultsTarget")
    assert [box.itemText(i) for i in range(box.count())] == ["heating in winter", "rent"]
    assert page.results.confusion_area.isVisible()
    assert not page.results.scatter.isVisible()
    choose(box, Qt.Key.Key_Down)
    assert page.results.scatter.isVisible()
    assert not page.results.confusion_area.isVisible()
    assert page.results.scatter._target == "rent"
    choose(box, Qt.Key.Key_Up)
    page.results.show_cell(0, 0)
    assert page.results.cell_area.isVisible()


def test_a_file_has_the_columns_of_every_target(
    page: TestPage, staged: StagedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "later.csv"
    flats(12).frame.drop(columns="rent").to_csv(path, index=False)
    page.tabs.setCurrentWidget(page.file)
    page.file.choose_file = lambda: path
    QTest.mouseClick(page.file.file, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.answers.model.found is not None, timeout=30_000)
    found = page.answers.model.found
    assert found is not None
    assert found.header() == (
        "heating in winter",
        "heating in winter: probability",
        "true heating in winter",
        "rent",
        "rooms",
        "age",
    )
    assert "The true rent is not in it, so it is not scored." in page.file.told.text()
    assert page.file.scores.isVisible()  # of the heating
    place = tmp_path / "answers.csv"
    page.answers.choose_place = lambda _name: place
    QTest.mouseClick(page.answers.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(place.exists)
    with place.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {r["heating in winter"] for r in rows} <= {"gas", "oil", "wood"}
    assert np.isfinite([float(r["rent"]) for r in rows]).all()
