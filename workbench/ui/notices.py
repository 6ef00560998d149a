"""What the window tells a person outside the page they look at, and how our own mistakes come to light."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from workbench.core.errors import WorkbenchError

log = logging.getLogger(__name__)
LOG_BYTES = 1_000_000


@dataclass(frozen=True)
class Notice:
    """One message.

    severity: "info" | "good" | "warning" | "error". actions: (title, callable). details: a traceback to be copied.
    key: a newer notice with the same key takes the place of an older one. page: the page it concerns; it is not shown
    while that page is. lasting: stays until it is dismissed; otherwise it goes after some seconds.
    """

    text: str
    severity: str = "info"
    actions: tuple[tuple[str, Callable[[], object]], ...] = ()
    details: str = ""
    key: str = ""
    page: str = ""
    lasting: bool = True

    @staticmethod
    def of(
        error: WorkbenchError, *, key: str = "", actions: tuple[tuple[str, Callable[[], object]], ...] = ()
    ) -> Notice:
        """What happened, where and what to try."""
        first = f"{error.where}: {error.what}" if error.where else error.what
        details = getattr(error, "details", "")
        return Notice("\n".join(t for t in (first, error.remedy) if t), "error", actions, details, key)


def log_to_file(folder: Path) -> logging.Handler | None:
    """Keep what is logged in workbench.log; None when the folder cannot be written (the program runs without)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "workbench.log", maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


class CrashHooks:
    """Sends every exception nobody caught, of any thread, to the log and to `tell(text, details)`.

    `tell` is called on the thread of the mistake. Use as a context manager, or `install` and `remove`.
    """

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self._before = (sys.excepthook, threading.excepthook)

    def install(self) -> None:
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._main
        threading.excepthook = self._thread

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self._report(kind, error, trace)

    def _thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and args.exc_type is not SystemExit:
            self._report(args.exc_type, args.exc_value, args.exc_traceback)

    def _report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("nobody caught this:\n%s", details)
        self._tell(f"Something went wrong inside the workbench ({kind.__name__}). Your work is kept.", details)
