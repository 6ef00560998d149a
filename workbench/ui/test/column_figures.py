"""How well each column of a table was rebuilt over a part, worked out and put into words without a widget."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workbench.core.data.preprocess import Preprocessor
from workbench.core.rebuilt_columns import DAYS, HOURS, NUMBER, WORDS, ColumnError, column_errors
from workbench.ui.test.answer_view import number
from workbench.ui.test.rebuilt import given_input, mean_input
from workbench.ui.test.scores import short
from workbench.ui.widgets.bars import percent

COLUMN_ROWS = 4096
"""So many rows of a part, spread evenly over it, tell how well each column is rebuilt."""


def looked_at(count: int) -> slice:
    """Which rows of a part are asked for once more, for the columns' errors."""
    return slice(None, None, max(1, -(-count // COLUMN_ROWS)))


def judge_columns(
    preprocessor: Preprocessor, train: Mapping[str, np.ndarray], x: Mapping[str, np.ndarray], y: np.ndarray
) -> tuple[ColumnError, ...]:
    """Each column's error in its units.

    Args:
        train, x: {input: (n, *shape)} as prepared, unscaled. y: the model's answers to x, (n, numbers).
    """
    answer = preprocessor.answers(y)[0]
    assert answer.rebuilt is not None
    back = answer.rebuilt.reshape(len(y), -1)
    return column_errors(preprocessor, given_input(preprocessor, x), back, mean_input(preprocessor, train).reshape(-1))


def error_words(column: ColumnError, error: float) -> str:
    """A column's error, or that of the baseline, as it is told: "0.42", "61 days", "12 % wrong"."""
    if not np.isfinite(error):
        return "–"
    if column.kind == NUMBER:
        return number(error)
    if column.kind in (DAYS, HOURS):
        return f"{short(error)} {column.kind}"
    return f"{percent(error)} {'of words wrong' if column.kind == WORDS else 'wrong'}"
