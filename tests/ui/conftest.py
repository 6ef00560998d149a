"""What every test of the window gets: a check that nothing was left behind and that nothing went wrong unseen."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.engine import ScriptedEngine
from tests.ui.stage import StagedSession, small_graph
from tests.ui.tables import Bench
from workbench.core.project import Project
from workbench.ui import theme
from workbench.ui.dialogs import Anew, Dialogs
from workbench.ui.notices import Notice
from workbench.ui.session import Session
from workbench.ui.window import MainWindow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The off-screen platform complains that it cannot raise, grab or hand size hints to a window manager."""
    for item in items:
        if "tests/ui" in item.path.as_posix() and item.get_closest_marker("qt_log_ignore") is None:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


PATIENCE_MS = 60_000
"""How long a test waits for what will surely come, on a machine that does other things too."""


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """A bot that waits long enough, whatever the test says: what does on a quiet machine fails on a busy one."""
    for name in ("waitUntil", "waitSignal", "waitSignals"):
        wait = getattr(qtbot, name)
        setattr(qtbot, name, lambda *given, wait=wait, **more: wait(*given, **{**more, "timeout": PATIENCE_MS}))
    return qtbot


class LogWatch(logging.Handler):
    """Collects records at WARNING and above; `allow(text)` for one that a test provokes on purpose."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.allowed: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def allow(self, part: str) -> None:
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        texts = [r.getMessage() for r in self.records]
        return [t for t in texts if not any(a in t for a in self.allowed)]


@pytest.fixture(autouse=True)
def log_watch() -> Iterator[LogWatch]:
    """Fails the test when something is logged at WARNING or above: nobody reads a log, it must not be the only word."""
    watch = LogWatch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)
    unexpected = watch.unexpected()
    assert not unexpected, (
        "logged at WARNING or above:\n"
        + "\n".join(unexpected)
        + "\nTell the person in the window instead, or, when the"
        " test provokes it, call log_watch.allow('part of the text')."
    )


@pytest.fixture(scope="session", autouse=True)
def _collector_on_the_ui_thread() -> Iterator[None]:
    """As the program does (workbench/ui/garbage.py): a pool thread that collects Qt objects of an earlier test would
    end the process. What a test leaves in circles is collected after it, on this thread."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_left(qapp: QApplication) -> Iterator[None]:
    """Fails the test when it leaves threads, running timers or top-level widgets behind.

    What outlives the test before this one (modules, caches) is not looked at again: the collector would spend more time
    on it, test after test, than the tests take.
    """
    gc.collect()
    gc.freeze()
    _flush()
    threads = set(threading.enumerate())
    widgets = {id(w) for w in QApplication.topLevelWidgets()}
    yield
    _flush()
    gc.collect()
    _flush()
    left = _left(widgets)
    assert not left, (
        f"top-level widgets left behind: {', '.join(map(_named, left))}. Give each a parent, or qtbot.addWidget it; a"
        " widget made without a parent that is shown becomes a window of its own."
    )
    running = [t for t in qapp.findChildren(QTimer) if t.isActive()]
    assert not running, f"timers still run: {running}. Stop them when their widget goes."
    alive = [t for t in threading.enumerate() if t not in threads and t.name.startswith(("job-", "engine-"))]
    for thread in alive:
        thread.join(PATIENCE_MS / 1000)
    alive = [t for t in alive if t.is_alive()]
    assert not alive, f"threads left behind: {[t.name for t in alive]}. Call session.shut_down() (or Jobs.shut_down())."


def _flush() -> None:
    """What was closed is deleted now: outside an event loop Qt leaves it standing."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def _left(before: set[int]) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if id(w) not in before and w.parent() is None]


def _named(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.objectName() or widget.windowTitle() or 'no name'})"


class Answers(Dialogs):
    """Dialogs answered by the test: set what a person would choose; what was asked is noted."""

    def __init__(self) -> None:
        self.file: Path | None = None
        self.folder: Path | None = None
        self.place: Path | None = None
        self.sure = True
        self.asked: list[str] = []

    def open_file(self, parent: QWidget, folder: str) -> Path | None:
        self.asked.append("file")
        return self.file

    def open_model(self, parent: QWidget, folder: str) -> Path | None:
        self.asked.append("model")
        return self.file

    def open_folder(self, parent: QWidget, title: str, folder: str) -> Path | None:
        self.asked.append(title)
        return self.folder

    def save_place(self, parent: QWidget, title: str, suggestion: str) -> Path | None:
        self.asked.append(suggestion)
        return self.place

    def confirm(self, parent: QWidget, title: str, text: str, action: str, *, anew: Anew | None = None) -> bool:
        self.asked.append(text)
        return self.sure


@pytest.fixture
def engine() -> ScriptedEngine:
    """An engine without TensorFlow that answers at once; see tests/ui/engine.py."""
    return ScriptedEngine()


@pytest.fixture
def session(qapp: QApplication, engine: ScriptedEngine) -> Iterator[Session]:
    """A session on the scripted engine; not started."""
    theme.apply(qapp, "light")
    made = Session(engine.transport)
    yield made
    made.shut_down()
    made.deleteLater()  # Qt holds what its signals call, and with it the page of the test: no collector sees that


@pytest.fixture
def staged(qapp: QApplication, tmp_path: Path) -> Iterator[StagedSession]:
    """For the pages that follow a run: no engine, no data yet, a small graph."""
    theme.apply(qapp, "light")
    made = StagedSession(tmp_path / "project", Project(name="Digits", graph=small_graph()))
    yield made
    made.jobs.shut_down()
    made.deleteLater()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file of 60 rows: a number, and which of two kinds it is."""
    path = tmp_path / "kinds.csv"
    path.write_text("x,kind\n" + "".join(f"{i},{'a' if i % 2 else 'b'}\n" for i in range(60)))
    return path


@pytest.fixture
def trainable(qtbot: QtBot, session: Session, table: Path) -> Session:
    """A session that has opened that table and can train on it."""
    session.start_engine()
    session.open_path(table)
    qtbot.waitUntil(lambda: session.resolved.can_train, timeout=20_000)
    return session


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def window(qtbot: QtBot, session: Session, answers: Answers) -> Iterator[MainWindow]:
    """The window of that session, shown."""
    made = MainWindow(session, answers)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show_page("start")
    made.show()
    yield made
    made.close()
    made.pages.clear()  # pytest still holds the window when the leaks are looked for


@pytest.fixture
def notices(session: Session) -> list[Notice]:
    """What the session tells above the pages, in order."""
    heard: list[Notice] = []
    session.notice.connect(heard.append)
    return heard


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Bench]:
    """A real session whose engine is never started, and ways to wait for its jobs."""
    theme.apply(qapp, "light")
    made = Bench(qtbot, tmp_path)
    yield made
    made.session.shut_down()
    made.session.deleteLater()


@pytest.fixture
def opened(bench: Bench, tmp_path: Path) -> Callable[[str], Bench]:
    """Open a table given as text on the bench."""

    def open_text(text: str, name: str = "table.csv") -> Bench:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        bench.open(str(path))
        return bench

    return open_text
