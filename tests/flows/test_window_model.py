"""A model changed by hand: delete, undo, add from the palette, drop onto a wire, break it, mend it, train it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from tests.flows.window_driver import Person, person, watch
from workbench.ui.model.side import PROBLEMS

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def names(person: Person) -> list[str]:
    return [node.name for node in person.session.project.graph.nodes]


def ident(person: Person, name: str) -> str:
    return next(node.id for node in person.session.project.graph.nodes if node.name == name)


def body(person: Person, name: str) -> QPoint:
    """Where a block is in the viewport of the canvas."""
    stage = person.page.stage
    return stage.view.mapFromScene(stage.scene.nodes[ident(person, name)].pos() + QPoint(60, 30))


def click_block(person: Person, name: str) -> None:
    QTest.mouseClick(person.page.stage.view.viewport(), LEFT, NONE, body(person, name))
    person.clicks += 1
    person.breathe()


def palette_row(person: Person, kind: str) -> QPoint:
    """Search a layer by typing; where its row is in the list."""
    palette = person.page.palette_
    person.write(palette.search, kind, enter=False)
    layers = palette.list
    for row in range(layers.topLevelItemCount()):
        item = layers.topLevelItem(row)
        if layers.kind_of(item) == kind:
            return layers.visualItemRect(item).center()
    raise AssertionError(f"{kind} is not in the palette: {palette.shown()}")


def test_a_model_is_changed_broken_mended_and_trained_by_hand(person: Person) -> None:
    session = person.session
    person.click(person.find(QAbstractButton, "sample_iris"))
    person.opened()
    page = person.go("model")
    person.until("the engine's word", lambda: session.graph_facts is not None)
    person.settle()
    first = session.project.graph
    person.shot("e1-model")

    click_block(person, "dense_1")
    person.key(Qt.Key.Key_Delete)
    assert "dense_1" not in names(person)
    person.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.project.graph == first

    click_block(person, "dense")
    place = palette_row(person, "BatchNormalization")
    QTest.mouseClick(page.palette_.list.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(page.palette_.list.viewport(), LEFT, NONE, place)
    person.settle()
    assert "batch_normalization" in names(person)
    person.shot("e2-added")

    place = palette_row(person, "GaussianNoise")
    rows, view = page.palette_.list.viewport(), page.stage.view
    wire = page.stage.scene.wires[ident(person, "dense"), ident(person, "batch_normalization"), 0]
    target = view.viewport().mapToGlobal(view.mapFromScene(wire.path().pointAtPercent(0.5)))
    end = rows.mapFromGlobal(target)
    QTest.mousePress(rows, LEFT, NONE, place)
    for step in range(1, 8):
        QTest.mouseMove(rows, place + (end - place) * step / 7)
        person.breathe()
    person.shot("e3-dragging")
    QTest.mouseRelease(rows, LEFT, NONE, end)
    person.settle()
    wires = {(w.source, w.target) for w in session.project.graph.wires}
    noise = ident(person, "gaussian_noise")
    assert {(ident(person, "dense"), noise), (noise, ident(person, "batch_normalization"))} <= wires

    last = next(n.name for n in session.project.graph.nodes if n.params.get("activation") == "softmax")
    click_block(person, last)
    person.write(person.find(QLineEdit, "field-units"), "7")
    person.until("the problem", lambda: session.resolved.pages["model"].state == "attention")
    person.shot("e4-broken")
    page.side.tabs.setCurrentIndex(PROBLEMS)
    person.settle()
    said = person.says(page.side)
    assert "7" in said
    assert "3 classes" in said
    person.shot("e5-problem")
    repair = next(r for p in session.graph_facts.problems for r in p.repairs)
    person.click(person.button(repair.title, page.side))
    person.until("the repair", lambda: session.resolved.pages["model"].state == "done")
    assert session.project.graph.node(ident(person, last)).params["units"] == 3
    person.shot("e6-mended")

    person.click(person.button("Train", page.side))
    person.until("the Train page", lambda: person.window.current == "train")
    person.trained()
    person.shot("e7-trained")
