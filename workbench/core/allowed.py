"""Which values the fields of the catalog take, and in plain words why not others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .catalog import Catalog, find_object, is_number, object_parts, offered
from .fields import Field
from .project import Json
from .wording import plural

_SEVERAL = {"axis", "mean", "variance", "scale", "offset"}  # one for all, or one for each channel (each axis)
_PAIRED = {"padding", "cropping"}  # for each axis one for both ends, or one for each end


def value_problem(spec: Field, value: Json, catalog: Catalog | None = None) -> str:
    """Why `value` cannot stand for that field, as one plain sentence; "" when it can.

    With a catalog, the names and settings of "object" values are checked too.
    """
    name = spec.name
    if value is None:
        return "" if spec.optional or (spec.default is None and not spec.required) else f"{name} needs a value."
    if spec.name in _SEVERAL and isinstance(value, (list, tuple)) and value:
        single = replace(spec, required=True)
        return next((text for v in value if (text := value_problem(single, v, catalog))), "")
    if spec.kind == "int":
        if isinstance(value, bool) or not isinstance(value, int):
            return f"{name} needs a whole number, not {value!r}."
        return _bounds(spec, value)
    if spec.kind == "float":
        if not is_number(value):
            return f"{name} needs a number, not {value!r}."
        return _bounds(spec, value)
    if spec.kind == "bool":
        return "" if isinstance(value, bool) else f"{name} is either on or off, not {value!r}."
    if spec.kind == "text":
        return "" if isinstance(value, str) else f"{name} needs a text, not {value!r}."
    if spec.kind == "choice":
        if not spec.choices or value in spec.choices:
            return ""
        return f"{name} cannot be {value!r}; it is one of {', '.join(str(c) for c in spec.choices)}."
    if spec.kind == "ints":
        return _ints_problem(spec, value)
    if spec.kind == "floats":
        return _floats_problem(spec, value)
    if spec.kind == "object":
        return _object_problem(spec, value, catalog)
    if spec.kind == "objects":
        several = value if isinstance(value, (list, tuple)) else ()
        nothing = "" if several else f"{name} needs at least one."
        return nothing or next((text for v in several if (text := _object_problem(spec, v, catalog))), "")
    return ""


def _bounds(spec: Field, value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return f"{spec.name} needs an ordinary number."
    if spec.minimum is not None and value < spec.minimum:
        return f"{spec.name} must be at least {spec.minimum:g}, not {value:g}."
    if spec.maximum is not None and value > spec.maximum:
        return f"{spec.name} must be at most {spec.maximum:g}, not {value:g}."
    return ""


def _ints_problem(spec: Field, value: Json) -> str:
    numbers = [value] if isinstance(value, int) else value
    if spec.name in _PAIRED and isinstance(value, (list, tuple)):
        flat = [v for pair in value for v in (pair if isinstance(pair, (list, tuple)) and len(pair) == 2 else (pair,))]
        if len(value) == spec.length and any(isinstance(pair, (list, tuple)) for pair in value):
            return _ints_problem(replace(spec, length=0), flat)
    if not isinstance(numbers, (list, tuple)) or any(isinstance(v, bool) or not isinstance(v, int) for v in numbers):
        return f"{spec.name} needs whole numbers, such as 3 or 3, 3; not {value!r}."
    if not isinstance(value, int) and spec.length and len(numbers) != spec.length:
        return f"{spec.name} needs {plural(spec.length, 'number')}, not {len(numbers)}."
    return next((text for v in numbers if (text := _bounds(spec, v))), "")


def _floats_problem(spec: Field, value: Json) -> str:
    numbers = list(value) if isinstance(value, (list, tuple)) else [value] if spec.length else []
    if not all(is_number(v) for v in numbers) or not numbers:
        return f"{spec.name} needs numbers, such as 0.1 or 0.1, 0.3; not {value!r}."
    if isinstance(value, (list, tuple)) and spec.length and len(numbers) != spec.length:
        return f"{spec.name} needs {spec.length} numbers, not {len(numbers)}."
    return next((text for v in numbers if (text := _bounds(spec, v))), "")


def _object_problem(spec: Field, value: Json, catalog: Catalog | None) -> str:
    if is_number(spec.default) and is_number(value):
        return _bounds(spec, value)
    if not isinstance(value, str) and not (isinstance(value, Mapping) and isinstance(value.get("kind"), str)):
        return f"{spec.name} needs a name, not {value!r}."
    parts = object_parts(value)
    if catalog is None or parts is None or not spec.choices:
        return ""
    name, params = parts
    entry = find_object(catalog, str(spec.choices[0]), name)
    if entry is None:
        return f"{spec.name}: there is no {name!r} among the {spec.choices[0]}."
    if entry.name not in offered(catalog, spec):
        return f"{spec.name} cannot be {entry.name}; it is one of {', '.join(offered(catalog, spec))}."
    for key, inner in params.items():
        known = entry.field(key)
        if known is None:
            return f"{spec.name}: {entry.title} has no setting called {key!r}."
        if text := value_problem(known, inner, catalog):
            return f"{spec.name}: {text}"
    return ""
