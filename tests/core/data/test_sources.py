"""Workbooks, Parquet, JSON, ARFF, packed tables and tables of pictures: what they are is seen by what is in them."""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import json
import lzma
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from workbench.core.data import packed
from workbench.core.data.profile import profile_table
from workbench.core.data.recipe import pandas_code
from workbench.core.data.sources import guess_source, load, other_ways
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec

from .workbooks import xlsx, zipped


def opened(path: Path, **params: object):
    spec = guess_source(path)
    return load(DataSpec(spec.source, spec.path, params=params))


# ---- workbooks -------------------------------------------------------------------------------------------------


def test_a_workbook_opens_with_its_types(tmp_path):
    path = xlsx(
        tmp_path / "t.xlsx",
        {
            "A": [["n", "w", "b", "g"], [1, "x", True, "#N/A"], [2, "007", False, None], [30, "NA", True, 3.5]],
            "B": [[1]],
        },
    )
    table = opened(path)
    assert {name: str(kind) for name, kind in table.frame.dtypes.items()} == {
        "n": "int64",
        "w": "str",
        "b": "bool",
        "g": "float64",
    }
    assert table.frame["n"].tolist() == [1, 2, 30]
    assert table.frame["w"].fillna("-").tolist() == ["x", "007", "-"]
    assert table.frame["g"].isna().tolist() == [True, True, False]
    assert (table.report.sheets, table.report.sheet) == (("A", "B"), "A")
    assert "has 2 sheets; 'A' was read, not B" in table.report.notes[0]
    assert table.parts.tolist() == [0, 0, 0]


def test_a_sheet_can_be_chosen_and_empty_and_hidden_ones_come_last(tmp_path):
    path = xlsx(tmp_path / "t.xlsx", {"secret": [["x"], [9]], "blank": [], "data": [["y"], [5]]}, hidden=("secret",))
    assert opened(path).report.sheet == "data"
    assert opened(path).report.sheets == ("blank", "data", "secret")
    assert opened(path, sheet="secret").frame["x"].tolist() == [9]
    with pytest.raises(DataError, match="no sheet 'none'") as caught:
        opened(path, sheet="none")
    assert "secret" in caught.value.remedy
    with pytest.raises(DataError, match="'blank' is empty"):
        opened(path, sheet="blank")
    with pytest.raises(DataError, match="All sheets are empty"):
        opened(xlsx(tmp_path / "e.xlsx", {"a": [], "b": []}))


def test_titles_gaps_and_mixed_columns_of_a_sheet(tmp_path):
    rows = [
        ["Sales of 2024", None, None, None],
        [],
        ["day", None, "shop", "sum"],
        [45000, None, "North", 5],
        [],
        [45001, None, "South", "none"],
        [45002, None, None, 7],
    ]
    table = opened(xlsx(tmp_path / "t.xlsx", {"A": rows}))
    assert list(table.frame.columns) == ["day", "shop", "sum"]
    assert table.report.bad[0].text == "Sales of 2024"
    assert table.frame["sum"].tolist() == ["5", "none", "7"]
    assert any("sum: 1 of 3 cells are text, such as 'none'" in note for note in table.report.notes)


def test_old_and_open_workbooks(real_data: Path):
    dates = opened(real_data / "messy/dates.xls")
    assert dates.frame["column 1"].tolist() == [pd.Timestamp("2021-04-18"), pd.Timestamp("2021-01-01")]
    assert len(dates.report.sheets) == 3
    assert profile_table(dates.frame).columns[0].type == "date"
    other = opened(real_data / "messy/sample.ods", sheet="Feuille2")
    assert other.report.sheet == "Feuille2"


def test_a_sheet_that_would_not_fit_into_memory_is_refused(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(DataError, match="more memory than there is"):
        opened(xlsx(tmp_path / "bomb.xlsx", {"A": [["a"], [1]]}, far))
    near = '<row r="3000"><c r="ZZ3000"><v>1</v></c></row>'
    assert len(opened(xlsx(tmp_path / "wide.xlsx", {"A": [["a"], [1]]}, near))) == 2


def test_reading_a_workbook_can_be_stopped(tmp_path):
    path = xlsx(tmp_path / "t.xlsx", {"A": [[f"c{i}" for i in range(50)], *[list(range(50))] * 8000]})
    with pytest.raises(Cancelled):
        load(DataSpec("excel", str(path)), cancelled=iter([False, True, True]).__next__)


def test_reading_a_workbook_tells_how_far_it_is_and_stops_while_types_are_found(tmp_path):
    path = xlsx(tmp_path / "b.xlsx", {"One": [["a", "b"], *([i, f"w{i}"] for i in range(3000))]})
    told: list[tuple[float, str]] = []
    load(DataSpec("excel", str(path)), lambda share, text: told.append((share, text)))
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert {"Looking at a", "Looking at b"} <= {text for _, text in told}

    def stop() -> bool:
        return any(text == "Looking at a" for _, text in told)

    told.clear()
    with pytest.raises(Cancelled):
        load(DataSpec("excel", str(path)), lambda share, text: told.append((share, text)), stop)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_workbooks_are_refused_in_words(tmp_path, real_data, seed):
    rng = random.Random(seed)
    data = bytearray((real_data / "messy" / rng.choice(["dates.xls", "sample.ods"])).read_bytes())
    if rng.random() < 0.4:
        del data[rng.randrange(len(data) // 8, len(data)) :]
    for _ in range(rng.randint(1, 40)):
        data[rng.randrange(8, len(data))] = rng.randrange(256)
    (tmp_path / "t.xls").write_bytes(data)
    try:
        assert len(load(DataSpec("excel", str(tmp_path / "t.xls"))))
    except DataError as error:
        caught = error
    else:
        return
    assert caught.what
    assert caught.where


# ---- Parquet ---------------------------------------------------------------------------------------------------


def test_every_kind_of_parquet_column_becomes_one_of_ours(tmp_path):
    day = dt.date(2024, 1, 31)
    table = pa.table(
        {
            "i8": pa.array([1, 2, 3], pa.int8()),
            "gaps": pa.array([1, None, 3], pa.int32()),
            "big": pa.array([2**60, None, 3], pa.int64()),
            "u64": pa.array([2**63 + 1, 1, 2], pa.uint64()),
            "f16": pa.array(np.array([1, 2.5, np.inf], np.float16)),
            "money": pa.array([1, 2, None], pa.decimal128(10, 2)),
            "yes": pa.array([True, False, True]),
            "maybe": pa.array([True, None, False]),
            "word": pa.array(["a", "", None]),
            "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
            "day": pa.array([day, None, day]),
            "time": pa.array([dt.datetime(2024, 1, 1, 12)] * 3, pa.timestamp("ns", "Europe/Berlin")),
            "span": pa.array([dt.timedelta(seconds=90)] * 3),
            "bytes": pa.array([b"\xff", b"\0", b"a"]),
            "place": pa.array([{"x": 1, "y": {"z": "q"}}, {"x": 2, "y": None}, None]),
            "tags": pa.array([["a", "b"], None, []]),
            "void": pa.nulls(3),
        }
    )
    path = tmp_path / "t.dat"
    pq.write_table(table, path)
    assert guess_source(path).source == "parquet"
    read = opened(path)
    kinds = {name: str(kind).split("[")[0] for name, kind in read.frame.dtypes.items()}
    numbers = ("gaps", "f16", "money", "span", "place.x", "void")
    words = ("big", "u64", "maybe", "word", "kind", "place.y.z", "tags")
    expected = {"i8": "int64", "yes": "bool", "day": "datetime64", "time": "datetime64"}
    assert kinds == expected | dict.fromkeys(numbers, "float64") | dict.fromkeys(words, "str")
    assert read.frame["span"].tolist() == [90.0] * 3
    assert read.frame["time"][0] == pd.Timestamp("2024-01-01 12:00")
    assert read.frame["word"].isna().tolist() == [False, True, True]
    assert read.frame["tags"][0] == '["a", "b"]'
    assert read.frame["f16"].isna().tolist() == [False, False, True]
    assert any("bytes: It holds binary data and was left out" in note for note in read.report.notes)
    assert len(profile_table(read.frame).columns) == 17


def test_parquet_as_pandas_writes_it(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=pd.Index(["r1", "r2"]))
    frame.to_parquet(tmp_path / "t.parquet")
    table = opened(tmp_path / "t.parquet")
    assert list(table.frame.columns) == ["a", "b"]
    assert any("row labels" in note for note in table.report.notes)
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-20])
    with pytest.raises(DataError, match="Parquet file is damaged"):
        opened(tmp_path / "cut.parquet")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "e.parquet")
    with pytest.raises(DataError, match="no rows"):
        opened(tmp_path / "e.parquet")


# ---- JSON ------------------------------------------------------------------------------------------------------

RECORDS = [{"n": 1, "w": "x", "in": {"a": 2.5}}, {"n": 2, "more": [1, 2]}, {"n": 3, "w": None, "in": {"a": 4}}]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "\n".join(json.dumps(record) for record in RECORDS),
        "\n\n".join(json.dumps(record) for record in RECORDS) + "\n",
        json.dumps({"count": 3, "results": RECORDS}),
    ],
)
def test_records_in_every_shape(tmp_path, text):
    path = tmp_path / "t.txt"
    path.write_text(text)
    assert guess_source(path).source == "json"
    frame = opened(path).frame
    assert list(frame.columns) == ["n", "w", "in.a", "more"]
    assert frame["n"].tolist() == [1, 2, 3]
    assert frame["in.a"].isna().tolist() == [False, True, False]
    assert frame["more"][1] == "[1, 2]"


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ('{"a": [1, 2], "b": ["x", "y"]}', ["a", "b"], [1, "x"]),
        ('{"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]}', ["a", "b"], [1, "x"]),
        ('{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}', ["a", "b"], [1, "x"]),
        ('{"Ann": {"age": 3}, "Bob": {"age": 4}}', ["id", "age"], ["Ann", 3]),
        ('[["a", "b"], [1, "x"], [2, "y"]]', ["a", "b"], [1, "x"]),
        ("[[1, 2], [3, 4]]", ["column 1", "column 2"], [1, 2]),
        ('{"a": 12345678901234567890, "b": true}\n{"a": 1, "b": false}', ["a", "b"], ["12345678901234567890", True]),
    ],
)
def test_tables_in_other_shapes(tmp_path, text, columns, first):
    (tmp_path / "t.json").write_text(text)
    frame = load(DataSpec("json", str(tmp_path / "t.json"))).frame
    assert list(frame.columns) == columns
    assert frame.iloc[0].tolist() == first


def test_lines_that_are_no_record_are_set_aside(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n{"a": 2\n[3]\n{"a": "caf\u00e9 \u2028 x"}\n{"a": 5}\n', "utf-8")
    table = opened(tmp_path / "t.jsonl")
    assert table.frame["a"].tolist() == ["1", "café \u2028 x", "5"]
    assert [item.where for item in table.report.bad] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "b"', "no JSON"),
        ('{"a": 1}}', "no JSON"),
        ("[" * 200_000, "nested too deeply|no JSON"),
        ('{"a": 1}', ""),
        ('[{"a": 1}, 2]', "no table"),
        ("[]", "no table"),
        ("3", "no table"),
    ],
)
def test_json_without_a_table(tmp_path, text, says):
    (tmp_path / "t.json").write_text(text)
    if not says:
        assert len(load(DataSpec("json", str(tmp_path / "t.json")))) == 1
        return
    with pytest.raises(DataError, match=says) as caught:
        load(DataSpec("json", str(tmp_path / "t.json")))
    assert caught.value.remedy


def test_a_csv_with_brackets_is_no_json(tmp_path):
    for text in ("[a],[b]\n1,2\n3,4\n", "{x},{y}\n1,2\n3,4\n"):
        (tmp_path / "t.csv").write_text(text)
        assert guess_source(tmp_path / "t.csv").source == "csv"


# ---- ARFF ------------------------------------------------------------------------------------------------------

ARFF = """% a comment
@RELATION 'my data'

@attribute "the size" NUMERIC
@ATTRIBUTE town {Rome, 'New York', "it's"}
@attribute note string
@attribute when date "yyyy-MM-dd"
@attribute class {yes,no}

@DATA
1.5, Rome, 'a, b', 2024-01-31, yes
% in between
?, 'New York', "q\\"q", ?, no
3,"it's",plain,2024-02-01,yes,{2}
4,Rome,short
5,Paris,x,2024-02-02,no
"""


def test_arff(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(ARFF)
    assert guess_source(path).source == "arff"
    table = opened(path)
    assert list(table.frame.columns) == ["the size", "town", "note", "when", "class"]
    assert table.frame["the size"].isna().tolist() == [False, True, False, False]
    assert table.frame["town"].tolist() == ["Rome", "New York", "it's", "Paris"]
    assert table.frame["note"].tolist() == ["a, b", 'q"q', "plain", "x"]
    assert [(item.where, item.what) for item in table.report.bad] == [("line 15", "It has 3 cells instead of 5.")]
    assert (table.title, table.target) == ("my data", "class")
    assert any("town: 1 values are not among those that are declared, such as 'Paris'" in n for n in table.report.notes)


def test_sparse_arff_and_bad_headers(tmp_path):
    head = "@relation r\n@attribute a numeric\n@attribute b {no,yes}\n@attribute c real\n@data\n"
    (tmp_path / "t.arff").write_text(head + "{0 3, 1 yes}\n{2 ?}\n{}\n{9 1}\n")
    table = opened(tmp_path / "t.arff")
    assert table.frame.astype(object).fillna("-").to_numpy().tolist() == [
        [3, "yes", 0.0],
        [0, "no", "-"],
        [0, "no", 0.0],
    ]
    assert table.report.bad[0].what == "It names column 9 of 3."
    for text, says in (
        ("@relation r\n@attribute a numeric\n", "no @data"),
        ("@relation r\n@data\n1\n", "no attributes"),
        ("@relation r\n@attribute a blob\n@data\n1\n", "type 'blob' of 'a' is not known"),
        ("@relation r\nattribute a numeric\n@data\n1\n", "no line of an ARFF header"),
        (head, "no rows"),
    ):
        (tmp_path / "bad.arff").write_text(text)
        with pytest.raises(DataError, match=says):
            opened(tmp_path / "bad.arff")


# ---- packed ----------------------------------------------------------------------------------------------------

TABLE = b"a,b\n1,x\n2,y\n"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
def test_packed_tables(tmp_path, pack):
    (tmp_path / "t.bin").write_bytes(pack(TABLE))
    assert opened(tmp_path / "t.bin").frame["b"].tolist() == ["x", "y"]
    (tmp_path / "j.bin").write_bytes(pack(b'{"a": 1}\n{"a": 2}\n'))
    assert opened(tmp_path / "j.bin").frame["a"].tolist() == [1, 2]
    whole = pack(TABLE * 500)
    (tmp_path / "cut.bin").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="broken or was cut short"):
        opened(tmp_path / "cut.bin")


def test_zipped_tables(tmp_path):
    path = zipped(tmp_path / "one.zip", {"data/t.csv": TABLE, "__MACOSX/data/._t.csv": b"x", "read.me": b"hello"})
    assert opened(path).frame["a"].tolist() == [1, 2]
    several = zipped(tmp_path / "two.zip", {"one.csv": TABLE, "two.csv": b"c,d\n5,6\n7,8\n"})
    first = load(guess_source(several))
    assert first.frame["a"].tolist() == [1, 2]
    assert (first.report.sheets, first.report.sheet) == (("one.csv", "two.csv"), "one.csv")
    assert "2 tables; 'one.csv' was read, not two.csv" in first.report.notes[0]
    second = load(guess_source(several, "two.csv"))
    assert second.frame["d"].tolist() == [6, 8]
    assert second.report.sheet == "two.csv"
    with pytest.raises(DataError, match=r"holds no 'three\.csv'"):
        guess_source(several, "three.csv")
    for members, says in (({}, "ZIP archive"), ({f"{i}.png": b"p" for i in range(9)}, "9 files")):
        with pytest.raises(DataError, match=says):
            guess_source(zipped(tmp_path / "bad.zip", members))
    kinds = zipped(tmp_path / "kinds.zip", {"b/test.csv": TABLE * 9, "a/train.jsonl": b'{"x": 1}\n{"x": 2}\n'})
    assert load(guess_source(kinds)).frame["x"].tolist() == [1, 2]
    assert guess_source(kinds, "b/test.csv").source == "csv"
    data = bytearray(several.read_bytes())
    data[30:60] = bytes(30)
    (tmp_path / "torn.zip").write_bytes(data)
    with pytest.raises(DataError):
        load(DataSpec("csv", str(tmp_path / "torn.zip"), params={"member": "one.csv"}))
    locked = bytearray(zipped(tmp_path / "l.zip", {"t.csv": TABLE}).read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "l.zip").write_bytes(locked)
    with pytest.raises(DataError, match="locked with a password"):
        guess_source(tmp_path / "l.zip")


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_a_bomb_is_refused_before_it_is_whole(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(packed, "SMALL", 8 << 20)
    data = b"a,b\n" + b"1,2\n" * 6_000_000
    path = tmp_path / f"bomb.{pack}"
    if pack == "gz":
        path.write_bytes(gzip.compress(data, 9))
    else:
        zipped(path, {"t.csv": data})
    with pytest.raises(DataError, match=r"grows to more than \d+ MB"):
        opened(path)


# ---- tables of pictures ----------------------------------------------------------------------------------------


def pictures(folder: Path, count: int = 6) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"p{i}.png" for i in range(count)]
    for i, name in enumerate(names):
        Image.new("RGB", (8, 6 + i % 2), (i * 20, 0, 0)).save(folder / name)
    return names


def test_a_table_of_pictures_is_offered_and_opened(tmp_path):
    names = pictures(tmp_path / "img")
    rows = [f"img/{name},{'cat' if i % 2 else 'dog'},{'test' if i == 5 else 'train'}" for i, name in enumerate(names)]
    path = tmp_path / "list.csv"
    path.write_text(
        "file,animal_label,split\n" + "\n".join([*rows, "img/gone.png,cat,train", "img/p0.png,,train"]) + "\n"
    )
    spec = guess_source(path)
    assert spec.source == "csv"
    ways = other_ways(spec, load(spec))
    assert [way.source for way in ways] == ["image_table"]
    assert ways[0].params == {"path": "file", "label": "animal_label", "part": "split"}
    data = load(ways[0])
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [1, 0, 1, 0, 1, 0]
    assert data.parts.tolist() == [0, 0, 0, 0, 0, 1]
    assert data.image(1).shape == (7, 8, 3)
    assert data.name(2) == "img/p2.png"
    assert {item.where: item.what for item in data.report.bad} == {
        "row 7": "The picture is not there.",
        "row 8": "It has no label.",
    }


def test_paths_may_lack_their_ending_and_folder(tmp_path):
    pictures(tmp_path / "train_images")
    (tmp_path / "labels.csv").write_text("id,breed\n" + "".join(f"p{i},b{i % 3}\n" for i in range(6)))
    spec = guess_source(tmp_path / "labels.csv")
    (way,) = other_ways(spec, load(spec))
    assert way.params == {"path": "id", "label": "breed"}
    assert len(load(way)) == 6
    (tmp_path / "train_images/p3.png").write_bytes(b"no picture")
    data = load(way)
    assert len(data) == 5
    assert data.report.bad[0].where == "train_images/p3.png"


def test_a_table_that_names_no_pictures_says_so(tmp_path):
    (tmp_path / "t.csv").write_text("file,y\nhttp://x.org/a.png,1\nb.png,2\n")
    spec = guess_source(tmp_path / "t.csv")
    assert other_ways(spec, load(spec)) == ()
    with pytest.raises(DataError, match="an address on the web"):
        load(DataSpec("image_table", spec.path, params={"path": "file", "label": "y"}))
    with pytest.raises(DataError, match="no column 'what'"):
        load(DataSpec("image_table", spec.path, params={"path": "what", "label": "y"}))


# ---- all of them -----------------------------------------------------------------------------------------------


def test_a_test_part_may_come_from_another_kind_of_file(tmp_path):
    pq.write_table(pa.table({"a": [1, 2], "w": ["x", "y"], "e": pa.nulls(2)}), tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("w,a,e,more\nz,3.5,1,1\n5,4.5,2,1\n")
    table = load(DataSpec("parquet", str(tmp_path / "t.parquet"), test_path=str(tmp_path / "t.csv")))
    assert table.frame["a"].tolist() == [1, 2, 3.5, 4.5]
    assert table.frame["w"].tolist() == ["x", "y", "z", "5"]
    assert table.frame["e"].fillna(0).tolist() == [0, 0, 1, 2]
    assert table.parts.tolist() == [0, 0, 1, 1]
    (tmp_path / "u.csv").write_text("a,z\n1,2\n")
    with pytest.raises(DataError, match="lacks the columns w, e"):
        load(DataSpec("parquet", str(tmp_path / "t.parquet"), test_path=str(tmp_path / "u.csv")))


def test_real_files_are_seen_for_what_they_are(real_data: Path):
    kinds = {
        "messy/dates.xls": "excel",
        "messy/sample.ods": "excel",
        "messy/persons.csv.gz": "csv",
        "messy/persons.csv.xz": "csv",
        "messy/csv-with-bom.csv": "csv",
        "text/sms.tsv": "csv",
        "mnist/t10k-labels-idx1-ubyte.gz": "idx",
        "images-flowers12": "images",
    }
    for name, kind in kinds.items():
        if (real_data / name).exists():
            assert guess_source(real_data / name).source == kind, name


def test_the_same_table_is_the_same_from_every_kind_of_file(tmp_path, real_data: Path):
    plain = load(guess_source(real_data / "titanic/train.csv")).frame
    plain.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.json").write_text(plain.to_json(orient="records"), "utf-8")
    (tmp_path / "t.jsonl").write_text(plain.to_json(orient="records", lines=True), "utf-8")
    rows = [list(plain.columns), *[[None if v != v else v for v in row] for row in plain.astype(object).to_numpy()]]
    xlsx(tmp_path / "t.xlsx", {"titanic": rows})
    zipped(tmp_path / "t.zip", {"train.csv": (real_data / "titanic/train.csv").read_bytes()})
    for name in ("t.parquet", "t.json", "t.jsonl", "t.xlsx", "t.zip"):
        pd.testing.assert_frame_equal(opened(tmp_path / name).frame, plain, obj=name)


def by_script(spec: DataSpec, table) -> pd.DataFrame:
    space: dict[str, object] = {}
    exec(pandas_code(spec, [], table).replace("print(df)", ""), space)
    return space["df"]


def test_the_script_reads_every_kind_of_file_alike(tmp_path, real_data: Path):
    plain = load(guess_source(real_data / "titanic/train.csv")).frame
    plain.to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.json").write_text(plain.to_json(orient="records", indent=1), "utf-8")
    (tmp_path / "t.jsonl").write_text("{no\n" + plain.to_json(orient="records", lines=True), "utf-8")
    rows = [["a title"], [], list(plain.columns)]
    rows += [[None if v != v else v for v in row] for row in plain.astype(object).to_numpy()]
    xlsx(tmp_path / "t.xlsx", {"other": [["x"], [1]], "titanic": rows})
    (tmp_path / "t.arff").write_text(ARFF.replace('"it\'s"', "its").replace('"q\\"q"', "q"))
    for name in ("t.parquet", "t.json", "t.jsonl", "t.xlsx", "t.arff"):
        spec = guess_source(tmp_path / name)
        spec = DataSpec(spec.source, spec.path, params={"sheet": "titanic"} if name == "t.xlsx" else {})
        table = load(spec)
        pd.testing.assert_frame_equal(by_script(spec, table), table.frame, obj=name)


def test_the_script_reads_what_only_this_reader_understands(tmp_path):
    (tmp_path / "t.csv").write_text('a,b,y\n1,"x, 5" z",0\n' + "2,z,1\n" * 9)
    (tmp_path / "test.csv").write_text("y,b,a,more\n" + "1,q,3,4\n" * 3)
    zipped(tmp_path / "two.zip", {"one.csv": TABLE * 9, "two.csv": TABLE})
    stray = DataSpec("csv", str(tmp_path / "t.csv"))
    test = DataSpec(
        "csv", str(tmp_path / "t.csv"), CsvOptions(null_words=("", "z")), test_path=str(tmp_path / "test.csv")
    )
    for spec in (stray, test, guess_source(tmp_path / "two.zip"), replace(stray, params={"rows": 4})):
        table = load(spec)
        assert not table.report.plain
        pd.testing.assert_frame_equal(by_script(spec, table), table.frame)
