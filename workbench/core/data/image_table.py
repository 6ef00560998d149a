"""A table whose one column holds the paths of pictures: labelled pictures without class folders."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.core.errors import DataError
from workbench.core.project import Json

from . import fingerprint
from .dataset import MAIN, TEST, VALIDATION, BadItem, ImageData, LoadReport, TableData
from .folders import PART_NAMES, natural_order
from .image_source import read_headers
from .picture_places import LOOKED_AT, find_place, may_name_pictures, path_of
from .values import text_of

_LABELS = ("label", "class", "category", "target", "species", "breed", "diagnosis", "y")
_PARTS = ("split", "part", "set", "subset", "fold", "usage")


def picture_columns(frame: pd.DataFrame, folder: Path) -> dict[str, str]:
    """{"path": column, "label": column, "part": column or ""} when a column names pictures beside it; else {}."""
    for name in frame.columns:
        if frame[name].dtype != "str" and not isinstance(frame[name].dtype, pd.CategoricalDtype):
            continue
        cells = [str(cell).strip() for cell in frame[name].dropna().unique()[:LOOKED_AT]]
        if may_name_pictures(cells) and find_place(cells, folder) is not None:
            return {"path": name, "label": _label_column(frame, name), "part": _part_column(frame, name)}
    return {}


def load_image_table(
    table: TableData,
    folder: Path,
    params: dict[str, Json],
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImageData:
    """The pictures that `table` names, with their labels.

    params: "path", "label" and, if there is one, "part": names of columns. Paths count from `folder`, where the table
    lies; they may lack their ending or the one folder they are in. Rows without a picture or a label are set aside.
    DataError when a column is not there, or no picture can be read.
    """
    frame = table.frame
    where = table.title
    found = {key: str(params.get(key) or "") for key in ("path", "label", "part")}
    for key, name in found.items():
        if name not in frame.columns and (name or key != "part"):
            what = f"The table has no column {name!r}." if name else f"No column for the {key} is chosen."
            raise DataError(what, where=where, remedy=f"Choose one of: {', '.join(list(frame.columns)[:12])}.")
    cells = [text_of(cell) for cell in frame[found["path"]]]
    labels = [text_of(cell) for cell in frame[found["label"]]]
    parts = [str(cell).strip().lower() for cell in frame[found["part"]]] if found["part"] else []
    filled = [cell for cell in dict.fromkeys(cells) if cell is not None]
    place = find_place(filled[:LOOKED_AT], folder) or (folder, "")
    bad: list[BadItem] = []
    kept: list[tuple[str, str, int]] = []
    for row, (cell, label) in enumerate(zip(cells, labels, strict=True)):
        path = path_of(cell, *place) if cell is not None else ""
        why = "It names no picture." if not path else "It has no label." if label is None else ""
        if not why and not os.path.isfile(path):
            why = (
                "It is an address on the web, which is not fetched."
                if "://" in str(cell)
                else "The picture is not there."
            )
        if why:
            bad.append(BadItem(f"row {row + 1}", why, str(cell or "")))
            continue
        part = PART_NAMES.get(parts[row], MAIN) if parts else MAIN
        kept.append((path, str(label), part))
    if not kept:
        first = bad[0].what if bad else "It has no rows."
        raise DataError(
            f"None of the {len(cells):,} rows names a picture with a label; the first: {first}",
            where=f'{where}, column "{found["path"]}"',
            remedy="Put the table into the folder from which its paths count, or choose other columns.",
        )
    headers, unreadable = read_headers([path for path, _, _ in kept], str(folder), progress, cancelled)
    read = [(item, header) for item, header in zip(kept, headers, strict=True) if header is not None]
    if not read:
        raise DataError(
            f"None of the {len(kept):,} pictures can be read; the first: {unreadable[0].what}", where=str(folder)
        )
    classes = sorted({item[1] for item, _ in read}, key=natural_order)
    number = {name: i for i, name in enumerate(classes)}
    notes = [*_notes(len(bad), len(unreadable)), *_missing_in_training(read, classes)]
    files = [item[0] for item, _ in read]
    print_ = fingerprint.of_bytes(f"{table.report.fingerprint} {fingerprint.of_listing(str(folder), files)}".encode())
    return ImageData(
        tuple(classes),
        np.array([number[item[1]] for item, _ in read], np.int32),
        np.array([item[2] for item, _ in read], np.uint8),
        LoadReport(table.report.options, len(read), (*bad, *unreadable), tuple(notes), print_),
        files=files,
        file_sizes=np.array([(header.height, header.width) for _, header in read], np.int32),
        file_channels=np.array([header.channels for _, header in read], np.uint8),
        names=[os.path.relpath(path, folder).replace(os.sep, "/") for path in files],
        title=where,
    )


def _notes(rows: int, pictures: int) -> Iterator[str]:
    if rows:
        what = (
            "1 row leads to no labelled picture and was"
            if rows == 1
            else f"{rows:,} rows lead to no labelled picture and were"
        )
        yield f"{what} set aside."
    if pictures:
        what = "1 picture cannot be read and was" if pictures == 1 else f"{pictures:,} pictures cannot be read and were"
        yield f"{what} set aside."


def _missing_in_training(read: Sequence[tuple[tuple[str, str, int], object]], classes: Iterable[str]) -> Iterator[str]:
    trained = {item[1] for item, _ in read if item[2] == MAIN}
    for name in classes:
        if name not in trained:
            yield f"There are no readable training pictures of the class {name!r}."


def _label_column(frame: pd.DataFrame, path: str) -> str:
    """By its name; else the column of few values that repeat."""
    others = [name for name in frame.columns if name != path]
    for word in _LABELS:
        for name in others:
            if name.strip().lower() == word or name.strip().lower().endswith(("_" + word, " " + word)):
                return name
    counts = {name: int(frame[name].nunique()) for name in others}
    few = [name for name, count in counts.items() if 1 < count <= max(2, 0.5 * len(frame))]
    return few[0] if few else others[0] if others else ""


def _part_column(frame: pd.DataFrame, path: str) -> str:
    for name in frame.columns:
        if name != path and name.strip().lower() in _PARTS:
            words = Counter(str(cell).strip().lower() for cell in frame[name].dropna())
            known = {PART_NAMES.get(word) for word in words}
            if words and None not in known and MAIN in known and known & {TEST, VALIDATION}:
                return name
    return ""
