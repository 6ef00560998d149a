"""A file that has changed, moved or gone, and another sheet of a workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from tests.core.data.workbooks import xlsx
from tests.ui.data.test_page import find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.core import edits
from workbench.core.data import memory
from workbench.core.project import Project
from workbench.ui.data.page import DataPage
from workbench.ui.widgets.notice import InlineNotice

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton


def told(page: DataPage) -> InlineNotice:
    notice = find(page, InlineNotice, "sourceState")
    assert isinstance(notice, InlineNotice)
    return notice


def press(page: QWidget, text: str) -> None:
    QApplication.processEvents()  # what was just put into a layout is shown by an event
    QTest.mouseClick(next(b for b in page.findChildren(QPushButton) if b.text() == text and b.isVisible()), LEFT)


def test_a_file_that_changed_is_read_again(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.wait()
    assert not page.source.state.isVisible()
    (tmp_path / "table.csv").write_text(PASSENGERS + "P99,1,1,male,,no\n", "utf-8")
    page.origin.look()
    bench.wait()
    assert told(page).text.startswith("The file has changed since it was read.")
    assert page.table.frame_model.rowCount() == 60
    press(page, "Read it again")
    bench.wait()
    bench.wait()
    assert page.table.frame_model.rowCount() == 61


def test_a_file_that_was_moved_is_found_and_the_recipe_stays(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.session.apply(edits.add_step("drop_column", {"columns": ["Cabin"]}), "Drop")
    bench.wait()
    moved = tmp_path / "elsewhere.csv"
    (tmp_path / "table.csv").rename(moved)
    page.origin.look()
    bench.wait()
    assert "no longer there" in told(page).text
    assert page.table.frame_model.rowCount() == 60
    page.origin.ask = lambda parent, spec: str(moved)
    press(page, "Find it…")
    bench.wait()
    bench.wait()
    assert not page.source.state.isVisible()
    assert "Cabin" not in page.table.frame_model.names
    assert bench.session.project.data.path == str(moved)
    bench.session.undo()
    bench.wait()
    bench.wait()
    assert page.error.isVisible()
    press(page.error, "Find it…")
    bench.wait()
    bench.wait()
    assert page.table.isVisible()


def test_a_project_whose_file_has_another_content_says_so(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    kept = bench.session.project
    bench.session.new_project(show=False)
    bench.wait()
    (tmp_path / "table.csv").write_text(PASSENGERS + "P99,1,1,male,,no\n", "utf-8")
    bench.session.document.replace(Project(data=kept.data))
    bench.wait()
    assert "not the one this project was made with" in told(page).text


def test_another_sheet_of_a_workbook_is_one_choice_and_one_undo(bench: Bench, tmp_path: Path) -> None:
    one: list[list[object]] = [["a", "b"], *([i, i * 2] for i in range(5))]
    two: list[list[object]] = [["c"], *([i] for i in range(9))]
    place = xlsx(tmp_path / "book.xlsx", {"First": one, "Second": two, "Empty": []})
    page = page_of(bench)
    bench.open(str(place), "excel")
    bench.wait()
    box = page.source.sheet
    assert box.isVisible()
    assert (box.currentText(), box.count()) == ("First", 3)
    assert page.table.frame_model.names == ["a", "b"]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    box.activated.emit(box.currentIndex())
    bench.wait()
    bench.wait()
    assert page.table.frame_model.names == ["c"]
    assert box.currentText() == "Second"
    bench.session.undo()
    bench.wait()
    bench.wait()
    assert page.table.frame_model.names == ["a", "b"]
    box.setCurrentText("Empty")
    box.activated.emit(box.currentIndex())
    bench.wait()
    assert page.error.isVisible()
    assert box.isVisible()


def test_a_table_that_names_pictures_can_be_opened_as_those(bench: Bench, tmp_path: Path) -> None:
    lines = ["file,kind"]
    for i in range(12):
        Image.new("RGB", (8, 8), (i * 20, 0, 0)).save(tmp_path / f"p{i}.png")
        lines.append(f"p{i}.png,{'ab'[i % 2]}")
    place = tmp_path / "labels.csv"
    place.write_text("\n".join(lines))
    page = page_of(bench)
    bench.open(str(place))
    bench.wait()
    press(page, "Open as pictures")
    bench.wait()
    bench.wait()
    assert bench.session.dataset.kind == "images"
    assert page.gallery.isVisible()
    bench.session.undo()
    bench.wait()
    assert page.table.isVisible()


def test_a_project_goes_on_from_the_cache_when_its_file_is_gone(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    bench.session.apply(edits.add_step("drop_column", {"columns": ["Cabin"]}), "Drop")
    bench.wait()
    kept = bench.session.project
    bench.session.new_project(show=False)
    bench.wait()
    (tmp_path / "table.csv").unlink()
    bench.session.document.replace(kept)
    bench.wait()
    assert page.error.isVisible()
    press(page.error, "Go on from the cache")
    bench.wait()
    assert page.table.frame_model.rowCount() == 60
    assert "Cabin" not in page.table.frame_model.names
    assert bench.session.facts is not None
    assert told(page).text.startswith("From the cache of ")
    (tmp_path / "table.csv").write_text(PASSENGERS + "P99,1,1,male,,no\n", "utf-8")
    press(page, "Read the file")
    bench.wait()
    assert page.table.frame_model.rowCount() == 61
    assert not bench.session.project.data.from_cache


def test_the_earlier_content_of_a_changed_file_can_be_taken(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    (tmp_path / "table.csv").write_text(PASSENGERS + "P99,1,1,male,,no\n", "utf-8")
    page.origin.look()
    bench.wait()
    assert "in the cache, of " in told(page).text
    press(page, "Go on from the cache")
    bench.wait()
    assert page.table.frame_model.rowCount() == 60
    kept = bench.session.project
    bench.session.new_project(show=False)
    bench.session.document.replace(Project(data=replace(kept.data, from_cache=False)))
    bench.wait()
    assert page.table.frame_model.rowCount() == 61
    press(page, "Take the earlier one")
    bench.wait()
    assert page.table.frame_model.rowCount() == 60


def test_another_table_of_an_archive_is_one_choice(bench: Bench, tmp_path: Path) -> None:
    place = tmp_path / "two.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("one.csv", "a,b\n" + "1,2\n" * 20)
        archive.writestr("two.jsonl", '{"c": 1}\n{"c": 2}\n{"c": 3}\n')
    page = page_of(bench)
    bench.session.open_path(place)
    bench.wait()
    bench.wait()
    box = page.source.sheet
    assert box.isVisible()
    assert [box.itemText(i) for i in range(box.count())] == ["one.csv", "two.jsonl"]
    box.setCurrentText("two.jsonl")
    box.activated.emit(1)
    bench.wait()
    assert page.table.frame_model.names == ["c"]
    assert bench.session.project.data.source == "json"
    bench.session.undo()
    bench.wait()
    assert page.table.frame_model.names == ["a", "b"]
    assert box.currentText() == "one.csv"


def test_test_data_is_added_and_removed(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    page = page_of(bench)
    other = tmp_path / "test.csv"
    head, *lines = PASSENGERS.splitlines()
    other.write_text("\n".join([head + ",More", *(line + ",1" for line in lines[:20])]))
    page.origin.ask_test = lambda parent, spec: str(other)
    press(page, "Add test file…")
    bench.wait()
    assert bench.session.dataset.parts.sum() == 20
    assert "left out: More" in page.source.notes.text()
    assert "20 of them come from a test part" in page.source.notes.text()
    assert page.source.test.isVisible()
    assert not page.source.add_test.isVisible()
    press(page, "Remove")
    bench.wait()
    assert bench.session.dataset.parts.sum() == 0
    other.write_text("Name,Age\nx,1\n")
    press(page, "Add test file…")
    bench.wait()
    assert page.error.isVisible()
    assert "lacks the columns" in bench.session.dataset_error.what
    press(page, "Remove")
    bench.wait()
    assert page.table.isVisible()


def test_the_first_rows_of_a_table_that_does_not_fit_can_be_read(bench: Bench, tmp_path: Path, monkeypatch) -> None:
    place = tmp_path / "large.csv"
    place.write_text("a,b\n" + "".join(f"{i},{i * 2}\n" for i in range(60_000)))
    monkeypatch.setattr(memory, "available", lambda: 1_600_000)
    page = page_of(bench)
    bench.open(str(place))
    assert page.error.isVisible()
    fits = getattr(bench.session.dataset_error, "fits", 0)
    assert 0 < fits < 60_000
    press(page.error, f"Read the first {fits:,} rows")
    bench.wait()
    assert page.table.frame_model.rowCount() == fits - 1
    assert "Only the first" in page.source.notes.text()
