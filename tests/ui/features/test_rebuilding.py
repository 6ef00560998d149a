"""The task of an autoencoder, chosen by hand: no target is asked for, and the model goes with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from tests.ui.features.test_page import click_role, find, page_of, roles, text
from tests.ui.tables import PASSENGERS, Bench
from workbench.ui.features.columns_model import BECOMES, ROLE, WHY
from workbench.ui.model.page import ModelPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
LEFT = Qt.MouseButton.LeftButton


def test_a_table_is_rebuilt_without_a_target_and_a_click_on_target_leads_back(opened: Open) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    QTest.mouseClick(find(page, QPushButton, "task-reconstruction"), LEFT)
    bench.wait()
    facts = bench.session.facts
    assert (facts.target.task, facts.target.shape) == ("reconstruction", facts.inputs[0].shape)
    assert bench.session.features_error is None
    said = find(page, QLabel, "targetName").text()
    assert said.startswith("The row itself: ")
    assert "numbers" in said
    assert "narrow middle" in find(page, QLabel, "taskPurpose").text()
    assert find(page, QLabel, "targetHeading").text() == "What is learnt"
    assert not page.side.targets.isVisible()
    assert not page.side.shares.isVisible()
    assert text(page, "Survived", ROLE) == "Ignore"
    assert text(page, "Survived", BECOMES) == ""
    assert "not rebuilt" in text(page, "Survived", WHY)
    page.columns.show_view(1)
    head = page.columns.array.array.head
    assert head is not None
    assert (head.target, head.answers) == ("", ())
    page.columns.show_view(0)
    bench.session.undo()
    bench.wait()
    assert bench.session.facts.target.name == "Survived"
    bench.session.redo()
    bench.wait()
    click_role(page, "Sex", 1)
    bench.wait()
    assert bench.session.project.features.task == "auto"
    assert bench.session.facts.target.name == "Sex"
    assert roles(bench)["Survived"] == "input"
    assert not find(page, QLabel, "targetName").text().startswith("The row")


def test_pictures_are_told_by_class_or_rebuilt(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "p.npz", x=rng.integers(0, 255, (40, 8, 8), np.uint8), y=np.arange(40) % 2)
    bench.open(str(tmp_path / "p.npz"), "npz")
    assert find(page, QPushButton, "task-auto").text() == "Tell the class"
    assert find(page, QPushButton, "task-auto").isChecked()
    assert not [b for b in page.findChildren(QPushButton, "task-regression") if b.isVisible()]
    QTest.mouseClick(find(page, QPushButton, "task-reconstruction"), LEFT)
    bench.wait()
    assert bench.session.facts.target.shape == (8, 8, 1)
    assert find(page, QLabel, "targetName").text() == "The picture itself, 8 × 8 × 1"
    QTest.mouseClick(find(page, QPushButton, "task-auto"), LEFT)
    bench.wait()
    assert bench.session.facts.target.task == "classification"


def test_the_tile_of_the_autoencoder_sets_the_task_and_the_model_in_one_step(opened: Open) -> None:
    bench = opened(PASSENGERS)
    session = bench.session
    page = ModelPage(session)
    bench.show(page)
    bench.wait()
    before = session.project
    chooser = page.starting.choose()
    bench.qtbot.addWidget(chooser)
    card = chooser.findChild(QFrame, "template-autoencoder")
    assert "changes the task" in [label.text() for label in card.findChildren(QLabel)]
    QTest.mouseClick(card, LEFT)
    bench.wait()
    assert session.project.features.task == "reconstruction"
    graph = session.project.graph
    last = next(w.source for w in graph.wires if graph.node(w.target).kind == "Output")
    assert graph.node(last).params["units"] == session.facts.target.shape[0]
    look = next(look for look in page.looks_now().values() if look.title == "Output")
    assert look.second == f"rebuilds the row, {session.facts.target.shape[0]} numbers"
    chooser = page.starting.choose()
    bench.qtbot.addWidget(chooser)
    assert [one.offer.name for one in chooser.cards] == ["autoencoder"]
    assert "choose another task" in chooser.findChild(QLabel, "template-task").text()
    chooser.close()
    session.undo()
    bench.wait()
    assert session.project.features.task == before.features.task
    assert session.project.graph == before.graph
