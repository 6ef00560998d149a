"""Where the pictures lie that the cells of a table name: the folder their paths count from, the ending they lack."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from .pictures import EXTENSIONS

LOOKED_AT = 60
"""Different cells that a column is judged by."""

ENDINGS = ("", ".jpg", ".png", ".jpeg", ".webp", ".bmp", ".tif", ".JPG", ".JPEG", ".PNG")
"""What the names of a column may lack; "" first: most lack nothing."""

_MOSTLY = 0.8
_TRIED = 3
_MAX_FOLDERS = 200


def named_as_pictures(cells: Sequence[str]) -> bool:
    """Whether nearly all of the cells end like picture files do."""
    named = sum(os.path.splitext(cell)[1].lower() in EXTENSIONS for cell in cells)
    return bool(cells) and named >= _MOSTLY * len(cells)


def may_name_pictures(cells: Sequence[str]) -> bool:
    """Whether it is worth looking for files of these names: they end like pictures, or are single words."""
    return bool(cells) and (named_as_pictures(cells) or not any(" " in cell.strip() for cell in cells[:_TRIED]))


def find_place(cells: Sequence[str], folder: Path | None) -> tuple[Path | None, str] | None:
    """(folder, ending) with which at least half of the cells are files; None when there is no such.

    folder: of the table; None when it has none, so that only whole paths lead anywhere.
    """
    best, most = None, 0
    endings = ("",) if named_as_pictures(cells) else ENDINGS
    tried = cells[:: max(1, len(cells) // _TRIED)]  # a table may lie among hundreds of folders
    for base in _bases(folder):
        for ending in endings:
            if not any(os.path.isfile(path_of(cell, base, ending)) for cell in tried):
                continue
            hits = sum(os.path.isfile(path_of(cell, base, ending)) for cell in cells)
            if hits > most:
                best, most = (base, ending), hits
            if hits == len(cells):
                return best
    return best if most >= max(1, 0.5 * len(cells)) else None


def path_of(cell: str, base: Path | None, ending: str = "") -> str:
    """The file a cell names; a whole path is taken as it is. "" when it counts from a folder and there is none."""
    text = cell.strip()
    if os.path.isabs(text):
        return text + ending
    return os.path.join(base, *text.replace("\\", "/").split("/")) + ending if base is not None and text else ""


def _bases(folder: Path | None) -> Iterator[Path | None]:
    """The table's own folder, and those in it."""
    yield folder
    if folder is None:
        return
    try:
        with os.scandir(folder) as entries:
            inner = sorted(e.path for e in entries if e.is_dir() and not e.name.startswith("."))
    except OSError:
        return
    yield from (Path(path) for path in inner[:_MAX_FOLDERS])
