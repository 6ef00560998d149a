"""How series become windows, driven like a person does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.core.data.series import walk_and_rest
from tests.ui.tables import Bench, typed
from workbench.core.project import DataSpec
from workbench.ui.features.page import FeaturesPage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def page(bench: Bench, tmp_path: Path) -> FeaturesPage:
    made = FeaturesPage(bench.session)
    bench.show(made)
    bench.session.open_path(str(walk_and_rest(tmp_path / "moves")))
    bench.wait()
    return made


def test_the_proposal_is_shown_with_windows_of_each_class(page: FeaturesPage, bench: Bench) -> None:
    shown = page.sequence
    assert shown.isVisible()
    assert shown.length.value() == bench.session.features.sequence.length == 40
    assert [answer for _, _, answer, _ in shown.preview.windows] == ["rest", "walk"]
    assert shown.preview.windows[0][0].shape == (40, 2)
    assert page.side.split.method.method.currentData() == "group"
    assert "windows" in page.side.split.rows["train"].text()
    assert not page.side.split.method.column.isVisible(), "no column decides it"
    assert page.side.target.text() == "The class of the series a window is from, one of 2 classes"
    page.grab()


def test_length_stride_and_channels_are_undoable_edits(page: FeaturesPage, bench: Bench) -> None:
    typed(page.sequence.length, "20")
    bench.wait()
    assert bench.session.facts.inputs[0].shape == (20, 2)
    typed(page.sequence.stride, "10")
    QTest.mouseClick(page.sequence.boxes["y"], Qt.MouseButton.LeftButton)
    bench.wait()
    assert bench.session.facts.inputs[0].shape == (20, 1)
    QTest.mouseClick(page.sequence.boxes["x"], Qt.MouseButton.LeftButton)
    bench.wait()
    assert page.sequence.boxes["x"].isChecked(), "one channel at least stays"
    for _ in range(3):
        bench.session.document.undo()
    bench.wait()
    assert bench.session.facts.inputs[0].shape == (40, 2)


def test_another_target_and_a_setting_that_cannot_be(page: FeaturesPage, bench: Bench) -> None:
    box = page.sequence.predict
    box.setCurrentIndex(box.findData("column:x"))
    box.activated.emit(box.currentIndex())
    bench.wait()
    assert bench.session.features.task == "regression"
    assert page.sequence.horizon.value() == 1
    assert page.sequence.missing.currentData() == "forward"
    assert not page.sequence.missing.model().item(0).isEnabled(), "straight lines look ahead"
    assert "1 step after the window" in page.side.target.text()
    method = page.side.split.method.method
    method.setCurrentIndex(method.findData("time"))
    method.activated.emit(method.currentIndex())
    typed(page.sequence.horizon, "90")
    bench.wait()
    assert page.error.isVisible(), "no series is as long: said, not crashed"
    bench.session.document.undo()
    bench.wait()
    assert not page.error.isVisible()


def test_one_series_is_split_by_time(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("day,level\n" + "".join(f"{t},{(t * 7) % 12}\n" for t in range(300)))
    page = FeaturesPage(bench.session)
    bench.show(page)
    bench.session.open_data(DataSpec("series_table", str(tmp_path / "t.csv")))
    bench.wait()
    assert page.side.split.method.method.currentData() == "time"
    assert bench.session.features_error is None
    assert page.sequence.horizon.value() == 1
    assert bench.session.facts.target.name == "level"
