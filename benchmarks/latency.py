"""How late the window's event loop is while a net trains and its curves are shown, and while a large table scrolls.

The real window on its Train page (off-screen), the engine in its own process. Beside each: the same window, idle.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from .common import Result, child, percentile

SECONDS = 10.0
CASES = ("dense", "cnn", "table")
PICTURES = {"dense": 54_000, "cnn": 12_000}
ROWS, COLUMNS = 1_000_000, 20


def measure(seconds: float = SECONDS) -> Result:
    """figure: the worst 99th percentile of lateness, milliseconds."""
    details = {case: child("benchmarks.latency", case, str(seconds)) for case in CASES}
    return Result("latency", max(d["p99_ms"] for d in details.values()), "ms late, p99", details)


def training(home: Path, net: str, rows: int, seconds: float) -> dict[str, Any]:
    """Lateness while that template trains on so many pictures."""
    from workbench.core import edits
    from workbench.core.project import EarlyStopping
    from workbench.core.proposal import start_from
    from workbench.core.templates import template

    from .window import Lateness, Stage

    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, rows).astype(np.uint8)
    np.savez(home / "pictures.npz", x=rng.integers(0, 256, (rows, 28, 28), np.uint8), y=y)
    with Stage(home / "home") as stage:
        session = stage.session
        stage.open("npz", home / "pictures.npz")
        facts = session.facts
        assert facts is not None
        session.apply(start_from(net, template(net, facts), facts), "Start")
        session.apply(edits.set_train(epochs=10_000, batch_size=32, early_stopping=EarlyStopping()), "Train long")
        stage.until("the engine", lambda: session.resolved.can_train)
        stage.window.show_page("train")
        late = Lateness()
        idle = late.during(seconds / 2)
        stage.window.train()
        stage.until("the first batches", lambda: session.run is not None and session.run.step > 0)
        busy = late.during(seconds)
        run = session.run
        assert run is not None
        assert run.started is not None
        return {**_figures(idle, busy), "mode": run.started.mode, "batches": len(run.history.batches)}


def scrolling(home: Path, rows: int, columns: int, seconds: float) -> dict[str, Any]:
    """Lateness while the table of the Data page is scrolled by a few rows 60 times a second."""
    from PySide6.QtCore import QTimer

    from workbench.ui.data.page import DataPage

    from .window import Lateness, Stage

    write_table(home / "table.csv", rows, columns)
    with Stage(home / "home", engine=False) as stage:
        stage.open("csv", home / "table.csv")
        stage.window.show_page("data")
        page = stage.window.page("data")
        assert isinstance(page, DataPage)
        late = Lateness()
        idle = late.during(seconds / 2)
        bar = page.table.verticalScrollBar()
        wheel = QTimer(page)
        wheel.timeout.connect(lambda: bar.setValue((bar.value() + 130) % max(1, bar.maximum())))
        wheel.start(16)
        busy = late.during(seconds)
        wheel.stop()
        return _figures(idle, busy)


def _figures(idle: list[float], busy: list[float]) -> dict[str, Any]:
    return {
        "p99_ms": round(percentile(busy, 99), 1),
        "p50_ms": round(percentile(busy, 50), 1),
        "worst_ms": round(max(busy), 1),
        "idle_p99_ms": round(percentile(idle, 99), 1),
        "ticks": len(busy),
    }


def write_table(path: Path, rows: int, columns: int) -> None:
    """A CSV of numbers, whole numbers, words and gaps, the last column a class."""
    import pandas as pd

    rng = np.random.default_rng(0)
    made: dict[str, Any] = {}
    for i in range(columns - 1):
        kind = i % 4
        if kind == 0:
            made[f"number{i}"] = rng.standard_normal(rows).round(4)
        elif kind == 1:
            made[f"count{i}"] = rng.integers(0, 1000, rows)
        elif kind == 2:
            made[f"word{i}"] = rng.choice(np.array(["red", "green", "blue", "yellow"]), rows)
        else:
            numbers = rng.standard_normal(rows).round(3)
            numbers[rng.random(rows) < 0.05] = np.nan
            made[f"gaps{i}"] = numbers
    made["answer"] = rng.choice(np.array(["yes", "no"]), rows)
    pd.DataFrame(made).to_csv(path, index=False)


def main(case: str, seconds: float, rows: int = 0) -> dict[str, Any]:
    """One case, in this process. rows: of its data; 0 for the size that is measured."""
    with tempfile.TemporaryDirectory() as home:
        if case == "table":
            return scrolling(Path(home), rows or ROWS, COLUMNS, seconds)
        return training(Path(home), case, rows or PICTURES[case], seconds)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:]))))
