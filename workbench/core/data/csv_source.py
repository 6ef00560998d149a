"""Reading a text table: every line arrives as a row or is set aside by its number; no cell changes its column.

Regular text goes through Arrow as strings; text with comments, runs of blanks or quotes that cannot be mended goes line
by line. Types are found afterwards, over whole columns.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint, text_file
from .append import compared
from .columns import typed_frame, unique_names
from .csv_dialect import Dialect, find_dialect, sample_of, unescape
from .csv_lines import read_lines
from .csv_regular import lines_above, read_regular
from .csv_text import Look, Text, TextInFile, TextInMemory, first_lines, look_through, refuse_binary
from .dataset import BadItem, LoadReport, TableData

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

_MAX_LISTED = 10_000
_LISTED = 8
_HOPELESS = 2
"""So many times more lines set aside than rows, and it is no table, or not that one."""

_Read = tuple[list[pa.ChunkedArray], list[BadItem], list[int]]
"""Columns of text, lines set aside, numbers of lines kept although their quotes are out of order."""


@dataclass(frozen=True)
class RawTable:
    """Cells as text: one string column each, still unnamed; float64 where nothing is lost by it."""

    columns: list[pa.ChunkedArray]
    bad: tuple[BadItem, ...]
    dialect: Dialect
    notes: tuple[str, ...]
    plain: bool = True

    @property
    def rows(self) -> int:
        return len(self.columns[0])


def load_csv(
    path: Path,
    options: CsvOptions,
    test_path: Path | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
    member: str = "",
    rows: int = 0,
) -> TableData:
    """The table in `path`, with the rows of `test_path` as its test part. DataError when it is no table.

    member: of a ZIP archive with several tables, the one to read. rows: read about so many lines at the beginning only,
    0 for all.
    """
    tell = _Teller(progress, cancelled)
    tell(0.0, f"Reading {path.name}")
    text = _text_of(path, member)
    note: tuple[str, ...] = ()
    if rows:
        text, cut = first_lines(text, rows)
        note = (f"Only the first {rows:,} lines are read, as was asked for.",) if cut else ()
    main = read_raw(text, options, path.name, tell, alone=test_path is None)
    main = replace(main, notes=(*note, *main.notes), plain=main.plain and not note)
    if test_path is None:
        return _assemble(main, None, fingerprint.of_file(path), path.stem, tell)
    tell(0.4, f"Reading {test_path.name}")
    test = read_raw(_text_of(test_path), _same_way(main, options), test_path.name, tell)
    return _assemble(
        main, _matched(main, test, path.name, test_path.name), fingerprint.of_files([path, test_path]), path.stem, tell
    )


def _text_of(path: Path, member: str = "") -> Text:
    return TextInMemory(text_file.read_bytes(path, member=member)) if text_file.is_packed(path) else TextInFile(path)


def load_text(text: str, options: CsvOptions = CsvOptions(), title: str = "Pasted cells") -> TableData:  # noqa: B008
    """A table from text, such as cells copied from a spreadsheet."""
    data = text.encode("utf-8", "surrogatepass")
    tell = _Teller(None, None)
    raw = read_raw(TextInMemory(data), replace(options, encoding="utf-8"), title, tell)
    return _assemble(raw, None, fingerprint.of_bytes(data), title, tell)


def read_raw(
    text: Text, options: CsvOptions, where: str, tell: Callable[[float, str], None], alone: bool = False
) -> RawTable:
    """Cells of a text; nothing is interpreted yet, but for decimal numbers in a large table that stands `alone`."""
    text, look, encoding, notes = _as_utf8(text, options.encoding, where, lambda: tell(0.05, "Looking through it"))
    tell(0.1, "Finding columns")
    dialect = find_dialect(sample_of(_head(look)), replace(options, encoding=encoding), where)
    if dialect.escape:
        text = TextInMemory(unescape(text.whole().decode("utf-8"), dialect.escape).encode())
        look = look_through(text)
        notes.append("Quotes within cells are escaped in an uncommon way; they were understood.")
    elif look.nul:
        text = TextInMemory(text.whole().replace(b"\0", b""))
        look = look_through(text)
        notes.append("The file held NUL characters, which were left out.")
    plain = alone and dialect.options.decimal == "." and not options.thousands and "" in options.null_words
    fast = read_regular(text, look, dialect, lambda share: tell(0.15 + 0.4 * share, "Reading rows"), plain)
    columns, bad, kept = fast if fast is not None else _read_carefully(text.whole(), dialect, tell)
    if kept:
        lines = "1 line was" if len(kept) == 1 else f"{len(kept):,} lines were"
        more = f" and {len(kept) - _LISTED:,} more" if len(kept) > _LISTED else ""
        numbers = f"line {', '.join(str(number) for number in kept[:_LISTED])}{more}"
        notes.append(f"{lines} read with a stray quote as part of a cell: {numbers}.")
    if not len(columns[0]):
        only = "only a header line" if dialect.options.header else "no usable rows"
        raise DataError(f"The file holds {only}.", where=where, remedy="Choose a file with rows below the header.")
    if len(bad) > _HOPELESS * len(columns[0]) and not options.delimiter:
        first = bad[0]
        raise DataError(
            f"The lines do not agree: only {len(columns[0]):,} of {len(columns[0]) + len(bad):,} fit a table of "
            f"{dialect.width} columns.",
            where=f"{where}, {first.where}",
            remedy=f"{first.what} Choose how the cells are parted, if it is a table.",
        )
    if bad:
        many = "lines could not be read as rows and were" if len(bad) > 1 else "line could not be read as a row and was"
        notes.append(f"{len(bad):,} {many} set aside.")
    bad = [*lines_above(look, dialect), *bad]
    return RawTable(list(columns), tuple(bad[:_MAX_LISTED]), dialect, (*notes, *dialect.notes), not kept)


def _as_utf8(text: Text, stated: str, where: str, tell: Callable[[], None]) -> tuple[Text, Look, str, list[str]]:
    """(the text as UTF-8, what a pass over it told, its encoding, notes). DataError when it cannot be decoded."""
    look = look_through(text, tell)
    refuse_binary(look, text, where)
    known = stated.lower().replace("_", "-")
    marked = look.head.startswith(codecs.BOM_UTF8)
    if (
        look.utf8
        and not look.nul
        and not look.marks
        and (known in ("", "utf-8", "utf-8-sig") or (look.ascii and known == "ascii"))
    ):
        return text, look, stated or ("utf-8-sig" if marked else "utf-8"), []
    data = text.whole()
    encoding, note = (stated, "") if stated else text_file.find_encoding(data)
    words = text_file.decode(data, encoding, where)
    plain = encoding.lower().replace("_", "-") in ("utf-8", "ascii")
    data = (words.removeprefix("\ufeff") if plain else words.replace("\ufeff", "")).encode("utf-8")
    text = TextInMemory(data)
    return text, look_through(text), encoding, [note] if note else []


def _head(look: Look) -> str:
    """The beginning of the text without its byte order mark, up to a line end."""
    head = look.head.decode("utf-8", "ignore").removeprefix("\ufeff")
    if look.size == len(look.head):
        return head
    cut = max(head.rfind("\n"), head.rfind("\r"))
    return head[: cut + 1] if cut > 0 else head


def _read_carefully(data: bytes, dialect: Dialect, tell: Callable[[float, str], None]) -> _Read:
    text = data.decode("utf-8").removeprefix("\ufeff")
    rows, bad, kept = read_lines(text, dialect, lambda share: tell(0.15 + 0.4 * share, "Reading rows"))
    cells = zip(*rows, strict=True) if rows else [()] * dialect.width
    return [pa.chunked_array([pa.array(column, pa.large_string())]) for column in cells], bad, kept


def _assemble(
    main: RawTable, test: RawTable | None, print_: str, title: str, tell: Callable[[float, str], None]
) -> TableData:
    options, first_line = main.dialect.options, main.dialect.skip + main.dialect.header_lines
    width = len(main.columns)
    names, notes = unique_names(main.dialect.header or [""] * width)
    bad, parts = main.bad, np.zeros(main.rows, np.uint8)
    columns = list(main.columns)
    main.columns.clear()  # each is let go as soon as it has its type
    if test is not None:
        columns = [_joined(a, b) for a, b in zip(columns, test.columns, strict=True)]
        bad = (*bad, *(replace(item, where=f"test file, {item.where}") for item in test.bad))
        parts = np.concatenate([parts, np.ones(test.rows, np.uint8)])
        test.columns.clear()
        notes += [f"Test file: {note}" for note in test.notes]
    frame, found = typed_frame(
        columns,
        names,
        options.null_words,
        options.decimal,
        options.thousands,
        lambda i: tell(0.55 + 0.45 * i / width, f"Looking at {names[i]}"),
    )
    plain = main.plain and (test is None or test.plain)
    notes = [*main.notes, *notes, *found]
    report = LoadReport(options, len(frame), bad, tuple(notes), print_, first_line, plain=plain)
    return TableData(frame, report, parts, title)


def _joined(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = one.type if one.type == other.type else pa.large_string()
    return pa.chunked_array([*one.cast(kind).chunks, *other.cast(kind).chunks])


def _same_way(main: RawTable, given: CsvOptions) -> CsvOptions:
    """The test file is read like the main one; only its encoding is found anew."""
    return replace(main.dialect.options, encoding=given.encoding)


def _matched(main: RawTable, test: RawTable, name: str, test_name: str) -> RawTable:
    """The test columns in the order of the main ones. DataError naming the columns that are missing."""
    if not main.dialect.header:
        if len(main.columns) != len(test.columns):
            raise DataError(
                f"The test file has {len(test.columns):,} columns, {name} has {len(main.columns):,}.",
                where=test_name,
                remedy="Choose a test file with the same columns.",
            )
        return test
    names, _ = unique_names(main.dialect.header)
    test_names, _ = unique_names(test.dialect.header)
    missing = [column for column in names if column not in test_names]
    if missing:
        listed = ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else "")
        raise DataError(
            f"The test file lacks the column{'s' if len(missing) > 1 else ''} {listed}.",
            where=test_name,
            remedy="Testing needs every column, the one to predict included; choose another file or none.",
        )
    columns = [test.columns[test_names.index(column)] for column in names]
    return replace(
        test,
        columns=columns,
        notes=(*test.notes, *compared(names, test_names)),
        plain=test.plain and names == test_names,
    )


class _Teller:
    """Reports progress and stops a cancelled job."""

    def __init__(self, progress: Progress | None, cancelled: IsCancelled | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def __call__(self, done: float, text: str) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        if self._progress is not None:
            self._progress(done, text)
