"""What a source gives once it is read: a table, labelled pictures or series, with a report of how reading went."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from workbench.core.errors import DataError
from workbench.core.project import CsvOptions, Step

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
    fingerprint: content hash, to notice later that the file has changed. sheets: of a workbook, or the tables of an
    archive, all of them. sheet: the one that was read. kept_at: when it was kept, as ISO date and time, when this comes
    from the cache instead of the file. plain: whether any other reader that is told `options` reads a text the same.
    """

    options: CsvOptions | None = None
    rows: int = 0
    bad: tuple[BadItem, ...] = ()
    notes: tuple[str, ...] = ()
    fingerprint: str = ""
    first_line: int = 0
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    kept_at: str = ""
    plain: bool = True


@dataclass(frozen=True, eq=False)
class TableData:
    """A table.

    frame: columns are unique str; the index is the source row number from 0. parts: uint8 (rows,), see MAIN and TEST.
    target: the column a sample suggests to predict; "" when there is no suggestion. folder: where the table lies, from
    which the paths in it count; "" when it lies nowhere (pasted cells). test_folder: from which those of its TEST rows
    count, where they are of a separate table that lies elsewhere; "" otherwise. See `folders_of`.
    """

    frame: pd.DataFrame
    report: LoadReport
    parts: np.ndarray[Any, np.dtype[np.uint8]]
    title: str = ""
    target: str = ""
    folder: str = ""
    test_folder: str = ""

    kind: ClassVar[str] = "table"

    def __len__(self) -> int:
        return len(self.frame)


class _Placed(Protocol):
    @property
    def parts(self) -> np.ndarray[Any, Any]: ...

    @property
    def folder(self) -> str: ...

    @property
    def test_folder(self) -> str: ...


Folders = str | Sequence[str]
"""From where paths count: one folder for all rows, or one for each row."""


def folders_of(table: _Placed, rows: np.ndarray[Any, Any] | slice | None = None) -> Folders:
    """From where the paths in a table, or in these of its rows (positions), count."""
    if not table.test_folder:
        return table.folder
    tests = table.parts[slice(None) if rows is None else rows] == TEST
    if not tests.any() or tests.all():
        return table.test_folder if tests.any() else table.folder
    return tuple(np.where(tests, table.test_folder, table.folder).tolist())


@dataclass(frozen=True, eq=False)
class ImageData:
    """Labelled pictures, in memory (`array`) or as files that are decoded on demand. Safe to read from several threads.

    classes: names in the order of the indices. labels: int32 (n,), indices into `classes`. parts: uint8 (n,), see MAIN,
    TEST, VALIDATION. array: uint8 (n, H, W, C) or None. files: absolute paths, empty when `array` is given.
    file_sizes: int32 (n, 2), height and width of each file's upright picture. file_channels: uint8 (n,), 1 or 3.
    names: shown name of each picture; empty: made from the part and the position.
    origin: set when these are pictures of another ImageData as a recipe leaves them; numbers: int64 (n,), which of its
    pictures each one is. changes: steps that change their pixels (see picture_changes); sizes and channels are those
    after them.
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
    origin: ImageData | None = None
    numbers: np.ndarray[Any, np.dtype[np.int64]] | None = None
    changes: tuple[Step, ...] = ()

    kind: ClassVar[str] = "images"

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, i: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Picture number i, uint8 (H, W, C), C is 1 or 3. DataError when the file can no longer be decoded."""
        if self.changes:
            from .picture_changes import changed

            return changed(self.raw(i), self.changes)
        return self.raw(i)

    def raw(self, i: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Picture number i as it is in the source, before the steps of a recipe. DataError as `image`."""
        if self.origin is not None:
            return self.origin.raw(self.number(i))
        if self.array is not None:
            pixels: np.ndarray[Any, np.dtype[np.uint8]] = self.array[i]
            return pixels
        from .pictures import read_picture

        return read_picture(self.files[i], channels=int(self.channels()[i]))

    def number(self, i: int) -> int:
        """Which picture of the source picture number i is."""
        return i if self.numbers is None else int(self.numbers[i])

    def stack(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint8]] | None:
        """Those pictures as they are in the source, uint8 (k, H, W, C); None unless they lie in memory."""
        if self.origin is not None and self.numbers is not None:
            return self.origin.stack(self.numbers[rows])
        return None if self.array is None else self.array[rows]

    @property
    def in_memory(self) -> tuple[int, int, int] | None:
        """The shape that `stack` gives each picture; None when they are files."""
        array = self.array if self.origin is None else self.origin.array
        return None if array is None else (array.shape[1], array.shape[2], array.shape[3])

    def thumbnail(self, i: int, side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Picture number i, shrunk so that its longer side is at most `side` pixels.

        Large JPEGs decode faster this way. A picture that is smaller stays as it is.
        DataError when the file can no longer be decoded.
        """
        from .pictures import read_picture, shrink

        if self.changes:
            from .picture_changes import changed, kept_share

            longest = math.ceil(side / kept_share(self.changes))
            source = self.origin if self.origin is not None else self
            return shrink(changed(source.thumbnail(self.number(i), longest), self.changes), side)
        if self.origin is not None:
            return self.origin.thumbnail(self.number(i), side)
        if self.array is not None:
            return shrink(self.array[i], side)
        return read_picture(self.files[i], channels=int(self.channels()[i]), longest=side)

    def name(self, i: int) -> str:
        """What to call picture number i: its file's name, or its part and number within it."""
        if self.origin is not None:
            return self.origin.name(self.number(i))
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


@dataclass(frozen=True, eq=False)
class Marks:
    """Classes that are known step by step. codes: int32 (steps,), indices into `classes`, -1 where there is none."""

    classes: tuple[str, ...]
    codes: np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, eq=False)
class SeriesData:
    """Series over time, one behind the other, all with the same channels.

    values: float64 (steps, channels), NaN where missing. starts: int64 (n + 1,); series i is the steps
    from starts[i] to before starts[i + 1]. names: of each series, unique. classes, labels: int32 (n,), the class of
    each whole series, -1 where there is none. groups, group: int32 (n,) or None, what series belong together (one
    person, one machine), -1 where that is not known. times: float64 (steps,), seconds, ascending within a series; None
    when the source tells none. rate: steps a second as the person stated it; 0 when they did not. marks: columns of
    classes that change within a series. candidates: what could tell the groups, (value of the option, in words).
    options: how the source was read, filled in (see series_options).
    columns: all columns of the source, in order. label: what the classes are called.
    """

    channels: tuple[str, ...]
    values: np.ndarray[Any, np.dtype[np.float64]]
    starts: np.ndarray[Any, np.dtype[np.int64]]
    names: Sequence[str]
    labels: np.ndarray[Any, np.dtype[np.int32]]
    parts: np.ndarray[Any, np.dtype[np.uint8]]
    report: LoadReport
    classes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group: np.ndarray[Any, np.dtype[np.int32]] | None = None
    times: np.ndarray[Any, np.dtype[np.float64]] | None = None
    rate: float = 0.0
    marks: Mapping[str, Marks] = field(default_factory=dict)
    candidates: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    title: str = ""
    label: str = "class"

    kind: ClassVar[str] = "sequences"

    def __len__(self) -> int:
        return len(self.labels)

    def series(self, i: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Series number i as recorded, float64 (steps, channels)."""
        return self.values[self.starts[i] : self.starts[i + 1]]

    def clock(self, i: int) -> np.ndarray[Any, np.dtype[np.float64]] | None:
        """When each step of series i was, in seconds; None when the source does not tell."""
        return None if self.times is None else self.times[self.starts[i] : self.starts[i + 1]]

    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Steps of each series, int64 (n,)."""
        return np.diff(self.starts)

    def name(self, i: int) -> str:
        return self.names[i]


Dataset = TableData | ImageData | SeriesData
