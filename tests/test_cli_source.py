"""`workbench source`, and how `workbench new` reads: found again, gone on from the cache, read in another way."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.core.data.workbooks import xlsx
from workbench import cli
from workbench.core.storage import ProjectFolder

ROWS = [f"{i};{i * 0.5:.2f};{'yes' if i % 3 else 'no'}".replace(".", ",") for i in range(40)]
TABLE = "n;x;y\n" + "\n".join(ROWS) + "\n"


def run(*arguments: object) -> int:
    return cli.main([str(a) for a in arguments], lambda out: 0)


def asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    capsys.readouterr()
    assert run(*arguments, "--json") == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE)
    assert run("new", tmp_path / "p", "--data", tmp_path / "t.csv", "--target", "y") == 0
    return tmp_path / "p"


def test_a_file_that_moved_is_found(home: Path, tmp_path: Path, capsys):
    assert asked(capsys, "source", home)["state"] == "same"
    (tmp_path / "t.csv").rename(tmp_path / "u.csv")
    assert asked(capsys, "source", home)["state"] == "gone"
    assert asked(capsys, "source", home, "--find", tmp_path / "u.csv")["path"] == str(tmp_path / "u.csv")
    assert ProjectFolder(home).load().data.path == str(tmp_path / "u.csv")
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    assert run("source", home, "--find", tmp_path / "nothing") == 2


def test_it_goes_on_from_the_cache_and_back(home: Path, tmp_path: Path, capsys):
    (tmp_path / "t.csv").unlink()
    assert run("clean", home) == 2
    assert "--from-cache" in capsys.readouterr().err
    assert run("source", home) == 0
    assert "--from-cache" in capsys.readouterr().out
    found = asked(capsys, "source", home, "--from-cache")
    assert (found["state"], found["rows"]) == ("cache", 40)
    assert run("clean", home) == 0
    assert run("source", home, "--from-file") == 2
    assert asked(capsys, "source", home)["state"] == "cache"
    (tmp_path / "t.csv").write_text(TABLE + "77;1,5;yes\n")
    back = asked(capsys, "source", home, "--from-file")
    assert (back["state"], back["rows"]) == ("same", 41)
    assert any("not the same" in note for note in back["notes"])


def test_it_is_read_in_another_way(home: Path, capsys):
    found = asked(capsys, "source", home, "--delimiter", "semicolon", "--decimal", ".", "--null-words", "no,x")
    assert found["rows"] == 40
    csv = ProjectFolder(home).load().data.csv
    assert (csv.delimiter, csv.decimal, csv.null_words) == (";", ".", ("no", "x"))
    assert run("source", home, "--delimiter", "ab") == 2
    assert run("source", home, "--sheet", "One") == 2
    assert "workbooks" in capsys.readouterr().err
    assert run("source", home, "--encoding", "utf-16") == 2
    assert ProjectFolder(home).load().data.csv == csv


def test_a_test_file_is_added_and_taken_away(home: Path, tmp_path: Path, capsys):
    (tmp_path / "test.csv").write_text("y;more;x;n\n" + "yes;1;0,5;3\n" * 5)
    found = asked(capsys, "source", home, "--test", tmp_path / "test.csv")
    assert found["rows"] == 45
    assert any("another order" in note for note in found["notes"])
    assert any("left out: more" in note for note in found["notes"])
    assert asked(capsys, "source", home, "--no-test")["rows"] == 40
    (tmp_path / "short.csv").write_text("n;x\n1;2\n")
    assert run("source", home, "--test", tmp_path / "short.csv") == 2
    assert "lacks the column y" in capsys.readouterr().err


def test_a_new_project_on_one_table_of_an_archive_or_one_sheet(tmp_path: Path, capsys):
    place = tmp_path / "two.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("train.csv", TABLE)
        archive.writestr("other.csv", "a,b,y\n" + "1,2,p\n3,4,q\n" * 20)
    assert run("new", tmp_path / "one", "--data", place, "--target", "y") == 0
    assert "'train.csv' was read" in capsys.readouterr().err
    assert run("new", tmp_path / "two", "--data", place, "--member", "other.csv", "--target", "y") == 0
    assert ProjectFolder(tmp_path / "two").load().data.params == {"member": "other.csv"}
    assert asked(capsys, "source", tmp_path / "one", "--member", "other.csv")["rows"] == 40
    assert run("new", tmp_path / "three", "--data", place, "--member", "none.csv") == 2
    rows: list[list[object]] = [["a", "y"], *([i, "pq"[i % 2]] for i in range(40))]
    book = xlsx(tmp_path / "b.xlsx", {"First": [["z"], [1]], "Second": rows})
    assert run("new", tmp_path / "book", "--data", book, "--sheet", "Second", "--target", "y") == 0
    assert asked(capsys, "source", tmp_path / "book")["params"] == {"sheet": "Second"}


def test_weights_that_count_nothing_are_refused_as_negative_ones_are(tmp_path: Path, capsys):
    for weight in (0, -1):
        rows = "".join(f"{i % 7},{weight},{'ab'[i % 2]}\n" for i in range(40))
        (tmp_path / "t.csv").write_text("x,w,kind\n" + rows)
        home = tmp_path / "p"
        assert run("new", home, "--data", tmp_path / "t.csv", "--target", "kind", "--weight", "w") == 2
        assert 'column "w"' in capsys.readouterr().err
        assert not home.exists()
