"""The strip's figures are read right."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.history import History
from workbench.engine.remaining import Remaining
from workbench.engine.report import Reporter
from workbench.engine.vitals import Pulse, card_of
from workbench.link.messages import Batches


def test_the_first_call_of_a_sitting_tells_no_speed() -> None:
    told: list[Batches] = []
    reporter = Reporter("r", ("loss",), History(), told.append, Remaining(10, 100))
    for seconds, steps in ((0.1, 1), (0.01, 10), (0.03, 30)):
        reporter.trained(0, (0, 1), np.zeros((steps, 1)), 32 * steps, seconds)
        reporter.flush()
    assert told[0].samples_per_second == 0  # not known, as 320 would be a hundredth of it
    assert [m.samples_per_second for m in told[1:]] == pytest.approx([32_000, 32_000])


def test_what_the_card_says_is_read_and_what_the_process_does_is_measured() -> None:
    assert card_of("37, 1520\n") == (0.37, 1520 << 20)
    with pytest.raises(ValueError, match="N/A"):
        card_of("[N/A], [N/A]")
    vitals = Pulse().take()
    assert vitals.memory > 0
    assert 0 <= vitals.load <= 1
    assert vitals.card_load in (-1.0, vitals.card_load)
