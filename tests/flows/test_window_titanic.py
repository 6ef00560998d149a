"""A passenger list from the desktop to answers in a file, saved, closed and opened again."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit

from tests.flows.window_driver import Person, Watch, open_window, person, watch
from workbench.ui.features.columns_model import ROLE, ROLES
from workbench.ui.features.columns_view import switch_rect
from workbench.ui.widgets.number import NumberEdit

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]


def press_role(person: Person, column: str, role: str) -> None:
    """Click a part of the role switch of a column."""
    table = person.page.table
    index = table.columns.index(table.columns.place_of(column), ROLE)
    table.scrollTo(index)
    person.breathe()
    area = switch_rect(table.visualRect(index))
    part = area.width() / len(ROLES)
    at = QPoint(round(area.x() + (ROLES.index(role) + 0.5) * part), area.center().y())
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    person.clicks += 1
    person.breathe()


def accept_everything(person: Person) -> int:
    """Accept suggestions until none are left; how many steps there are then."""
    panel = person.page.recipe
    for _ in range(6):
        person.settle()
        if not person.session.suggestions:
            break
        person.click(
            panel.accept_all if panel.accept_all.isVisible() else person.find(QAbstractButton, "acceptSuggestion")
        )
    return len(person.session.project.recipe)


def test_a_passenger_list_is_dropped_cleaned_trained_asked_saved_and_opened_again(
    person: Person, watch: Watch, real_data: Path, tmp_path: Path
) -> None:
    session = person.session
    person.drop(real_data / "titanic" / "train.csv")
    person.opened()
    person.shot("b1-dropped")
    steps = accept_everything(person)
    assert steps > 0
    assert session.suggestions == ()
    person.shot("b2-cleaned")

    page = person.go("features")
    person.settle()
    person.shot("b3-features")
    press_role(person, "Pclass", "target")
    person.until("another target", lambda: session.facts is not None and session.facts.target.name == "Pclass")
    press_role(person, "Survived", "target")
    person.until("the target", lambda: session.facts is not None and session.facts.target.name == "Survived")
    press_role(person, "Pclass", "input")
    person.settle()
    assert "Survived" in page.side.target.text()
    person.shot("b4-target")

    page = person.go("train")
    person.until("Train can be pressed", lambda: person.find(QAbstractButton, "trainButton").isEnabled())
    person.write(person.find(QLineEdit, "field-epochs", page.side.settings), "200")
    person.click(person.find(QAbstractButton, "trainButton"))
    person.trained()
    person.shot("b5-trained")

    page = person.go("test")
    person.until("scores", lambda: "accuracy" in person.says(page.results))
    person.settle()
    score, baseline = score_and_baseline(page)
    assert score >= 78.0 > baseline
    person.click_tab(page.tabs, "Row")
    person.until("an answer", lambda: page.answer.big.text())
    person.write(person.find(NumberEdit, "row-Age"), "4")
    person.choose(person.find(QComboBox, "row-Sex"), "female")
    person.settle()
    young = page.answer.accessibleName()
    assert "Survived" in young
    person.choose(person.find(QComboBox, "row-Sex"), "male")
    person.write(person.find(NumberEdit, "row-Age"), "70")
    person.until("another answer", lambda: page.answer.accessibleName() != young)
    person.shot("b6-row")

    person.click_tab(page.tabs, "File")
    page.file.choose_file = lambda: real_data / "titanic" / "test.csv"
    person.click(person.find(QAbstractButton, "openBatchFile"))
    person.until("answers", lambda: page.answers.isVisible() and page.answers.model.rowCount() > 0)
    person.shot("b7-answers")
    out = tmp_path / "answers.csv"
    page.answers.choose_place = lambda _name: out
    person.click(person.find(QAbstractButton, "saveAnswers"))
    person.until("the file", out.exists)
    person.settle()
    with open(out, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 418

    before = picture_of(person)
    place = tmp_path / "my titanic"
    person.answers.place = place
    person.key(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    person.until("saving", lambda: (place / "project.json").exists() and not session.folder.draft)
    person.settle()
    person.close()

    again = open_window(watch)
    try:
        again.until("recent projects", lambda: again.recents())
        again.shot("b8-recents")
        again.click(again.recents()[0])
        again.until("opening", lambda: again.session.folder.path == place)
        again.opened()
        again.settle()
        assert picture_of(again) == before
        again.go("runs")
        again.settle()
        again.shot("b9-runs")
        again.go("model")
        again.settle()
        again.shot("b9-model")
        page = again.go("test")
        again.until("scores", lambda: "accuracy" in again.says(page.results))
        again.settle()
        assert score_and_baseline(page) == (score, baseline)
        again.shot("b9-test")
    finally:
        again.close()


def score_and_baseline(page: Any) -> tuple[float, float]:
    """Accuracy of the model and of the baseline, in percent, as they are shown."""
    table = page.results.table
    grid = table.layout()
    places = {grid.getItemPosition(grid.indexOf(one))[:2]: one.text() for one in table.findChildren(QLabel)}
    cells = [places[1, column] for column in range(3)]
    assert cells[0] == "accuracy", cells
    return float(cells[1].rstrip(" %")), float(cells[2].rstrip(" %"))


def picture_of(person: Person) -> dict[str, Any]:
    """What must come back."""
    session = person.session
    project = session.project
    return {
        "recipe": project.recipe,
        "features": project.features,
        "graph": project.graph,
        "train": project.train,
        "runs": [(r.id, r.name, r.state, r.best_epoch) for r in session.runs],
        "rows": dict(session.facts.rows) if session.facts else None,
        "rows left": len(session.cleaned.frame) if session.cleaned else None,
    }
