"""What a person's hand does on the Data page, as undoable edits: suggestions, steps, columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core import edits
from workbench.core.errors import WorkbenchError
from workbench.core.project import Step
from workbench.ui.data import alike, quick
from workbench.ui.data.column_panel import ACTIONS, offered
from workbench.ui.data.export_dialog import ExportDialog
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.recipe_panel import RecipePanel


class Hand(QObject):
    """Listens to the recipe and the table; writes through session.apply. renamed(before, after): comes first."""

    renamed = Signal(str, str)
    alike_asked = Signal(str)

    def __init__(self, session: Any, recipe: RecipePanel, table: FrameView, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._recipe, self._table, self._page = session, recipe, table, parent
        recipe.accepted.connect(self.accept)
        recipe.add_requested.connect(self.add_step)
        recipe.step_toggled.connect(self.toggle_step)
        recipe.step_edited.connect(self.edit_step)
        recipe.step_moved.connect(lambda s, to: session.apply(edits.move_step(s, to), "Move step"))
        recipe.step_deleted.connect(lambda s: session.apply(edits.delete_step(s), "Delete step"))
        table.rename_requested.connect(self.rename)
        table.menu_requested.connect(self.column_menu)
        recipe.export_asked.connect(self.export_cleaned)

    # ---- the recipe

    def accept(self, suggestions: tuple[Any, ...]) -> None:
        """Add the steps of these suggestions as one undo step."""
        if not suggestions:
            return
        if len(suggestions) == 1 and suggestions[0].step.kind == alike.KIND:
            self.alike_asked.emit(quick.columns_of(suggestions[0].step)[0])  # a person looks before spellings merge
            return
        steps = tuple(s.step for s in suggestions)
        one = quick.kinds()[steps[0].kind].summary(steps[0].params) if len(steps) == 1 else ""
        label = f"Accept “{one}”" if one else f"Accept {len(steps)} suggestions"
        self._session.apply(edits.add_steps(steps), label)

    def add_step(self, kind: str) -> None:
        """A step from the menu, for the column looked at; its form opens."""
        params = quick.default_params(quick.kinds()[kind], self._table.current_column())
        self.insert(quick.Made(kind, params, ask=True))

    def insert(self, made: quick.Made) -> None:
        """Add a step; where something is left to be chosen, its form opens."""
        step_id = edits.new_id()
        label = made.label or f"Add “{quick.kinds()[made.kind].title}”"
        self._session.apply(edits.add_step(made.kind, made.params, step_id=step_id), label)
        card = self._recipe.card(step_id)
        if card is not None and made.ask:
            card.set_open(True)
            if card.form is not None:
                card.form.focus_first()

    def keep_rows(self, one: Any) -> None:
        """The rows of a filter alone, as steps that are undone at once."""
        steps = tuple(Step(edits.new_id(), "filter_rows", params) for params in one.steps)
        self._session.apply(edits.add_steps(steps), f"Keep only rows where {one.text}")

    def toggle_step(self, step_id: str, on: bool) -> None:
        self._session.apply(edits.enable_step(step_id, on), "Switch step on" if on else "Switch step off")

    def edit_step(self, step_id: str, name: str, value: Any) -> None:
        """One parameter; while it is being typed, the edits are one undo step."""
        step = next((s for s in self._session.document.project.recipe if s.id == step_id), None)
        if step is None:
            return
        params = dict(step.params) | {name: value}
        title = quick.kinds()[step.kind].title
        self._session.apply(edits.set_step(step_id, params), f"Change “{title}”", f"step:{step_id}:{name}")

    def export_cleaned(self) -> ExportDialog | None:
        """Offer to save the cleaned table and the code of the recipe; None while there is no table."""
        session = self._session
        if session.cleaned is None or session.dataset is None or session.project.data is None:
            return None
        dialog = ExportDialog(
            session.jobs,
            session.folder.located(session.project.data),
            session.dataset,
            session.project.recipe,
            session.cleaned.frame,
            self._page,
        )
        dialog.open()
        return dialog

    # ---- columns

    def column_menu(self, name: str, place: QPoint) -> None:
        """What can be done with a column, at this point of the screen."""
        column = self._profile_of(name)
        if column is None:
            return
        self._table.select_column(name, scroll=False)
        menu = QMenu(self._page)
        menu.setObjectName("columnMenu")
        menu.setToolTipsVisible(True)
        target = next((c.name for c in self._session.features.columns if c.role == "target"), "")
        names = offered(column, target)
        for action, title, tip in ACTIONS:
            if action in names:
                item = menu.addAction(title)
                item.setToolTip(tip)
                item.setObjectName(f"menu-{action}")
                item.triggered.connect(lambda _=False, a=action: self.quick(name, a))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def quick(self, name: str, action: str) -> None:
        """One of column_panel.ACTIONS on a column."""
        session = self._session
        column = self._profile_of(name)
        if column is None:
            return
        if action == "target":
            session.apply(edits.set_target(name, session.features.columns), f"Predict “{name}”")
        elif action == "rename":
            self._table.select_column(name)
            self._table.header.edit_name(self._table.frame_model.names.index(name))
        elif action == "alike":
            self.alike_asked.emit(name)
        else:
            self.insert(quick.step_for(action, column))

    def rename(self, before: str, after: str) -> None:
        """Another name for a column; one that is taken is refused in words."""
        if after in self._table.frame_model.names:
            error = WorkbenchError(f"There is already a column “{after}”.", remedy="Choose another name.")
            self._session.tell(error, key="rename")
            return
        self.renamed.emit(before, after)
        self.insert(quick.rename(before, after))

    def _profile_of(self, name: str) -> Any:
        profile = self._session.profile
        return next((c for c in profile.columns if c.name == name), None) if profile is not None else None
