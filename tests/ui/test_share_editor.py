"""A share is felt by a slider and said by a line; both show the same."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider, QToolButton

from workbench.core.fields import Field
from workbench.ui.forms import FieldForm

RATE = Field("rate", "float", default=0.5, minimum=0, maximum=1, help="The share that is switched off.")
SCALE = Field("scale", "float", default=0.5, minimum=0)


@pytest.fixture
def form(qtbot):
    made = FieldForm((RATE, SCALE))
    qtbot.addWidget(made)
    made.taken = []
    made.edited.connect(lambda name, value: made.taken.append((name, value)))
    made.show()
    return made


def test_only_a_number_from_0_to_1_has_a_slider(form):
    assert form.findChild(QSlider, "field-rate-slider") is not None
    assert form.findChild(QSlider, "field-scale-slider") is None


def test_slider_and_line_follow_each_other(form):
    slider, line = form.findChild(QSlider, "field-rate-slider"), form.findChild(QLineEdit, "field-rate")
    assert slider.value() == 50
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert (line.text(), form.taken) == ("0.61", [("rate", 0.51), ("rate", 0.61)])
    assert form.rows["rate"].changed
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "12.5 %")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (slider.value(), form.taken[-1]) == (12, ("rate", 0.125))
    line.selectAll()
    QTest.keyClicks(line, "1.5")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert form.taken[-1] == ("rate", 0.125)
    assert "Between 0 and 1" in form.rows["rate"].complaint.text()
    reset = form.findChild(QToolButton, "rate-reset")
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert form.taken[-1] == ("rate", 0.5)


def test_values_set_from_outside_move_the_slider_and_tell_nobody(form):
    form.set_values({"rate": 0.2})
    assert form.findChild(QSlider, "field-rate-slider").value() == 20
    form.set_several([{"rate": 0.2}, {"rate": 0.3}])
    assert form.findChild(QLineEdit, "field-rate").placeholderText() == "(several)"
    assert form.taken == []


def test_the_wheel_scrolls_the_form_and_moves_no_slider(form):
    slider = form.findChild(QSlider, "field-rate-slider")
    slider.setFocus()
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(slider.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, turn)
    assert slider.value() == 50
