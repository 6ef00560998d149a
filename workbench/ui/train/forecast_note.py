"""What training will take, below the settings: measured by the engine when the person has settled. UI thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.core import edits
from workbench.core.catalog import load_catalog
from workbench.core.crossval import rows_to_train_on
from workbench.core.errors import OutOfMemory
from workbench.link.messages import Forecasted, Message
from workbench.ui import theme
from workbench.ui.readable import roughly
from workbench.ui.train.findings import Remedy
from workbench.ui.train.remedies import remedies_for
from workbench.ui.words import size_text

if TYPE_CHECKING:
    from workbench.ui.session import Session

SETTLE_MS = 900
SMALLER = "Smaller batches, inputs or layers take less."


class ForecastNote(QWidget):
    """`edited(edit, label, merge_key)` asks for one undoable change of the project: a batch size that fits, or a
    smaller layer where none does."""

    edited = Signal(object, str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("forecast")
        self._session = session
        self._known: Any = None
        self._answer: Message | None = None
        self._asked = 0
        self._offered: Remedy | None = None
        self.text = QLabel()
        self.text.setObjectName("forecastText")
        self.text.setWordWrap(True)
        theme.set_role(self.text, "caption")
        self.remedy = QPushButton()
        self.remedy.setObjectName("forecastRemedy")
        self.remedy.clicked.connect(self._take)
        self.remedy.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE // 2)
        column.addWidget(self.text)
        column.addWidget(self.remedy)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._ask)
        session.choice.changed.connect(self._told_again)

    def refresh(self) -> None:
        """Measure again soon, when what it depends on is another, and only while somebody looks."""
        session, parent = self._session, self.parentWidget()
        run = session.run
        if run is not None and run.active:
            self.hide()
            return
        if self._known == self._key():
            self.setVisible(bool(self.text.text()))
            return
        if self._known is not None and self._known[:2] != self._key()[:2]:
            self._known, self._asked = None, self._asked + 1  # of another model or other data: not shown meanwhile
            self.text.clear()
            self.hide()
        if session.resolved.can_train and parent is not None and parent.isVisible():
            self._timer.start()

    def _key(self) -> Any:
        project = self._session.project
        return project.graph, self._session.facts, project.train, project.features.augment

    def _ask(self) -> None:
        if self._known == self._key():
            return
        number = self._asked = self._asked + 1
        if self._session.forecast(lambda answer: self._show(answer) if number == self._asked else None):
            self._known = self._key()

    def _told_again(self) -> None:
        """The same measured, of another number of folds."""
        if self._answer is not None and self._known == self._key():
            self._show(self._answer)

    def _show(self, answer: Message) -> None:
        self._answer = answer
        if not isinstance(answer, Forecasted):  # what keeps it from training is said elsewhere
            self.text.clear()
            self.hide()
            return
        run = self._session.run
        size = f"model {size_text(answer.model)}, about {size_text(answer.memory)} of memory"
        size += f" ({size_text(answer.free)} free)" if answer.free else ""
        if answer.fits:
            folds, share = self._session.choice.folds(self._session.project), self._share()
            epoch, whole = answer.epoch_seconds * share, answer.run_seconds * share
            most = "at most " if self._session.project.train.early_stopping.enabled else ""
            all_of = f"{roughly(whole * max(1, folds))} in all"
            if folds > 1:
                all_of = f"{roughly(whole)} a fold, {all_of} for {folds} folds"
            text = f"About {roughly(epoch)} an epoch, {most}{all_of}; {size}."
        else:
            helps = f"Smaller batches do not help, a smaller {answer.layer} does." if answer.layer else SMALLER
            text = f"This will hardly fit: {size}. {helps}"
        theme.set_role(self.text, "caption" if answer.fits else "warning")
        self.text.setText(text)
        self._offer(None if answer.fits else self._remedy(answer))
        self.setVisible(run is None or not run.active)

    def _share(self) -> float:
        """Rows of a run against those of the single split, of which it was measured."""
        session = self._session
        rows = session.facts.rows if session.facts else {}
        folds = session.choice.folds(session.project)
        return rows_to_train_on(rows, folds, session.features.split) / max(1, rows.get("train", 0)) or 1.0

    def _remedy(self, answer: Forecasted) -> Remedy | None:
        if answer.smaller:
            return Remedy(f"Use a batch size of {answer.smaller}", edits.set_train(batch_size=answer.smaller))
        session = self._session
        short = OutOfMemory("", where=answer.layer, of_weights=True)
        found = remedies_for(None, session.project, load_catalog(), short, session.graph_facts)
        return next((each for each in found if each.edit is not None), None)

    def _offer(self, remedy: Remedy | None) -> None:
        self._offered = remedy
        self.remedy.setVisible(remedy is not None)
        self.remedy.setText(remedy.title if remedy is not None else "")

    def _take(self) -> None:
        if self._offered is not None:
            taken = self._offered
            self._offer(None)  # it has done what it can; what is said above is of the settings before
            theme.set_role(self.text, "caption")
            self.text.setText("Measuring again what it takes…")
            self._known = None
            self.edited.emit(taken.edit, taken.title, "")
