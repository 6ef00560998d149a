"""The Export page: one format or all, the proof beside each file, errors where they happened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession, digit_pictures
from workbench.link.messages import Exported, Failed, Message, Progress
from workbench.ui.export.formats import FORMATS, checked_text, difference_text, size_about, suggested_name, with_suffix
from workbench.ui.export.page import ExportPage
from workbench.ui.words import size_text


def exported(format: str, out: str) -> Message:
    if format == "litert":
        return Failed("LiteRT has no such layer.", where="layer “spin”", remedy="Choose ONNX.")
    return Exported(out, format, 412_345, "onnxruntime", 32, 3e-8, (out,))


@pytest.fixture
def page(staged: StagedSession, qtbot: QtBot) -> ExportPage:
    staged.with_data(digit_pictures(60))
    staged.answer_export = exported
    staged.begin_run("run 1")
    staged.add_epoch({"loss": 1.0})
    staged.end_run("finished", 0)
    made = ExportPage(staged)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1192, 700)
    made.show()
    return made


def press(page: ExportPage, name: str) -> None:
    QTest.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_nothing_to_export_shows_the_way(staged: StagedSession, qtbot: QtBot) -> None:
    page = ExportPage(staged)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.show()
    press(page, "empty_action_0")
    assert staged.asked[-1] == ("page", "train")


def test_a_file_is_ticked_with_its_proof_and_its_folder_opens(
    page: ExportPage, staged: StagedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    suggested: list[Path] = []

    def place(_format: object, suggestion: Path) -> Path:
        suggested.append(suggestion)
        return tmp_path / "mine"

    page.choose_place = place
    press(page, "export-onnx")
    assert suggested == [staged.folder.path / "exports" / "digits-run-1.onnx"]
    assert staged.asked[-1] == ("export", "onnx", str(tmp_path / "mine.onnx"))
    proof = page.findChild(QLabel, "checked-onnx")
    qtbot.waitUntil(proof.isVisible)
    assert proof.text() == "Checked in onnxruntime on 32 real rows: largest difference 3e-8"
    opened: list[Path] = []
    page.open_folder = opened.append
    press(page, "folder-onnx")
    assert opened == [tmp_path]


def test_backing_out_of_the_dialog_exports_nothing(page: ExportPage, staged: StagedSession) -> None:
    page.choose_place = lambda _format, _suggestion: None
    press(page, "export-keras")
    assert not [a for a in staged.asked if a[0] == "export"]


def test_all_formats_go_one_after_the_other_and_one_failure_stops_none(
    page: ExportPage, staged: StagedSession, qtbot: QtBot, tmp_path: Path
) -> None:
    page.choose_folder = lambda _suggestion: tmp_path
    press(page, "exportAll")
    qtbot.waitUntil(lambda: page.findChild(QLabel, "checked-python").isVisible())
    assert [a[1] for a in staged.asked if a[0] == "export"] == [f.key for f in FORMATS]
    card = page.cards["litert"]
    assert card.problem.isVisible()
    for part in ("LiteRT has no such layer.", "layer “spin”", "Choose ONNX."):
        assert part in card.problem.text
    assert card.button.text() == "Try again…"
    assert page.runs.isEnabled()


def test_progress_is_shown_and_can_be_cancelled(page: ExportPage, staged: StagedSession, qtbot: QtBot) -> None:
    answers: list[object] = []

    def slow(_run: object, _format: str, _out: object, on_progress: object, on_answer: object) -> int:
        on_progress(Progress(2, 4, "Loading it again"))  # type: ignore[operator]
        answers.append(on_answer)
        return 17

    staged.export = slow  # type: ignore[method-assign]
    page.choose_place = lambda _format, suggestion: suggestion
    press(page, "export-keras")
    card = page.cards["keras"]
    assert card.doing.text() == "Loading it again"
    press(page, "export-onnx")
    assert page.cards["onnx"].doing.text() == "Waiting for its turn"
    press(page, "cancel-onnx")
    assert page.cards["onnx"].button.isVisible()
    press(page, "cancel-keras")
    assert staged.asked[-1] == ("cancel", 17)
    answers[0](Failed("Cancelled.", cancelled=True))  # type: ignore[operator]
    assert card.button.isVisible()
    assert not card.problem.isVisible()


def test_a_new_run_is_offered_first(page: ExportPage, staged: StagedSession, qtbot: QtBot, tmp_path: Path) -> None:
    page.choose_place = lambda _format, _suggestion: tmp_path / "a.onnx"
    press(page, "export-onnx")
    qtbot.waitUntil(lambda: page.findChild(QLabel, "checked-onnx").isVisible())
    staged.begin_run("run 2")
    staged.add_epoch({"loss": 1.0})
    staged.end_run("finished", 0)
    assert page.runs.currentText().startswith("run 2")
    assert not page.findChild(QLabel, "checked-onnx").isVisible()
    page.runs.setCurrentIndex(1)
    page.runs.activated.emit(1)
    assert page.findChild(QLabel, "checked-onnx").isVisible()


def test_words_and_names() -> None:
    onnx = next(f for f in FORMATS if f.key == "onnx")
    saved = next(f for f in FORMATS if f.key == "savedmodel")
    assert suggested_name("Été: 2/3 *final*", "run 1", onnx) == "été-2-3-final-run-1.onnx"
    assert suggested_name("", "", saved) == "model-savedmodel"
    assert with_suffix(Path("a/b"), onnx) == Path("a/b.onnx")
    assert with_suffix(Path("a/b.onnx"), onnx) == Path("a/b.onnx")
    assert [size_text(v) for v in (812, 12_300, 1_440_000, 2.5e9)] == ["812 bytes", "12 kB", "1.4 MB", "2.5 GB"]
    assert difference_text(2.98e-8) == "3e-8"
    same = Exported("a", "keras", 1, "Keras in a fresh process", 1, 0.0, ("a",))
    assert checked_text(same) == "checked in Keras in a fresh process on 1 real row: no difference"


def test_a_run_with_several_outputs_says_so(page: ExportPage, staged: StagedSession) -> None:
    assert "outputs" not in page.said.text()
    record = page.record
    assert record is not None
    page._choose(replace(record, outputs={"heat": "heating in winter", "rent": "rent"}))
    assert "2 outputs" in page.said.text()
    assert "“heating in winter”, “rent”" in page.said.text()


@pytest.mark.parametrize(
    ("key", "written"),
    [("keras", 193_540), ("onnx", 123_627), ("litert", 121_581), ("savedmodel", 320_456), ("python", 154_370)],
)
def test_the_size_told_is_near_that_of_a_file_that_was_written(key: str, written: int) -> None:
    chosen = next(f for f in FORMATS if f.key == key)
    assert abs(size_about(chosen, 26_881) / written - 1) < 0.05
    assert size_about(chosen, 0) == 0
