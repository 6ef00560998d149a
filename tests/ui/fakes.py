"""A session for tests of one page: the real document, nothing behind it. Jobs run at once; the engine is silent."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from PySide6.QtCore import QObject, Signal

from workbench.core.catalog import load_catalog
from workbench.core.document import Document
from workbench.core.errors import WorkbenchError
from workbench.core.project import Project
from workbench.core.settings import Settings
from workbench.ui.choice import Choice


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


class FakeSession(QObject):
    """The fields and signals pages use; tests set the fields and emit the signals."""

    changed = Signal(object)
    dataset_changed = Signal()
    cleaned_changed = Signal()
    facts_changed = Signal()
    graph_checked = Signal()
    resolved_changed = Signal()
    engine_changed = Signal()
    run_changed = Signal()
    run_batches = Signal(object)
    run_epoch = Signal(object)
    runs_changed = Signal()
    notice = Signal(object)
    page_wanted = Signal(str)

    def __init__(self, project: Project | None = None) -> None:
        super().__init__()
        self.document = Document(project)
        self.document.listen(self.changed.emit)
        self.jobs = NowJobs()
        self.catalog = load_catalog()
        self.dataset = self.cleaned = self.profile = self.preprocessor = None
        self.dataset_error = self.features_error = self.loading = None
        self.suggestions = ()
        self.facts = self.graph_facts = self.run = None
        self.runs = []
        self.resolved = SimpleNamespace(can_train=True, why_not="", pages={}, issues=())
        self.choice = Choice(self)
        self.pages = []
        self.trained = 0
        self.settings = Settings()
        self.projects = SimpleNamespace(change_settings=self._change_settings)

    def _change_settings(self, **changes):
        self.settings = replace(self.settings, **changes)

    @property
    def project(self) -> Project:
        return self.document.project

    @property
    def features(self):
        return self.project.features

    def apply(self, edit, label, merge_key=None):
        return self.document.apply(edit, label, merge_key)

    def undo(self):
        return self.document.undo()

    def redo(self):
        return self.document.redo()

    def show_page(self, name):
        self.pages.append(name)

    def train_chosen(self):
        self.trained += 1
        return True
