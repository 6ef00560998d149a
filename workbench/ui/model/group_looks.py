"""What a group says on the canvas, as one block or as a frame: the sum of what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.core.facts import GraphFacts
from workbench.core.folding import Shown
from workbench.core.groups import all_members, group
from workbench.core.project import Graph
from workbench.core.wording import plural
from workbench.ui.model.block_words import batch_text, costs, count_text, macs_text, shape_text
from workbench.ui.model.canvas.frame_item import FrameLook
from workbench.ui.model.looks import MEMORY, MULTIPLICATIONS, TINT, NodeLook
from workbench.ui.words import size_text

_LISTED = 8  # layers named on hover


@dataclass(frozen=True)
class GroupSum:
    """What a group comes to. shape: of its result, None while unknown or where it has several."""

    layers: int
    parameters: int
    trainable: int
    macs: int | None
    memory: int
    shape: tuple[int | None, ...] | None
    results: int
    known: bool


def sum_of(graph: Graph, ids: Iterable[str], facts: GraphFacts | None) -> GroupSum:
    """The sum of these nodes. What is not known yet counts as nothing."""
    inside = tuple(ids)
    found = [facts.nodes[i] for i in inside if i in facts.nodes] if facts else []
    results = results_of(graph, inside)
    shape = facts.nodes[results[0]].shape if facts and len(results) == 1 and results[0] in facts.nodes else None
    macs = [one.macs for one in found]
    return GroupSum(
        len(inside),
        sum(one.parameters for one in found),
        sum(one.trainable for one in found),
        None if None in macs else sum(m for m in macs if m is not None),
        sum(one.memory or 0 for one in found),
        shape,
        len(results),
        bool(found),
    )


def results_of(graph: Graph, ids: Sequence[str]) -> tuple[str, ...]:
    """The nodes of a set that feed something outside, or, where none does, those that feed none of the set."""
    inside = set(ids)
    out = tuple(i for i in ids if any(w.target not in inside for w in graph.out_of(i)))
    return out or tuple(i for i in ids if not graph.out_of(i))


def group_looks(
    graph: Graph, shown: Shown, looks: Mapping[str, NodeLook], facts: GraphFacts | None, measure: str
) -> dict[str, NodeLook]:
    """How each folded group that is shown looks. looks: those of all nodes."""
    made = {}
    for ident, inside in shown.blocks.items():
        held = set(inside)
        entries = len({w.source for i in inside for w in graph.into(i)} - held)
        loose = sum(1 for i in inside if not graph.into(i))
        made[ident] = _block(graph, ident, inside, looks, facts, measure, entries, entries + loose)
    return made


def _block(
    graph: Graph,
    ident: str,
    inside: tuple[str, ...],
    looks: Mapping[str, NodeLook],
    facts: GraphFacts | None,
    measure: str,
    entries: int,
    ports: int,
) -> NodeLook:
    here, total = group(graph, ident), sum_of(graph, inside, facts)
    mine = [looks[i] for i in inside]
    worst = worst_of(mine)
    told = _told(graph, inside, mine)
    count, other = _numbers(total, measure)
    wrong = [look for look in mine if look.severity]
    return NodeLook(
        title=here.name,
        brief="",
        second=" · ".join(part for part in (plural(total.layers, "layer"), other) if part),
        shape=shape_text(total.shape) if total.results == 1 else f"{total.results} results",
        count=count,
        group=f"{TINT}{here.colour}",
        severity=worst,
        problem="\n".join(look.problem for look in sorted(wrong, key=lambda one: one.severity != "error")),
        ports=ports,
        needed=entries,
        stale=any(look.stale for look in mine),
        unused=all(look.unused for look in mine),
        running=all(look.running for look in mine),
        tooltip="\n".join((f"{here.name}, folded: double-click opens it", *told, *(w.problem for w in wrong[:2]))),
        flow=batch_text(total.shape),
        share=min(1.0, sum(look.share for look in mine)),
        told=sum_text(total),
        layers=total.layers,
    )


def frame_looks(
    graph: Graph,
    shown: Shown,
    looks: Mapping[str, NodeLook],
    facts: GraphFacts | None,
    known: dict[str, Any] | None = None,
) -> tuple[FrameLook, ...]:
    """How the frame of each open group looks, the outermost first.

    known: what the same call made before, kept by the caller; groups of which nothing changed are not worked out again.
    """
    memory = known if known is not None else {}
    drawn, of = {ident for ident, _ in shown.frames}, all_members(graph)
    made = []
    for ident, ids in shown.frames:
        here, inside = group(graph, ident), of[ident]
        worst, parent = worst_of(looks[i] for i in inside), here.parent if here.parent in drawn else ""
        key = (here, inside, ids, parent, worst, graph.wires, facts)
        before = memory.get(ident)
        if before is not None and before[0] == key:
            made.append(before[1])
            continue
        total = sum_of(graph, inside, facts)
        words = [plural(total.layers, "layer")]
        words += [f"{count_text(total.parameters)} parameters"] if total.parameters else []
        look = FrameLook(
            ident,
            ids,
            parent,
            here.name,
            f"{TINT}{here.colour}",
            " · ".join(words),
            worst,
            f"{here.name}: {sum_text(total)}\nDrag to move all of it, double-click to rename it.",
        )
        memory[ident] = (key, look)
        made.append(look)
    for gone in memory.keys() - drawn:
        del memory[gone]
    return tuple(made)


def worst_of(looks: Iterable[NodeLook]) -> str:
    """The worst severity among these."""
    found = {look.severity for look in looks}
    return next((s for s in ("error", "warning") if s in found), "")


def sum_text(total: GroupSum) -> str:
    """ "5 layers · gives batch × 16 · 80 parameters · 64 multiplications a row"."""
    parts = [plural(total.layers, "layer")]
    if total.results > 1:
        parts.append(f"{total.results} results")
    elif total.shape is not None:
        parts.append(f"gives {batch_text(total.shape)}")
    return " · ".join([*parts, *costs(total.parameters, total.trainable, total.macs, total.memory)])


def _numbers(total: GroupSum, measure: str) -> tuple[str, str]:
    """The number at the right of the block, and the one beside how many layers there are."""
    parameters = f"{count_text(total.parameters)} parameters" if total.parameters else ""
    macs = f"{macs_text(total.macs)} mult" if total.macs != 0 and total.known else ""
    if measure == MULTIPLICATIONS:
        return macs, parameters
    if measure == MEMORY:
        return size_text(total.memory) if total.memory else "", parameters
    return count_text(total.parameters) if total.parameters else "", macs


def _told(graph: Graph, inside: tuple[str, ...], looks: list[NodeLook]) -> list[str]:
    names = [f"{look.title} “{graph.node(i).name}”" for i, look in zip(inside, looks, strict=True)]
    more = len(names) - _LISTED
    return [*names[:_LISTED], *([f"and {more} more"] if more > 0 else [])]
