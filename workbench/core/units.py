"""The errors of a regression in the units of the person, not of the scaled target that the model learns.

A model of prices learns (price - offset) / scale. An error is free of the offset, so a mean or root mean of errors is
multiplied by |scale|, a mean of squares by scale². Other metrics are not proportional to an error and stay as they
are; so does the loss, which is what the training makes small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .facts import DataFacts
from .runs import RunRecord

_POWERS = {
    "mean_absolute_error": 1,
    "mae": 1,
    "root_mean_squared_error": 1,
    "rmse": 1,
    "mean_squared_error": 2,
    "mse": 2,
}


@dataclass(frozen=True)
class Units:
    """name: of the target. scale: what 1 of the trained target is in the person's units, above 0. told: the run says
    its errors in the person's units; those made before it did have them scaled."""

    name: str = ""
    scale: float = 1.0
    told: bool = True

    def factor(self, metric: str) -> float:
        """What an error as Keras computes it is multiplied by. metric: by Keras' name, "val_" or not."""
        return self.scale ** _POWERS.get(metric.removeprefix("val_"), 0) if self.told else 1.0

    def of(self, values: Mapping[str, float]) -> dict[str, float]:
        """Keras' values by name, in the person's units."""
        return {name: value * self.factor(name) for name, value in values.items()}

    def word(self, metric: str) -> str:
        """What a metric is counted in: "price", "price²", "scaled", or "" where there is no unit."""
        power = _POWERS.get(metric.removeprefix("val_"), 0)
        if not power or not self.name:
            return ""
        if not self.told and self.scale != 1.0:
            return "scaled"
        return self.name if power == 1 else f"{self.name}²"


def units_of(record: RunRecord, facts: DataFacts) -> Units:
    """The units of a run's figures."""
    target = facts.target
    if target is None or target.task != "regression":
        return Units()
    return Units(target.name, abs(target.scale) or 1.0, record.own_units)
