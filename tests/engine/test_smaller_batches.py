"""A run that was short of memory goes on from its checkpoint in smaller batches, from the very row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from workbench import headless
from workbench.core import runs
from workbench.core.errors import OutOfMemory
from workbench.core.history import History
from workbench.core.project import TrainSpec
from workbench.engine import checkpoints, devices, modes, saving, stored, training
from workbench.engine.checkpoints import Place
from workbench.engine.job import _shared, in_batches
from workbench.engine.lengths import fitted
from workbench.engine.short_of_memory import is_short, short_of_memory
from workbench.engine.spread import Spread
from workbench.link.messages import RunAdjusted, RunStarted

from .little_runs import blobs, chain, make_run
from .test_trainer import run

ABC = ("a", "b", "c")


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.mark.parametrize(
    ("step", "before", "size", "expected"),
    [(0, 32, 16, 0), (3, 32, 16, 6), (3, 5, 2, 7), (4, 32, 16, 7), (2, 16, 32, 1)],
)
def test_the_place_is_the_same_row_or_just_before_it(step: int, before: int, size: int, expected: int) -> None:
    place = in_batches(Place(epoch=2, step=step, batches=50), before, size, rows=100)
    assert (place.step, place.batch_size, place.judged, place.batches) == (expected, size, size, 50)


def test_where_the_validation_is_next_it_stays_so() -> None:
    assert in_batches(Place(step=4, logs={"loss": 1.0}), 32, 16, rows=100).step == 7


def test_machines_beside_the_first_take_its_batches() -> None:
    """They have no checkpoint of their own."""

    class Beside(Spread):
        def broadcast(self, array: np.ndarray) -> np.ndarray:
            assert array.tolist() == [0, 0, 3 * 5]
            return np.array([10, 8, 21])

    settings = TrainSpec(batch_size=20)
    assert _shared(Beside(), settings, Place(), 3, 100, fresh=True) == (10, 8, 21)
    assert _shared(Spread(), settings, Place(), 3, 100, fresh=True) == (20, 0, 15)


def test_a_checkpoint_from_before_schedules_followed_their_run_keeps_its_length() -> None:
    params = {"learning_rate": {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1}}}
    settings = TrainSpec(batch_size=20, optimizer_params=params)
    assert _shared(Spread(), settings, Place(epoch=1, batches=5), 3, 100, fresh=False)[2] == 0
    before = fitted(settings, 0).optimizer_params["learning_rate"]["params"]
    assert (before["decay_steps"], before["initial_learning_rate"]) == (1000, 0.1)


def test_the_last_batch_of_a_validation_has_a_row_for_each_device() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert modes.judging_batch(model, 4, 41, 2, 8) == 7  # 41 in batches of 8 leave one
    assert modes.judging_batch(model, 4, 41, 1, 8) == 8


def test_memory_that_is_short_in_an_epoch_leaves_a_run_that_goes_on_in_batches_of_half_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = chain(("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
    parts = {"train": blobs(2600), "validation": blobs(40, 1)}
    folder = make_run(
        tmp_path, graph, TrainSpec(epochs=2, batch_size=20, keep_every=1, compiler="off"), parts, classes=ABC
    )
    plain = training.Training._stepped

    def stepped(self: training.Training, values: np.ndarray, seconds: float) -> None:
        plain(self, values, seconds)
        if self._life.place.epoch == 1 and self._life.place.step < 130:
            self._life.save()
            raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(training.Training, "_stepped", stepped)
        ended, _ = run(folder)
    assert (ended.reason, ended.cause) == ("failed", "memory")
    at = checkpoints.load_checkpoint(folder).place
    assert at.epoch == 1
    assert 0 < at.step < 130
    ended, told = run(folder, resume=True, batch_size=10)
    assert ended.reason == "finished"
    (started,) = told.of(RunStarted)
    assert (started.batch_size, started.steps_per_epoch) == (20, 130)  # as it was until here
    (changed,) = [m for m in told.of(RunAdjusted) if "Batch size" in m.text]
    assert changed.text == "Batch size 20 → 10, as it was resumed"
    assert (changed.batch_size, changed.steps_per_epoch, changed.epoch_step) == (10, 260, at.batches)
    assert changed.epoch == pytest.approx(1 + at.step / 130)
    history = runs.read_history(folder)
    assert history.paces == [(changed.epoch, at.batches, 260)]
    assert len(history.batches) == at.batches + 260 - 2 * at.step  # each row of the epoch once
    assert len(history.epochs) == 2
    assert checkpoints.load_checkpoint(folder).place.batch_size == 10
    assert runs.read_project(folder).train.batch_size == 20  # what the person chose stays


@pytest.mark.parametrize("failing", ["history", "record", "scores"])
def test_memory_that_is_short_at_the_end_is_told_as_that_and_what_was_trained_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    graph = chain(("Dense", {"units": 3, "activation": "softmax"}))
    parts = {"train": blobs(60), "validation": blobs(40, 1), "test": blobs(20, 2)}
    folder = make_run(tmp_path, graph, TrainSpec(epochs=2, batch_size=20, compiler="off"), parts, classes=ABC)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread") if failing == "scores" else MemoryError

    plain = saving.Saver.record

    def record(self: saving.Saver, *given: Any, **changes: Any) -> None:
        if changes.get("state") == "finished":
            fails()
        plain(self, *given, **changes)

    with monkeypatch.context() as patched:
        if failing == "record":
            patched.setattr(saving.Saver, "record", record)
        else:
            patched.setattr(*{"history": (History, "save"), "scores": (saving, "score")}[failing], fails)
        ended, _ = run(folder)
    if failing == "scores":
        assert ended.reason == "finished"
        return
    assert (ended.reason, ended.cause, ended.epochs) == ("failed", "weights", 2)
    assert "to save the state of the run" in ended.what
    assert ended.where == "saving after epoch 2"
    assert (folder / "best.npz").is_file()
    assert "best weights" in ended.remedy


def test_a_run_of_which_nothing_could_be_kept_says_so_and_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    graph = chain(("Dense", {"units": 3, "activation": "softmax"}))
    folder = make_run(tmp_path, graph, TrainSpec(epochs=2, compiler="off"), {"train": blobs(60)}, classes=ABC)
    with monkeypatch.context() as patched:
        patched.setattr(stored, "_put", fails)
        ended, _ = run(folder)
    assert ended.remedy == "Close other programs. Nothing of it could be kept."
    record = runs.read_run(folder)
    assert (record.state, record.epochs_done, record.usable) == ("failed", 0, False)  # not "nothing is left to resume"
    assert headless._over(record) == headless._over(replace(record, epochs_done=2)) == ""
    assert run(folder)[0].reason == "finished"


def test_no_memory_for_weights_says_so_and_of_which_layer() -> None:
    error = short_of_memory(MemoryError(), "epoch 1, batch 2", 32, layer="wide")
    assert isinstance(error, OutOfMemory)
    assert error.of_weights
    assert error.remedy == "Choose a smaller wide, or close other programs."
    assert not short_of_memory(MemoryError(), "epoch 1, batch 2", 32).of_weights


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True),
        (OSError(12, "Cannot allocate memory"), True),
        (OSError(28, "No space left on device"), False),
        (RuntimeError("can't start new thread"), True),
        (ImportError("libx.so: failed to map segment from shared object"), True),
        (tf.errors.AbortedError(None, None, "Operation received an exception:Status: 1, message: could not"), True),
        (tf.errors.AbortedError(None, None, "Operation received an exception:Status: 3, message: could not"), False),
        (tf.errors.InternalError(None, None, "std::bad_alloc"), True),
    ],
)
def test_memory_that_is_short_is_told_in_many_ways(error: Exception, short: bool) -> None:
    assert is_short(error) == short


def test_a_run_without_a_checkpoint_begins_anew_in_smaller_batches(tmp_path: Path) -> None:
    graph = chain(("Dense", {"units": 3, "activation": "softmax"}))
    parts = {"train": blobs(60), "validation": blobs(40, 1)}
    folder = make_run(tmp_path, graph, TrainSpec(epochs=1, batch_size=20, compiler="off"), parts, classes=ABC)
    for name in (".checkpoint.npz.0a1b2c3d", ".run.json.0a1b2c3d"):  # of a program that was killed
        (folder / name).write_bytes(b"half")
    ended, told = run(folder, batch_size=10)
    assert ended.reason == "finished"
    assert [m.text for m in told.of(RunAdjusted)] == ["Batch size 20 → 10, as it was resumed"]
    assert len(runs.read_history(folder).batches) == 6
    assert not list(folder.glob(".*"))
