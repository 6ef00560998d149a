"""What is found out about pictures by decoding each of them once: brightness, contrast, content hash, a small copy.

A few hundred bytes a picture are kept, so that 60,000 of them fit into some 20 MB; the pictures themselves pass by one
at a time. A result is kept in memory as long as its data, and on disk under the data's fingerprint.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
import weakref
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core import settings
from workbench.core.errors import Cancelled, DataError, ProjectError
from workbench.core.storage import atomic_write

from .dataset import ImageData

Report = Callable[[float, str], None]
Stop = Callable[[], bool]

SIDE = 16
SEEN = 64
VERSION = 1
KEPT_FILES = 30
BLANK = 8
"""A picture whose lightest and darkest point are no further apart, in grey levels of 255, shows nothing."""

LARGE = 6_000_000
"""Pictures of more pixels are decoded one at a time, so that several do not fill the memory."""

_THREADS = max(1, min(4, (os.cpu_count() or 2) - 1))  # the pictures in sight are decoded meanwhile
_BLOCK = 4 << 20


@dataclass(frozen=True, eq=False)
class Looks:
    """One entry a picture of the source, n of them.

    brightness: float32 mean of the grey levels, 0..255. spread: uint8, lightest minus darkest point, over all channels.
    colour: uint8, the largest difference between the channels of a point. tint: uint8 (n, 3), mean colour. content:
    uint64 hash of the file's bytes, or of the pixels in memory. small: uint8 (n, 256), grey at 16 x 16. readable: bool.
    why: {number: reason} of those that are not.
    """

    brightness: np.ndarray[Any, np.dtype[np.float32]]
    spread: np.ndarray[Any, np.dtype[np.uint8]]
    colour: np.ndarray[Any, np.dtype[np.uint8]]
    tint: np.ndarray[Any, np.dtype[np.uint8]]
    content: np.ndarray[Any, np.dtype[np.uint64]]
    small: np.ndarray[Any, np.dtype[np.uint8]]
    readable: np.ndarray[Any, np.dtype[np.bool_]]
    why: dict[int, str]

    def __len__(self) -> int:
        return len(self.readable)

    @property
    def blank(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Pictures that show nothing, bool (n,)."""
        found: np.ndarray[Any, np.dtype[np.bool_]] = self.readable & (self.spread <= BLANK)
        return found


_known: weakref.WeakKeyDictionary[ImageData, Looks] = weakref.WeakKeyDictionary()
_locks: weakref.WeakKeyDictionary[ImageData, threading.Lock] = weakref.WeakKeyDictionary()
_guard = threading.Lock()


def source_of(data: ImageData) -> ImageData:
    """The pictures as they were read."""
    return data if data.origin is None else source_of(data.origin)


def known_looks(data: ImageData) -> Looks | None:
    """What `looks_of` has found out already; None when it has not been asked yet."""
    with _guard:
        return _known.get(source_of(data))


def looks_of(data: ImageData, progress: Report | None = None, cancelled: Stop | None = None) -> Looks:
    """What is to be seen in the pictures of the source of `data`; decoded once, by whoever asks first.

    Raises Cancelled when `cancelled()` says so; what was looked at until then is lost.
    """
    source = source_of(data)
    with _guard:
        lock = _locks.setdefault(source, threading.Lock())
    while not lock.acquire(timeout=0.05):  # somebody else is at it
        if cancelled is not None and cancelled():
            raise Cancelled
    try:
        found = known_looks(source)
        if found is None:
            file = _file(source)
            found = _read(file, len(source)) if file is not None else None
            if found is None:
                found = _look(source, progress, cancelled)
                if file is not None:
                    _write(file, found)
            with _guard:
                _known[source] = found
    finally:
        lock.release()
    return found


# ---- looking -----------------------------------------------------------------------------------------------------


def _look(data: ImageData, progress: Report | None, cancelled: Stop | None) -> Looks:
    n = len(data)
    looks = Looks(
        np.zeros(n, np.float32),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros((n, 3), np.uint8),
        np.zeros(n, np.uint64),
        np.zeros((n, SIDE * SIDE), np.uint8),
        np.ones(n, np.bool_),
        {},
    )

    def tell(done: int) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(done / max(1, n), f"Looking at pictures: {done:,} of {n:,}")

    if data.array is not None:
        step = max(1, _BLOCK // max(1, int(np.prod(data.array.shape[1:]))))
        for start in range(0, n, step):
            tell(start)
            _look_at_block(looks, start, data.array[start : start + step])
        return looks
    for i, seen in _each(data, tell):
        if isinstance(seen, DataError):
            looks.readable[i] = False
            looks.why[i] = seen.what
            continue
        (
            looks.brightness[i],
            looks.spread[i],
            looks.colour[i],
            looks.tint[i],
            looks.content[i],
            looks.small[i],
        ) = seen
    return looks


def _look_at_block(looks: Looks, start: int, block: np.ndarray[Any, Any]) -> None:
    """Pictures of one size at once: (k, H, W, C)."""
    k, height, width, channels = block.shape
    to = slice(start, start + k)
    points = block.reshape(k, -1, channels)
    grey = _grey(block)
    looks.brightness[to] = grey.mean(axis=(1, 2))
    looks.spread[to] = (points.max(axis=1) - points.min(axis=1)).max(axis=1)
    looks.tint[to] = points.mean(axis=1)
    if channels > 1:
        looks.colour[to] = (points.max(axis=2) - points.min(axis=2)).max(axis=1)
    down, across = _boxes(height), _boxes(width)
    small = np.einsum("sh,khw,tw->kst", down, grey, across, optimize=True)
    looks.small[to] = (small + 0.5).reshape(k, -1)
    for i in range(k):
        looks.content[start + i] = _hash(np.ascontiguousarray(block[i]).data)


def _boxes(size: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(SIDE, size): what share each pixel has in each of SIDE equal stretches; averages over area."""
    edges = np.linspace(0, size, SIDE + 1)
    low, high = edges[:-1, None], edges[1:, None]
    at = np.arange(size)[None]
    covered = np.clip(np.minimum(high, at + 1) - np.maximum(low, at), 0, None)
    weights: np.ndarray[Any, np.dtype[np.float32]] = (covered / covered.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights


def _grey(block: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    if block.shape[-1] == 1:
        return block[..., 0].astype(np.float32)
    grey: np.ndarray[Any, np.dtype[np.float32]] = block.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return grey


_Seen = tuple[float, int, int, Any, int, Any]


def _each(data: ImageData, tell: Callable[[int], None]) -> Iterator[tuple[int, _Seen | DataError]]:
    """Each file looked at, in order, a few at a time."""
    sizes = data.sizes().astype(np.int64)
    heavy = sizes[:, 0] * sizes[:, 1] > LARGE
    one = threading.Lock()

    def look(i: int) -> _Seen | DataError:
        try:
            with one if heavy[i] else nullcontext():
                pixels = data.thumbnail(i, SEEN)
            return _one(pixels, _hash_file(data.files[i]))
        except DataError as error:
            return error

    waiting: deque[tuple[int, Future[_Seen | DataError]]] = deque()
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="looks")
    todo = iter(range(len(data)))
    try:
        while True:
            while len(waiting) < 4 * _THREADS and (i := next(todo, None)) is not None:
                waiting.append((i, pool.submit(look, i)))
            if not waiting:
                return
            i, future = waiting.popleft()
            if i % 16 == 0:
                tell(i)
            yield i, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one(pixels: np.ndarray[Any, Any], content: int) -> _Seen:
    """What is kept of one picture, uint8 (h, w, c), at most SEEN pixels a side."""
    height, width, channels = pixels.shape
    points = pixels.reshape(-1, channels)
    grey = _grey(pixels)
    spread = int((points.max(axis=0) - points.min(axis=0)).max())
    colour = int((points.max(axis=1) - points.min(axis=1)).max()) if channels > 1 else 0
    small = _boxes(height) @ grey @ _boxes(width).T
    tint = np.broadcast_to(points.mean(axis=0), (3,)).astype(np.uint8)
    return float(grey.mean()), spread, colour, tint, content, (small + 0.5).astype(np.uint8).reshape(-1)


def _hash(data: Any) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def _hash_file(path: str) -> int:
    digest = hashlib.blake2b(digest_size=8)
    try:
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise DataError("The picture may not be read.", where=path) from error
    return int.from_bytes(digest.digest(), "little")


# ---- on disk -----------------------------------------------------------------------------------------------------


def _file(data: ImageData) -> Path | None:
    """Where the looks of picture files are kept; pictures in memory are looked at faster than read."""
    if not data.report.fingerprint or data.array is not None:
        return None
    return settings.cache_folder() / "looks" / f"{data.report.fingerprint}-{VERSION}.npz"


def _read(file: Path, count: int) -> Looks | None:
    """None when there is none, or none that fits: it is only a cache."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            made = {name: stored[name] for name in ("brightness", "spread", "colour", "tint", "content", "small")}
            readable = stored["readable"]
            why = dict(zip(stored["why_at"].tolist(), stored["why"].tolist(), strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if any(len(values) != count for values in (*made.values(), readable)):
        return None
    return Looks(**made, readable=readable, why={int(i): str(text) for i, text in why.items()})


def _write(file: Path, looks: Looks) -> None:
    out = io.BytesIO()
    np.savez(
        out,
        brightness=looks.brightness,
        spread=looks.spread,
        colour=looks.colour,
        tint=looks.tint,
        content=looks.content,
        small=looks.small,
        readable=looks.readable,
        why_at=np.asarray(list(looks.why), np.int64),
        why=np.asarray(list(looks.why.values()), np.str_),
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(file, out.getvalue())
        kept = sorted(file.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in kept[KEPT_FILES:]:
            old.unlink(missing_ok=True)
    except (OSError, ProjectError):  # a full or locked disk costs only the time to look again
        return
