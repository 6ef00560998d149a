"""Runs are changed while they train, go on from others' weights, fail with cause and place, and spread over devices."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.util import event_pb2

from workbench.core import runs
from workbench.core.errors import DataError, OutOfMemory, ProjectError, WorkbenchError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import EarlyStopping, Plateau, TrainSpec, Wire
from workbench.core.runs import Start
from workbench.engine import devices, sweep, training
from workbench.engine.checkpoints import load_checkpoint, load_weights
from workbench.engine.control import RunControl
from workbench.engine.forecast import forecast
from workbench.engine.loop import Loops, Pace
from workbench.engine.workers import failed
from workbench.link.messages import Adjust, Batches, EpochEnded, Message, RunAdjusted, RunStarted

from .little_runs import blobs, chain, line, make_run
from .test_trainer import ABC, Told, hard_run, run, same

pytestmark = pytest.mark.usefixtures("kept_built")
PLAIN = chain(("Dense", {"units": 8, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.fixture
def stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordinary loop also for small epochs."""
    monkeypatch.setattr(sweep, "suits", lambda *_: False)


def plain_run(folder: Path, epochs: int = 4, rows: int = 200, graph: Any = PLAIN, **settings: Any) -> Path:
    parts = {"train": blobs(rows), "validation": blobs(61, 1)}
    return make_run(folder, graph, TrainSpec(epochs=epochs, seed=3, **settings), parts, classes=ABC)


def after_epoch(number: int, do: Callable[[], None]) -> Told:
    """Does it once, when that epoch (from 0) has ended."""
    return Told(lambda said: do() if isinstance(said, EpochEnded) and said.epoch == number else None)


@pytest.mark.usefixtures("stepwise")
def test_settings_are_changed_while_it_trains_and_a_resume_goes_on_with_them(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=3)
    control = RunControl()
    stopping = EarlyStopping(True, "val_accuracy", 50)
    change = Adjust(folder.name, learning_rate=0.01, batch_size=50, epochs=6, early_stopping=stopping)
    told = after_epoch(0, lambda: control.adjust(change))
    ended, _ = run(folder, control=control, told=told)
    assert ended.epochs == 6
    assert runs.read_run(folder).epochs == 6
    texts = [said.text for said in told.of(RunAdjusted)]
    assert texts[0].startswith("Learning rate 0.001 → 0.01")
    assert "Epochs 3 → 6" in texts
    assert any("val_accuracy" in text for text in texts)
    assert "Batch size 32 → 50" in texts
    history = runs.read_history(folder)
    assert [text for _, text in history.events] == texts
    assert history.paces == [(1, 7, 4)]  # 200 rows: 7 steps of 32, then 4 of 50
    assert len(history.batches) == 7 + 5 * 4
    assert [round(float(r), 4) for r in history.epochs["learning_rate"]] == [0.001, *[0.01] * 5]
    runs.update_run(folder, epochs=8)
    _, again = run(folder, resume=True)
    started = again.of(RunStarted)[0]
    assert (started.batch_size, started.first_step) == (50, 27)
    assert load_checkpoint(folder).place.early == stopping


@pytest.mark.usefixtures("stepwise")
def test_a_changed_run_left_and_resumed_ends_with_the_same_bits(tmp_path: Path) -> None:
    decay = {"kind": "ExponentialDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}}
    whole, left = (hard_run(tmp_path, optimizer_params={"learning_rate": decay}) for _ in range(2))

    def halve(folder: Path, control: RunControl, then: str = "") -> Callable[[], None]:
        def do() -> None:
            control.adjust(Adjust(folder.name, learning_rate=0.004, batch_size=100))
            if then:
                control.end(then)

        return do

    control = RunControl()
    run(whole, control=control, told=after_epoch(0, halve(whole, control)))
    control = RunControl()
    first = after_epoch(0, halve(left, control))
    second = after_epoch(1, lambda: control.end("shutdown"))

    def both(said: Message) -> None:
        first(said)
        second(said)

    run(left, control=control, told=Told(both))
    run(left, resume=True)
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


@pytest.mark.usefixtures("stepwise")
def test_as_many_epochs_as_are_done_end_the_run_between_two(tmp_path: Path) -> None:
    folder, control = plain_run(tmp_path, epochs=6), RunControl()

    def ask() -> None:
        control.adjust(Adjust(folder.name, batch_size=64))
        control.adjust(Adjust(folder.name, epochs=5))

    then = after_epoch(4, lambda: control.adjust(Adjust(folder.name, epochs=4)))
    first = after_epoch(3, ask)

    def both(said: Message) -> None:
        first(said)
        then(said)

    ended, _ = run(folder, control=control, told=Told(both))
    assert (ended.reason, ended.epochs) == ("finished", 5)
    told = [text for _, text in runs.read_history(folder).events]
    assert told == ["Epochs 6 → 5", "Batch size 32 → 64", "Epochs stay 5, as epoch 5 is done"]


@pytest.mark.usefixtures("untried")
def test_many_small_epochs_take_changes_too(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=2000)
    control = RunControl()
    told = after_epoch(3, lambda: control.adjust(Adjust(folder.name, batch_size=100, epochs=1)))
    ended, _ = run(folder, control=control, told=told)
    assert ended.epochs < 2000  # those that are done
    assert ended.epochs == runs.read_run(folder).epochs


@pytest.mark.usefixtures("stepwise")
def test_a_changed_rate_gets_the_whole_of_the_patience(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=9, early_stopping=EarlyStopping(True, "val_loss", 3, 1e9))
    control = RunControl()
    told = after_epoch(2, lambda: control.adjust(Adjust(folder.name, learning_rate=0.0005)))
    ended, _ = run(folder, control=control, told=told)
    assert ended.reason == "early_stopped"
    assert ended.epochs == 6  # 4 without the change
    assert ended.seconds == runs.read_run(folder).seconds
    assert "the wait of early stopping begins again" in runs.read_history(folder).events[0][1]


@pytest.mark.usefixtures("stepwise")
def test_the_rate_falls_on_a_plateau(tmp_path: Path) -> None:
    rule = Plateau(True, factor=0.1, patience=2, lowest=1e-5)
    settings: dict[str, Any] = {"plateau": rule, "optimizer_params": {"learning_rate": 1e-9}}
    folder = plain_run(tmp_path, epochs=6, **settings)
    run(folder)
    assert not runs.read_history(folder).events  # below the lowest already
    settings["optimizer_params"] = {"learning_rate": 3.0}
    folder = plain_run(tmp_path, epochs=12, optimizer="SGD", **settings)
    run(folder)
    assert "no better for 2 epochs" in runs.read_history(folder).events[0][1]


@pytest.mark.usefixtures("stepwise")
def test_a_plateau_left_in_the_middle_of_its_wait_falls_when_it_would_have(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"optimizer": "SGD", "optimizer_params": {"learning_rate": 3.0}}
    settings["plateau"] = Plateau(True, factor=0.1, patience=3)
    whole, left = (plain_run(tmp_path, epochs=12, **settings) for _ in range(2))
    run(whole)
    (step, _), *_ = runs.read_history(whole).events
    fell = step // 7  # in epochs of 7 steps
    control = RunControl()
    run(left, control=control, told=after_epoch(fell - 2, lambda: control.end("shutdown")))
    assert 0 < load_checkpoint(left).place.plateau[1] < 3
    run(left, resume=True)
    assert runs.read_history(left).events == runs.read_history(whole).events
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


@pytest.mark.usefixtures("stepwise")
def test_a_plateau_of_another_monitor_begins_anew(tmp_path: Path) -> None:
    # An accuracy that rises counts below zero: a loss, however fast it falls, would never be better than it was.
    rule = Plateau(True, factor=0.1, patience=2)
    folder = plain_run(tmp_path, epochs=7, plateau=rule, early_stopping=EarlyStopping(True, "val_accuracy", 50))
    control = RunControl()
    change = Adjust(folder.name, early_stopping=EarlyStopping(True, "val_loss", 50))
    run(folder, control=control, told=after_epoch(0, lambda: control.adjust(change)))
    history = runs.read_history(folder)
    assert (np.diff(history.epochs["val_loss"]) < 0).all()
    assert not [text for _, text in history.events if "no better" in text]


@pytest.mark.parametrize("which", ["best", "last"])
def test_a_run_begins_with_the_weights_of_another(tmp_path: Path, which: str) -> None:
    first = plain_run(tmp_path, epochs=10)
    run(first)
    second = plain_run(tmp_path, epochs=1, optimizer_params={"learning_rate": 1e-12})
    project, facts, record = runs.read_project(second), runs.read_facts(second), runs.read_run(second)
    forked = runs.create_run(tmp_path / "runs", project, facts, {}, Path(record.prepared), start=Start(first, which))
    assert runs.read_run(forked).parent == first.name
    _, told = run(forked)
    text = told.of(RunAdjusted)[0].text
    assert text.startswith("Begins with the weights of run 1")
    assert ("state of the optimizer" in text) == (which == "last")
    for a, b in zip(load_weights(first, which), load_weights(forked, "last"), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert runs.read_run(forked).remarks == (text,)


def test_weights_that_still_fit_an_edited_graph_are_kept_and_named(tmp_path: Path) -> None:
    first = plain_run(tmp_path, epochs=10)
    run(first)
    nodes = list(PLAIN.nodes)
    nodes[2] = replace(nodes[2], params={**nodes[2].params, "units": 3})
    wider = replace(PLAIN, nodes=(nodes[0], replace(nodes[1], params={"units": 8, "activation": "tanh"}), *nodes[2:]))
    wider = replace(wider, nodes=tuple(replace(n, name="answer") if n.name == "dense_1" else n for n in wider.nodes))
    second = plain_run(tmp_path, graph=wider)
    project, facts, record = runs.read_project(second), runs.read_facts(second), runs.read_run(second)
    forked = runs.create_run(tmp_path / "runs", project, facts, {}, Path(record.prepared), start=Start(first))
    _, told = run(forked)
    text = told.of(RunAdjusted)[0].text
    assert text.endswith("Renamed since: answer (was dense_1).")  # the same block, so the same weights


def test_a_run_without_weights_cannot_be_begun_with(tmp_path: Path) -> None:
    first, second = plain_run(tmp_path), plain_run(tmp_path)
    with pytest.raises(ProjectError, match="no weights to begin with"):
        runs.create_run(
            tmp_path / "runs",
            runs.read_project(second),
            runs.read_facts(second),
            {},
            Path(runs.read_run(second).prepared),
            start=Start(first),
        )


@pytest.mark.usefixtures("stepwise")
def test_a_loss_that_runs_away_names_layer_and_batch(tmp_path: Path) -> None:
    graph = chain(("Dense", {"units": 4}), ("Dense", {"units": 4}), ("Dense", {"units": 1}))
    settings = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": 3.0}, epochs=100)
    ended, _ = run(make_run(tmp_path, graph, settings, {"train": line()}))
    assert (ended.reason, ended.cause) == ("failed", "nan")
    assert ", layer dense_" in ended.where
    assert "dense_" in ended.what
    assert ended.rate == pytest.approx(3.0)


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize(
    ("error", "cause", "word"),
    [
        (
            tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[32,8]"),
            "memory",
            "32 × 8",
        ),
        (MemoryError(), "memory", "memory was not enough"),
        (tf.errors.InvalidArgumentError(None, None, "indices = 7 node 'model/dense_1/Gather'"), "crash", "indices"),
    ],
)
def test_what_breaks_inside_tensorflow_is_told_and_the_best_is_kept(
    tmp_path: Path, error: BaseException, cause: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = plain_run(tmp_path, epochs=6)
    calls = 0
    steps = Loops.train_steps

    def fail(self: Loops, block: Any, start: int, count: int) -> np.ndarray:
        nonlocal calls
        calls += count > 0
        if calls > 12:
            raise error
        return steps(self, block, start, count)

    monkeypatch.setattr(Pace, "took", lambda *_: None)  # a step a call
    monkeypatch.setattr(Loops, "train_steps", fail)
    ended, _ = run(folder)
    assert (ended.reason, ended.cause) == ("failed", cause)
    assert word in ended.what
    assert ended.where.startswith("epoch 2, batch 6")
    assert ended.remedy
    assert runs.read_run(folder).usable
    assert load_weights(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three epochs, one by one, that nothing broke."""
    folder = plain_run(tmp_path_factory.mktemp("whole"), epochs=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "suits", lambda *_: False)
        run(folder)
    return folder


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[32,8]"), "memory"),
        (RuntimeError("the compiler gave up"), "crash"),
        (DataError("train.x.npy cannot be read.", where="cache"), "crash"),
    ],
)
def test_what_broke_after_a_checkpoint_goes_on_from_it(
    tmp_path: Path, error: Exception, cause: str, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = plain_run(tmp_path, epochs=3)
    control = RunControl()
    run(met, control=control, told=after_epoch(0, lambda: control.end("shutdown")))

    steps = Loops.train_steps

    def fail(self: Loops, block: Any, start: int, count: int) -> np.ndarray:
        if count:  # none: it is only traced
            raise error
        return steps(self, block, start, count)

    with monkeypatch.context() as broken:
        broken.setattr(Loops, "train_steps", fail)
        ended, _ = run(met, resume=True)
    assert (ended.reason, ended.cause) == ("failed", cause)
    record = runs.read_run(met)
    assert record.interrupted
    assert record.epochs_done == 1
    ended, _ = run(met, resume=True)
    assert ended.reason == "finished"
    for which in ("best", "last"):
        assert same(load_weights(whole, which), load_weights(met, which))


def test_memory_that_is_short_before_the_first_batch_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: keras.layers.Dense, shape: Any) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[900,5000]")

    folder = plain_run(tmp_path)
    monkeypatch.setattr(keras.layers.Dense, "build", fail)
    with pytest.raises(OutOfMemory, match="not enough for an array of 900 × 5000") as caught:
        run(folder, shelf=None)
    assert caught.value.where == "dense_0"
    assert failed(caught.value, 1).cause == "weights"
    assert runs.read_run(folder).state == "failed"


@pytest.mark.usefixtures("stepwise")
def test_the_moving_average_is_what_is_validated_and_kept(tmp_path: Path) -> None:
    params = {"use_ema": True, "ema_momentum": 0.9, "learning_rate": 0.05}
    whole, left = (plain_run(tmp_path, optimizer_params=params) for _ in range(2))
    run(whole)
    trained = load_checkpoint(whole).variables
    for which in ("best", "last"):
        assert not any(np.array_equal(a, b) for a, b in zip(trained, load_weights(whole, which), strict=True))
    control = RunControl()
    run(left, control=control, told=after_epoch(1, lambda: control.end("shutdown")))
    run(left, resume=True)
    for which in ("best", "last"):
        assert same(load_weights(whole, which), load_weights(left, which))


@pytest.mark.parametrize(
    "settings",
    [
        {"precision": "mixed_bfloat16", "tensorboard": True},
        {"precision": "mixed_float16"},
        {"compiler": "on"},
        {"loss": "categorical_crossentropy", "loss_params": {"label_smoothing": 0.1}},
        {
            "metrics": ("accuracy", "sparse_top_k_categorical_accuracy"),
            "metric_params": {"sparse_top_k_categorical_accuracy": {"k": 2}},
            "class_weights": {"a": 2.0, "gone": 9.0},
            "optimizer_params": {"clipnorm": 1.0, "learning_rate": 0.02},
        },
    ],
    ids=lambda s: next(iter(s)),
)
def test_settings_train(tmp_path: Path, settings: dict[str, Any]) -> None:
    folder = plain_run(tmp_path, epochs=12, **{"optimizer_params": {"learning_rate": 0.02}, **settings})
    ended, told = run(folder)
    assert ended.reason == "finished"
    assert told.of(EpochEnded)[-1].logs["accuracy"] > 0.6
    assert all(w.dtype != np.float16 for w in load_weights(folder))
    if settings.get("tensorboard"):
        (file,) = (folder / "tensorboard" / "validation").iterdir()
        tags = [v.tag for event in tf.compat.v1.train.summary_iterator(str(file)) for v in event.summary.value]
        assert tags.count("epoch_loss") == 12


def test_what_is_asked_for_and_not_there_is_said(tmp_path: Path) -> None:
    for settings, words in (
        ({"device": "all"}, "no graphics card"),
        ({"device": "gpu:7"}, "no device 'gpu:7'"),
        ({"class_weights": {"a": 0.0, "b": 0.0, "c": 0.0}}, "not all are 0"),
        ({"precision": "int3"}, "no precision"),
        ({"loss_params": {"delta": 1.0}}, "has no setting 'delta'"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            run(plain_run(tmp_path, **settings))


def test_a_monitor_that_is_not_measured_is_said(tmp_path: Path) -> None:
    stopping = EarlyStopping(True, "val_precision", 3)
    folder = plain_run(tmp_path, early_stopping=stopping)
    run(folder)
    assert "val_loss is watched instead" in runs.read_run(folder).remarks[0]


def test_a_forecast_is_measured(tmp_path: Path) -> None:
    facts = DataFacts(
        "table", (InputFacts("x", "table", (2,)),), TargetFacts("y", "classification", ABC), {"train": 1000}
    )
    found = forecast(PLAIN, facts, TrainSpec(epochs=3))
    assert found.fits
    assert found.epoch_seconds == pytest.approx(32 * found.step_seconds)
    assert found.run_seconds == pytest.approx(3 * found.epoch_seconds)
    assert found.model == 4 * (2 * 8 + 8 + 8 * 3 + 3)
    huge = chain(("Dense", {"units": 60_000}), ("Dense", {"units": 3, "activation": "softmax"}))
    found = forecast(huge, facts, TrainSpec(batch_size=1_000_000))
    assert found.fits or found.smaller >= 0


@pytest.mark.usefixtures("stepwise")
def test_a_batch_size_not_taken_yet_outlives_a_close(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=3)
    control = RunControl()

    def ask() -> None:
        control.adjust(Adjust(folder.name, batch_size=50))
        control.end("shutdown")

    run(folder, control=control, told=Told(lambda said: ask() if isinstance(said, Batches) else None))
    assert load_checkpoint(folder).place.batch_wanted == 50
    _, told = run(folder, resume=True)
    assert [said.text for said in told.of(RunAdjusted)] == ["Batch size 32 → 50"]


@pytest.mark.usefixtures("stepwise")
def test_a_batch_size_that_comes_to_nothing_is_told(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=2, batch_size=200)
    control = RunControl()
    told = after_epoch(0, lambda: control.adjust(Adjust(folder.name, batch_size=4000)))
    last = after_epoch(1, lambda: control.adjust(Adjust(folder.name, batch_size=64)))

    def both(said: Message) -> None:
        told(said)
        last(said)

    run(folder, control=control, told=Told(both))
    texts = [text for _, text in runs.read_history(folder).events]
    assert texts[0] == "Batch size stays 200, as there are no more rows"
    assert texts[1] == "Batch size 64 begins with an epoch, and the last one has begun"


@pytest.mark.usefixtures("stepwise")
def test_a_schedule_follows_a_run_that_is_made_longer_and_goes_on_so(tmp_path: Path) -> None:
    cosine = {"learning_rate": {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1}}}
    whole, left = (plain_run(tmp_path, epochs=2, optimizer="SGD", optimizer_params=cosine) for _ in range(2))
    for folder in (whole, left):
        control = RunControl()
        longer = after_epoch(0, lambda f=folder, c=control: c.adjust(Adjust(f.name, epochs=4)))  # type: ignore[misc]
        end = after_epoch(1, lambda f=folder, c=control: c.end("shutdown") if f == left else None)  # type: ignore[misc]

        def both(said: Message, one: Told = longer, two: Told = end) -> None:
            one(said)
            two(said)

        run(folder, control=control, told=Told(both))
    run(left, resume=True)
    history = runs.read_history(whole)
    seen = history.epochs["learning_rate"]
    assert seen[0] == pytest.approx(0.05)  # half of 14 steps
    assert seen[-1] == pytest.approx(0.0, abs=1e-8)
    assert seen[1] == pytest.approx(0.05)  # half of 28 steps
    assert any("follows the run, 28 steps now" in text for _, text in history.events)
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


@pytest.mark.usefixtures("stepwise")
def test_a_schedule_follows_a_longer_run_from_the_very_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cosine = {"learning_rate": {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1}}}
    whole, left = (plain_run(tmp_path, epochs=2, optimizer="SGD", optimizer_params=cosine) for _ in range(2))
    took = training.Training._stepped
    for folder in (whole, left):
        control = RunControl()

        def stepped(self: Any, values: np.ndarray, seconds: float, f: Path = folder, c: RunControl = control) -> None:
            took(self, values, seconds)
            self._pace.steps = 1
            if self._life.place.batches == 3:
                c.adjust(Adjust(f.name, epochs=4))
            if self._life.place.batches == 5 and f == left:  # in the same epoch
                c.end("shutdown")

        with monkeypatch.context() as patched:
            patched.setattr(training.Training, "_stepped", stepped)
            run(folder, control=control)
    run(left, resume=True)
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


def test_small_epochs_trained_in_one_call_are_told_the_rate_that_each_had(tmp_path: Path) -> None:
    cosine = {"learning_rate": {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.1}}}
    folder = plain_run(tmp_path, epochs=6, rows=60, optimizer="SGD", optimizer_params=cosine)
    run(folder)
    seen = runs.read_history(folder).epochs["learning_rate"]
    assert list(seen) == pytest.approx([0.05 * (1 + np.cos(np.pi * e / 6)) for e in range(1, 7)], abs=1e-6)


@pytest.mark.usefixtures("stepwise")
def test_more_epochs_under_a_typed_schedule_that_has_ended_are_told(tmp_path: Path) -> None:
    params = {"initial_learning_rate": 0.1, "decay_steps": 7}
    folder = plain_run(
        tmp_path, epochs=1, optimizer_params={"learning_rate": {"kind": "CosineDecay", "params": params}}
    )
    run(folder)
    runs.update_run(folder, epochs=3)
    control = RunControl()
    set_again = after_epoch(1, lambda: control.adjust(Adjust(folder.name, learning_rate=0.001)))
    _, told = run(folder, resume=True, control=control, told=set_again)
    texts = [said.text for said in told.of(RunAdjusted)]
    assert texts[0] == "The schedule of the learning rate has ended: it is 0 from here on"
    assert texts[1].startswith("Learning rate 0 → 0.001, where it stays")
    assert runs.read_history(folder).epochs["learning_rate"][-1] == pytest.approx(0.001)


@pytest.mark.usefixtures("stepwise")
def test_logs_for_tensorboard_have_no_hole_and_no_epoch_twice_after_a_resume(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=3, tensorboard=True)
    control = RunControl()
    run(folder, control=control, told=after_epoch(1, lambda: control.end("shutdown")))
    early = load_checkpoint(folder)
    assert early.place.epoch == 2
    kept = (folder / "checkpoint.npz").read_bytes(), (folder / "history.npz").read_bytes(), runs.read_run(folder)
    run(folder, resume=True)  # the third epoch is written, and then the engine is killed before it is saved
    (folder / "checkpoint.npz").write_bytes(kept[0])
    (folder / "history.npz").write_bytes(kept[1])
    runs.update_run(folder, state="running", epochs_done=2)
    run(folder, resume=True)
    seen: dict[str, list[int]] = {}
    for path in sorted((folder / "tensorboard").rglob("events.*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = event_pb2.Event.FromString(record.numpy())
            for value in event.summary.value:
                seen.setdefault(f"{path.parent.name}/{value.tag}", []).append(event.step)
    assert seen["train/epoch_loss"] == seen["validation/epoch_loss"] == [0, 1, 2]
    assert seen["train/batch_loss"] == list(range(21))


@pytest.mark.usefixtures("stepwise")
def test_logs_for_tensorboard_have_what_was_trained_of_an_epoch_that_was_left(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=2, rows=4000, batch_size=2, tensorboard=True)
    control = RunControl()
    run(folder, control=control, told=Told(lambda said: control.end("shutdown") if isinstance(said, Batches) else None))
    assert 0 < load_checkpoint(folder).place.step < 2000
    run(folder, resume=True)
    steps = []
    for path in sorted((folder / "tensorboard" / "train").rglob("events.*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = event_pb2.Event.FromString(record.numpy())
            steps += [event.step for value in event.summary.value if value.tag == "batch_loss"]
    assert steps == list(range(4000))


def test_a_renamed_layer_keeps_its_weights_and_one_that_took_its_name_does_not(tmp_path: Path) -> None:
    graph = chain(*[("Dense", {"units": 2})] * 2, ("Dense", {"units": 3, "activation": "softmax"}))
    first = plain_run(tmp_path, epochs=2, graph=graph)
    run(first)
    nodes = list(graph.nodes)
    nodes[1], nodes[2] = replace(nodes[1], name="first"), replace(nodes[2], id="new", name="dense_0")
    wires = tuple(Wire(a.id, b.id) for a, b in itertools.pairwise(nodes))
    second = plain_run(tmp_path, epochs=1, graph=replace(graph, nodes=tuple(nodes), wires=wires))
    project, facts, record = runs.read_project(second), runs.read_facts(second), runs.read_run(second)
    forked = runs.create_run(tmp_path / "runs", project, facts, {}, Path(record.prepared), start=Start(first))
    _, told = run(forked)
    text = told.of(RunAdjusted)[0].text
    assert "Kept: first (was dense_0), dense_2." in text
    assert text.endswith("another shape: dense_0.")


@pytest.mark.usefixtures("stepwise")
def test_a_resume_under_other_versions_or_on_another_device_is_told(tmp_path: Path) -> None:
    folder = plain_run(tmp_path, epochs=2)
    control = RunControl()
    run(folder, control=control, told=after_epoch(0, lambda: control.end("shutdown")))
    before = runs.read_run(folder)
    runs.update_run(folder, versions={**before.versions, "keras": "3.0.1"}, device="gpu:0")
    _, told = run(folder, resume=True)
    (text,) = runs.read_run(folder).remarks
    assert text.startswith(f"Resumed under other versions (keras 3.0.1 → {keras.__version__}) and on cpu, not gpu:0:")
    assert [said.text for said in told.of(RunAdjusted)] == [text]
