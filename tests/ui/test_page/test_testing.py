"""The Test page as a person uses it: draw, open, pick, type, answer a file; scores with what is behind them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import (
    HOUSES,
    PASSENGERS,
    Cells,
    StagedSession,
    by_column,
    digit_pictures,
    houses,
    passengers,
)
from workbench.core.project import DataSpec
from workbench.link.messages import Failed
from workbench.ui.test.page import TestPage


def finish(staged: StagedSession, name: str = "") -> None:
    staged.begin_run(name)
    staged.add_batches({"loss": np.ones(3, np.float32)})
    staged.add_epoch({"loss": 1.0, "val_loss": 1.0})
    staged.end_run("finished", 0)


def opened(staged: StagedSession, qtbot: QtBot) -> TestPage:
    page = TestPage(staged)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.resize(1192, 700)
    page.show()
    return page


@pytest.fixture
def digits(staged: StagedSession, qtbot: QtBot) -> TestPage:
    staged.with_data(digit_pictures())
    staged.rule = by_column
    finish(staged)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None)
    return page


@pytest.fixture
def table(staged: StagedSession, qtbot: QtBot) -> TestPage:
    staged.document.replace(replace(staged.project, features=PASSENGERS))
    data = passengers()
    staged.with_data(data)
    staged.cleaned = Cells(data)
    female = staged.preprocessor.column_names.index("Sex = female")

    def rule(x: Mapping[str, np.ndarray]) -> np.ndarray:
        first = np.where(next(iter(x.values()))[:, [female]] > 0.5, 0.1, 0.8)
        return np.concatenate([first, 1 - first], axis=1)

    staged.rule = rule
    finish(staged)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None)
    return page


def draw_bar(page: TestPage, at: float) -> None:
    """An upright stroke at that share of the pad's width."""
    pad = page.draw.pad
    area = pad.paper()
    x = round(area.x() + at * area.width())
    top, bottom = QPoint(x, round(area.height() * 0.2)), QPoint(x, round(area.height() * 0.8))
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=top)
    QTest.mouseMove(pad, bottom)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=bottom)


def test_without_a_run_it_says_what_will_be_here(staged: StagedSession, qtbot: QtBot) -> None:
    staged.with_data(digit_pictures())
    page = opened(staged, qtbot)
    assert "Nothing to test yet" in page.empty.accessibleName()
    QTest.mouseClick(page.findChild(QPushButton, "empty_action_0"), Qt.MouseButton.LeftButton)
    assert staged.asked[-1] == ("page", "train")


def test_a_drawing_is_answered_with_class_names(digits: TestPage, qtbot: QtBot) -> None:
    page = digits
    assert page.tabs.currentWidget() is page.draw
    assert [page.tabs.tabText(i) for i in range(5) if page.tabs.isTabVisible(i)] == [
        "Draw",
        "Picture",
        "Sample",
        "File",
    ]
    page.draw.centred.setChecked(False)
    draw_bar(page, 0.25)
    qtbot.waitUntil(lambda: page.answer.accessibleName().startswith("class: zero"))
    assert "sure" in page.answer.accessibleName()
    tensor = page.draw.tensor()
    assert tensor is not None
    assert tensor.shape == (28, 28, 1)


def test_no_frame_stands_around_a_picture_that_is_not_there(digits: TestPage, qtbot: QtBot, tmp_path: Path) -> None:
    page, tab = digits, digits.picture
    assert not page.acceptDrops(), "a file is for the window while another tab is in front"
    page.tabs.setCurrentWidget(tab)
    assert page.acceptDrops()
    assert not tab.shown.isVisible()
    assert not tab.seen.isVisible()
    path = tmp_path / "seven.png"
    QImage(28, 28, QImage.Format.Format_Grayscale8).save(str(path))
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/far.png"), QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(400, 4), Qt.DropAction.CopyAction, mime, buttons, keys))  # anywhere on the page
    qtbot.waitUntil(tab.shown.isVisible)
    assert tab.seen.isVisible()
    far = QMimeData()
    far.setUrls([QUrl("https://example.org/far.png")])
    enter = QDragEnterEvent(QPoint(4, 4), Qt.DropAction.CopyAction, far, buttons, keys)
    enter.ignore()
    tab.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_strokes_are_undone_and_cleared_on_the_pad(digits: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    page = digits
    pad = page.draw.pad
    draw_bar(page, 0.3)
    draw_bar(page, 0.7)
    QTest.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(pad.strokes) == 1
    QTest.mouseClick(page.findChild(QToolButton, "clearPad"), Qt.MouseButton.LeftButton)
    assert pad.empty
    qtbot.waitUntil(lambda: page.answer.accessibleName() == "Draw something on the pad.")
    QTest.mouseClick(page.findChild(QToolButton, "undoStroke"), Qt.MouseButton.LeftButton)
    assert len(pad.strokes) == 1


def test_the_eraser_takes_ink_away(digits: TestPage) -> None:
    page = digits
    draw_bar(page, 0.5)
    before = page.draw.pad.ink().sum()
    QTest.mouseClick(page.findChild(QToolButton, "eraser"), Qt.MouseButton.LeftButton)
    page.draw.size.setValue(60)
    draw_bar(page, 0.5)
    assert page.draw.pad.ink().sum() < before / 4


def test_what_the_net_receives_has_the_colours_of_the_training_pictures(digits: TestPage) -> None:
    page = digits
    assert page.draw.bright.isChecked()
    draw_bar(page, 0.5)
    dark = page.draw.tensor()
    page.draw.bright.setChecked(False)
    bright = page.draw.tensor()
    assert dark is not None
    assert bright is not None
    assert dark.mean() < 100 < 150 < bright.mean()


def test_a_picture_is_opened_and_one_that_cannot_be_read_is_named(
    digits: TestPage, qtbot: QtBot, tmp_path: Path
) -> None:
    from PIL import Image

    page = digits
    page.tabs.setCurrentWidget(page.picture)
    pixels = np.zeros((56, 56), np.uint8)
    pixels[10:46, 22:30] = 255
    Image.fromarray(pixels).save(tmp_path / "one.png")
    page.picture.choose = lambda: tmp_path / "one.png"
    QTest.mouseClick(page.picture.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.answer.accessibleName().startswith("class: one"))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.picture.choose = lambda: tmp_path / "broken.png"
    QTest.mouseClick(page.picture.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.picture.problem.isVisible())
    assert "broken.png" in page.picture.problem.text
    assert page.answer.accessibleName().startswith("class: one")


def test_a_sample_is_compared_with_its_label(digits: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    page = digits
    page.tabs.setCurrentWidget(page.sample)
    qtbot.waitUntil(lambda: "Right: it is zero." in page.answer.accessibleName())
    QTest.mouseClick(page.findChild(QToolButton, "nextSample"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Right: it is one." in page.answer.accessibleName())
    QTest.mouseClick(page.findChild(QToolButton, "previousSample"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.findChild(QToolButton, "previousSample"), Qt.MouseButton.LeftButton)
    assert page.sample.number.value() == page.sample.count - 1
    staged.rule = lambda x: np.tile([[0.0, 0.0, 1.0]], (len(next(iter(x.values()))), 1))
    page.sample.number.setFocus()
    page.sample.number.selectAll()
    QTest.keyClicks(page.sample.number, "3")
    QTest.keyClick(page.sample.number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Wrong: it is zero." in page.answer.accessibleName())
    assert "two" in page.answer.big.text()


def test_scores_come_by_themselves_beside_the_baseline(digits: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    page = digits
    qtbot.waitUntil(lambda: page.results.confusion.isVisible())
    words = [label.text() for label in page.results.table.findChildren(QLabel) if label.isVisible()]
    assert "100.0 %" in words
    assert any("baseline: always" in w for w in words)
    assert "60 of 60 right" in page.results.confusion.accessibleDescription()
    assert ("keep_scores", {"test.loss": 0.5}) in staged.asked


def test_a_cell_shows_its_samples_and_one_can_be_taken(digits: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    page = digits
    qtbot.waitUntil(lambda: page.results.confusion.isVisible())
    matrix = page.results.confusion
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell(1, 1).center().toPoint())
    assert page.results.cell_title.text() == "20 of 20 true “one” answered right"
    assert len(page.results.strip) == 20
    strip = page.results.strip
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cell(2).center())
    assert page.tabs.currentWidget() is page.sample
    qtbot.waitUntil(lambda: "Right: it is one." in page.answer.accessibleName())


def test_the_matrix_is_walked_by_keys(digits: TestPage, qtbot: QtBot) -> None:
    page = digits
    qtbot.waitUntil(lambda: page.results.confusion.isVisible())
    matrix = page.results.confusion
    matrix.setFocus()
    QTest.keyClick(matrix, Qt.Key.Key_Right)
    assert matrix.accessibleDescription() == "0 of 20 true “zero” answered “one”"
    QTest.keyClick(matrix, Qt.Key.Key_Return)
    assert page.results.cell_title.text().startswith("0 of 20")


def test_the_form_answers_while_one_types(table: TestPage, qtbot: QtBot) -> None:
    page = table
    page.tabs.setCurrentWidget(page.row)
    sex = page.row.editors["Sex"]
    assert isinstance(sex, QComboBox)
    sex.setCurrentText("female")
    qtbot.waitUntil(lambda: "Survived: yes" in page.answer.accessibleName())
    sex.setCurrentText("male")
    qtbot.waitUntil(lambda: "Survived: no" in page.answer.accessibleName())
    age = page.row.editors["Age"]
    age.setFocus()
    age.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(age, "140")
    assert "Age" in page.row.problem.text
    age.selectAll()  # type: ignore[union-attr]
    QTest.keyClick(age, Qt.Key.Key_Backspace)
    assert page.row.values()["Age"] is None
    assert not page.row.problem.isVisible()
    QTest.mouseClick(page.row.reset, Qt.MouseButton.LeftButton)
    assert page.row.values()["Age"] is not None


def test_a_sample_row_is_shown_and_taken_to_the_form(table: TestPage, qtbot: QtBot) -> None:
    page = table
    assert page.tabs.currentWidget() is page.sample
    qtbot.waitUntil(lambda: page.sample.change.isEnabled())
    QTest.mouseClick(page.sample.change, Qt.MouseButton.LeftButton)
    assert page.tabs.currentWidget() is page.row
    assert page.row.values()["Sex"] == page.sample._row["Sex"]


def test_changed_data_is_not_passed_off_as_the_runs(table: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    staged.apply(lambda p: replace(p, data=DataSpec("csv", "/elsewhere.csv")), "Open")
    staged.begin_run("run 2")
    staged.end_run("finished", 0)
    staged.document.undo()
    page = table
    qtbot.waitUntil(lambda: page.context is not None and page.context.record.name == "run 2")
    qtbot.waitUntil(lambda: page.sample.problem.isVisible())
    assert "has changed since" in page.sample.problem.text


def test_a_file_is_answered_scored_and_saved_safely(
    table: TestPage, staged: StagedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    page = table
    page.tabs.setCurrentWidget(page.file)
    source = tmp_path / "more.csv"
    source.write_text("Sex,Age,Survived,Note\nfemale,30,yes,=HYPERLINK(1)\nmale,40,no,-2\nmale,,yes,@x\n", "utf-8")
    page.file.choose_file = lambda: source
    QTest.mouseClick(page.file.file, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.answers.isVisible(), timeout=15_000)
    model = page.answers.model
    assert model.rowCount() == 3
    assert [model.index(i, 0).data() for i in range(3)] == ["yes", "no", "no"]
    assert any(label.text() == "66.7 %" for label in page.file.scores.findChildren(QLabel))
    target = tmp_path / "out.csv"
    page.answers.choose_place = lambda _name: target
    QTest.mouseClick(page.answers.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Saved 3" in page.answers.notice.text)
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["row", "Survived", "probability", "true Survived", "Sex", "Age", "Note"]
    assert [row[-1] for row in rows[1:]] == ["'=HYPERLINK(1)", "-2", "'@x"]


def test_a_file_that_does_not_fit_is_refused_in_place(table: TestPage, qtbot: QtBot, tmp_path: Path) -> None:
    page = table
    page.tabs.setCurrentWidget(page.file)
    source = tmp_path / "other.csv"
    source.write_text("Colour,Size\nred,1\nblue,2\n", "utf-8")
    page.file.choose_file = lambda: source
    QTest.mouseClick(page.file.file, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.file.problem.isVisible(), timeout=15_000)
    assert "Sex" in page.file.problem.text


def test_regression_is_in_the_persons_units(staged: StagedSession, qtbot: QtBot) -> None:
    staged.document.replace(replace(staged.project, features=HOUSES))
    data = houses()
    staged.with_data(data)
    staged.cleaned = Cells(data)
    staged.rule = lambda x: next(iter(x.values()))[:, [0]]
    finish(staged)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.results.scatter.isVisible())
    names = [label.text() for label in page.results.table.findChildren(QLabel)]
    assert "mean absolute error" in names
    page.tabs.setCurrentWidget(page.row)
    box = page.row.editors["Rooms"]
    box.setFocus()
    box.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(box, "5")
    qtbot.waitUntil(lambda: page.answer.accessibleName().startswith("Price: 2"))
    assert 240 < float(page.answer.big.text().replace(",", "")) < 260


def test_while_it_trains_the_weights_of_this_moment_are_asked(staged: StagedSession, qtbot: QtBot) -> None:
    staged.with_data(digit_pictures())
    staged.rule = by_column
    staged.begin_run("run 1")
    staged.add_batches({"loss": np.ones(3, np.float32)})
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None)
    assert page.runs.currentText() == "run 1, weights of this moment"
    assert "first whole epoch" in page.results.note.text()
    page.draw.centred.setChecked(False)
    draw_bar(page, 0.25)
    qtbot.waitUntil(lambda: "zero" in page.answer.accessibleName())
    staged.rule = lambda x: np.tile([[0.0, 0.0, 1.0]], (len(next(iter(x.values()))), 1))
    staged.add_batches({"loss": np.ones(3, np.float32)})
    qtbot.waitUntil(lambda: "two" in page.answer.accessibleName())


def test_what_cannot_be_answered_is_said(digits: TestPage, staged: StagedSession, qtbot: QtBot) -> None:
    page = digits
    staged.failing = Failed("The engine ended.", remedy="It is being started again.")
    draw_bar(page, 0.4)
    qtbot.waitUntil(lambda: page.problem.isVisible())
    assert "It is being started again." in page.problem.text
    staged.failing = None
    draw_bar(page, 0.6)
    qtbot.waitUntil(lambda: not page.problem.isVisible())


def test_deleting_the_run_that_is_shown_leaves_the_page_empty(digits: TestPage, staged: StagedSession) -> None:
    staged.runs.clear()
    staged.run = None
    staged.runs_changed.emit()
    assert digits.stack.currentWidget() is digits.empty
    assert digits.context is None


def test_pictures_of_any_folder_are_answered_and_those_in_class_folders_scored(
    digits: TestPage, qtbot: QtBot, tmp_path: Path
) -> None:
    from PIL import Image

    page = digits
    page.tabs.setCurrentWidget(page.file)
    loose, sorted_ = tmp_path / "loose", tmp_path / "sorted"
    for place in (loose, sorted_ / "one", sorted_ / "two"):
        place.mkdir(parents=True)
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 11:15] = 255
    for place in (loose, sorted_ / "one", sorted_ / "two"):
        Image.fromarray(pixels).save(place / "bar.png")
    (loose / "broken.png").write_bytes(b"no picture")
    page.file.choose_folder = lambda: loose
    QTest.mouseClick(page.file.folder, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.answers.model.rowCount() == 1, timeout=15_000)
    assert page.answers.model.index(0, 0).data() == "one"
    assert "broken.png" in page.answers.notice.text
    assert not page.file.scores.isVisible()
    page.file.choose_folder = lambda: sorted_
    QTest.mouseClick(page.file.folder, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.answers.model.rowCount() == 2, timeout=15_000)
    assert any(label.text() == "50.0 %" for label in page.file.scores.findChildren(QLabel))


def test_arrays_that_are_gone_leave_the_drawing_and_say_so(staged: StagedSession, qtbot: QtBot) -> None:
    import shutil

    staged.with_data(digit_pictures())
    staged.rule = by_column
    finish(staged)
    shutil.rmtree(staged.prepared.folder)
    page = opened(staged, qtbot)
    qtbot.waitUntil(lambda: page.context is not None)
    qtbot.waitUntil(lambda: page.results.problem.isVisible())
    assert page.results.problem.text
    page.draw.centred.setChecked(False)
    draw_bar(page, 0.25)
    qtbot.waitUntil(lambda: "zero" in page.answer.accessibleName())


def test_a_row_of_a_thousand_cells_does_not_stop_the_window(qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QGridLayout, QWidget

    from workbench.ui.test.asks import PAIRS, pairs_grid

    holder = QWidget()
    qtbot.addWidget(holder)
    grid = QGridLayout(holder)
    pairs_grid({f"c{i}": i for i in range(1000)}, grid)
    assert grid.count() == 2 * (PAIRS + 1)
    assert any(w.text() == "and 900 more columns" for w in holder.findChildren(QLabel))
    pairs_grid({"a": 1}, grid)
    assert grid.count() == 2
