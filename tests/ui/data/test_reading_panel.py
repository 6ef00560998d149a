"""Every option of reading a text, with the preview that follows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from tests.ui.data.test_page import find, page_of
from tests.ui.tables import Bench
from workbench.ui.data.page import DataPage

Open = Callable[..., Bench]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT = Qt.MouseButton.LeftButton
UGLY = "! made by hand\nwhen~price~who\n1 000,5~'a~b'~nix\n2 500,25~c~Ann\n3 000,75~d~nix\n" + "4 000,0~e~Bob\n" * 6


def choose(box: QComboBox, value: object) -> None:
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemData(i) == value))


def type_into(box: QComboBox, text: str) -> None:
    line = box.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, text)


def opened_panel(opened: Open, text: str) -> tuple[Bench, DataPage]:
    bench = opened(text)
    page = page_of(bench)
    page.show_reading_options()
    bench.wait()
    return bench, page


def test_every_option_changes_the_preview_and_then_the_table(opened: Open) -> None:
    bench, page = opened_panel(opened, UGLY)
    panel = page.reading
    type_into(panel.delimiter, "~")
    choose(panel.quote, "'")
    choose(panel.decimal, ",")
    choose(panel.thousands, " ")
    choose(panel.comment, "!")
    choose(panel.header, True)
    panel.missing.selectAll()
    QTest.keyClicks(panel.missing, "nix, none")
    model = panel.table.frame_model
    bench.qtbot.waitUntil(
        lambda: model.rowCount() > 0 and bool(model.cell(0, model.columnCount() - 1)[1]), timeout=20_000
    )
    bench.wait()
    assert model.frame["when"].tolist()[:3] == [1000.5, 2500.25, 3000.75]
    assert model.cell(0, 1)[0] == "a~b"
    assert model.cell(0, 2)[1]
    assert len(bench.session.dataset.frame.columns) != 3
    QTest.mouseClick(find(page, QPushButton, "readApply"), LEFT)
    bench.wait()
    frame = bench.session.dataset.frame
    assert frame["when"].tolist()[:3] == [1000.5, 2500.25, 3000.75]
    assert frame["who"].isna().sum() == 2
    page.show_reading_options()
    bench.wait()
    assert panel.options() == bench.session.project.data.csv
    QTest.mouseClick(find(page, QPushButton, "readFindOut"), LEFT)
    assert panel.options().delimiter == ""
    assert not panel.decimal.isEnabled()


def test_an_encoding_can_be_chosen_and_typed(opened: Open, tmp_path: Path) -> None:
    bench = opened("a,b\n1,2\n")
    page = page_of(bench)
    (tmp_path / "table.csv").write_bytes("name,n\nŁódź,1\nGdańsk,2\n".encode("iso-8859-2"))
    bench.session.reload_data()
    bench.wait()
    page.show_reading_options()
    choose(page.reading.encoding, "iso-8859-2")
    model = page.reading.table.frame_model
    bench.qtbot.waitUntil(lambda: model.rowCount() > 0 and model.cell(0, 0)[0] == "Łódź", timeout=20_000)
    type_into(page.reading.encoding, "no-such-code")
    bench.qtbot.waitUntil(lambda: "no encoding called" in page.reading.says.text(), timeout=20_000)
    assert not page.reading.apply.isEnabled()


def test_what_cannot_be_is_said_at_once(opened: Open) -> None:
    bench, page = opened_panel(opened, "a;b\n1;2\n3;4\n")
    panel = page.reading
    type_into(panel.delimiter, "::")
    bench.qtbot.waitUntil(lambda: "one character is expected" in panel.says.text(), timeout=20_000)
    assert not panel.apply.isEnabled()
    choose(panel.delimiter, ";")
    choose(panel.thousands, ".")
    bench.qtbot.waitUntil(lambda: "are the same" in panel.says.text(), timeout=20_000)
    choose(panel.thousands, "")
    bench.qtbot.waitUntil(lambda: panel.apply.isEnabled(), timeout=20_000)


def test_lines_that_would_be_set_aside_are_told(opened: Open) -> None:
    bench, page = opened_panel(opened, "a,b\n1,2\n3,4,5\n6,7\n8,9\n" + "1,2\n" * 9)
    bench.qtbot.waitUntil(lambda: "line 3" in page.reading.says.text(), timeout=20_000)
