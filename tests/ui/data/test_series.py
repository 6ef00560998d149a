"""Series on the Data page, driven like a person does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.core.data.series import walk_and_rest
from tests.ui.tables import Bench
from workbench.ui.data.page import DataPage
from workbench.ui.data.series_list import ROW
from workbench.ui.data.series_paint import reduced, span, ticks

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(bench: Bench, tmp_path: Path) -> DataPage:
    made = DataPage(bench.session)
    bench.show(made)
    walk_and_rest(tmp_path / "moves")
    bench.session.open_path(str(tmp_path / "moves"))
    bench.wait()
    return made


def click(page: DataPage, name: str) -> None:
    def shown() -> list[QPushButton]:
        return [b for b in page.findChildren(QPushButton, name) if b.isVisible()]

    for _ in range(1000):  # buttons that were just made are laid out when the events are next worked through
        if shown():
            break
        QTest.qWait(10)
    (button,) = shown()
    QTest.mouseClick(button, LEFT)
    QApplication.processEvents()


def test_a_dropped_folder_shows_its_series_with_their_windows(page: DataPage, bench: Bench) -> None:
    pane, side = page.series.pane, page.series.side
    assert pane.isVisible()
    assert side.isVisible()
    assert page.source.size.text() == "24 series in 2 classes, 6 groups"
    assert pane.title.text() == "rest/rec0-p1.csv"
    assert "windows" in pane.about.text()
    assert len(pane.plot.windows) > 1
    assert "24 series, 2 classes, 6 groups, 2 channels" in side.look.summary.text()
    assert bench.session.facts is not None
    assert bench.session.document.project.graph.nodes, "a model is proposed without a click"
    page.grab()


def test_choosing_filtering_and_sorting(page: DataPage) -> None:
    pane = page.series.pane
    QTest.mouseClick(pane.list.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(200, ROW + 10))
    assert pane.title.text() == "rest/rec0-p2.csv"
    QTest.keyClick(pane.list, Qt.Key.Key_Down)
    assert pane.title.text() == "rest/rec0-p3.csv"
    QTest.keyClick(pane.list, Qt.Key.Key_End)
    assert pane.title.text() == "walk/rec1-p6.csv"
    page.series.side.balance.picked.emit("walk")
    assert pane.counted.text() == "12 of 24 series"
    QTest.keyClicks(pane.search, "p6")
    assert len(pane.list.order) == 2
    pane.search.clear()
    pane.sort.setCurrentIndex(pane.sort.findData("long"))
    pane.sort.activated.emit(0)
    assert np.diff(pane.list._data.lengths()[pane.list.order]).max() <= 0
    QTest.mouseMove(pane.plot, QPoint(200, 80))
    page.grab()


def test_how_they_are_read_is_shown_changed_and_undone(page: DataPage, bench: Bench) -> None:
    click(page, "readingOptions")
    reading = page.series_reading
    assert reading.isVisible()
    assert reading.boxes["group"].currentData() == "part -1"
    assert not reading.boxes["series"].isVisible(), "files are the series"
    assert not reading.names.isVisible(), "the header names them"
    reading.boxes["group"].setCurrentIndex(reading.boxes["group"].findData("-"))
    reading.rate.set_value(20.0)
    click(page, "seriesReadApply")
    bench.wait()
    assert bench.session.dataset.groups == ()
    assert bench.session.dataset.rate == 20.0
    assert not reading.isVisible()
    bench.session.document.undo()
    bench.wait()
    assert len(bench.session.dataset.groups) == 6


def test_a_remedy_is_one_undoable_edit(bench: Bench, tmp_path: Path) -> None:
    folder = walk_and_rest(tmp_path / "moves")
    (folder / "walk" / "copy-p9.csv").write_text((folder / "walk" / "rec0-p1.csv").read_text())
    page = DataPage(bench.session)
    bench.show(page)
    bench.session.open_path(str(folder))
    bench.wait()
    assert "exact copies" in page.series.side.look._items[0].text
    click(page, "firstLookAccept1")
    bench.wait()
    assert len(bench.session.document.project.features.sequence.without) == 1
    assert not any("exact copies" in item.text for item in page.series.side.look._items)
    bench.session.document.undo()
    bench.wait()
    assert bench.session.document.project.features.sequence.without == ()


def test_a_long_table_is_offered_as_series_and_back(bench: Bench, tmp_path: Path) -> None:
    rows = "".join(f"s{s},{t},{s + t % 7}\n" for s in range(12) for t in range(40))
    (tmp_path / "long.csv").write_text("series,time,level\n" + rows)
    page = DataPage(bench.session)
    bench.show(page)
    bench.open(str(tmp_path / "long.csv"))
    (offer,) = [b for b in page.findChildren(QPushButton) if b.text() == "Open as series" and b.isVisible()]
    QTest.mouseClick(offer, LEFT)
    bench.wait()
    assert bench.session.dataset.kind == "sequences"
    assert len(bench.session.dataset) == 12
    click(page, "readingOptions")
    assert page.series_reading.boxes["series"].isVisible()
    click(page, "seriesAsTable")
    bench.wait()
    assert bench.session.dataset.kind == "table"


def test_lines_are_reduced_to_their_least_and_largest() -> None:
    values = np.zeros(100_000)
    values[31_337] = 5.0
    places, drawn = reduced(values, 300)
    assert len(drawn) == 600
    assert drawn.max() == 5.0
    assert places[drawn.argmax()] == pytest.approx(31_337, abs=400)
    assert span(np.array([[np.nan], [3.0]])) == (2.5, 3.5)
    assert ticks(0, 10, 5) == [0, 2, 4, 6, 8, 10]
