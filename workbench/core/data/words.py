"""Text as words: the same ones while fitting and while predicting, on every machine."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def words_in(text: str) -> list[str]:
    """The words of a text: letters, digits and underscores in a row, in compatibility form (NFKC) and lower case."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def vocabulary(texts: Iterable[Sequence[str]], limit: int, least: int = 1) -> tuple[tuple[str, ...], int]:
    """(the `limit` most frequent words that occur at least `least` times, from the commonest on; all different words).

    Of equally frequent words the alphabetically first comes first.
    """
    total: Counter[str] = Counter()
    for words in texts:
        total.update(words)
    kept = sorted((w for w in total if total[w] >= least), key=lambda word: (-total[word], word))[:limit]
    return tuple(kept), len(total)


def commonest(texts: Iterable[Sequence[str]], limit: int) -> tuple[tuple[str, ...], dict[str, int]]:
    """(the `limit` most frequent words in alphabetical order, the number of texts each word stands in).

    Of equally frequent words the alphabetically first are kept.
    """
    total: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    for words in texts:
        total.update(words)
        holding.update(set(words))
    kept = sorted(total, key=lambda word: (-total[word], word))[:limit]
    return tuple(sorted(kept)), dict(holding)


def several(text: str, separator: str) -> list[str]:
    """The values of a cell that holds several, without blanks around them."""
    return [value for piece in text.split(separator) if (value := piece.strip())]


def bucket(text: str, buckets: int) -> int:
    """A place from 0 to buckets - 1 that follows from the text alone: BLAKE2b, the same in every process."""
    digest = hashlib.blake2b(
        unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
    return int.from_bytes(digest, "little") % buckets
