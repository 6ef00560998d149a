"""From the start page to an exported model of handwritten digits, with the mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from tests.flows.window_driver import Person, person, watch

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]

SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.6, 0.45), (0.45, 0.85)]
ONE = [(0.5, 0.12), (0.5, 0.5), (0.5, 0.88)]


def test_four_clicks_from_opening_the_window_to_a_trained_model_then_draw_and_export(
    person: Person, tmp_path: Path
) -> None:
    person.shot("a0-start")
    person.click(person.find(QAbstractButton, "sample_digits"))
    person.opened()
    person.shot("a1-data")
    person.go("train")
    person.shot("a2-train-before")
    person.click(person.find(QAbstractButton, "trainButton"))  # while the engine may still be starting
    person.shot("a2-train-wanted")
    person.until("batches", lambda: person.session.run is not None and person.session.run.step > 50)
    person.shot("a3-training")
    person.trained()
    assert person.clicks <= 4
    assert "run 1" in person.find(QLabel, "runState").text()
    person.shot("a4-trained")

    page = person.go("test")
    pad = page.draw.pad
    person.settle()
    person.shot("a5-test-empty")
    assert page.tabs.currentWidget() is page.draw
    seen: list[str] = []

    def look() -> None:
        person.until("an answer while drawing", lambda: page.answer.big.text())
        person.breathe(60)
        seen.append(page.answer.accessibleName())

    person.stroke(pad, SEVEN, look)
    person.until("a seven", lambda: page.answer.big.text() == "7")
    assert len(set(seen)) > 1, seen  # the answer moved while the stroke was drawn
    assert "% sure" in person.says(page.answer)
    person.shot("a6-test-seven")
    person.click(person.find(QAbstractButton, "clearPad"))
    person.stroke(pad, ONE)
    person.until("another answer", lambda: page.answer.big.text() == "1")

    page = person.go("export")
    person.settle()
    out = tmp_path / "digits.onnx"
    page.choose_place = lambda _format, _suggestion: out
    person.click(person.find(QAbstractButton, "export-onnx"))
    person.until("the tick", lambda: person.text("checked-onnx"))
    assert "onnx" in person.text("checked-onnx").lower()
    assert out.stat().st_size > 10_000
    person.shot("a7-exported")
