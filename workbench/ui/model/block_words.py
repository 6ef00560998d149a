"""The words and numbers that are written on a block of the canvas, and beside it. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.core.catalog import LayerEntry
from workbench.core.facts import DataFacts, NodeFacts
from workbench.core.one_line import short_name
from workbench.core.project import Node
from workbench.core.wording import plural
from workbench.ui.values import show_value
from workbench.ui.words import size_text

# What tells most about a layer, in the order it is read.
_TELLING = (
    "units", "filters", "depth_multiplier", "num_heads", "key_dim", "kernel_size", "pool_size", "size", "rate",
    "stddev", "target_shape", "dims", "n", "input_dim", "output_dim", "axis", "max_value", "scale", "activation",
)  # fmt: skip
_ROOM = 24  # letters on the second line of a card beside the chain
_LISTED = 5  # places of a layer named on hover
_AXES = ("kernel_size", "pool_size", "size", "target_shape")


def shape_text(shape: tuple[int | None, ...] | None) -> str:
    """(None, 28, 28, 1) -> "28×28×1"; an axis whose length is open is "?"."""
    if shape is None:
        return ""
    axes = shape[1:]
    return "×".join("?" if axis is None else str(axis) for axis in axes) if axes else "one number"


def count_text(count: int) -> str:
    """101770 -> "101,770"."""
    return f"{count:,}"


def macs_text(count: int | None) -> str:
    """101632 -> "102 k", 3858367488 -> "3.86 G"; "?" for a length that is open."""
    if count is None:
        return "?"
    size = float(count)
    for unit in ("", " k", " M", " G", " T"):
        if size < 999.5 or unit == " T":
            break
        size /= 1000
    return f"{count:,}" if not unit else f"{size:,.{max(0, 2 - (size >= 9.995) - (size >= 99.95))}f}{unit}"


def batch_text(shape: tuple[int | None, ...] | None) -> str:
    """(None, 28, 28, 1) -> "batch × 28 × 28 × 1"; "" while it is not known."""
    if shape is None:
        return ""
    first = "batch" if shape and shape[0] is None else str(shape[0]) if shape else ""
    return " × ".join([first, *("?" if axis is None else str(axis) for axis in shape[1:])])


def brief(node: Node, entry: LayerEntry | None) -> str:
    """The one or two arguments that tell most: "128 · relu", "32 · 3×3"."""
    if entry is None or node.kind in ("Input", "Output"):
        return ""
    fields = {field.name: field for field in entry.fields}
    said = []
    for name in _TELLING:
        if name not in fields:
            continue
        field = fields[name]
        value = node.params.get(name, field.default)
        changed = name in node.params or field.required
        if value is None or not (changed or name in _AXES):
            continue
        said.append(_said(name, value, field.length))
    return " · ".join(text for text in said[:3] if text and text != "linear")


def _said(name: str, value: Any, length: int) -> str:
    if name in _AXES:
        axes = list(value) if isinstance(value, (list, tuple)) else [value] * max(1, length)
        return "×".join(str(axis) for axis in axes)
    if name == "num_heads":
        return f"{value} heads"
    if name == "axis":
        return f"axis {show_value(value)}"
    return show_value(value)


def bound_text(node: Node, data: DataFacts | None) -> str:
    """What an Input is bound to: "image 28×28×1", "12 features"; says what is missing."""
    if data is None:
        return "no data yet"
    wanted = str(node.params.get("binding") or "")
    found = next((one for one in data.inputs if one.name == wanted), None)
    if found is None and not wanted and len(data.inputs) == 1:
        found = data.inputs[0]
    if found is None:
        return f"no data called {wanted}" if wanted else "choose its data"
    if found.kind == "table" and len(found.shape) == 1:
        several = f"{found.name} · " if sum(one.kind == "table" for one in data.inputs) > 1 else ""
        return f"{several}{plural(found.shape[0], 'feature')}"
    if found.kind == "text":
        return f"{found.name} · {found.shape[0]:,} words"
    return f"{found.kind} {'×'.join(str(axis) for axis in found.shape)}"


def name_text(node: Node, places: Sequence[str]) -> str:
    """ "dense_1", "dense_2 · shares dense_1 · frozen"."""
    frozen = [] if node.trainable else ["frozen"]
    if not places:
        return " · ".join([node.name, *frozen])
    if not node.shares:
        return " · ".join([short_name(node.name, 11), f"at {len(places)} places", *frozen])
    room = _ROOM - len(" · shares ")
    mine = short_name(node.name, max(room // 2, room - len(places[0])))
    return " · ".join([mine, f"shares {short_name(places[0], room - len(mine))}", *frozen])


def shared_text(node: Node, places: Sequence[str]) -> str:
    """Whose layer a block uses, and who else does."""
    others = [name for name in places if name != node.name]
    listed = ", ".join(others[:_LISTED]) + (f" and {len(others) - _LISTED} more" if len(others) > _LISTED else "")
    if node.shares:
        return f"Uses the layer of {places[0]} once more: the same weights at {len(places)} places."
    return f"The same layer, with the same weights, is used at {listed}."


def told_text(found: NodeFacts | None, learnt: str = "") -> str:
    """ "gives batch × 16 · 80 parameters · 64 multiplications · 64 bytes a row"."""
    if found is None or found.shape is None:
        return ""
    parts = [f"gives {batch_text(found.shape)}"]
    if learnt:
        parts.append(learnt)
    parameters = 0 if learnt else found.parameters
    return " · ".join([*parts, *costs(parameters, found.trainable, found.macs, found.memory)])


def costs(parameters: int, trainable: int, macs: int | None, memory: int | None) -> list[str]:
    """What a block, or several together, have and take, in words; nothing of what is 0 or not known."""
    parts = []
    if parameters:
        frozen = parameters - trainable
        parts.append(f"{count_text(parameters)} parameters" + (f", {count_text(frozen)} not trained" if frozen else ""))
    if macs:
        parts.append(f"{macs_text(macs)} multiplications a row")
    if memory:
        parts.append(f"{size_text(memory)} a row")
    return parts


def start_text(nodes: Sequence[Node]) -> str:
    """ "Starts from the weights of resnet50.keras." for one or several blocks; "" where all start from random ones."""
    given = [n.weights.source or n.weights.file for n in nodes if n.weights is not None]
    if not given:
        return ""
    names = " and ".join(dict.fromkeys(given))
    if len(nodes) == 1:
        return f"Starts from the weights of {names}."
    some = "All start" if len(given) == len(nodes) else f"{len(given)} of them start"
    return f"{some} from the weights of {names}."
