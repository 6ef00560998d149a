"""Decoding one picture file safely: size caps, EXIF rotation, palettes, transparency, 16 bits."""

from __future__ import annotations

import os
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from workbench.core.errors import DataError

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

MAX_PIXELS = 50_000_000
"""Larger pictures are refused before decoding: a file of 20 KB can unpack to a gigabyte."""

_SUFFIXES = "png jpg jpeg jpe jfif bmp dib gif tif tiff webp ppm pgm pbm pnm tga ico"
EXTENSIONS = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM", "TGA", "ICO", "DIB")
_GREY_MODES = frozenset({"1", "L", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_ORIENTATION = 0x0112
_PILLOW = r"PIL(\.|$)"

# What Pillow's decoders raise on broken files, found with the fuzzed pictures of several decoders' own test sets.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    AssertionError,
    struct.error,
    Image.DecompressionBombError,
    UnidentifiedImageError,
)


@dataclass(frozen=True)
class Header:
    """height, width: of the upright picture. channels: 1 or 3."""

    height: int
    width: int
    channels: int


def read_header(path: str) -> Header:
    """Size and channels from the file's first bytes; nothing is decoded. DataError when it is no usable picture."""
    with _opened(path) as picture:
        height, width = picture.height, picture.width
        if _quarter_turned(picture):
            height, width = width, height
        return Header(height, width, _channels(picture))


def read_picture(path: str, *, channels: int = 0, longest: int = 0) -> Pixels:
    """The upright picture, uint8 (H, W, C).

    Transparency is laid on white; 16 bit values are scaled to 8; of an animation the first frame is taken.
    channels: 1 or 3; 0 keeps what the file has. longest: when above 0, shrunk to at most that many pixels a side.
    Raises DataError naming the file when it cannot be decoded.
    """
    with _opened(path) as picture:
        try:
            if longest and picture.format in ("JPEG", "MPO"):
                picture.draft(None, (longest * 2, longest * 2))
            picture.load()
            wanted = channels or _channels(picture)
            upright = ImageOps.exif_transpose(picture)
            flat = _flatten(upright if upright is not None else picture, "L" if wanted == 1 else "RGB")
            if longest and max(flat.size) > longest:
                flat.thumbnail((longest, longest), Image.Resampling.BILINEAR, reducing_gap=2.0)
            pixels = np.asarray(flat, np.uint8)
        except _DECODER_ERRORS as error:
            raise _undecodable(path, error) from error
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def shrink(pixels: Pixels, longest: int) -> Pixels:
    """`pixels` (H, W, C) shrunk to at most `longest` pixels a side; as they are when already small enough."""
    if max(pixels.shape[:2]) <= longest:
        return pixels
    picture = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    picture.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    small = np.asarray(picture, np.uint8)
    return small[:, :, None] if small.ndim == 2 else small


@contextmanager
def _opened(path: str) -> Iterator[ImageFile.ImageFile]:
    """Opens a picture of a known format under the size cap; closes it at the end."""
    _hush()
    if not os.path.isfile(path) and os.path.exists(path):  # a pipe or a device may never end
        raise DataError("The picture is no ordinary file.", where=path)
    try:
        picture = Image.open(path, formats=_FORMATS)
    except FileNotFoundError as error:
        raise DataError("The picture is no longer there.", where=path) from error
    except PermissionError as error:
        raise DataError("The picture may not be read.", where=path) from error
    except _DECODER_ERRORS as error:
        raise _undecodable(path, error) from error
    with picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise DataError(
                f"The picture has {width} x {height} pixels, more than {MAX_PIXELS // 1_000_000} million.",
                where=path,
                remedy="Make a smaller copy of it.",
            )
        if width < 1 or height < 1:
            raise DataError("The picture has no pixels.", where=path)
        yield picture


def _hush() -> None:
    """Pillow warns of what is judged here anyway. `catch_warnings` would be shorter, but is not safe in threads."""
    if ("ignore", None, Warning, re.compile(_PILLOW), 0) not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW)


def _undecodable(path: str, error: BaseException) -> DataError:
    try:
        empty = os.path.getsize(path) == 0
    except OSError:
        empty = False
    if empty:
        return DataError("The file is empty.", where=path)
    if isinstance(error, Image.DecompressionBombError):
        return DataError("The picture is too large to decode.", where=path, remedy="Make a smaller copy of it.")
    if isinstance(error, UnidentifiedImageError):
        return DataError("The file is not a picture of a known format.", where=path)
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return DataError(f"The picture cannot be decoded ({reason}).", where=path)


def _quarter_turned(picture: Image.Image) -> bool:
    if picture.format == "TIFF":
        return False  # Pillow turns these while loading and gives the turned size already
    try:
        return picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except _DECODER_ERRORS:
        return False


def _channels(picture: Image.Image) -> int:
    return 1 if picture.mode in _GREY_MODES or picture.mode in ("LA", "La") else 3


def _flatten(picture: Image.Image, mode: str) -> Image.Image:
    """`picture` in `mode` ("L" or "RGB"), transparency laid on white, wide values scaled to 0..255."""
    if picture.mode in _GREY_MODES - {"1", "L"}:
        values = np.asarray(picture).astype(np.float64)
        picture = Image.fromarray(_to_bytes(values, picture.mode))
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(paper, rgba)
    return picture.convert(mode)


def _to_bytes(values: np.ndarray[Any, Any], mode: str) -> Pixels:
    """16 bit files by their full range; float and 32 bit ones by the range they use."""
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if mode != "F" and values.size and values.min() >= 0 and values.max() <= 65535:
        return (values / 257.0 + 0.5).astype(np.uint8)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if mode == "F" and low >= 0.0 and high <= 1.0:
        return (values * 255.0 + 0.5).astype(np.uint8)
    if low >= 0.0 and high <= 255.0:
        return (values + 0.5).astype(np.uint8)
    return ((values - low) * (255.0 / (high - low or 1.0)) + 0.5).astype(np.uint8)
