"""Keras' messages about a layer and its input, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from workbench.core.catalog import LayerEntry
from workbench.core.project import Json

Shape = tuple[int | None, ...]

WANTS = {
    1: "one row of numbers",
    2: "sequences (steps, channels)",
    3: "pictures (height, width, channels)",
    4: "volumes (depth, height, width, channels)",
    5: "films of volumes (steps, depth, height, width, channels)",
}
_ALONG = {2: ("sequence", "steps"), 3: ("picture", "pixels"), 4: ("volume", "points")}


def describe(shape: Shape) -> str:
    """A shape with the batch first, in words: (None, 28, 28, 1) -> "pictures of 28 × 28 with 1 channel"."""
    sizes = ["any number of" if s is None else str(s) for s in shape[1:]]
    if not sizes:
        return "single numbers"
    if len(sizes) == 1:
        return f"{sizes[0]} number{'' if shape[1] == 1 else 's'}"
    if len(sizes) == 2:
        return f"sequences of {sizes[0]} steps with {sizes[1]} number{'' if shape[2] == 1 else 's'} each"
    channels = f"{sizes[-1]} channel{'' if shape[-1] == 1 else 's'}"
    if len(sizes) == 3:
        return f"pictures of {sizes[0]} × {sizes[1]} with {channels}"
    return f"blocks of {' × '.join(sizes[:-1])} with {channels}"


def short(shape: Shape) -> str:
    """A shape without the batch, for people: "28 × 28 × 1"."""
    return " × ".join("?" if s is None else str(s) for s in shape[1:]) or "1"


def why_layer_fails(
    kind: str, entry: LayerEntry, shapes: Sequence[Shape], params: Mapping[str, Json], error: BaseException
) -> str:
    """One plain sentence or two on why Keras refuses, from what it was fed and what it said."""
    message = _first(str(error))
    if not shapes:
        return f"{kind} does not take these settings: {message}"
    if len(shapes) > 1:
        return _several(kind, entry, shapes, message)
    shape = shapes[0]
    rank = len(shape) - 1
    if entry.rank and rank != entry.rank:
        wants = WANTS[entry.rank]
        if kind.startswith("ConvLSTM"):
            wants = f"sequences of {WANTS[entry.rank - 1]}"
        return f"{kind} needs {wants}, but gets {describe(shape)}."
    if re.search(r"negative|must be positive|zero-size|non-positive|Received an invalid .*output", message) or (
        "0" in re.findall(r"output.*?shape.*?(\b0\b)", message)
    ):
        thing, unit = _ALONG.get(entry.rank, ("input", "values"))
        window = params.get("pool_size", params.get("kernel_size", entry.start.get("kernel_size", "")))
        size = f" of {_product(window, entry.rank - 1)} {unit}" if window != "" else ""
        return (
            f"The {thing} is only {' × '.join(str(s) for s in shape[1:-1])} {unit} large here: the window{size} does "
            'not fit. Use padding "same", a smaller window, or fewer pooling layers before it.'
        )
    if kind == "Reshape":
        return f"{_count(shape)} numbers cannot be put into the shape {_product(params.get('target_shape', ''))}."
    if kind == "Permute":
        return (
            f"dims has to name each of the {rank} axes once: {', '.join(str(i + 1) for i in range(rank))} in any order."
        )
    if "groups" in message and "groups" in params:
        return f"{shape[-1]} channels cannot be split into {params['groups']} equal groups."
    if "axis" in message and "axis" in params:
        return f"axis {params['axis']} is not there: it gets {describe(shape)}."
    return f"{kind} cannot work on {describe(shape)}: {message}"


def why_sharing_fails(name: str, place: str, made_for: Sequence[Shape], shapes: Sequence[Shape]) -> str:
    """Why a layer that is made at one place cannot be used at another. name: of the layer; place: of the block it was
    made at, for inputs of the shapes `made_for`; shapes: of what it would get here."""
    there, here = (" and ".join(describe(s) for s in every) for every in (made_for, shapes))
    at = "" if place == name else f" (at {place})"
    return f"The layer of {name} is made for {there}{at}; here it would get {here}, so it cannot be the same layer."


def _several(kind: str, entry: LayerEntry, shapes: Sequence[Shape], message: str) -> str:
    listed = " and ".join(short(s) for s in shapes)
    if kind == "Concatenate":
        return f"{kind} needs inputs that differ in one axis only, but gets {listed}."
    if entry.many or kind == "Subtract":
        return f"{kind} needs inputs of the same shape, but gets {listed}."
    if kind == "Dot":
        return f"{kind} needs two inputs that are equally long along its axes, but gets {listed}."
    if entry.rank and any(len(s) - 1 != entry.rank for s in shapes):
        return f"{kind} needs {WANTS[entry.rank]}, but gets {listed}."
    return f"{kind} cannot bring {listed} together: {message}"


def _first(message: str) -> str:
    """The first sentences of a message without markup, objects and addresses, at most about 200 characters."""
    text = re.sub(r"Arguments received by .*", "", message, flags=re.S)
    text = re.sub(r"Exception encountered when calling [^\n]*\n+", "", text)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"\bReceived:?\s.*", "", text, flags=re.S)
    text = re.sub(r"<[^<>]*>", "", text)
    text = re.sub(r"[`*]", "", text)
    text = re.sub(r"\s+", " ", text).strip()
    parts = re.split(r"(?<=[.!?]) (?=[A-Z])", text)
    taken = parts[0] if parts else ""
    for part in parts[1:]:
        if len(taken) + len(part) > 200:
            break
        taken = f"{taken} {part}"
    taken = taken[:260].rstrip(" :")
    return taken if taken.endswith((".", "!", "?")) else f"{taken}."


def _count(shape: Shape) -> str:
    total = 1
    for size in shape[1:]:
        if size is None:
            return "a varying number of"
        total *= size
    return str(total)


def _product(sizes: Json, repeat: int = 1) -> str:
    values = list(sizes) if isinstance(sizes, (list, tuple)) else [sizes] * max(repeat, 1)
    return " × ".join(str(v) for v in values)
