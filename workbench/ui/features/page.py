"""The Features page: what each column is for and what becomes of it, the target, the split, the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.core import edits
from workbench.core.data.fitted import PICTURE
from workbench.core.data.moving import whole_columns
from workbench.core.errors import WorkbenchError
from workbench.core.project import Augmentation, Split
from workbench.ui.features.augment_panel import AugmentPanel
from workbench.ui.features.augment_preview import AugmentPreview
from workbench.ui.features.choices import (
    fit_on_training_rows,
    give_role,
    rebuilds,
    set_augmentation,
    set_balance,
    set_image,
    set_split,
    set_task,
    set_windows,
    target_columns,
)
from workbench.ui.features.columns_model import ALSO, Row
from workbench.ui.features.columns_part import ColumnsPart
from workbench.ui.features.encoder_settings import EncoderSettings, set_encoder
from workbench.ui.features.image_settings import ImageSettings
from workbench.ui.features.input_menu import set_input
from workbench.ui.features.look import Look, make_look
from workbench.ui.features.picture_dialog import PictureDialog
from workbench.ui.features.sequence_settings import SequenceSettings
from workbench.ui.features.side import as_high_as_its_text
from workbench.ui.features.side_panel import REBUILD, SIDE_WIDTH, SidePanel
from workbench.ui.features.split_method import columns_for
from workbench.ui.features.target_words import kind_of, target_text
from workbench.ui.widgets.empty import EmptyState
from workbench.ui.widgets.notice import InlineNotice


class FeaturesPage(QWidget):
    """Reads the session, writes through session.apply. UI thread."""

    def __init__(self, session: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("featuresPage")
        self.setProperty("role", "page")
        self._session = session
        self._look = Look()
        self._look_known = False
        self._made_of: tuple[Any, ...] = ()
        self._looked_at = ""  # the target whose classes are shown, of several
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._whole = QStackedWidget()
        outer.addWidget(self._whole)
        self._empty = EmptyState("columns", "No data yet", "Open data first; then choose what to predict from what.")
        self._whole.addWidget(self._empty)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._build_left())
        self.side = SidePanel()
        self.side.task_asked.connect(partial(set_task, session))
        self.side.targets.added.connect(lambda name: give_role(session, [name], ALSO))
        self.side.targets.dropped.connect(lambda name: give_role(session, [name], "input"))
        self.side.targets.chosen.connect(self._look_at_target)
        self.side.split.changed.connect(partial(set_split, session))
        self.side.split.settled.connect(session.document.end_merge)
        self.side.split.balance.asked.connect(partial(set_balance, session))
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setSizes([900, SIDE_WIDTH])
        self._whole.addWidget(splitter)
        self._work = splitter
        session.changed.connect(lambda _: self._refresh())
        session.dataset_changed.connect(self._refresh)
        session.cleaned_changed.connect(self._refresh)
        session.facts_changed.connect(self._on_facts)
        self._on_facts()

    # ---- building

    def _build_left(self) -> QWidget:
        session = self._session
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.error = as_high_as_its_text(InlineNotice())
        self._error_row = QWidget()
        self._error_row.setObjectName("featuresError")
        holder = QVBoxLayout(self._error_row)
        holder.setContentsMargins(16, 12, 16, 0)
        holder.addWidget(self.error)
        column.addWidget(self._error_row)
        self._middle = QStackedWidget()
        column.addWidget(self._middle, 1)
        self.columns = ColumnsPart()
        self.table, self.search, self.whole = self.columns.table, self.columns.search, self.columns.whole
        self._middle.addWidget(self.columns)
        self.image = ImageSettings()
        self.augment = AugmentPanel()
        self.image.add(self.augment)
        self._preview = AugmentPreview(self._session, self.augment)
        self._middle.addWidget(self.image)
        self.sequence = SequenceSettings()
        self.sequence.changed.connect(partial(set_windows, session))
        self._middle.addWidget(self.sequence)
        self.columns.role_asked.connect(partial(give_role, session))
        self.columns.encoder_asked.connect(partial(set_encoder, session))
        self.columns.input_asked.connect(partial(set_input, session))
        self.columns.settings_asked.connect(self._on_settings)
        self.columns.move_asked.connect(lambda: fit_on_training_rows(session))
        self.image.changed.connect(partial(set_image, session))
        self.augment.changed.connect(partial(set_augmentation, session))
        self.augment.settled.connect(session.document.end_merge)
        return left

    # ---- showing

    def _refresh(self) -> None:
        session = self._session
        dataset = session.dataset
        if dataset is None:
            self._show_empty()
            return
        if dataset.kind == "table" and not session.features.columns:
            self._empty.set_state("columns", "Looking at the columns", "This takes a moment.")
            self._whole.setCurrentWidget(self._empty)
            return
        self._whole.setCurrentWidget(self._work)
        images = dataset.kind == "images"
        series = dataset.kind == "sequences"
        if series and session.features.sequence.length < 1:
            self._empty.set_state("columns", "Looking at the series", "This takes a moment.")
            self._whole.setCurrentWidget(self._empty)
            return
        self._middle.setCurrentIndex(2 if series else 1 if images else 0)
        if series:
            mine = session.document.project.features.sequence
            rate = session.profile.rates[1] if session.profile is not None else 0.0
            self.sequence.show_sequence(mine, session.features.sequence, dataset, rate)
        elif images:
            self.image.show_image(session.features.image)
            augment = session.document.project.features.augment
            self.augment.show_augment(augment, dataset.classes, session.features.image)
            self._preview.show_augment(augment)
        else:
            self._show_columns()
        self._show_target()
        self._show_split(images)
        self._show_error()
        self._show_look()

    def _show_empty(self) -> None:
        session = self._session
        if session.loading is not None:
            self._empty.set_state("columns", "The data is being read", session.loading[1])
        elif session.dataset_error is not None:
            go = ("Show on the Data page", lambda: session.show_page("data"))
            self._empty.set_state("warning", "The data cannot be read", str(session.dataset_error), (go,))
        else:
            go = ("Open data", lambda: session.show_page("data"))
            self._empty.set_state("columns", "No data yet", "Open data first; then choose what to predict.", (go,))
        self._whole.setCurrentWidget(self._empty)

    def _show_columns(self) -> None:
        session = self._session
        kinds = {c.name: c.type for c in session.profile.columns} if session.profile is not None else {}
        mine = {c.name for c in session.document.project.features.columns}
        why = self._look.reasons
        rows = [
            Row(
                c.name,
                kinds.get(c.name, ""),
                "ignore" if c.role == "target" and rebuilds(self._session) else c.role,
                c.encoder,
                why.get(c.name, ""),
                c.name in mine,
                c.input,
            )
            for c in session.features.columns
        ]
        fitted = session.preprocessor
        self.columns.show_rows(rows, fitted.width if fitted is not None and fitted.kind == "table" else 0)
        self.columns.show_whole(whole_columns(session.document.project.recipe, session.features))

    def _show_target(self) -> None:
        session = self._session
        wanted = session.document.project.features.task
        targets = target_columns(self._session) if session.dataset.kind == "table" else []
        self.side.show_task(wanted, session.dataset.kind, len(targets) > 1)
        others = [c.name for c in session.features.columns if c.role != "target"] if targets else []
        known = session.preprocessor.targets if session.preprocessor is not None else ()
        facts = {t.name: t for t in known}
        self.side.targets.show_targets(
            [(c.name, kind_of(facts.get(c.name))) for c in targets], self._shown_target(), others
        )
        self.side.targets.setVisible(bool(targets))
        self.side.target.setText(target_text(session))
        classes, shares = self._shown_shares()
        counts = sum(shares.values()) if shares else []
        ready = len(counts) == len(classes)
        self.side.chips.show_classes(classes if ready else (), counts)

    def _shown_target(self) -> str:
        """The target whose classes are shown: the one looked at, or the first that has some."""
        known = self._look.of_targets
        if self._looked_at in {c.name for c in target_columns(self._session)}:
            return self._looked_at
        return next((name for name, (classes, _) in known.items() if classes), "")

    def _shown_shares(self) -> tuple[tuple[str, ...], Any]:
        """Classes, and their rows in each part."""
        if len(self._look.of_targets) > 1:
            return self._look.of_targets.get(self._shown_target(), ((), {}))
        return self._look.classes, self._look.shares

    def _look_at_target(self, name: str) -> None:
        self._looked_at = name
        self._show_target()
        self._show_look()

    def _given_test(self) -> bool:
        session = self._session
        parts = session.cleaned.parts if session.cleaned is not None else session.dataset.parts
        return bool((parts == 1).any())

    def _show_split(self, images: bool) -> None:
        session = self._session
        wanted = session.document.project.features  # what was just chosen is shown at once, before it is worked out
        split = wanted.split or session.features.split or Split()
        rows = dict(session.facts.rows) if session.facts is not None else {}
        targets = session.facts.targets if session.facts is not None else ()
        classes = images or session.features.task == "classification" or any(t.classes for t in targets)
        classes = classes and not rebuilds(self._session)
        series = session.dataset.kind == "sequences"
        columns = {} if images else columns_for(session.profile)
        if series:
            columns = {"time": ("",), **({"group": ("",)} if session.dataset.groups else {})}
        self.side.split.show_split(split, rows, self._given_test(), classes, columns, wanted.balance, series, images)

    def _show_error(self) -> None:
        error = self._session.features_error
        self._error_row.setVisible(error is not None)
        if error is None:
            self.error.clear()
            return
        self.error.show_error(error, self._remedies(error))

    def _remedies(self, error: WorkbenchError) -> list[tuple[str, Callable[[], object]]]:
        """A button for what can be mended with one click."""
        names = [r.name for r in self.table.columns.rows]
        named = next(
            (n for n in sorted(names, key=len, reverse=True) if n and f'"{n}"' in f"{error.where} {error.what}"), ""
        )
        actions: list[tuple[str, Callable[[], object]]] = []
        targets = [c.name for c in target_columns(self._session)]
        if named:
            actions.append(("Show column", lambda: self.show_item(named)))
            if named not in targets:
                actions.append(("Ignore column", lambda: give_role(self._session, [named], "ignore")))
            elif len(targets) > 1:
                actions.append(("Do not predict it", lambda: give_role(self._session, [named], "ignore")))
        if error.where == "split":
            actions.append(
                ("Use the proposed split", lambda: self._session.apply(edits.set_split(None), "Reset split"))
            )
        if not rebuilds(self._session) and self._lacks_target(error):
            actions.append(("Rebuild the input instead (autoencoder)", lambda: set_task(self._session, REBUILD)))
        if error.where == "data":
            actions.append(("Go to the data", lambda: self._session.show_page("data")))
        return actions

    def _lacks_target(self, error: WorkbenchError) -> bool:
        """Whether the data has nothing to be predicted, which an autoencoder does not need."""
        kind = self._session.dataset.kind
        return (kind == "images" and error.where == "data") or (kind == "table" and not target_columns(self._session))

    def show_item(self, name: str) -> None:
        """Select a column and bring it into sight."""
        self.search.clear()
        place = self.table.columns.place_of(name)
        if place >= 0:
            self.table.selectRow(place)
            self.table.scrollTo(self.table.columns.index(place, 0))
            self.table.setFocus()

    # ---- the look, worked out by a job

    def _on_facts(self) -> None:
        session = self._session
        self._refresh()
        if session.dataset is None or session.profile is None:
            self._look, self._look_known, self._made_of = Look(), False, ()
            return
        features = replace(session.features, augment=Augmentation())  # which changes nothing of the look
        if self._made_of and self._made_of[2] == features:
            features = self._made_of[2]
        made_of = (session.dataset, session.cleaned, features, session.preprocessor)
        if len(made_of) == len(self._made_of) and all(a is b for a, b in zip(made_of, self._made_of, strict=True)):
            return
        self._made_of = made_of
        project, profile = session.document.project, session.profile
        dataset, cleaned, features, preprocessor = made_of
        session.jobs.run(
            self,
            "look",
            lambda progress, cancelled: make_look(project, dataset, cleaned, profile, features, preprocessor),
            self._on_look,
        )

    def _on_look(self, look: Look) -> None:
        self._look, self._look_known = look, True
        self._refresh()

    def _show_look(self) -> None:
        look = self._look
        self.table.columns.set_becomes(look.becomes)
        classes, shares = self._shown_shares()
        self.side.shares.show_shares(shares, classes)
        self.side.shares_title.setVisible(bool(shares))
        several = f" of “{self._shown_target()}”" if len(look.of_targets) > 1 else ""
        self.side.shares_title.setText(f"Classes{several} in each part")
        self.side.notes.setText("\n".join(look.notes))
        self.side.notes.setVisible(bool(look.notes))
        if look.series:
            self.sequence.preview.show_windows(look.series)
        if look.pictures:
            self.image.preview.show_pictures(look.pictures)
        self._preview.show_pictures(look.varied)
        self.columns.show_array(look.array)
        self.side.audit.show_findings([self._finding(f) for f in look.findings], self._look_known)

    def _finding(self, finding: Any) -> tuple[str, str, list[tuple[str, Callable[[], object]]]]:
        actions: list[tuple[str, Callable[[], object]]] = []
        for words, edit in finding.remedies:
            actions.append((words, lambda words=words, edit=edit: self._session.apply(edit, words)))
        if finding.column and self._session.dataset.kind == "table":
            actions.append(("Show column", lambda: self.show_item(finding.column)))
        return finding.severity, f"{finding.title}\n{finding.text}", actions

    # ---- what the person wants

    def _on_settings(self, names: list[str]) -> None:
        now = {c.name: c.encoder for c in self._session.features.columns}
        dialog = PictureDialog if now[names[0]] == PICTURE else EncoderSettings
        dialog(self._session, names, self).open()
