"""What one learns of the model beside the canvas: script and blocks in step, summary, costs, advice, pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolButton

from tests.ui.model.conftest import dense_net
from workbench.core.facts import GraphFacts, NodeFacts, Problem, Repair
from workbench.ui import theme
from workbench.ui.model.block_words import batch_text, macs_text
from workbench.ui.model.looks import MEMORY, MULTIPLICATIONS
from workbench.ui.model.picture import LARGEST, image_of, svg_of
from workbench.ui.model.side import CODE, LAYER, PROBLEMS, SUMMARY

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def costed(graph) -> GraphFacts:
    nodes = {
        "n0": NodeFacts((None, 4), 0, 0, 0, 16),
        "n1": NodeFacts((None, 16), 80, 80, 64, 64),
        "n2": NodeFacts((None, 16), 0, 0, 0, 64),
        "n3": NodeFacts((None, 3), 51, 51, 48, 12),
        "n4": NodeFacts((None, 3), 0, 0, 0, 0),
    }
    return GraphFacts(nodes, (), 131, 131, "sparse_categorical_crossentropy", ("accuracy",), 112, 156, 12_080)


def told(hand) -> None:
    hand.session.graph_facts = costed(hand.graph)
    hand.session.graph_checked.emit()


# ---- the script ------------------------------------------------------------------------------------------------


def line_of(code, words: str) -> int:
    """The number of the first line with these words, from 1."""
    return 1 + next(i for i, line in enumerate(code.text.toPlainText().splitlines()) if words in line)


def click_line(code, line: int) -> None:
    block = code.text.document().findBlockByNumber(line - 1)
    place = code.text.blockBoundingGeometry(block).translated(code.text.contentOffset())
    QTest.mouseClick(code.text.viewport(), LEFT, PLAIN, QPoint(40, round(place.center().y())))


def test_a_line_selects_its_block_and_a_block_marks_its_lines(open_page):
    hand = open_page()
    hand.page.side.tabs.setCurrentIndex(CODE)
    code = hand.page.side.code
    click_line(code, line_of(code, 'name="dropout"'))
    assert hand.scene.chosen_nodes() == ["n2"]
    assert code.marked_lines() == [line_of(code, 'name="dropout"')]
    hand.click(hand.body("n1"))
    assert code.marked_lines() == [line_of(code, 'name="dense"')]
    code.text.setFocus()
    cursor = code.text.textCursor()
    cursor.setPosition(code.text.document().findBlockByNumber(line_of(code, 'name="dense"') - 1).position())
    code.text.setTextCursor(cursor)
    QTest.keyClick(code.text, Qt.Key.Key_Down)
    assert hand.scene.chosen_nodes() == ["n2"]
    before = hand.scene.chosen_nodes()
    click_line(code, 1)
    assert hand.scene.chosen_nodes() == before


def test_marks_follow_the_script_when_lines_move(open_page, qtbot):
    hand = open_page()
    hand.page.side.tabs.setCurrentIndex(CODE)
    code = hand.page.side.code
    hand.scene.choose(["n3"])
    before = code.marked_lines()
    hand.page.verbs.put("Dropout", (0.0, 0.0), [w for w in hand.graph.wires if w.target == "n3"])
    hand.scene.choose(["n3"])
    qtbot.waitUntil(lambda: code.marked_lines() == [before[0] + 1])
    assert code.marked_lines() == [line_of(code, 'name="dense_1"')]


def test_a_script_and_a_table_get_more_room_until_the_person_chooses_a_width(open_page):
    hand = open_page(size=(1400, 800))
    narrow = hand.page.side.width()
    hand.page.side.tabs.setCurrentIndex(CODE)
    assert hand.page.side.width() > narrow + 60
    hand.page.side.tabs.setCurrentIndex(LAYER)
    assert abs(hand.page.side.width() - narrow) <= 2
    handle = hand.page._splitter.handle(2)
    middle = handle.rect().center()
    QTest.mousePress(handle, LEFT, PLAIN, middle)
    QTest.mouseMove(handle, middle - QPoint(30, 0))
    QTest.mouseMove(handle, middle - QPoint(40, 0))
    QTest.mouseRelease(handle, LEFT, PLAIN, middle - QPoint(40, 0))
    chosen = hand.page.side.width()
    assert chosen > narrow
    hand.page.side.tabs.setCurrentIndex(CODE)
    assert hand.page.side.width() == chosen


# ---- the summary -----------------------------------------------------------------------------------------------


def test_the_summary_has_keras_columns_and_costs_and_follows_the_selection(open_page):
    hand = open_page()
    told(hand)
    hand.page.side.tabs.setCurrentIndex(SUMMARY)
    table = hand.page.side.summary.table
    dense = table.topLevelItem(1)
    assert [dense.text(i) for i in range(table.columnCount())] == [
        "dense", "(None, 16)", "80", "input", "Dense", "64", "64 bytes",
    ]  # fmt: skip
    hand.click(hand.body("n3"))
    assert table.currentItem().text(0) == "dense_1"
    assert "112 multiplications a row" in hand.page.side.summary.total.text()
    assert "while training" in hand.page.side.summary.total.text()


def test_the_summary_is_copied_as_text_and_as_cells(open_page):
    hand = open_page()
    told(hand)
    hand.page.side.tabs.setCurrentIndex(SUMMARY)
    QTest.mouseClick(hand.page.side.summary.copy, LEFT)
    data = QApplication.clipboard().mimeData()
    assert "│ dense (Dense)" in data.text()
    assert "Total params: 131" in data.text()
    assert "<td>dense</td><td>Dense</td><td>(None, 16)</td><td>80</td><td>64</td>" in data.html()
    QApplication.clipboard().clear()


# ---- numbers on the blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "?"), (0, "0"), (999, "999"), (1000, "1.00 k"), (101_632, "102 k"), (3_858_367_488, "3.86 G")],
)
def test_multiplications_are_short(count: int | None, text: str):
    assert macs_text(count) == text


def test_shapes_on_wires_have_the_batch():
    assert batch_text((None, 28, 28, 1)) == "batch × 28 × 28 × 1"
    assert batch_text((None, None, 8)) == "batch × ? × 8"
    assert batch_text(None) == ""


def test_blocks_show_the_number_one_asks_for_and_its_share(open_page):
    hand = open_page()
    told(hand)
    look = hand.scene.nodes["n1"].look
    assert (look.count, round(look.share, 3)) == ("80", round(80 / 131, 3))
    actions = {a.objectName(): a for a in hand.page.bar.numbers.menu().actions()}
    actions[f"numbers-{MULTIPLICATIONS}"].trigger()
    assert hand.scene.nodes["n1"].look.count == "64 mult"
    assert hand.scene.nodes["n2"].look.count == ""
    actions[f"numbers-{MEMORY}"].trigger()
    assert hand.scene.nodes["n2"].look.count == "64 bytes"
    assert hand.scene.wires["n1", "n2", 0].shape_text == "batch × 16"
    assert "64 multiplications and 64 bytes for one row" in hand.scene.nodes["n1"].look.tooltip


# ---- advice ----------------------------------------------------------------------------------------------------


def test_advice_is_quiet_can_be_taken_and_waved_away_and_heard_again(open_page):
    hand = open_page()
    better = dense_net()
    thought = Problem(
        "advice", "This might learn better.", "n1", repairs=(Repair("Use more", better),), code="more"
    )  # fmt: skip
    hand.session.graph_facts = replace(costed(hand.graph), advice=(thought,))
    hand.session.graph_checked.emit()
    side = hand.page.side
    assert side.tabs.tabText(PROBLEMS) == "Advice (1)"
    assert hand.scene.nodes["n1"].look.severity == ""
    assert hand.session.graph_facts.ready
    side.tabs.setCurrentIndex(PROBLEMS)
    card = side.problems.advice[0]
    assert card.findChild(QPushButton, "advice-0-repair-0").text() == "Use more"
    QTest.mouseClick(card.findChild(QToolButton, "advice-0-hide"), LEFT)
    assert hand.graph.hushed == ("more:n1",)
    assert not side.problems.advice
    assert side.tabs.tabText(PROBLEMS) == "Problems"
    again = side.problems.findChild(QPushButton, "advice-show")
    assert again.isVisible()
    hand.session.undo()
    assert len(side.problems.advice) == 1
    hand.session.redo()
    QTest.mouseClick(again, LEFT)
    assert len(side.problems.advice) == 1


# ---- pictures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_picture_shows_every_block_in_either_look(open_page, look: str):
    hand = open_page()
    theme.apply(QApplication.instance(), look)
    hand.scene.choose(["n1"])
    data = svg_of(hand.graph, hand.page.looks_now(), "iris <model>")
    assert QSvgRenderer(data).isValid()
    text = data.decode()
    for node in hand.graph.nodes:
        assert f">{node.name}<" in text or node.kind in ("Input", "Output")
    assert "iris &lt;model&gt;" in text
    image = image_of(hand.graph, hand.page.looks_now())
    assert image.width() == 2 * QSvgRenderer(data).viewBoxF().width()
    assert image.pixelColor(2, 2) == theme.color("surface")
    theme.apply(QApplication.instance(), "light")


def test_a_very_long_graph_is_drawn_smaller(open_page):
    hand = open_page()
    hand.page.verbs.move({"n4": (0.0, 60_000.0)})
    assert image_of(hand.graph, hand.page.looks_now()).height() <= LARGEST


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_picture_is_saved_where_the_person_says(open_page, tmp_path: Path, monkeypatch, kind: str):
    place = tmp_path / "my model"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_, **__: (str(place), "")))
    hand = open_page()
    actions = {a.objectName(): a for a in hand.page.bar.picture.menu().actions()}
    actions[f"picture-{kind}"].trigger()
    written = place.with_suffix(f".{kind}")
    assert written.stat().st_size > 500
    if kind == "png":
        assert QImage(str(written)).width() > 100
    assert str(written) in hand.page.stage.word.text


def test_a_place_that_cannot_be_written_is_said_and_backing_out_does_nothing(open_page, tmp_path: Path, monkeypatch):
    answers = [str(tmp_path / "not there" / "deep.svg"), ""]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_, **__: (answers.pop(0), "")))
    hand = open_page()
    (tmp_path / "not there").write_text("a file where a folder is wanted")
    hand.page.pictures.save("svg")
    assert hand.page.stage.word.text
    hand.page.stage.word.clear()
    hand.page.pictures.save("svg")
    assert not hand.page.stage.word.text


def test_the_picture_can_be_copied(open_page):
    hand = open_page()
    hand.page.pictures.copy()
    assert QApplication.clipboard().image().width() > 100
    QApplication.clipboard().clear()
