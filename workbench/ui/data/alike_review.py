"""Reviewing alike spellings in the place of the table: of a column, of a suggestion, of a step made before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core import edits
from workbench.core.errors import StepError
from workbench.core.project import Step
from workbench.core.wording import plural
from workbench.ui.data import alike, quick
from workbench.ui.data.alike_panel import AlikePanel


class AlikeReview(QObject):
    """opened(): the panel has something to show. closed(): the table is to be shown again.

    add(Made): adds the step that merges; see Hand.insert.
    """

    opened = Signal()
    closed = Signal()

    def __init__(self, session: Any, panel: AlikePanel, add: Callable[[quick.Made], None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._panel, self._add = session, panel, add
        self._step = ""
        panel.closed.connect(self.close)
        panel.accepted.connect(self._accept)

    def look(self, column: str) -> None:
        """For alike spellings in a column of the cleaned table."""
        cleaned = self._session.cleaned
        if cleaned is not None and column in cleaned.frame.columns:
            self._open(cleaned.frame, column)

    def look_at(self, suggested: Step) -> None:
        """At what a suggestion would merge."""
        cleaned, (column,) = self._session.cleaned, quick.columns_of(suggested)
        if cleaned is not None and column in cleaned.frame.columns:
            self._open(cleaned.frame, column, suggested.params["mapping"])

    def edit(self, step_id: str) -> None:
        """What a step merges, on the table as it was before it."""
        session = self._session
        step = next((s for s in session.document.project.recipe if s.id == step_id), None)
        if step is None or session.cleaned is None or session.cleaned.outcome(step_id) is None:
            return
        column = str(step.params.get("column", ""))
        before, _ = session.cleaned.frames(step_id)
        if column not in before.columns:
            what = f"There is no column “{column}” at this point." if column else "No column is chosen."
            session.tell(StepError(what, remedy="Look at the steps before this one."), key="alike")
            return
        mapping = step.params.get("mapping")
        self._open(before, column, mapping if isinstance(mapping, Mapping) else {}, step_id)

    def _open(self, frame: Any, column: str, mapping: Mapping[str, str] | None = None, step_id: str = "") -> None:
        self._step = step_id
        self._panel.open_for(frame, column, mapping, editing=bool(step_id))
        self.opened.emit()

    def close(self) -> None:
        """Leave it."""
        self._step = ""
        self._session.jobs.cancel(self._panel)
        self.closed.emit()

    def _accept(self, column: str, mapping: dict[str, str]) -> None:
        session = self._session
        step = next((s for s in session.document.project.recipe if s.id == self._step), None)
        if step is None:
            self._add(alike.made(column, mapping))
        elif dict(step.params.get("mapping") or {}) != mapping:
            label = f"Merge {plural(len(mapping), 'spelling')} of “{column}”"
            session.apply(edits.set_step(step.id, {**step.params, "mapping": mapping}), label)
        self.close()
