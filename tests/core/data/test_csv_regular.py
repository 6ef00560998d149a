"""The quick way through a text table gives what the careful way gives, cell by cell, and does not hold it whole."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from workbench.core.data import csv_regular, csv_source
from workbench.core.data.cell_bytes import any_blank_at_an_end, begins_with_zero, lengths
from workbench.core.data.csv_text import TextInFile, TextInMemory, count_lines, look_through
from workbench.core.data.sources import load
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec

NUMBERS = ["1", "2", "30", "-4", "4.5", "0.25", "1e5", "7.0"]
ODD = ["", "NA", "nan", "inf", "-0", "00", "007", "-07", "0x1F", "+5", " 5", "5 ", "9007199254740993", "1,5", "x", "１"]


@pytest.fixture
def numbers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with large files."""
    monkeypatch.setattr(csv_regular, "LARGE", 0)


def both_ways(path: Path, monkeypatch: pytest.MonkeyPatch, options: CsvOptions | None = None):
    spec = DataSpec("csv", str(path), options or CsvOptions())
    quick = load(spec)
    with monkeypatch.context() as patched:
        patched.setattr(csv_source, "read_regular", lambda *_: None)
        return quick, load(spec)


@pytest.mark.usefixtures("numbers_at_once")
def test_both_ways_give_the_same_table(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    for seed in range(150):
        rng = random.Random(seed)
        kinds = [rng.choice([NUMBERS, NUMBERS[:4], [*NUMBERS, ""], [*rng.choices(NUMBERS, k=6), rng.choice(ODD)], ODD])]
        kinds += [rng.choice([NUMBERS, ODD, ["a", "b c", " d", "é", "\u00a0n"]]) for _ in range(2)]
        rows = [[rng.choice(kind) for kind in kinds] for _ in range(rng.randint(2, 30))]
        text = io.StringIO(newline="")
        quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        writer = csv.writer(text, lineterminator=rng.choice(["\n", "\r\n"]), quoting=quoting)
        writer.writerows([["a", "b", "c"], *rows])
        path.write_text(text.getvalue(), rng.choice(["utf-8", "utf-8-sig"]), newline="")
        quick, careful = both_ways(path, monkeypatch, CsvOptions(delimiter=",", header=True))
        pd.testing.assert_frame_equal(quick.frame, careful.frame, check_exact=True, obj=f"table {seed}")
        assert quick.report == careful.report, seed


@pytest.mark.usefixtures("numbers_at_once")
def test_both_ways_give_the_same_real_tables(real_data: Path, monkeypatch):
    folders = ("titanic", "tabular", "timeseries", "ugly-csv/pollock-polluted/csv")
    files = [file for folder in folders for file in sorted((real_data / folder).glob("*.csv"))]
    assert len(files) > 50
    files = [file for file in files if file.stat().st_size < 500_000]
    for file in files:
        try:
            quick, careful = both_ways(file, monkeypatch)
        except DataError:
            continue
        pd.testing.assert_frame_equal(quick.frame, careful.frame, check_exact=True, obj=file.name)
        assert [item.where for item in quick.report.bad] == [item.where for item in careful.report.bad]


@pytest.mark.usefixtures("numbers_at_once")
@pytest.mark.parametrize("late", ["oops", "NA", "nan", "007", "1e400", " 2.5 "])
def test_what_comes_late_in_a_column_of_numbers_loses_nothing(tmp_path, monkeypatch, late):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.5,x\n" * 40_000 + f"{late},y\n" + ",z\n")
    quick, careful = both_ways(path, monkeypatch)
    pd.testing.assert_frame_equal(quick.frame, careful.frame)
    assert quick.report.notes == careful.report.notes


def test_columns_can_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_regular, "LARGE", 0)
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,2.5,\n3,4.5,6\n")
    frame = load(DataSpec("csv", str(path))).frame
    for name in frame.columns:
        assert frame[name].to_numpy().flags.writeable or name
        frame.loc[0, name] = 9
    assert frame.iloc[0].tolist() == [9, 9, 9]


def test_a_look_at_a_text_tells_what_is_in_it(tmp_path):
    for data in (b"", b"a\nb", b'a,"b\n', b"a\r\nb\rc", "é\n".encode() * 900_000, b'"x"\n' * 1_500_000, b"a\0b"):
        path = tmp_path / "t"
        path.write_bytes(data)
        look = look_through(TextInFile(path))
        assert look == look_through(TextInMemory(data))
        assert (look.size, look.ascii, look.nul, look.quotes) == (
            len(data),
            data.isascii(),
            b"\0" in data,
            data.count(b'"'),
        )
        assert look.utf8
        assert look.even == all(line.count(b'"') % 2 == 0 for line in data.split(b"\n"))
        assert look.carriages == data.count(b"\r") - data.count(b"\r\n")
        assert count_lines(TextInMemory(data)) == len(data.splitlines()) - data.count(b"\r") + data.count(b"\r\n")
    assert not look_through(TextInMemory(b"a" * (5 << 20) + b"\xc3")).utf8
    assert not look_through(TextInMemory("é".encode("latin-1"))).utf8


def test_bytes_of_cells_tell_the_same_as_the_cells():
    rng = random.Random(1)
    pieces = [
        "",
        "0",
        "00",
        "0.5",
        "-0",
        "-01",
        "+0x1",
        "0e5",
        "1",
        " a",
        "a ",
        "é",
        "\u00a0b",
        "c\u3000",
        "d\u2009",
        "ß",
    ]
    for _ in range(200):
        cells = rng.choices(pieces, k=rng.randint(1, 6))
        cut = rng.randint(0, len(cells))
        kind = rng.choice([pa.string(), pa.large_string()])
        column = pa.chunked_array([pa.array(cells[:cut], kind), pa.array(["", *cells[cut:]], kind).slice(1)])
        assert lengths(column).tolist() == [len(cell.encode()) for cell in cells]
        if any(cell != cell.strip() for cell in cells):
            assert any_blank_at_an_end(column), cells
        odd = any(cell in ("00", "-01", "+0x1") for cell in cells)
        assert begins_with_zero(column) == odd, cells


def test_reading_a_file_can_be_stopped(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.5,x\n" * 200_000)
    calls: list[str] = []

    def stop() -> bool:
        calls.append("asked")
        return len(calls) > 3

    with pytest.raises(Cancelled):
        load(DataSpec("csv", str(path)), cancelled=stop)


def test_a_million_cells_do_not_need_three_times_their_file(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "t.csv"
    pd.DataFrame(rng.normal(size=(60_000, 12))).add_prefix("c").to_csv(path, index=False)
    pool = pa.default_memory_pool()
    before, peak = pool.bytes_allocated(), pool.max_memory()
    frame = load(DataSpec("csv", str(path))).frame
    assert frame.shape == (60_000, 12)
    assert (frame.dtypes == "float64").all()
    if pool.max_memory() > peak:
        assert pool.max_memory() - before < 2 * path.stat().st_size
