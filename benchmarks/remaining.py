"""The time left that a run tells at 10, 20, 50 and 80 % of its way against what it then took, and the forecast made
before it began against its epochs and its memory. Real runs of different kinds, each in a process of its own.

A run counts from its first step to its last file and the scores of its test part. Where early stopping may end it
sooner, the time left is a bound; it is held to the run that goes to its last epoch.
"""

from __future__ import annotations

import bisect
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from workbench.core.project import EarlyStopping
from workbench.core.runs import read_facts, read_project

from .cases import CNN, TABLE, Case, Layers, make_run
from .common import Result, child

SHARES = (0.1, 0.2, 0.5, 0.8)  # of the time a run takes
DEEP: Layers = (
    ("Flatten", {}),
    ("Dense", {"units": 256, "activation": "relu"}),
    ("Dense", {"units": 128, "activation": "relu"}),
    ("Dense", {"units": 10, "activation": "softmax"}),
)
PICTURES = (28, 28, 1)


@dataclass(frozen=True)
class Run:
    """parts: rows of validation and test; the case's rows are for training. train: settings. streamed: from disk."""

    case: Case
    parts: Mapping[str, int] = field(default_factory=dict)
    train: Mapping[str, Any] = field(default_factory=dict)
    streamed: bool | None = None


RUNS = (
    Run(Case("dense, 10 epochs", PICTURES, 100_000, 10, DEEP, 128, 10), {"validation": 5_000}),
    Run(Case("small CNN, 6 epochs", PICTURES, 20_000, 10, CNN, 32, 6), {"validation": 8_000}),
    Run(Case("table, many epochs a call", (30,), 600, 3, TABLE, 32, 40_000), {"validation": 200}),
    Run(Case("dense, streamed, 5 epochs", PICTURES, 50_000, 10, DEEP, 64, 5), {"validation": 5_000}, {}, True),
    Run(
        Case("table, early stopping possible", (30,), 60_000, 3, TABLE, 32, 15),
        {"validation": 20_000},
        {"early_stopping": EarlyStopping(True, "val_loss", 14)},
    ),
    Run(
        Case("CNN, checkpoints kept, probes, test part", PICTURES, 8_000, 10, CNN, 64, 8),
        {"validation": 1_000, "test": 6_000},
        {"keep_every": 1, "probes": "auto"},
    ),
)


def measure() -> Result:
    """figure: the worst relative error of a time left that was told after the first tenth of its run.

    left: at each share of the run, the seconds told and those it took. epoch_x, memory_x: forecast to real.
    """
    details: dict[str, Any] = {}
    worst = 0.0
    for index, run in enumerate(RUNS):
        found = child("benchmarks.remaining", str(index))
        worst = max(worst, found["worst"])
        details[run.case.name] = found
    return Result("remaining", worst, "relative error of the time left, at most", details)


def main(run: Run) -> dict[str, Any]:
    """In a process of its own: what is foretold of the run and told by it, and what came."""
    with tempfile.TemporaryDirectory() as home:
        return followed(_made(Path(home), run), run.streamed)


def _made(home: Path, run: Run) -> Path:
    """A run folder; the rows of validation and test are the first of the training's."""
    return make_run(home, run.case, {"train": run.case.rows, **run.parts}, **run.train)


def followed(folder: Path, streamed: bool | None = None) -> dict[str, Any]:
    """Forecast a run, then train it, and compare."""
    from workbench.engine import devices, trainer
    from workbench.engine.control import RunControl
    from workbench.engine.forecast import forecast
    from workbench.engine.warm import warm_up
    from workbench.link import messages as m

    devices.setup()
    warm_up()
    before = _own()
    project = read_project(folder)
    foretold = forecast(project.graph, read_facts(folder), project.train)
    told: list[tuple[float, float]] = []
    epochs: list[float] = []
    began, mode = 0.0, ""

    def heard(message: m.Message) -> None:
        nonlocal began, mode
        if isinstance(message, m.RunStarted):
            began, mode = time.monotonic(), message.mode
        elif isinstance(message, m.Batches):
            told.append((time.monotonic(), message.seconds_left))
        elif isinstance(message, m.EpochEnded):
            epochs.append(message.seconds)

    with _Peak() as peak:
        ended = trainer.train(folder, heard, RunControl(), streamed=streamed)
    whole = time.monotonic() - began
    if ended.reason != "finished":
        raise RuntimeError(f"{ended.reason} {ended.what} {ended.where}")
    left, worst, errors = {}, 0.0, []
    for share in SHARES:
        when, seconds = told[max(0, bisect.bisect_right(told, (began + share * whole, 0.0)) - 1)]
        really = began + whole - when
        left[f"{share:.0%}"] = [round(seconds, 2), round(really, 2)]
        worst = max(worst, abs(seconds / really - 1))
    errors = [abs(s / (began + whole - t) - 1) for t, s in told if 0.1 <= (t - began) / whole <= 0.9]
    epoch = statistics.median(epochs)
    return {
        "worst": round(worst, 3),
        "worst_of_all_told": round(max(errors, default=0.0), 3),
        "left_told_and_real_s": left,
        "seconds": round(whole, 2),
        "mode": mode,
        "epoch_forecast_and_real_s": [round(foretold.epoch_seconds, 4), round(epoch, 4)],
        "epoch_x": round(foretold.epoch_seconds / epoch, 2),
        "whole_x": round(foretold.run_seconds / whole, 2),
        "memory_forecast_and_real_MB": [round(foretold.memory / 1e6), round((peak.bytes - before) / 1e6)],
        "memory_x": round(foretold.memory / max(1, peak.bytes - before), 2),
        "model_MB": round(foretold.model / 1e6, 2),
    }


class _Peak:
    """The most memory this process has while it lasts, looked at 20 times a second."""

    def __init__(self) -> None:
        self.bytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak", daemon=True)

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.bytes = max(self.bytes, _own())


def _own() -> int:
    """Bytes of this process's memory, without the files that are mapped into it."""
    info = psutil.Process().memory_info()
    return int(info.rss - getattr(info, "shared", 0))


if __name__ == "__main__":
    print(json.dumps(main(RUNS[int(sys.argv[1])])))
