"""Clothes from their IDX files: gallery, a dense net, one epoch, sample 27 and 42 beside their labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFrame, QLineEdit, QWidget

from tests.flows.window_driver import Person, person, watch
from workbench.ui.widgets.number import NumberEdit

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]


def test_clothes_are_seen_learned_and_asked_about_by_number(person: Person, real_data: Path) -> None:
    session = person.session
    person.drop(real_data / "fashion-mnist")
    person.opened()
    person.settle()
    person.shot("g1-gallery")
    assert "70,000 pictures" in person.says()
    page = person.go("model")
    person.settle()
    person.click(person.find(QAbstractButton, "start-from"))
    chooser = page.findChild(QWidget, "template-chooser")
    person.until("the offers", chooser.isVisible)
    person.click(person.find(QFrame, "template-dense", chooser))
    person.until("the dense net", lambda: "Flatten" in [n.kind for n in session.project.graph.nodes])
    person.settle()
    person.shot("g2-model")

    page = person.go("train")
    person.write(person.find(QLineEdit, "field-epochs", page.side.settings), "1")
    person.click(person.find(QAbstractButton, "trainButton"))
    person.trained()
    person.shot("g3-trained")

    page = person.go("test")
    person.until("scores", lambda: "accuracy" in person.says(page.results))
    person.settle()
    person.click_tab(page.tabs, "Sample")
    labels = {27: session.dataset.labels[60_000 + 27], 42: session.dataset.labels[60_000 + 42]}
    for number, label in labels.items():
        name = session.dataset.classes[int(label)]
        person.write(person.find(NumberEdit, "sampleNumber"), str(number))
        person.until("its answer", lambda n=name: n in page.answer.verdict.text())
        person.shot(f"g4-sample-{number}")
    confusion = page.results.confusion
    cell = max(
        ((t, a) for t in range(10) for a in range(10) if t != a), key=lambda c: int(page.results._results.matrix[c])
    )
    at = confusion.cell(*cell).center().toPoint()
    QTest.mouseClick(confusion, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    person.settle()
    assert session.dataset.classes[cell[0]] in page.results.cell_title.text()
    assert len(page.results.strip) > 3
    person.shot("g5-cell")
