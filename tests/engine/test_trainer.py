"""Runs train as plain Keras would, end when told, and go on exactly where they were left."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.errors import DataError, GraphError, ProjectError, TrainError, WorkbenchError
from workbench.core.project import EarlyStopping, TrainSpec
from workbench.engine import assemble, checkpoints, devices, modes, saving, stored, sweep, training
from workbench.engine.built import Shelf
from workbench.engine.checkpoints import load_checkpoint, load_model, load_weights
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.keeper import rule
from workbench.engine.shuffle import epoch_order
from workbench.link.messages import Batches, EpochEnded, Message, RunEnded, RunStarted, RunStateChanged

from .little_runs import blobs, chain, line, make_run, pictures, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
ABC = ("a", "b", "c")
LET_GO = devices.let_go
# Everything that makes an exact resume hard: random draws, moving averages, a penalty, optimizer moments.
HARD = chain(
    ("Dense", {"units": 16, "activation": "relu", "kernel_regularizer": {"kind": "L2", "params": {"l2": 0.01}}}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


class Told:
    """Collects what a run says; `when` may act on it."""

    def __init__(self, when: Callable[[Message], None] = lambda message: None) -> None:
        self.messages: list[Any] = []
        self._when = when

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self._when(message)

    def of(self, kind: type) -> list[Any]:
        return [m for m in self.messages if isinstance(m, kind)]


def run(folder: Path, **options: Any) -> tuple[RunEnded, Told]:
    told = options.pop("told", None) or Told()
    return train_run(folder, told, **options), told


def hard_run(folder: Path, epochs: int = 4, rows: int = 500, **settings: Any) -> Path:
    parts = {"train": blobs(rows), "validation": blobs(101, 1)}
    return make_run(folder, HARD, TrainSpec(epochs=epochs, seed=3, **settings), parts, classes=ABC)


@pytest.fixture
def stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordinary loop also for small epochs."""
    monkeypatch.setattr(sweep, "suits", lambda *_: False)


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize("params", [{}, {"gradient_accumulation_steps": 3}])
def test_losses_and_weights_are_those_of_plain_fit(tmp_path: Path, params: dict[str, Any]) -> None:
    folder = hard_run(tmp_path, optimizer_params=params)
    ended, told = run(folder)
    assert (ended.reason, ended.epochs) == ("finished", 4)

    project, facts = runs.read_project(folder), runs.read_facts(folder)
    made = assemble.assemble(project.graph, facts, project.train, "sparse_categorical_crossentropy", ("accuracy",))
    (x, y), validation = blobs(500), blobs(101, 1)
    for epoch, said in enumerate(told.of(EpochEnded)):
        order = epoch_order(3, epoch, 500)
        logs = made.model.fit(
            x[order], y[order], batch_size=32, shuffle=False, verbose=0, validation_data=validation
        ).history
        for name, (value,) in logs.items():
            assert said.logs[name] == pytest.approx(value, rel=1e-6, abs=1e-6), name
    for ours, theirs in zip(load_weights(folder, "last"), made.model.variables, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize("kind", ["index", "onehot", "column"])
def test_class_weights_are_those_of_plain_fit(tmp_path: Path, kind: str) -> None:
    weights = (0.5, 3.0) if kind == "column" else (0.5, 1.0, 2.5)
    last = {"units": 1, "activation": "sigmoid"} if kind == "column" else {"units": 3, "activation": "softmax"}
    loss = {"column": "binary", "onehot": "categorical", "index": "sparse_categorical"}[kind] + "_crossentropy"
    parts = {"train": blobs(200, classes=len(weights)), "validation": blobs(50, 1, len(weights))}
    settings = TrainSpec(epochs=2, seed=3, loss=loss)
    folder = make_run(tmp_path, chain(("Dense", last)), settings, parts, classes=ABC[: len(weights)])
    facts = runs.read_facts(folder)
    facts = replace(facts, target=replace(facts.target, class_weights=weights))
    (folder / "facts.json").write_text(json.dumps(encode(facts)))
    _, told = run(folder)
    project = runs.read_project(folder)
    made = assemble.assemble(project.graph, facts, project.train, loss, ("accuracy",))

    def given(part: str) -> tuple[Any, Any]:
        x, y = parts[part]
        return x, keras.utils.to_categorical(y, 3) if kind == "onehot" else y[:, None] if kind == "column" else y

    (x, y), validation = given("train"), given("validation")
    for epoch, said in enumerate(told.of(EpochEnded)):
        order = epoch_order(3, epoch, 200)
        logs = made.model.fit(
            x[order],
            y[order],
            batch_size=32,
            shuffle=False,
            verbose=0,
            validation_data=validation,
            class_weight=dict(enumerate(weights)),
        ).history
        assert said.logs["loss"] == pytest.approx(logs["loss"][0], rel=1e-5)
        assert said.logs["val_loss"] == pytest.approx(logs["val_loss"][0], rel=1e-5)


def test_batches_tell_each_loss_and_the_running_metric(tmp_path: Path) -> None:
    _, told = run(hard_run(tmp_path, epochs=2))
    steps = 16  # 500 rows in batches of 32, the last of 20
    loss = np.concatenate([b.values["loss"] for b in told.of(Batches)])
    accuracy = np.concatenate([b.values["accuracy"] for b in told.of(Batches)])
    assert len(loss) == 2 * steps
    assert told.of(Batches)[0].step == 0
    sizes = np.array([32] * 15 + [20])
    for epoch, said in enumerate(told.of(EpochEnded)):
        own = loss[epoch * steps : (epoch + 1) * steps]
        assert np.sum(own * sizes) / 500 == pytest.approx(said.logs["loss"], rel=1e-5)
        assert accuracy[(epoch + 1) * steps - 1] == pytest.approx(said.logs["accuracy"])


def test_twice_the_same_run_gives_the_same_bits(tmp_path: Path) -> None:
    first, second = hard_run(tmp_path), hard_run(tmp_path)
    run(first, shelf=None)
    run(second, shelf=None)
    assert same(load_weights(first), load_weights(second))
    assert runs.read_history(first).to_bytes() == runs.read_history(second).to_bytes()


def test_runs_leave_nothing_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[None] = []
    monkeypatch.setattr(devices, "let_go", lambda: collected.append(LET_GO()))

    def graphs() -> int:
        LET_GO()
        return sum(isinstance(one, tf.Graph) for one in gc.get_objects())

    before = graphs()
    run(hard_run(tmp_path, epochs=1), shelf=None)
    assert collected  # each run that of the one before
    assert graphs() <= before


def test_pictures_train_and_twice_the_same(tmp_path: Path) -> None:
    graph = chain(
        ("Conv2D", {"filters": 4, "kernel_size": [3, 3], "activation": "relu"}),
        ("MaxPooling2D", {}),
        ("Flatten", {}),
        ("Dense", {"units": 2, "activation": "softmax"}),
    )
    parts = {"train": pictures(300), "validation": pictures(50, 1)}
    settings = TrainSpec(epochs=6, optimizer_params={"learning_rate": 0.01})
    folders = [make_run(tmp_path, graph, settings, parts, classes=("left", "right"), scale=1 / 255) for _ in range(2)]
    ends = [run(f, shelf=None) for f in folders]
    assert ends[0][1].of(EpochEnded)[-1].logs["val_accuracy"] > 0.95
    assert same(load_weights(folders[0]), load_weights(folders[1]))


def test_many_epochs_in_one_call_give_what_single_epochs_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = EarlyStopping(True, "val_loss", patience=3, min_delta=0.002)
    at_once, singly = (hard_run(tmp_path, epochs=60, early_stopping=stopping) for _ in range(2))
    swept, told = run(at_once)
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    stepped, told_singly = run(singly)
    assert swept.reason == stepped.reason == "early_stopped"
    assert (swept.epochs, swept.best_epoch) == (stepped.epochs, stepped.best_epoch)
    for a, b in zip(told.of(EpochEnded), told_singly.of(EpochEnded), strict=True):
        assert a.best == b.best
        assert a.logs == pytest.approx(b.logs, rel=1e-6)
    for a, b in zip(load_weights(at_once), load_weights(singly), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_what_is_larger_than_memory_is_streamed_and_gives_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    monkeypatch.setattr(modes, "STREAM_BYTES", 2000)
    held, streamed = hard_run(tmp_path), hard_run(tmp_path)
    run(held)
    monkeypatch.setattr(modes, "MEMORY_SHARE", 0.0)
    _, told = run(streamed)
    assert told.of(RunStarted)[0].mode == "streamed"
    assert same(load_weights(held), load_weights(streamed))


@pytest.fixture(scope="module")
def wholes() -> dict[str, Path]:
    """Runs of four epochs that nobody left, by their compiler."""
    return {}


@pytest.mark.usefixtures("stepwise")
@pytest.mark.parametrize(
    ("after", "compiler", "anew"),
    [
        (1, "off", True),
        (15, "off", False),
        (16, "off", False),
        (17, "off", False),
        (40, "off", False),
        (20, "on", True),
    ],
)
def test_a_run_left_anywhere_goes_on_to_the_same_bits(
    tmp_path: Path, after: int, compiler: str, anew: bool, wholes: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """anew: it goes on as in a new process, where nothing is built yet."""
    if compiler not in wholes:
        wholes[compiler] = hard_run(tmp_path / "whole", compiler=compiler)
        run(wholes[compiler])
    whole, left = wholes[compiler], hard_run(tmp_path, compiler=compiler)
    control, seen = RunControl(), 0
    took = training.Training._stepped

    def stepped(self: Any, values: np.ndarray, seconds: float) -> None:
        nonlocal seen
        took(self, values, seconds)
        self._pace.steps = 1
        seen += len(values)
        if seen >= after:
            control.end("shutdown")

    with monkeypatch.context() as patched:
        patched.setattr(training.Training, "_stepped", stepped)
        ended, _ = run(left, control=control)
    assert ended.reason == "stopped"
    assert runs.read_run(left).interrupted
    again, told = run(left, resume=True, **({"shelf": None} if anew else {}))
    started = told.of(RunStarted)[0]
    assert (started.first_epoch, started.first_step) != (0, 0)
    assert started.first_step == told.of(Batches)[0].step  # so that a face cuts its history at the right place
    assert started.mode == ("compiled loop, XLA" if compiler == "on" else "compiled loop")
    assert (again.reason, again.epochs) == ("finished", 4)
    for which in ("best", "last"):
        assert same(load_weights(whole, which), load_weights(left, which))
    a, b = load_checkpoint(whole), load_checkpoint(left)
    assert same(a.optimizer, b.optimizer)
    np.testing.assert_array_equal(runs.read_history(whole).batches["loss"], runs.read_history(left).batches["loss"])
    assert runs.read_run(left).state == "finished"


def test_a_schedule_of_the_form_trains_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    decay = {"kind": "ExponentialDecay", "params": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}}
    bare = {"kind": "CosineDecay", "params": {"initial_learning_rate": 0.02}}  # as the form gives it when just chosen
    for rate, first, last in ((decay, 0.1, 0.1 * 0.5 ** (4 * 16 / 10)), (bare, 0.02, 0.0)):
        whole, left = (hard_run(tmp_path, optimizer_params={"learning_rate": rate}) for _ in range(2))
        _, told = run(whole)
        rates = [said.logs["learning_rate"] for said in told.of(EpochEnded)]
        assert rates == sorted(rates, reverse=True)
        assert first > rates[0]
        assert rates[-1] == pytest.approx(last, rel=0.02, abs=1e-9)
    control = RunControl()
    when = Told(lambda said: control.end("shutdown") if isinstance(said, EpochEnded) and said.epoch == 1 else None)
    run(left, control=control, told=when)
    run(left, resume=True)
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


def test_small_epochs_resume_too_and_a_finished_run_can_train_on(tmp_path: Path) -> None:
    whole, left = hard_run(tmp_path, epochs=30), hard_run(tmp_path, epochs=10)
    run(whole)
    run(left)
    runs.update_run(left, epochs=30)
    ended, told = run(left, resume=True)
    assert told.of(RunStarted)[0].first_epoch == 10
    assert (ended.reason, ended.epochs) == ("finished", 30)
    assert same(load_weights(whole, "last"), load_weights(left, "last"))


def test_pause_saves_waits_and_goes_on(tmp_path: Path) -> None:
    folder = hard_run(tmp_path, epochs=50)
    control = RunControl()

    def when(message: Message) -> None:
        if isinstance(message, EpochEnded) and message.epoch == 2:
            control.pause()
        if isinstance(message, RunStateChanged) and message.state == "paused":
            assert runs.read_run(folder).state == "running"  # not saved yet: the person hears first
            control.resume()

    ended, told = run(folder, control=control, told=Told(when))
    states = [m.state for m in told.of(RunStateChanged)]
    assert "paused" in states
    assert states.index("running", states.index("paused")) > 0
    assert ended.reason == "finished"


def test_a_second_pause_while_the_first_still_saves_is_told_too(tmp_path: Path) -> None:
    control, told_paused = RunControl(), 0

    def when(message: Message) -> None:
        nonlocal told_paused
        if isinstance(message, EpochEnded) and message.epoch == 1:
            control.pause()
        if isinstance(message, RunStateChanged) and message.state == "paused":
            told_paused += 1
            control.resume()
            if told_paused == 1:
                control.pause()

    ended, _ = run(hard_run(tmp_path, epochs=3), control=control, told=Told(when))
    assert told_paused == 2
    assert ended.reason == "finished"


@pytest.mark.usefixtures("untried")
@pytest.mark.parametrize(("how", "reason"), [("stop", "stopped"), ("abort", "aborted")])
def test_an_end_keeps_the_best(tmp_path: Path, how: str, reason: str) -> None:
    folder = hard_run(tmp_path, epochs=100_000)
    control = RunControl()

    def when(message: Message) -> None:
        if isinstance(message, EpochEnded):
            control.end(how)

    ended, _ = run(folder, control=control, told=Told(when))
    record = runs.read_run(folder)
    assert (ended.reason, record.state) == (reason, reason)
    assert record.usable
    assert record.scores["val_loss"] == pytest.approx(float(runs.read_history(folder).epochs["val_loss"].min()))
    assert isinstance(load_model(folder), keras.Model)


@pytest.mark.parametrize("large", [False, True])
def test_the_kept_weights_are_scored_on_the_test_part(
    tmp_path: Path, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(modes, "MEMORY_SHARE", 0.0)
    parts = {"train": blobs(200), "validation": blobs(101, 1), "test": blobs(700, 2)}
    folder = make_run(tmp_path, HARD, TrainSpec(epochs=4, seed=3), parts, classes=ABC)
    run(folder)
    scores = runs.read_run(folder).scores
    measured = evaluate(folder, "test", "", RunControl()).metrics
    assert {"test.loss", "test.accuracy", "val_loss", "val_accuracy", "loss"} <= scores.keys()
    for name, value in measured.items():
        assert scores[f"test.{name}"] == pytest.approx(value, rel=1e-5)
    runs.update_run(folder, epochs=8)  # trained on, other weights may be the best
    run(folder, resume=True)
    assert runs.read_run(folder).scores["test.loss"] == pytest.approx(
        evaluate(folder, "test", "", RunControl()).metrics["loss"], rel=1e-5
    )


def test_scoring_that_takes_too_long_or_fails_leaves_the_run_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"train": blobs(60), "validation": blobs(31, 1), "test": blobs(70, 2)}
    monkeypatch.setattr(saving, "SCORE_SECONDS", -1.0)
    folder = make_run(tmp_path, HARD, TrainSpec(epochs=2), parts, classes=ABC)
    assert run(folder)[0].reason == "finished"
    assert "test.loss" not in runs.read_run(folder).scores
    (tmp_path / "prepared" / "test.x.npy").unlink()
    folder = make_run(tmp_path, HARD, TrainSpec(epochs=2), parts, classes=ABC)
    assert run(folder)[0].reason == "finished"
    assert runs.read_run(folder).usable


def test_the_line_is_learned(tmp_path: Path) -> None:
    settings = TrainSpec(optimizer="SGD", epochs=500)
    folder = make_run(tmp_path, chain(("Dense", {"units": 1})), settings, {"train": line()})
    ended, told = run(folder)
    assert ended.reason == "finished"
    assert len(told.of(EpochEnded)) == 500
    assert "val_loss" not in told.of(EpochEnded)[0].logs
    assert load_model(folder)(np.array([[10.0]], np.float32)).numpy()[0, 0] == pytest.approx(19, abs=0.1)


@pytest.mark.parametrize("small", [True, False])
def test_a_loss_that_runs_away_says_where_and_keeps_the_last_good(
    tmp_path: Path, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not small:
        monkeypatch.setattr(sweep, "suits", lambda *_: False)
    settings = TrainSpec(optimizer="SGD", optimizer_params={"learning_rate": 5.0}, epochs=100)
    folder = make_run(tmp_path, chain(("Dense", {"units": 1})), settings, {"train": line()})
    ended, told = run(folder)
    assert ended.reason == "failed"
    assert "batch 1" in ended.where
    assert "learning rate (now 5)" in ended.remedy
    assert ended.epochs == len(told.of(EpochEnded)) < 100
    assert runs.read_run(folder).state == "failed"
    assert "learning rate" in runs.read_run(folder).message
    assert all(np.isfinite(w).all() for w in load_weights(folder))


@pytest.mark.parametrize(
    ("units", "activation", "loss", "classes"),
    [
        (3, "softmax", "categorical_crossentropy", ABC),
        (3, "softmax", "auto", ABC),
        (1, "sigmoid", "auto", ("no", "yes")),
    ],
)
def test_targets_are_given_as_the_loss_wants_them(
    tmp_path: Path, units: int, activation: str, loss: str, classes: tuple[str, ...]
) -> None:
    x, y = blobs(300)
    y = np.minimum(y, len(classes) - 1)
    graph = chain(("Dense", {"units": 8, "activation": "relu"}), ("Dense", {"units": units, "activation": activation}))
    settings = TrainSpec(loss=loss, epochs=30, optimizer_params={"learning_rate": 0.02})
    folder = make_run(tmp_path, graph, settings, {"train": (x, y)}, classes=classes)
    ended, told = run(folder)
    assert ended.reason == "finished"
    assert told.of(EpochEnded)[-1].logs["accuracy"] > 0.7
    answers = np.asarray(load_model(folder)(x))
    assert np.mean((answers.argmax(1) if units > 1 else answers[:, 0] > 0.5) == y) > 0.7


def test_xla_is_measured_without_a_trace_in_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without dropout: XLA draws other (equally random) numbers.
    graph = chain(("Dense", {"units": 16, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
    plain, tried, compiled = (
        make_run(tmp_path, graph, TrainSpec(epochs=3), {"train": blobs(500)}, classes=ABC) for _ in range(3)
    )
    run(plain, shelf=None)
    monkeypatch.setattr(modes, "TRIAL_SECONDS", 0.0)
    monkeypatch.setattr(modes.Timing, "pays", lambda *_: False)
    shelf = Shelf()
    _, told = run(tried, shelf=shelf)
    assert told.of(RunStarted)[0].mode == "compiled loop"
    assert same(load_weights(plain), load_weights(tried))
    monkeypatch.setattr(modes.Timing, "pays", lambda *_: True)
    _, told = run(compiled, shelf=shelf)
    assert told.of(RunStarted)[0].mode == runs.read_run(compiled).mode == "compiled loop, XLA"
    np.testing.assert_allclose(
        runs.read_history(plain).epochs["loss"], runs.read_history(compiled).epochs["loss"], rtol=1e-3
    )


def test_a_checkpoint_cut_short_or_of_other_settings_is_refused(tmp_path: Path) -> None:
    folder = hard_run(tmp_path, epochs=1)
    run(folder, resume=True)
    assert runs.read_run(folder).remarks[0] == "It had not reached a checkpoint: it begins anew."
    file = folder / checkpoints.CHECKPOINT
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainError, match="is damaged"):
        run(folder, resume=True)
    file.write_bytes(whole)
    (folder / "project.json").write_bytes((folder / "project.json").read_bytes() + b"\n")
    with pytest.raises(TrainError, match="not those of its checkpoint"):
        run(folder, resume=True)


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (TrainSpec(device="gpu:7"), "device"),
        (TrainSpec(device="toaster"), "device"),
        (TrainSpec(epochs=0), "epochs"),
        (TrainSpec(batch_size=0), "batch_size"),
        (TrainSpec(optimizer="Magic"), "optimizer"),
        (TrainSpec(optimizer_params={"beta_1": "much"}), "optimizer"),
    ],
)
def test_settings_that_cannot_be_used_say_so(tmp_path: Path, settings: TrainSpec, where: str) -> None:
    folder = make_run(tmp_path, HARD, settings, {"train": blobs(20)}, classes=ABC)
    with pytest.raises(WorkbenchError) as caught:
        run(folder)
    assert where in caught.value.where
    assert caught.value.remedy
    assert runs.read_run(folder).state == "failed"
    assert not runs.read_run(folder).usable


def test_data_that_is_gone_cut_short_or_empty_is_named(tmp_path: Path) -> None:
    folder = hard_run(tmp_path / "a")
    prepared = tmp_path / "a" / "prepared"
    whole = (prepared / "train.x.npy").read_bytes()
    (prepared / "train.x.npy").write_bytes(whole[:100])
    with pytest.raises(DataError, match="damaged"):
        run(folder)
    shutil.rmtree(prepared)
    with pytest.raises(DataError, match="no longer there"):
        run(folder)
    x, y = blobs(20)
    empty = make_run(tmp_path / "b", HARD, TrainSpec(), {"train": (x[:0], y[:0]), "test": (x, y)}, classes=ABC)
    with pytest.raises(TrainError, match="training part is empty"):
        run(empty)


def test_a_graph_that_cannot_be_trained_names_its_node(tmp_path: Path) -> None:
    graph = chain(("Conv2D", {"filters": 4, "kernel_size": 3}), ("Dense", {"units": 3}))
    folder = make_run(tmp_path, graph, TrainSpec(), {"train": blobs(20)}, classes=ABC)
    with pytest.raises(GraphError) as caught:
        run(folder)
    assert caught.value.where == "conv2d_0"


def test_a_folder_that_cannot_be_written_fails_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    folder = hard_run(tmp_path, epochs=2)
    monkeypatch.setattr(stored, "_put", full)
    ended, _ = run(folder)
    assert ended.reason == "failed"
    assert "No space left" in ended.what
    assert not list(folder.glob(".*npz*"))
    assert runs.read_run(folder).state == "failed"


def test_best_weights_are_kept_where_a_checkpoint_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise ProjectError("The state of the run could not be saved (No space left on device).")

    folder = hard_run(tmp_path, epochs=2)
    monkeypatch.setattr(checkpoints, "save_checkpoint", full)
    ended, _ = run(folder)
    assert ended.reason == "failed"
    record = runs.read_run(folder)
    assert record.state == "failed"
    assert "No space left" in record.message
    assert record.usable
    assert (folder / "best.npz").is_file()


@pytest.mark.usefixtures("stepwise")
def test_a_run_that_met_a_full_disk_goes_on_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise ProjectError("The state of the run could not be saved (No space left on device).")

    whole, met = (hard_run(tmp_path, epochs=3) for _ in range(2))
    run(whole)
    control = RunControl()
    leave = Told(lambda said: control.end("shutdown") if isinstance(said, EpochEnded) else None)
    run(met, control=control, told=leave)
    with monkeypatch.context() as disk:
        disk.setattr(checkpoints, "save_checkpoint", full)
        ended, _ = run(met, resume=True)
    assert (ended.reason, ended.cause) == ("failed", "disk")
    record = runs.read_run(met)
    assert record.interrupted
    assert record.epochs_done == 1
    assert "No space left" in record.message
    ended, _ = run(met, resume=True)
    assert ended.reason == "finished"
    for which in ("best", "last"):
        assert same(load_weights(whole, which), load_weights(met, which))


@pytest.mark.parametrize(
    ("monitor", "validated", "watched", "sign"),
    [
        ("val_loss", True, "val_loss", 1),
        ("val_loss", False, "loss", 1),
        ("val_accuracy", True, "val_accuracy", -1),
        ("val_accuracy", False, "accuracy", -1),
        ("val_auc", True, "val_loss", 1),
    ],
)
def test_what_is_watched(monitor: str, validated: bool, watched: str, sign: int) -> None:
    found, _ = rule(EarlyStopping(True, monitor, 4), ("loss", "accuracy"), validated)
    assert (found.monitor, found.sign, found.patience) == (watched, sign, 4)
