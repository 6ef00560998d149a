"""The front of an exported table model: raw cells in, the inputs of the network out, each by its name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.core.data.encode import encode_column
from workbench.core.data.fitted import BESIDE, CATEGORIES, PICTURE, TOKENS, FittedColumn
from workbench.core.data.input_groups import Group, grouped, image_facts
from workbench.core.data.preprocess import Preprocessor
from workbench.core.data.values import MISSING
from workbench.core.errors import ExportError
from workbench.core.project import ImageFeature

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass(frozen=True)
class RawInput:
    """One input of the exported model. name: its tensor. column: the person's column, "" of pictures in folders.
    kind: "number" | "text" | "image" | "series" | "encoded" (the column's numbers and not its cells). how: what else to
    know of it, in words."""

    name: str
    column: str
    kind: str
    shape: tuple[int, ...]
    categories: tuple[str, ...] = ()
    how: str = ""


def front(preprocessor: Preprocessor, used: Collection[str]) -> tuple[tuple[RawInput, ...], dict[str, Any], Arrays]:
    """(what goes in, its Keras inputs by name, the network's inputs by the name of the prepared data).

    used: the prepared inputs that the network takes; columns of others are not asked for.
    """
    import keras

    names = dict(zip((c.name for c in preprocessor.columns), _identifiers(preprocessor.columns), strict=True))
    _check_range(preprocessor.columns)
    given: list[RawInput] = []
    raw: dict[str, Any] = {}
    encoded: dict[str, Any] = {}
    for group in _used(preprocessor, used):
        parts = []
        for column, _ in group.columns:
            made = _raw_input(column, names[column.name])
            given.append(made)
            cell = keras.Input(made.shape, name=made.name, dtype=_DTYPES.get(made.kind, "float32"))
            raw[made.name] = cell
            parts.append(_FRONTS[made.kind](column, made.name, cell) if made.kind in _FRONTS else cell)
        label = f"encoded_{len(encoded) + 1}" if encoded else "encoded"
        encoded[group.facts.name] = keras.layers.Concatenate(name=label)(parts) if len(parts) > 1 else parts[0]
    return tuple(given), raw, encoded


def _used(preprocessor: Preprocessor, used: Collection[str]) -> list[Group]:
    return [group for group in grouped(preprocessor.columns) if group.facts.name in used]


def _raw_input(column: FittedColumn, name: str) -> RawInput:
    kind = _kind(column)
    if column.image is not None:
        return RawInput(name, column.name, kind, image_facts(name, column.image).shape, how=_picture(column.image))
    if kind in ("encoded", "tokens"):
        return RawInput(name, column.name, kind, (column.width,), how=_how(column))
    return RawInput(name, column.name, kind, (1,), column.categories)


def _tokens(column: FittedColumn, name: str, cell: Any) -> Any:
    """Networks take float32, in which whole numbers are exact up to 16 million."""
    import keras

    return keras.ops.cast(cell, "float32")


def _pixels(column: FittedColumn, name: str, cell: Any) -> Any:
    import keras

    assert column.image is not None  # fitted with one
    facts = image_facts(name, column.image)
    return keras.layers.Rescaling(facts.scale, facts.offset, name=f"{name}_pixel_scale")(cell)


def _picture(image: ImageFeature) -> str:
    """How a file becomes the pixels that the model takes."""
    ways = {
        "fill": "resized to cover them and cropped to the middle",
        "fit": "resized to fit into them, with black around it",
        "stretch": "stretched to them",
    }
    colours = "grey" if image.channels == 1 else "red, green, blue"
    return f"The file that the cell names: {image.height} x {image.width} pixels, {colours}, {ways[image.resize]}."


def _kind(column: FittedColumn) -> str:
    if column.encoder == TOKENS:
        return "tokens"
    if column.encoder == PICTURE:
        return "image"
    return "encoded" if column.encoder in BESIDE else "text" if column.encoder in CATEGORIES else "number"


def _how(column: FittedColumn) -> str:
    """In words, for somebody who has the card and no workbench; the figures are in the card's "preprocessor"."""
    words = "Text in NFKC and lower case, words by the regular expression \\w+: "
    return {
        "dates": "The parts named under dates, in order: year and day as (value - offset) / scale; month (from 0), "
        "weekday (Monday 0) and hour as sine and cosine of 2 pi value / period. All 0 for a missing date.",
        "multihot": f'Split at "{column.separator}": 1 for each of categories in the cell, in order; else 0.',
        "hash": f"1 at BLAKE2b (8 bytes, little endian, of the text in NFC as UTF-8) modulo {column.buckets}; else 0.",
        "bag": words + "1 for each of categories in it, in order.",
        "tokens": words
        + f"the first {column.length} of them as numbers, 2 for the first of categories, 3 for the second and "
        "so on, 1 for any other word, 0 behind the last. A text without words is 1, 0, 0 ...",
        "tfidf": words + "the count of each of categories times its weight, in order, divided by the vector's length.",
    }[column.encoder] + f' The figures are under preprocessor, columns, "{column.name}".'


def _number(column: FittedColumn, name: str, cell: Any) -> Any:
    """(cell - offset) / scale of the cell or its logarithm, a missing cell counting as the training rows' fill value;
    beside it, where that is flagged, 1 for a missing cell. What is too far out is put onto the limit or missing."""
    import keras

    absent = keras.ops.isnan(cell)
    filled = keras.ops.where(absent, column.fill, cell)  # first of all: tf2onnx multiplies by masks, and 0 * NaN is NaN
    if column.clip and column.beyond == "missing":
        low, high = column.clip
        far = keras.ops.logical_or(filled < low, filled > high)
        absent = keras.ops.logical_or(absent, far)
        filled = keras.ops.where(far, column.fill, filled)
    elif column.clip:
        limited = keras.ops.minimum(keras.ops.maximum(filled, column.clip[0]), column.clip[1])
        filled = keras.ops.where(absent, column.fill, limited)
    if column.encoder == "log":
        filled = keras.ops.sign(filled) * keras.ops.log(1.0 + keras.ops.abs(filled))
    scaled = keras.layers.Rescaling(1.0 / column.scale, -column.offset / column.scale, name=f"{name}_scaled")(filled)
    if not column.flag:
        return scaled
    missing = keras.ops.where(absent, 1.0, keras.ops.zeros_like(scaled))
    return keras.layers.Concatenate(name=f"{name}_flagged")([scaled, missing])


def _category(column: FittedColumn, name: str, cell: Any) -> Any:
    """One number a category, an unknown one landing in the first slot, which is cut off; or the category's weight."""
    import keras

    vocabulary = [*column.categories, MISSING] if column.missing else list(column.categories)
    index = keras.layers.StringLookup(
        vocabulary=vocabulary, num_oov_indices=1, output_mode="int", name=f"{name}_index"
    )(cell)
    if column.encoder != "onehot":
        # A layer with a fixed table: a constant beside the graph would not be saved with a .keras file.
        table = np.asarray([column.fill, *column.weights], np.float32)[:, None]
        look_up = keras.layers.Embedding(len(table), 1, trainable=False, name=f"{name}_value")
        look_up.build(())
        look_up.set_weights([table])
        return keras.layers.Reshape((1,), name=f"{name}_encoded")(look_up(index))
    slots = keras.layers.CategoryEncoding(len(vocabulary) + 1, output_mode="one_hot", name=f"{name}_one_hot")
    if not column.missing:
        return slots(index)[:, 1:]
    ones = np.eye(len(column.categories), dtype=np.float32)
    table = np.concatenate([np.zeros_like(ones[:1]), ones, ones[[column.categories.index(column.missing)]]])
    fold = keras.layers.Dense(len(ones), use_bias=False, trainable=False, name=f"{name}_encoded")
    fold.build((None, len(table)))
    fold.set_weights([table])
    return fold(slots(index))


_DTYPES = {"text": "string", "tokens": "int32"}
_FRONTS = {"text": _category, "number": _number, "tokens": _tokens, "image": _pixels}


def raw_rows(
    preprocessor: Preprocessor, inputs: tuple[RawInput, ...], prepared: Mapping[str, Any]
) -> tuple[Arrays, Arrays]:
    """Prepared rows as raw cells, and those cells encoded again by the workbench, by the name of the prepared input.

    The first row gets a missing number in each number column and the second an unknown category in each category
    column, so that the check covers both. What is encoded beforehand stays as it was prepared, and so do pixels.
    """
    cells: Arrays = {}
    made: Arrays = {}
    known = {given.column: given for given in inputs}
    for group in _used(preprocessor, prepared):
        if group.columns[0][0].name not in known:
            continue
        again: list[np.ndarray[Any, Any]] = []
        at = 0
        for column, _ in group.columns:
            given = known[column.name]
            if given.kind == "image":
                cells[given.name] = np.asarray(prepared[group.facts.name], np.float32)
                again.append(prepared[group.facts.name])
                continue
            block = prepared[group.facts.name][:, at : at + column.width]
            at += column.width
            if given.kind in ("encoded", "tokens"):
                cells[given.name] = np.asarray(block, _DTYPES.get(given.kind, np.float32))
                again.append(block)
                continue
            raw = _numbers_of(column, block) if given.kind == "number" else _names_of(column, block)
            cells[given.name] = raw[:, None]
            values: Any = raw if given.kind == "number" else pd.Series(raw).replace({MISSING: None})
            again.append(encode_column(column, pd.Series(values, name=column.name)))
        made[group.facts.name] = np.concatenate(again, axis=1)
    return cells, made


def _numbers_of(column: FittedColumn, block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Cells that encode to the first number of each row; the first of them missing."""
    values = block[:, 0].astype(np.float64) * column.scale + column.offset
    if column.encoder == "log":
        values = np.sign(values) * np.expm1(np.abs(values))
    cells = values.astype(np.float32)
    cells[:1] = np.nan
    if column.clip:
        low, high = column.clip
        cells[2:3] = high + (high - low) + 1.0
    return cells


def _names_of(column: FittedColumn, block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Categories that encode to each row; the second of them unknown."""
    names = np.array([*column.categories, "(unknown)"], object)
    last = len(column.categories)
    if column.encoder == "onehot":
        index = np.where(block.any(axis=1), block.argmax(axis=1), last)
    else:
        values = np.asarray([*column.weights, column.fill], np.float32)
        index = np.abs(block[:, :1] - values).argmin(axis=1)
    index[1:2] = last
    cells = names[index]
    if column.missing:
        cells[:1] = MISSING
    return cells


def _check_range(columns: tuple[FittedColumn, ...]) -> None:
    """Exported inputs are float32, which ends at 3.4e38. Raises ExportError naming the column beyond."""
    ends = np.finfo(np.float32)
    for column in columns:
        largest = max(abs(column.minimum), abs(column.maximum), abs(column.offset))
        if largest > ends.max / 4 or not ends.tiny * 4 < column.scale < ends.max / 4:
            raise ExportError(
                f"The numbers of this column (up to {largest:.3g}) do not fit into an exported model's 32 bits.",
                where=f'column "{column.name}"',
                remedy="Leave the column out, or bring it to other units in a cleaning step, and train again.",
            )


def _identifiers(columns: tuple[FittedColumn, ...]) -> list[str]:
    """Tensor names that every format takes: letters, digits and underscores, unique even in lower case."""
    names: list[str] = []
    taken: set[str] = set()
    for number, column in enumerate(columns):
        base = identifier(column.name, f"column_{number + 1}") + ("_encoded" if column.encoder in BESIDE else "")
        name, n = base, 1
        while name.lower() in taken:
            n += 1
            name = f"{base}_{n}"
        taken.add(name.lower())
        names.append(name)
    return names


def identifier(text: str, fallback: str) -> str:
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    if keyword.iskeyword(name):  # a signature's arguments are Python names
        name = f"c_{name}"
    return name if name and name[0].isalpha() else (f"c_{name}" if name else fallback)
