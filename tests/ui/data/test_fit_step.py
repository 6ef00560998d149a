"""A step that looks at a whole column says so on its card, and goes to the features at a click."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.tables import PASSENGERS, Bench
from workbench.core import edits
from workbench.core.project import Step
from workbench.ui.data.first_look import Remedy
from workbench.ui.data.page import DataPage
from workbench.ui.features.page import FeaturesPage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the off-screen platform says so of every window


@pytest.fixture
def page(bench: Bench, tmp_path: Path) -> DataPage:
    path = tmp_path / "passengers.csv"
    path.write_text(PASSENGERS, "utf-8")
    bench.open(str(path))
    made = DataPage(bench.session)
    bench.show(made)
    bench.wait()
    return made


def test_the_card_says_it_and_moves_it(page: DataPage, bench: Bench, qtbot: QtBot) -> None:
    session = bench.session
    session.apply(edits.add_step("fill_missing", {"columns": ["Age"], "method": "mean"}, step_id="f"), "Fill")
    session.apply(edits.add_step("fill_missing", {"columns": ["Survived"], "method": "mode"}, step_id="t"), "Fill")
    bench.wait()
    QApplication.processEvents()
    card = page.recipe.card("f")
    assert "the mean from the whole column" in card.whole.text()
    target = page.recipe.card("t")
    assert "target" in target.whole.text()
    assert not target.fit.isVisibleTo(target)

    features = FeaturesPage(session)
    bench.show(features)
    bench.wait()
    QApplication.processEvents()
    assert "Age" in features.whole.text
    assert any(b.isVisible() for b in features.whole.findChildren(QPushButton))

    said: list[str] = []
    session.notice.connect(lambda notice: said.append(notice.text))
    QTest.mouseClick(card.fit, Qt.MouseButton.LeftButton)
    bench.wait()
    assert "training rows alone" in said[-1]
    assert [s.id for s in session.document.project.recipe] == ["t"]
    assert dict(next(c for c in session.features.columns if c.name == "Age").params) == {"fill": "mean"}
    QApplication.processEvents()
    assert not features.whole.isVisible()
    session.undo()
    assert len(session.document.project.recipe) == 2
    assert not session.document.project.features.columns


def test_an_accepted_suggestion_goes_there_by_itself(page: DataPage, bench: Bench) -> None:
    step = Step("s", "fill_missing", {"columns": ["Age"], "method": "mode"})
    said: list[str] = []
    bench.session.notice.connect(lambda notice: said.append(notice.text))
    page.hand.do(Remedy("Fill with the most common value", (step,)))
    bench.wait()
    assert bench.session.document.project.recipe == ()
    assert next(c for c in bench.session.features.columns if c.name == "Age").params == {"fill": "mode"}
    assert "training rows alone" in said[-1]
