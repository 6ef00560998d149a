"""The first rows of a text table, by the reader that reads the whole: on the screen while the rest is being read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.core.errors import WorkbenchError
from workbench.core.project import CsvOptions, DataSpec

from . import text_file
from .csv_source import load_text

HEAD_BYTES = 200_000
LARGE = 4 << 20
"""Bytes from which on a file takes long enough to show its first rows before."""


@dataclass(frozen=True, eq=False)
class FirstRows:
    """frame: the first rows as they would be read. options: with what was found filled in. bad: lines among them that
    would be set aside, with why."""

    frame: Any
    options: CsvOptions
    bad: tuple[Any, ...] = ()


def read_first_rows(path: Path, options: CsvOptions, rows: int, member: str = "") -> FirstRows:
    """The head of a file read with these options. DataError when it cannot be."""
    name = path.name
    data = text_file.read_bytes(path, HEAD_BYTES, member)[:HEAD_BYTES]
    text_file.refuse_binary(data, name)
    encoding = options.encoding or text_file.find_encoding(data)[0]
    cut = len(data) >= HEAD_BYTES
    if cut:
        ends = data.rfind(b"\n")
        data = data[: ends + 1] if ends > 0 else data
    try:
        text = text_file.decode(data, encoding, name)
    except WorkbenchError:
        if not cut:
            raise
        # Cutting in the middle of a character of a wide encoding is ours, not the file's.
        text = text_file.decode(data[: len(data) // 4 * 4 - 4], encoding, name)
        text = text[: text.rfind("\n") + 1] or text
    table = load_text(text, replace(options, encoding="utf-8"), name)
    found = table.report.options or options
    return FirstRows(table.frame.head(rows), replace(found, encoding=encoding), table.report.bad)


def head_of(spec: DataSpec, rows: int = 400) -> FirstRows | None:
    """The first rows of a large text table, at once; None for anything else, and when they cannot be told.

    Why they cannot is said by whoever reads the whole.
    """
    path = Path(spec.path)
    if spec.source != "csv" or spec.from_cache:
        return None
    try:
        if path.stat().st_size < LARGE:
            return None
        return read_first_rows(path, spec.csv, rows, str(spec.params.get("member") or ""))
    except (OSError, WorkbenchError):
        return None
