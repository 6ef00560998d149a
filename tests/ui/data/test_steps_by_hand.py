"""The recipe's cards with mouse and keys: names, copies, order, what could not be read, spellings looked at again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton, QToolButton

from tests.ui.data.test_alike import tick
from tests.ui.data.test_page import click_header, find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.core import edits
from workbench.core.project import Step
from workbench.ui.data.page import DataPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

SPELLED = ("Berlin",) * 6 + ("berlin", "BERLIN ", "Berlni", "Rome")
CITIES = "city,n\n" + "".join(f"{SPELLED[i % 10]},{i}\n" for i in range(100))


def titles(page: DataPage) -> list[str]:
    return [card.title.text() for card in page.recipe.cards()]


def listed(page: DataPage) -> list[str]:
    """What the person is told to look at first."""
    QApplication.processEvents()  # what was just put into a layout is shown by an event
    return [w.text() for w in page.column.first.findChildren(QLabel) if w.isVisible()]


def with_steps(bench: Bench, *steps: Step) -> DataPage:
    page = page_of(bench)
    bench.session.apply(edits.add_steps(steps), "Add steps")
    bench.wait()
    return page


DROP, TRIM = Step("", "drop_missing", {"columns": ["Age"]}), Step("", "trim_text", {"columns": ["Sex"]})


def test_a_step_is_named_with_f2_and_unnamed_by_an_empty_name(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = with_steps(bench, DROP, TRIM)
    card = page.recipe.cards()[0]
    words = card.title.text()
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_F2)
    editor = find(card, QLineEdit, "stepName")
    QTest.keyClicks(editor, "Only known ages")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    bench.wait()
    assert bench.session.project.recipe[0].title == "Only known ages"
    assert card.title.text() == "Only known ages"
    assert card.words.isVisible()
    assert card.words.text() == words
    QTest.keyClick(card, Qt.Key.Key_F2)
    QTest.keyClicks(find(card, QLineEdit, "stepName"), "otherwise")
    QTest.keyClick(find(card, QLineEdit, "stepName"), Qt.Key.Key_Escape)
    assert bench.session.project.recipe[0].title == "Only known ages"
    QTest.keyClick(card, Qt.Key.Key_F2)
    QTest.keyClick(find(card, QLineEdit, "stepName"), Qt.Key.Key_Delete)
    QTest.keyClick(find(card, QLineEdit, "stepName"), Qt.Key.Key_Return)
    bench.wait()
    assert card.title.text() == words
    assert not card.words.isVisible()
    bench.session.undo()
    assert bench.session.project.recipe[0].title == "Only known ages"


def test_keys_copy_move_switch_and_delete_a_step(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = with_steps(bench, DROP, TRIM)
    first, second = titles(page)
    card = page.recipe.cards()[1]
    QTest.keyClick(card, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    bench.wait()
    assert titles(page) == [second, first]
    QTest.keyClick(card, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    bench.wait()
    assert titles(page) == [second, second, first]
    assert len({step.id for step in bench.session.project.recipe}) == 3
    QTest.keyClick(card, Qt.Key.Key_Space)
    bench.wait()
    assert [step.enabled for step in bench.session.project.recipe] == [False, True, True]
    QTest.keyClick(card, Qt.Key.Key_Delete)
    bench.wait()
    assert titles(page) == [second, first]


def test_the_menu_of_a_step_offers_what_can_be_done(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = opened(PASSENGERS)
    page = with_steps(bench, DROP, TRIM)
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: shown.append(menu))
    card = page.recipe.cards()[0]
    place = QPoint(40, 10)
    QApplication.sendEvent(
        card, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, card.mapToGlobal(place), PLAIN)
    )
    actions = {action.text().split("\t")[0]: action for action in shown[0].actions()}
    assert list(actions) == ["Edit", "Rename", "Switch off", "Duplicate", "Move up", "Move down", "Delete"]
    assert not actions["Move up"].isEnabled()
    actions["Move down"].trigger()
    bench.wait()
    assert bench.session.project.recipe[1].kind == "drop_missing"


def test_cells_that_cannot_be_read_are_told_and_come_first(opened: Open) -> None:
    cells = [f"{i} kg" for i in range(40)]
    cells[30] = cells[35] = "heavy"
    bench = opened("weight,n\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    page = with_steps(bench, Step("", "parse_numbers", {"column": "weight"}))
    card = page.recipe.cards()[0]
    assert card.unread.isVisible()
    assert card.unread.text() == "2 cells could not be read and are missing now: “heavy” (2)"
    QTest.mouseClick(card, LEFT, PLAIN, QPoint(60, 12))
    bench.wait()
    assert page.step_bar.mode == "changes"
    assert page.table.frame_model.cell(0, 0)[0] == "heavy → —"
    assert page.table.frame_model.cell(1, 0)[0] == "heavy → —"
    assert page.table.frame_model.cell(2, 0)[0] == "0 kg → 0"


def test_the_spellings_a_step_merges_are_looked_at_again(opened: Open) -> None:
    bench = opened(CITIES)
    merge = Step("", "merge_values", {"column": "city", "mapping": {"berlin": "Berlin", "BERLIN": "Berlin"}})
    page = with_steps(bench, Step("", "trim_text", {"columns": ["city"]}), merge)
    card = page.recipe.cards()[1]
    QTest.mouseClick(card.edit, LEFT)
    bench.wait()
    assert page.alike.isVisible()
    assert page.alike.method.currentText() == "As merged by this step"
    (group,) = page.alike.tree.groups
    assert dict(group.spellings) == {"Berlin": 60, "BERLIN": 10, "berlin": 10}  # as before the step
    assert page.alike.mapping() == merge.params["mapping"]
    box = page.alike.method
    box.setCurrentIndex(box.findData("nearest"))
    bench.qtbot.waitUntil(lambda: len(page.alike.tree.groups[0].spellings) == 4, timeout=20_000)
    bench.wait()
    assert page.alike.mapping() == merge.params["mapping"]  # what was not merged is not ticked
    spellings = [value for value, _ in page.alike.tree.groups[0].spellings]
    tick(page, 0, spellings.index("Berlni"))
    tick(page, 0, spellings.index("BERLIN"))
    bench.wait()
    undo = len(bench.session.project.recipe)
    QTest.mouseClick(page.alike.accept, LEFT)
    bench.wait()
    assert not page.alike.isVisible()
    recipe = bench.session.project.recipe
    assert len(recipe) == undo
    assert recipe[1].params["mapping"] == {"berlin": "Berlin", "Berlni": "Berlin"}
    bench.session.undo()
    assert bench.session.project.recipe[1].params == merge.params


def test_what_other_ways_do_not_find_stays_merged(opened: Open) -> None:
    bench = opened(CITIES)
    page = with_steps(bench, Step("", "merge_values", {"column": "city", "mapping": {"Rome": "Roma", "berlin": "x"}}))
    QTest.mouseClick(page.recipe.cards()[0].edit, LEFT)
    bench.wait()
    box = page.alike.method
    box.setCurrentIndex(box.findData("fingerprint"))
    bench.qtbot.waitUntil(lambda: len(page.alike.tree.groups) == 1, timeout=20_000)
    bench.wait()
    QTest.mouseClick(find(page, QPushButton, "alikeNone"), LEFT)
    QTest.mouseClick(page.alike.accept, LEFT)
    bench.wait()
    assert bench.session.project.recipe[0].params["mapping"] == {"Rome": "Roma"}


def test_accept_all_takes_neither_merges_nor_what_is_only_pointed_out(opened: Open) -> None:
    towns = ("New York", "York; New", "Rome")
    rows = [(towns[i % 3], f"0{1 + i % 9}/0{1 + i % 8}/2024", "same", " x" if i == 5 else "y") for i in range(100)]
    lines = [f"{','.join(row)},{i * i % 97}" for i, row in enumerate(rows)]
    bench = opened("\n".join(["city,seen,same,blank,n", *lines]))
    page = page_of(bench)
    kinds = {s.step.kind for s in bench.session.suggestions}
    assert {"merge_values", "parse_dates", "drop_column", "trim_text"} <= kinds
    button = find(page, QPushButton, "acceptAll")
    ready = sum(s.step.enabled and s.step.kind != "merge_values" for s in bench.session.suggestions)
    assert button.text() == f"Accept {ready} of {len(bench.session.suggestions)}"
    QTest.mouseClick(button, LEFT)
    bench.wait()
    assert {step.kind for step in bench.session.project.recipe} == {"drop_column", "trim_text"}
    # the order of the dates is asked, not guessed
    month = next(b for b in page.recipe.findChildren(QPushButton) if b.text() == "Read them month first")
    QTest.mouseClick(month, LEFT)
    bench.wait()
    step = bench.session.project.recipe[-1]
    assert (step.kind, step.params["order"], step.enabled) == ("parse_dates", "month first", True)
    assert str(bench.session.cleaned.frame["seen"].iloc[2]) == "2024-03-03 00:00:00"


def test_what_is_left_so_is_neither_suggested_nor_listed_until_shown_again(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    before = len(page.recipe.findChildren(QPushButton, "acceptSuggestion"))
    close = next(b for b in page.recipe.findChildren(QToolButton, "leaveSuggestion") if "Cabin" in b.accessibleName())
    QTest.mouseClick(close, LEFT)
    bench.wait()
    QApplication.processEvents()
    reasons = [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason") if w.isVisible()]
    assert len(reasons) == before - 1
    assert not any("Cabin" in reason for reason in reasons)
    assert bench.session.project.recipe == ()
    QTest.mouseClick(find(page, QPushButton, "firstLookAside"), LEFT)
    bench.wait()
    assert any("Cabin" in w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason"))


def test_findings_of_the_audit_are_listed_with_remedies_that_work(opened: Open) -> None:
    rows = [(i % 7 + 0.5, (i * 37) % 101, "ab"[i % 2], "yes" if i % 2 else "no") for i in range(200)]
    bench = opened("x,y,code,sold\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows))
    page = page_of(bench)
    bench.session.apply(edits.set_target("sold", bench.session.features.columns), "Target")
    bench.wait()
    texts = listed(page)
    assert any(text.startswith("May give the answer away") and '"code"' in text for text in texts)
    ignore = next(b for b in page.column.first.findChildren(QPushButton) if b.text() == 'Ignore "code"')
    QTest.mouseClick(ignore, LEFT)
    bench.wait()
    assert {c.name: c.role for c in bench.session.features.columns}["code"] == "ignore"
    texts = listed(page)
    assert not any(text.startswith("May give") for text in texts)


def test_a_step_that_asks_is_answered_with_a_click(opened: Open) -> None:
    bench = opened("seen,n\n" + "".join(f"0{1 + i % 9}/0{1 + (i + 1) % 9}/2024,{i}\n" for i in range(40)))
    page = page_of(bench)
    click_header(page, "seen")
    QTest.mouseClick(find(page, QPushButton, "column-dates"), LEFT)
    bench.wait()
    card = page.recipe.cards()[0]
    assert "no other cell tells which" in card.error.text()
    QApplication.processEvents()
    answers = [b for b in card.findChildren(QPushButton, "stepAnswer") if b.isVisible()]
    assert [b.text() for b in answers] == ["Day first", "Month first"]
    QTest.mouseClick(answers[1], LEFT)
    bench.wait()
    assert bench.session.project.recipe[0].params["order"] == "month first"
    assert not card.error.isVisible()
    assert not [b for b in card.findChildren(QPushButton, "stepAnswer") if b.isVisible()]


def test_what_a_step_changes_is_brought_into_sight(opened: Open) -> None:
    names = [f"measure {i}" for i in range(60)]
    bench = opened(",".join(names) + "\n" + "\n".join(",".join(str(i * j) for i in range(60)) for j in range(5)))
    page = with_steps(bench, Step("", "compute_column", {"name": "sum", "formula": "`measure 1` + `measure 2`"}))
    assert page.table.horizontalScrollBar().value() == 0
    QTest.mouseClick(page.recipe.cards()[0], LEFT, PLAIN, QPoint(60, 12))
    bench.wait()
    place = page.table.frame_model.names.index("sum")
    left = page.table.columnViewportPosition(place)
    assert 0 <= left < page.table.viewport().width()


def test_what_the_features_take_over_is_not_suggested_again(opened: Open) -> None:
    rows = [(f"{50 + i % 23}.{i % 10}" if i != 40 else "9000", "yes" if i % 3 else "no") for i in range(300)]
    bench = opened("amount,sold\n" + "".join(f"{','.join(row)}\n" for row in rows))
    page = page_of(bench)
    (far,) = (s for s in bench.session.suggestions if s.step.kind == "limit_outliers")
    button = next(b for b in page.recipe.findChildren(QPushButton) if b.text() == "Make them missing")
    QTest.mouseClick(button, LEFT)
    bench.wait()
    assert bench.session.project.recipe == ()
    assert {c.name: c.params for c in bench.session.features.columns}["amount"]["beyond"] == "missing"
    assert far.reason not in [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason")]
    bench.session.undo()
    bench.wait()
    assert far.reason in [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason")]


def test_the_target_is_never_suggested_away(opened: Open) -> None:
    lines = [f"{i % 9},{'' if i % 5 else 'u' if i % 2 else 'v'},{i * 7 % 13}" for i in range(100)]
    bench = opened("\n".join(["a,note,b", *lines]))
    page = page_of(bench)
    assert any("note is missing" in w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason"))
    assert page.recipe.findChildren(QPushButton, "acceptSuggestion")
    bench.session.apply(edits.set_target("note", bench.session.features.columns), "Target")
    bench.wait()
    assert any(s.step.kind == "drop_column" for s in bench.session.suggestions)
    shown = [w.text() for w in page.recipe.findChildren(QLabel, "suggestionReason") if w.isVisible()]
    assert not any("note is missing" in text for text in [*shown, *listed(page)])
    assert not [b for b in page.recipe.findChildren(QPushButton, "acceptSuggestion") if b.isVisible()]
