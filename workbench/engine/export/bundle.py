"""The model as somebody else needs it: raw columns or pixels in, probabilities or the person's units out.

Made of stock Keras layers and operations only, so that a `.keras` file opens where nothing but Keras is installed.
Number columns are float32 (n, 1) with NaN for missing; category columns are text (n, 1), unknown ones count as none;
pictures are float32 (n, height, width, channels) from 0 to 255; windows of series float32 (n, steps, channels). Text,
dates and the like are taken as the numbers the workbench makes of them, float32 (n, k): no set of operations common to
all formats reads them; the card says how.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core import runs
from workbench.core.codec import encode
from workbench.core.data.prepared import open_prepared
from workbench.core.data.preprocess import IMAGE_INPUT, SEQUENCE_INPUT, Preprocessor
from workbench.core.errors import ExportError
from workbench.core.facts import DataFacts, TargetFacts
from workbench.core.outputs import outputs_in_order
from workbench.core.project import Json, Project
from workbench.core.reconstruction import rebuilds, row_errors

from . import series_front, table_front
from .table_front import RawInput, identifier

if TYPE_CHECKING:
    import keras

SAMPLES = 32
ANSWER, ERROR = "answer", "error"
_TYPES = {
    "number": "float32, NaN when missing",
    "text": "string",
    "image": "float32, 0 to 255",
    "encoded": "float32, encoded beforehand",
    "series": "float32, NaN when missing",
    "tokens": "int32, numbers of words made beforehand",
}


@dataclass(frozen=True)
class RawOutput:
    """One answer of an exported file. name: in the file. node: name of the network's output. units: numbers a row.
    error: it is how far off a rebuilt row is, which the network itself does not say."""

    name: str
    node: str
    target: TargetFacts
    units: int
    error: bool = False

    @property
    def meaning(self) -> str:
        """In words, for somebody who has the card and no workbench."""
        target = self.target
        if rebuilds(target):
            return self._rebuilt_meaning()
        if target.task == "regression":
            return f"{target.name}, in its own units"
        if self.units == 1:
            return f"probability of {target.classes[-1]!r}; the rest is {target.classes[0]!r}"
        return "one probability a class, in the order of classes"

    def _rebuilt_meaning(self) -> str:
        if self.error:
            return "mean squared error of the row, in the numbers the network sees: the larger, the odder the row"
        if len(self.target.shape) == 1:
            return "the row rebuilt, as the network sees it: the numbers listed under numbers, in order"
        return "the picture rebuilt, pixels from 0 to 255 that may lie a little beyond"


@dataclass(frozen=True, eq=False)
class Bundle:
    """model: raw in, answer out. network: what was trained, encoded and scaled arrays in.

    outputs: what the file answers, in the order of the targets; several are told by their names, a single one is all.
    samples: {input name: array} of real rows; expected: what the trained model answers to them, (n, units) float32, of
    several outputs side by side, reckoned by the workbench's own preprocessing and not by this model. network_samples:
    the same rows as the network takes them, by the name of its Input blocks; network_expected: what it answers.
    """

    model: keras.Model
    network: keras.Model
    project: Project
    preprocessor: Preprocessor
    inputs: tuple[RawInput, ...]
    outputs: tuple[RawOutput, ...]
    samples: dict[str, np.ndarray[Any, Any]]
    expected: np.ndarray[Any, Any]
    network_samples: dict[str, np.ndarray[Any, Any]]
    network_expected: np.ndarray[Any, Any]
    folder: Path

    @property
    def names(self) -> tuple[str, ...]:
        """Of the file's outputs, where there are several."""
        return tuple(o.name for o in self.outputs) if len(self.outputs) > 1 else ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Of the network's outputs, where there are several."""
        return tuple(o.node for o in self.own) if len(self.own) > 1 else ()

    @property
    def own(self) -> tuple[RawOutput, ...]:
        """What the network itself answers."""
        return tuple(o for o in self.outputs if not o.error)

    def card(self, format_name: str) -> Json:
        """What travels beside the file, so that it can be used without the workbench. The task, target, classes and
        output on top are those of the first of several."""
        script = format_name == "python"
        first = self.outputs[0]
        target = first.target
        return {
            "format": "workbench-model",
            "version": 1,
            "model": self.project.name,
            "file": format_name,
            "task": target.task,
            "target": target.name,
            "classes": list(target.classes),
            "output": first.meaning,
            "outputs": [
                {
                    "name": o.name,
                    "target": o.target.name,
                    "task": o.target.task,
                    "classes": list(o.target.classes),
                    "units": o.units,
                    "meaning": o.meaning,
                    # Of a script, which answers as the network does: its numbers are not yet in the target's units.
                    **({"network": o.node, **_units(self.preprocessor, o.target)} if script else {}),
                }
                for o in (self.own if script else self.outputs)
            ],
            **_numbers(self.preprocessor),
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


def _units(preprocessor: Preprocessor, target: TargetFacts) -> dict[str, Json]:
    """The person's units of what the network itself answers are answer * scale + offset; of rebuilt pictures pixels."""
    if rebuilds(target) and preprocessor.kind == "images":
        (info,) = preprocessor.inputs
        return {"scale": 1.0 / info.scale, "offset": -info.offset / info.scale}
    return {"scale": target.scale, "offset": target.offset}


def _numbers(preprocessor: Preprocessor) -> dict[str, Json]:
    """Of a rebuilt row, what each of its numbers is."""
    if not rebuilds(preprocessor.target) or preprocessor.kind != "table":
        return {}
    return {"numbers": list(preprocessor.column_names)}


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


def make_bundle(folder: Path, checkpoint: str = "best") -> Bundle:
    """The model of a run (see checkpoints.weights_file) with its preprocessing put in front and its units behind.

    Raises:
        ExportError: the run has no weights, or its prepared data is gone.
    """
    from workbench.engine.assemble import bindings
    from workbench.engine.checkpoints import load_model

    record = runs.read_run(folder)
    if not record.usable:
        raise ExportError(f'"{record.name}" has no trained weights yet.', remedy="Train it for at least one epoch.")
    network = load_model(folder, checkpoint)
    preprocessor = Preprocessor.from_json(runs.read_preprocessor(folder))
    facts = runs.read_facts(folder)
    project = runs.read_project(folder)
    sources = bindings(network, project.graph, facts)
    prepared = open_prepared(Path(record.prepared))
    part = next((p for p in ("test", "validation", "train") if facts.rows.get(p)), "train")
    stored = {k: np.array(v[:SAMPLES]) for k, v in prepared.part(part).x.items()}
    if preprocessor.kind == "images":
        inputs, raw, x = _image_front(preprocessor)
        answer = network(x)
        encoded = {IMAGE_INPUT: x}
        samples = {IMAGE_INPUT: stored[IMAGE_INPUT].astype(np.float32)}
    elif preprocessor.sequence is not None:
        raw, x = series_front.scaling(preprocessor.sequence)
        given = RawInput(
            SEQUENCE_INPUT, "", "series", preprocessor.inputs[0].shape, how=series_front.how(preprocessor.sequence)
        )
        inputs, answer = (given,), network(x)
        encoded = {SEQUENCE_INPUT: x}
        samples, stored = series_front.raw_windows(preprocessor, stored)
    else:
        inputs, raw, encoded = table_front.front(preprocessor, {i.name for i in sources.values()})
        fed = {name: encoded[i.name] for name, i in sources.items()}
        answer = network(fed if len(fed) > 1 else next(iter(fed.values())))
        samples, stored = table_front.raw_rows(preprocessor, inputs, stored)
    scaled = {
        name: stored[i.name].astype(np.float32) * np.float32(i.scale) + np.float32(i.offset)
        for name, i in sources.items()
    }
    outputs = _outputs(preprocessor, project, facts, answer, [i.name for i in inputs])
    said = network(scaled if len(scaled) > 1 else next(iter(scaled.values())))
    by_output = [np.asarray(said[o.node] if len(outputs) > 1 else said, np.float32) for o in outputs]
    in_units = [_unscaled(o.target, y) for o, y in zip(outputs, by_output, strict=True)]
    network_expected, expected = _together(by_output), _together(in_units)
    import keras

    if rebuilds(preprocessor.target):
        outputs = (*outputs, _error_output(preprocessor, inputs, outputs))
        given = next(iter(scaled.values()))  # a network that rebuilds has one input
        expected = np.concatenate(
            [
                _pixels(preprocessor, network_expected.reshape(len(network_expected), -1)),
                row_errors(given, network_expected).astype(np.float32)[:, None],
            ],
            axis=1,
        )
        answers = _rebuilt(preprocessor, outputs, encoded[outputs[0].target.name], answer)
    else:
        answers = {o.name: _answer(o, answer[o.node] if len(outputs) > 1 else answer) for o in outputs}
    last = answers if len(outputs) > 1 else answers[outputs[0].name]
    model = keras.Model(raw, last, name=identifier(project.name, "model"))
    return Bundle(
        model,
        network,
        project,
        preprocessor,
        inputs,
        outputs,
        samples,
        expected,
        scaled,
        network_expected,
        folder,
    )


def _outputs(
    preprocessor: Preprocessor, project: Project, facts: DataFacts, answer: Any, inputs: list[str]
) -> tuple[RawOutput, ...]:
    """The answers in the order of the targets. Names of several are unlike the inputs', in lower case too."""
    assert preprocessor.target is not None  # a run is never created without one
    if rebuilds(preprocessor.target):
        return (RawOutput(_unlike(ANSWER, inputs), "", preprocessor.target, math.prod(preprocessor.target.shape)),)
    if not facts.more:
        return (RawOutput(ANSWER, "", preprocessor.target, int(answer.shape[-1])),)
    taken = {name.lower() for name in inputs}
    made: list[RawOutput] = []
    for place, (node, target) in enumerate(outputs_in_order(project.graph, facts)):
        stem = f"{ANSWER}_{identifier(target.name, str(place + 1))}"
        name, number = stem, 1
        while name.lower() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.lower())
        made.append(RawOutput(name, node.name, target, int(answer[node.name].shape[-1])))
    return tuple(made)


def _unlike(stem: str, names: Iterable[str]) -> str:
    """A name that no input has, in lower case too."""
    taken = {name.lower() for name in names}
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def _error_output(
    preprocessor: Preprocessor, inputs: tuple[RawInput, ...], outputs: tuple[RawOutput, ...]
) -> RawOutput:
    assert preprocessor.target is not None
    name = _unlike(ERROR, [*(i.name for i in inputs), *(o.name for o in outputs)])
    return RawOutput(name, "", preprocessor.target, 1, error=True)


def _rebuilt(preprocessor: Preprocessor, outputs: tuple[RawOutput, ...], given: Any, answer: Any) -> dict[str, Any]:
    """What was rebuilt, of pictures as pixels, and each row's mean squared error in the numbers the network sees."""
    import keras

    rebuilt, error = outputs
    flat = [keras.ops.reshape(y, (-1, rebuilt.units)) for y in (given, answer)]
    squares = keras.ops.square(keras.ops.subtract(flat[1], flat[0]))
    wrong = keras.ops.mean(squares, axis=-1, keepdims=True)
    if preprocessor.kind == "images":
        (info,) = preprocessor.inputs
        pixels = keras.layers.Rescaling(1.0 / info.scale, -info.offset / info.scale, name=rebuilt.name)(answer)
    else:
        pixels = keras.layers.Identity(name=rebuilt.name)(answer)
    return {rebuilt.name: pixels, error.name: keras.layers.Identity(name=error.name)(wrong)}


def _pixels(preprocessor: Preprocessor, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rebuilt pictures (n, numbers) as pixels; rows of a table as they are."""
    if preprocessor.kind != "images":
        return y
    (info,) = preprocessor.inputs
    return ((y.astype(np.float64) - info.offset) / info.scale).astype(np.float32)


def _answer(output: RawOutput, y: Any) -> Any:
    """Back to the person's units; probabilities stay as they are."""
    import keras

    target = output.target
    if target.task == "regression":
        return keras.layers.Rescaling(target.scale, target.offset, name=output.name)(y)
    return keras.layers.Identity(name=output.name)(y)


def _unscaled(target: TargetFacts, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if target.task != "regression":
        return y
    return (y.astype(np.float64) * target.scale + target.offset).astype(np.float32)


def _together(pieces: list[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    return pieces[0] if len(pieces) == 1 else np.concatenate([y.reshape(len(y), -1) for y in pieces], axis=1)


def _image_front(preprocessor: Preprocessor) -> tuple[tuple[RawInput, ...], Any, Any]:
    import keras

    (facts,) = preprocessor.inputs
    pixels = keras.Input(facts.shape, name=IMAGE_INPUT, dtype="float32")
    x = keras.layers.Rescaling(facts.scale, facts.offset, name="pixel_scale")(pixels)
    return (RawInput(IMAGE_INPUT, "", "image", facts.shape),), {IMAGE_INPUT: pixels}, x
