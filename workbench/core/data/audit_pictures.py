"""Pictures that are nearly the same on both sides of the split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.core.errors import DataError

from .dataset import ImageData
from .finding import Finding

MOST_FILES = 3_000
MOST_OTHERS = 50
EDGE = 4
"""Points nearest to the mean that noise may turn: each picture is looked up with every choice of them."""

SIDE = 16
ALIKE, SHARE = 3.0, 0.03
"""Mean difference in grey levels, of pictures shrunk to 16 x 16, up to which they are nearly equal; and as a share of
their deviation, so that thin strokes on black are not all alike."""


def alike_pictures(dataset: ImageData, rows: Mapping[str, np.ndarray[Any, Any]]) -> list[Finding]:
    """Pictures held out that are nearly one of the training part: the same average hash (8 x 8 points, brighter than
    the mean or not) and hardly a difference at 16 x 16. Of pictures in files, at most 3,000 are looked at."""
    held = np.concatenate([rows["validation"], rows["test"]])
    train = np.asarray(rows["train"])
    if not len(held) or not len(train):
        return []
    looked = ""
    if dataset.array is None and len(held) + len(train) > MOST_FILES:
        step = -(-(len(held) + len(train)) // MOST_FILES)
        train, held = train[::step], held[::step]
        looked = f" (1 in {step} pictures was looked at)"
    chosen = np.unique(np.concatenate([train, held]))
    small = thumbnails(dataset, chosen)
    place = {int(number): i for i, number in enumerate(chosen)}
    hashes = average_hash(small)
    known: dict[int, list[int]] = {}
    for number in np.unique(train).tolist():
        known.setdefault(int(hashes[place[number]]), []).append(place[number])
    pairs = []
    for number in held.tolist():
        i = place[number]
        others = [other for probe in _probes(small[i]) for other in known.get(probe, ())[:MOST_OTHERS]]
        if not others or small[i].max() < 0:
            continue
        apart = np.abs(small[others].astype(np.int16) - small[i].astype(np.int16)).mean(axis=1)
        if apart.min() <= min(ALIKE, SHARE * small[i].std()):
            pairs.append((number, int(chosen[others[int(apart.argmin())]])))
    if not pairs:
        return []
    share = len(pairs) / len(held)
    one, two = (dataset.name(i) for i in pairs[0])
    text = (
        f"{len(pairs):,} of the {len(held):,} pictures held out ({100 * share:.1f} %) are nearly one of the training "
        f'part{looked}, such as "{one}" and "{two}". Their scores flatter the model: take one of each pair away.'
    )
    severity = "warning" if share > 0.02 else "info"
    return [Finding(severity, "Nearly the same pictures on both sides", text)]


def thumbnails(dataset: ImageData, chosen: Sequence[int] | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Those pictures in grey at 16 x 16, int16 (n, 256); -1 where one cannot be decoded."""
    from PIL import Image

    out = np.full((len(chosen), SIDE * SIDE), -1, np.int16)
    for i, number in enumerate(chosen):
        try:
            pixels = dataset.thumbnail(int(number), 4 * SIDE)
        except DataError:
            continue
        grey = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels.astype(np.float32).mean(axis=2).astype(np.uint8)
        shrunk = Image.fromarray(np.ascontiguousarray(grey)).resize((SIDE, SIDE), Image.Resampling.BOX)
        out[i] = np.asarray(shrunk, np.int16).reshape(-1)
    return out


def _probes(small: np.ndarray[Any, Any]) -> list[int]:
    """The hash of one picture, and those with the points nearest to the mean on its other side."""
    points = _points(small[None])[0]
    apart = np.abs(points - points.mean())
    bits = points > points.mean()
    edge = np.argsort(apart, kind="stable")[:EDGE]
    made = []
    for choice in range(2**EDGE):
        turned = bits.copy()
        turned[edge] = [bool(choice >> i & 1) for i in range(EDGE)]
        made.append(int(np.packbits(turned).view(np.uint64)[0]))
    return made


def average_hash(small: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """64 bits a picture of 16 x 16: whether each of 8 x 8 points is brighter than their mean."""
    points = _points(small)
    bits = points > points.mean(axis=1, keepdims=True)
    packed: np.ndarray[Any, np.dtype[np.uint64]] = np.packbits(bits, axis=1).view(np.uint64)[:, 0]
    return packed


def _points(small: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    half = SIDE // 2
    points: np.ndarray[Any, Any] = small.reshape(-1, half, 2, half, 2).mean(axis=(2, 4)).reshape(len(small), -1)
    return points
