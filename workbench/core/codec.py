"""Records to plain JSON values and back.

`encode` leaves out nothing and adds nothing but the fields; `decode` checks every type, names the place of what
does not fit, fills absent fields with their defaults and keeps unknown ones in `Record.extra`, so that a load and
a save lose nothing that a newer minor version wrote.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, Union

from .errors import ProjectError
from .project import Json

T = TypeVar("T")

_NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode(value: Any) -> Json:
    """A frozen dataclass, or anything made of them, as JSON values. Non-finite floats become {"float": "NaN"}."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name != "extra"}
        out.update(getattr(value, "extra", {}))
        return out
    if isinstance(value, Mapping):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is not plain data")


def decode(cls: type[T], raw: Json, where: str = "project") -> T:
    """Build `cls` from what `encode` gave.

    Raises:
        ProjectError: a value has another type than the field's; `where` names it like "project.graph.nodes[2].x".
    """
    return typing.cast(T, _decode(cls, raw, where))


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _wrong(expected: str, raw: Json, where: str) -> ProjectError:
    shown = repr(raw)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return ProjectError(
        f"Expected {expected}, found {shown}.",
        where=where,
        remedy="Open an earlier copy of the project, or mend the file.",
    )


def _decode(hint: Any, raw: Json, where: str) -> Any:
    if hint is Any:
        return _plain(raw)
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(typing.get_args(hint), raw, where)
    if origin is tuple:
        return _decode_tuple(typing.get_args(hint), raw, where)
    if origin in (dict, Mapping):
        if not isinstance(raw, dict):
            raise _wrong("named values", raw, where)
        inner = typing.get_args(hint)[1]
        return {str(k): _decode(inner, v, f"{where}.{k}") for k, v in raw.items()}
    if dataclasses.is_dataclass(hint):
        return _decode_record(typing.cast(type, hint), raw, where)
    return _decode_scalar(hint, raw, where)


def _decode_union(options: tuple[Any, ...], raw: Json, where: str) -> Any:
    if raw is None and type(None) in options:
        return None
    inner = [o for o in options if o is not type(None)]
    if len(inner) == 1:
        return _decode(inner[0], raw, where)
    for option in inner:
        try:
            return _decode(option, raw, where)
        except ProjectError:
            continue
    raise _wrong(" or ".join(getattr(o, "__name__", str(o)) for o in inner), raw, where)


def _decode_tuple(args: tuple[Any, ...], raw: Json, where: str) -> tuple[Any, ...]:
    if not isinstance(raw, (list, tuple)):
        raise _wrong("a list", raw, where)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_decode(args[0], v, f"{where}[{i}]") for i, v in enumerate(raw))
    if len(raw) != len(args):
        raise _wrong(f"a list of {len(args)}", raw, where)
    return tuple(_decode(a, v, f"{where}[{i}]") for i, (a, v) in enumerate(zip(args, raw, strict=True)))


def _decode_record(cls: type, raw: Json, where: str) -> Any:
    if not isinstance(raw, dict):
        raise _wrong("named values", raw, where)
    hints = _hints(cls)
    values: dict[str, Any] = {}
    for f in dataclasses.fields(cls):
        if f.name == "extra":
            continue
        if f.name in raw:
            values[f.name] = _decode(hints[f.name], raw[f.name], f"{where}.{f.name}")
        elif f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise ProjectError(f'"{f.name}" is missing.', where=where, remedy="Open an earlier copy of the project.")
    if "extra" in hints:
        values["extra"] = {k: v for k, v in raw.items() if k not in hints}
    return cls(**values)


def _decode_scalar(hint: Any, raw: Json, where: str) -> Any:
    if hint is float:
        raw = _plain(raw)
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            with contextlib.suppress(OverflowError):  # a whole number of hundreds of digits
                return float(raw)
        raise _wrong("a number", raw, where)
    if hint is int:
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        raise _wrong("a whole number", raw, where)
    if hint is bool:
        if isinstance(raw, bool):
            return raw
        raise _wrong("true or false", raw, where)
    if hint is str:
        if isinstance(raw, str):
            return raw
        raise _wrong("a text", raw, where)
    raise TypeError(f"no decoder for {hint!r} at {where}")


def _plain(raw: Json) -> Json:
    if isinstance(raw, dict):
        if len(raw) == 1 and isinstance(name := raw.get("float"), str) and name in _NONFINITE:
            return _NONFINITE[name]
        return {k: _plain(v) for k, v in raw.items()}
    if isinstance(raw, list):
        return [_plain(v) for v in raw]
    return raw
