"""A second table as the test part of a first one, whatever files the two came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.core.errors import DataError

from . import fingerprint
from .dataset import TEST, BadItem, TableData
from .step_types import words_of

_LISTED = 8


def with_test_part(main: TableData, test: TableData, name: str, test_name: str) -> TableData:
    """`main` with the rows of `test` behind its own. DataError naming the columns that `test` lacks.

    A column that is numbers in one and text in the other becomes text in both.
    """
    missing = [column for column in main.frame.columns if column not in test.frame.columns]
    if missing:
        listed = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise DataError(
            f"The test file lacks the column{'s' if len(missing) > 1 else ''} {listed}.",
            where=test_name,
            remedy=f"Testing needs every column of {name}, the one to predict included; choose another file or none.",
        )
    notes = [f"Test file: {note}" for note in test.report.notes]
    notes += [f"Test file: {note}" for note in compared(list(main.frame.columns), list(test.frame.columns))]
    for column in main.frame.columns:
        one, other = is_numeric(main.frame[column]), is_numeric(test.frame[column])
        if one != other and main.frame[column].notna().any() and test.frame[column].notna().any():
            which = "here, text in it" if one else "in it, text here"
            notes.append(f"Test file: Column {column!r} is numbers {which}; it is read as text.")
    columns = {column: _joined(main.frame[column], test.frame[column]) for column in main.frame.columns}
    frame = pd.DataFrame(columns, columns=main.frame.columns, copy=False)
    report = replace(
        main.report,
        rows=len(frame),
        bad=(*main.report.bad, *(BadItem(f"test file, {b.where}", b.what, b.text) for b in test.report.bad)),
        notes=(*main.report.notes, *notes),
        fingerprint=fingerprint.of_bytes(f"{main.report.fingerprint} {test.report.fingerprint}".encode()),
    )
    return replace(
        main, frame=frame, report=report, parts=np.concatenate([main.parts, np.full(len(test), TEST, np.uint8)])
    )


def is_numeric(column: pd.Series) -> bool:
    """Whether it holds numbers, yes and no not counted."""
    return bool(pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype))


def compared(names: Sequence[str], others: Sequence[str]) -> list[str]:
    """What is worth telling of a test file whose columns `others` hold all `names`."""
    extra = [name for name in others if name not in names]
    notes = []
    if [name for name in others if name in names] != list(names):
        notes.append("Its columns stand in another order; they were matched by their names.")
    if extra:
        listed = ", ".join(extra[:_LISTED]) + (f" and {len(extra) - _LISTED:,} more" if len(extra) > _LISTED else "")
        notes.append(f"Columns that only it has were left out: {listed}.")
    return notes


def _joined(one: pd.Series, other: pd.Series) -> pd.Series:
    numeric = [is_numeric(one), is_numeric(other)]
    empty = [not s.notna().any() for s in (one, other)]
    if one.dtype != other.dtype and not all(numeric) and not any(empty):
        one, other = words_of(one), words_of(other)
    elif empty[0] != empty[1]:
        full = other if empty[0] else one
        blank = pd.Series(
            [None] * len(one if empty[0] else other), dtype=full.dtype if full.dtype.kind not in "biu" else "float64"
        )
        one, other = (blank, other) if empty[0] else (one, blank)
    return pd.concat([one, other], ignore_index=True)
