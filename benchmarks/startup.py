"""Time until the window can be used, against the bare import of PySide6 and pyqtgraph, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .common import Result, interleaved, seconds

ROUNDS = 9
ROOT = Path(__file__).resolve().parents[1]

BARE = "import PySide6.QtWidgets, pyqtgraph"

# Usable: shown, painted, and an event that was posted after that was answered.
WINDOW = """
import os, sys
from workbench.__main__ import transport
from workbench.ui import app
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.isWindow():
            QApplication.instance().removeEventFilter(self)
            QTimer.singleShot(0, lambda: QTimer.singleShot(0, answered))
        return False

def answered():
    os._exit(0)

painted = Painted()
app.make_application([]).installEventFilter(painted)
app.run(None, transport())
"""


def measure(rounds: int = ROUNDS) -> Result:
    """figure: ratio of the medians."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "WORKBENCH_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, as Qt's packages are

        def run(code: str) -> None:
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr.decode())

        for code in (BARE, WINDOW):  # warm the disk cache, compile what is not yet
            run(code)
        bare, window = interleaved(rounds, lambda: seconds(lambda: run(BARE)), lambda: seconds(lambda: run(WINDOW)))
    return Result("startup", window / bare, "x bare import", {"bare_s": round(bare, 3), "window_s": round(window, 3)})
