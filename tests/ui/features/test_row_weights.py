"""A column of weights, chosen on the Features page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.features.test_page import click_role, page_of, roles, text
from tests.ui.features.test_several_targets import pick
from tests.ui.tables import Bench
from workbench.ui.features.columns_model import BECOMES, ENCODER, NAME, ROLE, WHY

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
ROWS = "age,income,people,sold\n" + "\n".join(f"{20 + i % 40},{i * 7 % 90},{1 + i % 4},{i % 2}" for i in range(60))


def test_a_column_becomes_the_weights_by_menu_and_by_key_and_gives_way_to_another(opened: Open) -> None:
    bench = opened(ROWS)
    page = page_of(bench)
    line = page.table.cell("people", NAME)
    page.table.open_roles("people", page.table.viewport().mapToGlobal(line.center()))
    pick("Use this column as the weights of rows")
    bench.wait()
    assert roles(bench)["people"] == "weight"
    assert bench.session.facts.weight == "people"
    assert [i.shape for i in bench.session.facts.inputs] == [(2,)]
    assert text(page, "people", ROLE) == "Weight"
    assert text(page, "people", ENCODER) == ""
    assert text(page, "people", BECOMES) == "as it is"
    assert text(page, "people", WHY) == "What each row counts in the loss."

    page.table.selectRow(page.table.columns.place_of("income"))
    QTest.keyClick(page.table, Qt.Key.Key_W)
    bench.wait()
    assert roles(bench)["income"] == "weight"
    assert roles(bench)["people"] == "input"
    bench.session.undo()
    bench.wait()
    assert bench.session.facts.weight == "people"
    click_role(page, "people", 0)  # Input
    bench.wait()
    assert bench.session.facts.weight == ""
    assert roles(bench)["people"] == "input"


def test_a_cell_that_is_no_weight_is_named(opened: Open) -> None:
    bench = opened(ROWS.replace("\n20,0,1,0", "\n20,-3,1,0", 1))
    page = page_of(bench)
    page.table.selectRow(page.table.columns.place_of("income"))
    QTest.keyClick(page.table, Qt.Key.Key_W)
    bench.wait()
    error = bench.session.features_error
    assert error is not None
    assert '"-3' in error.what
    assert 'column "income", row 1' in error.where
