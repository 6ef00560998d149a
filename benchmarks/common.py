"""What benchmarks share: interleaved rounds, medians, and the shape of a result."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Result:
    """figure: the worst ratio or value of what was asked for, in `unit`. details: what it was made of."""

    name: str
    figure: float
    unit: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "figure": self.figure, "unit": self.unit, "details": dict(self.details)}


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def interleaved(rounds: int, *works: Callable[[], float]) -> list[float]:
    """Each work returns its own seconds; all are run in turn, `rounds` times. Medians in the order given."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for one, work in zip(taken, works, strict=True):
            one.append(work())
    return [statistics.median(one) for one in taken]


def percentile(values: Sequence[float] | np.ndarray, share: float) -> float:
    """The value below which `share` percent of them are."""
    return float(np.percentile(np.asarray(values, np.float64), share))


def child(module: str, *arguments: str) -> Any:
    """What `python -m module arguments` prints as JSON on its last line; off-screen, so without anything of ours in it.

    Raises:
        RuntimeError: it failed; with what it said.
    """
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)}:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])
