"""A model with an operation that cannot give the same sum each time is trained all the same, and the run says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from workbench.core import runs
from workbench.core.project import TrainSpec
from workbench.engine import determinism, devices, sweep
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.loop import Loops
from workbench.engine.range_test import try_rates
from workbench.link.messages import Batches, EpochEnded, RunStarted, TryRates

from .little_runs import blobs, chain, make_run
from .test_trainer import Told, run

pytestmark = pytest.mark.usefixtures("kept_built")
GRAPH = chain(("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
PARTS = {"train": blobs(96), "validation": blobs(60, 1)}


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What refused so far; small epochs are taken one by one."""
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    return []


def refuses(monkeypatch: pytest.MonkeyPatch, name: str, refusals: list[str], calls: int = 0) -> None:
    """Let the loop refuse after so many calls while operations are to give the same each time."""
    plain, done = getattr(Loops, name), 0

    def steps(self: Loops, block: Any, start: int, count: int) -> Any:
        nonlocal done
        done += count > 0
        if count and done > calls and config.is_op_determinism_enabled():
            refusals.append(name)
            raise tf.errors.UnimplementedError(None, None, "Determinism is not yet supported in this form of X")
        return plain(self, block, start, count)

    monkeypatch.setattr(Loops, name, steps)


def made(folder: Path, **settings: Any) -> Path:
    spec = TrainSpec(epochs=3, seed=3, compiler="off", **settings)
    return make_run(folder, GRAPH, spec, PARTS, classes=("a", "b", "c"))


def test_a_run_whose_operations_refuse_says_so_and_is_left_and_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: list[str]
) -> None:
    whole, left = made(tmp_path), made(tmp_path, keep_every=1)
    run(whole)
    refuses(monkeypatch, "test_steps", refusals, calls=3)  # in the second epoch: two before the first are timed
    control = RunControl()
    told = Told(lambda m: control.end("shutdown") if isinstance(m, EpochEnded) and m.epoch == 1 else None)
    ended, _ = run(left, control=control, told=told)
    assert (ended.reason, refusals) == ("stopped", ["test_steps"])
    record = runs.read_run(left)
    assert (record.state, record.ordered) == ("paused", False)
    assert determinism.UNLIKE in record.remarks
    assert [m.first_epoch for m in told.of(RunStarted)] == [0, 1]  # it went on from its checkpoint
    assert config.is_op_determinism_enabled()  # the next run is asked again
    ended, told = run(left, resume=True)
    assert (ended.reason, refusals) == ("finished", ["test_steps"])
    assert told.of(Batches)
    assert determinism.UNLIKE in runs.read_run(left).remarks
    for mine, other in zip(load_weights(left, "last"), load_weights(whole, "last"), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
    assert len(runs.read_history(left).epochs) == 3


def test_what_is_only_tried_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: list[str]
) -> None:
    folder = made(tmp_path)
    asked = TryRates(GRAPH, runs.read_facts(folder), TrainSpec(), runs.read_run(folder).prepared)
    refuses(monkeypatch, "train_steps", refusals)
    found = determinism.tried(lambda: try_rates(asked, RunControl()))
    assert len(found.losses)
    assert refusals == ["train_steps"]
    assert config.is_op_determinism_enabled()

    def fails() -> None:
        raise tf.errors.UnimplementedError(None, None, "something else")

    with pytest.raises(tf.errors.UnimplementedError):
        determinism.tried(fails)
