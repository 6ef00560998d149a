"""Where the layers leave no doubt, XLA is taken without measuring; everywhere else the trial tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import Graph, TrainSpec
from workbench.engine import devices, job, modes, timings
from workbench.engine.built import Plan
from workbench.engine.job import open_job
from workbench.engine.modes import surely_pays
from workbench.engine.spread import Spread

from .little_runs import blobs, chain, make_run

ABC = ("a", "b", "c")
END = ("Dense", {"units": 3, "activation": "softmax"})
NET = chain(("Dense", {"units": 16}), ("BatchNormalization", {}), ("ReLU", {}), END)
LONG = TrainSpec(epochs=10_000)  # of three steps each


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


def sure(folder: Path, graph: Graph, settings: TrainSpec, rows: int = 90, device: str = "cpu") -> bool:
    path = make_run(folder, graph, settings, {"train": blobs(rows)}, classes=ABC)
    train, _ = job._parts(Path(runs.read_run(path).prepared), facts := runs.read_facts(path))
    found = job.assemble.resolved(graph, facts, settings)
    plan = Plan(
        graph, facts, settings, found, runs.read_project(path).features.augment, settings.batch_size, 0, (train, None)
    )
    made = plan.build(Spread())
    return surely_pays(made.model, made.train, settings.epochs, settings, found.outputs, device)


def test_a_long_run_of_a_small_dense_net_needs_no_trial(tmp_path: Path) -> None:
    assert sure(tmp_path, NET, LONG)


@pytest.mark.parametrize(
    ("graph", "settings", "rows"),
    [
        (NET, replace(LONG, epochs=1000), 90),  # too short for what compiling takes
        (NET, replace(LONG, batch_size=512), 600),
        (chain(("Dense", {"units": 300}), ("Dense", {"units": 300}), END), replace(LONG, batch_size=256), 256),
        (chain(("Dense", {"units": 16}), ("Dropout", {"rate": 0.5}), END), LONG, 90),
        (chain(*[("Dense", {"units": 4})] * 9, END), LONG, 90),
        (NET, replace(LONG, precision="mixed_bfloat16"), 90),
        (NET, replace(LONG, optimizer="Adagrad"), 90),
        (NET, replace(LONG, optimizer_params={"gradient_accumulation_steps": 2}), 90),
        (NET, replace(LONG, metrics=("sparse_top_k_categorical_accuracy",)), 90),
    ],
)
def test_where_it_was_not_seen_to_pay_the_trial_tells(
    tmp_path: Path, graph: Graph, settings: TrainSpec, rows: int
) -> None:
    assert not sure(tmp_path, graph, settings, rows)


def test_a_graphics_card_is_tried(tmp_path: Path) -> None:
    assert not sure(tmp_path, NET, LONG, device="gpu:0")


def test_it_is_neither_measured_nor_kept_nor_is_the_plain_loop_traced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("measured")

    monkeypatch.setattr(modes, "may_pay", lambda *_: True)
    monkeypatch.setattr(modes, "surely_pays", lambda *_: True)
    monkeypatch.setattr(modes.sweep, "suits", lambda *_: False)
    monkeypatch.setattr(modes, "measured", never)
    monkeypatch.setattr(timings, "keep", never)
    folder = make_run(tmp_path, NET, TrainSpec(epochs=2), {"train": blobs(96)}, classes=ABC)
    said: list[str] = []
    opened = open_job(folder, "cpu", lambda *told: said.append(told[1]))
    assert opened.mode == modes.XLA
    assert not any("Measuring" in text for text in said)
    assert opened.built is not None
    assert opened.built.plain._full.experimental_get_tracing_count() == 0  # no smaller last batch here either
    assert opened.loops._full.experimental_get_tracing_count() == 1
    values = opened.loops.train_steps(*opened.train.walk(np.arange(96)).take(2))  # type: ignore[misc]
    assert opened.loops._full.experimental_get_tracing_count() == 1
    assert np.isfinite(values).all()
