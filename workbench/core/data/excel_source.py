"""Workbooks: .xlsx, .xlsm, .xlsb, .xls and .ods, one sheet of them, through calamine in a process of its own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint, packed, sheet_reader, text_file
from .columns import unique_names
from .csv_cells import has_header
from .dataset import BadItem, LoadReport, TableData
from .value_columns import value_column, value_text

Row = list[Any]
Tell = Callable[[float, str], None]

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ERRORS = ("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
_LOOKED_AT = 400
_ASK_EVERY = 0.1
_READING = 0.6
"""Share of the work that the reader does; the rest is finding types."""

_SHARE_OF_MEMORY = 0.6
"""A sheet is held as a rectangle: one cell in its last corner would take hundreds of gigabytes."""


def looks_like_workbook(path: Path) -> bool:
    """Whether a file is a workbook, by what is in it."""
    with text_file.plain_errors(path), path.open("rb") as file:
        head = file.read(8)
    if head == _OLD:
        return True
    if not head.startswith(b"PK"):
        return False
    try:
        with packed.opened_zip(path) as archive:
            names = archive.namelist()
            sheet_kind = b"opendocument.spreadsheet"
            return any(name.startswith("xl/workbook.") for name in names) or (
                "mimetype" in names and sheet_kind in archive.open("mimetype").read(100)
            )
    except (zipfile.BadZipFile, OSError):
        return False


def load_workbook(
    path: Path,
    sheet: str = "",
    options: CsvOptions = CsvOptions(),  # noqa: B008
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> TableData:
    """One sheet of a workbook: the one named, or the first that has cells.

    options: its header and null words count. Raises DataError when the file is no workbook, locked, damaged or empty.
    """
    tell = progress or (lambda share, text: None)
    tell(0.0, f"Reading {path.name}")
    names, name, rows = _read(path, sheet, lambda share, text: tell(_READING * share, text), cancelled)

    def looked(share: float, text: str) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        tell(_READING + (1 - _READING) * share, text)

    frame, notes, above, header = frame_of_rows(rows, options, f"{path.name}, sheet {name}", looked)
    if len(names) > 1:
        others = ", ".join(other for other in names if other != name)
        notes.insert(0, f"The workbook has {len(names)} sheets; {name!r} was read, not {others}.")
    report = LoadReport(
        None,
        len(frame),
        tuple(BadItem(f"row {number}", "It stands above the table.", text) for number, text in above),
        tuple(notes),
        fingerprint.of_file(path),
        len(above) + header,
        tuple(names),
        name,
    )
    return TableData(frame, report, np.zeros(len(frame), np.uint8), path.stem if len(names) == 1 else name)


def frame_of_rows(
    rows: Sequence[Row], options: CsvOptions, where: str, tell: Tell = lambda share, text: None
) -> tuple[pd.DataFrame, list[str], list[tuple[int, str]], bool]:
    """(frame, notes, (number, text) of rows above the table, whether a row named the columns) of equally long rows.

    Rows and columns without any cell are left out. tell: called with the share done; it may raise to stop. DataError
    when nothing is left.
    """
    tell(0.0, "Looking for the table")
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(_is_there(cell) for cell in row)]
    if not filled:
        raise DataError("The sheet is empty.", where=where, remedy="Choose another sheet.")
    tell(0.2, "Looking for the table")
    width = max(len(row) for _, row in filled)
    filled = [(number, [*row, *[""] * (width - len(row))]) for number, row in filled]
    used = [i for i in range(width) if any(_is_there(row[i]) for _, row in filled)]
    tell(0.3, "Looking for the table")
    first = _first_row([[row[i] for i in used] for _, row in filled[:50]])
    above = [(number, " ".join(value_text(c) for c in row if _is_there(c))) for number, row in filled[:first]]
    table = [[row[i] for i in used] for _, row in filled[first:]]
    shown = [[value_text(cell).strip() for cell in row] for row in table[:_LOOKED_AT]]
    typed_head = all(isinstance(cell, str) for cell in table[0])
    header = options.header if options.header is not None else typed_head and has_header(shown, ".")
    body = table[1:] if header else table
    if not body:
        raise DataError("The sheet holds only a header row.", where=where, remedy="Choose a sheet with rows.")
    names, notes = unique_names(shown[0] if header else [""] * len(used))
    columns: dict[str, pd.Series] = {}
    words = (*options.null_words, *_ERRORS)
    for i, name in enumerate(names):
        tell(0.4 + 0.6 * i / len(names), f"Looking at {name}")
        columns[name], found = value_column([row[i] for row in body], words)
        notes += [f"{name}: {note}" for note in found]
    return pd.DataFrame(columns, columns=pd.Index(names, dtype="str"), copy=False), notes, above, bool(header)


def _is_there(cell: Any) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())


def _first_row(rows: Sequence[Row]) -> int:
    """Where the table begins: rows above it have one filled cell while the table has three columns and more."""
    if not rows or len(rows[0]) < 3:
        return 0
    for i, row in enumerate(rows):
        if sum(map(_is_there, row)) > 1:
            return i
    return 0


def _read(path: Path, sheet: str, tell: Tell, cancelled: Callable[[], bool] | None) -> tuple[list[str], str, list[Row]]:
    """(names of the sheets, the one read, its rows)."""
    where = path.name
    verdict, names, name, rows = _ask_reader(path, sheet, tell, cancelled)
    if verdict == "ok":
        return names, name, rows
    if verdict == "locked":
        what = "The workbook is locked with a password."
        raise DataError(what, where=where, remedy="Save a copy of it without one.")
    if verdict == "no such sheet":
        raise DataError(f"There is no sheet {sheet!r}.", where=where, remedy=f"Choose one of: {', '.join(names)}.")
    if verdict == "empty":
        what = f"The sheet {sheet!r} is empty." if sheet else "All sheets are empty."
        raise DataError(what, where=where, remedy="Choose another sheet or file.")
    if verdict == "no sheets":
        raise DataError("The workbook has no sheets of cells.", where=where, remedy="Choose another file.")
    raise DataError(
        "This is no workbook, or it is damaged, or it asks for more memory than there is.",
        where=where,
        remedy="Save it once more in the program that made it, or export the sheet as CSV.",
    )


def _ask_reader(path: Path, sheet: str, tell: Tell, cancelled: Callable[[], bool] | None) -> sheet_reader.Answer:
    """What the reader in a process of its own answers; "damaged" when it died."""
    import psutil

    with text_file.plain_errors(path), path.open("rb") as file:
        if file.read(4).startswith(b"PK"):
            with packed.opened_zip(path) as archive:
                packed.check_archive(archive, path.name)
    begin = time.monotonic()
    memory = int(psutil.virtual_memory().available * _SHARE_OF_MEMORY)
    command = [sys.executable, "-P", sheet_reader.__file__, str(path), sheet, str(memory)]
    with (
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=answer, stderr=said) as reader,
    ):
        while True:
            try:
                status = reader.wait(_ASK_EVERY)
                break
            except subprocess.TimeoutExpired:
                if cancelled is not None and cancelled():
                    reader.kill()
                    raise Cancelled from None
                share, text = _newest(said.fileno())
                seconds = int(time.monotonic() - begin)
                tell(share, f"{text} ({seconds} s)" if seconds > 1 else text)
        if status:
            return "damaged", [], "", []
        answer.seek(0)
        found: sheet_reader.Answer = _Plain(answer).load()
        return found


def _newest(said: int) -> tuple[float, str]:
    """What the reader is at, by the last line that it wrote into the open file of that number."""
    words = os.pread(said, 1 << 16, 0).decode("utf-8", "replace") if hasattr(os, "pread") else ""  # Windows has none
    lines = [line for line in words.splitlines() if line.startswith("0.")]
    share, _, text = lines[-1].partition(" ") if lines else ("0.0", "", "Starting to read")
    return float(share), text


class _Plain(pickle.Unpickler):
    """Takes plain values and dates, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime":
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not expected")
