"""A drawn digit from the question to the answer, through the engine's own process: idle, and while a net trains.

Beside it: `model.predict` of Keras on one picture in a plain script.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from workbench.link import messages as m
from workbench.link.spawn import ChildProcess

from .cases import CNN, DENSE, Case, make_run
from .common import Result, percentile
from .engine import Engine
from .rival import Rival

ROUNDS = 200
PAUSE = 0.02  # between two questions, as while drawing
FRAME_MS = 16.0
NETS = {"dense": DENSE, "small CNN": CNN}


def measure(rounds: int = ROUNDS) -> Result:
    """figure: the worst median of a round trip, milliseconds; within a frame is 16."""
    details: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home, Engine(ChildProcess) as engine:
        for name, layers in NETS.items():
            case = Case(name, (28, 28, 1), 12_000, 10, layers, 32, 1)
            place = Path(home) / name
            done = make_run(place, case)
            engine.train(done)
            training = make_run(place, case, epochs=100_000)
            details[f"{name}, idle"] = figures(engine, done, rounds)
            engine.begin(training)
            engine.until(lambda e: isinstance(e, m.Batches))
            details[f"{name}, another trains"] = figures(engine, done, rounds)
            details[f"{name}, itself training"] = figures(engine, training, rounds)
            engine.client.call(m.Control(training.name, "abort"))
            engine.until(lambda e: isinstance(e, m.RunEnded))
        with Rival() as rival:
            details["plain model.predict, idle"] = {"p50_ms": round(1000 * rival.predict(), 1)}
    worst = max(d["p50_ms"] for name, d in details.items() if "plain" not in name)
    return Result("predict", worst, "ms, median", details)


def figures(engine: Engine, folder: Path, rounds: int) -> dict[str, float]:
    """Milliseconds from asking to the answer at hand; the first questions, which compile, are not counted."""
    rng = np.random.default_rng(0)
    taken = []
    for number in range(rounds + 5):
        x = {"x": rng.integers(0, 256, (1, 28, 28, 1), np.uint8)}
        begin = time.perf_counter()
        ask(engine, folder, x)
        if number >= 5:
            taken.append(1000 * (time.perf_counter() - begin))
        time.sleep(PAUSE)
    return {"p50_ms": round(statistics.median(taken), 2), "p95_ms": round(percentile(taken, 95), 2)}


def ask(engine: Engine, folder: Path, x: dict[str, np.ndarray]) -> np.ndarray:
    """The model's answer. Raises RuntimeError with what the engine says when there is none."""
    came = threading.Event()
    answers: list[m.Message] = []

    def heard(answer: m.Message) -> None:
        answers.append(answer)
        came.set()

    engine.client.ask(m.Predict(str(folder), x), heard)
    if not came.wait(60) or not isinstance(answers[0], m.Predicted):
        raise RuntimeError(f"no answer: {answers}")
    return answers[0].y
