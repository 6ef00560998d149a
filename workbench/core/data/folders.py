"""Folders of data as every reader of them sees them: what is left out, in which order, and which parts they name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.core.errors import DataError

from .dataset import MAIN, TEST, VALIDATION

PART_NAMES = {
    "train": MAIN,
    "training": MAIN,
    "test": TEST,
    "testing": TEST,
    "valid": VALIDATION,
    "val": VALIDATION,
    "validation": VALIDATION,
    "dev": VALIDATION,
}
_IGNORED = frozenset({"__macosx", ".git", "thumbs.db", "desktop.ini", ".ds_store"})


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts "2" before "10" and "a2" before "a10"."""
    pieces = re.findall(r"\d+|\D+", name)
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p.casefold()) for p in pieces)


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, in natural order, without what systems leave there and links that lead in a circle.

    Raises:
        DataError: it is no folder, or may not be read.
    """
    if not folder.is_dir():
        raise DataError("The folder is not there.", where=str(folder), remedy="Choose the folder again.")
    try:
        with os.scandir(folder) as found:
            kept = [e for e in found if e.name.lower() not in _IGNORED and not (e.is_dir() and _loops(e.path))]
    except PermissionError as error:
        raise DataError("The folder may not be read.", where=str(folder), remedy="Check its permissions.") from error
    return sorted(kept, key=lambda entry: natural_order(entry.name))


def parts_among(names: Iterable[str]) -> dict[str, int]:
    """{folder: part} of those that are called like parts; none where the training part is not among them."""
    parts = {name: PART_NAMES[name.lower()] for name in names if name.lower() in PART_NAMES}
    return parts if MAIN in parts.values() else {}


def walk(top: str, depth: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """(folder, names of its files) from `top` on, at most `depth` levels down, in a stable order, without following
    links and without hidden and system ones."""
    base = top.rstrip(os.sep).count(os.sep)
    for root, folders, files in os.walk(top, followlinks=False):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        if depth is not None and root.count(os.sep) - base >= depth:
            folders.clear()
        yield root, sorted(name for name in files if not _hidden(name))


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _loops(path: str) -> bool:
    """Whether a link leads back to a folder above itself."""
    if not os.path.islink(path):
        return False
    here, there = os.path.realpath(os.path.dirname(path)), os.path.realpath(path)
    return here == there or here.startswith(there.rstrip(os.sep) + os.sep)
