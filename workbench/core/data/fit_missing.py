"""What a missing cell counts as and which numbers are too far out, found in the training cells."""

from __future__ import annotations

import math

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature

from .fitted import BEYOND, CATEGORY_FILLS, CLIPS, FILLS
from .values import Floats


def check_number_params(column: ColumnFeature) -> None:
    """Raises FeatureError when a number column is told something that is not known."""
    for name, choices in (("fill", FILLS), ("clip", CLIPS), ("beyond", BEYOND)):
        _one_of(column, name, choices)


def fill_value(values: Floats, column: ColumnFeature) -> float:
    """Of the known training cells: the median, the mean, the commonest value (the smallest of equally common ones, as
    sklearn's SimpleImputer), or the constant. 0 where there are none.

    Raises:
        FeatureError: the constant is no number.
    """
    way = column.params.get("fill", "median")
    if way == "constant":
        value = column.params.get("value")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise FeatureError(
                f"Missing cells are to be filled with {value!r}, which is no number.",
                where=f'column "{column.name}"',
                remedy="Type a number, or fill with the median.",
            )
        return float(value)
    if not len(values):
        return 0.0
    if way == "mean":
        largest = float(np.abs(values).max())
        largest = largest if largest > 1e100 else 1.0
        return float((values / largest).mean() * largest)  # sums of very large numbers do not overflow
    if way == "mode":
        found, counts = np.unique(values, return_counts=True)
        return float(found[counts.argmax()])
    return float(np.median(values))


def clip_bounds(values: Floats, column: ColumnFeature) -> tuple[float, ...]:
    """Lowest and highest number that is taken as it is; empty when all are. Percentiles are linear between two cells.

    Raises:
        FeatureError: the percentiles or the factor make no range.
    """
    way, params = column.params.get("clip", "none"), column.params
    if way == "none":
        return ()
    if way == "quartiles":
        factor = _number(column, "factor", 1.5, 0.0, 1e6)
        low, high = (float(q) for q in np.percentile(values, (25.0, 75.0)))
        low, high = low - factor * (high - low), high + factor * (high - low)
    else:
        lowest, highest = _number(column, "lowest", 1.0, 0.0, 100.0), _number(column, "highest", 99.0, 0.0, 100.0)
        if lowest >= highest:
            raise FeatureError(
                f"{lowest:g} and {highest:g} are no percentiles to stay between.",
                where=f'column "{column.name}"',
                remedy="Use 1 and 99, the usual ones.",
            )
        low, high = (float(q) for q in np.percentile(values, (lowest, highest)))
    if params.get("beyond") == "missing":  # exported files compare in float32: a cell on the bound is not beyond it
        return _float32(low, -np.inf), _float32(high, np.inf)
    return low, high


def _float32(value: float, towards: float) -> float:
    """The float32 at `value`, or the next one outward."""
    near = np.float32(value)
    inside = near > value if towards < 0 else near < value
    return float(np.nextafter(near, np.float32(towards))) if inside else float(near)


def category_fill(column: ColumnFeature) -> str:
    """How a one-hot column takes missing cells; "constant" has a value that is text.

    Raises:
        FeatureError: it is told something that is not known.
    """
    _one_of(column, "fill", CATEGORY_FILLS)
    way = str(column.params.get("fill", "category"))
    if way == "constant" and str(column.params.get("value", "")).strip() == "":
        raise FeatureError(
            "There is no value that missing cells count as.",
            where=f'column "{column.name}"',
            remedy="Type one, or let them be a category of their own.",
        )
    return way


def _one_of(column: ColumnFeature, name: str, choices: tuple[str, ...]) -> None:
    value = column.params.get(name, choices[0])
    if value not in choices:
        raise FeatureError(
            f'"{name}" is {value!r}; it must be one of {", ".join(choices)}.',
            where=f'column "{column.name}"',
            remedy=f'Use "{choices[0]}", the usual one.',
        )


def _number(column: ColumnFeature, name: str, usual: float, low: float, high: float) -> float:
    value = column.params.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise FeatureError(
            f'"{name}" is {value!r}; it must be a number from {low:g} to {high:g}.',
            where=f'column "{column.name}"',
            remedy=f"Use {usual:g}, the usual one.",
        )
    return float(value)
