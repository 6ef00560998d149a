"""A second table as the test part of a first one, whatever files the two came from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.core.errors import DataError

from . import fingerprint
from .dataset import TEST, BadItem, TableData
from .step_types import words_of


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
    extra = [column for column in test.frame.columns if column not in main.frame.columns]
    notes = [f"Test file: {note}" for note in test.report.notes]
    if extra:
        notes.append(f"Test file: Columns that only it has were left out: {', '.join(extra)}.")
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


def _joined(one: pd.Series, other: pd.Series) -> pd.Series:
    numeric = [pd.api.types.is_numeric_dtype(s.dtype) and not pd.api.types.is_bool_dtype(s.dtype) for s in (one, other)]
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
