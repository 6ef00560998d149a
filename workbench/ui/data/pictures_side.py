"""Pictures on the Data page: recipe, gallery and panel wired to the session, as undoable edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from workbench.core import edits, edits_pictures
from workbench.core.errors import WorkbenchError
from workbench.core.project import Step
from workbench.core.wording import plural
from workbench.ui.data import figures, quick
from workbench.ui.data.first_look import Remedy, shown_suggestions
from workbench.ui.data.gallery_grid import numbers_of
from workbench.ui.data.images_panel import ImagesPanel
from workbench.ui.data.pictures_pane import GalleryPane
from workbench.ui.data.recipe_panel import RecipePanel
from workbench.ui.data.step_view import StepBar

NEAR, SAME = "drop_near_pictures", "drop_same_pictures"


@dataclass(frozen=True, eq=False)
class PictureChange:
    """What a step does, ready to be shown. order, groups: of "changes", numbers of the source and the group of each."""

    step_id: str
    before: Any
    after: Any
    gone: frozenset[int]
    relabelled: Mapping[int, str]
    pixels: bool
    order: np.ndarray
    groups: np.ndarray | None


class Pictures(QObject):
    """Makes its three widgets and keeps them current; the page puts them in their places.

    Args:
        page: what dialogs belong to.
    """

    def __init__(self, session: Any, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page
        self._step = ""
        self._change: PictureChange | None = None
        self.recipe = RecipePanel()
        self.recipe.setObjectName("pictureRecipe")
        self.recipe.export.setText("Export pictures…")
        self.recipe.export.setToolTip("Save the pictures as they are after the steps, one folder a class")
        self.bar = StepBar()
        self.bar.setObjectName("pictureStepBar")
        self.bar.hide()
        self.pane = GalleryPane(session.jobs)
        self.pane.layout().insertWidget(0, self.bar)
        self.panel = ImagesPanel(session.jobs)
        recipe, pane, panel = self.recipe, self.pane, self.panel
        recipe.add_requested.connect(self.add_step)
        recipe.step_toggled.connect(
            lambda s, on: session.apply(edits.enable_step(s, on), "Switch step on" if on else "Switch step off")
        )
        recipe.step_edited.connect(self.edit_step)
        recipe.step_moved.connect(lambda s, to: session.apply(edits.move_step(s, to), "Move step"))
        recipe.step_deleted.connect(lambda s: session.apply(edits.delete_step(s), "Delete step"))
        recipe.step_copied.connect(lambda s: session.apply(edits.copy_step(s), "Copy step"))
        recipe.step_named.connect(lambda s, title: session.apply(edits.name_step(s, title), "Name the step"))
        recipe.step_selected.connect(self.select_step)
        recipe.accepted.connect(self.accept)
        recipe.chosen.connect(self.do)
        recipe.aside.connect(lambda key: session.apply(edits.put_aside((key,) if key else ()), "Leave it so"))
        recipe.export_asked.connect(self.export)
        pane.chosen.connect(panel.show_picture)
        pane.relabel_asked.connect(self.relabel)
        pane.drop_asked.connect(self.drop)
        pane.filters.menu_asked.connect(self.class_menu)
        panel.class_asked.connect(self._filter_class)
        panel.seen_asked.connect(pane.filter_seen)
        panel.levels_asked.connect(pane.filter_brightness)
        self.bar.mode_changed.connect(lambda _: self._show_change())
        self.bar.closed.connect(lambda: self.select_step(""))
        session.look_changed.connect(lambda: pane.show_progress(session.looking))

    # ---- what is shown

    @property
    def data(self) -> Any:
        """The pictures to show: after the recipe, or as they were read while it runs for the first time."""
        session = self._session
        return session.dataset if session.cleaned is None else session.cleaned.data

    def show(self) -> None:
        """Everything anew, from the session."""
        session = self._session
        project, cleaned, profile = session.document.project, session.cleaned, session.profile
        self.recipe.set_kinds(quick.kinds("images"))
        classes = tuple(session.dataset.classes)
        self.recipe.set_columns({s.id: self._classes_before(s.id, classes) for s in project.recipe})
        self.recipe.set_recipe(project.recipe, _outcomes(cleaned))
        self.recipe.set_suggestions(shown_suggestions(session.suggestions, project.aside))
        if self._step and self.recipe.card(self._step) is None:
            self._step, self._change = "", None
        self.recipe.choose(self._step)
        self.bar.setVisible(bool(self._step))
        data = self.data
        self.panel.set_data(data, profile)
        self.pane.can_edit = not session.read_only
        self.pane.show_progress(session.looking)
        if self._step:
            self._look_at_step()
        else:
            look = profile.look if profile is not None and session.cleaned is not None else None
            self.pane.set_data(data, look)

    def _classes_before(self, step_id: str, classes: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = self._session.cleaned
        if cleaned is None or cleaned.outcome(step_id) is None:
            return classes
        return tuple(cleaned.stages(step_id)[0].classes)

    def _filter_class(self, index: int) -> None:
        self.select_step("")
        self.pane.filter_class(index)

    # ---- a step looked at

    def select_step(self, step_id: str) -> None:
        """Look at what a step does; "" for the pictures after all steps."""
        if step_id != self._step:
            self._step, self._change = step_id, None
            self._session.jobs.cancel(self, "step")
            if self._session.dataset is not None:
                self.show()

    def _look_at_step(self) -> None:
        session, step_id = self._session, self._step
        cleaned, card = session.cleaned, self.recipe.card(step_id)
        if card is None:
            return
        self.bar.set_title(card.title.text())
        if cleaned is None or cleaned.outcome(step_id) is None:
            self.bar.set_message("…")  # just added: looked at as soon as it has run
            return
        step = next((s for s in session.document.project.recipe if s.id == step_id), None)
        if step is None or (self._change is not None and cleaned.stages(step_id)[1] is self._change.after):
            return
        session.jobs.run(self, "step", lambda p, c: look_at_pictures(cleaned, step), self._on_change, self._failed)

    def _on_change(self, change: PictureChange) -> None:
        if change.step_id != self._step:
            return
        first = self._change is None
        self._change = change
        self.bar.offer_changes(not change.pixels)
        if first:
            self.bar.set_mode("after" if change.pixels else "changes" if len(change.order) else "after")
        said = []
        if change.gone:
            said.append(f"{figures.count(len(change.gone))} left out")
        if change.relabelled:
            said.append(f"{figures.count(len(change.relabelled))} relabelled")
        if change.pixels:
            said.append(f"{figures.count(len(change.after))} changed")
        self.bar.set_message(", ".join(said) or "nothing changes")
        self._show_change()

    def _failed(self, error: WorkbenchError) -> None:
        self.bar.set_message(error.what)

    def _show_change(self) -> None:
        change = self._change
        if change is None:
            return
        mode = self.bar.mode
        if mode == "before":
            self.pane.show_step(change.before, numbers_of(change.before), None, change.gone, {})
        elif mode == "after" or change.pixels:
            self.pane.show_step(change.after, numbers_of(change.after), None, frozenset(), {})
        else:
            self.pane.show_step(change.before, change.order, change.groups, change.gone, change.relabelled)

    # ---- what is done

    def add_step(self, kind: str, params: Mapping[str, Any] | None = None, ask: bool = True) -> None:
        """A step from the menu. ask: its form opens, when it has one."""
        step_id = edits.new_id()
        title = quick.kinds("images")[kind].title
        self._session.apply(edits.add_step(kind, params or {}, step_id=step_id), f"Add “{title}”")
        card = self.recipe.card(step_id)
        if card is not None and ask and quick.kinds("images")[kind].fields:
            card.set_open(True)
            if card.form is not None:
                card.form.focus_first()

    def class_menu(self, name: str, place: QPoint) -> None:
        """What can be done with a class, at this point of the screen."""
        menu = QMenu(self._page)
        menu.setObjectName("classMenu")
        rename = menu.addAction("Rename or merge…")
        rename.triggered.connect(lambda: self.add_step("merge_classes", {"classes": [name], "name": name}))
        drop = menu.addAction("Drop all its pictures")
        drop.triggered.connect(lambda: self.add_step("drop_classes", {"classes": [name]}, ask=False))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def edit_step(self, step_id: str, name: str, value: Any) -> None:
        """One parameter; while it is being typed, the edits are one undo step."""
        step = next((s for s in self._session.document.project.recipe if s.id == step_id), None)
        if step is not None:
            title = quick.kinds("images")[step.kind].title
            params = dict(step.params) | {name: value}
            self._session.apply(edits.set_step(step_id, params), f"Change “{title}”", f"step:{step_id}:{name}")

    def accept(self, suggestions: tuple[Any, ...]) -> None:
        """The steps of several suggestions as one undo step."""
        self._add(tuple(s.step for s in suggestions), f"Accept {len(suggestions)} suggestions")

    def do(self, remedy: Remedy) -> None:
        """What a person chose to do about a suggestion."""
        self._add(remedy.steps, remedy.said or remedy.label)

    def _add(self, steps: tuple[Step, ...], label: str) -> None:
        if steps:
            self._session.apply(edits.add_steps(steps), label)

    def relabel(self, numbers: list[int], name: str) -> None:
        """Put the pictures of these numbers into a class, which may be a new one."""
        names = self._names(numbers)
        label = f"Relabel {names[0]}" if len(names) == 1 else f"Relabel {plural(len(names), 'picture')}"
        self._session.apply(edits_pictures.relabel_pictures(names, name), f"{label} as “{name}”")

    def drop(self, numbers: list[int]) -> None:
        """Leave the pictures of these numbers out."""
        names = self._names(numbers)
        label = names[0] if len(names) == 1 else plural(len(names), "picture")
        self._session.apply(edits_pictures.drop_pictures(names), f"Drop {label}")

    def _names(self, numbers: list[int]) -> list[str]:
        from workbench.core.data.step_picture import lasting_names

        names = lasting_names(self._session.dataset)
        return [names[number] for number in numbers]

    def export(self) -> None:
        """Ask for an empty folder and write the pictures there, one folder a class."""
        place = QFileDialog.getExistingDirectory(self._page, "Export the pictures into an empty folder")
        if place:
            self.export_to(place)

    def export_to(self, place: str) -> None:
        """Write the pictures after the steps below `place`."""
        session, data = self._session, self.data

        def work(progress: Any, cancelled: Any) -> int:
            from pathlib import Path

            from workbench.core.data.picture_export import export_pictures

            return export_pictures(data, Path(place), progress, cancelled)

        def progress(share: float, text: str) -> None:
            self.pane.show_progress((share, text))

        def done(count: int) -> None:
            self.pane.show_progress(None)
            session.tell(f"{plural(count, 'picture')} written to {place}.", key="pictures")

        def failed(error: WorkbenchError) -> None:
            self.pane.show_progress(None)
            session.tell(error, key="pictures")

        session.jobs.run(self, "export", work, done, failed, progress)


def look_at_pictures(cleaned: Any, step: Step) -> PictureChange:
    """What the step does to the pictures. Called on a job's thread."""
    before, after = cleaned.stages(step.id)
    made = cleaned.difference(step.id)
    places = np.searchsorted(numbers_of(after), made.relabelled)
    old = np.searchsorted(numbers_of(before), made.relabelled)
    tags = {
        int(number): f"{before.classes[before.labels[i]]} → {after.classes[after.labels[k]]}"
        for number, i, k in zip(made.relabelled.tolist(), old.tolist(), places.tolist(), strict=True)
    }
    order, groups = np.concatenate([made.gone, made.relabelled]), None
    if step.kind in (NEAR, SAME) and len(made.gone):
        order, groups = _twins(before, step, made.gone)
    return PictureChange(step.id, before, after, frozenset(made.gone.tolist()), tags, made.pixels, order, groups)


def _twins(before: Any, step: Step, gone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pictures that go beside those that are kept for them."""
    from workbench.core.data.picture_looks import looks_of
    from workbench.core.data.picture_twins import near_groups_of, same_groups
    from workbench.core.data.step_picture_rows import likeness

    looks = looks_of(before)
    groups = same_groups(looks) if step.kind == SAME else near_groups_of(looks, likeness(step.params))
    numbers = numbers_of(before)
    shown = numbers[np.isin(groups[numbers], groups[gone])]
    order = shown[np.argsort(groups[shown], kind="stable")]
    return order, groups[order]


def _outcomes(cleaned: Any) -> dict[str, quick.Outcome]:
    """How each step went, in pictures."""
    if cleaned is None:
        return {}
    made = {}
    for outcome in cleaned.outcomes:
        parts = []
        if outcome.rows_before != outcome.rows_after:
            parts.append(f"{figures.count(outcome.rows_before)} → {figures.count(outcome.rows_after)} pictures")
        if outcome.cells_changed:
            parts.append(f"{figures.count(outcome.cells_changed)} changed")
        if outcome.note:
            parts.append(outcome.note)
        text = ", ".join(parts) or f"{plural(outcome.rows_after, 'picture')}, nothing changed"
        made[outcome.step_id] = quick.Outcome(text, outcome.error)
    return made
