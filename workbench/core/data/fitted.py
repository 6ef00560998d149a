"""One input column as the training rows showed it: what each encoder remembers, and the numbers it makes."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.core.project import ImageFeature

NUMBERS = ("none", "standard", "minmax", "robust", "log")
"""Encoders of number columns: one number a cell, and a second one when missing cells are flagged."""

CATEGORIES = ("onehot", "ordinal", "frequency")
"""Encoders of a column with a list of values."""

BESIDE = ("dates", "multihot", "hash", "bag", "tfidf", "tokens")
"""Encoders that read text or dates: an exported file takes their numbers, made beforehand, not the raw cells."""

WORDS = ("bag", "tfidf")
TOKENS = "tokens"
"""The encoder that makes a column an input of its own: the numbers of its words, one after the other."""

PICTURE = "picture"
"""The encoder of a column that names picture files: each is an input of its own, of pixels instead of numbers."""

OWN = (TOKENS, PICTURE)
"""Encoders of columns that are an input of the model by themselves."""

PADDING, UNKNOWN = 0, 1
"""What stands behind the last word of a text, and for a word that the vocabulary does not hold."""

INPUT_ENCODERS = (*NUMBERS, *CATEGORIES, *BESIDE, PICTURE)

FILLS = ("median", "mean", "mode", "constant")
CATEGORY_FILLS = ("category", "mode", "constant")
CLIPS = ("none", "percentiles", "quartiles")
BEYOND = ("limit", "missing")

PARAMS = {
    "flag": "a further 0/1 number that is 1 where a number was missing (numbers; false)",
    "fill": "what a missing cell counts as (numbers: median, mean, mode or constant, median; "
    "onehot: category, that is one of its own, mode or constant, category)",
    "value": "the constant of fill",
    "clip": "which numbers are too far out: by percentiles or quartiles of the training rows, or none (numbers; none)",
    "lowest": "percentile below which a number is too far out (1)",
    "highest": "percentile above which a number is too far out (99)",
    "factor": "times the middle half beyond it from where on a number is too far out (quartiles; 1.5)",
    "beyond": "what is too far out is put onto the limit, or counts as missing (limit)",
    "order": "the values of an ordinal column from first to last (found in the training rows)",
    "words": "the commonest words that are kept (bag and tfidf: 2,000; tokens: those that occur twice, 10,000 at most)",
    "length": "words of a text that are read (tokens; found in the training rows)",
    "buckets": "numbers a hashed column becomes (64)",
    "separator": "what stands between several values of one cell (found in the training rows)",
    "most": "the commonest values that are kept (multihot; 500)",
    "height": "of a picture in pixels, as also width (picture; as the training rows have them, at most 64)",
    "width": "see height",
    "channels": "1 or 3, of a picture (1 when all that were looked at are grey)",
    "resize": "fill, fit or stretch (picture; fill)",
    "scale": "/255, -1..1 or none (picture; /255)",
    "folder": "where the paths of pictures count from, within the table's folder or a whole path (found out)",
    "ending": "what the names of pictures lack, such as .jpg (found out)",
}
"""What ColumnFeature.params may hold."""


@dataclass(frozen=True)
class DatePart:
    """year and day: (value - offset) / scale. month, weekday and hour: sine and cosine of value / period turns, so that
    December is beside January."""

    name: str
    offset: float = 0.0
    scale: float = 1.0
    period: float = 0.0

    @property
    def width(self) -> int:
        return 2 if self.period else 1


@dataclass(frozen=True)
class RowField:
    """One field of the form in which a person types a row.

    kind: "number" (minimum, maximum, default are numbers), "choice" (choices, default are texts), "text" (default is
    a text: words, a date, several values) or "picture" (default is a file as the table names it).
    """

    name: str
    kind: str
    default: float | str
    minimum: float = 0.0
    maximum: float = 0.0
    whole: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FittedColumn:
    """One input column as the training rows showed it.

    encoder: "none" | "standard" | "minmax" | "robust": the model sees (cell - offset) / scale, a missing cell counts as
        `fill`; "log": the same of sign(cell) * ln(1 + |cell|). With `flag`, a second number is 1 for a missing cell.
        "onehot": one number a category, all zero for a category the training rows did not have.
        "ordinal": the place of the category, 0 for the first to 1 for the last. "frequency": the share of the training
        rows that have it. Both in `weights`, and `fill` for a cell that is missing or was not seen.
        "dates": see `dates`; a missing date is all zero. "multihot": a 1 for each of `categories` in the cell.
        "hash": a 1 in one of `buckets` places that follows from the text alone. "bag": a 1 for each of `categories`,
        here words, in the cell; "tfidf": their counts times `weights`, each cell brought to length 1.
        "tokens": `length` numbers, one a word: 2 for the first of `categories`, here the words from the commonest on, 1
        for any other word, 0 behind the last one. What is longer is cut off. A cell without words reads 1, 0, 0 ...
    categories: names in order; "(missing)" is one of them only if a training cell was missing.
    clip: lowest and highest number that is taken as it is; empty: all are. beyond: "limit" (others are put onto it) or
        "missing" (others count as missing).
    missing: the category that a missing cell of a "onehot" counts as; "": "(missing)" when that is one of them.
    "picture": pixels as `image` says; the files lie in the folder `below` that of the table, their names lack `ending`.
    input: the model's input it is part of; "": the table's. different, cut: of "tokens", the different words in the
        training rows, and the share of these rows that are longer than `length`.
    minimum, maximum, median, whole: of the training cells, in the person's units. common: the most frequent category,
        or an example.
    """

    name: str
    encoder: str
    fill: float = 0.0
    offset: float = 0.0
    scale: float = 1.0
    minimum: float = 0.0
    maximum: float = 0.0
    median: float = 0.0
    whole: bool = False
    categories: tuple[str, ...] = ()
    common: str = ""
    flag: bool = False
    weights: tuple[float, ...] = ()
    separator: str = ""
    buckets: int = 0
    dates: tuple[DatePart, ...] = ()
    day_first: bool = False
    clip: tuple[float, ...] = ()
    beyond: str = "limit"
    missing: str = ""
    length: int = 0
    input: str = ""
    different: int = 0
    cut: float = 0.0
    image: ImageFeature | None = None
    below: str = ""
    ending: str = ""

    @property
    def width(self) -> int:
        """Numbers this column gives in each row; none for a picture, whose pixels are an array of their own."""
        if self.encoder == PICTURE:
            return 0
        if self.encoder in NUMBERS:
            return 2 if self.flag else 1
        if self.encoder in ("ordinal", "frequency"):
            return 1
        if self.encoder == "dates":
            return sum(part.width for part in self.dates)
        if self.encoder == TOKENS:
            return self.length
        return self.buckets if self.encoder == "hash" else len(self.categories)

    @property
    def numbers(self) -> int:
        """How many different numbers "tokens" makes, padding and unknown words among them."""
        return len(self.categories) + 2

    @property
    def number_names(self) -> tuple[str, ...]:
        """A name for each of its numbers: the column, "column = category", "column: word"."""
        if self.encoder == PICTURE:
            return ()
        if self.encoder in NUMBERS:
            return (self.name, f"{self.name} is missing") if self.flag else (self.name,)
        if self.encoder in ("ordinal", "frequency"):
            return (self.name,)
        if self.encoder == "dates":
            turns = [(p.name, ("sine", "cosine") if p.period else ("",)) for p in self.dates]
            return tuple(f"{self.name}: {name} {wave}".rstrip() for name, waves in turns for wave in waves)
        if self.encoder == "hash":
            return tuple(f"{self.name}: place {i + 1}" for i in range(self.buckets))
        if self.encoder == TOKENS:
            return tuple(f"{self.name}: word {i + 1}" for i in range(self.length))
        between = ": " if self.encoder in WORDS else (" has " if self.encoder == "multihot" else " = ")
        return tuple(f"{self.name}{between}{value}" for value in self.categories)

    @property
    def row_field(self) -> RowField:
        """Its place in the form of one row; the default is the median, the commonest category or an example."""
        if self.encoder in NUMBERS:
            return RowField(self.name, "number", self.median, self.minimum, self.maximum, self.whole)
        if self.encoder in CATEGORIES:
            return RowField(self.name, "choice", self.common, choices=self.categories)
        return RowField(self.name, "picture" if self.encoder == PICTURE else "text", self.common)
