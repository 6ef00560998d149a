"""Varying training pictures on the Features page: offered, switched on, seen, undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.core import augmentation
from workbench.core.project import Augmentation, DataSpec, ImageFeature
from workbench.ui.features.page import FeaturesPage
from workbench.ui.session import Session

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the off-screen platform says so of every window
LEFT = Qt.MouseButton.LeftButton
COLOUR, GREY = ImageFeature(channels=3), ImageFeature(channels=1)


@pytest.mark.parametrize(
    ("classes", "image", "mirrored", "light"),
    [
        (tuple("0123456789"), GREY, False, False),
        (("A", "B", "ten"), COLOUR, False, False),
        (("turn left", "turn right"), COLOUR, False, False),
        (("coat", "shoe"), GREY, True, False),
        (("daisy", "iris"), COLOUR, True, True),
    ],
)
def test_what_is_offered_suits_the_pictures(
    classes: tuple[str, ...], image: ImageFeature, mirrored: bool, light: bool
) -> None:
    made, reason = augmentation.propose(classes, image)
    assert (made.horizontal, made.vertical, made.brightness > 0) == (mirrored, False, light)
    assert made.rotate > 0
    assert reason.endswith(".")
    augmentation.check(made)
    assert "rotated by up to 10°" in augmentation.summary(made)


def picture_folder(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("daisy", "iris"):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            Image.fromarray(rng.integers(0, 256, (20, 20, 3)).astype(np.uint8)).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture
def page(session: Session, qtbot: QtBot, tmp_path: Path) -> FeaturesPage:
    session.open_data(DataSpec("images", str(picture_folder(tmp_path / "flowers"))))
    qtbot.waitUntil(lambda: not session.jobs.busy and session.preprocessor is not None, timeout=30_000)
    made = FeaturesPage(session)
    qtbot.addWidget(made)
    made.resize(1200, 900)
    made.show()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=30_000)
    QApplication.processEvents()
    return made


def wanted(page: FeaturesPage) -> Augmentation:
    return page._session.document.project.features.augment


def test_it_is_off_until_asked_for_and_starts_from_what_suits(page: FeaturesPage, qtbot: QtBot) -> None:
    session, panel = page._session, page.augment
    assert not wanted(page).enabled
    assert not panel.body.isVisible()
    assert "mirrored left and right" in panel.reason.text()
    QTest.mouseClick(panel.enabled, LEFT, pos=QPoint(10, panel.enabled.height() // 2))
    assert wanted(page) == augmentation.propose(("daisy", "iris"), COLOUR)[0]
    assert panel.body.isVisible()
    assert panel.preview.shown == 0
    assert "starting" in panel.preview.accessibleDescription()  # said, not waited for

    session.start_engine()
    qtbot.waitUntil(lambda: panel.preview.shown == 9, timeout=30_000)
    before = panel.preview._after[0].pixel(3, 3)
    QTest.mouseClick(panel.another, LEFT)
    qtbot.waitUntil(lambda: panel.preview.shown == 9 and panel.preview._after[0].pixel(3, 3) != before, timeout=30_000)
    assert "100 µs a picture, 2 ms an epoch" in panel.cost.text()
    session.undo()
    assert not wanted(page).enabled


def test_a_dragged_strength_is_one_step_and_bad_figures_change_nothing(page: FeaturesPage) -> None:
    session, panel = page._session, page.augment
    panel.enabled.click()
    assert not session.jobs.busy  # nothing is prepared or looked at again for it
    look = page._look
    for value in (20, 25, 40):
        panel.sliders["rotate"].setValue(value)
    panel.sliders["rotate"].sliderReleased.emit()
    assert wanted(page).rotate == 40
    assert session.features.augment.rotate == 40
    assert not session.jobs.busy
    assert page._look is look
    box = panel.numbers["shift"]
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "70")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert wanted(page).shift == 0.1  # 50 % is the most
    box.selectAll()
    QTest.keyClicks(box, "25")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert wanted(page).shift == 0.25
    session.undo()
    session.undo()
    assert wanted(page).rotate == 10
    panel.enabled.click()
    assert wanted(page).rotate == 10  # switched off, its strengths are kept
    assert not wanted(page).enabled


def test_nothing_to_vary_is_said(page: FeaturesPage) -> None:
    page._session.start_engine()
    panel = page.augment
    panel.enabled.click()
    for name in ("rotate", "shift", "zoom", "contrast", "brightness"):
        panel.numbers[name].edited.emit(0.0)
    panel.flips["horizontal"].click()
    assert "Nothing is varied" in panel.preview.accessibleDescription()
    assert not panel.border.isEnabled()
