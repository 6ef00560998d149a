"""Alike spellings of one column, in groups to be merged: by key collision or by nearest neighbour.

The keys are those of OpenRefine ("Clustering In Depth"): spellings with the same key are alike. Nothing is merged here;
a person looks at the groups and makes the step "merge_values" of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.errors import Cancelled, DataError

METHODS = ("fingerprint", "ngram", "phonetic", "nearest")
THRESHOLD = 0.8
MOST_VALUES = 20_000
_BATCH = 256
_SOUNDS = {
    letter: str(digit)
    for digit, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}
_SIGNS = "<>≤≥+"
"""What tells values apart although it is no letter: "<=50K" from ">50K", "A+" from "A"."""

_PUNCTUATION = re.compile(rf"[^\w\s{_SIGNS}]|_")


@dataclass(frozen=True)
class Cluster:
    """Spellings that seem to mean the same. kept: the one to keep. values: (spelling, rows), the commonest first."""

    kept: str
    values: tuple[tuple[str, int], ...]


def clusters(
    cells: pd.Series,
    method: str = "nearest",
    threshold: float = THRESHOLD,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Cluster, ...]:
    """Groups of two spellings or more, those with the most rows first.

    threshold: for "nearest", how alike two spellings have to be: 1 - distance / (longer length) of their fingerprints,
    the distance being that of optimal string alignment (a swap of two letters counts as one slip). Their digits
    and signs have to be the same, so that "Model 1" and "Model 2" stay apart, and "<=50K" and ">50K".

    Raises:
        DataError: the method is not known, or there are more values than can be compared.
    """
    if method not in METHODS:
        raise DataError(f"The method {method!r} is not known.", remedy=f"Choose one of {', '.join(METHODS)}.")
    counts = cells.dropna().astype("str").value_counts()
    values = [(str(value), int(rows)) for value, rows in counts.items()]
    if len(values) > MOST_VALUES:
        raise DataError(
            f"There are {len(values):,} different values, too many to compare.",
            remedy=f"Choose a column with at most {MOST_VALUES:,}.",
        )
    key = {"ngram": ngrams, "phonetic": sound}.get(method, fingerprint)
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for value, rows in values:
        found = key(value)
        groups[found or f"\0{value}"].append((value, rows))
    parts = list(groups.values())
    if method == "nearest":
        parts = _joined(groups, threshold, cancelled or (lambda: False))
    made = [_cluster(part) for part in parts if len(part) > 1]
    return tuple(sorted(made, key=lambda cluster: (-sum(rows for _, rows in cluster.values), cluster.kept)))


def fingerprint(value: str) -> str:
    """Words in lower case without accents and punctuation, each once, sorted."""
    return " ".join(sorted(set(_PUNCTUATION.sub(" ", _bare(value)).split())))


def ngrams(value: str, n: int = 2) -> str:
    """The runs of n letters, each once, sorted; blanks and punctuation count for nothing."""
    letters = "".join(c for c in _bare(value) if c.isalnum() or c in _SIGNS)
    return "".join(sorted({letters[i : i + n] for i in range(max(1, len(letters) - n + 1))}))


def sound(value: str) -> str:
    """Each word by the American Soundex; words without Latin letters and digits stand for themselves."""
    return " ".join(_soundex(word) for word in fingerprint(value).split())


def _soundex(word: str) -> str:
    if not word.isascii() or not word.isalpha():
        return word
    code, last = word[0].upper(), _SOUNDS.get(word[0], "")
    for letter in word[1:]:
        digit = _SOUNDS.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in "hw":
            last = digit
    return (code + "000")[:4]


def _bare(value: str) -> str:
    """Lower case, no accents, what was read in the wrong encoding mended ("MÃ¼nchen")."""
    text = value
    if not text.isascii():
        try:
            text = text.encode("cp1252").decode("utf-8")
        except UnicodeError:  # it was right as it stood
            text = value
    open_ = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in open_ if not unicodedata.combining(c))


def _joined(
    groups: dict[str, list[tuple[str, int]]], threshold: float, cancelled: Callable[[], bool]
) -> list[list[tuple[str, int]]]:
    """Each key goes to the nearest commoner one that is near enough; the commonest keys are the centres."""
    by_digits: dict[str, list[str]] = defaultdict(list)
    made: dict[str, list[tuple[str, int]]] = {}
    for key in sorted(groups, key=lambda key: -sum(rows for _, rows in groups[key])):
        if key.startswith("\0"):
            made[key] = list(groups[key])
        else:
            by_digits["".join(c for c in key if c.isdigit() or c in _SIGNS)].append(key)
    for keys in by_digits.values():
        for key, centre in _centres(keys, threshold, cancelled):
            made.setdefault(centre, []).extend(groups[key])
    return list(made.values())


def _centres(keys: Sequence[str], threshold: float, cancelled: Callable[[], bool]) -> list[tuple[str, str]]:
    """(key, its centre, itself when it is one) in the order given."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    centres: list[str] = []
    found: list[tuple[str, str]] = []

    def likeness(some: Sequence[str], others: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        scorer = OSA.normalized_similarity
        return process.cdist(some, others, scorer=scorer, score_cutoff=threshold, dtype=np.float32, workers=-1)

    for start in range(0, len(keys), _BATCH):
        if cancelled():
            raise Cancelled
        batch = keys[start : start + _BATCH]
        older = likeness(batch, centres) if centres else np.zeros((len(batch), 1), np.float32)
        best, nearest = older.max(axis=1), older.argmax(axis=1)
        among = likeness(batch, batch)
        own: list[int] = []  # of this batch, those that are centres
        old = list(centres)
        for i, key in enumerate(batch):
            near = max(own, key=lambda j: among[i, j], default=-1)
            if near >= 0 and among[i, near] >= max(threshold, float(best[i])):
                found.append((key, batch[near]))
            elif best[i] >= threshold:
                found.append((key, old[nearest[i]]))
            else:
                own.append(i)
                centres.append(key)
                found.append((key, key))
    return found


def _cluster(part: Iterable[tuple[str, int]]) -> Cluster:
    values = sorted(part, key=lambda item: (-item[1], _oddness(item[0]), item[0]))
    return Cluster(values[0][0], tuple(values))


def _oddness(value: str) -> Sequence[bool]:
    """Of spellings as common as each other: one that is tidy is kept."""
    return (value != " ".join(value.split()), value.isupper(), value.islower(), bool(_PUNCTUATION.search(value)))
