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


def test_hard_batches_while_nothing_is_learned_are_no_fall() -> None:
    """As on 3,000 house prices: one run of batches that fell from 1.4 to 0.9 at a rate of 2e-05."""
    x = np.log10(RATES)
    for seed in range(20):
        noise = np.random.default_rng(seed)
        losses = 1.05 - 0.5 / (1 + np.exp(-6 * (x + 2.7))) + 3 * np.maximum(0, x + 1) ** 2
        losses += 0.5 * np.exp(-(((x + 5.2) / 0.2) ** 2))
        assert 3e-4 <= read(RATES, losses + noise.gamma(1, 0.25, len(x))).suggested <= 1e-2, seed


def test_noise_alone_is_no_fall() -> None:
    told = [read(RATES, 1 + np.random.default_rng(seed).gamma(1, 0.3, 120)).suggested for seed in range(50)]
    assert sum(rate > 0 for rate in told) <= 2


def test_no_rate_is_suggested_where_nothing_falls_or_little_was_tried() -> None:
    flat = 2.3 + 0.01 * np.random.default_rng(0).normal(size=120)
    assert read(RATES, flat).suggested == 0
    assert read(RATES, np.linspace(1, 5, 120)).suggested == 0
    assert read(RATES[:5], flat[:5]).suggested == 0
