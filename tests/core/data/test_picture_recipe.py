"""The recipe on pictures: what each step leaves, how it is told, and that new pictures go through the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from workbench.core import edits_pictures
from workbench.core.data.arrays import pictures as prepared_pictures
from workbench.core.data.dataset import ImageData, LoadReport
from workbench.core.data.external import external_arrays, prepare_external
from workbench.core.data.picture_changes import changed, changed_sizes
from workbench.core.data.picture_export import export_pictures
from workbench.core.data.picture_recipe import PICTURE_STEPS, clean_pictures, renamed_classes
from workbench.core.data.pipeline import materialise, stage
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.sources import load
from workbench.core.data.step_picture import lasting_names
from workbench.core.errors import DataError
from workbench.core.project import DataSpec, Features, ImageFeature, Project, Step

PIXELS = (
    Step("c", "crop_pictures", {"left": 10.0, "top": 25.0, "right": 5.0}),
    Step("i", "invert_pictures"),
    Step("g", "grey_pictures"),
    Step("r", "resize_pictures", {"width": 21, "height": 17, "resize": "fit"}),
)


def in_memory(n: int = 40, channels: int = 1, side: int = 12, classes: int = 3) -> ImageData:
    rng = np.random.default_rng(1)
    array = rng.integers(0, 256, (n, side, side, channels), np.uint8)
    labels = (np.arange(n) % classes).astype(np.int32)
    parts = np.zeros(n, np.uint8)
    return ImageData(tuple("abcdefgh"[:classes]), labels, parts, LoadReport(rows=n), array)


def folder(root: Path, sizes: tuple[tuple[int, int], ...] = ((40, 60), (52, 33))) -> Path:
    rng = np.random.default_rng(2)
    for name in ("cat", "dog"):
        (root / "pets" / name).mkdir(parents=True)
        for i in range(6):
            height, width = sizes[i % len(sizes)]
            pixels = rng.integers(0, 256, (height // 4, width // 4, 3), np.uint8)
            Image.fromarray(pixels).resize((width, height)).save(root / "pets" / name / f"{i}.png")
    return root / "pets"


def outcome(data: ImageData, kind: str, **params: object):
    cleaned = clean_pictures(data, (Step("s", kind, params),))
    return cleaned.data, cleaned.outcomes[0]


# ---- taking away -------------------------------------------------------------------------------------------------


def test_the_same_picture_twice_is_kept_once_and_that_of_the_test_part_first():
    data = in_memory()
    data.array[20] = data.array[4]
    data.array[31] = data.array[4]
    parts = data.parts.copy()
    parts[31] = 1
    data = replace(data, parts=parts)
    left, told = outcome(data, "drop_same_pictures")
    assert (told.rows_before, told.rows_after, told.error) == (40, 38, "")
    assert 31 in left.numbers
    assert not {4, 20} & set(left.numbers.tolist())


def test_pictures_of_several_classes_can_all_go():
    data = in_memory()
    data.array[21] = data.array[3]  # both of class a
    data.array[20] = data.array[4]  # c and b
    left, _ = outcome(data, "drop_same_pictures", clash="drop all")
    assert 3 in left.numbers
    assert not {4, 20, 21} & set(left.numbers.tolist())


def test_blank_and_unreadable_pictures_go(tmp_path):
    root = folder(tmp_path)
    Image.new("RGB", (30, 30), (200, 200, 190)).save(root / "cat" / "blank.png")
    whole = (root / "dog" / "0.png").read_bytes()
    (root / "dog" / "cut.png").write_bytes(whole[: len(whole) // 3])
    data = load(DataSpec("images", str(root)))
    cleaned = clean_pictures(data, (Step("b", "drop_blank_pictures"), Step("u", "drop_unreadable_pictures")))
    assert [(o.rows_before, o.rows_after) for o in cleaned.outcomes] == [(14, 13), (13, 12)]
    names = [cleaned.data.name(i) for i in range(12)]
    assert "cat/blank.png" not in names
    assert "dog/cut.png" not in names


def test_rebalancing_is_the_same_again_and_leaves_a_given_test_part_whole():
    data = in_memory(classes=2)
    labels = data.labels.copy()
    labels[:30] = 0
    parts = np.zeros(40, np.uint8)
    parts[:5] = 1
    data = replace(data, labels=labels, parts=parts)
    left, _ = outcome(data, "rebalance_pictures")
    main = left.labels[left.parts == 0]
    assert np.bincount(main).tolist() == [5, 5]
    assert (left.parts == 1).sum() == 5
    again, _ = outcome(data, "rebalance_pictures")
    other, _ = outcome(data, "rebalance_pictures", seed=1)
    assert left.numbers.tolist() == again.numbers.tolist() != other.numbers.tolist()


def test_a_step_that_would_leave_nothing_says_so_and_is_passed_over():
    data = replace(in_memory(), array=np.full((40, 12, 12, 1), 7, np.uint8))
    left, told = outcome(data, "drop_blank_pictures")
    assert len(left) == 40
    assert "No picture would be left" in told.error


@pytest.mark.parametrize(
    ("kind", "params", "word"),
    [
        ("crop_pictures", {"left": 60.0, "right": 40.0}, "Nothing would be left"),
        ("crop_pictures", {"top": "much"}, "share"),
        ("resize_pictures", {"width": 0, "height": 3}, "cannot be made"),
        ("resize_pictures", {"resize": "melt"}, "melt"),
        ("drop_near_pictures", {"likeness": 20}, "likeness"),
        ("drop_same_pictures", {"clash": "fight"}, "fight"),
        ("drop_classes", {"classes": ["unicorn"]}, "unicorn"),
        ("drop_classes", {}, "No class is chosen"),
        ("merge_classes", {"classes": ["a"], "name": "  "}, "no name"),
        ("rebalance_pictures", {"most": -3}, "count"),
        ("drop_pictures", {"pictures": ["gone", "too"]}, "None of the 2"),
        ("trim_text", {"columns": ["x"]}, "does not know"),
    ],
)
def test_what_does_not_fit_is_said_in_words_and_the_other_steps_go_on(kind, params, word):
    data = in_memory()
    cleaned = clean_pictures(data, (Step("w", kind, params), Step("i", "invert_pictures")))
    assert word in cleaned.outcomes[0].error
    assert len(cleaned.data) == 40
    assert cleaned.outcomes[1].cells_changed == 40


def test_every_kind_of_step_has_words_and_does_without_parameters():
    data = in_memory()
    for kind in PICTURE_STEPS.values():
        assert kind.title
        assert kind.blurb
        assert kind.summary({})
        clean_pictures(data, (Step("s", kind.kind),))


# ---- classes -----------------------------------------------------------------------------------------------------


def test_relabelled_pictures_follow_their_file_when_others_come_and_go(tmp_path):
    root = folder(tmp_path)
    steps = (Step("r", "relabel_pictures", {"labels": {"cat/3.png": "dog", "cat/4.png": "fox", "cat/99.png": "dog"}}),)
    (root / "cat" / "00 new.png").write_bytes((root / "cat" / "0.png").read_bytes())
    (root / "cat" / "1.png").unlink()
    data = load(DataSpec("images", str(root)))
    cleaned = clean_pictures(data, steps)
    by_name = {cleaned.data.name(i): cleaned.data.classes[k] for i, k in enumerate(cleaned.data.labels)}
    assert cleaned.data.classes == ("cat", "dog", "fox")
    assert by_name["cat/3.png"] == "dog"
    assert by_name["cat/4.png"] == "fox"
    assert sum(name == "cat" for name in by_name.values()) == 4
    assert cleaned.outcomes[0].cells_changed == 2
    assert cleaned.outcomes[0].note == "1 of its 3 pictures is no longer there."
    assert cleaned.difference("r").relabelled.tolist() == [
        i for i in range(len(data)) if data.name(i) in ("cat/3.png", "cat/4.png")
    ]


def test_a_class_without_pictures_is_none():
    data = in_memory(6, classes=3)
    names = lasting_names(data)
    left, _ = outcome(data, "relabel_pictures", labels={names[0]: "b", names[3]: "c"})
    assert left.classes == ("b", "c")
    assert [left.classes[k] for k in left.labels] == ["b", "b", "c", "c", "b", "c"]


def test_classes_are_merged_renamed_and_dropped():
    data = in_memory(9, classes=3)
    merged, _ = outcome(data, "merge_classes", classes=["a", "b"], name="both")
    assert merged.classes == ("both", "c")
    assert np.bincount(merged.labels).tolist() == [6, 3]
    left, told = outcome(data, "drop_classes", classes=["b"])
    assert left.classes == ("a", "c")
    assert told.rows_after == 6
    steps = (Step("", "merge_classes", {"classes": ["a", "b"], "name": "both"}),)
    assert renamed_classes(steps, ("a", "c")) == ("both", "c")


def test_pictures_of_one_name_are_told_apart():
    data = replace(in_memory(3), names=("x.png", "x.png", "y.png"))
    assert lasting_names(data) == ("x.png", "x.png (2)", "y.png")
    parted = replace(in_memory(5), parts=np.array([0, 0, 1, 1, 2], np.uint8))
    assert lasting_names(parted) == tuple(parted.name(i) for i in range(5))


def test_hands_gather_in_one_step_until_another_comes_between():
    project = Project()
    for edit in (
        edits_pictures.relabel_pictures(["p"], "cat"),
        edits_pictures.relabel_pictures(["q", "p"], "dog"),
        edits_pictures.drop_pictures(["p"]),
        edits_pictures.drop_pictures(["q", "p"]),
        edits_pictures.relabel_pictures(["r"], " big  cat "),
    ):
        project = edit(project)
    assert [step.kind for step in project.recipe] == ["relabel_pictures", "drop_pictures", "relabel_pictures"]
    assert project.recipe[0].params == {"labels": {"p": "dog", "q": "dog"}}
    assert project.recipe[1].params == {"pictures": ["p", "q"]}
    assert project.recipe[2].params == {"labels": {"r": "big cat"}}


# ---- pixels ------------------------------------------------------------------------------------------------------


def test_grey_is_what_pillow_makes_of_it():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    made = changed(pixels, (Step("", "grey_pictures"),))
    assert np.array_equal(made[:, :, 0], np.asarray(Image.fromarray(pixels).convert("L")))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from((1, 3)),
    st.lists(
        st.one_of(
            st.builds(
                lambda a, b, c, d: Step("", "crop_pictures", {"left": a, "top": b, "right": c, "bottom": d}),
                *[st.integers(0, 49)] * 4,
            ),
            st.just(Step("", "grey_pictures")),
            st.just(Step("", "invert_pictures")),
            st.builds(
                lambda h, w, way: Step("", "resize_pictures", {"height": h, "width": w, "resize": way}),
                st.integers(1, 30),
                st.integers(1, 30),
                st.sampled_from(("fit", "fill", "stretch")),
            ),
        ),
        max_size=4,
    ),
)
def test_sizes_foretold_are_those_made_for_one_and_for_many(height, width, channels, steps):
    several = np.random.default_rng(0).integers(0, 256, (3, height, width, channels), np.uint8)
    made = changed(several, steps)
    assert made.shape[1:3] == tuple(changed_sizes(np.array([[height, width]], np.int32), steps)[0])
    assert all(np.array_equal(changed(one, steps), whole) for one, whole in zip(several, made, strict=True))


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_new_pictures_become_exactly_what_training_pictures_became(tmp_path, kind):
    """Prepared arrays, the Test page's `image`, `external_arrays` and a preprocessor from a card agree bit for bit."""
    root = folder(tmp_path)
    before = {file: file.read_bytes() for file in root.rglob("*.png")}
    data = load(DataSpec("images", str(root))) if kind == "folder" else in_memory(30, channels=3)
    project = Project(
        data=DataSpec("images", str(root)) if kind == "folder" else None,
        recipe=(Step("x", "drop_pictures", {"pictures": [lasting_names(data)[1]]}), *PIXELS),
        features=Features(image=ImageFeature(16, 16, 1)),
    )
    if kind == "folder":
        prepared = materialise(stage(project), tmp_path / "cache")
    else:
        from workbench.core.data.prepared import prepare

        prepared = prepare(project, data, clean_pictures(data, project.recipe), tmp_path / "cache")
    preprocessor = Preprocessor.from_json(prepared.preprocessor.to_json())
    assert [step.kind for step in preprocessor.recipe] == [step.kind for step in PIXELS]
    seen = 0
    for name in ("train", "validation", "test"):
        part = prepared.part(name)
        for row, x in zip(part.rows.tolist(), part.x["image"], strict=True):
            assert row != 1
            assert np.array_equal(preprocessor.image(data.raw(row)), x)
            seen += 1
    assert seen == len(data) - 1
    asked, skipped = external_arrays(preprocessor, data)
    assert not skipped
    part = prepared.part("train")
    assert np.array_equal(asked.x["image"][part.rows], part.x["image"])
    assert {file: file.read_bytes() for file in root.rglob("*.png")} == before


def test_other_labelled_pictures_are_scored_under_the_merged_names(tmp_path):
    data = in_memory(30, classes=3)
    steps = (Step("m", "merge_classes", {"classes": ["a", "b"], "name": "both"}),)
    from workbench.core.data.prepared import plan

    _, preprocessor = plan(Project(recipe=steps), data, clean_pictures(data, steps))
    assert preprocessor.classes == ("both", "c")
    other = in_memory(9, classes=3)
    scored = prepare_external(preprocessor, other, tmp_path)
    assert np.asarray(scored.part("test").y).tolist() == [0, 0, 1] * 3


def test_small_pictures_in_memory_are_changed_many_at_once():
    data = in_memory(50)
    steps = (Step("i", "invert_pictures"), Step("c", "crop_pictures", {"left": 25.0}))
    cleaned = clean_pictures(data, steps)
    preprocessor = Preprocessor("images", (), ImageFeature(12, 9, 1), recipe=cleaned.data.changes)
    pieces = list(prepared_pictures(cleaned.data, np.array([7, 3]), preprocessor, []))
    assert len(pieces) == 1
    assert np.array_equal(pieces[0][1], 255 - data.array[[7, 3]][:, :, 3:])


def test_switched_off_steps_change_nothing_and_another_step_changes_the_key_of_the_arrays(tmp_path):
    root = folder(tmp_path)
    plain = Project(data=DataSpec("images", str(root)))
    off = replace(plain, recipe=(Step("i", "invert_pictures", enabled=False),))
    on = replace(plain, recipe=(Step("i", "invert_pictures"),))
    places = [materialise(stage(p), tmp_path / "cache").folder for p in (plain, off, on)]
    assert places[0] == places[1] != places[2]


# ---- export ------------------------------------------------------------------------------------------------------


def test_exported_pictures_are_those_after_the_steps_and_open_again(tmp_path):
    root = folder(tmp_path)
    data = load(DataSpec("images", str(root)))
    steps = (
        Step("r", "relabel_pictures", {"labels": {"cat/0.png": "a/b: c?"}}),
        Step("d", "drop_pictures", {"pictures": ["dog/5.png"]}),
        *PIXELS,
    )
    cleaned = clean_pictures(data, steps).data
    assert export_pictures(cleaned, tmp_path / "out") == 11
    again = load(DataSpec("images", str(tmp_path / "out")))
    assert np.bincount(again.labels).tolist() == [1, 5, 5]
    assert np.array_equal(again.image(1)[:, :, 0], cleaned.image(1)[:, :, 0])
    with pytest.raises(DataError, match="not empty"):
        export_pictures(cleaned, tmp_path / "out")
