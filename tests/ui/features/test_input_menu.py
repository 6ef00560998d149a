"""Columns put into an input of their own, by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.ui.features.test_encoder_settings import LEFT, PLAIN, SIZES
from tests.ui.features.test_page import page_of
from tests.ui.tables import Bench
from workbench.ui.features.columns_model import ENCODER
from workbench.ui.features.page import FeaturesPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")


def inputs_of(page: FeaturesPage, name: str) -> tuple[QMenu, QMenu]:
    """The menu of a column's encodings, and the part of it that tells where the column goes."""
    QTest.mouseClick(page.table.viewport(), LEFT, PLAIN, page.table.cell(name, ENCODER).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    inner = menu.findChild(QMenu, "inputMenu")
    assert inner is not None
    return menu, inner


def shapes(bench: Bench) -> dict[str, tuple[int, ...]]:
    return {i.name: i.shape for i in bench.session.facts.inputs}


def test_a_column_is_put_into_an_input_named_here_and_back(opened: Open) -> None:
    bench = opened(SIZES)
    page = page_of(bench)
    assert shapes(bench) == {"features": (4,)}
    menu, inner = inputs_of(page, "price")
    assert [(a.text(), a.isChecked()) for a in inner.actions() if a.isCheckable()] == [("The table", True)]
    inner.popup(menu.pos())
    line = inner.findChild(QLineEdit, "inputName")
    assert line is not None
    QTest.keyClicks(line, "wide")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert shapes(bench) == {"features": (3,), "wide": (1,)}
    menu, inner = inputs_of(page, "size")
    names = [a.text() for a in inner.actions() if a.isCheckable()]
    assert names == ["The table", "wide"]
    menu.close()
    bench.session.undo()
    bench.wait()
    assert shapes(bench) == {"features": (4,)}
