"""Taking the cleaned table away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPlainTextEdit, QPushButton

from tests.ui.data.test_page import find, page_of
from tests.ui.tables import PASSENGERS, Bench
from workbench.core import edits
from workbench.core.errors import Cancelled, DataError
from workbench.ui.data import table_file
from workbench.ui.data.export_dialog import ExportDialog

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton


def dialog_of(bench: Bench, place: Path | str) -> ExportDialog:
    page = page_of(bench)
    QTest.mouseClick(find(page, QPushButton, "exportCleanedButton"), LEFT)
    bench.wait()
    dialog = next(d for d in page.findChildren(ExportDialog) if d.isVisible())
    dialog.ask = lambda parent, suggestion: str(place)
    return dialog


def test_the_cleaned_table_is_saved_as_csv_with_its_formulas_harmless(opened: Open, tmp_path: Path) -> None:
    bench = opened("name,note,n\na,=1+1,-1\nb,@sum,-2\nc,plain,3\nd,+49 170,4\n")
    bench.session.apply(edits.add_step("rename_column", {"column": "n", "name": "number"}), "Rename")
    bench.wait()
    place = tmp_path / "out.csv"
    dialog = dialog_of(bench, place)
    assert find(dialog, QLabel, "exportFormulas").text().startswith("3 cells of text begin with")
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    assert place.read_text("utf-8") == "name,note,number\na,'=1+1,-1\nb,'@sum,-2\nc,plain,3\nd,'+49 170,4\n"
    assert str(place) in find(dialog, QLabel, "exportSays").text()
    find(dialog, QCheckBox, "exportEscape").click()
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    assert "\na,=1+1," in place.read_text("utf-8")
    dialog.close()


def test_parquet_keeps_every_cell(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    place = tmp_path / "out.parquet"
    dialog = dialog_of(bench, place)
    QTest.mouseClick(find(dialog, QPushButton, "export-parquet"), LEFT)
    assert not dialog.escape.isVisible()
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    pd.testing.assert_frame_equal(pd.read_parquet(place), bench.session.cleaned.frame, check_dtype=False)
    dialog.close()


def test_the_code_is_copied_saved_and_gives_the_same_table(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    bench.session.apply(edits.add_step("drop_missing", {"columns": ["Age"]}), "Drop")
    bench.wait()
    place = tmp_path / "clean.py"
    dialog = dialog_of(bench, place)
    QTest.mouseClick(find(dialog, QPushButton, "export-code"), LEFT)
    assert "read_csv" in find(dialog, QPlainTextEdit, "exportCode").toPlainText()
    QTest.mouseClick(find(dialog, QPushButton, "exportCopy"), LEFT)
    assert QApplication.clipboard().text() == dialog.code.toPlainText()
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    code = place.read_text("utf-8") + f"\ndf.to_csv({str(tmp_path / 'by-code.csv')!r}, index=False)\n"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)
    assert len(pd.read_csv(tmp_path / "by-code.csv")) == len(bench.session.cleaned.frame)
    dialog.close()


def test_the_source_is_never_written_and_a_bad_place_is_told(opened: Open, tmp_path: Path) -> None:
    bench = opened(PASSENGERS)
    source = tmp_path / "table.csv"
    dialog = dialog_of(bench, source)
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    assert "never written to" in dialog.says.text()
    assert source.read_text("utf-8") == PASSENGERS
    dialog.ask = lambda parent, suggestion: str(tmp_path / "nowhere" / "x.csv")
    QTest.mouseClick(find(dialog, QPushButton, "exportSave"), LEFT)
    bench.wait()
    assert "could not be written" in dialog.says.text()
    assert dialog.save.isEnabled()
    dialog.close()


def test_a_cancelled_export_leaves_what_was_there(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("old")
    frame = pd.DataFrame({"a": range(10)})
    with pytest.raises(Cancelled):
        table_file.write_table(frame, place, "", True, lambda share, text: None, lambda: True)
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]
    with pytest.raises(DataError):
        table_file.write_table(frame, tmp_path, "", True, lambda share, text: None, lambda: False)
