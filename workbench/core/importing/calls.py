"""How the layers of a functional model are called, as Keras 1, 2 and 3 write it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..project import Json
from .config import mapping, plain, sequence
from .layers import Call

Tensor = tuple[str, int, int]
"""Name of a layer, number of its call, number of the tensor among what that call gives."""

PORTS = ("query", "value", "key")


@dataclass(frozen=True)
class Inbound:
    """tensors: what is handed to the layer, in order of its ports. call: the same as `layers.convert` wants it."""

    tensors: tuple[Tensor, ...]
    call: Call


def inbound_calls(layer: Mapping[str, Any]) -> list[Inbound]:
    """Every call of a layer."""
    return [_keras3(one) if isinstance(one, dict) else _older(one) for one in sequence(layer.get("inbound_nodes"))]


def _keras3(node: Mapping[str, Any]) -> Inbound:
    tensors: list[Tensor] = []
    values: list[Json] = []
    order: list[str] = []
    _collect(sequence(node.get("args")), tensors, values, order)
    words: dict[str, Json] = {}
    states = False
    for name, value in mapping(node.get("kwargs")).items():
        found = _tensors(value)
        if not found:
            words[name] = plain(value)
        elif name == "initial_state":
            states = True
        elif name in PORTS or name in ("inputs", "x", "y", "x1", "x2"):
            tensors += found
            order += ["t"] * len(found)
    return Inbound(tuple(tensors), Call(len(tensors), tuple(values), words, states, tuple(order)))


def _collect(value: Any, tensors: list[Tensor], values: list[Json], order: list[str]) -> None:
    if (one := _tensor(value)) is not None:
        tensors.append(one)
        order.append("t")
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, tensors, values, order)
    elif isinstance(value, dict) and value.get("class_name") == "__tuple__":
        _collect(sequence(value.get("items")), tensors, values, order)
    elif isinstance(value, dict) and "class_name" not in value:
        for inner in value.values():
            _collect(inner, tensors, values, order)
    elif value is not None:
        values.append(plain(value))
        order.append("v")


def _tensor(value: Any) -> Tensor | None:
    if not isinstance(value, dict) or value.get("class_name") != "__keras_tensor__":
        return None
    return _reference(mapping(value.get("config")).get("keras_history"))


def _tensors(value: Any) -> list[Tensor]:
    tensors: list[Tensor] = []
    _collect(value, tensors, [], [])
    return tensors


def _reference(value: Any) -> Tensor | None:
    """A ["name", 0, 0]."""
    if not isinstance(value, list) or len(value) < 3 or not isinstance(value[0], str):
        return None
    if not all(isinstance(v, int) and 0 <= v < 1 << 20 for v in value[1:3]):
        return None
    return value[0], value[1], value[2]


def _older(node: Any) -> Inbound:
    parts = sequence(node)
    if parts and isinstance(parts[0], str):
        parts = [parts]
    tensors: list[Tensor] = []
    words: dict[str, Json] = {}
    values: list[Json] = []
    states = False
    for part in parts:
        if (one := _reference(part)) is None:
            continue
        tensors.append(one)
        for name, value in mapping(part[3] if len(part) > 3 else None).items():
            if (more := _reference(value)) is not None:
                if name in ("y", "value", "key"):
                    tensors.append(more)
                elif name == "initial_state":
                    states = True
            elif isinstance(value, list) and value and _reference(value[0]) is not None:
                states = states or name == "initial_state"
            elif value is not None and name != "name":
                words[name] = plain(value)
    return Inbound(tuple(tensors), Call(len(tensors), tuple(values), words, states, ("t",) * len(tensors)))


def references(value: Any) -> list[Tensor]:
    """The ends of a model: one reference, a list of them, or some by name."""
    if (one := _reference(value)) is not None:
        return [one]
    items: Sequence[Any] = list(value.values()) if isinstance(value, dict) else sequence(value)
    found: list[Tensor] = []
    for item in items:
        found += references(item) if isinstance(item, (list, dict)) else []
    return found
