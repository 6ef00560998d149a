"""The canvas with real mouse and key events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from tests.ui.model.conftest import chain, dense_net, facts_of
from workbench.core.facts import Repair
from workbench.core.layout import arrange
from workbench.core.project import Graph, Node, Wire
from workbench.ui.model.canvas.brushes import text_width, whole_parts
from workbench.ui.model.canvas.routing import distance
from workbench.ui.model.palette import LayerList
from workbench.ui.model.quick import QuickAdd

# The off-screen platform has no window manager to raise a pop-up and hand it the keyboard.
opens_popup = pytest.mark.qt_log_ignore("This plugin does not support")

CONTROL = Qt.KeyboardModifier.ControlModifier


def palette_row(hand, kind: str) -> tuple[LayerList, QPoint]:
    hand.page.palette_.search.setText(kind)
    rows = hand.page.palette_.list
    for row in range(rows.topLevelItemCount()):
        item = rows.topLevelItem(row)
        if rows.kind_of(item) == kind:
            rows.scrollToItem(item)
            return rows, rows.visualItemRect(item).center()
    raise AssertionError(f"no row for {kind}")


def drag_from_palette(hand, kind: str, place: QPoint, *, release: bool = True) -> None:
    rows, start = palette_row(hand, kind)
    port = rows.viewport()
    end = port.mapFromGlobal(hand.view.viewport().mapToGlobal(place))
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, 8):
        QTest.mouseMove(port, start + (end - start) * step / 7)
    if release:
        QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)


def test_a_layer_dragged_onto_a_wire_is_inserted_there_and_undo_takes_it_out(open_page):
    hand = open_page()
    before = hand.graph
    drag_from_palette(hand, "BatchNormalization", hand.middle_of_wire("n1", "n2"), release=False)
    assert hand.scene.wires["n1", "n2", 0]._lit
    assert hand.page.dragging.ghost.isVisible()
    drag_from_palette(hand, "BatchNormalization", hand.middle_of_wire("n1", "n2"))
    fresh = next(n.id for n in hand.graph.nodes if n.kind == "BatchNormalization")
    assert {("n1", fresh, 0), (fresh, "n2", 0)} <= hand.wires()
    assert ("n1", "n2", 0) not in hand.wires()
    assert hand.scene.chosen_nodes() == [fresh]
    assert not hand.page.dragging.ghost.isVisible()
    hand.session.undo()
    assert hand.graph == before


def test_a_layer_dragged_onto_empty_ground_stays_unwired_where_it_fell(open_page):
    hand = open_page()
    place = QPoint(140, 300)
    middle = hand.view.mapToScene(place)
    drag_from_palette(hand, "Flatten", place)
    node = next(n for n in hand.graph.nodes if n.kind == "Flatten")
    assert not any(node.id in (w.source, w.target) for w in hand.graph.wires)
    assert abs(node.x + 100 - middle.x()) <= 8
    assert abs(node.y + 32 - middle.y()) <= 8
    assert node.x % 8 == node.y % 8 == 0


def test_escape_gives_up_a_drag_from_the_palette(open_page):
    hand = open_page()
    before = hand.graph
    drag_from_palette(hand, "Flatten", QPoint(80, 300), release=False)
    QTest.keyClick(hand.page.palette_.list, Qt.Key.Key_Escape)
    assert not hand.page.dragging.ghost.isVisible()
    QTest.mouseRelease(hand.page.palette_.list.viewport(), Qt.MouseButton.LeftButton)
    assert hand.graph == before


def two_branches() -> Graph:
    nodes = (
        Node("i", "Input", "input", {}, 100, 0),
        Node("a", "Dense", "left", {"units": 4}, 0, 120),
        Node("b", "Dense", "right", {"units": 4}, 240, 120),
        Node("add", "Add", "add", {}, 100, 260),
        Node("o", "Output", "output", {}, 100, 400),
    )
    wires = (Wire("i", "a"), Wire("i", "b"), Wire("a", "add", 0), Wire("add", "o"))
    return Graph(nodes, wires)


def test_dragging_from_port_to_port_wires_two_blocks(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.output("b"), hand.input("add", 1))
    assert ("b", "add", 1) in hand.wires()
    assert hand.session.document.undo_label == "Connect"
    hand.session.undo()
    assert ("b", "add", 1) not in hand.wires()


def test_dropping_a_wire_on_the_body_takes_the_first_free_input(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.output("b"), hand.body("add"))
    assert ("b", "add", 1) in hand.wires()


def test_dragging_backwards_from_a_free_input_wires_too(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.input("add", 1), hand.output("b"))
    assert ("b", "add", 1) in hand.wires()


def test_while_a_wire_is_dragged_it_shows_where_it_can_go(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.output("a"), QPoint(20, 20), release=False)
    assert hand.scene.nodes["i"]._drop == "no"
    assert hand.scene.nodes["b"]._drop == "yes"
    hand.key(Qt.Key.Key_Escape)
    assert hand.scene.nodes["b"]._drop == ""
    assert not hand.scene.wiring


def test_a_circle_is_refused_with_a_word(open_page):
    hand = open_page()
    before = hand.graph
    hand.drag(hand.output("n3"), hand.body("n1"))
    assert hand.graph == before
    assert hand.page.stage.word.isVisible()
    assert "circle" in hand.page.stage.word.text


def test_the_end_of_a_wire_dragged_off_removes_it(open_page):
    hand = open_page()
    hand.drag(hand.input("n2"), hand.input("n2") + QPoint(180, -10))
    assert ("n1", "n2", 0) not in hand.wires()
    hand.session.undo()
    assert ("n1", "n2", 0) in hand.wires()


def test_the_end_of_a_wire_can_be_moved_to_another_block_in_one_step(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.input("a"), hand.body("add"))
    assert ("i", "a", 0) not in hand.wires()
    assert ("i", "add", 1) in hand.wires()
    hand.session.undo()
    assert ("i", "a", 0) in hand.wires()


@opens_popup
def test_a_wire_let_go_over_nothing_offers_layers(open_page):
    hand = open_page(two_branches())
    hand.drag(hand.output("b"), hand.output("b") + QPoint(120, 60))
    pop = hand.page.findChild(QuickAdd)
    assert pop is not None
    QTest.keyClicks(pop.palette_.search, "relu")
    QTest.keyClick(pop.palette_.search, Qt.Key.Key_Return)
    fresh = next(n for n in hand.graph.nodes if n.kind == "ReLU")
    assert ("b", fresh.id, 0) in hand.wires()


def test_dragging_a_block_is_one_step_on_the_grid(open_page):
    hand = open_page()
    start = hand.node("n1")
    hand.drag(hand.body("n1"), hand.body("n1") + QPoint(131, 45))
    moved = hand.node("n1")
    assert (moved.x, moved.y) != (start.x, start.y)
    assert moved.x % 8 == moved.y % 8 == 0
    assert hand.session.document.undo_label == "Move layer"
    hand.session.undo()
    assert hand.node("n1") == start
    assert hand.session.document.undo_label == ""
    assert hand.scene.nodes["n1"].x() == start.x


def test_several_are_selected_by_a_band_and_moved_together(open_page):
    hand = open_page()
    top, low = hand.view.mapFromScene(QPointF(-60, -40)), hand.body("n2") + QPoint(260, 20)
    hand.drag(top, low)
    chosen = hand.scene.chosen_nodes()
    assert chosen == ["n0", "n1", "n2"]
    before = {ident: hand.node(ident).x for ident in chosen}
    hand.drag(hand.body("n1"), hand.body("n1") + QPoint(80, 0))
    shifts = {hand.node(ident).x - before[ident] for ident in chosen}
    assert len(shifts) == 1
    assert shifts.pop() > 0
    hand.session.undo()
    assert {ident: hand.node(ident).x for ident in chosen} == before


def test_delete_joins_the_neighbours_and_undo_brings_it_back(open_page):
    hand = open_page()
    before = hand.graph
    hand.click(hand.body("n2"))
    hand.key(Qt.Key.Key_Delete)
    assert "Dropout" not in hand.kinds()
    assert ("n1", "n3", 0) in hand.wires()
    assert hand.scene.chosen_nodes() == ["n1"]
    hand.session.undo()
    assert hand.graph == before


def test_a_wire_is_selected_and_deleted(open_page):
    hand = open_page()
    hand.click(hand.middle_of_wire("n1", "n2"))
    assert [(w.source, w.target) for w in hand.scene.chosen_wires()] == [("n1", "n2")]
    hand.key(Qt.Key.Key_Delete)
    assert ("n1", "n2", 0) not in hand.wires()
    assert len(hand.graph.nodes) == 5


def test_copy_paste_cut_and_duplicate(open_page):
    hand = open_page()
    hand.scene.choose(["n1", "n2"])
    hand.key(Qt.Key.Key_C, CONTROL)
    hand.key(Qt.Key.Key_V, CONTROL)
    assert hand.kinds().count("Dropout") == 2
    pasted = hand.scene.chosen_nodes()
    assert len(pasted) == 2
    assert (pasted[0], pasted[1], 0) in hand.wires()
    assert len({node.name for node in hand.graph.nodes}) == len(hand.graph.nodes)
    hand.key(Qt.Key.Key_D, CONTROL)
    assert hand.kinds().count("Dropout") == 3
    hand.key(Qt.Key.Key_X, CONTROL)
    assert hand.kinds().count("Dropout") == 2
    hand.key(Qt.Key.Key_V, CONTROL)
    assert hand.kinds().count("Dropout") == 3


def test_paste_without_layers_says_so(open_page):
    hand = open_page()
    QApplication.clipboard().setText("a,b\n1,2")
    hand.key(Qt.Key.Key_V, CONTROL)
    assert "no layers" in hand.page.stage.word.text


def test_arrow_keys_walk_the_graph(open_page):
    hand = open_page(two_branches())
    hand.scene.choose(["i"])
    hand.key(Qt.Key.Key_Down)
    assert hand.scene.chosen_nodes() in (["a"], ["b"])
    hand.scene.choose(["a"])
    hand.key(Qt.Key.Key_Right)
    assert hand.scene.chosen_nodes() == ["b"]
    hand.key(Qt.Key.Key_Up)
    assert hand.scene.chosen_nodes() == ["i"]
    hand.key(Qt.Key.Key_End)
    assert hand.scene.chosen_nodes() == ["o"]


def test_control_and_arrows_move_by_the_grid_as_one_step(open_page):
    hand = open_page()
    hand.scene.choose(["n1"])
    x = hand.node("n1").x
    for _ in range(3):
        hand.key(Qt.Key.Key_Right, CONTROL)
    assert hand.node("n1").x == x + 24
    hand.session.undo()
    assert hand.node("n1").x == x


def test_letters_and_slash_begin_a_search_and_enter_appends(open_page):
    hand = open_page()
    hand.scene.choose(["n1"])
    hand.key(Qt.Key.Key_B)
    search = hand.page.palette_.search
    assert search.hasFocus()
    assert search.text() == "b"
    QTest.keyClicks(search, "atch norm")
    QTest.keyClick(search, Qt.Key.Key_Return)
    fresh = next(n.id for n in hand.graph.nodes if n.kind == "BatchNormalization")
    assert {("n1", fresh, 0), (fresh, "n2", 0)} <= hand.wires()
    hand.view.setFocus()
    hand.key(Qt.Key.Key_Slash)
    assert search.hasFocus()
    assert search.text() == ""


def test_double_click_on_a_row_appends_and_on_a_block_edits(open_page):
    hand = open_page()
    rows, place = palette_row(hand, "Dense")
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert hand.kinds().count("Dense") == 3
    feeding = next(w.source for w in hand.graph.wires if w.target == "n4")
    assert hand.node(feeding).kind == "Dense"
    assert feeding != "n3"
    hand.click(hand.body("n1"), double=True)
    assert hand.page.findChild(QLineEdit, "field-units").hasFocus()


def test_zoom_by_keys_and_wheel_keeps_the_point_under_the_pointer(open_page):
    hand = open_page()
    hand.key(Qt.Key.Key_Plus)
    assert hand.view.zoom() > 1
    hand.key(Qt.Key.Key_0)
    assert hand.view.zoom() == 1
    place = hand.body("n2")
    under = hand.view.mapToScene(place)
    event = QWheelEvent(
        QPointF(place),
        QPointF(hand.view.viewport().mapToGlobal(place)),
        QPoint(0, 0),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hand.view.viewport(), event)
    assert hand.view.zoom() < 1
    after = hand.view.mapToScene(place)
    assert (after - under).manhattanLength() < 3
    hand.key(Qt.Key.Key_F)
    assert hand.view.zoom() == 1


def test_middle_drag_pans_and_changes_nothing(open_page):
    hand = open_page()
    place = hand.body("n1")
    hand.drag(place, place + QPoint(50, 30), button=Qt.MouseButton.MiddleButton)
    assert (hand.body("n1") - place - QPoint(50, 30)).manhattanLength() <= 2
    assert hand.session.document.undo_label == ""


@opens_popup
def test_menus_offer_what_the_thing_can_do(open_page):
    hand = open_page()
    item = hand.scene.nodes["n2"]
    menu = hand.page.menus.open(item.sceneBoundingRect().center(), QPoint(200, 200))
    assert isinstance(menu, QMenu)
    titles = [action.text() for action in menu.actions()]
    for wanted in ("Duplicate", "Replace by…", "Disconnect", "Delete"):
        assert wanted in titles
    next(a for a in menu.actions() if a.text() == "Replace by…").trigger()
    menu.close()
    pop = hand.page.findChild(QuickAdd)
    QTest.keyClicks(pop.palette_.search, "gaussian noise")
    QTest.keyClick(pop.palette_.search, Qt.Key.Key_Return)
    assert hand.node("n2").kind == "GaussianNoise"
    assert {("n1", "n2", 0), ("n2", "n3", 0)} <= hand.wires()


def test_the_menu_key_opens_the_menu_of_the_selection(open_page):
    hand = open_page()
    hand.click(hand.body("n2"), right=True)
    assert hand.scene.chosen_nodes() == ["n2"]


def test_replacing_the_whole_graph_keeps_what_stays_and_shows_what_is_new(open_page):
    hand = open_page()
    item = hand.scene.nodes["n1"]
    other = chain(("Input", {}), ("Dense", {"units": 3}), ("Output", {}))
    hand.page.verbs.accept(Repair("Start from", other))
    assert set(hand.scene.nodes) == {"n0", "n1", "n2"}
    assert hand.scene.nodes["n1"] is item
    assert set(hand.scene.wires) == {("n0", "n1", 0), ("n1", "n2", 0)}


def test_three_hundred_blocks_are_painted_within_a_frame(open_page):
    nodes = [Node("n0", "Input", "input")]
    wires = []
    for place in range(1, 300):
        nodes.append(Node(f"n{place}", "Dense", f"dense_{place}", {"units": 64, "activation": "relu"}))
        wires.append(Wire(f"n{max(0, place - 6)}", f"n{place}"))
    graph = arrange(Graph(tuple(nodes), tuple(wires)))
    hand = open_page(graph)
    hand.session.graph_facts = facts_of(graph)
    hand.session.graph_checked.emit()
    for zoom in (0.12, 0.3, 1.0):
        hand.view.set_zoom(zoom)
        picture = QImage(hand.view.viewport().size(), QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(0)
        painter = QPainter(picture)
        hand.view.render(painter)
        painter.end()
        colors = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
        assert len(colors) > 3  # blocks and wires, not an empty ground


def test_a_tall_graph_has_an_overview_that_moves_the_view(open_page):
    graph = chain(("Input", {}), *[("Dense", {"units": 8})] * 60, ("Output", {}))
    hand = open_page(graph)
    overview = hand.page.stage.minimap
    assert overview.isVisible()
    before = hand.view.mapToScene(QPoint(0, 0)).y()
    QTest.mouseClick(
        overview,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(overview.width() // 2, overview.height() - 10),
    )
    assert hand.view.mapToScene(QPoint(0, 0)).y() > before + 1000
    hand.key(Qt.Key.Key_F)
    assert not overview.isVisible()


def test_of_two_wires_near_the_pointer_the_nearer_is_taken(open_page):
    hand = open_page(dense_net())
    straight = hand.scene.wires["n0", "n1", 0]
    point = straight.path().pointAtPercent(0.5)
    for line in hand.scene.wires.values():
        middle = line.path().pointAtPercent(0.5)
        assert hand.scene.wire_at(middle + QPointF(3, 0), 120.0) is line
    assert distance(straight.path(), point + QPointF(9, 0)) == pytest.approx(9)


def test_a_window_made_smaller_behind_another_page_shows_the_blocks_when_it_comes_back(open_page):
    hand = open_page(dense_net())
    page, view = hand.page, hand.view
    page.resize(1800, 1000)
    view.fit()
    page.hide()
    page.resize(900, 600)  # as a hidden page of the window is: the canvas hears of it when it is shown
    page.show()
    QTest.qWait(0)
    box = hand.scene.content_rect()
    assert view.mapToScene(view.viewport().rect()).boundingRect().contains(box)


def test_settings_too_long_for_a_block_lose_whole_parts_from_the_end(qtbot):
    room = int(text_width("32 · 3×3", 12, 400)) + 1
    assert whole_parts("32 · 3×3 · relu", room) == "32 · 3×3"
    assert whole_parts("32 · 3×3 · relu", 1) == "32"
