"""Parquet files, through Arrow: every kind of column as one of ours, what cannot be one left out and named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import types

from workbench.core.errors import Cancelled, DataError

from . import fingerprint, text_file
from .columns import EXACT, to_str, unique_names
from .dataset import LoadReport, TableData

MAGIC = b"PAR1"
_DEPTH = 4
_AGAIN = "Write it once more, or choose another file."


def load_parquet(
    path: Path,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TableData:
    """The table of a Parquet file. DataError when it is damaged or has no rows."""
    tell = progress or (lambda share, text: None)
    tell(0.0, f"Reading {path.name}")
    names: list[str] = []
    columns: list[pd.Series] = []
    notes: list[str] = []
    with text_file.plain_errors(path):
        try:
            file = pq.ParquetFile(path)
            rows = int(file.metadata.num_rows)
            left_out = [name for name in file.schema_arrow.names if re.fullmatch(r"__index_level_\d+__", name)]
            wanted = [name for name in file.schema_arrow.names if name not in left_out]
            for number, name in enumerate(wanted):
                if cancelled is not None and cancelled():
                    raise Cancelled
                tell(number / len(wanted), f"Reading {name}")
                column = file.read([name]).column(0)
                for part, cells in _flat(name, column):
                    values, found = arrow_column(cells)
                    if values is not None:
                        names.append(part)
                        columns.append(values)
                    notes += [f"{part}: {note}" for note in found]
        except (pa.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise DataError("The Parquet file is damaged.", where=path.name, remedy=_AGAIN) from error
    if not columns or not rows:
        what = "no rows" if columns else "no columns that can be read"
        raise DataError(f"The Parquet file holds {what}.", where=path.name, remedy="Choose another file.")
    if left_out:
        notes.append("The row labels that pandas stored along were left out.")
    unique, more = unique_names(names)
    frame = pd.concat(columns, axis=1, ignore_index=True)
    frame.columns = pd.Index(unique, dtype="str")
    report = LoadReport(None, rows, (), (*more, *notes), fingerprint.of_file(path))
    return TableData(frame, report, np.zeros(rows, np.uint8), path.stem)


def _flat(name: str, column: pa.ChunkedArray, depth: int = _DEPTH) -> list[tuple[str, pa.ChunkedArray]]:
    """A column of records as one column for each of their fields."""
    if not types.is_struct(column.type) or not depth:
        return [(name, column)]
    table = pa.table({"": column}).flatten()
    fields = [field.name for field in column.type]
    return [
        part
        for field, cells in zip(fields, table.columns, strict=True)
        for part in _flat(f"{name}.{field}", cells, depth - 1)
    ]


def arrow_column(column: pa.ChunkedArray) -> tuple[pd.Series | None, list[str]]:
    """(int64, float64, bool, datetime64 or str; notes) of any Arrow column; None when it holds nothing of use."""
    kind = column.type
    if types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if types.is_null(kind):
        return pd.Series(np.full(len(column), np.nan)), []
    if types.is_boolean(kind):
        if column.null_count == len(column):
            return pd.Series(np.full(len(column), np.nan)), []
        if column.null_count:
            words = pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
            return to_str(words), []
        return pd.Series(np.array(column.to_numpy(), np.bool_)), []
    if types.is_integer(kind):
        return _whole(column)
    if types.is_floating(kind) or types.is_decimal(kind):
        return _floats(column.cast(pa.float64()))
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _words(column.cast(pa.large_string())), []
    if types.is_date(kind) or types.is_timestamp(kind):
        return _dates(column)
    if types.is_duration(kind):
        seconds = pc.divide(column.cast(pa.duration("us")).cast(pa.int64()).cast(pa.float64()), 1e6)
        return _floats(seconds)[0], ["Spans of time are read as seconds."]
    if types.is_time(kind):
        return to_str(column.cast(pa.string())), []
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        try:
            return _words(column.cast(pa.large_binary()).cast(pa.large_string())), []
        except pa.ArrowInvalid:
            return None, ["It holds binary data and was left out."]
    if types.is_nested(kind):
        cells = [
            None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in column.to_pylist()
        ]
        return to_str(pa.chunked_array([pa.array(cells, pa.large_string())])), [
            "Its lists and records are read as text."
        ]
    return None, [f"Its type, {kind}, is not known, and it was left out."]


def _whole(column: pa.ChunkedArray) -> tuple[pd.Series, list[str]]:
    if column.null_count == len(column):
        return pd.Series(np.full(len(column), np.nan)), []
    extent = pc.min_max(column).as_py()
    beyond = extent["min"] <= -EXACT or extent["max"] >= EXACT
    if beyond and (column.null_count or extent["max"] >= 2**63):
        return to_str(column.cast(pa.large_string())), [
            "Its whole numbers are too long to be kept exactly, so they are text."
        ]
    if column.null_count:
        return _floats(column.cast(pa.float64()))
    return pd.Series(np.array(column.to_numpy(), np.int64)), []


def _floats(column: pa.ChunkedArray) -> tuple[pd.Series, list[str]]:
    numbers: np.ndarray[Any, np.dtype[np.float64]] = np.array(column.to_numpy(), np.float64)
    endless = np.isinf(numbers)
    if not endless.any():
        return pd.Series(numbers), []
    numbers[endless] = np.nan
    return pd.Series(numbers), [f"{int(endless.sum())} infinite values are read as missing."]


def _words(column: pa.ChunkedArray) -> pd.Series:
    """Blank text is missing, as in every other table."""
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    column = pc.if_else(blank, pa.scalar(None, column.type), column)
    if column.null_count == len(column):
        return pd.Series(np.full(len(column), np.nan))
    return to_str(column)


def _dates(column: pa.ChunkedArray) -> tuple[pd.Series, list[str]]:
    notes = []
    if types.is_timestamp(column.type) and column.type.tz:
        notes = [f"Its times are read as universal time, not as {column.type.tz}."]
    unit = column.type.unit if types.is_timestamp(column.type) and column.type.unit == "ns" else "us"
    return pd.Series(np.array(column.cast(pa.timestamp(unit)).to_numpy(), f"datetime64[{unit}]")), notes
