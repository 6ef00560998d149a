"""A range test finds rates that train, changes nothing on disk, and can be given up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.errors import Cancelled, TrainError
from workbench.core.project import TrainSpec
from workbench.core.rate_range import read
from workbench.engine import devices
from workbench.engine.control import RunControl
from workbench.engine.loop import Loops
from workbench.engine.range_test import STEPS, try_rates
from workbench.link.messages import TryRates

from .little_runs import blobs, chain, make_run
from .test_trainer import run

PLAIN = chain(("Dense", {"units": 16, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def test_a_rate_that_trains_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path, PLAIN, TrainSpec(), {"train": blobs(400)}, classes=("a", "b", "c"))
    prepared = Path(runs.read_run(folder).prepared)
    facts = runs.read_facts(folder)
    found = try_rates(TryRates(PLAIN, facts, TrainSpec(), str(prepared)), RunControl())
    assert len(found.rates) == len(found.losses) <= STEPS
    assert (np.diff(found.rates) > 0).all()
    assert 1e-3 <= read(found.rates, found.losses).suggested <= 0.3  # Adam on little clouds
    over, files, steps = RunControl(), sorted(tmp_path.rglob("*")), Loops.train_steps
    taken: list[int] = []

    def fifth(self: Loops, block: Any, start: int, count: int) -> np.ndarray:
        taken.append(count)
        if len(taken) == 5:
            over.end("abort")
        return steps(self, block, start, count)

    with monkeypatch.context() as patch:  # closed in the middle
        patch.setattr(Loops, "train_steps", fifth)
        with pytest.raises(Cancelled):
            try_rates(TryRates(PLAIN, facts, TrainSpec(), str(prepared)), over)
    assert len(taken) == 5
    assert sorted(tmp_path.rglob("*")) == files
    falling = {"learning_rate": {"kind": "ExponentialDecay", "params": {"decay_steps": 10, "decay_rate": 0.9}}}
    with pytest.raises(TrainError, match="schedule"):
        try_rates(TryRates(PLAIN, facts, TrainSpec(optimizer_params=falling), str(prepared)), RunControl())


def test_it_begins_with_the_weights_of_the_run_that_is_to_come(tmp_path: Path) -> None:
    settings = TrainSpec(epochs=60, optimizer_params={"learning_rate": 0.01})
    folder = make_run(tmp_path, PLAIN, settings, {"train": blobs(400)}, classes=("a", "b", "c"))
    run(folder)
    prepared, facts = runs.read_run(folder).prepared, runs.read_facts(folder)
    fresh = try_rates(TryRates(PLAIN, facts, settings, prepared), RunControl())
    begun = try_rates(TryRates(PLAIN, facts, settings, prepared, begins=str(folder), which="last"), RunControl())
    assert begun.losses[0] < 0.7 * fresh.losses[0]
