"""A folder of pictures, one sub-folder a class, perhaps under train / validation / test folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.core.errors import Cancelled, DataError
from workbench.core.one_line import short_file

from . import fingerprint
from .dataset import MAIN, TEST, BadItem, ImageData, LoadReport
from .folders import entries, natural_order, parts_among, walk
from .pictures import EXTENSIONS, Header, read_header

_BATCH = 512
_OTHERS_LISTED = 50


@dataclass
class _Found:
    """One part: files by class folder. loose: there are none, and its pictures are one class."""

    part: int
    classes: dict[str, list[str]] = field(default_factory=dict)
    loose: bool = False


def looks_like_images(folder: Path) -> bool:
    """Whether the folder holds pictures, at most three levels down; stops at the first one."""
    for _, files in walk(str(folder), depth=3):
        if any(os.path.splitext(name)[1].lower() in EXTENSIONS for name in files):
            return True
    return False


def load_images(
    folder: Path,
    test_folder: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImageData:
    """Labelled pictures of a folder. Only headers are read; a picture that has none goes to `report.bad` with why.

    Pictures without class folders are one class, called like the folder: a model that rebuilds them needs no more.

    Raises DataError when there are no pictures, or fewer than one readable picture.
    """
    notes: list[str] = []
    parts, others = _find_parts(folder, notes, folder.name)
    if test_folder is not None:
        more, more_others = _find_parts(test_folder, notes, folder.name)
        parts = [p for p in parts if p.part != TEST]
        parts += [_Found(TEST, found.classes) for found in more if found.part in (MAIN, TEST)]
        others += more_others
    classes = sorted({name for found in parts for name in found.classes}, key=natural_order)
    number = {name: i for i, name in enumerate(classes)}
    listed = [
        (path, number[name], found.part)
        for found in parts
        for name in sorted(found.classes, key=natural_order)
        for path in sorted(found.classes[name], key=natural_order)
    ]
    if not listed:
        raise DataError(
            "There are no pictures in this folder.",
            where=str(folder),
            remedy="Choose a folder that holds one folder of pictures for each class.",
        )
    headers, bad = read_headers([path for path, _, _ in listed], str(folder), progress, cancelled)
    kept = [(item, header) for item, header in zip(listed, headers, strict=True) if header is not None]
    if not kept:
        first = bad[0]
        raise DataError(f"None of the {len(listed):,} pictures can be read; the first: {first.what}", where=str(folder))
    main_classes = {item[1] for item, _ in kept if item[2] == MAIN}
    for i, name in enumerate(classes):
        if i not in main_classes:
            notes.append(f"There are no readable training pictures of the class {name!r}.")
    if others:
        notes.append(
            f"{len(others):,} files are no pictures and were left out: {', '.join(map(short_file, others[:3]))}."
        )
    if bad:
        notes.append(f"{len(bad):,} pictures cannot be read and were set aside.")
    report = LoadReport(
        None,
        len(kept),
        (*bad, *(BadItem(name, "The file is not a picture.") for name in others[:_OTHERS_LISTED])),
        tuple(notes),
        fingerprint.of_listing(str(folder), [path for path, _, _ in listed]),
    )
    files = [item[0] for item, _ in kept]
    roots = [str(folder)] if test_folder is None else [str(folder), str(test_folder)]
    return ImageData(
        tuple(classes),
        np.array([item[1] for item, _ in kept], np.int32),
        np.array([item[2] for item, _ in kept], np.uint8),
        report,
        files=files,
        file_sizes=np.array([(header.height, header.width) for _, header in kept], np.int32),
        file_channels=np.array([header.channels for _, header in kept], np.uint8),
        names=[_below(path, roots) for path in files],
        title=folder.name,
    )


def load_unsorted(path: Path, progress: Callable[[float, str], None] | None = None) -> ImageData:
    """Pictures to be answered: one file, or every picture of a folder whatever its sub-folders; no labels are known.

    A picture without a readable header stays in the list, so that whoever decodes it says why it cannot be.
    Raises DataError when there is none.
    """
    if path.is_dir():
        found = [os.path.join(root, name) for root, names in walk(str(path)) for name in names if _is_picture(name)]
        files, root = sorted(found, key=natural_order), str(path)
    else:
        files, root = [str(path)], str(path.parent)
    if not files:
        raise DataError("There are no pictures in this folder.", where=str(path), remedy="Choose another folder.")
    headers, bad = read_headers(files, root, progress, None)
    return ImageData(
        (),
        np.full(len(files), -1, np.int32),
        np.zeros(len(files), np.uint8),
        LoadReport(None, len(files), tuple(bad)),
        files=files,
        file_sizes=np.array([(h.height, h.width) if h else (1, 1) for h in headers], np.int32),
        file_channels=np.array([h.channels if h else 3 for h in headers], np.uint8),
        names=[_below(file, [root]) for file in files],
        title=path.name,
    )


def _find_parts(folder: Path, notes: list[str], name: str) -> tuple[list[_Found], list[str]]:
    """(parts with their files, names of files that are no pictures). name: what pictures without a class are called."""
    others: list[str] = []
    names = [entry.name for entry in entries(folder) if entry.is_dir()]
    if parts := parts_among(names):
        rest = [name for name in names if name not in parts]
        if rest:
            notes.append(f"Folders beside the parts were left out: {', '.join(sorted(rest)[:5])}.")
        found = [_find_classes(folder / n, part, others, name) for n, part in sorted(parts.items(), key=_by_part)]
        return _said(found, notes, name), others
    if len(names) == 1 and not any(_is_picture(entry.name) for entry in entries(folder)):
        inner = folder / names[0]
        if any(entry.is_dir() for entry in entries(inner)):
            return _find_parts(inner, notes, name)
    return _said([_find_classes(folder, MAIN, others, name)], notes, name), others


def _said(found: list[_Found], notes: list[str], name: str) -> list[_Found]:
    """The parts, and a note when they are without classes."""
    if any(part.loose for part in found):
        notes.append(
            f'There are no class folders: the pictures are one class, "{name}". That is enough to rebuild them.'
        )
    return found


def _by_part(item: tuple[str, int]) -> tuple[int, str]:
    return item[1], item[0]


def _find_classes(folder: Path, part: int, others: list[str], unsorted: str) -> _Found:
    found = _Found(part)
    loose: list[str] = []
    for entry in entries(folder):
        if entry.is_dir():
            pictures: list[str] = []
            for root, files in walk(entry.path):
                for name in files:
                    path = os.path.join(root, name)
                    (pictures if _is_picture(name) else others).append(path if _is_picture(name) else name)
            if pictures:
                found.classes[entry.name] = pictures
        elif _is_picture(entry.name):
            loose.append(entry.path)
        elif not entry.name.startswith("."):
            others.append(entry.name)
    if loose and not found.classes:
        found.classes[unsorted] = loose
        found.loose = True
    elif loose:
        others.append(f"{len(loose):,} pictures outside the class folders")
    return found


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in EXTENSIONS and not name.startswith(".")


def read_headers(
    paths: list[str],
    root: str,
    progress: Callable[[float, str], None] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[list[Header | None], list[BadItem]]:
    """(header of each picture, None where it has none; those that have none, named from `root` on, and why)."""

    def read(path: str) -> Header | DataError:
        try:
            return read_header(path)
        except DataError as error:
            return error

    headers: list[Header | None] = []
    bad: list[BadItem] = []
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="headers") as pool:
        for start in range(0, len(paths), _BATCH):
            if cancelled is not None and cancelled():
                raise Cancelled
            if progress is not None:
                progress(start / len(paths), f"Looking at {len(paths):,} pictures")
            batch = paths[start : start + _BATCH]
            for path, answer in zip(batch, pool.map(read, batch), strict=True):
                if isinstance(answer, DataError):
                    bad.append(BadItem(_below(path, [root]), answer.what))
                    headers.append(None)
                else:
                    headers.append(answer)
    return headers, bad


def _below(path: str, roots: list[str]) -> str:
    for root in roots:
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return path[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
    return path
