"""The model as somebody else needs it: raw columns or pixels in, probabilities or the person's units out.

Made of stock Keras layers and operations only, so that a `.keras` file opens where nothing but Keras is installed.
Number columns are float32 (n, 1) with NaN for missing; category columns are text (n, 1), unknown ones count as none;
pictures are float32 (n, height, width, channels) from 0 to 255.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.data.prepared import open_prepared
from workbench.core.data.preprocess import IMAGE_INPUT, TABLE_INPUT, FittedColumn, Preprocessor
from workbench.core.data.values import MISSING
from workbench.core.errors import ExportError
from workbench.core.facts import TargetFacts
from workbench.core.project import Json, Project

if TYPE_CHECKING:
    import keras

SAMPLES = 32
_TYPES = {"number": "float32, NaN when missing", "text": "string", "image": "float32, 0 to 255"}


@dataclass(frozen=True)
class RawInput:
    """One input of the exported model. name: its tensor. column: the person's column, "" for pictures.
    kind: "number" | "text" | "image"."""

    name: str
    column: str
    kind: str
    shape: tuple[int, ...]
    categories: tuple[str, ...] = ()


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
                    "type": {"number": "float32, NaN when missing", "text": "string", "image": "float32, 0 to 255"}[
                        i.kind
                    ],
                    "shape": [None, *i.shape],
                    "categories": list(i.categories),
                }
                for i in self.inputs
            ],
            "cleaning": _cleaning(self.preprocessor),
            "preprocessor": encode(self.preprocessor),
        }


def _cleaning(preprocessor: Preprocessor) -> Json:
    """What the columns of the person's file go through before they are the inputs; empty when they are so as they are.
    Steps that only drop rows in training change no cell."""
    from workbench.core.data.replay import ROW_STEPS
    from workbench.core.data.steps import STEPS

    return [
        {"step": STEPS[step.kind].summary(step.params), "kind": step.kind, "params": dict(step.params)}
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
    given, raw, parts = [], {}, []
    for column, name in zip(preprocessor.columns, names, strict=True):
        text = column.encoder == "onehot"
        given.append(RawInput(name, column.name, "text" if text else "number", (1,), column.categories))
        cell = keras.Input((1,), name=name, dtype="string" if text else "float32")
        raw[name] = cell
        parts.append(_one_hot(column, name, cell) if text else _number(column, name, cell))
    x = keras.layers.Concatenate(name="encoded")(parts) if len(parts) > 1 else parts[0]
    return tuple(given), raw, _answer(preprocessor, network(x))


def _number(column: FittedColumn, name: str, cell: Any) -> Any:
    """(cell - offset) / scale, a missing cell counting as the training median."""
    import keras

    filled = keras.ops.where(keras.ops.isnan(cell), column.fill, cell)
    return keras.layers.Rescaling(1.0 / column.scale, -column.offset / column.scale, name=f"{name}_scaled")(filled)


def _one_hot(column: FittedColumn, name: str, cell: Any) -> Any:
    """One number a category; an unknown one lands in the first slot, which is cut off."""
    import keras

    index = keras.layers.StringLookup(
        vocabulary=list(column.categories), num_oov_indices=1, output_mode="int", name=f"{name}_index"
    )(cell)
    slots = keras.layers.CategoryEncoding(len(column.categories) + 1, output_mode="one_hot", name=f"{name}_one_hot")
    return slots(index)[:, 1:]


def _raw_rows(
    preprocessor: Preprocessor, inputs: tuple[RawInput, ...], encoded: np.ndarray[Any, Any]
) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, np.ndarray[Any, Any]]]:
    """Prepared rows as raw cells, and those cells encoded again by the workbench.

    The first row gets a missing number in each number column and the second an unknown category in each category
    column, so that the check covers both.
    """
    import pandas as pd

    cells: dict[str, np.ndarray[Any, Any]] = {}
    at = 0
    for column, given in zip(preprocessor.columns, inputs, strict=True):
        block = encoded[:, at : at + column.width]
        at += column.width
        if given.kind == "number":
            values = (block[:, 0].astype(np.float64) * column.scale + column.offset).astype(np.float32)
            values[:1] = np.nan
            cells[given.name] = values[:, None]
        else:
            names = np.array([*column.categories, "(unknown)"], object)
            index = np.where(block.any(axis=1), block.argmax(axis=1), len(column.categories))
            index[1:2] = len(column.categories)
            cells[given.name] = names[index][:, None]
    frame = pd.DataFrame({i.column: cells[i.name][:, 0] for i in inputs})
    frame = frame.replace({MISSING: None}) if any(i.kind == "text" for i in inputs) else frame
    return cells, {TABLE_INPUT: preprocessor.transform(frame)}


def _identifiers(columns: tuple[FittedColumn, ...]) -> list[str]:
    """Tensor names that every format takes: letters, digits and underscores, unique even in lower case."""
    names: list[str] = []
    taken: set[str] = set()
    for number, column in enumerate(columns):
        base = _identifier(column.name, f"column_{number + 1}")
        name, n = base, 1
        while name.lower() in taken:
            n += 1
            name = f"{base}_{n}"
        taken.add(name.lower())
        names.append(name)
    return names


def _identifier(text: str, fallback: str) -> str:
    name = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    return name if name and name[0].isalpha() else (f"c_{name}" if name else fallback)
