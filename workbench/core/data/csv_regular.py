"""Regular text through Arrow, as strings: a million rows in half a second; None where the careful way is needed."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from .csv_dialect import BLANKS, SAMPLE, Dialect
from .csv_lines import SHOWN, mend_quotes, width_text
from .csv_text import Look, Text, TextInMemory, count_lines, look_through
from .dataset import BadItem

Columns = list[pa.ChunkedArray]
_BLOCK = 1 << 20

LARGE = 8 << 20
"""Bytes from which on reading numbers at once is worth a look at the beginning."""

_ABOVE = "It stands above the table."


def read_regular(
    text: Text, look: Look, dialect: Dialect, tell: Callable[[float], None], decimals: bool = False
) -> tuple[Columns, list[BadItem], list[int]] | None:
    """(columns of text, lines set aside, numbers of those kept with a stray quote in them) of UTF-8 text without NUL.

    If need be after setting lines with stray quotes aside. None when the careful way is needed.
    decimals: columns of a large table that hold decimal numbers and empty cells alone may arrive as float64.
    """
    options = dialect.options
    if options.delimiter == BLANKS or len(options.delimiter) != 1 or options.comment or dialect.spaced:
        return None
    quotes = look.quotes if options.quote == '"' else _count(text, options.quote)
    even = look.even and not look.carriages and options.quote == '"'
    floats = _decimal_columns(look, dialect) if decimals and look.size > LARGE else ()
    found = _read(text, look, dialect, bool(quotes) and not even, tell, floats)
    if not quotes:
        return None if found is None else (*found, [])
    if found is not None and even and not look.amid:
        lines = count_lines(text) - dialect.skip - dialect.header_lines
        if lines == len(found[0][0]) + len(found[1]):
            return (*found, [])
    data = text.whole().removeprefix(codecs.BOM_UTF8)
    if b"\n" not in data:
        return None
    mended, bad, kept = mend_quotes(data, dialect)
    if bad or kept or found is None:
        memory = TextInMemory(mended)
        found = _read(memory, look_through(memory), dialect, True, tell)
    if found is None:
        return None
    return found[0], sorted([*found[1], *bad], key=lambda item: int(item.where.removeprefix("line "))), kept


def lines_above(look: Look, dialect: Dialect) -> list[BadItem]:
    """The lines above the table."""
    data = look.head[: _offset(look.head, dialect.skip)]
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    return [BadItem(f"line {i}", _ABOVE, line[:SHOWN]) for i, line in enumerate(lines, 1) if line.strip()]


def _count(text: Text, quote: str) -> int:
    return sum(bytes(piece).count(quote.encode()) for piece in text.pieces()) if quote else 0


def _read(
    text: Text,
    look: Look,
    dialect: Dialect,
    over_lines: bool,
    tell: Callable[[float], None],
    floats: Sequence[int] = (),
) -> tuple[Columns, list[BadItem]] | None:
    """Text whose quotes are in order; None when they are not after all, or a row repeats the header.

    floats: columns to be read as numbers at once; as text after all when that would lose anything.
    """
    options = dialect.options
    start = _offset(look.head, dialect.skip + dialect.header_lines)
    if start >= len(look.head):
        return None
    start = start or len(codecs.BOM_UTF8) * look.head.startswith(codecs.BOM_UTF8)
    width = dialect.width + dialect.trailing
    names = [str(i) for i in range(width)]
    ragged: list[tuple[int, str]] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        if row.text.strip():
            ragged.append((row.actual_columns, row.text))
        return "skip"

    known = set(floats)  # looked up for each of tens of thousands of columns
    kinds = {name: pa.float64() if i in known else pa.string() for i, name in enumerate(names)}

    def read(file: pa.NativeFile) -> pa.Table:
        return pacsv.read_csv(
            file,
            read_options=pacsv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(
                delimiter=options.delimiter,
                quote_char=options.quote or False,
                newlines_in_values=over_lines,
                invalid_row_handler=set_aside,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=kinds, null_values=[""], strings_can_be_null=False, check_utf8=False
            ),
        )

    try:
        table = text.read_from(start, read, tell)
    except pa.ArrowInvalid:
        return _read(text, look, dialect, over_lines, tell) if floats else None
    if not all(_says_it_all(table.column(i)) for i in floats):
        return _read(text, look, dialect, over_lines, tell)
    if any("\n" in line or "\r" in line for _, line in ragged):
        return None
    if dialect.header and _repeats_header(table, dialect.header):
        return None
    bad = _numbered(text, ragged, dialect.width) if ragged else []
    if bad is None:
        return None
    if dialect.trailing:
        last = pc.utf8_trim_whitespace(table.column(width - 1))
        if pc.any(pc.not_equal(last, "")).as_py():
            return None
    return table.columns[: dialect.width], bad


def _decimal_columns(look: Look, dialect: Dialect) -> tuple[int, ...]:
    """Columns whose cells at the beginning are plain numbers or empty, with figures behind a point in some."""
    head = look.head[:SAMPLE]
    head = head[: head.rfind(b"\n") + 1]
    memory = TextInMemory(head)
    found = _read(memory, look_through(memory), dialect, True, lambda share: None)
    if found is None:
        return ()
    plain, broken = r"^[+-]?[0-9]*\.?[0-9]*(e[+-]?[0-9]+)?$", r"\.[0-9]*[1-9]"
    return tuple(
        i
        for i, cells in enumerate(found[0])
        if pc.all(pc.match_substring_regex(cells, plain)).as_py()
        and pc.any(pc.match_substring_regex(cells, broken)).as_py()
    )


def _says_it_all(numbers: pa.ChunkedArray) -> bool:
    """Whether nothing of the text was lost: no word such as nan, and not codes like 007 alone."""
    return not all(_whole(chunk) for chunk in numbers.chunks) and not any(_has_nan(chunk) for chunk in numbers.chunks)


def _whole(chunk: pa.Array) -> bool:
    array = chunk.to_numpy(zero_copy_only=False)
    array = array[np.isfinite(array)]
    return bool((array == np.floor(array)).all())


def _has_nan(chunk: pa.Array) -> bool:
    """Whether a cell was the word nan; an empty one is null."""
    return bool(np.isnan(chunk.to_numpy(zero_copy_only=False)).sum() != chunk.null_count)


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
    same = pa.scalar(True)
    for column, name in zip(table.columns, header, strict=False):
        if pa.types.is_floating(column.type):
            same = pc.and_(same, pc.is_null(column) if not name.strip() else pa.scalar(False))
        else:
            same = pc.and_(same, pc.equal(pc.utf8_trim_whitespace(column), name.strip()))
        if not pc.any(same).as_py():
            return False
    return True


def _numbered(text: Text, ragged: Sequence[tuple[int, str]], width: int) -> list[BadItem] | None:
    """Line numbers of the ragged rows, found by their text; None when they cannot be told for sure."""
    cells = {line.encode(): count for count, line in ragged}
    lines = text.whole().removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    bad = [
        BadItem(f"line {number}", width_text(cells[line], width), line.decode("utf-8")[:SHOWN])
        for number, line in enumerate(lines, 1)
        if line in cells
    ]
    return bad if len(bad) == len(ragged) else None
