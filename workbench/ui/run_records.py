"""Changes of the records of runs that do not train, written by jobs: of one run one after another. UI thread only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.core.errors import WorkbenchError
from workbench.core.runs import RunRecord, read_run, update_run

from .jobs import Jobs

Change = Callable[[RunRecord], Mapping[str, object]]  # the fields that are to be other, by the record as it is


class RunRecords:
    """What comes while one is written, of the same run, is written after it: no change is lost, and the last one stays.

    changed(): something was written. failed(error): it could not be.
    """

    def __init__(self, jobs: Jobs, changed: Callable[[], None], failed: Callable[[WorkbenchError], None]) -> None:
        self._jobs, self._changed, self._failed = jobs, changed, failed
        self._waiting: dict[Path, list[Change]] = {}  # of runs whose records are being written

    def change(self, folder: Path, **fields: object) -> None:
        """Give these fields of a run's record other values."""
        self._add(folder, lambda _record: fields)

    def keep_scores(self, folder: Path, scores: Mapping[str, float]) -> None:
        """Note scores ("test.accuracy": ...), where they are new."""

        def noted(record: RunRecord) -> Mapping[str, object]:
            known = all(record.scores.get(name) == value for name, value in scores.items())
            return {} if known else {"scores": {**record.scores, **scores}}

        self._add(folder, noted)

    def _add(self, folder: Path, change: Change) -> None:
        writing = folder in self._waiting
        self._waiting.setdefault(folder, []).append(change)
        if not writing:
            self._write(folder)

    def _write(self, folder: Path) -> None:
        changes, self._waiting[folder] = self._waiting[folder], []

        def write(_progress: object, _cancelled: object) -> bool:
            written = False
            for change in changes:
                fields = change(read_run(folder))
                if fields:
                    update_run(folder, **fields)
                    written = True
            return written

        def done(written: bool) -> None:
            if self._waiting.get(folder):
                self._write(folder)
            else:
                self._waiting.pop(folder, None)
            if written:
                self._changed()

        def failed(error: WorkbenchError) -> None:
            self._failed(error)
            done(False)  # what came meanwhile may still be written

        # its own, so that leaving the project does not cancel it: what was asked for is written
        self._jobs.run(self, f"record {folder.name}", write, done, failed)
