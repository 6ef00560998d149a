"""What makes the end of a model rebuild its input: ideas, which `repairs` builds before it offers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.core.facts import GraphFacts, Repair, TargetFacts
from workbench.core.inserting import put_before
from workbench.core.project import Graph, Json, Node
from workbench.core.rebuilding import closing, fitting_activation, width
from workbench.core.wiring import bridged, changed, incoming, with_params
from workbench.core.wording import plural

from .graph_check import output_shape

_ACTIVATIONS = ("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax")


def rebuilding_ideas(last: Node, end: Node, facts: GraphFacts, graph: Graph, target: TargetFacts) -> Iterator[Repair]:
    """What might help a model whose answer is not what the input is like, the likeliest first.

    last: the layer before the Output `end`.
    """
    shape = output_shape(facts, end.id)
    if shape is None or any(size is None for size in shape[1:]):
        return
    sizes = tuple(int(size or 1) for size in shape[1:])
    if sizes == target.shape:
        yield from _other_activation(last, graph, target)
        if not facts.trainable:
            yield from _layers(end, graph, sizes, target)
        return
    params = closing(target)[1]
    if last.kind == "Dense" and len(sizes) == 1 and len(target.shape) == 1:
        yield Repair(f"Make {last.name} {_named('Dense', params)}", _remade(graph, last, params, "units"))
    if last.kind in ("Conv2D", "Conv2DTranspose") and sizes[:2] == target.shape[:2] and len(target.shape) == 3:
        ending = {k: v for k, v in params.items() if k in ("filters", "activation")}
        count = target.shape[2]
        title = f"Give {last.name} {plural(count, 'filter')}{_ends(params)}"
        yield Repair(title, _remade(graph, last, ending, "filters"))
    yield from _layers(end, graph, sizes, target)


def _layers(end: Node, graph: Graph, sizes: tuple[int, ...], target: TargetFacts) -> Iterator[Repair]:
    """Layers before the Output that bring its shape about."""
    kind, params = closing(target)
    if len(target.shape) == 1:
        flat = graph if len(sizes) == 1 else put_before(graph, end, "Flatten", {})
        also = "" if len(sizes) == 1 else "Flatten and "
        yield Repair(f"Add {also}{_named(kind, params)}", put_before(flat, end, kind, params))
        return
    if len(sizes) == 3 and len(target.shape) == 3:
        if sizes[:2] == target.shape[:2]:
            yield Repair(f"Add {_named(kind, params)}", put_before(graph, end, kind, params))
        for title, way, settings in _resized(sizes, target.shape):
            yield Repair(
                f"Add {title} and {_named(kind, params)}",
                put_before(put_before(graph, end, way, settings), end, kind, params),
            )
    dense: dict[str, Json] = {"units": width(target)}
    dense |= {k: v for k, v in params.items() if k == "activation"}
    mended = graph if len(sizes) == 1 else put_before(graph, end, "Flatten", {})
    mended = put_before(mended, end, "Dense", dense)
    mended = put_before(mended, end, "Reshape", {"target_shape": list(target.shape)})
    also = "" if len(sizes) == 1 else "Flatten, "
    yield Repair(f"Add {also}{_named('Dense', dense)} and a Reshape", mended)


def _resized(sizes: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Pictures of that height and width enlarged a whole number of times, or cut at their border."""
    if sizes[:2] == wanted[:2]:
        return
    if all(w % s == 0 for s, w in zip(sizes[:2], wanted[:2], strict=True)):
        times = [w // s for s, w in zip(sizes[:2], wanted[:2], strict=True)]
        yield f"an UpSampling2D by {' x '.join(map(str, times))}", "UpSampling2D", {"size": list(times)}
    elif all(s >= w for s, w in zip(sizes[:2], wanted[:2], strict=True)):
        cut = [[(s - w) // 2, s - w - (s - w) // 2] for s, w in zip(sizes[:2], wanted[:2], strict=True)]
        yield f"a Cropping2D to {wanted[0]} x {wanted[1]}", "Cropping2D", {"cropping": list(cut)}


def _other_activation(last: Node, graph: Graph, target: TargetFacts) -> Iterator[Repair]:
    """An end that reaches the numbers of the input."""
    wanted = fitting_activation(target)
    if last.kind in _ACTIVATIONS and last.kind != "Activation":
        yield Repair(f"Remove {last.name}", bridged(graph, last))
        return
    node: Node | None = last
    while node is not None and node.kind in ("Reshape", "Flatten", "Cropping2D", "ZeroPadding2D", "UpSampling2D"):
        fed = incoming(graph, node.id)
        node = graph.node(fed[0].source) if len(fed) == 1 else None
    if node is not None and "activation" in node.params:
        yield Repair(f"Use {wanted} in {node.name}", with_params(graph, node.id, activation=wanted))


def _remade(graph: Graph, node: Node, params: dict[str, Json], size: str) -> Graph:
    """The layer with another size and the ending that goes with it; its other settings stay."""
    kept = {k: v for k, v in node.params.items() if k not in (size, "activation")}
    return changed(graph, node.id, lambda n: replace(n, params={**kept, **params}))


def _named(kind: str, params: dict[str, Json]) -> str:
    count = params.get("units", params.get("filters"))
    return f"a {kind} with {plural(count, 'unit' if 'units' in params else 'filter')}{_ends(params)}"


def _ends(params: dict[str, Json]) -> str:
    return f" and {params['activation']}" if "activation" in params else ""
