"""The small widgets: what they show, and that long words and odd values do no harm."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.errors import DataError
from workbench.ui.widgets.bars import ProbabilityBars, percent
from workbench.ui.widgets.elide import ElidedLabel
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.flow import Flow
from workbench.ui.widgets.notice import InlineNotice
from workbench.ui.widgets.section import Section


@pytest.fixture
def holder(qtbot) -> QWidget:
    made = QWidget()
    QVBoxLayout(made)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def test_a_notice_says_what_where_and_what_to_try(holder: QWidget) -> None:
    notice = InlineNotice()
    holder.layout().addWidget(notice)
    assert not notice.isVisible()
    done: list[str] = []
    notice.show_error(
        DataError("It is empty.", where="a.csv", remedy="Choose another."), [("Retry", lambda: done.append("r"))]
    )
    assert notice.isVisible()
    assert notice.text == "a.csv: It is empty.\nChoose another."
    QTest.mouseClick(notice.findChild(QPushButton, "notice_action_0"), Qt.MouseButton.LeftButton)
    assert done == ["r"]
    notice.clear()
    assert not notice.isVisible()


def test_a_notice_never_becomes_a_window_of_its_own(qapp: QApplication) -> None:
    before = len([w for w in QApplication.topLevelWidgets() if w.isVisible()])
    notice = InlineNotice("words", "warning")
    assert len([w for w in QApplication.topLevelWidgets() if w.isVisible()]) == before
    notice.deleteLater()


def test_a_long_remedy_of_a_notice_is_read_whole(holder: QWidget) -> None:
    title = 'Make the 39 classes one, "other", and leave the rest'
    notice = InlineNotice("Classes are missing.", "warning", ((title, lambda: None),), holder)
    holder.layout().addWidget(notice)
    notice.resize(240, 120)
    button = notice.findChild(QPushButton, "notice_action_0")
    assert button.text().replace("\n", " ") == title
    assert all(button.fontMetrics().horizontalAdvance(line) <= 200 for line in button.text().split("\n"))
    notice.resize(900, 120)
    assert button.text() == title


def test_a_notice_shows_markup_as_it_is_written(holder: QWidget) -> None:
    notice = InlineNotice("<b>bold</b>", "info", closable=True)
    holder.layout().addWidget(notice)
    assert notice.findChild(QLabel, "notice_text").textFormat() == Qt.TextFormat.PlainText
    QTest.mouseClick(notice.findChild(QToolButton, "notice_close"), Qt.MouseButton.LeftButton)
    assert not notice.isVisible()


def test_a_long_name_is_elided_in_the_middle_and_whole_on_hover(holder: QWidget) -> None:
    label = ElidedLabel("a_column_name_that_" + "goes_on_and_" * 10 + "ends")
    holder.layout().addWidget(label)
    label.setFixedWidth(120)
    QApplication.processEvents()
    assert "…" in label.shown_text()
    assert label.shown_text().endswith("s")
    assert label.toolTip() == label.text()
    label.setText("short")
    assert label.toolTip() == ""


def test_a_section_folds_by_mouse_and_keeps_its_body(holder: QWidget) -> None:
    section = Section("Optimizer")
    section.add(QLabel("inside"))
    holder.layout().addWidget(section)
    QApplication.processEvents()
    assert section.body.isVisible()
    QTest.mouseClick(section.header, Qt.MouseButton.LeftButton)
    assert section.folded
    assert not section.body.isVisible()


def test_the_empty_state_offers_what_to_do(holder: QWidget) -> None:
    done: list[int] = []
    state = EmptyState(
        "table", "No data", "Open some.", (("Open", lambda: done.append(1)), ("Paste", lambda: done.append(2)))
    )
    holder.layout().addWidget(state)
    QTest.mouseClick(state.findChild(QPushButton, "empty_action_1"), Qt.MouseButton.LeftButton)
    assert done == [2]
    assert "No data" in state.accessibleName()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.034, "3.4 %"), (0.0001, "<0.1 %"), (0.9995, ">99.9 %")],
)
def test_percentages_have_the_digits_they_mean(share: float, text: str) -> None:
    assert percent(share) == text


def test_probabilities_are_painted_and_told_in_words(holder: QWidget) -> None:
    bars = ProbabilityBars()
    holder.layout().addWidget(bars)
    bars.set_values(["cat", "dog"], np.array([0.25, np.nan]), marked=1)
    assert "cat 25 %" in bars.accessibleDescription()
    bars.grab()
    few = ProbabilityBars(limit=3)
    holder.layout().addWidget(few)
    few.set_values([f"class {i}" for i in range(100)], np.linspace(0, 1, 100))
    assert few.sizeHint().height() < 120
    few.grab()


def test_a_long_button_text_is_broken_between_words_and_nothing_is_lost(qapp):
    from PySide6.QtGui import QFontMetrics

    from workbench.ui.widgets.elide import broken

    metrics = QFontMetrics(qapp.font())
    text = "Make dense_2 a Dense with 3 units and softmax"
    wide = metrics.horizontalAdvance("Make dense_2 a Dense with")
    lines = broken(text, metrics, wide).split("\n")
    assert " ".join(lines) == text
    assert len(lines) >= 2
    assert all(metrics.horizontalAdvance(line) <= wide for line in lines)
    assert broken("immense", metrics, 3) == "immense"


def test_names_of_answers_that_fit_are_not_cut(qtbot, monkeypatch):
    from PySide6.QtGui import QPainter

    from workbench.ui.widgets.bars import ProbabilityBars

    drawn: list[str] = []

    class Seen(QPainter):
        def drawText(self, *arguments):
            drawn.append(str(arguments[-1]))
            super().drawText(*arguments)

    monkeypatch.setattr("workbench.ui.widgets.bars.QPainter", Seen)
    bars = ProbabilityBars(limit=12)
    qtbot.addWidget(bars)
    names = [f"k{i}" for i in range(70)]
    bars.set_values(names, [1 / 70] * 70)
    bars.resize(300, 400)
    bars.grab()
    assert [text for text in drawn if text.startswith("k")] == names[:12]


def test_long_names_of_answers_can_be_told_apart(qtbot):
    """Twelve contracts whose names begin and end alike: each is read, above its bar when there is no room beside it."""
    names = tuple(f"agreement on the delivery of {w} to the municipality" for w in ("water", "gas", "power", "heat"))
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.set_values(names, np.array([0.4, 0.3, 0.2, 0.1]))
    bars.resize(280, 50)
    bars.show()
    assert len(set(bars.shown_names())) == len(names)
    assert all(word in said for word, said in zip(("water", "gas", "power", "heat"), bars.shown_names(), strict=True))
    stacked = bars.sizeHint().height()
    bars.resize(1400, 50)
    assert bars.shown_names() == list(names)
    assert bars.sizeHint().height() < stacked


def test_the_tick_of_the_true_answer_has_its_room(qtbot):
    bars = ProbabilityBars()
    qtbot.addWidget(bars)
    bars.set_values(("windflower", "iris"), np.array([0.9, 0.1]), marked=0)
    bars.resize(400, 60)
    assert bars.shown_names()[0] == "✓ windflower"


def test_a_long_title_of_a_section_does_not_widen_its_panel(qtbot):
    section = Section("Sparse categorical crossentropy settings of the last layer", note="as the features say")
    qtbot.addWidget(section)
    section.resize(200, 40)
    section.show()
    assert section.minimumSizeHint().width() <= 200
    assert section.header.shown_text() != section.header.text()
    assert section.header.toolTip() == section.header.text()
    section.resize(900, 40)
    assert section.header.shown_text() == section.header.text()
    assert section.header.toolTip() == ""


def test_a_hidden_link_leaves_no_gap(qtbot):
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = Flow(holder, 8)
    links = [QPushButton(text) for text in ("Reading options", "Other data")]
    for link in links:
        flow.addWidget(link)
    links[0].hide()
    holder.resize(400, 60)
    holder.show()
    assert links[1].x() == 0
