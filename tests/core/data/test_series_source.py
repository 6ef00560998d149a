"""Series are found in folders and long tables; what cannot be read is told and nothing else is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.csv_source import load_text
from workbench.core.data.dataset import SeriesData
from workbench.core.data.series_options import NONE
from workbench.core.data.series_profile import profile_series
from workbench.core.data.series_table import load_series_table, series_columns
from workbench.core.data.series_text import seconds
from workbench.core.data.sources import guess_source, load, other_ways
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec

from .series import walk_and_rest


def opened(folder: Path, **params: object) -> SeriesData:
    spec = guess_source(folder)
    assert spec.source == "series"
    found = load(DataSpec("series", spec.path, params=params))
    assert isinstance(found, SeriesData)
    return found


def test_class_folders_with_people_in_the_file_names(tmp_path: Path) -> None:
    data = opened(walk_and_rest(tmp_path / "d"))
    assert (len(data), data.channels, data.classes) == (24, ("x", "y"), ("rest", "walk"))
    assert data.groups == ("p1", "p2", "p3", "p4", "p5", "p6")
    assert data.options["group"] == "part -1"
    assert data.options["class"] == "folder"
    first = data.series(0)
    assert first.shape == (83, 2)
    assert np.allclose(first[:, 0], -first[:, 1])
    assert data.report.bad == ()


@pytest.mark.parametrize(
    ("header", "mark", "ending"),
    [("", " ", ".txt"), ("a;b\n", ";", ".csv"), ("", "\t", ".tsv"), ("a  b\n", "  ", ".dat")],
)
def test_however_the_numbers_are_written(tmp_path: Path, header: str, mark: str, ending: str) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for i in range(3):
            rows = "\n".join(f"{k * 7 % 5}.5{mark}{-k}" for k in range(i, i + 20))
            (tmp_path / name / f"{i}{ending}").write_text(header + rows + "\n")
    data = opened(tmp_path)
    assert data.channels == (("a", "b") if header else ("channel 1", "channel 2"))
    assert data.series(1)[:2].tolist() == [[2.5, -1.0], [4.5, -2.0]]


def test_channel_names_and_rate_that_the_person_gives(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for i in range(2):
            (tmp_path / name / f"{i}.txt").write_text("\n".join(f"{(k * 7) % 5} {k % 3}" for k in range(30)))
    data = opened(tmp_path, names=["left", "right"], rate=50.0)
    assert data.channels == ("left", "right")
    assert data.rate == 50.0


def test_bad_files_lines_and_cells_are_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    walk_and_rest(tmp_path)
    walk = tmp_path / "walk"
    (walk / "empty-p1.csv").write_text("")
    (walk / "binary-p1.csv").write_bytes(bytes(range(256)) * 20)
    (walk / "other-p1.csv").write_text("x,z\n" + "1,2\n" * 30)
    broken = (walk / "rec0-p2.csv").read_text().split("\n")
    broken[3], broken[5], broken[9] = "n.a.,1", "1,2,3", ",4"
    (walk / "rec0-p2.csv").write_text("\n".join(broken))
    (tmp_path / "readme.txt").write_text("What this is.")
    data = opened(tmp_path)
    assert len(data) == 24
    told = {item.where: item.what for item in data.report.bad}
    assert "empty" in told["walk/empty-p1.csv"]
    assert "binary" in told["walk/binary-p1.csv"]
    assert "lacks the column y" in told["walk/other-p1.csv"]
    assert '"n.a."' in told["walk/rec0-p2.csv, line 4"]
    assert "3 cells instead of 2" in told["walk/rec0-p2.csv, line 6"]
    assert "readme.txt" in told
    mended = data.series(data.names.index("walk/rec0-p2.csv"))
    assert len(mended) == 86, "no step is lost, so that time goes on"
    assert np.isnan(mended[2, 0])
    assert mended[2, 1] == 1.0
    assert np.isnan(mended[4]).all()
    assert np.isnan(mended[8, 0])
    assert mended[8, 1] == 4.0


def test_columns_in_another_order_and_a_time_that_goes_backwards(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(3):
            rows = "".join(f"{k / 10},{k},{k * k}\n" for k in range(40))
            (tmp_path / name / f"{i}.csv").write_text("time,u,v\n" + rows)
    (tmp_path / "b" / "2.csv").write_text("v,time,u\n" + "".join(f"{k * k},{k / 10},{k}\n" for k in range(39, -1, -1)))
    data = opened(tmp_path)
    assert data.channels == ("u", "v")
    assert np.array_equal(data.series(5), data.series(0))
    assert np.allclose(np.diff(data.clock(5)), 0.1)  # type: ignore[arg-type]
    assert "went backwards" in data.report.bad[0].what


def test_folders_made_for_training_and_testing(tmp_path: Path) -> None:
    for part in ("train", "test"):
        walk_and_rest(tmp_path / part, people=3)
    data = opened(tmp_path)
    assert (data.parts == 1).sum() == 12
    assert data.classes == ("rest", "walk")


def test_a_flat_folder_takes_the_class_from_the_file_names(tmp_path: Path) -> None:
    for kind in ("walk", "run"):
        for i in range(4):
            (tmp_path / f"{kind}_{i}.csv").write_text("x\n" + "\n".join(str((k * i) % 7) for k in range(50)))
    data = opened(tmp_path)
    assert data.classes == ("run", "walk")
    assert data.options["class"] == "part -2"


def test_folders_of_prose_or_of_few_tables_are_no_series(tmp_path: Path) -> None:
    for name in ("pos", "neg"):
        (tmp_path / "films" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "films" / name / f"{i}.txt").write_text("I liked it, mostly.\nThe end, less so.\n" * 5)
    with pytest.raises(DataError, match="nothing here"):
        guess_source(tmp_path / "films")
    (tmp_path / "two").mkdir()
    for name in ("a", "b"):
        (tmp_path / "two" / f"{name}.csv").write_text("x,y\n" + "1,2\n" * 30)
    with pytest.raises(DataError, match="2 tables"):
        guess_source(tmp_path / "two")


def test_reading_can_be_cancelled_and_names_what_an_option_lacks(tmp_path: Path) -> None:
    spec = guess_source(walk_and_rest(tmp_path / "d"))
    with pytest.raises(Cancelled):
        load(spec, None, lambda: True)
    seen: list[float] = []
    load(spec, lambda share, _: seen.append(share))
    assert seen[0] == 0.0
    for key in ("time", "group", "class"):
        with pytest.raises(DataError) as error:
            load(DataSpec("series", spec.path, params={key: "nowhere"}))
        assert error.value.where == key


# ---- long tables --------------------------------------------------------------------------------------------------

LONG = "subject,time,heart,state,kind\n" + "".join(
    f"s{s},{t},{60 + s + t % 5},{'on' if t % 10 < 5 else 'off'},{'old' if s % 2 else 'young'}\n"
    for s in range(8)
    for t in range(20)
)


def test_a_long_table_is_offered_as_series() -> None:
    table = load_text(LONG, CsvOptions())
    (way,) = other_ways(DataSpec("csv", "long.csv"), table)
    assert way.source == "series_table"
    assert (way.params["series"], way.params["time"]) == ("subject", "time")


def test_a_long_table_becomes_series_in_the_order_of_their_times() -> None:
    table = load_text(LONG, CsvOptions())
    shuffled = table.frame.sample(frac=1.0, random_state=1)
    data = load_series_table(type(table)(shuffled, table.report, table.parts), {})
    assert len(data) == 8
    assert data.channels == ("heart",)
    assert data.label == "kind"
    assert data.classes == ("old", "young")
    assert data.marks["state"].classes == ("off", "on")
    assert data.series(3)[:6, 0].tolist() == [63.0, 64.0, 65.0, 66.0, 67.0, 63.0]
    assert data.clock(3)[:3].tolist() == [0.0, 1.0, 2.0]  # type: ignore[index]


def test_series_of_a_test_file_are_others(tmp_path: Path) -> None:
    for name in ("main", "later"):
        (tmp_path / f"{name}.csv").write_text(LONG)
    spec = DataSpec("series_table", str(tmp_path / "main.csv"), test_path=str(tmp_path / "later.csv"))
    data = load(spec)
    assert isinstance(data, SeriesData)
    assert len(data) == 16
    assert data.names[0] == "s0"
    assert data.names[8] == "s0 (test)"
    assert data.parts.tolist() == [0] * 8 + [1] * 8


def test_rows_without_a_series_or_a_time_are_told() -> None:
    text = LONG.replace("s3,7,", ",7,").replace("s4,9,", "s4,,")
    data = load_series_table(load_text(text, CsvOptions()), {"series": "subject", "time": "time"})
    told = [item.what for item in data.report.bad]
    assert told == ['It has no time in "time".', 'It has no series in "subject".']
    assert data.lengths().tolist() == [20, 20, 20, 19, 19, 20, 20, 20]


def test_one_series_and_other_choices() -> None:
    table = load_text("day,temp\n" + "".join(f"2020-01-{1 + i % 28:02},{i}\n" for i in range(28)) * 3, CsvOptions())
    data = load_series_table(table, {"series": NONE, "time": NONE})
    assert data.lengths().tolist() == [84]
    with pytest.raises(DataError, match="changes within"):
        load_series_table(load_text(LONG, CsvOptions()), {"class": "state"})
    with pytest.raises(DataError, match="no column"):
        load_series_table(table, {"series": "nobody"})


def test_ordinary_tables_are_not_offered_as_series() -> None:
    plain = "a,b,class\n" + "".join(f"{i % 7},{i * 3 % 11},{'xy'[i % 2]}\n" for i in range(100))
    assert series_columns(load_text(plain, CsvOptions()).frame) == {}


def test_a_column_of_any_name_tells_the_series_when_times_grow_within_it() -> None:
    text = "wheel,clock,load\n" + "".join(f"{w},{t},{len(w) * t % 7}\n" for w in ("left", "right") for t in range(30))
    assert series_columns(load_text(text, CsvOptions()).frame) == {"series": "wheel", "time": "clock"}


def test_times_in_their_units() -> None:
    import pandas as pd

    assert seconds(pd.Series([0, 20, 40], name="t_ms")).tolist() == [0.0, 0.02, 0.04]
    assert seconds(pd.Series([1.6e12, 1.6e12 + 500], name="time")).tolist() == [1.6e9, 1.6e9 + 0.5]
    dates = seconds(pd.Series(["2020-01-01 00:00:01", "2020-01-01 00:00:03"], name="when"))
    assert np.diff(dates).tolist() == [2.0]


def test_names_that_are_no_text_and_pipes_among_the_files(tmp_path: Path) -> None:
    walk_and_rest(tmp_path)
    walk = tmp_path / "walk"
    os.rename(walk / "rec0-p2.csv", os.fsencode(walk) + b"/\xff-p2.csv")
    os.mkfifo(walk / "pipe-p1.csv")
    data = opened(tmp_path)
    assert "walk/\\xff-p2.csv" in data.names
    assert any("no ordinary file" in item.what for item in data.report.bad)
    json.dumps(data.names, ensure_ascii=False).encode()


def test_values_near_the_largest_there_are(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for i in range(3):
            (tmp_path / name / f"{i}.csv").write_text("x,y\n" + "1e308,-1e308\n-1e308,1e308\n" * 10)
    profile = profile_series(opened(tmp_path))
    assert profile.channels[0].maximum == 1e308


def test_other_words_in_the_files_are_other_data(tmp_path: Path) -> None:
    def written(state: str) -> str:
        for number in range(4):
            lines = [f"{i}.5,{-i}.25,{state if i > 20 else 'off'}" for i in range(40)]
            (tmp_path / f"rec{number}.csv").write_text("x,y,state\n" + "\n".join(lines) + "\n")
        return opened(tmp_path).report.fingerprint

    first = written("on")
    assert written("on") == first
    assert written("ill") != first  # what is learned from them would be another target
