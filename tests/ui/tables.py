"""What the tests of the Data and Features pages share: a real session without an engine, a small passenger list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from workbench.core.project import DataSpec
from workbench.ui.session import Session

PASSENGERS = "Name,Age,Fare,Sex,Cabin,Survived\n" + "".join(
    f"P{i},{'' if i % 7 == 3 else 20 + i % 40},{7 + i * 0.25},{' ' if i == 8 else ''}{'male' if i % 3 else 'female'},"
    f"{'C' + str(i) if i % 9 == 0 else ''},{'yes' if i % 3 == 0 or i % 5 == 0 else 'no'}\n"
    for i in range(60)
)


def no_engine() -> Any:
    raise OSError("there is no engine in this test")


class Bench:
    """A session and what is needed to wait for it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.session = Session(no_engine)

    def show(self, page: QWidget, width: int = 1200, height: int = 760) -> None:
        """Put a page on the screen, so that clicks have a place."""
        self.qtbot.addWidget(page)
        page.resize(width, height)
        page.show()

    def open(self, path: str, source: str = "csv") -> None:
        """Open data and wait until everything that follows is known."""
        self.session.open_data(DataSpec(source, path))
        self.wait()

    def wait(self) -> None:
        """Wait until no job is under way."""
        self.qtbot.waitUntil(lambda: not self.session.jobs.busy, timeout=20_000)


def find(parent: QWidget, kind: type, name: str) -> QWidget:
    """The visible child of that object name."""
    QApplication.processEvents()  # what was just put into a layout is shown by an event
    found = [w for w in parent.findChildren(kind, name) if w.isVisible()]
    assert found, f"no visible {name}"
    return found[0]


def typed(box: Any, text: str) -> None:
    """Another text, typed over the one that is there and confirmed."""
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
