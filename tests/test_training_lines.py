"""What `workbench train` prints of a run."""

from __future__ import annotations

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
