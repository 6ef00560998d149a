"""The recipe once more, on rows that come later: what it read off the training table stays as it was there.

A fill value, the decimal mark and the order of dates are found out from a whole table. For new rows, perhaps a single
one, they must be those of the table the model was trained on: `pinned` writes them into the steps, which then travel
with the `Preprocessor`; `replay` does the steps on another table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.core.errors import FeatureError, StepError
from workbench.core.project import Json, Step

from .preprocess import Preprocessor
from .step_fill import OWN, value_filled_in
from .step_kind import NoRows, chosen, is_date, is_number
from .step_types import words_of
from .steps import STEPS

if TYPE_CHECKING:
    from .dataset import TableData
    from .recipe import Cleaned


ROW_STEPS = (
    *("drop_missing", "drop_duplicates", "near_duplicates", "filter_rows", "filter_formula"),
    *("sort_rows", "shuffle_rows", "sample_rows"),
)
"""Steps that only take rows away or put them into another order."""


@dataclass(frozen=True, eq=False)
class Replayed:
    """frame: cleaned, its index is the source row number. parts: uint8, one for each row that is left. notes: what was
    done otherwise than in training, or left out, one sentence each. folder, test_folder: as of the table."""

    frame: pd.DataFrame
    parts: np.ndarray[Any, np.dtype[np.uint8]]
    notes: tuple[str, ...] = ()
    folder: str = ""
    test_folder: str = ""


# ---- what was read off the training table -------------------------------------------------------------------------


def pinned(steps: Sequence[Step], cleaned: Cleaned) -> tuple[Step, ...]:
    """The steps that took effect, with what each found out from the table it met written into its parameters."""
    out: list[Step] = []
    for step in steps:
        outcome = cleaned.outcome(step.id)
        if step.enabled and step.kind in STEPS and outcome is not None and not outcome.error:
            out += _pinned(step, cleaned.frames(step.id)[0])
    return tuple(out)


def text_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Columns that were read as text: in a later table the same column may look like numbers."""
    return tuple(name for name in frame.columns if not is_number(frame[name]) and not is_date(frame[name]))


def _pinned(step: Step, before: pd.DataFrame) -> list[Step]:
    params = step.params
    ways = ("mean", "median", "mode")
    if step.kind == "fill_missing" and params.get("method", "median") in ways and not params.get("groups"):
        method = str(params.get("method", "median"))
        return [
            replace(step, id=f"{step.id}-{n}", params=_constant(name, value_filled_in(before[name], method)))
            for n, name in enumerate(chosen(params), 1)
        ]
    pin = STEPS[step.kind].pin
    return [step if pin is None else replace(step, params=pin(before, params))]


def _constant(column: str, value: Json) -> dict[str, Json]:
    return {"columns": [column], "method": "constant", "value": value}


# ---- on another table ---------------------------------------------------------------------------------------------


def replay(preprocessor: Preprocessor, table: TableData, *, every_row: bool) -> Replayed:
    """`table` as the recipe of the training table leaves it.

    A step on a column that is not there is passed over: a target that is to be predicted, a column that training
    dropped. A table that has the cleaned names already is taken as it is.

    Args:
        every_row: True to predict: steps that drop rows are passed over, so that each row is answered, and a cell that
            is no number counts as missing. False to score: rows are dropped as in training. Either is said in `notes`.

    Raises:
        StepError: a cell cannot be read as in training. FeatureError: a column of the model is absent.
    """
    frame = table.frame
    if preprocessor.recipe:
        texts = [n for n in preprocessor.text_columns if n in frame.columns and is_number(frame[n])]
        frame = frame.assign(**{name: words_of(frame[name]) for name in texts})
    notes: list[str] = []
    for step in preprocessor.recipe:
        if step.kind not in STEPS:
            raise StepError(f"This version does not know the cleaning step {step.kind!r}.", remedy="Update it.")
        present = _present(step, frame)
        if present is not None:
            frame = _apply(present, frame, every_row, notes)
    _check_columns(preprocessor, table, frame)
    return Replayed(
        frame, table.parts[np.isin(table.frame.index, frame.index)], tuple(notes), table.folder, table.test_folder
    )


def _present(step: Step, frame: pd.DataFrame) -> Step | None:
    """The step for those of its columns that are there; None when it has nothing to do."""
    column = step.params.get("column")
    if column is not None and column not in frame.columns:
        return None
    if step.kind == "rename_column" and " ".join(str(step.params.get("name")).split()) in frame.columns:
        return None
    if any(name not in frame.columns for name in STEPS[step.kind].uses(step.params)):
        return None
    names = chosen(step.params)
    here = [name for name in names if name in frame.columns]
    if names and not here:
        return None
    return step if here == names else replace(step, params={**step.params, "columns": here})


def _apply(step: Step, frame: pd.DataFrame, every_row: bool, notes: list[str]) -> pd.DataFrame:
    kind = STEPS[step.kind]
    rows = kind.rows(step.params)
    if rows:
        return frame if rows == "orders" else _drop_rows(step, frame, every_row, notes)
    empty = [name for name in kind.touches(step.params, list(frame.columns)) if not frame[name].notna().any()]
    if empty and step.kind == "parse_dates":
        return frame.assign(**{name: frame[name].astype("datetime64[us]") for name in empty})
    if (
        empty and "known" not in step.params
    ):  # there is nothing to read in them, which is no mistake of a table of one or two rows
        if step.kind == "fill_missing" and step.params.get("method") in ("constant", "own category"):
            filling = step.params.get("value") if step.params.get("method") == "constant" else OWN
            frame = frame.assign(**dict.fromkeys(empty, filling))
        names = [name for name in chosen(step.params) if name not in empty]
        if not names:
            return frame
        step = replace(step, params={**step.params, "columns": names})
    if every_row and step.kind == "change_type" and step.params.get("type") == "number":
        return _numbers(frame, str(step.params["column"]), notes)
    return kind.apply(frame, step.params)


def _drop_rows(step: Step, frame: pd.DataFrame, every_row: bool, notes: list[str]) -> pd.DataFrame:
    kind = STEPS[step.kind]
    try:
        kept = kind.apply(frame, step.params)
    except NoRows:
        if not every_row:
            raise
        kept = frame.head(0)
    except StepError:
        if not every_row:
            raise
        kept = frame
    gone = len(frame) - len(kept)
    if gone:
        many = "1 row that cleaning drops is" if gone == 1 else f"{gone:,} rows that cleaning drops are"
        done = "answered too" if every_row else "left out, as in training"
        notes.append(f"{many} {done} ({kind.summary(step.params)}).")
    return frame if every_row else kept


def _numbers(frame: pd.DataFrame, column: str, notes: list[str]) -> pd.DataFrame:
    if is_number(frame[column]) or is_date(frame[column]):
        return frame
    words = frame[column].astype("str")
    numbers = pd.to_numeric(words, errors="coerce")
    lost = words[numbers.isna() & words.notna()]
    if len(lost):
        cells = "1 cell of" if len(lost) == 1 else f"{len(lost):,} cells of"
        are = "is" if len(lost) == 1 else "are"
        example = f"{str(lost.iloc[0])[:40]!r} in row {int(lost.index[0]) + 1}"
        notes.append(f"{cells} {column!r} {are} no number and counted as missing, such as {example}.")
    return frame.assign(**{column: numbers})


def _check_columns(preprocessor: Preprocessor, table: TableData, frame: pd.DataFrame) -> None:
    """A renamed column is asked for by the name it has in the person's file."""
    source: dict[str, str] = {}
    for step in preprocessor.recipe:
        if step.kind == "rename_column":
            old, new = str(step.params.get("column")), " ".join(str(step.params.get("name")).split())
            source[new] = source.pop(old, old)
    for column in preprocessor.columns:
        old = source.get(column.name, column.name)
        if column.name not in frame.columns and old not in table.frame.columns and old != column.name:
            raise FeatureError(
                f'The table lacks the column "{old}", which the model knows as "{column.name}".',
                where=f"columns here: {', '.join(map(str, table.frame.columns[:12]))}",
                remedy="Use a table with the same columns as the training data, spelled the same way.",
            )
