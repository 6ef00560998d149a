"""Which epoch a run keeps: the one that what it watches says, and no other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest

from workbench.core.monitors import kept_epoch
from workbench.core.project import EarlyStopping

OFF = EarlyStopping()
ACCURACY = EarlyStopping(enabled=True, monitor="val_accuracy")
LOSS = EarlyStopping(enabled=True, monitor="loss")
BOTH = {"loss": [3, 2, 1], "val_loss": [3, 1, 2], "accuracy": [0.1, 0.2, 0.3], "val_accuracy": [0.2, 0.4, 0.6]}


@pytest.mark.parametrize(
    ("figures", "early", "epoch", "monitor"),
    [
        (BOTH, OFF, 1, "val_loss"),
        (BOTH, ACCURACY, 2, "val_accuracy"),
        (BOTH, LOSS, 2, "loss"),
        ({**BOTH, "val_accuracy": [0.6, 0.6, math.nan]}, ACCURACY, 0, "val_accuracy"),  # the first of equals
        ({"loss": [3, math.nan, 1]}, ACCURACY, 2, "loss"),
        ({"loss": [3, 1, 2], "learning_rate": [1, 1, 0]}, OFF, 1, "loss"),
        ({"loss": [math.nan]}, OFF, None, "loss"),
        ({}, OFF, None, "loss"),
    ],
)
def test_the_epoch_that_is_kept(
    figures: Mapping[str, Sequence[float]], early: EarlyStopping, epoch: int | None, monitor: str
) -> None:
    assert kept_epoch(figures, early) == (epoch, monitor)
