"""The window comes first when both want to compute."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NICE = 5  # the window's event loop is then rarely late, and other programs do not bring training to a halt
_AUTOGROUP = Path("/proc/self/autogroup")
_THREADS = Path("/proc/self/task")


def give_way() -> None:
    """Lower the priority of this whole process, for good. A second call changes nothing.

    Linux shares out time between sessions first (sched(7), "The autogroup feature"), and the engine has one of its own:
    there its niceness alone would count for nothing beside the window. And on Linux niceness belongs to a thread; those
    that compute are there already.
    """
    if _AUTOGROUP.exists():
        with contextlib.suppress(OSError):
            _AUTOGROUP.write_text(str(NICE))
    if hasattr(os, "setpriority"):
        threads = [int(name) for name in os.listdir(_THREADS)] if _THREADS.is_dir() else [0]
        for thread in threads:
            with contextlib.suppress(OSError):  # it may have ended
                os.setpriority(os.PRIO_PROCESS, thread, NICE)
