"""Opening data: what a dropped file or folder is, and its content as a Dataset. Called from jobs; knows no thread."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.core.errors import Cancelled, DataError
from workbench.core.project import CsvOptions, DataSpec

from . import csv_source, first_rows, kept, memory, packed, text_file
from .append import with_test_part
from .arff_source import load_arff, looks_like_arff
from .array_source import load_idx, load_npz, looks_like_idx
from .csv_dialect import SAMPLE, find_dialect, sample_of
from .dataset import TEST, Dataset, TableData
from .image_source import load_images, looks_like_images
from .image_table import load_image_table, picture_columns
from .json_source import load_json, looks_like_json
from .pictures import EXTENSIONS
from .samples import load_sample
from .series_folder import load_series, looks_like_series
from .series_table import load_series_table, series_columns

_TABLE_FILES = (".csv", ".tsv", ".npz", ".xlsx", ".xls", ".ods", ".parquet", ".jsonl", ".arff")

_TABLES = ("csv", "excel", "parquet", "json", "arff")
_LISTED = 5

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]


def guess_source(path: str | Path, member: str = "") -> DataSpec:
    """What a file or folder is, by looking into it. DataError when it is nothing that can be opened.

    member: of a ZIP archive with several tables, the one that is meant.
    """
    place = Path(path).expanduser().absolute()
    if not place.exists():
        raise DataError("It is not there.", where=str(place), remedy="Choose a file or a folder again.")
    if place.is_dir():
        return _guess_folder(place)
    head = _first_bytes(place)
    if looks_like_idx(place):
        return DataSpec("idx", str(place))
    if head.startswith(b"PK") and _is_npz(place):
        return DataSpec("npz", str(place))
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")) and _is_workbook(place):
        return DataSpec("excel", str(place))
    if head.startswith(b"PAR1"):
        return DataSpec("parquet", str(place))
    if place.suffix.lower() in EXTENSIONS:
        raise DataError(
            "This is a single picture.",
            where=place.name,
            remedy="Open the folder that holds one folder of pictures for each class.",
        )
    text = text_file.read_bytes(place, 65536, member)
    params = {"member": member} if member else {}
    if text.startswith((b"PAR1", b"PK\x03\x04")):
        remedy = "Unpack it, and open the file inside."
        raise DataError("This is a packed workbook, archive or Parquet file.", where=place.name, remedy=remedy)
    text_file.refuse_binary(text, place.name)
    plain = _as_plain(text)
    if looks_like_arff(plain):
        return DataSpec("arff", str(place), params=params)
    return DataSpec("json" if looks_like_json(plain) else "csv", str(place), params=params)


def _first_bytes(place: Path) -> bytes:
    with text_file.plain_errors(place), place.open("rb") as file:
        return file.read(8)


def _is_npz(place: Path) -> bool:
    try:
        with packed.opened_zip(place) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return place.suffix.lower() == ".npz"
    return bool(names) and all(name.endswith(".npy") for name in names)


def _is_workbook(place: Path) -> bool:
    from .excel_source import looks_like_workbook

    return looks_like_workbook(place)


def _as_plain(text: bytes) -> bytes:
    """UTF-16 as UTF-8, as far as looking at the first signs needs it."""
    encoding, _ = text_file.find_encoding(text[:4096])
    return text.decode(encoding, "ignore").encode() if encoding.startswith(("utf-16", "utf-32")) else text


def load(spec: DataSpec, progress: Progress | None = None, cancelled: IsCancelled | None = None) -> Dataset:
    """The data of a spec.

    progress(share, text) and cancelled() are called from the calling thread. Raises DataError (memory.TooLarge when it
    does not fit into memory), or Cancelled.
    """
    if cancelled is not None and cancelled():
        raise Cancelled
    if not spec.params.get("rows") and not spec.from_cache:
        memory.check(Path(spec.path), spec.source)
    try:
        found = kept.open_kept(spec) if spec.from_cache else _load(spec, progress, cancelled)
        if isinstance(found, TableData) and spec.source in _TABLES:
            folder = str(Path(spec.path).absolute().parent)  # what was kept has none of its own
            return replace(found, folder=folder, test_folder=_test_folder(spec, found, folder))
        return found
    except (MemoryError, RuntimeError) as error:
        if not memory.is_shortage(error):
            raise
    raise memory.too_large(Path(spec.path), spec.source)  # here, where what was read so far has been let go


def _test_folder(spec: DataSpec, table: TableData, folder: str) -> str:
    """That of a separate test table, where it lies elsewhere; "" also where only the main table's has its pictures."""
    own = Path(spec.test_path).absolute().parent if spec.test_path else Path(folder)
    if own == Path(folder):
        return ""
    rows = table.frame[table.parts == TEST]
    beside_main = picture_columns(rows, Path(folder)) and not picture_columns(rows, own)
    return "" if beside_main else str(own)


def _load(spec: DataSpec, progress: Progress | None, cancelled: IsCancelled | None) -> Dataset:
    path = Path(spec.path)
    test = Path(spec.test_path) if spec.test_path else None
    if spec.source == "sample":
        return load_sample(spec.path, spec.params)
    if spec.source == "pasted":
        return csv_source.load_csv(path, spec.csv, None, progress, cancelled)
    if spec.source == "images":
        return load_images(path, test, progress, cancelled)
    if spec.source == "idx":
        return load_idx(path)
    if spec.source == "npz":
        return load_npz(path)
    if spec.source == "image_table":
        table = csv_source.load_csv(path, spec.csv, None, None, cancelled)
        return load_image_table(table, path.parent, dict(spec.params), progress, cancelled)
    if spec.source == "series":
        return load_series(path, spec.csv, spec.params, test, progress, cancelled)
    if spec.source == "series_table":
        rows = _load_tables(replace(spec, source=_kind_of(path)), path, test, progress, cancelled)
        return load_series_table(rows, spec.params, cancelled, path.name)
    if spec.source in _TABLES:
        return _load_tables(spec, path, test, progress, cancelled)
    raise DataError(f"The kind of source {spec.source!r} is not known.", where=spec.path)


def _load_tables(
    spec: DataSpec, path: Path, test: Path | None, progress: Progress | None, cancelled: IsCancelled | None
) -> TableData:
    """A table, and a test file as its test part, whatever kinds of files the two are."""
    other = guess_source(test) if test is not None else None
    if other is not None and other.source not in _TABLES:
        raise DataError(
            "The test data is no table.", where=other.path, remedy=f"Choose one with the columns of {path.name}."
        )
    if spec.source == "csv" and other is not None and other.source == "csv":
        member, rows = str(spec.params.get("member") or ""), int(spec.params.get("rows") or 0)
        main = csv_source.load_csv(path, spec.csv, test, progress, cancelled, member, rows)
    else:
        main = _load_table(spec, path, progress, cancelled)
        if other is not None and test is not None:
            options = replace(main.report.options or spec.csv, encoding="", delimiter="")
            given = _load_table(replace(other, csv=options), test, progress, cancelled)
            main = with_test_part(main, given, path.name, test.name)
    return _with_choice(main, path, str(spec.params.get("member") or ""))


def _with_choice(table: TableData, path: Path, member: str) -> TableData:
    """With the tables of the archive that it is one of in its report."""
    with text_file.plain_errors(path):
        names, name = packed.choice_of(path, member) if table.report.sheets == () else ((), "")
    if not names:
        return table
    others = [other for other in names if other != name]
    listed = ", ".join(others[:_LISTED]) + (f" and {len(others) - _LISTED:,} more" if len(others) > _LISTED else "")
    note = f"The archive holds {len(names):,} tables; {name!r} was read, not {listed}."
    return replace(
        table, report=replace(table.report, sheets=names, sheet=name, notes=(note, *table.report.notes), plain=False)
    )


def _load_table(spec: DataSpec, path: Path, progress: Progress | None, cancelled: IsCancelled | None) -> TableData:
    """A table of the kinds that are read whole; their readers are imported when they are needed."""
    member = str(spec.params.get("member") or "")
    if spec.source == "excel":
        from .excel_source import load_workbook

        return load_workbook(path, str(spec.params.get("sheet") or ""), spec.csv, progress, cancelled)
    if spec.source == "parquet":
        from .parquet_source import load_parquet

        return load_parquet(path, progress, cancelled)
    if spec.source == "json":
        return load_json(path, spec.csv, progress, cancelled, member)
    if spec.source == "arff":
        return load_arff(path, spec.csv, progress, cancelled, member)
    if spec.source == "csv":
        rows = int(spec.params.get("rows") or 0)
        return csv_source.load_csv(path, spec.csv, None, progress, cancelled, member, rows)
    raise DataError("This is no table.", where=path.name, remedy="Choose a table with the same columns.")


def other_ways(spec: DataSpec, table: TableData) -> tuple[DataSpec, ...]:
    """Other ways in which the table of `spec` may be meant, to be offered: as the list of pictures beside it, or as
    series over time."""
    if spec.source not in _TABLES or spec.source == "pasted":
        return ()
    made: tuple[DataSpec, ...] = ()
    if spec.source == "csv" and not spec.test_path:
        found = picture_columns(table.frame, Path(spec.path).parent)
        if found:
            made = (replace(spec, source="image_table", params={k: v for k, v in found.items() if v}),)
    columns = series_columns(table.frame)
    if columns:
        made = (*made, replace(spec, source="series_table", params={**spec.params, **columns, "table": spec.source}))
    return made


def _kind_of(path: Path) -> str:
    """The kind of table that a long table of series is written as. DataError when it is no table."""
    kind = guess_source(path).source
    if kind not in _TABLES:
        raise DataError("This is no table.", where=path.name, remedy="Choose a table with one step a row.")
    return kind


def load_pasted(text: str) -> TableData:
    """A table from cells copied in a spreadsheet or typed as text. DataError when it is no table."""
    if not text.strip():
        raise DataError("There is no text to read.", where="clipboard", remedy="Copy some cells first.")
    return csv_source.load_text(text, CsvOptions())


def sniff_csv(path: str | Path) -> CsvOptions:
    """How a text table is written, judged by its head. DataError when it is no table."""
    place = Path(path)
    whole = text_file.whole_lines(place, SAMPLE)
    encoding, _ = text_file.find_encoding(whole)
    text = whole.decode(encoding, "replace")
    return find_dialect(sample_of(text), replace(CsvOptions(), encoding=encoding), place.name).options


def _fits_as_test(main: DataSpec, test: Path) -> bool:
    """Whether a text table beside another has all its columns, the answers too, by their first rows."""
    other = guess_source(test)
    if (main.source, other.source) != ("csv", "csv"):
        return False
    try:
        heads = [first_rows.read_first_rows(Path(spec.path), spec.csv, 1).frame for spec in (main, other)]
    except DataError:  # whoever reads them says why
        return False
    return set(heads[0].columns) <= set(heads[1].columns)


def _guess_folder(folder: Path) -> DataSpec:
    if looks_like_idx(folder):
        return DataSpec("idx", str(folder))
    if looks_like_images(folder):
        return DataSpec("images", str(folder))
    if looks_like_series(folder):
        return DataSpec("series", str(folder))
    tables = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix.lower() in _TABLE_FILES)
    if len(tables) == 1:
        return guess_source(tables[0])
    by_stem = {file.stem.lower(): file for file in tables}
    if len(tables) == 2 and set(by_stem) == {"train", "test"}:
        main = guess_source(by_stem["train"])
        return replace(main, test_path=str(by_stem["test"])) if _fits_as_test(main, by_stem["test"]) else main
    raise DataError(
        f"The folder holds {len(tables):,} tables." if tables else "There is nothing here that can be opened.",
        where=str(folder),
        remedy="Choose one of the files."
        if tables
        else "Choose a CSV, or a folder with one folder of pictures a class.",
    )
