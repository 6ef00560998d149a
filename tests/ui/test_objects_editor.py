"""Several things in one setting: the cells of a recurrent layer, the two ends of a range, as a person sets them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton

from workbench.core.allowed import value_problem
from workbench.core.catalog import load_catalog
from workbench.core.fields import Field
from workbench.ui.forms import FieldForm
from workbench.ui.objects_editor import ObjectsEditor
from workbench.ui.values import Refused, parse_numbers

CATALOG = load_catalog()
RANGE = Field("factor", "floats", length=2, minimum=0, maximum=1, default=0.5)


@pytest.fixture
def form(qtbot):
    made = FieldForm(CATALOG.layers["RNN"].fields, catalog=CATALOG)
    qtbot.addWidget(made)
    made.resize(360, 700)
    made.show()
    stack = {"kind": "StackedRNNCells", "params": dict(CATALOG.layers["StackedRNNCells"].start)}
    made.set_values({"cell": stack})
    made.heard = []
    made.edited.connect(lambda name, value: made.heard.append((name, value)))
    return made


def cells(form: FieldForm) -> list:
    return [one["kind"] for one in form.heard[-1][1]["params"]["cells"]]


def click(form: FieldForm, name: str) -> None:
    QTest.mouseClick(form.findChild(QToolButton, name), Qt.MouseButton.LeftButton)


def test_cells_are_added_changed_and_taken_away(form: FieldForm):
    click(form, "field-cells-add")
    assert cells(form) == ["LSTMCell"] * 3
    second = next(e for e in form.findChildren(ObjectsEditor)[0].editors if e.field.name == "cells-2")
    second.combo.setCurrentIndex(second.combo.findData("GRUCell"))
    second.combo.activated.emit(second.combo.currentIndex())
    assert cells(form) == ["LSTMCell", "GRUCell", "LSTMCell"]
    assert form.heard[-1][1]["params"]["cells"][1]["params"] == {"units": 64}
    click(form, "field-cells-1-remove")
    assert cells(form) == ["GRUCell", "LSTMCell"]
    assert not value_problem(CATALOG.layers["RNN"].field("cell"), form.heard[-1][1], CATALOG)


def test_settings_of_one_cell_are_its_own(form: FieldForm):
    units = form.findChildren(ObjectsEditor)[0].editors[0].nested.findChild(QLineEdit, "field-units")
    units.setFocus()
    units.selectAll()
    QTest.keyClicks(units, "7")
    QTest.keyClick(units, Qt.Key.Key_Return)
    assert [one["params"]["units"] for one in form.heard[-1][1]["params"]["cells"]] == [7, 32]


def test_the_last_cell_stays(form: FieldForm):
    click(form, "field-cells-1-remove")
    assert (
        not form.findChildren(ObjectsEditor)[0]
        .editors[0]
        .parent()
        .findChild(QToolButton, "field-cells-1-remove")
        .isEnabled()
    )
    assert value_problem(CATALOG.layers["StackedRNNCells"].field("cells"), [], CATALOG) == "cells needs at least one."


@pytest.mark.parametrize(
    ("text", "value"), [("0.1, 0.3", [0.1, 0.3]), ("0,1; 0,3", [0.1, 0.3]), ("0.1 0.3", [0.1, 0.3]), ("0.2", 0.2)]
)
def test_a_range_is_typed_as_two_numbers_or_one(text: str, value: object):
    assert parse_numbers(text, RANGE) == value
    assert not value_problem(RANGE, value)


@pytest.mark.parametrize("text", ["0.1, 0.2, 0.3", "0.1, 3", "wide", ""])
def test_what_is_no_range_is_refused_in_words(text: str):
    with pytest.raises(Refused):
        parse_numbers(text, RANGE)
