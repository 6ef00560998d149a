"""Names of layers: Python identifiers, unique in a graph, made from the kind as Keras makes them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

from .catalog import load_catalog
from .project import Graph


def snake_case(kind: str) -> str:
    """ "GlobalAveragePooling2D" -> "global_average_pooling2d", as Keras names its layers."""
    parted = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", parted).lower()


def identifier(text: str) -> str:
    """The nearest Python identifier (ASCII, no keyword); "" when no letter or digit is left."""
    name = re.sub(r"[^0-9A-Za-z_]+", "_", text.strip()).strip("_")
    if not name:
        return ""
    if name[0].isdigit():
        name = f"layer_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def free_name(graph: Graph, kind: str) -> str:
    """A name for a new block of that kind: dense, dense_1, dense_2."""
    return unused_name(identifier(snake_case(kind)) or "layer", {n.name for n in graph.nodes})


def output_name(target: str, taken: Collection[str]) -> str:
    """A name for the Output of a target. Keras calls its figures "<name>_loss" and so on, so a name that would read as
    one of those is given another beginning or end: the accuracy of "binary" would read like the whole model's."""
    name = identifier(target) or "output"
    if name.startswith("val_") or name in ("val", "loss", "learning_rate"):
        name = f"answer_{name}"
    if any(metric.startswith(f"{name}_") for metric in load_catalog().metrics):
        name = f"{name}_answer"
    return unused_name(name, taken)


def unused_name(base: str, taken: Collection[str]) -> str:
    """The name itself, or with the first free number behind it."""
    if base not in taken:
        return base
    stem = re.sub(r"_\d+$", "", base)
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
