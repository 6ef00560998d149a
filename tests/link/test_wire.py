"""What goes in comes out, for every message; what is not a message is refused."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping

import numpy as np
import pytest

from workbench.core.facts import DataFacts, GraphFacts, InputFacts, NodeFacts, Problem, Repair, TargetFacts
from workbench.core.project import Augmentation, EarlyStopping, Graph, Node, TrainSpec, Wire
from workbench.link import messages
from workbench.link.wire import MESSAGE_TYPES, WireError, decode, encode

GRAPH = Graph(
    nodes=(
        Node("a", "Input", "input_1", {"binding": "pixels"}, 8.0, 16.0),
        Node("b", "Dense", "dense", {"units": 10, "kernel_initializer": {"class": "HeNormal", "seed": None}}),
    ),
    wires=(Wire("a", "b"),),
    extra={"from the future": [1, {"x": None}]},
)
DATA = DataFacts(
    "images",
    (InputFacts("pixels", "image", (28, 28, 1), "uint8", 1 / 255, 0.0),),
    TargetFacts("kind", "classification", ("T-shirt", "Stiefel – hoch", "日本")),
    {"train": 10, "validation": 0, "test": 3},
)


def _example(hint: object) -> object:
    """A value for a field of that type."""
    if hint is str:
        return "ärger\n"
    if hint is int:
        return 3
    if hint is float:
        return 0.1
    if hint is bool:
        return True
    if hint is np.ndarray:
        return np.arange(6, dtype=np.float32).reshape(2, 3)
    if hint is Graph:
        return GRAPH
    if hint is TrainSpec:
        return TrainSpec(optimizer_params={"learning_rate": 1e-3}, early_stopping=EarlyStopping(True))
    if hint is EarlyStopping:
        return EarlyStopping(True, "val_accuracy", 3)
    if hint is Augmentation:
        return Augmentation(True, rotate=10.0, border="mirror")
    if hint is GraphFacts:
        problem = Problem("error", "no", "b", "", (Repair("Insert Flatten", GRAPH),))
        return GraphFacts({"b": NodeFacts((None, 10), 5, 5)}, (problem,), 5, 5, "mse", ("mae",))
    if dataclasses.is_dataclass(hint) and hint is not DataFacts:
        assert isinstance(hint, type)
        return hint(**{n: _example(h) for n, h in typing.get_type_hints(hint).items()})
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if DataFacts in (hint, *arguments):
        return DATA
    if type(None) in arguments:
        return _example(next(a for a in arguments if a is not type(None)))
    if origin is tuple and arguments[-1] is ...:
        return (_example(arguments[0]),) * 2
    if origin is tuple:
        return tuple(_example(a) for a in arguments)
    assert origin is not None
    assert issubclass(origin, Mapping), hint
    return {"one": _example(arguments[1]), "": _example(arguments[1])}


def _same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and bool(np.all(a == b))
    if dataclasses.is_dataclass(a) and not isinstance(a, type):
        return type(a) is type(b) and all(_same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and list(a) == list(b) and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, (tuple, list)):
        return type(a) is type(b) and len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and a == b


@pytest.mark.parametrize("name", sorted(MESSAGE_TYPES))
def test_every_message_comes_back_as_it_was(name: str) -> None:
    cls = MESSAGE_TYPES[name]
    message = cls(**{n: _example(h) for n, h in typing.get_type_hints(cls).items()})
    assert _same(message, decode(encode(message)))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 28, 28, 1), np.uint8),
        np.array(3.5),
        np.arange(24, dtype=np.int32).reshape(2, 3, 4)[:, ::2],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([True, False]),
        np.array(["a", "längst"]),
        np.array([np.nan, np.inf, -0.0], dtype=">f4"),
    ],
)
def test_arrays_keep_type_shape_and_values(array: np.ndarray) -> None:
    message = messages.Predict("run", {"x": array, "again": array[:0] if array.ndim else array})
    back = decode(encode(message))
    assert isinstance(back, messages.Predict)
    np.testing.assert_array_equal(back.x["x"], array)
    assert back.x["x"].dtype == array.dtype
    assert back.x["x"].shape == array.shape
    assert not back.x["x"].flags.writeable


def test_infinite_and_missing_numbers_cross() -> None:
    back = decode(
        encode(messages.EpochEnded("r", 1, {"a": math.nan, "b": -math.inf, "c": np.float32(0.5)}, 1.0, False))
    )
    assert isinstance(back, messages.EpochEnded)
    assert math.isnan(back.logs["a"])
    assert back.logs["b"] == -math.inf
    assert back.logs["c"] == 0.5


@pytest.mark.parametrize("thing", [object(), {1, 2}, b"raw", Exception("x"), np.array([object()]), lambda: None])
def test_what_is_not_plain_data_is_refused(thing: object) -> None:
    with pytest.raises(WireError):
        encode(messages.Predict("run", {"x": thing}))  # type: ignore[dict-item]
    with pytest.raises(WireError):
        encode(thing)  # type: ignore[arg-type]


def test_cut_or_foreign_bytes_are_refused() -> None:
    whole = encode(messages.Predict("run", {"x": np.arange(100.0)}))
    for length in range(0, len(whole), 7):
        with pytest.raises(WireError):
            decode(whole[:length])
    with pytest.raises(WireError):
        decode(b"WBL2" + whole[4:])
    with pytest.raises(WireError):
        decode(b"\x80\x04\x95pickled things")


@pytest.mark.parametrize(
    "header",
    [
        b"nonsense",
        b"[]",
        b'{"message": {"$r": ["Popen", {"args": "ls"}]}, "arrays": []}',
        b'{"message": {"$r": ["Vitals", {"memory": 1}]}, "arrays": []}',
        b'{"message": {"$r": ["Vitals", {"memory": 1, "request": 0, "more": 1}]}, "arrays": []}',
        b'{"message": {"$r": ["Device", {"name": "", "title": "", "memory": 1}]}, "arrays": []}',
        b'{"message": {"$a": 0}, "arrays": []}',
        b'{"message": {"$x": 0}, "arrays": []}',
        b'{"message": null, "arrays": [{"dtype": "O", "shape": [1], "at": 0, "size": 8}]}',
        b'{"message": null, "arrays": [{"dtype": "<f8", "shape": [-1], "at": 0, "size": -8}]}',
        b'{"message": null, "arrays": [{"dtype": "<f8", "shape": [1000000], "at": 0, "size": 8000000}]}',
    ],
)
def test_crafted_headers_are_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        decode(b"WBL1" + len(header).to_bytes(8, "little") + header)
