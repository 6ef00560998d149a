"""One target: its cells as the model learns them, and what the model says of it in a person's words and units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.facts import TargetFacts

if TYPE_CHECKING:
    import pandas as pd

Floats = np.ndarray[Any, np.dtype[np.float32]]

_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model says, in the person's words and units; n rows.

    labels: class name of each row; empty for regression. indices: int64 (n,), -1 where the model gave no number.
    values: float64 (n,) in the target's own units; None for classification.
    probabilities: float32 (n, classes), columns in the order of `classes`; None for regression.
    rebuilt: float32 (n, *shape), the input as the model rebuilt it, in the scaled numbers the model sees; None for the
        other tasks. See core.reconstruction.
    """

    target: str
    labels: tuple[str, ...] = ()
    indices: np.ndarray[Any, np.dtype[np.int64]] | None = None
    values: np.ndarray[Any, np.dtype[np.float64]] | None = None
    probabilities: Floats | None = None
    classes: tuple[str, ...] = ()
    rebuilt: Floats | None = None

    def __len__(self) -> int:
        if self.rebuilt is not None:
            return len(self.rebuilt)
        return len(self.labels) if self.values is None else len(self.values)


def learnt_of(
    target: TargetFacts, cells: pd.Series[Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, np.dtype[np.int64]]]:
    """The cells of a target as the model learns it, see `Preprocessor.encode_target`."""
    from .values import class_numbers, numbers

    if target.task == "reconstruction":
        return np.zeros((len(cells), 0), np.float32), np.zeros(0, np.int64)
    if target.task == "classification":
        classes = np.maximum(class_numbers(cells, target.classes)[0], -1).astype(np.int32)
        return classes, np.flatnonzero(classes < 0)
    values = (numbers(cells, target.name) - target.offset) / target.scale
    y = np.clip(values, -_LARGEST, _LARGEST).astype(np.float32)[:, None]
    return y, np.flatnonzero(np.isnan(values))


def width_of(target: TargetFacts) -> int:
    """Numbers of its answer where several targets stand side by side: one, or one for each class; of an input that is
    rebuilt, as many as it has."""
    if target.task == "reconstruction":
        return math.prod(target.shape)
    return len(target.classes) if target.task == "classification" else 1


def answer_of(target: TargetFacts, y: np.ndarray[Any, Any]) -> Answer:
    """What the model says of one target, from its output (n, units). Raises FeatureError as `Preprocessor.decode`."""
    units = y.shape[1]
    if target.task == "reconstruction":
        if units != width_of(target):
            raise FeatureError(
                f"The model gives {units:,} numbers a row, and there are {width_of(target):,} to be rebuilt.",
                remedy="Give the last layer the shape of the input.",
            )
        return Answer(target.name, rebuilt=y.astype(np.float32).reshape(len(y), *target.shape))
    if target.task == "regression":
        if units != 1:
            raise FeatureError(
                f'The model gives {units:,} numbers a row, and "{target.name}" is one number.',
                remedy="Give the last layer 1 unit.",
            )
        return Answer(target.name, values=np.asarray(y[:, 0], np.float64) * target.scale + target.offset)
    count = len(target.classes)
    if units == 1 and count == 2:
        y = np.concatenate([1.0 - y, y], axis=1)
    elif units != count:
        raise FeatureError(
            f'The model gives {units} {"number" if units == 1 else "numbers"} a row, and "{target.name}" has '
            f"{count:,} classes.",
            remedy=f"Give the last layer {count:,} units.",
        )
    known = np.isfinite(y).all(axis=1)
    index = np.where(known, np.argmax(np.where(known[:, None], y, 0.0), axis=1), -1).astype(np.int64)
    names = (*target.classes, "")  # the last one answers -1
    labels = tuple(names[i] for i in index)
    return Answer(target.name, labels, index, None, y.astype(np.float32), target.classes)
