"""More than one column to predict, chosen by hand on the Features page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QToolButton

from tests.ui.features.test_page import click_role, find, page_of, roles, text
from tests.ui.tables import Bench
from workbench.core.project import ColumnFeature
from workbench.ui.features.columns_model import BECOMES, NAME, ROLE, WHY
from workbench.ui.features.page import FeaturesPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FLATS = "rooms,area,floor,heated,price\n" + "\n".join(
    f"{1 + i % 5},{20 + (i * 7) % 90},{i % 9},{('gas', 'oil', 'wood')[i % 3]},{500 + i * 13.5}" for i in range(60)
)


def pick(name: str) -> None:
    """An entry of the menu that is open."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text() == name or a.objectName() == name)
    QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(action).center())


def targets(bench: Bench) -> list[str]:
    return [name for name, role in roles(bench).items() if role == "target"]


def also_predict(page: FeaturesPage, bench: Bench, name: str) -> None:
    QTest.mouseClick(find(page, QPushButton, "alsoPredict"), LEFT)
    pick(name)
    bench.wait()


def test_a_second_target_is_added_in_words_and_target_alone_replaces(opened: Open) -> None:
    bench = opened(FLATS)
    page = page_of(bench)
    assert targets(bench) == ["price"]
    also_predict(page, bench, "heated")
    assert targets(bench) == ["heated", "price"]
    facts = bench.session.facts
    assert [(t.name, t.task, len(t.classes)) for t in facts.targets] == [
        ("heated", "classification", 3),
        ("price", "regression", 0),
    ]
    assert find(page, QLabel, "targetName").text() == "2 columns, by a network with 2 outputs:"
    assert text(page, "heated", BECOMES) == "gas → class 1 of 3"
    assert text(page, "heated", WHY) == "A target: one of 3 classes."
    assert "→" in text(page, "price", BECOMES)
    assert not page.side.task_row.isVisible()  # each target's own encoding says whether it is a class or a number
    assert page.side.shares.isVisible()
    assert "“heated”" in page.side.shares_title.text()
    click_role(page, "area", 1)  # Target: alone
    bench.wait()
    assert targets(bench) == ["area"]
    bench.session.undo()
    bench.wait()
    assert targets(bench) == ["heated", "price"]


def test_each_target_has_a_line_to_drop_it_and_to_look_at_its_classes(opened: Open) -> None:
    bench = opened(FLATS)
    page = page_of(bench)
    also_predict(page, bench, "heated")
    also_predict(page, bench, "rooms")
    assert targets(bench) == ["rooms", "heated", "price"]
    QTest.mouseClick(find(page, QToolButton, "lookAt-rooms"), LEFT)
    assert "“rooms”" in page.side.shares_title.text()
    assert len(page.side.shares._classes) == 5
    QTest.mouseClick(find(page, QToolButton, "lookAt-price"), LEFT)  # a number has no classes
    assert not page.side.shares.isVisible()
    QTest.mouseClick(find(page, QToolButton, "dropTarget-heated"), LEFT)
    bench.wait()
    assert targets(bench) == ["rooms", "price"]
    assert roles(bench)["heated"] == "input"


def test_the_menu_of_a_line_and_the_keys_do_the_same(opened: Open) -> None:
    bench = opened(FLATS)
    page = page_of(bench)
    page.table.open_roles("heated", page.table.viewport().mapToGlobal(page.table.cell("heated", NAME).center()))
    pick("Also predict this column")
    bench.wait()
    assert targets(bench) == ["heated", "price"]
    page.table.selectRow(page.table.columns.place_of("floor"))
    QTest.keyClick(page.table, Qt.Key.Key_T, Qt.KeyboardModifier.ShiftModifier)
    bench.wait()
    assert targets(bench) == ["floor", "heated", "price"]
    page.table.open_roles("price", page.table.viewport().mapToGlobal(page.table.cell("price", NAME).center()))
    pick("Predict this column alone")
    bench.wait()
    assert targets(bench) == ["price"]
    assert text(page, "price", ROLE) == "Target"


def test_the_numbers_show_every_answer_of_a_row(opened: Open) -> None:
    bench = opened(FLATS)
    page = page_of(bench)
    also_predict(page, bench, "heated")
    page.columns.show_view(1)
    head = page.columns.array.array.head
    assert head.target == "heated · price"
    row = head.rows[0] - 1
    assert head.answers[0] == f"{('gas', 'oil', 'wood')[row % 3]} · {500 + row * 13.5:g}"


def test_a_target_found_by_itself_stays_one_when_another_is_added(opened: Open) -> None:
    bench = opened(FLATS)
    assert bench.session.document.project.features.columns == ()
    page = page_of(bench)
    also_predict(page, bench, "heated")
    mine = {c.name: c for c in bench.session.document.project.features.columns}
    assert mine["price"] == ColumnFeature("price", "target", "standard")
