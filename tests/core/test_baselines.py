"""What a constant answer scores by the losses of a run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.core.baselines import Rows, baseline_of

RNG = np.random.default_rng(0)
WEIGHTS = RNG.choice([0.0, 5.0, 40.0], 200)


@pytest.mark.parametrize("loss", ["mean_squared_error", "mean_absolute_error"])
def test_no_constant_has_a_lower_loss_where_rows_count_differently(loss: str) -> None:
    """Weights are no shares: a loss of 20 may be one of a constant answer, and no reason to call a model worse."""
    y = RNG.normal(size=(200, 1)).astype(np.float32)
    power = 2 if loss == "mean_squared_error" else 1
    tried = [(WEIGHTS * np.abs(y[:, 0] - c) ** power).mean() for c in np.linspace(-3, 3, 6001)]
    found = baseline_of(Rows(y, WEIGHTS), (), loss, Rows(y, WEIGHTS))
    assert found.loss == pytest.approx(min(tried), rel=1e-4)
    assert found.held_out == found.loss
    assert found.loss > 5 * baseline_of(Rows(y), (), loss).loss


def test_classes_count_as_in_the_loss_and_are_scored_alike() -> None:
    y = RNG.choice(2, 200, p=[0.8, 0.2])
    counts = WEIGHTS * np.array([1.0, 3.0])[y]
    tried = [-(counts * np.log(np.where(y == 1, p, 1 - p))).mean() for p in np.linspace(0.001, 0.999, 2001)]
    found = baseline_of(Rows(y, WEIGHTS), ("no", "yes"), "sparse_categorical_crossentropy", None, (1.0, 3.0))
    assert found.loss == pytest.approx(min(tried), rel=1e-4)
    assert (found.score, found.answer) == ((y == 0).mean(), "“no”")


def test_of_rows_that_count_nothing_nothing_is_known() -> None:
    assert math.isnan(baseline_of(Rows(np.ones((3, 1)), np.zeros(3)), (), "mean_squared_error").loss)
