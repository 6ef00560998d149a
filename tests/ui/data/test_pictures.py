"""Working in the gallery: relabelled and dropped with the keyboard, compared, filtered; each a step that is undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from tests.ui.tables import Bench
from workbench.core.data.dataset import ImageData, LoadReport
from workbench.core.data.picture_recipe import clean_pictures
from workbench.core.project import Step
from workbench.ui.data.gallery import Gallery
from workbench.ui.data.gallery_tiles import slots
from workbench.ui.data.page import DataPage
from workbench.ui.data.pictures_order import key_of_class

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the off-screen platform, of windows and menus
LEFT = Qt.MouseButton.LeftButton
PLAIN, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def page(bench: Bench) -> DataPage:
    """Six cats and four dogs; the second dog is the first cat once more, and one dog is blank."""
    root = bench.folder / "pets"
    rng = np.random.default_rng(0)
    for name, count in (("cat", 6), ("dog", 4)):
        (root / name).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 255, (10, 15, 3), np.uint8)
            Image.fromarray(pixels).resize((60, 40)).save(root / name / f"{name} {i}.png")
    (root / "dog" / "dog 1.png").write_bytes((root / "cat" / "cat 0.png").read_bytes())
    Image.new("RGB", (60, 40), (90, 90, 90)).save(root / "dog" / "dog 3.png")
    made = DataPage(bench.session)
    bench.show(made)
    bench.open(str(root), "images")
    return made


def click(page: DataPage, place: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    gallery = page.gallery.gallery
    QTest.mouseClick(gallery.viewport(), LEFT, keys, gallery.tile(place).center())


def recipe(bench: Bench) -> list[tuple[str, dict]]:
    return [(step.kind, dict(step.params)) for step in bench.session.document.project.recipe]


def counts(bench: Bench) -> dict[str, int]:
    data = bench.session.cleaned.data
    return dict(zip(data.classes, np.bincount(data.labels).tolist(), strict=True))


def test_a_digit_puts_the_picture_into_that_class_and_goes_on_to_the_next(bench: Bench, page: DataPage) -> None:
    gallery = page.gallery.gallery
    click(page, 1)
    QTest.keyClick(gallery, Qt.Key.Key_2)
    assert gallery.selection() == [2]
    QTest.keyClick(gallery, Qt.Key.Key_2)
    bench.wait()
    assert recipe(bench) == [("relabel_pictures", {"labels": {"cat/cat 1.png": "dog", "cat/cat 2.png": "dog"}})]
    assert counts(bench) == {"cat": 4, "dog": 6}
    assert bench.session.facts is not None
    bench.session.document.undo()
    bench.wait()
    assert counts(bench) == {"cat": 5, "dog": 5}
    card = page.pictures.recipe.cards()[0]
    assert card.title.text() == "Relabel cat/cat 1.png as dog"


def test_several_are_chosen_and_dropped_and_come_back(bench: Bench, page: DataPage) -> None:
    gallery = page.gallery.gallery
    click(page, 0)
    click(page, 2, SHIFT)
    click(page, 4, CTRL)
    click(page, 1, CTRL)
    assert gallery.selection() == [0, 2, 4]
    assert page.gallery.drop_button.isVisible()
    QTest.keyClick(gallery, Qt.Key.Key_Delete)
    bench.wait()
    assert gallery.order.tolist() == [1, 3, 5, 6, 7, 8, 9]
    assert counts(bench) == {"cat": 3, "dog": 4}
    assert bench.session.resolved is not None
    bench.session.document.undo()
    bench.wait()
    assert len(gallery.order) == 10
    assert recipe(bench) == []


def test_a_typed_class_may_be_new(bench: Bench, page: DataPage) -> None:
    gallery, line = page.gallery.gallery, page.gallery.line
    click(page, 3)
    gallery.setFocus()
    QTest.keyClicks(gallery, "f")
    assert line.hasFocus()
    assert line.text() == "f"
    QTest.keyClicks(line, "ox")
    QTest.keyClick(line, Qt.Key.Key_Return)
    bench.wait()
    assert counts(bench) == {"cat": 5, "dog": 4, "fox": 1}
    chips = [b.text() for b in page.gallery.findChildren(QPushButton) if b.objectName().startswith("class-")]
    assert "③ fox  1" in chips
    QTest.keyClick(gallery, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(gallery, "d")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    bench.wait()
    assert counts(bench)["fox"] == 1
    assert gallery.hasFocus()


def test_what_was_seen_is_shown_in_groups_and_mended_with_a_click(bench: Bench, page: DataPage) -> None:
    gallery = page.gallery.gallery
    reasons = [s.step.kind for s in bench.session.suggestions]
    assert reasons == ["drop_near_pictures", "drop_same_pictures", "drop_blank_pictures"]
    page.images.findChild(QPushButton, "seen-both").click()
    assert gallery.order.tolist() == [0, 7]
    page.images.findChild(QPushButton, "seen-blank").click()
    assert gallery.order.tolist() == [9]
    accept = page.pictures.recipe.findChildren(QPushButton, "acceptSuggestion")
    next(b for b in accept if "one colour" in b.accessibleName()).click()
    bench.wait()
    assert [kind for kind, _ in recipe(bench)] == ["drop_blank_pictures"]
    assert 9 not in bench.session.cleaned.data.numbers
    assert page.pictures.recipe.cards()[0].outcome.text() == "10 → 9 pictures"
    assert gallery.order.tolist() == list(range(9))  # the filter of what is no longer there is gone


def test_filters_and_orders(bench: Bench, page: DataPage) -> None:
    pane, gallery = page.gallery, page.gallery.gallery
    levels = bench.session.profile.look.levels
    pane.order.setCurrentIndex(pane.order.findData("dark"))
    pane.arrange()
    assert gallery.order.tolist() == np.argsort(levels, kind="stable").tolist()
    pane.filter_class(1)
    assert sorted(gallery.order.tolist()) == [6, 7, 8, 9]
    pane.filter_class(-1)
    page.images.light.picked.emit(int(levels[9] // 8))
    assert 9 in gallery.order
    assert len(gallery.order) < 10
    pane.filter_brightness(None)
    assert len(gallery.order) == 10


def test_a_step_is_seen_before_and_after(bench: Bench, page: DataPage) -> None:
    pictures, gallery = page.pictures, page.gallery.gallery
    pictures.add_step("drop_same_pictures")
    bench.wait()
    pictures.select_step(bench.session.document.project.recipe[0].id)
    bench.wait()
    assert pictures.bar.isVisible()
    assert gallery.order.tolist() == [0, 7]  # the one that goes beside the one that stays
    assert gallery._gone == {7}
    pictures.bar.findChild(QPushButton, "step-after").click()
    assert 7 not in gallery.order
    QTest.keyClick(gallery, Qt.Key.Key_Delete)  # nothing is done while a step is looked at
    pictures.bar.findChild(QPushButton, "stepDone").click()
    bench.wait()
    assert not pictures.bar.isVisible()
    assert len(recipe(bench)) == 1


def test_a_crop_is_seen_beside_the_source_and_reaches_the_model(bench: Bench, page: DataPage) -> None:
    pictures = page.pictures
    click(page, 2)
    pictures.add_step("crop_pictures")
    bench.wait()
    step = bench.session.document.project.recipe[0].id
    pictures.edit_step(step, "left", 50.0)
    bench.wait()
    assert page.images.source.isVisible()
    assert "30 × 40" in page.images.about.text()
    assert [s.kind for s in bench.session.preprocessor.recipe] == ["crop_pictures"]
    assert bench.session.features.image.width == 30
    pictures.edit_step(step, "right", 70.0)
    bench.wait()
    assert "Nothing would be left" in pictures.recipe.cards()[0].error.text()


def test_menus_of_a_class_and_of_the_pictures_chosen(bench: Bench, page: DataPage) -> None:
    page.gallery.filters.menu_asked.emit("cat", page.mapToGlobal(QPoint(400, 40)))
    menu = page.findChild(QMenu, "classMenu")
    menu.actions()[0].trigger()
    menu.close()
    bench.wait()
    assert recipe(bench) == [("merge_classes", {"classes": ["cat"], "name": "cat"})]
    page.pictures.edit_step(bench.session.document.project.recipe[0].id, "name", "lion")
    bench.wait()
    assert counts(bench) == {"dog": 4, "lion": 6}
    page.pictures.select_step("")
    click(page, 0)
    click(page, 1, CTRL)
    page.gallery.show_menu(page.mapToGlobal(QPoint(400, 200)))
    menu = page.findChild(QMenu, "pictureMenu")
    into = menu.actions()[0].menu()
    next(action for action in into.actions() if action.text() == "dog").trigger()
    menu.close()
    bench.wait()
    assert counts(bench) == {"dog": 6, "lion": 4}


def test_pictures_are_exported(bench: Bench, page: DataPage, tmp_path: Path) -> None:
    told: list[object] = []
    bench.session.notice.connect(told.append)
    page.pictures.export_to(str(tmp_path / "out"))
    bench.wait()
    assert len(list((tmp_path / "out").rglob("*.png"))) == 10
    page.pictures.export_to(str(tmp_path / "out"))
    bench.wait()
    assert "not empty" in str(told[-1].text)


def test_groups_are_not_broken_across_rows() -> None:
    order, groups = np.array([1, 5, 2, 3, 9]), np.array([1, 1, 2, 2, 2])
    assert slots(order, groups, 4).tolist() == [1, 5, -1, -1, 2, 3, 9]
    assert slots(order, groups, 2).tolist() == [1, 5, 2, 3, 9]
    assert slots(order, None, 3) is order


def test_keys_of_classes() -> None:
    assert [key_of_class(("cat", "dog"), i) for i in (-1, 0, 1)] == ["", "1", "2"]
    assert [key_of_class(tuple("0123456789"), i) for i in range(10)] == list("0123456789")
    assert key_of_class(("cat", "1"), 0) == ""


def test_the_keyboard_walks_over_gaps_and_thumbnails_stay_when_pictures_go(bench: Bench) -> None:
    array = np.random.default_rng(0).integers(0, 255, (300, 28, 28, 1), np.uint8)
    data = ImageData(("a", "b"), (np.arange(300) % 2).astype(np.int32), np.zeros(300, np.uint8), LoadReport(), array)
    gallery = Gallery(bench.session.jobs)
    bench.show(gallery, 600, 400)
    gallery.set_data(data)
    wide = gallery._columns()
    gallery.set_order(np.arange(wide + 2), np.array([0] * (wide - 1) + [1] * 3))
    gallery.choose(wide - 2)
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    assert gallery.current() == wide - 1  # over the gap at the end of the row
    left = clean_pictures(data, (Step("d", "drop_pictures", {"pictures": ["#3"]}),)).data
    gallery.choose(5)
    gallery.set_data(left)
    gallery.set_order(left.numbers, stay=True)
    assert gallery.selection() == [5]
    assert gallery.place(5) == 4
    assert gallery.place(3) == -1
    gallery.viewport().repaint()
    QTest.keyClick(gallery, Qt.Key.Key_End)
    assert gallery.current() == 299
