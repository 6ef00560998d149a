"""The window that finds a learning rate: drawn, told, and taken as one undoable edit."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession, digit_pictures
from workbench.link.messages import Failed, Message, RatesTried, TryRates
from workbench.ui import theme
from workbench.ui.train.rates_window import RatesWindow

RATES = np.geomspace(1e-6, 3, 120)


def losses() -> np.ndarray:
    x = np.log10(RATES)
    clean = 2.3 - 1.8 / (1 + np.exp(-3 * (x + 2.5))) + 8 * np.maximum(0, x + 1) ** 2
    return clean + 0.05 * np.random.default_rng(0).normal(size=len(x))


@pytest.fixture
def asked(staged: StagedSession) -> list[Any]:
    """What the window asks the engine, with whom to answer."""
    heard: list[Any] = []
    staged.with_data(digit_pictures())
    staged.ready()

    def ask(message: Message, on_answer: Any) -> int:
        heard.append((message, on_answer))
        return len(heard)

    staged.client = SimpleNamespace(ask=ask, cancel=lambda number: heard.append(number))
    return heard


def test_a_rate_is_found_drawn_and_used(staged: StagedSession, asked: list[Any], qtbot: QtBot) -> None:
    window = RatesWindow(staged)  # type: ignore[arg-type]
    window.show()
    qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
    message, answer = asked[0]
    assert isinstance(message, TryRates)
    assert message.data.rows["train"] > 0
    answer(RatesTried(RATES, losses(), "cpu"))
    assert window.reading is not None
    rate = window.reading.suggested
    assert f"Use {rate:g}" == window.use.text()
    if folder := os.environ.get("SHOTS"):
        for name in ("dark", "light"):
            theme.apply(QApplication.instance(), name)
            QApplication.processEvents()
            window.grab().save(f"{folder}/rates-{name}.png")
    QTest.mouseClick(window.use, Qt.MouseButton.LeftButton)
    assert staged.project.train.optimizer_params["learning_rate"] == rate
    staged.document.undo()
    assert "learning_rate" not in staged.project.train.optimizer_params


def test_a_model_that_learns_at_no_rate_and_one_that_cannot_be_tried(
    staged: StagedSession, asked: list[Any], qtbot: QtBot
) -> None:
    window = RatesWindow(staged)  # type: ignore[arg-type]
    window.show()
    qtbot.waitUntil(lambda: bool(asked), timeout=30_000)
    asked[0][1](RatesTried(RATES, np.full(120, 2.3), "cpu"))
    assert not window.use.isVisible()
    assert "did not fall" in window.text.text()
    QTest.mouseClick(window.findChild(QPushButton, "ratesAgain"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(asked) == 2, timeout=30_000)
    asked[1][1](Failed("The learning rate follows a schedule.", remedy="Choose a plain number."))
    assert window.problem.isVisible()
    QTest.mouseClick(window.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=30_000)
    QTest.keyClick(window, Qt.Key.Key_Escape)  # while it is tried
    assert asked[-1] == 3  # given up
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))
    asked[2][1](RatesTried(RATES, losses(), "cpu"))  # which came too late
