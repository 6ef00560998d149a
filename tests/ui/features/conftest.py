"""A real session whose engine is never started, and ways to wait for its jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.tables import Bench
from workbench.ui import theme


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    made = Bench(qtbot, tmp_path)
    yield made
    made.session.shut_down()


@pytest.fixture
def opened(bench: Bench, tmp_path: Path) -> Callable[[str], Bench]:
    """Open a table given as text."""

    def open_text(text: str, name: str = "table.csv") -> Bench:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        bench.open(str(path))
        return bench

    return open_text
