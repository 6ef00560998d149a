"""The careful way through a text table: line by line, for stray quotes, comments, and runs of blanks between cells."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

from .csv_dialect import Dialect, lines_of, records
from .dataset import BadItem

SHOWN = 2_000
"""Characters kept of a line that is set aside."""

_REPORT_EVERY = 20_000
_UNCLOSED = "A quote is opened and never closed."


def read_lines(text: str, dialect: Dialect, tell: Callable[[float], None]) -> tuple[list[list[str]], list[BadItem]]:
    """(rows of `dialect.width` cells, lines set aside). tell: called with the share done; it may raise to stop."""
    lines = lines_of(text)
    comment = dialect.options.comment
    if comment:
        lines = [line if not line.startswith(comment) else "\n" for line in lines]
    reading = _Reading(lines, dialect)
    start = dialect.skip + dialect.header_lines
    while start < len(lines):
        start = reading.read_from(start, tell)
    return reading.rows, reading.bad


def width_text(found: int, wanted: int) -> str:
    """Why a line of `found` cells is set aside."""
    return f"It has {found} cell{'s' if found != 1 else ''} instead of {wanted}."


class _Reading:
    def __init__(self, lines: Sequence[str], dialect: Dialect) -> None:
        self._lines = lines
        self._dialect = dialect
        self._header = [cell.strip() for cell in dialect.header]
        self.rows: list[list[str]] = []
        self.bad: list[BadItem] = []

    def read_from(self, base: int, tell: Callable[[float], None]) -> int:
        """Read on from physical line `base`; returns where to begin anew.

        A refused record that spans several lines is the work of a stray quote: only its first line is set aside, and
        reading begins anew at the next.
        """
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
                self._set_aside(start, _UNCLOSED)
                return start + 1
            end = base + reader.line_num
            if len(cells) > 1 or self._dialect.width == 1 or any(cell.strip() for cell in cells):
                why = self._objection(cells, start, end) if cells else "blank"
                if not why:
                    self.rows.append(cells[: self._dialect.width])
                elif cells:
                    self._set_aside(start, why)
                    if end - start > 1:
                        return start + 1
            start = end
        return len(self._lines)

    def _objection(self, cells: list[str], start: int, end: int) -> str:
        """Why a record is no row; "" when it is one."""
        width, trailing = self._dialect.width, self._dialect.trailing
        spans = end - start > 1
        if len(cells) != width + trailing and not (trailing and len(cells) == width):
            return "A quote is opened and not closed in its line." if spans else width_text(len(cells), width)
        if trailing and len(cells) > width and cells[-1].strip():
            return width_text(len(cells), width)
        if spans and end == len(self._lines) and self._odd_quotes(start, end):
            return _UNCLOSED
        if self._header and [cell.strip() for cell in cells[:width]] == self._header:
            return "It repeats the header."
        return ""

    def _odd_quotes(self, start: int, end: int) -> bool:
        quote = self._dialect.options.quote
        return bool(quote) and sum(line.count(quote) for line in self._lines[start:end]) % 2 == 1

    def _set_aside(self, i: int, why: str) -> None:
        self.bad.append(BadItem(f"line {i + 1}", why, self._lines[i].rstrip("\r\n")[:SHOWN]))
