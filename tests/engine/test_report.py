"""How long a run will still take is told well enough after its first tenth; the strip's figures are read right."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.history import History
from workbench.engine import report
from workbench.engine.report import Reporter
from workbench.engine.vitals import Pulse, card_of


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("step", "validation", "between", "epochs", "steps"),
    [
        (0.010, 0.0, 0.0, 40, 50),
        (0.010, 0.8, 0.002, 30, 100),
        (0.050, 3.0, 0.001, 4, 400),
        (0.001, 0.02, 0.0005, 400, 30),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_time_left_is_right_within_a_fifth_after_the_first_tenth(
    monkeypatch: pytest.MonkeyPatch, step: float, validation: float, between: float, epochs: int, steps: int, seed: int
) -> None:
    clock, rng = Clock(), np.random.default_rng(seed)
    monkeypatch.setattr(report, "time", clock)
    rows = int(validation / (0.4 * step) * 32)  # a forward pass of 32 rows takes 0.4 of a step
    made = Reporter("r", ("loss",), History(), lambda _m: None, epochs=epochs, steps=steps, validation_rows=rows)
    told: list[tuple[float, float]] = []
    for epoch in range(epochs):
        for at in range(0, steps, 5):
            took = 5 * step * float(rng.lognormal(0, 0.25))  # other programs come and go
            clock.now += took
            made.trained(epoch * steps + at, (epoch, at + 5), np.zeros((5, 1), np.float32), 5 * 32, took)
            told.append((clock.now, made.seconds_left))
            clock.now += 5 * between
        clock.now += validation
        made.validated(validation)
        if epoch == 0:
            clock.now += 1000.0
            made.paused(1000.0)
    whole = clock.now - 1000.0 - 100.0
    for now, left in told:
        share = (now - 100.0 - (1000.0 if now > 1100.0 else 0.0)) / whole
        if 0.1 <= share <= 0.95:
            assert left == pytest.approx((1 - share) * whole, rel=0.2)


def test_what_the_card_says_is_read_and_what_the_process_does_is_measured() -> None:
    assert card_of("37, 1520\n") == (0.37, 1520 << 20)
    with pytest.raises(ValueError, match="N/A"):
        card_of("[N/A], [N/A]")
    vitals = Pulse().take()
    assert vitals.memory > 0
    assert 0 <= vitals.load <= 1
    assert vitals.card_load in (-1.0, vitals.card_load)


@pytest.mark.parametrize(
    ("late_compiling", "changed"),
    [
        (1.5, None),  # the loop of the last, smaller batch is compiled while the run is young
        (0.0, (8, 50, 0.038, 64)),  # at epoch 8: batches twice as large, which take nearly twice as long
        (0.0, (8, 13, 0.022, 256)),  # eight times as large, at nearly the same time each
        (0.0, (8, 400, 0.009, 8)),  # a quarter
    ],
)
def test_time_left_is_right_soon_after_what_happens_once(
    monkeypatch: pytest.MonkeyPatch, late_compiling: float, changed: tuple[int, int, float, int] | None
) -> None:
    clock, rng = Clock(), np.random.default_rng(0)
    monkeypatch.setattr(report, "time", clock)
    steps, step, batch, epochs, judging = 100, 0.02, 32, 20, 0.4
    made = Reporter("r", ("loss",), History(), lambda _m: None, epochs=epochs, steps=steps, validation_rows=1600)
    told: list[tuple[float, float]] = []
    since, done = 100.0, 0
    for epoch in range(epochs):
        if changed is not None and epoch == changed[0]:
            _, steps, step, batch = changed
            made.steps, since = steps, clock.now
        for at in range(0, steps, 5):
            count = min(5, steps - at)
            took = count * step * float(rng.lognormal(0, 0.25))
            clock.now += took
            made.trained(done, (epoch, at + count), np.zeros((count, 1), np.float32), count * batch, took)
            told.append((clock.now, made.seconds_left))
            clock.now += late_compiling if done == 0 else 0.0
            done += count
        clock.now += judging
        made.validated(judging)
    end = clock.now
    for now, left in told:
        if now - since >= 0.1 * (end - since) and now <= 100.0 + 0.95 * (end - 100.0):
            assert left == pytest.approx(end - now, rel=0.2)
