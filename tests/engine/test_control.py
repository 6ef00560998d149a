"""What is said to who asks a run to pause or stop while a long step is computed."""

from __future__ import annotations

import pytest

from workbench.engine.control import RunControl


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "Stopping."),  # nothing is measured yet
        (0.15, "Stopping."),  # as good as at once
        (0.83, "Stopping after this step, which takes about 0.8 s."),
        (12.4, "Stopping after this step, which takes about 12 s."),
    ],
)
def test_who_has_to_wait_for_a_step_is_told(seconds: float, said: str) -> None:
    control = RunControl()
    control.step_seconds = seconds
    assert control.when("Stopping") == said
