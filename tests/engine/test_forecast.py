"""What a training will take is forecast the way the run would compute: in many epochs a call, with XLA, validated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Augmentation, Graph, TrainSpec
from workbench.engine import devices, forecast, modes, probe, timings
from workbench.engine.feed import StreamFeed
from workbench.engine.loop import Loops
from workbench.engine.sweep import Sweeps
from workbench.link.messages import Forecasted

from .little_runs import chain

ABC = ("a", "b", "c")
NET = chain(("Dense", {"units": 4, "activation": "relu"}), ("Dense", {"units": 3, "activation": "softmax"}))
ROWS = {"train": 4_000, "validation": 1_000}
FACTS = DataFacts("table", (InputFacts("x", "table", (2,)),), TargetFacts("y", "classification", ABC), ROWS)


@pytest.fixture(autouse=True)
def timed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ways whose steps were timed: 4 seconds each, 1 with XLA. "both": they were tried against each other."""
    devices.setup()
    monkeypatch.setattr(forecast, "SECONDS", 0.001)
    monkeypatch.setattr(forecast, "JUDGING_SECONDS", 0.001)
    found: list[str] = []

    def calls_of(way: modes.Way, seed: int) -> Iterator[tuple[int, float]]:
        kind = "epochs" if way.sweeps is not None else "steps"
        found.append(f"{kind} by XLA" if way.loops.xla else kind)
        steps = way.loops.train.steps if way.sweeps is not None else 1
        inner = real(way, seed) if way.sweeps is not None or isinstance(way.loops.train, StreamFeed) else None
        while True:
            if inner is not None:
                next(inner)
            yield steps, steps * (1.0 if way.loops.xla else 4.0)

    def measured(*_: object) -> modes.Timing:
        found.append("both")
        return modes.Timing(4.0, 1.0, 2.0)

    real = modes.calls_of
    monkeypatch.setattr(modes.Way, "trace", lambda self: None)
    monkeypatch.setattr(modes, "calls_of", calls_of)
    monkeypatch.setattr(modes, "measured", measured)
    monkeypatch.setattr(timings, "recall", lambda key: None)
    return found


def of(graph: Graph = NET, facts: DataFacts = FACTS, **settings: object) -> Forecasted:
    return forecast.forecast(graph, facts, TrainSpec(**{"epochs": 3, **settings}))  # type: ignore[arg-type]


def test_without_xla_where_the_run_would_not_try_it(timed: list[str]) -> None:
    found = of(compiler="off")
    assert timed == ["steps"]
    assert found.step_seconds == 4.0
    assert found.epoch_seconds > 125 * 4.0  # the validation is part of an epoch
    assert found.run_seconds == pytest.approx(3 * found.epoch_seconds)


def test_with_xla_where_it_is_asked_for(timed: list[str]) -> None:
    assert of(compiler="on").step_seconds == 1.0
    assert timed == ["steps by XLA"]


def test_with_xla_where_the_run_would_find_that_it_pays(timed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert of(epochs=1_000).step_seconds == 1.0
    assert of(epochs=1).step_seconds == 4.0  # too short to try
    assert timed == ["steps by XLA", "steps"]  # the first leaves no doubt
    monkeypatch.setattr(modes, "surely_pays", lambda *_: False)
    assert of(epochs=1_000).step_seconds == 1.0
    assert timed[2:] == ["both", "steps by XLA"]
    monkeypatch.setattr(timings, "recall", lambda key: modes.Timing(1.0, 4.0, 2.0))
    assert of(epochs=1_000).step_seconds == 4.0  # as was found out before, so the run will not try either
    assert timed[4:] == ["steps"]


def test_many_small_epochs_in_a_call(timed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "_batches", lambda loops: pytest.fail("the validation is in the call"))
    orders: list[int] = []
    inner = Sweeps.run
    monkeypatch.setattr(Sweeps, "run", lambda self, o, *more: orders.append(o.shape[1]) or inner(self, o, *more))
    small = replace(FACTS, rows={"train": 70, "validation": 20})
    found = of(facts=small, compiler="off")
    assert timed == ["epochs"]
    assert set(orders) == {70}  # all of the rows
    assert found.epoch_seconds == pytest.approx(3 * 4.0)


def test_steps_are_timed_in_moments_of_which_one_that_was_disturbed_does_not_count() -> None:
    clock = iter([1.0, *[0.1] * 3, *[0.5] * 3, *[0.12] * 3])  # of calls of eight steps; the first is slower

    def calls() -> Iterator[tuple[int, float]]:
        for seconds in clock:
            yield 8, seconds

    watch = forecast._Stopwatch(calls())
    for _ in range(3):
        watch._taken.append([next(watch._calls) for _ in range(3)])
    assert watch.seconds == pytest.approx(0.12 / 8)
    watch.time(0.001)
    assert len(watch._taken) == 3  # calls of a second: no more of them than are needed


def test_nothing_of_a_validation_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loops, "test_steps", lambda *_: pytest.fail("there is nothing to judge"))
    found = of(facts=replace(FACTS, rows={"train": 4_000}), compiler="off")
    assert found.epoch_seconds == pytest.approx(125 * 4.0)
    assert found.memory > 4_000 * 2 * 4


def test_a_part_that_is_streamed_takes_its_blocks_however_large_it_is(
    timed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modes, "STREAM_BYTES", 100_000)
    large = replace(FACTS, rows={"train": 10**8, "validation": 10**7, "test": 10**7})
    monkeypatch.setattr(forecast, "available", lambda: 2_000_000_000)
    found = of(facts=large, compiler="off", epochs=1)
    assert timed == ["steps"]
    assert found.fits
    assert found.epoch_seconds > 4.0 * 10**8 / 32
    assert found.memory < 500_000_000  # not rows of 1.3 GB and an order of 1.6; it has the figures of 3 million batches


@pytest.mark.parametrize(("probes", "looks"), [("auto", 1), ("off", 0)])
def test_a_look_inside_is_part_of_the_memory(probes: str, looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    inner = probe.rehearse
    monkeypatch.setattr(probe, "rehearse", lambda *given: looked.append(1) or inner(*given))
    of(compiler="off", probes=probes)
    assert len(looked) == looks


def test_varying_pictures_is_part_of_a_step(timed: list[str]) -> None:
    facts = replace(FACTS, inputs=(InputFacts("x", "image", (8, 8, 1), "uint8", 1 / 255),), kind="images")
    graph = chain(("Flatten", {}), ("Dense", {"units": 3, "activation": "softmax"}))
    forecast.forecast(graph, facts, TrainSpec(epochs=1_000), Augmentation(enabled=True, rotate=10.0))
    assert timed == ["steps"]  # XLA does not know how to turn pictures


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
