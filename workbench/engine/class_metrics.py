"""Keras' metrics on a number for each class, fed with class numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras


@cache
def on_class_numbers(kind: type[keras.metrics.Metric], units: int) -> type[keras.metrics.Metric]:
    """The metric class with targets given as class numbers too: int (n,) or (n, 1); as it is with (n, units).

    State, settings and result are Keras' own. units: numbers a row of the answers, more than 1.
    """

    def update_state(self: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if y_true.shape[-1] != units or len(y_true.shape) != len(y_pred.shape):
            y_true = keras.ops.one_hot(keras.ops.reshape(y_true, (-1,)), units)
        return kind.update_state(self, y_true, y_pred, sample_weight)

    return type(kind.__name__, (kind,), {"update_state": update_state, "__doc__": kind.__doc__})
