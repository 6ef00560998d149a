"""A table that names picture files: proposed, decoded, moved with its folder, and said where a file is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.little_flats import flats
from workbench.core import edits
from workbench.core.data import pipeline
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.features import explain
from workbench.core.data.sources import load, other_ways
from workbench.core.errors import DataError, FeatureError
from workbench.core.project import ColumnFeature, Project
from workbench.core.templates import suggest_template, template


def staged(table: Path, *columns: ColumnFeature) -> pipeline.Staged:
    project = Project(data=pipeline.find_source(str(table)))
    return pipeline.stage(edits.set_columns(columns)(project) if columns else project)


def test_the_column_of_pictures_is_an_input_of_its_own_beside_the_table(tmp_path: Path) -> None:
    found = staged(flats(tmp_path))
    facts, preprocessor = pipeline.facts_of(found)
    table, photo = facts.inputs
    assert (table.kind, table.shape) == ("table", (2,))
    assert (photo.name, photo.kind, photo.shape, photo.dtype) == ("photo", "image", (8, 8, 3), "uint8")
    assert photo.scale == pytest.approx(1 / 255)
    assert "picture" in explain(found.profile, found.project.features)["photo"]
    assert [f.kind for f in preprocessor.row_fields] == ["picture", "number", "number"]
    assert suggest_template(facts) == "two-branch"
    assert {"Conv2D", "Dense", "Concatenate"} <= {n.kind for n in template("two-branch", facts).nodes}
    assert any(w.source == "image_table" for w in other_ways(found.project.data, found.dataset))  # type: ignore[arg-type]


def test_pixels_lie_beside_the_numbers_of_their_row(tmp_path: Path) -> None:
    found = staged(flats(tmp_path / "a"))
    prepared = pipeline.materialise(found, tmp_path / "cache")
    for part in ("train", "validation", "test"):
        given = prepared.part(part)
        assert given.x["photo"].dtype == np.uint8
        for row, pixels in zip(given.rows, given.x["photo"], strict=True):
            assert (pixels[..., row % 3] == 200 + row).all()
    assert pipeline.materialise(found, tmp_path / "cache").folder == prepared.folder
    Image.new("RGB", (8, 8), "white").save(tmp_path / "a" / "flat 0.png")
    assert pipeline.materialise(found, tmp_path / "cache").folder != prepared.folder, "a picture has changed"


def test_pictures_in_a_folder_of_their_own_or_without_their_ending_are_found(tmp_path: Path) -> None:
    table = flats(tmp_path, below="pics")
    table.write_text(table.read_text().replace(".png", "").replace("flat ", "flat"))
    for file in (tmp_path / "pics").iterdir():
        file.rename(file.with_name(file.name.replace(" ", "")))
    found = staged(table)
    _, preprocessor = pipeline.facts_of(found)
    (photo,) = preprocessor.pictures
    assert (photo.below, photo.ending) == ("pics", ".png")
    assert pipeline.materialise(found, tmp_path / "cache").skipped == ()


def test_rows_whose_picture_cannot_be_read_are_set_aside_and_said(tmp_path: Path) -> None:
    table = flats(tmp_path / "a")
    (tmp_path / "a" / "flat 3.png").unlink()
    (tmp_path / "a" / "flat 4.png").write_bytes(b"no picture")
    text = table.read_text().splitlines()
    table.write_text("\n".join([*text, ",50,2,120"]))
    found = staged(table)
    prepared = pipeline.materialise(found, tmp_path / "cache")
    assert sorted(item.where for item in prepared.skipped) == ["row 31", "row 4", "row 5"]
    assert any("3 rows have a picture that cannot be read" in note for note in prepared.notes)
    assert sum(prepared.facts.rows.values()) == 28
    part, skipped = external_arrays(prepared.preprocessor, found.cleaned)  # type: ignore[arg-type]
    assert len(part) == len(part.y) == 28
    assert len(skipped) == 3


def test_a_moved_folder_and_another_table_have_their_pictures_beside_them(tmp_path: Path) -> None:
    found = staged(flats(tmp_path / "a"))
    prepared = pipeline.materialise(found, tmp_path / "cache")
    (tmp_path / "a").rename(tmp_path / "b")
    again = pipeline.materialise(staged(tmp_path / "b" / "flats.csv"), tmp_path / "cache")
    assert again.folder == prepared.folder, "the place is no part of what was prepared"
    other = load(pipeline.find_source(str(flats(tmp_path / "c", count=9))))
    scored = prepare_external(prepared.preprocessor, other, tmp_path / "cache")
    assert scored.part("test").x["photo"].shape == (9, 8, 8, 3)


def test_pictures_of_a_separate_test_table_lie_beside_that_table(tmp_path: Path) -> None:
    """The test table names files that are called like those of the main one, and has fewer of them."""
    main, other = flats(tmp_path / "a"), flats(tmp_path / "b", count=6)
    for file in (tmp_path / "b").glob("*.png"):
        Image.new("RGB", (8, 8), (7, 8, 9)).save(file)
    (tmp_path / "b" / "flat 5.png").unlink()
    spec = replace(pipeline.find_source(str(main)), test_path=str(other))
    found = pipeline.stage(Project(data=spec))
    prepared = pipeline.materialise(found, tmp_path / "cache")
    assert (prepared.part("test").x["photo"] == (7, 8, 9)).all()
    assert prepared.facts.rows["test"] == 5, "that of the main table is no stand-in for one that is not there"
    for part in ("train", "validation"):
        assert not (prepared.part(part).x["photo"] == 7).any()
    again = pipeline.stage(replace(found.project, data=replace(found.project.data, from_cache=True)))  # type: ignore[type-var]
    assert pipeline.materialise(again, tmp_path / "cache").folder == prepared.folder
    mixed, _ = external_arrays(prepared.preprocessor, found.dataset)
    assert (mixed.x["photo"][-5:] == (7, 8, 9)).all()
    assert not (mixed.x["photo"][:-5] == 7).any()


def test_a_test_table_in_a_folder_without_pictures_shares_those_of_the_main_one(tmp_path: Path) -> None:
    main = flats(tmp_path)
    other = tmp_path / "lists" / "test.csv"
    other.parent.mkdir()
    other.write_text("".join(main.read_text().splitlines(keepends=True)[:7]))
    found = pipeline.stage(Project(data=replace(pipeline.find_source(str(main)), test_path=str(other))))
    prepared = pipeline.materialise(found, tmp_path / "cache")
    assert prepared.facts.rows["test"] == 6
    assert (prepared.part("test").x["photo"][1, ..., 1] == 201).all()


def test_pictures_that_are_gone_are_said_not_raised_as_a_traceback(tmp_path: Path) -> None:
    table = flats(tmp_path)
    found = staged(table)
    for file in tmp_path.glob("*.png"):
        file.unlink()
    with pytest.raises(FeatureError, match=r"None of the pictures.*no longer there"):
        pipeline.materialise(found, tmp_path / "cache")
    _, preprocessor = pipeline.facts_of(staged(flats(tmp_path)))
    (tmp_path / "flat 0.png").unlink()
    with pytest.raises(FeatureError, match="no longer there"):
        preprocessor.row_arrays({"photo": "flat 0.png", "area": 3, "rooms": 1}, str(tmp_path))
    whole = preprocessor.row_arrays({"photo": str(tmp_path / "flat 1.png"), "area": 3, "rooms": 1})
    assert (whole["photo"][0, ..., 1] == 201).all()
    with pytest.raises(FeatureError, match="lies in no folder"):
        preprocessor.row_arrays({"photo": "flat 1.png", "area": 3, "rooms": 1})


@pytest.mark.parametrize(
    ("params", "shape"),
    [({"height": 12, "width": 6}, (12, 6, 3)), ({"height": 4}, (4, 4, 3)), ({"channels": 1}, (8, 8, 1))],
)
def test_the_size_is_the_persons_to_choose(tmp_path: Path, params: dict[str, int], shape: tuple[int, ...]) -> None:
    found = staged(flats(tmp_path), ColumnFeature("photo", "input", "picture", params))
    facts, _ = pipeline.facts_of(found)
    assert facts.inputs[1].shape == shape


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"height": 5000}, "no height"),
        ({"channels": 2}, "no channels"),
        ({"resize": "melt"}, "no resize"),
        ({"folder": "elsewhere"}, "None of the pictures"),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_words(tmp_path: Path, params: dict[str, object], said: str) -> None:
    found = staged(flats(tmp_path), ColumnFeature("photo", "input", "picture", params))
    with pytest.raises(FeatureError, match=said):
        pipeline.facts_of(found)


def test_a_table_of_pictures_alone_learns_a_number(tmp_path: Path) -> None:
    ignored = [ColumnFeature(name, "ignore") for name in ("area", "rooms")]
    found = staged(flats(tmp_path, side=16), *ignored)
    facts, _ = pipeline.facts_of(found)
    assert [i.kind for i in facts.inputs] == ["image"]
    assert facts.target is not None
    assert facts.target.task == "regression"
    assert suggest_template(facts) == "cnn"


def test_a_column_of_words_beside_no_pictures_stays_words(tmp_path: Path) -> None:
    table = flats(tmp_path)
    for file in tmp_path.glob("*.png"):
        file.unlink()
    found = staged(table)
    photo = next(c for c in found.project.features.columns if c.name == "photo")
    assert (photo.role, photo.encoder == "picture") == ("ignore", False)
    assert "not there" in explain(found.profile, found.project.features)["photo"]


def test_data_kept_in_the_cache_still_finds_the_pictures(tmp_path: Path) -> None:
    table = flats(tmp_path)
    found = staged(table)
    assert found.project.data is not None
    text = table.read_text()
    table.unlink()
    again = pipeline.stage(replace(found.project, data=replace(found.project.data, from_cache=True)))
    assert pipeline.materialise(again, tmp_path / "cache").part("train").x["photo"].shape[0] == 21
    for file in tmp_path.glob("*.png"):
        file.unlink()
    with pytest.raises((DataError, FeatureError), match="picture"):
        pipeline.materialise(again, tmp_path / "other")
    table.write_text(text)
