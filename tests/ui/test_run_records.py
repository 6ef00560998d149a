"""Changes of the records of runs, written one after another."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench.core.errors import ProjectError, WorkbenchError
from workbench.core.runs import RunRecord
from workbench.ui import run_records
from workbench.ui.run_records import RunRecords


def test_what_came_while_one_could_not_be_written_is_written_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, told, written = [], [], []
    jobs = SimpleNamespace(run=lambda *job: waiting.append(job[2:]))
    monkeypatch.setattr(run_records, "read_run", lambda folder: RunRecord(folder.name, "run 1", 0.0))
    monkeypatch.setattr(run_records, "update_run", lambda _folder, **fields: written.append(fields))
    records = RunRecords(jobs, lambda: told.append("changed"), told.append)
    records.change(Path("a"), name="lost")
    records.change(Path("a"), name="kept")
    error: WorkbenchError = ProjectError("No space left.")
    waiting.pop()[2](error)
    assert told == [error]
    write, done, _ = waiting.pop()
    done(write(None, None))
    assert (written, told, waiting) == ([{"name": "kept"}], [error, "changed"], [])
