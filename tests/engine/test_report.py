"""The strip's figures are read right."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from workbench.core.history import History
from workbench.engine import report
from workbench.engine.remaining import Remaining
from workbench.engine.report import Reporter
from workbench.engine.vitals import Pulse, card_of
from workbench.link.messages import Batches, EpochEnded, Message


def test_the_first_call_of_a_sitting_tells_no_speed() -> None:
    told: list[Batches] = []
    reporter = Reporter("r", ("loss",), History(), told.append, Remaining(10, 100))
    for seconds, steps in ((0.1, 1), (0.01, 10), (0.03, 30)):
        reporter.trained(0, (0, 1), np.zeros((steps, 1)), 32 * steps, seconds)
        reporter.flush()
    assert told[0].samples_per_second == 0  # not known, as 320 would be a hundredth of it
    assert [m.samples_per_second for m in told[1:]] == pytest.approx([32_000, 32_000])


def test_epochs_faster_than_batches_are_told_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Message] = []
    now = 100.0
    monkeypatch.setattr(report, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(report, "FLUSH_SECONDS", 0.3)
    reporter = Reporter("r", ("loss",), History(), told.append, Remaining(10, 10))
    now += report.PROMPT_SECONDS
    for epoch in range(5):
        now += 0.11
        reporter.trained(10 * epoch, (epoch, 10), np.zeros((10, 1)), 320, 0.1)
        reporter.epoch_ended(epoch, {"loss": 1.0}, 0.1, best=True)
    steps = [m.step if isinstance(m, Batches) else f"epoch {m.epoch}" for m in told]
    assert steps == [0, "epoch 0", 10, "epoch 1", "epoch 2"]
    reporter.flush()
    assert [m.epoch for m in told[-3:]] == [4, 3, 4]
    now += 5.0
    reporter.trained(50, (5, 10), np.zeros((10, 1)), 320, 0.1)
    reporter.epoch_ended(5, {"loss": 1.0}, 0.1, best=True)
    assert isinstance(told[-1], EpochEnded)  # a slow one is told at once


def test_what_the_card_says_is_read_and_what_the_process_does_is_measured() -> None:
    assert card_of("37, 1520\n") == (0.37, 1520 << 20)
    with pytest.raises(ValueError, match="N/A"):
        card_of("[N/A], [N/A]")
    vitals = Pulse().take()
    assert vitals.memory > 0
    assert 0 <= vitals.load <= 1
    assert vitals.card_load in (-1.0, vitals.card_load)
