"""From a file to its text: unpacking, refusing what is no text, and finding the encoding."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core.errors import DataError

from . import encodings, packed

_AGAIN = "Fetch or pack it once more."
NOTHING = b"\xef\xbb\xbf \t\r\n\x00"
"""Bytes that make no text."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)


def read_bytes(path: Path, limit: int = 0, member: str = "") -> bytes:
    """The file's bytes, unpacked when it is gzip, bzip2, xz or a ZIP of one table (or with one called `member`).

    With `limit`, only about the first `limit` of them.
    Raises DataError when it is absent, may not be read, is a folder, is broken, or unpacks to a suspicious size.
    """
    with plain_errors(path), path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        if packed.is_packed(head):
            return packed.unpack(file, path, limit, member)
        return file.read(limit) if limit else file.read()


def whole_lines(path: Path, limit: int) -> bytes:
    """The first lines of a text file, about `limit` bytes, none of them cut. DataError when it is no text."""
    data = read_bytes(path, limit)
    refuse_binary(data, path.name)
    cut = max(data.rfind(b"\n"), data.rfind(b"\r"))
    return data if len(data) < limit or cut < 0 else data[: cut + 1]


def is_packed(path: Path) -> bool:
    """Whether the file is packed, by its first bytes. DataError when it cannot be read."""
    with plain_errors(path), path.open("rb") as file:
        return packed.is_packed(file.read(8))


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """What goes wrong while reading `path`, as DataError in plain words."""
    where = path.name
    try:
        if path.is_dir():
            raise DataError("This is a folder, not a table.", where=where, remedy="Choose the file inside it.")
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise DataError("This is no ordinary file.", where=str(path), remedy="Save what it gives as a file first.")
        yield
    except FileNotFoundError as error:
        raise DataError("The file is not there.", where=str(path), remedy="Choose the file again.") from error
    except PermissionError as error:
        raise DataError("The file may not be read.", where=str(path), remedy="Check its permissions.") from error
    except zipfile.BadZipFile as error:
        raise DataError("The ZIP archive is broken or was cut short.", where=where, remedy=_AGAIN) from error
    except packed.BROKEN as error:
        raise DataError("The packed file is broken or was cut short.", where=where, remedy=_AGAIN) from error
    except OSError as error:
        if error.errno is None:  # bzip2 says it this way
            raise DataError("The packed file is broken or was cut short.", where=where, remedy=_AGAIN) from error
        raise DataError(f"The file cannot be read ({error.strerror or error}).", where=str(path)) from error


def refuse_binary(data: bytes, where: str) -> None:
    """DataError that says what the file is when it is no text."""
    if not data[:65536].strip(NOTHING) and not data.strip(NOTHING):
        raise DataError("The file is empty.", where=where, remedy="Choose a file with a header line and rows.")
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise DataError(
                f"This is {what}, not a text table.",
                where=where,
                remedy="Export the table as CSV from the program that made it, and open that.",
            )
    if data.startswith(tuple(bom for bom, _ in _BOMS)) or _utf16_without_bom(data):
        return
    head = data[:65536]
    strange = sum(head.count(bytes([code])) for code in (*range(9), *range(14, 27), *range(28, 32)))
    if strange > len(head) * 0.02:
        raise DataError(
            "This is not a text table: it holds binary data.",
            where=where,
            remedy="Export the table as CSV from the program that made it, and open that.",
        )


def find_encoding(data: bytes) -> tuple[str, str]:
    """(encoding, note): by byte order mark, else UTF-8 if it is valid, else the likeliest one, which the note tells."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name, ""
    wide = _utf16_without_bom(data)
    if wide:
        return wide, ""
    if encodings.decodes(data, "utf-8"):
        return "utf-8", ""
    name = encodings.guess(data)
    return name, f"The encoding is not UTF-8; it was guessed as {name.replace('_', '-')}. Look at accented letters."


def decode(data: bytes, encoding: str, where: str) -> str:
    """The text. DataError naming the line when the encoding does not fit or does not exist."""
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise DataError(f"There is no encoding called {encoding!r}.", where=where, remedy="Try utf-8.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"The text is not {encoding}: byte {error.start} cannot be read.",
            where=f"{where}, line {line}",
            remedy="Choose another encoding, or leave it to be found.",
        ) from error


def _utf16_without_bom(data: bytes) -> str:
    head = data[:4096]
    if len(head) < 8:
        return ""
    even, odd = head[0::2].count(0) / (len(head) / 2), head[1::2].count(0) / (len(head) / 2)
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    if even > 0.7 and odd < 0.1:
        return "utf-16-be"
    return ""
