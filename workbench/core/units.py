"""The errors of a regression in the units of the person, not of the scaled target that the model learns.

A model of prices learns (price - offset) / scale. An error is free of the offset, so a mean or root mean of errors is
multiplied by |scale|, a mean of squares by scale². Other metrics are not proportional to an error and stay as they
are; so does the loss, which is what the training makes small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .facts import DataFacts, TargetFacts
from .figure_names import of_output
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
    its errors in the person's units; those made before it did have them scaled. outputs: of several outputs, the units
    of each by its name, with which its figures begin; the three above are empty then."""

    name: str = ""
    scale: float = 1.0
    told: bool = True
    outputs: Mapping[str, Units] = field(default_factory=dict)

    def _own(self, metric: str) -> tuple[Units, str]:
        """The units of the output a figure belongs to, and its metric's own name."""
        of, bare = of_output(metric, self.outputs)
        return self.outputs[of] if of else self, bare

    def factor(self, metric: str) -> float:
        """What an error as Keras computes it is multiplied by. metric: by Keras' name, "val_" or not."""
        own, bare = self._own(metric)
        return own.scale ** _POWERS.get(bare, 0) if own.told else 1.0

    def of(self, values: Mapping[str, float]) -> dict[str, float]:
        """Keras' values by name, in the person's units."""
        return {name: value * self.factor(name) for name, value in values.items()}

    def word(self, metric: str) -> str:
        """What a metric is counted in: "price", "price²", "scaled", or "" where there is no unit."""
        own, bare = self._own(metric)
        power = _POWERS.get(bare, 0)
        if not power or not own.name:
            return ""
        if not own.told and own.scale != 1.0:
            return "scaled"
        return own.name if power == 1 else f"{own.name}²"


def units_of(record: RunRecord, facts: DataFacts) -> Units:
    """The units of a run's figures."""
    if facts.more:
        targets = {t.name: t for t in facts.targets}
        pairs = ((output, targets.get(name)) for output, name in record.outputs.items())
        return Units(outputs={output: _units_of(target, record.own_units) for output, target in pairs})
    return _units_of(facts.target, record.own_units)


def _units_of(target: TargetFacts | None, told: bool) -> Units:
    if target is None or target.task != "regression":
        return Units()
    return Units(target.name, abs(target.scale) or 1.0, told)
