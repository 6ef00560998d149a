"""A run that uses what the last one has left ends with the same bits as one that builds everything anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core.project import EarlyStopping, TrainSpec
from workbench.engine import assemble, devices, sweep
from workbench.engine.built import Built, Shelf
from workbench.engine.checkpoints import load_checkpoint
from workbench.engine.job import open_job
from workbench.engine.loop import Loops

from .little_runs import blobs, chain, line, make_run, train_run

HARD = chain(
    ("Dense", {"units": 16, "activation": "relu"}),
    ("BatchNormalization", {}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)
OTHER = chain(("Dense", {"units": 5, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
FIRST = TrainSpec(epochs=3, seed=3, compiler="off")
LINE = chain(("Dense", {"units": 1}))


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was built: "model" for each, "trace" for each loop that was traced."""
    seen: list[str] = []
    assembled, traced = assemble.assemble, Loops._train_steps

    def assemble_it(*args: Any, **kwargs: Any) -> Any:
        seen.append("model")
        return assembled(*args, **kwargs)

    def trace(self: Loops, *args: Any) -> Any:
        seen.append("trace")
        return traced(self, *args)

    monkeypatch.setattr(assemble, "assemble", assemble_it)
    monkeypatch.setattr(Loops, "_train_steps", trace)
    return seen


def hard(folder: Path, train: TrainSpec, seed: int = 0, graph: Any = HARD, rows: int = 500) -> Path:
    parts = {"train": blobs(rows, seed), "validation": blobs(101, seed + 1)}
    return make_run(folder, graph, train, parts, classes=("a", "b", "c"))


def ended(folder: Path, shelf: Shelf | None = None, **options: Any) -> list[np.ndarray]:
    train_run(folder, lambda message: None, shelf=shelf, **options)
    saved = load_checkpoint(folder)
    return [*saved.variables, *saved.optimizer, *saved.metrics, *saved.best]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    "train",
    [
        replace(FIRST, epochs=5),
        replace(FIRST, early_stopping=EarlyStopping(enabled=True, patience=1, min_delta=0.5)),
        replace(FIRST, optimizer_params={"learning_rate": 0.02}, epochs=2),
    ],
)
def test_what_is_used_again_gives_the_same_bits(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch, train: TrainSpec
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    shelf = Shelf()
    ended(hard(tmp_path / "before", FIRST), shelf)
    built.clear()
    again = ended(hard(tmp_path / "again", train, seed=7), shelf)  # other rows, as many
    assert built == []
    assert same(again, ended(hard(tmp_path / "new", train, seed=7)))


class _Asked(Exception):
    """What a shelf was asked for; nothing is built then."""


class _Asking(Shelf):
    def take(self, key: str) -> Built | None:
        raise _Asked(key)


def key_of(folder: Path) -> str:
    with pytest.raises(_Asked) as asked:
        open_job(folder, "cpu", lambda *_: None, shelf=_Asking())
    return str(asked.value)


@pytest.mark.parametrize(
    ("train", "graph", "rows"),
    [
        (replace(FIRST, seed=4), HARD, 500),
        (replace(FIRST, batch_size=16), HARD, 500),
        (replace(FIRST, optimizer="SGD"), HARD, 500),
        (replace(FIRST, optimizer_params={"beta_1": 0.5}), HARD, 500),
        (replace(FIRST, class_weights={"a": 3.0}), HARD, 500),
        (replace(FIRST, precision="mixed_bfloat16"), HARD, 500),
        (FIRST, OTHER, 500),
        (FIRST, HARD, 499),
        (replace(FIRST, loss="kl_divergence"), HARD, 500),
    ],
)
def test_what_enters_the_compiled_code_is_told_apart(tmp_path: Path, train: TrainSpec, graph: Any, rows: int) -> None:
    assert key_of(hard(tmp_path / "before", FIRST)) != key_of(hard(tmp_path / "again", train, 0, graph, rows))


def test_what_is_no_part_of_the_compiled_code_is_not(tmp_path: Path) -> None:
    other = replace(FIRST, epochs=9, optimizer_params={"learning_rate": 0.5}, keep_every=2)
    assert key_of(hard(tmp_path / "before", FIRST)) == key_of(hard(tmp_path / "again", other, 8))


def test_another_model_is_built_anew(tmp_path: Path, built: list[str]) -> None:
    shelf = Shelf()
    ended(hard(tmp_path / "before", replace(FIRST, epochs=1)), shelf)
    built.clear()
    ended(hard(tmp_path / "again", replace(FIRST, epochs=1), graph=OTHER), shelf)
    assert built.count("model") == 1


def test_it_is_used_again_by_a_run_that_goes_on(
    tmp_path: Path, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "suits", lambda *_: False)
    shelf, folder = Shelf(), hard(tmp_path / "two", replace(FIRST, epochs=2))
    ended(folder, shelf)
    built.clear()
    longer = ended(folder, shelf, resume=True, epochs=4)
    assert built == []
    assert same(longer, ended(hard(tmp_path / "four", replace(FIRST, epochs=4))))


def test_small_epochs_in_one_call_are_used_again_while_their_rule_stays(tmp_path: Path, built: list[str]) -> None:
    def make(name: str, early: EarlyStopping, rate: float) -> Path:
        train = TrainSpec(
            epochs=60, optimizer="SGD", optimizer_params={"learning_rate": rate}, early_stopping=early, compiler="off"
        )
        return make_run(tmp_path / name, LINE, train, {"train": line()})

    shelf, stops = Shelf(), EarlyStopping(enabled=True, monitor="loss", patience=2, min_delta=0.01)
    ended(make("before", EarlyStopping(), 0.01), shelf)
    again = ended(make("again", EarlyStopping(), 0.05), shelf)
    assert same(again, ended(make("new", EarlyStopping(), 0.05)))
    stopped = ended(make("stopped", stops, 0.05), shelf)
    assert built.count("model") == 2  # the first, and the one without a shelf
    assert shelf._left is not None
    kept = shelf._left[1]
    assert len(kept._ways) == 1  # that of the last rule alone
    assert same(stopped, ended(make("stopped anew", stops, 0.05)))


def test_the_rows_of_a_run_are_let_go_with_it(tmp_path: Path) -> None:
    shelf = Shelf()
    ended(hard(tmp_path / "run", replace(FIRST, epochs=1)), shelf)
    assert shelf._left is not None
    kept = shelf._left[1]
    assert kept.train.held == ()
