"""Unpacking gzip, bzip2, xz and ZIP: with caps on what comes out, as a file of 400 KB can unpack to gigabytes."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from workbench.core.errors import DataError

SUFFIXES = (".gz", ".bz2", ".xz", ".zip")
MAX_UNPACKED = 4 << 30
SMALL = 256 << 20
"""Up to so many bytes any file may unpack to."""

RATIO = 200
"""Text packs to a tenth, at best a fiftieth; 1000 and more is a trap."""

_CHUNK = 4 << 20
_STREAMS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_ZIP = b"PK\x03\x04"
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".json", ".jsonl", ".ndjson", ".arff")
_LISTED = 5

BROKEN = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)
"""What the unpackers raise on broken files."""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with `head` is packed."""
    return head.startswith((*_STREAMS, _ZIP))


def unpack(file: BinaryIO, path: Path, limit: int = 0, member: str = "") -> bytes:
    """What is in a packed file, or about its first `limit` bytes; of a ZIP the table named `member`, else the one
    that is likeliest meant (see `choice_of`).

    Raises DataError when it grows suspiciously, or when a ZIP holds no table; BROKEN errors as they come.
    """
    head = file.read(8)
    file.seek(0)
    if head.startswith(_ZIP):
        return _from_zip(file, path, limit, member)
    size = max(path.stat().st_size, 1)
    if head.startswith(_STREAMS[0]):
        return _read(gzip.GzipFile(fileobj=file), path.name, size, limit)
    return _read(bz2.BZ2File(file) if head.startswith(_STREAMS[1]) else lzma.LZMAFile(file), path.name, size, limit)


@contextmanager
def opened_zip(file: BinaryIO | Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP archive. What zipfile raises on damaged ones comes as BadZipFile."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except DataError:
        raise
    except (EOFError, zlib.error, struct.error, ValueError, RuntimeError, KeyError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a place before the file's beginning
            raise
        raise zipfile.BadZipFile(str(error)) from error


def check_archive(archive: zipfile.ZipFile, where: str) -> None:
    """DataError when a ZIP, by its own directory, unpacks to a suspicious size."""
    items = archive.infolist()
    total, packed = sum(item.file_size for item in items), sum(item.compress_size for item in items)
    if _suspicious(total, max(packed, 1)):
        raise _bomb(where, total)


def tables_in(archive: zipfile.ZipFile) -> list[str]:
    """The names of what may be a table in it; of everything when nothing is called like one."""
    names = [item.filename for item in archive.infolist() if not item.is_dir() and _is_content(item.filename)]
    return [name for name in names if name.lower().endswith(_TABLES)] or names


def choice_of(path: Path, member: str = "") -> tuple[tuple[str, ...], str]:
    """(the tables of a ZIP archive that holds several, the one that is read); ((), "") for any other file.

    member: the one that is asked for. Errors as they come, as from `unpack`.
    """
    with path.open("rb") as file:
        if not file.read(4).startswith(_ZIP):
            return (), ""
        with opened_zip(file) as archive:
            tables = tables_in(archive)
            return (tuple(tables), member or _likeliest(archive, tables)) if len(tables) > 1 else ((), "")


def _likeliest(archive: zipfile.ZipFile, tables: list[str]) -> str:
    """Of several tables the one to begin with: the one called train, else the largest; "" when none is called one."""
    named = [name for name in tables if name.lower().endswith(_TABLES)]
    training = [name for name in named if Path(name).stem.lower() in ("train", "training")]
    return max(training or named, key=lambda name: archive.getinfo(name).file_size, default="")


def _from_zip(file: BinaryIO, path: Path, limit: int, member: str) -> bytes:
    with opened_zip(file) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" in names or "mimetype" in names:
            raise DataError(
                "This is a workbook or another office document, not a text table.",
                where=path.name,
                remedy="Open it as a workbook, or export the table as CSV.",
            )
        tables = tables_in(archive)
        if member and member not in names:
            remedy = f"It holds {', '.join(tables[:_LISTED])}."
            raise DataError(f"The ZIP archive holds no {member!r}.", where=path.name, remedy=remedy)
        member = member or (_likeliest(archive, tables) if len(tables) > 1 else "")
        if not member and len(tables) != 1:
            listed = ", ".join(tables[:_LISTED]) + (
                f" and {len(tables) - _LISTED:,} more" if len(tables) > _LISTED else ""
            )
            what = f"The ZIP archive holds {len(tables):,} files: {listed}." if tables else "The ZIP archive is empty."
            raise DataError(what, where=path.name, remedy="Unpack it, and open the table or the folder of pictures.")
        item = archive.getinfo(member or tables[0])
        if item.flag_bits & 1:
            remedy = "Unpack it with its password, and open the table itself."
            raise DataError("The ZIP archive is locked with a password.", where=path.name, remedy=remedy)
        with archive.open(item) as stream:
            return _read(stream, path.name, max(item.compress_size, 1), limit)


def _is_content(name: str) -> bool:
    parts = name.split("/")
    return not name.startswith("__MACOSX") and not any(part.startswith(".") for part in parts)


def _read(packed: Readable, where: str, size: int, limit: int) -> bytes:
    parts: list[bytes] = []
    total = 0
    while chunk := packed.read(min(_CHUNK, limit - total) if limit else _CHUNK):
        parts.append(chunk)
        total += len(chunk)
        if limit and total >= limit:
            break
        if _suspicious(total, size):
            raise _bomb(where, total)
    return b"".join(parts)


def _suspicious(total: int, packed: int) -> bool:
    return total > MAX_UNPACKED or (total > SMALL and (total > packed * RATIO or total > _free_memory() // 2))


def _free_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _bomb(where: str, total: int) -> DataError:
    return DataError(
        f"The packed file grows to more than {total >> 20:,} MB.",
        where=where,
        remedy="Unpack it yourself if you trust it, and open the result.",
    )
