"""What a look inside the model tells, that it changes nothing, and that it is rare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import TrainSpec
from workbench.engine import devices, probe
from workbench.engine.checkpoints import load_checkpoint
from workbench.engine.probe import Prober
from workbench.link.messages import Probed

from .little_runs import blobs, chain, make_run
from .test_trainer import ABC, hard_run, run, same

DEEP = chain(
    *(("Dense", {"units": 8, "activation": "sigmoid"}),) * 9,
    ("Dense", {"units": 3, "activation": "softmax"}),
)


@pytest.fixture(scope="module", autouse=True)
def _tensorflow() -> None:
    devices.setup()


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "SHARE", 1e9)


@pytest.mark.usefixtures("always")
def test_looking_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = hard_run(tmp_path / "a", epochs=2)
    _, told = run(looked)
    probes = told.of(Probed)
    assert probes
    monkeypatch.setattr(Prober, "due", lambda *_: False)
    blind = hard_run(tmp_path / "b", epochs=2)
    _, told = run(blind)
    assert not told.of(Probed)
    assert same(load_checkpoint(looked).variables, load_checkpoint(blind).variables)
    last = probes[-1]
    assert len(last.layers) == len(last.gradients) == len(last.weights) == 3
    assert (last.gradients > 0).all()
    assert last.units.tolist() == [16]
    assert last.actual.sum() == 101


@pytest.mark.usefixtures("always")
def test_gradients_that_vanish_units_that_are_dead_and_a_class_that_is_never_answered_are_seen(tmp_path: Path) -> None:
    parts = {"train": blobs(200), "validation": blobs(90, 1)}
    deep = make_run(tmp_path / "deep", DEEP, TrainSpec(epochs=1), parts, classes=ABC)
    _, told = run(deep)
    seen = told.of(Probed)[-1]
    assert seen.gradients[0] < 1e-4 * seen.gradients[-1]
    assert (seen.predicted == 0).any()  # it has learned nothing yet: always the same answer
    below = {"kind": "Constant", "params": {"value": -50.0}}
    layers = (
        ("Dense", {"units": 10, "activation": "relu", "bias_initializer": below}),
        ("Dense", {"units": 3, "activation": "softmax"}),
    )
    dead = make_run(tmp_path / "dead", chain(*layers), TrainSpec(epochs=1), parts, classes=ABC)
    _, told = run(dead)
    seen = told.of(Probed)[-1]
    assert (seen.dead.tolist(), seen.units.tolist()) == ([10], [10])


def test_a_look_is_taken_only_when_it_costs_next_to_nothing(tmp_path: Path) -> None:
    folder = hard_run(tmp_path, epochs=1)
    _, told = run(folder)
    assert runs.read_run(folder).state == "finished"
    assert not told.of(Probed)  # over in a moment
    prober = Prober.__new__(Prober)
    prober._able, prober._spent, prober._cost = True, 0.5, 0.1
    assert not prober.due(0.6 / probe.SHARE - 1)
    assert prober.due(0.6 / probe.SHARE + 1)
    assert np.isfinite(probe.SHARE)
