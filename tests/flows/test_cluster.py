"""Two machines of a cluster as programs of their own on this one: in hand from a third program, and without the second
machine. What ends them in order, and how they go on, is for engine/test_spread.py."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.engine.test_spread import free_ports
from workbench import headless
from workbench.core import edits, runs
from workbench.core.project import EarlyStopping
from workbench.core.storage import ProjectFolder
from workbench.link.journal import attended

from .conftest import Workbench, only_run

pytestmark = pytest.mark.slow


def start(project: Path, *words: str) -> tuple[list[str], list[subprocess.Popen[str]]]:
    """The programs of both machines, once the first has told an epoch."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(2)]
    command = [sys.executable, "-m", "workbench", "train", str(project), "--cluster", ",".join(addresses), "--json"]
    programs = [
        subprocess.Popen(
            [*command, "--worker", str(number), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for number in range(2)
    ]
    assert programs[0].stdout is not None
    for line in programs[0].stdout:
        if json.loads(line)["event"] == "epoch":
            return addresses, programs
    raise AssertionError([program.communicate(timeout=60) for program in programs])


def test_a_cluster_is_in_hand_and_outlives_a_machine(tmp_path: Path, workbench: Workbench) -> None:
    project = tmp_path / "p"
    headless.create(project, "digits", template_name="dense")
    home = ProjectFolder(project)
    home.save(edits.set_train(epochs=100_000, early_stopping=EarlyStopping())(home.load()))

    addresses, programs = start(project)
    assert workbench("control", project, "pause", "--wait", 60, "--json").object["state"] == "paused"
    assert "when it goes on" in workbench("control", project, "set", "learning_rate=0.0005", "--wait", 60).out
    assert workbench("control", project, "resume", "--wait", 60, "--json").object["done"]
    assert programs[0].stdout is not None
    assert any(json.loads(line)["event"] == "note" for line in programs[0].stdout), "it went on and told the change"
    assert workbench("control", project, "pause", "--wait", 60, "--json").object["state"] == "paused"
    (engine,) = psutil.Process(programs[1].pid).children()
    os.kill(engine.pid, signal.SIGKILL)
    said = [program.communicate(timeout=120) for program in programs]
    assert [program.returncode for program in programs] == [2, 2]
    assert f"{addresses[1]} (worker 1) stopped answering" in said[0][1]
    assert "Traceback" not in said[0][1] + said[1][1]
    run = only_run(project)
    assert not attended(run)
    kept = runs.read_run(run)
    assert kept.interrupted
    assert any(text.startswith("Learning rate") for _, text in runs.read_history(run).events)

    workbench("train", project, "--resume", "--epochs", kept.epochs_done + 2)  # on one machine
    history = runs.read_history(run)
    assert len(history.epochs) == kept.epochs_done + 2
    assert np.isfinite(history.epochs["loss"]).all()
