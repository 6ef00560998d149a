"""Forms as a person uses them: typing, clicking, resetting, filtering."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QToolButton

from workbench.core.catalog import Entry, load_catalog
from workbench.core.fields import Field
from workbench.ui.editors import Switch
from workbench.ui.forms import FieldForm
from workbench.ui.values import Refused, calculate, parse_integers, parse_number, parse_value, same

UNITS = Field("units", "int", required=True, minimum=1, default=None, help="How many neurons; <b>not</b> markup.")
RATE = Field("rate", "float", default=0.5, minimum=0, maximum=1)
BIAS = Field("use_bias", "bool", default=True)
ACTIVATION = Field("activation", "choice", optional=True, choices=("relu", "sigmoid"))
KERNEL = Field("kernel_size", "ints", default=(3, 3), length=2, minimum=1)
INIT = Field("kernel_initializer", "object", default="glorot_uniform", choices=("initializers",))
CATALOG = replace(
    load_catalog(),
    initializers={
        "GlorotUniform": Entry("GlorotUniform", "", "", (Field("seed", "int", optional=True),)),
        "Zeros": Entry("Zeros", "", ""),
        "RandomNormal": Entry("RandomNormal", "", "", (Field("stddev", "float", default=0.05, minimum=0),)),
    },
    schedules={
        "ExponentialDecay": Entry("ExponentialDecay", "", "", (Field("decay_rate", "float", default=0.9, minimum=0),))
    },
)


@pytest.fixture
def form(qtbot):
    made = FieldForm((UNITS, RATE, BIAS, ACTIVATION, KERNEL, INIT), catalog=CATALOG)
    qtbot.addWidget(made)
    made.show()
    made.set_values({"units": 8})
    made.heard = []
    made.edited.connect(lambda name, value: made.heard.append((name, value)))
    return made


def line(form: FieldForm, name: str) -> QLineEdit:
    return form.findChild(QLineEdit, f"field-{name}")


def retype(form: FieldForm, name: str, text: str, *, enter: bool = True) -> None:
    box = line(form, name)
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)
    if enter:
        QTest.keyClick(box, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "value"), [("28*28", 784), ("2^10", 1024), ("1e3", 1000), ("64,0", 64), (" 12 ", 12), ("2**5 + 1", 33)]
)
def test_a_number_is_typed_in_many_ways(form, typed, value):
    retype(form, "units", typed)
    assert form.heard[-1] == ("units", value)
    assert line(form, "units").text() == str(value)
    assert form.values() == {"units": value}


def test_decimal_comma_and_exponent():
    assert calculate("0,001") == 0.001
    assert calculate("1e-3") == 0.001
    assert calculate(",5") == 0.5
    assert calculate("50 %") == 0.5


@pytest.mark.parametrize(
    "typed", ["1,000", "1,000,000", "abc", "1/0", "", "9**9**9", "nan", "__import__('os')", "1e999"]
)
def test_what_is_no_number_is_refused_in_words(typed):
    with pytest.raises(Refused, match=r"\w"):
        parse_number(typed, RATE)


def test_a_broken_bound_is_named_at_the_field_and_changes_nothing(form):
    retype(form, "rate", "7")
    error = form.findChild(QLabel, "rate-error")
    assert error.isVisible()
    assert "Between 0 and 1" in error.text()
    assert form.heard == []
    QTest.keyClick(line(form, "rate"), Qt.Key.Key_Escape)
    assert not error.isVisible()
    assert line(form, "rate").text() == "0.5"


def test_typing_is_taken_after_a_rest_without_leaving_the_field(form, qtbot):
    with qtbot.waitSignal(form.edited, timeout=3000) as signal:
        retype(form, "rate", "0.25", enter=False)
    assert signal.args == ["rate", 0.25]


def test_flush_takes_what_is_typed_now(form):
    retype(form, "rate", "0.3", enter=False)
    form.flush()
    assert form.heard == [("rate", 0.3)]


def test_changed_is_bold_and_can_be_reset(form):
    row = form.rows["rate"]
    assert not row.label.font().bold()
    assert not row.reset.isVisible()
    retype(form, "rate", "0.2")
    assert row.label.font().bold()
    assert form.values() == {"units": 8, "rate": 0.2}
    QTest.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert form.heard[-1] == ("rate", 0.5)
    assert not row.label.font().bold()
    assert form.values() == {"units": 8}


def test_arrow_keys_step_numbers(form):
    box = line(form, "units")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert form.heard[-1] == ("units", 9)
    QTest.keyClick(box, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert form.heard[-1] == ("units", 1)


@pytest.mark.parametrize(("typed", "value"), [("5", 5), ("5, 3", [5, 3]), ("5x3", [5, 3]), ("(5 3)", [5, 3])])
def test_lists_of_whole_numbers(form, typed, value):
    retype(form, "kernel_size", typed)
    assert form.heard[-1] == ("kernel_size", value)


def test_lists_refuse_the_wrong_length_and_bounds(form):
    retype(form, "kernel_size", "1, 2, 3")
    assert "2 numbers" in form.findChild(QLabel, "kernel_size-error").text()
    retype(form, "kernel_size", "0")
    assert "At least 1" in form.findChild(QLabel, "kernel_size-error").text()
    assert form.heard == []
    assert parse_integers("7", Field("shape", "ints")) == [7]


def test_a_default_typed_again_is_no_change(form):
    retype(form, "kernel_size", "5")
    retype(form, "kernel_size", "3")
    assert not form.rows["kernel_size"].changed
    assert form.values() == {"units": 8}
    assert same((3, 3), 3, KERNEL)
    assert not same(1, True, RATE)


def test_switch_and_choice(form):
    switch = form.findChild(Switch, "field-use_bias")
    assert switch.isChecked()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert form.heard[-1] == ("use_bias", False)
    combo = form.findChild(QComboBox, "field-activation")
    assert combo.currentText() == "not set"
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_R)
    assert combo.currentText() == "relu"


def test_an_object_has_its_own_folded_settings(form):
    combo = form.findChild(QComboBox, "field-kernel_initializer")
    assert combo.currentText() == "GlorotUniform"
    assert not form.rows["kernel_initializer"].changed
    combo.setCurrentText("RandomNormal")
    combo.activated.emit(combo.currentIndex())
    assert form.heard[-1] == ("kernel_initializer", {"kind": "RandomNormal", "params": {}})
    assert line(form, "stddev") is not None
    assert not line(form, "stddev").isVisible()
    QTest.mouseClick(form.findChild(QToolButton, "field-kernel_initializer-unfold"), Qt.MouseButton.LeftButton)
    assert line(form, "stddev").isVisible()
    retype(form, "stddev", "0.1")
    assert form.heard[-1] == ("kernel_initializer", {"kind": "RandomNormal", "params": {"stddev": 0.1}})
    assert form.rows["kernel_initializer"].changed


def test_a_learning_rate_is_a_number_or_a_schedule(qtbot):
    made = FieldForm((Field("learning_rate", "object", default=0.001, choices=("schedules",)),), catalog=CATALOG)
    qtbot.addWidget(made)
    made.show()
    made.set_values({})
    heard = []
    made.edited.connect(lambda *told: heard.append(told))
    box = made.findChild(QLineEdit, "field-learning_rate-constant")
    assert box.isVisible()
    assert box.text() == "0.001"
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "3e-4")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert heard[-1] == ("learning_rate", 0.0003)


def test_several_values_are_said_and_an_edit_is_for_all(form):
    form.set_several([{"units": 8, "use_bias": True}, {"units": 16, "use_bias": False}])
    assert line(form, "units").text() == ""
    assert line(form, "units").placeholderText() == "(several)"
    assert form.findChild(Switch, "field-use_bias").checkState() == Qt.CheckState.PartiallyChecked
    assert "units" not in form.values()
    QTest.mouseClick(form.findChild(Switch, "field-use_bias"), Qt.MouseButton.LeftButton)
    assert form.heard[-1] == ("use_bias", True)
    line(form, "units").setFocus()
    line(form, "rate").setFocus()
    assert [name for name, _ in form.heard] == ["use_bias"]


def test_many_fields_are_folded_and_can_be_filtered(qtbot):
    made = FieldForm([Field(f"setting_{n}", "int", default=n) for n in range(14)])
    qtbot.addWidget(made)
    made.show()
    assert sum(row.isVisible() for row in made.rows.values()) == 6
    assert "More settings (8)" in made.more.text()
    QTest.keyClicks(made.filter, "setting 13")
    assert [name for name, row in made.rows.items() if row.isVisible()] == ["setting_13"]
    made.filter.clear()
    made.set_values({"setting_13": 99})
    assert "1 changed" in made.more.text()
    QTest.mouseClick(made.more, Qt.MouseButton.LeftButton)
    assert made.rows["setting_13"].isVisible()


def test_columns_are_ticked(qtbot):
    made = FieldForm((Field("columns", "columns", optional=True), Field("by", "column")), columns=("age", "fare"))
    qtbot.addWidget(made)
    made.show()
    heard = []
    made.edited.connect(lambda *told: heard.append(told))
    made.set_values({"by": "gone"})
    assert "gone (unknown)" in made.findChild(QComboBox, "field-by").currentText()
    ticks = made.findChild(QListWidget, "field-columns")
    ticks.setFocus()
    ticks.setCurrentRow(1)
    QTest.keyClick(ticks, Qt.Key.Key_Space)
    assert heard[-1] == ("columns", ["fare"])


def test_cells_are_numbers_or_text():
    assert parse_value("5") == 5
    assert parse_value("'5'") == "5"
    assert parse_value("007") == "007"
    assert parse_value("1.5") == 1.5
    assert parse_value("five") == "five"


def test_every_editor_has_a_name_and_help_is_never_markup(form):
    for name, row in form.rows.items():
        focus = row.editor.focusProxy()
        assert focus.objectName() == f"field-{name}"
        assert focus.accessibleName()
    assert "&lt;b&gt;" in form.rows["units"].label.toolTip()
    QTest.mouseClick(form.findChild(QToolButton, "units-help"), Qt.MouseButton.LeftButton)
    assert form.rows["units"].explanation.isVisible()
    assert form.rows["units"].explanation.textFormat() == Qt.TextFormat.PlainText


def test_the_layer_inside_a_layer_is_chosen_among_those_that_fit_and_begins_with_what_it_needs(qtbot):
    field = next(f for f in load_catalog().layers["Bidirectional"].fields if f.name == "layer")
    made = FieldForm((field,), catalog=load_catalog())
    qtbot.addWidget(made)
    made.show()
    made.set_values({"layer": {"kind": "LSTM", "params": {"units": 8}}})
    combo = made.findChild(QComboBox, "field-layer")
    assert [combo.itemText(i) for i in range(combo.count())] == ["LSTM", "GRU", "SimpleRNN"]
    heard = []
    made.edited.connect(lambda *told: heard.append(told))
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert heard[-1] == ("layer", {"kind": "GRU", "params": {"units": 64}})

    def shown():
        return [box for box in made.findChildren(QLineEdit, "field-units") if box.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    (units,) = shown()
    units.setFocus()
    units.selectAll()
    QTest.keyClicks(units, "12")
    QTest.keyClick(units, Qt.Key.Key_Return)
    assert heard[-1] == ("layer", {"kind": "GRU", "params": {"units": 12}})
