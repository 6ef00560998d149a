"""From asking for a stop or a pause to the training thread letting go, through the engine's own process.

Asked for right after the start, in the middle of training and in validation. There is no rival: `model.fit` cannot be
paused, and stops by a callback after a batch.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

from workbench.link import messages as m

from .cases import CNN, DENSE, SLOW, TABLE, Case, make_run
from .common import Result, percentile
from .engine import Engine

ROUNDS = 6
MANY = 100_000  # epochs: they never come to their end

# Each with the parts of its data: where the training part is small, nearly all the time goes into validation.
CASES = (
    (Case("dense, batch 32", (28, 28, 1), 20_000, 10, DENSE, 32, MANY), {}),
    (Case("tiny table, many epochs a call", (30,), 200, 3, TABLE, 32, MANY), {}),
    (Case("small CNN, batch 32", (28, 28, 1), 4_000, 10, CNN, 32, MANY), {}),
    (Case("slow CNN, batch 32", (48, 48, 3), 2_000, 10, SLOW, 32, MANY), {}),
    (Case("slow CNN in validation", (48, 48, 3), 2_000, 10, SLOW, 32, MANY), {"train": 32, "validation": 2_000}),
)


def measure(rounds: int = ROUNDS) -> Result:
    """figure: the worst 95th percentile, milliseconds."""
    details: dict[str, Any] = {}
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as home, Engine() as engine:
        for number, (case, parts) in enumerate(CASES):
            taken: dict[str, list[float]] = {"stop": [], "pause": [], "stop at start": [], "all saved": []}
            for _ in range(rounds):
                one_round(engine, Path(home) / str(number), case, parts, chance, taken)
            details[case.name] = {name: round(1000 * percentile(values, 95), 1) for name, values in taken.items()}
    worst = max(values[name] for values in details.values() for name in ("stop", "pause", "stop at start"))
    return Result("stop", worst, "ms, p95", details)


def one_round(
    engine: Engine,
    home: Path,
    case: Case,
    parts: dict[str, int],
    chance: random.Random,
    taken: dict[str, list[float]],
) -> None:
    """A run that is stopped right after its start, and one that is paused, resumed and stopped. Adds seconds."""
    folder = make_run(home, case, parts)
    engine.begin(folder)
    engine.until(lambda e: isinstance(e, m.RunStarted))
    taken["stop at start"].append(_ask(engine, folder, "stop"))
    engine.until(lambda e: isinstance(e, m.RunEnded))
    folder = make_run(home, case, parts)
    engine.begin(folder)
    engine.until(lambda e: isinstance(e, m.Batches))
    time.sleep(chance.uniform(0.2, 1.2))
    taken["pause"].append(_ask(engine, folder, "pause"))
    engine.client.call(m.Control(folder.name, "resume"))
    time.sleep(chance.uniform(0.2, 1.2))
    began = time.perf_counter()
    taken["stop"].append(_ask(engine, folder, "stop"))
    when, _ = engine.until(lambda e: isinstance(e, m.RunEnded))
    taken["all saved"].append(when - began)


def _ask(engine: Engine, folder: Path, action: str) -> float:
    """Seconds until the training thread itself says that it has let go (the host's own answer comes at once)."""
    wanted = ("paused", "Paused.") if action == "pause" else ("stopping", "Stopped. Saving.")
    began = time.perf_counter()
    engine.client.ask(m.Control(folder.name, action), lambda _: None)
    when, _ = engine.until(lambda e: isinstance(e, m.RunStateChanged) and (e.state, e.text) == wanted)
    return when - began
