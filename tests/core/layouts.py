"""What tests of the layout look at: frames of groups, and random graphs with groups in groups."""

from __future__ import annotations

import random

from workbench.core.layout import FRAME, FRAME_TITLE, NODE_HEIGHT, NODE_WIDTH
from workbench.core.project import Graph, Group, Node, Wire

Box = tuple[float, float, float, float]


def grouped(seed: int, count: int = 40) -> Graph:
    """A random graph; runs of its blocks are in groups, runs of those in groups within."""
    draw = random.Random(seed)
    groups: list[Group] = []
    homes = [""] * count

    def gather(first: int, last: int, parent: str, depth: int) -> None:
        at = first
        while at < last:
            size = draw.randrange(2, 9)
            if draw.random() < 0.6:
                ident = f"g{len(groups)}"
                groups.append(Group(ident, ident, parent))
                inside = range(at, min(at + size, last))
                for i in inside:
                    homes[i] = ident
                if depth < 2 and len(inside) > 3:
                    gather(at + 1, at + len(inside), ident, depth + 1)
            at += size

    gather(0, count, "", 0)
    nodes = tuple(Node(f"n{i}", "Add", f"n{i}", group=homes[i]) for i in range(count))
    drawn = [(max(0, b - draw.randrange(1, 5)), b) for b in range(1, count) for _ in range(draw.choice((1, 2)))]
    pairs = dict.fromkeys(drawn)
    return Graph(nodes, tuple(Wire(f"n{a}", f"n{b}", i) for i, (a, b) in enumerate(pairs)), tuple(groups))


def frames(graph: Graph) -> dict[str, Box]:
    """{group: left, top, right, bottom of its frame}; a frame in another one is inside of that."""
    found: dict[str, Box] = {}
    for group in reversed(graph.groups):  # those within come later
        boxes = [(n.x, n.y, n.x + NODE_WIDTH, n.y + NODE_HEIGHT) for n in graph.nodes if n.group == group.id]
        boxes += [found[g.id] for g in graph.groups if g.parent == group.id and g.id in found]
        if boxes:
            lefts, tops, rights, bottoms = zip(*boxes, strict=True)
            found[group.id] = (
                min(lefts) - FRAME, min(tops) - FRAME - FRAME_TITLE, max(rights) + FRAME, max(bottoms) + FRAME,
            )  # fmt: skip
    return found


def intrusions(graph: Graph) -> list[tuple[str, str]]:
    """Blocks and frames that touch the frame of a group they are not in."""
    parents = {g.id: g.parent for g in graph.groups}

    def around(group: str) -> set[str]:
        found = set()
        while group:
            found.add(group)
            group = parents[group]
        return found

    here = frames(graph)
    things = [(n.id, around(n.group), (n.x, n.y, n.x + NODE_WIDTH, n.y + NODE_HEIGHT)) for n in graph.nodes]
    things += [(g, around(g), box) for g, box in here.items()]
    return [
        (name, group)
        for group, a in here.items()
        for name, homes, b in things
        if group not in homes and name not in around(group)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
