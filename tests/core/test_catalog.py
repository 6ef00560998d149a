"""The shipped catalog can be read and says what a value may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.allowed import value_problem
from workbench.core.catalog import GROUPS, LayerEntry, load_catalog, read_catalog, with_required
from workbench.core.errors import WorkbenchError
from workbench.core.fields import Field
from workbench.core.project import Json

CATALOG = load_catalog()


def test_it_holds_what_keras_has():
    assert len(CATALOG.layers) >= 138
    assert sum(e.usable for e in CATALOG.layers.values()) >= 110
    assert {e.group for e in CATALOG.layers.values()} == set(GROUPS)
    assert {"Adam", "SGD"} <= set(CATALOG.optimizers)
    assert "sparse_categorical_crossentropy" in CATALOG.losses
    assert "relu" in CATALOG.activations


def test_every_layer_has_words_and_no_argument_of_the_inner_workings():
    hidden = {"lora_rank", "quantization_config", "dtype", "name", "data_format", "kwargs"}
    for entry in CATALOG.layers.values():
        assert entry.help, entry.name
        assert entry.usable or entry.reason, entry.name
        assert not hidden & {f.name for f in entry.fields}, entry.name
    fields = [f for e in CATALOG.layers.values() if e.usable for f in e.fields]
    assert sum(bool(f.help) for f in fields) / len(fields) > 0.97


def test_defaults_and_starting_values_are_within_their_own_bounds():
    for entry in CATALOG.layers.values():
        for spec in entry.fields:
            for value in (spec.default, entry.start.get(spec.name)):
                if value is not None:
                    assert value_problem(spec, value, CATALOG) == "", (entry.name, spec.name)
            assert not (entry.usable and spec.required and spec.name not in entry.start), (entry.name, spec.name)


def test_merges_and_attention_know_their_inputs():
    add, attention = CATALOG.layers["Add"], CATALOG.layers["MultiHeadAttention"]
    assert (add.inputs, add.most_inputs) == (2, 0)
    assert (attention.inputs, attention.most_inputs, attention.port_name(1)) == (2, 3, "value")
    assert isinstance(CATALOG.layer("Input"), LayerEntry)


@pytest.mark.parametrize(
    ("spec", "value", "words"),
    [
        (Field("units", "int", required=True, minimum=1), True, "whole number"),
        (Field("rate", "float", default=0.0, minimum=0, maximum=1), 1.5, "at most 1"),
        (Field("rate", "float", default=0.0), float("nan"), "ordinary number"),
        (Field("size", "ints", length=2, minimum=1), [3], "2 numbers"),
        (Field("size", "ints", length=2, minimum=1), [3, 0], "at least 1"),
        (Field("size", "ints", length=2, minimum=1), 3, ""),
        (Field("padding", "choice", choices=("valid", "same")), "full", "one of valid, same"),
        (Field("units", "int", required=True), None, "needs a value"),
        (Field("w", "object", choices=("initializers",)), {"kind": "HeNormal"}, ""),
        (Field("w", "object", choices=("initializers",)), "he_normal", ""),
        (Field("w", "object", choices=("initializers",)), 5, "needs a name"),
        (Field("r", "object", default=0.1, choices=("schedules",), minimum=0), 0.5, ""),
        (Field("r", "object", default=0.1, choices=("schedules",), minimum=0), -1.0, "at least 0"),
        (Field("r", "object", default=0.1, choices=("schedules",)), {"kind": "CosineDecay"}, ""),
        (Field("r", "object", default=0.1, choices=("schedules",)), {"kind": "Zigzag"}, "no 'Zigzag'"),
        (
            Field("w", "object", choices=("regularizers",)),
            {"kind": "L2", "params": {"l3": 1}},
            "no setting called 'l3'",
        ),
    ],
)
def test_values_are_judged_in_plain_words(spec: Field, value: Json, words: str):
    found = value_problem(spec, value, CATALOG)
    assert words in found
    assert bool(found) == bool(words)


def test_a_broken_catalog_is_named(tmp_path: Path):
    (tmp_path / "catalog.json").write_text("{}")
    with pytest.raises(WorkbenchError, match=r"catalog\.json"):
        read_catalog(tmp_path / "catalog.json")


def test_the_layer_inside_a_layer_is_one_of_those_that_make_sense_there():
    catalog = load_catalog()
    inner = catalog.layers["Bidirectional"].field("layer")
    assert inner is not None
    assert not value_problem(inner, {"kind": "GRU", "params": {"units": 8}}, catalog)
    assert "it is one of LSTM, GRU, SimpleRNN" in value_problem(inner, {"kind": "Dense", "params": {}}, catalog)
    assert "units" in value_problem(inner, {"kind": "GRU", "params": {"units": 0}}, catalog)
    assert value_problem(inner, None, catalog)


def test_a_whole_number_that_stands_for_a_float_is_one():
    found = with_required(CATALOG.optimizers["Adam"], {"learning_rate": 1, "beta_1": 0, "amsgrad": True})
    assert {name: type(value) for name, value in found.items()} == {
        "learning_rate": float,
        "beta_1": float,
        "amsgrad": bool,
    }
    assert type(with_required(CATALOG.layers["Dense"], {"units": 3})["units"]) is int
