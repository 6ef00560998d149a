"""Words that depend on a number."""

from __future__ import annotations

import math

import pytest

from workbench.core.wording import time_left


@pytest.mark.parametrize(
    ("seconds", "said"), [(7.6, "8 s"), (59.6, "1:00"), (130.0, "2:10"), (3_750.0, "1:02:30"), (math.nan, "")]
)
def test_time_left_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert time_left(seconds) == said
