"""The wrapping layout, and what PySide keeps of a layout's items.

Python holds a wrapper for each C++ object by its address. Asked for an item, Qt's own layouts keep its wrapper alive as
long as the layout, also when the item is deleted with its widget; whatever C++ makes at that address later is then
handed to Python as a QWidgetItem, to event filters of the whole program too.
"""

from __future__ import annotations

import gc
import re
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workbench.ui.widgets.flow import Flow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def holder(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def buttons(layout, count: int = 3) -> list[QPushButton]:
    made = [QPushButton(str(i)) for i in range(count)]
    for button in made:
        layout.addWidget(button)
    return made


def delete(*widgets: QWidget) -> None:
    for widget in widgets:
        widget.deleteLater()
        QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)
    gc.collect()


def test_no_wrapper_of_an_item_outlives_it(holder):
    flow = Flow(holder, 4)
    made = buttons(flow)
    wrappers = [weakref.ref(item) for item in flow._items]
    holder.show()
    delete(made[0])
    assert [one() is None for one in wrappers] == [True, False, False]
    flow.clear()
    gc.collect()
    assert flow.count() == 0
    assert all(one() is None for one in wrappers)


def test_qt_s_own_layouts_keep_the_wrapper_of_an_item_they_were_asked_for(holder):
    # Why nothing here asks them: when this is no longer so, the rule below may go.
    row = QHBoxLayout(holder)
    (button,) = buttons(row, 1)
    wrapper = weakref.ref(row.itemAt(0))
    delete(button)
    assert row.count() == 0
    assert wrapper() is not None


def test_nothing_asks_a_layout_for_its_items():
    asks = re.compile(r"itemAtPosition\(|layout\(\)\.itemAt\(|_(?:row|rows|column|grid|form|buttons|layout)\.itemAt\(")
    mine = Path(__file__).name
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("workbench", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.name != mine
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if asks.search(line)
    ]
    assert not found


def test_widgets_wrap_like_text_and_hidden_ones_take_no_room(holder):
    flow = Flow(holder, 4)
    made = [QWidget() for _ in range(3)]  # a button has measures of its own from the theme
    for widget in made:
        widget.setFixedSize(100, 20)
        flow.addWidget(widget)
    assert flow.heightForWidth(320) == 20
    assert flow.heightForWidth(220) == 44
    made[0].hide()
    assert flow.heightForWidth(220) == 20
    assert flow.widgets() == made
