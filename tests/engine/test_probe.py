"""What a look inside the model tells, that it changes nothing, and that it is rare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.core import runs
from workbench.core.project import TrainSpec
from workbench.engine import devices, probe
from workbench.engine.checkpoints import load_checkpoint
from workbench.engine.job import open_job
from workbench.engine.modes import all_variables
from workbench.engine.probe import Prober
from workbench.engine.stalled import stalled
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
    blind = hard_run(tmp_path / "b", epochs=2, probes="off")
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


@pytest.mark.usefixtures("always")
def test_a_look_takes_few_rows_at_a_time_where_each_takes_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the same, and must not take more memory than a step does."""
    told = []
    for most in (probe.PIECE_BYTES, 0):
        monkeypatch.setattr(probe, "PIECE_BYTES", most)
        _, heard = run(hard_run(tmp_path / str(most), epochs=1))
        told.append(heard.of(Probed)[-1])
    np.testing.assert_allclose(told[0].gradients, told[1].gradients, rtol=1e-4)
    for name in ("weights", "dead", "units", "predicted", "actual"):
        np.testing.assert_array_equal(getattr(told[0], name), getattr(told[1], name))


def test_what_is_computed_in_half_precision_is_looked_into_as_well(tmp_path: Path) -> None:
    found = {}
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        folder = hard_run(tmp_path / precision, precision=precision, compiler="off")
        opened = open_job(folder, "cpu", lambda *_: None)
        before = [v.numpy().tobytes() for v in all_variables(opened.model)]
        prober = Prober(opened, lambda: False)
        opened.history.epochs.append({"loss": 2.0})
        opened.history.epochs.append({"loss": 2.0})
        assert prober.owed()
        found[precision] = prober.look(1)
        assert [v.numpy().tobytes() for v in all_variables(opened.model)] == before
    whole, *others = found.values()
    assert whole is not None
    for half in others:
        assert half is not None
        assert (half.layers, half.relus) == (whole.layers, whole.relus)
        np.testing.assert_allclose(half.gradients, whole.gradients, rtol=0.05)
        np.testing.assert_allclose(half.weights, whole.weights, rtol=1e-6)  # they are float32 in all
        assert half.dead.tolist() == whole.dead.tolist()
        assert half.actual.tolist() == whole.actual.tolist()
        assert abs(half.predicted - whole.predicted).sum() <= 0.1 * half.predicted.sum()


def test_small_gradients_of_float16_are_no_zeros(tmp_path: Path) -> None:
    """Below 6e-8 it has no numbers: the loss is scaled for a look as it is for a step."""
    found = []
    deeper = chain(
        *(("Dense", {"units": 8, "activation": "sigmoid"}),) * 11, ("Dense", {"units": 3, "activation": "softmax"})
    )
    for precision in ("float32", "mixed_float16"):
        spec = TrainSpec(epochs=1, precision=precision)
        folder = make_run(tmp_path / precision, deeper, spec, {"train": blobs(60)}, classes=ABC)
        opened = open_job(folder, "cpu", lambda *_: None)
        found.append(Prober(opened, lambda: False).look(0))
    whole, half = found
    assert whole is not None and half is not None  # noqa: PT018
    assert whole.gradients[0] < 6e-8 * 8
    np.testing.assert_allclose(half.gradients, whole.gradients, rtol=0.1)


def test_a_look_is_broken_off_between_its_pieces_and_taken_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "PIECE_BYTES", 0)
    folder = hard_run(tmp_path)  # in batches of 32: a look has four pieces and more
    opened = open_job(folder, "cpu", lambda *_: None)
    opened.history.epochs.append({"loss": 2.0})
    opened.history.epochs.append({"loss": 2.0})
    for number, variable in enumerate(opened.model.non_trainable_variables):
        variable.assign(np.full(variable.shape, -0.0 if number else 7, variable.dtype))
    before = [v.numpy().tobytes() for v in all_variables(opened.model)]
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) == 3

    prober = Prober(opened, stopped)
    assert prober.owed()
    assert prober.look(1) is None
    assert len(asked) == 3
    assert prober.owed()
    assert prober.look(1) is not None
    assert not prober.owed()
    assert [v.numpy().tobytes() for v in all_variables(opened.model)] == before

    def broken(*_: object) -> None:
        raise RuntimeError("some layer")

    monkeypatch.setattr(probe, "_backwards", broken)
    assert prober.look(2) is None  # the run goes on
    assert not prober.due(1e9)


def test_a_look_is_taken_only_when_it_costs_next_to_nothing(tmp_path: Path) -> None:
    folder = hard_run(tmp_path, epochs=1)
    _, told = run(folder)
    assert runs.read_run(folder).state == "finished"
    (seen,) = told.of(Probed)  # over in a moment: only which classes it answers is looked at
    assert (len(seen.layers), seen.actual.sum()) == (0, 101)
    prober = Prober.__new__(Prober)
    prober._able, prober._spent, prober._cost = True, 0.5, 0.1
    assert not prober.due(0.6 / probe.SHARE - 1)
    assert prober.due(0.6 / probe.SHARE + 1)
    assert np.isfinite(probe.SHARE)


def test_a_run_that_learns_nothing_is_looked_into_unless_looks_are_off(tmp_path: Path) -> None:
    below = {"kind": "Constant", "params": {"value": -50.0}}
    layers = (
        ("Dense", {"units": 10, "activation": "relu", "bias_initializer": below}),
        ("Dense", {"units": 3, "activation": "softmax"}),
    )
    parts = {"train": blobs(90), "validation": blobs(90, 1)}
    folder = make_run(tmp_path, chain(*layers), TrainSpec(epochs=30), parts, classes=ABC)
    _, told = run(folder)
    looks = told.of(Probed)
    assert 2 <= len(looks) <= 9  # further and further apart
    assert looks[-1].epoch == 29
    assert all(look.dead.tolist() == [10] for look in looks)
    folder = make_run(tmp_path / "off", chain(*layers), TrainSpec(epochs=5, probes="off"), parts, classes=ABC)
    assert not run(folder)[1].of(Probed)


@pytest.mark.parametrize(
    ("losses", "constant", "ill"),
    [
        ([1.2], 1.1, False),
        ([1.1, 1.0999], 1.1, True),
        ([1.1, 1.05], 1.1, False),  # it falls
        ([1.1, 0.9, 0.9], 1.1, False),  # it has learned something, and no more
        ([900.0, 300.0], 1.1, True),  # it falls from where no beginning is
        ([1.1, 1.0999], float("nan"), True),
        ([1.1, 0.9, 0.9], float("nan"), False),
        ([1.1, float("inf")], 1.1, False),  # which is told otherwise
    ],
)
def test_whether_a_run_has_stalled(losses: list[float], constant: float, ill: bool) -> None:
    assert stalled(np.array(losses), constant) is ill
