"""Asking a model of rows with a picture: a sample shows both, the form takes another file, a folder of them follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from tests.little_flats import flats
from tests.ui.stage import Cells, StagedSession
from tests.ui.test_page.test_testing import finish, opened
from workbench.core.data.features import propose
from workbench.core.data.profile import profile_table
from workbench.core.data.sources import guess_source, load
from workbench.ui.test.page import TestPage
from workbench.ui.test.row_tab import PictureEdit


@pytest.fixture
def page(staged: StagedSession, qtbot: QtBot, tmp_path: Path) -> TestPage:
    spec = guess_source(flats(tmp_path / "data", count=60))
    data = load(spec)
    features = propose(profile_table(data.frame, data.folder), staged.project.features, "table")  # type: ignore[union-attr]
    staged.document.replace(replace(staged.project, data=spec, features=features))
    staged.with_data(data, Cells(data))  # type: ignore[arg-type]
    staged.rule = lambda x: x["photo"].mean(axis=(1, 2))[:, [2]] / 255  # how blue it is
    finish(staged)
    made = opened(staged, qtbot)
    qtbot.waitUntil(lambda: made.context is not None)
    return made


def test_a_sample_shows_its_picture_and_its_cells(page: TestPage, qtbot: QtBot) -> None:
    assert page.tabs.currentWidget() is page.sample
    qtbot.waitUntil(lambda: page.sample.change.isEnabled())
    assert page.sample.picture.isVisible()
    assert "8 by 8" in page.sample.picture.accessibleDescription()
    assert str(page.sample._row["photo"]).endswith(".png")


def test_the_form_takes_another_picture_and_says_when_there_is_none(
    page: TestPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page.tabs.setCurrentWidget(page.row)
    photo = page.row.editors["photo"]
    assert isinstance(photo, PictureEdit)
    qtbot.waitUntil(lambda: "8 by 8" in page.row.views["photo"].accessibleDescription())
    new = tmp_path / "blue.png"
    Image.fromarray(np.full((40, 20, 3), (0, 0, 255), np.uint8)).save(new)
    before = page.answer.accessibleName()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(new))])
    no = Qt.MouseButton.NoButton
    photo.dropEvent(QDropEvent(QPointF(4, 4), Qt.DropAction.CopyAction, mime, no, Qt.KeyboardModifier.NoModifier))
    assert photo.text() == str(new)
    qtbot.waitUntil(lambda: page.answer.accessibleName() != before)
    photo.take("gone.png")
    qtbot.waitUntil(lambda: page.row.problem.isVisible())
    assert "no longer there" in page.row.problem.text
    assert "none" in page.row.views["photo"].accessibleDescription()


def test_a_file_with_its_pictures_beside_it_is_answered_and_rows_without_are_said(
    page: TestPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page.tabs.setCurrentWidget(page.file)
    table = flats(tmp_path / "new", count=5)
    (tmp_path / "new" / "flat 2.png").unlink()
    page.file.choose_file = lambda: table
    page.file.file.click()
    qtbot.waitUntil(lambda: page.answers.isVisible())
    assert page.answers.model.rowCount() == 4
    assert isinstance(page.row.editors["area"], QLineEdit)
