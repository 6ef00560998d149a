"""A table of a million rows and 20 columns: opened, profiled and scrolled, beside pandas, Arrow and Orange.

"On screen" is measured in the real window (off-screen): from asking for the file to the first painted rows.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .common import Result, child, interleaved, percentile, seconds
from .latency import write_table

ROWS, COLUMNS = 1_000_000, 20
ROUNDS = 5
FRAMES = 200
ORANGE_SECONDS = 600
READERS = ("workbench", "pandas", "arrow")


def measure(rows: int = ROWS) -> Result:
    """figure: seconds of reading and profiling the whole, ours to pyarrow's own read and conversion."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "table.csv"
        write_table(path, rows, COLUMNS)
        details = child("benchmarks.table", "speed", str(path), str(ROUNDS))
        details |= {f"memory_{who}": child("benchmarks.table", "memory", str(path), who) for who in READERS}
        details |= child("benchmarks.table", "window", str(path), home)
        details |= child("benchmarks.table", "frames", str(path), str(FRAMES))
        details |= _orange(path, details["first_rows_on_screen_s"])
    return Result("table", details["profile_ratio"], "x pyarrow's read and conversion", details)


def _orange(path: Path, first_rows: float) -> dict[str, Any]:
    """How long Orange takes to have the table, once and in an environment of its own: WORKBENCH_ORANGE names the Python
    that has it (Orange3 3.40). It shows nothing before it has read everything."""
    python = os.environ.get("WORKBENCH_ORANGE")
    if not python:
        return {"orange": "not asked: WORKBENCH_ORANGE names no Python with Orange3 in it"}
    code = (
        "import sys, time\n"
        "from Orange.data import Table\n"
        "begin = time.perf_counter()\n"
        "Table.from_file(sys.argv[1])\n"
        "print(time.perf_counter() - begin)\n"
    )
    try:
        done = subprocess.run(
            [python, "-c", code, str(path)], capture_output=True, text=True, timeout=ORANGE_SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        return {"orange_s": f"over {ORANGE_SECONDS}", "orange_to_first_rows": round(ORANGE_SECONDS / first_rows)}
    except (OSError, subprocess.CalledProcessError) as error:
        return {"orange": f"could not be run: {getattr(error, 'stderr', '') or error}"}
    took = float(done.stdout)
    return {"orange_s": round(took, 1), "orange_to_first_rows": round(took / first_rows)}


def speed(path: Path, rounds: int) -> dict[str, Any]:
    """Medians of interleaved rounds, in one warm process."""
    import pandas as pd
    import pyarrow.csv as arrow

    from workbench.core.data.first_rows import head_of
    from workbench.core.data.profile import profile_table
    from workbench.core.data.sources import load
    from workbench.core.project import DataSpec

    spec = DataSpec("csv", str(path))
    works: dict[str, Callable[[], object]] = {
        "first_rows": lambda: head_of(spec),
        "read": lambda: load(spec),
        "read_and_profile": lambda: profile_table(load(spec).frame),
        "pandas": lambda: pd.read_csv(path),
        "arrow": lambda: arrow.read_csv(path).to_pandas(),
    }
    for work in works.values():
        work()
    found = interleaved(rounds, *(lambda work=work: seconds(work) for work in works.values()))  # type: ignore[misc]
    took = dict(zip(works, found, strict=True))
    return {
        **{f"{name}_s": round(value, 3) for name, value in took.items()},
        "read_ratio": round(took["read"] / took["pandas"], 2),
        "profile_ratio": round(took["read_and_profile"] / took["arrow"], 2),
    }


def memory(path: Path, reader: str) -> dict[str, float]:
    """What reading takes at its peak beyond the imports; ours with the profile. `to_file`: times the file."""
    from workbench.core.data.profile import profile_table  # first, as in the program: it sets how memory is given back
    from workbench.core.data.sources import load
    from workbench.core.project import DataSpec

    import pandas as pd  # isort: skip
    import pyarrow.csv as arrow  # isort: skip

    before = _peak()
    if reader == "workbench":
        profile_table(load(DataSpec("csv", str(path))).frame)  # type: ignore[union-attr]
    elif reader == "pandas":
        pd.read_csv(path)
    else:
        arrow.read_csv(path).to_pandas()
    taken = _peak() - before
    return {"peak_mb": round(taken / 2**20), "to_file": round(taken / path.stat().st_size, 2)}


def _peak() -> int:
    """The most bytes that this process has held; 0 where Linux does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def window(path: Path, home: str) -> dict[str, float]:
    """Seconds to the first rows on screen, and to the whole table with its profile; beside pandas before and after."""
    import pandas as pd

    from workbench.core.project import DataSpec
    from workbench.ui.data.page import DataPage

    from .window import Stage

    pd.read_csv(path, nrows=10)
    plain = [seconds(lambda: pd.read_csv(path))]
    with Stage(Path(home) / "home", engine=False) as stage:
        stage.window.show_page("data")
        page = stage.window.page("data")
        assert isinstance(page, DataPage)
        begin = time.perf_counter()
        stage.session.open_data(DataSpec("csv", str(path)))
        stage.until("the first rows", lambda: page.pane.isVisible() and page.table.frame_model.rowCount() > 0)
        page.table.viewport().repaint()
        first = time.perf_counter() - begin
        stage.until("the profile", lambda: stage.session.profile is not None)
        page.table.header.viewport().repaint()
        whole = time.perf_counter() - begin
        stage.until("the rest", lambda: not stage.session.jobs.busy)
    plain.append(seconds(lambda: pd.read_csv(path)))
    return {
        "first_rows_on_screen_s": round(first, 3),
        "profile_on_screen_s": round(whole, 3),
        "pandas_to_first_rows": round(statistics.mean(plain) / first, 1),
    }


def frames(path: Path, count: int) -> dict[str, float]:
    """Milliseconds to put the table in, and of painting it at places all over it; then sorted by a column."""
    import pandas as pd

    from workbench.ui import theme
    from workbench.ui.app import make_application
    from workbench.ui.data import row_order
    from workbench.ui.data.frame_view import FrameView
    from workbench.ui.data.row_order import Sort

    from .window import spin

    frame = pd.read_csv(path)
    order = row_order.arrange(frame, (), Sort(str(frame.columns[0])))
    app = make_application([])
    theme.apply(app, "light")
    view = FrameView()
    view.resize(1280, 800)
    view.show()
    spin(0.2)
    put = seconds(lambda: view.show_frame(frame))
    plain = _scrolled(view, count)
    view.show_frame(frame, order=order)
    ordered = _scrolled(view, count)
    view.close()
    return {
        "show_ms": round(1000 * put, 1),
        "frame_p50_ms": round(statistics.median(plain), 2),
        "frame_p95_ms": round(percentile(plain, 95), 2),
        "sorted_frame_p50_ms": round(statistics.median(ordered), 2),
        "sorted_frame_p95_ms": round(percentile(ordered, 95), 2),
    }


def _scrolled(view: Any, count: int) -> list[float]:
    """Milliseconds of each frame, at places nobody has looked at before."""
    bar = view.verticalScrollBar()
    taken = []
    for place in np.random.default_rng(0).permutation(count):
        begin = time.perf_counter()
        bar.setValue(bar.maximum() * int(place) // count)
        view.viewport().repaint()
        taken.append(1000 * (time.perf_counter() - begin))
    return taken


def main(arguments: list[str]) -> dict[str, Any]:
    """One part, in this process: speed PATH ROUNDS, memory PATH READER, window PATH HOME, or frames PATH COUNT."""
    part, place, more = arguments
    path = Path(place)
    if part == "speed":
        return speed(path, int(more))
    if part == "memory":
        return memory(path, more)
    return window(path, more) if part == "window" else frames(path, int(more))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
