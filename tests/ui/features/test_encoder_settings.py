"""The settings of an encoding, by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QWidget

from tests.ui.features.test_page import page_of, text
from tests.ui.tables import Bench
from workbench.ui.features.columns_model import BECOMES, ENCODER, TUNABLE
from workbench.ui.features.encoder_settings import FIELDS, EncoderSettings, told
from workbench.ui.features.page import FeaturesPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SIZES = "size,price,y\n" + "\n".join(
    f"{('small', 'huge', 'middling')[i % 3]},{'' if i % 7 == 3 else i * 3 % 50},{'yn'[i % 2]}" for i in range(80)
)


def choose(page: FeaturesPage, bench: Bench, name: str, title: str) -> None:
    QTest.mouseClick(page.table.viewport(), LEFT, PLAIN, page.table.cell(name, ENCODER).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text() == title)
    QTest.mouseClick(menu, LEFT, PLAIN, menu.actionGeometry(action).center())
    bench.wait()


def dialog_of(page: QWidget) -> EncoderSettings:
    found = page.findChildren(EncoderSettings)
    assert found
    return found[-1]


def test_a_flag_for_gaps_makes_a_second_number(opened: Open) -> None:
    bench = opened(SIZES)
    page = page_of(bench)
    before = bench.session.preprocessor.width
    choose(page, bench, "price", "Settings…")
    dialog = dialog_of(page)
    QTest.mouseClick(dialog.form.rows["flag"].editor.findChildren(QWidget)[0], LEFT)
    bench.wait()
    assert bench.session.preprocessor.width == before + 1
    dialog.close()
    bench.session.undo()
    bench.wait()
    assert bench.session.preprocessor.width == before


def test_an_order_is_typed_and_a_forgotten_value_is_told(opened: Open) -> None:
    bench = opened(SIZES)
    page = page_of(bench)
    choose(page, bench, "size", "In order")
    choose(page, bench, "size", "Settings…")
    dialog = dialog_of(page)
    line = dialog.form.rows["order"].editor.findChildren(QLineEdit)[0]
    line.setFocus()
    QTest.keyClicks(line, "small, huge")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert "middling" in str(bench.session.features_error)
    line.selectAll()
    QTest.keyClicks(line, "small, middling, huge")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert bench.session.features_error is None
    column = next(c for c in bench.session.features.columns if c.name == "size")
    assert column.params == {"order": ["small", "middling", "huge"]}
    assert text(page, "size", BECOMES).startswith("small → 0")
    QTest.mouseClick(next(b for b in dialog.findChildren(QPushButton) if b.isVisible() and "Close" in b.text()), LEFT)


def test_what_is_left_empty_is_not_told() -> None:
    assert told({"order": "", "words": 500, "flag": False, "fill": "median"}, "bag") == {"words": 500, "fill": "median"}
    assert told({"fill": "median", "value": 0.0, "lowest": 0.0}, "robust") == {"value": 0.0, "lowest": 0.0}
    assert set(FIELDS) == TUNABLE


def test_a_text_is_read_word_by_word_and_its_length_set_by_hand(opened: Open) -> None:
    said = "note,size,y\n" + "\n".join(f"word{i % 5} and word{i % 7} again,{i},{'yn'[i % 2]}" for i in range(80))
    bench = opened(said)
    page = page_of(bench)
    choose(page, bench, "note", "Word by word")
    text_input = next(i for i in bench.session.facts.inputs if i.kind == "text")
    assert text_input.shape == (4,)
    choose(page, bench, "note", "Settings…")
    dialog = dialog_of(page)
    assert "4 words of a text are read" in dialog.found.text()
    line = dialog.form.rows["length"].editor.line
    assert line.placeholderText().startswith("4,")
    QTest.mouseClick(line, LEFT)
    QTest.keyClicks(line, "2")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert next(i for i in bench.session.facts.inputs if i.kind == "text").shape == (2,)
    assert "100.0 % of the training texts are longer" in dialog.found.text()
    dialog.close()
    bench.session.undo()
    bench.wait()
    assert next(i for i in bench.session.facts.inputs if i.kind == "text").shape == (4,)
