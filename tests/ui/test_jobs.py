"""Jobs: answers on the UI thread, stale ones dropped, nothing swallowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from tests.ui.conftest import LogWatch
from workbench.core.errors import Cancelled, DataError
from workbench.ui.jobs import InternalError, Jobs


@pytest.fixture
def jobs(qapp) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.shut_down()


def test_the_answer_comes_on_the_ui_thread(qtbot, jobs: Jobs) -> None:
    seen: list[tuple[int, int]] = []
    jobs.run(
        jobs, "work", lambda p, c: threading.get_ident(), lambda worker: seen.append((worker, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] != seen[0][1] == threading.get_ident()


def test_a_newer_job_of_the_same_name_makes_the_older_one_stale(qtbot, jobs: Jobs) -> None:
    release, started = threading.Event(), threading.Event()
    answers: list[str] = []
    stopped: list[bool] = []

    def slow(_progress, cancelled) -> str:
        started.set()
        release.wait(5)
        stopped.append(cancelled())
        return "old"

    jobs.run(jobs, "work", slow, answers.append)
    assert started.wait(5)
    jobs.run(jobs, "work", lambda p, c: "new", answers.append)
    release.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert answers == ["new"]
    assert stopped == [True]


def test_jobs_of_other_names_and_owners_go_on(qtbot, jobs: Jobs) -> None:
    answers: list[str] = []
    other = QObject()
    jobs.run(jobs, "a", lambda p, c: "a", answers.append)
    jobs.run(jobs, "b", lambda p, c: "b", answers.append)
    jobs.run(other, "a", lambda p, c: "other", answers.append)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert sorted(answers) == ["a", "b", "other"]


def test_a_persons_error_goes_to_on_error_or_to_everybody(qtbot, jobs: Jobs) -> None:
    def fail(_progress, _cancelled) -> None:
        raise DataError("The file is empty.")

    told: list[object] = []
    jobs.run(jobs, "one", fail, on_error=told.append)
    qtbot.waitUntil(lambda: bool(told))
    with qtbot.waitSignal(jobs.failed) as heard:
        jobs.run(jobs, "two", fail)
    assert str(told[0]) == str(heard.args[0]) == "The file is empty."


def test_our_own_mistake_is_logged_shown_and_told_to_the_page(qtbot, jobs: Jobs, log_watch: LogWatch) -> None:
    log_watch.allow('the job "broken" failed')
    told: list[object] = []
    with qtbot.waitSignal(jobs.crashed) as crashed:
        jobs.run(jobs, "broken", lambda p, c: 1 / 0, on_error=told.append)
    assert "ZeroDivisionError" in crashed.args[0].details
    assert isinstance(told[0], InternalError)
    assert any("ZeroDivisionError" in r.getMessage() for r in log_watch.records)


def test_a_cancelled_job_says_nothing(qtbot, jobs: Jobs) -> None:
    told: list[object] = []

    def wait(_progress, cancelled) -> None:
        while not cancelled():
            pass
        raise Cancelled

    jobs.run(jobs, "wait", wait, told.append, told.append)
    jobs.cancel(jobs, "wait")
    qtbot.waitUntil(lambda: not jobs.busy)
    assert told == []


def test_progress_comes_the_newest_first_and_none_after_the_end(qtbot, jobs: Jobs) -> None:
    told: list[float] = []
    done: list[int] = []

    def count(progress, _cancelled) -> int:
        for i in range(10_000):
            progress(i / 10_000, "counting")
        progress(1.0, "done")
        return 1

    jobs.run(jobs, "count", count, done.append, on_progress=lambda share, text: told.append(share))
    qtbot.waitUntil(lambda: bool(done))
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert len(told) < 10_000


def test_the_end_of_the_owner_ends_its_jobs(qtbot, jobs: Jobs) -> None:
    owner = QObject()
    told: list[object] = []
    release = threading.Event()
    jobs.run(owner, "work", lambda p, c: release.wait(5), told.append)
    owner.deleteLater()
    qtbot.waitUntil(lambda: not jobs.running(name="work"))
    release.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert told == []


def test_shutting_down_ends_the_threads_and_delivers_nothing(qapp, qtbot) -> None:
    jobs = Jobs()
    told: list[object] = []
    jobs.run(jobs, "work", lambda p, c: 1, told.append)
    jobs.shut_down()
    qapp.processEvents()
    assert told == []
    jobs.run(jobs, "late", lambda p, c: 1, told.append)
    qapp.processEvents()
    assert told == []
