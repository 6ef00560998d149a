"""Fitting the encoders of categories, words, dates and several values in one cell, on the training cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.errors import FeatureError
from workbench.core.project import ColumnFeature

from .fitted import TOKENS, FittedColumn
from .values import text_of
from .words import commonest, several, vocabulary, words_in

if TYPE_CHECKING:
    import pandas as pd

WORDS, BUCKETS, MOST = 2_000, 64, 500
MOST_FREQUENCY = 100_000

MOST_TOKENS, LONGEST = 10_000, 512
"""Words and length of a text read word by word that are proposed at most."""

COVERED = 95.0
"""Per cent of the training texts that the proposed length takes whole."""
SEPARATORS = ("|", ";", ",", "/")

# Scales that people use; a column whose values are all of one of them is in its order and not in the alphabet's.
_SCALES = tuple(
    tuple(scale.split("|"))
    for scale in (
        "very low|low|medium low|medium|moderate|medium high|high|very high",
        "xs|extra small|s|small|m|medium|l|large|xl|extra large|xxl",
        "never|rarely|seldom|sometimes|often|usually|always",
        "terrible|very bad|very poor|bad|poor|fair|average|okay|ok|good|very good|great|excellent|ideal",
        "strongly disagree|disagree|neutral|agree|strongly agree",
        "mon|monday|tue|tuesday|wed|wednesday|thu|thursday|fri|friday|sat|saturday|sun|sunday",
        "jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august"
        "|sep|september|oct|october|nov|november|dec|december",
        "first|second|third|fourth|fifth|sixth",
        "no|false|yes|true",
    )
)


def fit_words(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    """Raises FeatureError when a setting or the cells do not fit the encoder."""
    if column.encoder == "ordinal":
        return _ordinal(cells, column)
    if column.encoder == "frequency":
        return _frequency(cells, column)
    if column.encoder == "dates":
        from .date_parts import fit_parts, is_day_first

        first = is_day_first(cells)
        parts, middle = fit_parts(cells, first)
        return FittedColumn(column.name, "dates", common=middle, dates=parts, day_first=first)
    if column.encoder == "hash":
        buckets = _whole(column, "buckets", BUCKETS, 2, 4096)
        return FittedColumn(column.name, "hash", common=_commonest_cell(cells), buckets=buckets)
    if column.encoder == "multihot":
        return _multihot(cells, column)
    if column.encoder == TOKENS:
        return _tokens(cells, column)
    return _vocabulary(cells, column)


def _ordinal(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    from .fit import counted

    categories, counts = counted(cells, column.name, "ordinal", missing_too=False)
    asked = column.params.get("order")
    if isinstance(asked, (list, tuple)) and asked:
        order = list(dict.fromkeys(str(value) for value in asked))
        strange = [value for value in categories if value not in order]
        if strange:
            raise FeatureError(
                f'The order does not name "{strange[0]}"' + (f" and {len(strange) - 1} more." if strange[1:] else "."),
                where=f'column "{column.name}"',
                remedy="Name every value of the column, from first to last.",
            )
        categories = tuple(order)
    else:
        categories = usual_order(categories)
    last = max(len(categories) - 1, 1)
    weights = tuple(i / last for i in range(len(categories)))
    places = np.repeat(weights, [counts.get(c, 0) for c in categories])
    fill = float(np.median(places)) if len(places) else 0.0
    common = max(categories, key=lambda c: counts.get(c, 0))
    return FittedColumn(column.name, "ordinal", fill, categories=categories, common=common, weights=weights)


def usual_order(names: Sequence[str]) -> tuple[str, ...]:
    """The names in the order people say them when all are of one well-known scale, else as they are."""
    plain = {name: " ".join(name.lower().replace("_", " ").replace("-", " ").split()) for name in names}
    for scale in _SCALES:
        if len(names) > 1 and all(p in scale for p in plain.values()):
            return tuple(sorted(names, key=lambda name: scale.index(plain[name])))
    return tuple(names)


def _frequency(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    from .fit import counted

    categories, counts = counted(cells, column.name, "frequency", MOST_FREQUENCY)
    total = max(sum(counts.values()), 1)
    common = max(categories, key=lambda c: counts[c])
    weights = tuple(counts[c] / total for c in categories)
    return FittedColumn(column.name, "frequency", 0.0, categories=categories, common=common, weights=weights)


def _multihot(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    asked = column.params.get("separator", "")
    texts = _texts(cells)
    separator = asked if isinstance(asked, str) and asked else usual_separator(texts)
    most = _whole(column, "most", MOST, 1, 20_000)
    values, _ = commonest((several(text, separator) for text in texts), most)
    if not values:
        raise _nothing(column.name, "value")
    return FittedColumn(column.name, "multihot", categories=values, common=_commonest_cell(cells), separator=separator)


def usual_separator(texts: Sequence[str]) -> str:
    """The mark that stands in most of the texts; a comma when none does."""
    counts = {mark: sum(mark in text for text in texts) for mark in SEPARATORS}
    best = max(SEPARATORS, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _vocabulary(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    """Words, and for tf-idf the weight ln((1 + n) / (1 + texts with the word)) + 1, as sklearn's TfidfVectorizer has it
    by default; n counts every training row."""
    limit = _whole(column, "words", WORDS, 1, 50_000)
    words, holding = commonest((words_in(text) for text in _texts(cells)), limit)
    if not words:
        raise _nothing(column.name, "word")
    weights: tuple[float, ...] = ()
    if column.encoder == "tfidf":
        found = np.asarray([holding[word] for word in words], np.float64)
        weights = tuple((np.log((1 + len(cells)) / (1 + found)) + 1).tolist())
    example = next(iter(_texts(cells)), "")
    return FittedColumn(column.name, column.encoder, categories=words, common=example, weights=weights)


def _tokens(cells: pd.Series[Any], column: ColumnFeature) -> FittedColumn:
    """Proposed are the words that occur at least twice: what occurs once is left to be unknown, so that the number for
    unknown words is learnt too."""
    texts = [said for text in _texts(cells) if (said := words_in(text))]
    if not texts:
        raise _nothing(column.name, "word")
    asked = column.params.get("words") is not None
    limit = _whole(column, "words", MOST_TOKENS, 1, 50_000) if asked else MOST_TOKENS
    words, different = vocabulary(texts, limit, 1 if asked else 2)
    if not words:  # nothing is said twice
        words, different = vocabulary(texts, limit)
    lengths = np.asarray([len(text) for text in texts])
    length = max(1, min(LONGEST, int(np.ceil(np.percentile(lengths, COVERED)))))
    if column.params.get("length") is not None:
        length = _whole(column, "length", length, 1, 2_000)
    return FittedColumn(
        column.name,
        TOKENS,
        categories=words,
        common=next(iter(_texts(cells)), ""),
        length=length,
        different=different,
        cut=float((lengths > length).mean()),
    )


def _texts(cells: pd.Series[Any]) -> list[str]:
    return [text for cell in cells.astype(object) if (text := text_of(cell)) is not None]


def _commonest_cell(cells: pd.Series[Any]) -> str:
    """Of equally frequent ones the first to appear."""
    counts = Counter(_texts(cells))
    return counts.most_common(1)[0][0] if counts else ""


def _nothing(name: str, what: str) -> FeatureError:
    return FeatureError(
        f'No training cell of "{name}" holds a {what}.',
        where=f'column "{name}"',
        remedy="Ignore the column, or choose another encoding.",
    )


def _whole(column: ColumnFeature, name: str, usual: int, low: int, high: int) -> int:
    """A whole number of the column's params."""
    value = column.params.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise FeatureError(
            f'"{name}" is {value}; it must be a whole number from {low:,} to {high:,}.',
            where=f'column "{column.name}"',
            remedy=f"Use {usual:,}, the usual one.",
        )
    return value
