"""Whatever the dialect: a table that is written in it and read back is the same, cell by cell, and no line is lost."""

from __future__ import annotations

import csv
import io
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.core.data.csv_source import load_csv, load_text
from workbench.core.data.dataset import TableData
from workbench.core.project import CsvOptions

SETTINGS = settings(
    derandomize=True, max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252")
INNER = st.text(alphabet="ab éü.:,;|\t\"' 1-\n", max_size=8)
WORDS = st.builds(lambda inner: f"w{inner}w", INNER)
"""Never a number, a date or a word for missing, and without blanks at the ends."""

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 3))
WHOLE = st.integers(-(10**12), 10**12)


@dataclass(frozen=True)
class Written:
    """columns: {name: cells}, None is missing."""

    columns: dict[str, list[Any]]
    options: CsvOptions
    text: str


@st.composite
def written(draw: Any, spans: bool = True) -> Written:
    delimiter = draw(st.sampled_from(",;\t|"))
    quote = draw(st.sampled_from("\"'"))
    decimal = draw(st.sampled_from(".,"))
    thousands = draw(st.sampled_from(["", {".": ",", ",": "."}[decimal], " "]))
    header = draw(st.booleans())
    rows = draw(st.integers(1, 12))
    columns: dict[str, list[Any]] = {}
    kinds = ["whole", *draw(st.lists(st.sampled_from(("word", "number", "whole")), min_size=1, max_size=4))]
    for i, kind in enumerate(kinds):
        cell = {"word": WORDS, "number": NUMBERS, "whole": WHOLE}[kind]
        if not spans and kind == "word":
            cell = cell.map(lambda word: word.replace("\n", " "))
        cells = draw(st.lists(cell if kind == "whole" else st.none() | cell, min_size=rows, max_size=rows))
        columns[f"name {i}" if header else f"column {i + 1}"] = cells
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quotechar=quote, quoting=quoting, lineterminator=end)
    if header:
        writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([shown(cell, decimal, thousands) for cell in row])
    text = out.getvalue()
    if not draw(st.booleans()):
        text = text.removesuffix(end)
    return Written(columns, CsvOptions("", delimiter, quote, decimal, thousands, header), text)


def shown(cell: Any, decimal: str, thousands: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    grouped = f"{cell:,.3f}" if isinstance(cell, float) else f"{cell:,d}"
    return grouped.replace(",", "\0").replace(".", decimal).replace("\0", thousands)


def same(table: TableData, columns: dict[str, list[Any]]) -> None:
    frame = table.frame
    assert list(frame.columns) == list(columns)
    assert len(frame) + len(table.report.bad) == len(next(iter(columns.values())))
    for name, cells in columns.items():
        found = frame[name].tolist()
        for cell, back in zip(cells, found, strict=True):
            missing = isinstance(back, float) and math.isnan(back)
            if cell is None:
                assert missing or back == ""
            elif isinstance(cell, str):
                assert back == cell.replace("\r\n", "\n")
            else:
                assert float(back) == float(cell)


@SETTINGS
@given(written())
def test_what_is_written_in_any_dialect_comes_back(made: Written) -> None:
    same(load_text(made.text, made.options), made.columns)


@SETTINGS
@given(written(spans=False), st.sampled_from(ENCODINGS))
def test_every_encoding_gives_the_same(made: Written, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "t.csv"
        place.write_bytes(made.text.encode(encoding))
        stated = CsvOptions(**{**vars(made.options), "encoding": encoding})
        same(load_csv(place, stated), made.columns)
        if encoding in ("utf-8", "utf-8-sig", "utf-16"):
            same(load_csv(place, made.options), made.columns)


PLAIN = st.text(alphabet="abcdé xyz", min_size=1, max_size=8).map(lambda text: f"w{text}w")


@SETTINGS
@given(
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.tuples(PLAIN, st.integers(0, 999), NUMBERS), min_size=3, max_size=20),
)
@example(";", "\r", [("waw", 1, 0.5), ("wbw", 2, 1.5), ("wcw", 3, 2.5)])
def test_a_usual_table_is_understood_without_help(delimiter: str, end: str, rows: list[tuple[Any, ...]]) -> None:
    lines = ["word,whole,number", *(f"{word},{whole},{number:.3f}" for word, whole, number in rows)]
    table = load_text(end.join(line.replace(",", delimiter) for line in lines) + end, CsvOptions())
    assert table.report.options is not None
    assert table.report.options.delimiter == delimiter
    word, whole, number = zip(*rows, strict=True)
    same(table, {"word": list(word), "whole": list(whole), "number": list(number)})


@SETTINGS
@given(st.lists(st.text(alphabet="ab1,\"' ;", max_size=12), min_size=1, max_size=15))
def test_every_line_is_a_row_or_listed(lines: list[str]) -> None:
    """Lines of anything, in a table of three columns: each is read or set aside by its number."""
    good = [f"p{i},{i},q{i}" for i in range(40)]
    table = load_text(
        "\n".join(["a,b,c", *good[:20], *lines, *good[20:]]) + "\n", CsvOptions(delimiter=",", header=True)
    )
    read = table.frame["a"].astype("str").tolist()
    assert all(f"p{i}" in read for i in range(40))
    spanned = sum(str(cell).count("\n") for cell in table.frame.to_numpy().ravel())
    blank = sum(not line.strip(" ,") and line.count(",") != 2 for line in lines)
    assert len(table.frame) + len(table.report.bad) + spanned >= 40 + len(lines) - blank
