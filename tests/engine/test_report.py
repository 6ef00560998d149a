"""The strip's figures are read right."""

from __future__ import annotations

import pytest

from workbench.engine.vitals import Pulse, card_of


def test_what_the_card_says_is_read_and_what_the_process_does_is_measured() -> None:
    assert card_of("37, 1520\n") == (0.37, 1520 << 20)
    with pytest.raises(ValueError, match="N/A"):
        card_of("[N/A], [N/A]")
    vitals = Pulse().take()
    assert vitals.memory > 0
    assert 0 <= vitals.load <= 1
    assert vitals.card_load in (-1.0, vitals.card_load)
