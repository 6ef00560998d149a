"""Merging alike spellings by hand."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from tests.core.data.test_cluster import CITIES as CITIES_TYPED
from tests.core.data.test_cluster import dirty
from tests.ui.data.test_page import click_header, find, page_of
from tests.ui.tables import Bench
from workbench.ui.data.alike import Group
from workbench.ui.data.alike_tree import SPELLING
from workbench.ui.data.page import DataPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CITIES = ("Berlin", "Berlin", "berlin", "BERLIN ", "Munich", "munich", "New York", "York New", "Berlni", "Rome")
TABLE = "city,n\n" + "".join(f"{CITIES[i % 10]},{i}\n" for i in range(100))


def open_panel(bench: Bench) -> DataPage:
    page = page_of(bench)
    click_header(page, "city")
    QTest.mouseClick(find(page, QPushButton, "column-alike"), LEFT)
    bench.qtbot.waitUntil(lambda: bool(page.alike.tree.groups), timeout=20_000)
    choose(page, bench, "fingerprint")
    return page


def tick(page: DataPage, group: int, child: int) -> None:
    tree = page.alike.tree
    top = tree.topLevelItem(group)
    item = top if child < 0 else top.child(child)
    tree.scrollToItem(item)
    rect = tree.visualItemRect(item)
    QTest.mouseClick(tree.viewport(), LEFT, PLAIN, QPoint(rect.x() + 10, rect.center().y()))


def values(bench: Bench) -> set[str]:
    return set(bench.session.cleaned.frame["city"])


def choose(page: DataPage, bench: Bench, method: str) -> None:
    before = page.alike.tree.groups
    box = page.alike.method
    if box.currentData() != method:
        box.setCurrentIndex(box.findData(method))
        bench.qtbot.waitUntil(lambda: page.alike.tree.groups != before, timeout=5000)
    bench.wait()


def test_groups_are_shown_merged_and_undone_as_one_step(opened: Open) -> None:
    bench = opened(TABLE)
    page = open_panel(bench)
    found = [(g.kept, dict(g.spellings)) for g in page.alike.tree.groups]
    assert found[0] == ("Berlin", {"Berlin": 20, "BERLIN ": 10, "berlin": 10})
    assert len(found) == 3
    assert find(page, QLabel, "alikeTouched").text() == "20 rows would change in this group"
    assert page.alike.rows.frame_model.cell(0, 0)[0].endswith("→ Berlin")
    button = find(page, QPushButton, "alikeAccept")
    assert button.text() == "Merge 4 spellings"
    QTest.mouseClick(button, LEFT)
    bench.wait()
    assert page.pane.isVisible()
    assert [s.kind for s in bench.session.project.recipe] == ["merge_values"]
    assert values(bench) == {"Berlin", "Munich", "New York", "Berlni", "Rome"}
    bench.session.undo()
    bench.wait()
    assert len(values(bench)) == 9
    assert bench.session.project.recipe == ()


def test_dirty_spellings_come_right_with_one_accept(opened: Open) -> None:
    chance = random.Random(4)
    truth = [city for city in CITIES_TYPED for _ in range(100)]
    cells = [city if chance.random() < 0.6 else dirty(city, chance) for city in truth]
    bench = opened("city,n\n" + "".join(f'"{cell}",{i}\n' for i, cell in enumerate(cells)))
    page = page_of(bench)
    click_header(page, "city")
    QTest.mouseClick(find(page, QPushButton, "column-alike"), LEFT)
    bench.qtbot.waitUntil(lambda: bool(page.alike.tree.groups), timeout=20_000)
    QTest.mouseClick(page.alike.accept, LEFT)
    bench.wait()
    right = [one == other for one, other in zip(bench.session.cleaned.frame["city"], truth, strict=True)]
    assert sum(right) >= 0.98 * len(right)
    assert len(bench.session.project.recipe) == 1


def test_ticks_and_the_kept_value_are_the_persons(opened: Open) -> None:
    bench = opened(TABLE)
    page = open_panel(bench)
    tree = page.alike.tree
    tick(page, 0, 1)
    assert "berlin" not in tree.mapping()
    assert tree.topLevelItem(0).checkState(SPELLING) == Qt.CheckState.PartiallyChecked
    QTest.mouseClick(find(page, QPushButton, "alikeNone"), LEFT)
    assert tree.mapping() == {}
    assert not page.alike.accept.isEnabled()
    tick(page, 1, -1)
    rect = tree.visualItemRect(tree.topLevelItem(1))
    QTest.mouseDClick(tree.viewport(), LEFT, PLAIN, QPoint(rect.x() + 60, rect.center().y()))
    editor = tree.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "Muenchen")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # the editor hands over its text by an event
    assert set(tree.mapping().values()) == {"Muenchen"}
    QTest.mouseClick(page.alike.accept, LEFT)
    bench.wait()
    assert {"Muenchen", "berlin", "York New"} <= values(bench)
    assert "Munich" not in values(bench)


def test_all_that_differ_in_the_same_way_are_ticked_at_once(opened: Open) -> None:
    bench = opened(TABLE)
    page = open_panel(bench)
    tree = page.alike.tree
    QTest.mouseClick(find(page, QPushButton, "alikeNone"), LEFT)
    tree.setCurrentItem(tree.topLevelItem(0))
    QTest.mouseClick(find(page, QPushButton, "alikeLikeThis"), LEFT)
    assert set(tree.mapping().values()) == {"Berlin", "Munich"}


def test_the_nearest_have_a_slider(opened: Open) -> None:
    bench = opened(TABLE)
    page = open_panel(bench)
    assert not page.alike.threshold.isVisible()
    choose(page, bench, "nearest")
    assert page.alike.threshold.isVisible()
    assert "Berlni" in page.alike.tree.mapping()
    before = page.alike.tree.groups
    page.alike.threshold.setFocus()
    QTest.keyClick(page.alike.threshold, Qt.Key.Key_End)
    bench.qtbot.waitUntil(lambda: page.alike.tree.groups != before, timeout=5000)
    assert "Berlni" not in page.alike.tree.mapping()
    QTest.mouseClick(find(page, QPushButton, "alikeClose"), LEFT)
    bench.wait()
    assert page.pane.isVisible()


def test_in_what_spellings_differ() -> None:
    def differ(*words: str) -> str:
        return Group(words[0], tuple((w, 1) for w in words)).difference

    assert differ("Rome", "ROME ") == "case and blanks"
    assert differ("Zürich", "zurich.") == "accents and punctuation"
    assert differ("New York", "York, New") == "order of words"
    assert differ("Rome", "Roma") == "letters"


def test_a_suggested_merge_is_looked_at_first(opened: Open) -> None:
    bench = opened("city,n\n" + "".join(f"{('New York', 'York; New', 'Rome')[i % 3]},{i}\n" for i in range(60)))
    page = page_of(bench)
    suggested = [s for s in bench.session.suggestions if s.step.kind == "merge_values"]
    assert suggested
    accept = next(b for b in page.recipe.findChildren(QPushButton, "acceptSuggestion") if b.text() == "Look…")
    QTest.mouseClick(accept, LEFT)
    bench.qtbot.waitUntil(lambda: bool(page.alike.tree.groups), timeout=5000)
    assert page.alike.isVisible()
    assert bench.session.project.recipe == ()
    QTest.mouseClick(page.alike.accept, LEFT)
    bench.wait()
    assert values(bench) == {"New York", "Rome"}
