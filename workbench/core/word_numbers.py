"""What a graph must do with a text: its numbers stand for words and are no amounts, so an Embedding looks them up.

An Embedding with fewer rows than there are numbers would be asked for rows it does not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from .advice import put_behind
from .catalog import load_catalog
from .facts import DataFacts, InputFacts, Problem, Repair
from .project import Graph, Json, Node
from .wiring import input_bindings, outgoing, used_nodes, with_params

EMBEDDINGS = ("Embedding", "ReversibleEmbedding")
_LOOKED_UP = (*EMBEDDINGS, "Identity", "IntegerLookup", "Hashing", "CategoryEncoding", "Output")
_SIZE = 16


def word_problems(graph: Graph, data: DataFacts) -> Iterator[Problem]:
    """An Embedding that is too small for a text wired to it (error), a text that goes elsewhere (warning)."""
    texts = {i.name: i for i in data.inputs if i.kind == "text"}
    if not texts:
        return
    bound = input_bindings(graph, data)
    used = used_nodes(graph)
    for node in graph.nodes:
        source = texts.get(bound.get(node.name, "")) if node.kind == "Input" and node.id in used else None
        if source is None:
            continue
        for target in [graph.node(w.target) for w in outgoing(graph, node.id)]:
            if target.kind in EMBEDDINGS:
                yield from _too_small(graph, node, target, source)
            elif target.kind not in _LOOKED_UP:
                yield Problem(
                    "warning",
                    f"{node.name} gives numbers that stand for words, and {target.name} would take them for amounts.",
                    node.id,
                    repairs=(embedding_repair(graph, node, target, source),),
                )


def text_of(graph: Graph, node: Node, data: DataFacts) -> InputFacts | None:
    """The text that an Input gives; None for any other block."""
    name = input_bindings(graph, data).get(node.name) if node.kind == "Input" else None
    return next((i for i in data.inputs if i.name == name and i.kind == "text"), None)


def embedding_repair(graph: Graph, node: Node, target: Node, source: InputFacts) -> Repair:
    """An Embedding behind the text's Input; with the mean over words where what follows takes one row of numbers."""
    entry = load_catalog().layer(target.kind)
    over_time = entry is not None and entry.rank == 2
    params: dict[str, Json] = {"input_dim": source.words, "output_dim": _SIZE}
    ahead, grown = target.id, graph
    if not over_time:
        grown = put_behind(graph, node, "GlobalAveragePooling1D", {}, only=target.id)
        ahead = grown.nodes[-1].id
        params["mask_zero"] = True
    grown = put_behind(grown, node, "Embedding", params, only=ahead)
    title = "Put an Embedding behind it" if over_time else "Put an Embedding and the mean of its words behind it"
    return Repair(title, grown)


def _too_small(graph: Graph, node: Node, target: Node, source: InputFacts) -> Iterator[Problem]:
    rows = target.params.get("input_dim")
    if isinstance(rows, bool) or not isinstance(rows, int) or rows >= source.words:
        return
    yield Problem(
        "error",
        f"{target.name} has {rows:,} rows (input_dim), and {node.name} gives numbers from 0 to {source.words - 1:,}.",
        target.id,
        repairs=(Repair(f"Set input_dim to {source.words:,}", with_params(graph, target.id, input_dim=source.words)),),
    )
