"""One run as the command loop holds it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from .control import RunControl

if TYPE_CHECKING:  # loads TensorFlow, which the training thread does
    from .predict import LiveModel


class Running:
    """One run: its folder, what is wanted of it, and its thread."""

    def __init__(self, folder: Path, request: int) -> None:
        self.folder = folder
        self.name = folder.name
        self.request = request
        self.control = RunControl()
        self.live: LiveModel | None = None
        self.finished = False
        self.thread = threading.Thread()
