"""What rows count in the loss, from a column of the table: numbers, 0 or above.

A row without a weight is left out, as one without a target is: taking it for 1 would be a guess about survey weights,
which may lie in the thousands. The numbers are used as they are, as Keras does with `sample_weight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature

from .values import Floats, numbers, row_name, shown

if TYPE_CHECKING:
    import pandas as pd

LARGEST = float(np.finfo(np.float32).max)
REMEDY = "Mend the cell in a cleaning step, or train without weights."
ORDINARY = (
    0.1,
    10.0,
)  # means of weights that leave the loss, and so the steps of an optimizer, about as large as it is


def weight_column(columns: tuple[ColumnFeature, ...], frame: pd.DataFrame) -> str:
    """The name of the column of weights, "" for none.

    Raises:
        FeatureError: there are several, or it is not in the table.
    """
    names = [c.name for c in columns if c.role == "weight"]
    if not names:
        return ""
    if len(names) > 1:
        raise FeatureError(
            f"{len(names):,} columns are weights: {', '.join(names)}.",
            where="features",
            remedy="Keep one of them; multiply them in a cleaning step where both shall count.",
        )
    if names[0] not in frame.columns:
        raise FeatureError(
            "The column of weights is not in the table.",
            where=f'column "{names[0]}"',
            remedy="Look which cleaning step drops or renames it, or train without weights.",
        )
    return names[0]


def row_weights(cells: pd.Series[Any]) -> Floats:
    """What each row counts, float64 (n,); NaN where a cell is empty.

    Raises:
        FeatureError: a cell is text, infinite, below 0 or beyond what float32 holds; names the row and the value.
    """
    name = str(cells.name)
    try:
        values = numbers(cells, name)
    except FeatureError as error:  # its remedy is one for inputs
        raise FeatureError(error.what, where=error.where, remedy=REMEDY) from error
    blank = cells.isna().to_numpy() | (cells.astype(str).str.strip() == "").to_numpy()
    bad = np.flatnonzero((values < 0) | (values > LARGEST) | (np.isnan(values) & ~blank))
    bad = bad[[str(cells.iloc[int(i)]).strip().lower() != "nan" for i in bad]] if len(bad) else bad
    if len(bad):
        at = int(bad[0])
        more = f", and {len(bad) - 1:,} more like it" if len(bad) > 1 else ""
        are = "too large for a weight of a row" if values[at] > LARGEST else "no weight of a row"
        raise FeatureError(
            f'"{shown(cells.iloc[at])}" is {are}{more}; weights are numbers, 0 or above.',
            where=f'column "{name}", {row_name(cells, at)}',
            remedy=REMEDY,
        )
    return values


def weighed_rows(
    cells: pd.Series[Any], rows: Mapping[str, np.ndarray[Any, Any]]
) -> tuple[dict[str, np.ndarray[Any, Any]], int, tuple[str, ...]]:
    """The rows of each part that have a weight, how many have none, and what a person should know.

    Raises:
        FeatureError: as `row_weights`, or no training row counts anything.
    """
    name, values = str(cells.name), row_weights(cells)
    kept = {part: r[~np.isnan(values[r])] for part, r in rows.items()}
    lost = sum(len(r) for r in rows.values()) - sum(len(r) for r in kept.values())
    one = lost == 1
    notes = [f'{lost:,} {"row" if one else "rows"} without a weight in "{name}" {"is" if one else "are"} left out.']
    notes = notes if lost else []
    train = values[kept["train"]]
    if len(rows["train"]) and not train.astype(np.float32).any():
        tiny = train.any()
        raise FeatureError(
            f"The weights are too small to count: the largest of a training row is {train.max():.3g}."
            if tiny
            else "No training row has a weight above 0, so there is nothing to learn from.",
            where=f'column "{name}"',
            remedy="Divide the column by its mean in a cleaning step."
            if tiny
            else "Choose another column for the weights, or train without them.",
        )
    judged = kept["validation"]
    if len(judged) and not values[judged].astype(np.float32).any():
        notes.append(
            f'No validation row has a weight above 0 in "{name}": the loss of the validation is 0 in every epoch, '
            "so which epoch is best cannot be told by it."
        )
    mean = float(train.mean()) if len(train) else 1.0
    if not ORDINARY[0] <= mean <= ORDINARY[1]:
        notes.append(
            f'The weights of "{name}" are {mean:.3g} on average, and the loss is multiplied by them. '
            "Divide the column by its mean in a cleaning step to keep the loss comparable."
        )
    return kept, lost, tuple(notes)


def stored_weights(cells: pd.Series[Any] | None, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The weights as they are kept, float32 (count,); 1 for all rows of a table that has no such column."""
    return np.ones(count, np.float32) if cells is None else row_weights(cells).astype(np.float32)
