"""What a forecast has built and compiled serves the run after it, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import EarlyStopping, TrainSpec
from workbench.engine import built, devices, forecast
from workbench.engine.built import Shelf
from workbench.engine.checkpoints import load_checkpoint

from .little_runs import blobs, chain, make_run, train_run

NET = chain(
    ("Dense", {"units": 8, "activation": "relu"}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
STEADY = {"enabled": True, "patience": 5, "min_delta": 0.5}


@pytest.mark.parametrize("compiler", ["off", "on"])
def test_the_run_after_a_forecast_builds_nothing_and_ends_with_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str
) -> None:
    devices.setup()
    monkeypatch.setattr(forecast, "SECONDS", 0.001)
    monkeypatch.setattr("workbench.engine.sweep.suits", lambda *_: False)
    train = TrainSpec(epochs=2, seed=3, compiler=compiler, early_stopping=EarlyStopping(**STEADY))
    parts = {"train": blobs(70), "validation": blobs(37, 1)}
    folders = [make_run(tmp_path / name, NET, train, parts, classes=("a", "b", "c")) for name in "ab"]
    train_run(folders[0], lambda message: None, shelf=None)
    shelf, project = Shelf(), runs.read_project(folders[1])
    forecast.forecast(project.graph, runs.read_facts(folders[1]), project.train, streamed=False, shelf=shelf)
    monkeypatch.setattr(built.Plan, "build", None)
    train_run(folders[1], lambda message: None, shelf=shelf)
    saved = [load_checkpoint(folder) for folder in folders]
    values = [[*s.variables, *s.optimizer, *s.metrics, *s.best] for s in saved]
    assert len(values[0]) > 10
    assert all(np.array_equal(a, b) for a, b in zip(*values, strict=True))


def test_what_the_last_run_left_stays_where_it_serves_as_well() -> None:
    class Left:
        may_be_kept = True
        release = read_by = lambda *_: None

    shelf, of_run, of_forecast = Shelf(), Left(), Left()
    shelf.put("a", of_run)  # type: ignore[arg-type]
    shelf.offer("a", of_forecast)  # type: ignore[arg-type]
    assert shelf.take("a") is of_run
    shelf.put("a", of_run)  # type: ignore[arg-type]
    shelf.offer("b", of_forecast)  # type: ignore[arg-type]
    assert shelf.take("b") is of_forecast
