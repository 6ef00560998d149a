"""What a recipe does to a picture's pixels: cut, made grey, inverted, brought to a size.

The same functions run for training, on the Test page, in `predict` and for an exported file, always on the picture as
it is in its source, so that a new picture becomes exactly what a training picture became. Shares count from the
upright picture; the order of the steps is the recipe's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from workbench.core.errors import StepError
from workbench.core.project import ImageFeature, Json, Step

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Sizes = np.ndarray[Any, np.dtype[np.int32]]
Params = Mapping[str, Json]

CROP, GREY, INVERT, RESIZE = "crop_pictures", "grey_pictures", "invert_pictures", "resize_pictures"
CHANGES = (CROP, GREY, INVERT, RESIZE)
SIDES = ("left", "top", "right", "bottom")
LARGEST = 4096
_RED, _GREEN, _BLUE, _HALF = 19595, 38470, 7471, 0x8000  # ITU-R 601-2 luma in 16 bit steps, as Pillow reckons it


def changed(pixels: Pixels, steps: Sequence[Step]) -> Pixels:
    """The picture after those of the steps that change pixels.

    Args:
        pixels: uint8 (..., H, W, C) with C 1 or 3: one picture, or several of one size.
        steps: in order; all of them are taken as switched on. Kinds that are not in CHANGES are passed over.

    Raises:
        StepError: a parameter does not fit.
    """
    for step in steps:
        change = _CHANGE.get(step.kind)
        pixels = pixels if change is None else change(pixels, step.params)
    return pixels


def changed_sizes(sizes: Sizes, steps: Sequence[Step]) -> Sizes:
    """Height and width (n, 2) of pictures of these sizes after the steps. Raises StepError."""
    for step in steps:
        if step.kind == CROP:
            top, bottom, left, right = _box(sizes[:, 0], sizes[:, 1], step.params)
            sizes = np.stack([bottom - top, right - left], axis=1).astype(np.int32)
        elif step.kind == RESIZE:
            image = target_size(step.params)
            sizes = np.tile(np.asarray([image.height, image.width], np.int32), (len(sizes), 1))
    return sizes


def changed_channels(channels: np.ndarray[Any, Any], steps: Sequence[Step]) -> np.ndarray[Any, Any]:
    """1 or 3 for each picture after the steps."""
    return np.ones_like(channels) if any(step.kind == GREY for step in steps) else channels


def shares(params: Params) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) cut away, as shares of the width and the height. Raises StepError."""
    found = []
    for side in SIDES:
        value = params.get(side, 0)
        number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else float("nan")
        if not 0 <= number < 100:
            raise StepError(
                f"{value!r} is no share that can be cut away.", where="Crop", remedy="Type a percentage from 0 to 99."
            )
        found.append(number / 100)
    left, top, right, bottom = found
    if left + right >= 1 or top + bottom >= 1:
        raise StepError(
            "Nothing would be left of the pictures.",
            where="Crop",
            remedy="Let left and right, and top and bottom, be less than 100 % together.",
        )
    return left, top, right, bottom


def target_size(params: Params) -> ImageFeature:
    """Height, width and way of a resize step. Raises StepError."""
    height, width = (params.get(name, 128) for name in ("height", "width"))
    for value in (height, width):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            raise StepError(
                f"Pictures of {height!r} x {width!r} pixels cannot be made.",
                where="Resize",
                remedy=f"Use a height and a width from 1 to {LARGEST}.",
            )
    way = str(params.get("resize", "fit"))
    if way not in ("fit", "fill", "stretch"):
        raise StepError(f'There is no way of resizing "{way}".', where="Resize", remedy='Use "fit", "fill", "stretch".')
    return ImageFeature(height, width, 3, way)


def kept_share(steps: Sequence[Step]) -> float:
    """The smaller share of a side that cropping leaves, 0..1: how much larger a preview has to be decoded."""
    wide = high = 1.0
    for step in steps:
        if step.kind == CROP:
            left, top, right, bottom = shares(step.params)
            wide, high = wide * (1 - left - right), high * (1 - top - bottom)
    return max(0.02, min(wide, high))


def check(step: Step) -> None:
    """Raises StepError when the step's parameters do not fit."""
    if step.kind == CROP:
        shares(step.params)
    elif step.kind == RESIZE:
        target_size(step.params)


def _box(height: Any, width: Any, params: Params) -> tuple[Any, Any, Any, Any]:
    """Rows top..bottom and columns left..right that stay, at least one of each. Numbers, or arrays of them."""
    left, top, right, bottom = shares(params)
    y0 = np.minimum(np.floor(height * top + 0.5).astype(np.int64), height - 1)
    x0 = np.minimum(np.floor(width * left + 0.5).astype(np.int64), width - 1)
    y1 = np.maximum(height - np.floor(height * bottom + 0.5).astype(np.int64), y0 + 1)
    x1 = np.maximum(width - np.floor(width * right + 0.5).astype(np.int64), x0 + 1)
    return y0, y1, x0, x1


def _crop(pixels: Pixels, params: Params) -> Pixels:
    y0, y1, x0, x1 = _box(np.asarray(pixels.shape[-3]), np.asarray(pixels.shape[-2]), params)
    return pixels[..., int(y0) : int(y1), int(x0) : int(x1), :]


def _grey(pixels: Pixels, params: Params) -> Pixels:
    if pixels.shape[-1] == 1:
        return pixels
    wide = pixels.astype(np.uint32)
    luma = (wide[..., 0] * _RED + wide[..., 1] * _GREEN + wide[..., 2] * _BLUE + _HALF) >> 16
    return luma.astype(np.uint8)[..., None]


def _invert(pixels: Pixels, params: Params) -> Pixels:
    return 255 - pixels


def _resize(pixels: Pixels, params: Params) -> Pixels:
    from dataclasses import replace

    from .resize import to_shape

    image = replace(target_size(params), channels=pixels.shape[-1])
    if pixels.ndim == 3:
        return to_shape(pixels, image)
    flat = pixels.reshape(-1, *pixels.shape[-3:])
    made = np.empty((len(flat), image.height, image.width, image.channels), np.uint8)
    for i, one in enumerate(flat):
        made[i] = to_shape(one, image)
    return made.reshape(*pixels.shape[:-3], *made.shape[1:])


_CHANGE: dict[str, Callable[[Pixels, Params], Pixels]] = {CROP: _crop, GREY: _grey, INVERT: _invert, RESIZE: _resize}
