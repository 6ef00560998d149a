"""Names with line breaks and tabs are drawn on one line."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from workbench.ui.features.side import ClassChips, ClassShares
from workbench.ui.test.confusion import ConfusionView
from workbench.ui.widgets.bars import ProbabilityBars
from workbench.ui.widgets.elide import ElidedLabel

NAMES = ("a\nb", "c\td")


def test_wherever_a_class_is_drawn(qtbot: QtBot) -> None:
    confusion, bars, chips, shares = ConfusionView(), ProbabilityBars(), ClassChips(), ClassShares()
    for widget in (confusion, bars, chips, shares):
        qtbot.addWidget(widget)
    confusion.set_matrix(NAMES, np.eye(2, dtype=int))
    bars.resize(300, 60)
    bars.set_values(NAMES, (0.25, 0.75))
    chips.show_classes(NAMES, (1, 2))
    shares.show_shares({"train": np.array([1, 2])}, NAMES)
    assert confusion.classes == ("a⏎b", "c⇥d")
    assert "“a⏎b”" in confusion.words(0, 1)
    assert bars.shown_names() == ["a⏎b", "c⇥d"]
    assert "a⏎b" in chips.findChildren(QLabel)[0].text()
    assert "c⇥d 67 %" in shares.accessibleDescription()
    assert ElidedLabel("x\ny").text() == "x⏎y"
