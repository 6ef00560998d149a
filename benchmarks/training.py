"""Whole trainings against plain `model.fit` on arrays in memory: each in a warm process of its own, in turn.

Ours counts everything from asking the engine to the last file written: opening the arrays, building, choosing the way
of computing, tracing, reporting every batch, keeping the best weights, saving. The plain script counts building,
compiling and fitting.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from .cases import TRAININGS, make_run
from .common import Result
from .engine import Engine
from .rival import Rival

ROUNDS = 3


def measure(rounds: int = ROUNDS) -> Result:
    """figure: the least ratio of whole trainings, plain seconds to ours: above 1 ours is faster."""
    details: dict[str, Any] = {}
    worst = float("inf")
    with tempfile.TemporaryDirectory() as home, Engine() as engine, Rival() as rival:
        for index, case in enumerate(TRAININGS):
            place = Path(home) / str(index)
            ours, plain = [], []
            for _ in range(rounds):
                ours.append(engine.train(make_run(place, case)))
                plain.append(rival.fit(index))
            mine = statistics.median(t.seconds for t in ours)
            theirs = statistics.median(p["seconds"] for p in plain)
            ratio = theirs / mine
            worst = min(worst, ratio)
            details[case.name] = {
                "times_faster": round(ratio, 2),
                "ours_s": round(mine, 2),
                "plain_s": round(theirs, 2),
                "ours_steps_s": round(statistics.median(t.steady for t in ours)),
                "plain_steps_s": round(statistics.median(p["steady"] for p in plain)),
                "modes": sorted({t.mode for t in ours}),
            }
    return Result("training", worst, "times plain model.fit", details)
