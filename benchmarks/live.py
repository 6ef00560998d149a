"""Throughput of training with the window's Train page open, against the same run without a window.

The real window (off-screen) on its Train page with one engine, and a second engine that trains a copy of the same run
and is only listened to, as without a window. They train in turn for a few seconds each, the other one paused, so that
whatever else the machine does meets both. Looks inside the model are off.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .common import Result, child

ROUNDS = 8
SECONDS = 3.0
CASES = {"dense": (54_000, "on"), "cnn": (12_000, "off")}


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Result:
    """figure: the worst share of the throughput without a window that is left with it, in per cent."""
    details = {case: child("benchmarks.live", case, str(rounds), str(seconds)) for case in CASES}
    return Result("live", min(d["share"] for d in details.values()), "% of headless", details)


class Pace:
    """Steps a second of what an engine says of its run."""

    def __init__(self) -> None:
        self.told: list[tuple[float, int]] = []

    def heard(self, event: Any) -> None:
        from workbench.link.messages import Batches

        if isinstance(event, Batches):
            count = max((len(np.atleast_1d(v)) for v in event.values.values()), default=0)
            self.told.append((time.perf_counter(), event.step + count))

    def during(self, wait: Callable[[float], None], seconds: float) -> float:
        """While `wait(seconds)` goes by. The first tenth is left out: caches are filled again after a pause."""
        wait(seconds * 0.1)
        self.told.clear()
        wait(seconds * 0.9)
        (began, first), (ended, last) = self.told[0], self.told[-1]
        return (last - first) / (ended - began)


def main(net: str, rounds: int, seconds: float, rows: int = 0) -> dict[str, Any]:
    """One case, in this process. rows: of its data; 0 for the size that is measured."""
    from workbench.__main__ import transport
    from workbench.core import edits
    from workbench.core.project import EarlyStopping
    from workbench.core.proposal import start_from
    from workbench.core.runs import create_run, read_facts, read_preprocessor, read_project, read_run
    from workbench.core.templates import template
    from workbench.link.messages import Batches, Control

    from .engine import Engine
    from .window import Stage, spin

    size, compiler = CASES[net]
    rng = np.random.default_rng(0)
    rows = rows or size
    y = rng.integers(0, 10, rows).astype(np.uint8)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        np.savez(home / "pictures.npz", x=rng.integers(0, 256, (rows, 28, 28), np.uint8), y=y)
        with Stage(home / "home") as stage, Engine(transport()) as engine:
            session = stage.session
            stage.open("npz", home / "pictures.npz")
            facts = session.facts
            assert facts is not None
            session.apply(start_from(net, template(net, facts), facts), "Start")
            endless = {"epochs": 100_000, "early_stopping": EarlyStopping(), "probes": "off", "compiler": compiler}
            session.apply(edits.set_train(batch_size=32, **endless), "Train long")
            stage.until("the engine", lambda: session.resolved.can_train)
            stage.window.show_page("train")
            seen, unseen = Pace(), Pace()
            forget = session.client._client.listen(seen.heard)  # as it comes, before the window has a look at it
            engine.client.listen(unseen.heard)
            stage.window.train()
            stage.until("the first batches", lambda: session.run is not None and session.run.step > 0)
            run = session.run
            assert run is not None
            session.pause()
            stage.until("pausing", lambda: run.state == "paused")
            folder, old = run.folder, read_run(run.folder)
            twin = create_run(
                home / "runs", read_project(folder), read_facts(folder), read_preprocessor(folder), Path(old.prepared)
            )
            engine.begin(twin)
            engine.until(lambda e: isinstance(e, Batches))
            engine.client.call(Control(twin.name, "pause"))
            shares, with_window, without = [], [], []
            for _ in range(rounds):
                session.resume()
                with_window.append(seen.during(spin, seconds))
                session.pause()
                stage.until("pausing", lambda: run.state == "paused")
                engine.client.call(Control(twin.name, "resume"))
                without.append(unseen.during(spin, seconds))
                engine.client.call(Control(twin.name, "pause"))
                shares.append(100 * with_window[-1] / without[-1])
            engine.client.call(Control(twin.name, "abort"))
            forget()
            return {
                "share": round(statistics.median(shares), 1),
                "shares": [round(s, 1) for s in sorted(shares)],
                "steps_s": round(statistics.median(with_window)),
                "headless_steps_s": round(statistics.median(without)),
            }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))))
