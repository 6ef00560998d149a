"""The program as a process of its own: Ctrl+C, a reader that goes away, lines of JSON as they come."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from workbench import cli, headless, headless_engine
from workbench.core import edits, runs
from workbench.core.project import EarlyStopping
from workbench.core.storage import ProjectFolder

from .conftest import only_run

pytestmark = pytest.mark.slow

MANY = 100_000
"""Epochs that no test waits for."""


def start(*words: object, stdout: int | IO[bytes] = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workbench", *map(str, words)]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A project whose training only ends when it is stopped; each epoch is several calls of the loop."""
    project = tmp_path / "p"
    headless.create(project, "digits", template_name="dense")
    home = ProjectFolder(project)
    # No XLA: so many epochs would look worth compiling for, which takes longer than the rest of a test.
    home.save(edits.set_train(epochs=MANY, early_stopping=EarlyStopping(), compiler="off")(home.load()))
    return project


def after_epochs(process: subprocess.Popen[str], count: int) -> list[dict[str, object]]:
    """Read until so many epochs have been said."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if len(lines) == count:
            break
    return lines


def test_ctrl_c_stops_and_keeps_the_best(endless: Path) -> None:
    process = start("train", endless, "--json")
    said = after_epochs(process, 3)
    assert [line["epoch"] for line in said] == [1, 2, 3]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    done = json.loads(out.splitlines()[-1])
    assert done["event"] == "done"
    assert done["reason"] == "stopped"
    assert done["best_epoch"] >= 3
    assert "stopping; the best weights are kept" in err
    record = runs.read_run(Path(done["folder"]))
    assert record.state == "stopped"
    assert record.usable


def test_ctrl_c_twice_ends_at_once_and_the_run_can_go_on(endless: Path) -> None:
    process = start("train", endless, "--json")
    after_epochs(process, 2)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "stopping" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130), err
    assert "Traceback" not in err
    record = runs.read_run(only_run(endless))
    assert record.state in ("paused", "stopped")
    assert (only_run(endless) / "checkpoint.npz").is_file()


def test_a_reader_that_goes_away_is_no_mistake(endless: Path) -> None:
    process = start("train", endless, "--json")
    after_epochs(process, 2)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode == 0
    assert (only_run(endless) / "checkpoint.npz").is_file()


def test_a_killed_engine_is_one_line(endless: Path) -> None:
    process = start("train", endless, "--json")
    after_epochs(process, 2)
    (engine,) = _children(process.pid)
    os.kill(engine, signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(err.splitlines()) == 1, err
    assert "killed" in err
    assert f"workbench train {endless} --resume" in err
    assert all(json.loads(line)["event"] == "epoch" for line in out.splitlines())


def _children(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children()]


def test_a_terminal_sees_a_line_that_rewrites_itself(
    tmp_path: Path, engine: headless.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    headless.create(tmp_path / "p", "line")
    ours, theirs = pty.openpty()
    seen: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while piece := os.read(ours, 4096):
                seen.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with open(theirs, "w") as terminal, monkeypatch.context() as patched:
        patched.setattr(headless_engine, "started", lambda: contextlib.nullcontext(engine))
        for name in ("stdout", "stderr"):
            patched.setattr(sys, name, terminal)
        status = cli.main(["train", str(tmp_path / "p")], demo=lambda out: 0)
    reader.join()
    os.close(ours)
    assert status == 0
    text = b"".join(seen).decode()
    assert "\r\x1b[K" in text
    assert "epoch 500/500" in text
    assert "Next: workbench evaluate" in text
    assert text.count("\n") < 30, "milliseconds an epoch must not fill the screen"
