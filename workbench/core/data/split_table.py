"""Splitting a table by one of its columns: whole groups together, the latest rows last, or as the column itself says;
and the pairs of a cross-validation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from workbench.core.errors import FeatureError
from workbench.core.project import Split

from .date_parts import is_day_first, stamps
from .split import PARTS, Rows, given_rows, shares, split_rows
from .values import Whole, codes, numbers, shown

_Floats = np.ndarray[Any, np.dtype[np.float64]]
_TRIES = 8
METHODS = ("random", "group", "time", "column")

_WORDS = {
    "train": ("train", "training", "trn", "tr", "fit", "learn", "learning"),
    "validation": ("val", "valid", "validation", "validate", "dev", "development", "eval"),
    "test": ("test", "testing", "tst", "te", "holdout", "hold out", "held out", "heldout", "evaluation"),
}
_YES, _NO = ("true", "yes", "1", "y"), ("false", "no", "0", "n")


@dataclass(frozen=True, eq=False)
class Parted:
    """rows: positions of each part, ascending. without: usable rows that are in no part, because the column that
    decides has no value there."""

    rows: dict[str, Rows]
    without: int = 0


def split_table(
    frame: pd.DataFrame,
    parts: np.ndarray[Any, Any] | None,
    split: Split,
    stratify_by: np.ndarray[Any, Any] | None = None,
    usable: np.ndarray[Any, Any] | None = None,
) -> Parted:
    """As `split_rows`, by `split.method`. A part that the source brings along stays what it is.

    group: parts get whole groups, large ones first, each to the part that lacks its rows most (with `split.stratify`
    also those of its classes), and of a few such tries the one nearest to the shares, with the fewest classes missing
    from a part, is taken; a missing cell is a group of its own. time: the earliest rows are for training, the
    latest for testing, rows of the same moment on the same side. column: words such as "train", "dev", "hold-out".

    Raises:
        FeatureError: the column is absent or does not say what the method needs, or a part that should have rows would
            have none; and as `split_rows`.
    """
    if split.fold:
        return Parted(split_fold(frame, parts, split, stratify_by, usable))
    if split.method == "random":
        return Parted(split_rows(frame, parts, split, stratify_by, usable))
    cells = _deciding(frame, split)
    keep = np.ones(len(frame), bool) if usable is None else np.asarray(usable, bool)
    if stratify_by is not None:
        keep = keep & (np.asarray(stratify_by) >= 0)
    if split.method == "group":
        given = given_rows(len(frame), parts, keep)
        groups = _groups(cells)
        pieces = _by_group(given["main"], groups, _strata(split, stratify_by), _wanted(split, given), split)
        return Parted(_with_given(pieces, given))
    keys = times_of(cells) if split.method == "time" else _named_parts(cells)
    known = ~np.isnan(keys)
    given = given_rows(len(frame), parts, keep & (known | (_parts_or_zero(parts, len(frame)) > 0)))
    without = int((keep & ~known & (_parts_or_zero(parts, len(frame)) == 0)).sum())
    main = given["main"]
    if split.method == "time":
        pieces = _by_time(main, keys[main], _wanted(split, given), split)
    else:
        pieces = [main[keys[main] == i] for i in range(3)]
        if not len(pieces[0]):
            raise _no("No row says that it is for training", split, 'Write "train" in the rows to learn from.')
    return Parted(_with_given(pieces, given), without)


def split_fold(
    frame: Any,
    parts: np.ndarray[Any, Any] | None,
    split: Split,
    stratify_by: np.ndarray[Any, Any] | None = None,
    usable: np.ndarray[Any, Any] | None = None,
) -> dict[str, Rows]:
    """The pair that `split.fold` names, from 1. frame: anything with a length where the method is "random".

    Raises:
        FeatureError: there is no such fold; and as `split_folds`.
    """
    if not 1 <= split.fold <= split.folds:
        raise FeatureError(f"There is no fold {split.fold} of {split.folds}.", where="split", remedy="Choose another.")
    return split_folds(frame, parts, replace(split, fold=0), stratify_by, usable)[split.fold - 1]


def split_folds(
    frame: pd.DataFrame,
    parts: np.ndarray[Any, Any] | None,
    split: Split,
    stratify_by: np.ndarray[Any, Any] | None = None,
    usable: np.ndarray[Any, Any] | None = None,
) -> tuple[dict[str, Rows], ...]:
    """`split.folds` ways to part the rows that are not for testing into train and validation; "test" stays.

    Every such row is held out once, but by time, where each fold is validated on the rows that follow its training
    rows. Random folds are stratified as `split_rows`, group folds keep groups together.

    Raises:
        FeatureError: fewer than two folds, more folds than rows or groups; and as `split_table`.
    """
    if split.folds < 2:
        raise FeatureError("A cross-validation needs at least 2 folds.", where="split", remedy="Use 5 folds.")
    whole = split_table(frame, parts, split, stratify_by, usable).rows
    pool = np.sort(np.concatenate([whole["train"], whole["validation"]]))
    if len(pool) < split.folds + (split.method == "time"):
        raise FeatureError(
            f"{len(pool):,} rows are too few for {split.folds:,} folds.", where="split", remedy="Use fewer folds."
        )
    even = np.full(split.folds, 1.0 / split.folds)
    if split.method == "time":
        return _growing(pool, times_of(_deciding(frame, split))[pool], whole["test"], split)
    if split.method == "group":
        held = _by_group(pool, _groups(_deciding(frame, split)), _strata(split, stratify_by), even, split)
    else:
        labels = _strata(split, stratify_by)
        order = np.random.default_rng(split.seed).permutation(pool)
        if labels is not None:
            order = order[np.argsort(labels[order], kind="stable")]
        held = [order[i :: split.folds] for i in range(split.folds)]  # dealt out, class after class
    return tuple({"train": np.setdiff1d(pool, out), "validation": np.sort(out), "test": whole["test"]} for out in held)


# ---- the column --------------------------------------------------------------------------------------------------


def _deciding(frame: pd.DataFrame, split: Split) -> pd.Series[Any]:
    if split.method not in METHODS:
        raise FeatureError(
            f'There is no way to split called "{split.method}".', where="split", remedy="Split at random."
        )
    if split.column not in frame.columns:
        gone = f'There is no column "{split.column}" to split by.' if split.column else "No column decides the split."
        raise FeatureError(gone, where="split", remedy="Choose a column, or split at random.")
    return frame[split.column]


def _groups(cells: pd.Series[Any]) -> Whole:
    found, names = codes(cells)
    missing = np.flatnonzero(found < 0)
    numbered: Whole = found.copy()
    numbered[missing] = len(names) + np.arange(len(missing))
    return numbered


def times_of(cells: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Numbers that grow with time, NaN where there is none: dates, texts that are dates, or plain numbers."""
    if types.is_numeric_dtype(cells.dtype):
        return numbers(cells)
    dates = stamps(cells, is_day_first(cells))
    known = dates.notna().to_numpy()
    if not known.any():
        try:
            return numbers(cells)
        except FeatureError as error:
            raise FeatureError(
                f'"{cells.name}" tells no time: {error.what}',
                where="split",
                remedy="Choose a column of dates or of numbers that grow with time.",
            ) from error
    keys = np.full(len(cells), np.nan)
    # Microseconds since 1970 are exact in a float64 until the year 2255.
    utc = dates.dt.tz_convert("UTC").dt.tz_localize(None) if dates.dt.tz is not None else dates
    keys[known] = utc[known].to_numpy("datetime64[us]").astype(np.int64)
    return keys


def _named_parts(cells: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """0 train, 1 validation, 2 test, NaN for a missing cell."""
    found, names = codes(cells)
    places = {word: i for i, part in enumerate(PARTS) for word in _WORDS[part]}
    plain = [" ".join(name.lower().replace("_", " ").replace("-", " ").split()) for name in names]
    own = " ".join(str(cells.name).lower().replace("_", " ").replace("-", " ").split()).removeprefix("is ")
    if plain and own in places and all(p in _YES + _NO for p in plain):  # a column "is_test" of true and false
        here, other = places[own], 2 if places[own] == 0 else 0
        table = [here if p in _YES else other for p in plain]
    else:
        strange = [name for name, p in zip(names, plain, strict=True) if p not in places]
        if strange:
            raise FeatureError(
                f'"{shown(strange[0])}" in "{cells.name}" names no part of the split.',
                where="split",
                remedy='Use a column whose cells are "train", "validation" or "test", or split at random.',
            )
        table = [places[p] for p in plain]
    keys: np.ndarray[Any, np.dtype[np.float64]] = np.asarray([*table, np.nan], np.float64)[found]
    return keys


# ---- dividing ----------------------------------------------------------------------------------------------------


def _wanted(split: Split, given: dict[str, Rows]) -> np.ndarray[Any, Any]:
    return np.asarray(shares(split, given_validation=len(given["validation"]) > 0, given_test=len(given["test"]) > 0))


def _strata(split: Split, stratify_by: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any] | None:
    return np.asarray(stratify_by) if stratify_by is not None and split.stratify else None


def _parts_or_zero(parts: np.ndarray[Any, Any] | None, count: int) -> np.ndarray[Any, Any]:
    return np.zeros(count, np.uint8) if parts is None else np.asarray(parts)


def _with_given(pieces: list[Rows], given: dict[str, Rows]) -> dict[str, Rows]:
    return {
        "train": np.sort(pieces[0]),
        "validation": np.sort(np.concatenate([pieces[1], given["validation"]])),
        "test": np.sort(np.concatenate([pieces[2], given["test"]])),
    }


def _by_group(
    rows: Rows, groups: Whole, labels: np.ndarray[Any, Any] | None, wanted: np.ndarray[Any, Any], split: Split
) -> list[Rows]:
    """Whole groups to len(wanted) parts, each to the part that lacks most of what it holds; the best of a few tries."""
    _, member = np.unique(groups[rows], return_inverse=True)
    count = int(member.max()) + 1
    kinds = np.zeros(len(rows), np.int64) if labels is None else np.unique(labels[rows], return_inverse=True)[1]
    holds = np.zeros((count, int(kinds.max()) + 1))
    np.add.at(holds, (member, kinds), 1.0)
    asked = int((wanted > 0).sum())
    if count < asked:
        many = "All rows are one group" if count == 1 else f"There are only {count:,} groups"
        raise _no(f"{many}, and {asked:,} parts are wanted", split, "Choose another column, or fewer parts.")
    rng = np.random.default_rng(split.seed)
    tries = [_dealt(holds, wanted, rng) for _ in range(max(1, min(_TRIES, _TRIES * 1000 // count)))]
    places = min(tries, key=lambda dealt: _unlike(dealt, holds, wanted))
    return [rows[places[member] == part] for part in range(len(wanted))]


def _dealt(holds: _Floats, wanted: _Floats, rng: np.random.Generator) -> Whole:
    """The part of each group. Large groups come first, but not strictly: another seed deals them in another order.

    holds: (groups, classes) rows.
    """
    lacking = wanted[:, None] * holds.sum(axis=0)
    places = np.zeros(len(holds), np.int64)
    order = np.argsort(-holds.sum(axis=1) * rng.uniform(0.5, 1.5, len(holds)), kind="stable")
    rare = 1.0 / holds.sum(axis=0)
    empty = {part for part in range(len(wanted)) if wanted[part] > 0}
    for number, group in enumerate(order.tolist()):
        fits = lacking @ (holds[group] * rare)
        fits[wanted <= 0] = -np.inf
        if len(order) - number <= len(empty):  # the last groups go where there is none yet
            fits[[part for part in range(len(wanted)) if part not in empty]] = -np.inf
        part = int(np.argmax(fits))
        places[group] = part
        empty.discard(part)
        lacking[part] -= holds[group]
    return places


def _unlike(places: Whole, holds: _Floats, wanted: _Floats) -> float:
    """How far parts are from their shares of each class, and one for each class that a part lacks."""
    asked = np.flatnonzero(wanted > 0)
    got = np.stack([holds[places == part].sum(axis=0) for part in asked])
    shares_ = got / holds.sum(axis=0)
    return float(np.abs(shares_ - wanted[asked, None]).mean() + (got == 0).sum())


def _by_time(rows: Rows, keys: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], split: Split) -> list[Rows]:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    if not len(rows) or ordered[0] == ordered[-1]:
        raise _no("All rows are of the same time", split, "Choose another column, or split at random.")
    ends = np.rint(np.cumsum(wanted)[:2] * len(rows)).astype(int)
    first, second = (_between(ordered, int(end)) for end in ends)
    first = first or int(np.searchsorted(ordered, ordered[0], side="right"))
    pieces = np.split(rows[order], [first, max(first, second)])
    missing = [part for part, share, piece in zip(PARTS, wanted, pieces, strict=True) if share > 0 and not len(piece)]
    if missing:
        raise _no(f"The {missing[0]} part gets no rows by time", split, "Change the shares, or split at random.")
    return list(pieces)


def _between(ordered: np.ndarray[Any, Any], end: int) -> int:
    """`end`, or the nearest earlier place that does not part rows of the same time."""
    return end if end in (0, len(ordered)) else int(np.searchsorted(ordered, ordered[end], side="left"))


def _growing(pool: Rows, keys: np.ndarray[Any, Any], test: Rows, split: Split) -> tuple[dict[str, Rows], ...]:
    """folds + 1 stretches of time: fold i learns from the first i and is validated on the next."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    ends = [_between(ordered, round(len(pool) * i / (split.folds + 1))) for i in range(1, split.folds + 2)]
    if len(set(ends)) < len(ends) or ends[0] == 0:
        raise _no(f"There are too few different times for {split.folds:,} folds", split, "Use fewer folds.")
    rows = pool[order]
    return tuple(
        {"train": np.sort(rows[:start]), "validation": np.sort(rows[start:end]), "test": test}
        for start, end in pairwise(ends)
    )


def _no(what: str, split: Split, remedy: str) -> FeatureError:
    return FeatureError(f"{what}.", where=f'split by "{split.column}"', remedy=remedy)
