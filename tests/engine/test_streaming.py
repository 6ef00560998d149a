"""Parts that are read from their files while they are trained on: the same run as in memory, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import TrainSpec
from workbench.engine import modes, shuffle, sweep, training
from workbench.engine.checkpoints import load_weights
from workbench.engine.control import RunControl
from workbench.link.messages import Message, RunStarted

from .little_runs import blobs, chain, make_run, train_run

pytestmark = pytest.mark.usefixtures("kept_built")
NET = chain(
    ("Dense", {"units": 8, "activation": "relu"}),
    ("Dropout", {"rate": 0.3}),
    ("Dense", {"units": 3, "activation": "softmax"}),
)


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few kilobytes are shuffled and read as large ones are."""
    for name, size in (("WHOLE_BYTES", 1000), ("STRIP_BYTES", 100), ("POOL_BYTES", 1000)):
        monkeypatch.setattr(shuffle, name, size)
    monkeypatch.setattr(modes, "STREAM_BYTES", 2048)


def run_of(folder: Path, compiler: str) -> Path:
    settings = TrainSpec(epochs=2, seed=3, compiler=compiler)
    return make_run(folder, NET, settings, {"train": blobs(500), "validation": blobs(101, 1)}, classes=("a", "b", "c"))


def train(folder: Path, control: RunControl | None = None, **options: Any) -> str:
    """Train; the mode."""
    told: list[Message] = []
    train_run(folder, told.append, control, **options)
    return next(said.mode for said in told if isinstance(said, RunStarted))


def same(a: Path, b: Path) -> bool:
    pairs = [zip(load_weights(a, which), load_weights(b, which), strict=True) for which in ("best", "last")]
    return all(np.array_equal(x, y) for pair in pairs for x, y in pair)


@pytest.mark.parametrize(("compiler", "mode"), [("off", "streamed"), ("on", "streamed, XLA")])
def test_streamed_left_and_resumed_gives_what_memory_gives(
    tmp_path: Path, compiler: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, left = run_of(tmp_path, compiler), run_of(tmp_path, compiler)
    assert "streamed" not in train(held, streamed=False)
    control, took = RunControl(), training.Training._stepped

    def stepped(self: training.Training, values: np.ndarray, seconds: float) -> None:
        took(self, values, seconds)
        self._pace.steps = 1
        if self._life.place.batches == 21:
            control.end("shutdown")

    with monkeypatch.context() as patched:
        patched.setattr(training.Training, "_stepped", stepped)
        train(left, control, streamed=True)
    assert runs.read_run(left).epochs_done == 1
    assert train(left, streamed=True, resume=True) == mode
    assert same(held, left)


def test_large_parts_are_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suits: list[bool] = []
    asked = sweep.suits
    monkeypatch.setattr(sweep, "suits", lambda *given: suits.append(asked(*given)) or suits[-1])
    train(run_of(tmp_path, "off"))
    assert suits == [False]


def test_xla_is_left_out_where_its_compiler_has_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "available", lambda: modes.XLA_BYTES)
    assert train(run_of(tmp_path, "on"), streamed=True) == "streamed"
