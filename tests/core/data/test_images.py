"""Pictures: folders of class folders, safe decoding, and what is set aside."""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.data.pictures import MAX_PIXELS, read_header, read_picture, shrink
from workbench.core.data.profile import profile_images
from workbench.core.data.sources import guess_source, load
from workbench.core.errors import Cancelled, DataError
from workbench.core.project import DataSpec


def save(path: Path, size=(8, 6), color=(200, 30, 30), mode="RGB", **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)
    return path


def open_folder(folder: Path, **options):
    return load(DataSpec("images", str(folder), **options))


@pytest.fixture
def folder(tmp_path):
    for part, count in (("train", 3), ("test", 2)):
        for name in ("10", "2", "1"):
            for i in range(count):
                save(tmp_path / "set" / part / name / f"{i}.png", color=(i, 0, 0))
    return tmp_path / "set"


def test_parts_and_classes_of_a_folder(folder):
    assert guess_source(folder).source == "images"
    data = open_folder(folder)
    assert data.classes == ("1", "2", "10")
    assert np.bincount(data.labels).tolist() == [5, 5, 5]
    assert np.bincount(data.parts).tolist() == [9, 6]
    assert data.name(0) == "train/1/0.png"
    assert data.image(2).shape == (6, 8, 3)
    assert data.image(2)[0, 0].tolist() == [2, 0, 0]
    assert data.sizes().tolist() == [[6, 8]] * 15


def test_validation_folder_and_a_wrapping_folder(folder, tmp_path):
    save(folder / "Val" / "2" / "v.png")
    data = open_folder(tmp_path)
    assert (data.parts == 2).sum() == 1


def test_a_separate_test_folder(folder, tmp_path):
    save(tmp_path / "other" / "2" / "a.png")
    data = open_folder(folder / "train", test_path=str(tmp_path / "other"))
    assert data.parts.tolist() == [0] * 9 + [1]
    assert data.classes[data.labels[-1]] == "2"


def test_a_flat_folder_is_one_class(tmp_path):
    """Enough for a model that rebuilds its pictures."""
    save(tmp_path / "train" / "a.png")
    save(tmp_path / "test" / "b.png")
    data = open_folder(tmp_path)
    assert data.classes == (tmp_path.name,)
    assert data.parts.tolist() == [0, 1]
    assert "no class folders" in data.report.notes[0]


def test_an_empty_folder_is_refused(tmp_path):
    save(tmp_path / "flat" / "a.png")
    (tmp_path / "none" / "sub").mkdir(parents=True)
    with pytest.raises(DataError, match="no pictures"):
        open_folder(tmp_path / "none")
    with pytest.raises(DataError, match="not there"):
        open_folder(tmp_path / "gone")
    with pytest.raises(DataError, match="single picture"):
        guess_source(tmp_path / "flat" / "a.png")


def test_unreadable_files_are_listed_with_why(folder):
    (folder / "train" / "1" / "broken.png").write_bytes(b"not a picture")
    (folder / "train" / "1" / "empty.jpg").write_bytes(b"")
    (folder / "train" / "2" / "notes.txt").write_text("hello")
    data = open_folder(folder)
    assert len(data) == 15
    bad = {item.where: item.what for item in data.report.bad}
    assert bad["train/1/broken.png"] == "The file is not a picture of a known format."
    assert bad["train/1/empty.jpg"] == "The file is empty."
    assert "notes.txt" in bad
    profile = profile_images(data)
    assert profile.class_counts == (5, 5, 5)
    assert profile.sizes == (((6, 8), 15),)
    assert profile.channels == 3
    assert len(profile.unreadable) == 3


def test_a_link_back_up_is_not_followed(folder):
    os.symlink(folder, folder / "train" / "1" / "loop")
    os.symlink(folder / "train", folder / "train" / "self")
    assert len(open_folder(folder)) == 15


def test_turned_grey_deep_palette_and_transparent_pictures(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "turned.jpg", size=(8, 4), exif=exif)
    header = read_header(str(path))
    assert (header.height, header.width) == (8, 4)
    assert read_picture(str(path)).shape == (8, 4, 3)
    assert read_picture(str(save(tmp_path / "grey.png", mode="L", color=77)))[0, 0].tolist() == [77]
    deep = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 32768, 65535]], np.uint16)).save(deep)
    assert read_picture(str(deep))[0, :, 0].tolist() == [0, 128, 255]
    clear = save(tmp_path / "clear.png", mode="RGBA", color=(255, 0, 0, 0))
    assert read_picture(str(clear))[0, 0].tolist() == [255, 255, 255]
    palette = tmp_path / "palette.gif"
    Image.new("RGB", (4, 4), (0, 128, 0)).convert("P").save(palette)
    assert read_picture(str(palette)).shape == (4, 4, 3)
    bits = save(tmp_path / "bits.png", mode="1", color=1)
    assert read_picture(str(bits))[0, 0].tolist() == [255]
    assert read_picture(str(save(tmp_path / "cmyk.jpg", mode="CMYK", color=(0, 0, 0, 0))), channels=1).shape == (
        6,
        8,
        1,
    )


def test_a_decompression_bomb_is_refused_before_decoding(tmp_path):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (20_000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    body = zlib.compress(bytes(1_000_000), 9)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    with pytest.raises(DataError) as caught:
        read_header(str(path))
    assert "pixels" in caught.value.what or "too large" in caught.value.what
    assert MAX_PIXELS == 50_000_000


def test_a_truncated_picture_says_so_when_it_is_decoded(tmp_path):
    path = save(tmp_path / "a" / "x.jpg", size=(64, 64))
    save(tmp_path / "b" / "y.jpg")
    path.write_bytes(path.read_bytes()[:-20])
    data = open_folder(tmp_path)
    with pytest.raises(DataError, match="cannot be decoded"):
        data.image(0)
    path.unlink()
    with pytest.raises(DataError, match="no longer there"):
        data.image(0)


def test_thumbnails_keep_the_aspect(tmp_path):
    path = save(tmp_path / "wide.jpg", size=(400, 100))
    assert read_picture(str(path), longest=40).shape == (10, 40, 3)
    assert shrink(np.zeros((10, 20, 1), np.uint8), 5).shape[2] == 1
    assert shrink(np.zeros((4, 4, 3), np.uint8), 5).shape == (4, 4, 3)


def test_pictures_can_be_read_from_several_threads(folder):
    data = open_folder(folder)
    wrong: list[int] = []

    def look() -> None:
        for i in range(len(data)):
            if data.image(i)[0, 0, 0] != int(data.name(i)[-5]):
                wrong.append(i)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_opening_can_be_cancelled(folder):
    with pytest.raises(Cancelled):
        load(DataSpec("images", str(folder)), cancelled=lambda: True)


def test_flowers_have_twelve_classes_and_a_test_part(real_data: Path):
    data = load(guess_source(real_data / "images-flowers12"))
    assert len(data) == 960
    assert len(data.classes) == 12
    assert (data.parts == 1).sum() == 240
    assert not [item for item in data.report.bad if item.what != "The file is not a picture."]
    assert data.image(0).dtype == np.uint8


def test_hostile_pictures_never_crash(real_data: Path):
    """Whatever passes the header is decoded in the size it promised, or says why not."""
    data = load(guess_source(real_data / "hostile-images"))
    assert len(data) > 200
    assert all(item.what and item.where for item in data.report.bad)
    decoded = 0
    for i, (height, width) in enumerate(data.sizes().tolist()):
        try:
            pixels = data.image(i)
        except DataError:
            continue
        assert pixels.shape == (height, width, data.channels()[i])
        decoded += 1
    assert decoded > 150


def test_a_pipe_among_the_pictures_stops_nothing(folder):
    os.mkfifo(next(p for p in folder.rglob("*.png")).parent / "pipe.png")
    assert any("no ordinary file" in item.what for item in load(guess_source(folder)).report.bad)
