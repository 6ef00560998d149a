"""Automatic layout: no overlaps, wires downwards, straight main lines, the same picture every time, fast."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from workbench.core.edits_places import arrange as tidy
from workbench.core.edits_places import crossings
from workbench.core.layout import GRID, NODE_HEIGHT, NODE_WIDTH, arrange
from workbench.core.project import Graph, Group, Node, Project, Wire

from .graphs import drawn
from .layouts import grouped, intrusions


def residual(blocks: int) -> Graph:
    """The shape of ResNet50: about 11 nodes a block."""
    nodes, wires = ["input"], []

    def add(kind: str, *sources: str) -> str:
        name = f"{kind}_{len(nodes)}"
        nodes.append(name)
        wires.extend(Wire(s, name, i) for i, s in enumerate(sources))
        return name

    last = "input"
    for block in range(blocks):
        inner = last
        for _ in range(3):
            for kind in ("conv", "norm", "relu"):
                inner = add(kind, inner)
        around = add("norm", add("conv", last)) if block % 4 == 0 else last
        last = add("relu", add("add", inner, around))
    return Graph(tuple(Node(n, "Dense", n) for n in nodes), tuple(wires))


def tangled(seed: int, count: int) -> Graph:
    draw = random.Random(seed)
    nodes = tuple(Node(f"n{i}", "Add", f"n{i}") for i in range(count))
    pairs = {(draw.randrange(b), b) for b in range(1, count) for _ in range(draw.choice((0, 1, 1, 2, 3)))}
    return Graph(nodes, tuple(Wire(f"n{a}", f"n{b}", i) for i, (a, b) in enumerate(sorted(pairs))))


def overlaps(graph: Graph) -> list[tuple[str, str]]:
    return [
        (a.name, b.name)
        for i, a in enumerate(graph.nodes)
        for b in graph.nodes[:i]
        if abs(a.x - b.x) < NODE_WIDTH and abs(a.y - b.y) < NODE_HEIGHT
    ]


@pytest.mark.parametrize("graph", [residual(4), *(tangled(s, 40) for s in range(12))])
def test_nothing_overlaps_wires_lead_down_and_all_lies_on_the_grid(graph: Graph):
    placed = arrange(graph)
    assert not overlaps(placed)
    spot = {n.id: n for n in placed.nodes}
    assert all(spot[w.source].y < spot[w.target].y for w in placed.wires)
    assert all(n.x % GRID == 0 and n.y % GRID == 0 for n in placed.nodes)
    assert min(n.x for n in placed.nodes) == 0
    assert min(n.y for n in placed.nodes) == 0


def test_the_same_graph_gives_the_same_picture():
    graph = tangled(3, 60)
    assert arrange(graph) == arrange(graph) == arrange(arrange(graph))


def test_a_chain_and_the_main_line_of_a_skip_are_straight():
    graph = arrange(drawn(dict.fromkeys("iabcso", "Dense"), "i a", "a b", "b c", "c s 0", "i s 1", "s o"))
    assert len({n.x for n in graph.nodes}) == 1


def test_branches_stand_evenly_around_what_joins_them():
    graph = arrange(drawn(dict.fromkeys("iabs", "Dense"), "i a", "i b", "a s 0", "b s 1"))
    spot = {n.id: n for n in graph.nodes}
    assert spot["a"].y == spot["b"].y
    assert spot["i"].x == spot["s"].x == (spot["a"].x + spot["b"].x) / 2


def test_circles_loose_blocks_and_dangling_wires_are_laid_out_too():
    graph = drawn(dict.fromkeys("abcd", "Dense"), "a b", "b a", "c gone", "d d")
    assert not overlaps(arrange(graph))
    assert arrange(Graph()) == Graph()


def test_a_graph_like_resnet50_has_no_overlaps_and_is_the_same_twice():
    graph = residual(16)
    assert len(graph.nodes) > 170
    assert not overlaps(arrange(graph))
    assert arrange(graph) == arrange(graph)


@pytest.mark.parametrize("seed", range(6))
def test_no_block_and_no_other_group_lies_in_a_group_s_frame(seed: int):
    graph = arrange(grouped(seed))
    assert not overlaps(graph)
    assert not intrusions(graph)


@pytest.mark.parametrize("seed", range(3))
def test_arranging_groups_once_more_changes_nothing(seed: int):
    once = tidy()(Project(graph=arrange(grouped(seed, 24))))
    assert not intrusions(once.graph)
    assert tidy()(once) == once


def test_the_main_line_goes_straight_through_groups():
    graph = drawn(dict.fromkeys("iabso", "Dense"), "i a", "i b", "a s 0", "b s 1", "s o")
    homes = {"a": "g", "b": "g", "s": "g"}
    nodes = tuple(replace(n, group=homes.get(n.id, "")) for n in graph.nodes)
    spot = {n.id: n for n in arrange(replace(graph, nodes=nodes, groups=(Group("g", "Pair"),))).nodes}
    assert spot["i"].x == spot["s"].x == spot["o"].x
    assert spot["a"].y == spot["b"].y


def test_names_of_groups_in_groups_have_room_above_them():
    graph = drawn(dict.fromkeys("iabo", "Dense"), "i a", "a b", "b o")
    homes = {"a": "inner", "b": "inner"}
    nodes = tuple(replace(n, group=homes.get(n.id, "")) for n in graph.nodes)
    groups = (Group("outer", "Outer"), Group("inner", "Inner", "outer"))
    assert not intrusions(arrange(replace(graph, nodes=nodes, groups=groups)))


def test_residual_networks_are_drawn_without_a_crossing():
    graph = arrange(residual(16))
    assert crossings(graph, {n.id: (n.x, n.y) for n in graph.nodes}) == 0


def test_groups_that_name_each_other_as_parents_are_laid_out_too():
    graph = drawn(dict.fromkeys("ab", "Dense"), "a b")
    nodes = tuple(replace(n, group="g") for n in graph.nodes)
    assert not overlaps(arrange(replace(graph, nodes=nodes, groups=(Group("g", "G", "h"), Group("h", "H", "g")))))


def test_where_everything_is_wired_to_everything_all_blocks_still_find_a_place():
    count = 90
    nodes = tuple(Node(f"n{i}", "Concatenate", f"n{i}") for i in range(count))
    wires = tuple(Wire(f"n{a}", f"n{b}", a) for b in range(count) for a in range(b))
    graph = arrange(Graph(nodes, wires))
    assert not overlaps(graph)
    assert [n.y for n in graph.nodes] == sorted(n.y for n in graph.nodes)
