"""The menu of recent projects."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu

from workbench.core import edits
from workbench.ui.window import MainWindow


def _menu(window: MainWindow) -> QMenu:
    menu = window.findChild(QMenu, "menu_recent")
    assert menu is not None
    return menu


def _texts(menu: QMenu) -> list[str]:
    return [entry.text() for entry in menu.actions()]


def test_the_project_before_can_be_opened_again(qtbot, window: MainWindow, tmp_path: Path) -> None:
    session = window.session
    menu = _menu(window)
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: _texts(menu) == ["No other project yet"])
    assert not menu.actions()[0].isEnabled()

    session.open_sample("iris")
    qtbot.waitUntil(lambda: session.cleaned is not None, timeout=30_000)
    session.apply(edits.rename_project("A & B"), "Rename")
    with qtbot.waitSignal(session.saved, timeout=30_000):
        session.save_as(tmp_path / "A & B")
    qtbot.waitUntil(lambda: session.folder.path == tmp_path / "A & B")
    session.new_project()
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: bool(_texts(menu)) and "A && B" in _texts(menu)[0], timeout=30_000)
    with qtbot.waitSignal(session.project_opened, timeout=30_000):
        menu.actions()[0].trigger()
    assert session.folder.path == tmp_path / "A & B"


def test_a_project_that_is_gone_is_not_offered(qtbot, window: MainWindow, tmp_path: Path) -> None:
    projects = window.session.projects
    projects.settings = projects.settings.with_recent(tmp_path / "gone")
    menu = _menu(window)
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: _texts(menu) == ["No other project yet"])
