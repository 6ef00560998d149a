"""Text tables: every line arrives as a row or is set aside by its number; no cell changes its column."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.sources import guess_source, load, load_pasted, sniff_csv
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec


def opened(tmp_path: Path, text: str | bytes, options: CsvOptions | None = None, name: str = "table.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(DataSpec("csv", str(path), options or CsvOptions()))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_finds_the_delimiter(tmp_path, delimiter):
    table = opened(tmp_path, "name,age,town\nAnn,31,Rome\nBob,45,Oslo\n".replace(",", delimiter))
    assert list(table.frame.columns) == ["name", "age", "town"]
    assert table.frame["age"].tolist() == [31, 45]
    assert table.report.options.delimiter == delimiter


def test_reads_columns_parted_by_runs_of_blanks(tmp_path):
    table = opened(tmp_path, " 0.006  18.0   2.31\n 0.027   0.0   7.07\n 0.027   0.0   7.07\n")
    assert table.frame.shape == (3, 3)
    assert table.frame["column 2"].tolist() == [18.0, 0.0, 0.0]


def test_a_comma_may_be_the_decimal_mark(tmp_path):
    table = opened(tmp_path, "a;b\n1,5;x\n2,25;y\n")
    assert table.frame["a"].tolist() == [1.5, 2.25]
    assert table.report.options.decimal == ","


def test_thousands_are_not_taken_for_decimals(tmp_path):
    assert opened(tmp_path, "a;b\n1,500;x\n2,250;y\n").frame["a"].tolist() == ["1,500", "2,250"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", ["column 1", "column 2", "column 3"]),
        ("ham\tHello there\nham\tBye now\nspam\tBuy this\n", ["column 1", "column 2"]),
        ("Name,Age\nAnn,3\n", ["Name", "Age"]),
        ("ColA,ColB\nA1,B1\nA2,B2", ["ColA", "ColB"]),
        (",x\n0,1\n1,5\n", ["column 1", "x"]),
    ],
)
def test_tells_a_header_from_a_first_row(tmp_path, text, names):
    assert list(opened(tmp_path, text).frame.columns) == names


def test_a_stated_header_wins(tmp_path):
    table = opened(tmp_path, "Name,Age\nAnn,3\n", CsvOptions(header=False))
    assert table.frame["column 1"].tolist() == ["Name", "Ann"]


def test_ragged_lines_are_set_aside_with_number_and_text(tmp_path):
    table = opened(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11,12\n13,14,15\n")
    assert table.frame.to_numpy().tolist() == [[1, 2, 3], [6, 7, 8], [13, 14, 15]]
    assert table.frame.index.tolist() == [0, 1, 2]
    assert [(item.where, item.text) for item in table.report.bad] == [("line 3", "4,5"), ("line 5", "9,10,11,12")]
    assert "2 cells instead of 3" in table.report.bad[0].what
    assert any("set aside" in note for note in table.report.notes)


def test_equal_ragged_lines_each_have_their_number(tmp_path):
    table = opened(tmp_path, "a,b\n1,2\nx\n3,4\nx\n\nx\n5,6\n7,8\n9,1\n")
    assert [item.where for item in table.report.bad] == ["line 3", "line 5", "line 7"]


def test_a_stray_quote_swallows_nothing(tmp_path):
    table = opened(tmp_path, 'a,b\n1,x\n2,"y\n3,z\n4,w\n5,"q, q"\n')
    assert table.frame["a"].tolist() == [1, 2, 3, 4, 5]
    assert table.frame["b"].tolist() == ["x", '"y', "z", "w", "q, q"]
    assert "1 line was read with a stray quote as part of a cell: line 3." in table.report.notes
    ragged = opened(tmp_path, 'a,b,c\n1,x,x\n2,"y,y,y\n3,z,z\n')
    assert ragged.frame["a"].tolist() == [1, 3]
    assert [(item.where, item.text) for item in ragged.report.bad] == [("line 3", '2,"y,y,y')]


def test_an_unclosed_quote_at_the_end_swallows_nothing(tmp_path):
    table = opened(tmp_path, 'a,b\n1,x\n2,y\n3,"z\n4,w\n5,v\n')
    assert table.frame["a"].tolist() == [1, 2, 3, 4, 5]
    assert table.frame["b"].tolist() == ["x", "y", '"z', "w", "v"]


def test_two_stray_quotes_do_not_make_one_cell_of_the_rows_between(tmp_path):
    table = opened(tmp_path, 'ham\t"Keep it\nham\tHi\nspam\t"Win" now\nham\tBye\n')
    assert table.frame["column 2"].tolist() == ['"Keep it', "Hi", '"Win" now', "Bye"]
    assert "2 lines were read with a stray quote as part of a cell: line 1, 3." in table.report.notes


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("1,~won~t do, now~,x", ["1", "won~t do, now", "x"]),
        ("1,~~a~ b~,x", ["1", "~a~ b", "x"]),
        ("1,~a, 5~~,~x, y~", ["1", "a, 5~", "x, y"]),
        ("~1,~a, b~,x", ["~1", "a, b", "x"]),
        ("1,5~ long,x", ["1", "5~ long", "x"]),
        ("1,~say ~~no~~~,x", ["1", "say ~no~", "x"]),
    ],
)
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("comment", ["", "# made\n# by hand\n"])
def test_quotes_out_of_order_shift_no_cell(tmp_path, line, cells, quote, comment):
    rest = "2,~p, q~,r\n" * 5
    table = opened(tmp_path, comment + ("n,words,more\n" + rest + line + "\n" + rest).replace("~", quote))
    assert [str(cell) for cell in table.frame.iloc[5]] == [cell.replace("~", quote) for cell in cells]
    assert table.frame["words"].tolist().count("p, q") == 10
    assert all("above" in item.what for item in table.report.bad)


def test_quotes_that_leave_no_way_to_tell_the_cells_set_their_line_aside(tmp_path):
    table = opened(tmp_path, 'a,b,c\n1,"x,y"\n' + "2,p,q\n" * 6 + '3,"un",do"ne, x",z,4\n')
    assert [item.where for item in table.report.bad] == ["line 2", "line 9"]


def test_what_fits_no_table_is_refused_with_its_line(tmp_path):
    text = "".join(f"words {'and, more ' * (i % 7)}{i}\n" for i in range(60))
    with pytest.raises(DataError, match="The lines do not agree") as caught:
        opened(tmp_path, "one two, three\n" + text)
    assert ", line " in caught.value.where


def test_lines_that_end_with_carriage_returns_alone(tmp_path):
    assert opened(tmp_path, "a,b\r1,x\r2,y\r").frame["b"].tolist() == ["x", "y"]
    assert opened(tmp_path, 'a,b\r1,"x\r2,y\r').frame["b"].tolist() == ['"x', "y"]


def test_a_cell_over_lines_may_look_like_rows(tmp_path):
    table = opened(tmp_path, 'a,b\n1,"x, y\n2,z"\n3,"w"\n')
    assert table.frame["a"].tolist() == [1, 3]
    assert table.frame["b"].tolist() == ["x, y\n2,z", "w"]


def test_line_breaks_within_quotes_stay_in_the_cell(tmp_path):
    table = opened(tmp_path, 'a,b\n"one\ntwo",1\nthree,2\n')
    assert table.frame["a"].tolist() == ["one\ntwo", "three"]


def test_a_delimiter_at_the_end_of_rows_shifts_nothing(tmp_path):
    table = opened(tmp_path, "a,b\n1,2,\n3,4,\n")
    assert table.frame.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_a_header_one_name_short_is_noted(tmp_path):
    table = opened(tmp_path, "x,y\nr1,1,2\nr2,3,4\n")
    assert list(table.frame.columns) == ["column 1", "x", "y"]
    assert table.frame["y"].tolist() == [2, 4]
    assert any("one name less" in note for note in table.report.notes)


def test_codes_with_leading_zeros_and_long_numbers_stay_text(tmp_path):
    table = opened(tmp_path, "zip,card,n\n00123,1234567890123456789,007\n45678,1234567890123456788,12\n")
    assert table.frame["zip"].tolist() == ["00123", "45678"]
    assert table.frame["card"].tolist() == ["1234567890123456789", "1234567890123456788"]
    assert table.frame["n"].dtype == "str"
    assert opened(tmp_path, "a,b\n0,0.5\n10,-0.25\n").frame.dtypes.astype(str).tolist() == ["int64", "float64"]


def test_missing_words_become_missing_and_are_counted(tmp_path):
    table = opened(tmp_path, "a,b\n1,NA\n,x\n3, N/A\n")
    assert table.frame["a"].isna().tolist() == [False, True, False]
    assert table.frame["b"].isna().tolist() == [True, False, True]
    assert "b: 1 cells 'NA' are read as missing." in table.report.notes
    kept = opened(tmp_path, "a,b\n1,NA\n2,x\n", CsvOptions(null_words=("",)))
    assert kept.frame["b"].tolist() == ["NA", "x"]


def test_infinite_words_become_missing_with_a_note(tmp_path):
    table = opened(tmp_path, "a,b\n1.5,x\ninf,y\n2,z\n")
    assert table.frame["a"].isna().tolist() == [False, True, False]
    assert any("infinite" in note for note in table.report.notes)


def test_blanks_that_every_value_has_are_no_part_of_it(tmp_path):
    table = opened(tmp_path, "39, State-gov, <=50K\n50, Private, >50K\n")
    assert table.frame["column 2"].tolist() == ["State-gov", "Private"]
    partly = opened(tmp_path, "a,b\n1, x\n2,y\n")
    assert partly.frame["b"].tolist() == [" x", "y"]


def test_repeated_and_empty_names_are_told_apart(tmp_path):
    table = opened(tmp_path, "a,a,,a (2)\n1,2,3,4\n5,6,7,8\n")
    assert len(set(table.frame.columns)) == 4
    assert table.frame.iloc[0].tolist() == [1, 2, 3, 4]
    assert any("more than once" in note for note in table.report.notes)


def test_a_repeated_header_is_set_aside(tmp_path):
    table = opened(tmp_path, "a,b\n1,2\na,b\n3,4\n")
    assert table.frame["a"].tolist() == [1, 3]
    assert table.report.bad[0].where == "line 3"


def test_lines_above_the_table_and_comments_are_left_out(tmp_path):
    table = opened(tmp_path, "Sales report,,\n,,\nday,shop,sum\n1,A,5\n2,B,6\n")
    assert list(table.frame.columns) == ["day", "shop", "sum"]
    assert table.report.bad[0].where == "line 1"
    assert table.report.first_line == 3
    commented = opened(tmp_path, "# made by a machine\n# on Monday\na,b\n1,2\n#3,4\n5,6\n")
    assert commented.frame["a"].tolist() == [1, 5]
    assert commented.report.options.comment == "#"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_finds_the_encoding(tmp_path, encoding):
    text = "name,town\nBéjaïa,Zürich\nJosé,Málaga\nAnn,Rome\n" * 3
    table = opened(tmp_path, text.encode(encoding))
    assert list(table.frame.columns) == ["name", "town"]
    assert table.frame["town"].tolist()[:3] == ["Zürich", "Málaga", "Rome"]


def test_a_guessed_encoding_is_noted_and_a_wrong_one_named(tmp_path):
    data = "name,town\nJosé,Málaga\n".encode("cp1252")
    assert any("guessed" in note for note in opened(tmp_path, data).report.notes)
    with pytest.raises(DataError, match="not utf-8") as caught:
        opened(tmp_path, data, CsvOptions(encoding="utf-8"))
    assert "line 2" in caught.value.where
    with pytest.raises(DataError, match="no encoding called"):
        opened(tmp_path, data, CsvOptions(encoding="klingon"))


def test_reads_packed_text(tmp_path):
    table = opened(tmp_path, gzip.compress(b"a,b\n1,2\n"), name="table.csv.gz")
    assert table.frame["b"].tolist() == [2]
    with pytest.raises(DataError, match="broken or was cut short"):
        opened(tmp_path, gzip.compress(b"a,b\n1,2\n" * 100)[:-9], name="cut.csv.gz")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"a,b,c\n", "only a header"),
        (b"PK\x03\x04" + bytes(50), "ZIP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "Excel"),
        (bytes(range(256)) * 20, "binary"),
        (b"<html><body>hello</body></html>", "web page"),
        (b'[{"a": 1, "b": 2}]', "JSON"),
        (b"It was the best of times and it was the worst of times.\nThe next line of it goes on.\n", "running text"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path, data, says):
    with pytest.raises(DataError, match=says) as caught:
        opened(tmp_path, data)
    assert caught.value.where
    assert caught.value.remedy


def test_one_column_is_read_with_a_note(tmp_path):
    table = opened(tmp_path, "price\n5\n7\n9\n")
    assert table.frame["price"].tolist() == [5, 7, 9]
    assert any("one column" in note for note in table.report.notes)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match="not there"):
        load(DataSpec("csv", str(tmp_path / "gone.csv")))
    with pytest.raises(DataError, match="folder"):
        load(DataSpec("csv", str(tmp_path)))


def test_a_test_file_becomes_the_test_part(tmp_path):
    (tmp_path / "train.csv").write_text("a,b,y\n1,x,0\n2,z,1\n")
    (tmp_path / "test.csv").write_text("y,b,a,more\n1,q,01\n0,r,4,9\n1,s,5,9\n")
    table = load(DataSpec("csv", str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv")))
    assert table.parts.tolist() == [0, 0, 1, 1]
    assert table.frame["a"].tolist() == [1, 2, 4, 5]
    assert table.frame["y"].tolist() == [0, 1, 0, 1]
    assert table.report.bad[0].where == "test file, line 2"
    assert any("left out: more" in note for note in table.report.notes)


def test_a_test_file_without_the_answer_is_named(tmp_path):
    (tmp_path / "train.csv").write_text("a,y\n1,0\n2,1\n")
    (tmp_path / "test.csv").write_text("a\n1\n2\n")
    with pytest.raises(DataError, match="lacks the column y"):
        load(DataSpec("csv", str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv")))


def test_pasted_cells(tmp_path):
    table = load_pasted("x\ty\r\n-1\t-3\r\n0\t-1\r\n")
    assert table.frame.to_dict("list") == {"x": [-1, 0], "y": [-3, -1]}
    with pytest.raises(DataError):
        load_pasted("   \n")
    (tmp_path / "cells.txt").write_text("1 2\n3 4\n5 7\n")
    assert load(DataSpec("pasted", str(tmp_path / "cells.txt"))).frame.shape == (3, 2)


def test_the_fingerprint_follows_the_content(tmp_path):
    first = opened(tmp_path, "a,b\n1,2\n").report.fingerprint
    assert opened(tmp_path, "a,b\n1,2\n").report.fingerprint == first
    assert opened(tmp_path, "a,b\n1,3\n").report.fingerprint != first


def test_reading_can_be_cancelled_and_tells_its_progress(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    spec = DataSpec("csv", str(tmp_path / "t.csv"))
    told: list[float] = []
    load(spec, lambda share, text: told.append(share))
    assert told == sorted(told)
    with pytest.raises(Cancelled):
        load(spec, cancelled=lambda: len(told) > 0)


def test_options_are_found_from_the_head_alone(tmp_path):
    path = tmp_path / "big.csv"
    path.write_text("a;b\n" + "1,5;x\n" * 60_000)
    options = sniff_csv(path)
    assert (options.delimiter, options.decimal, options.header) == (";", ",", True)
    assert load(DataSpec("csv", str(path), options)).frame.shape == (60_000, 2)


def test_guesses_a_table(tmp_path):
    (tmp_path / "t.dat").write_text("a,b\n1,2\n")
    assert guess_source(tmp_path / "t.dat").source == "csv"
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="nothing here"):
        guess_source(tmp_path / "empty")


def test_whatever_csv_writers_write_comes_back(tmp_path):
    """Random cells through Python's csv writer, with every delimiter and line end: the same cells, in their columns."""
    letters = ["a", "B", " ", '"', "'", ",", ";", "\t", "\n", "é", "x|y", "-", "0", "7", ".", "#"]
    for seed in range(120):
        rng = random.Random(seed)
        width = rng.randint(2, 6)
        cells = [
            ["w" + "".join(rng.choices(letters, k=rng.randint(0, 8))) + "w" for _ in range(width)]
            for _ in range(rng.randint(2, 30))
        ]
        text = io.StringIO(newline="")
        delimiter = rng.choice(",;\t|")
        csv.writer(text, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"])).writerows(cells)
        options = CsvOptions(delimiter=delimiter, header=False)
        table = opened(tmp_path, text.getvalue(), options)
        assert table.frame.to_numpy().tolist() == cells, seed
        assert not table.report.bad


def test_no_line_is_lost_silently_in_damaged_text(tmp_path):
    """Damage at random: reading never raises anything but DataError, and every line is a row, blank, or set aside."""
    good = "id,name,sum\n" + "".join(f"{i},n{i},{i * 1.5}\n" for i in range(40))
    for seed in range(150):
        rng = random.Random(seed)
        data = bytearray(good.encode())
        for _ in range(rng.randint(1, 12)):
            place = rng.randrange(len(data))
            kind = rng.randrange(3)
            if kind == 0:
                del data[place : place + rng.randint(1, 5)]
            elif kind == 1:
                data[place:place] = rng.choice([b",", b'"', b"\n", b"\xff", b";", b"\r", b"  "])
            else:
                data[place] = rng.choice(b'",;\n ax0')
        try:
            table = opened(tmp_path, bytes(data))
        except DataError:
            continue
        if b'"' not in bytes(data):
            text = bytes(data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines = [line for line in text.split(b"\n") if line.strip()]
            header = bool(table.report.options.header)
            assert len(table) + len(table.report.bad) + header == len(lines), seed


def test_a_wide_table_opens(tmp_path):
    header = ",".join(f"c{i}" for i in range(1500))
    row = ",".join(str(i) for i in range(1500))
    table = opened(tmp_path, f"{header}\n{row}\n{row}\n")
    assert table.frame.shape == (2, 1500)
    assert np.array_equal(table.frame.iloc[0], np.arange(1500))


@pytest.mark.parametrize(("mark", "cells"), [("|", "red|green"), (";", "a;b")])
def test_a_mark_inside_the_cells_is_not_taken_for_the_delimiter(tmp_path: Path, mark: str, cells: str) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("tags,label\n" + "".join(f"{cells},{'xy'[i % 2]}\n" for i in range(40)))
    table = load(guess_source(file))
    assert list(table.frame.columns) == ["tags", "label"]
    assert set(table.frame["tags"]) == {cells}


def test_so_many_columns_that_no_line_fits_into_the_sample(tmp_path):
    names = [f"a_rather_long_name_of_a_gene_{i:05}" for i in range(8_000)]
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(names), *([",".join(["1"] * len(names))] * 3)]) + "\n")
    frame = load(guess_source(path)).frame
    assert frame.shape == (3, 8_000)
    assert frame.columns[-1] == names[-1]


def test_a_pipe_is_no_file_to_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="no ordinary file"):
        guess_source(tmp_path / "pipe.csv")
