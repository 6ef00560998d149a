"""A column of picture files on the Features page: proposed, its size changed, its pictures seen and varied."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.little_flats import flats
from tests.ui.features.test_encoder_settings import choose
from tests.ui.features.test_page import find, page_of, text
from tests.ui.tables import Bench
from workbench.ui.features.columns_model import BECOMES, ENCODER, ROLE, WHY
from workbench.ui.features.picture_dialog import PictureDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing", "raise")
LEFT = Qt.MouseButton.LeftButton


def test_the_row_of_the_column_and_its_settings(bench: Bench, tmp_path: Path) -> None:
    bench.open(str(flats(tmp_path)))
    page = page_of(bench)
    assert (text(page, "photo", ROLE), text(page, "photo", ENCODER)) == ("Input", "Picture")
    assert text(page, "photo", BECOMES) == "8 × 8 × 3 numbers"
    assert "picture" in text(page, "photo", WHY)
    assert page.columns.counted.text() == "3 inputs, 0 ignored → 2 numbers and 1 picture a row"
    choose(page, bench, "photo", "Settings…")
    (dialog,) = page.findChildren(PictureDialog)
    bench.wait()
    dialog.image.height_box.setFocus()
    dialog.image.height_box.selectAll()
    QTest.keyClicks(dialog.image.height_box, "16")
    QTest.keyClick(dialog.image.height_box, Qt.Key.Key_Return)
    bench.wait()
    assert bench.session.facts.inputs[1].shape == (16, 16, 3), "the width not set keeps the aspect"
    assert dialog.image.width_box.value() == 16
    QTest.mouseClick(dialog.augment.enabled, LEFT)
    bench.wait()
    assert bench.session.document.project.features.augment.enabled
    assert len(dialog.image.preview._pictures) == 3
    QTest.mouseClick(find(dialog, QPushButton, "pictureSettingsClose"), LEFT)
    bench.session.undo()
    bench.session.undo()
    bench.wait()
    assert bench.session.facts.inputs[1].shape == (8, 8, 3)


def test_a_folder_that_holds_none_of_them_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.open(str(flats(tmp_path)))
    page = page_of(bench)
    choose(page, bench, "photo", "Settings…")
    (dialog,) = page.findChildren(PictureDialog)
    bench.wait()
    dialog.form.edited.emit("folder", "elsewhere")
    bench.wait()
    assert "None of the pictures" in dialog.problem.text
    dialog.form.edited.emit("folder", "")
    bench.wait()
    assert bench.session.features_error is None
    dialog.close()
