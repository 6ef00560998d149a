"""Text tables whose quotes cannot be trusted: which lines a cell really spans, and the careful way, line by line.

A quote that opens a cell and is closed nowhere, or far below, swallows the rows between; one within a cell that nobody
doubled shifts the cells behind it. A line is believed only when its quotes are in perfect order. Otherwise a quote
opens a cell only at its beginning and closes it only before a delimiter, or else is a character like any other: the
line is kept when it has the right number of cells in one of these ways, else set aside.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from itertools import islice

from .csv_dialect import BLANKS, Dialect, lines_of, records
from .dataset import BadItem

SHOWN = 2_000
"""Characters kept of a line that is set aside."""

_REPORT_EVERY = 20_000
_UNCLOSED = "A quote is opened and not closed in its line."
_DISORDER = "A quote stands within a cell, so that it cannot be told where the cell ends."


def read_lines(
    text: str, dialect: Dialect, tell: Callable[[float], None]
) -> tuple[list[list[str]], list[BadItem], list[int]]:
    """(rows of `dialect.width` cells, lines set aside, numbers of those kept with a stray quote in them).

    tell: called with the share done; it may raise to stop.
    """
    lines = lines_of(text)
    comment = dialect.options.comment
    if comment:
        lines = [line if not line.startswith(comment) else "\n" for line in lines]
    reading = _Reading(lines, dialect)
    start = dialect.skip + dialect.header_lines
    while start < len(lines):
        start = reading.read_from(start, tell)
    return reading.rows, reading.bad, reading.kept


def width_text(found: int, wanted: int) -> str:
    """Why a line of `found` cells is set aside."""
    return f"It has {found} cell{'s' if found != 1 else ''} instead of {wanted}."


def mend_quotes(data: bytes, dialect: Dialect) -> tuple[bytes, list[BadItem], list[int]]:
    """(the text with stray quotes escaped, lines that are set aside and emptied, numbers of those kept with one).

    Only lines with an odd number of quotes, or with one amid other characters, are looked at. Empty lines are no rows,
    so line numbers stay.
    """
    options, quote = dialect.options, dialect.options.quote.encode()
    amid = quote_amid(dialect).search
    lines = data.split(b"\n")
    bad: list[BadItem] = []
    kept: list[int] = []
    after = dialect.skip + dialect.header_lines
    for i, line in enumerate(lines):
        if i < after or (line.count(quote) % 2 == 0 and not amid(line)):
            continue
        below = [part.decode("utf-8") + "\n" for part in islice(lines, i, i + _LONGEST_CELL)]
        span = _lines_of_record(below, dialect)
        if span:
            after = i + span
            continue
        text = line.decode("utf-8").rstrip("\r")
        cells = _mended_cells(text, dialect)
        if cells:
            kept.append(i + 1)
            written = io.StringIO()
            writer = csv.writer(written, delimiter=options.delimiter, quotechar=options.quote, quoting=csv.QUOTE_ALL)
            writer.writerow(cells)
            lines[i] = written.getvalue().rstrip("\r\n").encode()
        else:
            bad.append(BadItem(f"line {i + 1}", _why(text, dialect), text[:SHOWN]))
            lines[i] = b""
    return b"\n".join(lines), bad, kept


def quote_amid(dialect: Dialect) -> re.Pattern[bytes]:
    """Finds a quote that neither opens nor closes a cell, nor is doubled; many of them are in order all the same."""
    quote, delimiter = re.escape(dialect.options.quote.encode()), re.escape(dialect.options.delimiter.encode())
    return re.compile(rb"[^%b%b\r\n]%b[^%b%b\r\n]" % (delimiter, quote, quote, delimiter, quote))


def _why(line: str, dialect: Dialect) -> str:
    odd = line.count(dialect.options.quote) % 2 and line.rstrip()[-1:] != dialect.options.quote
    return _UNCLOSED if odd and not quote_amid(dialect).search(line.encode()) else _DISORDER


_LONGEST_CELL = 5_000
"""Physical lines that a cell may span."""


def _lines_of_record(lines: Sequence[str], dialect: Dialect) -> int:
    """How many physical lines the first record takes; 0 when it spans lines and its quotes are not in order."""
    options = dialect.options
    reader = records(lines, options.delimiter, options.quote, dialect.spaced)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return 0
    return reader.line_num if _in_order(lines[: reader.line_num], len(cells), dialect) else 0


def _in_order(lines: Sequence[str], cells: int, dialect: Dialect) -> bool:
    """Whether the closing quotes of a record stand before a delimiter; over several lines the width must be right."""
    full = dialect.width + dialect.trailing
    if len(lines) > 1 and cells != full and not (dialect.trailing and cells == dialect.width):
        return False
    options = dialect.options
    strict = csv.reader(
        lines, delimiter=options.delimiter, quotechar=options.quote, skipinitialspace=dialect.spaced, strict=True
    )
    try:
        next(strict)
    except csv.Error:
        return False
    return True


def _mended_cells(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line whose quotes are out of order, if there are then as many as there should be; else empty.

    A quote closes a cell only before a delimiter or the end; if that does not do, one that opens a cell is a character
    like any other; at last all of them are.
    """
    quote, delimiter = dialect.options.quote, dialect.options.delimiter
    width = dialect.width + dialect.trailing
    if quote and len(delimiter) == 1 and delimiter != BLANKS:
        for literal in range(-1, width):
            cells = _closed_cells(line, quote, delimiter, dialect.spaced, literal)
            if len(cells) == width:
                return cells
    return _plain_cells(line, dialect)


def _closed_cells(line: str, quote: str, delimiter: str, spaced: bool, literal: int) -> list[str]:
    """Cells of a line; empty when one is not closed. literal: number of the cell whose first quote opens nothing."""
    cells: list[str] = []
    start = 0
    while start <= len(line):
        begin = start
        while spaced and line[begin : begin + 1] == " ":
            begin += 1
        if line[begin : begin + 1] == quote and len(cells) != literal:
            end = line.find(quote, begin + 1)
            while end >= 0 and line[end + 1 : end + 2] not in ("", delimiter):
                end = line.find(quote, end + 1)
            if end < 0:
                return []
            cells.append(line[begin + 1 : end].replace(quote * 2, quote))
            start = end + 2
        else:
            end = line.find(delimiter, start)
            end = len(line) if end < 0 else end
            cells.append(line[start:end])
            start = end + 1
    return cells


def _plain_cells(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line with quotes as characters; empty when there are not as many as there should be."""
    try:
        found = next(iter(records([line], dialect.options.delimiter, "", dialect.spaced)), [])
    except csv.Error:
        return []
    return found if len(found) == dialect.width + dialect.trailing else []


class _Reading:
    def __init__(self, lines: Sequence[str], dialect: Dialect) -> None:
        self._lines = lines
        self._dialect = dialect
        self._header = [cell.strip() for cell in dialect.header]
        self._amid = quote_amid(dialect).search if dialect.options.quote else None
        self.rows: list[list[str]] = []
        self.bad: list[BadItem] = []
        self.kept: list[int] = []

    def read_from(self, base: int, tell: Callable[[float], None]) -> int:
        """Read on from physical line `base` to the end or past a stray quote; returns where it stopped."""
        options = self._dialect.options
        below = (self._lines[i] for i in range(base, len(self._lines)))
        reader = records(below, options.delimiter, options.quote, self._dialect.spaced)
        start = base
        for count in range(len(self._lines)):
            if count % _REPORT_EVERY == 0:
                tell(start / len(self._lines))
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                return self._stray(start)
            end = base + reader.line_num
            if (end - start > 1 or self._odd(start)) and not _in_order(
                self._lines[start:end], len(cells), self._dialect
            ):
                return self._stray(start)
            if self._dialect.width == 1 or len(cells) > 1 or any(cell.strip() for cell in cells):
                self._take(cells, start)
            start = end
        return len(self._lines)

    def _odd(self, i: int) -> bool:
        """Whether the quotes of a line may be out of order."""
        quote, line = self._dialect.options.quote, self._lines[i]
        if self._amid is None or quote not in line:
            return False
        return bool(line.count(quote) % 2) or self._amid(line.encode("utf-8", "surrogatepass")) is not None

    def _take(self, cells: list[str], start: int) -> None:
        width, trailing = self._dialect.width, self._dialect.trailing
        if not cells:
            return
        if len(cells) != width and not (trailing and len(cells) == width + 1 and not cells[-1].strip()):
            self._set_aside(start, width_text(len(cells), width))
        elif self._header and [cell.strip() for cell in cells[:width]] == self._header:
            self._set_aside(start, "It repeats the header.")
        else:
            self.rows.append(cells[:width])

    def _stray(self, start: int) -> int:
        """Keep the line with its quotes as characters, or set it aside; returns the next line."""
        line = self._lines[start].rstrip("\r\n")
        cells = _mended_cells(line, self._dialect)
        if cells:
            self.kept.append(start + 1)
            self._take(cells, start)
        else:
            self._set_aside(start, _why(line, self._dialect))
        return start + 1

    def _set_aside(self, i: int, why: str) -> None:
        self.bad.append(BadItem(f"line {i + 1}", why, self._lines[i].rstrip("\r\n")[:SHOWN]))
