"""Bounded JSON, and the wrappings Keras puts around values in a model's configuration."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from ..errors import WorkbenchError
from ..project import Json

CONFIG_BYTES = 8 << 20
DEPTH = 80  # brackets within brackets; the deepest of Keras' own models has about 20
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # an unclosed one runs to the end: never looked at twice


class ModelFileError(WorkbenchError):
    """A model file cannot be opened, or is refused."""


def read_json(raw: bytes, where: str) -> Json:
    """The JSON of a configuration.

    Raises:
        ModelFileError: it is larger or deeper than any model needs, or no JSON.
    """
    if len(raw) > CONFIG_BYTES:
        raise ModelFileError(
            f"Its description has {len(raw):,} bytes, more than any model needs.",
            where=where,
            remedy="It is not opened: nothing in it was run.",
        )
    deepest = depth = 0
    for mark in re.findall(rb"[\[\]{}]", STRINGS.sub(b"", raw)):
        depth += 1 if mark in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEPTH:
        raise ModelFileError(
            f"Its description is nested {deepest:,} deep, more than any model needs.",
            where=where,
            remedy="It is not opened: nothing in it was run.",
        )
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(
            f"Its description is no valid JSON ({error}).", where=where, remedy="The file may be damaged."
        ) from error


def mapping(value: Any) -> Mapping[str, Any]:
    """The value when it is a mapping, else an empty one: a damaged file has anything anywhere."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def plain(value: Json, depth: int = 0) -> Json:
    """A value without Keras' wrappings: tuples, arrays and dtypes as lists, numbers and names.

    A wrapping that is not plain data (a function, a class, a Lambda's code) becomes None: it is never made.
    """
    if depth > DEPTH:
        return None
    if isinstance(value, dict):
        kind = value.get("class_name")
        if kind == "__tuple__":
            return [plain(v, depth + 1) for v in sequence(value.get("items"))]
        if kind in ("__numpy__", "__tensor__"):
            return plain(mapping(value.get("config")).get("value"), depth + 1)
        if kind in ("__lambda__", "__bytes__", "__ellipsis__", "__slice__", "__typespec__"):
            return None
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v, depth + 1) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def shape_of(value: Json) -> tuple[int | None, ...] | None:
    """A batch shape as Keras stores it; None when there is none, or it is no shape."""
    found = plain(value)
    if not isinstance(found, list) or not 1 <= len(found) <= 8:
        return None
    for size in found:
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= 1 << 31):
            return None
    return tuple(found)
