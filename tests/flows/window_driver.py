"""A person at the real window: mouse, keys, files dropped; waits for what is shown, never for a time.

The window is the one a person gets: `make_window`, with the engine on threads of this process, which has TensorFlow
loaded once for all journeys; `own_process` has it as a person does, for those that are about its start and its end.
Only the questions that need a system dialog are answered by the test.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from tests.ui.conftest import Answers
from workbench.engine.main import in_process_transport
from workbench.link.spawn import ChildProcess
from workbench.ui.app import make_application, make_window, warm
from workbench.ui.window import MainWindow

PATIENCE = 90.0
LEFT = Qt.MouseButton.LeftButton
Kind = TypeVar("Kind", bound=QWidget)


class Watch(logging.Handler):
    """What was logged at WARNING or above. `allow(part)` for what a test provokes."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []
        self.allowed: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self.texts.append(text)

    def allow(self, part: str) -> None:
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        return [t for t in self.texts if not any(a in t for a in self.allowed)]


class Person:
    """Drives one window. `clicks` counts the clicks made so far."""

    def __init__(self, window: MainWindow, answers: Answers, watch: Watch) -> None:
        self.window = window
        self.session = window.session
        self.answers = answers
        self.watch = watch
        self.clicks = 0
        self.closed = False
        self.told: list[str] = []
        self.session.notice.connect(lambda notice: self.told.append(notice.text))
        self._shots = os.environ.get("WORKBENCH_SHOTS", "")

    # ---- waiting ---------------------------------------------------------------------------------------------------

    def until(self, what: str, ready: Callable[[], object], patience: float = PATIENCE) -> float:
        """Let the window work until `ready`. Returns the seconds it took."""
        begin = time.monotonic()
        while not ready():
            if time.monotonic() - begin > patience:
                self.shot("failed")
                raise AssertionError(f"{what}: not within {patience:.0f} s. {self.situation()}")
            self.breathe(5)
        return time.monotonic() - begin

    def breathe(self, milliseconds: int = 5) -> None:
        """Let the window work for a moment."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def situation(self) -> str:
        """What a failing test should say."""
        session = self.session
        run = session.run
        return (
            f"page {self.window.current}; engine {session.engine.state} {session.engine.text!r};"
            f" run {(run.state, run.text, run.error) if run else None}; next: {session.resolved.next_page};"
            f" data error: {session.dataset_error}; told: {self.told[-3:]}"
        )

    def settle(self, patience: float = PATIENCE) -> None:
        """Until no job is under way and the engine has checked the graph."""
        self.until(
            "coming to rest", lambda: not self.session.jobs.busy and not self.session.pipeline.checking, patience
        )
        self.breathe(60)

    # ---- finding ---------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Any:
        """The page in front."""
        return self.window.pages[self.window.current]

    def find(self, kind: type[Kind], name: str, inside: QWidget | None = None) -> Kind:
        """The widget of that name that can be seen; waits for one that is just being made."""

        def found() -> list[Kind]:
            return [w for w in (inside or self.window).findChildren(kind, name) if w.isVisible()]

        self.until(f"a {kind.__name__} {name!r} that can be seen", found)
        return found()[0]

    def text(self, name: str) -> str:
        """What the label of that name says; "" while it cannot be seen."""
        return next((w.text() for w in self.window.findChildren(QLabel, name) if w.isVisible()), "")

    def button(self, words: str, inside: QWidget | None = None) -> QAbstractButton:
        """The button that can be seen and says `words`; waits for one that is just being made."""

        def found() -> list[QAbstractButton]:
            buttons = [b for b in (inside or self.window).findChildren(QAbstractButton) if b.isVisible()]
            return [b for b in buttons if words in (b.text().replace("&", "").strip(" ▸…"), b.accessibleName())]

        self.until(f"a button that says {words!r}", found)
        return found()[0]

    def says(self, inside: QWidget | None = None) -> str:
        """All that labels show inside a widget (the window)."""
        labels = (inside or self.window).findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible() and label.text())

    # ---- the hand --------------------------------------------------------------------------------------------------

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """One left click on a widget a person can see and use."""
        self._bring(widget)
        self.until(f"{widget.objectName()} that can be pressed", lambda: widget.isVisible() and widget.isEnabled())
        place = at or widget.rect().center()
        top = widget.window()
        over = top.childAt(widget.mapTo(top, place))
        assert over is not None, f"{widget.objectName()} is outside of the window"
        mine = over is widget or widget.isAncestorOf(over) or over.isAncestorOf(widget)
        assert mine, f"{widget.objectName()} is covered by {type(over).__name__} {over.objectName()}"
        self.clicks += 1
        QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)
        self.breathe()

    def _bring(self, widget: QWidget) -> None:
        """Scroll as a person would with the wheel."""
        parent = widget.parentWidget()
        while parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(widget)
            parent = parent.parentWidget()
        self.breathe()

    def go(self, page: str) -> Any:
        """Click the rail."""
        self.click(self.find(QAbstractButton, f"rail_{page}"))
        self.until(f"page {page}", lambda: self.window.current == page)
        return self.page

    def choose(self, box: QComboBox, text: str) -> None:
        """Take an entry of a drop-down list by mouse and keys."""
        self.click(box)
        self.until("the list", lambda: box.view().isVisible())
        place = box.findText(text)
        assert place >= 0, f"{text!r} is not in {[box.itemText(i) for i in range(box.count())]}"
        view = box.view()
        index = box.model().index(place, 0)
        view.scrollTo(index)
        QTest.mouseMove(view.viewport(), view.visualRect(index).center())
        QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, view.visualRect(index).center())
        self.breathe()

    def click_tab(self, tabs: QTabWidget, title: str) -> None:
        """Click the tab of that title, once it can be seen and used."""

        def places() -> list[int]:
            if not (tabs.isVisible() and tabs.isEnabled()):
                return []
            return [i for i in range(tabs.count()) if tabs.tabText(i) == title and tabs.isTabVisible(i)]

        self.until(f"a tab {title!r}", places)
        self.clicks += 1
        at = tabs.tabBar().tabRect(places()[0]).center()
        QTest.mouseClick(tabs.tabBar(), LEFT, Qt.KeyboardModifier.NoModifier, at)
        self.breathe()

    def recents(self) -> list[QAbstractButton]:
        """The rows of the recent projects on the start page."""
        return [b for b in self.window.findChildren(QAbstractButton, "recent") if b.isVisible()]

    def write(self, line: QLineEdit, text: str, *, enter: bool = True) -> None:
        """Replace what stands in a line."""
        self._bring(line)
        line.setFocus(Qt.FocusReason.MouseFocusReason)
        QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line, text)
        if enter:
            QTest.keyClick(line, Qt.Key.Key_Return)
        self.breathe()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in the window, where the focus is."""
        self.window.activateWindow()
        self.until("the window to be active", self.window.isActiveWindow)
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifier)
        self.breathe()

    def menu(self, menu: QMenu, name: str) -> None:
        """Take the entry with that object name of an open menu."""
        action = next(a for a in menu.actions() if a.objectName() == name)
        QTest.mouseClick(menu, LEFT, Qt.KeyboardModifier.NoModifier, menu.actionGeometry(action).center())
        self.breathe()

    def drop(self, path: Path, on: QWidget | None = None) -> None:
        """Drop a file from the desktop, with the events Qt would send."""
        target = on or self.window
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        middle = QPoint(target.width() // 2, target.height() // 2)
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(middle, Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted(), f"{type(target).__name__} takes no drop"
        drop = QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, drop)
        self.breathe()

    def stroke(
        self, widget: QWidget, points: list[tuple[float, float]], between: Callable[[], None] | None = None
    ) -> None:
        """Press at the first of `points` (shares of the widget's size), move along the others, let go."""
        at = [QPoint(round(x * widget.width()), round(y * widget.height())) for x, y in points]
        QTest.mousePress(widget, LEFT, Qt.KeyboardModifier.NoModifier, at[0])
        for a, b in itertools.pairwise(at):
            for k in range(1, 7):
                QTest.mouseMove(widget, a + (b - a) * k / 6)
                self.breathe(4)
            if between is not None:
                between()
        QTest.mouseRelease(widget, LEFT, Qt.KeyboardModifier.NoModifier, at[-1])
        self.breathe()

    # ---- common ways -----------------------------------------------------------------------------------------------

    def opened(self, patience: float = PATIENCE) -> None:
        """Until the data is there, cleaned and understood."""
        self.until(
            "opening the data",
            lambda: (
                self.session.dataset is not None and self.session.profile is not None and not self.session.jobs.busy
            ),
            patience,
        )

    def trained(self, patience: float = PATIENCE) -> None:
        """Until the run under way has ended well."""
        self.until("beginning to train", lambda: self.session.run is not None, patience)
        self.until("training", lambda: self.session.run is not None and not self.session.run.active, patience)
        run = self.session.run
        assert run is not None
        assert run.error is None, run.error
        assert run.state in ("finished", "early_stopped", "stopped"), run.state
        # the window reads the record of the run from disk by a job
        self.until("its record", lambda: self.session.run is not None and self.session.run.record.usable, patience)

    def shot(self, name: str) -> None:
        """A picture of the window into $WORKBENCH_SHOTS, to be looked at; nothing where that is not set."""
        if self._shots:
            folder = Path(self._shots)
            folder.mkdir(parents=True, exist_ok=True)
            self.breathe(80)
            self.window.grab().save(str(folder / f"{name}.png"))

    def close(self) -> None:
        """Close the window as a person does; the engine goes with it. A second time nothing is done."""
        if self.closed:
            return
        self.closed = True
        self.window.close()
        self.window.pages.clear()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()


def open_window(
    watch: Watch,
    answers: Answers | None = None,
    size: tuple[int, int] = (1280, 800),
    *,
    engine: bool = True,
    own_process: bool = False,
) -> Person:
    """A window as `workbench` opens it, its engine starting behind it; in a process of its own if so asked."""
    app = make_application([])
    answers = answers or Answers()
    window = make_window(app, ChildProcess if own_process else in_process_transport, answers)
    window.resize(*size)
    window.show()
    person = Person(window, answers, watch)
    if engine:
        person.session.start_engine()
    person.session.jobs.run(person.session, "warm", lambda _p, _c: warm())  # as app.run does
    person.breathe(20)
    return person


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when something was logged at WARNING or above."""
    made = Watch()
    logging.getLogger().addHandler(made)
    yield made
    logging.getLogger().removeHandler(made)
    assert not made.unexpected(), "logged at WARNING or above:\n" + "\n".join(made.unexpected())


@pytest.fixture
def person(qapp: QApplication, watch: Watch) -> Iterator[Person]:
    """A person at a fresh window."""
    made = open_window(watch)
    yield made
    made.close()


@pytest.fixture
def person_with_process(qapp: QApplication, watch: Watch) -> Iterator[Person]:
    """A person at a fresh window whose engine is a process of its own."""
    made = open_window(watch, own_process=True)
    yield made
    made.close()
