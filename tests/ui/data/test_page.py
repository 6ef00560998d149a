"""The Data page, driven like a person does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QToolButton

from tests.ui.tables import PASSENGERS, Bench, find
from workbench.core import edits
from workbench.core.data import first_rows, sources
from workbench.core.data.sources import load
from workbench.core.edits_weights import bring_in
from workbench.core.project import DataSpec, Graph, Node
from workbench.ui.data.page import INTO_MODEL, DataPage
from workbench.ui.widgets.notice import InlineNotice

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the off-screen platform says so of every window
LEFT = Qt.MouseButton.LeftButton


def page_of(bench: Bench) -> DataPage:
    page = DataPage(bench.session)
    bench.show(page)
    bench.wait()
    return page


def click_header(page: DataPage, name: str) -> None:
    header = page.table.header
    logical = page.table.frame_model.names.index(name)
    place = QPoint(header.sectionViewportPosition(logical) + 20, 20)
    QTest.mouseClick(header.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    QApplication.processEvents()  # what was just put into a layout is shown by an event


def test_before_its_data_a_model_is_said_to_be_kept(bench: Bench) -> None:
    page = DataPage(bench.session)
    bench.show(page)
    assert INTO_MODEL not in page._nothing.accessibleName()
    bench.session.apply(bring_in(Graph(nodes=(Node("d", "Dense", "mine"),)), "mine"), "Open mine.keras")
    assert INTO_MODEL in page._nothing.accessibleName()
    bench.session.undo()
    assert INTO_MODEL not in page._nothing.accessibleName()


def test_nothing_opened_offers_ways_to_begin(bench: Bench) -> None:
    page = page_of(bench)
    titles = [b.text() for b in page.findChildren(QPushButton) if b.isVisible()]
    assert titles == ["Open a table…", "Open a folder…", "Paste cells", "Samples"]
    asked: list[str] = []
    bench.session.page_wanted.connect(asked.append)
    QTest.mouseClick(next(b for b in page.findChildren(QPushButton) if b.text() == "Samples"), LEFT)
    assert asked == ["start"]


def test_an_opened_table_is_described_and_shown(opened: Open) -> None:
    page = page_of(opened(PASSENGERS))
    assert find(page, QLabel, "sourceSize").text() == "60 rows × 6 columns"
    assert "comma" in find(page, QLabel, "sourceFound").text()
    assert page.table.isVisible()
    assert page.table.frame_model.cell(3, 1) == ("—", True, False)
    assert page.column.first.isVisible()


def test_accepting_a_suggestion_adds_a_step_and_undo_takes_it_back(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    reasons = [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason")]
    assert any("Cabin" in reason for reason in reasons)
    card = next(w for w in page.recipe.findChildren(QPushButton, "acceptSuggestion") if "Cabin" in w.accessibleName())
    QTest.mouseClick(card, LEFT)
    bench.wait()
    assert "Cabin" not in page.table.frame_model.names
    assert [c.title.text() for c in page.recipe.cards()] == ["Drop column Cabin"]
    assert "Cabin" in bench.session.document.undo_label
    bench.session.undo()
    bench.wait()
    assert "Cabin" in page.table.frame_model.names
    assert page.recipe.cards() == []


def test_suggestions_are_told_once_and_a_click_on_one_shows_its_column(opened: Open) -> None:
    page = page_of(opened(PASSENGERS))
    reasons = [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason")]
    beside = [w.text() for w in page.column.first.findChildren(QLabel) if w.isVisible()]
    assert reasons
    assert not set(reasons) & set(beside)
    assert f"{len(reasons)} suggestions stand on the left." in find(page, QLabel, "firstLookSummary").text()
    about = next(w for w in page.recipe.findChildren(QLabel, "suggestionReason") if "Cabin" in w.text())
    QTest.mouseClick(about.parentWidget(), LEFT, pos=about.geometry().center())
    assert page.column.view.isVisible()
    assert page.column.view.title.text() == "Cabin"


def test_accept_all_is_one_step_to_undo(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    n = len(bench.session.suggestions)
    assert n > 1
    QTest.mouseClick(find(page, QPushButton, "acceptAll"), LEFT)
    bench.wait()
    assert len(page.recipe.cards()) == n
    bench.session.undo()
    bench.wait()
    assert page.recipe.cards() == []


def test_a_step_can_be_switched_off_and_says_so(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.session.apply(edits.add_step("drop_missing", {"columns": ["Age"]}), "Drop")
    bench.wait()
    card = page.recipe.cards()[0]
    assert "60 → 51 rows" in card.outcome.text()
    tick = find(card, QCheckBox, "stepEnabled")
    QTest.mouseClick(tick, LEFT)
    bench.wait()
    assert card.outcome.text() == "switched off"
    assert page.table.frame_model.rowCount() == 60
    QTest.mouseClick(tick, LEFT)
    bench.wait()
    assert page.table.frame_model.rowCount() == 51


def test_double_click_on_a_header_renames(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    header = page.table.header
    place = QPoint(header.sectionViewportPosition(1) + 20, 20)
    QTest.mouseDClick(header.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    editor = find(page, QLineEdit, "renameColumn")
    QTest.keyClicks(editor, "Years")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.wait()
    assert page.table.frame_model.names[1] == "Years"
    assert bench.session.document.undo_label == "Rename “Age” to “Years”"
    bench.session.undo()
    bench.wait()
    assert page.table.frame_model.names[1] == "Age"


def test_escape_leaves_the_name_as_it_is(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    page.table.header.edit_name(1)
    editor = find(page, QLineEdit, "renameColumn")
    QTest.keyClicks(editor, "Years")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert bench.session.project.recipe == ()


def test_a_name_that_is_taken_is_refused_in_words(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    told: list[object] = []
    bench.session.notice.connect(told.append)
    page.table.header.rename_requested.emit("Age", "Fare")
    assert bench.session.project.recipe == ()
    assert "already a column “Fare”" in told[0].text


def test_a_column_is_shown_with_its_problems_first(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_header(page, "Age")
    assert page.column.view.isVisible()
    assert page.column.view.title.text() == "Age"
    assert page.column.view.histogram.isVisible()
    notices = [n.text for n in page.column.view.findChildren(InlineNotice) if n.isVisible()]
    assert notices
    assert "missing" in notices[0] or "Age" in notices[0]
    QTest.mouseClick(find(page, QPushButton, "columnOverview"), LEFT)
    assert page.column.first.isVisible()


def test_quick_actions_of_a_column(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_header(page, "Sex")
    QTest.mouseClick(find(page, QPushButton, "column-target"), LEFT)
    bench.wait()
    assert [c.name for c in bench.session.features.columns if c.role == "target"] == ["Sex"]
    click_header(page, "Age")
    QTest.mouseClick(find(page, QPushButton, "column-fill"), LEFT)
    bench.wait()
    assert page.recipe.cards()[0].form is not None
    assert "cells changed" in page.recipe.cards()[0].outcome.text()
    assert not page.table.frame_model.cell(3, 1)[1]


def test_typing_a_parameter_is_one_undo_step_and_errors_stand_in_place(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_header(page, "Fare")
    QTest.mouseClick(find(page, QPushButton, "column-filter"), LEFT)
    bench.wait()
    card = page.recipe.cards()[0]
    assert "no value to compare" in card.error.text()
    bench.session.document.end_merge()
    before = bench.session.project.recipe
    page.hand.edit_step(card.step.id, "value", 1)
    page.hand.edit_step(card.step.id, "value", 12.3)
    bench.wait()
    assert card.error.text().startswith("No row would be left.")
    page.hand.edit_step(card.step.id, "value", 10)
    bench.wait()
    assert not card.error.isVisible()
    bench.session.undo()
    assert bench.session.project.recipe == before


def test_looking_at_a_step_marks_what_it_changes(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.session.apply(edits.add_step("fill_missing", {"columns": ["Age"], "method": "median"}), "Fill")
    bench.wait()
    QTest.mouseClick(page.recipe.cards()[0], LEFT, Qt.KeyboardModifier.NoModifier, QPoint(60, 4))
    bench.wait()
    assert page.step_bar.isVisible()
    assert page.step_bar.says.text() == "9 cells changed"
    assert page.step_bar.mode == "changes"
    text, _missing, marked = page.table.frame_model.cell(0, 1)
    assert text.startswith("— → ")
    assert marked
    QTest.mouseClick(find(page, QPushButton, "step-before"), LEFT)
    assert page.table.frame_model.cell(3, 1) == ("—", True, True)
    QTest.mouseClick(find(page, QPushButton, "step-after"), LEFT)
    assert page.table.frame_model.cell(3, 1)[1:] == (False, True)
    QTest.mouseClick(find(page, QPushButton, "stepDone"), LEFT)
    assert not page.step_bar.isVisible()
    assert page.table.frame_model.cell(3, 1)[2] is False


def test_steps_move_by_button_and_by_dragging_the_grip(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    for name in ("Name", "Fare", "Sex"):
        bench.session.apply(edits.add_step("drop_column", {"columns": [name]}), "Drop")
    bench.wait()

    def order() -> list[str]:
        return [step.params["columns"][0] for step in bench.session.project.recipe]

    QTest.mouseClick(find(page.recipe.cards()[2], QToolButton, "stepUp"), LEFT)
    assert order() == ["Name", "Sex", "Fare"]
    bench.wait()
    cards = page.recipe.cards()
    grip = cards[0].grip
    below = grip.mapFromGlobal(cards[2].mapToGlobal(QPoint(10, cards[2].height() - 2)))
    QTest.mousePress(grip, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(5, 5))
    QTest.mouseMove(grip, QPoint(5, 30))
    QTest.mouseMove(grip, below)
    QTest.mouseRelease(grip, LEFT, Qt.KeyboardModifier.NoModifier, below)
    assert order() == ["Sex", "Fare", "Name"]
    bench.wait()


def test_what_cannot_be_read_is_told_with_a_way_out(bench: Bench) -> None:
    path = bench.folder / "broken.csv"
    path.write_bytes(b"")
    page = page_of(bench)
    bench.open(str(path))
    assert page.error.isVisible()
    titles = [b.text() for b in page.error.findChildren(QPushButton) if b.isVisible()]
    assert titles == ["Reading options", "Choose other data…", "Read again"]
    assert "broken.csv" in page.error.accessibleName()


def test_reading_options_are_previewed_applied_and_undone(opened: Open) -> None:
    bench = opened("a;b\n1,5;2\n2,5;3\n3,5;4\n")
    page = page_of(bench)
    QTest.mouseClick(find(page, QPushButton, "readingOptions"), LEFT)
    bench.wait()
    assert page.reading.isVisible()
    assert page.reading.table.frame_model.names == ["a", "b"]
    page.reading.header.setCurrentIndex(2)
    bench.qtbot.waitUntil(lambda: page.reading.table.frame_model.rowCount() == 4)
    QTest.mouseClick(find(page, QPushButton, "readApply"), LEFT)
    bench.wait()
    assert page.table.frame_model.rowCount() == 4
    assert "no header" in find(page, QLabel, "sourceFound").text()
    bench.session.undo()
    bench.wait()
    assert page.table.frame_model.names == ["a", "b"]


def test_lines_set_aside_are_counted_and_listed(opened: Open) -> None:
    rows = "\n".join(f"{i},{i * 2},{i * 3}" for i in range(30))
    bench = opened("a,b,c\n" + rows + "\n=1,2,3,4,5\n")
    page = page_of(bench)
    link = find(page, QPushButton, "sourceBad")
    assert link.text() == "1 line set aside"
    QTest.mouseClick(link, LEFT)
    bench.wait()
    assert page.aside.isVisible()
    cells = [page.aside.table.frame_model.cell(0, column)[0] for column in range(3)]
    assert cells == ["line 32", "It has 5 cells instead of 3.", "=1,2,3,4,5"]
    place = bench.folder / "aside.csv"
    page.aside.ask = lambda parent, suggestion: str(place)
    QTest.mouseClick(page.aside.export, LEFT)
    bench.wait()
    assert place.read_text() == 'where,why,text\nline 32,It has 5 cells instead of 3.,"\'=1,2,3,4,5"\n'
    page.aside.ask = lambda parent, suggestion: str(place / "not a folder")
    QTest.mouseClick(page.aside.export, LEFT)
    bench.wait()
    assert "could not be written" in page.aside.says.text()
    QTest.mouseClick(find(page, QPushButton, "asideClose"), LEFT)
    assert page.pane.isVisible()


def test_first_rows_are_shown_while_the_rest_is_read(bench: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(first_rows, "LARGE", 1000)
    go_on = threading.Event()
    monkeypatch.setattr(
        sources, "load", lambda spec, p, c: (p(0.4, "Reading rows"), go_on.wait(60), load(spec, p, c))[2]
    )
    place = tmp_path / "large.csv"
    place.write_text("a,b\n" + "".join(f"{i},{i * 2}\n" for i in range(900)))
    page = page_of(bench)
    bench.session.open_data(DataSpec("csv", str(place)))
    bench.qtbot.waitUntil(lambda: page.strip.isVisible() and "Reading rows" in page.strip.text.text(), timeout=30_000)
    assert page.strip.text.text() == "The first 400 rows. Reading rows…"
    assert page.table.isVisible()
    assert page.table.frame_model.rowCount() == 400
    go_on.set()
    bench.wait()
    assert not page.strip.isVisible()
    assert page.table.frame_model.rowCount() == 900


def test_reading_the_rest_can_be_cancelled(bench: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(first_rows, "LARGE", 1000)
    go_on = threading.Event()
    monkeypatch.setattr(sources, "load", lambda spec, p, c: (go_on.wait(60), load(spec, p, c))[1])
    place = tmp_path / "large.csv"
    place.write_text("a,b\n" + "".join(f"{i},{i * 2}\n" for i in range(900)))
    page = page_of(bench)
    bench.session.open_data(DataSpec("csv", str(place)))
    bench.qtbot.waitUntil(lambda: page.strip.isVisible(), timeout=30_000)
    QTest.mouseClick(find(page, QPushButton, "cancelReading"), LEFT)
    go_on.set()
    bench.wait()
    assert not page.strip.isVisible()
    assert page.error.isVisible()


def test_reading_can_be_cancelled_and_begun_again(bench: Bench) -> None:
    path = bench.folder / "table.csv"
    path.write_text(PASSENGERS)
    page = page_of(bench)
    bench.session.open_data(DataSpec("csv", str(path)))
    assert page.loading.isVisible()
    cancel = page.loading.findChild(QPushButton, "cancelLoading")
    assert isinstance(cancel, QPushButton)
    cancel.click()  # at once: sixty rows are read before the next event
    bench.wait()
    assert page.error.isVisible()
    assert "cannot be read" not in " ".join(label.text() for label in page.error.findChildren(QLabel))
    again = next(b for b in page.error.findChildren(QPushButton) if b.text() == "Read it")
    QTest.mouseClick(again, LEFT)
    bench.wait()
    assert page.table.isVisible()


def test_a_recipe_that_leaves_a_step_out_of_reach_says_which(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.session.apply(edits.add_step("drop_column", {"columns": ["Age"]}), "Drop")
    bench.session.apply(edits.add_step("fill_missing", {"columns": ["Age"]}), "Fill")
    bench.wait()
    assert "no column 'Age'" in page.recipe.cards()[1].error.text()
    assert page.recipe.cards()[1].error.isVisible()


def test_the_titanic_opens_with_its_suggestions(bench: Bench, real_data: Path) -> None:
    page = page_of(bench)
    bench.open(str(real_data / "titanic" / "train.csv"))
    assert find(page, QLabel, "sourceSize").text() == "891 rows × 12 columns"
    assert any("Cabin" in s.reason for s in bench.session.suggestions)
    assert "Survived" in page.column.first.findChildren(QLabel)[-1].text()
