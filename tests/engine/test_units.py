"""What a run says of errors is in the units of the person, wherever it is read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.metrics import regression_errors
from workbench.core.project import EarlyStopping, TrainSpec
from workbench.core.units import Units, units_of
from workbench.engine import devices
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.keeper import rule
from workbench.link.messages import Batches, EpochEnded

from .little_runs import chain, make_run
from .test_trainer import run

SCALE, OFFSET = 250.0, 1000.0


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def _prices(folder: Path, own_units: bool = True) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 3)).astype(np.float32)
    y = (x @ np.array([[1.0], [-0.5], [0.2]]) + 0.1 * rng.normal(size=(150, 1))).astype(np.float32)
    parts = {"train": (x[:100], y[:100]), "validation": (x[100:], y[100:]), "test": (x[100:], y[100:])}
    names = ("mean_absolute_error", "root_mean_squared_error", "mean_squared_error")
    made = make_run(folder, chain(("Dense", {"units": 1})), TrainSpec(epochs=3, metrics=names, tensorboard=True), parts)
    facts = runs.read_facts(made)
    assert facts.target is not None
    scaled = replace(facts, target=replace(facts.target, name="price", scale=SCALE, offset=OFFSET))
    (made / "facts.json").write_text(json.dumps(encode(scaled)))
    runs.update_run(made, own_units=own_units)
    return made


def test_history_events_record_and_scores_agree_with_the_answers(tmp_path: Path) -> None:
    folder = _prices(tmp_path)
    ended, told = run(folder)
    history, record = runs.read_history(folder), runs.read_run(folder)
    found = evaluate(folder, "validation", "", RunControl())
    truth = np.load(tmp_path / "prepared" / "validation.y.npy")
    errors = regression_errors(truth * SCALE + OFFSET, found.y * SCALE + OFFSET)
    best = ended.best_epoch
    own = {
        "mean_absolute_error": errors.mae,
        "root_mean_squared_error": errors.rmse,
        "mean_squared_error": errors.rmse**2,
    }
    for name, value in own.items():
        assert float(history.epochs[f"val_{name}"][best]) == pytest.approx(value, rel=1e-4)
        assert told.of(EpochEnded)[best].logs[f"val_{name}"] == pytest.approx(value, rel=1e-4)
        assert record.scores[f"val_{name}"] == pytest.approx(value, rel=1e-4)
        assert record.scores[f"test.{name}"] == pytest.approx(value, rel=1e-4)
        assert found.metrics[name] == pytest.approx(value, rel=1e-4)
    last = float(history.batches["mean_absolute_error"][-1])  # the running mean at the end of the last epoch
    assert last == pytest.approx(float(history.epochs["mean_absolute_error"][-1]), rel=1e-4)
    assert float(told.of(Batches)[-1].values["mean_absolute_error"][-1]) == last
    assert float(history.epochs["val_loss"][best]) == pytest.approx(errors.rmse**2 / SCALE**2, rel=1e-3)  # as trained


def test_a_run_of_before_keeps_its_units_throughout(tmp_path: Path) -> None:
    folder = _prices(tmp_path, own_units=False)
    run(folder)
    history = runs.read_history(folder)
    rms = float(history.epochs["val_root_mean_squared_error"][-1])
    assert rms**2 == pytest.approx(float(history.epochs["val_loss"][-1]), rel=1e-3)
    units = units_of(runs.read_run(folder), runs.read_facts(folder))
    assert units.word("val_mean_absolute_error") == "scaled"


def test_the_least_change_that_counts_is_the_persons(tmp_path: Path) -> None:
    units = Units("price", SCALE)
    names = ("loss", "mean_absolute_error")
    assert rule(EarlyStopping(True, "val_mean_absolute_error", 3, 5.0), names, True, units)[0].min_delta == 5 / SCALE
    assert rule(EarlyStopping(True, "val_loss", 3, 5.0), names, True, units)[0].min_delta == 5


def test_units_in_words() -> None:
    units = Units("price", SCALE)
    assert [units.word(n) for n in ("val_mae", "mean_squared_error", "r2_score", "loss")] == ["price", "price²", "", ""]
    assert Units().word("mae") == ""
    assert units.of({"loss": 1.0, "val_mse": 2.0}) == {"loss": 1.0, "val_mse": 2 * SCALE**2}
