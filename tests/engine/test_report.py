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
