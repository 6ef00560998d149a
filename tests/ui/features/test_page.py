"""The Features page, driven like a person does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton

from tests.ui.tables import PASSENGERS, Bench, find
from workbench.core.data.sources import guess_source
from workbench.ui.features.columns_model import BECOMES, ENCODER, ROLE, WHY
from workbench.ui.features.columns_view import switch_rect
from workbench.ui.features.page import FeaturesPage
from workbench.ui.widgets.number import NumberEdit

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the off-screen platform says so of every window
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


def page_of(bench: Bench) -> FeaturesPage:
    page = FeaturesPage(bench.session)
    bench.show(page)
    bench.wait()
    QApplication.processEvents()  # what was just put into a layout is shown by an event
    return page


def roles(bench: Bench) -> dict[str, str]:
    return {c.name: c.role for c in bench.session.features.columns}


def encoders(bench: Bench) -> dict[str, str]:
    return {c.name: c.encoder for c in bench.session.features.columns}


def click_role(page: FeaturesPage, name: str, part: int) -> None:
    area = switch_rect(page.table.cell(name, ROLE))
    place = QPoint(int(area.x() + (part + 0.5) * area.width() / 3), area.center().y())
    QTest.mouseClick(page.table.viewport(), LEFT, PLAIN, place)


def text(page: FeaturesPage, name: str, column: int) -> str:
    model = page.table.columns
    return str(model.index(model.place_of(name), column).data())


def test_without_data_it_says_what_to_do(bench: Bench) -> None:
    page = page_of(bench)
    asked: list[str] = []
    bench.session.page_wanted.connect(asked.append)
    QTest.mouseClick(next(b for b in page.findChildren(QPushButton) if b.text() == "Open data" and b.isVisible()), LEFT)
    assert asked == ["data"]


def test_each_column_says_its_role_what_becomes_of_it_and_why(opened: Open) -> None:
    page = page_of(opened(PASSENGERS))
    assert text(page, "Survived", ROLE) == "Target"
    assert text(page, "Survived", BECOMES) == "yes → class 2 of 2"
    assert text(page, "Sex", ENCODER) == "One-hot"
    assert text(page, "Sex", BECOMES) == "female → 0  1  0"
    assert text(page, "Fare", BECOMES).startswith("7 → -")
    assert text(page, "Name", ROLE) == "Ignore"
    assert "id" in text(page, "Name", WHY) or "text" in text(page, "Name", WHY)


def test_clicking_the_switch_changes_the_role_and_undo_brings_it_back(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_role(page, "Fare", 2)
    bench.wait()
    assert roles(bench)["Fare"] == "ignore"
    assert bench.session.document.undo_label == "Ignore “Fare”"
    bench.session.undo()
    bench.wait()
    assert roles(bench)["Fare"] == "input"


def test_another_target_makes_the_old_one_an_input_again(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_role(page, "Sex", 1)
    bench.wait()
    assert roles(bench)["Sex"] == "target"
    assert roles(bench)["Survived"] == "input"
    assert "“Sex”" in find(page, QLabel, "targetName").text()


def test_many_columns_change_at_once(opened: Open) -> None:
    bench = opened("a,b,c,d,y\n" + "\n".join(f"{i},{i * 3 % 7},{i * 5 % 11},{i % 3},{i % 2}" for i in range(50)))
    page = page_of(bench)
    QTest.mouseClick(page.table.viewport(), LEFT, PLAIN, page.table.cell("b", 0).center())
    below = page.table.cell("d", 0).center()
    QTest.mouseClick(page.table.viewport(), LEFT, Qt.KeyboardModifier.ShiftModifier, below)
    assert page.table.chosen() == ["b", "c", "d"]
    assert find(page, QLabel, "columnsChosen").text() == "3 chosen"
    QTest.mouseClick(find(page, QPushButton, "chosen-ignore"), LEFT)
    bench.wait()
    assert [roles(bench)[n] for n in "bcd"] == ["ignore"] * 3
    bench.session.undo()
    bench.wait()
    assert [roles(bench)[n] for n in "bcd"] == ["input"] * 3
    QTest.keyClick(page.table, Qt.Key.Key_X)
    bench.wait()
    assert [roles(bench)[n] for n in "bcd"] == ["ignore"] * 3


@pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
def test_the_encoding_menu_offers_what_fits(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    QTest.mouseClick(page.table.viewport(), LEFT, PLAIN, page.table.cell("Age", ENCODER).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    titles = [a.text() for a in menu.actions()]
    assert titles[:7] == ["Standard", "0 to 1", "Robust", "Logarithm", "As it is", "One-hot", "In order"]
    assert titles[7:] == ["", "Settings…", "Goes into"]
    action: QAction = menu.actions()[1]
    QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(action).center())
    bench.wait()
    assert encoders(bench)["Age"] == "minmax"
    assert bench.session.document.undo_label == "Encode “Age”: 0 to 1"


def test_search_narrows_a_thousand_columns(bench: Bench, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = [f"sensor {i:04}" for i in range(300)] + ["class"]
    rows = rng.normal(size=(60, 300)).round(2).tolist()
    lines = [",".join(names)] + [",".join(map(str, [*row, i % 2])) for i, row in enumerate(rows)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join(lines))
    bench.open(str(path))
    page = page_of(bench)
    assert page.table.columns.rowCount() == 301
    QTest.keyClicks(find(page, QLineEdit, "columnSearch"), "0123")
    assert page.table.columns.rowCount() == 1
    click_role(page, "sensor 0123", 2)
    bench.wait()
    assert roles(bench)["sensor 0123"] == "ignore"


def test_dragging_a_border_of_the_split_is_one_undo_step(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bar = page.side.split.bar
    start = QPoint(round(bar.borders()[0]), 15)
    QTest.mousePress(bar, LEFT, PLAIN, start)
    for share in (0.65, 0.6, 0.55, 0.5):
        QTest.mouseMove(bar, QPoint(round(share * (bar.width() - 1)), 15))
    QTest.mouseRelease(bar, LEFT, PLAIN, QPoint(round(0.5 * (bar.width() - 1)), 15))
    bench.wait()
    split = bench.session.features.split
    assert split is not None
    assert (split.train, split.validation, split.test) == (0.5, 0.35, 0.15)
    assert page.side.split.rows["train"].text() == "30 rows"
    bench.session.undo()
    bench.wait()
    assert bench.session.features.split.train == 0.7


def test_typed_shares_make_room_among_the_others(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    box = find(page, NumberEdit, "share-test")
    box.selectAll()
    QTest.keyClicks(box, "25")
    QTest.keyClick(box, Qt.Key.Key_Return)
    bench.wait()
    split = bench.session.features.split
    assert (split.train, split.validation, split.test) == (0.6, 0.15, 0.25)
    assert bench.session.features_error is None


def test_class_shares_are_shown_for_each_part(opened: Open) -> None:
    page = page_of(opened(PASSENGERS))
    assert page.side.shares.isVisible()
    said = page.side.shares.accessibleDescription()
    assert said.startswith("Training: no ")
    assert "Test:" in said


def test_spellings_taken_for_one_class_are_counted_once(bench: Bench, tmp_path: Path) -> None:
    """The answers of a test file end with a dot: four spellings, two classes, and both places say two."""
    for name, dot in (("train", ""), ("test", ".")):
        rows = [f"{i},{'>50K' if i % 3 else '<=50K'}{dot}" for i in range(90)]
        (tmp_path / f"{name}.csv").write_text("age,income\n" + "\n".join(rows))
    spec = replace(guess_source(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv"))
    bench.session.open_data(spec)
    bench.wait()
    page = page_of(bench)
    click_role(page, "income", 1)
    bench.wait()
    assert "2 classes" in page.side.target.text()
    assert text(page, "income", WHY) == "The target: one of 2 classes."


def test_a_target_with_one_value_is_told_with_a_way_out(opened: Open) -> None:
    bench = opened("a,b,y\n" + "\n".join(f"{i},{i % 5},same" for i in range(40)))
    page = page_of(bench)
    click_role(page, "y", 1)
    bench.wait()
    assert page.error.isVisible()
    assert "y" in page.error.text
    QTest.mouseClick(find(page.error, QPushButton, "notice_action_0"), LEFT)
    assert page.table.chosen() == ["y"]
    click_role(page, "b", 1)
    bench.wait()
    assert not page.error.isVisible()


def test_no_inputs_is_told(opened: Open) -> None:
    bench = opened("a,b,y\n" + "\n".join(f"{i * 7 % 13},{i % 5},{i % 2}" for i in range(40)))
    page = page_of(bench)
    page.table.selectAll()
    page.columns.role_asked.emit(["a", "b"], "ignore")
    bench.wait()
    assert page.error.isVisible()


def test_the_task_can_be_chosen(opened: Open) -> None:
    bench = opened("a,b,y\n" + "\n".join(f"{i * 7 % 13},{i % 5},{i % 4}" for i in range(40)))
    page = page_of(bench)
    assert bench.session.features.task == "classification"
    QTest.mouseClick(find(page, QPushButton, "task-regression"), LEFT)
    bench.wait()
    assert bench.session.features.task == "regression"
    assert find(page, QLabel, "targetName").text() == "“y”, a number"


def test_the_audit_offers_its_remedy(opened: Open) -> None:
    rows = "\n".join(f"{i % 6},{i % 6 * 2},{'ab'[i % 2]}" for i in range(60))
    bench = opened("p,q,kind\n" + rows)
    page = page_of(bench)
    buttons = [b for b in page.side.audit.findChildren(QPushButton) if b.isVisible()]
    assert any(b.text() == "Drop duplicate rows" for b in buttons)
    QTest.mouseClick(next(b for b in buttons if b.text() == "Drop duplicate rows"), LEFT)
    bench.wait()
    assert [s.kind for s in bench.session.project.recipe] == ["drop_duplicates"]
