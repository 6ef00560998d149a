"""From ink on a pad to the pixels a net was trained on, decided without Qt.

The method is that of the MNIST set (LeCun et al., "Gradient-based learning applied to document recognition", 1998):
crop to the ink, scale the longer side to a fixed share of the picture (20 of 28 pixels) keeping the aspect, and put the
centre of mass in the middle. The share and the colour of the ink are measured on the training pictures, so that the
same pad suits sets that were prepared otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

INK = 24  # of 255: fainter than this is paper (antialiasing, JPEG noise)
DRAWN = 0.75  # of the pad's side is what people's drawings take
LINE = 1.6  # a digit or letter is a line of about 1.6 times its height; measured on drawn digits


@dataclass(frozen=True)
class PadStyle:
    """How the training pictures look.

    bright_ink: light strokes on dark paper. share: longer side of the ink's box relative to the picture's longer
    side. centred: the ink is cropped, scaled to `share` and centred before it is answered. brush: width of a pen,
    relative to the pad's longer side, whose drawings hold about as much ink as the training pictures.
    """

    bright_ink: bool = True
    share: float = 20 / 28
    centred: bool = True
    brush: float = 0.1


def style_of(pictures: np.ndarray) -> PadStyle:
    """Measure the style of pictures: uint8 (n, h, w, c), a few hundred are enough.

    Ink is bright where the mean brightness is below the middle. The drawing is centred only for pictures with plain
    paper around them (a border that is nearly all paper), as photographs have none.
    """
    if len(pictures) == 0:
        return PadStyle()
    grey = pictures.astype(np.float32).mean(axis=3)
    bright = bool(grey.mean() < 127.5)
    ink = grey if bright else 255.0 - grey
    border = np.concatenate([ink[:, 0], ink[:, -1], ink[:, :, 0], ink[:, :, -1]], axis=1)
    plain = float((border < INK).mean())
    extents = []
    for picture in ink:
        box = ink_box(picture)
        if box is not None:
            top, bottom, left, right = box
            extents.append(max(bottom - top, right - left) / max(picture.shape))
    share = min(1.0, max(0.2, float(np.median(extents)) if extents else 20 / 28))
    # A line of that length and of the width w covers LINE * share * w of a picture, whose side is 1.
    width = float(ink.mean()) / 255 / (LINE * share)
    brush = min(0.2, max(0.04, width * DRAWN / share)) if plain > 0.6 else PadStyle().brush
    return PadStyle(bright_ink=bright, share=share, centred=plain > 0.6, brush=round(brush, 3))


def ink_box(ink: np.ndarray) -> tuple[int, int, int, int] | None:
    """Top, bottom, left, right (ends exclusive) of what is no paper in ink (h, w) of 0..255; None when empty."""
    there = ink >= INK
    rows = np.flatnonzero(there.any(axis=1))
    if len(rows) == 0:
        return None
    columns = np.flatnonzero(there.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def resampled(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scale (h, w) to (height, width) by area: every pixel is the mean of what it covers. Float in, float32 out.

    Enlarging repeats pixels with blended borders; both ways the mean brightness is kept.
    """
    down = _cover(picture.shape[0], height)
    across = _cover(picture.shape[1], width)
    return np.asarray(down @ picture.astype(np.float32) @ across.T)


def _cover(source: int, target: int) -> np.ndarray:
    """Weights (target, source): the share of source pixel j in target pixel i; rows add up to 1."""
    edges = np.arange(target + 1, dtype=np.float64) * source / target
    pixel = np.arange(source, dtype=np.float64)
    low = np.maximum(edges[:-1, None], pixel[None, :])
    high = np.minimum(edges[1:, None], pixel[None, :] + 1.0)
    share = np.clip(high - low, 0.0, None)
    return (share / share.sum(axis=1, keepdims=True)).astype(np.float32)


def placed(ink: np.ndarray, height: int, width: int, share: float) -> np.ndarray:
    """The ink of a pad (h, w; 0 paper, 255 ink) as MNIST would place it in (height, width), float32 0..255.

    An empty pad gives an empty picture. A drawing is never pushed over the border: where the centre of mass would do
    so, it stops at the edge.
    """
    out = np.zeros((height, width), dtype=np.float32)
    box = ink_box(ink)
    if box is None:
        return out
    top, bottom, left, right = box
    crop = ink[top:bottom, left:right]
    scale = share * max(height, width) / max(crop.shape)
    tall = min(height, max(1, round(crop.shape[0] * scale)))
    wide = min(width, max(1, round(crop.shape[1] * scale)))
    small = resampled(crop, tall, wide)
    mass = float(small.sum()) or 1.0
    middle_y = float((small.sum(axis=1) * (np.arange(tall) + 0.5)).sum()) / mass
    middle_x = float((small.sum(axis=0) * (np.arange(wide) + 0.5)).sum()) / mass
    y = min(max(round(height / 2 - middle_y), 0), height - tall)
    x = min(max(round(width / 2 - middle_x), 0), width - wide)
    out[y : y + tall, x : x + wide] = small
    return out


def from_pad(ink: np.ndarray, shape: tuple[int, int, int], style: PadStyle) -> np.ndarray:
    """What the net receives: uint8 (h, w, c) in the colours of the training pictures.

    ink: uint8 (h, w) of the pad, 0 paper and 255 ink. shape: of the net's input. The style says how it is placed.
    """
    height, width, channels = shape
    grey = placed(ink, height, width, style.share) if style.centred else resampled(ink, height, width)
    grey = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    if not style.bright_ink:
        grey = np.asarray(255 - grey, dtype=np.uint8)
    return np.repeat(grey[:, :, None], channels, axis=2)
