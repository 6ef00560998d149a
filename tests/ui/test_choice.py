"""Every key and button of training starts what the Train page says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from workbench.ui.session import Session
from workbench.ui.window import MainWindow


@pytest.mark.parametrize("pressed", ["F5", "model"])
def test_folds_and_weights_chosen_on_the_train_page_hold_for_every_way_to_train(
    qtbot, window: MainWindow, trainable: Session, pressed: str
) -> None:
    trainable.train()
    qtbot.waitUntil(lambda: [r.state for r in trainable.runs] == ["finished"])
    window.show_page("train")
    side = window.page("train").side
    side.begin.weights.setCurrentIndex(side.begin.weights.findText("run 1, last (epoch 2)"))
    typed = side.begin.form.rows["folds"].editor.findChild(QLineEdit)
    typed.setFocus()
    typed.selectAll()
    QTest.keyClicks(typed, "2")  # and not left
    if pressed == "F5":
        qtbot.waitUntil(window.action_set.actions["train"].isEnabled)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        QTest.keyClick(typed, Qt.Key.Key_F5)
    else:
        QTest.keyClick(typed, Qt.Key.Key_Return)
        page = window.page("model")
        assert page.side.train.text() == "Train 2 folds ▸"
        page.side.train.click()
    qtbot.waitUntil(lambda: sum(r.state == "finished" for r in trainable.runs) == 3)
    assert [(r.fold, r.parent) for r in trainable.runs[1:]] == [(n, trainable.runs[0].id) for n in (1, 2)]
    assert trainable.new_project()
    assert (side.begin.folds, side.begin.chosen) == (0, ("", ""))
    assert trainable.choice.folds(trainable.project) == 0
    assert trainable.choice.start(trainable.folder.runs) is None
