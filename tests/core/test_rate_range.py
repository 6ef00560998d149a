"""What a range test says: a rate where the loss falls fastest, or that there is none."""

from __future__ import annotations

import numpy as np

from workbench.core.rate_range import read

RATES = np.geomspace(1e-6, 3, 120)


def test_the_rate_where_the_loss_falls_fastest_is_suggested() -> None:
    x = np.log10(RATES)
    losses = 2.3 - 1.8 / (1 + np.exp(-3 * (x + 2.5))) + 8 * np.maximum(0, x + 1) ** 2
    noise = 0.05 * np.random.default_rng(0).normal(size=len(x))
    found = read(RATES, losses + noise)
    assert 5e-4 <= found.suggested <= 2e-2
    assert found.suggested < found.highest <= 0.3


def test_no_rate_is_suggested_where_nothing_falls_or_little_was_tried() -> None:
    flat = 2.3 + 0.01 * np.random.default_rng(0).normal(size=120)
    assert read(RATES, flat).suggested == 0
    assert read(RATES, np.linspace(1, 5, 120)).suggested == 0
    assert read(RATES[:5], flat[:5]).suggested == 0
