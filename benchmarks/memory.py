"""Memory of the engine's process: after ten runs in a row, each scored and asked, against after the first.

Runs of the same size, of two kinds (epochs one by one, and many small epochs a call), each in a folder of its own, so
that nothing that is kept by folder can be taken again. There is no rival: a script's memory ends with it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from workbench.link import messages as m
from workbench.link.spawn import ChildProcess

from .cases import CNN, DENSE, TABLE, Case, make_run
from .common import Result
from .engine import Engine

RUNS = 10
CASES = (
    Case("dense 784-128-10, 20,000 pictures", (28, 28, 1), 20_000, 10, DENSE, 128, 2),
    Case("small CNN, 4,000 pictures", (28, 28, 1), 4_000, 10, CNN, 64, 1),
    Case("table 200 x 30, many epochs a call", (30,), 200, 3, TABLE, 32, 300),
)
MB = 1 / 2**20


def measure(runs: int = RUNS) -> Result:
    """figure: the largest memory after a later run over that after the first, in the worst case."""
    details: dict[str, Any] = {}
    worst = 0.0
    for case in CASES:
        resident = _after_runs(case, runs)
        ratio = max(resident[1:]) / resident[0]
        worst = max(worst, ratio)
        shown = ", ".join(f"{size:.0f}" for size in resident)
        details[case.name] = f"{ratio:.3f} (MB after each run: {shown})"
    return Result("memory", worst, "x of after the first run", details)


def _after_runs(case: Case, count: int) -> list[float]:
    """Resident megabytes of a fresh engine after each run."""
    resident: list[float] = []
    made: list[ChildProcess] = []

    def transport() -> ChildProcess:
        made.append(ChildProcess(give_way=False))
        return made[-1]

    parts = {"train": case.rows, "validation": case.rows // 5, "test": case.rows // 5}
    with tempfile.TemporaryDirectory() as home, Engine(transport) as engine:
        process = psutil.Process(made[-1].pid)
        for number in range(count):
            folder = make_run(Path(home), case, parts, seed=number)
            engine.train(folder)
            _ask(engine, m.Evaluate(str(folder)))
            x = {"x": case.arrays()[0][:100]}
            _ask(engine, m.Predict(str(folder), x))
            _ask(engine, m.Predict(str(folder), {"x": np.ascontiguousarray(x["x"][:1])}))
            resident.append(process.memory_info().rss * MB)
    return resident


def _ask(engine: Engine, message: m.Message) -> None:
    answer = engine.client.call(message, timeout=120)
    if isinstance(answer, m.Failed):
        raise RuntimeError(f"{answer.what} {answer.detail}")
