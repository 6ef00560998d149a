"""Pictures as tiles: decoded by jobs, or many small ones at once as one sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from workbench.core.errors import WorkbenchError
from workbench.ui.widgets.images import to_qimage

MOSAIC_SIDE = 96


def makes_sheets(data: Any) -> bool:
    """Whether pictures of `data` are so small, and in memory, that a screenful is laid out at once."""
    if data.in_memory is None or not len(data):
        return False
    if any(step.kind == "resize_pictures" for step in data.changes):
        return False  # resized one by one, which is for jobs
    return max(data.in_memory[:2]) <= MOSAIC_SIDE


def sheet(data: Any, places: np.ndarray, columns: int) -> tuple[QImage, int, int]:
    """(one image of these pictures, `columns` a row; height and width of each). places: in `data`; -1 leaves a gap."""
    from workbench.core.data.picture_changes import changed

    pixels = changed(data.stack(np.maximum(places, 0)), data.changes)
    _, height, width, channels = pixels.shape
    rows = -(-len(places) // columns)
    whole = np.zeros((rows * columns, height, width, channels), np.uint8)
    whole[: len(places)] = pixels
    grid = whole.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return to_qimage(grid.reshape(rows * height, columns * width, channels)), height, width


def decoder(
    data: Any, numbers: Sequence[int], places: Sequence[int], side: int
) -> Callable[[Any, Any], dict[int, QImage | str]]:
    """A job that makes the thumbnails of the pictures at these places of `data`, by their number in the source; what
    cannot be decoded becomes its reason."""

    def work(progress: Any, cancelled: Any) -> dict[int, QImage | str]:
        made: dict[int, QImage | str] = {}
        for number, place in zip(numbers, places, strict=True):
            if cancelled():
                break
            try:
                made[number] = to_qimage(data.thumbnail(place, side))
            except WorkbenchError as error:
                made[number] = str(error)
        return made

    return work


def slots(order: np.ndarray, groups: np.ndarray | None, columns: int) -> np.ndarray:
    """The pictures as they lie in the grid, -1 for an empty place: groups that fit into a row are not broken.

    groups: of each picture of the order, ascending in runs; None when there are none.
    """
    if groups is None or not len(order):
        return order
    starts = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]]))
    laid: list[np.ndarray] = []
    at = 0
    for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
        room = columns - at % columns
        if end - start > room and at % columns:
            laid.append(np.full(room, -1, order.dtype))
            at += room
        laid.append(order[start:end])
        at += int(end - start)
    return np.concatenate(laid)
