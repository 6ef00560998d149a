"""The curves of several runs over each other: which metric is drawn is chosen, named by what it is of."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.core.history import History
from workbench.core.units import Units
from workbench.ui.runs.compare import CompareView, Curve
from workbench.ui.widgets.words_box import WordsBox


@pytest.fixture
def view(qtbot: QtBot) -> CompareView:
    made = CompareView()
    qtbot.addWidget(made)
    made.resize(800, 360)
    made.show()
    return made


def curve(logs: dict[str, float], units: Units) -> Curve:
    history = History()
    for k in range(3):
        history.epochs.append({n: v - k / 10 for n, v in logs.items()})
    return Curve("a", "run 1", QColor("blue"), history, units)


def test_of_several_outputs_each_figure_can_be_drawn(view: CompareView) -> None:
    logs = {"loss": 0.9, "heat_loss": 0.5, "heat_accuracy": 0.6, "rent_mean_absolute_error": 90.0, "val_loss": 1.0}
    units = Units(outputs={"heat": Units(), "rent": Units("rent per month", 80.0)})
    view.set_curves([curve(logs, units)], {"heat": "heating in winter", "rent": "rent per month"})
    box = view.metric_box
    assert [box.itemText(i) for i in range(box.count())] == [
        "heating in winter: loss",
        "heating in winter: accuracy",
        "rent per month: mean absolute error",
    ]
    assert view.lower.name == "heat_accuracy"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    box.activated.emit(box.currentIndex())
    assert view.lower.name == "rent_mean_absolute_error"
    assert view.lower.item.getAxis("left").labelText == "rent per month: mean absolute error"
    view.set_curves([curve({"loss": 0.9, "accuracy": 0.5}, Units())])
    assert not box.isVisible()
    assert view.lower.name == "accuracy"


def test_a_run_of_one_epoch_is_a_point(view: CompareView) -> None:
    one, three = curve({"loss": 0.9, "accuracy": 0.5}, Units()), curve({"loss": 0.8, "accuracy": 0.6}, Units())
    one.history.epochs.truncate(1)
    for shown, symbol in (((one,), "o"), ((three, one), None)):
        view.set_curves(shown)
        assert view.upper._drawn[0].opts["symbol"] == symbol
    assert view.upper._drawn[1].opts["symbol"] == "o"


def test_a_long_choice_loses_its_middle_and_tells_it_all(qtbot: QtBot) -> None:
    box = WordsBox()
    qtbot.addWidget(box)
    box.setToolTip("The metric.")
    box.addItem("heating in a very long winter: accuracy")
    box.setFixedWidth(160)
    box.show()
    box.grab()
    shown = box.shown_text()
    assert shown.startswith("heat")
    assert shown.endswith("acy")
    assert "…" in shown
    assert "heating in a very long winter: accuracy: The metric." in box.toolTip()
    box.setFixedWidth(500)
    box.grab()
    assert box.toolTip() == "The metric."


def test_why_no_curve_is_drawn_is_said(view: CompareView) -> None:
    view.set_curves([Curve("a", "run 1", QColor("blue"), History())])
    assert view.nothing.isVisible()
    assert not view.plots.isVisible()
    view.set_curves([curve({"loss": 0.9}, Units())])
    assert view.plots.isVisible()
    assert not view.nothing.isVisible()
