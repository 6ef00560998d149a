"""The page around the canvas: form, problems, summary, code, templates, runs, empty states."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from tests.ui.model.conftest import TABLE, chain, dense_net, facts_of
from workbench.core.catalog import load_catalog
from workbench.core.errors import FeatureError
from workbench.core.facts import DataFacts, GraphFacts, InputFacts, NodeFacts, Problem, Repair, TargetFacts
from workbench.core.project import Graph, Node, Project
from workbench.core.runs import RunRecord
from workbench.ui.live_run import LiveRun
from workbench.ui.model.block_words import bound_text, brief, shape_text
from workbench.ui.model.looks import looks_of, ordered_problems
from workbench.ui.model.output_looks import target_text
from workbench.ui.model.side import CODE, LAYER, PROBLEMS, SUMMARY
from workbench.ui.model.words import find_layers

# The off-screen platform has no window manager to raise a pop-up and hand it the keyboard.
opens_popup = pytest.mark.qt_log_ignore("This plugin does not support")


def retype(box: QLineEdit, text: str) -> None:
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


# ---- the form ------------------------------------------------------------------------------------------------


def test_an_edit_in_the_form_changes_the_layer_and_can_be_reset(open_page):
    hand = open_page()
    hand.click(hand.body("n2"))
    form = hand.page.side.inspector.form
    retype(form.findChild(QLineEdit, "field-rate"), "0,35")
    assert hand.node("n2").params == {"rate": 0.35}
    assert form.rows["rate"].label.font().bold()
    assert hand.scene.nodes["n2"].look.brief == "0.35"
    assert hand.scene.nodes["n2"].look.stale
    hand.session.undo()
    assert hand.node("n2").params == {"rate": 0.2}
    assert form.findChild(QLineEdit, "field-rate").text() == "0.2"
    hand.click(hand.body("n1"))
    form = hand.page.side.inspector.form
    activation = form.rows["activation"]
    assert activation.label.font().bold()
    QTest.mouseClick(activation.reset, Qt.MouseButton.LeftButton)
    assert "activation" not in hand.node("n1").params
    assert not hand.page.side.inspector.form.rows["activation"].label.font().bold()


def test_what_is_typed_is_not_lost_when_another_layer_is_selected(open_page):
    hand = open_page()
    hand.click(hand.body("n1"))
    box = hand.page.side.inspector.form.findChild(QLineEdit, "field-units")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "48")
    hand.scene.choose(["n3"])
    assert hand.node("n1").params["units"] == 48
    assert hand.node("n3").params["units"] == 3
    assert hand.page.side.inspector.form.findChild(QLineEdit, "field-units").text() == "3"


def test_several_layers_are_edited_at_once(open_page):
    hand = open_page()
    hand.scene.choose(["n1", "n3"])
    form = hand.page.side.inspector.form
    box = form.findChild(QLineEdit, "field-units")
    assert box.placeholderText() == "(several)"
    retype(box, "7")
    assert hand.node("n1").params["units"] == hand.node("n3").params["units"] == 7
    hand.session.undo()
    assert hand.node("n1").params["units"] == 16


def test_renaming_and_a_name_that_is_taken(open_page):
    hand = open_page()
    hand.click(hand.body("n1"))
    name = hand.page.side.inspector.name
    retype(name, "hidden one")
    assert hand.node("n1").name == "hidden_one"
    retype(name, "dropout")
    assert hand.node("n1").name == "hidden_one"
    assert name.text() == "hidden_one"
    assert "already called dropout" in hand.page.stage.word.text


def test_enter_on_the_canvas_goes_into_the_form(open_page):
    hand = open_page()
    hand.scene.choose(["n1"])
    hand.page.side.tabs.setCurrentIndex(SUMMARY)
    hand.view.setFocus()
    hand.key(Qt.Key.Key_Return)
    assert hand.page.side.tabs.currentIndex() == LAYER
    assert hand.page.side.inspector.form.findChild(QLineEdit, "field-units").hasFocus()


# ---- what the engine says ------------------------------------------------------------------------------------


def test_facts_appear_on_the_blocks_and_stay_muted_while_they_are_old(open_page):
    hand = open_page()
    item = hand.scene.nodes["n1"]
    assert (item.look.shape, item.look.count, item.look.stale) == ("16", "80", False)
    hand.page.verbs.set_param(["n1"], "units", 99, "Units")
    assert (item.look.shape, item.look.stale) == ("16", True)
    hand.session.graph_facts = replace(
        hand.session.graph_facts, nodes={**hand.session.graph_facts.nodes, "n1": NodeFacts((None, 99), 495, 495)}
    )
    hand.session.graph_checked.emit()
    assert (item.look.shape, item.look.count, item.look.stale) == ("99", "495", False)


def test_moving_a_block_leaves_the_facts_fresh(open_page):
    hand = open_page()
    hand.page.verbs.move({"n1": (400.0, 80.0)})
    assert not hand.scene.nodes["n1"].look.stale


def test_problems_are_listed_in_order_lead_to_the_layer_and_are_repaired_in_one_step(open_page):
    hand = open_page()
    before = hand.graph
    mended = chain(("Input", {}), ("Flatten", {}), ("Dense", {"units": 3}), ("Output", {}))
    hand.session.graph_facts = facts_of(
        before,
        (
            Problem("warning", "dropout leads nowhere.", "n2"),
            Problem("error", "dense needs a flat input.", "n1", repairs=(Repair("Insert Flatten", mended),)),
        ),
    )
    hand.session.graph_checked.emit()
    side = hand.page.side
    assert side.tabs.tabText(PROBLEMS) == "Problems (2)"
    assert hand.scene.nodes["n1"].look.severity == "error"
    assert hand.scene.nodes["n2"].look.severity == "warning"
    side.tabs.setCurrentIndex(PROBLEMS)
    assert [card.problem.severity for card in side.problems.cards] == ["error", "warning"]
    QTest.mouseClick(side.problems.cards[1], Qt.MouseButton.LeftButton)
    assert hand.scene.chosen_nodes() == ["n2"]
    QTest.mouseClick(side.problems.findChild(QPushButton, "problem-0-repair-0"), Qt.MouseButton.LeftButton)
    assert hand.graph == mended
    assert hand.session.document.undo_label == "Insert Flatten"
    hand.session.undo()
    assert hand.graph == before


def test_a_wrong_loss_is_mended_with_a_click_and_undone_with_the_graph(open_page):
    hand = open_page()
    before = hand.session.document.project
    mended = chain(("Input", {}), ("Dense", {"units": 1}), ("Output", {}))
    repair = Repair("Use binary_crossentropy", mended, replace(before.train, loss="binary_crossentropy"))
    wrong = Problem("error", "That loss is for numbers.", setting="loss", repairs=(repair,))
    hand.session.graph_facts = facts_of(before.graph, (wrong,))
    hand.session.graph_checked.emit()
    side = hand.page.side
    side.tabs.setCurrentIndex(PROBLEMS)
    QTest.mouseClick(side.problems.findChild(QPushButton, "problem-0-repair-0"), Qt.MouseButton.LeftButton)
    after = hand.session.document.project
    assert (after.graph, after.train.loss) == (mended, "binary_crossentropy")
    hand.session.graph_facts = facts_of(mended)
    hand.session.graph_checked.emit()
    assert QApplication.focusWidget() is side.problems, "the button is gone; the next key presses no other"
    hand.session.undo()
    assert hand.session.document.project == before


def test_the_summary_lists_the_layers_and_leads_to_them(open_page):
    hand = open_page()
    hand.page.side.tabs.setCurrentIndex(SUMMARY)
    table = hand.page.side.summary.table
    assert [table.topLevelItem(row).text(0) for row in range(table.topLevelItemCount())] == [
        "input",
        "dense",
        "dropout",
        "dense_1",
        "output",
    ]
    place = table.visualRect(table.model().index(2, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert hand.scene.chosen_nodes() == ["n2"]
    assert "160 parameters" in hand.page.totals.text()


def test_the_script_is_current_and_can_be_copied(open_page, qtbot):
    hand = open_page()
    hand.page.side.tabs.setCurrentIndex(CODE)
    code = hand.page.side.code
    assert "units=16" in code.text.toPlainText() or "Dense(16" in code.text.toPlainText()
    hand.page.verbs.set_param(["n1"], "units", 77, "Units")
    qtbot.waitUntil(lambda: "77" in code.text.toPlainText())
    assert code.text.isReadOnly()
    QTest.mouseClick(code.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == code.text.toPlainText()


# ---- where to begin ------------------------------------------------------------------------------------------


def test_without_data_the_canvas_says_so_and_still_lets_one_build(open_page):
    hand = open_page(Graph(), data=None)
    assert hand.page.stage.empty.isVisible()
    QTest.mouseClick(hand.page.stage.empty.findChild(QPushButton, "empty_action_0"), Qt.MouseButton.LeftButton)
    assert hand.session.asked == [("page", "data")], "where what is opened stays in this project"
    QTest.mouseClick(hand.page.stage.empty.findChild(QPushButton, "empty_action_1"), Qt.MouseButton.LeftButton)
    search = hand.page.palette_.search
    assert search.hasFocus()
    QTest.keyClicks(search, "dense")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert hand.kinds() == ["Input", "Dense", "Output"]
    assert len(hand.graph.wires) == 2
    assert not hand.page.stage.empty.isVisible()
    assert "No data yet" in hand.page.stage.banner.text.text()
    hand.session.undo()
    assert not hand.graph.nodes
    assert hand.page.stage.empty.isVisible()


def test_an_empty_canvas_offers_the_model_that_fits(open_page):
    hand = open_page(Graph())
    QTest.mouseClick(hand.page.stage.empty.findChild(QPushButton, "empty_action_0"), Qt.MouseButton.LeftButton)
    assert "Output" in hand.kinds()
    assert hand.session.document.undo_label.startswith("Start from")


@opens_popup
def test_templates_are_offered_with_what_they_are_for(open_page):
    hand = open_page()
    before = hand.graph
    chooser = hand.page.starting.choose()
    assert chooser.cards
    assert all(card.offer.title and card.offer.blurb for card in chooser.cards)
    assert chooser.cards[0].offer.suggested
    fitting = [card for card in chooser.cards if not card.offer.task]  # the others change the task first
    QTest.mouseClick(fitting[-1], Qt.MouseButton.LeftButton)
    assert hand.graph != before
    hand.session.undo()
    assert hand.graph == before


def test_features_that_are_wrong_are_said_over_the_canvas(open_page):
    hand = open_page()
    hand.session.facts = None
    hand.session.features_error = FeatureError("The target has one value only.", where="species")
    hand.session.facts_changed.emit()
    assert "one value only" in hand.page.stage.banner.text.text()
    QTest.mouseClick(hand.page.stage.banner.link, Qt.MouseButton.LeftButton)
    assert hand.session.asked == [("page", "features")]


# ---- training ------------------------------------------------------------------------------------------------


def test_train_starts_and_leads_to_the_curves(open_page):
    hand = open_page()
    QTest.mouseClick(hand.page.side.train, Qt.MouseButton.LeftButton)
    assert hand.session.asked == [("train", None), ("page", "train")]


def test_train_with_an_error_shows_the_problems_instead(open_page):
    hand = open_page()
    hand.session.graph_facts = facts_of(hand.graph, (Problem("error", "No.", "n1"),))
    hand.session.graph_checked.emit()
    QTest.mouseClick(hand.page.side.train, Qt.MouseButton.LeftButton)
    assert not hand.session.asked
    assert hand.page.side.tabs.currentIndex() == PROBLEMS


def test_a_running_run_is_marked_and_edits_are_for_the_next(open_page, tmp_path, monkeypatch):
    hand = open_page()
    project = hand.session.project
    monkeypatch.setattr("workbench.core.runs.read_project", lambda folder: project)
    hand.session.run = LiveRun(tmp_path, RunRecord("r3", "run 3", epochs=20), state="running", epoch=6)
    hand.session.run_changed.emit()
    assert all(item.look.running for item in hand.scene.nodes.values())
    text = hand.page.stage.banner.text.text()
    assert "run 3 is running" in text
    assert "epoch 7 of 20" in text
    assert "next run" in text
    hand.page.verbs.set_param(["n1"], "units", 99, "Units")
    assert not hand.scene.nodes["n1"].look.running
    assert hand.scene.nodes["n2"].look.running
    hand.session.run.state = "stopped"
    hand.session.run_changed.emit()
    assert not any(item.look.running for item in hand.scene.nodes.values())
    assert not hand.page.stage.banner.isVisible()


# ---- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("fully connected", "Dense"),
        ("max pool", "MaxPooling2D"),
        ("skip", "Add"),
        ("batch norm", "BatchNormalization"),
        ("conv2d", "Conv2D"),
        ("dropout", "Dropout"),
        ("lstm", "LSTM"),
        ("relu", "ReLU"),
        ("transformer", "MultiHeadAttention"),
        ("concat", "Concatenate"),
    ],
)
def test_layers_are_found_by_the_words_people_use(typed, kind):
    assert kind in [entry.name for entry in find_layers(load_catalog(), typed)[:3]]


def test_nothing_found_is_said(open_page):
    hand = open_page()
    hand.page.palette_.search.setText("flux capacitor")
    assert hand.page.palette_.shown() == []
    assert "flux capacitor" in hand.page.palette_._nothing.text()


def test_another_project_comes_while_a_layer_is_selected_and_the_facts_are_told_first(open_page):
    hand = open_page()
    hand.click(hand.body("n1"))
    told = (hand.session.facts_changed, hand.session.graph_checked)
    hand.session.document._listeners.insert(0, lambda _change: [signal.emit() for signal in told])
    hand.session.document.replace(Project())
    assert not hand.scene.nodes
    assert hand.page.stage.empty.isVisible()


def test_rows_of_the_palette_stay_under_the_pointer_when_others_come_on_top(open_page, monkeypatch):
    hand = open_page()
    palette = hand.page.palette_
    rows = palette.list

    def row(kind: str):
        heads = [rows.topLevelItem(at) for at in range(rows.topLevelItemCount())]
        inside = [head.child(at) for head in heads if head.text(0) == "Core" for at in range(head.childCount())]
        return next(item for item in inside if rows.kind_of(item) == kind)

    place = rows.visualItemRect(row("Dense")).center()
    monkeypatch.setattr(rows, "underMouse", lambda: True)
    monkeypatch.setattr("workbench.ui.model.layer_list.QCursor.pos", lambda: rows.viewport().mapToGlobal(place))
    for kind in ("Dense", "Dropout", "Dense"):
        palette.remember(kind)
        assert rows.kind_of(rows.itemAt(place)) == "Dense"
    assert [kind for kind in palette.shown() if kind in ("Dense", "Dropout")][:2] == ["Dropout", "Dense"]
    assert palette.recent[0] == "Dense"


def test_what_blocks_say():
    catalog = load_catalog()
    assert brief(Node("a", "Dense", "d", {"units": 128, "activation": "relu"}), catalog.layer("Dense")) == "128 · relu"
    assert brief(Node("a", "Conv2D", "c", {"filters": 32, "kernel_size": 3}), catalog.layer("Conv2D")) == "32 · 3×3"
    assert shape_text((None, 28, 28, 1)) == "28×28×1"
    assert shape_text((None, None, 8)) == "?×8"
    graph = dense_net()
    assert bound_text(graph.nodes[0], TABLE) == "4 features"
    assert bound_text(graph.nodes[0], None) == "no data yet"
    assert target_text(graph.nodes[-1], graph, TABLE) == "species · 3 classes"
    picture = DataFacts("images", (InputFacts("image", "image", (28, 28, 1)),), TargetFacts("y", "regression"))
    assert bound_text(graph.nodes[0], picture) == "image 28×28×1"
    assert target_text(graph.nodes[-1], graph, picture) == "y · a number"


def test_looks_survive_unknown_layers_and_missing_facts():
    graph = Graph((Node("x", "FromTheFuture", "future", {"a": 1}),))
    look = looks_of(graph, load_catalog(), None, GraphFacts())["x"]
    assert look.title == "FromTheFuture"
    assert look.stale


def test_problems_without_a_place_come_first_among_equals():
    graph = dense_net()
    listed = ordered_problems(
        graph,
        (
            Problem("warning", "w", "n0"),
            Problem("error", "low", "n3"),
            Problem("error", "all"),
            Problem("error", "top", "n1"),
        ),
    )
    assert [one.message for one in listed] == ["all", "top", "low", "w"]
