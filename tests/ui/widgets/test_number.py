"""Numbers as people type them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.tables import typed
from workbench.ui.widgets.number import NumberEdit, format_number, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.001", 0.001),
        ("0,001", 0.001),
        ("1e-3", 0.001),
        ("3,5", 3.5),
        ("28*28", 784),
        ("2^10", 1024),
        ("1/3", 1 / 3),
        ("−2", -2),
        ("50 %", 0.5),
        (" 7 ", 7),
        ("(1+2)*3", 9),
    ],
)
def test_reads_what_is_meant(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1/0", "1,000", "9**9**9**9", "__import__('os')", "1;2", "(" * 500, "nan", "[1]", "True"]
)
def test_refuses_the_rest_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_number(text)


@pytest.mark.parametrize("value", [0.001, 1e-7, 784, 3.5, -2.0, 0.1 + 0.2])
def test_what_is_shown_reads_back_the_same(value: float) -> None:
    assert parse_number(format_number(value)) == value


def test_typing_gives_a_value(qtbot) -> None:
    edit = NumberEdit(32, integer=True, minimum=1)
    qtbot.addWidget(edit)
    edit.show()
    with qtbot.waitSignal(edit.edited) as told:
        typed(edit, "4*16")
    assert told.args == [64]
    assert edit.value() == 64
    assert edit.text() == "64"


def test_bad_text_stays_is_explained_and_escape_brings_the_value_back(qtbot) -> None:
    edit = NumberEdit(32, integer=True, minimum=1)
    qtbot.addWidget(edit)
    edit.show()
    said: list[str] = []
    edit.problem.connect(said.append)
    typed(edit, "3,5")
    assert edit.text() == "3,5"
    assert edit.value() == 32
    assert "whole number" in said[-1]
    assert edit.property("invalid")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == "32"
    assert not edit.property("invalid")
    assert said[-1] == ""


def test_bounds_are_named(qtbot) -> None:
    edit = NumberEdit(0.5, minimum=0, maximum=1)
    qtbot.addWidget(edit)
    edit.setText("2")
    assert not edit.commit()
    assert "from 0 to 1" in edit.toolTip()


def test_arrow_keys_change_the_leading_digits(qtbot) -> None:
    edit = NumberEdit(0.001)
    qtbot.addWidget(edit)
    edit.show()
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert edit.value() == pytest.approx(0.0011)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    QTest.keyClick(edit, Qt.Key.Key_Down)
    assert edit.value() == pytest.approx(0.0009)


def test_an_empty_box_means_none_where_that_is_allowed(qtbot) -> None:
    edit = NumberEdit(3, optional=True)
    qtbot.addWidget(edit)
    edit.setText("")
    assert edit.commit()
    assert edit.value() is None
