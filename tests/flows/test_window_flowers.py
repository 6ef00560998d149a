"""A folder of photographs: train, pause, go on, stop, and ask about a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton

from tests.flows.window_driver import Person, person, watch
from workbench.core.runs import read_project

__all__ = ["person", "watch"]
pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support")]

"""Seconds within which pause and stop are answered."""


def test_photographs_are_trained_paused_resumed_stopped_and_asked_about(person: Person, real_data: Path) -> None:
    session = person.session
    folder = real_data / "images-flowers12"
    person.answers.folder = folder
    person.click(person.find(QAbstractButton, "start_open_folder"))
    person.opened()
    person.settle()
    person.shot("d1-gallery")
    assert len(session.dataset.classes) == 12
    person.go("features")
    person.settle()
    vary = person.find(QAbstractButton, "augmentEnabled")
    person.click(vary, QPoint(10, vary.height() // 2))
    person.until("nine varied pictures", lambda: person.page.augment.preview.shown == 9)
    person.shot("d1-features")

    person.go("train")
    person.click(person.find(QAbstractButton, "trainButton"))
    person.until("batches", lambda: session.run is not None and session.run.step >= 5)
    person.shot("d2-training")
    person.click(person.find(QAbstractButton, "trainButton"))  # it says Pause now
    person.until("the pause", lambda: session.run.state == "paused")
    person.shot("d3-paused")
    step = session.run.step
    person.breathe(300)
    assert session.run.step == step
    person.click(person.find(QAbstractButton, "trainButton"))
    person.until("going on", lambda: session.run.step > step)
    person.until("an epoch", lambda: len(session.run.history.epochs) >= 1)
    person.click(person.find(QAbstractButton, "trainSideButton"))
    person.until("the end", lambda: not session.run.active)
    assert session.run.state == "stopped"
    frozen = read_project(session.folder.runs / session.run.record.id).features.augment
    assert frozen.enabled
    assert frozen.horizontal
    person.shot("d4-stopped")

    page = person.go("test")
    person.settle()
    picture = next(p for p in sorted(folder.rglob("*.jpg")))
    person.click_tab(page.tabs, "Picture")
    page.picture.choose = lambda: picture
    person.click(person.find(QAbstractButton, "openPicture"))
    person.until("an answer", lambda: page.answer.big.text())
    assert page.answer.big.text() in session.dataset.classes
    person.shot("d5-picture")
    other = sorted(folder.rglob("*.jpg"))[-1]
    person.drop(other, on=page.picture)
    person.until("another picture", lambda: other.name in page.picture.told.text())
    person.settle()
    assert "% sure" in person.says(page.answer)
