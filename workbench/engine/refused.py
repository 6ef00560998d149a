"""What Keras takes and then cannot compute, cannot save or computes otherwise than it says: told before, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.core.catalog import is_number, load_catalog, object_parts
from workbench.core.project import Json

from .plain_words import WANTS, Shape, describe


def why_not_settings(kind: str, params: Mapping[str, Json]) -> str:
    """Why a layer cannot have these settings; "" when nothing is known against them."""
    if kind == "RandomShear":
        for name in ("x_factor", "y_factor"):
            if is_number(params.get(name)) and params[name]:
                return f"{name} needs two numbers, such as 0, {params[name]:g}: Keras cannot open a file with only one."
    if kind == "MelSpectrogram" and int(params.get("fft_length") or 0) % 2:
        return "fft_length has to be an even number."
    return ""


def why_not_inside(kind: str, params: Mapping[str, Json], shapes: Sequence[Shape]) -> str:
    """Why the layer inside another one cannot work on what it gets there; "" when it can, or there is none."""
    parts = object_parts(params.get("layer")) if kind in ("TimeDistributed", "SpectralNormalization") else None
    entry = load_catalog().layers.get(parts[0]) if parts else None
    if entry is None or not entry.rank or not shapes:
        return ""
    shape = shapes[0]
    if kind == "TimeDistributed":
        if len(shape) < 3:
            return f"TimeDistributed needs steps, each with something in it, but gets {describe(shape)}."
        each = (shape[0], *shape[2:])
        if len(each) - 1 == entry.rank:
            return ""
        return f"{entry.name} inside needs {WANTS[entry.rank]} at each step, but each step holds {describe(each)}."
    if len(shape) - 1 == entry.rank:
        return ""
    return f"{entry.name} inside needs {WANTS[entry.rank]}, but gets {describe(shape)}."
