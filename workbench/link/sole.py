"""That one engine at a time trains a run: a lock of the operating system on a file in the folder of the run. It is held
by the engine itself, and goes with its process however that ends: an engine that still saves while its window is gone
has it, and a killed one does not. Folders on another computer have such locks too; where one has none, only the
journal (link.journal) tells who trains.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .journal import taken

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

log = logging.getLogger(__name__)
NAME = "trains.lock"
WAIT_SECONDS = 4.0
"""An engine whose window is gone saves its run for 2.5 seconds at most (engine.host)."""
LOOK_SECONDS = 0.05
_HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextlib.contextmanager
def sole(folder: Path, look: Callable[[], None] = lambda: None, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Nobody else trains the run meanwhile.

    Args:
        look: called while another one is waited for; what it raises ends the waiting.
        wait: seconds.

    Raises:
        TrainError: another program trains it.
    """
    handle = _opened(folder / NAME)
    try:
        end = time.monotonic() + wait
        while handle >= 0 and not _locked(handle):
            look()
            if time.monotonic() > end:
                raise taken(folder)
            time.sleep(LOOK_SECONDS)
        yield
    finally:
        if handle >= 0:
            os.close(handle)  # and so is the lock given back. The file stays: another may be waiting for it


def _opened(path: Path) -> int:
    """-1 where the folder is gone or not writable, which the run itself tells."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        log.info("no lock can be made: %s", error)
        return -1


def _locked(handle: int) -> bool:
    """Whether it has the lock by now, or there is none to be had."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        log.info("this folder has no locks: %s", error)
    return True
