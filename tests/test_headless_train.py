"""A run that a window has in hand is not resumed beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.core import runs
from workbench.core.errors import TrainError
from workbench.core.project import TrainSpec
from workbench.core.storage import ProjectFolder
from workbench.headless_train import _check_window

from .engine.little_runs import blobs, chain, make_run


def gone() -> int:
    """The number of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.mark.parametrize(
    ("state", "alive", "refused"),
    [
        ("running", True, True),
        ("paused", True, True),
        ("stopped", True, False),
        ("running", False, False),
    ],
)
def test_a_run_in_the_hands_of_a_window_is_left_to_it(tmp_path: Path, state: str, alive: bool, refused: bool) -> None:
    folder = make_run(
        tmp_path, chain(("Dense", {"units": 1})), TrainSpec(), {"train": blobs(20)}, classes=("a", "b", "c")
    )
    home = ProjectFolder(tmp_path)
    _check_window(home, folder)  # nobody has it open
    runs.update_run(folder, state=state)
    (tmp_path / ".lock").write_text(
        f"{os.getpid() if alive else gone()}\nworkbench\n{socket.gethostname()}\nmachine\nboot\n"
    )
    if not refused:
        _check_window(home, folder)
        return
    with pytest.raises(TrainError, match="has this project open"):
        _check_window(home, folder)


def test_a_lock_that_says_nothing_is_none(tmp_path: Path) -> None:
    folder = make_run(
        tmp_path, chain(("Dense", {"units": 1})), TrainSpec(), {"train": blobs(20)}, classes=("a", "b", "c")
    )
    runs.update_run(folder, state="running")
    (tmp_path / ".lock").write_text("")
    _check_window(ProjectFolder(tmp_path), folder)
