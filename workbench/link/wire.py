"""Messages to bytes and back: a JSON header, then the arrays as raw buffers. Never pickle.

A frame is

    4 bytes   b"WBL1", the format and its version
    8 bytes   length of the header, little endian
    header    UTF-8 JSON: {"message": value, "arrays": [{"dtype", "shape", "at", "size"}]}
    padding   to a multiple of 16
    arrays    each at its own multiple of 16, in C order

where a value is None, a bool, an int, a finite float or a string as JSON has it, a list, or an object with one
key that says what it is: {"$r": [class name, {field: value}]} a record, {"$t": [...]} a tuple,
{"$m": [[key, value], ...]} a mapping, {"$a": n} array number n, {"$f": "nan" | "inf" | "-inf"}. The record
classes are those that can be reached from the message types themselves; any other class is refused on both sides.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import messages
from .messages import Message

MAGIC = b"WBL1"
_ALIGN = 16
_PREFIX = len(MAGIC) + 8
_ARRAY_KINDS = "biufcSU"


class WireError(ValueError):
    """Bytes that are no message of this version, or an object that no message may carry."""


def encode(message: Message) -> bytes:
    """The frame of one message.

    Raises:
        WireError: the message is of no known type, or carries something that is not plain data.
    """
    if type(message).__name__ not in MESSAGE_TYPES:
        raise WireError(f"{type(message).__name__} is not a message")
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _pack(message, arrays)
    described: list[dict[str, Any]] = []
    at = 0
    for array in arrays:
        described.append({"dtype": array.dtype.str, "shape": list(array.shape), "at": at, "size": array.nbytes})
        at = _aligned(at + array.nbytes)
    header = json.dumps({"message": tree, "arrays": described}, separators=(",", ":"), allow_nan=False).encode()
    start = _aligned(_PREFIX + len(header))
    frame = bytearray(start + at)
    frame[:_PREFIX] = MAGIC + len(header).to_bytes(8, "little")
    frame[_PREFIX : _PREFIX + len(header)] = header
    for array, entry in zip(arrays, described, strict=True):
        if array.nbytes:
            begin = start + entry["at"]
            frame[begin : begin + array.nbytes] = array.tobytes()
    return bytes(frame)


def decode(data: bytes) -> Message:
    """The message of one frame. Its arrays are read-only views of `data`.

    Raises:
        WireError: another version, cut short, of an unknown type, or with fields that do not fit.
    """
    if len(data) < _PREFIX or data[: len(MAGIC)] != MAGIC:
        raise WireError("not a message of this version")
    length = int.from_bytes(data[len(MAGIC) : _PREFIX], "little")
    if _PREFIX + length > len(data):
        raise WireError("the message is cut short in its header")
    try:
        header = json.loads(data[_PREFIX : _PREFIX + length])
        tree, described = header["message"], header["arrays"]
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"the header cannot be read: {error}") from error
    arrays = _arrays(data, _aligned(_PREFIX + length), described)
    message = _unpack(tree, arrays)
    if not isinstance(message, Message):
        raise WireError("the frame holds no message")
    return message


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGN) * _ALIGN


def _pack(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.generic):
        return _pack(value.item(), arrays)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$f": str(value)}
    if isinstance(value, tuple):
        return {"$t": [_pack(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, Mapping):
        return {"$m": [[_pack(key, arrays), _pack(item, arrays)] for key, item in value.items()]}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in _ARRAY_KINDS:
            raise WireError(f"arrays of {value.dtype} cannot cross")
        arrays.append(np.ascontiguousarray(value).reshape(value.shape))
        return {"$a": len(arrays) - 1}
    name = type(value).__name__
    if RECORD_TYPES.get(name) is type(value):
        fields = {f: _pack(getattr(value, f), arrays) for f in _field_names(RECORD_TYPES[name])}
        return {"$r": [name, fields]}
    raise WireError(f"{type(value).__module__}.{name} cannot cross")


@functools.cache
def _field_names(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


def _unpack(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, list):
        return [_unpack(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise WireError("an object must say what it is")
    ((tag, body),) = value.items()
    try:
        if tag == "$t":
            return tuple(_unpack(item, arrays) for item in body)
        if tag == "$m":
            return {_unpack(key, arrays): _unpack(item, arrays) for key, item in body}
        if tag == "$f":
            if body not in ("nan", "inf", "-inf"):
                raise WireError(f"{body!r} is no number")
            return float(body)
        if tag == "$a":
            if not isinstance(body, int) or body < 0:
                raise WireError(f"there is no array number {body!r}")
            return arrays[body]
        if tag == "$r":
            name, fields = body
            return _record(name, {key: _unpack(item, arrays) for key, item in fields.items()})
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise error if isinstance(error, WireError) else WireError(f"a value does not fit {tag}: {error}") from error
    raise WireError(f"{tag!r} is an unknown kind of value")


def _record(name: Any, fields: dict[str, Any]) -> Any:
    cls = RECORD_TYPES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise WireError(f"{name!r} is an unknown type")
    known = set(_field_names(cls))
    if fields.keys() != known:
        wrong = sorted(known.symmetric_difference(fields))
        raise WireError(f"{name} does not fit: {', '.join(wrong)}")
    return cls(**fields)


def _arrays(data: bytes, start: int, described: Any) -> list[np.ndarray[Any, Any]]:
    found: list[np.ndarray[Any, Any]] = []
    try:
        for entry in described:
            dtype = np.dtype(entry["dtype"])
            shape = tuple(int(n) for n in entry["shape"])
            at, size = start + int(entry["at"]), int(entry["size"])
            if dtype.kind not in _ARRAY_KINDS or min(shape, default=0) < 0 or int(entry["at"]) < 0:
                raise WireError(f"arrays of {dtype} and shape {shape} cannot cross")
            if math.prod(shape) * dtype.itemsize != size or at + size > len(data):
                raise WireError("the message is cut short in its arrays")
            if size == 0:
                array = np.zeros(shape, dtype)
                array.flags.writeable = False
            else:
                array = np.frombuffer(data, dtype, count=math.prod(shape), offset=at).reshape(shape)
            found.append(array)
    except (TypeError, ValueError, KeyError) as error:
        raise error if isinstance(error, WireError) else WireError(f"an array does not fit: {error}") from error
    return found


def _reachable(hint: Any, found: dict[str, type]) -> None:
    """Add the dataclasses that a type hint can hold, and those they can hold."""
    for argument in typing.get_args(hint):
        _reachable(argument, found)
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias) and dataclasses.is_dataclass(hint):
        if found.get(hint.__name__) is hint:
            return
        if hint.__name__ in found:
            raise TypeError(f"two record types are called {hint.__name__}")
        found[hint.__name__] = hint
        for inner in typing.get_type_hints(hint).values():
            _reachable(inner, found)


def _registry() -> tuple[dict[str, type], dict[str, type]]:
    kinds = {
        name: value
        for name, value in vars(messages).items()
        if isinstance(value, type) and issubclass(value, Message) and value is not Message
    }
    records: dict[str, type] = {}
    for kind in kinds.values():
        _reachable(kind, records)
    return kinds, records


MESSAGE_TYPES, RECORD_TYPES = _registry()
