"""The closer look at a column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.data.test_page import click_header, find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.ui.data.charts import ValueBars
from workbench.ui.data.column_detail import look_closer

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def look(frame: pd.DataFrame, name: str, target: str = "") -> object:
    return look_closer(frame, name, target, lambda: False)


def test_text_that_is_mostly_numbers_names_what_is_not() -> None:
    detail = look(pd.DataFrame({"a": ["1", "2", "3.5", "n/k", "n/k", "4", "x", None, "7"]}), "a")
    assert (detail.kind, detail.fits, detail.filled) == ("number", 5, 8)
    assert detail.misfits == (("n/k", 2), ("x", 1))
    dates = look(pd.DataFrame({"d": ["2024-01-01", "2.3.2024", "soon", "2024-02-01"]}), "d")
    assert (dates.kind, dates.fits, dates.misfits) == ("date", 3, (("soon", 1),))
    assert look(pd.DataFrame({"w": ["a", "b", "c"]}), "w").kind == ""


def test_outliers_are_told_by_side_and_never_of_a_constant() -> None:
    values = [*range(20), 500.0, -900.0, -901.0, np.nan, np.inf]
    detail = look(pd.DataFrame({"a": values}), "a")
    assert detail.low is not None
    assert detail.high is not None
    assert (detail.low[1], detail.high[1]) == (2, 1)
    assert detail.beyond()[0].conditions[0][0] == "<"
    assert look(pd.DataFrame({"a": [1.0] * 30 + [9.0]}), "a").high is None


def test_the_link_to_the_target_agrees_with_the_textbook() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    frame = pd.DataFrame({"x": x, "y": -2 * x, "z": rng.normal(size=400), "c": np.where(x > 0, "up", "down")})
    frame["same"] = frame["c"].str.upper()
    frame["id"] = [f"n{i}" for i in range(400)]
    falls = look(frame, "x", "y")
    assert falls.link == pytest.approx(1)
    assert falls.sign == -1
    assert look(frame, "x", "z").link == pytest.approx(abs(np.corrcoef(frame.x, frame.z)[0, 1]))
    groups = frame.groupby("c")["x"]
    between = (groups.size() * (groups.mean() - frame.x.mean()) ** 2).sum()
    assert look(frame, "x", "c").link == pytest.approx(np.sqrt(between / (400 * frame.x.var(ddof=0))))
    assert look(frame, "c", "same").link == pytest.approx(1, abs=0.01)
    assert look(frame, "id", "c").link is None


def test_the_panel_tells_it_and_a_click_shows_the_rows(opened: Open) -> None:
    rows = "\n".join(f"{i % 30 if i % 13 else 'n/k'},{9000 if i == 50 else i % 17},{'yn'[i % 2]}" for i in range(90))
    bench = opened("size,weight,kind\n" + rows + "\n")
    page = page_of(bench)
    click_header(page, "size")
    bench.wait()
    assert "read as a number; 7 cells are not:" in find(page, QLabel, "detailType").text()
    bars = find(page, ValueBars, "detailMisfits")
    page.column.ensureWidgetVisible(bars)
    QTest.mouseClick(bars, LEFT, PLAIN, QPoint(20, 10))
    bench.wait()
    assert page.table.frame_model.rowCount() == 7
    page.pane.remove_filter(page.pane.filters[0])
    bench.wait()
    click_header(page, "weight")
    bench.wait()
    link = find(page, QPushButton, "detailOutliers")
    assert link.text().startswith("1 row above")
    page.column.ensureWidgetVisible(link)
    QTest.mouseClick(link, LEFT)
    bench.wait()
    assert page.table.frame_model.cell(0, 1)[0] == "9000"


def test_the_target_is_compared_with(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    click_header(page, "Fare")
    bench.wait()
    assert find(page, QLabel, "detailLink").text().startswith("Has ")
    click_header(page, "Survived")
    bench.wait()
    assert not [w for w in page.findChildren(QLabel, "detailLink") if w.isVisible()]
