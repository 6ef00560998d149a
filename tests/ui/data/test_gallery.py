"""Pictures on the Data page: in memory and as files, by class, broken ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.tables import Bench
from workbench.core.data.dataset import ImageData, LoadReport
from workbench.core.project import CsvOptions
from workbench.ui.data.gallery import Gallery
from workbench.ui.data.page import DataPage
from workbench.ui.data.reading_panel import read_preview

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the off-screen platform says so of every window
LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier


def write_pictures(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for name, count in (("cat", 6), ("dog", 4)):
        (folder / "pets" / name).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 255, (40 + i, 60, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "pets" / name / f"{name} {i}.png")
    return folder / "pets"


def in_memory(n: int) -> ImageData:
    rng = np.random.default_rng(0)
    array = rng.integers(0, 255, (n, 28, 28, 1), np.uint8)
    labels = (np.arange(n) % 10).astype(np.int32)
    return ImageData(tuple("0123456789"), labels, np.zeros(n, np.uint8), LoadReport(rows=n), array)


def test_a_folder_is_shown_filtered_and_looked_into(bench: Bench) -> None:
    page = DataPage(bench.session)
    bench.show(page)
    bench.open(str(write_pictures(bench.folder)), "images")
    gallery = page.gallery.gallery
    assert gallery.isVisible()
    bench.qtbot.waitUntil(lambda: len(gallery._images) == 10)
    chips = [b for b in page.gallery.findChildren(QPushButton) if b.objectName().startswith("class-")]
    assert [c.text() for c in chips] == ["All  10", "① cat  6", "② dog  4"]
    QTest.mouseClick(chips[2], LEFT)
    assert len(gallery.order) == 4
    QTest.mouseMove(gallery.viewport(), gallery.tile(1).center())
    assert "dog 1.png · dog · 60 × 41" in page.gallery.under.text()
    QTest.mouseClick(gallery.viewport(), LEFT, PLAIN, gallery.tile(0).center())
    bench.wait()
    assert page.images.picture.isVisible()
    about = page.images.findChild(QLabel, "pictureAbout")
    assert "dog 0.png" in about.text()
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    bench.wait()
    assert "dog 1.png" in about.text()


def test_a_picture_that_vanished_is_said_so_in_its_place(bench: Bench) -> None:
    folder = write_pictures(bench.folder)
    page = DataPage(bench.session)
    page.hide()
    bench.open(str(folder), "images")
    (folder / "cat" / "cat 0.png").unlink()
    bench.show(page)
    gallery = page.gallery.gallery
    bench.qtbot.waitUntil(lambda: len(gallery._images) == 10)
    assert isinstance(gallery._images[0], str)


def test_the_middle_of_sixty_thousand_pictures_is_reached_at_once(bench: Bench) -> None:
    gallery = Gallery(bench.session.jobs)
    bench.show(gallery, 1000, 700)
    pictures = in_memory(60_000)
    gallery.set_data(pictures)
    bar = gallery.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    gallery.viewport().repaint()
    seen = gallery._visible()
    assert 29_000 < seen.start < seen.stop < 31_000


def test_the_picture_at_the_top_stays_when_the_size_changes(bench: Bench) -> None:
    gallery = Gallery(bench.session.jobs)
    bench.show(gallery, 600, 400)
    gallery.set_data(in_memory(5000))
    gallery.verticalScrollBar().setValue(gallery._step() * 40)
    top = gallery._first_row() * gallery._columns()
    gallery.set_side(100)
    shown = gallery._first_row() * gallery._columns()
    assert abs(shown - top) <= 2 * gallery._columns()
    place = gallery._place_at(QPointF(QPoint(gallery.tile(shown + gallery._columns()).center())))
    assert place == shown + gallery._columns()


def test_a_preview_reads_only_the_head(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("größe;preis\n" + "1,5;2\n" * 200_000, "windows-1252")
    preview = read_preview(str(path), CsvOptions(encoding="windows-1252"))
    assert list(preview.frame.columns) == ["größe", "preis"]
    assert len(preview.frame) == 40
    assert preview.options.delimiter == ";"
