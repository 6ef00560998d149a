"""Which columns go into the model together: the table, columns a person set apart, each text by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.core.facts import InputFacts
from workbench.core.project import ColumnFeature, ImageFeature

from .fitted import OWN, PICTURE, TOKENS, FittedColumn

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
    """The input each column goes into; "" is the table. A text read word by word and a picture have one of their own,
    called like it."""
    inputs = [c for c in columns if c.role == "input"]
    found = {c.name: input_name(c.input) for c in inputs if c.input.strip() and c.encoder not in OWN}
    found = {column: name for column, name in found.items() if name != TABLE_INPUT}
    taken = {TABLE_INPUT, *found.values()}
    for column in (c for c in inputs if c.encoder in OWN):
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


SCALES = {"/255": (1.0 / 255.0, 0.0), "-1..1": (1.0 / 127.5, -1.0), "none": (1.0, 0.0)}


def image_facts(name: str, image: ImageFeature) -> InputFacts:
    """An input of pictures with height, width and channels filled in, kept as bytes and scaled by the feed."""
    scale, offset = SCALES[image.scale]
    return InputFacts(name, "image", (image.height, image.width, image.channels), "uint8", scale, offset)


def _facts(name: str, columns: Sequence[FittedColumn]) -> InputFacts:
    if columns[0].encoder == TOKENS:
        return InputFacts(name, "text", (columns[0].length,), "int32", words=columns[0].numbers)
    if columns[0].encoder == PICTURE:
        assert columns[0].image is not None  # fitted with one
        return image_facts(name, columns[0].image)
    wide = tuple(c.name for c in columns if c.encoder == "none" and max(-c.minimum, c.maximum) > _WIDE)
    return InputFacts(name or TABLE_INPUT, "table", (sum(c.width for c in columns),), wide=wide)
