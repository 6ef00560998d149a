"""What a column would be as an input, judged by its profile: why it is none, with which encoder it is one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from workbench.core.project import ColumnFeature

from .fitted import OWN, PICTURE
from .words import several

TINY = 20
"""Tables of up to this many rows keep all of them for training."""

MOST_CLASSES = 20
MOST_ONEHOT = 50
HASH_ROWS = 10
"""Rows a value must have on average for a column of many values to be worth reading."""

MAIN_TEXT = 12
"""Words in a cell from which on a text is taken for what the table is about, and not for a name beside the rest."""

_BEYOND = ("are put onto the limit", "count as missing")
_ID_NAME = re.compile(r"(^|[\s_\-.])(id|idx|index|uuid|guid|key|nr|no|number|rowid)$|^unnamed:", re.IGNORECASE)
_CAMEL_ID = re.compile(r"[a-z](Id|ID)$")


def named_id(name: str) -> bool:
    """Whether the name says that the column tells rows apart: "id", "PassengerId", "order no"."""
    return bool(_ID_NAME.search(name.strip()) or _CAMEL_ID.search(name.strip()))


def all_different(column: Any, rows: int) -> bool:
    known = int(rows - column.missing)
    return known > 1 and column.distinct == known


def is_id(column: Any, rows: int) -> bool:
    """Whether a column's profile looks like a name for its row: unique text, or unique whole numbers that count up or
    are called an id."""
    if not all_different(column, rows):
        return False
    if column.type == "integer":
        counted = column.maximum is not None and column.maximum - column.minimum + 1 == column.distinct
        return named_id(column.name) or (counted and rows > TINY)
    return column.type in ("category", "text") and rows > TINY


def unfit(column: Any, rows: int) -> str:
    """Why the column is no input; "" when it can be one."""
    if column.type == "empty" or column.missing >= rows:
        return "Empty: there is nothing in it."
    if column.distinct <= 1 and (column.missing == 0 or column.type in ("number", "integer")):
        return "Constant: every row has the same value."
    if column.pictures == "absent":
        return "Names pictures that are not there: put them into the folder of the table, or say where they are."
    if column.type == "date" or column.pictures:
        return ""
    if column.type == "text" and wordy(column):
        return "Free text beside other inputs: make it an input to have its words counted."
    if is_id(column, rows):
        return "Looks like an id: every row has another value, so there is nothing to learn from it."
    if column.type in ("number", "integer", "boolean"):
        return ""
    if separator_of(column):
        return ""
    if column.numeric_share >= 0.8 and column.distinct > MOST_CLASSES:
        share = 100 * column.numeric_share
        return f"{share:.0f} % of it are numbers, the rest is text: parse the numbers in a cleaning step."
    if column.type == "text":
        return f"{column.distinct:,} different values in {rows:,} rows: too few rows of each to learn from."
    if column.distinct > MOST_ONEHOT and column.distinct * HASH_ROWS > rows - column.missing:
        return f"{column.distinct:,} different values, too few rows of each: merge rare ones in a cleaning step."
    return ""


def words_in_cell(column: Any) -> float:
    """Words in a cell, by its examples."""
    words = [len(str(sample).split()) for sample in column.samples]
    return sum(words) / len(words) if words else 0.0


def wordy(column: Any) -> bool:
    return words_in_cell(column) >= 3


def separator_of(column: Any) -> str:
    """What parts the values when most cells hold several: "action|comedy"; "" when they do not."""
    if column.type not in ("category", "text"):
        return ""
    known = [str(value) for value, _ in column.top] + [str(value) for value in column.samples]
    for mark in ("|", ";"):
        pieces = [several(text, mark) for text in dict.fromkeys(known)]
        every = [value for values in pieces for value in values]
        if len(pieces) > 2 and sum(len(v) > 1 for v in pieces) * 2 >= len(pieces) and len(set(every)) < len(every):
            return mark
    return ""


def encoder_for(column: Any) -> str:
    """The encoder an input of this profile is proposed with."""
    if column.pictures == "found":
        return PICTURE
    if column.type == "date":
        return "dates"
    if column.type == "text" and wordy(column):
        return "tfidf"
    if separator_of(column):
        return "multihot"
    if column.type in ("category", "text") and column.distinct > MOST_ONEHOT:
        return "hash"
    if column.type in ("category", "text", "boolean", "empty"):
        return "onehot"
    return "minmax" if _bounded(column) else "standard"


def _bounded(column: Any) -> bool:
    """Shares (0..1) and pixel values (0..255) have natural ends, so that min-max keeps their meaning."""
    if column.minimum is None or column.minimum < 0:
        return False
    share = column.type == "number" and column.maximum <= 1.0 and column.maximum - column.minimum > 0.5
    pixel = column.type == "integer" and column.minimum == 0 and column.maximum == 255
    return bool(share or pixel)


def explain_input(column: Any, feature: ColumnFeature) -> str:
    """Why an input is encoded as it is, one or two short sentences."""
    if feature.input and feature.encoder not in OWN:
        return f"Goes into the input “{feature.input}”. {explain_input(column, replace(feature, input=''))}"
    fill = {"mean": "the mean", "mode": "the commonest value", "constant": str(feature.params.get("value"))}
    way = fill.get(str(feature.params.get("fill")), "the median")
    missing = f" {column.missing:,} missing cells are filled with {way}." if column.missing else ""
    if feature.params.get("clip") in ("percentiles", "quartiles"):
        missing = f" Values far out {_BEYOND[feature.params.get('beyond') == 'missing']}.{missing}"
    if feature.params.get("flag") is True and column.missing:
        missing = missing.removesuffix(".") + ", and a further number says where."
    if feature.encoder == "onehot":
        ways = {"mode": "the commonest value", "constant": f"“{feature.params.get('value')}”"}
        counts_as = ways.get(str(feature.params.get("fill")), "a category of their own")
        be = "are" if counts_as == "a category of their own" else "count as"
        own = f" Missing cells {be} {counts_as}." if column.missing else ""
        return f"A category: one number for each of its {column.distinct:,} values.{own}"
    said = {
        "minmax": f"Numbers with natural ends, brought to 0..1.{missing}",
        "standard": f"Numbers, brought to mean 0 and deviation 1.{missing}",
        "robust": f"Numbers with far outliers: brought to median 0 and quartiles 1 apart.{missing}",
        "log": f"Numbers over several powers of ten: their logarithm, brought to mean 0 and deviation 1.{missing}",
        "ordinal": "A category with an order: its place, from 0 to 1.",
        "frequency": f"A category: how often its value occurs, of {column.distinct:,}.",
        "dates": "Dates: year and day scaled, month, weekday and hour as points on a circle, where they vary.",
        "multihot": "Several values in a cell: one number for each value.",
        "hash": f"{column.distinct:,} different values, too many for one-hot: spread over a fixed number of places.",
        "bag": "Text: one number for each of its commonest words.",
        "picture": "Names picture files: an input of its own, of pixels.",
        "tokens": "Text, read word by word: an input of its own, for an Embedding.",
        "tfidf": "Text: one number for each of its commonest words, rare ones weighing more.",
    }
    return said.get(feature.encoder, f"Numbers, as they are.{missing}")
