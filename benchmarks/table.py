"""A million rows of 20 columns: read, beside `pandas.read_csv` on the same file; and scrolled, frame by frame."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .common import Result, child, interleaved, percentile, seconds
from .latency import write_table

ROWS, COLUMNS = 1_000_000, 20
ROUNDS = 3
FRAMES = 200


def measure(rows: int = ROWS) -> Result:
    """figure: seconds of reading, ours to pandas'."""
    details = child("benchmarks.table", str(rows))
    return Result("table", details["read_ratio"], "x pandas.read_csv", details)


def main(rows: int, rounds: int = ROUNDS, frames: int = FRAMES) -> dict[str, Any]:
    import pandas as pd

    from workbench.core.data.sources import load
    from workbench.core.project import DataSpec

    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "table.csv"
        write_table(path, rows, COLUMNS)
        pd.read_csv(path, nrows=10)
        ours, plain = interleaved(
            rounds,
            lambda: seconds(lambda: load(DataSpec("csv", str(path)))),
            lambda: seconds(lambda: pd.read_csv(path)),
        )
        found = {"read_ratio": round(ours / plain, 2), "ours_s": round(ours, 2), "pandas_s": round(plain, 2)}
        return found | scrolling(pd.read_csv(path), frames)


def scrolling(frame: Any, frames: int) -> dict[str, float]:
    """Milliseconds to put the frame in, and of painting it at places all over it."""
    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.data.frame_view import FrameView

    app = make_application([])
    theme.apply(app, "light")
    view = FrameView()
    view.resize(1280, 800)
    view.show()
    put = seconds(lambda: view.show_frame(frame))
    app.processEvents()
    bar = view.verticalScrollBar()
    taken = []
    for number in range(frames):
        begin = time.perf_counter()
        bar.setValue(bar.maximum() * number // frames)
        view.viewport().repaint()
        taken.append(1000 * (time.perf_counter() - begin))
    view.close()
    return {
        "show_ms": round(1000 * put, 1),
        "frame_p50_ms": round(statistics.median(taken), 2),
        "frame_p95_ms": round(percentile(taken, 95), 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
