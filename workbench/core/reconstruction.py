"""What an autoencoder rebuilt, held against what it was given: how far off each row is, and both in a person's units.

All numbers are those the model sees, scaled: of a table as `Preprocessor.transform` gives them, of pictures
pixel * InputFacts.scale + InputFacts.offset. numpy only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .facts import InputFacts, TargetFacts

if TYPE_CHECKING:
    from .data.fitted import FittedColumn
    from .data.preprocess import Preprocessor

Array = np.ndarray[Any, Any]

TASK = "reconstruction"

_BLOCK = 1 << 22  # numbers that are compared at once


def rebuilds(target: TargetFacts | None) -> bool:
    """Whether the target is the input itself."""
    return target is not None and target.task == TASK


def scaled(x: Array, facts: InputFacts) -> Array:
    """Prepared rows (n, *shape) as the model sees them and is to rebuild them: float32 x * scale + offset."""
    made = np.asarray(x).astype(np.float32)
    if facts.scale != 1.0:
        made *= np.float32(facts.scale)
    if facts.offset != 0.0:
        made += np.float32(facts.offset)
    return made


def row_errors(x_scaled: Array, rebuilt: Array) -> Array:
    """Mean squared error of each row, float64 (n,); NaN where the model gave a number that is not finite.

    Args:
        x_scaled, rebuilt: (n, ...) with the same numbers a row, flat or in their shape.

    Raises:
        ValueError: they differ in rows or in numbers a row.
    """
    x, other = np.asarray(x_scaled), np.asarray(rebuilt)
    x, other = x.reshape(len(x), _width(x)), other.reshape(len(other), _width(other))
    if x.shape != other.shape:
        raise ValueError(f"{other.shape} was rebuilt of {x.shape}")
    errors = np.full(len(x), np.nan)
    step = max(1, _BLOCK // max(1, x.shape[1]))
    for at in range(0, len(x), step):
        with np.errstate(over="ignore", invalid="ignore"):
            wrong = other[at : at + step].astype(np.float64) - x[at : at + step].astype(np.float64)
            found = np.mean(np.square(wrong), axis=1) if x.shape[1] else np.zeros(len(wrong))
        errors[at : at + step] = np.where(np.isfinite(found), found, np.nan)
    return errors


def _width(array: Array) -> int:
    return int(np.prod(array.shape[1:], dtype=np.int64))


def as_picture(rebuilt: Array, facts: InputFacts) -> Array:
    """Rebuilt pictures as pixels: uint8 of the same shape, (h, w, c) or (n, h, w, c); what is no number is black."""
    with np.errstate(over="ignore", invalid="ignore"):
        pixels = (np.asarray(rebuilt, np.float64) - facts.offset) / facts.scale
    return np.clip(np.rint(np.nan_to_num(pixels, nan=0.0)), 0, 255).astype(np.uint8)


def columns_in_units(preprocessor: Preprocessor, rebuilt: Array) -> dict[str, Array]:
    """Rebuilt rows of a table as a person writes them, by column.

    Args:
        rebuilt: (n, width), as the preprocessor's `transform` lays columns out.

    A number column is float64 (n,) in its own units; a category column (one-hot, in order, by frequency) an object
    array of the likeliest category; several values in a cell (multihot) those more likely than not, with their
    separator. Columns of dates and of words are not among them: several numbers stand for a cell there, and not every
    combination is a cell.
    """
    rows = np.asarray(rebuilt)
    rows = rows.reshape(len(rows), _width(rows))
    made: dict[str, Array] = {}
    at = 0
    for column in preprocessor.columns:
        values = cells_in_units(column, rows[:, at : at + column.width].astype(np.float64))
        if values is not None:
            made[column.name] = values
        at += column.width
    return made


def cells_in_units(column: FittedColumn, numbers: Array) -> Array | None:
    """The cells that numbers (n, column.width) stand for, see `columns_in_units`; None of dates and of words."""
    from .data.fitted import NUMBERS

    if column.encoder in NUMBERS:
        values = numbers[:, 0] * column.scale + column.offset
        if column.encoder != "log":
            return values
        with np.errstate(over="ignore"):
            return np.sign(values) * np.expm1(np.abs(values))
    names = np.array(column.categories, dtype=object)
    if column.encoder == "onehot":
        return names[_likeliest(numbers)]
    if column.encoder in ("ordinal", "frequency"):
        return names[_likeliest(-np.abs(numbers - np.array(column.weights)))]
    if column.encoder == "multihot":
        between = f"{column.separator} " if column.separator.strip() else column.separator
        return np.array([between.join(names[row > 0.5]) for row in numbers], dtype=object)
    return None


def _likeliest(scores: Array) -> Array:
    found: Array = np.argmax(np.nan_to_num(scores, nan=-np.inf), axis=1)
    return found
