"""Reading a text table: every line arrives as a row or is set aside by its number; no cell changes its column.

Regular text goes through Arrow as strings (a million rows in seconds); text with stray quotes, comments or runs of
blanks goes line by line. Types are found afterwards, over whole columns.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint, text_file
from .columns import typed_frame, unique_names
from .csv_dialect import BLANKS, Dialect, find_dialect, sample_of, unescape
from .csv_lines import SHOWN, mend_quotes, read_lines, width_text
from .dataset import BadItem, LoadReport, TableData

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

_MAX_LISTED = 10_000
_Read = tuple[list[pa.ChunkedArray], list[BadItem], int]
"""Columns of text, lines set aside, rows kept although a quote in them is never closed."""

_ABOVE = "It stands above the table."


@dataclass(frozen=True)
class RawTable:
    """Cells as text: one string column each, still unnamed."""

    columns: tuple[pa.ChunkedArray, ...]
    bad: tuple[BadItem, ...]
    dialect: Dialect
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[0])


def load_csv(
    path: Path,
    options: CsvOptions,
    test_path: Path | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> TableData:
    """The table in `path`, with the rows of `test_path` as its test part. DataError when it is no table."""
    tell = _Teller(progress, cancelled)
    tell(0.0, f"Reading {path.name}")
    data = text_file.read_bytes(path)
    if test_path is None:
        return _assemble(read_raw(data, options, path.name, tell), None, fingerprint.of_file(path), path.stem, tell)
    main = read_raw(data, options, path.name, tell)
    tell(0.4, f"Reading {test_path.name}")
    test = read_raw(text_file.read_bytes(test_path), _same_way(main, options), test_path.name, tell)
    return _assemble(
        main, _matched(main, test, path.name, test_path.name), fingerprint.of_files([path, test_path]), path.stem, tell
    )


def load_text(text: str, options: CsvOptions = CsvOptions(), title: str = "Pasted cells") -> TableData:  # noqa: B008
    """A table from text, such as cells copied from a spreadsheet."""
    data = text.encode("utf-8", "surrogatepass")
    tell = _Teller(None, None)
    raw = read_raw(data, replace(options, encoding="utf-8"), title, tell)
    return _assemble(raw, None, fingerprint.of_bytes(data), title, tell)


def read_raw(data: bytes, options: CsvOptions, where: str, tell: Callable[[float, str], None]) -> RawTable:
    """Cells of the text in `data`; nothing is interpreted yet."""
    text_file.refuse_binary(data, where)
    encoding, note = (options.encoding, "") if options.encoding else text_file.find_encoding(data)
    notes = [note] if note else []
    plain = encoding.lower().replace("_", "-") in ("utf-8", "ascii")
    if plain:
        if options.encoding:
            text_file.decode(data, encoding, where)
        data = data.removeprefix(codecs.BOM_UTF8)
        head = data[: 300 << 10].decode("utf-8", "ignore")
    else:
        text = text_file.decode(data, encoding, where).replace("\ufeff", "")
        data = text.encode("utf-8")
        head = text[: 300 << 10]
    tell(0.1, "Finding columns")
    dialect = find_dialect(sample_of(head), replace(options, encoding=encoding), where)
    if dialect.escape:
        data = unescape(data.decode("utf-8"), dialect.escape).encode()
        notes.append("Quotes within cells are escaped in an uncommon way; they were understood.")
    elif b"\0" in data:
        data = data.replace(b"\0", b"")
        notes.append("The file held NUL characters, which were left out.")
    tell(0.15, "Reading rows")
    fast = _read_fast(data, dialect)
    columns, bad, kept = fast if fast is not None else _read_carefully(data.decode("utf-8"), dialect, tell)
    if kept:
        notes.append(
            f"{kept:,} line{'s' if kept > 1 else ''} with a quote that is never closed were read as they stand."
        )
    if not len(columns[0]):
        only = "only a header line" if dialect.options.header else "no usable rows"
        raise DataError(f"The file holds {only}.", where=where, remedy="Choose a file with rows below the header.")
    if bad:
        many = "lines could not be read as rows and were" if len(bad) > 1 else "line could not be read as a row and was"
        notes.append(f"{len(bad):,} {many} set aside.")
    bad = [*_above(data, dialect), *bad]
    return RawTable(tuple(columns), tuple(bad[:_MAX_LISTED]), dialect, (*notes, *dialect.notes))


def _read_fast(data: bytes, dialect: Dialect) -> _Read | None:
    """Through Arrow, if need be after setting lines with stray quotes aside; None when the careful way is needed."""
    options = dialect.options
    quote = options.quote.encode()
    if options.delimiter == BLANKS or len(options.delimiter) != 1 or options.comment or dialect.spaced:
        return None
    found = _read_regular(data, dialect)
    if not quote or quote not in data or (found is not None and not _spans_lines(data, dialect, found)):
        return None if found is None else (*found, 0)
    if b"\n" not in data:
        return None
    mended, bad, kept = mend_quotes(data, dialect)
    found = _read_regular(mended, dialect) if bad or kept or found is None else found
    if found is None:
        return None
    return found[0], sorted([*found[1], *bad], key=lambda item: int(item.where.removeprefix("line "))), kept


def _spans_lines(data: bytes, dialect: Dialect, found: tuple[list[pa.ChunkedArray], list[BadItem]]) -> bool:
    """Whether some row takes more than one physical line."""
    lines = data[_offset(data, dialect.skip + dialect.header_lines) :].replace(b"\r", b"\n").split(b"\n")
    return sum(1 for line in lines if line.strip()) != len(found[0][0]) + len(found[1])


def _read_regular(data: bytes, dialect: Dialect) -> tuple[list[pa.ChunkedArray], list[BadItem]] | None:
    """Text whose quotes are in order; None when they are not after all, or a row repeats the header."""
    options = dialect.options
    quote = options.quote.encode()
    start = _offset(data, dialect.skip + dialect.header_lines)
    if start >= len(data):
        return None
    width = dialect.width + dialect.trailing
    names = [str(i) for i in range(width)]
    ragged: list[tuple[int, str]] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        if row.text.strip():
            ragged.append((row.actual_columns, row.text))
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(pa.py_buffer(memoryview(data)[start:])),
            read_options=pacsv.ReadOptions(column_names=names, block_size=8 << 20),
            parse_options=pacsv.ParseOptions(
                delimiter=options.delimiter,
                quote_char=options.quote or False,
                newlines_in_values=bool(quote) and quote in data,
                invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=True
            ),
        )
    except pa.ArrowInvalid:
        return None
    if any("\n" in text or "\r" in text for _, text in ragged):
        return None
    if dialect.header and _repeats_header(table, dialect.header):
        return None
    bad = _numbered(data, ragged, dialect.width)
    if bad is None:
        return None
    if dialect.trailing:
        last = pa.compute.utf8_trim_whitespace(table.column(width - 1))
        if pa.compute.any(pa.compute.not_equal(last, "")).as_py():
            return None
    return table.columns[: dialect.width], bad


def _read_carefully(text: str, dialect: Dialect, tell: Callable[[float, str], None]) -> _Read:
    rows, bad, kept = read_lines(text, dialect, lambda share: tell(0.15 + 0.4 * share, "Reading rows"))
    cells = zip(*rows, strict=True) if rows else [()] * dialect.width
    return [pa.chunked_array([pa.array(column, pa.large_string())]) for column in cells], bad, kept


def _above(data: bytes, dialect: Dialect) -> list[BadItem]:
    """The lines above the table."""
    lines = data[: _offset(data, dialect.skip)].decode("utf-8").splitlines()
    return [BadItem(f"line {i}", _ABOVE, line[:SHOWN]) for i, line in enumerate(lines, 1) if line.strip()]


def _offset(data: bytes, lines: int) -> int:
    """Where physical line number `lines` (from 0) begins."""
    position = 0
    for _ in range(lines):
        feed, carriage = data.find(b"\n", position), data.find(b"\r", position)
        ends = [end for end in (feed, carriage) if end >= 0]
        if not ends:
            return len(data)
        position = min(ends) + 1
        if data[position - 1 : position + 1] == b"\r\n":
            position += 1
    return position


def _repeats_header(table: pa.Table, header: Sequence[str]) -> bool:
    same = pa.compute.equal(pa.compute.utf8_trim_whitespace(table.column(0)), header[0].strip())
    for i, name in list(enumerate(header))[1 : table.num_columns]:
        if not pa.compute.any(same).as_py():
            return False
        same = pa.compute.and_(same, pa.compute.equal(pa.compute.utf8_trim_whitespace(table.column(i)), name.strip()))
    return bool(pa.compute.any(same).as_py())


def _numbered(data: bytes, ragged: Sequence[tuple[int, str]], width: int) -> list[BadItem] | None:
    """Line numbers of the ragged rows, found by their text; None when they cannot be told for sure."""
    if not ragged:
        return []
    cells = {text.encode(): count for count, text in ragged}
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    bad = [
        BadItem(f"line {number}", width_text(cells[line], width), line.decode("utf-8")[:SHOWN])
        for number, line in enumerate(lines, 1)
        if line in cells
    ]
    return bad if len(bad) == len(ragged) else None


def _assemble(
    main: RawTable, test: RawTable | None, print_: str, title: str, tell: Callable[[float, str], None]
) -> TableData:
    options, first_line = main.dialect.options, main.dialect.skip + main.dialect.header_lines
    width = len(main.columns)
    names, notes = unique_names(main.dialect.header or [""] * width)
    columns = list(main.columns)
    bad, parts = main.bad, np.zeros(main.rows, np.uint8)
    if test is not None:
        columns = [pa.chunked_array([*a.chunks, *b.chunks]) for a, b in zip(columns, test.columns, strict=True)]
        bad = (*bad, *(replace(item, where=f"test file, {item.where}") for item in test.bad))
        parts = np.concatenate([parts, np.ones(test.rows, np.uint8)])
        notes += [f"Test file: {note}" for note in test.notes]
    frame, found = typed_frame(
        columns,
        names,
        options.null_words,
        options.decimal,
        options.thousands,
        lambda i: tell(0.55 + 0.45 * i / width, f"Looking at {names[i]}"),
    )
    report = LoadReport(options, len(frame), bad, (*main.notes, *notes, *found), print_, first_line)
    return TableData(frame, report, parts, title)


def _same_way(main: RawTable, given: CsvOptions) -> CsvOptions:
    """The test file is read like the main one; only its encoding is found anew."""
    return replace(main.dialect.options, encoding=given.encoding)


def _matched(main: RawTable, test: RawTable, name: str, test_name: str) -> RawTable:
    """The test columns in the order of the main ones. DataError naming the columns that are missing."""
    if not main.dialect.header:
        if len(main.columns) != len(test.columns):
            raise DataError(
                f"The test file has {len(test.columns)} columns, {name} has {len(main.columns)}.",
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
    extra = [column for column in test_names if column not in names]
    notes = (*test.notes, *([f"Columns that only it has were left out: {', '.join(extra)}."] if extra else []))
    columns = tuple(test.columns[test_names.index(column)] for column in names)
    return replace(test, columns=columns, notes=notes)


class _Teller:
    """Reports progress and stops a cancelled job."""

    def __init__(self, progress: Progress | None, cancelled: IsCancelled | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def __call__(self, done: float, text: str) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled
        if self._progress is not None:
            self._progress(done, text)
