"""What `workbench train` prints of a run."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.core.runs import RunRecord
from workbench.link import messages as m
from workbench.training_lines import TrainingLines


def test_figures_of_several_outputs_are_told_by_what_is_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = {"binary_answer": "is\nold", "price_answer": "price"}
    lines = TrainingLines(RunRecord("r", "run 1", epochs=1, outputs=outputs), as_json=False)
    lines.event(m.RunStarted("r", 1, 1, 32, 1, "cpu", "plain loop", "", ()))
    logs = {"loss": 0.5, "binary_answer_binary_accuracy": 0.9, "val_price_answer_mean_absolute_error": 12.0}
    lines.event(m.EpochEnded("r", 0, {**logs, "binary_answer_loss": 0.25}, 1.0, best=True))
    said = capsys.readouterr().out
    assert "1 parameter, 1 step an epoch of 32 rows" in said
    assert "loss 0.5" in said
    assert "binary_accuracy of is⏎old 0.9" in said
    assert "val_mean_absolute_error of price 12" in said
    assert "answer" not in said


def test_the_bar_leaves_room_for_its_figures_and_knows_of_more_epochs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "70")
    lines = TrainingLines(RunRecord("r", "run 1", epochs=20), as_json=False)
    lines.event(m.RunStarted("r", 20, 10, 32, 1, "cpu", "plain loop", "", ()))
    batches = m.Batches("r", 9, 90, {"loss": np.full(10, 0.25, np.float32)}, 123_456.0, 4000.0)
    lines.event(batches)
    bar = capsys.readouterr().err.rpartition("\r\x1b[K")[2]
    assert len(bar) < 70
    assert bar.endswith("░  50%  epoch 10/20  loss 0.25  1:06:40 left  123,456 rows/s")
    lines.event(m.RunAdjusted("r", 100, "Epochs 20 → 40", 40, 32, 10, 10, 100))
    lines.event(batches)
    assert " 25%  epoch 10/40 " in capsys.readouterr().err
    monkeypatch.setenv("COLUMNS", "40")
    lines.event(batches)
    bar = capsys.readouterr().err.rpartition("\r\x1b[K")[2]
    assert bar.endswith("25%  epoch 10/40  loss 0.25"), "no figure is cut in its middle"
