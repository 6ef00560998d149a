"""A run that another program begins while the project is open is listed, offered, and its end is seen."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.core.errors import Cancelled
from workbench.core.runs import create_run, update_run
from workbench.link.journal import Journal
from workbench.ui import elsewhere
from workbench.ui.elsewhere import Seen, seen
from workbench.ui.notices import Notice
from workbench.ui.session import Session


def look(qtbot: QtBot, session: Session) -> None:
    session.elsewhere.look()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=30_000)


def test_a_run_begun_in_a_shell_is_offered_once_and_its_end_is_listed(
    qtbot: QtBot, trainable: Session, notices: list[Notice]
) -> None:
    look(qtbot, trainable)
    facts, preprocessor = trainable.facts, trainable.preprocessor
    assert facts is not None
    assert preprocessor is not None
    runs = trainable.folder.runs
    folder = create_run(runs, trainable.project, facts, preprocessor.to_json(), Path("x"), "")
    with Journal(folder) as journal:
        journal.beat()
        update_run(folder, state="running")
        for _ in range(2):
            look(qtbot, trainable)
        offered = [n for n in notices if "is trained by another program" in n.text]
        assert len(offered) == 1
        assert offered[0].actions[0][0] == "Follow run 1"
        assert [r.state for r in trainable.runs] == ["running"]
    update_run(folder, state="finished", epochs_done=3)
    look(qtbot, trainable)
    assert [r.state for r in trainable.runs] == ["finished"]


def test_a_look_that_takes_long_is_waited_for(qtbot: QtBot, trainable: Session, monkeypatch) -> None:
    look(qtbot, trainable)
    began, go_on = [], threading.Event()

    def slow(*_given: object) -> Seen:
        began.append(1)
        go_on.wait(30)
        return Seen({})

    monkeypatch.setattr(elsewhere, "seen", slow)
    for _ in range(6):
        trainable.elsewhere.look()
    told: list[object] = []
    trainable.jobs.run(trainable, "another", lambda _p, _c: 1, told.append)
    qtbot.waitUntil(lambda: told == [1], timeout=30_000)
    go_on.set()
    qtbot.waitUntil(lambda: not trainable.jobs.busy, timeout=30_000)
    assert began == [1]


def test_a_folder_with_half_a_record_is_passed_over(tmp_path: Path) -> None:
    for name, text in (("a", "{"), ("b", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(text)
        (tmp_path / name / "events.live").write_bytes(b"x")
    found = seen(tmp_path, None, frozenset())
    assert set(found.marks) == {"a", "b"}
    assert found.trained == ()
    with pytest.raises(Cancelled):
        seen(tmp_path, None, frozenset(), lambda: True)
    assert seen(tmp_path / "nowhere", None, frozenset()).marks == {}
