"""What happens to a training from outside: Ctrl+C, a reader that goes away, an engine that is killed."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from workbench import cli, headless, headless_engine
from workbench.core import edits, runs
from workbench.core.project import EarlyStopping
from workbench.core.storage import ProjectFolder
from workbench.engine.main import in_process_transport
from workbench.link.client import EngineClient

from .conftest import Workbench, only_run

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


@pytest.fixture
def own(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The commands with an engine that is theirs and ends with them, on threads of this process."""

    def started() -> headless.Engine:
        made = headless.Engine()
        made.client = EngineClient(in_process_transport)
        return made

    monkeypatch.setattr(headless_engine, "started", started)
    return workbench


class Terminal(io.StringIO):
    """What is printed; `hands` is called with how many lines it is, after each."""

    def __init__(self, hands: Callable[[int], None]) -> None:
        super().__init__()
        self._hands = hands

    def flush(self) -> None:
        super().flush()
        self._hands(self.getvalue().count("\n"))


def test_ctrl_c_stops_and_keeps_the_best(endless: Path, own: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[int] = []

    def press(lines: int) -> None:
        if lines == 3 and not pressed:
            pressed.append(lines)
            signal.raise_signal(signal.SIGINT)

    terminal = Terminal(press)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", terminal)
        said = own("train", endless, "--json")
    lines = [json.loads(line) for line in terminal.getvalue().splitlines()]
    assert [line["epoch"] for line in lines[:3]] == [1, 2, 3]
    done = lines[-1]
    assert done["event"] == "done"
    assert done["reason"] == "stopped"
    assert done["best_epoch"] >= 1
    assert "stopping; the best weights are kept" in said.err
    record = runs.read_run(Path(done["folder"]))
    assert record.state == "stopped"
    assert record.usable


def test_ctrl_c_twice_ends_at_once_and_the_run_can_go_on(
    endless: Path, own: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed: list[int] = []

    def press(lines: int) -> None:
        if lines >= 2 and not pressed:
            pressed.append(lines)
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Terminal(press))
        said = own("train", endless, "--json", fails=True)
    assert said.status == 130
    assert "stopping" in said.err
    assert "Traceback" not in said.err
    assert runs.read_run(only_run(endless)).state in ("paused", "stopped")
    assert (only_run(endless) / "checkpoint.npz").is_file()


def test_a_reader_that_goes_away_is_no_mistake(endless: Path, own: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    gone: list[int] = []

    def leave(lines: int) -> None:
        if lines >= 2 and not gone:
            gone.append(ours)
            os.close(ours)

    class Pipe(Terminal):
        """Beside what it remembers it writes to the pipe."""

        def write(self, text: str) -> int:
            os.write(theirs, text.encode())
            return super().write(text)

        def fileno(self) -> int:
            return theirs

    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", Pipe(leave))
        said = own("train", endless, "--json")
    os.close(theirs)
    assert "Traceback" not in said.err
    assert gone
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
