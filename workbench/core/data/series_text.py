"""Text files that hold one series each: how they are written, found from a few of them, and the steps of one."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import DataError, FeatureError, WorkbenchError
from workbench.core.project import CsvOptions

from . import text_file
from .csv_cells import is_number
from .csv_dialect import BLANKS, SAMPLE, Dialect, find_dialect, records, sample_of
from .dataset import BadItem
from .series_options import NONE, names_time
from .split_table import times_of
from .values import shown

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".tab", ".asc", ".log", ".gz")
LOOKED_AT = 5
ENOUGH_NUMBERS = 0.9
MOST_BAD = 20  # lines of one file that are told one by one


@dataclass(frozen=True)
class Format:
    """How the files of a source are written. names: their columns, in order. numeric: which of them hold numbers; the
    others hold words. time: the column of the time, "" when there is none."""

    dialect: Dialect
    names: tuple[str, ...]
    numeric: tuple[bool, ...]
    time: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(n for n, number in zip(self.names, self.numeric, strict=True) if number and n != self.time)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(n for n, number in zip(self.names, self.numeric, strict=True) if not number and n != self.time)


@dataclass(frozen=True, eq=False)
class Steps:
    """One file: values float64 (steps, channels), times float64 (steps,) in seconds or None, words {column: cells}."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    times: np.ndarray[Any, np.dtype[np.float64]] | None
    words: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    bad: tuple[BadItem, ...] = ()


def looks_like_numbers(path: Path) -> bool:
    """Whether a text file is a table whose columns are nearly all numbers, at least three rows of them."""
    try:
        rows = _head(path, CsvOptions())[1]
    except WorkbenchError:
        return False
    if len(rows) < 3:
        return False
    width = max(map(len, rows))
    share = [sum(len(r) > i and is_number(r[i]) for r in rows) / len(rows) for i in range(width)]
    even = sum(len(r) == width for r in rows) >= ENOUGH_NUMBERS * len(rows)
    return even and any(s >= ENOUGH_NUMBERS for s in share) and sum(s < 0.5 for s in share) <= 3


def find_format(paths: Sequence[Path], given: CsvOptions, time: str = "", names: Sequence[str] = ()) -> Format:
    """How these files are written, by the first few that can be read.

    Args:
        given: what the person states. time: column of the time; "" finds it, "-" there is none. names: of the channels
            of files without a header.

    Raises:
        DataError: none of the files is a table of numbers.
    """
    found: list[tuple[Dialect, list[list[str]]]] = []
    first_error: DataError | None = None
    for path in paths[: 4 * LOOKED_AT]:
        try:
            found.append(_head(path, given))
        except DataError as error:
            first_error = first_error or error
        if len(found) == LOOKED_AT:
            break
    if not found:
        assert first_error is not None
        raise first_error
    dialect = found[0][0]
    alike = [rows for d, rows in found if d.width == dialect.width and d.header == dialect.header]
    decimal = dialect.options.decimal
    null_words = {w.strip().lower() for w in dialect.options.null_words}
    numeric = tuple(
        all(
            is_number(row[i], decimal) or row[i].strip().lower() in null_words
            for rows in alike
            for row in rows
            if len(row) == dialect.width
        )
        for i in range(dialect.width)
    )
    if not any(numeric):
        raise DataError("The files hold no columns of numbers.", where=paths[0].name, remedy="Choose other files.")
    columns = _names(dialect, names)
    return Format(dialect, columns, numeric, _time_column(columns, numeric, alike, dialect, time))


def _names(dialect: Dialect, names: Sequence[str]) -> tuple[str, ...]:
    given = [" ".join(n.split()) for n in names]
    if dialect.header:
        made = [name.strip() or f"channel {i + 1}" for i, name in enumerate(dialect.header[: dialect.width])]
        made += [f"channel {i + 1}" for i in range(len(made), dialect.width)]
    else:
        made = [given[i] if i < len(given) and given[i] else f"channel {i + 1}" for i in range(dialect.width)]
    unique: list[str] = []
    for name in made:
        copy, n = name, 1
        while copy in unique:
            n += 1
            copy = f"{name} {n}"
        unique.append(copy)
    return tuple(unique)


def _time_column(
    names: tuple[str, ...], numeric: tuple[bool, ...], files: list[list[list[str]]], dialect: Dialect, wanted: str
) -> str:
    if wanted == NONE:
        return ""
    if wanted:
        if wanted not in names:
            listed = ", ".join(names[:12])
            raise DataError(f'There is no column "{wanted}".', where="time", remedy=f"The columns are: {listed}.")
        return wanted
    if len(names) < 2:
        return ""
    for name in names:
        if names_time(name):
            return name
    if dialect.header or not numeric[0]:
        return ""
    for rows in files:  # without a header: a first column that grows evenly in every file
        cells = [r[0] for r in rows if len(r) == dialect.width]
        if len(cells) < 8:
            return ""
        steps = np.diff(np.array([_float(c, dialect.options.decimal) for c in cells]))
        if not (steps > 0).all() or steps.max() > 1.5 * np.median(steps):
            return ""
    return names[0]


def read_steps(path: Path, fmt: Format, where: str) -> Steps:
    """The steps of one file. A cell that is no number counts as missing and is told, with its line, in `bad`; so is a
    line with too few or too many cells, which stays in its place as a step without values.

    Raises:
        DataError: the file is unreadable, empty, binary, or lacks columns that the others have.
    """
    data = text_file.read_bytes(path)
    text_file.refuse_binary(data, where)
    encoding = fmt.dialect.options.encoding
    try:
        text = text_file.decode(data, encoding, where)
    except DataError:
        text = text_file.decode(data, text_file.find_encoding(data)[0], where)
    lines = text.splitlines()
    own = _own_format(lines, text, fmt, where)
    body = [line for line in lines[own.dialect.skip + own.dialect.header_lines :] if line.strip()]
    if not body:
        raise DataError("The file holds no rows.", where=where)
    read = _quick(body, own)
    if read is None:
        read = _by_line(body, own, where)
    frame, bad = read
    return _steps(frame, own, fmt, bad, where)


def _own_format(lines: list[str], text: str, fmt: Format, where: str) -> Format:
    """`fmt`, with the columns in the order of this file's own header."""
    dialect = fmt.dialect
    if not dialect.header_lines:
        return fmt
    at = dialect.skip
    first = next(iter(records(lines[at : at + 1], dialect.options.delimiter, dialect.options.quote, True)), [])
    if [c.strip() for c in first[: dialect.width]] == [c.strip() for c in dialect.header]:
        return fmt
    own = find_dialect(sample_of(text[:SAMPLE]), replace(CsvOptions(), encoding=dialect.options.encoding), where)
    names = tuple(c.strip() for c in own.header)
    lacking = [name for name in fmt.names if name not in names]
    if lacking:
        listed = ", ".join(lacking[:5]) + (" ..." if len(lacking) > 5 else "")
        raise DataError(
            f"The file lacks the column{'s' * (len(lacking) > 1)} {listed}, which the others have.", where=where
        )
    kinds = dict(zip(fmt.names, fmt.numeric, strict=True))
    return Format(own, names, tuple(kinds.get(n, False) for n in names), fmt.time)


def _quick(body: list[str], fmt: Format) -> tuple[pd.DataFrame, list[BadItem]] | None:
    """The whole file at once; None when a line has another number of cells, or a cell is no number."""
    options, width = fmt.dialect.options, fmt.dialect.width
    blanks = options.delimiter == BLANKS
    if blanks:
        even = all(len(line.split()) == width for line in body)
    elif options.quote and any(options.quote in line for line in body):
        even = False
    else:
        wanted = width - 1 + fmt.dialect.trailing
        even = all(line.count(options.delimiter) == wanted for line in body)
    if not even:
        return None
    if all(fmt.numeric) and options.decimal == "." and not options.thousands and not fmt.dialect.trailing:
        cells = "\n".join(body).split() if blanks else options.delimiter.join(body).split(options.delimiter)
        try:  # four times as fast as a parser for each of thousands of small files
            numbers = np.array(cells, np.float64).reshape(-1, width)
        except ValueError:  # missing cells, or words: the parser's work
            pass
        else:
            return pd.DataFrame(numbers, columns=pd.Index(fmt.names)), []
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(body)),
            sep=r"\s+" if blanks else options.delimiter,
            header=None,
            usecols=range(width),
            index_col=False,
            na_values=list(options.null_words),
            keep_default_na=False,
            decimal=options.decimal,
            thousands=options.thousands or None,
            skipinitialspace=True,
            dtype={i: "float64" if number else "str" for i, number in enumerate(fmt.numeric) if i < width},
        )
    except (ValueError, pd.errors.ParserError):
        return None
    frame.columns = pd.Index(fmt.names)
    return frame, []


def _by_line(body: list[str], fmt: Format, where: str) -> tuple[pd.DataFrame, list[BadItem]]:
    options, width = fmt.dialect.options, fmt.dialect.width
    nothing = {w.strip().lower() for w in options.null_words}
    above = fmt.dialect.skip + fmt.dialect.header_lines
    columns: list[list[Any]] = [[] for _ in range(width)]
    bad: list[BadItem] = []
    lost = 0
    for number, cells in enumerate(records(body, options.delimiter, options.quote, True), above + 1):
        why = ""
        if fmt.dialect.trailing and len(cells) == width + 1:
            cells = cells[:width]
        if len(cells) != width:
            why = f"The line has {len(cells):,} cells instead of {width:,}; its step counts as missing."
            cells = [""] * width
        for i, cell in enumerate(cells):
            if not fmt.numeric[i]:
                columns[i].append(cell.strip() or None)
                continue
            value = _float(cell, options.decimal, options.thousands)
            if np.isnan(value) and cell.strip().lower() not in nothing:
                why = why or f'"{shown(cell)}" in {fmt.names[i]} is no number; it counts as missing.'
            columns[i].append(value)
        if why:
            lost += 1
            if len(bad) < MOST_BAD:
                bad.append(BadItem(f"{where}, line {number}", why, shown(body[number - above - 1], 200)))
    if lost > len(bad):
        bad.append(BadItem(where, f"{lost - len(bad):,} more lines hold what is no number."))
    if lost > 0.5 * len(body):
        raise DataError(f"{lost:,} of {len(body):,} lines do not fit: {bad[0].what}", where=where)
    return pd.DataFrame(dict(zip(fmt.names, columns, strict=False))), bad


def _steps(frame: pd.DataFrame, own: Format, fmt: Format, bad: list[BadItem], where: str) -> Steps:
    times = None
    if fmt.time:
        try:
            times = seconds(frame[fmt.time])
        except FeatureError as error:
            raise DataError(error.what, where=where, remedy=error.remedy) from error
        unknown = np.isnan(times)
        if unknown.all():
            raise DataError(f'"{fmt.time}" tells no time.', where=where)
        if unknown.any():
            bad = [*bad, BadItem(where, f"{int(unknown.sum()):,} steps without a time are left out.")]
            frame, times = frame[~unknown], times[~unknown]
        if (np.diff(times) < 0).any():
            order = np.argsort(times, kind="stable")
            frame, times = frame.iloc[order], times[order]
            bad = [*bad, BadItem(where, "The times went backwards; the steps were put into their order.")]
    values = np.array(frame[list(fmt.channels)].to_numpy(np.float64), order="C")  # pandas' own is read-only
    values[~np.isfinite(values)] = np.nan
    return Steps(values, times, {n: frame[n].to_numpy(object) for n in fmt.words}, tuple(bad))


def seconds(cells: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column of times in seconds, NaN where there is none: dates, or numbers, whose unit is told by the column's name
    or by their size (milliseconds since 1970 and the like). FeatureError when it tells no time."""
    keys = times_of(cells)
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        plain = pd.to_numeric(cells.astype(object), errors="coerce")
        if plain.notna().sum() < cells.notna().sum():
            return keys / 1e6
    name = str(cells.name).lower().replace(")", "").replace("]", "")
    for ending, scale in (("ns", 1e9), ("us", 1e6), ("µs", 1e6), ("ms", 1e3), ("millis", 1e3), ("milliseconds", 1e3)):
        if name.endswith((f"_{ending}", f" {ending}", f"({ending}", f"[{ending}")) or name == ending:
            return keys / scale
    largest = np.nanmax(np.abs(keys)) if not np.isnan(keys).all() else 0.0
    for limit, scale in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if largest > limit:
            return keys / scale
    return keys


def _head(path: Path, given: CsvOptions) -> tuple[Dialect, list[list[str]]]:
    """(how the file is written, cells of its first rows). DataError."""
    whole = text_file.whole_lines(path, SAMPLE)
    encoding = given.encoding or text_file.find_encoding(whole)[0]
    text = sample_of(whole.decode(encoding, "replace"))
    dialect = find_dialect(text, replace(given, encoding=encoding), path.name)
    lines = text.splitlines()[dialect.skip + dialect.header_lines :][:400]
    options = dialect.options
    rows = [r for r in records([s for s in lines if s.strip()], options.delimiter, options.quote, True) if r]
    return dialect, [r[: dialect.width] if dialect.trailing else r for r in rows]


def _float(cell: str, decimal: str = ".", thousands: str = "") -> float:
    cell = cell.strip()
    if thousands:
        cell = cell.replace(thousands, "")
    try:
        value = float(cell.replace(decimal, ".") if decimal != "." else cell)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")
