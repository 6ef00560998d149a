"""`workbench control` waits for what was asked, and for nothing else."""

from __future__ import annotations

import pytest

from workbench.headless_control import _done, _Seen
from workbench.link.messages import Adjust, RunAdjusted


@pytest.mark.parametrize(
    ("notes", "done"),
    [
        ((), False),
        (("Batch size 32 → 64",), False),  # asked for before, taken now
        (("Batch size 32 → 64", "Epochs 20 → 40"), True),
    ],
)
def test_a_note_of_another_change_is_no_answer(notes: tuple[str, ...], done: bool) -> None:
    seen = _Seen()
    for text in notes:
        seen.take(RunAdjusted("r", 3, text, 40, 32, 10))
    assert _done(Adjust("r", epochs=40), seen, 0) is done
    assert _done(Adjust("r", batch_size=64), seen, 0)  # may be far off
