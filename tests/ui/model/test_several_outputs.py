"""A model with an Output for each of several targets, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from tests.ui.model.conftest import TABLE
from workbench.core.catalog import load_catalog
from workbench.core.facts import GraphFacts, NodeFacts, TargetFacts
from workbench.core.project import Graph
from workbench.core.templates import template
from workbench.core.wiring import output_bindings, without
from workbench.ui.model.fitting import fits_after

PRICE = TargetFacts("price (€)", "regression")
TWO = replace(TABLE, more=(PRICE,))


@pytest.fixture
def hand(open_page):
    made = open_page(template("dense", TWO), TWO)
    made.session.graph_facts = GraphFacts({n.id: NodeFacts((None, 16)) for n in made.page.graph.nodes})
    return made


def end(hand, name: str):
    return next(n for n in hand.page.graph.nodes if n.kind == "Output" and n.name == name)


def choose(combo: QComboBox, value: str) -> None:
    """As by the keyboard: open, go there, take it."""
    combo.setFocus()
    combo.setCurrentIndex(combo.findData(value))
    combo.activated.emit(combo.currentIndex())


def test_each_block_says_its_target_and_its_loss(hand):
    looks = hand.page.looks_now()
    assert looks[end(hand, "species").id].second == "species · 3 classes"
    assert looks[end(hand, "species").id].shape == "loss: sparse cat. crossentropy"
    assert looks[end(hand, "price").id].second == "price (€) · a number"
    assert looks[end(hand, "price").id].shape == "loss: mean squared error"


def test_the_form_sets_loss_what_it_counts_and_metrics_each_undone_alone(hand):
    hand.click(hand.body(end(hand, "price").id))
    card = hand.page.side.inspector.output
    assert card.isVisible()
    assert hand.page.side.inspector.form is None
    losses = card.form.rows["loss"].editor.combo
    assert card.means.text() == "auto means mean squared error here"
    assert losses.findData("huber") > 0
    assert losses.findData("sparse_categorical_crossentropy") < 0  # it compares classes
    choose(losses, "huber")
    assert end(hand, "price").params["loss"] == "huber"
    assert hand.page.looks_now()[end(hand, "price").id].shape == "loss: huber"
    assert card.form.rows["loss"].label.font().bold()
    box = card.form.findChild(QLineEdit, "field-loss_weight")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "0.25")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert end(hand, "price").params["loss_weight"] == 0.25
    assert hand.page.looks_now()[end(hand, "price").id].shape == "loss: huber × 0.25"
    names = [card.metrics_editor.list.item(i).data(256) for i in range(card.metrics_editor.list.count())]
    assert "accuracy" not in names
    card.metrics_editor.list.item(names.index("r2_score")).setCheckState(Qt.CheckState.Checked)
    assert end(hand, "price").params["metrics"] == ["mean_absolute_error", "r2_score"]
    QTest.mouseClick(card.metrics_editor.usual, Qt.MouseButton.LeftButton)
    assert "metrics" not in end(hand, "price").params
    assert not card.metrics_editor.usual.isVisible()
    hand.session.undo()
    QTest.mouseClick(card.form.rows["loss"].reset, Qt.MouseButton.LeftButton)
    assert "loss" not in end(hand, "price").params
    hand.session.undo()
    assert end(hand, "price").params["loss"] == "huber"
    assert end(hand, "price").params["metrics"] == ["mean_absolute_error", "r2_score"]


def test_settings_of_a_metric_are_those_of_its_output_alone(hand):
    before = hand.page.graph
    hand.click(hand.body(end(hand, "price").id))
    editor = hand.page.side.inspector.output.metrics_editor
    names = [editor.list.item(i).data(256) for i in range(editor.list.count())]
    editor.list.item(names.index("r2_score")).setCheckState(Qt.CheckState.Checked)
    editor.list.setCurrentRow(names.index("r2_score"))
    box = editor.form.findChild(QLineEdit, "field-num_regressors")
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "2")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert end(hand, "price").params["metric_params"] == {"r2_score": {"num_regressors": 2}}
    assert "metric_params" not in end(hand, "species").params
    hand.click(hand.body(end(hand, "species").id))
    hand.click(hand.body(end(hand, "price").id))
    editor.list.setCurrentRow(names.index("r2_score"))
    assert editor.form.values() == {"num_regressors": 2}
    hand.session.undo()
    assert "metric_params" not in end(hand, "price").params
    hand.session.undo()
    assert hand.page.graph == before


def test_binding_an_output_to_a_target_that_another_has_changes_both_and_their_names(hand):
    species = end(hand, "species").id
    hand.click(hand.body(species))
    targets = hand.page.side.inspector.output.form.rows["target"].editor.combo
    assert [targets.itemText(i) for i in range(targets.count())] == ["species", "price (€) (of price)"]
    choose(targets, "price (€)")
    assert output_bindings(hand.page.graph, TWO)[species] == "price (€)"
    assert set(output_bindings(hand.page.graph, TWO).values()) == {"species", "price (€)"}
    assert hand.node(species).name == "price"
    hand.session.undo()
    assert hand.node(species).name == "species"


def test_the_palette_adds_the_output_that_is_missing_with_the_layer_it_needs(hand):
    graph = hand.page.graph
    gone = end(hand, "price")
    dense = next(w.source for w in graph.wires if w.target == gone.id)
    left: Graph = without(without(graph, gone.id), dense)
    hand.session.apply(lambda p: replace(p, graph=left), "Take one out")
    start = next(n.id for n in left.nodes if n.kind == "Dense")
    entry = load_catalog().layer("Output")
    assert fits_after(left, None, start, 2)(entry) == ""
    assert fits_after(left, None, start, 1)(entry) == "is there already"
    hand.scene.choose([])
    hand.page.append("Output")
    QApplication.processEvents()
    made = end(hand, "price")
    assert made.params == {"target": "price (€)"}
    (wire,) = hand.page.graph.into(made.id)
    closing = hand.node(wire.source)
    assert (closing.kind, closing.params["units"]) == ("Dense", 1)
    assert (
        hand.page.graph.into(closing.id)[0].source
        == hand.page.graph.into(hand.page.graph.into(end(hand, "species").id)[0].source)[0].source
    )
    others = [n for n in hand.page.graph.nodes if n.id not in (made.id, closing.id)]
    assert all(abs(made.x - n.x) >= 200 or abs(made.y - n.y) >= 64 for n in others)
    hand.session.undo()
    assert hand.page.graph == left


def test_with_one_target_the_output_has_no_form(open_page):
    hand = open_page()
    hand.click(hand.body("n4"))
    assert not hand.page.side.inspector.output.isVisible()
    assert hand.page.side.inspector.form is None
    assert hand.scene.nodes["n4"].look.second == "species · 3 classes"


def test_the_train_page_leads_to_the_block_of_an_output(window):
    graph = template("dense", TWO)
    window.session.apply(lambda p: replace(p, graph=graph), "Model")
    wanted = next(n for n in graph.nodes if n.name == "price")
    window.page("train").output_wanted.emit(wanted.id)
    assert window.current == "model"
    assert window.page("model").wishes.chosen() == [wanted.id]
    assert window.page("model").side.inspector.name.text() == "price"
