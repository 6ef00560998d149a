"""Which cleaning step is looked at, and what it does to the table, worked out on a job."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core.errors import WorkbenchError
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.recipe_panel import RecipePanel
from workbench.ui.data.step_view import StepBar, StepChange, look_at_step


class StepLook(QObject):
    """changed(): the table is to be shown anew. step: the id, "" for none. change: None until it is known."""

    changed = Signal()

    def __init__(self, session: Any, recipe: RecipePanel, bar: StepBar, table: FrameView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._recipe, self._bar, self._table = session, recipe, bar, table
        self.step = ""
        self.change: StepChange | None = None
        recipe.step_selected.connect(self.select)
        bar.mode_changed.connect(lambda _: self.changed.emit())
        bar.closed.connect(lambda: self.select(""))

    def select(self, step_id: str) -> None:
        """Look at a step; "" for none."""
        if step_id == self.step:
            return
        self.step = step_id
        self.change = None
        self._recipe.choose(step_id)
        self._bar.setVisible(bool(step_id))
        if step_id:
            self.look()
        else:
            self._session.jobs.cancel(self, "step")
            self.changed.emit()

    def look(self) -> None:
        """Find out what the step does to the table as it is now; nothing happens while none is looked at."""
        cleaned, step_id = self._session.cleaned, self.step
        card = self._recipe.card(step_id)
        if card is None:
            return
        self._bar.set_title(card.title.text())
        if cleaned is None or cleaned.outcome(step_id) is None:
            self._bar.set_message("…")  # just added: looked at as soon as it has run
            return
        self._session.jobs.run(
            self, "step", lambda progress, cancelled: look_at_step(cleaned, step_id), self._on_step, self._failed
        )

    def show_chosen(self) -> None:
        """Mark the step's card; a step that is gone is not looked at any more."""
        if self.step and self._recipe.card(self.step) is None:
            self.select("")
        self._recipe.choose(self.step)

    def _on_step(self, change: StepChange) -> None:
        if change.step_id != self.step:
            return
        first = self.change is None
        if first:
            self._bar.begin(change)
        self.change = change
        self._bar.set_counts(change)
        self.changed.emit()
        marked = change.view(self._bar.mode)[1]
        if first and marked:
            self._table.reveal(next(iter(marked)))

    def _failed(self, error: WorkbenchError) -> None:
        self.change = None
        self._bar.set_message(error.what)
        self.changed.emit()
