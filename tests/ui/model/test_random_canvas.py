"""After each of a long run of random edits, undos and redos the canvas shows exactly what the document holds."""

from __future__ import annotations

import random

import pytest

from tests.core.random_edits import random_edit
from tests.ui.model.conftest import dense_net
from workbench.core.errors import WorkbenchError
from workbench.core.folding import GROUP, shown_graph
from workbench.core.project import Node


def shown(hand) -> tuple:
    """What the items say: places and titles of blocks, ends of wires."""
    blocks = {i: (item.x(), item.y(), item.look.title) for i, item in hand.scene.nodes.items()}
    wires = {key: (line.source.ident, line.target.ident, line.wire.port) for key, line in hand.scene.wires.items()}
    return blocks, wires


def held(hand) -> tuple:
    """The same of the document."""
    graph = shown_graph(hand.graph).graph

    def title(node: Node) -> str:
        entry = hand.session.catalog.layer(node.kind)
        return entry.title if entry else node.name if node.kind == GROUP else node.kind

    blocks = {n.id: (n.x, n.y, title(n)) for n in graph.nodes}
    ends = {(w.source, w.target, w.port) for w in graph.wires}
    return blocks, {key: key for key in ends}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_canvas_equals_the_document_after_each_edit(open_page, seed: int):
    hand = open_page(dense_net())
    draw = random.Random(seed)
    for number in range(150):
        move = draw.randrange(8)
        try:
            if move == 0:
                hand.session.undo()
            elif move == 1:
                hand.session.redo()
            else:
                hand.session.apply(random_edit(hand.session.project, draw.randrange, f"fresh{number}"), "Edit")
        except WorkbenchError:
            continue
        assert shown(hand) == held(hand), number
        assert set(hand.scene.frames.items) == {ident for ident, _ in hand.page.wishes.shown.frames}
        assert all(line in item.wires for line in hand.scene.wires.values() for item in (line.source, line.target))
    while hand.session.undo():
        assert shown(hand) == held(hand)
    assert hand.graph == dense_net()
