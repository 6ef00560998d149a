"""What is in each column, and in a set of pictures: counts, shapes and examples for headers, panels and proposals."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from .dataset import Folders, ImageData
from .text_numbers import number_in

if TYPE_CHECKING:
    from .suggest_pictures import PictureLook

BINS = 24
TOP = 20
EXAMPLES = 6
_LOOKED_AT = 400
_FEW = 50
_WIDEST = 4e307
_NARROWEST = 1e-300  # bars of such a width could not be told apart
_LARGEST = float(np.finfo(np.float64).max)
_FIRST = 4096
_MANY = 200_000
"""Cells from which on several columns are looked at at once."""
_LONG = 5_000
"""Rows from which on that is worth what it costs for each column: wide, short tables would take twice as long."""

_YES_NO = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"on", "off"})
_TIME = r"([ T]\d{1,2}:\d{2}.*)?"
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?" + _TIME + r"|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})" + _TIME)


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    type: "number" | "integer" | "category" | "text" | "boolean" | "date" | "empty". missing, distinct: cells and
    values without missing. numeric_share: of the filled cells, how many hold a number (1 for numbers).
    minimum ... deviation: of numbers; minimum and maximum of dates as ISO text; None otherwise. histogram: counts and
    their edges, for numbers. top: the commonest values with their counts, when values repeat. samples: examples.
    pictures: "found" when its cells name picture files, "absent" when they end like some that are not there, or "".
    """

    name: str
    type: str
    missing: int
    distinct: int
    numeric_share: float = 0.0
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    histogram: tuple[tuple[int, ...], tuple[float, ...]] | None = None
    top: tuple[tuple[Any, int], ...] = ()
    samples: tuple[Any, ...] = ()
    pictures: str = ""


@dataclass(frozen=True)
class TableProfile:
    rows: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile:
        """The profile of that column. KeyError when there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, ColumnProfile]:  # asked for each of tens of thousands of columns
        return {column.name: column for column in self.columns}


@dataclass(frozen=True)
class ImageProfile:
    """A set of pictures.

    class_counts: pictures of each class. sizes: ((height, width), count), the commonest first. channels: 1 when every
    picture is grey, else 3. unreadable: (name, why) of pictures that were set aside. look: what was seen in the
    pictures themselves; None until they have been looked at.
    """

    count: int
    classes: tuple[str, ...]
    class_counts: tuple[int, ...]
    sizes: tuple[tuple[tuple[int, int], int], ...]
    channels: int
    unreadable: tuple[tuple[str, str], ...] = ()
    look: PictureLook | None = None


def profile_table(frame: pd.DataFrame, folder: Folders = "") -> TableProfile:
    """A profile of each column. The frame is not changed. folder: from where paths of pictures count."""
    columns = [(str(name), frame[name]) for name in frame.columns]
    if frame.size < _MANY or len(frame) < _LONG:
        made = tuple(_column(*column) for column in columns)
    else:
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="profile") as pool:
            made = tuple(pool.map(lambda column: _column(*column), columns))
    return TableProfile(len(frame), tuple(_with_pictures(c, frame, folder) for c in made))


def _with_pictures(column: ColumnProfile, frame: pd.DataFrame, folder: Folders) -> ColumnProfile:
    if column.type not in ("category", "text") or column.distinct < 2:
        return column
    from .picture_column import named_pictures

    found = named_pictures(frame[column.name], folder)
    return replace(column, pictures=found) if found else column


def profile_images(data: ImageData) -> ImageProfile:
    """A profile of the pictures by their headers; nothing is decoded."""
    counts = np.bincount(data.labels, minlength=len(data.classes))
    channels = data.channels()
    return ImageProfile(
        len(data),
        data.classes,
        tuple(int(n) for n in counts),
        _sizes(data.sizes()),
        1 if len(channels) and int(channels.max()) == 1 else 3,
        tuple((item.where, item.what) for item in data.report.bad),
    )


def _sizes(sizes: np.ndarray[Any, Any]) -> tuple[tuple[tuple[int, int], int], ...]:
    """((height, width), count), the commonest first; of equally common ones that which comes first."""
    wide = sizes.astype(np.int64)
    found, first, counts = np.unique(wide[:, 0] << 32 | wide[:, 1], return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    return tuple(((int(found[i] >> 32), int(found[i] & 0xFFFFFFFF)), int(counts[i])) for i in order.tolist())


def _column(name: str, values: pd.Series) -> ColumnProfile:
    if types.is_bool_dtype(values.dtype):
        return _words(name, values.astype("str"), "boolean")
    if types.is_numeric_dtype(values.dtype):
        return _numbers(name, values)
    if types.is_datetime64_any_dtype(values.dtype):
        return _dates(name, values)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _words(name, values.astype("str"), "category")
    return _words(name, values, "")


def _numbers(name: str, values: pd.Series) -> ColumnProfile:
    cells = values.to_numpy(dtype=np.float64, na_value=np.nan)
    finite = cells[np.isfinite(cells)]
    missing = int(np.isnan(cells).sum())
    if not len(finite):
        return ColumnProfile(name, "empty", missing, 0)
    whole = _all_whole(finite)
    ordered = np.sort(finite)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    top: tuple[tuple[Any, int], ...] = ()
    if len(starts) <= _FEW:
        counts = np.diff(starts, append=len(ordered))
        order = np.argsort(-counts, kind="stable")[:TOP]
        top = tuple((_plain(ordered[starts[i]], whole), int(counts[i])) for i in order)
    first = pd.unique(finite[:_FIRST])
    if len(first) < min(EXAMPLES, len(starts)):
        first = pd.unique(finite)
    low, high = float(ordered[0]), float(ordered[-1])
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(finite.mean()), float(finite.std())
    return ColumnProfile(
        name,
        "integer" if whole else "number",
        missing,
        len(starts),
        1.0,
        low,
        high,
        mean,
        float(ordered[(len(ordered) - 1) // 2] / 2 + ordered[len(ordered) // 2] / 2),
        deviation,
        _histogram(finite, low, high, whole),
        top,
        tuple(_plain(value, whole) for value in first[:EXAMPLES]),
    )


def _all_whole(values: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    """Whether all are whole numbers; a few tell mostly that not."""
    return all(bool((part == np.floor(part)).all()) for part in (values[:_FIRST], values[_FIRST:]))


def _plain(value: Any, whole: bool) -> int | float:
    return int(value) if whole and abs(value) < 2**53 else float(value)


def _histogram(
    finite: np.ndarray[Any, np.dtype[np.float64]], low: float, high: float, whole: bool
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Counts and edges. Whole numbers of a small range have a bar each; wider ones bars of the same whole width."""
    if high / 4 - low / 4 > _WIDEST:  # the width itself would be infinite
        counts, edges_ = _histogram(finite / 4, low / 4, high / 4, False)
        return counts, tuple(edge * 4 for edge in edges_)
    size = max(abs(low), abs(high))
    if whole and high - low < 2**31 and size < 2**52:  # beyond, a half next to a number is the number itself
        width = max(1.0, np.ceil((high - low + 1) / BINS))
        bins = int(np.ceil((high - low + 1) / width))
        edges = low - 0.5 + width * np.arange(bins + 1)
    elif high - low > max(size * 1e-12, _NARROWEST):
        edges = np.linspace(low, high, BINS + 1)
    else:
        half = max(0.5, float(np.spacing(size)))
        with np.errstate(over="ignore"):
            edges = np.clip([low - half, high + half], -_LARGEST, _LARGEST)
    bins = len(edges) - 1
    span = edges[-1] - edges[0]
    places = np.minimum(((finite - edges[0]) * (bins / span)).astype(np.int64), bins - 1)
    found = np.bincount(places, minlength=bins)
    return tuple(int(n) for n in found), tuple(float(edge) for edge in edges)


def _dates(name: str, values: pd.Series) -> ColumnProfile:
    filled = values.dropna()
    if not len(filled):
        return ColumnProfile(name, "empty", len(values), 0)
    counts = filled.value_counts()
    top = tuple((_date_text(v), int(n)) for v, n in counts.head(TOP).items()) if len(counts) <= _FEW else ()
    examples = tuple(_date_text(v) for v in filled.iloc[:EXAMPLES])
    missing = len(values) - len(filled)
    low, high = _date_text(filled.min()), _date_text(filled.max())
    return ColumnProfile(name, "date", missing, len(counts), 0.0, low, high, top=top, samples=examples)


def _date_text(value: Any) -> str:
    text = pd.Timestamp(value).isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")


def _words(name: str, values: pd.Series, known: str) -> ColumnProfile:
    counts = values.value_counts()
    counts = counts[counts > 0]
    filled = int(counts.sum())
    missing = len(values) - filled
    if not filled:
        return ColumnProfile(name, "empty", missing, 0)
    distinct = [str(value) for value in counts.index]
    share = _numeric_share(distinct, counts.to_numpy())
    kind = known or _kind_of_words(distinct, filled)
    top = tuple((word, int(n)) for word, n in zip(distinct[:TOP], counts.to_numpy()[:TOP], strict=True))
    seen = values.dropna().iloc[: EXAMPLES * 20].drop_duplicates().iloc[:EXAMPLES]
    examples = tuple(str(value) for value in seen)
    repeats = top if kind in ("category", "boolean") or (top and top[0][1] > 1) else ()
    low = high = None
    if kind == "date":
        low, high = min(distinct), max(distinct)
        low, high = (low, high) if re.match(r"\d{4}", low) else (None, None)
    return ColumnProfile(name, kind, missing, len(distinct), share, low, high, top=repeats, samples=examples)


def _kind_of_words(distinct: list[str], filled: int) -> str:
    """By the share of distinct values: a name or a message is text, a species or a town a category."""
    if len(distinct) == 2 and {word.strip().lower() for word in distinct} in _YES_NO:
        return "boolean"
    looked = distinct[:_LOOKED_AT]
    if all(_DATE.fullmatch(word.strip()) for word in looked):
        return "date"
    share = len(distinct) / filled
    if len(distinct) <= 20 and (share <= 0.5 or filled <= 10):
        return "category"
    long = sum(map(len, looked)) / len(looked) > 60
    return "category" if share <= 0.2 and len(distinct) <= 1000 and not long else "text"


def _numeric_share(distinct: Iterable[str], counts: np.ndarray[Any, Any]) -> float:
    """Over the commonest values, weighed by how often they occur."""
    words = list(distinct)[:_LOOKED_AT]
    weights = counts[: len(words)]
    numeric = np.array([bool(np.isfinite(number_in(word))) for word in words])
    return float((numeric * weights).sum() / weights.sum())
