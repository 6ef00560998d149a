"""What was read is kept in the cache: the same data comes back, bit for bit, when its file is gone."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.core.data.workbooks import xlsx
from workbench.core import settings
from workbench.core.data import kept, pipeline
from workbench.core.data.dataset import Dataset, ImageData, LoadReport, SeriesData, TableData
from workbench.core.data.sources import guess_source, load
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import DataSpec, Project
from workbench.core.runs import create_run
from workbench.core.storage import ProjectFolder

TEXT = "name,age,when,flag,empty\nAnn,31,2020-01-05,yes,\nBob,,2021-02-06,no,\n00123,4,bad,no,\n" + "x\n" * 2


def read(path: Path) -> tuple[DataSpec, Dataset]:
    spec = guess_source(path)
    data = load(spec)
    return replace(spec, fingerprint=data.report.fingerprint), data


def back(spec: DataSpec, data: Dataset) -> Dataset:
    assert kept.keep(spec, data)
    found = load(replace(spec, from_cache=True))
    assert found.report.kept_at == kept.kept_at(spec)
    assert "from the cache of" in found.report.notes[0]
    assert replace(found.report, kept_at="", notes=found.report.notes[1:]) == data.report
    np.testing.assert_array_equal(found.parts, data.parts)
    assert found.title == data.title
    return found


def make_csv(folder: Path) -> Path:
    (folder / "t.csv").write_text(TEXT)
    return folder / "t.csv"


def make_gz(folder: Path) -> Path:
    (folder / "t.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    return folder / "t.csv.gz"


def make_book(folder: Path) -> Path:
    rows: list[list[object]] = [["a", "b", "c"], [1, "x", dt.datetime(2020, 1, 5)], [2.5, "", dt.datetime(2021, 1, 5)]]
    return xlsx(folder / "t.xlsx", {"One": rows})


def make_parquet(folder: Path) -> Path:
    frame = pd.DataFrame({"f": np.float32([1, 2]), "i": np.int8([1, 2]), "b": [True, False], "s": ["x", None]})
    frame["d"] = pd.to_datetime(["2020-01-05", None])
    frame["c"] = pd.Categorical(["u", "v"])
    frame.to_parquet(folder / "t.parquet")
    return folder / "t.parquet"


@pytest.mark.parametrize("make", [make_csv, make_gz, make_book, make_parquet])
def test_a_table_comes_back_as_it_was(make, tmp_path):
    place = make(tmp_path)
    spec, data = read(place)
    place.unlink()
    found = back(spec, data)
    assert isinstance(found, TableData)
    assert isinstance(data, TableData)
    pd.testing.assert_frame_equal(found.frame, data.frame)
    for name in found.frame.columns:
        found.frame.loc[0, name] = found.frame.loc[1, name]  # may be written to


def test_pictures_come_back_as_they_were(tmp_path):
    for kind in ("ant", "bee"):
        (tmp_path / "in" / kind).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (5 + i, 4), (i * 40, 9, 9)).save(tmp_path / "in" / kind / f"{i}.png")
    spec, data = read(tmp_path / "in")
    assert isinstance(data, ImageData)
    before = [data.image(i) for i in range(len(data))]
    assert kept.keep(spec, data)
    shutil.rmtree(tmp_path / "in")
    found = back(spec, data)
    assert isinstance(found, ImageData)
    assert found.classes == data.classes
    assert list(found.names) == list(data.names)
    np.testing.assert_array_equal(found.labels, data.labels)
    np.testing.assert_array_equal(found.sizes(), data.sizes())
    for i, pixels in enumerate(before):
        np.testing.assert_array_equal(found.image(i), pixels)


def test_an_array_of_pictures_comes_back(tmp_path):
    place = tmp_path / "p.npz"
    np.savez(place, x=np.arange(5 * 16, dtype=np.uint8).reshape(5, 4, 4), y=np.array([0, 1, 0, 1, 1]))
    spec, data = read(place)
    place.unlink()
    found = back(spec, data)
    assert isinstance(found, ImageData)
    assert isinstance(data, ImageData)
    np.testing.assert_array_equal(found.array, data.array)


def test_nothing_is_kept_of_what_cannot_go_or_is_too_large(tmp_path, monkeypatch):
    sample = DataSpec("sample", "line")
    assert not kept.keep(sample, load(sample))
    spec, data = read(make_csv(tmp_path))
    monkeypatch.setattr(kept, "MOST_EACH", 10)
    assert not kept.keep(spec, data)
    mixed = TableData(pd.DataFrame({"a": [1, "x"]}, dtype=object), LoadReport(fingerprint="f"), np.zeros(2, np.uint8))
    monkeypatch.setattr(kept, "MOST_EACH", 1 << 20)
    assert not kept.keep(spec, mixed)


def test_what_was_not_used_for_longest_makes_room(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    rng = np.random.default_rng(0)
    specs = []
    for i in range(4):
        place = tmp_path / f"{i}.csv"
        np.savetxt(place, rng.random((2000, 4)), delimiter=",", header="a,b,c,d", comments="")
        spec, data = read(place)
        if i == 3:
            kept.open_kept(specs[0], cache)  # looked at again
            monkeypatch.setattr(kept, "MOST", 230_000)
        assert kept.keep(spec, data, cache)
        for entry in cache.glob("kept-*"):
            if i < 3:
                os.utime(entry, (entry.stat().st_mtime - 100,) * 2)
        specs.append(spec)
    assert [bool(kept.kept_at(spec, cache)) for spec in specs] == [True, False, True, True]


def test_another_way_of_reading_is_another_thing(tmp_path):
    spec, data = read(make_csv(tmp_path))
    assert kept.keep(spec, data)
    other = replace(spec, csv=replace(spec.csv, header=False), from_cache=True)
    with pytest.raises(DataError) as caught:
        load(other)
    assert "read in this way" in caught.value.what
    assert caught.value.remedy


def test_a_damaged_entry_is_told_and_dropped(tmp_path):
    spec, data = read(make_csv(tmp_path))
    assert kept.keep(spec, data, tmp_path / "cache")
    next((tmp_path / "cache").glob("kept-*/table.arrow")).write_bytes(b"no table")
    with pytest.raises(DataError):
        kept.open_kept(spec, tmp_path / "cache")
    assert not kept.kept_at(spec, tmp_path / "cache")
    assert kept.keep(spec, data, tmp_path / "cache")


def test_a_folder_that_cannot_be_written_fails_nothing(tmp_path):
    spec, data = read(make_csv(tmp_path))
    (tmp_path / "cache").write_text("in the way")
    assert not kept.keep(spec, data, tmp_path / "cache")


def test_keeping_can_be_stopped_and_leaves_nothing(tmp_path):
    spec, data = read(make_csv(tmp_path))
    with pytest.raises(Cancelled):
        kept.keep(spec, data, tmp_path / "cache", lambda: True)
    assert not list((tmp_path / "cache").iterdir())


def test_everything_that_follows_is_the_same_from_the_cache(tmp_path):
    place = tmp_path / "t.csv"
    rng = np.random.default_rng(0)
    lines = [f"{rng.random():.3f},{rng.integers(9)},{'ab'[i % 2]}" for i in range(60)]
    place.write_text("x,n,y\n" + "\n".join(lines) + "\n")
    first = pipeline.stage(Project(data=guess_source(place)))
    one = pipeline.materialise(first, tmp_path / "one")
    place.unlink()
    with pytest.raises(DataError) as caught:
        pipeline.stage(first.project)
    assert "--from-cache" in caught.value.remedy
    assert first.project.data is not None
    gone = replace(first.project, data=replace(first.project.data, from_cache=True))
    second = pipeline.stage(gone)
    assert not second.changed
    two = pipeline.materialise(second, tmp_path / "two")
    assert one.folder.name == two.folder.name
    for part in ("train", "validation", "test"):
        for name, array in one.part(part).x.items():
            np.testing.assert_array_equal(array, two.part(part).x[name])


def test_series_come_back(tmp_path):
    for kind in ("walk", "sit"):
        (tmp_path / "in" / kind).mkdir(parents=True)
        for i in range(3):
            lines = "\n".join(f"{t * 0.1:.1f},{i + t},{t % 5}" for t in range(30 + i))
            (tmp_path / "in" / kind / f"{kind}{i}.csv").write_text("time,x,y\n" + lines + "\n")
    spec, data = read(tmp_path / "in")
    assert isinstance(data, SeriesData)
    assert kept.keep(spec, data)
    shutil.rmtree(tmp_path / "in")
    found = back(spec, data)
    assert isinstance(found, SeriesData)
    for name in ("values", "starts", "labels", "times"):
        np.testing.assert_array_equal(getattr(found, name), getattr(data, name))
    for name in ("channels", "classes", "rate", "label", "columns", "candidates"):
        assert getattr(found, name) == getattr(data, name)
    assert list(found.names) == list(data.names)
    assert dict(found.options) == dict(data.options)


def test_no_damage_of_kept_series_is_more_than_a_sentence(tmp_path):
    (tmp_path / "in" / "walk").mkdir(parents=True)
    for i in range(3):
        (tmp_path / "in" / "walk" / f"{i}.csv").write_text("x,y\n" + "\n".join(f"{i},{t}" for t in range(30)) + "\n")
    spec, data = read(tmp_path / "in")
    rng = np.random.default_rng(0)
    spec = replace(spec, fingerprint=data.report.fingerprint)
    for _ in range(60):
        assert kept.keep(spec, data, tmp_path / "cache")
        stored = next((tmp_path / "cache").glob("kept-*/series.npz"))
        raw = bytearray(stored.read_bytes())
        for place in rng.integers(0, len(raw), 12):
            raw[place] = int(rng.integers(256))
        stored.write_bytes(bytes(raw))
        with suppress(DataError):  # anything else fails the test; so does a file left open
            kept.open_kept(spec, tmp_path / "cache")
        shutil.rmtree(tmp_path / "cache")


def test_a_folder_with_a_fitting_test_file_opens_with_it(tmp_path):
    (tmp_path / "train.csv").write_text("a,b,y\n" + "1,2,p\n3,4,q\n" * 9)
    (tmp_path / "test.csv").write_text("a,b,y\n5,6,p\n")
    assert guess_source(tmp_path).test_path == str(tmp_path / "test.csv")
    assert load(guess_source(tmp_path)).parts.sum() == 1
    (tmp_path / "test.csv").write_text("a,b\n5,6\n")  # without the answers there is nothing to score
    assert guess_source(tmp_path).test_path == ""


def test_a_run_is_restored_from_the_cache_when_its_arrays_and_its_file_are_gone(tmp_path):
    place = tmp_path / "t.csv"
    place.write_text("x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40)))
    staged = pipeline.stage(Project(data=guess_source(place)))
    made = pipeline.materialise(staged, tmp_path / "cache")
    home = ProjectFolder(tmp_path / "p")
    home.save(staged.project)
    run = create_run(home.runs, staged.project, made.facts, made.preprocessor.to_json(), made.folder, "")
    shutil.rmtree(made.folder)
    place.unlink()
    again = pipeline.restore(run, tmp_path / "cache")
    assert len(again.part("train")) == len(np.unique(again.part("train").rows)) > 0
    shutil.rmtree(again.folder)
    for entry in settings.cache_folder().glob("kept-*"):
        shutil.rmtree(entry)
    with pytest.raises(DataError, match="no longer there"):
        pipeline.restore(run, tmp_path / "cache")
