"""An autoencoder on the Test page: what went in beside what came out, how odd it is, the worst rebuilt first."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.ui.stage import PASSENGERS, Cells, StagedSession, digit_pictures, passengers
from tests.ui.test_page.test_testing import finish, opened
from workbench.core.reconstruction import row_errors, scaled
from workbench.link.messages import Evaluated
from workbench.ui.test.page import TestPage
from workbench.ui.test.rebuilt import bins, verdict

LEFT = Qt.MouseButton.LeftButton
ODD = 7


def _autoencoder(staged: StagedSession, monkeypatch: pytest.MonkeyPatch, rule: Any) -> None:
    """Answers by `rule`, and scores as the engine tells them: the error of each row."""
    staged.rule = rule

    def evaluate(run: Any, on_answer: Any, part: str = "test") -> int:
        x = {k: np.asarray(v) for k, v in staged.prepared.part(part).x.items()}
        given = scaled(next(iter(x.values())), staged.facts.inputs[0])
        errors = row_errors(given, np.asarray(rule(x), np.float32)).astype(np.float32)[:, None]
        on_answer(Evaluated({"loss": float(errors.mean())}, errors, part))
        return 1

    monkeypatch.setattr(staged, "evaluate", evaluate)
    finish(staged)


@pytest.fixture
def pictures(staged: StagedSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> TestPage:
    """Every picture comes back a little darker; a test picture turned on its side comes back as paper."""
    data = digit_pictures()
    data.array[180 + ODD] = np.swapaxes(data.array[180 + ODD], 0, 1)
    staged.document.replace(replace(staged.project, features=replace(staged.features, task="reconstruction")))
    staged.with_data(data)

    def rule(x: Mapping[str, np.ndarray]) -> np.ndarray:
        given = np.asarray(next(iter(x.values())), np.float32) / 255
        upright = given.any(axis=1).sum(axis=(1, 2)) < 10
        return (given * np.where(upright, 0.9, 0.0)[:, None, None, None]).reshape(len(given), -1)

    _autoencoder(staged, monkeypatch, rule)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None and page.results.shown, timeout=30_000)
    return page


@pytest.fixture
def table(staged: StagedSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> TestPage:
    """The sex comes back as it was, the age as the mean."""
    staged.document.replace(replace(staged.project, features=replace(PASSENGERS, task="reconstruction")))
    data = passengers()
    staged.with_data(data)
    staged.cleaned = Cells(data)
    age = staged.preprocessor.column_names.index("Age")

    def rule(x: Mapping[str, np.ndarray]) -> np.ndarray:
        made = np.array(next(iter(x.values())), np.float32)
        made[:, age] = 0.0
        return made

    _autoencoder(staged, monkeypatch, rule)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None and page.results.shown, timeout=30_000)
    return page


def test_the_worst_picture_is_first_and_a_click_shows_what_became_of_it(pictures: TestPage, qtbot: QtBot) -> None:
    page, errors = pictures, pictures.results.errors
    assert errors.isVisible()
    assert not page.results.scatter.isVisible()
    assert not page.results.confusion_area.isVisible()
    assert page.results.table.findChildren(type(page.about))  # figures beside the baseline
    QTest.mouseClick(errors.strip, LEFT, pos=errors.strip.cell(0).center())
    qtbot.waitUntil(lambda: page.rebuilt.isVisible() and "odd one out" in page.rebuilt.accessibleName())
    assert page.tabs.currentWidget() is page.sample
    assert page.sample.number.value() == ODD
    given, rebuilt, difference = page.rebuilt.pictures.views
    assert "28 by 28" in given.accessibleDescription()
    assert given._image.pixelColor(6, 12) != rebuilt._image.pixelColor(6, 12)
    assert difference.isVisible()
    assert not page.answer_stack.isVisible()


def test_a_usual_picture_and_a_drawing_are_ranked_among_the_test_pictures(pictures: TestPage, qtbot: QtBot) -> None:
    page = pictures
    page.tabs.setCurrentWidget(page.sample)
    page.sample.show_number(0)
    qtbot.waitUntil(lambda: "is rebuilt worse" in page.rebuilt.rank.text())
    assert page.rebuilt.rank.text() == "1 of the 60 test pictures (1.7 %) is rebuilt worse."  # and all others as well
    page.tabs.setCurrentWidget(page.draw)
    qtbot.waitUntil(lambda: page.answer.accessibleName() == "Draw something on the pad.")
    assert not page.rebuilt.isVisible()
    pad = page.draw.pad
    QTest.mousePress(pad, LEFT, pos=QPoint(60, 60))
    QTest.mouseMove(pad, QPoint(90, 90))
    QTest.mouseRelease(pad, LEFT, pos=QPoint(90, 90))
    qtbot.waitUntil(lambda: page.rebuilt.isVisible())


def test_a_bar_of_the_histogram_lists_its_samples(pictures: TestPage) -> None:
    errors = pictures.results.errors
    histogram = errors.histogram
    before = len(errors.strip)
    last = QPoint(histogram.width() - 3, histogram.height() // 2)
    QTest.mouseMove(histogram, last)
    QTest.mouseClick(histogram, LEFT, pos=last)
    assert errors.title.text().startswith("1 with an error of")
    assert len(errors.strip) == 1
    QTest.mouseClick(errors.all, LEFT)
    assert len(errors.strip) == before


def test_a_row_shows_its_columns_the_worst_first_in_their_units(table: TestPage, qtbot: QtBot) -> None:
    page = table
    page.tabs.setCurrentWidget(page.row)
    line = page.row.editors["Age"]
    assert isinstance(line, QLineEdit)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "79")
    qtbot.waitUntil(lambda: page.rebuilt.isVisible() and page.rebuilt.table.topLevelItem(0).text(1) == "79.00")
    first, second = (page.rebuilt.table.topLevelItem(i) for i in range(2))
    assert first.text(0) == "Age"
    assert 35 < float(first.text(2)) < 45
    assert first.text(3).startswith("−")
    assert (second.text(0), second.text(3)) == ("Sex", "same")
    assert "test rows" in page.rebuilt.rank.text()


def test_each_column_is_told_in_its_own_units_beside_the_mean_row(table: TestPage, qtbot: QtBot) -> None:
    columns = table.results.errors.columns
    qtbot.waitUntil(lambda: columns.isVisible() and columns.topLevelItemCount() == 2, timeout=30_000)
    sex, age = (columns.topLevelItem(i) for i in range(2))
    assert [sex.text(0), sex.text(1)] == ["Sex", "0 % wrong"]
    assert sex.text(2).endswith(" % wrong")
    assert age.text(0) == "Age"
    assert 15 < float(age.text(1)) < 25  # years: the mean comes back, as the baseline answers
    assert abs(float(age.text(2)) - float(age.text(1))) < 0.1


def test_the_worst_row_is_opened_from_the_list(table: TestPage, qtbot: QtBot) -> None:
    page, rows = table, table.results.errors.list
    item = rows.topLevelItem(0)
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(item).center())
    qtbot.waitUntil(lambda: page.rebuilt.isVisible() and "None of the" in page.rebuilt.rank.text())
    assert page.tabs.currentWidget() is page.sample
    assert f"{int(page.sample.number.value() or 0):,}" == item.text(0)


def test_a_file_is_told_row_by_row_the_worst_first(table: TestPage, qtbot: QtBot, tmp_path: Path) -> None:
    page = table
    (tmp_path / "later.csv").write_text("Sex,Age\nmale,40\nfemale,400\nmale,41\n")
    page.tabs.setCurrentWidget(page.file)
    page.file.choose_file = lambda: tmp_path / "later.csv"
    QTest.mouseClick(page.file.file, LEFT)
    qtbot.waitUntil(lambda: page.answers.model.found is not None, timeout=30_000)
    found = page.answers.model.found
    assert found is not None
    assert found.header() == ("error", "furthest off", "Sex", "Age")
    assert found.batch.names[0] == "row 2"
    assert found.row(0)[1].startswith("Age: 400.0, rebuilt ")
    assert "worst rebuilt are first" in page.file.told.text()
    assert page.file.scores.isVisible()
    page.answers.choose_place = lambda name: tmp_path / "out.csv"
    QTest.mouseClick(page.answers.save, LEFT)
    qtbot.waitUntil(lambda: (tmp_path / "out.csv").exists())
    with (tmp_path / "out.csv").open() as file:
        lines = list(csv.reader(file))
    assert lines[0][:3] == ["row", "error", "furthest off"]
    assert float(lines[1][1]) > float(lines[3][1])


def test_a_model_that_is_broken_says_so(pictures: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.rule = lambda x: np.full((len(next(iter(x.values()))), 784), np.nan)
    pictures.tabs.setCurrentWidget(pictures.sample)
    qtbot.waitUntil(lambda: "its weights are broken" in pictures.rebuilt.accessibleName())
    assert pictures.rebuilt.big.text() == "no number"


def test_errors_of_the_engine_and_of_the_window_count_as_equal() -> None:
    errors = np.linspace(0.1, 0.4, 40, dtype=np.float32).astype(np.float64)
    assert verdict(0.4, errors, "rows") == ("It is the odd one out. None of the 40 rows is rebuilt worse.", True)
    assert verdict(float(errors[20]), errors, "rows") == ("19 of the 40 rows (48 %) are rebuilt worse.", False)
    assert verdict(9.0, errors, "rows")[0].startswith("It is unlike all of them.")
    assert verdict(0.4, errors[-3:], "rows") == ("None of the 3 rows is rebuilt worse.", False)
    assert verdict(float("nan"), errors, "rows") == ("", False)


def test_one_far_error_does_not_press_the_others_into_one_bar() -> None:
    errors = np.append(np.linspace(0.01, 0.1, 99), 500.0)
    made = bins(errors)
    assert made.beyond
    assert np.count_nonzero(made.counts) > 5
    assert made.members(errors, len(made.counts) - 1).tolist() == [99]
    assert sum(made.counts) == 100
    assert bins(np.array([np.nan])).counts == ()
    assert sum(bins(np.zeros(3)).counts) == 3
