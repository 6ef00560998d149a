"""Scores of several targets, each by its own output."""

from __future__ import annotations

import numpy as np

from workbench.core.data.preprocess import Preprocessor
from workbench.core.facts import TargetFacts
from workbench.headless_scores import _each


def test_an_output_whose_name_begins_like_another_keeps_its_figures_to_itself() -> None:
    targets = TargetFacts("size mm", "regression", scale=2.0), TargetFacts("size", "regression")
    fitted = Preprocessor("table", (), None, targets[0], more=targets[1:])
    y = np.array([[1, 2], [3, 4], [5, 5]], np.float32)
    told = {"loss": 1.0, "size_mm_loss": 0.5, "size_loss": 0.4, "size_mm_mean_absolute_error": 0.7}
    found = _each(fitted, {"size mm": "size_mm", "size": "size"}, told, y, y, y + 1)
    assert [one.metrics["loss"] for one in found] == [0.5, 0.4]
    assert [one.model_units for one in found] == [{"mean_absolute_error": 0.7}, {}]
    assert not any("mm" in name for name in found[1].metrics)
