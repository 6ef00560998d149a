"""A staged session for the pages that follow a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.stage import StagedSession, small_graph
from workbench.core.project import Project
from workbench.ui import theme


@pytest.fixture
def staged(qapp: QApplication, tmp_path: Path) -> Iterator[StagedSession]:
    """No data yet; a small graph."""
    theme.apply(qapp, "light")
    made = StagedSession(tmp_path / "project", Project(name="Digits", graph=small_graph()))
    yield made
    made.jobs.shut_down()
