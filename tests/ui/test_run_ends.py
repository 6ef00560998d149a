"""How the end of a run is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.runs import RunRecord
from workbench.ui.live_run import LiveRun
from workbench.ui.run_ends import what_was_lost


@pytest.mark.parametrize(
    ("done", "kept", "said"),
    [
        (0, -1, "No checkpoint of it was written yet: train it again."),
        (0, 0, "Its checkpoint is in epoch 1; only the steps since are lost."),
        (3, 3, "Its checkpoint is of epoch 3; only the steps since are lost."),
        (4, 3, "Its checkpoint is of epoch 3; the epoch since then is lost."),
        (2, 0, "Its checkpoint is in epoch 1; the 2 epochs since then are lost."),
    ],
)
def test_what_the_end_of_the_engine_cost_is_told(done: int, kept: int, said: str) -> None:
    run = LiveRun(Path("run"), RunRecord("run", "run 1"))
    for _ in range(done):
        run.history.epochs.append({"loss": 1.0})
    assert what_was_lost(run, kept) == said
