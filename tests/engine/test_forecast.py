"""What a training will take is forecast the way the run would compute: in many epochs a call, with XLA, validated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Augmentation, Graph, TrainSpec
from workbench.engine import devices, forecast, modes, probe
from workbench.engine.loop import Loops
from workbench.engine.sweep import Sweeps
from workbench.link.messages import Forecasted

from .little_runs import chain

ABC = ("a", "b", "c")
NET = chain(("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
ROWS = {"train": 4_000, "validation": 1_000}
FACTS = DataFacts("table", (InputFacts("x", "table", (2,)),), TargetFacts("y", "classification", ABC), ROWS)


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which ways were tried; XLA's last."""
    devices.setup()
    monkeypatch.setattr(forecast, "TRIAL_SECONDS", 0.01)
    monkeypatch.setattr(forecast, "JUDGING_SECONDS", 0.01)
    found: list[str] = []
    inner = forecast._trial

    def trial(way: modes.Way, size: int) -> tuple[float, float]:
        kind = "epochs" if way.sweeps is not None else "steps"
        found.append(f"{kind} by XLA" if way.loops.xla else kind)
        inner(way, size)
        return (1.0, 2.0) if way.loops.xla else (4.0, 0.0)

    monkeypatch.setattr(forecast, "_trial", trial)
    return found


def of(graph: Graph = NET, facts: DataFacts = FACTS, **settings: object) -> Forecasted:
    return forecast.forecast(graph, facts, TrainSpec(**{"epochs": 3, **settings}))  # type: ignore[arg-type]


def test_without_xla_where_the_run_would_not_try_it(tried: list[str]) -> None:
    found = of(compiler="off")
    assert tried == ["steps"]
    assert found.step_seconds == 4.0
    assert found.epoch_seconds > 125 * 4.0  # the validation is part of an epoch
    assert found.run_seconds == pytest.approx(3 * found.epoch_seconds)


def test_with_xla_where_it_is_asked_for(tried: list[str]) -> None:
    assert of(compiler="on").step_seconds == 1.0
    assert tried == ["steps by XLA"]


def test_with_xla_where_the_run_would_find_that_it_pays(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(epochs=1_000).step_seconds == 1.0
    assert of(epochs=1).step_seconds == 4.0  # too short to try
    assert tried == ["steps by XLA", "steps"]  # the first leaves no doubt
    monkeypatch.setattr(modes, "surely_pays", lambda *_: False)
    assert of(epochs=1_000).step_seconds == 1.0
    assert tried[2:] == ["steps", "steps by XLA"]
    monkeypatch.setattr(modes.Timing, "pays", lambda self, steps: False)
    assert of(epochs=1_000).step_seconds == 4.0


def test_many_small_epochs_in_a_call(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[int] = []
    monkeypatch.setattr(forecast, "_judging", lambda loops, test: judged.append(1) or 0.0)
    orders: list[int] = []
    inner = Sweeps.run
    monkeypatch.setattr(Sweeps, "run", lambda self, o, *more: orders.append(o.shape[1]) or inner(self, o, *more))
    small = replace(FACTS, rows={"train": 70, "validation": 20})
    found = of(facts=small, compiler="off")
    assert tried == ["epochs"]
    assert set(orders) == {70}  # all of the rows
    assert not judged  # the validation is in the call
    assert found.epoch_seconds == pytest.approx(3 * 4.0)


def test_nothing_of_a_validation_where_there_is_none(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loops, "test_steps", lambda *_: pytest.fail("there is nothing to judge"))
    found = of(facts=replace(FACTS, rows={"train": 4_000}), compiler="off")
    assert found.epoch_seconds == pytest.approx(125 * 4.0)
    assert found.memory > 4_000 * 2 * 4


@pytest.mark.parametrize(("probes", "looks"), [("auto", 1), ("off", 0)])
def test_a_look_inside_is_part_of_the_memory(probes: str, looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    inner = probe.rehearse
    monkeypatch.setattr(probe, "rehearse", lambda *given: looked.append(1) or inner(*given))
    of(compiler="off", probes=probes)
    assert len(looked) == looks


def test_varying_pictures_is_part_of_a_step(tried: list[str]) -> None:
    facts = replace(FACTS, inputs=(InputFacts("x", "image", (8, 8, 1), "uint8", 1 / 255),), kind="images")
    graph = chain(("Flatten", {}), ("Dense", {"units": 3, "activation": "softmax"}))
    forecast.forecast(graph, facts, TrainSpec(epochs=1_000), Augmentation(enabled=True, rotate=10.0))
    assert tried == ["steps"]  # XLA does not know how to turn pictures


@pytest.mark.parametrize(
    ("layers", "free", "smaller", "layer"),
    [
        ((("Dense", {"units": 4_000}), ("Dense", {"units": 1_000})), 40_000_000, 0, "dense_2"),  # 64 MB of weights
        ((("Dense", {"units": 4_000}), ("Dense", {"units": 3})), 8_000_000, 125, ""),
    ],
)
def test_where_the_weights_do_not_fit_no_batch_is_offered(
    layers: tuple, free: int, smaller: int, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "available", lambda: free)
    graph = chain(("Dense", {"units": 8}), *layers, ("Dense", {"units": 3, "activation": "softmax"}))
    found = of(graph, batch_size=1_000)
    assert not found.fits
    assert (found.smaller, found.layer) == (smaller, layer)
