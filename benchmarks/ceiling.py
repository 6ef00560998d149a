"""Data four times the memory that the process may take: it trains, in flat memory, and how fast against data in memory.

The ceiling is RLIMIT_DATA, set in a fresh process once TensorFlow is there: all private memory that can be written,
used or not. Mapped files do not count. The rival is the same training on as many of the rows as fit, held in memory.
Both choose their way of computing themselves, as a run does: the rival has XLA where that is faster.

What is compared is all the training from its first step to its last, what lies between epochs included, but not the
reading of the program, tracing and compiling before it, which take as long for either and would count for half of a
short run and for nothing in a long one. It has several epochs, as the first reads files that the system has not yet at
hand and a training has many. The rival has as many rows in all in shorter epochs, so that neither is paid less often
for what comes once a run. The share of the first epoch alone is told too.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.runs import read_facts

from .cases import DENSE, Case, Layers, make_run
from .common import Result, child

CEILING = 1_000_000_000  # TensorFlow itself takes 500 MB of it, XLA's compiler 250
TIMES = 4
EPOCHS = 3
WIDE: Layers = (("Dense", {"units": 64, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
# Each with the rows of the rival.
CASES = (
    (Case("dense 784-128-10, batch 128", (28, 28, 1), 1, 10, DENSE, 128, EPOCHS), 400_000),
    (Case("table of 200 numbers, batch 256", (200,), 1, 3, WIDE, 256, EPOCHS), 400_000),
)
PIECE = 100_000  # rows written at once


def measure(ceiling: int = CEILING) -> Result:
    """figure: the lowest share of the in-memory speed."""
    details: dict[str, Any] = {}
    worst = float("inf")
    for case, few in CASES:
        row = int(np.prod(case.shape)) * (1 if len(case.shape) == 3 else 4)
        many = TIMES * ceiling // row
        with tempfile.TemporaryDirectory() as home:
            streamed = child("benchmarks.ceiling", str(_run(Path(home) / "many", case, many)), str(ceiling))
        with tempfile.TemporaryDirectory() as home:
            folder = _run(Path(home) / "few", case, few, EPOCHS * many // few)
            held = child("benchmarks.ceiling", str(folder), "0")
        share = streamed["rows_a_second"] / held["rows_a_second"]
        worst = min(worst, share)
        details[case.name] = {
            "data_MB": round(many * row / 1e6),
            "ceiling_MB": round(ceiling / 1e6),
            "modes": [streamed["mode"], held["mode"]],
            "rows_a_second": [round(streamed["rows_a_second"]), round(held["rows_a_second"])],
            "share": round(share, 3),
            "share_of_the_first_epoch": round(streamed["first_epoch"] / held["rows_a_second"], 3),
            "memory_MB_by_quarter": streamed["resident_MB"],
        }
    return Result("ceiling", worst, "x of the in-memory speed", details)


def _run(home: Path, case: Case, rows: int, epochs: int = EPOCHS) -> Path:
    """A run on random rows, written piece by piece."""
    folder = make_run(home, case, epochs=epochs)
    prepared = home / "prepared"
    rng = np.random.default_rng(0)
    image = len(case.shape) == 3
    x = np.lib.format.open_memmap(
        prepared / "train.x.npy", "w+", np.uint8 if image else np.float32, (rows, *case.shape)
    )
    for at in range(0, rows, PIECE):
        count = min(PIECE, rows - at)
        shape = (count, *case.shape)
        x[at : at + count] = rng.integers(0, 256, shape, np.uint8) if image else rng.standard_normal(shape, np.float32)
    del x
    np.save(prepared / "train.y.npy", rng.integers(0, case.classes, rows).astype(np.int32))
    facts = json.loads((folder / "facts.json").read_text())
    facts["rows"]["train"] = rows
    (folder / "facts.json").write_text(json.dumps(facts))
    return folder


def _train(folder: Path, ceiling: int) -> dict[str, Any]:
    """In a process of its own: train below the ceiling (0: none)."""
    from workbench.engine import devices, trainer
    from workbench.engine.control import RunControl
    from workbench.engine.warm import warm_up
    from workbench.link import messages as m

    devices.setup()
    warm_up()
    if ceiling:
        resource.setrlimit(resource.RLIMIT_DATA, (ceiling, ceiling))
    seen: list[tuple[int, float]] = []
    times: list[float] = []  # of the first step, and of the end of each epoch
    mode, total = "", 0

    def heard(message: m.Message) -> None:
        nonlocal mode, total
        if isinstance(message, m.RunStarted):
            mode, total = message.mode, message.steps_per_epoch * message.epochs
            times.append(time.perf_counter())
        elif isinstance(message, m.Batches):
            seen.append((message.step + len(message.values["loss"]), _resident()))
        elif isinstance(message, m.EpochEnded):
            times.append(time.perf_counter())

    ended = trainer.train(folder, heard, RunControl())
    if ended.reason != "finished":
        raise RuntimeError(f"{ended.what} {ended.where}")
    rows = read_facts(folder).rows["train"]
    quarters = [[mb for done, mb in seen if q * total <= 4 * done <= (q + 1) * total] for q in range(4)]
    return {
        "mode": mode,
        "rows_a_second": rows * (len(times) - 1) / (times[-1] - times[0]),
        "first_epoch": rows / (times[1] - times[0]),
        "resident_MB": [round(max(some)) for some in quarters if some],
    }


def _resident() -> float:
    """Megabytes of this process's own memory in use, without mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    print(json.dumps(_train(Path(sys.argv[1]), int(sys.argv[2]))))
