"""The cleaned table written to a file. Called on a job's thread; no Qt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.core.errors import Cancelled, DataError
from workbench.core.storage import atomic_write, replacing

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula when it opens a CSV (OWASP, "CSV Injection")."""
_CHUNK = 100_000

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe before it; everything else stays."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def formulas(frame: Any) -> int:
    """How many cells of text begin like a formula."""
    found = 0
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind not in "iufbM":
            found += int(column.astype("str").str.startswith(FORMULA, na=False).sum())
    return found


def write_table(frame: Any, place: Path, source: str, escape: bool, progress: Progress, cancelled: IsCancelled) -> Path:
    """Write a CSV (UTF-8, commas, no row numbers) or, for a name that ends in .parquet, a Parquet file.

    A crash, a full disk or a cancel leaves what was there before. source: the file the data came from, never written.

    Raises:
        DataError: it cannot be written. Cancelled.
    """
    if source and place.exists() and Path(source).exists() and place.samefile(source):
        raise DataError(
            "This is the file the data was read from, and it is never written to.",
            where=place.name,
            remedy="Choose another name.",
        )
    try:
        with replacing(place) as temporary:
            if place.suffix.lower() == ".parquet":
                progress(0.0, "Writing")
                frame.to_parquet(temporary, index=False)
            else:
                _write_csv(frame, temporary, escape, progress, cancelled)
            if cancelled():
                raise Cancelled
    except OSError as error:
        raise DataError(
            f"The file could not be written ({error.strerror or error}).",
            where=str(place),
            remedy="Choose another folder, or free some space; nothing that was there has been changed.",
        ) from error
    return place


def _write_csv(frame: Any, place: Path, escape: bool, progress: Progress, cancelled: IsCancelled) -> None:
    head = [harmless(str(name)) for name in frame.columns] if escape else True
    with open(place, "x", encoding="utf-8", newline="") as file:
        for start in range(0, max(1, len(frame)), _CHUNK):
            if cancelled():
                raise Cancelled
            progress(start / max(1, len(frame)), "Writing")
            part = frame.iloc[start : start + _CHUNK]
            if escape:
                part = part.copy(deep=False)
                for i, dtype in enumerate(part.dtypes):
                    if dtype.kind not in "iufbM":
                        part.isetitem(i, part.iloc[:, i].astype(object).map(harmless))
            part.to_csv(file, index=False, header=head if start == 0 else False, lineterminator="\n")


def write_code(code: str, place: Path) -> Path:
    """Write a script. ProjectError when it cannot be written."""
    atomic_write(place, code.encode("utf-8"))
    return place
