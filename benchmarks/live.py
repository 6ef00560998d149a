"""Throughput of training with the window's Train page open, against the same run while the window sleeps.

The real window (off-screen) on its Train page, its curves drawn, and one engine in its own process. In turn, for a
moment each: the window at work, and the same window with its thread asleep, while the same run trains on and what it
says is only counted, as without a window. What it said meanwhile the window takes in afterwards, outside the figures.
One engine, as two may differ by themselves; many short slices in pairs, as the speed of a machine that is shared
strays by a tenth within a second: of two engines and eight slices of three seconds the median said 91 and 99 % of the
same program. `share` is the mean of the pairs without the fifth at either end (an epoch ends in one slice of a pair
and not in the other), `error` its standard error: of one series of 150 s with the window asleep, cut in all these
ways, slices of 1 to 3 s gave the least, 1 % of five minutes; shorter ones hold too few messages, the median of pairs
strays by half as much again, each slice against both its neighbours gains nothing, and no processor time had been
stolen. Looks inside the model are off.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .common import Result, child

ROUNDS = 96
SECONDS = 1.5
SETTLE = 0.1  # seconds after each change that are left out
TRIMMED = 0.2  # of the pairs, at either end
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
        """While `wait(seconds)` goes by; it is waited longer where too little was heard."""
        wait(SETTLE)
        self.told.clear()
        wait(seconds)
        while len(self.told) < 3:
            wait(seconds)
        (began, first), *_, (ended, last) = self.told
        return (last - first) / (ended - began)


def trimmed(values: Sequence[float], part: float = TRIMMED) -> tuple[float, float]:
    """The mean without so large a part at either end, and its standard error (Tukey and McLaughlin 1963: by the
    deviation with those at the ends moved to the last ones kept)."""
    ordered = np.sort(np.asarray(values, float))
    count = len(ordered)
    cut = int(part * count)
    kept = ordered[cut : count - cut]
    if count < 2:
        return float(kept.mean()), 0.0
    moved = np.clip(ordered, kept[0], kept[-1])
    return float(kept.mean()), float(moved.std(ddof=1) / ((1 - 2 * part) * count**0.5))


def main(net: str, rounds: int, seconds: float, rows: int = 0) -> dict[str, Any]:
    """One case, in this process. rows: of its data; 0 for the size that is measured."""
    from workbench.core import edits
    from workbench.core.project import EarlyStopping
    from workbench.core.proposal import start_from
    from workbench.core.templates import template
    from workbench.ui.train.page import TrainPage

    from .window import Stage, spin

    size, compiler = CASES[net]
    rng = np.random.default_rng(0)
    rows = rows or size
    y = rng.integers(0, 10, rows).astype(np.uint8)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        np.savez(home / "pictures.npz", x=rng.integers(0, 256, (rows, 28, 28), np.uint8), y=y)
        with Stage(home / "home") as stage:
            session = stage.session
            stage.open("npz", home / "pictures.npz")
            facts = session.facts
            assert facts is not None
            session.apply(start_from(net, template(net, facts), facts), "Start")
            endless = {"epochs": 100_000, "early_stopping": EarlyStopping(), "probes": "off", "compiler": compiler}
            session.apply(edits.set_train(batch_size=32, **endless), "Train long")
            stage.until("the engine", lambda: session.resolved.can_train)
            stage.window.show_page("train")
            page = stage.window.page("train")
            assert isinstance(page, TrainPage)
            pace = Pace()
            forget = session.client._client.listen(pace.heard)  # as it comes, before the window has a look at it
            stage.window.train()
            stage.until("the first batches", lambda: session.run is not None and session.run.step > 0)
            assert session.run is not None
            spin(2 * seconds)
            if not page.middle.curves.plots.isVisible():
                raise RuntimeError("the curves are not seen")
            with_window, without = [], []
            spent = pictures = 0.0
            for turn in range(rounds):
                for awake in (True, False) if turn % 2 else (False, True):
                    if not awake:
                        without.append(pace.during(time.sleep, seconds))
                        continue
                    cpu, drawn, began = time.thread_time(), page.middle.curves.plots.drawn, time.perf_counter()
                    with_window.append(pace.during(spin, seconds))
                    took = time.perf_counter() - began
                    spent += (time.thread_time() - cpu) / took / rounds
                    pictures += (page.middle.curves.plots.drawn - drawn) / took / rounds
            if session.run is None or session.run.state != "running":
                raise RuntimeError("the run has ended")
            forget()
            shares = [100 * on / off for on, off in zip(with_window, without, strict=True)]
            share, error = trimmed(shares)
            return {
                "share": round(share, 1),
                "error": round(error, 1),
                "median": round(statistics.median(shares), 1),
                "of_means": round(100 * sum(with_window) / sum(without), 1),
                "steps_s": round(statistics.median(with_window)),
                "headless_steps_s": round(statistics.median(without)),
                "window_cpu_percent": round(100 * spent, 1),
                "pictures_s": round(pictures, 1),
            }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))))
