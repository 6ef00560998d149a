"""The model as somebody else needs it: raw columns or pixels in, probabilities or the person's units out.

Made of stock Keras layers and operations only, so that a `.keras` file opens where nothing but Keras is installed.
Number columns are float32 (n, 1) with NaN for missing; category columns are text (n, 1), unknown ones count as none;
pictures are float32 (n, height, width, channels) from 0 to 255; windows of series float32 (n, steps, channels). Text,
dates and the like are taken as the numbers the workbench makes of them, float32 (n, k): no set of operations common to
all formats reads them; the card says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.data.prepared import open_prepared
from workbench.core.data.preprocess import IMAGE_INPUT, SEQUENCE_INPUT, Preprocessor
from workbench.core.errors import ExportError
from workbench.core.facts import TargetFacts
from workbench.core.project import Json, Project

from . import series_front, table_front
from .table_front import RawInput, identifier

if TYPE_CHECKING:
    import keras

SAMPLES = 32
_TYPES = {
    "number": "float32, NaN when missing",
    "text": "string",
    "image": "float32, 0 to 255",
    "encoded": "float32, encoded beforehand",
    "series": "float32, NaN when missing",
    "tokens": "int32, numbers of words made beforehand",
}


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
    from workbench.engine.assemble import bindings
    from workbench.engine.checkpoints import load_model

    record = runs.read_run(folder)
    if not record.usable:
        raise ExportError(f'"{record.name}" has no trained weights yet.', remedy="Train it for at least one epoch.")
    network = load_model(folder, "best")
    preprocessor = Preprocessor.from_json(runs.read_preprocessor(folder))
    facts = runs.read_facts(folder)
    project = runs.read_project(folder)
    sources = bindings(network, project.graph, facts)
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
        inputs, raw, encoded = table_front.front(preprocessor, {i.name for i in sources.values()})
        fed = {name: encoded[i.name] for name, i in sources.items()}
        answer = _answer(preprocessor, network(fed if len(fed) > 1 else next(iter(fed.values()))))
        samples, stored = table_front.raw_rows(preprocessor, inputs, stored)
    scaled = {
        name: stored[i.name].astype(np.float32) * np.float32(i.scale) + np.float32(i.offset)
        for name, i in sources.items()
    }
    network_expected = np.asarray(network(scaled if len(scaled) > 1 else next(iter(scaled.values()))), np.float32)
    expected = network_expected
    if preprocessor.target is not None and preprocessor.target.task == "regression":
        expected = preprocessor.unscale(network_expected).astype(np.float32)
    import keras

    model = keras.Model(raw, answer, name=identifier(project.name, "model"))
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
