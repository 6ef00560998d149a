"""The Train page on pictures of three classes, ready to train."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.stage import StagedSession, digit_pictures
from workbench.core.facts import GraphFacts, NodeFacts
from workbench.ui.train.page import TrainPage

FACTS = GraphFacts(
    {"c": NodeFacts((None, 3), 2355, 2355)}, (), 2355, 2355, "sparse_categorical_crossentropy", ("accuracy",)
)


@pytest.fixture
def page(staged: StagedSession, qtbot: QtBot) -> TrainPage:
    staged.with_data(digit_pictures())
    staged.graph_facts = FACTS
    return shown(staged, qtbot)


def shown(staged: StagedSession, qtbot: QtBot) -> TrainPage:
    """The page of a session that can train."""
    staged.ready()
    made = TrainPage(staged)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1192, 900)
    made.show()
    return made
