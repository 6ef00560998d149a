"""The finder leads to what it found: a layer on the canvas, a column in its table; a new one follows the selection."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from workbench.ui.window import MainWindow


@pytest.fixture
def working(qtbot, window: MainWindow, tmp_path: Path) -> MainWindow:
    path = tmp_path / "flowers.csv"
    rows = (f"{i},{i * 7 % 13},{'a' if i % 2 else 'b'}\n" for i in range(60))
    path.write_text("length,width,kind\n" + "".join(rows))
    window.session.start_engine()
    window.session.open_path(path)
    qtbot.waitUntil(lambda: window.session.resolved.can_train, timeout=30_000)
    return window


def find(window: MainWindow, text: str) -> None:
    window.activateWindow()
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    QTest.keyClicks(window._finder.line, text)
    QTest.keyClick(window._finder.line, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_a_layer_that_was_found_is_selected_and_in_sight(qtbot, working: MainWindow) -> None:
    dense = next(n for n in working.session.project.graph.nodes if n.kind == "Dense")
    find(working, dense.name)
    assert working.current == "model"
    stage = working.pages["model"].stage
    assert stage.scene.chosen_nodes() == [dense.id]
    seen = stage.view.mapToScene(stage.view.viewport().rect()).boundingRect()
    assert seen.contains(stage.scene.nodes[dense.id].sceneBoundingRect())
    before = {n.id for n in working.session.project.graph.nodes}
    find(working, "add dropout")
    made = next(n for n in working.session.project.graph.nodes if n.id not in before)
    assert made.kind == "Dropout"
    assert any((w.source, w.target) == (dense.id, made.id) for w in working.session.project.graph.wires)
    assert stage.scene.chosen_nodes() == [made.id]


def test_a_column_that_was_found_is_selected(qtbot, working: MainWindow) -> None:
    find(working, "width")
    assert working.current == "features"
    assert working.pages["features"].table.chosen() == ["width"]


def test_a_sample_is_found_by_name_and_opened(qtbot, working: MainWindow) -> None:
    find(working, "iris flowers")
    qtbot.waitUntil(lambda: working.session.project.name.startswith("iris"))
