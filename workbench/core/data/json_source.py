"""JSON: one record a line, or one array of records; also columns by name, as pandas and others write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint, text_file
from .columns import unique_names
from .dataset import BadItem, LoadReport, TableData
from .value_columns import value_column

Record = dict[str, Any]

_DEPTH = 4
_SHOWN = 2_000
_MAX_LISTED = 10_000
_MAX_COLUMNS = 20_000
_REPORT_EVERY = 20_000
_KINDS = "It should hold one record a line, or an array of records: [{...}, {...}]."


def looks_like_json(head: bytes) -> bool:
    """Whether a text that begins so is JSON rather than a table: a record, or an array of records or rows."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    record = rb'\{\s*("(?:[^"\\]|\\.)*"\s*:|\}\s*$)'
    if re.match(record, start) or sum(bool(re.match(record, line)) for line in start.splitlines()[1:6]) > 2:
        return True
    return bool(re.match(rb'\[\s*(\{\s*["}]|\[\s*(["\[\d-]|null|true|false).*[,\]])', start, re.DOTALL)) and not (
        re.match(rb"\[[^\n]*\][^\n,]*,\s*\[?[A-Za-z]", start)
    )


def load_json(
    path: Path,
    options: CsvOptions = CsvOptions(),  # noqa: B008
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    member: str = "",
) -> TableData:
    """The records of a file as a table. Lines that are no record are set aside. DataError when it holds none.

    Records within records become columns such as "address.town"; lists become text.
    """
    tell = progress or (lambda share, text: None)
    tell(0.0, f"Reading {path.name}")
    data = text_file.read_bytes(path, member=member)
    encoding = options.encoding or text_file.find_encoding(data)[0]
    text = text_file.decode(data, encoding, path.name).removeprefix("\ufeff")
    tell(0.2, "Finding records")
    records, bad = _records(text, path.name, tell, cancelled)
    if not records:
        raise DataError("The file holds no records.", where=path.name, remedy=_KINDS)
    columns = _columns(records)
    if len(columns) > _MAX_COLUMNS:
        raise DataError(
            f"The records have {len(columns):,} different fields.",
            where=path.name,
            remedy="Export a table in which every record has the same fields.",
        )
    names, notes = unique_names(list(columns))
    typed: dict[str, pd.Series] = {}
    for i, (name, values) in enumerate(zip(names, columns.values(), strict=True)):
        if cancelled is not None and cancelled():
            raise Cancelled
        tell(0.6 + 0.4 * i / len(names), f"Looking at {name}")
        listed = any(isinstance(value, (list, dict)) for value in values)
        typed[name], found = value_column(values, ("",))
        notes += [f"{name}: {note}" for note in found]
        if listed:
            notes.append(f"{name}: Its lists are read as text.")
    if bad:
        many = "lines are no records and were" if len(bad) > 1 else "line is no record and was"
        notes.append(f"{len(bad):,} {many} set aside.")
    frame = pd.DataFrame(typed, columns=pd.Index(names, dtype="str"), copy=False)
    report = LoadReport(None, len(frame), tuple(bad[:_MAX_LISTED]), tuple(notes), fingerprint.of_file(path))
    return TableData(frame, report, np.zeros(len(frame), np.uint8), path.name.split(".")[0])


def _records(
    text: str, where: str, tell: Callable[[float, str], None], cancelled: Callable[[], bool] | None
) -> tuple[list[Record], list[BadItem]]:
    first = text.lstrip()[:1]
    if first == "{":
        lines = text.replace("\r\n", "\n").split("\n")
        head = next((line for line in lines if line.strip()), "")
        if _parsed(head) is not None or (len(lines) > 1 and "\n{" in text):
            try:
                return _of_lines(lines, tell, cancelled)
            except _NotLines:
                pass
    try:
        whole = json.loads(text)
    except RecursionError as error:
        raise DataError("The JSON is nested too deeply.", where=where, remedy=_KINDS) from error
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        place = f"{where}, line {line}" if line else where
        raise DataError(f"This is no JSON ({getattr(error, 'msg', error)}).", where=place, remedy=_KINDS) from error
    found = _of_whole(whole)
    if found is None:
        raise DataError("The JSON holds no table.", where=where, remedy=_KINDS)
    return found, []


class _NotLines(Exception):
    """The text is not one record a line."""


def _of_lines(
    lines: Sequence[str], tell: Callable[[float, str], None], cancelled: Callable[[], bool] | None
) -> tuple[list[Record], list[BadItem]]:
    records: list[Record] = []
    bad: list[BadItem] = []
    for number, line in enumerate(lines, 1):
        if number % _REPORT_EVERY == 1:
            if cancelled is not None and cancelled():
                raise Cancelled
            tell(0.2 + 0.4 * number / len(lines), "Finding records")
        if not line.strip():
            continue
        value = _parsed(line)
        if isinstance(value, dict):
            records.append(value)
        else:
            why = "It is not JSON." if value is None else "It holds no record."
            bad.append(BadItem(f"line {number}", why, line[:_SHOWN]))
        if len(bad) > 20 and len(bad) > 5 * len(records):
            raise _NotLines
    if len(bad) > len(records) or (len(records) == 1 and _of_whole(records[0]) is not None and len(lines) == 1):
        raise _NotLines
    return records, bad


def _parsed(line: str) -> Any:
    """The value, None when it is no JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _of_whole(value: Any) -> list[Record] | None:
    """Records out of one JSON value; None when it is no table."""
    if isinstance(value, list):
        return _of_list(value)
    if not isinstance(value, dict) or not value:
        return None
    if isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return _of_list([value["columns"], *value["data"]])
    lists = [part for part in value.values() if isinstance(part, list)]
    if len(lists) == len(value) > 1 and len({len(part) for part in lists}) == 1 and lists[0]:
        return [dict(zip(value, row, strict=True)) for row in zip(*lists, strict=True)]
    if all(isinstance(part, dict) for part in value.values()):
        return _of_columns(value)
    tables = [found for part in lists if part and (found := _of_list(part)) is not None]
    if len(tables) == 1:  # {"count": 2, "results": [...]}
        return tables[0]
    return None


def _of_list(values: list[Any]) -> list[Record] | None:
    if values and all(isinstance(value, dict) for value in values):
        return values
    if values and all(isinstance(value, list) for value in values):
        width = max(len(row) for row in values)
        head = values[0]
        named = all(isinstance(cell, str) for cell in head) and len(set(head)) == width == len(head) and len(values) > 1
        if named and all(len(row) <= width for row in values):
            return [dict(zip(head, row, strict=False)) for row in values[1:]]
        return [{f"column {i}": cell for i, cell in enumerate(row, 1)} for row in values]
    return None


def _of_columns(value: dict[str, Any]) -> list[Record]:
    """pandas' own way: {"column": {"row": cell}}; or {"id": record} when the records share their fields."""
    inner = list(value.values())
    keys: dict[str, None] = {}
    for part in inner:
        keys.update(dict.fromkeys(part))
    figures = all(key.isdigit() for key in keys)
    if figures:
        return [{name: part.get(key) for name, part in value.items()} for key in keys]
    return [{"id": name, **part} for name, part in value.items()]


def _columns(records: Iterable[Record]) -> dict[str, list[Any]]:
    """Values by field, in the order of appearance; a field that a record lacks is None."""
    columns: dict[str, list[Any]] = {}
    count = 0
    for count, record in enumerate(records, 1):
        for name, value in _flat(record, "", _DEPTH):
            column = columns.get(name)
            if column is None:
                column = columns[name] = []
                if len(columns) > _MAX_COLUMNS:
                    return columns
            column.extend([None] * (count - 1 - len(column)))
            if len(column) < count:
                column.append(value)
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    return columns


def _flat(record: Record, above: str, depth: int) -> Iterable[tuple[str, Any]]:
    for key, value in record.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value and depth:
            yield from _flat(value, f"{name}.", depth - 1)
        else:
            yield name, value
