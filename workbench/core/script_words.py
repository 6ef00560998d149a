"""Words of a Python script: arguments of calls, literals that read back the same, lines that are not too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .catalog import Catalog, Entry, LayerEntry, find_object, is_number, object_parts, with_required
from .errors import GraphError
from .fields import Field
from .project import Json

WIDTH = 88


def arguments(entry: Entry, params: Mapping[str, Json], catalog: Catalog) -> list[str]:
    """Arguments of a call: the required ones that lead the signature by position, the others by name."""
    words: list[str] = []
    leading = True
    params = with_required(entry, params)
    for spec in entry.fields:
        if spec.name not in params:
            leading = False
            continue
        leading = leading and spec.required
        text = _value(spec, params[spec.name], catalog)
        words.append(text if leading else f"{spec.name}={text}")
    if isinstance(entry, LayerEntry):
        words += [f"{name}={_literal(params[name])}" for name in entry.kept if name in params]
    return words


def _value(spec: Field, value: Json, catalog: Catalog) -> str:
    if spec.kind == "object" and not is_number(value):
        return _object(str(spec.choices[0]), value, catalog)
    if spec.kind == "objects":
        return f"[{', '.join(_object(str(spec.choices[0]), one, catalog) for one in value)}]"
    return _literal(value)


def _object(group: str, value: Json, catalog: Catalog) -> str:
    parts = object_parts(value)
    if parts is None:
        return "None"
    name, params = parts
    entry = find_object(catalog, group, name)
    if entry is None:
        raise GraphError(f"There is no {name!r} among the {group}.", remedy="Choose one from the list.")
    module = {"schedules": "keras.optimizers.schedules", "layers": "layers"}.get(group, f"keras.{group}")
    return f"{module}.{entry.keras}({', '.join(arguments(entry, params, catalog))})"


def _literal(value: Json) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_literal(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, float):
        return number(value)
    if value is None or isinstance(value, (bool, int)):
        return repr(value)
    raise GraphError(f"{value!r} cannot be written into a script.", remedy="Reset the setting.")


def number(value: float) -> str:
    """A float that reads back the same."""
    if value != value or value in (float("inf"), float("-inf")):
        return f'float("{value}")'
    return repr(float(value))


def quoted(text: str) -> str:
    """A string literal, with double quotes where that needs no escapes."""
    plain = repr(str(text))
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in plain and "\\" not in plain else plain


def wrapped(
    start: str, opening: str, words: Iterable[str], closing: str, indent: int, *, trailing: bool = False
) -> list[str]:
    """A call on one line where it fits, else an argument a line (PEP 8, hanging indent)."""
    parts = list(words)
    pad = " " * indent
    comma = "," if trailing and len(parts) == 1 else ""
    line = f"{pad}{start}{opening}{', '.join(parts)}{comma}{closing}"
    if len(line) <= WIDTH:
        return [line]
    inner = f"{pad}    {', '.join(parts)}{comma}"
    body = [inner] if len(inner) <= WIDTH else [f"{pad}    {word}," for word in parts]
    return [f"{pad}{start}{opening}", *body, f"{pad}{closing}"]
