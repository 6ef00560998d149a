"""What a source gives once it is read: a table or labelled pictures, with a report of how reading went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from workbench.core.errors import DataError
from workbench.core.project import CsvOptions

if TYPE_CHECKING:
    import pandas as pd

MAIN, TEST, VALIDATION = 0, 1, 2
"""Values of `parts`: the main part, a test part the source brings along, a validation part it brings along."""


@dataclass(frozen=True)
class BadItem:
    """One line or file that was set aside.

    where: "line 17", or a file's path below the opened folder. what: why, in plain words.
    text: the raw line; "" for files.
    """

    where: str
    what: str
    text: str = ""


@dataclass(frozen=True)
class LoadReport:
    """How reading went.

    options: how the text was read (encoding, delimiter, header ...); None when the source is no text.
    rows: rows or pictures read. bad: what was set aside, never silently. notes: worth knowing, one sentence each.
    first_line: physical lines of text above the first row (header, comments), 0 when the source is no text.
    fingerprint: content hash, to notice later that the file has changed. sheets: of a workbook, all of them.
    sheet: the one that was read.
    """

    options: CsvOptions | None = None
    rows: int = 0
    bad: tuple[BadItem, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprint: str = ""
    first_line: int = 0
    sheets: tuple[str, ...] = ()
    sheet: str = ""


@dataclass(frozen=True, eq=False)
class TableData:
    """A table.

    frame: columns are unique str; the index is the source row number from 0. parts: uint8 (rows,), see MAIN and TEST.
    target: the column a sample suggests to predict; "" when there is no suggestion.
    """

    frame: pd.DataFrame
    report: LoadReport
    parts: np.ndarray[Any, np.dtype[np.uint8]]
    title: str = ""
    target: str = ""

    kind: ClassVar[str] = "table"

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True, eq=False)
class ImageData:
    """Labelled pictures, in memory (`array`) or as files that are decoded on demand. Safe to read from several threads.

    classes: names in the order of the indices. labels: int32 (n,), indices into `classes`. parts: uint8 (n,), see MAIN,
    TEST, VALIDATION. array: uint8 (n, H, W, C) or None. files: absolute paths, empty when `array` is given.
    file_sizes: int32 (n, 2), height and width of each file's upright picture. file_channels: uint8 (n,), 1 or 3.
    names: shown name of each picture; empty: made from the part and the position.
    """

    classes: tuple[str, ...]
    labels: np.ndarray[Any, np.dtype[np.int32]]
    parts: np.ndarray[Any, np.dtype[np.uint8]]
    report: LoadReport
    array: np.ndarray[Any, np.dtype[np.uint8]] | None = None
    files: Sequence[str] = ()
    file_sizes: np.ndarray[Any, np.dtype[np.int32]] | None = None
    file_channels: np.ndarray[Any, np.dtype[np.uint8]] | None = None
    names: Sequence[str] = ()
    title: str = ""

    kind: ClassVar[str] = "images"

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, i: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Picture number i, uint8 (H, W, C), C is 1 or 3. DataError when the file can no longer be decoded."""
        if self.array is not None:
            pixels: np.ndarray[Any, np.dtype[np.uint8]] = self.array[i]
            return pixels
        from .pictures import read_picture

        return read_picture(self.files[i], channels=int(self.channels()[i]))

    def thumbnail(self, i: int, side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Picture number i, shrunk so that its longer side is at most `side` pixels.

        Large JPEGs decode faster this way. A picture that is smaller stays as it is.
        DataError when the file can no longer be decoded.
        """
        from .pictures import read_picture, shrink

        if self.array is not None:
            return shrink(self.array[i], side)
        return read_picture(self.files[i], channels=int(self.channels()[i]), longest=side)

    def name(self, i: int) -> str:
        """What to call picture number i: its file's name, or its part and number within it."""
        if self.names:
            return self.names[i]
        part = int(self.parts[i])
        first = int(np.argmax(self.parts == part))
        return f"{('', 'test ', 'validation ')[part]}#{i - first}"

    def sizes(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """Height and width of each picture, int32 (n, 2)."""
        if self.array is not None:
            return np.tile(np.asarray(self.array.shape[1:3], np.int32), (len(self), 1))
        if self.file_sizes is None:
            raise DataError("The sizes of these pictures are not known.", remedy="Open the folder again.")
        return self.file_sizes

    def channels(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """1 (grey) or 3 (colour) for each picture, uint8 (n,)."""
        if self.array is not None:
            return np.full(len(self), self.array.shape[3], np.uint8)
        if self.file_channels is None:
            return np.full(len(self), 3, np.uint8)
        return self.file_channels


Dataset = TableData | ImageData
