"""Text tables whose quotes cannot be trusted: which lines a cell really spans, and the careful way, line by line.

A quote that opens a cell and is closed nowhere, or far below, swallows the rows between. A cell over several lines is
believed only when its quotes are in perfect order; otherwise the quote is a character like any other, and the line is
kept when it has the right number of cells that way, else set aside.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from itertools import islice

from .csv_dialect import Dialect, lines_of, records
from .dataset import BadItem

SHOWN = 2_000
"""Characters kept of a line that is set aside."""

_REPORT_EVERY = 20_000
_UNCLOSED = "A quote is opened and not closed in its line."


def read_lines(
    text: str, dialect: Dialect, tell: Callable[[float], None]
) -> tuple[list[list[str]], list[BadItem], int]:
    """(rows of `dialect.width` cells, lines set aside, rows kept with a stray quote in them).

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


def mend_quotes(data: bytes, dialect: Dialect) -> tuple[bytes, list[BadItem], int]:
    """(the text with stray quotes escaped, lines that are set aside and emptied, lines kept with a stray quote).

    Only lines with an odd number of quotes are looked at. Empty lines are no rows, so line numbers stay.
    """
    options, quote = dialect.options, dialect.options.quote.encode()
    lines = data.split(b"\n")
    bad: list[BadItem] = []
    kept = 0
    after = dialect.skip + dialect.header_lines
    for i, line in enumerate(lines):
        if i < after or line.count(quote) % 2 == 0:
            continue
        below = [part.decode("utf-8") + "\n" for part in islice(lines, i, i + _LONGEST_CELL)]
        span = _lines_of_record(below, dialect)
        if span:
            after = i + span
            continue
        text = line.decode("utf-8").rstrip("\r")
        cells = _plain_cells(text, dialect)
        if cells:
            kept += 1
            written = io.StringIO()
            writer = csv.writer(written, delimiter=options.delimiter, quotechar=options.quote, quoting=csv.QUOTE_ALL)
            writer.writerow(cells)
            lines[i] = written.getvalue().rstrip("\r\n").encode()
        else:
            bad.append(BadItem(f"line {i + 1}", _UNCLOSED, text[:SHOWN]))
            lines[i] = b""
    return b"\n".join(lines), bad, kept


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
    if reader.line_num == 1:
        return 1
    return reader.line_num if _in_order(lines[: reader.line_num], len(cells), dialect) else 0


def _in_order(lines: Sequence[str], cells: int, dialect: Dialect) -> bool:
    """Whether a record over several lines has the right width and its closing quotes stand before a delimiter."""
    full = dialect.width + dialect.trailing
    if cells != full and not (dialect.trailing and cells == dialect.width):
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
        self.rows: list[list[str]] = []
        self.bad: list[BadItem] = []
        self.kept = 0

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
            if end - start > 1 and not _in_order(self._lines[start:end], len(cells), self._dialect):
                return self._stray(start)
            if self._dialect.width == 1 or len(cells) > 1 or any(cell.strip() for cell in cells):
                self._take(cells, start)
            start = end
        return len(self._lines)

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
        cells = _plain_cells(self._lines[start].rstrip("\r\n"), self._dialect)
        if cells:
            self.kept += 1
            self._take(cells, start)
        else:
            self._set_aside(start, _UNCLOSED)
        return start + 1

    def _set_aside(self, i: int, why: str) -> None:
        self.bad.append(BadItem(f"line {i + 1}", why, self._lines[i].rstrip("\r\n")[:SHOWN]))
