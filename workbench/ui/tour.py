"""Pictures of every page, for the headless demo and for looking at one's own work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from workbench.core.checks import PAGES

from . import theme
from .session import Session
from .window import MainWindow

PATIENCE_MS = 8000
STEP_MS = 60
SETTLE_MS = 250
"""A page's own drawing timers run at 30 frames a second; this is enough for several of them."""


def shoot(
    session: Session,
    window: MainWindow,
    folder: Path,
    look: str = "light",
    size: tuple[int, int] = (1280, 800),
    pages: tuple[str, ...] = ("start", *PAGES),
) -> list[Path]:
    """Show each page and save a picture of the window as <number>-<page>-<look>.png; the files written.

    Args:
        look: "light" or "dark"; the theme that was set before is set again at the end.
        size: of the window in logical pixels.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before, shown = theme.choice(), window.current
    folder.mkdir(parents=True, exist_ok=True)
    theme.apply(app, look)
    window.resize(*size)
    if not window.isVisible():
        window.show()
    made = []
    try:
        for number, name in enumerate(pages):
            window.show_page(name)
            settle(session)
            path = folder / f"{number}-{name}-{look}.png"
            if not window.grab().save(str(path)):
                raise OSError(f"the picture {path} could not be written")
            made.append(path)
    finally:
        theme.apply(app, before)
        if shown:
            window.show_page(shown)
    return made


def settle(session: Session, patience_ms: int = PATIENCE_MS) -> bool:
    """Let the window work until no job is under way, at most `patience_ms`. Whether it came to rest."""
    left = patience_ms
    wait(SETTLE_MS)
    while session.jobs.busy and left > 0:
        wait(STEP_MS)
        left -= STEP_MS
    wait(SETTLE_MS)
    return not session.jobs.busy


def wait(milliseconds: int) -> None:
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
