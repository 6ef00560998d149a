"""The recipe: suggestions to accept, the steps as cards, and the menu that adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.project import Step
from workbench.ui import theme
from workbench.ui.data.first_look import is_ready
from workbench.ui.data.step_card import StepCard
from workbench.ui.data.suggestion_card import SuggestionCard

SHOWN_SUGGESTIONS = 6


class RecipePanel(QWidget):
    """Shows what it is given; every wish of the person is a signal.

    step_edited(id, parameter, value); step_moved(id, place); step_named(id, title); step_review(id): its groups of
    spellings are to be looked at again; step_fit(id): to be fitted on the training rows, by the features;
    accepted(tuple of suggestions); chosen(Remedy); aside(key of a suggestion);
    column_asked(name): a suggestion about that column was clicked.
    """

    step_toggled = Signal(str, bool)
    step_edited = Signal(str, str, object)
    step_moved = Signal(str, int)
    step_deleted = Signal(str)
    step_selected = Signal(str)
    step_named = Signal(str, str)
    step_copied = Signal(str)
    step_review = Signal(str)
    step_fit = Signal(str)
    add_requested = Signal(str)
    accepted = Signal(tuple)
    chosen = Signal(object)
    aside = Signal(str)
    column_asked = Signal(str)
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: Mapping[str, Any] = {}
        self._cards: dict[str, StepCard] = {}
        self._recipe: tuple[Step, ...] = ()
        self._columns: Mapping[str, Sequence[str]] = {}
        self._chosen = ""
        self._suggestions: tuple[Any, ...] = ()
        self._all_shown = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        self._head("Suggestions", column)
        self._suggested = QVBoxLayout()
        self._suggested.setSpacing(6)
        column.addLayout(self._suggested)
        row = QHBoxLayout()
        title = QLabel("Cleaning steps")
        title.setProperty("role", "strong")
        row.addWidget(title, 1)
        self.add = QToolButton()
        self.add.setObjectName("addStep")
        self.add.setText("Add step")
        self.add.setIcon(theme.icon("plus", "accent"))
        self.add.setIconSize(QSize(14, 14))
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setAccessibleName("Add a cleaning step")
        self._menu = QMenu(self)
        self._menu.setObjectName("addStepMenu")
        self._menu.setToolTipsVisible(True)
        self.add.setMenu(self._menu)
        row.addWidget(self.add)
        column.addLayout(row)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        column.addLayout(self._list)
        self._empty = QLabel("The data is used as it was read. Steps added here change what is used, never the file.")
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        column.addWidget(self._empty)
        self.export = QPushButton("Export cleaned…")
        self.export.setObjectName("exportCleanedButton")
        self.export.setToolTip("Save the cleaned table (CSV, Parquet), or the steps as pandas code")
        self.export.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.export.clicked.connect(self.export_asked)
        column.addWidget(self.export)
        self._line = QFrame(self)
        self._line.setObjectName("dropLine")
        self._line.setStyleSheet("")
        self._line.setFixedHeight(3)
        self._line.setProperty("role", "line")
        self._line.hide()

    def _head(self, text: str, column: QVBoxLayout) -> None:
        self._suggestion_head = QWidget()
        row = QHBoxLayout(self._suggestion_head)
        row.setContentsMargins(0, 0, 0, 0)
        self._suggestion_title = QLabel(text)
        self._suggestion_title.setProperty("role", "strong")
        row.addWidget(self._suggestion_title, 1)
        self.accept_all = QPushButton("Accept all")
        self.accept_all.setObjectName("acceptAll")
        self.accept_all.setProperty("role", "link")
        self.accept_all.clicked.connect(lambda: self.accepted.emit(tuple(filter(is_ready, self._suggestions))))
        row.addWidget(self.accept_all)
        column.addWidget(self._suggestion_head)

    # ---- what is shown

    def set_kinds(self, kinds: Mapping[str, Any]) -> None:
        """The kinds of steps there are (core.data.steps.STEPS)."""
        if kinds is self._kinds:
            return
        self._kinds = kinds
        self._menu.clear()
        for kind in kinds.values():
            action = self._menu.addAction(kind.title)
            action.setToolTip(kind.blurb)
            action.setObjectName(f"add-{kind.kind}")
            action.triggered.connect(lambda _=False, name=kind.kind: self.add_requested.emit(name))

    def set_columns(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Column names that each step's form offers, by the step's id: those there are before it."""
        self._columns = columns
        for step_id, card in self._cards.items():
            if step_id in columns:
                card.set_columns(columns[step_id])

    def set_recipe(self, recipe: tuple[Step, ...], outcomes: Mapping[str, Any]) -> None:
        """Show these steps; cards of steps that stay are kept, so that a form being typed in stays as it is."""
        self._recipe = recipe
        wanted = [step.id for step in recipe]
        for gone in [known for known in self._cards if known not in wanted]:
            card = self._cards.pop(gone)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, step in enumerate(recipe):
            card = self._cards.get(step.id) or self._new_card(step)
            if self._list.indexOf(card) != place:
                self._list.insertWidget(place, card)
            card.set_step(step, outcomes.get(step.id), place, len(recipe))
        self._empty.setVisible(not recipe)
        if self._chosen not in self._cards:
            self._chosen = ""

    def set_whole(self, found: Sequence[Any]) -> None:
        """The steps that take something from whole columns (core.data.moving.Whole)."""
        told = {whole.step.id: whole for whole in found}
        for step_id, card in self._cards.items():
            whole = told.get(step_id)
            card.set_whole(*((whole.why, whole.stays, bool(whole.columns)) if whole is not None else ("", "", False)))

    def set_suggestions(self, suggestions: tuple[Any, ...]) -> None:
        if suggestions == self._suggestions and self._suggested.count():
            return
        self._suggestions = suggestions
        while self._suggested.count():
            widget = self._suggested.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        shown = suggestions if self._all_shown else suggestions[:SHOWN_SUGGESTIONS]
        for suggestion in shown:
            card = SuggestionCard(suggestion)
            card.chosen.connect(self.chosen)
            card.aside.connect(self.aside)
            card.column_asked.connect(self.column_asked)
            self._suggested.addWidget(card)
        if len(shown) < len(suggestions):
            more = QPushButton(f"Show {len(suggestions) - len(shown)} more")
            more.setObjectName("moreSuggestions")
            more.setProperty("role", "link")
            more.clicked.connect(self._show_all)
            self._suggested.addWidget(more)
        self._suggestion_head.setVisible(bool(suggestions))
        self._suggestion_title.setText(f"Suggestions ({len(suggestions)})")
        ready = sum(map(is_ready, suggestions))
        every = ready == len(suggestions)
        self.accept_all.setVisible(ready > 1)
        self.accept_all.setText("Accept all" if every else f"Accept {ready} of {len(suggestions)}")
        self.accept_all.setToolTip("" if every else "The others are to be looked at: only you can tell what is right")

    def choose(self, step_id: str) -> None:
        """Mark the card of a step as the one looked at ("" for none)."""
        self._chosen = step_id
        for name, card in self._cards.items():
            card.set_chosen(name == step_id)

    def card(self, step_id: str) -> StepCard | None:
        return self._cards.get(step_id)

    def cards(self) -> list[StepCard]:
        """In the order of the recipe."""
        return [self._cards[step.id] for step in self._recipe]

    def _show_all(self) -> None:
        self._all_shown = True
        suggestions, self._suggestions = self._suggestions, ()
        self.set_suggestions(suggestions)

    def _new_card(self, step: Step) -> StepCard:
        card = StepCard(step, self._kinds.get(step.kind))
        card.set_columns(self._columns.get(step.id, ()))
        card.toggled.connect(self.step_toggled)
        card.edited.connect(self.step_edited)
        card.deleted.connect(self.step_deleted)
        card.selected.connect(self.step_selected)
        card.moved.connect(self._on_moved)
        card.named.connect(self.step_named)
        card.copied.connect(self.step_copied)
        card.review.connect(self.step_review)
        card.fit_asked.connect(self.step_fit)
        card.grip.moved.connect(lambda place: self._on_drag(place))
        card.grip.dropped.connect(lambda place, name=step.id: self._on_drop(name, place))
        self._cards[step.id] = card
        return card

    # ---- moving

    def _on_moved(self, step_id: str, by: int) -> None:
        place = [step.id for step in self._recipe].index(step_id)
        self.step_moved.emit(step_id, place + by)

    def _gap_at(self, place: QPoint) -> int:
        """Before which card a drop at this global point would go."""
        y = self.mapFromGlobal(place).y()
        for i, card in enumerate(self.cards()):
            if y < card.y() + card.height() / 2:
                return i
        return len(self._recipe)

    def _on_drag(self, place: QPoint) -> None:
        cards = self.cards()
        gap = self._gap_at(place)
        y = cards[gap].y() - 5 if gap < len(cards) else cards[-1].geometry().bottom() + 2
        self._line.setStyleSheet(f"background: {theme.hex_of('accent')}; border: none;")
        self._line.setGeometry(0, y, self.width(), 3)
        self._line.raise_()
        self._line.show()

    def _on_drop(self, step_id: str, place: QPoint) -> None:
        self._line.hide()
        before = [step.id for step in self._recipe].index(step_id)
        gap = self._gap_at(place)
        to = gap - 1 if gap > before else gap
        if to != before:
            self.step_moved.emit(step_id, to)
