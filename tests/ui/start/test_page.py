"""The start page: samples, recent projects, dropping."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from workbench.core.history import History
from workbench.core.project import DataSpec, Project
from workbench.core.runs import RunRecord, write_run
from workbench.core.settings import drafts_folder
from workbench.core.storage import ProjectFolder
from workbench.ui.session import Session
from workbench.ui.start.page import StartPage
from workbench.ui.start.parts import RecentRow, SampleCard, ago
from workbench.ui.start.sample_cards import CARDS


@pytest.fixture
def page(qtbot, session: Session) -> StartPage:
    made = StartPage(session)
    qtbot.addWidget(made)
    made.resize(1200, 740)
    made.show()
    qtbot.waitUntil(lambda: not session.jobs.busy)
    return made


def make_project(path: Path, name: str, losses: tuple[float, ...] = ()) -> ProjectFolder:
    folder = ProjectFolder(path)
    folder.save(Project(name=name, data=DataSpec("sample", "iris")))
    if losses:
        run = folder.runs / "20260101-000000-aaaa"
        write_run(run, RunRecord("20260101-000000-aaaa", "run 1", state="finished", best_epoch=0))
        history = History()
        for loss in losses:
            history.epochs.append({"loss": loss, "val_loss": loss * 1.1})
        history.save(run / "history.npz")
    return folder


def rows(page: StartPage) -> list[RecentRow]:
    return [r for r in page.findChildren(RecentRow) if r.isVisible()]


def test_the_cards_are_the_samples_there_are() -> None:
    from workbench.core.data.samples import SAMPLES

    assert {c.name for c in CARDS} == {s.name for s in SAMPLES}
    for card in CARDS:
        sample = next(s for s in SAMPLES if s.name == card.name)
        assert card.title == sample.title
        kind = "Pictures" if sample.kind == "images" else "A number" if sample.task == "regression" else "A class"
        assert card.task == kind


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_a_sample_is_opened_by_keyboard(qtbot, session: Session, page: StartPage, key: Qt.Key) -> None:
    card = page.findChild(SampleCard, "sample_wine")
    card.setFocus()
    QTest.keyClick(card, key)
    assert session.project.data == DataSpec("sample", "wine")
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=20_000)


def test_the_empty_state_says_what_will_be_there(page: StartPage) -> None:
    assert page._nothing.isVisible()
    assert rows(page) == []


def test_recent_projects_and_drafts_are_offered_with_their_curve(
    qtbot, session: Session, page: StartPage, tmp_path: Path
) -> None:
    folder = make_project(tmp_path / "mine", "Mine", (1.0, 0.5, 0.25))
    make_project(drafts_folder() / "d1", "A draft with a very long name " * 4)
    (drafts_folder() / "broken").mkdir()
    (drafts_folder() / "broken" / "project.json").write_text("{")
    session.projects.change_settings(recent=(str(folder.path), str(tmp_path / "gone")))
    page.refresh()
    qtbot.waitUntil(lambda: len(rows(page)) == 2)
    mine = next(r for r in rows(page) if r.recent.name == "Mine")
    assert mine.recent.curve == pytest.approx((1.1, 0.55, 0.275))
    assert "1 run" in mine.accessibleDescription()
    draft = next(r for r in rows(page) if r is not mine)
    assert draft.recent.draft
    page.grab()
    QTest.mouseClick(mine, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.project.name == "Mine", timeout=10_000)
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=20_000)


def test_many_recent_projects_fold(qtbot, session: Session, page: StartPage) -> None:
    for number in range(9):
        make_project(drafts_folder() / f"d{number}", f"Draft {number}")
    page.refresh()
    qtbot.waitUntil(lambda: len(rows(page)) == 3)
    QTest.mouseClick(page.findChild(QPushButton, "start_more"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(rows(page)) == 9)


def test_buttons_ask_the_window(qtbot, page: StartPage) -> None:
    for name, signal in (
        ("start_open_data", page.open_file_wanted),
        ("start_open_folder", page.open_folder_wanted),
        ("start_open_project", page.open_project_wanted),
    ):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_a_file_dropped_on_the_zone_is_opened(qtbot, session: Session, page: StartPage, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 30)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    page.drop.dropEvent(
        QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    qtbot.waitUntil(lambda: session.project.name == "t", timeout=20_000)
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=20_000)


def test_the_grid_has_as_many_columns_as_fit(qtbot, page: StartPage) -> None:
    for width, columns in ((1200, 5), (760, 3)):
        page.resize(width, 740)
        qtbot.waitUntil(lambda columns=columns: page.samples._columns == columns)


def test_moments_are_said_as_people_say_them() -> None:
    now = time.mktime((2026, 5, 20, 15, 0, 0, 0, 0, -1))
    assert ago(now - 20, now) == "just now"
    assert ago(now - 600, now) == "10 minutes ago"
    assert ago(now - 3600 * 5, now) == "5 hours ago"
    assert ago(now - 86400, now) == "yesterday"
    assert ago(now - 86400 * 30, now).startswith("20")
    assert ago(now - 86400 * 400, now).endswith("2025")
