"""Which rows are for training, validation and test: shuffled, seeded, stratified."""

from __future__ import annotations

import math
from collections.abc import Sized
from typing import Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import Split

PARTS = ("train", "validation", "test")

Rows = np.ndarray[Any, np.dtype[np.int64]]

_TEST, _VALIDATION = 1, 2  # values of a dataset's `parts`; 0 is the main part


def shares(split: Split, *, given_validation: bool = False, given_test: bool = False) -> tuple[float, float, float]:
    """Shares of the main part that go to train, validation and test; a part the source brings along takes none.

    Raises:
        FeatureError: a share is negative, they do not add up to 1, or nothing is left for training.
    """
    asked = (split.train, split.validation, split.test)
    where = "split"
    if not all(math.isfinite(s) and 0.0 <= s <= 1.0 for s in asked):
        raise FeatureError("A share of the split is not between 0 and 1.", where=where, remedy="Use shares like 0.7.")
    total = sum(asked)
    if abs(total - 1.0) > 1e-6 and not (given_test and abs(total - split.test - 1.0) <= 1e-6):
        raise FeatureError(
            f"The shares of the split add up to {total:.4g}, not to 1.",
            where=where,
            remedy="Change train, validation or test so that together they are 1.",
        )
    train = split.train
    validation = 0.0 if given_validation else split.validation
    test = 0.0 if given_test else split.test
    if train <= 0.0:
        raise FeatureError("No rows are left for training.", where=where, remedy="Give train a share above 0.")
    rest = train + validation + test
    return train / rest, validation / rest, test / rest


def split_rows(
    data: int | Sized,
    parts: np.ndarray[Any, Any] | None,
    split: Split,
    stratify_by: np.ndarray[Any, Any] | None = None,
    usable: np.ndarray[Any, Any] | None = None,
) -> dict[str, Rows]:
    """Row positions of each part, ascending; the same seed gives the same split.

    Args:
        data: the table, the labels, or just the number of rows n.
        parts: (n,) as a dataset has them (0 main, 1 given test, 2 given validation). A given part without a usable row
            counts as not given.
        stratify_by: (n,) class numbers, negative where the class is missing: such rows are left out. Used to stratify
            when `split.stratify` is set.
        usable: (n,) bool; rows that are False are left out.

    Each class is divided by the largest-remainder method, so that its share in every part is right within one row;
    a class has its first row in the training part. Ties go to the part that is furthest behind its share.

    Raises:
        FeatureError: shares that do not fit, or fewer than two rows, or no rows for training.
    """
    count = data if isinstance(data, int) else len(data)
    keep = np.ones(count, bool) if usable is None else np.asarray(usable, bool)
    if stratify_by is not None:
        keep = keep & (np.asarray(stratify_by) >= 0)
    given = given_rows(count, parts, keep)
    main, validation, test = given["main"], given["validation"], given["test"]
    wanted = shares(split, given_validation=len(validation) > 0, given_test=len(test) > 0)
    rng = np.random.default_rng(split.seed)
    if stratify_by is not None and split.stratify:
        pieces = _stratified(main, np.asarray(stratify_by)[main], wanted, rng)
    else:
        pieces = _cut(rng.permutation(main), _counts(len(main), wanted, np.zeros(3)))
    return {
        "train": np.sort(pieces[0]),
        "validation": np.sort(np.concatenate([pieces[1], validation])),
        "test": np.sort(np.concatenate([pieces[2], test])),
    }


def given_rows(count: int, parts: np.ndarray[Any, Any] | None, keep: np.ndarray[Any, Any]) -> dict[str, Rows]:
    """Positions of the rows to keep: "main", which is to be split, and the "validation" and "test" the source brings.

    Raises:
        FeatureError: fewer than two rows, or none in the main part.
    """
    given = np.zeros(count, np.uint8) if parts is None else np.asarray(parts)
    if int(keep.sum()) < 2:
        found = "1 row is" if int(keep.sum()) == 1 else "no row is"
        asked, also = ("", "") if keep.all() else (" with a target", " and the missing cells of the target")
        raise FeatureError(
            f"At least 2 rows{asked} are needed, and {found} left.",
            where="split",
            remedy=f"Check the cleaning steps{also}.",
        )
    main = np.flatnonzero(keep & ~np.isin(given, (_TEST, _VALIDATION)))
    if not len(main):
        raise FeatureError(
            "All rows belong to the given test part, so none are left for training.",
            where="split",
            remedy="Open the training data as the main file.",
        )
    return {
        "main": main,
        "validation": np.flatnonzero(keep & (given == _VALIDATION)),
        "test": np.flatnonzero(keep & (given == _TEST)),
    }


def _stratified(
    rows: Rows, labels: np.ndarray[Any, Any], wanted: tuple[float, float, float], rng: np.random.Generator
) -> list[Rows]:
    order = rng.permutation(len(rows))
    order = order[np.argsort(labels[order], kind="stable")]  # by class, shuffled within each
    _, starts = np.unique(labels[order], return_index=True)
    picked: list[list[Rows]] = [[], [], []]
    behind = np.zeros(3)
    for members in np.split(rows[order], starts[1:]):
        counts = _counts(len(members), wanted, behind)
        behind += np.asarray(wanted) * len(members) - counts
        for bucket, piece in zip(picked, _cut(members, counts), strict=True):
            bucket.append(piece)
    return [np.concatenate(bucket) for bucket in picked]


def _counts(size: int, wanted: tuple[float, float, float], behind: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows of each part out of `size`, by largest remainder; ties to the part furthest behind, then in order."""
    ideal = np.asarray(wanted) * size
    counts = np.floor(ideal + 1e-9).astype(int)
    rest = ideal - counts
    ranked = sorted(range(3), key=lambda p: (-round(float(rest[p]), 9), -round(float(behind[p]), 9), p))
    for part in ranked[: size - int(counts.sum())]:
        counts[part] += 1
    if size and not counts[0]:
        counts[int(np.argmax(counts))] -= 1
        counts[0] = 1
    return counts


def _cut(rows: Rows, counts: np.ndarray[Any, Any]) -> list[Rows]:
    ends = np.cumsum(counts)
    return [rows[: ends[0]], rows[ends[0] : ends[1]], rows[ends[1] : ends[2]]]
