"""Notes on the canvas with a real hand: written in place, moved, sized, copied, deleted, drawn in pictures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from tests.ui.model.conftest import dense_net
from workbench.core.edits_graph import move_nodes
from workbench.core.edits_groups import make_group
from workbench.core.edits_notes import LONGEST, add_note
from workbench.core.project import Project
from workbench.ui.model.picture import image_of, svg_of
from workbench.ui.model.quick import QuickAdd


@pytest.fixture
def hand(open_page):
    hand = open_page(dense_net())
    hand.session.apply(add_note("Why 16?", (320.0, 80.0), "n"), "Add note")
    hand.view.fit()
    return hand


def place(hand, ident: str = "n", at: QPointF | None = None) -> QPoint:
    item = hand.scene.notes[ident]
    return hand.view.mapFromScene(item.mapToScene(at or QPointF(40, 60)))


def notes(hand):
    return hand.graph.notes


def test_ctrl_m_asks_for_words_and_a_click_elsewhere_takes_them(open_page):
    hand = open_page(dense_net())
    hand.key(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    field = hand.page.noting.field
    assert field.isVisible()
    QTest.keyClicks(field, "First try")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClicks(field, "of two")
    hand.click(QPoint(10, 200))
    assert [note.text for note in notes(hand)] == ["First try\nof two"]
    assert not field.isVisible()
    hand.session.undo()
    assert notes(hand) == ()
    assert hand.scene.notes == {}


def test_a_new_note_is_put_beside_the_blocks_where_there_is_room(open_page):
    hand = open_page(dense_net())
    hand.page.resize(1600, 900)
    hand.view.fit()
    card = QRectF(hand.page.noting.free_spot(), QSizeF(200, 96))
    assert not [item for item in hand.scene.nodes.values() if item.sceneBoundingRect().intersects(card)]


def test_what_is_too_long_for_a_note_is_said_and_what_was_written_stays(hand):
    told = []
    hand.page.verbs.refused.connect(lambda error: told.append(str(error)))
    hand.click(place(hand), double=True)
    field = hand.page.noting.field
    clipboard = QApplication.clipboard()
    for text in ("z" * 10_000_000, "<b>z</b>" * 1000):
        clipboard.setText(text)
        QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert field.toPlainText() == "Why 16?"
    clipboard.setText("y" * (LONGEST - 7))
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "!")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert len(told) == 4
    assert "4,000 characters at most" in told[0]
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert notes(hand)[0].text == "Why 16?" + "y" * (LONGEST - 7)


def test_a_note_without_words_leaves_no_trace(open_page):
    hand = open_page(dense_net())
    hand.key(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(hand.page.noting.field, Qt.Key.Key_Escape)
    assert notes(hand) == ()
    assert not hand.session.document.undo_label


def test_double_click_writes_in_it_and_no_words_take_it_away(hand):
    hand.click(place(hand), double=True)
    field = hand.page.noting.field
    assert field.toPlainText() == "Why 16?"
    QTest.keyClicks(field, " Because")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert notes(hand)[0].text == "Why 16? Because"
    hand.click(place(hand), double=True)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert notes(hand) == ()


def test_it_is_dragged_alone_and_with_layers_as_one_step(hand):
    before = notes(hand)[0]
    hand.drag(place(hand), place(hand) + QPoint(80, 0))
    assert notes(hand)[0].x > before.x
    hand.session.undo()
    assert notes(hand)[0] == before
    layer = hand.node("n1").x
    hand.scene.choose_all()
    hand.drag(hand.body("n1"), hand.body("n1") + QPoint(48, 16))
    assert notes(hand)[0].x - before.x == hand.node("n1").x - layer > 0
    hand.session.undo()
    assert notes(hand)[0] == before
    assert hand.node("n1").x == layer


def test_its_corner_sizes_it(hand):
    item = hand.scene.notes["n"]
    corner = item.card().bottomRight() - QPointF(4, 4)
    hand.drag(place(hand, at=corner), place(hand, at=corner + QPointF(80, 40)))
    note = notes(hand)[0]
    assert (note.width, note.height) == (280.0, 136.0)
    assert (note.x, note.y) == (320.0, 80.0)
    hand.session.undo()
    assert hand.scene.notes["n"].card().width() == 200


def test_copies_come_with_what_is_selected(hand):
    hand.scene.choose(["n1", "n"])
    hand.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    hand.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(notes(hand)) == 2
    assert len(hand.graph.nodes) == 6
    first, copy = notes(hand)
    assert (copy.text, copy.x - first.x) == ("Why 16?", hand.graph.nodes[-1].x - hand.node("n1").x)
    assert set(hand.page.wishes.chosen_things()) == {copy.id, hand.graph.nodes[-1].id}
    hand.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(notes(hand)) == 3
    hand.key(Qt.Key.Key_Delete)
    assert len(notes(hand)) == 2
    assert hand.session.document.undo_label == "Delete layer and note"


def test_keys_move_and_delete_a_note_alone(hand):
    hand.click(place(hand))
    hand.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert notes(hand)[0].x == 328.0
    hand.key(Qt.Key.Key_Delete)
    assert notes(hand) == ()
    assert hand.session.document.undo_label == "Delete note"
    assert len(hand.graph.nodes) == 5


def test_its_menu_colours_it(hand):
    hand.click(place(hand), right=True)
    menu = hand.page.menus.open(hand.scene.notes["n"].sceneBoundingRect().center(), QPoint(0, 0))
    inner = next(a.menu() for a in menu.actions() if a.menu() and a.menu().objectName() == "note-colour")
    inner.actions()[4].trigger()
    menu.close()
    assert notes(hand)[0].colour == 4


def test_a_double_click_on_empty_ground_offers_layers_pieces_and_a_note(open_page):
    hand = open_page(dense_net())
    hand.click(QPoint(40, 300), double=True)
    pop = QApplication.activePopupWidget()
    assert isinstance(pop, QuickAdd)
    assert {"note:", "block:dense-dropout", "Dense"} <= set(pop.palette_.shown())
    QTest.keyClicks(pop.palette_.search, "comment")
    QTest.keyClick(pop.palette_.search, Qt.Key.Key_Return)
    assert hand.page.noting.field.isVisible()


def test_pictures_show_notes(hand):
    looks = hand.page.looks_now()
    assert "Why" in svg_of(hand.graph, looks).decode()
    empty = hand.graph.__class__(hand.graph.nodes, hand.graph.wires)
    assert image_of(hand.graph, looks).width() > image_of(empty, looks).width()


def test_arranging_takes_a_note_along_with_its_layer(hand):
    hand.session.apply(move_nodes({"n1": (640.0, 104.0)}), "Move")
    hand.session.apply(add_note("beside", (848.0, 104.0), "m"), "Add note")
    hand.page.verbs.arrange()
    assert hand.node("n1").x < 640
    assert notes(hand)[1].x - hand.node("n1").x == 208
    hand.session.undo()
    assert notes(hand)[1].x == 848


def test_notes_and_frames_of_groups_are_shown_together(open_page):
    grouped = make_group(["n1", "n2"], group_id="g")(Project(graph=dense_net()))
    hand = open_page(add_note("In a group", (0.0, 0.0), "n")(grouped).graph)
    assert list(hand.scene.frames.items) == ["g"]
    assert list(hand.scene.notes) == ["n"]


def test_a_selected_note_is_written_and_coloured_in_the_form(hand, qtbot):
    hand.click(place(hand))
    form = hand.page.side.inspector
    assert form.title.text() == "Note"
    assert form.words.isVisible()
    assert form.words.text.toPlainText() == "Why 16?"
    form.words.focus()
    QTest.keyClicks(form.words.text, "Perhaps. ")
    qtbot.waitUntil(lambda: notes(hand)[0].text == "Perhaps. Why 16?", timeout=30_000)
    QTest.mouseClick(form.findChild(QToolButton, "note-colour-3"), Qt.MouseButton.LeftButton)
    assert notes(hand)[0].colour == 3
    QTest.keyClick(form.words.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(form.words.text, Qt.Key.Key_Delete)
    form.flush()
    assert notes(hand)[0].text == "Perhaps. Why 16?"
    assert form.words.text.toPlainText() == "Perhaps. Why 16?"
    hand.scene.choose(["n1"])
    assert not form.words.isVisible()
    assert form.title.text() == "Dense"
