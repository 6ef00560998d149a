"""What a person's hand does on the Data page, as undoable edits: suggestions, steps, columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core import edits
from workbench.core.errors import WorkbenchError
from workbench.core.project import Project, Step
from workbench.core.wording import plural
from workbench.ui.data import quick
from workbench.ui.data.column_panel import ACTIONS, offered
from workbench.ui.data.export_dialog import ExportDialog
from workbench.ui.data.first_look import Remedy
from workbench.ui.data.frame_view import FrameView
from workbench.ui.data.recipe_panel import RecipePanel


class Hand(QObject):
    """Listens to the recipe and the table; writes through session.apply. renamed(before, after): comes first.

    alike_asked(column), merge_asked(suggested step): alike spellings are to be looked at.
    """

    renamed = Signal(str, str)
    alike_asked = Signal(str)
    merge_asked = Signal(object)

    def __init__(self, session: Any, recipe: RecipePanel, table: FrameView, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._recipe, self._table, self._page = session, recipe, table, parent
        recipe.accepted.connect(self.accept)
        recipe.chosen.connect(self.do)
        recipe.aside.connect(self.put_aside)
        recipe.step_named.connect(self.name_step)
        recipe.step_copied.connect(lambda s: session.apply(edits.copy_step(s), "Duplicate step"))
        recipe.add_requested.connect(self.add_step)
        recipe.step_toggled.connect(self.toggle_step)
        recipe.step_edited.connect(self.edit_step)
        recipe.step_moved.connect(lambda s, to: session.apply(edits.move_step(s, to), "Move step"))
        recipe.step_fit.connect(self.fit_step)
        session.facts_changed.connect(self._show_whole)
        session.changed.connect(lambda _: self._show_whole())
        recipe.step_deleted.connect(lambda s: session.apply(edits.delete_step(s), "Delete step"))
        table.rename_requested.connect(self.rename)
        table.menu_requested.connect(self.column_menu)
        recipe.export_asked.connect(self.export_cleaned)

    # ---- the recipe

    def accept(self, suggestions: tuple[Any, ...]) -> None:
        """Add the steps of these suggestions as one undo step."""
        if suggestions:
            steps = tuple(s.step for s in suggestions)
            self._add(steps, f"Accept {plural(len(steps), 'suggestion')}")

    def _add(self, steps: tuple[Step, ...], label: str, key: str = "") -> None:
        """Steps at the end; what would look at whole columns goes to the features, which fit it on training rows.

        key: of the suggestion that this settles: its table does not change then, so that it would be made again.
        """
        from workbench.core.data.moving import add_or_move

        add, before = add_or_move(steps, self._session.features), self._session.document.project

        def edit(project: Project) -> Project:
            after = add(project)
            moved = len(after.recipe) < len(project.recipe) + len(steps)
            return edits.put_aside((key,))(after) if moved and key else after

        self._session.apply(edit, label)
        gone = len(before.recipe) + len(steps) - len(self._session.document.project.recipe)
        if gone:
            self._session.tell(
                "Set on the Features page, where it is taken from the training rows alone.", key="fitted"
            )

    def fit_step(self, step_id: str) -> None:
        """What the step takes from whole columns is taken from the training rows instead, by the features."""
        from workbench.core.data.moving import move_to_features, moved_label, whole_columns

        found = whole_columns(self._session.document.project.recipe, self._session.features)
        label = moved_label([w for w in found if w.step.id == step_id])
        self._session.apply(move_to_features((step_id,), self._session.features), label)

    def _show_whole(self) -> None:
        from workbench.core.data.moving import whole_columns

        self._recipe.set_whole(whole_columns(self._session.document.project.recipe, self._session.features))

    def do(self, remedy: Remedy) -> None:
        """What a person chose to do about a suggestion or a finding."""
        if remedy.look is not None:
            self.merge_asked.emit(remedy.look)  # a person looks before spellings merge
        elif remedy.edit is not None:
            self._session.apply(remedy.edit, remedy.said or remedy.label)
        else:
            self._add(remedy.steps, remedy.said or remedy.label, remedy.key)

    def put_aside(self, key: str) -> None:
        """Leave what the key stands for as it is; "" shows again all that was left so."""
        label = "Leave it so" if key else "Show what was left so"
        self._session.apply(edits.put_aside((key,) if key else ()), label)

    def name_step(self, step_id: str, title: str) -> None:
        self._session.apply(edits.name_step(step_id, title), f"Call the step “{title}”" if title else "Unname the step")

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
        targets = [c.name for c in self._session.features.columns if c.role == "target"]
        names = offered(column, targets)
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
        elif action == "also":
            session.apply(edits.add_targets((name,), session.features.columns), f"Also predict “{name}”")
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
