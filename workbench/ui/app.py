"""Builds the collaborators and shows the window: the only place in `ui` that does."""

from __future__ import annotations

import locale
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from workbench.core.settings import logs_folder
from workbench.link.transport import TransportFactory

from . import theme
from .dialogs import Dialogs
from .garbage import UiGarbage
from .notices import CrashHooks, Notice, log_to_file
from .session import Session
from .window import MainWindow

log = logging.getLogger(__name__)
WARM = ("pandas", "pyqtgraph", "workbench.core.data.pipeline", "workbench.ui.train.page")


def make_application(argv: list[str] | None = None) -> QApplication:
    """The one QApplication, with the traps of its start stepped around."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # Qt would paint long lines on threads of its own: two wake-ups each, on cores that train.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    app = QApplication(argv if argv is not None else sys.argv[:1])
    # Qt takes over the locale of the environment and with it C's decimal point, which pandas and others parse by.
    locale.setlocale(locale.LC_NUMERIC, "C")
    UiGarbage(app).setObjectName("garbage")
    app.setApplicationName("workbench")
    app.setApplicationDisplayName("Workbench")
    app.setDesktopFileName("workbench")
    return app


def make_window(app: QApplication, transport_factory: TransportFactory, dialogs: Dialogs | None = None) -> MainWindow:
    """The window on a fresh session, with the theme the person chose. Nothing is started and nothing shown yet."""
    session = Session(transport_factory)
    theme.apply(app, session.settings.theme if session.settings.theme in theme.CHOICES else "system")
    window = MainWindow(session, dialogs)
    session.setParent(window)
    garbage = app.findChild(UiGarbage, "garbage")
    if garbage is not None:
        garbage.busy = lambda: session.run is not None and session.run.active
    window.show_page("start")
    return window


class _Mistakes(QObject):
    """Brings mistakes of any thread to the window."""

    told = Signal(str, str)


def run(path: Path | None, transport_factory: Any) -> int:
    """Show the window and stay until it is closed. Returns the exit status."""
    log_to_file(logs_folder())
    app = make_application()
    window = make_window(app, transport_factory)
    session = window.session
    mistakes = _Mistakes()
    mistakes.told.connect(lambda text, details: session.tell(Notice(text, "error", details=details, key="crash")))
    hooks = CrashHooks(mistakes.told.emit)
    hooks.install()
    app.setWindowIcon(theme.app_icon())
    # Ctrl+C in the terminal closes the window in order; Python sees the signal only when it runs, hence the timer.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    beat = QTimer()
    beat.timeout.connect(lambda: None)
    beat.start(250)
    window.show()
    QTimer.singleShot(0, lambda: _after_show(session, path))
    try:
        return app.exec()
    finally:
        beat.stop()
        session.shut_down()
        hooks.remove()


def _after_show(session: Session, path: Path | None) -> None:
    """What takes time begins once the window can be seen."""
    session.start_engine()
    if path is not None:
        session.open_path(path.absolute())
    session.jobs.run(session, "warm", lambda _p, _c: warm(), lambda _none: UiGarbage.settle())


def warm() -> None:
    """Import on a pool thread what the first page will need, so that its first click does not wait for it."""
    import importlib

    for name in WARM:
        importlib.import_module(name)
