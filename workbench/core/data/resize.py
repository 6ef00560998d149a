"""Pictures of any size and colour into one shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import ImageFeature

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

# Above this ratio of source to target, a JPEG is decoded at a fraction of its size: ten times faster for photographs,
# and half a grey level away from decoding in full, on average (measured on flowers; the largest difference was 5).
_DRAFT = 8


def to_shape(pixels: np.ndarray[Any, Any], image: ImageFeature) -> Pixels:
    """uint8 (height, width, channels) as `image` asks; the same array when it already has that shape.

    "fit" keeps the aspect and pads with black, "fill" keeps it and crops the middle, "stretch" does neither. Shrinking
    averages over the pixels that are left out (bilinear with antialiasing).

    Raises:
        FeatureError: not a picture, or an unknown way of resizing.
    """
    pixels = as_picture(pixels)
    if pixels.shape == (image.height, image.width, image.channels):
        return pixels
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
    picture = picture.convert("L" if image.channels == 1 else "RGB")
    out = np.asarray(_resized(picture, image), np.uint8)
    return out[:, :, None] if out.ndim == 2 else out


def as_picture(pixels: np.ndarray[Any, Any]) -> Pixels:
    """uint8 (H, W, C) with C 1 or 3: the same array, or a grey (H, W) with its channel, or transparency laid on white.

    Raises:
        FeatureError: not a picture.
    """
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or 0 in pixels.shape:
        raise FeatureError(
            f"An array of shape {tuple(pixels.shape)} and type {pixels.dtype} is not a picture.",
            remedy="Give height x width x 1 or 3 channels, as bytes.",
        )
    if pixels.shape[2] == 4:
        from PIL import Image

        picture = Image.fromarray(np.ascontiguousarray(pixels))
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, (255, 255, 255, 255)), picture)
        pixels = np.asarray(picture.convert("RGB"), np.uint8)
    return pixels


def _resized(picture: Any, image: ImageFeature) -> Any:
    from PIL import Image, ImageOps

    size = (image.width, image.height)
    if picture.size == size:
        return picture
    if image.resize == "fill":
        return ImageOps.fit(picture, size, Image.Resampling.BILINEAR)
    if image.resize == "fit":
        return ImageOps.pad(picture, size, Image.Resampling.BILINEAR, color=0)
    if image.resize == "stretch":
        return picture.resize(size, Image.Resampling.BILINEAR)
    raise FeatureError(f'There is no way of resizing "{image.resize}".', remedy='Use "fit", "fill" or "stretch".')


def enough(height: int, width: int, image: ImageFeature) -> int:
    """Longest side at which a picture of that size is decoded, without a difference to see; 0 means: in full."""
    ratio = min(height / image.height, width / image.width)
    return round(max(height, width) * (_DRAFT / 2) / ratio) if ratio >= _DRAFT else 0
