"""A model file on its way to the canvas: dropped, chosen, refused, undone; freezing and forgetting by hand."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.core.importing.test_network import GIVEN, layer, sequential
from tests.ui.conftest import Answers
from workbench.core.document import Change
from workbench.core.facts import DataFacts, InputFacts, TargetFacts
from workbench.core.project import Project
from workbench.ui.model.network_dialog import NetworkDialog
from workbench.ui.notices import Notice
from workbench.ui.session import Session
from workbench.ui.window import MainWindow

PATIENCE = 60_000


def model_file(path: Path, *more: dict, weights: bool = True) -> Path:
    """A small .keras file as Keras writes it."""
    config = sequential(GIVEN, layer("Dense", "hidden", units=2, activation="relu"), *more)
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        made.writestr("config.json", json.dumps(config))
        if weights:
            data = io.BytesIO()
            with h5py.File(data, "w") as file:
                file["layers/dense/vars/0"] = np.ones((4, 2), np.float32)
                file["layers/dense/vars/1"] = np.zeros(2, np.float32)
            made.writestr("model.weights.h5", data.getvalue())
    return path


@pytest.fixture
def ready(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.session.start_engine()
    qtbot.waitUntil(lambda: window.session.engine.state == "ready", timeout=PATIENCE)
    return window


def drop(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(600, 400), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def kinds(session: Session) -> list[str]:
    return [n.kind for n in session.project.graph.nodes]


def test_a_dropped_model_comes_onto_the_canvas_with_its_weights_as_one_step(
    ready: MainWindow, qtbot: QtBot, notices: list[Notice], tmp_path: Path
):
    session = ready.session
    drop(ready, model_file(tmp_path / "mine.keras"))
    qtbot.waitUntil(lambda: kinds(session) == ["Input", "Dense", "Output"], timeout=PATIENCE)
    assert ready.current == "model"
    assert session.project.name == "mine"
    weights = session.project.graph.node("hidden").weights
    assert weights is not None
    assert (session.folder.path / "weights" / weights.file).is_file()
    assert notices[-1].text.startswith("mine.keras: 1 layer on the canvas, 1 of them with its weights (10 parameters).")
    assert session.document.undo_label == "Open mine.keras"
    session.undo()
    assert kinds(session) == []
    session.redo()
    assert kinds(session) == ["Input", "Dense", "Output"]


def test_the_menu_asks_for_a_file_and_a_saved_model_is_its_folder(
    ready: MainWindow, qtbot: QtBot, answers: Answers, notices: list[Notice], tmp_path: Path
):
    answers.file = model_file(tmp_path / "mine.keras", weights=False)
    ready.action_set.run("open_model")
    qtbot.waitUntil(lambda: kinds(ready.session) == ["Input", "Dense", "Output"], timeout=PATIENCE)
    assert answers.asked == ["model"]
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"")
    asked: list[Path] = []
    ready.session.opener.open = asked.append  # type: ignore[method-assign]
    answers.file = tmp_path / "saved" / "saved_model.pb"
    ready.action_set.run("open_model")
    assert asked == [tmp_path / "saved"]


def test_a_refused_file_changes_nothing_and_says_why(
    ready: MainWindow, qtbot: QtBot, notices: list[Notice], tmp_path: Path
):
    session = ready.session
    changes: list[Change] = []
    session.changed.connect(changes.append)
    bad = tmp_path / "bad.keras"
    bad.write_bytes(b"PK\3\4 and then nothing of the kind")
    drop(ready, bad)
    qtbot.waitUntil(lambda: bool(notices) and notices[-1].severity == "error", timeout=PATIENCE)
    assert "bad.keras" in notices[-1].text
    assert not changes
    assert not session.opener.busy


def test_what_is_unknown_is_pointed_out(ready: MainWindow, qtbot: QtBot, notices: list[Notice], tmp_path: Path):
    drop(ready, model_file(tmp_path / "odd.keras", layer("Lambda", "magic", function="x")))
    qtbot.waitUntil(lambda: "Lambda" in kinds(ready.session), timeout=PATIENCE)
    assert notices[-1].severity == "warning"
    assert "One stands for what the workbench does not know or will not run" in notices[-1].text
    assert ready.session.project.graph.node("magic").note


def test_a_reading_that_is_given_up_or_overtaken_by_another_project_changes_nothing(
    ready: MainWindow, qtbot: QtBot, notices: list[Notice], tmp_path: Path
):
    session = ready.session
    session.opener.open(model_file(tmp_path / "mine.keras"))
    session.opener.cancel()
    assert not session.opener.busy
    session.opener.open(tmp_path / "mine.keras")
    session.new_project()
    qtbot.waitUntil(lambda: not session.opener.busy, timeout=PATIENCE)
    assert kinds(session) == []
    assert "another project took the place" in notices[-1].text


def test_layers_are_frozen_thawed_and_forget_their_weights_by_hand(ready: MainWindow, qtbot: QtBot, tmp_path: Path):
    session = ready.session
    session.opener.open(model_file(tmp_path / "mine.keras"))
    qtbot.waitUntil(lambda: kinds(session) == ["Input", "Dense", "Output"], timeout=PATIENCE)
    page = ready.pages["model"]
    page.select(["hidden"])
    strip = page.findChild(QCheckBox, "start-frozen")
    assert page.findChild(QLabel, "start-source").text() == "Starts from the weights of mine.keras."
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect().center() * 0.1)
    assert not session.project.graph.node("hidden").trainable
    assert strip.isChecked()
    assert page.looks_now()["hidden"].second == "hidden · frozen"
    ready.action_set.run("thaw")
    assert session.project.graph.node("hidden").trainable
    ready.action_set.run("freeze")
    assert not session.project.graph.node("hidden").trainable
    QTest.mouseClick(page.findChild(QPushButton, "start-forget"), Qt.MouseButton.LeftButton)
    assert session.project.graph.node("hidden").weights is None
    page.select([session.project.graph.nodes[-1].id])
    assert strip.isHidden() or strip.parentWidget().isHidden()
    for _ in range(4):
        session.undo()
    node = session.project.graph.node("hidden")
    assert node.trainable
    assert node.weights is not None


def test_a_known_network_is_chosen_from_a_list(ready: MainWindow, qtbot: QtBot, notices: list[Notice], tmp_path: Path):
    session = ready.session
    ready.action_set.run("known_network")
    assert "no pictures" in notices[-1].text or "open some first" in notices[-1].text
    session.pipeline.facts = DataFacts(
        "images", (InputFacts("image", "image", (64, 64, 3)),), TargetFacts("class", "classification", ("a", "b"))
    )
    ready.action_set.run("known_network")
    qtbot.waitUntil(lambda: ready.findChild(NetworkDialog) is not None, timeout=PATIENCE)
    dialog = ready.findChild(NetworkDialog)
    assert not dialog.frozen.isEnabled()
    dialog.search.setText("residual nothing")
    assert not dialog.use.isEnabled()
    dialog.search.setText("resnet 50")
    assert dialog.network.name == "resnet50"
    dialog.ask = lambda _parent: tmp_path / "weights.h5"
    QTest.mouseClick(dialog.choose, Qt.MouseButton.LeftButton)
    assert dialog.frozen.isEnabled()
    assert "weights.h5" in dialog.weights.text()
    QTest.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kinds(session) == ["Input", "Output"], timeout=PATIENCE)
    assert session.document.undo_label == "Open ResNet 50"


def test_a_read_only_project_takes_no_model(ready: MainWindow, notices: list[Notice], tmp_path: Path):
    ready.session.projects.read_only = True
    ready.session.opener.open(model_file(tmp_path / "mine.keras"))
    assert "read-only" in notices[-1].text
    assert ready.session.project == Project()
