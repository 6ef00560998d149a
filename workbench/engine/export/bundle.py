"""The model as somebody else needs it: raw columns or pixels in, probabilities or the person's units out.

Made of stock Keras layers and operations only, so that a `.keras` file opens where nothing but Keras is installed.
Number columns are float32 (n, 1) with NaN for missing; category columns are text (n, 1), unknown ones count as none;
pictures are float32 (n, height, width, channels) from 0 to 255; windows of series float32 (n, steps, channels). Text,
dates and the like are taken as the numbers the workbench makes of them, float32 (n, k): no set of operations common to
all formats reads them; the card says how.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.data.encode import encode_column
from workbench.core.data.fitted import BESIDE, CATEGORIES
from workbench.core.data.prepared import open_prepared
from workbench.core.data.preprocess import IMAGE_INPUT, SEQUENCE_INPUT, TABLE_INPUT, FittedColumn, Preprocessor
from workbench.core.data.values import MISSING
from workbench.core.errors import ExportError
from workbench.core.facts import TargetFacts
from workbench.core.project import Json, Project

from . import series_front

if TYPE_CHECKING:
    import keras

SAMPLES = 32
_TYPES = {
    "number": "float32, NaN when missing",
    "text": "string",
    "image": "float32, 0 to 255",
    "encoded": "float32, encoded beforehand",
    "series": "float32, NaN when missing",
}


@dataclass(frozen=True)
class RawInput:
    """One input of the exported model. name: its tensor. column: the person's column, "" for pictures.
    kind: "number" | "text" | "image" | "series" | "encoded" (the column's numbers and not its cells). how: what else to
    know of it, in words."""

    name: str
    column: str
    kind: str
    shape: tuple[int, ...]
    categories: tuple[str, ...] = ()
    how: str = ""


@dataclass(frozen=True, eq=False)
class Bundle:
    """model: raw in, answer out. network: what was trained, encoded and scaled arrays in.

    samples: {input name: array} of real rows; expected: what the trained model answers to them, (n, units) float32,
    reckoned by the workbench's own preprocessing and not by this model. network_samples: the same rows as the network
    takes them, by the name of its Input blocks; network_expected: what it answers.
    """

    model: keras.Model
    network: keras.Model
    project: Project
    preprocessor: Preprocessor
    inputs: tuple[RawInput, ...]
    samples: dict[str, np.ndarray[Any, Any]]
    expected: np.ndarray[Any, Any]
    network_samples: dict[str, np.ndarray[Any, Any]]
    network_expected: np.ndarray[Any, Any]
    folder: Path

    @property
    def target(self) -> TargetFacts:
        assert self.preprocessor.target is not None
        return self.preprocessor.target

    def card(self, format_name: str) -> Json:
        """What travels beside the file, so that it can be used without the workbench."""
        target = self.target
        if target.task == "regression":
            meaning = f"{target.name}, in its own units"
        elif self.expected.shape[1] == 1:
            meaning = f"probability of {target.classes[-1]!r}; the rest is {target.classes[0]!r}"
        else:
            meaning = "one probability a class, in the order of classes"
        return {
            "format": "workbench-model",
            "version": 1,
            "model": self.project.name,
            "file": format_name,
            "task": target.task,
            "target": target.name,
            "classes": list(target.classes),
            "output": meaning,
            "inputs": [
                {
                    "name": i.name,
                    "column": i.column,
                    "type": _TYPES[i.kind],
                    "shape": [None, *i.shape],
                    "categories": list(i.categories),
                    **({"encoding": i.how} if i.how else {}),
                }
                for i in self.inputs
            ],
            "cleaning": _cleaning(self.preprocessor),
            "preprocessor": encode(self.preprocessor),
        }


def _cleaning(preprocessor: Preprocessor) -> Json:
    """What the columns of the person's file go through before they are the inputs; empty when they are so as they are.
    Steps that only drop rows in training change no cell."""
    from workbench.core.data.every_step import summary_of
    from workbench.core.data.replay import ROW_STEPS

    return [
        {"step": summary_of(step.kind, step.params), "kind": step.kind, "params": dict(step.params)}
        for step in preprocessor.recipe
        if step.kind not in ROW_STEPS
    ]


def make_bundle(folder: Path) -> Bundle:
    """The best model of a run with its preprocessing put in front and its units behind.

    Raises:
        ExportError: the run has no weights, or its prepared data is gone.
    """
    from workbench.engine.build import bound_inputs
    from workbench.engine.checkpoints import load_model

    record = runs.read_run(folder)
    if not record.usable:
        raise ExportError(f'"{record.name}" has no trained weights yet.', remedy="Train it for at least one epoch.")
    network = load_model(folder, "best")
    preprocessor = Preprocessor.from_json(runs.read_preprocessor(folder))
    facts = runs.read_facts(folder)
    prepared = open_prepared(Path(record.prepared))
    part = next((p for p in ("test", "validation", "train") if facts.rows.get(p)), "train")
    stored = {k: np.array(v[:SAMPLES]) for k, v in prepared.part(part).x.items()}
    if preprocessor.kind == "images":
        inputs, raw, answer = _image_front(preprocessor, network)
        samples = {IMAGE_INPUT: stored[IMAGE_INPUT].astype(np.float32)}
    elif preprocessor.sequence is not None:
        raw, x = series_front.scaling(preprocessor.sequence)
        given = RawInput(
            SEQUENCE_INPUT, "", "series", preprocessor.inputs[0].shape, how=series_front.how(preprocessor.sequence)
        )
        inputs, answer = (given,), _answer(preprocessor, network(x))
        samples, stored = series_front.raw_windows(preprocessor, stored)
    else:
        inputs, raw, answer = _table_front(preprocessor, network)
        samples, stored = _raw_rows(preprocessor, inputs, next(iter(stored.values())))
    project = runs.read_project(folder)
    sources = bound_inputs(project.graph, facts)
    scaled = {
        project.graph.node(node_id).name: stored[i.name].astype(np.float32) * np.float32(i.scale) + np.float32(i.offset)
        for node_id, i in sources.items()
    }
    network_expected = np.asarray(network(scaled if len(scaled) > 1 else next(iter(scaled.values()))), np.float32)
    expected = network_expected
    if preprocessor.target is not None and preprocessor.target.task == "regression":
        expected = preprocessor.unscale(network_expected).astype(np.float32)
    import keras

    model = keras.Model(raw, answer, name=_identifier(project.name, "model"))
    return Bundle(
        model,
        network,
        project,
        preprocessor,
        inputs,
        samples,
        expected,
        scaled,
        network_expected,
        folder,
    )


def _answer(preprocessor: Preprocessor, y: Any) -> Any:
    """Back to the person's units; probabilities stay as they are."""
    import keras

    target = preprocessor.target
    if target is not None and target.task == "regression":
        return keras.layers.Rescaling(target.scale, target.offset, name="answer")(y)
    return keras.layers.Identity(name="answer")(y)


def _image_front(preprocessor: Preprocessor, network: keras.Model) -> tuple[tuple[RawInput, ...], Any, Any]:
    import keras

    (facts,) = preprocessor.inputs
    pixels = keras.Input(facts.shape, name=IMAGE_INPUT, dtype="float32")
    x = keras.layers.Rescaling(facts.scale, facts.offset, name="pixel_scale")(pixels)
    given = (RawInput(IMAGE_INPUT, "", "image", facts.shape),)
    return given, {IMAGE_INPUT: pixels}, _answer(preprocessor, network(x))


def _table_front(preprocessor: Preprocessor, network: keras.Model) -> tuple[tuple[RawInput, ...], Any, Any]:
    import keras

    names = _identifiers(preprocessor.columns)
    _check_range(preprocessor.columns)
    given, raw, parts = [], {}, []
    for column, name in zip(preprocessor.columns, names, strict=True):
        kind = _kind(column)
        if kind == "encoded":
            made = RawInput(name, column.name, kind, (column.width,), how=_how(column))
        else:
            made = RawInput(name, column.name, kind, (1,), column.categories)
        given.append(made)
        cell = keras.Input(made.shape, name=name, dtype="string" if kind == "text" else "float32")
        raw[name] = cell
        front = {"text": _category, "number": _number}.get(kind)
        parts.append(front(column, name, cell) if front else cell)
    x = keras.layers.Concatenate(name="encoded")(parts) if len(parts) > 1 else parts[0]
    return tuple(given), raw, _answer(preprocessor, network(x))


def _kind(column: FittedColumn) -> str:
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


def _raw_rows(
    preprocessor: Preprocessor, inputs: tuple[RawInput, ...], encoded: np.ndarray[Any, Any]
) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, np.ndarray[Any, Any]]]:
    """Prepared rows as raw cells, and those cells encoded again by the workbench.

    The first row gets a missing number in each number column and the second an unknown category in each category
    column, so that the check covers both. What is encoded beforehand stays as it was prepared.
    """
    import pandas as pd

    cells: dict[str, np.ndarray[Any, Any]] = {}
    again: list[np.ndarray[Any, Any]] = []
    at = 0
    for column, given in zip(preprocessor.columns, inputs, strict=True):
        block = encoded[:, at : at + column.width]
        at += column.width
        if given.kind == "encoded":
            cells[given.name] = np.asarray(block, np.float32)
            again.append(block)
            continue
        raw = _numbers_of(column, block) if given.kind == "number" else _names_of(column, block)
        cells[given.name] = raw[:, None]
        known: Any = raw if given.kind == "number" else pd.Series(raw).replace({MISSING: None})
        again.append(encode_column(column, pd.Series(known, name=column.name)))
    return cells, {TABLE_INPUT: np.concatenate(again, axis=1)}


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
        base = _identifier(column.name, f"column_{number + 1}") + ("_encoded" if column.encoder in BESIDE else "")
        name, n = base, 1
        while name.lower() in taken:
            n += 1
            name = f"{base}_{n}"
        taken.add(name.lower())
        names.append(name)
    return names


def _identifier(text: str, fallback: str) -> str:
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    if keyword.iskeyword(name):  # a signature's arguments are Python names
        name = f"c_{name}"
    return name if name and name[0].isalpha() else (f"c_{name}" if name else fallback)
