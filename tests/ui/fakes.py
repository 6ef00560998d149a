"""A session for tests of one page: the real document, nothing behind it. Jobs run at once; the engine is silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from tests.ui.stage import StagedSession
from workbench.core.errors import WorkbenchError
from workbench.core.project import Project
from workbench.core.settings import Settings


class NowJobs:
    """Runs each job in place and calls back."""

    def run(self, owner, name, function, on_done=None, on_error=None, on_progress=None):
        try:
            result = function(lambda *_: None, lambda: False)
        except WorkbenchError as error:
            if on_error is not None:
                on_error(error)
            return 0
        if on_done is not None:
            on_done(result)
        return 0

    def cancel(self, owner, name=None):
        pass


class FakeSession(StagedSession):
    """A stage without data, runs and threads; what is changed can be undone."""

    def __init__(self, project: Project | None = None) -> None:
        super().__init__(Path("nowhere"), project)
        self.jobs = NowJobs()
        self.loading = self.dataset_error = self.features_error = None
        self.settings = Settings()
        self.projects = SimpleNamespace(change_settings=self._change_settings)
        self.ready()

    def _change_settings(self, **changes):
        self.settings = replace(self.settings, **changes)

    def undo(self):
        return self.document.undo()

    def redo(self):
        return self.document.redo()
