"""The doctor sees a schedule that has ended, and leaves one in peace that fits its run."""

from __future__ import annotations

import numpy as np

from workbench.core.catalog import load_catalog
from workbench.core.project import Project, TrainSpec
from workbench.core.schedules import rates
from workbench.ui.train.doctor import examine
from workbench.ui.train.findings import Watched

STEPS = 1875


def watched(params: dict[str, object], done: int, epochs: int = 10) -> Watched:
    value = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.01, **params}}
    train = TrainSpec(epochs=epochs, optimizer_params={"learning_rate": value})
    at = rates(value, STEPS * np.arange(1.0, done + 1), load_catalog(), STEPS * epochs)
    assert at is not None
    columns = {"loss": np.geomspace(1.0, 0.3, done), "learning_rate": at}
    return Watched("running", train, columns, steps_per_epoch=STEPS)


def test_a_schedule_that_has_ended_is_told_with_one_that_fits() -> None:
    run = watched({"decay_steps": 1000, "alpha": 0.0}, 3)
    told = examine(run)[0]
    assert told.key == "ended"
    assert told.title == "The learning rate has been next to nothing since epoch 1."
    (remedy,) = told.remedies
    assert remedy.edit is not None
    mended = remedy.edit(Project("p", train=run.train)).train.optimizer_params["learning_rate"]
    assert mended == {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.01, "alpha": 0.0}}


def test_a_schedule_as_long_as_the_run_is_left_in_peace() -> None:
    for done in range(1, 11):
        assert "ended" not in [f.key for f in examine(watched({}, done))]
    assert "ended" not in [f.key for f in examine(watched({"decay_steps": 10 * STEPS}, 10))]
