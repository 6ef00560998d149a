"""The text of a table, in a file or in memory, looked through once in pieces: nothing of it need be held whole."""

from __future__ import annotations

import codecs
import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from . import text_file

HEAD = 4 << 20
"""Bytes at the beginning by which the dialect is found."""

_PIECE = 4 << 20
_ANSWER_EVERY = 0.05
_FEED, _QUOTE = ord("\n"), ord('"')

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Places = np.ndarray[Any, np.dtype[np.int64]]
_BESIDE: Flags = np.zeros(256, np.bool_)
_BESIDE[list(b',;\t|\r\n"')] = True

Answer = TypeVar("Answer")


class Text(ABC):
    """Bytes of a text."""

    @abstractmethod
    def pieces(self) -> Iterator[bytes | memoryview]:
        """All of it, in order."""

    @abstractmethod
    def whole(self) -> bytes: ...

    @abstractmethod
    def read_from(self, start: int, read: Callable[[pa.NativeFile], Answer], tell: Callable[[float], None]) -> Answer:
        """`read` given the text from byte `start` on. tell: called with the share done; it may raise to stop."""


class TextInMemory(Text):
    def __init__(self, data: bytes) -> None:
        self._data = data

    def pieces(self) -> Iterator[bytes | memoryview]:
        if len(self._data) <= _PIECE:
            yield self._data
        else:
            view = memoryview(self._data)
            yield from (view[i : i + _PIECE] for i in range(0, len(view), _PIECE))

    def whole(self) -> bytes:
        return self._data

    def read_from(self, start: int, read: Callable[[pa.NativeFile], Answer], tell: Callable[[float], None]) -> Answer:
        return read(pa.BufferReader(pa.py_buffer(memoryview(self._data)[start:])))


class TextInFile(Text):
    """A file as it stands on the disk. What goes wrong while reading it is a DataError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with text_file.plain_errors(path):
            self._size = path.stat().st_size

    def pieces(self) -> Iterator[bytes | memoryview]:
        with text_file.plain_errors(self._path), self._path.open("rb", buffering=0) as file:
            while piece := file.read(_PIECE):
                yield piece

    def whole(self) -> bytes:
        return text_file.read_bytes(self._path)

    def read_from(self, start: int, read: Callable[[pa.NativeFile], Answer], tell: Callable[[float], None]) -> Answer:
        """Arrow reads on a thread of its own, so that the caller can be told and can stop it."""
        with text_file.plain_errors(self._path), self._path.open("rb", buffering=0) as raw:
            raw.seek(start)
            file = _Watched(raw)
            with ThreadPoolExecutor(1, thread_name_prefix="read csv") as pool:
                job = pool.submit(lambda: read(pa.PythonFile(file, "r")))
                try:
                    while not wait([job], _ANSWER_EVERY).done:
                        tell(file.done / max(self._size, 1))
                except BaseException:
                    file.stop.set()
                    raise
                return job.result()


class _Watched(io.RawIOBase):
    """A file that says how far it has been read, and ends at once when it is told to stop."""

    def __init__(self, raw: io.FileIO) -> None:
        self._raw = raw
        self.done = raw.tell()
        self.stop = threading.Event()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = b"" if self.stop.is_set() else self._raw.read(size)
        self.done += len(data)
        return data


@dataclass(frozen=True)
class Look:
    """What one pass over the text told.

    head: its first bytes, the byte order mark included. ascii, utf8: whether all of it is. nul: whether a NUL is in it.
    marks: byte order marks beyond the first. carriages: carriage returns without a line feed behind. quotes: how often
    the double quote occurs. even: whether every line holds an even number of them, so that no cell in good order spans
    lines. amid: whether one stands amid other characters than marks, as no quote in good order does but in
    cells without quotes around them.
    """

    size: int
    head: bytes
    ascii: bool
    utf8: bool
    nul: bool
    marks: int
    carriages: int
    quotes: int
    even: bool
    amid: bool = False


def first_lines(text: Text, lines: int) -> tuple[TextInMemory, bool]:
    """(the first so many physical lines of a text, whether there are more)."""
    kept: list[bytes] = []
    for piece in text.pieces():
        data = bytes(piece)
        found = data.count(b"\n")
        if found >= lines:
            at = -1
            for _ in range(lines):
                at = data.find(b"\n", at + 1)
            kept.append(data[: at + 1])
            return TextInMemory(b"".join(kept)), True
        lines -= found
        kept.append(data)
    return TextInMemory(b"".join(kept)), False


def count_lines(text: Text) -> int:
    """Physical lines of a text in which line feeds end them."""
    feeds, last = 0, b"\n"
    for piece in text.pieces():
        data = bytes(piece)
        feeds += data.count(b"\n")
        last = data[-1:] or last
    return feeds + (last != b"\n")


def look_through(text: Text, tell: Callable[[], None] = lambda: None) -> Look:
    """One pass. tell: called for each piece; it may raise to stop."""
    size = carriages = quotes = marks = 0
    head = b""
    ascii_, utf8, nul, even, amid = True, True, False, True, False
    decoder = codecs.getincrementaldecoder("utf-8")()
    last = b""
    for piece in text.pieces():
        tell()
        data = bytes(piece)
        if len(head) < HEAD:
            head += data[: HEAD - len(head)]
        size += len(data)
        nul = nul or b"\0" in data
        if not data.isascii():
            ascii_ = False
            marks += data.count(codecs.BOM_UTF8)
        if utf8 and not ascii_:
            try:
                decoder.decode(data)
            except UnicodeDecodeError:
                utf8 = False
        if b"\r" in data or last == b"\r":
            carriages += data.count(b"\r") - data.count(b"\r\n") - (last == b"\r" and data[:1] == b"\n")
        if b'"' in data:
            bytes_ = np.frombuffer(data, np.uint8)
            places = np.flatnonzero(bytes_ == _QUOTE)
            if even:
                before = np.searchsorted(places, np.flatnonzero(bytes_ == _FEED))
                even = not ((before + quotes) & 1).any()
            quotes += len(places)
            amid = amid or bool(_amid(bytes_, places).any())
        elif quotes & 1 and b"\n" in data:
            even = False
        last = data[-1:]
    if utf8 and not ascii_:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    even = even and quotes % 2 == 0
    marks -= head.startswith(codecs.BOM_UTF8)
    return Look(size, head, ascii_, utf8, nul, marks, carriages, quotes, even, amid)


def _amid(data: Bytes, places: Places) -> Flags:
    """Which quotes have neither a mark, a line end nor a quote beside them. At the ends of a piece: none."""
    inside = places[(places > 0) & (places < len(data) - 1)]
    return ~(_BESIDE[data[inside - 1]] | _BESIDE[data[inside + 1]])


def refuse_binary(look: Look, text: Text, where: str) -> None:
    """DataError that says what it is when it is empty or no text."""
    nothing_yet = not look.head.strip(text_file.NOTHING)
    text_file.refuse_binary(text.whole() if nothing_yet and look.size > len(look.head) else look.head, where)
