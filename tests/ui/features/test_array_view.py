"""The numbers as the network gets them, gaps and limits set by hand, encodings for many columns at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton

from tests.ui.features.test_encoder_settings import choose, dialog_of
from tests.ui.features.test_page import find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.ui.features.page import FeaturesPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
FLAT, UP = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def numbers(page: FeaturesPage) -> np.ndarray:
    array = page.columns.array.array
    return np.array([[array.value(r, c) for c in range(array.columnCount())] for r in range(array.rowCount())])


def test_they_are_those_of_the_first_training_rows(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    QTest.mouseClick(find(page, QPushButton, "show-array"), LEFT)
    array, session = page.columns.array.array, bench.session
    assert array.columnCount() == session.preprocessor.width
    frame = session.cleaned.frame
    rows = [int(str(array.headerData(r, UP)).split()[0]) - 1 for r in range(array.rowCount())]
    np.testing.assert_array_equal(numbers(page), session.preprocessor.transform(frame.iloc[rows]))
    answer = str(array.headerData(0, UP)).split()[-1]
    assert answer == frame["Survived"].iloc[rows[0]]
    names = [array.headerData(c, FLAT) for c in range(array.columnCount())]
    assert "Sex: female" in names
    assert "42 training rows" in find(page, QLabel, "columnCounts").text()
    tip = array.data(array.index(0, names.index("Age")), Qt.ItemDataRole.ToolTipRole)
    assert "Age is" in tip

    page.search.setText("sex")
    assert [array.headerData(c, FLAT) for c in range(array.columnCount())] == [n for n in names if n.startswith("Sex")]
    page.search.setText("nothing like that")
    assert array.columnCount() == 0
    page.grab()


def test_thousands_of_numbers_are_painted_where_they_are_seen_alone(opened: Open) -> None:
    words = "\n".join(f"{' '.join(f'w{i}x{k}' for k in range(40))},{'yn'[i % 2]}" for i in range(60))
    bench = opened(f"text,y\n{words}\n")
    page = page_of(bench)
    page.columns.show_view(1)
    array = page.columns.array
    assert array.array.columnCount() > 1000
    asked: list[int] = []
    block = array.array.block
    array.array.block = lambda rows, sections: asked.extend(sections) or block(rows, sections)  # type: ignore[method-assign]
    array.grab()
    assert len(set(asked)) < 40
    array.scrollTo(array.array.index(0, 1200))
    asked.clear()
    array.grab()
    assert 1200 in asked


def test_gaps_and_limits_are_set_by_hand(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    choose(page, bench, "Age", "Settings…")
    dialog = dialog_of(page)
    assert not dialog.form.rows["value"].isEnabled()
    dialog.form.edited.emit("fill", "constant")
    bench.wait()
    assert bench.session.features_error is not None  # no number is given yet, and that is said
    assert dialog.form.rows["value"].isEnabled()
    dialog.form.edited.emit("value", 0.0)
    dialog.form.edited.emit("clip", "percentiles")
    dialog.form.edited.emit("lowest", 0.0)
    bench.wait()
    age = next(c for c in bench.session.preprocessor.columns if c.name == "Age")
    assert age.fill == 0.0
    assert age.clip[0] == 20.0
    dialog.form.edited.emit("fill", "median")
    bench.wait()
    mine = next(c for c in bench.session.document.project.features.columns if c.name == "Age")
    assert "fill" not in mine.params  # the usual one is not written down
    dialog.close()

    choose(page, bench, "Age", "Robust")
    mine = next(c for c in bench.session.document.project.features.columns if c.name == "Age")
    assert mine.params["clip"] == "percentiles"  # what means the same to the other encoding stays


def test_one_menu_for_many_columns(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    for name, modifier in (("Age", PLAIN), ("Sex", Qt.KeyboardModifier.ControlModifier)):
        QTest.mouseClick(page.table.viewport(), LEFT, modifier, page.table.cell(name, 0).center())
    QTest.mouseClick(
        page.table.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, page.table.cell("Fare", 0).center()
    )
    QTest.mouseClick(find(page, QPushButton, "chosen-encoding"), LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    robust = next(a for a in menu.actions() if a.text().startswith("Robust"))
    assert "2 of them" in robust.text()
    QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(robust).center())
    bench.wait()
    encoders = {c.name: c.encoder for c in bench.session.features.columns}
    assert (encoders["Age"], encoders["Fare"], encoders["Sex"]) == ("robust", "robust", "onehot")
    bench.session.undo()
    assert not bench.session.document.project.features.columns


def test_folds_are_chosen_shown_and_left_again(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    panel = page.side.split
    assert not panel.folds.isVisible()
    panel.fold_choice.asked.emit(5)
    bench.wait()
    QApplication.processEvents()
    assert bench.session.document.project.features.split.folds == 5
    assert panel.folds.isVisible()
    assert "5 folds" in panel.folds.accessibleName()
    panel.grab()
    panel.fold_choice.asked.emit(0)
    bench.wait()
    assert not panel.folds.isVisible()
