"""The curves of a run of five million batches: opened from its file, growing, zoomed and moved.

In the real view of the Train page (off-screen, 1280 x 720), with four earlier runs behind. A frame is from the change
to the last pixel: what is drawn is decided, and painted into a picture as large as the view.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .common import Result, child, percentile

BATCHES = 5_000_000
STEPS = 2_500  # an epoch
FRAMES = 90


def measure(batches: int = BATCHES, frames: int = FRAMES) -> Result:
    """figure: the worst 95th percentile of a frame over growing, zooming and moving, in milliseconds of the window's
    thread."""
    details = child("benchmarks.curves", str(batches), str(frames))
    return Result("curves", max(v for k, v in details.items() if k.endswith("p95_ms")), "ms a frame, p95", details)


def history_of(batches: int, steps: int, seed: int) -> Any:
    """A run that learns: loss and accuracy of every batch, with noise and a few spikes, and of every epoch."""
    from workbench.core.history import Columns, History

    rng = np.random.default_rng(seed)
    done = np.arange(batches, dtype=np.float32) / batches
    loss = (0.1 + 2.0 * np.exp(-6 * done)) * np.exp(0.25 * rng.standard_normal(batches, np.float32))
    loss[rng.integers(0, batches, 20)] *= 20
    epochs = batches // steps
    rough = loss[: epochs * steps].reshape(epochs, steps).mean(axis=1)
    made = History()
    made.batches = Columns.from_arrays({"loss": loss, "accuracy": (1 - 0.4 * loss).clip(0, 1)})
    validation = rough + 0.05 + 0.3 * (np.arange(epochs) / epochs) ** 2
    logs = {"loss": rough, "val_loss": validation, "accuracy": 1 - 0.4 * rough, "val_accuracy": 1 - 0.4 * validation}
    made.epochs = Columns.from_arrays({k: v.clip(0, None).astype(np.float32) for k, v in logs.items()})
    return made


def main(batches: int, frames: int) -> dict[str, Any]:
    """All of it, in this process."""
    from PySide6.QtCore import QPointF

    from workbench.core.history import History
    from workbench.ui.app import make_application
    from workbench.ui.train.curves import RunCurves
    from workbench.ui.train.curves_view import CurvesView

    app = make_application([])
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "history.npz"
        history_of(batches, STEPS, 0).save(path)
        begin = time.perf_counter()
        history = History.load(path)
        history.batches.make_pyramids()
        history.epochs.make_pyramids()
        read = time.perf_counter() - begin
    view = CurvesView()
    view.resize(1280, 720)
    view.show()
    ghosts = [history_of(batches // 50, STEPS // 50, seed) for seed in (1, 2, 3, 4)]
    view.set_ghosts([RunCurves(f"run {i}", epochs=g.epochs) for i, g in enumerate(ghosts)])
    total = float(batches // STEPS)

    def frame(change: Callable[[], object]) -> float:
        """Milliseconds of this thread: what else the machine does is none of the picture's."""
        begin = time.thread_time()
        change()
        view.redraw()
        view.grab()
        spent = 1000 * (time.thread_time() - begin)
        app.processEvents()
        return spent

    def grow() -> None:
        history.batches.append({"loss": np.full(900, 0.12, np.float32), "accuracy": np.full(900, 0.9, np.float32)})
        view.set_run(RunCurves("run 5", STEPS, history.batches, history.epochs), total * 1.5)

    def zoom(share: float) -> None:
        view.upper.box.scaleBy(x=share, center=QPointF(total * 0.4, 0))
        view._moved_by_hand()

    def move(by: float) -> None:
        (low, high), _ = view.upper.box.viewRange()
        view.upper.box.setXRange(low + by * (high - low), high + by * (high - low), padding=0)

    first = frame(grow)
    growing = [frame(grow) for _ in range(frames)]
    zooming = [frame(lambda: zoom(0.85)) for _ in range(frames // 2)]
    moving = [frame(lambda: move(0.02)) for _ in range(frames)]
    zooming += [frame(lambda: zoom(1 / 0.85)) for _ in range(frames // 2)]
    view.set_log(True)
    logarithmic = [frame(lambda: move(0.01)) for _ in range(frames)]
    view.set_smoothing(0.97)
    smoothing = [frame(lambda w=w: view.set_smoothing(w)) for w in np.linspace(0, 0.99, frames)]
    view.close()
    found: dict[str, Any] = {"read_ms": round(1000 * read), "first_frame_ms": round(first, 1)}
    for name, taken in (
        ("grow", growing),
        ("zoom", zooming),
        ("pan", moving),
        ("pan_log", logarithmic),
        ("smooth", smoothing),
    ):
        found[f"{name}_p95_ms"] = round(percentile(taken, 95), 1)
        found[f"{name}_p50_ms"] = round(percentile(taken, 50), 1)
    return found


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:3]))))
