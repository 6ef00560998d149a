"""The person's verbs on the layer graph, each a pure edit `Project -> Project` for `Document.apply`.

Ids are chosen when the verb is called, not when it is applied, so a caller that passes `node_id` (or `ids`) knows
what to select afterwards. An edit that cannot be done raises GraphError and leaves the project as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from . import layout
from .allowed import value_problem
from .catalog import ENDS, LayerEntry, load_catalog
from .document import Edit
from .edits import new_id
from .edits_offers import accept, hear_all, hush, replace_graph
from .edits_places import align, arrange, distribute, move_nodes
from .errors import GraphError
from .groups import whole_groups, without_empty
from .inserting import close_ports, end_of_chain, ends, free_port, insert, pasted
from .names import free_name, identifier, snake_case, unused_name
from .project import Graph, Group, Json, Node, Project, Wire
from .sharing import changed_nodes, hand_over, own_layer, places
from .wiring import can_connect, without

__all__ = [
    "accept",
    "add_layer",
    "align",
    "arrange",
    "change_kind",
    "close_ports",
    "connect",
    "copied",
    "delete_nodes",
    "disconnect",
    "distribute",
    "duplicate_nodes",
    "end_of_chain",
    "free_port",
    "hear_all",
    "hush",
    "move_nodes",
    "paste_nodes",
    "put_on_wire",
    "rename_layer",
    "replace_graph",
    "reset_param",
    "set_params",
    "snake_case",
]


def add_layer(
    kind: str,
    after: str | None = None,
    at: tuple[float, float] | None = None,
    on_wire: Wire | None = None,
    params: Mapping[str, Json] | None = None,
    node_id: str = "",
) -> Edit:
    """A new block, wired in.

    Args:
        kind: a layer's class name, "Input" or "Output".
        after: id of the node it follows. What that node fed is then fed by the new one; after an Output it is put
            before it. None: it stays unwired.
        at: its top left corner; chosen below `after` when None, and the blocks that follow make room.
        on_wire: a wire it is put on, instead of `after`.
        params: None: the catalog's starting values, so that nothing required is missing.
        node_id: the id to give it.
    """
    fresh = node_id or new_id()

    def edit(project: Project) -> Project:
        graph = project.graph
        start = params
        if start is None:
            entry = load_catalog().layer(kind)
            start = entry.start if entry else {}
        node = Node(fresh, kind, free_name(graph, kind), dict(start))
        return _with(project, insert(graph, node, after, at, on_wire))

    return edit


def put_on_wire(node_id: str, wire: Wire) -> Edit:
    """A block that is there already, put on a wire; wires of its own are let go.

    Raises (when applied):
        GraphError: it is an end, or there is no such wire.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        node = graph.node(node_id)
        if node.kind in ENDS:
            raise GraphError("Nothing runs through an end of the model.", where=node.name)
        rest = without(graph, node_id)
        if wire not in rest.wires:
            raise GraphError("This wire is not there any more.", where=node.name)
        return _with(project, without_empty(_sharing_as(graph, insert(rest, node, None, None, wire))))

    return edit


def _sharing_as(before: Graph, after: Graph) -> Graph:
    """`after`, in which the same blocks share as before."""
    was = {n.id: n.shares for n in before.nodes}
    return replace(after, nodes=tuple(replace(n, shares=was.get(n.id, n.shares)) for n in after.nodes))


def connect(source: str, target: str, port: int | None = None) -> Edit:
    """A wire. One that already ends at that port gives way; port None: the first free one.

    Raises (when applied):
        GraphError: it would close a circle, or an end cannot take a wire.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        place = free_port(graph, target) if port is None else port
        if reason := can_connect(graph, source, target, place):
            raise GraphError(reason, where=graph.node(target).name)
        wire = Wire(source, target, place)
        if wire in graph.wires:
            return project
        kept = [w for w in graph.wires if (w.target, w.port) != (target, place)]
        return _with(project, replace(graph, wires=(*kept, wire)))

    return edit


def disconnect(wires: Wire | Collection[Wire]) -> Edit:
    """Take wires away; the other inputs of a merging block move up."""
    gone = [wires] if isinstance(wires, Wire) else list(wires)
    keys = {ends(w) for w in gone}

    def edit(project: Project) -> Project:
        graph = project.graph
        kept = tuple(w for w in graph.wires if ends(w) not in keys)
        return _with(project, close_ports(replace(graph, wires=kept), {w.target for w in gone}))

    return edit


def delete_nodes(ids: Iterable[str], rejoin: bool = True) -> Edit:
    """Blocks and their wires. With `rejoin`, what fed a deleted block feeds what followed it, if it was one thing.
    Where others share the layer of a deleted block, the first of them owns it from then on."""
    doomed = frozenset(ids)

    def edit(project: Project) -> Project:
        graph = project.graph
        wires = list(graph.wires)
        touched: set[str] = set()
        for node in graph.nodes:
            if node.id not in doomed:
                continue
            ins = [w for w in wires if w.target == node.id]
            outs = [w for w in wires if w.source == node.id]
            wires = [w for w in wires if node.id not in (w.source, w.target)]
            touched |= {w.target for w in outs}
            sources = {w.source for w in ins}
            if rejoin and len(sources) == 1:
                source = sources.pop()
                present = {(w.source, w.target) for w in wires}
                wires += [Wire(source, w.target, w.port) for w in outs if (source, w.target) not in present]
        nodes = tuple(n for n in graph.nodes if n.id not in doomed)
        if len(nodes) == len(graph.nodes):
            return project
        left = close_ports(replace(graph, nodes=nodes, wires=tuple(wires)), touched - doomed)
        return _with(project, hand_over(without_empty(left)))

    return edit


def rename_layer(node_id: str, name: str) -> Edit:
    """Another name: made an identifier and unique.

    Raises (when applied):
        GraphError: nothing is left of the name, or another block has it.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        wanted = identifier(name)
        if not wanted:
            raise GraphError(
                "A layer's name needs at least one letter.", where=graph.node(node_id).name, remedy="Try hidden_1."
            )
        if any(n.name == wanted and n.id != node_id for n in graph.nodes):
            raise GraphError(
                f"Another layer is already called {wanted}.",
                where=graph.node(node_id).name,
                remedy=f"Try {unused_name(wanted, {n.name for n in graph.nodes})}.",
            )
        return _nodes(project, lambda n: replace(n, name=wanted) if n.id == node_id else n)

    return edit


def set_params(ids: Iterable[str] | str, name: str, value: Json) -> Edit:
    """One argument of one or several blocks. A value equal to Keras' default is stored as absent."""
    chosen = _chosen(ids)

    def edit(project: Project) -> Project:
        def change(node: Node) -> Node:
            if node.id not in chosen:
                return node
            entry = load_catalog().layer(node.kind)
            spec = entry.field(name) if entry else None
            if spec is not None and not spec.required and _same(value, spec.default):
                return replace(node, params={k: v for k, v in node.params.items() if k != name})
            return replace(node, params={**node.params, name: value})

        return _nodes(project, change)

    return edit


def reset_param(ids: Iterable[str] | str, name: str) -> Edit:
    """Back to Keras' default; a required argument goes back to the catalog's starting value."""
    chosen = _chosen(ids)

    def edit(project: Project) -> Project:
        def change(node: Node) -> Node:
            if node.id not in chosen or name not in node.params:
                return node
            rest = {k: v for k, v in node.params.items() if k != name}
            entry = load_catalog().layer(node.kind)
            if entry is not None and name in entry.start:
                rest[name] = entry.start[name]
            return replace(node, params=rest)

        return _nodes(project, change)

    return edit


# Where two layers mean the same by different words.
_ALIKE = {"units": "filters", "filters": "units", "kernel_size": "pool_size", "pool_size": "kernel_size"}


def change_kind(node_id: str, kind: str) -> Edit:
    """Another layer in the same place, with its wires as far as it takes them.

    Arguments of the same name are kept where the new layer takes their value; units become filters and the other way
    round, and a window of two sides becomes one of three or of one. A layer that is used at several places changes at
    all of them; where one of them becomes an end, the others keep it.
    """

    def edit(project: Project) -> Project:
        graph = project.graph
        entry = load_catalog().layer(kind)
        old = graph.node(node_id)
        if old.kind == kind:
            return project
        if kind in ENDS or old.kind in ENDS:
            graph = own_layer(graph, [node_id])
        ids = {n.id for n in places(graph, node_id)}
        params = _carried(old, entry)
        most = entry.most_inputs if entry else 0
        left = replace(graph, nodes=tuple(n for n in graph.nodes if n.id not in ids))
        nodes = []
        for node in graph.nodes:
            if node.id in ids:
                automatic = re.fullmatch(re.escape(snake_case(node.kind)) + r"(_\d+)?", node.name) is not None
                name = free_name(left, kind) if automatic else node.name
                # Start weights were those of the other layer, and so was what an import had to say of it.
                group = "" if kind in ENDS else node.group
                node = replace(node, kind=kind, name=name, params=params, weights=None, note="", group=group)
                left = replace(left, nodes=(*left.nodes, node))
            nodes.append(node)
        wires = tuple(w for w in graph.wires if w.target not in ids or not most or w.port < most)
        return _with(project, without_empty(replace(graph, nodes=tuple(nodes), wires=wires)))

    return edit


def _carried(old: Node, entry: LayerEntry | None) -> dict[str, Json]:
    """The params of a block for another kind of layer."""
    if entry is None:
        return {}
    params: dict[str, Json] = dict(entry.start)
    for name, value in old.params.items():
        same = entry.field(name)
        alike = entry.field(_ALIKE.get(name, "")) if same is None else None
        spec = same or (alike if alike is not None and alike.name not in old.params else None)
        if spec is None:
            continue
        fitted = value
        if spec.kind == "ints" and isinstance(value, (list, tuple)) and spec.length and len(value) != spec.length:
            fitted = value[0] if value and len(set(value)) == 1 else None
        if fitted is not None and not value_problem(spec, fitted, load_catalog()):
            params[spec.name] = fitted
    return params


def duplicate_nodes(ids: Iterable[str], ids_of_copies: Mapping[str, str] | None = None) -> Edit:
    """Copies beside the originals, with the wires among them. `ids_of_copies`: {id: id of its copy}. Blocks that share
    a layer share another one among their copies; a copy of only one of them has a layer of its own."""
    chosen = list(dict.fromkeys(ids))
    fresh = {i: (ids_of_copies or {}).get(i) or new_id() for i in chosen}

    def edit(project: Project) -> Project:
        nodes, wires = copied(project.graph, chosen)
        groups = whole_groups(project.graph, chosen)
        ids_of_groups = {g.id: new_id() for g in groups}
        across = max(n.x for n in nodes) - min(n.x for n in nodes) if groups and nodes else 0.0
        offset = (across + layout.NODE_WIDTH + layout.GAP_X, 0.0)
        return _with(project, pasted(project.graph, nodes, wires, fresh | ids_of_groups, offset, groups))

    return edit


def copied(graph: Graph, ids: Iterable[str]) -> tuple[tuple[Node, ...], tuple[Wire, ...]]:
    """The blocks and the wires among them, as the clipboard takes them; `whole_groups` tells the groups."""
    chosen = set(ids)
    nodes = tuple(n for n in graph.nodes if n.id in chosen)
    return nodes, tuple(w for w in graph.wires if w.source in chosen and w.target in chosen)


def paste_nodes(
    nodes: Iterable[Node],
    wires: Iterable[Wire] = (),
    at: tuple[float, float] | None = None,
    ids_of_copies: Mapping[str, str] | None = None,
    groups: Iterable[Group] = (),
) -> Edit:
    """Blocks from the clipboard under new ids and free names. at: top left corner of the whole; None: a little off.
    groups: those that lie wholly among the blocks; they come along."""
    blocks, lines, along = tuple(nodes), tuple(wires), tuple(groups)
    every = [*(n.id for n in blocks), *(g.id for g in along)]
    fresh = {i: (ids_of_copies or {}).get(i) or new_id() for i in every}

    def edit(project: Project) -> Project:
        if not blocks:
            return project
        left, top = min(n.x for n in blocks), min(n.y for n in blocks)
        offset = (4.0 * layout.GRID, 4.0 * layout.GRID) if at is None else (at[0] - left, at[1] - top)
        return _with(project, pasted(project.graph, blocks, lines, fresh, offset, along))

    return edit


def _same(value: Json, default: Json) -> bool:
    plain = list(value) if isinstance(value, tuple) else value
    other = list(default) if isinstance(default, tuple) else default
    return type(plain) is type(other) and plain == other


def _chosen(ids: Iterable[str] | str) -> frozenset[str]:
    return frozenset((ids,) if isinstance(ids, str) else ids)


def _with(project: Project, graph: Graph) -> Project:
    return replace(project, graph=graph)


def _nodes(project: Project, change: Callable[[Node], Node]) -> Project:
    graph = changed_nodes(project.graph, change)
    return project if graph is project.graph else _with(project, graph)
