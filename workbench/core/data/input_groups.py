"""Which columns go into the model together: the table, columns a person set apart, each text by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.core.facts import InputFacts
from workbench.core.project import ColumnFeature

from .fitted import TOKENS, FittedColumn

TABLE_INPUT = "features"
LONGEST_NAME = 40

_WIDE = 10.0  # a column that comes as it is and reaches beyond this slows learning down


@dataclass(frozen=True)
class Group:
    """One input of the model and the columns that make it, each with the place of its first number among all of them
    (`Preprocessor.transform`)."""

    facts: InputFacts
    columns: tuple[tuple[FittedColumn, int], ...]


def input_name(text: str) -> str:
    """A name for an input: letters, digits and underscores in lower case, as it is also part of a file's name."""
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", text).lower()).strip("_")
    return plain[:LONGEST_NAME].strip("_") or "text"


def input_names(columns: Iterable[ColumnFeature]) -> dict[str, str]:
    """The input each column goes into; "" is the table. A text read word by word has one of its own, called like it."""
    inputs = [c for c in columns if c.role == "input"]
    found = {c.name: input_name(c.input) for c in inputs if c.input.strip() and c.encoder != TOKENS}
    found = {column: name for column, name in found.items() if name != TABLE_INPUT}
    taken = {TABLE_INPUT, *found.values()}
    for column in (c for c in inputs if c.encoder == TOKENS):
        base = name = input_name(column.input or column.name)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        found[column.name] = name
    return {c.name: found.get(c.name, "") for c in inputs}


def grouped(columns: Sequence[FittedColumn]) -> tuple[Group, ...]:
    """The inputs that the columns make, the table first and the others in the order of their first columns."""
    places: dict[str, list[tuple[FittedColumn, int]]] = {}
    at = 0
    for column in columns:
        places.setdefault(column.input, []).append((column, at))
        at += column.width
    order = sorted(places, key=lambda name: name != "")
    return tuple(Group(_facts(name, [c for c, _ in places[name]]), tuple(places[name])) for name in order)


def _facts(name: str, columns: Sequence[FittedColumn]) -> InputFacts:
    if columns[0].encoder == TOKENS:
        return InputFacts(name, "text", (columns[0].length,), "int32", words=columns[0].numbers)
    wide = tuple(c.name for c in columns if c.encoder == "none" and max(-c.minimum, c.maximum) > _WIDE)
    return InputFacts(name or TABLE_INPUT, "table", (sum(c.width for c in columns),), wide=wide)
