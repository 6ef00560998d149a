"""Checkpoints of single epochs, kept beside the best and the last; and the smaller settings of a run's engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.errors import ProjectError, TrainError
from workbench.core.project import EarlyStopping, Plateau, TrainSpec
from workbench.core.runs import Start, create_run
from workbench.engine import assemble, checkpoints, devices, probe, saving, sweep, trainer
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.engine.evaluate import evaluate
from workbench.engine.warmstart import begin_with
from workbench.link.messages import EpochEnded, Probed

from .little_runs import blobs, chain, make_run, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
ABC = ("a", "b", "c")
GRAPH = chain(("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
PARTS = {"train": blobs(60), "validation": blobs(20, 1), "test": blobs(20, 2)}


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def trained(folder: Path, **settings: Any) -> tuple[Path, list[Any]]:
    made = make_run(folder, GRAPH, TrainSpec(seed=3, **settings), PARTS, classes=ABC)
    told: list[Any] = []
    trainer.train(made, told.append, RunControl())
    return made, told


@pytest.mark.parametrize("swept", [True, False], ids=["many epochs a call", "epoch by epoch"])
def test_checkpoints_are_kept_of_the_epochs_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swept: bool
) -> None:
    if not swept:
        monkeypatch.setattr(sweep, "suits", lambda *_: False)
    folder, _ = trained(tmp_path / "a", epochs=5, keep_every=2)
    assert runs.read_run(folder).kept == (2, 4)
    assert sorted(f.name for f in folder.glob("kept-*")) == ["kept-000002.npz", "kept-000004.npz"]
    short, _ = trained(tmp_path / "b", epochs=2)
    for kept, last in zip(load_weights(folder, "2"), load_weights(short, "last"), strict=True):
        np.testing.assert_array_equal(kept, last)
    scores = evaluate(folder, "test", "", RunControl(), "2").metrics
    assert scores == pytest.approx(evaluate(short, "test", "", RunControl(), "last").metrics)
    assert scores != pytest.approx(evaluate(folder, "test", "", RunControl()).metrics)
    with pytest.raises(TrainError, match="No checkpoint of epoch 3") as raised:
        checkpoints.load_model(folder, "3")
    assert "2, 4" in raised.value.remedy


def test_a_run_that_broke_off_knows_the_epochs_that_were_kept_of_it(tmp_path: Path) -> None:
    made = make_run(tmp_path, GRAPH, TrainSpec(seed=3, epochs=5, keep_every=2), PARTS, classes=ABC)

    class Lost(BaseException):
        """What ends the engine in the middle."""

    def lose(message: Any) -> None:
        if isinstance(message, EpochEnded) and message.epoch == 4:
            raise Lost

    with pytest.raises(Lost):
        trainer.train(made, lose, RunControl())
    record = runs.read_run(made)
    assert record.kept
    assert record.epochs_done == max(record.kept)
    assert checkpoints.load_checkpoint(made).place.epoch == max(record.kept)


@pytest.mark.parametrize("rule", ["plateau", "early stopping"])
def test_what_is_decided_after_an_epoch_is_in_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    settings: dict[str, Any] = {"keep_every": 1, "optimizer_params": {"learning_rate": 0.5}}
    if rule == "plateau":
        settings |= {"epochs": 5, "plateau": Plateau(True, 0.5, 1, 0.0, 10.0)}  # nothing is so much better
    else:
        settings |= {"epochs": 30, "early_stopping": EarlyStopping(True, "val_loss", 2, 10.0)}
    whole, _ = trained(tmp_path, **settings)
    done = runs.read_run(whole).epochs_done
    assert done == (5 if rule == "plateau" else 3)
    left = make_run(tmp_path, GRAPH, TrainSpec(seed=3, **settings), PARTS, classes=ABC)
    keep = saving.Saver.keep

    def lost(self: saving.Saver, job: Any, place: Any) -> None:
        keep(self, job, place)
        if place.epoch == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(saving.Saver, "keep", lost)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(left, lambda _: None, RunControl())
    told: list[Any] = []
    ended = train_run(left, told.append, resume=True)
    assert (ended.reason, ended.epochs) == (runs.read_run(whole).state, done)
    assert len([m for m in told if isinstance(m, EpochEnded)]) == done - 3
    for which in ("last", "best", "3"):
        for mine, other in zip(load_weights(left, which), load_weights(whole, which), strict=True):
            np.testing.assert_array_equal(mine, other)
    mine, other = (runs.read_history(folder).epochs["learning_rate"] for folder in (left, whole))
    assert mine.tolist() == other.tolist()


def test_going_on_after_a_crash_puts_what_is_kept_right(tmp_path: Path) -> None:
    made = make_run(tmp_path, GRAPH, TrainSpec(seed=3, epochs=5, keep_every=2), PARTS, classes=ABC)
    trainer.train(made, lambda _: None, RunControl())
    (made / "kept-000004.npz").rename(made / "kept-000006.npz")  # of a later epoch than it goes on from
    runs.update_run(made, kept=(2, 3, 6), state="running", epochs=6)  # the third is not there
    train_run(made, lambda _: None, resume=True)
    assert runs.read_run(made).kept == (2, 6)
    assert checkpoints.weights_file(made, "6").is_file()
    (made / "kept-000006.npz").unlink()  # it broke off between the checkpoint and what is kept
    runs.update_run(made, kept=(), state="running", epochs=7)
    train_run(made, lambda _: None, resume=True)
    assert runs.read_run(made).kept == (2, 6)


@pytest.mark.parametrize("content", [b"", b"junk", None], ids=["empty", "other", "cut off"])
def test_a_damaged_checkpoint_is_said_in_plain_words(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "kept-000002.npz"
    np.savez(file, meta=np.zeros(900))
    file.write_bytes(file.read_bytes()[:300] if content is None else content)
    with pytest.raises(TrainError, match=r"is damaged\.") as raised:
        load_weights(tmp_path, "2")
    assert raised.value.where == str(file)
    assert "another checkpoint" in raised.value.remedy


def test_a_kept_checkpoint_that_was_deleted_is_not_offered(tmp_path: Path) -> None:
    folder = make_run(tmp_path, GRAPH, TrainSpec(epochs=3, keep_every=1), PARTS, classes=ABC)
    runs.write_run(folder, replace(runs.read_run(folder), kept=(1, 2)))
    (folder / runs.kept_name(2)).write_bytes(b"")
    with pytest.raises(TrainError, match="epoch 1 is no longer there") as raised:
        load_weights(folder, "1")
    assert raised.value.remedy.startswith("Kept: epoch 2.")


def test_a_run_begins_with_a_checkpoint_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    parent, _ = trained(tmp_path, epochs=3, keep_every=1)
    project, facts = runs.read_project(parent), runs.read_facts(parent)
    prepared = Path(runs.read_run(parent).prepared)
    folder = create_run(tmp_path / "runs", project, facts, {}, prepared, start=Start(parent, "2"))
    told: list[Any] = []
    train_run(folder, told.append, epochs=1)
    (note,) = [n for n in runs.read_run(folder).remarks if "Begins" in n]
    assert "a checkpoint that was kept (epoch 2), with the state of the optimizer" in note
    with pytest.raises(ProjectError, match="no checkpoint of epoch 7") as raised:
        create_run(tmp_path / "runs", project, facts, {}, prepared, start=Start(parent, "7"))
    assert "1, 2, 3" in raised.value.remedy
    given, hidden, last, end = GRAPH.nodes  # an edited model takes what still fits
    edited = replace(GRAPH, nodes=(given, hidden, replace(last, params={**last.params, "use_bias": False}), end))
    folder = create_run(
        tmp_path / "runs", replace(project, graph=edited), facts, {}, prepared, start=Start(parent, "2")
    )
    model = assemble.assemble(edited, facts, project.train, "sparse_categorical_crossentropy", ()).model
    note = begin_with(model, folder, project.train.optimizer)
    assert "kept (epoch 2)" in note
    assert "with the state of the optimizer" in note  # which has learned all that is left
    for mine, other in zip(model.variables, load_weights(parent, "2"), strict=False):
        np.testing.assert_array_equal(mine, other)


def test_of_weights_that_are_averaged_a_kept_checkpoint_scores_as_its_epoch_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    params = {"use_ema": True, "ema_momentum": 0.9, "learning_rate": 0.05}
    folder, told = trained(tmp_path, epochs=2, keep_every=1, optimizer_params=params)
    for which, epoch in (("1", 0), ("last", 1)):
        said = next(m for m in told if isinstance(m, EpochEnded) and m.epoch == epoch)
        found = evaluate(folder, "validation", "", RunControl(), which).metrics
        assert found["loss"] == pytest.approx(said.logs["val_loss"], rel=1e-5)


def test_looks_inside_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SHARE", 1e9)
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    _, told = trained(tmp_path / "a", epochs=1, probes="off")
    assert not any(isinstance(m, Probed) for m in told)
    _, told = trained(tmp_path / "b", epochs=1)
    assert any(isinstance(m, Probed) for m in told)


def test_threads_that_are_not_there_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = trained(tmp_path, epochs=1, threads=1)  # this process computes with all
    assert runs.read_run(folder).threads == 1
    assert any("1 processor thread is asked for" in text for text in runs.read_run(folder).remarks)
    monkeypatch.setattr(devices, "_threads", 2)
    assert devices.threads_note(2) == devices.threads_note(0) == ""
    assert "this machine has" in devices.threads_note(4096)


def test_a_run_leaves_no_gradient_functions_behind(tmp_path: Path) -> None:
    """TensorFlow keeps them for ever, and each holds the graph of its run with the data."""
    from tensorflow.python.framework import ops

    before = set(ops.gradient_registry._registry)
    trained(tmp_path, epochs=1)
    assert set(ops.gradient_registry._registry) == before
