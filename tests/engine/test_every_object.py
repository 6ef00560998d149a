"""Every initialiser, regulariser and constraint of the catalog, with each of its settings changed, in the layers that
take them: built, trained a step, saved and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.core.graphs import chain
from workbench.core.allowed import value_problem
from workbench.core.catalog import Entry, load_catalog
from workbench.core.errors import GraphError
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.fields import Field
from workbench.core.importing.values import essential
from workbench.core.project import Json, Node, TrainSpec
from workbench.engine.build import arguments, build_model, call_layer
from workbench.engine.graph_check import look
from workbench.engine.import_model import import_model
from workbench.engine.refused import why_not_settings
from workbench.engine.start_weights import put

from .test_every_layer import LAYERS as USABLE
from .test_every_layer import OWN_SHAPES, SHAPES

CATALOG = load_catalog()
FIELDS = {
    "initializers": "kernel_initializer",
    "regularizers": "kernel_regularizer",
    "constraints": "kernel_constraint",
}
LAYERS = {"Dense": ({"units": 6}, (6,)), "Conv2D": ({"filters": 3, "kernel_size": 2, "padding": "same"}, (4, 4, 3))}
# What cannot be, and is told in words.
REFUSED = {
    ("Conv2D", "Identity"): "Identity is for weights of two axes",
    ("Conv2D", "OrthogonalRegularizer"): "OrthogonalRegularizer is for weights of two axes",
}


def objects(entry: Entry) -> Iterator[Json]:
    """The entry as it is chosen, and with each of its settings changed."""
    needed = {f.name: f.default for f in entry.fields if f.required}
    yield {"kind": entry.name, "params": needed} if needed else entry.name
    for field in entry.fields:
        for value in others(field):
            yield {"kind": entry.name, "params": {**needed, field.name: value}}


def others(field: Field) -> Iterator[Json]:
    if field.kind == "choice":
        yield from (c for c in field.choices if c != field.default)
    elif field.kind == "bool":
        yield not field.default
    elif field.kind == "float":
        yield min((field.default or 0.0) + 0.25, field.maximum if field.maximum is not None else 1e9)
    elif field.name == "seed":
        yield 7
    elif field.kind in ("int", "ints"):
        yield 1 if field.kind == "int" else [1]


@pytest.mark.parametrize("kind", LAYERS)
def test_every_initialiser_regulariser_and_constraint_trains_and_comes_back(kind: str, tmp_path: Path):
    params, shape = LAYERS[kind]
    facts = DataFacts("table", (InputFacts("x", "table", shape),), TargetFacts("y", "regression"), {"train": 9})
    end = (("Flatten", {}), ("Dense", {"units": 1}))
    layers = []
    for group, field in FIELDS.items():
        spec = CATALOG.layers[kind].field(field)
        assert spec is not None
        for entry in CATALOG.objects(group).values():
            for value in objects(entry):
                assert not value_problem(spec, value, CATALOG), value
                one = (kind, {**params, field: value})
                said = look(chain("x", one, *end), facts, TrainSpec())
                if (kind, entry.name) in REFUSED:
                    assert REFUSED[kind, entry.name] in next(p.message for p in said.problems), said.problems
                    continue
                assert said.ready, (value, said.problems)
                layers.append(one)
    graph = chain("x", *layers, *end)
    model = build_model(graph, facts, 0)
    model.compile(optimizer=keras.optimizers.SGD(0.01, clipnorm=1.0), loss="mean_squared_error", run_eagerly=True)
    x = np.random.default_rng(0).normal(0, 0.1, (3, *shape)).astype("float32")
    model.train_on_batch(x, np.ones(3, "float32"))
    model.save(tmp_path / "model.keras")
    found = import_model(str(tmp_path / "model.keras"), str(tmp_path / "weights"), lambda *_: None)
    assert not found.notes
    there = {n.name: n for n in found.graph.nodes}
    for node in graph.nodes:
        if node.kind == kind:
            back = there[node.name]
            assert essential(kind, back.params, CATALOG) == essential(kind, node.params, CATALOG)
    again = build_model(found.graph, facts, 1)
    assert put(again, found.graph, [tmp_path / "weights"]) == []
    np.testing.assert_array_equal(model(x), again(x))


def test_what_keras_tells_of_initialisers_only_when_weights_are_made_is_told_before():
    wrong = []
    for entry in USABLE:
        shape = OWN_SHAPES.get(entry.name, SHAPES[entry.rank])
        for field in entry.fields:
            for name in ("Identity", "Orthogonal") if field.name.endswith("_initializer") else ():
                node = Node("l", entry.name, "layer", {**entry.start, field.name: name})
                told = why_not_settings(entry.name, node.params)
                try:
                    made = getattr(keras.layers, entry.name)(**arguments(entry, node.params))
                    call_layer(made, node, [keras.Input(shape, dtype="float32")] * entry.inputs, range(entry.inputs))
                except (GraphError, ValueError) as error:
                    if not told:
                        wrong.append(f"{entry.name} {field.name} {name}: {error}")
                else:
                    if told and entry.name not in ("EinsumDense", "GRU"):  # without a bias, or with two of them
                        wrong.append(f"{entry.name} {field.name} {name} works, but: {told}")
    assert not wrong, "\n".join(wrong)
