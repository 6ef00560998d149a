"""Gestures beyond the first ones: what fits at a wire's end, lines and distances, favourites, other projects."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.model.conftest import TABLE, chain, dense_net
from workbench.core.blocks import SOURCE, OwnBlock
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, NodeFacts, TargetFacts
from workbench.core.layout import GAP_Y, NODE_HEIGHT
from workbench.core.project import Graph, Node, Wire
from workbench.ui.model.layer_help import LayerHelp
from workbench.ui.model.layer_list import KIND
from workbench.ui.model.quick import QuickAdd

opens_popup = pytest.mark.qt_log_ignore("This plugin does not support")
ALT = Qt.KeyboardModifier.AltModifier
PICTURES = DataFacts(
    "images",
    (InputFacts("image", "image", (28, 28, 1), "uint8", 1 / 255),),
    TargetFacts("digit", "classification", ("0", "1", "2")),
    {"train": 100},
)


def popup(page, kind: type):
    return next(found for found in page.findChildren(kind) if found.isVisible())


def row_of(layers, kind: str, *, group: str = "") -> QPoint:
    """Where a layer's row stands in a list."""
    for place in range(layers.topLevelItemCount()):
        head = layers.topLevelItem(place)
        rows = [head.child(at) for at in range(head.childCount())] or [head]
        for row in rows:
            if row.data(0, KIND) == kind and (not group or head.text(0) == group):
                layers.scrollToItem(row)
                return layers.visualItemRect(row).center()
    raise AssertionError(f"{kind} is not listed")


def pictured(hand) -> None:
    """What the engine says while pictures flow."""
    shapes = {"n0": (None, 28, 28, 1), "n1": (None, 26, 26, 8), "n2": (None, 5408), "n3": (None, 3)}
    hand.session.graph_facts = GraphFacts({i: NodeFacts(s) for i, s in shapes.items()})
    hand.session.graph_checked.emit()


def conv_net():
    return chain(
        ("Input", {}),
        ("Conv2D", {"filters": 8, "kernel_size": 3}),
        ("Flatten", {}),
        ("Dense", {"units": 3, "activation": "softmax"}),
    )


# ---- what fits at the end of a wire ----------------------------------------------------------------------------


@opens_popup
def test_a_wire_pulled_into_the_open_lists_what_fits_its_shape(open_page):
    hand = open_page(conv_net(), PICTURES)
    pictured(hand)
    hand.drag(hand.output("n1"), hand.output("n1") + QPoint(180, 0))
    quick = popup(hand.page, QuickAdd)
    listed = quick.palette_.shown()
    assert {"Conv2D", "MaxPooling2D", "Flatten", "Dense"} <= set(listed)
    assert not {"Conv1D", "LSTM", "Input", "MaxPooling3D"} & set(listed)
    QTest.keyClicks(quick.palette_.search, "max pool")
    QTest.keyClick(quick.palette_.search, Qt.Key.Key_Return)
    made = hand.graph.nodes[-1]
    assert made.kind == "MaxPooling2D"
    assert ("n1", made.id, 0) in hand.wires()
    assert ("n1", "n2", 0) in hand.wires()
    assert hand.scene.chosen_nodes() == [made.id]


@opens_popup
def test_a_search_there_finds_the_others_too_and_says_why_they_do_not_fit(open_page):
    hand = open_page(conv_net(), PICTURES)
    pictured(hand)
    hand.drag(hand.output("n2"), hand.output("n2") + QPoint(180, 0))
    quick = popup(hand.page, QuickAdd)
    quick.palette_.search.setText("conv2d")
    first = quick.palette_.list.topLevelItem(0)
    assert (first.text(0), first.data(0, Qt.ItemDataRole.UserRole + 2)) == ("Conv2D", "needs pictures")
    quick.close()


@opens_popup
def test_a_wire_pulled_backwards_out_of_an_input_offers_what_can_feed_it(open_page):
    hand = open_page(conv_net(), PICTURES)
    hand.page.verbs.disconnect_wires([w for w in hand.graph.wires if w.target == "n3"])
    hand.drag(hand.input("n3"), hand.input("n3") + QPoint(170, -8))
    quick = popup(hand.page, QuickAdd)
    assert "Output" not in quick.palette_.shown()
    QTest.keyClicks(quick.palette_.search, "dropout")
    QTest.keyClick(quick.palette_.search, Qt.Key.Key_Return)
    made = hand.graph.nodes[-1]
    assert (made.kind, (made.id, "n3", 0) in hand.wires()) == ("Dropout", True)
    hand.session.undo()
    assert len(hand.graph.nodes) == 4


@opens_popup
def test_another_kind_in_the_same_place_keeps_wires_and_what_both_have(open_page):
    hand = open_page(conv_net(), PICTURES)
    pictured(hand)
    hand.click(hand.body("n1"), right=True)
    hand.page.menus.open(hand.scene.nodes["n1"].pos() + QPoint(60, 30), QPoint(300, 300))
    menu = popup(hand.page, QMenu)
    next(a for a in menu.actions() if a.text().startswith("Replace")).trigger()
    menu.close()
    quick = popup(hand.page, QuickAdd)
    assert "Dense" in quick.palette_.shown()
    QTest.keyClicks(quick.palette_.search, "separableconv2d")
    QTest.keyClick(quick.palette_.search, Qt.Key.Key_Return)
    node = hand.node("n1")
    assert (node.kind, node.params["filters"], node.params["kernel_size"]) == ("SeparableConv2D", 8, 3)
    assert {("n0", "n1", 0), ("n1", "n2", 0)} <= hand.wires()


# ---- lines, distances, layout ----------------------------------------------------------------------------------


def scattered(hand) -> None:
    hand.page.verbs.move({"n1": (0.0, 0.0), "n2": (104.0, 48.0), "n3": (248.0, 400.0)})
    hand.scene.choose(["n1", "n2", "n3"])
    hand.view.setFocus()


@pytest.mark.parametrize(
    ("pressed", "axis", "line"),
    [
        (Qt.Key.Key_A, "x", 0.0),
        (Qt.Key.Key_D, "x", 248.0),
        (Qt.Key.Key_H, "x", 120.0),
        (Qt.Key.Key_W, "y", 0.0),
        (Qt.Key.Key_S, "y", 400.0),
        (Qt.Key.Key_V, "y", 152.0),
    ],
)
def test_alt_and_a_letter_put_the_selection_on_one_line_in_one_step(open_page, pressed, axis, line):
    hand = open_page()
    scattered(hand)
    before = hand.graph
    hand.key(pressed, ALT)
    assert {getattr(hand.node(i), axis) for i in ("n1", "n2", "n3")} == {line}
    other = "y" if axis == "x" else "x"
    assert [getattr(hand.node(i), other) for i in ("n1", "n2", "n3")] == [
        getattr(before.node(i), other) for i in ("n1", "n2", "n3")
    ]
    hand.session.undo()
    assert hand.graph == before


@opens_popup
def test_the_menu_of_several_blocks_aligns_and_distributes(open_page):
    hand = open_page()
    scattered(hand)
    hand.page.menus.open(hand.scene.nodes["n1"].pos() + QPoint(60, 30), QPoint(300, 300))
    menu = popup(hand.page, QMenu)
    inner = next(a.menu() for a in menu.actions() if a.text() == "Align")
    assert [a.text() for a in inner.actions() if a.text()][-2:] == ["Distribute across", "Distribute down"]
    next(a for a in inner.actions() if a.text() == "Distribute down").trigger()
    menu.close()
    assert [hand.node(i).y for i in ("n1", "n2", "n3")] == [0.0, 200.0, 400.0]


def test_arrange_leaves_the_picture_about_where_it_is(open_page):
    hand = open_page()
    far = {n.id: (n.x + 2000, n.y + 1200) for n in hand.graph.nodes} | {"n2": (2400.0, 1300.0)}
    hand.page.verbs.move(far)
    QTest.mouseClick(hand.page.arrange, Qt.MouseButton.LeftButton)
    xs = {n.x for n in hand.graph.nodes}
    assert len(xs) == 1
    assert xs.pop() == hand.scene.nodes["n0"].x() == far["n0"][0]
    ys = sorted(n.y for n in hand.graph.nodes)
    assert [b - a for a, b in pairwise(ys)] == [NODE_HEIGHT + GAP_Y] * 4
    assert abs(ys[0] - far["n0"][1]) <= NODE_HEIGHT


# ---- the palette -----------------------------------------------------------------------------------------------


@opens_popup
def test_a_star_keeps_a_layer_at_the_top_and_in_the_settings(open_page):
    hand = open_page()
    layers = hand.page.palette_.list
    place = row_of(layers, "Conv2D")
    layers.setCurrentItem(layers.itemAt(place))
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, layers.viewport().mapToGlobal(place))
    QApplication.sendEvent(layers.viewport(), asked)
    menu = popup(hand.page, QMenu)
    next(a for a in menu.actions() if a.text() == "Add to favourites").trigger()
    menu.close()
    assert layers.topLevelItem(0).text(0) == "Favourites"
    assert layers.topLevelItem(0).child(0).text(0) == "Conv2D"
    assert hand.session.settings.favourites == ("Conv2D",)
    place = row_of(layers, "Conv2D", group="Favourites")
    for act in (QTest.mouseClick, QTest.mouseDClick):
        act(layers.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert hand.kinds().count("Conv2D") == 1
    hand.page.palette_._star("Conv2D")
    assert hand.session.settings.favourites == ()


def test_hovering_a_layer_tells_what_it_does_and_what_its_arguments_mean(open_page):
    hand = open_page()
    layers = hand.page.palette_.list
    told = layers.itemAt(row_of(layers, "Conv2D")).toolTip(0)
    assert "Slides small filters" in told
    assert "<b>filters</b>" in told
    assert "How many patterns are learned" in told


@opens_popup
def test_f1_explains_every_argument_with_a_link(open_page, monkeypatch):
    opened = []
    monkeypatch.setattr("workbench.ui.model.layer_help.QDesktopServices.openUrl", lambda url: opened.append(url))
    hand = open_page()
    palette = hand.page.palette_
    palette.begin_search("max pool 2")
    QTest.keyClick(palette.search, Qt.Key.Key_F1)
    page = popup(hand.page, LayerHelp)
    text = page.text.toPlainText()
    assert "MaxPooling2D" in text
    assert "padding" in text
    page._follow(page.text.anchorAt(QPoint(0, 0)) or "https://example.org")
    assert opened


# ---- between projects ------------------------------------------------------------------------------------------


def test_layers_are_carried_to_another_project_by_the_clipboard(open_page):
    one = open_page()
    one.scene.choose(["n1", "n2"])
    one.view.setFocus()
    one.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    other = open_page(dense_net(), TABLE)
    other.view.setFocus()
    other.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(other.graph.nodes) == 7
    fresh = other.graph.nodes[-2:]
    assert [(n.kind, n.params) for n in fresh] == [("Dense", one.node("n1").params), ("Dropout", {"rate": 0.2})]
    assert (fresh[0].id, fresh[1].id, 0) in other.wires()
    assert len({n.name for n in other.graph.nodes}) == 7
    QApplication.clipboard().clear()


def test_what_was_wholly_seen_stays_so_when_the_window_shrinks(open_page):
    hand = open_page(size=(1400, 900))
    hand.view.set_zoom(0.7)
    hand.view.centerOn(hand.scene.content_rect().center())
    assert hand.seen_whole()
    hand.page.resize(900, 480)
    QApplication.processEvents()
    assert hand.seen_whole()


def test_another_model_between_the_same_two_ends_is_shown_whole(open_page):
    hand = open_page(size=(1100, 600))
    ends = {node.id for node in hand.graph.nodes if node.kind in ("Input", "Output")}
    high = tuple(
        replace(node, id=node.id if node.id in ends else f"other-{node.id}", y=node.y * 2) for node in hand.graph.nodes
    )
    names = {node.id: other.id for node, other in zip(hand.graph.nodes, high, strict=True)}
    wires = tuple(replace(w, source=names[w.source], target=names[w.target]) for w in hand.graph.wires)
    hand.session.apply(lambda p: replace(p, graph=Graph(nodes=high, wires=wires)), "Open other.keras")
    QApplication.processEvents()
    assert hand.seen_whole()


def test_arranging_glides_and_undo_on_the_way_leaves_everything_in_place(open_page, qtbot):
    hand = open_page()
    hand.page.verbs.move({"n1": (900.0, 640.0), "n3": (-700.0, 80.0)})
    scattered_places = {n.id: (n.x, n.y) for n in hand.graph.nodes}
    hand.scene.animate = True
    hand.page.verbs.arrange()
    item = hand.scene.nodes["n1"]
    assert (item.x(), item.y()) == scattered_places["n1"]
    qtbot.waitUntil(lambda: (item.x(), item.y()) != scattered_places["n1"], timeout=30_000)
    hand.session.undo()
    qtbot.waitUntil(lambda: (item.x(), item.y()) == scattered_places["n1"], timeout=30_000)
    hand.session.redo()
    wanted = {n.id: (n.x, n.y) for n in hand.graph.nodes}
    qtbot.waitUntil(
        lambda: {i: (one.x(), one.y()) for i, one in hand.scene.nodes.items()} == wanted, timeout=30_000
    )  # fmt: skip
    line = hand.scene.wires["n1", "n2", 0]
    qtbot.waitUntil(lambda: line.path().pointAtPercent(0.0) == line.start(), timeout=30_000)
    hand.scene._stop_motion()


def test_a_skip_goes_round_a_block_that_is_moved_into_its_way(open_page):
    graph = chain(("Input", {}), ("Dense", {"units": 4}), ("Dense", {"units": 4}), ("Add", {}), ("Output", {}))
    hand = open_page(graph)
    hand.page.verbs.move({"n2": (600.0, hand.node("n2").y)})
    hand.page.wishes.connect_blocks("n1", "n3", 1)
    skip = hand.scene.wires["n1", "n3", 1]
    straight = skip.path().boundingRect().width()
    hand.page.verbs.move({"n2": (hand.node("n1").x, hand.node("n2").y)})
    assert skip.path().boundingRect().width() > straight + 50
    hand.page.verbs.move({"n2": (600.0, hand.node("n2").y)})
    assert skip.path().boundingRect().width() == straight
    hand.page.verbs.put("Dropout", (hand.node("n1").x, hand.node("n1").y + 100))
    assert skip.path().boundingRect().width() > straight + 50


def test_a_block_without_wires_dragged_onto_a_wire_is_put_there(open_page):
    hand = open_page(size=(1400, 900))
    fresh = hand.page.verbs.put("BatchNormalization", (400.0, 40.0))
    hand.view.fit()
    before = hand.graph
    wire = hand.scene.wires["n1", "n2", 0]
    grip = hand.body(fresh) - hand.view.mapFromScene(hand.scene.nodes[fresh].pos() + QPoint(100, 32))
    target = hand.view.mapFromScene(wire.path().pointAtPercent(0.5)) + grip
    hand.drag(hand.body(fresh), target, release=False)
    assert wire._lit
    QTest.mouseRelease(hand.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, target)
    assert {("n1", fresh, 0), (fresh, "n2", 0)} <= hand.wires()
    assert ("n1", "n2", 0) not in hand.wires()
    assert hand.scene.chosen_nodes() == [fresh]
    item = hand.scene.nodes[fresh]
    assert (item.x(), item.y()) == (hand.node(fresh).x, hand.node(fresh).y)
    hand.session.undo()
    assert hand.graph == before
    assert (item.x(), item.y()) == (400.0, 40.0)


def test_a_wired_block_dragged_over_a_wire_is_only_moved(open_page):
    hand = open_page(size=(1400, 900))
    before = hand.wires()
    place = hand.view.mapFromScene(hand.scene.wires["n2", "n3", 0].path().pointAtPercent(0.5))
    hand.drag(hand.body("n1"), place)
    assert hand.wires() == before
    assert not any(line._lit for line in hand.scene.wires.values())


def test_a_wire_let_go_over_empty_ground_offers_pieces_and_adds_one_as_a_branch(open_page):
    hand = open_page(dense_net())
    before = len(hand.graph.nodes)
    hand.drag(hand.output("n1"), hand.output("n1") + QPoint(220, 40))
    pop = QApplication.activePopupWidget()
    assert isinstance(pop, QuickAdd)
    QTest.keyClicks(pop.palette_.search, "dense + dropout")
    QTest.keyClick(pop.palette_.search, Qt.Key.Key_Return)
    assert len(hand.graph.nodes) > before + 1
    assert [group.name for group in hand.graph.groups] == ["Dense + dropout"]
    inside = {n.id for n in hand.graph.nodes if n.group}
    fed = [wire.target for wire in hand.graph.out_of("n1")]
    assert "n2" in fed
    assert inside & set(fed)
    hand.session.undo()
    assert len(hand.graph.nodes) == before


def test_a_wire_pulled_out_of_an_input_takes_a_piece_before_it(open_page):
    hand = open_page(chain(("Dense", {"units": 3}), ("Output", {})))
    hand.drag(hand.input("n0"), hand.input("n0") + QPoint(220, -30))
    pop = QApplication.activePopupWidget()
    assert isinstance(pop, QuickAdd)
    QTest.keyClicks(pop.palette_.search, "dense + dropout")
    QTest.keyClick(pop.palette_.search, Qt.Key.Key_Return)
    (wire,) = hand.graph.into("n0")
    assert hand.node(wire.source).group == hand.graph.groups[0].id


def test_escape_puts_back_what_is_being_dragged(open_page):
    hand = open_page(dense_net())
    before = hand.scene.nodes["n1"].pos()
    hand.drag(hand.body("n1"), hand.body("n1") + QPoint(90, 20), release=False)
    assert hand.scene.nodes["n1"].pos() != before
    hand.key(Qt.Key.Key_Escape)
    assert hand.scene.nodes["n1"].pos() == before
    QTest.mouseRelease(hand.view.viewport(), Qt.MouseButton.LeftButton, pos=hand.body("n1"))
    assert hand.scene.nodes["n1"].pos() == before
    assert not hand.session.document.undo_label


def test_what_is_dragged_to_the_edge_takes_the_canvas_along(open_page, qtbot):
    hand = open_page(dense_net())
    item, port = hand.scene.nodes["n1"], hand.view.viewport()
    before, seen = item.x(), hand.view.horizontalScrollBar().value()
    hand.drag(hand.body("n1"), QPoint(port.width() - 4, 200), release=False)
    at_edge = item.x()
    qtbot.waitUntil(lambda: item.x() > at_edge + 40, timeout=30_000)
    assert hand.view.horizontalScrollBar().value() > seen
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(port.width() - 4, 200))
    assert not hand.view._edge.going
    assert hand.node("n1").x == item.x() > before
    hand.session.undo()
    assert hand.node("n1").x == before


def test_shift_and_click_selects_more_and_takes_one_out_again(open_page):
    hand = open_page(dense_net())
    hand.click(hand.body("n1"))
    port, shift = hand.view.viewport(), Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, shift, hand.body("n2"))
    assert hand.scene.chosen_nodes() == ["n1", "n2"]
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, shift, hand.body("n1"))
    assert hand.scene.chosen_nodes() == ["n2"]


def test_two_fingers_on_a_pad_slide_the_canvas_and_zoom_with_control(open_page):
    hand = open_page(dense_net())
    middle = QPointF(hand.view.viewport().rect().center())

    def slide(held: Qt.KeyboardModifier) -> None:
        event = QWheelEvent(
            middle, hand.view.viewport().mapToGlobal(middle), QPoint(30, 40), QPoint(30, 40),
            Qt.MouseButton.NoButton, held, Qt.ScrollPhase.ScrollUpdate, False,
        )  # fmt: skip
        QApplication.sendEvent(hand.view.viewport(), event)

    before, zoom = hand.body("n1"), hand.view.zoom()
    slide(Qt.KeyboardModifier.NoModifier)
    assert hand.body("n1") - before == QPoint(30, 40)
    assert hand.view.zoom() == zoom
    slide(Qt.KeyboardModifier.ControlModifier)
    assert hand.view.zoom() > zoom


def test_the_first_block_dropped_on_an_empty_canvas_stays_under_the_pointer(open_page):
    hand = open_page(Graph())
    point = QPoint(90, 110)
    below = hand.view.mapToScene(point)
    hand.page.palette_.list.drag_dropped.emit("Dense", hand.view.viewport().mapToGlobal(point))
    (node,) = hand.graph.nodes
    assert hand.view.mapToScene(point) == below
    item = hand.scene.nodes[node.id]
    assert item.sceneBoundingRect().adjusted(-8, -8, 8, 8).contains(below)


def test_fit_leaves_room_for_the_zoom_bar(open_page):
    wide = [Node(f"w{i}", "Dense", f"w{i}", {"units": 4}, x=200.0 * (i % 6), y=120.0 * (i // 6)) for i in range(48)]
    hand = open_page(Graph(tuple(wide)))
    hand.view.fit()
    bar = hand.page.stage.zoom_bar.geometry()
    for item in hand.scene.nodes.values():
        box = hand.view.mapFromScene(item.mapRectToScene(item.card())).boundingRect()
        assert not box.intersects(bar)


def test_an_own_block_that_cannot_follow_here_is_greyed_and_says_why(open_page):
    hand = open_page()
    nodes = (Node("a", "Dropout", "dropout", {"rate": 0.1}), Node("b", "Conv2D", "conv", {"filters": 4}))
    piece = Graph(nodes, (Wire(SOURCE, "a", 0), Wire("a", "b", 0)))
    row = Graph(nodes[:1], (Wire(SOURCE, "a", 0),))
    library = hand.page.grouping.library
    library.own = (OwnBlock("Mine", piece, Path("mine.json")), OwnBlock("Any", row, Path("any.json")))
    mine, anything, *_ = library.pieces((None, 16))
    assert mine.why == "Mine needs a picture; here is 16."
    assert mine.note == "pictures"
    assert anything.why == ""
    assert library.pieces((None, 28, 28, 1))[0].why == ""
    assert library.pieces(None)[0].why == ""
