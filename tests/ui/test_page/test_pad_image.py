"""A drawing becomes what the net was trained on."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from workbench.ui.test.pad_image import PadStyle, from_pad, ink_box, placed, resampled, style_of


def stroke(size: int = 280) -> np.ndarray:
    """An upright bar, off centre."""
    ink = np.zeros((size, size), np.uint8)
    ink[40:200, 30:54] = 255
    return ink


def test_a_bar_is_cropped_scaled_to_20_pixels_and_centred() -> None:
    out = from_pad(stroke(), (28, 28, 1), PadStyle())
    assert out.shape == (28, 28, 1)
    assert out.dtype == np.uint8
    top, bottom, left, right = ink_box(out[:, :, 0]) or (0, 0, 0, 0)
    assert bottom - top == 20
    assert right - left == 3
    assert abs((top + bottom) / 2 - 14) <= 1
    assert abs((left + right) / 2 - 14) <= 1


def test_where_on_the_pad_it_is_drawn_does_not_matter() -> None:
    moved = np.roll(stroke(), (50, 120), (0, 1))
    np.testing.assert_array_equal(from_pad(stroke(), (28, 28, 1), PadStyle()), from_pad(moved, (28, 28, 1), PadStyle()))


def test_dark_ink_on_bright_paper_and_three_channels() -> None:
    out = from_pad(stroke(), (32, 32, 3), PadStyle(bright_ink=False, centred=False))
    assert out.shape == (32, 32, 3)
    assert out[0, 0].tolist() == [255, 255, 255]
    assert out.min() == 0


def test_an_empty_pad_is_paper() -> None:
    empty = np.zeros((280, 280), np.uint8)
    assert from_pad(empty, (28, 28, 1), PadStyle()).max() == 0
    assert from_pad(empty, (28, 28, 1), PadStyle(bright_ink=False)).min() == 255


def test_a_dot_and_a_line_stay_inside() -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[100, 100] = 255
    assert placed(ink, 28, 28, 20 / 28).max() > 0
    ink[:] = 0
    ink[:, 0] = 255
    ink[0, :] = 255  # its centre of mass lies near the corner
    out = placed(ink, 28, 28, 1.0)
    assert out.shape == (28, 28)
    assert out.max() > 0


def test_resampling_keeps_the_mean() -> None:
    picture = np.random.default_rng(0).random((37, 53)).astype(np.float32)
    assert abs(resampled(picture, 11, 7).mean() - picture.mean()) < 1e-3
    np.testing.assert_allclose(resampled(picture, 37, 53), picture, rtol=1e-6)


def test_photographs_are_not_cropped() -> None:
    photos = np.random.default_rng(0).integers(60, 255, (20, 32, 32, 3), dtype=np.uint8)
    style = style_of(photos)
    assert not style.centred
    assert not style.bright_ink


def test_the_style_of_real_digits_is_measured(real_data: Path) -> None:
    file = next((real_data / "mnist").glob("t10k-images*"))
    with gzip.open(file) as packed:
        raw = np.frombuffer(packed.read(16 + 300 * 784), np.uint8, offset=16)
    style = style_of(raw.reshape(-1, 28, 28, 1))
    assert style.bright_ink
    assert style.centred
    assert abs(style.share - 20 / 28) < 0.04
    # a digit of the set drawn large on the pad comes back nearly as it was
    digit = raw.reshape(-1, 28, 28)[1]
    ink = np.kron(digit, np.ones((10, 10), np.uint8))
    back = from_pad(ink, (28, 28, 1), style)[:, :, 0].astype(float)
    assert np.corrcoef(back.ravel(), digit.ravel().astype(float))[0, 1] > 0.97


def test_the_pen_is_as_thick_as_the_digits_were_written() -> None:
    from workbench.core.data.samples import load_sample

    digits = load_sample("digits", {})
    style = style_of(digits.array[:300])
    ink = np.zeros((280, 280), np.uint8)
    wide = round(style.brush * 280)
    ink[40:240, 140 - wide // 2 : 140 + wide // 2] = 255  # a one, drawn with that pen
    ones = digits.array[digits.labels == 1].astype(float)
    drawn = from_pad(ink, (8, 8, 1), style).astype(float)
    assert 0.6 < drawn.mean() / ones.mean() < 1.4
    thin = style_of((np.eye(28, dtype=np.uint8) * 255)[None, :, :, None])
    assert thin.brush < style.brush
