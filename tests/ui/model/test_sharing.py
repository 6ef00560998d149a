"""One layer at several places of the canvas, by mouse, keys, menu, palette and form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.model.conftest import Hand, chain, facts_of
from tests.ui.model.test_gestures import popup, row_of
from workbench.core.edits_sharing import use_again
from workbench.core.facts import GraphFacts
from workbench.core.project import Project
from workbench.core.sharing import shared
from workbench.ui.model.layer_list import KIND
from workbench.ui.model.library import AGAIN
from workbench.ui.model.looks import looks_of
from workbench.ui.model.quick import QuickAdd
from workbench.ui.model.side import CODE, SUMMARY

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
opens_popup = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def hand(open_page) -> Hand:
    """Input, dense, dense_1 (units 3), Output; "again" is a second place of dense (n1) between the two."""
    net = chain(("Input", {}), ("Dense", {"units": 16}), ("Dense", {"units": 3}), ("Output", {}))
    graph = use_again("n1", after="n1", node_id="again")(Project(graph=net)).graph
    return open_page(graph)


def strip(hand: Hand):
    return hand.page.side.inspector.sharing


def lit(hand: Hand) -> set[str]:
    return {ident for ident, item in hand.scene.nodes.items() if item._sibling}


def menu_of(hand: Hand, ident: str) -> dict[str, object]:
    hand.page.menus.open(hand.view.mapToScene(hand.body(ident)), hand.view.viewport().mapToGlobal(hand.body(ident)))
    QApplication.processEvents()
    menu = popup(hand.page, QMenu)
    return {action.objectName(): action for action in menu.actions()} | {"": menu}


def test_each_place_says_whose_layer_it_is_and_its_others_are_lit(hand):
    looks = hand.page.looks_now()
    assert looks["again"].second == "dense_2 · shares dense"
    assert looks["n1"].second == "dense · at 2 places"
    assert (looks["again"].places, looks["n1"].places, looks["n2"].places) == (2, 2, 0)
    assert "once more" in looks["again"].tooltip
    assert lit(hand) == set()
    hand.click(hand.body("again"))
    assert lit(hand) == {"n1"}
    assert strip(hand).isVisible()
    assert strip(hand).title.text() == "One layer used at 2 places"
    assert strip(hand).names.text().startswith("At dense and dense_2:")
    hand.click(hand.body("n2"))
    assert lit(hand) == set()
    assert not strip(hand).isVisible()


def test_long_names_leave_room_for_both(hand):
    hand.page.verbs.rename("n1", "embedding_of_the_customer_one")
    hand.page.verbs.rename("again", "embedding_of_the_customer_two")
    second = hand.page.looks_now()["again"].second
    assert len(second) <= 24
    assert "· shares emb" in second


def test_the_form_gives_the_place_its_own_layer_and_undo_takes_it_back(hand):
    hand.click(hand.body("again"))
    QTest.mouseClick(strip(hand).own, Qt.MouseButton.LeftButton)
    assert hand.node("again").shares == ""
    assert hand.node("again").params == hand.node("n1").params
    assert not strip(hand).isVisible()
    hand.session.document.undo()
    assert hand.node("again").shares == "n1"
    assert strip(hand).isVisible()
    QTest.mouseClick(strip(hand).others, Qt.MouseButton.LeftButton)
    assert set(hand.scene.chosen_nodes()) == {"n1", "again"}
    assert strip(hand).own.text() == "Give these places layers of their own"
    assert not strip(hand).others.isVisible()


def test_what_is_typed_at_one_place_is_there_at_the_other(hand):
    hand.click(hand.body("again"))
    field = hand.page.side.inspector.form.rows["units"].editor
    edit = field if hasattr(field, "setText") else field.findChild(type(hand.page.side.inspector.name))
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "24")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert [hand.node(i).params["units"] for i in ("n1", "again")] == [24, 24]


def test_a_key_makes_a_second_branch_of_what_is_selected(hand):
    hand.click(hand.body("n1"))
    hand.click(hand.body("n2"), control=True)
    hand.key(Qt.Key.Key_D, CONTROL | SHIFT)
    new = hand.scene.chosen_nodes()
    assert len(new) == 2
    assert [hand.node(i).shares for i in new] == ["n1", "n2"]
    assert lit(hand) == {"n1", "again", "n2"}
    hand.session.document.undo()
    assert shared(hand.graph) == {"n1": ("n1", "again")}
    hand.click(hand.body("n0"))
    hand.key(Qt.Key.Key_D, CONTROL | SHIFT)
    assert "Select the layers" in hand.page.stage.word.text
    assert len(hand.graph.nodes) == 5


@opens_popup
def test_the_menu_uses_a_layer_once_more_joins_and_parts(hand):
    hand.click(hand.body("n2"))
    found = menu_of(hand, "n2")
    assert found["use-once-more"].text() == "Use dense_1 once more"
    assert "give-own-layer" not in found
    found["use-once-more"].trigger()
    found[""].close()
    assert hand.graph.nodes[-1].shares == "n2"
    hand.session.document.undo()
    hand.click(hand.body("n1"))
    hand.click(hand.body("n2"), control=True)
    found = menu_of(hand, "n1")
    found["use-one-layer"].trigger()
    found[""].close()
    assert shared(hand.graph) == {"n1": ("n1", "n2", "again")}
    found = menu_of(hand, "n1")
    assert "use-one-layer" not in found
    found["give-own-layer"].trigger()
    found[""].close()
    assert shared(hand.graph) == {}
    found = menu_of(hand, "n1")
    assert "show-places" not in found
    found[""].close()


@opens_popup
def test_the_pop_up_list_offers_layers_once_more_and_says_which_do_not_fit(hand):
    known = facts_of(hand.graph)
    shapes = {"n0": (None, 4), "n1": (None, 16), "again": (None, 16), "n2": (None, 3)}
    nodes = {i: replace(f, shape=shapes.get(i, f.shape)) for i, f in known.nodes.items()}
    hand.session.graph_facts = GraphFacts(nodes, (), 0, 0)
    hand.drag(hand.output("again"), hand.output("again") + QPoint(220, 8))
    quick = popup(hand.page, QuickAdd)
    QTest.keyClicks(quick.palette_.search, "once more")
    rows = [quick.palette_.list.topLevelItem(i) for i in range(quick.palette_.list.topLevelItemCount())]
    assert [row.text(0) for row in rows] == ["Use dense_1 once more", "Use dense once more"]
    assert [row.data(0, KIND) for row in rows] == [f"{AGAIN}n2", f"{AGAIN}n1"]
    assert "made for 4" in rows[1].toolTip(0)
    QTest.keyClick(quick.palette_.search, Qt.Key.Key_Return)
    made = hand.graph.nodes[-1]
    assert made.shares == "n2"
    assert ("again", made.id, 0) in hand.wires()
    assert hand.session.document.undo_label == "Use dense_1 once more"


def test_the_palette_puts_a_layer_on_a_wire_once_more(hand):
    palette = hand.page.palette_
    assert [key for key in palette.shown() if key.startswith(AGAIN)] == [f"{AGAIN}n1", f"{AGAIN}n2"]
    hand.click(hand.middle_of_wire("n2", "n3"))
    palette.picked.emit(f"{AGAIN}n1")
    made = hand.graph.nodes[-1]
    assert made.shares == "n1"
    assert {("n2", made.id, 0), (made.id, "n3", 0)} <= hand.wires()
    assert palette.recent == []


def test_a_row_dragged_onto_a_wire_is_a_further_place(hand):
    layers = hand.page.palette_.list
    head = next(
        layers.topLevelItem(i)
        for i in range(layers.topLevelItemCount())
        if layers.topLevelItem(i).text(0) == "Once more"
    )
    head.setExpanded(True)
    place = row_of(layers, f"{AGAIN}n1")
    end = layers.viewport().mapFromGlobal(hand.view.viewport().mapToGlobal(hand.middle_of_wire("n2", "n3")))
    QTest.mousePress(layers.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    for step in range(1, 5):
        QTest.mouseMove(layers.viewport(), place + (end - place) * step / 4)
    assert hand.page.dragging.ghost.isVisible()
    QTest.mouseRelease(layers.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    made = hand.graph.nodes[-1]
    assert made.shares == "n1"
    assert {("n2", made.id, 0), (made.id, "n3", 0)} <= hand.wires()


def test_deleting_the_owner_leaves_the_layer_with_the_other(hand):
    hand.click(hand.body("n1"))
    hand.key(Qt.Key.Key_Delete)
    assert hand.node("again").shares == ""
    assert hand.page.looks_now()["again"].second == "dense_2"
    hand.session.document.undo()
    assert hand.node("again").shares == "n1"


def test_a_folded_group_lights_up_for_the_place_it_hides(hand):
    hand.click(hand.body("again"))
    hand.page.grouping.make()
    (group,) = hand.graph.groups
    hand.page.grouping.fold(group.id, True)
    hand.click(hand.body("n1"))
    assert lit(hand) == {group.id}
    QTest.mouseClick(strip(hand).others, Qt.MouseButton.LeftButton)
    assert not hand.graph.groups[0].folded
    assert set(hand.scene.chosen_nodes()) == {"n1", "again"}


def test_summary_and_script_know_both_places(hand, qtbot):
    hand.click(hand.body("again"))
    hand.page.side.tabs.setCurrentIndex(SUMMARY)
    table = hand.page.side.summary.table
    names = [table.topLevelItem(i).text(0) for i in range(table.topLevelItemCount())]
    assert names == ["input", "dense", "dense_1", "output"]
    assert table.currentItem().text(0) == "dense"
    place = table.visualItemRect(table.topLevelItem(1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert set(hand.scene.chosen_nodes()) == {"n1", "again"}  # a row is a layer: all its places
    assert table.currentItem().text(0) == "dense"
    hand.click(hand.body("again"))
    hand.page.side.tabs.setCurrentIndex(CODE)
    code = hand.page.side.code
    qtbot.waitUntil(lambda: len(code.marked_lines()) == 2, timeout=30_000)
    lines = code.text.toPlainText().splitlines()
    marked = [lines[n - 1].strip() for n in code.marked_lines()]
    assert marked[0].startswith("dense_layer = layers.Dense(16")
    assert marked[1] == "dense_2 = dense_layer(dense)"


def test_a_look_is_made_anew_when_the_owner_is_renamed(hand):
    known: dict = {}
    catalog = hand.session.catalog
    first = looks_of(hand.graph, catalog, None, None, known=known)["again"].second
    hand.page.verbs.rename("n1", "tower")
    assert first == "dense_2 · shares dense"
    assert looks_of(hand.graph, catalog, None, None, known=known)["again"].second == "dense_2 · shares tower"
