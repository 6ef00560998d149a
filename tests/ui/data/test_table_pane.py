"""Searching, sorting and filtering the table by hand; none of it touches the data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton

from tests.ui.data.test_page import click_header, find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.ui.data import row_order
from workbench.ui.data.header_zones import ARROW, GAPS_LINE, SHAPE_LINE
from workbench.ui.data.page import DataPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def click(page: DataPage, bench: Bench, name: str, x: int, y: int) -> None:
    """A click in the header of a column; a negative x counts from its right end."""
    header = page.table.header
    logical = page.table.frame_model.names.index(name)
    left, width = header.sectionViewportPosition(logical), header.sectionSize(logical)
    QTest.mouseClick(header.viewport(), LEFT, PLAIN, QPoint(left + (x if x >= 0 else width + x), y))
    bench.wait()


def cells(page: DataPage, name: str) -> list[str]:
    model = page.table.frame_model
    return [model.cell(row, model.names.index(name))[0] for row in range(model.rowCount())]


def chips(page: DataPage) -> list[str]:
    return [c.text() for c in page.pane.bar.findChildren(QLabel) if c.isVisible() and c.parent().objectName() == "chip"]


def test_the_arrow_in_a_header_sorts_up_down_and_back(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    before = cells(page, "Age")
    click(page, bench, "Age", -ARROW, 14)
    up = [int(c) for c in cells(page, "Age") if c != "—"]
    assert up == sorted(up)
    assert cells(page, "Age")[-1] == "—"
    click(page, bench, "Age", -ARROW, 14)
    down = [int(c) for c in cells(page, "Age") if c != "—"]
    assert down == up[::-1]
    assert cells(page, "Age")[-1] == "—"
    assert page.table.frame_model.headerData(0, Qt.Orientation.Vertical) == "40"
    click(page, bench, "Age", -ARROW, 14)
    assert cells(page, "Age") == before
    assert bench.session.project.recipe == ()


def test_a_click_on_a_bar_shows_its_rows_and_can_become_a_step(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click(page, bench, "Survived", 12, SHAPE_LINE[0] + 8)
    value, count = bench.session.profile.column("Survived").top[0]
    assert set(cells(page, "Survived")) == {value}
    assert find(page, QLabel, "rowsShown").text() == f"{count} of 60 rows shown"
    assert bench.session.project.recipe == ()
    assert len(bench.session.cleaned.frame) == 60
    QTest.mouseClick(find(page, QPushButton, "chipKeep"), LEFT)
    bench.wait()
    assert len(bench.session.cleaned.frame) == count
    assert page.pane.filters == ()
    bench.session.undo()
    bench.wait()
    assert len(bench.session.cleaned.frame) == 60


def test_a_bar_of_a_histogram_keeps_as_a_step_what_it_shows(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click(page, bench, "Fare", 9, SHAPE_LINE[0] + 8)
    counts, _edges = bench.session.profile.column("Fare").histogram
    assert len(cells(page, "Fare")) == counts[0]
    QTest.mouseClick(find(page, QPushButton, "chipKeep"), LEFT)
    bench.wait()
    assert len(bench.session.cleaned.frame) == counts[0]
    bench.session.undo()
    assert bench.session.project.recipe == ()


def test_filters_of_two_columns_and_the_gaps_are_taken_away_one_by_one(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click(page, bench, "Age", 12, GAPS_LINE[0] + 8)
    assert set(cells(page, "Age")) == {"—"}
    click(page, bench, "Sex", 12, SHAPE_LINE[0] + 8)
    assert len(page.pane.filters) == 2
    assert len(page.pane.bar.findChildren(QToolButton, "chipClose")) >= 2
    first = next(b for b in page.pane.bar.findChildren(QToolButton, "chipClose") if b.isVisible())
    QTest.mouseClick(first, LEFT)
    bench.wait()
    assert [f.column for f in page.pane.filters] == ["Sex"]
    click(page, bench, "Sex", 12, SHAPE_LINE[0] + 8)
    assert page.pane.filters == ()
    assert page.table.frame_model.rowCount() == 60


def test_a_common_value_in_the_panel_filters(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_header(page, "Sex")
    QTest.mouseClick(page.column.view.top, LEFT, PLAIN, QPoint(20, 8))
    bench.wait()
    assert set(cells(page, "Sex")) == {"male"}
    assert page.column.view.isVisible()


def test_search_goes_from_cell_to_cell_and_round(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    QTest.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = page.pane.bar.line
    QTest.keyClicks(line, "p1")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    matches = find(page, QLabel, "searchMatches")
    assert matches.text() == "1 of 11"
    assert page.table.currentIndex().row() == 1
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert page.table.currentIndex().row() == 10
    QTest.mouseClick(find(page, QToolButton, "searchBefore"), LEFT)
    QTest.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert matches.text() == "11 of 11"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
    assert matches.text() == ""
    QTest.keyClicks(line, "nobody is called that")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert matches.text() == "Found nowhere"


def test_dropping_the_filtered_column_takes_the_filter_away(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click(page, bench, "Sex", 12, SHAPE_LINE[0] + 8)
    page.hand.quick("Sex", "drop")
    bench.wait()
    assert page.pane.filters == ()
    assert page.table.frame_model.rowCount() == 60


def test_finding_looks_into_every_kind_of_cell() -> None:
    frame = pd.DataFrame(
        {
            "n": [1.5, np.nan, 31.25],
            "i": [7, 8, 315],
            "s": ["Äpfel 31", None, "x"],
            "c": pd.Categorical(["a31", "b", None]),
            "d": pd.to_datetime(["2024-01-31", None, "2024-02-01"]),
            "b": [True, False, True],
        }
    )

    def found(text: str, order: np.ndarray | None = None) -> list[tuple[int, int]]:
        hits = row_order.find(frame, order, text, lambda: False)
        return list(zip(hits.rows.tolist(), hits.columns.tolist(), strict=True))

    assert found("31") == [(0, 2), (0, 3), (0, 4), (2, 0), (2, 1)]
    assert found("31", np.array([2, 0])) == [(0, 0), (0, 1), (1, 2), (1, 3), (1, 4)]
    assert found("äPFEL") == [(0, 2)]
    assert found("true") == [(0, 5), (2, 5)]


def test_the_number_of_hits_is_bounded() -> None:
    hits = row_order.find(pd.DataFrame({"a": np.ones(30_000)}), None, "1", lambda: False)
    assert hits.more
    assert len(hits.rows) == row_order.MOST_FOUND


def test_a_column_is_found_by_its_name_among_a_thousand(opened: Open) -> None:
    names = [f"measure {i}" for i in range(1000)]
    bench = opened(",".join(names) + "\n" + "\n".join(",".join(str(i * j % 7) for i in range(1000)) for j in range(5)))
    page = page_of(bench)
    line = find(page, QLineEdit, "tableSearch")
    QTest.keyClicks(line, "MEASURE 77")
    bench.qtbot.waitUntil(lambda: page.table.current_column() == "measure 77", timeout=20_000)
    assert page.pane.bar.matches.text() == "1 of 11"
    QTest.mouseClick(page.pane.bar.after, LEFT)
    bench.wait()
    assert page.table.current_column() == "measure 770"
    assert not page.column.view.isHidden()
