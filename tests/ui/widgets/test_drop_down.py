"""The list of a choice shows its entries whole, in the theme's own look."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from workbench.ui import theme
from workbench.ui.widgets.drop_down import WIDEST, DropDown


@pytest.mark.parametrize(("entry", "least"), [("ScheduleFreeAdamW and more of it", 200), ("long " * 300, WIDEST)])
def test_a_narrow_box_opens_a_list_as_wide_as_its_longest_entry(qtbot, qapp: QApplication, entry: str, least: int):
    theme.apply(qapp, "light")
    box = DropDown()
    qtbot.addWidget(box)
    box.addItems(["Adam", entry])
    box.setFixedWidth(90)
    box.show()
    box.showPopup()
    qtbot.waitUntil(box.view().isVisible)
    assert least <= box.view().parentWidget().width() <= WIDEST
    box.hidePopup()
