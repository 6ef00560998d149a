"""Two machines of a cluster on 127.0.0.1 against one process with the same global batch; and with one machine killed.

Each is the real program of its own, as in a shell. The killed one loses the steps since the checkpoint: the run goes on
from it on one machine, and its curve is held against the one that nothing happened to. Two machines on one processor
share its cores, and speak with each other at each step: how much slower they are than one is told, not judged.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from workbench import headless
from workbench.core import edits, runs
from workbench.core.history import History
from workbench.core.project import EarlyStopping
from workbench.core.storage import ProjectFolder

from .common import Result

EPOCHS = 20
ALLOWED = 1e-4  # between the losses of a batch


def measure(epochs: int = EPOCHS, sample: str = "digits") -> Result:
    """figure: the largest difference between the loss of a batch on one machine and on two, and of the killed run."""
    with tempfile.TemporaryDirectory() as place:
        one, two, killed = (_project(Path(place) / name, sample, epochs) for name in ("one", "two", "killed"))
        alone = _seconds([_program(one)])
        together = _seconds(_cluster(two))
        kept = _kill(killed)
        _seconds([_program(killed, "--resume")])
        plain, spread, resumed = (_history(project) for project in (one, two, killed))
        apart, after = _apart(plain, spread), _apart(plain, resumed)
        details: dict[str, Any] = {
            "batches": len(plain.batches["loss"]),
            "two_machines": apart,
            "two_machines_validation": _apart(plain, spread, "val_loss"),
            "killed_and_resumed": after,
            "wanted": ALLOWED,
            "batches_kept_of_the_killed": kept,
            "one_machine_s": round(alone, 1),
            "two_machines_s": round(together, 1),
        }
        return Result("cluster", max(apart, after), "between the losses of a batch", details)


def _project(place: Path, sample: str, epochs: int) -> Path:
    headless.create(place, sample, template_name="dense")
    home = ProjectFolder(place)
    project = edits.set_train(epochs=epochs, early_stopping=EarlyStopping(), compiler="off")(home.load())
    # Each machine draws its own numbers for what it drops: without random draws both ways are the same sum.
    nodes = tuple(
        replace(node, params={**node.params, "rate": 0.0}) if "Dropout" in node.kind else node
        for node in project.graph.nodes
    )
    home.save(replace(project, graph=replace(project.graph, nodes=nodes)))
    return place


def _program(project: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workbench", "train", str(project), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def _cluster(project: Path) -> list[subprocess.Popen[str]]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        machines = ",".join(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)
    return [_program(project, "--cluster", machines, "--worker", str(number)) for number in range(2)]


def _seconds(programs: list[subprocess.Popen[str]]) -> float:
    """Until all have ended well."""
    began = time.perf_counter()
    for program in programs:
        said = program.communicate(timeout=600)[1]
        if program.returncode:
            raise RuntimeError(said[-2000:])
    return time.perf_counter() - began


def _kill(project: Path) -> int:
    """Train on two machines until there is a checkpoint, kill the second's engine, and wait until both have ended.
    The batches that are kept."""
    programs = _cluster(project)
    while not list(project.glob("runs/*/checkpoint.npz")):
        if programs[0].poll() is not None:
            raise RuntimeError(programs[0].communicate()[1][-2000:])
        time.sleep(0.01)
    (engine,) = psutil.Process(programs[1].pid).children()
    os.kill(engine.pid, signal.SIGKILL)
    for program in programs:
        program.communicate(timeout=120)
        if program.returncode != 2:  # what the program ends with when a run failed
            raise RuntimeError(f"a machine whose other one was killed ended with {program.returncode}")
    return len(_history(project).batches["loss"])


def _history(project: Path) -> History:
    (run,) = runs.list_runs(project / "runs")
    return runs.read_history(project / "runs" / run.id)


def _apart(one: History, other: History, name: str = "loss") -> float:
    a, b = (h.batches[name] if name in h.batches else h.epochs[name] for h in (one, other))
    if len(a) != len(b):
        raise RuntimeError(f"{len(a)} and {len(b)} figures of {name}")
    return float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).max())
