"""The files of one entry of the cache of what was read: a table, pictures or series, written and read again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.errors import Cancelled

from .dataset import Dataset, ImageData, LoadReport, Marks, SeriesData, TableData

IsCancelled = Callable[[], bool]


def write(dataset: Dataset, folder: Path, cancelled: IsCancelled) -> dict[str, Any] | None:
    """Write the files; what else must be known of them, as JSON values, or None when it cannot be kept."""
    if isinstance(dataset, TableData):
        return _write_table(dataset, folder, cancelled)
    if isinstance(dataset, ImageData):
        return _write_images(dataset, folder, cancelled)
    return _write_series(dataset, folder)


def read(folder: Path, about: dict[str, Any], report: LoadReport) -> Dataset:
    """What `write` wrote. about: what it gave, with the "kind" and "title" of the data.

    Raises OSError, ValueError, KeyError or TypeError when it is damaged.
    """
    if about["kind"] == TableData.kind:
        return _read_table(folder, about, report)
    return (
        _read_images(folder, about, report) if about["kind"] == ImageData.kind else _read_series(folder, about, report)
    )


def _write_table(table: TableData, folder: Path, cancelled: IsCancelled) -> dict[str, Any] | None:
    import pyarrow as pa
    from pyarrow import feather

    frame = table.frame
    try:
        arrow = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column of mixed values
        return None
    if cancelled():
        raise Cancelled
    feather.write_feather(arrow, str(folder / "table.arrow"), compression="lz4")
    np.save(folder / "parts.npy", table.parts)
    return {"target": table.target, "dtypes": [str(dtype) for dtype in frame.dtypes]}


def _read_table(folder: Path, meta: dict[str, Any], report: LoadReport) -> TableData:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import feather

    try:
        arrow = feather.read_table(str(folder / "table.arrow"), memory_map=False)
    except pa.ArrowInvalid as error:
        raise ValueError(str(error)) from error
    columns: dict[str, Any] = {}
    for name, dtype in zip(arrow.column_names, meta["dtypes"], strict=True):
        values = arrow.select([name]).to_pandas()[name]
        values = values if str(values.dtype) == dtype else values.astype(dtype)
        columns[name] = values.copy() if isinstance(values.dtype, np.dtype) else values  # Arrow's own may be read-only
    frame = pd.DataFrame(columns, columns=pd.Index(arrow.column_names, dtype="str"), copy=False)
    return TableData(frame, report, np.load(folder / "parts.npy"), str(meta["title"]), str(meta["target"]))


_ARRAYS = ("labels", "parts", "file_sizes", "file_channels")


def _write_images(images: ImageData, folder: Path, cancelled: IsCancelled) -> dict[str, Any]:
    arrays = {name: getattr(images, name) for name in _ARRAYS}
    np.savez(folder / "about.npz", **{name: array for name, array in arrays.items() if array is not None})
    files: list[str] = []
    if images.array is not None:
        np.save(folder / "pixels.npy", images.array)
    else:
        (folder / "files").mkdir()
        for number, path in enumerate(images.files):
            if cancelled():
                raise Cancelled
            files.append(f"files/{number}{os.path.splitext(path)[1]}")
            shutil.copyfile(path, folder / files[-1])
    return {"classes": list(images.classes), "files": files, "names": list(images.names)}


def _read_images(folder: Path, meta: dict[str, Any], report: LoadReport) -> ImageData:
    with open(folder / "about.npz", "rb") as file, np.load(file) as stored:
        about = {name: stored[name] for name in stored.files}
    files = [str(folder / name) for name in meta["files"]]
    return ImageData(
        tuple(meta["classes"]),
        about["labels"],
        about["parts"],
        report,
        array=None if files else np.load(folder / "pixels.npy"),
        files=files,
        file_sizes=about.get("file_sizes"),
        file_channels=about.get("file_channels"),
        names=meta["names"],
        title=str(meta["title"]),
    )


_STEPS = ("values", "starts", "labels", "parts", "group", "times")
_WORDS = ("channels", "names", "classes", "groups", "columns")


def _write_series(series: SeriesData, folder: Path) -> dict[str, Any]:
    arrays: dict[str, Any] = {name: getattr(series, name) for name in _STEPS}
    arrays |= {f"mark{i}": mark.codes for i, mark in enumerate(series.marks.values())}
    np.savez(folder / "series.npz", **{name: array for name, array in arrays.items() if array is not None})
    about: dict[str, Any] = {name: list(getattr(series, name)) for name in _WORDS}
    about["marks"] = [[name, list(mark.classes)] for name, mark in series.marks.items()]
    about["candidates"] = [list(pair) for pair in series.candidates]
    return about | {"rate": series.rate, "options": dict(series.options), "label": series.label}


def _read_series(folder: Path, about: dict[str, Any], report: LoadReport) -> SeriesData:
    with open(folder / "series.npz", "rb") as file, np.load(file) as stored:
        arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    marks = {
        str(name): Marks(tuple(classes), arrays.pop(f"mark{i}")) for i, (name, classes) in enumerate(about["marks"])
    }
    words: dict[str, Any] = {name: tuple(about[name]) for name in _WORDS}
    return SeriesData(
        report=report,
        marks=marks,
        candidates=tuple((str(value), str(words)) for value, words in about["candidates"]),
        rate=float(about["rate"]),
        options=about["options"],
        title=str(about["title"]),
        label=str(about["label"]),
        **words,
        **arrays,
    )
