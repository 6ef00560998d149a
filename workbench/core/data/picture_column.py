"""A column whose cells name picture files: what its pictures are like, and the files as arrays of pixels."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import DataError, FeatureError
from workbench.core.project import ColumnFeature, ImageFeature, Json

from .dataset import Folders
from .fitted import PICTURE, FittedColumn
from .input_groups import SCALES
from .picture_places import LOOKED_AT, find_place, may_name_pictures, named_as_pictures, path_of
from .pictures import read_header, read_picture
from .resize import enough, to_shape
from .values import shown, text_of

if TYPE_CHECKING:
    import pandas as pd

Pixels = np.ndarray[Any, np.dtype[np.uint8]]

LARGEST = 2048
THREADS = max(2, min(4, os.cpu_count() or 2))

_LARGE = 6_000_000  # pixels from which on pictures are decoded one at a time, so that several do not fill the memory
_one_large = threading.Lock()
_RESIZE = ("fill", "fit", "stretch")


# ---- what the column is like -------------------------------------------------------------------------------------


def named_pictures(cells: pd.Series[Any], folder: Folders) -> str:
    """ "found" when most of the cells are picture files in the folder of the table, or in a folder within it; "absent"
    when they only end like picture files; else "". Where rows have different folders, by those of the first row's."""
    if not isinstance(folder, str):
        cells, folder = cells[[one == folder[0] for one in folder]], folder[0]
    some = _some(cells)
    if may_name_pictures(some) and find_place(some, Path(folder) if folder else None) is not None:
        return "found"
    return "absent" if named_as_pictures(some) else ""


def fit_picture(cells: pd.Series[Any], column: ColumnFeature, folder: str) -> FittedColumn:
    """Where the files are and how large they become, by some of the training rows and what the person has set.

    Raises:
        FeatureError: none of them is there, or a setting does not fit.
    """
    known = _some(cells)
    where = f'column "{column.name}"'
    below, ending = _place(known, column.params, Path(folder) if folder else None)
    base = _base(folder, below)
    headers = []
    problem = "The column is empty." if not known else ""
    for cell in known:
        try:
            headers.append(read_header(path_of(cell, base, ending) or _no_folder(cell)))
        except DataError as error:
            problem = problem or f"{error.what} ({shown(cell)})"
    if not headers:
        raise FeatureError(
            f"None of the pictures that were looked at can be read; the first: {problem}",
            where=where,
            remedy="Put the pictures into the folder of the table, or name their folder in the settings of the "
            "encoding; or leave the column out.",
        )
    image = _sized(headers, column.params, where)
    return FittedColumn(column.name, PICTURE, common=known[0], image=image, below=below, ending=ending)


def _some(cells: pd.Series[Any]) -> list[str]:
    """Different cells from all over the column."""
    filled = cells.dropna()
    spread = filled.iloc[:: max(1, len(filled) // (10 * LOOKED_AT))].unique().tolist()
    some = spread[:: max(1, -(-len(spread) // LOOKED_AT))]
    return [text for cell in some if (text := text_of(cell)) is not None]


def _place(cells: list[str], params: Any, folder: Path | None) -> tuple[str, str]:
    """The folder, as it stands behind that of the table, and the ending."""
    below, ending = str(params.get("folder") or "").strip(), str(params.get("ending") or "").strip()
    if below:
        return below, ending
    found = find_place(cells, folder)
    if found is None or found[0] is None or folder is None:
        return "", ending or (found[1] if found else "")
    inner = "" if found[0] == folder else found[0].name
    return inner, ending or found[1]


def _sized(headers: list[Any], params: Any, where: str) -> ImageFeature:
    """What is not set, by the commonest size, as for a folder of pictures."""
    from collections import Counter

    from .features import propose_image
    from .profile import ImageProfile

    counts = Counter((h.height, h.width) for h in headers)
    sizes = tuple(sorted(counts.items(), key=lambda s: (-s[1], s[0])))
    grey = all(h.channels == 1 for h in headers)
    height, width, channels = (_whole(params, name, where) for name in ("height", "width", "channels"))
    asked = ImageFeature(
        height,
        width,
        channels,
        resize=_one_of(params, "resize", _RESIZE, where),
        scale=_one_of(params, "scale", tuple(SCALES), where),
    )
    return propose_image(ImageProfile(len(headers), (), (), sizes, 1 if grey else 3), asked)


def _whole(params: Any, name: str, where: str) -> int:
    """A number of pixels or channels; 0 when it is not set."""
    value: Json = params.get(name)
    if value is None:
        return 0
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    if good and ((value in (1, 3)) if name == "channels" else (1 <= value <= LARGEST)):
        return int(value)
    span = "1 (grey) or 3 (colour)" if name == "channels" else f"a whole number from 1 to {LARGEST:,}"
    raise FeatureError(f"{value!r} is no {name} of pictures.", where=where, remedy=f"Choose {span}.")


def _one_of(params: Any, name: str, known: tuple[str, ...], where: str) -> str:
    value = str(params.get(name) or known[0])
    if value not in known:
        raise FeatureError(f'There is no {name} "{value}".', where=where, remedy=f"Choose one of: {', '.join(known)}.")
    return value


# ---- the pictures ------------------------------------------------------------------------------------------------


def file_of(column: FittedColumn, cell: object, folder: str) -> str:
    """The file that a cell names; "" when it names none, or counts from a folder and there is none."""
    text = text_of(cell)
    return "" if text is None else path_of(text, _base(folder, column.below), column.ending)


def read_cells(column: FittedColumn, cells: pd.Series[Any], folder: Folders) -> tuple[Pixels, dict[int, str]]:
    """The pictures of these rows, uint8 (n, height, width, channels), decoded on several threads.

    Returns:
        pixels: black where there is none. without: {place of the row: why its picture cannot be read}.
    """
    image = column.image
    assert image is not None  # fitted with one
    out = np.zeros((len(cells), image.height, image.width, image.channels), np.uint8)
    rows: dict[str, list[int]] = {}
    without: dict[int, str] = {}
    bases = repeat(folder, len(cells)) if isinstance(folder, str) else folder
    for place, (cell, base) in enumerate(zip(cells.tolist(), bases, strict=True)):
        path = file_of(column, cell, base)
        if path:
            rows.setdefault(path, []).append(place)
        else:
            text = text_of(cell)
            without[place] = f'"{column.name}" names no picture.' if text is None else _no_folder_text(text)

    def read(path: str) -> str:
        try:
            out[rows[path]] = picture(path, image)
        except DataError as error:
            return f"{error.what} ({shown(os.path.basename(path))})"
        return ""

    if len(rows) < 2:
        said = [read(path) for path in rows]
    else:
        with ThreadPoolExecutor(min(THREADS, len(rows)), thread_name_prefix="pictures") as pool:
            said = list(pool.map(read, rows))
    for path, why in zip(rows, said, strict=True):
        if why:
            without |= dict.fromkeys(rows[path], why)
    return out, without


def picture(path: str, image: ImageFeature) -> Pixels:
    """One file as `image` asks, uint8 (height, width, channels). DataError when it cannot be decoded."""
    header = read_header(path)
    longest = enough(header.height, header.width, image)
    with _one_large if header.height * header.width > _LARGE else nullcontext():
        return to_shape(read_picture(path, channels=image.channels, longest=longest), image)


def different(cells: pd.Series[Any], folder: Folders) -> list[tuple[object, str]]:
    """The different cells, each with the folder that it counts from."""
    if isinstance(folder, str):
        return [(cell, folder) for cell in cells.unique().tolist()]
    return list(dict.fromkeys(zip(cells.tolist(), folder, strict=True)))


def changes(columns: tuple[FittedColumn, ...], frame: pd.DataFrame, folder: Folders) -> list[str]:
    """What tells whether the files of these rows have changed: a line of sizes and times for each column."""
    import hashlib

    made = []
    for column in columns:
        digest = hashlib.blake2b(digest_size=16)
        for cell, base in different(frame[column.name], folder):
            path = file_of(column, cell, base)
            try:
                state = os.stat(path) if path else None
            except OSError:
                state = None
            digest.update(f"{cell}\0{state.st_size if state else ''}\0{state.st_mtime_ns if state else ''}\n".encode())
        made.append(digest.hexdigest())
    return made


def _base(folder: str, below: str) -> Path | None:
    if folder:
        return Path(folder) / below
    return Path(below) if os.path.isabs(below) else None


def _no_folder(cell: str) -> str:
    raise DataError(_no_folder_text(cell))


def _no_folder_text(text: str) -> str:
    return f"The table lies in no folder, so {shown(text)} leads nowhere: name whole paths."
