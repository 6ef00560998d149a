"""`workbench control` waits for what was asked, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.project import EarlyStopping
from workbench.core.runs import RunRecord
from workbench.headless_control import _done, _message, _Seen, _tell
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


def test_all_that_was_asked_at_once_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    asked = Adjust("r", learning_rate=0.01, epochs=40, early_stopping=EarlyStopping(True, "val_loss", 3))
    seen = _Seen()
    for text in ("Learning rate 0.001 → 0.01", "Epochs stay 40"):
        seen.take(RunAdjusted("r", 3, text, 40, 32, 10))
        assert not _done(asked, seen, 0)
    _tell(False, RunRecord("r", "run 1"), asked, seen, seen.notes, False)
    assert capsys.readouterr().out.splitlines()[-1].startswith("run 1: early stopping: heard; done when")
    seen.take(RunAdjusted("r", 3, "Early stopping off", 40, 32, 10))
    assert _done(asked, seen, 0)


def test_a_patience_belongs_to_the_rule_as_it_is_now(tmp_path: Path) -> None:
    seen = _Seen()
    early = EarlyStopping(True, "val_loss", 3)
    seen.take(RunAdjusted("r", 3, "Early stopping after 3 epochs", 40, 32, 10, early=early))
    seen.take(RunAdjusted("r", 4, "Epochs 40 → 50", 50, 32, 10))
    assert seen.early == early
    assert _message(tmp_path, "set", ["patience=7"], early).early_stopping == EarlyStopping(True, "val_loss", 7)
    assert _message(tmp_path, "set", ["patience=0"], early).early_stopping == EarlyStopping(False, "val_loss", 3)
