"""A folder with one text file a series: in class folders, perhaps under train / validation / test folders, or flat."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions

from . import fingerprint
from .dataset import MAIN, TEST, BadItem, LoadReport, SeriesData
from .folders import entries, natural_order, parts_among, walk
from .series_build import OneSeries, constant_words, guess_group, joined, joined_marks, numbered
from .series_options import NONE, names_option, rank_class, rank_group, rate_option, text_option
from .series_text import ENDINGS, Format, Steps, find_format, looks_like_numbers, read_steps

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

FEWEST_FLAT = 3  # files without class folders that are taken for series and not for so many tables
LOOKED_AT = 6
OTHERS_LISTED = 50
_PROSE = ("readme", "manual", "license", "licence", "changelog", "about", "notes", "info", "requirements")


@dataclass(frozen=True)
class File:
    """path: absolute. below: shown name, from the opened folder on. cls: its class folder, None when it lies loose."""

    path: str
    below: str
    cls: str | None
    part: int
    inner: str = ""  # folders between the class folder and the file


def looks_like_series(folder: Path) -> bool:
    """Whether the folder holds series as text: class folders of files of numbers, or three or more such files alike."""
    files, _ = find_files(folder)
    classed = [f for f in files if f.cls is not None]
    if len({f.cls for f in classed}) >= 2 or (classed and len(files) >= FEWEST_FLAT):
        looked = _spread(classed)
    elif len(files) >= FEWEST_FLAT:
        looked = files[:LOOKED_AT]
        if {Path(f.path).stem.lower() for f in files} & {"train", "test"}:
            return False
        heads = {_width(Path(f.path)) for f in looked}
        if len(heads) != 1:
            return False
    else:
        return False
    return sum(looks_like_numbers(Path(f.path)) for f in looked) >= len(looked) / 2


def _spread(files: list[File]) -> list[File]:
    """A few files of different classes, and not only the first ones of each."""
    by_class: dict[str | None, list[File]] = {}
    for file in files:
        by_class.setdefault(file.cls, []).append(file)
    each = max(1, LOOKED_AT // max(1, len(by_class)))
    return [own[i * len(own) // each] for own in by_class.values() for i in range(min(each, len(own)))][: 2 * LOOKED_AT]


def _width(path: Path) -> int:
    try:
        return len(find_format([path], CsvOptions()).names)
    except DataError:
        return 0


def find_files(folder: Path) -> tuple[list[File], list[str]]:
    """(series files in natural order, names of files that are none)."""
    others: list[str] = []
    names = [e.name for e in entries(folder) if e.is_dir()]
    if parts := parts_among(names):
        found = [f for name, part in parts.items() for f in _classes(folder / name, folder, part, others)]
        others += [f"{name}/" for name in names if name not in parts]
        return found, others
    loose = [e for e in entries(folder) if not e.is_dir() and _is_series_name(e.name)]
    if len(names) == 1 and not loose:
        inner = folder / names[0]
        if any(e.is_dir() for e in entries(inner)):
            return find_files(inner)
    return list(_classes(folder, folder, MAIN, others)), others


def _classes(folder: Path, top: Path, part: int, others: list[str]) -> Iterator[File]:
    for entry in entries(folder):
        if not entry.is_dir():
            if _is_series_name(entry.name):
                yield File(entry.path, _below(entry.path, top), None, part)
            elif not entry.name.startswith("."):
                others.append(_below(entry.path, top))
            continue
        if entry.name.startswith("."):
            continue
        inside: list[File] = []
        for root, names in walk(entry.path):
            for name in names:
                path = os.path.join(root, name)
                if _is_series_name(name):
                    inner = _below(root, Path(entry.path)) if root != entry.path else ""
                    inside.append(File(path, _below(path, top), _shown(entry.name), part, inner))
                else:
                    others.append(_below(path, top))
        yield from sorted(inside, key=lambda f: natural_order(f.below))


def load_series(
    folder: Path,
    csv: CsvOptions,
    params: Mapping[str, Any],
    test_folder: Path | None = None,
    progress: Progress | None = None,
    cancelled: IsCancelled | None = None,
) -> SeriesData:
    """The series of a folder. A file that cannot be read goes to `report.bad` with why; the others stay.

    Raises:
        DataError: there is no readable series, or an option names what is not there. Cancelled.
    """
    files, others = find_files(folder)
    if any(f.cls is not None for f in files):  # beside class folders a loose file is a readme or the like
        others = [*others, *(f.below for f in files if f.cls is None)]
        files = [f for f in files if f.cls is not None]
    if test_folder is not None:
        more, more_others = find_files(test_folder)
        files = [f for f in files if f.part != TEST]
        files += [File(f.path, f"test: {f.below}", f.cls, TEST, f.inner) for f in more if f.part in (MAIN, TEST)]
        others += more_others
    if not files:
        remedy = "Choose a folder that holds one folder of text files for each class, one file a series."
        raise DataError("There are no series in this folder.", where=str(folder), remedy=remedy)
    return load_files(files, others, folder, csv, params, progress, cancelled)


def load_one(path: Path, csv: CsvOptions, params: Mapping[str, Any]) -> SeriesData:
    """One file as one series without a class. Raises DataError."""
    params = {**params, "class": NONE, "group": NONE}
    return load_files([File(str(path), path.name, None, MAIN)], [], path.parent, csv, params, None, None)


def load_files(
    files: list[File],
    others: list[str],
    folder: Path,
    csv: CsvOptions,
    params: Mapping[str, Any],
    progress: Progress | None,
    cancelled: IsCancelled | None,
) -> SeriesData:
    """See `load_series`."""
    fmt = find_format(
        [Path(f.path) for f in _spread(files) + files], csv, text_option(params, "time"), names_option(params)
    )
    rate = rate_option(params)
    found: list[OneSeries] = []
    bad: list[BadItem] = []
    for number, file in enumerate(files):
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None and number % 16 == 0:
            progress(number / len(files), f"Reading {len(files):,} series")
        try:
            steps = read_steps(Path(file.path), fmt, file.below)
        except DataError as error:
            bad.append(BadItem(file.below, f"{error.what} {error.remedy}".strip()))
            continue
        bad += steps.bad
        found.append(_one(file, steps))
    if not found:
        first = bad[0]
        raise DataError(f"None of the {len(files):,} files can be read; the first: {first.what}", where=first.where)
    return _made(found, fmt, bad, others, folder, params, rate)


def _one(file: File, steps: Steps) -> OneSeries:
    tells = {"folder": file.inner} if file.inner else {}
    pieces = [p for p in re.split(r"[-_.\s]+", Path(file.path).stem) if p]
    tells |= {f"part -{len(pieces) - i}": piece for i, piece in enumerate(pieces)}
    return OneSeries(file.below, steps.values, steps.times, file.cls, steps.words, tells, file.part)


def _made(
    found: list[OneSeries],
    fmt: Format,
    bad: list[BadItem],
    others: list[str],
    folder: Path,
    params: Mapping[str, Any],
    rate: float,
) -> SeriesData:
    every = {k: [one.tells[k] for one in found] for k in found[0].tells if all(k in one.tells for one in found)}
    for column in fmt.words:  # a column that is the same all through each file says something of the whole
        cells = [constant_words(one, column) for one in found]
        if all(c is not None for c in cells):
            every[column] = [str(c) for c in cells]
    asked_class, asked_group = text_option(params, "class"), text_option(params, "group")
    by, classes = _choose_class(found, every, asked_class)
    group = asked_group or next((c for c in every if rank_group(c) is not None), "")
    if not group:
        group = guess_group({k: v for k, v in every.items() if k != by}, classes)
    if group not in ("", NONE) and group not in every:
        raise DataError(f'Nothing is called "{group}" here.', where="group", remedy="Choose another, or none.")
    names, labels = numbered(classes)
    groups, member = numbered(every[group]) if group in every else ((), None)
    values, times, starts = joined(found)
    marks = joined_marks(found, [c for c in fmt.words if c not in (by, group)])
    title = folder.name
    notes = _notes(found, bad, others, fmt, names, labels)
    report = LoadReport(
        fmt.dialect.options,
        len(found),
        (*bad, *(BadItem(name, "The file is not a series.") for name in others[:OTHERS_LISTED])),
        notes,
        fingerprint.of_bytes(_content(values, times, starts, found).encode()),
    )
    options = {
        "time": fmt.time or NONE,
        "class": by or NONE,
        "group": group or NONE,
        "rate": rate,
        "names": list(fmt.names),
        "header": bool(fmt.dialect.header),
    }
    return SeriesData(
        fmt.channels,
        values,
        starts,
        [one.name for one in found],
        labels,
        np.array([one.part for one in found], np.uint8),
        report,
        names,
        groups,
        member,
        times,
        rate,
        marks,
        tuple((k, _told(k, v)) for k, v in every.items() if len(set(v)) > 1),
        options,
        fmt.names,
        title,
        "class" if by in ("", "folder") or by.startswith("part ") else by,
    )


def _choose_class(found: list[OneSeries], every: Mapping[str, list[str]], asked: str) -> tuple[str, list[str | None]]:
    """(what tells the class, the class of each series)."""
    folders = [one.cls for one in found]
    nothing: list[str | None] = [None] * len(found)
    if asked == NONE:
        return "", nothing
    if asked and asked != "folder":
        if asked not in every:
            raise DataError(f'Nothing is called "{asked}" here.', where="class", remedy="Choose another, or none.")
        return asked, list(every[asked])
    if all(f is not None for f in folders):
        return "folder", folders
    named = [(rank, c) for c in every if (rank := rank_class(c)) is not None]
    if named:
        return min(named)[1], list(every[min(named)[1]])
    for option, values in every.items():  # walk_01.txt, walk_02.txt, run_01.txt ...
        different = set(values)
        if option.startswith("part ") and all(v.isalpha() for v in different) and 2 <= len(different) <= 30:
            counts = [values.count(v) for v in different]
            if min(counts) >= 2:
                return option, list(values)
    return "", nothing


def _told(option: str, values: list[str]) -> str:
    """A candidate in words: "part of the file name: f1, f2, m1 … (16)"."""
    different = sorted(set(values), key=natural_order)
    some = ", ".join(different[:3]) + (" …" if len(different) > 3 else "")
    if option == "folder":
        return f"Inner folder: {some} ({len(different)})"
    if option.startswith("part "):
        return f"In the file name: {some} ({len(different)})"
    return f"Column {option}: {some} ({len(different)})"


def _notes(
    found: list[OneSeries],
    bad: list[BadItem],
    others: list[str],
    fmt: Format,
    classes: tuple[str, ...],
    labels: np.ndarray[Any, Any],
) -> tuple[str, ...]:
    notes = []
    if others:
        notes.append(f"{len(others):,} files are no series and were left out: {', '.join(others[:3])}.")
    unread = len({item.where for item in bad if ", line " not in item.where} - {one.name for one in found})
    if unread:
        notes.append(f"{unread:,} files cannot be read and were set aside.")
    if not fmt.dialect.header:
        notes.append("The files have no header; the channels are numbered.")
    main = {int(label) for one, label in zip(found, labels, strict=True) if one.part == MAIN}
    for i, name in enumerate(classes):
        if i not in main:
            notes.append(f"There are no training series of the class {name!r}.")
    return tuple(notes)


def _content(values: Any, times: Any, starts: Any, found: list[OneSeries]) -> str:
    """By content: it has been read anyway. Words count too: classes may be learned from them."""
    pieces = [fingerprint.of_bytes(np.ascontiguousarray(a).data) for a in (values, starts)]
    pieces += [] if times is None else [fingerprint.of_bytes(np.ascontiguousarray(times).data)]
    for one in found:
        for column, cells in one.words.items():
            words = "\0".join("" if cell is None else str(cell) for cell in cells)
            pieces.append(fingerprint.of_bytes(f"{column}\n{words}".encode("utf-8", "surrogatepass")))
    return "\n".join([*pieces, *(one.name for one in found)])


def _is_series_name(name: str) -> bool:
    low = name.lower()
    return low.endswith(ENDINGS) and not low.startswith((".", *_PROSE))


def _below(path: str, top: Path) -> str:
    return _shown(os.path.relpath(path, top).replace(os.sep, "/"))


def _shown(name: str) -> str:
    """A file's name as text that can be written down: bytes that are no UTF-8 as \\xff."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
