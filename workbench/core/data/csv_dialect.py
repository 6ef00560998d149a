"""Finding out how a text table is written: delimiter, quote, header, decimal mark, comment, lines above the table."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from workbench.core.errors import DataError
from workbench.core.project import CsvOptions

from .csv_cells import find_decimal, has_header, is_date, is_number

SAMPLE = 256 << 10
FEWEST_LINES = 8
_RECORDS = 400
_DELIMITERS = "\t;|,"
"""In the order of trust: a tab that cuts every line alike is hardly ever an accident, a comma may be a decimal mark."""

BLANKS = " "
"""As a delimiter: any run of blanks and tabs."""


_Rows = list[tuple[list[str], int, int]]
"""Parsed records: cells, first physical line, line after the last."""


@dataclass(frozen=True)
class Dialect:
    """How one text is written.

    options: filled in completely. skip: physical lines above the header or the first row. header_lines: physical lines
    the header takes, 0 when there is none. header: its cells, or (). width: cells in a row. trailing: every row ends
    with one delimiter too many. escape: the character before a quote within a cell, or "". spaced: see `records`.
    """

    options: CsvOptions
    skip: int = 0
    header_lines: int = 0
    header: tuple[str, ...] = ()
    width: int = 1
    trailing: bool = False
    escape: str = ""
    spaced: bool = False
    notes: tuple[str, ...] = ()


class Records(Protocol):
    """What csv.reader gives: cells of each record, and how many physical lines were taken."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def records(text: Iterable[str], delimiter: str, quote: str, spaced: bool = False) -> Records:
    """A lenient csv reader over physical lines. spaced: blanks after a delimiter are no part of the cell."""
    lines = text
    if delimiter == BLANKS:
        lines = (line.strip(" \t\r\n").replace("\t", " ") + "\n" for line in text)
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, skipinitialspace=spaced)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=spaced)


def find_dialect(sample: str, given: CsvOptions, where: str) -> Dialect:
    """How `sample` (the head of the text, cut at a line end) is written.

    What `given` states is kept: its encoding and, when its delimiter is stated, delimiter, quote, decimal mark and
    comment; a stated header always. Raises DataError when it does not look like a table.
    """
    stated = bool(given.delimiter)
    _refuse_markup(sample, where)
    escape = _find_escape(sample)
    if escape:
        sample = unescape(sample, escape)
    lines = lines_of(sample)
    comment = given.comment or ("" if stated else _find_comment(lines))
    body = [line if not (comment and line.startswith(comment)) else "\n" for line in lines]
    quote = given.quote if stated else _find_quote(body)
    delimiter = given.delimiter if stated else _find_delimiter(body, quote)
    rows = _parse(body, delimiter, quote)
    if not rows:
        raise DataError("The file holds no rows.", where=where, remedy="Choose a file with a header line and rows.")
    width = _common_width(rows)
    if width == 1 and not stated:
        _refuse_prose([line for line in body if line.strip()], where)
    rows = _mended_head(rows, body, delimiter, quote, width)
    first = _first_row(rows, width)
    rows = rows[first:]
    skip = rows[0][1]
    decimal = given.decimal if stated else find_decimal([cells for cells, _, _ in rows], delimiter)
    head = [cell.strip() for cell in rows[0][0]]
    named = given.header if given.header is not None else has_header([c for c, _, _ in rows], decimal)
    trailing, notes = False, ["The file has one column only."] if width == 1 else []
    if named:
        data = rows[1:]
        if data and width == len(head) + 1:
            if all(not cells[-1].strip() for cells, _, _ in data if len(cells) == width):
                trailing, width = True, width - 1
            else:
                head = ["", *head]
                notes.append(
                    "The header has one name less than the rows have cells; the first column was left without."
                )
        elif len(head) < width:
            head = [*head, *[""] * (width - len(head))]
            notes.append(f"The header has fewer names than the rows have cells ({width}); the last ones are numbered.")
        elif len(head) > width and not data:
            width = len(head)
        elif len(head) > width:
            if any(head[width:]):
                notes.append(
                    f"The header has more names than the rows have cells ({width}); the last ones are left out."
                )
            head = head[:width]
    options = replace(given, delimiter=delimiter, quote=quote, decimal=decimal, comment=comment, header=bool(named))
    if skip:
        notes.append(f"{skip} line{'s' if skip > 1 else ''} above the table {'are' if skip > 1 else 'is'} left out.")
    header_lines = rows[0][2] - rows[0][1] if named else 0
    return Dialect(
        options,
        skip,
        header_lines,
        tuple(head) if named else (),
        width,
        trailing,
        escape,
        is_spaced(body, delimiter, quote),
        tuple(notes),
    )


def unescape(text: str, escape: str) -> str:
    """`text` with an escaped quote written as a doubled one, as everybody else writes it."""
    return text.replace(f'{escape}"', '""').replace("\0", "")


def is_spaced(lines: Iterable[str], delimiter: str, quote: str) -> bool:
    """Whether blanks stand between delimiters and opening quotes, which would make the quotes part of the cells."""
    if delimiter == BLANKS:
        return True
    return bool(quote) and any(f"{delimiter} {quote}" in line for line in islice(lines, _RECORDS))


def _parse(lines: Sequence[str], delimiter: str, quote: str) -> _Rows:
    """Each record that is not blank."""
    reader = records(lines, delimiter, quote, is_spaced(lines, delimiter, quote))
    found: _Rows = []
    start = 0
    try:
        for cells in reader:
            end = reader.line_num
            if any(cell.strip() for cell in cells):
                found.append((cells, start, end))
            start = end
            if len(found) >= _RECORDS:
                break
    except csv.Error:
        pass  # a quote that is never closed: what stands before it is enough to judge by
    return found


def _find_escape(sample: str) -> str:
    """A backslash or NUL before quotes within cells, when no quote within a cell is doubled instead."""
    if re.search(r'(?<![,;\t|\\\0\r\n])""(?![,;\t|\r\n])', sample):
        return ""
    for escape in ("\\", "\0"):
        if re.search(re.escape(escape) + r'"[^,;\t|\r\n]', sample):
            return escape
    return ""


def _find_comment(lines: Sequence[str]) -> str:
    """ "#" or "%" when the first lines begin with it and later ones do not."""
    for mark in "#%":
        flags = [line.startswith(mark) for line in lines if line.strip()]
        if flags and flags[0] and not all(flags) and (flags.count(True) > 1 or _unlike_the_rest(lines)):
            return mark
    return ""


def _unlike_the_rest(lines: Sequence[str]) -> bool:
    filled = [line for line in lines if line.strip()]
    return len(filled) > 1 and all(filled[0].count(d) != filled[1].count(d) or not filled[1].count(d) for d in ",;\t|")


def _find_quote(lines: Sequence[str]) -> str:
    """The double quote, unless cells are held in single ones and none in double ones."""
    text = "".join(lines[:_RECORDS])
    double = len(re.findall(r'(?:^|[,;\t| ])"', text, re.MULTILINE))
    single = len(re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|$)", text, re.MULTILINE))
    return "'" if single > 2 and single > 3 * double else '"'


def _find_delimiter(lines: Sequence[str], quote: str) -> str:
    """The first in the order of trust that cuts nearly all lines alike, the header line too; else the first that cuts
    the lines below it so: a mark inside the cells ("red|green") is not in the header."""
    best, best_share, cutting = ",", 0.0, []
    for delimiter in _DELIMITERS:
        rows = _parse(lines, delimiter, quote)
        widths = Counter(len(cells) for cells, _, _ in rows)
        total = sum(widths.values())
        wide = [(count, width) for width, count in widths.items() if width > 1]
        if not total or not wide:
            continue
        share = max(wide)[0] / total
        if share >= 0.9 and total > 1:
            if len(rows[0][0]) == max(wide)[1]:
                return delimiter
            cutting.append(delimiter)
        if share > best_share:
            best, best_share = delimiter, share
    if cutting:
        return cutting[0]
    spaced = _parse(lines, BLANKS, quote)
    widths = Counter(len(cells) for cells, _, _ in spaced)
    if spaced and best_share < 0.9:
        width, count = widths.most_common(1)[0]
        cut = [cells for cells, _, _ in spaced if len(cells) == width]
        if width > 1 and len(spaced) > 1 and count / len(spaced) >= 0.9 and _numeric_columns(cut):
            return BLANKS
    return best


def _numeric_columns(rows: Sequence[Sequence[str]]) -> int:
    """Columns that are numbers, dates or times but for the first row."""
    body = rows[1:] or rows
    return sum(
        all(is_number(row[i]) or is_number(row[i], ",") or is_date(row[i]) for row in body) for i in range(len(body[0]))
    )


def _common_width(rows: _Rows) -> int:
    widths = Counter(len(cells) for cells, _, _ in (rows[1:] or rows))
    most = max(widths.values())
    if len(rows[0][0]) in widths and widths[len(rows[0][0])] == most:
        return len(rows[0][0])
    return max(width for width, count in widths.items() if count == most)


def _mended_head(rows: _Rows, body: Sequence[str], delimiter: str, quote: str, width: int) -> _Rows:
    """A stray quote in the first line swallows rows: the line alone, without its quotes, is the header then."""
    cells, start, _ = rows[0]
    if len(cells) == width or delimiter == BLANKS or not quote or quote not in body[start]:
        return rows
    alone = body[start].rstrip("\r\n").replace(quote, "").split(delimiter)
    if len(alone) != width:
        return rows
    below = [
        (row, first + start + 1, last + start + 1) for row, first, last in _parse(body[start + 1 :], delimiter, quote)
    ]
    return [(alone, start, start + 1), *below]


def _first_row(rows: _Rows, width: int) -> int:
    """Where the table begins: lines above it have at most one filled cell while the table has several columns."""
    if width < 3:
        return 0
    for i, (cells, _, _) in enumerate(rows[:50]):
        if sum(bool(cell.strip()) for cell in cells) > 1 and len(cells) >= width - 1:
            return i
    return 0


def _refuse_markup(sample: str, where: str) -> None:
    start = sample.lstrip("\ufeff \t\r\n")[:200].lower()
    kinds = (("<!doctype html", "a web page"), ("<html", "a web page"), ("<?xml", "an XML document"))
    for prefix, what in kinds:
        if start.startswith(prefix):
            raise DataError(f"This is {what}, not a table.", where=where, remedy="Save the table itself as CSV.")
    if re.match(r'[\[{]\s*([\[{]\s*)?"[^"]*"\s*:', start):
        raise DataError("This is JSON, not a table.", where=where, remedy="Save the table itself as CSV.")


def _refuse_prose(lines: Sequence[str], where: str) -> None:
    """A column of words is a table; sentences are not."""
    words = sum(len(line.split()) for line in lines) / len(lines)
    longest = max(len(line) for line in lines)
    wide = sum(not line.isascii() for line in lines) and sum(map(len, lines)) / len(lines) > 25
    if words > 4 or longest > 400 or wide:
        raise DataError(
            "This looks like running text, not like a table.",
            where=where,
            remedy="If it is a table, state the delimiter between its columns.",
        )


def sample_of(text: str) -> str:
    """The head of the text up to a line end."""
    if len(text) <= SAMPLE:
        return text
    head = text[:SAMPLE]
    if head.count("\n") < FEWEST_LINES and head.count("\r") < FEWEST_LINES:  # so many columns that few lines fit
        ends = re.compile(r"\r\n|\n|\r").finditer(text)
        last = [end.end() for end in islice(ends, FEWEST_LINES)]
        return text[: last[-1]] if last else head
    cut = max(head.rfind("\n"), head.rfind("\r"))
    return head[: cut + 1] if cut > 0 else head


def lines_of(text: str) -> list[str]:
    """Physical lines with their ends: only line feeds and carriage returns end a line."""
    return list(io.StringIO(text, newline=""))
