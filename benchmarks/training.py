"""Whole trainings against plain `model.fit` on arrays in memory: each in a warm process of its own, in turn.

Ours counts everything from asking the engine to the last file written: opening the arrays, building, choosing the way
of computing, tracing, reporting every batch, keeping the best weights, saving. The plain script counts building,
compiling and fitting. The first of our trainings of a case measures ways of computing and compiles; those after it use
what it left, as for a person who trains again; so does one that follows its forecast, as the first does in the window.
All are shown.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

from workbench.core.runs import read_facts, read_project
from workbench.link import messages as m

from .cases import TRAININGS, make_run
from .common import Result
from .engine import Engine
from .rival import Rival

ROUNDS = 3


def measure(rounds: int = ROUNDS) -> Result:
    """figure: the least of (plain seconds to ours) / (the ratio wanted): above 1 every case is as fast as it should be.

    first_s, first_times_faster: the engine's first training of a case; ours_s: the median of all; window_times_faster:
    the first after its forecast.
    """
    details: dict[str, Any] = {}
    worst = float("inf")
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, WORKBENCH_HOME=str(Path(home) / "own")),  # what was measured before counts for nothing
        Engine() as engine,
        Rival() as rival,
    ):
        for index, case in enumerate(TRAININGS):
            place = Path(home) / str(index)
            ours, plain = [], []
            for _ in range(rounds):
                ours.append(engine.train(make_run(place, case)))
                plain.append(rival.fit(index))
            told = make_run(place, case, seed=1)  # another seed is built anew
            plan = read_project(told)
            engine.client.call(m.Forecast(plan.graph, read_facts(told), plan.train), timeout=120)
            window = engine.train(told)
            mine = statistics.median(t.seconds for t in ours)
            theirs = statistics.median(p["seconds"] for p in plain)
            steady = statistics.median(t.steady for t in ours), statistics.median(p["steady"] for p in plain)
            worst = min(worst, theirs / mine / case.wanted)
            details[case.name] = {
                "times_faster": round(theirs / mine, 2),
                "wanted": case.wanted,
                "steady_times_faster": round(steady[0] / steady[1], 2),
                "ours_s": round(mine, 2),
                "first_times_faster": round(theirs / ours[0].seconds, 2),
                "window_times_faster": round(theirs / window.seconds, 2),
                "first_s": round(ours[0].seconds, 2),
                "plain_s": round(theirs, 2),
                "ours_steps_s": round(steady[0]),
                "plain_steps_s": round(steady[1]),
                "modes": sorted({t.mode for t in ours}),
            }
    return Result("training", worst, "of the speed wanted", details)
