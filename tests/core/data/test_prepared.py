from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from workbench.core.data import prepared as prepared_module
from workbench.core.data.audit import audit
from workbench.core.data.dataset import ImageData, TableData
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.planning import far_notes, make_plan
from workbench.core.data.prepared import open_prepared, plan, prepare
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.profile import profile_table
from workbench.core.data.samples import load_sample
from workbench.core.data.sources import guess_source, load
from workbench.core.errors import Cancelled, DataError, FeatureError
from workbench.core.project import ColumnFeature, DataSpec, Features, ImageFeature, Split, Step

from .tables import passengers, pictures, project, proposed, table

PARTS = ("train", "validation", "test")


def picture_folder(folder: Path, broken: tuple[str, ...] = (), size: tuple[int, int] = (40, 30)) -> Path:
    """Three classes of eight noisy pictures; those named in `broken` are cut off after their header."""
    rng = np.random.default_rng(0)
    for kind in ("cat", "dog", "fox"):
        (folder / kind).mkdir(parents=True)
        for i in range(8):
            file = folder / kind / f"{kind}{i}.png"
            Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(file)
            if file.name in broken:
                file.write_bytes(file.read_bytes()[:200])
    return folder


# ---- tables ----------------------------------------------------------------------------------------------------


def test_a_plan_tells_shapes_and_counts_without_arrays():
    frame = passengers()
    facts, made = plan(project(), table(frame), None)
    assert facts.kind == "table"
    assert facts.target.classes == ("0", "1")
    assert facts.target.name == "Survived"
    assert facts.inputs[0].name == "features"
    assert facts.inputs[0].shape == (made.width,)
    assert sum(facts.rows.values()) == len(frame)


def test_prepared_parts_hold_what_the_preprocessor_says(tmp_path: Path):
    frame = passengers()
    prepared = prepare(project(), table(frame), None, tmp_path)
    for name in PARTS:
        part = prepared.part(name)
        assert len(part) == prepared.facts.rows[name] == len(part.y)
        assert np.array_equal(part.x["features"], prepared.preprocessor.transform(frame.loc[part.rows]))
        assert np.array_equal(part.y, frame.loc[part.rows, "Survived"])
        assert part.y.dtype == np.int32
        assert part.x["features"].dtype == np.float32
        assert isinstance(part.x["features"], np.memmap)
        assert not part.x["features"].flags.writeable
    every = np.concatenate([prepared.part(n).rows for n in PARTS])
    assert sorted(every) == list(range(len(frame)))


def test_rows_carry_the_source_numbers_after_cleaning(tmp_path: Path):
    frame = passengers().iloc[50:150]
    prepared = prepare(project(), table(frame), None, tmp_path)
    rows = np.concatenate([prepared.part(n).rows for n in PARTS])
    assert rows.min() == 50
    assert rows.max() == 149


def test_the_statistics_are_those_of_the_training_rows(tmp_path: Path):
    frame = passengers()
    prepared = prepare(project(), table(frame), None, tmp_path)
    train, test = prepared.part("train"), prepared.part("test")
    changed = frame.copy()
    changed.loc[test.rows, "Fare"] = 1e9
    changed.loc[test.rows, "Age"] = -5
    _, again = plan(project(prepared_features(frame)), table(changed), None)
    assert again == prepared.preprocessor
    fares = next(c for c in prepared.preprocessor.columns if c.name == "Fare")
    assert fares.offset == pytest.approx(frame.loc[train.rows, "Fare"].mean())
    assert fares.scale == pytest.approx(frame.loc[train.rows, "Fare"].std(ddof=0))


def prepared_features(frame: pd.DataFrame) -> Features:
    return proposed(frame)


def test_the_cache_answers_the_second_time(tmp_path: Path):
    frame = passengers()
    first = prepare(project(), table(frame), None, tmp_path)
    stamp = (first.folder / "meta.json").stat().st_mtime_ns
    second = prepare(project(), table(frame.copy()), None, tmp_path)
    assert second.folder == first.folder
    assert second.facts == first.facts
    assert second.preprocessor == first.preprocessor
    assert (first.folder / "meta.json").stat().st_mtime_ns == stamp
    assert [p.name for p in tmp_path.iterdir()] == [first.folder.name]


def test_whatever_changes_the_arrays_changes_the_place(tmp_path: Path):
    frame = passengers()
    base = project(proposed(frame))
    given = table(frame, fingerprint="f1")

    def columns(**change: str) -> Features:
        kept = tuple(replace(c, **change) if c.name == "Fare" else c for c in base.features.columns)
        return replace(base.features, columns=kept)

    step = Step("s1", "rename_column", {"from": "a", "to": "b"})
    variants = [
        (base, given),
        (replace(base, features=columns(encoder="minmax")), given),
        (replace(base, features=columns(role="ignore")), given),
        (replace(base, features=replace(base.features, split=Split(seed=1))), given),
        (replace(base, recipe=(step,)), given),
        (base, table(frame, fingerprint="f2")),
    ]
    folders = {prepare(p, d, None, tmp_path).folder for p, d in variants}
    assert len(folders) == len(variants)
    same = replace(base, recipe=(replace(step, enabled=False),), train=replace(base.train, epochs=99))
    assert prepare(same, given, None, tmp_path).folder == prepare(base, given, None, tmp_path).folder
    moved = replace(base, data=DataSpec("csv", "elsewhere.csv"))
    assert prepare(moved, given, None, tmp_path).folder == prepare(base, given, None, tmp_path).folder


def test_open_gives_back_what_prepare_made(tmp_path: Path):
    made = prepare(project(), table(passengers()), None, tmp_path)
    opened = open_prepared(made.folder)
    assert opened.facts == made.facts
    assert opened.preprocessor == made.preprocessor
    assert np.array_equal(opened.part("test").x["features"], made.part("test").x["features"])


@pytest.mark.parametrize("damage", ["gone", "cut", "meta"])
def test_damaged_arrays_are_noticed_and_made_anew(tmp_path: Path, damage: str):
    frame = passengers()
    made = prepare(project(), table(frame), None, tmp_path)
    file = made.folder / "train.features.npy"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-8])
    else:
        (made.folder / "meta.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        open_prepared(made.folder)
    again = prepare(project(), table(frame), None, tmp_path)
    assert len(again.part("train")) == made.facts.rows["train"]
    with pytest.raises(DataError):
        open_prepared(tmp_path / "nowhere")


@pytest.mark.parametrize(("values", "told"), [([1e30], 1), ([-1e9] * 5, 1), ([40.0], 0), ([float("nan")], 0)])
def test_a_few_values_that_press_a_target_together_are_told(values: list[float], told: int):
    cells = pd.Series([*np.random.default_rng(0).normal(3.0, 1.0, 60), *values], name="price")
    notes = far_notes(cells, float(np.nanstd(cells)))
    assert len(notes) == told
    assert all(f"as far off as {values[0]:g}:" in note for note in notes)
    assert not far_notes(cells.iloc[:0], 2.0)
    assert not far_notes(pd.Series(np.linspace(0.0, 0.004, 60), name="share"), 1.0), "it is not scaled"


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path):
    frame = passengers()
    frame["Survived"] = frame["Survived"].astype(float)
    frame.loc[:19, "Survived"] = np.nan
    prepared = prepare(project(), table(frame), None, tmp_path)
    assert prepared.excluded == 20
    assert sum(prepared.facts.rows.values()) == 180
    assert prepared.facts.target.classes == ("0", "1")
    assert "20 rows" in prepared.notes[0]
    assert open_prepared(prepared.folder).notes == prepared.notes


def test_a_given_test_part_and_its_unknown_classes(tmp_path: Path):
    frame = passengers()
    frame["Survived"] = frame["Survived"].map({0: "no", 1: "yes"})
    parts = np.zeros(200, np.uint8)
    parts[150:] = 1
    frame.loc[199, "Survived"] = "perhaps"
    prepared = prepare(project(), table(frame, parts), None, tmp_path)
    assert prepared.facts.target.classes == ("no", "yes")
    assert prepared.part("test").rows.tolist() == list(range(150, 199))
    assert prepared.excluded == 1
    assert "perhaps" in prepared.notes[0]


def test_a_test_part_that_spells_its_classes_a_little_otherwise_is_used(tmp_path: Path):
    frame = passengers()
    words = np.where(frame["Survived"] == 1, ">50K", "<=50K")
    parts = (np.arange(200) >= 150).astype(np.uint8)
    frame["Survived"] = np.where(parts == 1, np.char.add(words, "."), words)
    made = prepare(project(), table(frame, parts), None, tmp_path)
    assert made.preprocessor.classes == ("<=50K", ">50K")
    assert made.facts.rows["test"] == 50
    assert np.array_equal(made.part("test").y, words[150:] == ">50K")
    assert made.notes == ('"<=50K." is taken for "<=50K", ">50K." is taken for ">50K".',)
    features = proposed(frame, Features(split=Split(0.85, 0.15, 0.0)), "Survived")
    assert not [f for f in audit(frame, features, profile_table(frame), parts=parts) if "part" in f.title]
    other = prepare_external(made.preprocessor, table(frame[150:]), tmp_path)
    assert other.facts.rows["test"] == 50
    assert "is taken for" in other.notes[0]


def test_a_regression_target_is_a_column_of_scaled_numbers(tmp_path: Path):
    data = load_sample("diabetes")
    prepared = prepare(project(proposed(data.frame, target=data.target)), data, None, tmp_path)
    part = prepared.part("test")
    assert part.y.shape == (len(part), 1)
    assert part.y.dtype == np.float32
    truth = data.frame.loc[part.rows, data.target]
    assert np.allclose(prepared.preprocessor.unscale(part.y)[:, 0], truth, atol=1e-3)


def test_six_pairs_of_numbers_are_all_for_training(tmp_path: Path):
    data = load_sample("line")
    prepared = prepare(project(), data, None, tmp_path)
    assert prepared.facts.rows == {"train": 6, "validation": 0, "test": 0}
    train = prepared.part("train")
    assert train.x["features"][:, 0].tolist() == data.frame["x"].tolist()
    assert train.y[:, 0].tolist() == data.frame["y"].tolist()
    assert prepared.part("test").x["features"].shape == (0, 1)
    assert len(prepared.part("validation")) == 0


def test_the_real_titanic(tmp_path: Path, real_data: Path):
    data = load(DataSpec("csv", str(real_data / "titanic" / "train.csv")))
    prepared = prepare(project(), data, None, tmp_path)
    assert prepared.facts.rows == {"train": 624, "validation": 134, "test": 133}
    names = prepared.preprocessor.column_names
    assert "Sex = female" in names
    assert len(names) == prepared.preprocessor.width < 20
    for part in PARTS:
        assert np.isfinite(prepared.part(part).x["features"]).all()
        assert 0.36 < prepared.part(part).y.mean() < 0.41


def test_a_long_table_is_written_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(prepared_module, "_CHUNK", 17)
    frame = passengers()
    told: list[float] = []
    prepared = prepare(project(), table(frame), None, tmp_path, lambda share, text: told.append(share))
    train = prepared.part("train")
    assert np.array_equal(train.x["features"], prepared.preprocessor.transform(frame.loc[train.rows]))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10


# ---- what does not fit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "word"),
    [
        (pd.DataFrame({"only": [1.0, 2, 3]}), "only one column"),
        (pd.DataFrame(), "no columns"),
        (pd.DataFrame({"a": [], "b": []}), "No rows are left"),
        (pd.DataFrame({"a": [1.0], "label": ["x"]}), "(only one value|At least 2 rows|No target)"),
        (pd.DataFrame({"a": [1.0, 2.0], "label": [None, None]}), "(No target|At least 2)"),
    ],
)
def test_tables_that_cannot_be_learned_from(frame: pd.DataFrame, word: str):
    with pytest.raises(FeatureError, match=word) as raised:
        plan(project(), table(frame), None)
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("name", "task", "values", "word"),
    [
        ("t", "classification", [f"v{i}" for i in range(40)], "no classes to learn"),
        ("t", "regression", ["low", "high"] * 20, "as a number"),
        ("t", "regression", [3.0] * 40, "only one value"),
        ("t", "classification", ["x"] * 40, 'only one value: "x"'),
        ("t", "classification", [None] * 40, "At least 2 rows"),
        ("t", "regression", [None] * 40, "At least 2 rows"),
    ],
)
def test_targets_that_cannot_be_learned(name: str, task: str, values: list, word: str):
    frame = pd.DataFrame({"a": np.linspace(0, 1, 40), name: values})
    features = Features(task=task, columns=(ColumnFeature(name, "target", "auto"),))
    with pytest.raises(FeatureError, match=word):
        plan(project(features), table(frame), None)


def test_a_folder_that_cannot_be_written(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(DataError, match="could not be written") as raised:
        prepare(project(), table(passengers()), None, blocked)
    assert raised.value.where == str(blocked)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepared_module.np, "save", full)
    with pytest.raises(DataError, match="No space left"):
        prepare(project(), table(passengers()), None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_giving_up_leaves_nothing_behind(tmp_path: Path):
    with pytest.raises(Cancelled):
        prepare(project(), table(passengers()), None, tmp_path, cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept(tmp_path: Path):
    left, fresh = tmp_path / ".preparing-a", tmp_path / ".preparing-b"
    left.mkdir()
    fresh.mkdir()
    os.utime(left, (time.time() - 86_400,) * 2)
    prepare(project(), table(passengers()), None, tmp_path)
    assert not left.exists()
    assert fresh.exists()


# ---- pictures --------------------------------------------------------------------------------------------------


def test_pictures_in_memory_are_stored_as_bytes(tmp_path: Path):
    data = pictures(count=90)
    prepared = prepare(project(), data, None, tmp_path)
    (info,) = prepared.facts.inputs
    assert (info.name, info.kind, info.shape, info.dtype) == ("image", "image", (12, 12, 1), "uint8")
    for name in PARTS:
        part = prepared.part(name)
        assert np.array_equal(part.x["image"], data.array[part.rows])
        assert np.array_equal(part.y, data.labels[part.rows])
        assert part.x["image"].dtype == np.uint8
        assert part.y.dtype == np.int32
    assert prepared.facts.target.classes == data.classes


def test_pictures_in_memory_are_resized(tmp_path: Path):
    data = pictures(count=30, side=20)
    asked = project(Features(image=ImageFeature(8, 8, 3)))
    prepared = prepare(asked, data, None, tmp_path)
    part = prepared.part("train")
    assert part.x["image"].shape[1:] == (8, 8, 3)
    assert np.array_equal(part.x["image"][0], prepared.preprocessor.image(data.image(int(part.rows[0]))))


def test_unreadable_pictures_are_left_out_and_named(tmp_path: Path):
    broken = ("cat2.png", "dog7.png")
    data = load(guess_source(picture_folder(tmp_path / "pictures", broken)))
    told: list[tuple[float, str]] = []
    prepared = prepare(project(), data, None, tmp_path / "cache", lambda s, t: told.append((s, t)))
    named = {Path(item.where).name for item in (*prepared.skipped, *data.report.bad)}
    assert named == set(broken)
    assert sum(prepared.facts.rows.values()) == 22
    for name in PARTS:
        part = prepared.part(name)
        assert len(part.x["image"]) == len(part.y) == len(part.rows) == prepared.facts.rows[name]
        for x, y, row in zip(part.x["image"], part.y, part.rows, strict=True):
            assert np.array_equal(x, prepared.preprocessor.image(data.image(int(row))))
            assert y == data.labels[row]
    assert told[-1][0] == 1.0
    assert open_prepared(prepared.folder).skipped == prepared.skipped


def test_a_part_of_unreadable_pictures_only_is_an_error(tmp_path: Path):
    folder = picture_folder(tmp_path / "pictures")
    data = load(guess_source(folder))
    for file in folder.rglob("*.png"):
        file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(DataError, match="can be decoded") as raised:
        prepare(project(), data, None, tmp_path / "cache")
    assert raised.value.where
    assert list((tmp_path / "cache").iterdir()) == []


def test_decoding_can_be_given_up(tmp_path: Path):
    data = load(guess_source(picture_folder(tmp_path / "pictures")))
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(Cancelled):
        prepare(project(), data, None, tmp_path / "cache", cancelled=cancelled)
    assert list((tmp_path / "cache").iterdir()) == []


def test_one_class_of_pictures_is_refused():
    data = pictures(count=20)
    data = ImageData(data.classes, np.zeros(20, np.int32), data.parts, data.report, array=data.array)
    with pytest.raises(FeatureError, match="one class"):
        plan(project(), data, None)


@pytest.mark.parametrize("side", [-1, 5000])
def test_absurd_sizes_are_refused(side: int):
    with pytest.raises(FeatureError, match="cannot be made"):
        plan(project(Features(image=ImageFeature(side, 8, 1), split=Split())), pictures(), None)


def test_real_flowers_are_decoded_on_several_threads(tmp_path: Path, real_data: Path):
    data = load(guess_source(real_data / "images-flowers12" / "test"))
    assert isinstance(data, ImageData)
    prepared = prepare(project(), data, None, tmp_path)
    assert prepared.facts.inputs[0].shape == (64, 64, 3)
    assert sum(prepared.facts.rows.values()) + len(prepared.skipped) == len(data)
    assert len(prepared.facts.target.classes) == 12
    part = prepared.part("train")
    assert np.array_equal(part.x["image"][3], prepared.preprocessor.image(data.image(int(part.rows[3]))))


def test_real_digits_are_prepared_in_their_order(tmp_path: Path, real_data: Path):
    data = load(guess_source(real_data / "mnist"))
    prepared = prepare(project(), data, None, tmp_path)
    assert prepared.facts.rows == {"train": 56_400, "validation": 3_600, "test": 10_000}
    assert np.array_equal(prepared.part("test").x["image"][27], data.array[60_027])


# ---- other data ------------------------------------------------------------------------------------------------


def trained_on(frame: pd.DataFrame, **changes: object) -> Preprocessor:
    return make_plan(project(replace(proposed(frame), **changes)), table(frame), None).preprocessor


def test_another_table_becomes_one_test_part(tmp_path: Path):
    made = trained_on(passengers())
    other = passengers(rows=50, seed=8)
    prepared = prepare_external(made, table(other), tmp_path)
    assert prepared.facts.rows == {"train": 0, "validation": 0, "test": 50}
    part = prepared.part("test")
    assert np.array_equal(part.x["features"], made.transform(other))
    assert np.array_equal(part.y, other["Survived"])
    assert prepared.preprocessor == made
    assert prepare_external(made, table(other), tmp_path).folder == prepared.folder
    other.loc[0, "Fare"] += 1
    assert prepare_external(made, table(other), tmp_path).folder != prepared.folder


def test_rows_with_unknown_answers_are_not_scored(tmp_path: Path):
    made = trained_on(passengers())
    other = passengers(rows=50, seed=8)
    other.loc[:4, "Survived"] = 7
    prepared = prepare_external(made, table(other), tmp_path)
    assert prepared.part("test").rows.tolist() == list(range(5, 50))
    assert prepared.excluded == 5
    assert prepared.notes
    other["Survived"] = 7
    with pytest.raises(FeatureError, match="No row has an answer") as raised:
        prepare_external(made, table(other), tmp_path)
    assert "0, 1" in raised.value.remedy


def test_without_answers_there_is_nothing_to_score_but_all_to_predict(tmp_path: Path):
    made = trained_on(passengers())
    other = passengers(rows=50, seed=8).drop(columns="Survived")
    with pytest.raises(FeatureError, match='no column "Survived"'):
        prepare_external(made, table(other), tmp_path)
    part, skipped = external_arrays(made, table(other))
    assert part.x["features"].shape == (50, made.width)
    assert len(part.y) == 0
    assert len(part) == 50
    assert skipped == ()


def test_the_real_test_file_of_the_titanic_can_be_predicted(real_data: Path):
    train = load(DataSpec("csv", str(real_data / "titanic" / "train.csv")))
    assert isinstance(train, TableData)
    part, _ = external_arrays(trained_on(train.frame), load(DataSpec("csv", str(real_data / "titanic" / "test.csv"))))
    assert part.x["features"].shape[0] == 418
    assert np.isfinite(part.x["features"]).all()


def test_other_pictures_find_their_class_by_name(tmp_path: Path):
    made = make_plan(project(), pictures(), None).preprocessor
    other = pictures(count=12, side=30, channels=3)
    other = ImageData(("kind 2", "stranger", "kind 0"), other.labels, other.parts, other.report, array=other.array)
    prepared = prepare_external(made, other, tmp_path)
    part = prepared.part("test")
    assert part.y.tolist() == [2, 0] * 4
    assert prepared.excluded == 4
    everything, _ = external_arrays(made, other)
    assert everything.y.tolist() == [2, -1, 0] * 4
    assert everything.x["image"].shape == (12, 12, 12, 1)


def test_unreadable_pictures_are_told_when_predicting(tmp_path: Path):
    data = load(guess_source(picture_folder(tmp_path / "pictures")))
    made = make_plan(project(), data, None).preprocessor
    lost = Path(data.files[4])
    lost.write_bytes(lost.read_bytes()[:200])
    part, skipped = external_arrays(made, data)
    assert [Path(s.where).name for s in skipped] == [lost.name]
    assert part.rows.tolist() == [i for i in range(24) if i != 4]
    assert len(part.y) == 23
