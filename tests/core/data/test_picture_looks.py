"""Looking at pictures once: duplicates, near ones, blank and unreadable ones, and what is suggested about them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from workbench.core.data.dataset import ImageData, LoadReport
from workbench.core.data.picture_looks import _look, known_looks, looks_of
from workbench.core.data.picture_recipe import clean_pictures
from workbench.core.data.picture_twins import near_groups, same_groups
from workbench.core.data.sources import guess_source, load
from workbench.core.data.suggest_pictures import picture_look, suggest_pictures
from workbench.core.errors import Cancelled
from workbench.core.project import DataSpec, Step


def scene(seed: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """A smooth picture of its own, as photographs are."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (7, 9, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve scenes of two classes, and copies of the first: as it is, re-saved, smaller, brighter, slightly cut."""
    root = tmp_path / "photos"
    for i in range(12):
        place = root / ("hill" if i % 2 else "lake")
        place.mkdir(parents=True, exist_ok=True)
        scene(i).save(place / f"scene {i:02}.png")
    first = scene(0)
    (root / "hill" / "copy.png").write_bytes((root / "lake" / "scene 00.png").read_bytes())
    buffer = io.BytesIO()
    first.save(buffer, "JPEG", quality=60)
    (root / "lake" / "resaved.jpg").write_bytes(buffer.getvalue())
    first.resize((60, 45)).save(root / "lake" / "smaller.png")
    ImageEnhance.Brightness(first).enhance(1.08).save(root / "lake" / "brighter.png")
    first.crop((1, 1, 119, 89)).save(root / "lake" / "cut.png")
    return root


def names(data: ImageData, groups: np.ndarray) -> list[list[str]]:
    found = np.unique(groups[groups >= 0]).tolist()
    return [sorted(data.name(i).split("/")[1] for i in np.flatnonzero(groups == g)) for g in found]


def test_copies_are_found_and_other_scenes_are_not(photos):
    data = load(DataSpec("images", str(photos)))
    looks = looks_of(data)
    assert names(data, same_groups(looks)) == [["copy.png", "scene 00.png"]]
    copies = ["brighter.png", "copy.png", "cut.png", "resaved.jpg", "scene 00.png", "smaller.png"]
    assert names(data, near_groups(looks)) == [copies]


def test_of_near_duplicates_the_largest_is_kept(photos):
    data = load(DataSpec("images", str(photos)))
    (photos / "lake" / "scene 00.png").unlink()
    (photos / "hill" / "copy.png").unlink()
    data = load(DataSpec("images", str(photos)))
    left = clean_pictures(data, (Step("n", "drop_near_pictures"),)).data
    kept = {left.name(i).split("/")[1] for i in range(len(left))}
    assert len(left) == 12
    assert "smaller.png" not in kept
    assert "cut.png" not in kept


def test_pictures_in_memory_and_as_files_look_alike(tmp_path):
    rng = np.random.default_rng(0)
    array = rng.integers(0, 256, (6, 20, 14, 3), np.uint8)
    labels = np.array([0, 1] * 3, np.int32)
    for i in range(6):
        place = tmp_path / "set" / "ab"[i % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array[i]).save(place / f"{i}.png")
    stored = load(DataSpec("images", str(tmp_path / "set")))
    order = [int(Path(file).stem) for file in stored.files]
    memory = ImageData(("a", "b"), labels, np.zeros(6, np.uint8), LoadReport(rows=6), array[order])
    one, other = looks_of(stored), looks_of(memory)
    assert np.allclose(one.brightness, other.brightness)
    assert np.array_equal(one.spread, other.spread)
    assert np.array_equal(one.colour, other.colour)
    assert np.abs(one.small.astype(int) - other.small).max() <= 1


def test_what_was_seen_is_kept_until_the_files_change(photos, monkeypatch):
    data = load(DataSpec("images", str(photos)))
    assert known_looks(data) is None
    first = looks_of(data)
    assert known_looks(data) is first
    monkeypatch.setattr("workbench.core.data.picture_looks._look", None)  # read again, not looked at again
    again = looks_of(load(DataSpec("images", str(photos))))
    assert np.array_equal(again.small, first.small)
    assert np.array_equal(again.content, first.content)
    monkeypatch.undo()
    scene(40).save(photos / "lake" / "another.png")
    assert len(looks_of(load(DataSpec("images", str(photos))))) == len(first) + 1


def test_looking_can_be_given_up_and_begun_again(photos):
    data = replace(load(DataSpec("images", str(photos))), report=LoadReport())
    with pytest.raises(Cancelled):
        looks_of(data, cancelled=lambda: True)
    told: list[float] = []
    assert len(looks_of(data, lambda share, text: told.append(share))) == len(data)
    assert told
    assert told[0] == 0.0


def test_suggestions_name_what_is_wrong_and_mend_it(photos):
    Image.new("L", (40, 40), 255).save(photos / "lake" / "white.png")
    whole = (photos / "lake" / "scene 02.png").read_bytes()
    (photos / "hill" / "cut short.png").write_bytes(whole[: len(whole) // 2])
    data = load(DataSpec("images", str(photos)))
    cleaned = clean_pictures(data, ())
    found = suggest_pictures(cleaned.data, looks_of(data))
    assert [s.step.kind for s in found] == [
        "drop_unreadable_pictures",
        "drop_near_pictures",
        "drop_same_pictures",
        "drop_blank_pictures",
    ]
    assert "hill/cut short.png" in found[0].reason
    assert "under several classes" in found[1].reason
    assert "hill and lake" in found[1].reason
    again = clean_pictures(data, [replace(s.step, id=str(i)) for i, s in enumerate(found)])
    assert not any(o.error for o in again.outcomes)
    assert suggest_pictures(again.data, looks_of(data)) == ()


def test_grey_pictures_stored_in_colour_and_uneven_classes_are_pointed_out():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (60, 8, 8, 1), np.uint8)
    labels = np.array([0] * 5 + [1] * 55, np.int32)
    data = ImageData(("few", "many"), labels, np.zeros(60, np.uint8), LoadReport(rows=60), grey.repeat(3, axis=3))
    found = suggest_pictures(clean_pictures(data, ()).data, looks_of(data))
    assert [s.step.kind for s in found] == ["grey_pictures", "rebalance_pictures"]
    assert not found[1].step.enabled  # balancing on Features loses nothing
    assert "11 times" in found[1].reason


def test_thousands_of_equal_pictures_are_one_group():
    array = np.tile(np.random.default_rng(0).integers(0, 256, (1, 16, 16, 1), np.uint8), (3000, 1, 1, 1))
    noise = np.random.default_rng(1).integers(-1, 2, array.shape)
    array = np.clip(array.astype(int) + noise, 0, 255).astype(np.uint8)
    data = ImageData(("a",), np.zeros(3000, np.int32), np.zeros(3000, np.uint8), LoadReport(), array)
    groups = near_groups(looks_of(data))
    assert (groups >= 0).all()
    assert len(np.unique(groups)) <= 3


def test_the_look_counts_only_what_is_still_there(photos):
    data = load(DataSpec("images", str(photos)))
    looks = looks_of(data)
    copies = [data.name(i) for i in range(len(data)) if "scene" not in data.name(i)]
    left = clean_pictures(data, (Step("d", "drop_pictures", {"pictures": copies}),)).data
    seen = picture_look(left, looks)
    assert (seen.near < 0).all()
    assert sum(seen.brightness) == 12


def test_hostile_pictures_are_looked_at_in_bounded_memory(real_data: Path):
    data = load(guess_source(real_data / "hostile-images"))
    looks = _look(data, None, None)
    assert len(looks) == len(data)
    assert 0 < len(looks.why) < len(data)
    assert all(looks.why.values())
    cleaned = clean_pictures(data, (Step("u", "drop_unreadable_pictures"),))
    for i in range(0, len(cleaned.data), 7):
        assert cleaned.data.image(i).dtype == np.uint8


def test_real_flowers_hold_pairs_and_digits_hardly_any(real_data: Path):
    flowers = load(guess_source(real_data / "images-flowers12"))
    groups = near_groups(looks_of(flowers))
    assert len(np.unique(groups[groups >= 0])) == 60
    digits = load(DataSpec("idx", str(real_data / "mnist")))
    assert (near_groups(looks_of(digits)) >= 0).sum() < 40
