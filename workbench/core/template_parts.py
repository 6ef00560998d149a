"""What several templates have in common: how they begin, the dense layers of a table, reading a text, the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from .drafting import Draft
from .facts import DataFacts, InputFacts, TargetFacts
from .names import free_name, output_name, unused_name
from .project import Graph, Json, Node, Wire
from .rebuilding import closing, fitting_activation, width
from .wiring import before

FEW_TEXTS = 10_000
"""Training rows below which words get fewer numbers each."""


def answer(draft: Draft, after: str, target: TargetFacts) -> None:
    """The layer that answers, and the Output."""
    kind, params = closing_layer(target)
    draft.add("Output", draft.add(kind, after, **params))


def closing_layer(target: TargetFacts) -> tuple[str, dict[str, Json]]:
    """Kind and params of the layer that answers for a target."""
    if target.task == "regression":
        return "Dense", {"units": 1}
    if target.task == "reconstruction":
        return closing(target)
    if len(target.classes) == 2:
        return "Dense", {"units": 1, "activation": "sigmoid"}
    return "Dense", {"units": len(target.classes), "activation": "softmax"}


def with_heads(graph: Graph, facts: DataFacts) -> Graph:
    """The graph of one answer with an answer for every target, all from the same layer. Each Output is bound to its
    target and called after it; with a single target nothing changes."""
    if not facts.more or facts.target is None:
        return graph
    end = next(n for n in graph.nodes if n.kind == "Output")
    closing = before(graph, end.id)
    shared = before(graph, closing.id) if closing is not None else None
    assert shared is not None  # `answer` ends every template with a layer of its own
    taken = {n.name for n in graph.nodes if n is not end}
    named = replace(end, name=output_name(facts.target.name, taken), params={"target": facts.target.name})
    nodes = [named if n is end else n for n in graph.nodes]
    wires = list(graph.wires)
    for target in facts.more:
        kind, params = closing_layer(target)
        head = free_name(Graph(tuple(nodes)), kind)
        nodes.append(Node(head, kind, head, params))
        fresh = free_name(Graph(tuple(nodes)), "Output")
        name = output_name(target.name, {n.name for n in nodes})
        ident = unused_name(fresh, {n.id for n in nodes})
        nodes.append(Node(ident, "Output", name, {"target": target.name}))
        wires += [Wire(shared.id, head), Wire(head, ident)]
    return replace(graph, nodes=tuple(nodes), wires=tuple(wires))


def start(draft: Draft, source: InputFacts, *, flat: bool = False) -> str:
    last = draft.add("Input", binding=source.name)
    return draft.add("Flatten", last) if flat and len(source.shape) > 1 else last


def hidden(draft: Draft, last: str, width: int, rows: int) -> str:
    """Dense layers for a table: fewer units for few rows, and dropout where there is something to learn by heart."""
    if width <= 3:  # points in the plane: the border is bent, the rows are many for it
        sizes, rate = [64, 32], 0.0
    elif rows < 200:
        sizes, rate = [32, 16], 0.0
    elif rows < 2000:
        sizes, rate = [32, 16], 0.2
    else:
        sizes, rate = [64, 32], 0.1
    for units in sizes:
        last = draft.add("Dense", last, units=units, activation="relu")
        if rate:
            last = draft.add("Dropout", last, rate=rate)
    return last


def embedded(draft: Draft, source: InputFacts, rows: int, *, mask: bool) -> str:
    """The Input of a text and the Embedding of its words. mask: what follows takes no notice of the padding."""
    size = 16 if rows < FEW_TEXTS else 32
    more = {"mask_zero": True} if mask else {}
    return draft.add("Embedding", start(draft, source), input_dim=source.words, output_dim=size, **more)


def branch(draft: Draft, source: InputFacts, rows: int) -> str:
    """What one of several inputs goes through before they meet."""
    if source.kind == "text":
        return draft.add("GlobalAveragePooling1D", embedded(draft, source, rows, mask=True))
    last = start(draft, source)
    if source.kind == "image":
        halvings = min(source.shape[:2]).bit_length() - 1  # of a tiny picture there is soon nothing left to halve
        for filters in (16, 32, 64)[: max(1, halvings)]:
            last = draft.add("Conv2D", last, filters=filters, kernel_size=3, padding="same", activation="relu")
            last = draft.add("MaxPooling2D", last, pool_size=2) if halvings else last
        return draft.add("GlobalAveragePooling2D", last)
    if source.kind == "sequence":
        return draft.add("GRU", last, units=32)
    return draft.add("Dense", last, units=32 if source.shape[0] > 3 else 8, activation="relu")


# ---- templates of texts and of several inputs --------------------------------------------------------------------


def text_embedding(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    last = draft.add("GlobalAveragePooling1D", embedded(draft, source, rows, mask=True))
    last = draft.add("Dense", draft.add("Dropout", last, rate=0.3), units=32, activation="relu")
    answer(draft, last, target)


def text_conv(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """The strongest match of each pattern anywhere in the text; patterns are up to five words long."""
    last = draft.add("Dropout", embedded(draft, source, rows, mask=False), rate=0.2)
    size = min(5, source.shape[0])
    last = draft.add("Conv1D", last, filters=64, kernel_size=size, padding="same", activation="relu")
    last = draft.add("Dropout", draft.add("GlobalMaxPooling1D", last), rate=0.3)
    answer(draft, last, target)


def branches(draft: Draft, facts: DataFacts, target: TargetFacts) -> None:
    """A branch for each input, joined before the answer."""
    rows = facts.rows.get("train", 0)
    last = draft.add("Concatenate", *(branch(draft, source, rows) for source in facts.inputs))
    last = draft.add("Dense", last, units=32, activation="relu")
    answer(draft, draft.add("Dropout", last, rate=0.2), target)


def wide_deep(draft: Draft, apart: Sequence[InputFacts], target: TargetFacts, rows: int) -> None:
    """The input called "wide", or else the first, goes straight to the answer, the others through dense layers."""
    wide = next((i for i in apart if i.name == "wide"), apart[0])
    others = [i for i in apart if i is not wide]
    straight = start(draft, wide)
    starts = [start(draft, source) for source in others]
    together = draft.add("Concatenate", *starts) if len(starts) > 1 else starts[0]
    deep = hidden(draft, together, sum(i.shape[0] for i in others), rows)
    answer(draft, draft.add("Concatenate", straight, deep), target)


# ---- an autoencoder ----------------------------------------------------------------------------------------------

CODE = "code"
"""The name of the narrow layer in the middle, whose answers stand for the row."""


def autoencoder(draft: Draft, source: InputFacts, target: TargetFacts, rows: int) -> None:
    """Down to a narrow code and up again. The code has about as many numbers as the root of the input's: what all rows
    have in common fits through, what is odd about one of them does not."""
    if len(source.shape) == 3 and source.shape[0] % 4 == 0 and source.shape[1] % 4 == 0 and min(source.shape) >= 1:
        _picture_autoencoder(draft, source, target)
        return
    numbers = width(target)
    if source.kind == "table":
        sizes = (
            [min(128, max(16, numbers)), min(64, max(8, numbers // 2))] if rows >= 200 else [min(128, max(16, numbers))]
        )
    else:
        sizes = [min(256, max(16, numbers // 2)), min(128, max(8, numbers // 4))]
    last = start(draft, source, flat=True)
    for units in sizes:
        last = draft.add("Dense", last, units=units, activation="relu")
    last = draft.call(CODE, draft.add("Dense", last, units=_code_size(numbers)))
    for units in reversed(sizes):
        last = draft.add("Dense", last, units=units, activation="relu")
    last = draft.add("Dense", last, units=numbers, **_ending(target))
    if len(target.shape) > 1:
        last = draft.add("Reshape", last, target_shape=list(target.shape))
    draft.add("Output", last)


def _picture_autoencoder(draft: Draft, source: InputFacts, target: TargetFacts) -> None:
    """Halves the picture at least twice and until it is about 8 pixels wide, and doubles it again as often."""
    height, across, channels = source.shape
    last = start(draft, source)
    filters: list[int] = []
    while len(filters) < 2 or (height % 2 == 0 and across % 2 == 0 and min(height, across) > 8):
        filters.append(min(64, 16 << len(filters)))
        last = draft.add("Conv2D", last, filters=filters[-1], **_HALVING)
        height, across = height // 2, across // 2
    flat = draft.add("Flatten", last)
    code = draft.call(CODE, draft.add("Dense", flat, units=_code_size(width(target))))
    last = draft.add("Dense", code, units=height * across * filters[-1], activation="relu")
    last = draft.add("Reshape", last, target_shape=[height, across, filters[-1]])
    for number in reversed(filters):
        last = draft.add("Conv2DTranspose", last, filters=number, **_HALVING)
    last = draft.add("Conv2D", last, filters=channels, kernel_size=3, padding="same", **_ending(target))
    draft.add("Output", last)


_HALVING: dict[str, Json] = {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "relu"}


def _ending(target: TargetFacts) -> dict[str, Json]:
    activation = fitting_activation(target)
    return {"activation": activation} if activation != "linear" else {}


def _code_size(numbers: int) -> int:
    """2 for 4 numbers, 5 for 30, 28 for 784; narrower than the input wherever that is possible."""
    return max(1, min(128, round(math.sqrt(numbers)), numbers - 1))
