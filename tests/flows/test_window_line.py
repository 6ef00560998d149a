"""Six pairs of numbers are pasted, one neuron finds the rule, and is asked for a number it has not seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from tests.flows.window_driver import Person, person, watch
from workbench.ui.widgets.number import NumberEdit

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]

CELLS = "x\ty\n" + "".join(f"{x}\t{2 * x - 1}\n" for x in (-1, 0, 1, 2, 3, 4))


def test_one_neuron_learns_a_line_from_pasted_cells(person: Person) -> None:
    session = person.session
    QGuiApplication.clipboard().setText(CELLS)
    person.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    person.opened()
    person.settle()
    person.shot("c1-pasted")
    assert [c.name for c in session.features.columns if c.role == "target"] == ["y"]
    kinds = [node.kind for node in session.project.graph.nodes]
    assert kinds == ["Input", "Dense", "Output"]
    assert (session.project.train.epochs, session.project.train.optimizer) == (500, "SGD")

    person.go("train")
    person.until("Train can be pressed", lambda: person.find(QAbstractButton, "trainButton").isEnabled())
    person.shot("c2-train")
    person.click(person.find(QAbstractButton, "trainButton"))
    person.trained()
    person.shot("c3-trained")
    assert session.run is not None
    assert session.run.record.epochs_done == 500

    page = person.go("test")
    person.click_tab(page.tabs, "Row")
    person.write(person.find(NumberEdit, "row-x"), "10")
    person.until("an answer", lambda: page.answer.big.text())
    person.settle()
    person.shot("c4-asked")
    assert 18.9 <= float(page.answer.big.text()) <= 19.1
