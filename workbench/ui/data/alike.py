"""Alike spellings of one column: groups to look at, and the step that merges them. Jobs' work; no Qt."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.core.wording import plural
from workbench.ui.data import figures
from workbench.ui.data.quick import Made

METHODS = (
    ("nearest", "Few letters apart", "Typing errors too: the slider says how alike two spellings have to be."),
    ("fingerprint", "Same words", "Case, blanks, accents, punctuation and the order of words do not count."),
    ("ngram", "Same letters in a row", "Blanks and doubled letters do not count either: New York, NewYork."),
    ("phonetic", "Same sound", "Words that are spoken alike, by the rules of English: Meier, Meyer."),
)
KIND = "merge_values"
NEAR = 0.8
PREVIEW_ROWS = 200


@dataclass(frozen=True)
class Group:
    """Spellings that seem to mean the same. kept: what they become. spellings: (value, rows), the commonest first."""

    kept: str
    spellings: tuple[tuple[str, int], ...]

    @property
    def difference(self) -> str:
        """In what the spellings differ: "case and blanks", "accents and punctuation", "order of words", "letters"."""
        words = [value for value, _ in self.spellings]
        for name, key in _KEYS:
            if len({key(word) for word in words}) == 1:
                return name
        return "letters"


def _case(word: str) -> str:
    return " ".join(word.casefold().split())


def _plain(word: str) -> str:
    open_ = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in open_ if c.isalnum())


def _sorted(word: str) -> str:
    open_ = unicodedata.normalize("NFKD", word.casefold())
    return " ".join(sorted("".join(c if c.isalnum() else " " for c in open_ if not unicodedata.combining(c)).split()))


_KEYS = (("case and blanks", _case), ("accents and punctuation", _plain), ("order of words", _sorted))


@dataclass(frozen=True, eq=False)
class Touched:
    """The first rows that merging changes. frame: "old → new" in the merged column. rows: how many in all."""

    frame: Any
    marked: dict[str, np.ndarray]
    rows: int


def mapping_of(group: Group, kept: str, ticked: Sequence[str]) -> dict[str, str]:
    """{spelling: what it becomes} for the ticked spellings that are not kept as they are."""
    return {value: kept for value, _ in group.spellings if value in ticked and value != kept}


def touched(frame: Any, column: str, mapping: Mapping[str, str]) -> Touched:
    """The rows of the table whose cell is one of the spellings that are merged."""
    words = frame[column].astype("str")
    places = np.flatnonzero(words.isin(list(mapping)).to_numpy())
    names = [column, *(name for name in frame.columns if name != column)]
    shown = frame.iloc[places[:PREVIEW_ROWS]][names].copy(deep=False)
    old = words.iloc[places[:PREVIEW_ROWS]].tolist()
    shown[column] = np.array([f"{figures.cell(v)} → {mapping[v]}" for v in old], dtype=object)
    return Touched(shown, {column: np.ones(len(shown), bool)}, len(places))


def available() -> bool:
    """Whether this version can merge values."""
    from workbench.core.data.steps import STEPS

    return KIND in STEPS


def groups(frame: Any, column: str, method: str, threshold: float, cancelled: Callable[[], bool]) -> tuple[Group, ...]:
    """Groups of alike spellings, those with the most rows first. WorkbenchError when they cannot be compared."""
    from workbench.core.data.cluster import clusters

    found = clusters(frame[column], method, threshold, cancelled)
    return tuple(Group(one.kept, one.values) for one in found)


def given(frame: Any, column: str, mapping: Mapping[str, str]) -> tuple[Group, ...]:
    """The groups that a mapping makes of the table, each a kept value with what becomes it, most rows first."""
    counts = frame[column].dropna().astype("str").value_counts()
    members: dict[str, list[str]] = {}
    for old, new in mapping.items():
        members.setdefault(new, []).append(old)
    found = []
    for kept, olds in members.items():
        values = list(dict.fromkeys([*([kept] if kept in counts.index else []), *olds]))
        spellings = sorted(((v, int(counts.get(v, 0))) for v in values), key=lambda item: (-item[1], item[0]))
        found.append(Group(kept, tuple(spellings)))
    return tuple(sorted(found, key=lambda group: (-sum(rows for _, rows in group.spellings), group.kept)))


def kept_of(group: Group, mapping: Mapping[str, str]) -> str:
    """What the group becomes by a mapping; its own proposal when the mapping says nothing of it."""
    return next((mapping[value] for value, _ in group.spellings if value in mapping), group.kept)


def made(column: str, mapping: Mapping[str, str]) -> Made:
    """The step that merges these spellings."""
    label = f"Merge {plural(len(mapping), 'spelling')} of “{column}”"
    return Made(KIND, {"column": column, "mapping": dict(mapping)}, label=label)
