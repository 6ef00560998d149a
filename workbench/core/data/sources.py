"""Opening data: what a dropped file or folder is, and its content as a Dataset. Called from jobs; knows no thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec

from . import csv_source, text_file
from .array_source import load_idx, load_npz, looks_like_idx
from .csv_dialect import SAMPLE, find_dialect, sample_of
from .dataset import Dataset, TableData
from .image_source import load_images, looks_like_images
from .pictures import EXTENSIONS
from .samples import load_sample

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]


def guess_source(path: str | Path) -> DataSpec:
    """What a file or folder is, by looking into it. DataError when it is nothing that can be opened."""
    place = Path(path).expanduser().absolute()
    if not place.exists():
        raise DataError("It is not there.", where=str(place), remedy="Choose a file or a folder again.")
    if place.is_dir():
        return _guess_folder(place)
    head = text_file.read_bytes(place, 8)
    if looks_like_idx(place):
        return DataSpec("idx", str(place))
    if head.startswith(b"PK") and place.suffix.lower() == ".npz":
        return DataSpec("npz", str(place))
    if place.suffix.lower() in EXTENSIONS:
        raise DataError(
            "This is a single picture.",
            where=place.name,
            remedy="Open the folder that holds one folder of pictures for each class.",
        )
    text_file.refuse_binary(text_file.read_bytes(place, 65536), place.name)
    return DataSpec("csv", str(place))


def load(spec: DataSpec, progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Dataset:
    """The data of a spec.

    progress(share, text) and cancelled() are called from the calling thread. Raises DataError, or Cancelled.
    """
    if cancelled is not None and cancelled():
        raise Cancelled
    path = Path(spec.path)
    test = Path(spec.test_path) if spec.test_path else None
    if spec.source == "sample":
        return load_sample(spec.path, spec.params)
    if spec.source in ("csv", "pasted"):
        return csv_source.load_csv(path, spec.csv, test, progress, cancelled)
    if spec.source == "images":
        return load_images(path, test, progress, cancelled)
    if spec.source == "idx":
        return load_idx(path)
    if spec.source == "npz":
        return load_npz(path)
    raise DataError(f"The kind of source {spec.source!r} is not known.", where=spec.path)


def load_pasted(text: str) -> TableData:
    """A table from cells copied in a spreadsheet or typed as text. DataError when it is no table."""
    if not text.strip():
        raise DataError("There is no text to read.", where="clipboard", remedy="Copy some cells first.")
    return csv_source.load_text(text, CsvOptions())


def sniff_csv(path: str | Path) -> CsvOptions:
    """How a text table is written, judged by its head. DataError when it is no table."""
    place = Path(path)
    data = text_file.read_bytes(place, SAMPLE)
    text_file.refuse_binary(data, place.name)
    cut = max(data.rfind(b"\n"), data.rfind(b"\r"))
    whole = data if len(data) < SAMPLE or cut < 0 else data[: cut + 1]
    encoding, _ = text_file.find_encoding(whole)
    text = whole.decode(encoding, "replace")
    return find_dialect(sample_of(text), replace(CsvOptions(), encoding=encoding), place.name).options


def _guess_folder(folder: Path) -> DataSpec:
    if looks_like_idx(folder):
        return DataSpec("idx", str(folder))
    if looks_like_images(folder):
        return DataSpec("images", str(folder))
    tables = sorted(
        file for file in folder.iterdir() if file.is_file() and file.suffix.lower() in (".csv", ".tsv", ".npz")
    )
    if len(tables) == 1:
        return guess_source(tables[0])
    by_stem = {file.stem.lower(): file for file in tables}
    if len(tables) == 2 and set(by_stem) == {"train", "test"}:
        return DataSpec("csv", str(by_stem["train"]))
    raise DataError(
        f"The folder holds {len(tables)} tables." if tables else "There is nothing here that can be opened.",
        where=str(folder),
        remedy="Choose one of the files."
        if tables
        else "Choose a CSV, or a folder with one folder of pictures a class.",
    )
