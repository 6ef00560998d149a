"""The summary of a model as Keras prints it: a row for each layer, what feeds it, and the totals."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .facts import GraphFacts, NodeFacts
from .project import Graph
from .sharing import owners
from .wiring import incoming, topological_order, used_nodes

HEAD = ("Layer (type)", "Output Shape", "Param #", "Connected to")


@dataclass(frozen=True)
class SummaryRow:
    """One layer, at all places that use it.

    node: id of its owner. shape: as Keras writes it, "(None, 28, 28, 1)", at the last place; "" while it is not known.
    facts: multiplications and memory are those of all places. fed: names of the layers, by place and port. calls: which
    use of the layer each of them is, from 0. places: ids of all its blocks, in the order they are called.
    """

    node: str
    name: str
    kind: str
    shape: str
    facts: NodeFacts | None
    fed: tuple[str, ...]
    used: bool
    calls: tuple[int, ...] = ()
    places: tuple[str, ...] = ()

    @property
    def type_name(self) -> str:
        """The class as Keras names it."""
        return "InputLayer" if self.kind == "Input" else self.kind


def keras_shape(shape: tuple[int | None, ...] | None) -> str:
    """With the batch: (None, 28, 28, 1) -> "(None, 28, 28, 1)"; "" for None."""
    return "" if shape is None else str(tuple(shape))


def summary_rows(graph: Graph, facts: GraphFacts | None) -> tuple[SummaryRow, ...]:
    """Every layer, each after what feeds its first place."""
    nodes = {n.id: n for n in graph.nodes}
    used = used_nodes(graph) if any(n.kind == "Output" for n in graph.nodes) else frozenset(nodes)
    of = owners(graph)
    uses: dict[str, list[str]] = {}
    order = topological_order(graph) or list(nodes)
    for ident in sorted(order, key=lambda i: i not in used):  # the calls are numbered as the model makes them
        uses.setdefault(of[ident], []).append(ident)
    rows = []
    for first in order:
        layer = of[first]
        if uses[layer][0] != first:
            continue
        node = nodes[layer]
        needed = [i for i in uses[layer] if i in used] or uses[layer]
        ends = [w.source for i in needed for w in incoming(graph, i) if w.source in nodes]
        known = [f for i in needed if (f := facts.nodes.get(i) if facts else None) is not None]
        found = _together(known) if len(known) == len(needed) else None
        rows.append(
            SummaryRow(
                layer,
                node.name,
                node.kind,
                keras_shape(found.shape) if found else "",
                found,
                tuple(nodes[of[i]].name for i in ends),
                first in used,
                tuple(uses[of[i]].index(i) for i in ends),
                tuple(uses[layer]),
            )
        )
    return tuple(rows)


def _together(known: list[NodeFacts]) -> NodeFacts:
    """What a layer does at all its places."""
    last = known[-1]
    if len(known) == 1:
        return last
    macs, memory = ([getattr(f, name) for f in known] for name in ("macs", "memory"))
    return replace(
        last,
        parameters=sum(f.parameters for f in known),
        trainable=sum(f.trainable for f in known),
        macs=None if None in macs else sum(macs),
        memory=None if None in memory else sum(memory),
    )


def summary_text(graph: Graph, facts: GraphFacts | None) -> str:
    """The table as `model.summary()` prints it; what the Output does not need is left out, as it is of the model."""
    rows = [r for r in summary_rows(graph, facts) if r.kind != "Output" and r.used]
    cells = [
        (
            f"{r.name} ({r.type_name})",
            r.shape or "?",
            f"{r.facts.parameters:,}" if r.facts else "?",
            ",\n".join(f"{name}[{call}][0]" for name, call in zip(r.fed, r.calls, strict=True)) or "-",
        )
        for r in rows
    ]
    widths = [max(len(line) for row in (HEAD, *cells) for line in row[i].split("\n")) for i in range(len(HEAD))]
    lines = [
        _rule(("┏", "┳", "┓"), "━", widths),
        _line("┃", HEAD, widths, numbers=False),
        _rule(("┡", "╇", "┩"), "━", widths),
    ]
    for place, row in enumerate(cells):
        if place:
            lines.append(_rule(("├", "┼", "┤"), "─", widths))
        tall = [cell.split("\n") for cell in row]
        for part in range(max(len(cell) for cell in tall)):
            words = tuple(cell[part] if part < len(cell) else "" for cell in tall)
            lines.append(_line("│", words, widths, numbers=True))
    lines.append(_rule(("└", "┴", "┘"), "─", widths))
    if facts is not None:
        rest = facts.parameters - facts.trainable
        for title, count in (("Total", facts.parameters), ("Trainable", facts.trainable), ("Non-trainable", rest)):
            lines.append(f" {title} params: {count:,} ({_size(count * 4)})")
    return "\n".join(lines) + "\n"


def summary_table(graph: Graph, facts: GraphFacts | None) -> tuple[tuple[str, ...], ...]:
    """For a spreadsheet: a heading and a row for each layer, with memory and multiplications."""
    rows: list[tuple[str, ...]] = [
        ("Layer", "Type", "Output shape", "Parameters", "Multiplications", "Bytes for a row", "Connected to")
    ]
    for r in summary_rows(graph, facts):
        if r.kind == "Output":
            continue
        known = r.facts
        counts = (known.parameters, known.macs, known.memory) if known else (None, None, None)
        said = ["" if c is None else str(c) for c in counts]
        rows.append((r.name, r.type_name, r.shape, *said, ", ".join(r.fed)))
    return tuple(rows)


def _rule(corners: tuple[str, str, str], dash: str, widths: list[int]) -> str:
    left, middle, right = corners
    return left + middle.join(dash * (w + 2) for w in widths) + right


def _line(edge: str, cells: tuple[str, ...], widths: list[int], *, numbers: bool) -> str:
    padded = [
        cell.rjust(width) if numbers and place == 2 else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return edge + edge.join(f" {cell} " for cell in padded) + edge


def _size(size: float) -> str:
    """Bytes as Keras writes them: 397.54 KB."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024 or unit == "TB":
            break
        size /= 1024
    return f"{size:.2f} {unit}"
