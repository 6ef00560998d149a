"""ARFF, the format of Weka: named and typed columns above comma-separated rows, also sparse ones.

Format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint, text_file
from .columns import typed_column, unique_names
from .csv_lines import SHOWN, width_text
from .dataset import BadItem, LoadReport, TableData

_NAME = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"{},%][^\s{},]*"""
_ATTRIBUTE = re.compile(rf"@attribute\s+({_NAME})\s*(.*)", re.IGNORECASE)
_CELL = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,\t'"]*)\s*(?:[,\t]|$)""")
_NUMBERS = ("numeric", "real", "integer")
_REMEDY = "Export it once more, or open the table as CSV."
_MAX_LISTED = 10_000
_REPORT_EVERY = 20_000


@dataclass(frozen=True)
class _Attribute:
    """choices: of a nominal one; () otherwise. kind: "number" | "nominal" | "text"."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()


def looks_like_arff(head: bytes) -> bool:
    """Whether a text that begins so is ARFF: its first line that is no comment names a relation."""
    for line in head.removeprefix(b"\xef\xbb\xbf").splitlines():
        if line.strip() and not line.lstrip().startswith(b"%"):
            return line.lstrip().lower().startswith((b"@relation", b"@attribute"))
    return False


def load_arff(
    path: Path,
    options: CsvOptions = CsvOptions(),  # noqa: B008
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    member: str = "",
) -> TableData:
    """The rows of an ARFF file; rows of a wrong length are set aside. DataError when the header cannot be read."""
    tell = progress or (lambda share, text: None)
    tell(0.0, f"Reading {path.name}")
    data = text_file.read_bytes(path, member=member)
    encoding, note = (options.encoding, "") if options.encoding else text_file.find_encoding(data)
    lines = text_file.decode(data, encoding, path.name).removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    title, attributes, start = _header(lines, path.name)
    rows: list[list[str | None]] = []
    bad: list[BadItem] = []
    for number, line in enumerate(lines[start:], start + 1):
        if number % _REPORT_EVERY == 0:
            if cancelled is not None and cancelled():
                raise Cancelled
            tell(0.1 + 0.5 * number / len(lines), "Reading rows")
        if not line.strip() or line.lstrip().startswith("%"):
            continue
        row = _row(line.strip(), attributes)
        if isinstance(row, str):
            bad.append(BadItem(f"line {number}", row, line[:SHOWN]))
        else:
            rows.append(row)
    if not rows:
        raise DataError("The ARFF file holds no rows.", where=path.name, remedy="Choose another file.")
    names, notes = unique_names([attribute.name for attribute in attributes])
    notes = [*([note] if note else []), *notes]
    columns: dict[str, pd.Series] = {}
    for i, (name, attribute) in enumerate(zip(names, attributes, strict=True)):
        columns[name], found = _column([row[i] for row in rows], attribute)
        notes += [f"{name}: {text}" for text in found]
    if bad:
        notes.append(f"{len(bad):,} {'lines' if len(bad) > 1 else 'line'} could not be read as rows and set aside.")
    frame = pd.DataFrame(columns, columns=pd.Index(names, dtype="str"), copy=False)
    report = LoadReport(None, len(frame), tuple(bad[:_MAX_LISTED]), tuple(notes), fingerprint.of_file(path), start)
    target = next((name for name in names if name.lower() in ("class", "target")), "")
    return TableData(frame, report, np.zeros(len(frame), np.uint8), title or path.stem, target)


def _header(lines: list[str], where: str) -> tuple[str, list[_Attribute], int]:
    """(relation, attributes, index of the first line of data)."""
    title = ""
    attributes: list[_Attribute] = []
    for i, line in enumerate(lines):
        word = line.strip()
        lower = word.lower()
        if not word or word.startswith("%"):
            continue
        if lower.startswith("@relation"):
            title = _plain(word[9:].strip())
        elif lower.startswith("@data"):
            if not attributes:
                raise DataError("The ARFF file names no attributes.", where=where, remedy=_REMEDY)
            return title, attributes, i + 1
        else:
            attributes.append(_attribute(word, f"{where}, line {i + 1}"))
    raise DataError("The ARFF file has no @data line.", where=where, remedy=_REMEDY)


def _attribute(line: str, where: str) -> _Attribute:
    found = _ATTRIBUTE.match(line)
    if not found:
        raise DataError(f"This is no line of an ARFF header: {line[:60]!r}.", where=where, remedy=_REMEDY)
    name, rest = _plain(found[1]), found[2].strip()
    kind = rest.split("%")[0].strip().lower()
    if rest.startswith("{"):
        inner = rest[1 : rest.rfind("}")] if "}" in rest else rest[1:]
        return _Attribute(name, "nominal", tuple(cell or "" for cell in _cells(inner)))
    if kind.startswith(_NUMBERS):
        return _Attribute(name, "number")
    if kind.startswith("relational"):
        what = "The ARFF file holds tables within a table, which cannot be opened."
        raise DataError(what, where=where, remedy="Export a plain table.")
    if kind.startswith(("string", "date")):
        return _Attribute(name, "text")
    raise DataError(f"The type {rest[:40]!r} of {name!r} is not known.", where=where, remedy=_REMEDY)


def _row(line: str, attributes: list[_Attribute]) -> list[str | None] | str:
    """Cells of a line, or why it is none. Missing is None."""
    if line.startswith("{"):
        return _sparse_row(line, attributes)
    line = re.sub(r"[,\t]\s*\{\s*[\d.]+\s*\}$", "", line)  # the weight of the row
    cells = _cells(line)
    return cells if len(cells) == len(attributes) else width_text(len(cells), len(attributes))


def _sparse_row(line: str, attributes: list[_Attribute]) -> list[str | None] | str:
    """{index value, ...}: what is not named is 0, or the first choice of a nominal attribute."""
    row: list[str | None] = [a.choices[0] if a.kind == "nominal" and a.choices else "0" for a in attributes]
    inner = line[1 : line.rfind("}")] if "}" in line else line[1:]
    for part in re.findall(r"""(\d+)\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,]+)""", inner):
        if int(part[0]) >= len(row):
            return f"It names column {part[0]} of {len(row)}."
        row[int(part[0])] = None if part[1].strip() == "?" else _plain(part[1].strip())
    return row


def _cells(line: str) -> list[str | None]:
    if "'" not in line and '"' not in line:
        parts = [cell.strip() for cell in re.split(r"[,\t]", line)]
        return [None if cell == "?" else cell for cell in parts]
    cells: list[str | None] = []
    place = 0
    while True:
        found = _CELL.match(line, place)
        if not found:
            return [*cells, line[place:]]
        word = found[1].strip()
        cells.append(None if word == "?" else _plain(word))
        if found.end() >= len(line):
            return [*cells, ""] if line[found.end() - 1 : found.end()] == "," else cells
        place = found.end()


def _plain(word: str) -> str:
    """Without its quotes and escapes."""
    if len(word) >= 2 and word[0] == word[-1] and word[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word


def _column(cells: list[str | None], attribute: _Attribute) -> tuple[pd.Series, list[str]]:
    array = pa.chunked_array([pa.array(["" if cell is None else cell for cell in cells], pa.large_string())])
    if attribute.kind == "number":
        values, notes = typed_column(array, ("", "?"))
        if values.dtype == "str":
            notes = [*notes, "It is declared as a number, but holds words, so it is text."]
        return values, notes
    values = pd.Series(array.to_pandas(), dtype="str").mask(lambda s: s.str.strip() == "")
    notes = []
    if attribute.kind == "nominal":
        odd = set(values.dropna().unique()) - set(attribute.choices)
        if odd:
            notes = [f"{len(odd):,} values are not among those that are declared, such as {min(odd)[:30]!r}."]
    return values, notes
