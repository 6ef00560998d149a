"""Groups on the canvas by mouse and keys: made, folded, moved, wired, copied, repeated, kept; pieces of the palette."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolButton

from tests.ui.model.conftest import Hand, chain, facts_of
from tests.ui.model.test_gestures import PICTURES, popup, row_of
from workbench.core import blocks
from workbench.core.edits_groups import fold, make_group
from workbench.core.facts import Problem
from workbench.core.groups import members
from workbench.core.project import Project
from workbench.core.wiring import topological_order
from workbench.ui.model.layer_list import FITS, KIND
from workbench.ui.model.picture import svg_of
from workbench.ui.model.side import CODE

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
opens_popup = pytest.mark.qt_log_ignore("This plugin does not support")


def net():
    """n0 Input, n1 Dense, n2 ReLU, n3 Dense, n4 ReLU, n5 Dense, n6 Output."""
    dense = ("Dense", {"units": 16})
    return chain(("Input", {}), dense, ("ReLU", {}), dense, ("ReLU", {}), ("Dense", {"units": 3}), ("Output", {}))


@pytest.fixture
def hand(open_page) -> Hand:
    """A page with n1 and n2 in the group g, called Encoder."""
    opened = open_page(make_group(["n1", "n2"], "Encoder", "g")(Project(graph=net())).graph)
    opened.session.changed.connect(lambda _change: fresh_facts(opened))
    opened.page.grouping.questions = Answers()
    return opened


def fresh_facts(hand: Hand, problems=()) -> None:
    hand.session.graph_facts = facts_of(hand.graph, problems)
    hand.session.graph_checked.emit()


class Answers:
    """In place of the dialogs."""

    number: int | None = 3
    name: str | None = "My brick"

    def times(self, _parent, _name):
        return self.number

    def block_name(self, _parent, _suggestion, taken):
        self.taken = taken
        return self.name


def title(hand: Hand, ident: str = "g") -> QPoint:
    """A place on the name of an open group."""
    return hand.view.mapFromScene(hand.scene.frames.items[ident].title().center())


def button(hand: Hand, ident: str = "g") -> QPoint:
    return hand.view.mapFromScene(hand.scene.frames.items[ident].button().center())


def order(hand: Hand) -> list[str]:
    return [hand.node(i).kind for i in topological_order(hand.graph)]


# ---- making and unmaking ---------------------------------------------------------------------------------------


def test_control_g_groups_what_is_selected_and_asks_for_its_name_on_the_spot(open_page):
    hand = open_page(net())
    hand.scene.choose(["n1", "n2"])
    hand.key(Qt.Key.Key_G, CONTROL)
    (made,) = hand.graph.groups
    assert members(hand.graph, made.id) == ("n1", "n2")
    field = hand.page.grouping.field
    assert field.isVisible()
    assert field.selectedText() == "Block"
    QTest.keyClicks(field, "Stem")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert hand.graph.groups[0].name == "Stem"
    assert not field.isVisible()
    assert hand.scene.chosen_group() == made.id
    assert hand.page.side.inspector.group.name.text() == "Stem"
    hand.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert not hand.graph.groups
    assert hand.scene.chosen_nodes() == ["n1", "n2"]
    for _ in range(3):
        hand.session.undo()
    assert hand.graph == net()


def test_the_ends_cannot_be_grouped_and_nothing_selected_is_said(open_page):
    hand = open_page(net())
    hand.scene.choose(["n0", "n1"])
    hand.key(Qt.Key.Key_G, CONTROL)
    assert "Inputs and Outputs" in hand.page.stage.word.text
    hand.scene.choose([])
    hand.key(Qt.Key.Key_G, CONTROL)
    assert "Select the layers" in hand.page.stage.word.text
    hand.key(Qt.Key.Key_G, CONTROL | SHIFT)
    assert "in a group" in hand.page.stage.word.text
    assert not hand.graph.groups


def test_a_name_that_is_taken_or_left_by_escape_changes_nothing(hand):
    hand.scene.choose(["n3", "n4"])
    hand.key(Qt.Key.Key_G, CONTROL)
    field = hand.page.grouping.field
    field.setText("Encoder")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "already called Encoder" in hand.page.stage.word.text
    hand.click(title(hand), double=True)
    assert field.isVisible()
    field.setText("Else")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert [g.name for g in hand.graph.groups] == ["Encoder", "Block"]


def test_f2_renames_the_selected_group_and_goes_into_the_name_of_a_selected_layer(hand):
    hand.click(title(hand))
    hand.key(Qt.Key.Key_F2)
    assert hand.page.grouping.field.isVisible()
    QTest.keyClicks(hand.page.grouping.field, "Head")
    hand.view.setFocus()
    assert hand.graph.groups[0].name == "Head", "a click elsewhere takes what is typed"
    hand.click(hand.body("n3"))
    hand.key(Qt.Key.Key_F2)
    assert hand.page.side.inspector.name.hasFocus()


# ---- folding ---------------------------------------------------------------------------------------------------


def test_the_arrow_of_a_frame_folds_it_to_a_block_that_sums_it_up_and_its_arrow_opens_it(hand):
    fresh_facts(hand)
    start = hand.graph
    hand.click(button(hand))
    assert set(hand.scene.nodes) == {"n0", "g", "n3", "n4", "n5", "n6"}
    assert not hand.scene.frames.items
    look = hand.scene.nodes["g"].look
    assert (look.title, look.layers, look.shape, look.count) == ("Encoder", 2, "16", "80")
    assert "2 layers" in look.second
    assert hand.scene.chosen_group() == "g"
    item = hand.scene.nodes["g"]
    hand.click(hand.view.mapFromScene(item.pos() + QPoint(182, 16)))
    assert hand.graph == start
    assert "n1" in hand.scene.nodes
    hand.click(button(hand))
    hand.click(hand.body("g"), double=True)
    assert hand.graph == start


def test_the_worst_problem_inside_is_on_the_folded_block_and_going_there_opens_it(hand):
    hand.click(button(hand))
    wrong = Problem("error", "It has no units.", "n1")
    fresh_facts(hand, [wrong, Problem("warning", "Slow.", "n2")])
    look = hand.scene.nodes["g"].look
    assert look.severity == "error"
    assert look.problem.startswith("It has no units.")
    assert "dense: It has no units." in hand.page.side.inspector.note.text()
    hand.page.side.problems.node_wanted.emit("n1")
    assert hand.scene.chosen_nodes() == ["n1"]
    assert not hand.graph.groups[0].folded


def test_the_finder_and_the_list_in_the_form_reveal_a_hidden_layer(hand):
    hand.click(button(hand))
    hand.page.show_item("n2")
    assert hand.scene.chosen_nodes() == ["n2"]
    hand.click(button(hand))
    card = hand.page.side.inspector.group
    card.list.itemClicked.emit(card.list.topLevelItem(0), 0)
    assert hand.scene.chosen_nodes() == ["n1"]


def test_folding_moves_visibly_and_ends_with_what_the_document_says(hand, qtbot):
    hand.scene.animate = True
    for folded in (True, False):
        hand.page.grouping.fold("g", folded)
        motion = hand.scene._motion
        assert motion is not None
        with qtbot.waitSignal(motion.finished, timeout=30_000):
            pass
        assert {i: (item.x(), item.y()) for i, item in hand.scene.nodes.items()} == {
            n.id: (n.x, n.y) for n in hand.page.wishes.shown.graph.nodes
        }
        blocks_drawn = [item for item in hand.scene.items() if type(item).__name__ == "NodeItem"]
        assert len(blocks_drawn) == len(hand.scene.nodes)
    hand.page.grouping.fold("g", True)
    hand.page.grouping.fold("g", False)  # while the first is still on its way
    assert {"n1", "n2"} <= set(hand.scene.nodes)
    assert len([i for i in hand.scene.items() if type(i).__name__ == "NodeItem"]) == len(hand.scene.nodes)


# ---- gestures with groups --------------------------------------------------------------------------------------


def test_dragging_the_name_moves_all_of_it_in_one_step(hand):
    before = hand.graph
    hand.drag(title(hand), title(hand) + QPoint(160, 16))
    moved = {i: (hand.node(i).x - before.node(i).x, hand.node(i).y - before.node(i).y) for i in ("n1", "n2", "n3")}
    assert moved["n1"] == moved["n2"] != (0, 0)
    assert moved["n3"] == (0, 0)
    assert hand.scene.frames.items["g"].box().contains(hand.scene.nodes["n1"].sceneBoundingRect().center())
    hand.session.undo()
    assert hand.graph == before


def test_a_folded_group_is_dragged_nudged_and_arranged_as_one_block(hand):
    hand.click(button(hand))
    gap = hand.node("n2").y - hand.node("n1").y
    x = hand.node("n1").x
    hand.drag(hand.body("g"), hand.body("g") + QPoint(120, 0))
    assert hand.node("n1").x == hand.node("n2").x > x
    hand.key(Qt.Key.Key_Right, CONTROL)
    hand.page.verbs.arrange()
    assert hand.node("n2").y - hand.node("n1").y == gap, "what is inside keeps its places"
    ys = sorted(n.y for n in hand.page.wishes.shown.graph.nodes)
    assert {b - a for a, b in pairwise(ys)} == {104}


def test_wires_of_a_folded_group_are_pulled_off_and_put_back(hand):
    hand.click(button(hand))
    before = hand.wires()
    hand.drag(hand.input("g"), hand.input("g") + QPoint(240, -20))
    assert hand.wires() == before - {("n0", "n1", 0)}
    hand.drag(hand.output("n0"), hand.body("g"))
    assert hand.wires() == before
    hand.drag(hand.output("n4"), hand.body("g"))
    assert "circle" in hand.page.stage.word.text
    assert hand.wires() == before
    hand.drag(hand.input("n3"), hand.input("n3") + QPoint(240, -20))
    hand.drag(hand.output("g"), hand.body("n4"))
    assert {("n2", "n4", 0)} <= hand.wires()


def test_layers_are_put_behind_a_folded_group_and_on_its_wires(hand):
    hand.click(button(hand))
    QTest.keyClicks(hand.page.palette_.search, "dropout")
    QTest.keyClick(hand.page.palette_.search, Qt.Key.Key_Return)
    made = hand.graph.nodes[-1]
    assert {("n2", made.id, 0), (made.id, "n3", 0)} <= hand.wires()
    assert made.group == "", "behind the group, not hidden in it"
    shown = hand.page.wishes.shown.graph
    assert shown.node("g").y < made.y < shown.node("n3").y
    wire = next(w for w in shown.wires if w.target == "g")
    hand.scene.choose([])
    hand.scene.wires["n0", "g", wire.port].setSelected(True)
    hand.page.append("Activation")
    assert {("n0", hand.graph.nodes[-1].id, 0), (hand.graph.nodes[-1].id, "n1", 0)} <= hand.wires()


def test_delete_takes_the_group_with_what_is_in_it_and_closes_the_gap(hand):
    hand.click(title(hand))
    hand.key(Qt.Key.Key_Delete)
    assert ("n0", "n3", 0) in hand.wires()
    assert not hand.graph.groups
    hand.session.undo()
    hand.click(button(hand))
    hand.key(Qt.Key.Key_Delete)
    assert ("n0", "n3", 0) in hand.wires()
    assert "n1" not in {n.id for n in hand.graph.nodes}


@pytest.mark.parametrize("folded", [False, True])
def test_copies_of_a_group_are_groups_also_in_another_project(hand, open_page, folded):
    hand.click(button(hand) if folded else title(hand))
    hand.key(Qt.Key.Key_D, CONTROL)
    assert [(g.name, g.folded) for g in hand.graph.groups] == [("Encoder", folded), ("Encoder 2", folded)]
    assert len(members(hand.graph, hand.graph.groups[1].id)) == 2
    assert hand.scene.chosen_group() == hand.graph.groups[1].id
    hand.key(Qt.Key.Key_C, CONTROL)
    other = open_page(net())
    other.key(Qt.Key.Key_V, CONTROL)
    (pasted,) = other.graph.groups
    assert (pasted.name, pasted.folded) == ("Encoder 2", folded)
    assert [other.node(i).kind for i in members(other.graph, pasted.id)] == ["Dense", "ReLU"]
    other.session.undo()
    assert other.graph == net()
    QGuiApplication.clipboard().clear()


def test_selecting_a_folded_group_marks_the_lines_of_all_its_layers_and_a_line_selects_it(hand):
    hand.page.side.tabs.setCurrentIndex(CODE)
    hand.page.follower._write_code()
    code = hand.page.side.code
    hand.click(button(hand))
    lines = code.marked_lines()
    text = code.text.toPlainText().split("\n")
    assert ["dense = " in text[lines[0] - 1], "re_lu = " in text[lines[-1] - 1]] == [True, True]
    hand.scene.choose([])
    code.node_wanted.emit("n2")
    assert hand.scene.chosen_nodes() == ["g"]
    assert hand.graph.groups[0].folded, "reading the script opens nothing"


@opens_popup
def test_the_menu_of_a_group_repeats_it_with_the_copies_wired_behind_each_other(hand):
    hand.click(title(hand), right=True)
    hand.page.menus.open(hand.scene.frames.items["g"].title().center(), QPoint(300, 300))
    menu = popup(hand.page, QMenu)
    titles = [a.text() for a in menu.actions() if a.text()]
    assert {"Fold", "Rename…", "Repeat…", "Keep as a block…", "Ungroup", "Delete Encoder"} <= set(titles)
    next(a for a in menu.actions() if a.text() == "Repeat…").trigger()
    menu.close()
    assert [g.name for g in hand.graph.groups] == ["Encoder", "Encoder 2", "Encoder 3"]
    assert order(hand) == ["Input", *["Dense", "ReLU"] * 4, "Dense", "Output"]
    hand.page.grouping.questions.number = None
    before = hand.graph
    hand.page.grouping.repeat("g")
    assert hand.graph is before, "backing out changes nothing"


def test_the_form_of_a_group_renames_colours_folds_and_takes_it_apart(hand):
    fresh_facts(hand)
    hand.click(title(hand))
    card = hand.page.side.inspector.group
    assert card.isVisible()
    assert "80" in hand.page.side.inspector.facts.text()
    assert [card.list.topLevelItem(i).text(0) for i in range(2)] == ["dense", "re_lu"]
    card.name.selectAll()
    QTest.keyClicks(card.name, "Trunk")
    QTest.keyClick(card.name, Qt.Key.Key_Return)
    assert hand.graph.groups[0].name == "Trunk"
    card.findChild(QToolButton, "group-colour-3").click()
    assert hand.graph.groups[0].colour == 3
    card.fold.click()
    assert hand.graph.groups[0].folded
    assert card.fold.text() == "Open"
    card.fold.click()
    hand.click(hand.body("n3"))
    assert not card.isVisible()
    assert hand.page.side.inspector.form is not None


# ---- pieces ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(open_page) -> Hand:
    from tests.ui.model.test_gestures import conv_net, pictured

    hand = open_page(conv_net(), PICTURES)
    pictured(hand)
    hand.page.grouping.questions = Answers()
    return hand


def fitting(hand: Hand) -> dict[str, bool]:
    layers = hand.page.palette_.list
    heads = [layers.topLevelItem(i) for i in range(layers.topLevelItemCount())]
    head = next(h for h in heads if h.text(0) == "Blocks")
    return {head.child(i).data(0, KIND).split(":")[1]: head.child(i).data(0, FITS) for i in range(head.childCount())}


def test_pieces_that_do_not_fit_behind_the_selection_are_grey_and_say_why(pictures):
    pictures.click(pictures.body("n1"))
    fits = fitting(pictures)
    assert fits["residual"]
    assert not fits["transformer-encoder"]
    pictures.click(pictures.body("n2"))
    fits = fitting(pictures)
    assert fits["dense-dropout"]
    assert not fits["residual"]
    pictures.page.append("block:residual")
    assert "needs a sequence" in pictures.page.stage.word.text
    assert not pictures.graph.groups


def test_a_double_click_puts_a_piece_behind_the_selection_sized_to_what_flows_there(pictures):
    pictures.click(pictures.body("n1"))
    layers = pictures.page.palette_.list
    place = row_of(layers, "block:residual")
    QTest.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QTest.mouseDClick(layers.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    (made,) = pictures.graph.groups
    assert made.name == "Residual block"
    assert pictures.scene.chosen_group() == made.id
    inside = members(pictures.graph, made.id)
    assert any(pictures.node(i).kind == "Add" for i in inside)
    assert ("n1", "n2", 0) not in pictures.wires()
    ys = [pictures.node(i).y for i in inside]
    assert pictures.node("n1").y < min(ys) <= max(ys) < pictures.node("n2").y, "what follows made room"
    pictures.session.undo()
    assert len(pictures.graph.nodes) == 4


def test_a_piece_is_dragged_onto_a_wire_and_onto_free_ground(pictures):
    layers = pictures.page.palette_.list
    drop = layers.drag_dropped
    viewport = pictures.view.viewport()
    layers.drag_moved.emit("block:conv-bn-relu", viewport.mapToGlobal(pictures.middle_of_wire("n1", "n2")))
    assert pictures.page.dragging.ghost.isVisible()
    drop.emit("block:conv-bn-relu", viewport.mapToGlobal(pictures.middle_of_wire("n1", "n2")))
    assert [n.kind for n in pictures.graph.nodes[4:]] == ["Conv2D", "BatchNormalization", "ReLU"]
    assert ("n1", pictures.graph.nodes[4].id, 0) in pictures.wires()
    free = pictures.view.mapToGlobal(QPoint(40, 60))
    drop.emit("block:transformer-encoder", free)
    group = pictures.graph.groups[-1]
    inside = set(members(pictures.graph, group.id))
    assert all(w.source in inside for w in pictures.graph.wires if w.target in inside), "it is not wired yet"


def test_the_search_finds_pieces_by_other_names(pictures):
    pictures.page.palette_.search.setText("resnet")
    assert "block:residual" in pictures.page.palette_.shown()
    pictures.page.palette_.search.setText("dense")
    assert pictures.page.palette_.list.kind_of(pictures.page.palette_.list.currentItem()) == "Dense"


@opens_popup
def test_a_group_is_kept_as_a_block_used_again_and_removed(hand):
    hand.click(title(hand))
    hand.page.side.inspector.group.keep_wanted.emit("g")
    assert [b.name for b in blocks.own_blocks()[0]] == ["My brick"]
    assert "kept" in hand.page.stage.word.text
    hand.click(hand.body("n4"))
    hand.page.append("own:My brick")
    assert hand.graph.groups[-1].name == "My brick"
    assert order(hand) == ["Input", *["Dense", "ReLU"] * 3, "Dense", "Output"]
    layers = hand.page.palette_.list
    row_of(layers, "own:My brick")
    layers.menu_wanted.emit("own:My brick", QPoint(40, 40))
    menu = popup(hand.page.palette_, QMenu)
    next(a for a in menu.actions() if a.text().startswith("Remove")).trigger()
    menu.close()
    assert blocks.own_blocks() == ((), ())
    assert "own:My brick" not in hand.page.palette_.shown()


def test_a_group_with_two_sources_cannot_be_kept_and_a_damaged_file_is_told(open_page):
    (blocks.own_folder()).mkdir(parents=True)
    (blocks.own_folder() / "broken.json").write_text("{")
    hand = open_page(net())
    assert "broken.json is no block" in hand.page.stage.word.text
    hand.page.grouping.questions = Answers()
    hand.page.grouping.keep()
    assert "Select a group first" in hand.page.stage.word.text


# ---- with the rest ---------------------------------------------------------------------------------------------


def test_a_picture_shows_groups_folded_or_framed_as_they_are(hand):
    page = hand.page
    assert b"Encoder" in svg_of(hand.graph, page.looks_now(), "", page.frames_now())
    hand.click(button(hand))
    drawn = svg_of(hand.graph, page.looks_now(), "", page.frames_now())
    assert b"2 layers" in drawn
    assert b"re_lu_1" in drawn, "the other layers are drawn as ever"


def test_groups_in_groups_have_frames_round_each_other(hand):
    hand.scene.choose(["n1", "n2", "n3"])
    hand.key(Qt.Key.Key_G, CONTROL)
    QTest.keyClick(hand.page.grouping.field, Qt.Key.Key_Return)
    inner = hand.scene.frames.items["g"]
    outer = next(f for f in hand.scene.frames.items.values() if f is not inner)
    assert outer.box().contains(inner.box())
    assert outer.zValue() < inner.zValue()
    hand.click(button(hand))
    assert set(outer.look.ids) == {"g", "n3"}
    hand.page.grouping.fold_all(True)
    assert {"n1", "n3", "g"}.isdisjoint(hand.scene.nodes)
    hand.page.grouping.fold_all(False)
    assert {"n1", "n3"} <= set(hand.scene.nodes)


def test_groups_are_there_after_the_theme_changes_and_while_a_run_trains(hand):
    from workbench.ui import theme

    hand.session.apply(fold("g"), "Fold")
    theme.apply(QApplication.instance(), "dark")
    hand.page.grab()
    hand.click(hand.body("g"))
    hand.page.grab()
    theme.apply(QApplication.instance(), "light")


def test_a_network_is_folded_by_the_names_of_its_layers_in_one_step(open_page):
    hand = open_page(net())
    for ident, name in (
        ("n1", "block_1_dense"),
        ("n2", "block_1_relu"),
        ("n3", "block_2_dense"),
        ("n4", "block_2_relu"),
    ):
        hand.page.verbs.rename(ident, name)
    before = hand.graph
    hand.page.grouping.by_names()
    assert [hand.scene.nodes[g.id].look.title for g in hand.graph.groups] == ["block_1", "block_2"]
    hand.session.undo()
    assert hand.graph == before
    hand.page.grouping.by_names()
    hand.page.grouping.by_names()
    assert "tell of no parts" in hand.page.stage.word.text
